"""Requests made by hand, and worlds that stand still."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image

from volcv_mock import pipeline
from volcv_mock.config import Settings
from volcv_mock.delivery import Delivered, Reply
from volcv_mock.model import RawRequest
from volcv_mock.world import World

QUERY = "Action=CVProcess&Version=2022-08-31"


def small(mode: str, colour: Any, size: tuple[int, int] = (64, 64)) -> str:
    sink = io.BytesIO()
    Image.new(mode, size, colour).save(sink, "PNG")
    return base64.b64encode(sink.getvalue()).decode()


PICTURE, MASK = small("RGB", (90, 120, 200)), small("L", 255)
REMOVAL: dict[str, Any] = {"req_key": "i2i_inpainting", "binary_data_base64": [PICTURE, MASK], "seed": 1}


def raw(
    body: object = REMOVAL, *, query: str = QUERY, key: str = "sk-any", headers: dict[str, str] | None = None
) -> RawRequest:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given_headers = {
        "Host": "127.0.0.1:8410",
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        **(headers or {}),
    }
    return RawRequest("proxy", "POST", "/volcv/v1", query, tuple(given_headers.items()), data)


def call(world: World, request: RawRequest) -> tuple[Reply, dict[str, Any]]:
    reply = pipeline.handle(request, world)
    world.delivered(reply, Delivered(0.0, "read_all", reply.size_bytes))
    return reply, json.loads(b"".join(reply.body))


def frozen(**values: Any) -> World:
    made = World(Settings(**values))
    made.clock().freeze(at_s=1_800_000_000.0)
    return made
