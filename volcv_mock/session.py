"""The session of one request: what is known of it so far, and its access to the world.

Stages (pipeline.py) use nothing of the world except through the session: memos, quotas, rules, journal, pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from volcv_mock import contract, operations
from volcv_mock._util.frozen import changed
from volcv_mock.contract.refusals import refuse
from volcv_mock.delivery import Reply
from volcv_mock.http.base_url import base_url
from volcv_mock.imaging.png_header import file_kind
from volcv_mock.injection import Injection, triggers, what_it_has
from volcv_mock.injection.modes import NEEDS
from volcv_mock.injection.rules import BadRule, CallFacts, Draws
from volcv_mock.journal.backlog import Place
from volcv_mock.model import Call, Job, Mode, Outcome, Painted, Problem, RawRequest, Refusal, Validated
from volcv_mock.scope import SCOPE_HEADER, SCOPE_NAME, Scope
from volcv_mock.session_journal import write_entry
from volcv_mock.session_tasks import SessionTasks
from volcv_mock.session_upstream import drop_check
from volcv_mock.simulation import draws
from volcv_mock.simulation.quotas import CONCURRENCY, RATE, QuotaRefusal
from volcv_mock.state import Write
from volcv_mock.world import World

OVERRIDE_HEADER = "x-volcv-mock"
VALIDATED_BYTES, PAINTED_BYTES = 2000, 600
"""What a value of each memo takes in addition to its bytes: objects, names and table entries (measured)."""

SEEDS = 2**31
"""The number of seeds that -1 can become: 31 bits, so that clients can store them as a positive int32."""


class Session:
    """Opened when the request arrives, closed with the reply. Not thread-safe."""

    def __init__(self, raw: RawRequest, world: World, *, counts: bool = True) -> None:
        self.raw = raw
        self.world = world
        self.visit, self.draws = world.visit(raw, counts=counts)
        self._began_s = world.monotonic()
        self.is_forwarded = False
        self.has_new_picture = False
        """Whether a picture was painted or changed for this call, which no memo may have."""
        self.scope: Scope = world.scope(self.visit.scope)
        self.call: Call | None = None
        self.quota_window: Mapping[str, Any] = {}
        self.mode: Mode = world.settings.mode
        self.is_settled = False
        """Whether this mock answers whatever the mode: its quota is used up, or an override cannot be parsed."""
        self.prepared: tuple[Hashable, ...] = ()
        """The names of thumbnails that were made before the entry."""
        self.check: Callable[[], Outcome] | None = None
        """What this mock would have answered, for a call that is passed on unchecked."""
        self.has_spans = False
        """Whether somebody gets the span of the call; known when it is decided."""
        self.along: list[Write] | None = [] if counts else None
        """What is written with the journal entry; None for a session that writes none."""
        self.place: Place | None = None
        """Where the body is kept for that check."""
        self.body_bytes = 0
        """The size of a body that is not kept any more."""
        self.taken_on: date | None = None
        """The day whose budget this call was taken from."""
        self.is_deciding = counts
        """Whether the metrics count the call as being decided."""
        if counts:
            world.metrics.received()

    @cached_property
    def injections(self) -> Draws:
        """What is injected into this call; nothing before `draw_injections`."""
        return Draws()

    @property
    def key(self) -> str:
        """The client's key in clear text: for redaction, and to tell whose a task is."""
        return self.call.credential.key if self.call else ""

    @property
    def tasks(self) -> SessionTasks:
        """The tasks of that key. Made when asked for: kept, it would keep the session, and with it the body."""
        return SessionTasks(self)

    def remembered(self) -> Validated | None:
        """The validation result of an equal body in the same profile, if one is kept."""
        return self.world.validated.get(self._memo_key())

    def remember(self, validated: Validated) -> None:
        """Keep the validation result of this body for equal ones."""
        size_bytes = sum(len(picture.data) for picture in validated.pictures) + len(repr(validated.body))
        kept = changed(validated, painting=_painting(validated))
        self.world.validated.put(self._memo_key(), kept, VALIDATED_BYTES + size_bytes)

    def replayed_before(self) -> Mapping[str, Any] | None:
        """In the mode `replay`: the members of an equal body that was replayed, its pictures as empty texts."""
        if self.mode != "replay":
            return None
        known: Mapping[str, Any] | None = self.world.replayed.get(self._memo_key())
        return known

    def remember_replayed(self, call: Call) -> None:
        """Keep what an equal body need not be read for again: all but its pictures."""
        if call.body is None or call.is_light or call.validated:  # the last one's body has no pictures any more
            return
        sent = call.body.get("binary_data_base64")
        light = {**call.body, "binary_data_base64": [""] * len(sent)} if isinstance(sent, list) else call.body
        self.world.replayed.put(self._memo_key(), light, VALIDATED_BYTES + len(repr(light)))

    def keep(self, call: Call) -> Call:
        """Remember the call, for the journal; returns it."""
        self.call = call
        return call

    def draw_injections(self, call: Call) -> None:
        """Collect the overrides of header, key and data, and open the rules' draws.

        Raises Refusal for an override that cannot be parsed."""
        name = self.raw.header(SCOPE_HEADER)
        if name is not None and not SCOPE_NAME.fullmatch(name):
            self.is_settled = True
            raise refuse("override_syntax", call, _bad_scope(name))
        body = call.body or {}
        try:
            self.injections = self.scope.rules.begin(self._facts(call, body), triggers.of_header(self._overrides()))
            self._choose_mode()
            if self.plays_injections:
                key, is_on = call.credential.key, self.world.settings.triggers
                self.injections.add_requested(triggers.of_key_and_data(key, body, is_on))
            else:
                self.injections.end()
        except BadRule as error:
            self.is_settled = True
            raise refuse(error.problem.rule, call, error.problem, values=(error.problem.found,)) from error

    @property
    def plays_injections(self) -> bool:
        """Whether codes, faults, delays and quotas of this mock apply to the call."""
        return self.mode in ("mock", "spy", "replay")

    def _choose_mode(self) -> None:
        """The mode that the header or a rule chooses. Raises BadRule for one that the settings do not permit; their own
        mode they always do."""
        chosen = self.injections.draw("mode")
        if not (chosen and chosen.mode):
            return
        self.mode = chosen.mode
        if self.mode not in self.world.settings.modes:
            permitted = ", ".join(self.world.settings.modes)
            raise BadRule(f"header.{triggers.HEADER}", f"mode={self.mode}", f"one of {permitted}", NEEDS[self.mode])

    def admit(self, call: Call) -> None:
        """Count the call against its key's quotas. Raises Refusal with 50429 or 50430."""
        if not self.plays_injections:
            return
        clock_s = self.scope.clock.now_s()
        unfinished = 0 if call.step in ("result", "cancel") else self.tasks.unfinished()
        verdict = self.scope.quotas.admit(call.credential.key, self.visit.arrived_at_s, clock_s, unfinished)
        self.quota_window = verdict.window
        if isinstance(verdict, QuotaRefusal):
            self.injections.close_rules()
            self.is_settled = True
            raise Refusal(Outcome(verdict.row, call=call))
        self.world.hold(self.visit.arrival, self.scope.quotas, verdict)

    def so_far(self) -> Outcome:
        """An empty success, which an injected code replaces."""
        return Outcome(contract.success(), call=self.call)

    def read_trigger_picture(self, trigger: str | None) -> None:
        """Add the override of a trigger picture, if triggers are on."""
        if self.world.settings.triggers:
            self.injections.add_late(triggers.of_picture(trigger))

    def drawn_seed(self) -> int:
        """The seed behind -1: new for each occurrence of the same request."""
        return self.draws.integer(SEEDS, "seed")

    def paint(self, job: Job, injection: Injection | None = None) -> Painted:
        """The picture of a job, with the picture fault applied if there is one."""
        painted = self._painted(job)
        if injection is None:
            return painted
        self.has_new_picture = True
        with self.world.gil_gate.pixels():
            return injection.apply_picture(painted, job)

    def _painted(self, job: Job) -> Painted:
        """The picture without faults; kept in the memo if the job is repeatable."""
        key = (job.painting or _painting(job), job.seed, self.world.readings.key)
        known = self.world.painted.get(key) if job.is_repeatable else None
        if known:
            return known
        self.has_new_picture = True
        with self.world.gil_gate.pixels():
            painted = operations.paint(job)
        if not job.is_repeatable:
            return painted
        return self.world.painted.put(key, painted, PAINTED_BYTES + _weight_bytes(painted))

    def hexadecimal(self, length: int, purpose: str) -> str:
        """Hex digits for this call; equal in every run with the same mock seed."""
        return self.draws.hexadecimal(length, purpose)

    def delay(self, outcome: Outcome) -> float:
        """Seconds from arrival to the first byte: the simulated model time, or what an injection sets."""
        asked = self.injections.delay(is_refused=bool(outcome.problems))
        return self.scope.latency.plan(outcome, asked, self.draw_name("latency"))

    def at_least(self, seconds: float) -> float:
        """`seconds`, but at least what a refusal takes: some tenths of a millisecond, as real responses show."""
        gate_s = float(contract.parameter("gate_elapsed_s"))
        return seconds if seconds >= gate_s else max(seconds, gate_s * self.draws.uniform("shortest"))

    def publish(self, outcome: Outcome) -> list[str]:
        """Store the pictures, or let them be stored with the journal entry, and return their URLs, built from the Host
        the client used."""
        assert outcome.painted is not None
        lifetime_s = contract.parameter("url_lifetime_s") if outcome.url_lifetime_s is None else outcome.url_lifetime_s
        expires_at_s = self.visit.arrived_at_s + float(lifetime_s)
        pictures = outcome.painted.pictures
        ids = [self.hexadecimal(32, f"picture {index}" if index else "picture") for index in range(len(pictures))]
        if not outcome.has_dead_link:
            for picture_id, painted in zip(ids, pictures, strict=True):
                self.world.pictures.put(picture_id, painted.data, expires_at_s, self.visit.scope, self.along)
        kinds = [file_kind(painted.data) for painted in pictures]
        return [self._link(picture_id, expires_at_s, kind) for picture_id, kind in zip(ids, kinds, strict=True)]

    def _link(self, picture_id: str, expires_at_s: float, kind: str) -> str:
        base = self.world.settings.public_url or base_url(self.raw, self.world.own_hosts[0])
        return self.world.pictures.url(base, picture_id, expires_at_s, kind)

    def more_headers(self, outcome: Outcome) -> list[tuple[str, str]]:
        """Headers that only a setting adds: no document mentions Retry-After."""
        pause_s = self.scope.quotas.settings.retry_after_s
        is_over = outcome.row.id in (RATE, CONCURRENCY)
        return [("Retry-After", str(pause_s))] if is_over and pause_s is not None else []

    def _release(self) -> None:
        self.world.state.journal.release(self.prepared)
        self.prepared = ()

    def abandon(self) -> None:
        """End a call that nobody answers: its client left, the server stops, or a bug."""
        self._release()
        drop_check(self)
        self.world.give_back(self.visit.arrival)
        if self.is_deciding:
            self.is_deciding = False
            self.world.metrics.abandoned()

    def close(self, outcome: Outcome, reply: Reply) -> Reply:
        """Write the journal entry; delivery closes it later through world.delivered."""
        drop_check(self)
        world, now_s = self.world, self.world.monotonic()
        self.is_deciding = False
        world.metrics.decided(outcome.req_key, None if self.is_forwarded else now_s - self._began_s)
        self.has_spans = world.has_spans
        if world.spans and self.has_spans:
            since_s = self.raw.arrived.monotonic_s if self.raw.arrived else self._began_s
            world.spans.begin(self.visit.arrival, self.raw, now_s - since_s)
        writing = write_entry(self, outcome, reply)
        return changed(reply, writing=writing) if writing else reply

    def _overrides(self) -> str | None:
        """The value of the override header; several headers are combined (RFC 9110, 5.3)."""
        values = [value for name, value in self.raw.headers if name.lower() == OVERRIDE_HEADER]
        return "; ".join(values) if values else None

    def _facts(self, call: Call, body: Mapping[str, Any]) -> CallFacts:
        remembered = call.validated.pictures if call.validated else None
        req_key, prompt, seed = body.get("req_key"), body.get("custom_prompt") or body.get("prompt"), body.get("seed")
        return CallFacts(
            req_key=req_key if isinstance(req_key, str) else None, api_key=call.credential.key,
            prompt=prompt if isinstance(prompt, str) else "", seed=seed if isinstance(seed, int) else None,
            call_number=self.visit.number, digest=self.visit.digest, occurrence=self.visit.occurrence,
            scope=self.visit.scope, mock_seed=self.world.settings.seed, action=call.action, step=call.step,
            has=what_it_has(body, remembered, call.step, self.visit.occurrence),
        )  # fmt: skip

    def draw_name(self, purpose: str) -> tuple[object, ...]:
        """What a random draw of this call is derived from."""
        visit = self.visit
        return (self.world.settings.seed, visit.scope, purpose, visit.digest, visit.occurrence)

    def _memo_key(self) -> tuple[object, ...]:
        return (self.visit.digest, self.world.settings.profile, self.world.readings.key)


def _weight_bytes(painted: Painted) -> int:
    """Bytes of the painted pictures; a small one is its own thumbnail and is counted once."""
    return sum(
        len(each.data) + len(each.base64) + (0 if each.thumbnail is each.data else len(each.thumbnail))
        for each in painted.pictures
    )


def _painting(asked: Validated | Job) -> bytes:
    """A digest of what is painted, but for the seed."""
    pictures = tuple(picture.facts.digest for picture in asked.pictures)
    return draws.digest(asked.req_key, asked.mode, pictures, sorted(asked.parameters.items(), key=lambda item: item[0]))


def _bad_scope(name: str) -> Problem:
    return Problem("header.X-Volcv-Mock-Scope", repr(name)[:80], f"a name that matches {SCOPE_NAME.pattern}",
                   "Fix the header, or leave it out.", "override_syntax", "docs/control.md")  # fmt: skip
