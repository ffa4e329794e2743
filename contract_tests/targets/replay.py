"""Recorded exchanges as a target: every request is looked up by its match key, and nothing is sent anywhere.

A request that was never recorded raises Unreachable, so its case is inconclusive and not a drift. Ids
and moments are those of the recording: what compares them with today is left out by the capabilities.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from ..model import Answer, Sent
from ..pictures import Photo, render
from ..record.exchanges import match_key, with_blobs
from . import official
from .base import Target, Unreachable

PLACE = "https://replay.invalid"


class Replay(Target):
    """Answers from a folder of records."""

    def __init__(self, folder: Path) -> None:
        records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("exchanges/*.json"))]
        if not records:
            raise Unreachable(f"no recorded exchange under {folder}; record with --report DIR first")
        super().__init__("replay", httpx.Client(), "/", frozenset({"replays"}), aliases=_aliases(records))
        self._records = {record["key"]: record for record in records}
        self._pictures = _pictures(folder, records)
        self._links = {url: record for record in records for url in _links(record)}

    def send(self, sent: Sent) -> Answer:
        record = self._records.get(match_key(sent))
        if record is None:
            raise Unreachable("this request was never recorded")
        answer = record["answer"]
        return Answer(
            answer["status"], tuple(map(tuple, answer["headers"])), self._body(answer["body"]), answer["elapsed_s"]
        )

    def _body(self, body: dict[str, Any]) -> bytes:
        if "$text" in body:
            return body["$text"].encode()
        return json.dumps(with_blobs(json.loads(body["$json"]), self._pictures), ensure_ascii=False).encode()

    def fetch(self, url: str) -> tuple[int, bytes]:
        picture = (self._links.get(url) or {}).get("picture")
        if not picture:
            return 404, b""
        return picture["status"], self._pictures[picture["$blob"].removeprefix("sha256:")]

    def recorded_at(self, sent: Sent) -> str:
        return self._records[match_key(sent)]["at"]


def _aliases(records: list[dict[str, Any]]) -> dict[str, str]:
    """What the recorded target was asked under another name is looked up under that name."""
    return dict(official.ALIASES) if {record["target"] for record in records} == {"official"} else {}


def _pictures(folder: Path, records: list[dict[str, Any]]) -> dict[str, bytes]:
    """The recorded pictures; one that was not kept is replaced by another with the same facts."""
    kept = {path.name: path.read_bytes() for path in folder.glob("pictures/*")}
    for noted in _blobs(records):
        digest = noted["$blob"].removeprefix("sha256:")
        if digest not in kept:
            kept[digest] = render(Photo(*noted["size"], "JPEG" if noted["format"] == "JPEG" else "PNG"))
    return kept


def _blobs(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        inner = [blob for item in value.values() for blob in _blobs(item)]
        text = value.get("$json")
        return [*([value] if "$blob" in value else []), *inner, *(_blobs(json.loads(text)) if text else [])]
    return [blob for item in value for blob in _blobs(item)] if isinstance(value, list) else []


def _links(record: dict[str, Any]) -> list[str]:
    text = record["answer"]["body"].get("$json")
    document = json.loads(text) if text else {}
    data = document.get("data") if isinstance(document, dict) else None
    urls = data.get("image_urls") if isinstance(data, dict) else None
    return [url for url in urls or () if isinstance(url, str)]


def open_target(recordings: str = "", **options: Any) -> Target:
    if not recordings:
        raise Unreachable("--target replay needs --recordings DIR")
    return Replay(Path(recordings))
