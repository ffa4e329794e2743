"""The frozen dataclasses that stages and transports exchange, and Refusal, the one exception that stops a call.

This module imports no Flask, no Pillow and no transport; every other module may import it. Each stage returns a new
object: a RawRequest becomes a Call, a Call a Job, a Job an Outcome, an Outcome a Reply (delivery.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any, Literal, get_args

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

EVERY_SCOPE = "*"
"""In place of the name of a scope: all of them."""

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


@mutable
class Expected:
    """A received call of a scope that is counted together with others (state/arrivals.py). `request` is what identifies
    it, until it is counted; `digest`, `number` and `occurrence` are set then, or `problem`."""

    scope: str
    request: tuple[object, ...]
    digest: str = ""
    number: int = 0
    occurrence: int = 0
    problem: str = ""
    is_over: bool = False
    is_taken: bool = False


@frozen
class RawRequest:
    """A request as received: `path` and `query` as on the wire, headers in wire order.

    `route` is the decoded path that selects the endpoint; empty means that `path` does. `base_path` is the path prefix
    below which the transport mounts the service (WSGI's SCRIPT_NAME, the path of an intercepted base).
    `arrived` is None for a request that no transport received. `fetched` holds the pictures that the transport fetched
    for a service.Fetch. `expected` is set by a transport that lets calls be counted together.
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
    expected: Expected | None = field(default=None, repr=False, compare=False)
    _by_name: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {name.lower(): value for name, value in reversed(self.headers)}  # a call asks for eight of them
        object.__setattr__(self, "_by_name", by_name)

    def header(self, name: str) -> str | None:
        """The first value of a header; `name` in lower case."""
        return self._by_name.get(name)

    @property
    def answered_as(self) -> str:
        """The method that the response names. A HEAD is answered as a GET: its headers are the same, Content-Length
        too (RFC 9110, 9.3.2)."""
        return "GET" if self.method == "HEAD" else self.method

    def without_body(self) -> RawRequest:
        """The same request without its body and its fetched pictures."""
        return RawRequest(
            self.endpoint, self.method, self.path, self.query, self.headers, b"", self.remote, self.scheme, self.route,
            self.base_path, self.arrived,
        )  # fmt: skip


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
    is wrapped in ResponseMetadata and Result. `is_light`: the same body was replayed before, and its pictures are empty
    texts in `body`.
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
    is_light: bool = False

    def presenting(self, credential: Credential) -> Call:
        """The same call with its credential. Made for every request: dataclasses.replace takes three times as long."""
        return Call(
            self.raw, self.visit, self.action, self.version, credential, self.body, self.body_problem, self.validated,
            self.notes, self.step, self.is_wrapped, self.is_light,
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
    """One input picture. `decoded` is a Pillow image, or None: not decoded yet, or refused; of a picture behind the
    first one a small copy. `role` follows from the position in the request, whether or not the pictures before it can
    be read."""

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
class Replayed:
    """A recorded answer, which took `elapsed_s` seconds: `document` with a mark for each picture and each link to one,
    or `plain` when it was no JSON. `has_pictures`: in base64."""

    status: int
    headers: Headers = field(repr=False)
    document: Any = field(repr=False)
    plain: bytes | None = field(default=None, repr=False)
    has_pictures: bool = False
    elapsed_s: float = 0.0


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

    @property
    def req_key(self) -> str:
        """The req_key that is served, or that a refused body names; "" when there is none to read."""
        named = self.job.req_key if self.job else (self.call.body or {}).get("req_key") if self.call else None
        return named if isinstance(named, str) else ""


class Refusal(Exception):
    """Stops a call; carries the outcome to answer with."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.row.id)
        self.outcome = outcome
