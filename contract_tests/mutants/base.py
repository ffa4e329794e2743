"""What a mutant is: a name, one deviation, and the checks that should detect it.

It stands between a client and the truth: `request` changes what is passed on, `answer` what comes back.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from PIL import Image

from ..model import PICTURE_FIELDS, JsonBody
from ..pictures import read_facts

Memory = dict[str, Any]


@dataclass(frozen=True)
class Message(JsonBody):
    """An HTTP message in either direction. `path` and `query` are of the request."""

    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    method: str = "POST"
    path: str = "/"
    query: str = ""
    status: int = 0

    @property
    def is_answer_of_service(self) -> bool:
        """Whether the body is JSON in the envelope of the service."""
        return "code" in self.members

    @property
    def is_refusal(self) -> bool:
        """Whether the service refused the request."""
        return self.is_answer_of_service and self.members["code"] != 10000

    @property
    def is_success(self) -> bool:
        """Whether the service answered with success."""
        return self.is_answer_of_service and self.members["code"] == 10000

    def header(self, name: str) -> str | None:
        """The first value of a header; `name` in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def with_header(self, name: str, value: str) -> Message:
        """The message with this header in place of all of that name."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))

    def with_document(self, document: Any) -> Message:
        """The message with this JSON as its body."""
        return replace(self, body=json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def with_members(self, **members: Any) -> Message:
        """The message with these members of its JSON replaced or added."""
        return self.with_document({**self.members, **members})

    def with_data(self, **members: Any) -> Message:
        """The message with these members of `data` replaced or added."""
        return self.with_members(data={**self.data, **members})

    def without(self, *names: str) -> Message:
        """The message without these members."""
        return self.with_document({name: value for name, value in self.members.items() if name not in names})


Request = Callable[[Message, Memory], Message]
AnswerChange = Callable[[Message, Message, Memory], Message]
"""Takes what was asked (as the client sent it), the true answer, and a memory that lasts as long as the proxy."""


@dataclass(frozen=True)
class Mutant:
    """One deviating proxy. It counts as killed when one of `caught_by` (checks or cases) finds something.

    `needs_traffic` says that it deviates only after other requests; `endpoint` is the one a paid target has.
    `only_warned` says why a paid target may do so: the sentence has a grade below `seen` (../grades.py), so that a
    round of nights only warns. A warning is no kill; what is marked so must be warned of, and is left out of the
    bound of the round.
    """

    name: str
    caught_by: tuple[str, ...]
    request: Request = lambda asked, memory: asked
    answer: AnswerChange = lambda asked, reply, memory: reply
    needs_traffic: bool = False
    only_warned: str = ""
    endpoint: Literal["proxy", "official"] = "proxy"


def picture_of(message: Message) -> bytes | None:
    """The picture in an answer's base64 list."""
    texts = message.data.get("binary_data_base64")
    return base64.b64decode(texts[0]) if texts else None


def with_picture(message: Message, picture: bytes) -> Message:
    """The answer with this picture, as base64."""
    return message.with_data(binary_data_base64=[base64.b64encode(picture).decode()])


def on_picture(change: Callable[[Message, Image.Image], Image.Image], form: str = "JPEG") -> AnswerChange:
    """An answer whose picture is changed, if it has one in base64."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        picture = picture_of(reply)
        if not reply.is_success or picture is None:
            return reply
        with Image.open(io.BytesIO(picture)) as opened:
            return with_picture(reply, saved(change(asked, opened.convert("RGB")), form))

    return answer


def saved(image: Image.Image, form: str) -> bytes:
    """The image as a file of this form."""
    buffer = io.BytesIO()
    image.save(buffer, form, **({"quality": 95} if form == "JPEG" else {}))
    return buffer.getvalue()


def inputs(asked: Message) -> list[bytes]:
    """The pictures of a request, if they travel as sound base64."""
    texts = asked.members.get(PICTURE_FIELDS["base64"])
    try:
        return [base64.b64decode(text, validate=True) for text in texts or ()]
    except (ValueError, TypeError):
        return []


def with_inputs(asked: Message, pictures: list[bytes]) -> Message:
    """The request with these pictures, as base64."""
    return asked.with_members(**{PICTURE_FIELDS["base64"]: [base64.b64encode(one).decode() for one in pictures]})


def tolerant(index: int, is_odd: Callable[[bytes], bool], fix: Callable[[list[bytes]], bytes]) -> Request:
    """A proxy that accepts a faulty picture: the one at `index` is replaced before the upstream sees it."""

    def request(asked: Message, memory: Memory) -> Message:
        pictures = inputs(asked)
        if len(pictures) <= index or not is_odd(pictures[index]):
            return asked
        pictures[index] = fix(pictures)
        return with_inputs(asked, pictures)

    return request


def has_size(data: bytes) -> tuple[int, int]:
    """Width and height as the file's header says."""
    return read_facts(data).size
