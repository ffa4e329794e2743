"""The words that travel: frozen dataclasses handed from stage to stage, and the one exception.

Nothing here knows Flask, Pillow or the wire; every other room may import this one. A value that a
stage adds becomes a new object: a RawRequest becomes a Call, a Call a Job, a Job an Outcome, an
Outcome a Reply.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Endpoint = Literal["official", "proxy"]
Profile = Literal["default", "strict", "lenient"]
Grade = Literal["stated", "prose", "example", "seen", "inferred", "assumed"]
Envelope = Literal["gateway", "service", "proxy"]
Phase = Literal["gateway", "gate", "model", "after"]
"""When a code is decided: before the service, before the model, by the model, after painting."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a request: where, what was found, what was wanted, how to mend it."""

    where: str
    found: str
    wanted: str
    fix: str
    rule: str
    source: str

    def sentence(self) -> str:
        return f"{self.where}: {self.found}; wanted {self.wanted}. {self.fix} (rule {self.rule}; {self.source})"


Problems = Iterator[Problem]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of schemas/codes.json. `id` is unique; `code` is the number on the wire, if it has one.

    A gateway row carries `name` (the envelope's Code) and `code` (its CodeN, None where unknown).
    `rules` lists the Problem rules that this row answers; `place` where it is answered, when that is
    not a service door.
    """

    id: str
    code: int | None
    message: str
    http_status: int
    envelope: Envelope
    phase: Phase
    retryable: bool | None
    meaning: str
    source: str
    grade: Grade
    name: str = ""
    rules: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What arrived, untouched: `path` and `query` as on the wire, headers in wire order.

    `arrived_s` is a reading of the world's real monotonic clock: when the head had arrived, as near as the door knows.
    `fetched` holds what a door fetched for the picture URLs that `pictures_wanted` named.
    """

    endpoint: Endpoint
    method: str
    path: str
    query: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    remote: str = "127.0.0.1"
    scheme: str = "http"
    arrived_s: float = 0.0
    fetched: Mapping[str, Fetched] = field(default_factory=dict, repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in lower case."""
        for key, value in self.headers:  # asked a dozen times for each request: a generator costs twice as much
            if key.lower() == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The end of one picture URL: its bytes, or the Problem that kept them away, and remarks."""

    data: bytes = field(default=b"", repr=False)
    problem: Problem | None = None
    notes: tuple[str, ...] = ()
    is_stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """Who calls. `key` is the access key or Bearer key in clear: it must never leave the process."""

    kind: Literal["none", "bearer", "signature"]
    key: str = field(default="", repr=False)
    region: str = ""
    service: str = ""
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a request on arrival: its scope, number and id, and the scope's time.

    `call_id` repeats after a reset, as a repeatable mock's must; `arrival` never does while a world lasts.
    """

    call_id: str
    scope: str
    number: int
    digest: str
    occurrence: int
    arrived_at_s: float
    arrival: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose Action and Version are known; `body` is None when it is not a JSON object.

    `body_problem` keeps what is wrong with the body until the corridor reaches it: credentials and
    quotas are judged first. `validated` is there when the same body passed its checks before.
    """

    raw: RawRequest = field(repr=False)
    visit: Visit
    action: str
    version: str
    credential: Credential = Credential("none")
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    body_problem: Problem | None = None
    validated: Validated | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What a picture's headers say, before any decode. Sides in pixels, `bits` per channel.

    `format` is the real one ("PNG", "JPEG", "GIF", ..., "unknown"); `mode` the channels as stored:
    "L", "LA", "RGB", "RGBA", "P", "CMYK".
    """

    format: str
    width: int
    height: int
    mode: str
    bits: int
    size_bytes: int
    digest: str
    has_icc_profile: bool = False
    is_animated: bool = False
    is_interlaced: bool = False
    is_progressive: bool = False
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """One input picture that passed its checks. `decoded` is a Pillow image, if one is at hand."""

    where: str
    data: bytes = field(repr=False)
    facts: PictureFacts
    decoded: Any = field(default=None, repr=False, compare=False)
    is_stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Validated:
    """What one body came to, apart from who sent it and when: the first memo's value.

    `body` is the request without its pictures; `trigger` the trouble a trigger picture asks for.
    """

    req_key: str
    mode: str
    body: Mapping[str, Any]
    parameters: Mapping[str, Any]
    pictures: tuple[Picture, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A request that passed every check: the work to do.

    `parameters` holds the request's own values with the documented defaults filled in, without the
    pictures. `seed` is the value that paints: the request's own, or one drawn for -1.
    """

    call: Call
    req_key: str
    mode: str
    parameters: Mapping[str, Any]
    pictures: tuple[Picture, ...]
    seed: int
    is_repeatable: bool
    notes: tuple[str, ...] = ()
    trigger: str | None = None

    @property
    def prompt(self) -> str:
        """The text that steers the picture, whatever the operation calls its field."""
        return str(self.parameters.get("custom_prompt") or self.parameters.get("prompt") or "")


@dataclass(frozen=True, slots=True)
class Painted:
    """A finished picture as it goes on the wire. `base64` is shared between identical answers.

    `digest` is the SHA-256 of `data`, `thumbnail` a small JPEG for the journal; both are empty where
    trouble made the bytes, and then found out by whoever needs them.
    """

    data: bytes = field(repr=False)
    base64: bytes = field(repr=False)
    width: int
    height: int
    digest: str = ""
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Fired:
    """One piece of trouble that changed this call: where it was asked for, and what it did."""

    origin: Literal["header", "key", "prompt", "seed", "picture", "rule"]
    name: str
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided. `row` is the code-table row answered; `algorithm_status` is
    `data.algorithm_base_resp.status_code` when it differs from 0 (201304, S0 and S3). `pictures` are
    those that could be decoded of a request that was refused."""

    row: CodeRow
    job: Job | None = None
    call: Call | None = None
    problems: tuple[Problem, ...] = ()
    painted: Painted | None = None
    facts: tuple[PictureFacts, ...] = ()
    pictures: tuple[Picture, ...] = field(default=(), repr=False)
    algorithm_status: int = 0
    message: str = ""
    url_lifetime_s: float | None = None
    fired: tuple[Fired, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WireFault:
    """Trouble below HTTP, done by whoever delivers. `duration_s` is a drip's or a hang's length."""

    name: Literal["reset", "empty", "truncate", "drip", "hang", "bad_length"]
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """How an answer travels: seconds from arrival to its first byte, and trouble on the wire."""

    delay_s: float = 0.0
    wire: WireFault | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, not yet sent. `body` is a list of chunks, never joined: the middle one is shared.

    `due_at_s` is the moment of its first byte on the scope's clock: arrival plus `plan.delay_s`.
    """

    status: int
    headers: Headers = field(repr=False)
    body: tuple[bytes, ...] = field(repr=False)
    call_id: str = ""
    scope: str = "default"
    plan: DeliveryPlan = DeliveryPlan()
    due_at_s: float = 0.0
    arrival: int = field(default=0, compare=False)

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.body))


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a reply: the real delay in seconds, and what the client did."""

    delay_s: float
    ending: Literal["read_all", "left_early", "broken_on_purpose", "timed_out", "shut_down"]
    sent_bytes: int = 0


class Refusal(Exception):
    """Stops a call. Carries the outcome to answer with."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.row.id)
        self.outcome = outcome
