"""How long a test that fails may take: no test that passes waits for it."""

DEADLINE_S = 120.0
"""For an answer over a real socket. httpx gives up after 5 s by default, which a slow machine may need."""
