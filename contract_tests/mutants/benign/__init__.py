"""Variations that are no deviation: other wire forms, envelopes, encoders and things in front.

None may be reported as drift.

`UNJUDGEABLE` are those of which nothing can be known: a night against them ends with 2, and never with drift.
"""

from __future__ import annotations

from ..base import Mutant
from .envelope import ENVELOPE
from .gateways import SOMETIMES, UNJUDGEABLE
from .pictures import PICTURES
from .wire import WIRE

__all__ = ["BENIGN", "UNJUDGEABLE", "by_name"]
BENIGN: tuple[Mutant, ...] = (*WIRE, *ENVELOPE, *PICTURES, *SOMETIMES, *UNJUDGEABLE)


def by_name(name: str) -> Mutant:
    """The variation of that name. Raises ValueError."""
    for variation in BENIGN:
        if variation.name == name:
            return variation
    raise ValueError(f"unknown variation {name!r}; known: {', '.join(one.name for one in BENIGN)}")
