"""The operations: what each req_key paints and adds to its answer. `paint(job)` is the way in.

One file each; the registry below names them. What a request may hold is the schemas' affair, not theirs.
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
    """The operation behind a req_key."""
    kind = contract.operation(req_key).kind
    return next(one for one in PAINTERS if one.kind == kind)


def paint(job: Job) -> Painted:
    """The finished picture: painted, watermarked if asked, as JPEG and base64."""
    return finished(watermarked(painter(job.req_key).paint(job), job))


def finished(picture: Image) -> Painted:
    """A picture as it goes on the wire."""
    data = codecs.encode_jpeg(picture)
    digest = sha256(data).hexdigest()
    return Painted(data, codecs.to_base64(data), picture.width, picture.height, digest, thumbnail_of(picture, data))


def extra(job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
    """Members of `data` beyond those every answer has. `painted` is None when the model gave no picture."""
    return painter(job.req_key).extra(job, painted, identity)
