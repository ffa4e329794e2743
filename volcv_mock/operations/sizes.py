"""The size of a new picture: width and height, an area, or what the request leaves to its default."""

from __future__ import annotations

import math

from volcv_mock import contract
from volcv_mock.contract import Output
from volcv_mock.model import Job
from volcv_mock.operations.base import number

WIDTH, HEIGHT, AREA = "width", "height", "size"
USUAL_SIDE = 1024
"""The side of a picture when neither the request nor a default says anything."""


def asked_size(job: Job) -> tuple[int, int] | None:
    """Width and height in pixels, within the sides of the req_key; None if the request names no size."""
    output = contract.operation(job.req_key).output
    if _has(job, WIDTH) and _has(job, HEIGHT):
        return _within(max(1.0, number(job, WIDTH)), max(1.0, number(job, HEIGHT)), output)
    if _has(job, AREA):
        return _of_area(max(1.0, number(job, AREA)), job, output)
    return None


def new_size(job: Job) -> tuple[int, int]:
    """The size of a picture that is made from nothing."""
    output = contract.operation(job.req_key).output
    return asked_size(job) or _of_area(USUAL_SIDE**2, job, output)


def _of_area(area: float, job: Job, output: Output) -> tuple[int, int]:
    """A square of that area, or the shape nearest to it that min_ratio and max_ratio permit."""
    least, most = contract.ratios(job.req_key, job.mode, job.parameters) or (1.0, 1.0)
    ratio = max(least, min(most, 1.0))
    return _within(math.sqrt(area * ratio), math.sqrt(area / ratio), output)


def _within(width: float, height: float, output: Output) -> tuple[int, int]:
    """The sides, reduced in proportion to the greatest area."""
    share = min(1.0, math.sqrt(output.max_area / (width * height)))
    return _side(width * share, output), _side(height * share, output)


def _has(job: Job, name: str) -> bool:
    return isinstance(job.parameters.get(name), (int, float))


def _side(pixels: float, output: Output) -> int:
    """The nearest permitted side: a multiple, within the least and the most."""
    rounded = int(pixels / output.multiple + 0.5) * output.multiple
    return max(output.min_side, min(output.max_side, rounded))
