"""All mutants, and the baseline: a proxy that changes nothing and in which nothing may be found."""

from .base import Mutant
from .dials import DIALS
from .envelopes import ENVELOPES
from .results import RESULTS
from .tolerances import TOLERANCES

BASELINE = Mutant("nothing changed", ())
MUTANTS: tuple[Mutant, ...] = (*ENVELOPES, *RESULTS, *TOLERANCES, *DIALS)


def by_name(name: str) -> Mutant:
    """The mutant or baseline of this name. Raises ValueError and names those that exist."""
    for mutant in (BASELINE, *MUTANTS):
        if mutant.name == name:
            return mutant
    raise ValueError(f"unknown mutant {name!r}; known: {', '.join(one.name for one in MUTANTS)}")
