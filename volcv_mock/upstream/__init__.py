"""The real service behind the mock: what leaves for it, how it is reached, and what its answers become.

Nothing here decides whether a request is forwarded: stages/forward.py does. httpx is imported only when a request is
sent; `pip install 'volcv-mock[upstream]'` brings it.
"""
