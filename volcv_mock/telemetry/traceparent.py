"""The header `traceparent` of a request (W3C Trace Context, level 1): which trace the client's call belongs to.

It is passed on with what the call makes the mock request: pictures by URL, and the upstream's answer.
"""

from __future__ import annotations

import re

from volcv_mock._util.frozen import frozen

HEADER = "traceparent"
_FORM = r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
"""Not compiled here: most mocks never see the header, and `re` keeps what it has compiled."""

_SAMPLED = 1


@frozen
class TraceParent:
    """`trace_id` has 32 hex digits, `parent_id` 16. `is_sampled`: the client records this trace."""

    trace_id: str
    parent_id: str
    is_sampled: bool

    @property
    def text(self) -> str:
        """The header's value, of version 00, which every receiver reads."""
        return f"00-{self.trace_id}-{self.parent_id}-{int(self.is_sampled):02x}"


def traceparent(value: str | None) -> TraceParent | None:
    """The header's value; None without one, and for one that the specification tells to ignore."""
    found = re.fullmatch(_FORM, value.strip()) if value else None
    if found is None:
        return None
    version, trace_id, parent_id, flags, more = found.groups()
    if version == "00" and more:  # only later versions may have more fields
        return None
    return TraceParent(trace_id, parent_id, bool(int(flags, 16) & _SAMPLED))
