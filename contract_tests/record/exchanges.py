"""One exchange as canonical JSON: pictures become digest and facts, credentials are masked or stop the save.

The match key is a digest of method, path, Action, Version and the redacted body, so a recording is
found again by what was asked and not by when.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import PICTURE_FIELDS, Exchange, Sent
from ..pictures import read_facts
from . import redact

SHORTEST_BLOB = 64
BLOB_FIELDS = frozenset(PICTURE_FIELDS.values())


@dataclass
class Recorder:
    """Writes each exchange and its pictures under `folder`. Usable as a witness of a session."""

    folder: Path
    keep_pictures: bool = True

    def __call__(self, exchange: Exchange, findings: Iterable[Any] = ()) -> None:
        blobs: dict[str, bytes] = {}
        record = as_record(exchange, blobs)
        text = canonical(record).encode()
        secrets = (*exchange.secrets, *redact.known_secrets())
        for piece in (text, *blobs.values()):
            redact.assert_clean(piece, secrets, f"exchange {exchange.case_id or record['key'][:12]}")
        self._write(Path("exchanges", f"{exchange.case_id or 'free'}-{record['key'][:16]}.json"), text + b"\n")
        for name, data in blobs.items() if self.keep_pictures else ():
            self._write(Path("pictures", name), data)

    def _write(self, name: Path, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def as_record(exchange: Exchange, blobs: dict[str, bytes]) -> dict[str, Any]:
    """The redacted exchange; pictures are put into `blobs` by their digest."""
    body = _sent_body(exchange.sent, blobs)
    answer = exchange.answer
    return {
        "key": match_key(exchange.sent),
        "case": exchange.case_id,
        "target": exchange.target,
        "at": exchange.at,
        "request": {
            "method": exchange.sent.method,
            "path": exchange.sent.path,
            "query": [list(pair) for pair in exchange.sent.query],
            "headers": redact.headers(exchange.sent.headers),
            "is_authorized": exchange.sent.is_authorized,
            "body": body,
        },
        "answer": {
            "status": answer.status,
            "headers": redact.headers(answer.headers),
            "elapsed_s": round(answer.elapsed_s, 4),
            "body": _answer_body(answer.body, answer.document, blobs),
        },
        "picture": _picture(exchange, blobs),
    }


def match_key(sent: Sent) -> str:
    """Method, path, Action, Version and body. Host and credentials do not count."""
    query = sorted(pair for pair in sent.query if pair[0] in ("Action", "Version"))
    parts = [sent.method, query, sent.is_authorized, redact.headers(sent.headers), _sent_body(sent, {})]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)


def _sent_body(sent: Sent, blobs: dict[str, bytes]) -> Any:
    try:
        document = json.loads(sent.body)
    except ValueError:
        return {"$text": sent.body.decode("utf-8", "replace")}
    return _without_blobs(document, blobs)


def _answer_body(body: bytes, document: Any, blobs: dict[str, bytes]) -> Any:
    """The document with its pictures apart, its members in the order they came; or the text as it was."""
    if document is None:
        return {"$text": body.decode("utf-8", "replace")}
    stripped = _without_blobs(document, blobs)
    return {"$json": json.dumps(stripped, ensure_ascii=False)}


def _without_blobs(value: Any, blobs: dict[str, bytes], field: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _without_blobs(item, blobs, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_blobs(item, blobs, field) for item in value]
    if isinstance(value, str) and field in BLOB_FIELDS:
        return redact.url(value) if value.startswith(("http://", "https://")) else _blob(value, blobs)
    return value


def _blob(text: str, blobs: dict[str, bytes]) -> Any:
    """A picture's place-holder. What is no base64 stays as it is: it is the point of the exchange."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text
    if len(text) < SHORTEST_BLOB:
        return text
    return _noted(data, blobs)


def _noted(data: bytes, blobs: dict[str, bytes]) -> dict[str, Any]:
    facts = read_facts(data)
    blobs[facts.digest] = data
    return {
        "$blob": f"sha256:{facts.digest}",
        "bytes": facts.size_bytes,
        "format": facts.format,
        "size": list(facts.size),
        "mode": facts.mode,
    }


def _picture(exchange: Exchange, blobs: dict[str, bytes]) -> dict[str, Any] | None:
    if exchange.picture is None:
        return None
    return {"place": exchange.picture_place, "status": exchange.picture_status, **_noted(exchange.picture, blobs)}


def with_blobs(value: Any, pictures: Mapping[str, bytes]) -> Any:
    """The inverse: place-holders become base64 again, of the picture itself or of one with the same facts."""
    if isinstance(value, Mapping):
        if "$blob" in value:
            return base64.b64encode(pictures[value["$blob"].removeprefix("sha256:")]).decode()
        return {name: with_blobs(item, pictures) for name, item in value.items()}
    return [with_blobs(item, pictures) for item in value] if isinstance(value, list) else value
