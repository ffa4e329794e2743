"""The frozen dataclasses that stages and transports exchange, and Refusal, the one exception that stops a call.

This module imports no Flask, no Pillow and no transport; every other module may import it. Each stage returns a new
object: a RawRequest becomes a Call, a Call a Job, a Job an Outcome, an Outcome a Reply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, BinaryIO, Literal, get_args

from volcv_mock._util.frozen import frozen, mutable

Endpoint = Literal["official", "proxy"]
Profile = Literal["default", "strict", "lenient"]
Grade = Literal["stated", "prose", "example", "seen", "inferred", "assumed", "measured"]
Envelope = Literal["gateway", "service", "proxy"]
Step = Literal["sync", "submit", "result", "cancel"]
"""What an Action asks for: a picture at once, or a step in the life of a task."""
TaskState = Literal["in_queue", "generating", "done", "not_found", "expired"]
Mode = Literal["mock", "pass", "spy", "record", "replay", "diff"]
"""Who answers: this mock, the upstream behind it, or recordings (docs/beside-the-real-service.md)."""
MODES: tuple[Mode, ...] = get_args(Mode)
FORWARDING: frozenset[Mode] = frozenset({"pass", "spy", "record", "diff"})
"""The modes in which requests reach the upstream."""
Phase = Literal["gateway", "gate", "model", "after"]
"""When a code is decided: before the service, before the model, by the model, after painting."""

Headers = tuple[tuple[str, str], ...]


def header_of(headers: Headers, name: str) -> str | None:
    """The first value of a header; `name` in lower case."""
    for key, value in headers:  # called a dozen times per request: a generator costs twice as much
        if key.lower() == name:
            return value
    return None


@frozen
class Problem:
    """One violation in a request: where, what was found, what was wanted, how to fix it."""

    where: str
    found: str
    wanted: str
    fix: str
    rule: str
    source: str

    def sentence(self) -> str:
        """The problem in one line, as logs and reports print it."""
        return f"{self.where}: {self.found}; wanted {self.wanted}. {self.fix} (rule {self.rule}; {self.source})"


Problems = Iterator[Problem]


@frozen
class CodeRow:
    """One row of schemas/codes.json. `id` is unique; `code` is the number on the wire, if it has one.

    A gateway row carries `name` (the envelope's Code) and `code` (its CodeN, None where unknown).
    `rules` lists the Problem rules that are answered with this row. `place` is set for a row that no service endpoint
    answers: where it occurs instead.
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


@frozen
class Arrived:
    """When the head of a request was read: in seconds of real monotonic time, and of the clock of its scope."""

    monotonic_s: float
    clock_s: float
    scope: str


@frozen
class RawRequest:
    """A request as received: `path` and `query` as on the wire, headers in wire order.

    `route` is the decoded path that selects the endpoint; empty means that `path` does. `base_path` is the path prefix
    below which the transport mounts the service (WSGI's SCRIPT_NAME, the path of an intercepted base).
    `arrived` is None for a request that no transport received. `fetched` holds the pictures that the transport fetched
    for a service.Fetch.
    """

    endpoint: Endpoint
    method: str
    path: str
    query: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    remote: str = "127.0.0.1"
    scheme: str = "http"
    route: str = ""
    base_path: str = ""
    arrived: Arrived | None = None
    fetched: Mapping[str, Fetched] = field(default_factory=dict, repr=False)
    _by_name: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {name.lower(): value for name, value in reversed(self.headers)}  # a call asks for eight of them
        object.__setattr__(self, "_by_name", by_name)

    def header(self, name: str) -> str | None:
        """The first value of a header; `name` in lower case."""
        return self._by_name.get(name)


@frozen
class Fetched:
    """The result of fetching one picture URL: its bytes, or the Problem that prevented it, and notes."""

    data: bytes = field(default=b"", repr=False)
    problem: Problem | None = None
    notes: tuple[str, ...] = ()
    is_stand_in: bool = False


@frozen
class Credential:
    """The credential of a request. `key` is the access key or Bearer key in clear text: never log or return it."""

    kind: Literal["none", "bearer", "signature"]
    key: str = field(default="", repr=False)
    region: str = ""
    service: str = ""
    is_verified: bool = False


@frozen
class Visit:
    """What is known of a request on arrival: its scope, number and id, and the scope's time.

    `call_id` repeats after a reset, so that runs are repeatable; `arrival` is unique within a World.
    """

    call_id: str
    scope: str
    number: int
    digest: str
    occurrence: int
    arrived_at_s: float
    arrival: int = field(default=0, compare=False)


@frozen
class Call:
    """A request whose Action and Version are known; `body` is None when it is not a JSON object.

    `body_problem` holds what is wrong with the body until the pipeline reaches that stage: credentials and
    quotas are checked first. `validated` is set when the same body passed its checks before. `is_wrapped`: the answer
    is wrapped in ResponseMetadata and Result.
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
    step: Step = "sync"
    is_wrapped: bool = False

    def presenting(self, credential: Credential) -> Call:
        """The same call with its credential. Made for every request: dataclasses.replace takes three times as long."""
        return Call(
            self.raw, self.visit, self.action, self.version, credential, self.body, self.body_problem, self.validated,
            self.notes, self.step, self.is_wrapped,
        )  # fmt: skip


@frozen
class PictureFacts:
    """The header of a picture, read without decoding. Sides in pixels, `bits` per channel.

    `format` is detected from the bytes ("PNG", "JPEG", "GIF", ..., "unknown"); `mode` the stored channels:
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


@frozen
class Picture:
    """One input picture. `decoded` is a Pillow image, or None: not decoded yet, or refused. `role` follows from the
    position in the request, whether or not the pictures before it can be read."""

    where: str
    data: bytes = field(repr=False)
    facts: PictureFacts
    decoded: Any = field(default=None, repr=False, compare=False)
    is_stand_in: bool = False
    role: Literal["picture", "mask", "mock"] = "picture"


@frozen
class Validated:
    """The validation result of one body, independent of sender and time; World.validated caches it.

    `body` is the request without its pictures; `trigger` the code or fault that a trigger picture requests. `painting`
    is a digest of what is painted, but for the seed; b"" where it is not worked out.
    """

    req_key: str
    mode: str
    body: Mapping[str, Any]
    parameters: Mapping[str, Any]
    pictures: tuple[Picture, ...] = field(repr=False)
    notes: tuple[str, ...] = ()
    trigger: str | None = None
    painting: bytes = field(default=b"", repr=False, compare=False)


@frozen
class Job:
    """A request that passed every check.

    `parameters` holds the request's own values with the documented defaults filled in, without the
    pictures. `seed` is the seed used for painting: the request's, or one drawn for -1. `painting` as in Validated.
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
    painting: bytes = field(default=b"", repr=False, compare=False)

    @property
    def prompt(self) -> str:
        """The text that steers the picture, whatever the operation calls its field."""
        return str(self.parameters.get("custom_prompt") or self.parameters.get("prompt") or "")


@frozen
class Painted:
    """A finished picture as it is sent, and the `others` that follow it. Identical replies share one `base64` object.

    `digest` is the SHA-256 of `data`, `thumbnail` a small JPEG for the journal. Both are empty when a fault
    replaced the bytes; the reader then computes them. Faults of pictures change the first one.
    """

    data: bytes = field(repr=False)
    base64: bytes = field(repr=False)
    width: int
    height: int
    digest: str = ""
    thumbnail: bytes = field(default=b"", repr=False)
    others: tuple[Painted, ...] = field(default=(), repr=False)
    size_bytes: int = 0
    """Bytes of `data` where they are not kept any more."""

    @property
    def pictures(self) -> tuple[Painted, ...]:
        """Every picture, in the order in which they are sent."""
        return (self, *self.others)


@frozen
class Fired:
    """A fault or code that was applied to this call: where it was requested, its name, and its rule if any."""

    origin: Literal["header", "key", "prompt", "seed", "picture", "rule"]
    name: str
    rule_id: str = ""


@frozen
class TaskAnswer:
    """What a step of a task answers: the task's id and its state. `is_tagged`: the picture carries the metadata that
    the request gave in aigc_meta."""

    id: str
    state: TaskState = "in_queue"
    is_tagged: bool = False


@frozen
class TaskPlan:
    """How a task proceeds, in seconds after its submission: in_queue, then generating, then `ends_as`.

    A time of infinity means that the task stays in that state. From `lifetime_s` on it is not_found. `repeats_id`: the
    submit is answered with the id of an earlier equal one.
    """

    queue_s: float = 0.0
    generating_s: float = 0.0
    lifetime_s: float = math.inf
    ends_as: TaskState = "done"
    repeats_id: bool = False

    def state(self, age_s: float) -> TaskState:
        """The state at an age in seconds."""
        if age_s >= self.lifetime_s:
            return "not_found"
        if age_s < self.queue_s:
            return "in_queue"
        return "generating" if age_s < self.queue_s + self.generating_s else self.ends_as


@frozen
class Replayed:
    """A recorded answer: `document` with a mark where its picture stands, or `plain` when it was no JSON."""

    status: int
    headers: Headers = field(repr=False)
    document: Any = field(repr=False)
    plain: bytes | None = field(default=None, repr=False)


@frozen
class Outcome:
    """The decision on a call. `row` is the code-table row to answer with; `algorithm_status` is
    `data.algorithm_base_resp.status_code` when it is not 0 (201304, S0 and S3). `pictures` are the
    pictures of a refused request whose format was recognised."""

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
    has_dead_link: bool = False
    fired: tuple[Fired, ...] = ()
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    task: TaskAnswer | None = None
    replayed: Replayed | None = None
    own_picture: Picture | None = field(default=None, repr=False)
    """In the mode `diff`: what the mock painted, beside the upstream's picture."""

    @property
    def step(self) -> Step:
        """The step that the call's Action asks for."""
        call = self.call or (self.job.call if self.job else None)
        return call.step if call else "sync"


@frozen
class WireFault:
    """A fault below HTTP, applied by the transport (http/playback.py). `duration_s` is the length of a drip or hang."""

    name: Literal["reset", "empty", "truncate", "drip", "hang", "bad_length"]
    duration_s: float = 0.0


@mutable
class Outgoing:
    """A request as it is sent to the upstream: `url` absolute, `headers` without Content-Length.

    The body is taken once: after the upload nothing holds it. A large one lies in a file (upstream/spool.py).
    """

    method: str
    url: str
    headers: Headers = field(repr=False)
    body: bytes | BinaryIO = field(repr=False)
    body_bytes: int = 0

    def take_body(self) -> bytes | BinaryIO:
        """The body, which this object then no longer holds."""
        body, self.body = self.body, b""
        return body


@frozen
class Incoming:
    """What came back from the upstream after `elapsed_s` seconds: a response, or the Problem that prevented one."""

    status: int = 0
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    elapsed_s: float = 0.0
    problem: Problem | None = None
    pictures: Mapping[str, Fetched] = field(default_factory=dict, repr=False)
    """The pictures behind the links of the answer, where they are recorded."""


@frozen
class Forward:
    """A request to send to the upstream; `finish` turns what comes back into the reply, `abandon` ends the call.

    The transport sends it where waiting blocks nobody, and calls exactly one of the two.
    """

    request: Outgoing
    finish: Callable[[Incoming], Reply] = field(repr=False)
    abandon: Callable[[], None] = field(repr=False)
    links: Callable[[Incoming], tuple[str, ...]] | None = field(default=None, repr=False)
    """Which pictures to fetch first (World.fetch_links), None for none."""
    keeps_pictures: bool = False
    """Whether `finish` needs the pictures of the request: in the mode `diff` they stay in memory until then."""


@frozen
class DeliveryPlan:
    """How to deliver a reply: seconds from arrival to its first byte, and a fault on the wire."""

    delay_s: float = 0.0
    wire: WireFault | None = None


@frozen
class Reply:
    """A reply to send. `body` is a tuple of chunks that is never joined, because identical replies share the largest.

    `due_at_s` is the time of the first byte on the scope's clock: arrival plus `plan.delay_s`. `arrival` is the
    number of the call in the journal; 0 for a reply without a journal entry, such as a preflight.
    `unreadable` names the fault that made the body something else than the decided JSON document.
    """

    status: int
    headers: Headers = field(repr=False)
    body: tuple[bytes, ...] = field(repr=False)
    call_id: str = ""
    scope: str = "default"
    plan: DeliveryPlan = DeliveryPlan()
    due_at_s: float = 0.0
    arrival: int = field(default=0, compare=False)
    unreadable: str = ""

    @property
    def size_bytes(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.body))

    def with_headers(self, more: Headers) -> Reply:
        """The same reply with more headers. dataclasses.replace would take three times as long."""
        return Reply(
            self.status, self.headers + more, self.body, self.call_id, self.scope, self.plan, self.due_at_s,
            self.arrival, self.unreadable,
        )  # fmt: skip


@frozen
class Delivered:
    """How delivery ended: the real delay in seconds, and what the client did.

    `sent_bytes` is 0 when the client received nothing, not even a status line.
    """

    delay_s: float
    ending: Literal["read_all", "left_early", "broken_on_purpose", "timed_out", "shut_down"]
    sent_bytes: int = 0


class Refusal(Exception):
    """Stops a call; carries the outcome to answer with."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.row.id)
        self.outcome = outcome
