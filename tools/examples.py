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

from volcv_mock import contract
from volcv_mock._util.paths import shelf

SIDE = 64
HOLE = (22, 26, 42, 46)
SKY, GRASS, BALL, FUR = (168, 200, 226), (96, 140, 72), (208, 60, 44), (150, 104, 60)
SEVERAL = ("jimeng_t2i_v40", "jimeng_seedream46_cvtob")
FROM_TEXT = ("high_aes_general_v21_L", "jimeng_high_aes_general_v21_L", "jimeng_t2i_v30", "jimeng_t2i_v31")
RESULTS = ("llm_result", "pe_result", "predict_tags_result", "rephraser_result", "vlm_result")
DATA_REQUEST_ID = "0" * 56 + "e7a3b1c5"
SAMPLE = {
    "code": 10000, "message": "Success", "status": 10000, "time_elapsed": "6.021573914s",
    "request_id": "20251224134611E024A64B7B1C73D6622B",
}  # fmt: skip
PHOTO_URL, MASK_URL = "https://example.com/photo.jpg", "https://example.com/mask.png"
LINK = "http://127.0.0.1:8410/_mock/images/example.{}?x-expires=1745573475&x-signature=example"


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


def text_of(image: Image.Image, *, is_png: bool = False) -> str:
    """The picture as base64: PNG for a mask and where it is asked for, JPEG for the rest."""
    stream = io.BytesIO()
    if image.mode == "L" or is_png:
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
        **_newer_requests(pair, links),
    }


def _newer_requests(pair: list[str], links: list[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Requests of the req_keys that no document of the project describes."""
    one, link = pair[:1], links[:1]
    blue = {"prompt": "make the ball blue", "seed": 7, "scale": 0.5}
    wide = {"prompt": "蓝色的海洋", "seed": 7}
    sides = {"top": 0.1, "bottom": 0.1, "left": 0.25, "right": 0.25}
    painted = {"prompt": "a red kite over the sea", "seed": 7}
    large = {**painted, "size": 1048576, "force_single": True}
    small = {**painted, "width": 512, "height": 512}
    areas = {"max_entity": 5, "return_format": 3}
    pictures = {key: {"text": large, **_by_field(one, link, large, large)} for key in SEVERAL}
    return {
        "jimeng_image2image_dream_inpaint": _by_field(pair, links, {"prompt": "一只小狗"}, {"prompt": "删除"}),
        "seededit_v3.0": _by_field(one, link, blue, {**blue, "return_url": True}),
        "jimeng_i2i_v30": _by_field(one, link, blue, {**blue, "width": 1024, "height": 768}),
        **pictures,
        "jimeng_img2img_seed3_painting_edit": {
            **_by_field(one, link, {**wide, **sides}, {**wide, **sides}, "_ratios"),
            **_by_field(list(map(text_of, canvas())), links, wide, wide, "_canvas"),
        },
        "entity_seg": _by_field(one, link, areas, {**areas, "return_url": True}),
        **{key: {"text": small} for key in FROM_TEXT},
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
        "jimeng_image2image_dream_inpaint": scene(ball=FUR),
        "seededit_v3.0": scene(ball=(44, 60, 208)),
        "jimeng_i2i_v30": scene(ball=(44, 60, 208)),
        "jimeng_img2img_seed3_painting_edit": wide,
        "entity_seg": scene(),
        **dict.fromkeys((*SEVERAL, *FROM_TEXT), scene(ball=(230, 40, 60))),
    }


def answers(req_key: str, result: Image.Image) -> dict[str, dict[str, Any]]:
    """The sample answer, with the picture as base64 or as a link."""
    sample, count = _sample(req_key), 2 if req_key == "entity_seg" else 1
    is_png = contract.operation(req_key).output.format == "PNG"
    pictures = [text_of(result, is_png=is_png), text_of(mask())][:count]
    as_base64 = {"binary_data_base64": pictures, "image_urls": []}
    as_link = {"binary_data_base64": [], "image_urls": [LINK.format("png" if is_png else "jpeg")] * count}
    return {
        "answer_base64": {**sample, "data": _sent(req_key, {**sample["data"], **as_base64})},
        "answer_url": {**sample, "data": _sent(req_key, {**sample["data"], **as_link})},
    }


def _sample(req_key: str) -> dict[str, Any]:
    """The document's own sample answer; for a req_key without a document one that satisfies its schema."""
    path = shelf("fixtures") / "examples" / req_key / "document_answer.json"
    if path.is_file():
        sample: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["json"]
        return sample
    figures = {"entity_num": [1], "seg_score": [0.9998], "ori_width": [SIDE], "ori_height": [SIDE], "status_code": 0,
               "status_message": "Success"}  # fmt: skip
    usual = {"algorithm_base_resp": {"status_code": 0, "status_message": "Success"}, "request_id": DATA_REQUEST_ID}
    told = {"infer_ctx": {"algorithm_key": "high_aes_general_v21_L"}, **dict.fromkeys(RESULTS, "")}
    members = {**usual, **figures, **told}
    return {**SAMPLE, "data": {name: members[name] for name in members if name in contract.data_members(req_key)}}


def _sent(req_key: str, data: dict[str, Any]) -> dict[str, Any]:
    """The members that a success has: an optional list is left out while it is empty."""
    needed = contract.required_data_members(req_key)
    return {name: value for name, value in data.items() if value != [] or name in needed}


def write(req_key: str, name: str, content: dict[str, Any]) -> None:
    """Write one example."""
    place = shelf("fixtures") / "examples" / req_key / f"{name}.json"
    place.parent.mkdir(exist_ok=True)
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
