"""expired_url: the answer's picture URL has already expired; fetching it gives 403.

In life a job waits in a queue for longer than the 24 hours that a link lives (S1, S3), and the picture
is paid for and gone. Only answers with a URL (`return_url: true`) can show it.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.model import Outcome

AGO_S = 1.0


def apply(outcome: Outcome) -> Outcome:
    """Let the picture's link expire before the reply is sent."""
    return replace(outcome, url_lifetime_s=-AGO_S)


FAULT = Fault(
    name="expired_url",
    hook="outcome",
    stage="after",
    summary="the picture URL expired a second before the answer; fetching it gives 403",
    apply=apply,
    needs="url",
)
