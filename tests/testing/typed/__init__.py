"""Snippets that mypy checks."""
