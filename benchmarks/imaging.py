"""Removal, as a multiple of what no design can avoid: the codecs. CPU time of one thread, in pairs.

The floor decodes base64, photo and mask, encodes the photo as every answer is, and encodes base64. A
removal is everything from the request's base64 to the answer's: checks of both pictures, decoding, fill,
texture, encoding. A whole call adds JSON and its schema, the memos, the journal and its thumbnails.
The process keeps its memory as one that serves does, for both.
"""

from __future__ import annotations

import base64
import io
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import bodies
from benchmarks.serving import Row
from volcv_mock import contract, operations, pipeline
from volcv_mock.config import Settings
from volcv_mock.imaging import codecs
from volcv_mock.model import Call, Job
from volcv_mock.server.memory_tuning import keep_for_now
from volcv_mock.stages import validate
from volcv_mock.world import World

REQ_KEY = "i2i_inpainting"
TURNS = {512: 25, 1024: 13, 2048: 7, 4096: 5}
BOUND = 3.5


def rows(quick: bool = False) -> Iterator[Row]:
    keep_for_now()
    for side, turns in [(512, 3)] if quick else TURNS.items():
        floor_s, removal_s, call_s = _medians(side, turns)
        note = f"{removal_s * 1000:.1f} and {floor_s * 1000:.1f} ms; a whole call {call_s / floor_s:.2f} x"
        yield Row(f"removal at {side} px / codecs", removal_s / floor_s, BOUND, note=note)


def _medians(side: int, turns: int) -> tuple[float, float, float]:
    """Seconds of floor, removal and whole call: each turn has a picture of its own, so no memo helps."""
    world = World(Settings(auth="off"))
    spent = []
    for turn in range(turns + 1):
        document = bodies.document(REQ_KEY, side, turn)
        request = bodies.raw(bodies.body(document))
        call = Call(request, world.visit(request, counts=False)[0], "CVProcess", "", body=document)
        spent.append((_cpu_s(_floor, document), _cpu_s(_removal, call), _cpu_s(pipeline.handle, request, world)))
    floor_s, removal_s, call_s = (statistics.median(column) for column in zip(*spent[1:], strict=True))
    return floor_s, removal_s, call_s


def _cpu_s(work: Callable[..., Any], *arguments: Any) -> float:
    began_at = time.process_time()
    work(*arguments)
    return time.process_time() - began_at


def _floor(document: dict[str, Any]) -> bytes:
    from PIL import Image

    photo, mask = (Image.open(io.BytesIO(base64.b64decode(text))) for text in document["binary_data_base64"])
    photo.load()
    mask.load()
    return base64.b64encode(codecs.encode_jpeg(photo))


def _removal(call: Call) -> bytes:
    """Without JSON's schema, which has a row of its own, and the journal's thumbnail, which a whole call counts."""
    findings = validate.Findings()
    validate.check_pictures(call, call.body or {}, REQ_KEY, "base64", "default", findings)
    parameters = contract.defaults(REQ_KEY, "base64")
    job = Job(call, REQ_KEY, "base64", parameters, tuple(findings.pictures), seed=7, is_repeatable=True)
    (picture,) = operations.painter(REQ_KEY).paint(job)
    return codecs.to_base64(codecs.encode_jpeg(picture))
