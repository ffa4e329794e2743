"""What every operation offers, and the readings of parameters that several of them share.

No document bounds `steps` or `dilate_size`, so every reading here bears any number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from volcv_mock import contract
from volcv_mock.imaging import codecs, dilate
from volcv_mock.model import Job, Painted
from volcv_mock.operations.identity import Identity
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

HUGE = 10**9
GIST = 500


class Painter(Protocol):
    """One operation. `kind` is the word the catalog uses for it."""

    @property
    def kind(self) -> str: ...

    def paint(self, job: Job) -> Image:
        """The picture, without watermark: the same job always gives the same pixels."""

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Members of `data` beyond those every answer has."""


def number(job: Job, name: str) -> float:
    """A number among the parameters, kept within a thousand million so that no arithmetic overflows."""
    return float(min(max(job.parameters[name], -HUGE), HUGE))


def saturating(value: float, half: float) -> float:
    """0 for nothing, a half at `half`, towards 1 for ever more: an unbounded parameter as a share."""
    return max(0.0, value) / (max(0.0, value) + half)


def weight(strength: float) -> float:
    """How much of the painting shows: 0 leaves the original (S3, strength), the default hides it all but."""
    return 1 - (1 - min(1.0, max(0.0, strength))) ** 4


def gist(text: str) -> str:
    """A text that paints as the whole would: its beginning, and a digest when there is more.

    Painting draws from the prompt some hundred times; a prompt of megabytes must not cost that often.
    """
    return text if len(text) <= GIST else f"{text[:GIST]} {draws.hexadecimal(32, text)}"


def picture(job: Job) -> Image:
    """The picture to work on. It may be shared: never change it in place."""
    return codecs.open_rgb(job.pictures[0])


def marks(job: Job, size: tuple[int, int]) -> Image:
    """The mask as 0 and 255."""
    return dilate.marked(codecs.open_mask(job.pictures[1], size), contract.mask_demands().marked_from)
