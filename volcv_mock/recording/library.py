"""A folder of recorded exchanges, found again by what was sent: operation, parameters and pictures.

A request with another media type is another one, and so is one without credentials: each has a refusal of its own.
A picture matches when its bytes are equal, or when its pixels are: the caller brings the function that decodes. The
whole folder is read and checked at once; a file that is damaged, of another version or outside the folder is named.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import redact
from .exchanges import BLOB_FIELDS, VERSION, canonical, strict_json

Pixels = Callable[[bytes], str | None]
"""A digest of a picture's pixels; None for what is no picture."""

REMEMBERED = 4096
"""Requests whose recordings are known without comparing again."""

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_MEMBERS = {"at": str, "request": dict, "answer": dict}
_BODY_FORMS = ("$json", "$text", "$base64")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_HEADER_VALUE = re.compile(r"[^\0\r\n\u0100-\U0010ffff]*")
"""What a response can carry (RFC 9110, 5.5): a line end would begin another header."""


class BadRecordings(ValueError):
    """A folder that cannot be replayed. The message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange. `parameters` and `items` are what was sent: the body without its pictures, and the pictures."""

    name: str
    at: str
    parameters: str
    items: tuple[Any, ...] = field(repr=False)
    status: int = 200
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Mapping[str, str] = field(default_factory=dict, repr=False)
    picture: Mapping[str, Any] | None = None
    elapsed_s: float = 0.0
    media_type: str | None = None
    """Of the request; None where its headers were not recorded."""
    is_authorized: bool = True
    linked: tuple[Mapping[str, Any] | None, ...] = ()
    """The pictures behind the links after the first; that of the first is `picture`."""

    def request(self) -> tuple[str, str, Any]:
        """Action, Version and body of the request; each picture of the body is a mapping, a link or other text."""
        action, version, plain, *shape = json.loads(self.parameters)
        if not shape:
            return action, version, plain
        items = iter(self.items)
        lists = {name: next(items) if count is None else [next(items) for _ in range(count)]
                 for name, count in shape[0]}  # fmt: skip
        return action, version, {**plain, **lists}

    def document(self) -> Any:
        """The body of the answer as JSON, pictures as mappings; None when it was not JSON."""
        text = self.body.get("$json")
        return None if text is None else json.loads(text)


