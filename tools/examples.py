"""Write fixtures/examples/: requests that can be posted as they are, and the responses to them.

    python -m tools.examples

The pictures are small: a JPEG of 64x64 pixels with a plain scene, masks as 8-bit PNG. The documents' own examples,
`document_*.json`, were typed by hand and are not changed.
"""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image, ImageDraw

from volcv_mock._util.paths import shelf

SIDE = 64
HOLE = (22, 26, 42, 46)
SKY, GRASS, BALL, FUR = (168, 200, 226), (96, 140, 72), (208, 60, 44), (150, 104, 60)
PHOTO_URL, MASK_URL = "https://example.com/photo.jpg", "https://example.com/mask.png"
LINK = "http://127.0.0.1:8410/_mock/images/example.jpeg?x-expires=1745573475&x-signature=example"


def scene(side: int = SIDE, ball: tuple[int, int, int] | None = BALL, offset: int = 0) -> Image.Image:
    """Sky over grass, with a ball where the mask is white."""
    image = Image.new("RGB", (side, side), SKY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, side * 5 // 8, side, side), fill=GRASS)
    if ball:
        pen.ellipse(tuple(edge + offset for edge in HOLE), fill=ball)
    return image


def mask(side: int = SIDE, hole: tuple[int, int, int, int] = HOLE, around: bool = False) -> Image.Image:
    """White where the picture is to change: the hole, or on a canvas everything around it."""
    image = Image.new("L", (side, side), 255 if around else 0)
    ImageDraw.Draw(image).rectangle(hole, fill=0 if around else 255)
    return image


def text_of(image: Image.Image) -> str:
    """The picture as base64: PNG for a mask, JPEG for the rest."""
    stream = io.BytesIO()
    if image.mode == "L":
        image.save(stream, "PNG", optimize=True)
    else:
        image.save(stream, "JPEG", quality=70, optimize=True)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def canvas() -> tuple[Image.Image, Image.Image]:
    """The scene on a grey canvas with 16 pixels added on each side, and the mask of the added area."""
    padded = Image.new("RGB", (96, 96), (128, 128, 128))
    padded.paste(scene(), (16, 16))
    return padded, mask(96, (16, 16, 79, 79), around=True)


def requests() -> dict[str, dict[str, dict[str, Any]]]:
    """req_key -> input mode -> a body that can be posted as it is."""
    pair, links = [text_of(scene()), text_of(mask())], [PHOTO_URL, MASK_URL]
    edit = {"custom_prompt": "一只小狗", "scale": 5, "seed": 7, "steps": 25}
    wide = {"prompt": "蓝色的海洋", "scale": 7, "seed": 7, "steps": 30, "strength": 0.8}
    ratios = {"top": 0.1, "bottom": 0.1, "left": 0.25, "right": 0.25, "max_height": 1920, "max_width": 1920}
    logo = {"add_logo": True, "position": 0, "language": 1, "opacity": 0.3}
    red = {"prompt": "make the ball blue", "negative_prompt": "", "seed": 7, "scale": 0.5}
    removal = {"scale": 7, "seed": 7, "steps": 30, "strength": 0.8, "dilate_size": 3, "quality": "M"}
    return {
        "i2i_inpainting": _by_field(pair, links, removal, {**removal, "return_url": True}),
        "i2i_inpainting_edit": _by_field(pair, links, edit, {**edit, "return_url": True}),
        "img2img_inpainting_edit_zi2i": _by_field(pair, links, {**edit, "logo_info": logo}, edit),
        "i2i_outpainting": {
            **_by_field(pair[:1], links[:1], {**wide, **ratios}, {**wide, **ratios}, "_ratios"),
            **_by_field(list(map(text_of, canvas())), links, wide, wide, "_canvas"),
        },
        "byteedit_v2.0": _by_field(pair[:1], links[:1], red, {**red, "return_url": True}),
    }


def _by_field(
    base64_texts: list[str], links: list[str], by_base64: dict[str, Any], by_url: dict[str, Any], suffix: str = ""
) -> dict[str, dict[str, Any]]:
    return {
        f"base64{suffix}": {"binary_data_base64": base64_texts, **by_base64},
        f"urls{suffix}": {"image_urls": links, **by_url},
    }


def results() -> dict[str, Image.Image]:
    """req_key -> a picture as the operation might paint it."""
    wide = Image.new("RGB", (96, 76), SKY)
    ImageDraw.Draw(wide).rectangle((0, 46, 96, 76), fill=GRASS)
    wide.paste(scene(), (16, 6))
    return {
        "i2i_inpainting": scene(ball=None),
        "i2i_inpainting_edit": scene(ball=FUR),
        "img2img_inpainting_edit_zi2i": scene(ball=FUR),
        "i2i_outpainting": wide,
        "byteedit_v2.0": scene(ball=(44, 60, 208)),
    }


def answers(req_key: str, result: Image.Image) -> dict[str, dict[str, Any]]:
    """The document's own sample answer, with the picture as base64 or as a link."""
    folder = shelf("fixtures") / "examples" / req_key
    sample = json.loads((folder / "document_answer.json").read_text(encoding="utf-8"))["json"]
    as_base64 = {"binary_data_base64": [text_of(result)], "image_urls": []}
    as_link = {"binary_data_base64": [], "image_urls": [LINK]}
    return {
        "answer_base64": {**sample, "data": {**sample["data"], **as_base64}},
        "answer_url": {**sample, "data": {**sample["data"], **as_link}},
    }


def write(req_key: str, name: str, content: dict[str, Any]) -> None:
    """Write one example."""
    place = shelf("fixtures") / "examples" / req_key / f"{name}.json"
    place.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Write every example."""
    pictures = results()
    for req_key, by_mode in requests().items():
        for mode, body in by_mode.items():
            write(req_key, f"request_{mode}", {"req_key": req_key, **body})
        for name, body in answers(req_key, pictures[req_key]).items():
            write(req_key, name, body)


if __name__ == "__main__":
    main()
