"""Which modes are possible: what each needs, and what a request may choose by itself.

The mode says who answers a call: the mock, the upstream behind it, or recordings. A setting gives the usual one, a rule
or the request's header another.
"""

from __future__ import annotations

from collections.abc import Mapping

from volcv_mock.model import Mode

BY_HEADER: tuple[Mode, ...] = ("mock", "replay")
"""What a request header may choose: neither spends a call. Everything else is for who runs the mock."""

NEEDS: Mapping[Mode, str] = {
    "mock": "",
    "pass": "Start the mock with --upstream URL and --api-key.",
    "spy": "Start the mock with --upstream URL and --api-key.",
    "record": "Start the mock with --upstream URL, --api-key and --recordings DIR.",
    "replay": "Start the mock with --recordings DIR.",
    "diff": "Start the mock with --upstream URL and --api-key.",
}
"""How to make a mode possible."""
