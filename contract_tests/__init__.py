"""One suite that checks the mock, a proxy and the official endpoint against the same sentences of the documents.

It stands outside: it talks HTTP, reads `schemas/` and `fixtures/`, writes its own pictures and reads
them back with its own reader. Only `targets/mock.py` and `targets/server.py` may import the mock;
everything may use `volcv_mock.recording`, which is a file format.
"""
