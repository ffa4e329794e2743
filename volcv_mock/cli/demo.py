"""`volcv-mock demo`: start a mock, call every operation with sample pictures, write a contact sheet."""

from __future__ import annotations

import base64
import io
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volcv_mock import __version__
from volcv_mock._util.loopback import open_directly
from volcv_mock._util.paths import shelf
from volcv_mock.cli import demo_page
from volcv_mock.cli.arguments import CommandParser

if TYPE_CHECKING:
    from PIL.Image import Image

TIMEOUT_S = 60
TITLE = f"volcv-mock {__version__}: every operation. No model paints here: each picture is derived from its request."
PNG = b"\x89PNG"
"""How a PNG file begins."""
MARGIN = 0.25
"""Width that the canvas adds on each side, as a share of the scene's."""


@dataclass(frozen=True)
class Shot:
    """One call of the demo: the operation, a scene of fixtures/images, and the parameters.

    `canvas` pads the scene and masks the margin, as a client of outpainting's canvas mode does. Without a scene the
    request has no picture.
    """

    req_key: str
    scene: str
    has_mask: bool = True
    canvas: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)
    shown: int = 0

    def details(self, results: int) -> str:
        """The parameters, and which of several pictures is shown."""
        shown = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in self.parameters.items())
        return f"{shown}  picture {self.shown + 1} of {results}" if results > 1 else shown or "no parameters"


def main(arguments: Sequence[str]) -> int:
    """Run the command. Returns 2 when the folder cannot be written or a call fails."""
    options = parser().parse(arguments)
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows, sheet = draw(out, with_page=options.html)
    except urllib.error.URLError as error:  # an OSError, too, but not the folder's
        print(f"volcv-mock demo: a call to the mock at 127.0.0.1 failed: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"volcv-mock demo: cannot write into {out}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"{rows} calls answered; contact sheet: {sheet}")
    if options.html:
        print(f"page for a browser: {out / demo_page.PAGE}")
    return 0


def parser() -> CommandParser:
    """The options of `demo`."""
    made = CommandParser("volcv-mock demo", __doc__)
    made.add_argument("--out", type=Path, default=Path("demo"), help="folder for the pictures (default: demo)")
    made.add_argument("--html", action="store_true", help="also write a page for a browser, with every picture")
    return made


def draw(out: Path, *, with_page: bool = False) -> tuple[int, Path]:
    """Make every call, write each result and the sheet. Returns the number of calls and the path of the sheet."""
    from volcv_mock.cli import contact_sheet  # lazy: start-up time
    from volcv_mock.testing.mock import VolcvMock

    with VolcvMock(seed=7).serve() as server:
        rows = [_row(server.proxy_url, shot, out) for shot in SHOTS]
    sheet = out / "contact-sheet.png"
    contact_sheet.draw(rows, sheet, TITLE)
    if with_page:
        demo_page.write(rows, out, TITLE)
    return len(rows), sheet


def _row(url: str, shot: Shot, out: Path) -> Any:
    from volcv_mock import contract  # lazy: start-up time
    from volcv_mock.cli.contact_sheet import Row

    pictures = _pictures(shot)
    sent = {"binary_data_base64": [_text(data) for data in pictures]} if pictures else {}
    reply = _call(url, {"req_key": shot.req_key, **sent, **shot.parameters})
    results = [base64.b64decode(text) for text in reply["data"]["binary_data_base64"]]
    shown = results[min(shot.shown, len(results) - 1)]
    suffix = "png" if shown.startswith(PNG) else "jpg"
    (out / f"{shot.req_key}-{SHOTS.index(shot) + 1}.{suffix}").write_bytes(shown)
    source, mask, *_ = [*(_image(data) for data in pictures), None, None]
    operation = contract.operation(shot.req_key)
    result = _image(shown)
    return Row(f"{shot.req_key}:  {operation.title}", shot.details(len(results)), source, mask, result,
               operation.painter not in ("segment", "generate"), _original(shot, source, mask, result))  # fmt: skip


def _original(shot: Shot, source: Image | None, mask: Image | None, result: Image) -> Any:
    """The place of the source in an enlarged result: on a canvas what the mask leaves, else by the ratios asked for."""
    from PIL.ImageChops import invert  # lazy: start-up time

    from volcv_mock import contract
    from volcv_mock.imaging.canvas import Sides, plan

    if shot.canvas and mask is not None:
        return invert(mask.convert("L")).getbbox()
    if source is None or contract.operation(shot.req_key).painter != "outpainting":
        return None
    asked = {**contract.defaults(shot.req_key, "base64_ratios"), **shot.parameters}
    sides = Sides(*(float(asked[name]) for name in ("top", "bottom", "left", "right")))
    return plan(source.size, sides, result.size).original


def _call(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{url}?Action=CVProcess&Version=2022-08-31", json.dumps(body).encode(),
        {"Authorization": "Bearer sk-demo", "Content-Type": "application/json"},
    )  # fmt: skip
    with open_directly(request, TIMEOUT_S) as response:
        return json.load(response)


def _pictures(shot: Shot) -> list[bytes]:
    """The scene, and its mask if the operation takes one."""
    if not shot.scene:
        return []
    folder = shelf("fixtures") / "images"
    scene, mask = (folder / f"{shot.scene}.jpg").read_bytes(), (folder / "masks" / f"{shot.scene}.png").read_bytes()
    if shot.canvas:
        return _padded(_image(scene))
    return [scene, mask] if shot.has_mask else [scene]


def _padded(scene: Image) -> list[bytes]:
    """The scene on a larger canvas, and a mask that is white outside the scene (S2)."""
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
    Shot("byteedit_v2.0", "meadow", has_mask=False, parameters={"prompt": "make it evening"}),
    Shot("byteedit_v2.0", "seaside", has_mask=False,
         parameters={"prompt": "红色", "logo_info": {"add_logo": True, "opacity": 0.8}}),
    Shot("jimeng_image2image_dream_inpaint", "seaside", parameters={"prompt": "删除"}),
    Shot("jimeng_image2image_dream_inpaint", "meadow", parameters={"prompt": "a yellow star"}),
    Shot("seededit_v3.0", "meadow", has_mask=False, parameters={"prompt": "make it blue", "seed": 3}),
    Shot("jimeng_i2i_v30", "seaside", has_mask=False,
         parameters={"prompt": "at night", "seed": 3, "width": 1024, "height": 768}),
    Shot("jimeng_img2img_seed3_painting_edit", "meadow", has_mask=False,
         parameters={"prompt": "a forest", "seed": 3, "left": 0.3, "top": 0.2}),
    Shot("entity_seg", "seaside", has_mask=False, parameters={"return_format": 3}, shown=2),
    Shot("entity_seg", "meadow", has_mask=False, parameters={"return_format": 1, "refine_mask": 1}),
    Shot("jimeng_t2i_v40", "rocket", has_mask=False,
         parameters={"prompt": "a sea at sunset", "seed": 4, "size": 1048576}),
    Shot("jimeng_seedream46_cvtob", "", parameters={"prompt": "三张图片：森林", "seed": 4, "size": 1048576}, shown=1),
    Shot("jimeng_t2i_v30", "", parameters={"prompt": "a red rose", "seed": 5, "width": 512, "height": 768}),
    Shot("jimeng_t2i_v31", "", parameters={"prompt": "a red rose", "seed": 5, "width": 768, "height": 512}),
    Shot("high_aes_general_v21_L", "", parameters={"prompt": "紫色的山", "seed": 6}),
    Shot("jimeng_high_aes_general_v21_L", "", parameters={"prompt": "紫色的山", "seed": 7}),
)  # fmt: skip
