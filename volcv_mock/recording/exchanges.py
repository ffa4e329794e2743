"""One exchange as canonical JSON: pictures become digests, credentials are masked or stop the save.

The match key is a digest of method, Action, Version, headers and the redacted body, so a recording is
found again by what was sent and not by when.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from . import redact

VERSION = 1
"""Of the file format."""
SIGNED_AT = "x-date"
"""The header with the moment of signing, which differs in each run."""
SHORTEST_BLOB = 64
BLOB_FIELDS = frozenset({"binary_data_base64", "image_urls"})
"""The members of requests and responses that hold pictures (S1, S3)."""

Pairs = tuple[tuple[str, str], ...]
Describe = Callable[[bytes], Mapping[str, Any]]
"""What a picture file says about itself, such as its format and size: the caller brings its own reader."""


class SentRequest(Protocol):
    """One HTTP request as it was sent, without its credentials."""

    @property
    def body(self) -> bytes:
        """The body's bytes as sent."""

    @property
    def method(self) -> str:
        """The HTTP method, upper case."""

    @property
    def path(self) -> str | None:
        """The path as sent; None for the target's own path."""

    @property
    def query(self) -> Pairs:
        """The pairs of the query, in their order."""

    @property
    def headers(self) -> Pairs:
        """The headers, in their order, with credentials."""

    @property
    def is_authorized(self) -> bool:
        """Whether credentials were sent."""


class ReceivedResponse(Protocol):
    """One HTTP response. `document` is its body as JSON, or None."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Pairs:
        """The headers, in their order."""

    @property
    def body(self) -> bytes:
        """The body's bytes as received."""

    @property
    def elapsed_s(self) -> float:
        """Seconds from sending to the end of the body."""

    @property
    def document(self) -> Any:
        """The parsed JSON body, or None."""


class RecordableExchange(Protocol):
    """A request, its response, and the picture that the response gave or linked to."""

    @property
    def sent(self) -> SentRequest:
        """The request."""

    @property
    def answer(self) -> ReceivedResponse:
        """The response."""

    @property
    def target(self) -> str:
        """The name of the target that answered."""

    @property
    def case_id(self) -> str:
        """The id of the case that was sent."""

    @property
    def at(self) -> str:
        """When it was sent: UTC, ISO 8601."""

    @property
    def picture(self) -> bytes | None:
        """The received picture's bytes, or None."""

    @property
    def picture_place(self) -> str:
        """Where the picture was: "base64", "url" or ""."""

    @property
    def picture_status(self) -> int:
        """The HTTP status of fetching the picture's link; 0 if nothing was fetched."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The credentials that must not occur in the recording."""


def no_facts(data: bytes) -> Mapping[str, Any]:
    """Describes no picture: the default where the caller has no reader of pictures."""
    return {}


