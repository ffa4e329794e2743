"""Generate (jimeng_t2i_*, jimeng_seedream46_cvtob, *high_aes_*): pictures from a text, without or with input pictures.

A picture is a pattern of the prompt with a caption that names the mock, the seed and the size: nobody takes it for a
model's work. Input pictures are shown as tiles along its lower edge. The prompt says how many pictures are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.imaging import codecs
from volcv_mock.imaging.pattern import PatternStyle, paint_pattern
from volcv_mock.imaging.pictures import is_decoded
from volcv_mock.imaging.watermark import TOP_LEFT, Watermark, stamp
from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import gist, number, saturating
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.sizes import new_size

if TYPE_CHECKING:
    from PIL.Image import Image

HALF_DETAIL_SCALE = 0.5
TILE_SHARE = 5
"""Tiles of input pictures are a fifth of the picture's shorter side."""
DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_COUNT = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?:张|幅|pictures?|images?|photos?)|([一两二三四五六七八九十])\s*[张幅]", re.IGNORECASE
)
SEARCHED = 2000
"""Characters of the prompt that are searched for a number of pictures."""


class Generate:
    """New pictures from a text."""

    name = "generate"

    def paint(self, job: Job) -> Iterator[Image]:
        """As many pictures as the request asks for, in its size."""
        size = new_size(job)
        return (_picture(job, size, index) for index in range(count_of(job)))

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """Generate adds nothing to `data`."""
        return {}


def count_of(job: Job) -> int:
    """How many pictures are made: the number in the prompt, within what the req_key allows; else one.

    Assumed: the vendor's page says that the prompt decides, and not how.
    """
    output = contract.operation(job.req_key).output
    most = output.most - (len(job.pictures) if output.shares_inputs else 0)
    found = _COUNT.search(job.prompt[:SEARCHED])
    if found is None or most <= 1 or job.parameters.get("force_single"):
        return 1
    return max(1, min(most, int(found[1]) if found[1] else DIGITS[found[2]]))


def _picture(job: Job, size: tuple[int, int], index: int) -> Image:
    """The picture of that number: each has its own seed."""
    detail = saturating(number(job, "scale", HALF_DETAIL_SCALE), _half_detail(job))
    style = PatternStyle(gist(job.prompt), job.seed + index, detail)
    made = paint_pattern(size, style)
    _add_tiles(made, job)
    caption = f"volcv-mock {job.seed + index} {size[0]}x{size[1]}"
    return stamp(made, Watermark(caption, TOP_LEFT, 1.0))


def _half_detail(job: Job) -> float:
    """The default of `scale`: keys count it from 0 to 1, or from 1 to 100."""
    usual = contract.defaults(job.req_key, job.mode).get("scale")
    return float(usual) if usual else HALF_DETAIL_SCALE


def _add_tiles(made: Image, job: Job) -> None:
    from PIL.ImageOps import fit  # lazy: start-up time

    if not job.pictures:
        return
    side = max(1, min(min(made.size) // TILE_SHARE, made.width // len(job.pictures)))
    facts = [each.facts for each in job.pictures]
    for index, each in enumerate(job.pictures):
        if is_decoded(facts[:index], each.facts):
            tile = fit(codecs.tile_of(codecs.open_rgb(each)), (side, side))
            made.paste(tile, (index * side, made.height - side))
