"""VolcvMock: the object users hold. One fake service, one state, and the ways to reach it.

    mock = VolcvMock(seed=7)
    with mock.intercept("https://api.example.com"): ...   # httpx, requests and the SDK, in this process
    with mock.serve() as server: ...                      # a real socket
    mock.app                                              # any WSGI server

It only hands on: rules to the rule book, questions to calls.py, judgement to verdict/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from volcv_mock.config import Settings
from volcv_mock.simulation.clock import Clock
from volcv_mock.testing.calls import Calls
from volcv_mock.world import EVERY_SCOPE, World

if TYPE_CHECKING:
    from flask import Flask

    from volcv_mock.intercept import Intercept
    from volcv_mock.intercept.exchange import MissingTimeout
    from volcv_mock.intercept.unmatched import Choice
    from volcv_mock.testing.verdict import Verdict

MATCH = ("req_key", "api_key", "prompt_contains", "call_number")
COUNTS = ("skip", "times", "probability", "delay_s", "duration_s")


class VolcvMock:
    """One fake CVProcess. Keyword arguments are the fields of config.Settings (docs/configuration.md).

    As a context manager it intercepts calls to the official host; `intercept(...)` and `serve()` say more.
    """

    def __init__(self, **settings: Any) -> None:
        self.world = World(_settings(settings))
        self._intercept: Intercept | None = None
        self._lost_before = 0

    @cached_property
    def app(self) -> Flask:
        """The Flask app, for any WSGI server."""
        from volcv_mock.wsgi import create_app  # lazy: start-up time

        return create_app(self.world)

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> RunningMock:
        """A real socket, served from a thread of its own while the `with` block, or start and stop, last.

        Raises BadSetting for a port that is none.
        """
        Settings(host=host, port=port)
        return RunningMock(self, host, port)

    def intercept(
        self, *bases: str, others: Choice = "refuse", real_time: bool = False, virtual_sleep: bool = False
    ) -> InterceptedMock:
        """Calls of httpx and requests to the official host, and to these proxy bases, reach the mock in virtual time.

        `others`: what calls to elsewhere meet, "refuse" or "pass". `real_time` sleeps for real.
        `virtual_sleep` lets the client's own time.sleep and asyncio.sleep move the mock's clock instead.
        """
        from volcv_mock.intercept import Intercept  # lazy: start-up time

        intercept = Intercept(
            self.world, lambda: self.app, bases, others=others, real_time=real_time, virtual_sleep=virtual_sleep
        )
        return InterceptedMock(self, intercept)

    def start(self, *bases: str, **options: Any) -> InterceptedMock:
        """Intercept until `stop`: for setUp and tearDown."""
        return self.intercept(*bases, **options).start()

    def stop(self) -> None:
        """End what `start` began; nothing when it is over already."""
        if self._intercept is not None:
            self._intercept.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._intercept is not None:
            self._intercept.stop(quiet=kind is not None)

    @property
    def router(self) -> Any:
        """The open intercept's respx router, for routes of your own."""
        if self._intercept is None:
            raise RuntimeError("router: no intercept of this mock is open; open one with `with mock.intercept():`")
        return self._intercept.router

    def fail(self, code: int | str, **options: Any) -> str:
        """Answer with a code of `volcv-mock codes`. Gives the rule's id.

        Options: req_key, api_key, prompt_contains, call_number (all must agree); skip, times, probability; delay_s.
        """
        return self._rule({"code": code}, options)

    def fault(self, name: str, **options: Any) -> str:
        """Break the answer: a fault of docs/faults.md. Options as for `fail`, and duration_s for hang and drip."""
        return self._rule({"fault": name}, options)

    def delay(self, seconds: float, **options: Any) -> str:
        """Let the answer take that long. Options as for `fail`."""
        return self._rule({"delay_s": seconds}, options)

    def sequence(self, *steps: int | str | Mapping[str, Any] | None, **options: Any) -> str:
        """One step per call: a code, a fault's name, a step as docs/faults.md has it, or None for a normal answer."""
        return self._rule({"sequence": [_step(step) for step in steps]}, options)

    def forget(self, rule_id: str) -> bool:
        """Take a rule back; False when it is not there."""
        return self.world.scope().rules.remove(rule_id)

    @property
    def clock(self) -> Clock:
        """The clock that delays, picture links and quotas go by: advance(seconds), freeze(), resume()."""
        return self.world.clock()

    @property
    def calls(self) -> Calls:
        """The calls so far, oldest first."""
        return Calls(self.world.journal.entries(), self.world.journal.evicted - self._lost_before)

    def assert_called(self, *, times: int | None = None, **wanted: Any) -> None:
        """At least one call, or exactly `times`, as described. A failure shows the closest call, field by field."""
        self.calls.assert_any(times, wanted)

    def assert_not_called(self, **wanted: Any) -> None:
        self.calls.assert_any(0, wanted)

    @property
    def verdict(self) -> Verdict:
        """What the calls so far say about the client (docs/verdict.md)."""
        from volcv_mock.testing.verdict import judge  # lazy: only those who ask need it

        return judge(self.world)

    def assert_resilient(self, *, ignore: str | Sequence[str] = ()) -> None:
        """Fails with every finding of severity `error`, unless it is ignored by its name."""
        self.verdict.demand((ignore,) if isinstance(ignore, str) else ignore)

    def app_showed(self, what: str) -> None:
        """What the wire cannot show: the app showed its "fallback", an "error" or a "picture" for the calls so far."""
        from volcv_mock.testing.verdict import note_shown  # lazy: only those who say it need it

        note_shown(self.world, what)

    def reset(self) -> None:
        """As new: no rules but those of the settings, no calls, the clock unmoved. Pictures already given stay."""
        self.world.reset(EVERY_SCOPE)
        self._lost_before = self.world.journal.evicted

    def body(self, req_key: str = "i2i_inpainting", **parameters: Any) -> dict[str, Any]:
        """A small valid request body, ready for json=: a grey 64 x 64 picture, and a mask where one is needed."""
        from volcv_mock.testing.samples import body  # lazy: only tests without pictures of their own need it

        return body(req_key, **parameters)

    def _rule(self, act: Mapping[str, Any], options: Mapping[str, Any]) -> str:
        return str(self.world.scope().rules.add(rule_spec(act, options))["id"])