class Library:
    """The exchanges below `folder`. Thread-safe; `add` takes in what is recorded meanwhile."""

    def __init__(self, folder: Path, pixels: Pixels = lambda _: None) -> None:
        self.folder = folder
        self._pixels = pixels
        self._by_parameters: dict[str, list[Recorded]] = defaultdict(list)
        self._known: OrderedDict[Hashable, tuple[Recorded, ...]] = OrderedDict()
        self._pixels_of: dict[str, str | None] = {}
        self._lock = threading.Lock()
        found = [self._read(path) for path in sorted(folder.glob("exchanges/*.json"))]
        for recorded in sorted(found, key=lambda each: (each.at, each.name)):
            self._by_parameters[recorded.parameters].append(recorded)

    def __len__(self) -> int:
        return sum(map(len, self._by_parameters.values()))

    def __iter__(self) -> Iterator[Recorded]:
        """Every exchange, oldest first."""
        found = [recorded for group in self._by_parameters.values() for recorded in group]
        return iter(sorted(found, key=lambda each: (each.at, each.name)))

    def add(self, name: str) -> None:
        """Take in an exchange that was just written."""
        recorded = self._read(self.folder / "exchanges" / name)
        with self._lock:
            self._by_parameters[recorded.parameters].append(recorded)
            self._known.clear()

    def find(
        self, sent_as: Hashable, action: str, version: str, media_type: str, body: Callable[[], Any]
    ) -> tuple[Recorded, ...]:  # fmt: skip
        """The recordings of an equal request with credentials, oldest first. `sent_as` identifies its bytes and its
        media type; `body` reads it."""
        with self._lock:
            if sent_as in self._known:
                return self._known[sent_as]
        try:
            parameters, items = split(action, version, body())
        except RecursionError:  # nested so deeply that no recording could have it
            return ()
        candidates = tuple(self._by_parameters.get(parameters, ()))
        found = tuple(each for each in candidates if each.is_authorized and each.media_type in (None, media_type)
                      and self._equal(each.items, items))  # fmt: skip
        with self._lock:
            self._known[sent_as] = found
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    def blob(self, digest: str) -> bytes:
        """A picture by its digest. Raises BadRecordings when it is missing or was changed."""
        return self._blob(digest, "a recorded answer")

    def _equal(self, recorded: Sequence[Any], sent: Sequence[Any]) -> bool:
        return len(recorded) == len(sent) and all(map(self._is_same, recorded, sent))

    def _is_same(self, recorded: Any, sent: Any) -> bool:
        digest = blob_digest(recorded)
        if digest is None or not isinstance(sent, str):
            return bool(recorded == (redact.url(sent) if is_url(sent) else sent))
        try:
            data = base64.b64decode(sent, validate=True)
        except (binascii.Error, ValueError):
            return False
        if hashlib.sha256(data).hexdigest() == digest:
            return True
        pixels = self._pixels(data)
        return pixels is not None and pixels == self._recorded_pixels(digest)

    def _recorded_pixels(self, digest: str) -> str | None:
        if digest not in self._pixels_of:
            self._pixels_of[digest] = self._pixels(self.blob(digest))
        return self._pixels_of[digest]

    def _read(self, path: Path) -> Recorded:
        self._refuse_outside(path)
        found = read_exchange(path)
        for digest in found.digests:
            self._blob(digest, str(path))
        return found.recorded

    def _blob(self, digest: str, where: str) -> bytes:
        path = self.folder / "pictures" / digest
        self._refuse_outside(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BadRecordings(f"{path}: {error.strerror}; {where} needs it") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise BadRecordings(f"{path}: its bytes are not those that were recorded; {where} needs it")
        return data

    def _refuse_outside(self, path: Path) -> None:
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise BadRecordings(f"{path}: a link that leads out of {self.folder}")


def split(action: str, version: str, body: Any) -> tuple[str, tuple[Any, ...]]:
    """What identifies a request: its operation and parameters as canonical JSON, and its pictures in their order."""
    if not isinstance(body, Mapping):
        return canonical([action, version, body]), ()
    plain = {name: value for name, value in body.items() if name not in BLOB_FIELDS}
    items = [(name, body[name]) for name in sorted(BLOB_FIELDS) if name in body]
    flat = tuple(item for _, value in items for item in (value if isinstance(value, list) else [value]))
    shape = [[name, len(value) if isinstance(value, list) else None] for name, value in items]
    return canonical([action, version, plain, shape]), flat


def blob_digest(item: Any) -> str | None:
    """The digest of a placeholder for a picture, None for anything else. Raises ValueError for a strange digest."""
    if not isinstance(item, Mapping) or "$blob" not in item:
        return None
    match = _DIGEST.fullmatch(str(item["$blob"]))
    if match is None:
        raise ValueError("a picture's digest must be sha256: and 64 hex digits")
    return match[1]


def is_url(text: str) -> bool:
    """Whether an item of a request is a picture's URL."""
    return text.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class ExchangeFile:
    """One file: the record as it stands there, as an exchange, and the digests of the pictures that it needs."""

    record: Mapping[str, Any] = field(repr=False)
    recorded: Recorded
    digests: tuple[str, ...]


def read_exchange(path: Path) -> ExchangeFile:
    """The file, checked but for its pictures. Raises BadRecordings."""
    record = _document(path)
    try:
        recorded = _recorded(path.name, record)
        digests = (*map(blob_digest, recorded.items), *_answer_blobs(record))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        found = str(error) if type(error) is ValueError else "not built like an exchange"
        raise BadRecordings(f"{path}: {found}; record this exchange again") from None
    return ExchangeFile(record, recorded, tuple(filter(None, digests)))


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadRecordings(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadRecordings(f"{path}: not JSON ({error}); delete the file, or record again") from None


def _recorded(name: str, record: Any) -> Recorded:
    version = record.get("version", VERSION)
    if version != VERSION:
        raise ValueError(f"version {version!r}, wanted {VERSION}")
    for member, kind in _MEMBERS.items():
        if not isinstance(record[member], kind):
            raise TypeError(f"{member} is no {kind.__name__}")
    request, answer = record["request"], record["answer"]
    query = {_text(name): _text(value) for name, value in request["query"]}
    parameters, items = split(query.get("Action", ""), query.get("Version", ""), request["body"])
    for item in items:
        blob_digest(item)
    linked, picture = record.get("linked", []), record.get("picture")
    if not isinstance(linked, list) or not isinstance(picture, Mapping | None):
        raise TypeError("linked is no list, or picture no object")
    status, headers, body = _status(answer["status"]), _headers(answer["headers"]), _body(answer["body"])
    return Recorded(name, record["at"], parameters, items, status, headers, body, picture,
                    _seconds(answer["elapsed_s"]), _recorded_media_type(request.get("headers")),
                    request.get("is_authorized") is not False, tuple(linked))  # fmt: skip


def _media_type(content_type: str | None) -> str:
    """In lower case, without its parameters: here too, as the file format needs nothing of the mock."""
    return (content_type or "").partition(";")[0].strip().lower()


def _recorded_media_type(headers: Any) -> str | None:
    found = {_text(name).lower(): _text(value) for name, value in headers or ()}
    return _media_type(found.get("content-type")) if found else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a query and headers have texts")
    return value


def _status(status: Any) -> int:
    if type(status) is not int or not 200 <= status <= 999:
        raise ValueError(f"status {status!r:.40}, wanted 200 to 999")
    return status


def _headers(headers: Any) -> tuple[tuple[str, str], ...]:
    found = tuple((str(name), str(value)) for name, value in headers)
    for name, value in found:
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise ValueError(f"header {name!r:.60} cannot be sent")
    return found


def _body(body: Any) -> Mapping[str, str]:
    """A body in one of its three forms, which can be read."""
    if len(body) != 1:
        raise TypeError("a body has one form")
    ((form, text),) = body.items()
    if form not in _BODY_FORMS or not isinstance(text, str):
        raise ValueError(f"the body of the answer is {form!r:.40}, wanted a text as one of {', '.join(_BODY_FORMS)}")
    if form == "$json":
        strict_json(text)
    elif form == "$base64":
        base64.b64decode(text, validate=True)
    else:
        text.encode()
    return {form: text}


def _seconds(elapsed_s: Any) -> float:
    if isinstance(elapsed_s, bool) or not isinstance(elapsed_s, (int, float)) or not 0 <= elapsed_s < math.inf:
        raise ValueError(f"elapsed_s = {elapsed_s!r:.40}, wanted seconds")
    return float(elapsed_s)


def _answer_blobs(record: Mapping[str, Any]) -> Iterator[str | None]:
    yield from map(blob_digest, (record.get("picture"), *record.get("linked", ())))
    text = record["answer"]["body"].get("$json")
    yield from _blobs_in(json.loads(text)) if text else ()


def _blobs_in(value: Any) -> Iterator[str | None]:
    if isinstance(value, Mapping):
        yield blob_digest(value)
        for item in value.values():
            yield from _blobs_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from _blobs_in(item)
