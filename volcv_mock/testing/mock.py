"""VolcvMock, the main class of the package: one fake service, and the ways to reach it.

    mock = VolcvMock(seed=7)
    with mock.intercept("https://api.example.com"): ...   # httpx, requests and the SDK, in this process
    with mock.serve() as server: ...                      # a real socket
    mock.app                                              # any WSGI server

What a test does with it is in kit.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, Unpack

from volcv_mock.config import Settings
from volcv_mock.config.config_keys import did_you_mean
from volcv_mock.config.upstream_settings import check_files
from volcv_mock.scope import DEFAULT_SCOPE
from volcv_mock.state import StateUnavailable
from volcv_mock.testing.handles import InterceptedMock, RunningMock
from volcv_mock.testing.kit import Kit
from volcv_mock.testing.options import InterceptOptions, SettingsOptions
from volcv_mock.testing.rules import UnusedRule, unused_rules
from volcv_mock.world import World

if TYPE_CHECKING:
    from flask import Flask

    from volcv_mock.intercept.unmatched import Policy


class VolcvMock(Kit):
    """A fake of CVProcess. Keyword arguments are the fields of config.Settings (docs/configuration.md).

    Used as a context manager it intercepts calls to the official host. `intercept(...)` takes more options, and
    `serve()` opens a socket. With `strict_rules` a rule that never fired is an error at the end of the block.
    """

    def __init__(self, *, strict_rules: bool = False, **settings: Unpack[SettingsOptions]) -> None:
        __tracebackhide__ = True
        self._world = World(_settings(settings))
        self.strict_rules = strict_rules
        self._intercepted: InterceptedMock | None = None
        self._evicted_before_reset = 0
        self._told_rules: set[str] = set()

    @property
    def mock(self) -> VolcvMock:
        """The mock itself, which a running or intercepted one has too."""
        return self

    @cached_property
    def _app(self) -> Flask:
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

    def start(self, *bases: str, **options: Unpack[InterceptOptions]) -> InterceptedMock:
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

    def check_rules(self) -> None:
        """Warn of the rules that never fired, each once; with `strict_rules` raises AssertionError."""
        __tracebackhide__ = True
        told = list(self._unused_now().values())
        if told and self.strict_rules:
            raise AssertionError("\n".join(told))
        for each in told:
            warnings.warn(each, UnusedRule, stacklevel=4)

    def ignore_unused_rules(self) -> None:
        """Tell nothing of the rules so far: the test has failed for another reason."""
        self._unused_now()

    def _unused_now(self) -> Mapping[str, str]:
        with suppress(StateUnavailable):
            found = unused_rules(self.world, DEFAULT_SCOPE)
            new = {rule_id: text for rule_id, text in found.items() if rule_id not in self._told_rules}
            self._told_rules.update(new)
            return new
        return {}


def _settings(given: Mapping[str, Any]) -> Settings:
    """Raises TypeError for an unknown setting, BadSetting for a bad value."""
    __tracebackhide__ = True
    known = tuple(Settings.__dataclass_fields__)
    unknown = sorted(set(given) - set(known))
    if unknown:
        hint = did_you_mean(unknown[0], known)
        raise TypeError(f"unknown setting {unknown[0]!r}; permitted: {', '.join(known)}.{hint}")
    settings = Settings(**given)
    check_files(settings)
    return settings
