"""Pictures that are made to cost: small files of the largest size, in requests that are granted or refused.

Each request has a process of its own, because the memory of pixels is not Python's, and because a process keeps some
of what it had.
"""

from __future__ import annotations

import base64
import io
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.serving import Row
from volcv_mock import contract

CPU_BOUND_S, MEMORY_BOUND_MB = 2.0, 200.0
ROOT = Path(__file__).resolve().parent.parent
GRAIN = 4
"""Side of the squares of a noisy mask, in pixels."""


def rows(quick: bool = False) -> Iterator[Row]:
    """CPU time and memory of each."""
    for kind, (wanted, document) in kinds(256 if quick else contract.limits().max_side).items():
        body = json.dumps(document).encode()
        command = [sys.executable, "-m", "benchmarks.hostile_target"]
        done = subprocess.run(command, input=body, cwd=ROOT, capture_output=True, check=True, timeout=120)
        status, peak_mb, cpu_s = map(float, done.stdout.split())
        assert status == wanted, (kind, status)
        yield Row(f"CPU of {kind}, {len(body) / 1e6:.1f} MB", cpu_s, CPU_BOUND_S, "s")
        yield Row(f"memory of {kind}", peak_mb, MEMORY_BOUND_MB, "MB", note="above the body, at its peak")


def kinds(side: int) -> dict[str, tuple[int, dict[str, Any]]]:
    """By name: the status of the answer, and the body."""
    colours, opaque = _colours(side), Image.new("RGBA", (side, side), "white")
    opaque.paste(colours)
    noise, half = _noise(side), Image.new("L", (side, side))
    half.paste(255, (0, 0, side // 2, side))
    plain, clear = _base64(colours, "JPEG"), _base64(opaque, "PNG")
    slow = _base64(colours, "JPEG", progressive=True, quality=100, subsampling=0)
    whole = {"max_width": side, "max_height": side, "prompt": "a kite"}
    smaller = dict.fromkeys(("max_width", "max_height"), side * 7 // 8)
    edge = dict.fromkeys(("top", "bottom", "left", "right"), 0.01)
    return {
        "a removal of a half": (200, _body("i2i_inpainting", [plain, _base64(half, "PNG")])),
        "a dilated removal of noise": (200, _body("i2i_inpainting", [plain, _base64(noise, "PNG")], dilate_size=100)),
        "an edit of noise": (200, _body("i2i_inpainting_edit", [plain, _base64(noise, "PNG")], custom_prompt="a kite")),
        "an edit of noise, with alpha": (
            200,
            _body("i2i_inpainting_edit", [clear, _base64(noise.convert("RGBA"), "PNG")], custom_prompt="a kite"),
        ),
        "an edit of noise, with a fault and a logo": (
            200,
            _body(
                "i2i_inpainting_edit",
                [plain, _base64(noise, "PNG")],
                custom_prompt="[[mock:outside_mask]]",
                logo_info={"add_logo": True},
            ),
        ),
        "an outpainting by a hundredth": (200, _body("i2i_outpainting", [plain], **whole, **edge)),
        "an outpainting of a noisy canvas": (200, _body("i2i_outpainting", [plain, _base64(noise, "PNG")], **whole)),
        "an outpainting of a canvas made smaller, with alpha": (
            200,
            _body("i2i_outpainting", [clear, _base64(noise.convert("RGBA"), "PNG")], **whole | smaller),
        ),
        "a recoloured picture with alpha": (200, _body("byteedit_v2.0", [clear], prompt="evening")),
        "a progressive JPEG as mask": (400, _body("i2i_inpainting", [slow, slow])),
        "forty surplus masks": (400, _body("i2i_inpainting", [plain, *[_base64(half, "PNG")] * 41])),
    }


def _body(req_key: str, pictures: list[str], **more: Any) -> dict[str, Any]:
    return {"req_key": req_key, "binary_data_base64": pictures, **more}


def _colours(side: int) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((side, side))
    turned = ramp.transpose(Image.Transpose.ROTATE_90)
    return Image.merge("RGB", (ramp, turned, ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))


def _noise(side: int) -> Image.Image:
    small = (side // GRAIN, side // GRAIN)
    grains = Image.frombytes("L", small, random.Random(1).randbytes(small[0] * small[1]))
    return grains.point([0] * 128 + [255] * 128).resize((side, side), Image.Resampling.NEAREST)


def _base64(image: Image.Image, format: str, **options: Any) -> str:
    sink = io.BytesIO()
    image.save(sink, format, **options)
    return base64.b64encode(sink.getvalue()).decode()
