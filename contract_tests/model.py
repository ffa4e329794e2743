"""The suite's data: what was sent, what came back, what was expected, and what was found wrong.

Every other module uses these classes; nothing here sends, checks or prints.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from . import contract
from .pictures import Facts, Raw, read_facts, render
from .pictures.describe import Picture

Verdict = Literal["conform", "drift", "inconclusive"]
PicturePlace = Literal["", "base64", "url"]
Publish = Callable[[bytes], str]
"""Puts a picture where the target can fetch it, and gives its URL."""

PICTURE_FIELDS = {"base64": "binary_data_base64", "urls": "image_urls"}


@dataclass(frozen=True)
class Request:
    """A request before it is rendered: an operation, its fields, and descriptions of pictures.

    `pictures_in` is the transport ("base64" or "urls"). `violation` names the rule that was broken on purpose.
    """

    req_key: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    pictures_in: str = "base64"
    violation: str = ""

    def __repr__(self) -> str:
        words = [self.req_key, *(f"{name}={value!r}" for name, value in self.fields.items())]
        words += [repr(picture) for picture in self.pictures]
        words += [f"violation: {self.violation}"] if self.violation else []
        return f"Request({', '.join(words)})"

    @property
    def identity(self) -> str:
        """Everything that decides which bytes are sent. `repr` is for people and leaves things out."""
        pictures = [(type(one).__name__, vars(one)) for one in self.pictures]
        return repr((self.req_key, dict(self.fields), pictures, self.pictures_in, self.violation))

    def but(self, **fields: Any) -> Request:
        """The same request with other fields."""
        return replace(self, fields={**self.fields, **fields})

    def without(self, *names: str) -> Request:
        """The same request without these fields."""
        return replace(self, fields={name: value for name, value in self.fields.items() if name not in names})

    def body(self, publish: Publish | None = None) -> dict[str, Any]:
        """The JSON document to send; `publish` is needed when pictures travel as URLs."""
        return self._document([self._wire(picture, publish) for picture in self.pictures])

    def skeleton(self) -> dict[str, Any]:
        """The same document with a short text for each picture: what a schema can validate."""
        return self._document([picture.value if isinstance(picture, Raw) else "..." for picture in self.pictures])

    def _document(self, pictures: list[Any]) -> dict[str, Any]:
        document: dict[str, Any] = {"req_key": self.req_key} if self.req_key else {}
        if self.pictures:
            document[PICTURE_FIELDS[self.pictures_in]] = pictures
        return {**document, **self.fields}

    def _wire(self, picture: Picture, publish: Publish | None) -> Any:
        if isinstance(picture, Raw):
            return picture.value
        if self.pictures_in == "base64":
            return base64.b64encode(render(picture)).decode()
        assert publish is not None, "pictures by URL need a place to publish them"
        return publish(render(picture))


@dataclass(frozen=True)
class Sent:
    """One HTTP request, complete. `headers` are those the suite set; credentials come from the target.

    `use` names what the answer is evidence for: it is recorded, and never sent.
    """

    body: bytes = field(repr=False)
    request: Request | None = None
    method: str = "POST"
    path: str | None = None
    query: tuple[tuple[str, str], ...] = (("Action", "CVProcess"), ("Version", "2022-08-31"))
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    is_authorized: bool = True
    use: str = ""

    @property
    def step(self) -> str:
        """What its Action asks for: "sync", "submit", "result" or "cancel"."""
        return contract.step_of(dict(self.query).get("Action", ""))

    @property
    def may_cost(self) -> bool:
        """Whether a model may run for it. Asking for the result of a task, or giving one up, costs nothing."""
        return self.step in ("sync", "submit")


class JsonBody:
    """A body read as JSON, for whatever carries one."""

    body: bytes

    @cached_property
    def document(self) -> Any:
        """The parsed body, or None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of the body; empty if it is no JSON object."""
        return self.document if isinstance(self.document, dict) else {}

    @property
    def data(self) -> Mapping[str, Any]:
        """The members of `data`; empty if it is no object."""
        data = self.members.get("data")
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True)
class Answer(JsonBody):
    """What came back, untouched. `elapsed_s` is the wall time from the first byte sent to the last read."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    elapsed_s: float = 0.0

    @property
    def members(self) -> Mapping[str, Any]:
        """The members of the body; of a success that Version 2024-06-06 wraps, those of `Result`."""
        members = super().members
        result = members.get("Result")
        return result if isinstance(result, dict) and "ResponseMetadata" in members else members

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case; None if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def code(self) -> Any:
        """The service's code, or the gateway's CodeN; of a wrapped refusal the number that stands in Code as text."""
        error = (self.members.get("ResponseMetadata") or {}).get("Error") or {}
        text = str(error.get("Code"))
        return self.members.get("code", error.get("CodeN", int(text) if text.isdecimal() else None))

    @property
    def is_success(self) -> bool:
        """Whether the answer's code says success."""
        return bool(self.code == 10000)


@dataclass(frozen=True)
class Expect:
    """What a document promises for a request. `row` is an id of codes.json; "" is any refusal.

    `grade` says how sure the row is, `rule_grade` how sure it is that such a request is answered so at all.
    """

    success: bool
    row: str = ""
    rule: str = ""
    grade: str = "stated"
    rule_grade: str = "stated"


SUCCESS = Expect(success=True)


@dataclass(frozen=True)
class Exchange:
    """A request, its answer, what was expected of it, and the picture the answer gave, wherever it lay."""

    sent: Sent
    answer: Answer
    target: str
    capabilities: frozenset[str] = frozenset()
    expect: Expect | None = None
    picture: bytes | None = field(default=None, repr=False)
    picture_status: int = 0
    picture_place: PicturePlace = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    case_id: str = ""
    at: str = ""
    in_front: str = ""
    """What answered instead of the API, in words (runner/in_front.py); empty when it was the API."""
    later_pictures: tuple[tuple[str, int, bytes], ...] = field(default=(), repr=False)
    """Later readings of the picture's link: when, the HTTP status (0 for none), the bytes."""

    @property
    def request(self) -> Request | None:
        """What was sent as a generated request; None where raw bytes were sent."""
        return self.sent.request

    @property
    def step(self) -> str:
        """What was asked for: "sync", "submit", "result" or "cancel"."""
        return self.sent.step

    @property
    def received_picture(self) -> bytes:
        """The picture, where a caller has made sure that there is one."""
        assert self.picture is not None, "no picture was received"
        return self.picture

    @cached_property
    def picture_facts(self) -> Facts | None:
        """What the headers of the received picture say; None without a picture."""
        return None if self.picture is None else read_facts(self.picture)


@dataclass(frozen=True)
class Finding:
    """One sentence that an answer contradicts: which, where it stands, and what was seen instead."""

    check: str
    text: str
    source: str
    sentence: str = ""
    case_id: str = ""
    severity: Literal["error", "warn", "info"] = "error"
    is_probable: bool = False
    grade: str = "stated"

    def line(self) -> str:
        """The finding in one line, as reports print it."""
        where = f"{self.case_id}: " if self.case_id else ""
        return f"{where}{self.text}  (check {self.check}: {self.sentence}; {self.source})"
