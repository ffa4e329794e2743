"""The Painter protocol, and conversions of parameters that several operations share.

No document bounds `steps` or `dilate_size`, so the conversions accept any number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from volcv_mock import contract
from volcv_mock.imaging import codecs, dilate
from volcv_mock.model import Job, Painted
from volcv_mock.operations.identity import Identity
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_NUMBER = 10**9
MAX_PROMPT = 500


class Painter(Protocol):
    """One kind of painting. `name` is the one that rows of the catalog give as `painter`."""

    @property
    def name(self) -> str:
        """The name by which the catalog selects the painter."""

    def paint(self, job: Job) -> Iterable[Image]:
        """The pictures without watermark, at least one. The same job always gives the same pixels.

        A painter of many pictures yields them one by one, so that one of them is in memory at a time.
        """

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Members of `data` beyond the common ones."""


def number(job: Job, name: str, usual: float | None = None) -> float:
    """A numeric parameter, clamped to +-10**9 so that no arithmetic overflows; `usual` if the req_key has none.

    A member that the req_key's schema does not declare is not validated: one that is no number is ignored.
    """
    value = job.parameters[name] if usual is None else job.parameters.get(name, usual)
    if usual is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        value = usual
    return float(min(max(value, -MAX_NUMBER), MAX_NUMBER))


def saturating(value: float, half: float) -> float:
    """Maps an unbounded parameter to 0..1: 0 at 0, a half at `half`, towards 1 for large values."""
    return max(0.0, value) / (max(0.0, value) + half)


def weight(strength: float) -> float:
    """Opacity of the painting: 0 leaves the original (S3, strength); the default value is almost opaque."""
    return 1 - (1 - min(1.0, max(0.0, strength))) ** 4


def gist(text: str) -> str:
    """A short text that stands for the prompt in draws: its beginning, and a digest if it is longer.

    Painting hashes the prompt about a hundred times, which would be slow for a prompt of megabytes.
    """
    return text if len(text) <= MAX_PROMPT else f"{text[:MAX_PROMPT]} {draws.hexadecimal(32, text)}"


def picture(job: Job) -> Image:
    """The input picture. It may be shared: do not modify it."""
    return codecs.open_rgb(job.pictures[0])


def marks(job: Job, size: tuple[int, int]) -> Image:
    """The mask as 0 and 255."""
    return dilate.marked(codecs.open_mask(job.pictures[1], size), contract.mask_demands().marked_from)
