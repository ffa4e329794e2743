"""Traceability: from a sentence of a document to its schema keywords, its checks and cases, and their last result."""
