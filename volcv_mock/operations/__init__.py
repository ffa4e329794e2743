"""The operations: what each req_key paints and adds to its reply. The entry point is `paint(job)`.

One module per kind of painting, listed in painters.py. The schemas define what a request may contain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging import codecs
from volcv_mock.imaging.boxes import scaled
from volcv_mock.imaging.probe import read_header
from volcv_mock.imaging.thumbnail import thumbnail_of
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import Painter
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.infer_ctx import members as infer_ctx_members
from volcv_mock.operations.watermarking import watermarked

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Identity", "extra", "finished", "from_templates", "paint", "painter", "stored"]


def painter(req_key: str) -> Painter:
    """The painter of a req_key."""
    from volcv_mock.operations.painters import BY_NAME  # lazy: start-up time

    return BY_NAME[contract.operation(req_key).painter]


def paint(job: Job) -> Painted:
    """The finished pictures: painted, watermarked if requested, encoded in the format of the req_key."""
    format = contract.operation(job.req_key).output.format
    as_it_is = _file_as_it_is(job, format)
    if as_it_is:
        return as_it_is
    exif = codecs.exif_of(job.pictures[0]) if job.pictures and contract.reading("source-profile") == "kept" else b""
    pictures = (_at_output_size(watermarked(picture, job), job) for picture in painter(job.req_key).paint(job))
    first, *others = (finished(picture, format, exif) for picture in pictures)
    return replace(first, others=tuple(others))


def _at_output_size(picture: Image, job: Job) -> Image:
    """An edited picture at the size that a reading gives it: a multiple of 8 or 16 pixels, or as it is."""
    _, _, step = contract.reading("output-size").rpartition("-")
    if contract.operation(job.req_key).painter != "edit" or not step.isdecimal():
        return picture
    size = tuple(max(int(step), side // int(step) * int(step)) for side in picture.size)
    if size == picture.size:
        return picture
    from PIL.Image import Resampling  # lazy: start-up time

    return scaled(picture, (0, 0, *picture.size), (size[0], size[1]), Resampling.BICUBIC)


def _file_as_it_is(job: Job, format: str) -> Painted | None:
    """The file of a row with `file:` as its bytes are, unless a watermark or another format is wanted."""
    data = contract.in_force().files.get(job.req_key)
    if data is None or (job.parameters.get("logo_info") or {}).get("add_logo"):
        return None
    from volcv_mock.contract.folder.reading import format_of  # lazy: start-up time

    if format_of(data) != format:
        return None
    (picture,) = painter(job.req_key).paint(job)
    digest = sha256(data).hexdigest()
    return Painted(data, codecs.to_base64(data), picture.width, picture.height, digest, thumbnail_of(picture))


def finished(picture: Image, format: str = "JPEG", exif: bytes = b"") -> Painted:
    """A picture as it is sent: encoded, with digest and thumbnail."""
    data = codecs.encode(picture, format, exif)
    digest = sha256(data).hexdigest()
    thumbnail = thumbnail_of(picture, data if format == "JPEG" else b"")
    return Painted(data, codecs.to_base64(data), picture.width, picture.height, digest, thumbnail)


def stored(pictures: Sequence[bytes]) -> Painted:
    """Pictures that were finished before, from their stored bytes."""
    first, *others = (Painted(data, codecs.to_base64(data), *read_header(data).shown_size) for data in pictures)
    return replace(first, others=tuple(others))


def extra(job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
    """Members of `data` beyond the common ones. `painted` is None when the reply has no picture."""
    own = {**painter(job.req_key).extra(job, painted, identity), **from_templates(job)}
    return {**infer_ctx_members(job, painted, identity), **own} if _explains(job.req_key) else own


def _explains(req_key: str) -> bool:
    """Whether the answer says how the picture was made (seen for SeedEdit and for the high_aes keys)."""
    return "infer_ctx" in contract.data_members(req_key)


def from_templates(job: Job) -> Mapping[str, Any]:
    """The members that a row of the user's folder fills from the request."""
    templates = contract.operation(job.req_key).data
    if not templates:
        return {}
    from volcv_mock.contract.folder.templates import filled  # lazy: only who has a folder needs it

    made: Mapping[str, Any] = filled(templates, job.parameters)
    return made
