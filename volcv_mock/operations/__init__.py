"""The operations: what each req_key paints and adds to its reply. The entry point is `paint(job)`.

One module per kind of painting, listed in PAINTERS. The schemas define what a request may contain.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging import codecs
from volcv_mock.imaging.thumbnail import thumbnail_of
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import Painter
from volcv_mock.operations.edit import Edit
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.outpainting import Outpainting
from volcv_mock.operations.removal import Removal
from volcv_mock.operations.seededit import SeedEdit
from volcv_mock.operations.watermarking import watermarked

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["PAINTERS", "Identity", "extra", "finished", "paint", "painter"]

PAINTERS: tuple[Painter, ...] = (Removal(), Edit(), Outpainting(), SeedEdit())


def painter(req_key: str) -> Painter:
    """The painter of a req_key."""
    kind = contract.operation(req_key).kind
    return next(one for one in PAINTERS if one.kind == kind)


def paint(job: Job) -> Painted:
    """The finished picture: painted, watermarked if requested, as JPEG and base64."""
    return finished(watermarked(painter(job.req_key).paint(job), job))


def finished(picture: Image) -> Painted:
    """A picture as it is sent: encoded, with digest and thumbnail."""
    data = codecs.encode_jpeg(picture)
    digest = sha256(data).hexdigest()
    return Painted(data, codecs.to_base64(data), picture.width, picture.height, digest, thumbnail_of(picture, data))


def extra(job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
    """Members of `data` beyond the common ones. `painted` is None when the reply has no picture."""
    return painter(job.req_key).extra(job, painted, identity)
