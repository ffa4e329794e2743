"""One suite that judges the mock, the proxy and the official endpoint by the same sentences.

It stands outside: it talks HTTP, reads `schemas/` and `fixtures/`, writes its own pictures and reads
them back with its own reader. Only `targets/mock.py` and `targets/server.py` may import the mock.
"""
