"""VolcvMock, the main class of the package: one fake service, and the ways to reach it.

    mock = VolcvMock(seed=7)
    with mock.intercept("https://api.example.com"): ...   # httpx, requests and the SDK, in this process
    with mock.serve() as server: ...                      # a real socket
    mock.app                                              # any WSGI server

It delegates: rules to injection/, queries of calls to calls.py, the audit of the client to verdict/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from volcv_mock.config import Settings
from volcv_mock.config.upstream_settings import check_files
from volcv_mock.contract import using
from volcv_mock.journal import EVERY_SCOPE, CallbackEntry
from volcv_mock.simulation.clock import Clock
from volcv_mock.testing.calls import Calls
from volcv_mock.testing.handles import InterceptedMock, RunningMock
from volcv_mock.world import DEFAULT_SCOPE, World

if TYPE_CHECKING:
    from flask import Flask

    from volcv_mock.intercept.unmatched import Policy
    from volcv_mock.testing.tasks import MockTask
    from volcv_mock.testing.verdict import Verdict

MATCH = ("req_key", "api_key", "prompt_contains", "call_number", "action", "step")
COUNTS = ("skip", "times", "probability", "delay_s", "duration_s")


class VolcvMock:
    """A fake of CVProcess. Keyword arguments are the fields of config.Settings (docs/configuration.md).

    Used as a context manager it intercepts calls to the official host. `intercept(...)` takes more options, and
    `serve()` opens a socket.
    """

    def __init__(self, **settings: Any) -> None:
        self.world = World(_settings(settings))
        self._intercepted: InterceptedMock | None = None
        self._evicted_before_reset = 0

    @cached_property
    def app(self) -> Flask:
        """The Flask app, for any WSGI server."""
        from volcv_mock.wsgi import create_app  # lazy: start-up time

        return create_app(self.world)

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> RunningMock:
        """Serve on a real socket, in a thread, for the length of a `with` block or from start() to stop().

        Port 0 takes a free port. Raises BadSetting for an invalid port.
        """
        Settings(host=host, port=port)
        return RunningMock(self, host, port)

    def intercept(
        self,
        *bases: str,
        unmatched: Policy = "refuse",
        real_time: bool = False,
        virtual_sleep: bool = False,
        others: str | None = None,
    ) -> InterceptedMock:
        """Route calls of httpx and requests to the official host and to these proxy bases to the mock, in virtual time.

        `unmatched` decides about calls to other hosts (docs/testing.md); `others` is its old name. With `real_time`
        delays really wait. With `virtual_sleep` time.sleep and asyncio.sleep of the client advance the clock of the
        mock instead of waiting.
        """
        from volcv_mock.intercept import Intercept  # lazy: start-up time

        intercept = Intercept(
            self.world, lambda: self.app, bases,
            unmatched=others or unmatched, real_time=real_time, virtual_sleep=virtual_sleep,
        )  # fmt: skip
        return InterceptedMock(self, intercept)

    def start(self, *bases: str, **options: Any) -> InterceptedMock:
        """Intercept until stop() is called, for setUp and tearDown. Takes the arguments of `intercept`."""
        return self.intercept(*bases, **options).start()

    def stop(self) -> None:
        """End the open interception; does nothing when none is open."""
        if self._intercepted is not None:
            self._intercepted.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._intercepted is not None:
            self._intercepted.stop(quiet=kind is not None)

    @property
    def router(self) -> Any:
        """The respx router of the open interception, for additional routes."""
        if self._intercepted is None:
            raise RuntimeError("router: no intercept of this mock is open; open one with `with mock.intercept():`")
        return self._intercepted.interception.router

    def fail(self, code: int | str, **options: Any) -> str:
        """Add a rule that answers with a code of `volcv-mock codes`; returns the id of the rule.

        Options: req_key, api_key, prompt_contains, call_number, action, step (all must match); skip, times,
        probability; delay_s.
        """
        return self._rule({"code": code}, options)

    def fault(self, name: str, **options: Any) -> str:
        """Add a rule that applies a fault of docs/faults.md. Options as for `fail`; duration_s for hang and drip."""
        return self._rule({"fault": name}, options)

    def delay(self, seconds: float, **options: Any) -> str:
        """Add a rule that delays the reply. Options as for `fail`."""
        return self._rule({"delay_s": seconds}, options)

    def task_times(self, queue_s: float = 0.0, generating_s: float = 0.0, **options: Any) -> str:
        """Add a rule for the times of submitted tasks, in seconds. Options as for `fail`."""
        return self._rule({"queue_s": queue_s, "generating_s": generating_s}, options)

    def sequence(self, *steps: int | str | Mapping[str, Any] | None, **options: Any) -> str:
        """Add a rule with one step per call: a code, a fault, a step as in docs/faults.md, or None: a normal reply."""
        return self._rule({"sequence": [_step(step) for step in steps]}, options)

    def remove_rule(self, rule_id: str) -> bool:
        """Remove a rule; False when there is no rule with that id."""
        return self.world.scope().rules.remove(rule_id)

    forget = remove_rule
    """The old name of `remove_rule`, kept for this version."""

    @property
    def clock(self) -> Clock:
        """The clock that delays, picture links and quotas use: advance(seconds), freeze(), resume()."""
        return self.world.scope().refreshed().clock

    @property
    def calls(self) -> Calls:
        """The calls so far, oldest first."""
        return Calls(self.world.journal.entries(), self.world.journal.evicted - self._evicted_before_reset)

    @property
    def tasks(self) -> tuple[MockTask, ...]:
        """The tasks that were submitted, in order, each with its status now (docs/tasks.md)."""
        from volcv_mock.testing.tasks import tasks_of  # lazy: only this property needs it

        return tasks_of(self.world)

    @property
    def callbacks(self) -> tuple[CallbackEntry, ...]:
        """The callbacks of tasks that are over, oldest first, each with what the receiver answered (docs/tasks.md)."""
        return self.world.journal.callbacks.entries(DEFAULT_SCOPE)

    def finish(self, task: MockTask | str) -> None:
        """End a task now: the next answer about it has its picture. Raises LookupError for an unknown task."""
        from volcv_mock.testing.tasks import named  # lazy: as above

        self.world.tasks.finish(named(self.world, task))

    def fail_task(self, task: MockTask | str, code: int | str) -> None:
        """End a task now with a code or a fault as its result. Raises LookupError for an unknown task, BadRule for an
        unknown code."""
        from volcv_mock.injection import of_word  # lazy: as above
        from volcv_mock.testing.tasks import named

        self.world.tasks.fail(named(self.world, task), of_word(str(code), "rule", "code").fired())

    def assert_called(self, *, times: int | None = None, **wanted: Any) -> None:
        """Assert at least one matching call, or exactly `times`. The error shows the closest call, field by field."""
        self.calls.assert_matching(times, wanted)

    def assert_not_called(self, **wanted: Any) -> None:
        """Assert that no call matches."""
        self.calls.assert_matching(0, wanted)

    @property
    def verdict(self) -> Verdict:
        """How the client behaved in the calls so far (docs/verdict.md)."""
        from volcv_mock.testing.verdict import audit  # lazy: only this property needs it

        return audit(self.world)

    def assert_resilient(self, *, ignore: str | Sequence[str] = ()) -> None:
        """Assert that the verdict has no finding of severity `error`, except those ignored by name."""
        self.verdict.assert_resilient((ignore,) if isinstance(ignore, str) else ignore)

    def app_showed(self, what: str) -> None:
        """State what the app showed for the calls so far: "fallback", "error" or "picture"."""
        from volcv_mock.testing.verdict import record_shown  # lazy: only this method needs it

        record_shown(self.world, what)

    def reset(self) -> None:
        """Reset all scopes: rules and latency of the settings, no calls, real time."""
        self.world.reset(EVERY_SCOPE)
        self._evicted_before_reset = self.world.journal.evicted

    def close(self) -> None:
        """End the connections of a common state (`state="redis://..."`); a mock in memory has none."""
        self.world.close()

    def body(self, req_key: str = "i2i_inpainting", **parameters: Any) -> dict[str, Any]:
        """A small valid request body, for `json=`: a grey 64 x 64 picture, and a mask if the operation needs one."""
        from volcv_mock.testing.samples import body  # lazy: only this method needs it

        with using(self.world.contract):
            return body(req_key, **parameters)

    def _rule(self, act: Mapping[str, Any], options: Mapping[str, Any]) -> str:
        with using(self.world.contract):
            return str(self.world.scope().rules.add(rule_spec(act, options))["id"])


def rule_spec(act: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as rule_forms.py parses it. Raises TypeError for an unknown option."""
    unknown = sorted(set(options) - {*MATCH, *COUNTS})
    if unknown:
        raise TypeError(f"unknown option {unknown[0]!r}; permitted: {', '.join((*MATCH, *COUNTS))}")
    match = {name: options[name] for name in MATCH if name in options}
    return {**act, **{name: options[name] for name in COUNTS if name in options}, **({"match": match} if match else {})}


def _step(step: object) -> Any:
    if step is None:
        return {"pass": True}
    if isinstance(step, int) and not isinstance(step, bool):
        return {"code": step}
    return {"fault": step} if isinstance(step, str) else step


def _settings(given: Mapping[str, Any]) -> Settings:
    """Raises TypeError for an unknown setting, BadSetting for a bad value."""
    known = tuple(Settings.__dataclass_fields__)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise TypeError(f"unknown setting {unknown[0]!r}; permitted: {', '.join(known)}")
    settings = Settings(**given)
    check_files(settings)
    return settings