class InterceptedMock:
    """A mock whose calls are intercepted: it has everything the mock has, and its URLs."""

    def __init__(self, mock: VolcvMock, intercept: Intercept) -> None:
        self.mock = mock
        self.interception = intercept
        self.official_url, *proxies = (base.url for base in intercept.intercepted_urls.bases)
        self.base_url = proxies[0] if proxies else self.official_url
        self.proxy_url = f"{self.base_url}/volcv/v1"

    @property
    def missing_timeouts(self) -> list[MissingTimeout]:
        """Calls that would have waited for ever: they fail the block, unless a test takes them out of here."""
        return self.interception.missing_timeouts

    def start(self) -> Self:
        self.interception.start()
        self.mock._intercept = self.interception
        return self

    def stop(self, *, quiet: bool = False) -> None:
        self.mock._intercept = None
        self.interception.stop(quiet=quiet)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(quiet=kind is not None)

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(quiet=kind is not None)

    def __getattr__(self, name: str) -> Any:
        return _of_mock(self, name)


class RunningMock:
    """A mock that is being served: it has everything the mock has, and its URLs."""

    def __init__(self, mock: VolcvMock, host: str, port: int) -> None:
        self.mock = mock
        self._host = host
        self._port = port
        self._server: Any = None

    @property
    def base_url(self) -> str:
        """Raises RuntimeError when the server is closed: nothing listens there."""
        if self._server is None:
            raise RuntimeError("base_url: this server is closed; ask inside `with mock.serve() as server:`")
        return str(self._server.url)

    @property
    def proxy_url(self) -> str:
        return f"{self.base_url}/volcv/v1"

    def start(self) -> Self:
        """Raises RuntimeError when it is served already, OSError when the port is taken."""
        if self._server is not None:
            raise RuntimeError(f"this server is open already at {self.base_url}; call serve() again for a second one")
        from volcv_mock.server.server import Server  # lazy: gevent is needed for sockets only

        self._server = Server(self.mock.world, self.mock.app, self._host, self._port).start()
        self._own_hosts(add=True)
        return self

    def stop(self) -> None:
        """Nothing when it is over already."""
        if self._server is None:
            return
        self._own_hosts(add=False)
        server, self._server = self._server, None
        server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __getattr__(self, name: str) -> Any:
        return _of_mock(self, name)

    def _own_hosts(self, *, add: bool) -> None:
        """Picture links of ours name this host: they are looked up in the store, never fetched."""
        world = self.mock.world
        mine = {f"{name}:{self._server.port}" for name in (self._host, "localhost")}
        others = tuple(host for host in world.own_hosts if host not in mine)
        world.own_hosts = (*others, *sorted(mine)) if add else others


def _of_mock(handle: InterceptedMock | RunningMock, name: str) -> Any:
    """An attribute of the mock behind it; an empty copy, as copy and pickle make one, has no mock yet."""
    if "mock" not in vars(handle):
        raise AttributeError(name)
    return getattr(handle.mock, name)


def rule_spec(act: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """A rule in its one shape. Raises TypeError for an option that is none; values are judged by rule_forms.py."""
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
    """Raises TypeError for a setting that is none, BadSetting for a bad value."""
    known = tuple(Settings.__dataclass_fields__)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise TypeError(f"unknown setting {unknown[0]!r}; permitted: {', '.join(known)}")
    return Settings(**given)
