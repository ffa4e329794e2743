"""The visible watermark that a request configures in logo_info (S1 and S3, LogoInfo)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging.watermark import Watermark, clean, stamp
from volcv_mock.model import Job

if TYPE_CHECKING:
    from PIL.Image import Image

LABELS = ("watermark_label_zh", "watermark_label_en")
"""By `language` as on the wire: 0 Chinese, 1 English."""


def watermarked(picture: Image, job: Job) -> Image:
    """The picture with its watermark. Only an input picture is copied for it: others are the request's own."""
    own = job.parameters.get("logo_info") or {}
    info = {**contract.defaults(job.req_key, job.mode).get("logo_info", {}), **own}
    if not info.get("add_logo"):
        return picture
    is_input = any(picture is each.decoded for each in job.pictures)
    return stamp(picture.copy() if is_input else picture, wanted(info))


def wanted(info: Mapping[str, Any]) -> Watermark:
    """The watermark of a complete logo_info; text without visible characters is replaced by the default label."""
    label = contract.parameter(LABELS[int(info["language"])])
    text = clean(str(info.get("logo_text_content") or "")) or label
    return Watermark(text, int(info["position"]), float(info["opacity"]))
