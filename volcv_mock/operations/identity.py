"""The ids and times of one reply, which members of its data repeat."""

from __future__ import annotations

from volcv_mock._util.frozen import frozen


@frozen
class Identity:
    """`request_id` has 34 characters, `data_request_id` consists of hex digits. The work began at `created_at_s`
    (seconds since 1970) and took `elapsed_s` seconds."""

    request_id: str
    data_request_id: str
    created_at_s: float
    elapsed_s: float
