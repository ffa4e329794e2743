"""Exchanges kept as files: canonical JSON, pictures in files of their own, credentials redacted; HAR for other tools.

A file format and nothing else: no client, no server and no decision is here. The contract suite writes and
reads it too, so nothing here imports the rest of the mock.
"""
