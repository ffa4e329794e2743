"""Kit: what a test does with a mock, whether it holds the mock itself or a running or intercepted one.

It delegates: rules to injection/, queries of calls to calls.py, the audit of the client to verdict/.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from volcv_mock.contract import using
from volcv_mock.injection import BadRule
from volcv_mock.journal import CallbackEntry
from volcv_mock.model import EVERY_SCOPE
from volcv_mock.scope import DEFAULT_SCOPE
from volcv_mock.simulation.clock import Clock
from volcv_mock.testing.calls import Calls
from volcv_mock.testing.options import RuleOptions
from volcv_mock.testing.rules import calls_by_scope, elsewhere, rule_spec, step_spec
from volcv_mock.world import World

if TYPE_CHECKING:
    from flask import Flask

    from volcv_mock.testing.mock import VolcvMock
    from volcv_mock.testing.tasks import MockTask
    from volcv_mock.testing.verdict import Verdict


class Kit(ABC):
    """Rules, calls, clock, tasks, assertions and the verdict of one mock."""

    @property
    @abstractmethod
    def mock(self) -> VolcvMock:
        """The mock itself."""

    @property
    def world(self) -> World:
        """The service behind the mock."""
        return self.mock._world

    @property
    def app(self) -> Flask:
        """The Flask app, for any WSGI server."""
        return self.mock._app

    @property
    def router(self) -> Any:
        """The respx router of the open interception, for additional routes."""
        if self.mock._intercepted is None:
            raise RuntimeError("router: no intercept of this mock is open; open one with `with mock.intercept():`")
        return self.mock._intercepted.interception.router

    def fail(self, code: int | str, **options: Unpack[RuleOptions]) -> str:
        """Add a rule that answers with a code of `volcv-mock codes`; returns the id of the rule.

        Options: req_key, api_key, prompt_contains, call_number, action, step (all must match); skip, times,
        probability; delay_s.
        """
        __tracebackhide__ = True
        return self._rule({"code": code}, options)

    def fault(self, name: str, **options: Unpack[RuleOptions]) -> str:
        """Add a rule that applies a fault of docs/faults.md. Options as for `fail`; duration_s for hang and drip."""
        __tracebackhide__ = True
        return self._rule({"fault": name}, options)

    def delay(self, seconds: float, **options: Unpack[RuleOptions]) -> str:
        """Add a rule that delays the reply. Options as for `fail`."""
        __tracebackhide__ = True
        return self._rule({"delay_s": seconds}, options)

    def task_times(self, queue_s: float = 0.0, generating_s: float = 0.0, **options: Unpack[RuleOptions]) -> str:
        """Add a rule for the times of submitted tasks, in seconds. Options as for `fail`."""
        __tracebackhide__ = True
        return self._rule({"queue_s": queue_s, "generating_s": generating_s}, options)

    def sequence(self, *steps: int | str | Mapping[str, Any] | None, **options: Unpack[RuleOptions]) -> str:
        """Add a rule with one step per call: a code, a fault, a step as in docs/faults.md, or None: a normal reply."""
        __tracebackhide__ = True
        return self._rule({"sequence": [step_spec(step) for step in steps]}, options)

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
        return Calls(self.world.journal.entries(), self._evicted_since_reset(),
                     lambda: elsewhere(self.world, DEFAULT_SCOPE))  # fmt: skip

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
        __tracebackhide__ = True
        from volcv_mock.injection import of_word  # lazy: as above
        from volcv_mock.testing.tasks import named

        found = named(self.world, task)
        try:
            self.world.tasks.fail(found, of_word(str(code), "rule", "code").fired())
        except BadRule as error:
            raise error.with_traceback(None) from None

    def assert_called(self, *, times: int | None = None, **wanted: Any) -> None:
        """Assert at least one matching call, or exactly `times`. The error shows the closest call, field by field."""
        __tracebackhide__ = True
        with using(self.world.contract):
            self.calls.assert_matching(times, wanted)

    def assert_not_called(self, **wanted: Any) -> None:
        """Assert that no call matches."""
        __tracebackhide__ = True
        with using(self.world.contract):
            self.calls.assert_matching(0, wanted)

    @property
    def verdict(self) -> Verdict:
        """How the client behaved in the calls so far (docs/verdict.md)."""
        from volcv_mock.testing.verdict import audit  # lazy: only this property needs it

        return audit(self.world)

    def assert_resilient(self, *, ignore: str | Sequence[str] = ()) -> None:
        """Assert that the verdict has no finding of severity `error`, except those ignored by name.

        A rule that never fired is a warning, with `strict_rules=True` an error."""
        __tracebackhide__ = True
        self.verdict.assert_resilient((ignore,) if isinstance(ignore, str) else ignore)
        self.mock.check_rules()

    def app_showed(self, what: str) -> None:
        """State what the app showed for the calls so far: "fallback", "error" or "picture"."""
        __tracebackhide__ = True
        from volcv_mock.testing.verdict import record_shown  # lazy: only this method needs it

        record_shown(self.world, what)

    def reset(self) -> None:
        """Reset all scopes: rules and latency of the settings, no calls, real time."""
        self.world.reset(EVERY_SCOPE)
        self.mock._evicted_before_reset = self.world.journal.evicted

    def close(self) -> None:
        """End the connections of a common state (`state="redis://..."`); a mock in memory has none."""
        self.world.close()

    def body(self, req_key: str = "i2i_inpainting", **parameters: Any) -> dict[str, Any]:
        """A small valid request body, for `json=`: a grey 64 x 64 picture, and a mask if the operation needs one."""
        __tracebackhide__ = True
        from volcv_mock.testing.samples import body  # lazy: only this method needs it

        with using(self.world.contract):
            return body(req_key, **parameters)

    @property
    def scopes(self) -> Mapping[str, int]:
        """The scopes used so far, with the number of calls of each."""
        return calls_by_scope(self.world)

    def _evicted_since_reset(self) -> int:
        return self.world.journal.evicted - self.mock._evicted_before_reset

    def _rule(self, act: Mapping[str, Any], options: Mapping[str, Any]) -> str:
        """The frames below are no concern of the test that wrote the rule: the error begins here."""
        __tracebackhide__ = True
        with using(self.world.contract):
            try:
                return str(self.world.scope().rules.add(rule_spec(act, options))["id"])
            except (BadRule, TypeError) as error:
                raise error.with_traceback(None) from None
