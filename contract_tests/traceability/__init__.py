"""The thread from a document's sentence through schema keyword and check or case to the last result."""
