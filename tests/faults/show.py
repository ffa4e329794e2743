"""What a client observes of each fault: one check per fault, on the bytes that came back."""

from __future__ import annotations

import base64
import http.client
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from PIL import Image, ImageChops, ImageStat

from volcv_mock import contract


@dataclass(frozen=True)
class Exchange:
    """What came back for one request: all bytes, how the connection ended, and how often something arrived."""

    received: bytes
    ending: Literal["whole", "closed", "reset", "left"]
    arrivals: int
    source: Image.Image
    mask: Image.Image
    before: Exchange | None = None
    """The answer to an equal request before this one, where a fault is about both."""

    @property
    def status(self) -> int:
        return int(self.received.split(b" ", 2)[1])

    @property
    def headers(self) -> Mapping[str, str]:
        rows = self.received.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (row.partition(": ") for row in rows)}

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def length(self) -> int:
        return int(self.headers["content-length"])

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.document["data"]

    @property
    def text(self) -> str:
        """The picture as base64."""
        return str(self.data["binary_data_base64"][0])

    @property
    def picture(self) -> Image.Image:
        return Image.open(io.BytesIO(base64.b64decode(self.text)))

    def change(self, *, marked: bool) -> float:
        """The mean difference to the source, where the mask marks or where it does not."""
        where = self.mask if marked else ImageChops.invert(self.mask)
        difference = ImageChops.difference(self.picture.convert("RGB").resize(self.source.size), self.source)
        return sum(ImageStat.Stat(difference, where).mean) / 3


def code(row_id: str, answer: Exchange) -> bool:
    row = contract.row(row_id)
    if row.envelope == "gateway":
        told = answer.document["ResponseMetadata"]["Error"]["Code"] == row.name
    elif row.envelope == "proxy":
        told = "error" in answer.document
    else:
        told = (answer.document["code"], answer.data) == (row.code, None)
    return bool(told and answer.status == row.http_status)


def ghost_face(answer: Exchange) -> bool:
    has_no_picture = not answer.data["binary_data_base64"] and not answer.data["image_urls"]
    return has_no_picture and answer.data["algorithm_base_resp"]["status_code"] == 201304


def malformed_json(answer: Exchange) -> bool:
    with pytest.raises(ValueError, match=r"delimiter|Expecting"):
        json.loads(answer.body)
    return bool(json.loads(answer.body + b"}"))


def expired_url(answer: Exchange) -> bool:
    return fetched(answer) == 403


def dead_link(answer: Exchange) -> bool:
    return fetched(answer) == 404


def fetched(answer: Exchange) -> int:
    """The status of the picture's link."""
    host, _, path = answer.data["image_urls"][0].removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("GET", f"/{path}")
    status = connection.getresponse().status
    connection.close()
    return status


def no_picture(answer: Exchange) -> bool:
    return answer.document["code"] == 10000 and not answer.data["binary_data_base64"] and not answer.data["image_urls"]


def same_task_id(answer: Exchange) -> bool:
    return answer.before is not None and answer.before.data["task_id"] == answer.data["task_id"]


def state(name: str) -> Callable[[Exchange], bool]:
    """The task is in that state."""
    return lambda answer: bool(answer.document["code"] == 10000 and answer.data["status"] == name)


def corrupt_jpeg(answer: Exchange) -> bool:
    with pytest.raises(OSError, match=r"truncated|broken"):
        answer.picture.load()
    return True


def success(answer: Exchange) -> bool:
    """Nothing was asked for, or nothing but a delay."""
    return answer.status == 200 and answer.document["code"] == 10000 and answer.change(marked=True) > 1


SHOWS: Mapping[str, Callable[[Exchange], bool]] = {
    "ghost_face": ghost_face,
    "ghost_face_top_level": lambda answer: code("201304_top_level", answer),
    "reset": lambda answer: (answer.ending, answer.received) == ("reset", b""),
    "empty": lambda answer: (answer.ending, answer.received) == ("closed", b""),
    "hang": lambda answer: (answer.ending, answer.received) == ("closed", b""),
    "truncate": lambda answer: answer.ending == "closed" and len(answer.body) == answer.length // 2,
    "bad_length": lambda answer: len(answer.body) < answer.length and answer.document["code"] == 10000,
    "drip": lambda answer: answer.arrivals >= 3 and len(answer.body) < answer.length,
    "malformed_json": malformed_json,
    "html_502": lambda answer: answer.status == 502 and b"<html" in answer.body.lower(),
    "missing_data": lambda answer: "data" not in answer.document and answer.document["code"] == 10000,
    "extra_field": lambda answer: len(answer.document) > 6 and len(answer.data) > 4,
    "wrong_type": lambda answer: isinstance(answer.document["code"], str),
    "base64_newlines": lambda answer: answer.text.index("\n") == 76,
    "data_uri": lambda answer: answer.text.startswith("data:image/jpeg;base64,"),
    "unchanged": lambda answer: answer.change(marked=True) < 5,
    "black": lambda answer: max(high for _, high in answer.picture.getextrema()) < 5,
    "wrong_size": lambda answer: answer.picture.size == tuple(side // 2 for side in answer.source.size),
    "outside_mask": lambda answer: answer.change(marked=False) > 5,
    "png_instead_of_jpeg": lambda answer: answer.picture.format == "PNG",
    "corrupt_jpeg": corrupt_jpeg,
    "expired_url": expired_url,
    "dead_link": dead_link,
    "no_picture": no_picture,
    "stays_in_queue": state("in_queue"),
    "stays_generating": state("generating"),
    "task_expired": state("expired"),
    "task_vanishes": state("not_found"),
    "same_task_id": same_task_id,
}