@dataclass
class Recorder:
    """Writes each exchange and its pictures under `folder`. Usable as an observer of a session.

    Two exchanges with one request get two files: a repeated request is evidence of its own. With `keeps_existing`
    files of earlier runs are kept too. A file is complete or not there. Thread-safe.
    """

    folder: Path
    describe: Describe = no_facts
    keeps_existing: bool = False
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, exchange: RecordableExchange, findings: Iterable[Any] = ()) -> None:
        """Save one exchange; `findings` are for other observers and are not saved."""
        self.save(exchange)

    def save(self, exchange: RecordableExchange, uses: Sequence[str] = (), linked: Sequence[bytes | None] = ()) -> str:
        """Write one exchange; gives its file name below `exchanges/`. Raises SecretFound before anything is written.

        `linked` are the pictures behind the links after the first, None for one that was not fetched.
        """
        blobs: dict[str, bytes] = {}
        record = as_record(exchange, blobs, self.describe, uses, linked)
        text = canonical(record).encode()
        secrets = (*exchange.secrets, *redact.known_secrets())
        for piece in (text, *blobs.values()):
            redact.assert_clean(piece, secrets, f"exchange {exchange.case_id or record['key'][:12]}")
        with self._lock:
            for digest, data in blobs.items():
                self._write(Path("pictures", digest), data)
            name = self._name(exchange.case_id, record["key"])
            self._write(Path("exchanges", name), text + b"\n")
        return name

    def _name(self, case_id: str, key: str) -> str:
        stem = f"{case_id or 'free'}-{key[:16]}"
        self._counts[stem] += 1
        count = self._counts[stem]
        name = f"{stem}.json" if count == 1 else f"{stem}-{count}.json"
        is_taken = self.keeps_existing and (self.folder / "exchanges" / name).exists()
        return self._name(case_id, key) if is_taken else name

    def _write(self, name: Path, data: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(data)
        part.replace(path)


def as_record(
    exchange: RecordableExchange, blobs: dict[str, bytes], describe: Describe = no_facts, uses: Sequence[str] = (),
    linked: Sequence[bytes | None] = (),
) -> dict[str, Any]:  # fmt: skip
    """The redacted exchange; pictures are put into `blobs` by their digest.

    `linked` are the pictures of further links. `uses` names what was decided by this exchange, so that a replay gives
    each question its own evidence.
    """
    split = _Split(blobs, describe)
    answer = exchange.answer
    return {
        "version": VERSION,
        "key": match_key(exchange.sent),
        "case": exchange.case_id,
        "uses": list(uses),
        "target": exchange.target,
        "at": exchange.at,
        "request": {
            "method": exchange.sent.method,
            "path": exchange.sent.path,
            "query": [list(pair) for pair in exchange.sent.query],
            "headers": redact.headers(exchange.sent.headers),
            "is_authorized": exchange.sent.is_authorized,
            "body": split.sent_body(exchange.sent.body),
        },
        "answer": {
            "status": answer.status,
            "headers": redact.headers(answer.headers),
            "elapsed_s": answer.elapsed_s,
            "body": split.answer_body(answer.body, answer.document),
        },
        "picture": split.picture(exchange),
        **({"linked": split.linked(linked)} if linked else {}),
    }


def match_key(sent: SentRequest) -> str:
    """Method, Action, Version, headers and body. Host and credentials do not count, nor the moment of signing."""
    query = sorted(pair for pair in sent.query if pair[0] in ("Action", "Version"))
    headers = [header for header in redact.headers(sent.headers) if header[0].lower() != SIGNED_AT]
    body = _Split({}, no_facts).sent_body(sent.body)
    parts = [sent.method, query, sent.is_authorized, headers, body]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted members. Text that UTF-8 cannot hold (a lone surrogate) is escaped."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, sort_keys=True, indent=1)
    return text


def strict_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError also for NaN, Infinity and numbers too large for a double, which
    could not be written again."""
    return json.loads(text, parse_constant=_finite, parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is no number of JSON")
    return number


def text_or_base64(body: bytes) -> dict[str, str]:
    """A body that is not JSON: as text when it is UTF-8, else in base64."""
    try:
        return {"$text": body.decode()}
    except UnicodeDecodeError:
        return {"$base64": base64.b64encode(body).decode()}


@dataclass
class _Split:
    """Takes the pictures out of documents; `blobs` collects them by digest."""

    blobs: dict[str, bytes]
    describe: Describe

    def sent_body(self, body: bytes) -> Any:
        try:
            return self._without_blobs(json.loads(body))
        except (ValueError, RecursionError):
            return text_or_base64(body)

    def answer_body(self, body: bytes, document: Any) -> dict[str, str]:
        """The document without its pictures, its members in the order received; or the text as it was."""
        if document is None:
            return text_or_base64(body)
        try:
            return {"$json": json.dumps(self._without_blobs(document), allow_nan=False)}
        except ValueError:  # NaN or Infinity: no JSON, though Python reads them
            return text_or_base64(body)

    def picture(self, exchange: RecordableExchange) -> dict[str, Any] | None:
        """Where the picture was and how fetching it ended, also when nothing was received."""
        if not exchange.picture_place:
            return None
        facts = {"place": exchange.picture_place, "status": exchange.picture_status}
        return facts if exchange.picture is None else {**facts, **self._noted(exchange.picture)}

    def linked(self, pictures: Sequence[bytes | None]) -> list[dict[str, Any] | None]:
        """The pictures of further links, None where nothing was received."""
        return [None if picture is None else self._noted(picture) for picture in pictures]

    def _without_blobs(self, value: Any, member: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: self._without_blobs(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self._without_blobs(item, member) for item in value]
        if isinstance(value, str) and member in BLOB_FIELDS:
            return redact.url(value) if value.startswith(("http://", "https://")) else self._blob(value)
        return value

    def _blob(self, text: str) -> Any:
        """A placeholder for a picture. Text that is not base64 stays: it is what the exchange is about."""
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return text
        return text if len(text) < SHORTEST_BLOB else self._noted(data)

    def _noted(self, data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return {"$blob": f"sha256:{digest}", "bytes": len(data), **self.describe(data)}


def with_blobs(value: Any, pictures: Mapping[str, bytes]) -> Any:
    """The inverse: placeholders become base64 again. Raises KeyError when a picture was not kept."""
    if isinstance(value, Mapping):
        if "$blob" in value:
            return base64.b64encode(pictures[value["$blob"].removeprefix("sha256:")]).decode()
        return {name: with_blobs(item, pictures) for name, item in value.items()}
    return [with_blobs(item, pictures) for item in value] if isinstance(value, list) else value
