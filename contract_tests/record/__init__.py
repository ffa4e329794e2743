"""Exchanges kept on disk: canonical JSON, pictures apart, no credential anywhere."""
