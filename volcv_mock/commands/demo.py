"""`volcv-mock demo`: start a mock, run every operation on real pictures, write a contact sheet."""

from __future__ import annotations

import argparse
import base64
import io
import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volcv_mock.places import shelf

if TYPE_CHECKING:
    from PIL.Image import Image

TIMEOUT_S = 60


@dataclass(frozen=True)
class Shot:
    """One call of the demo: which operation, on which picture and mask, with which parameters."""

    req_key: str
    picture: str
    mask: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        said = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in self.parameters.items())
        return f"{self.req_key}  {said}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="volcv-mock demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for the pictures (default: demo)")
    out: Path = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    from volcv_mock import contact_sheet  # lazy: start-up time
    from volcv_mock.mock import VolcvMock

    with VolcvMock(seed=7).serve() as server:
        rows = [_row(server.proxy_url, shot, out) for shot in SHOTS]
    sheet = out / "contact-sheet.png"
    contact_sheet.draw(rows, sheet)
    print(f"{len(rows)} calls answered; look at {sheet}")
    return 0


def _row(url: str, shot: Shot, out: Path) -> Any:
    from volcv_mock.contact_sheet import Row  # lazy: start-up time

    pictures = [_file(name) for name in (shot.picture, shot.mask) if name]
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


def _file(name: str) -> bytes:
    return (shelf("fixtures") / "images" / name).read_bytes()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _image(data: bytes) -> Image:
    from PIL import Image, ImageOps  # lazy: start-up time

    return ImageOps.exif_transpose(Image.open(io.BytesIO(data)))


SHOTS: tuple[Shot, ...] = ()
