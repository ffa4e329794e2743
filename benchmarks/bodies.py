"""What the benchmarks send: a real photo at any size, a mask of an ellipse and a line, a body for each operation."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock._util.paths import shelf
from volcv_mock.model import RawRequest

if TYPE_CHECKING:
    from PIL.Image import Image

SOURCE_QUALITY = 85
NOISE_SHARE = 0.06
"""A photo made larger is too smooth; a camera's noise comes back with this."""
PROMPT = "a red kite"


def photo(side: int, mark: int = 0) -> Image:
    """The photo of the fixtures as a square of that side; another `mark` is another picture."""
    from PIL import Image

    with Image.open(shelf("fixtures") / "images" / "rocket.jpg") as source:
        picture = source.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    noise = Image.effect_noise((side, side), 40).convert("RGB")
    picture = Image.blend(picture, noise, NOISE_SHARE)
    picture.paste((mark % 256, mark // 256 % 256, 0), (0, 0, 16, 16))
    return picture


def mask(side: int) -> Image:
    """An ellipse and a line: 13 per cent of the picture, across most of its height."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    pen.ellipse((int(side * 0.3), int(side * 0.3), int(side * 0.65), int(side * 0.63)), fill=255)
    pen.line((0, int(side * 0.9), side, int(side * 0.8)), fill=255, width=max(1, side // 30))
    return image


def jpeg(image: Image) -> bytes:
    return _encoded(image, "JPEG", quality=SOURCE_QUALITY)


def png(image: Image) -> bytes:
    return _encoded(image, "PNG")


def document(req_key: str, side: int, mark: int = 0, **parameters: Any) -> dict[str, Any]:
    """A request of that operation with pictures of that side."""
    operation = contract.operation(req_key)
    roles = contract.item_roles(req_key, operation.modes[0])
    made = {"picture": lambda: jpeg(photo(side, mark)), "mask": lambda: png(mask(side))}
    pictures = [base64.b64encode(made[role]()).decode() for role in roles]
    prompt = {operation.prompt_field: PROMPT} if operation.prompt_field else {}
    return {"req_key": req_key, "binary_data_base64": pictures, "seed": 7, **prompt, **parameters}


def body(document: dict[str, Any], **parameters: Any) -> bytes:
    return json.dumps(document | parameters).encode()


def raw(body: bytes) -> RawRequest:
    """The request as a transport passes it to the pipeline."""
    query = f"Action=CVProcess&Version={contract.version()}"
    return RawRequest("official", "POST", "/", query, (("Host", "bench"), ("Content-Type", "application/json")), body)


def _encoded(image: Image, kind: str, **options: int) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()
