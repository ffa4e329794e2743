"""All mutants, and the baseline: a proxy that changes nothing and in which nothing may be found."""

from .acceptance import ACCEPTANCE
from .base import Mutant
from .crowds import CROWDS
from .dials import DIALS
from .envelopes import ENVELOPES
from .for_one_key import FOR_ONE_KEY
from .links import LINKS
from .results import RESULTS
from .tasks import TASKS
from .tolerances import TOLERANCES

BASELINE = Mutant("nothing changed", ())
MUTANTS: tuple[Mutant, ...] = (
    *ENVELOPES, *RESULTS, *TOLERANCES, *DIALS, *LINKS, *FOR_ONE_KEY, *ACCEPTANCE, *CROWDS, *TASKS
)  # fmt: skip


def by_name(name: str) -> Mutant:
    """The mutant or baseline of this name. Raises ValueError and names those that exist."""
    for mutant in (BASELINE, *MUTANTS):
        if mutant.name == name:
            return mutant
    raise ValueError(f"unknown mutant {name!r}; known: {', '.join(one.name for one in MUTANTS)}")
