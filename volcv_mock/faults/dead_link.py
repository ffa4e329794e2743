"""dead_link: the picture URL leads nowhere; fetching it gives 404.

In life an object store loses a file, or a network caches its absence. The picture is paid for and gone.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Fault
from volcv_mock.model import Outcome


def apply(outcome: Outcome) -> Outcome:
    """Mark the link of the outcome as dead; the picture is not stored."""
    return replace(outcome, has_dead_link=True)


FAULT = Fault(
    name="dead_link",
    hook="outcome",
    stage="after",
    summary="the picture URL leads nowhere; fetching it gives 404",
    apply=apply,
    needs="url",
)
