"""The pytest plugin: fixtures `volcv` and `volcv_server`, the marker `volcv`, and the calls of a failing test.

This module is loaded by every pytest run of the environment, so Flask, gevent, Pillow and respx are imported only when
a fixture is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import pytest

if TYPE_CHECKING:
    from volcv_mock.testing.handles import InterceptedMock, RunningMock
    from volcv_mock.testing.mock import VolcvMock

T = TypeVar("T")

BASE_URL = "https://api.example.com"
"""The proxy base that `volcv` intercepts by default."""
ACCESS_KEY, SECRET_KEY, API_KEY = "AKLTvolcvmocktests", "dm9sY3YtbW9jay10ZXN0cw==", "sk-volcv-mock-tests"

INTERCEPT_OPTIONS = ("unmatched", "others", "real_time", "virtual_sleep")
RECORD: Mapping[str, Mapping[str, str]] = {
    "none": {"mode": "replay", "replay_misses": "refuse"},
    "once": {},
    "new": {"mode": "replay", "replay_misses": "record"},
    "all": {"mode": "record"},
}
"""The settings behind each value of the marker's `record`; `once` becomes `none` or `all`."""
NOT_FOR_TESTS = ("host", "port", "log", "control_token", "fail_on")

MOCKS: pytest.StashKey[list[VolcvMock]] = pytest.StashKey()
HANGS: pytest.StashKey[list[AssertionError]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini option `volcv_base_url`."""
    help_text = "proxy bases that the volcv fixture intercepts, one per line"
    parser.addini("volcv_base_url", help_text, type="linelist", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker `volcv`."""
    config.addinivalue_line(
        "markers",
        "volcv(seed=..., latency=..., faults=[...], base_url=..., virtual_sleep=..., ...): settings of the test's mock",
    )


@pytest.fixture
def volcv(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[InterceptedMock]:
    """A new mock per test. Calls of httpx, requests and the SDK to the official host and the proxy base reach it."""
    from volcv_mock.testing.mock import VolcvMock  # lazy: see above

    settings, bases, options = _checked(_overrides, request)
    mock = _checked(VolcvMock, **settings)
    with _checked(mock.intercept, *bases, **options) as intercepted:
        _remember(request.node, mock)
        request.node.stash[HANGS] = intercepted.missing_timeouts
        _set_environment(monkeypatch, intercepted.base_url, _api_key(settings))
        yield intercepted
        intercepted.missing_timeouts.clear()  # reported in the test's own phase, below


@pytest.fixture
def volcv_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningMock]:
    """A mock on a real socket: one per session, reset for each test; a test with the marker gets its own."""
    if request.node.get_closest_marker("volcv") is None:
        shared: RunningMock = request.getfixturevalue("_volcv_shared_server")
        shared.mock.reset()
        yield from _lent(shared, request, monkeypatch)
        return
    from volcv_mock.testing.mock import VolcvMock  # lazy: see above

    settings, _, options = _checked(_overrides, request)
    if options and "volcv" not in request.fixturenames:
        _refuse(f"{next(iter(options))!r} is for the fixture volcv; volcv_server has a real socket and real time")
    with _started(_checked(VolcvMock, **settings).serve()) as server:
        yield from _lent(server, request, monkeypatch)


@pytest.fixture(scope="session")
def _volcv_shared_server() -> Iterator[RunningMock]:
    from volcv_mock.testing.mock import VolcvMock  # lazy: see above

    with _started(VolcvMock(**_with_keys({})).serve()) as server:
        yield server


@contextmanager
def _started(server: RunningMock) -> Iterator[RunningMock]:
    """The server without the environment of its own block: `_lent` changes NO_PROXY, and restores it after the test."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test in which a call without a timeout would have hung, even when the app swallowed the exception, and
    tell of rules that never fired."""
    try:
        result = yield
        hangs = item.stash.get(HANGS, [])
        if hangs:
            raise hangs[0]
    except BaseException:
        for mock in item.stash.get(MOCKS, []):
            mock.ignore_unused_rules()
        raise
    for mock in item.stash.get(MOCKS, []):
        mock.check_rules()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls of a failing test to its report."""
    report = yield
    if report.failed:
        report.sections += [("volcv calls", str(mock.calls)) for mock in item.stash.get(MOCKS, [])]
    return report


def _lent(
    server: RunningMock, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningMock]:
    _remember(request.node, server.mock)
    _set_environment(monkeypatch, server.base_url)
    _bypass_proxies(monkeypatch, server.base_url)
    yield server


def _remember(item: pytest.Item, mock: VolcvMock) -> None:
    item.stash.setdefault(MOCKS, []).append(mock)


def _overrides(request: pytest.FixtureRequest) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """(settings, proxy bases, intercept options) from the marker and the defaults."""
    wanted = _marker(request.node)
    bases = wanted.pop("base_url", None) or os.environ.get("VOLCV_BASE_URL") or request.config.getini("volcv_base_url")
    options = {name: wanted.pop(name) for name in INTERCEPT_OPTIONS if name in wanted}
    bases = [bases] if isinstance(bases, str) else bases or [BASE_URL]
    if not isinstance(bases, list | tuple) or not all(isinstance(each, str) for each in bases):
        raise ValueError(f"base_url = {bases!r}: wanted an address, or a list of them")
    root = request.config.rootpath
    return _with_keys(_with_recordings(_from_root(wanted, root), root)), list(bases), options


def _from_root(wanted: dict[str, Any], root: Path) -> dict[str, Any]:
    """Settings whose contract folder and readings file, like recordings, are found from the root of the test run."""
    paths = {name: wanted[name] for name in ("contract", "readings") if isinstance(wanted.get(name), str)}
    return {**wanted, **{name: str(root / path) for name, path in paths.items() if path}}


def _with_recordings(wanted: dict[str, Any], root: Path) -> dict[str, Any]:
    """Settings from `recordings` and `record`; to record, the real key and address are taken from the environment."""
    record = wanted.pop("record", "none")
    if record not in RECORD:
        _refuse(f"record={record!r}, wanted one of {', '.join(RECORD)}")
    if "recordings" not in wanted:
        return wanted if record == "none" else _refuse(f"record={record!r} without recordings=DIR")
    if not isinstance(wanted["recordings"], str | os.PathLike):
        raise ValueError(f"recordings = {wanted['recordings']!r}: wanted a folder")
    folder = root / wanted["recordings"]
    if record == "once":
        record = "none" if any(folder.glob("exchanges/*.json")) else "all"
    found = {**wanted, "recordings": str(folder), **RECORD[record]}
    return found if record == "none" else {**_real_service(), **found}


def _real_service() -> dict[str, Any]:
    """The upstream and the key to record with. Fails the test when they are not set."""
    key, url = os.environ.get("VOLCV_API_KEY"), os.environ.get("VOLCV_BASE_URL")
    if not key:
        _refuse("recording needs the real key in VOLCV_API_KEY")
    return {"api_keys": [key], **({"upstream": url} if url else {})}


def _api_key(settings: Mapping[str, Any]) -> str:
    """The key that the app under test gets: the real one only while it is recorded."""
    return str(settings["api_keys"][0]) if settings.get("upstream") and settings.get("api_keys") else API_KEY


def _marker(item: pytest.Item) -> dict[str, Any]:
    """The arguments of the marker; the one closest to the test wins. An unknown argument fails the test."""
    wanted: dict[str, Any] = {}
    for marker in item.iter_markers("volcv"):
        if marker.args:
            _refuse(f"{marker.args[0]!r} has no name")
        wanted = {**marker.kwargs, **wanted}
    for name in wanted:
        if name not in _permitted():
            _refuse(f"unknown argument {name!r}", name)
    if not isinstance(wanted.get("faults", []), list | tuple):
        _refuse(f"faults={wanted['faults']!r}, wanted a list such as [50429, 'ghost_face']")
    return wanted


def _permitted() -> tuple[str, ...]:
    from volcv_mock.config import Settings  # lazy: see above

    settings = [name for name in Settings.__dataclass_fields__ if name not in NOT_FOR_TESTS]
    return ("base_url", "record", *INTERCEPT_OPTIONS, "strict_rules", *settings)


def _refuse(found: str, misspelt: str = "") -> NoReturn:
    from volcv_mock.config.config_keys import did_you_mean  # lazy: see above

    hint = did_you_mean(misspelt, _permitted()) if misspelt else ""
    pytest.fail(f"@pytest.mark.volcv: {found}; permitted: {', '.join(_permitted())}.{hint}", pytrace=False)


def _checked(make: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """What `make` returns. For a value that it refuses, one line instead of a traceback through this plugin."""
    try:
        return make(*arguments, **options)
    except (TypeError, ValueError) as error:
        problem = str(error).removeprefix("Settings: ")
    pytest.fail(f"@pytest.mark.volcv: {problem}", pytrace=False)


def _with_keys(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that know the access key of the test environment, so that the SDK's signatures are verified."""
    faults = tuple(_rule(spec) for spec in wanted.get("faults", ()))
    known = {"access_keys": {ACCESS_KEY: SECRET_KEY}, "auth": "any"}
    names_keys = "access_keys" in wanted or "api_keys" in wanted
    return {**({} if names_keys else known), **wanted, "faults": faults}


def _rule(spec: Any) -> Any:
    """A rule, from its short form (a code or a fault's name) or its full form."""
    if isinstance(spec, str):
        return {"fault": spec}
    return {"code": spec} if isinstance(spec, int) else spec


def _set_environment(monkeypatch: pytest.MonkeyPatch, base_url: str, api_key: str = API_KEY) -> None:
    """Set the variables that SDKs and this project's tools read, so that real keys never reach a test."""
    values: Sequence[tuple[str, str]] = (
        ("VOLC_ACCESSKEY", ACCESS_KEY),
        ("VOLC_SECRETKEY", SECRET_KEY),
        ("VOLCV_API_KEY", api_key),
        ("VOLCV_BASE_URL", base_url),
    )
    for name, value in values:
        monkeypatch.setenv(name, value)


def _bypass_proxies(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    """A client that follows HTTP_PROXY reaches the served host directly, for this test."""
    from urllib.parse import urlsplit  # lazy: see above

    from volcv_mock._util import loopback

    value = loopback.no_proxy_with(urlsplit(base_url).hostname or "127.0.0.1")
    for name in loopback.NAMES:
        monkeypatch.setenv(name, value)
