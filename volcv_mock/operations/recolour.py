"""Recolour (byteedit_v2.0 and its successors): changes the colours of a whole picture by an instruction (S0).

The prompt names the colour, `scale` is the share of the change, the seed varies it. A req_key with width and height
gives a picture of that size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock.imaging.recolour import Recolouring, recolour
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import gist, number, picture
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.infer_ctx import negative
from volcv_mock.operations.sizes import asked_size

if TYPE_CHECKING:
    from PIL.Image import Image

USUAL_SCALE = 0.5
"""The share of the change for a req_key without `scale`."""


class Recolour:
    """Changes a whole picture by prompt, without a mask."""

    name = "recolour"

    def paint(self, job: Job) -> tuple[Image, ...]:
        """The whole picture in other colours, by prompts and seed, as far as `scale` says; fitted to a new size."""
        from PIL.ImageOps import fit  # lazy: start-up time

        share = min(1.0, max(0.0, number(job, "scale", USUAL_SCALE)))
        made = recolour(picture(job), Recolouring(gist(job.prompt), gist(negative(job)), job.seed, share))
        size = asked_size(job)
        return (made if size is None else fit(made, size),)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Recolour adds nothing to `data`."""
        return {}
