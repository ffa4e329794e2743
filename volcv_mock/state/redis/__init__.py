"""The state in a Redis or Valkey: several processes are one mock. The extra `redis`; nothing else imports the library.

Every act of acts.py is one script in lua/, so that it is atomic; connection.py runs them. What is read often and
changed rarely (rules, clock, latency) is mirrored in this process, and each arriving call brings the mirror up to date.
What ends a call is written by a thread (writer.py): the event loop never waits for Redis.
"""

from __future__ import annotations

from volcv_mock.state.redis.state import RedisState, opened

__all__ = ["RedisState", "opened"]
