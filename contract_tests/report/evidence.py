"""Which exchanges of a case a finding is about: those that show it when the same check looks at them again."""

from __future__ import annotations

from collections.abc import Sequence

from ..checks import CHECKS
from ..checks.base import Graded, Texts
from ..model import Exchange, Finding

NAMED = {one.name: one for one in CHECKS}


def evidence(finding: Finding, exchanges: Sequence[tuple[str, Exchange]]) -> list[Exchange]:
    """The exchanges of the finding. All of the case for a relation, which compares them, or when none shows it."""
    check = NAMED.get(finding.check)
    every = [exchange for _, exchange in exchanges]
    if check is None:
        return every
    return [one for one in every if finding.text in _texts(check.find_texts(one, {}))] or every


def _texts(found: Texts) -> set[str]:
    return {one.text if isinstance(one, Graded) else one for one in found}
