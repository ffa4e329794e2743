"""`volcv-mock demo`: start a mock, run every operation on real pictures, write a contact sheet."""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volcv_mock._util.paths import shelf

if TYPE_CHECKING:
    from PIL.Image import Image

TIMEOUT_S = 60
MARGIN = 0.25
"""Share of the scene that the canvas adds on each side."""


@dataclass(frozen=True)
class Shot:
    """One call of the demo: which operation, on which scene of fixtures/images, with which parameters.

    `canvas` pads the scene and masks the margin, as a client of outpainting's canvas mode does.
    """

    req_key: str
    scene: str
    has_mask: bool = True
    canvas: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        said = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in self.parameters.items())
        return f"{self.req_key}  {said}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="volcv-mock demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for the pictures (default: demo)")
    out: Path = parser.parse_args(arguments).out
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows, sheet = draw(out)
    except OSError as error:
        print(f"volcv-mock demo: cannot write into {out}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"{rows} calls answered; look at {sheet}")
    return 0


def draw(out: Path) -> tuple[int, Path]:
    """Make every call, write each result and the sheet; gives the number of calls and where the sheet is."""
    from volcv_mock.cli import contact_sheet  # lazy: start-up time
    from volcv_mock.testing.mock import VolcvMock

    with VolcvMock(seed=7).serve() as server:
        rows = [_row(server.proxy_url, shot, out) for shot in SHOTS]
    sheet = out / "contact-sheet.png"
    contact_sheet.draw(rows, sheet)
    return len(rows), sheet


def _row(url: str, shot: Shot, out: Path) -> Any:
    from volcv_mock.cli.contact_sheet import Row  # lazy: start-up time

    pictures = _pictures(shot)
    answer = _ask(
        url, {"req_key": shot.req_key, "binary_data_base64": [_text(data) for data in pictures], **shot.parameters}
    )
    result = base64.b64decode(answer["data"]["binary_data_base64"][0])
    (out / f"{shot.req_key}-{SHOTS.index(shot) + 1}.jpg").write_bytes(result)
    source, *rest = (_image(data) for data in pictures)
    return Row(shot.title, source, rest[0] if rest else None, _image(result))


def _ask(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{url}?Action=CVProcess&Version=2022-08-31", json.dumps(body).encode(),
        {"Authorization": "Bearer sk-demo", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
        return json.load(response)


def _pictures(shot: Shot) -> list[bytes]:
    """The scene, and its mask where the operation takes one."""
    folder = shelf("fixtures") / "images"
    scene, mask = (folder / f"{shot.scene}.jpg").read_bytes(), (folder / "masks" / f"{shot.scene}.png").read_bytes()
    if shot.canvas:
        return _padded(_image(scene))
    return [scene, mask] if shot.has_mask else [scene]


def _padded(scene: Image) -> list[bytes]:
    """The scene on a larger canvas, and a mask that is white where there is nothing yet (S2)."""
    from PIL.Image import new  # lazy: start-up time

    left, top = round(scene.width * MARGIN), round(scene.height * MARGIN)
    canvas = new("RGB", (scene.width + 2 * left, scene.height + 2 * top), (128, 128, 128))
    canvas.paste(scene, (left, top))
    mask = new("L", canvas.size, 255)
    mask.paste(0, (left, top, left + scene.width, top + scene.height))
    return [_png(canvas), _png(mask)]


def _png(image: Image) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _image(data: bytes) -> Image:
    from PIL import Image, ImageOps  # lazy: start-up time

    return ImageOps.exif_transpose(Image.open(io.BytesIO(data)))


SHOTS = (
    Shot("i2i_inpainting", "seaside"),
    Shot("i2i_inpainting", "meadow", parameters={"quality": "H", "dilate_size": 4}),
    Shot("i2i_inpainting_edit", "meadow", parameters={"custom_prompt": "一只小狗", "seed": 1}),
    Shot("i2i_inpainting_edit", "meadow", parameters={"custom_prompt": "一只小狗", "seed": 2}),
    Shot("img2img_inpainting_edit_zi2i", "rocket", parameters={"custom_prompt": "a red balloon", "scale": 12}),
    Shot("i2i_outpainting", "seaside", has_mask=False, parameters={"left": 0.3, "right": 0.3}),
    Shot("i2i_outpainting", "wall-turned", canvas=True, parameters={"custom_prompt": "蓝色的海洋"}),
    Shot("byteedit_v2.0", "rocket", has_mask=False, parameters={"prompt": "make it evening"}),
    Shot("byteedit_v2.0", "seaside", has_mask=False,
         parameters={"prompt": "红色", "logo_info": {"add_logo": True, "opacity": 0.8}}),
)  # fmt: skip
