"""pytest contract_tests --target ...: options, fixtures, and skips that say which capability is missing."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from volcv_mock.recording.ledger import BudgetMissing, Ledger

from ..billing.limits import Pace
from ..clock import today_utc
from ..model import Finding
from ..pictures.server import PictureServer, unpublished
from ..planning.cases import Case
from ..planning.plan import DEFAULT_BUDGET, Night, capabilities_of, plan_night
from ..planning.planned import live_cases, planned_cases
from ..runner.contact import why_first_refused
from ..runner.runner import Runner
from ..runner.session import Session
from ..targets import NAMES, Target, Unreachable, open_target
from ..targets.registry import is_paid

pytest.register_assert_rewrite("contract_tests.properties.task_machine")  # as those of test files: also with python -O
for name, examples in (("dev", 50), ("ci", 200), ("nightly-mock", 2000)):
    settings.register_profile(name, max_examples=examples, derandomize=name != "dev", deadline=None, database=None,
                              suppress_health_check=list(HealthCheck), print_blob=False,
                              phases=[Phase.explicit, Phase.generate, Phase.shrink])  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "contract tests of CVProcess")
    group.addoption("--target", choices=sorted(NAMES), default="mock", help="what to check")
    group.addoption("--base-url", default="", help="address of a proxy, a server or an official endpoint")
    group.addoption("--budget", type=int, default=0, help="paid calls a day; required for paid targets")
    group.addoption("--ledger", default=".contract-ledger.jsonl", help="file that counts paid calls")
    group.addoption("--rps", type=float, default=1.0, help="requests per second to a paid target")
    group.addoption(
        "--examples", default="ci", choices=["dev", "ci", "nightly-mock"], help="how many examples a property gets"
    )
    group.addoption("--recordings", default="", help="a folder of recorded exchanges, for --target replay")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*capabilities): skip where the target cannot do this")
    config.addinivalue_line("markers", "sentence(*ids): the sentences of schemas/sources.json that a test covers")
    config.addinivalue_line("markers", "generated: sends drawn requests; never to a paid target")
    settings.load_profile(config.getoption("--examples"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per case id, so that every report joins on it."""
    if "case" in metafunc.fixturenames:
        cases = _cases_for(metafunc.config)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])


def _cases_for(config: pytest.Config) -> tuple[Case, ...]:
    return _night(config).cases if is_paid(config.getoption("--target")) else planned_cases()


def _night(config: pytest.Config) -> Night:
    """Tonight's share of the round. Without a budget the runner ends the session before anything is sent."""
    return plan_night(
        live_cases(capabilities_of(config.getoption("--target"))),
        config.getoption("--budget") or DEFAULT_BUDGET,
        today_utc(),
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    name = item.config.getoption("--target")
    if item.get_closest_marker("generated") and (is_paid(name) or name == "replay"):
        pytest.skip(f"generated requests never go to {name}")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    option = request.config.getoption
    try:
        opened = open_target(option("--target"), base_url=option("--base-url"), recordings=option("--recordings"))
        why = why_first_refused(opened) if opened.key_hint and not opened.can("paid") else ""
    except Unreachable as error:
        pytest.exit(f"could not judge: {error}", returncode=2)
    if why:
        opened.close()
        pytest.exit(f"could not judge: {why}", returncode=2)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def picture_server() -> Iterator[PictureServer]:
    server = PictureServer()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def skip_without_capability(request: pytest.FixtureRequest) -> None:
    marker = request.node.get_closest_marker("needs")
    if marker and (lacking := set(marker.args) - request.getfixturevalue("target").capabilities):
        pytest.skip(f"{request.getfixturevalue('target').name} cannot do: {', '.join(sorted(lacking))}")


@pytest.fixture(scope="session")
def one_session(target: Target, picture_server: PictureServer) -> Session:
    return Session(target, picture_server.publish)


@pytest.fixture
def session(one_session: Session, request: pytest.FixtureRequest) -> Session:
    """The session of the run; ids are remembered over all tests."""
    one_session.case_id, one_session.case_source = request.node.name, ""
    one_session.take_findings()
    return one_session


@pytest.fixture(scope="session")
def runner(target: Target, picture_server: PictureServer, request: pytest.FixtureRequest) -> Runner:
    option = request.config.getoption
    if not target.can("paid"):
        return Runner(target, picture_server.publish)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    try:
        ledger = Ledger(Path(option("--ledger")), option("--budget"))
    except BudgetMissing as error:
        pytest.exit(f"could not judge: {error}", returncode=2)
    return Runner(target, unpublished, ledger, Pace(option("--rps") / workers), _night(request.config).variant)


def own_scopes(name: str) -> Iterator[str]:
    """Scopes that no other test uses, also where several processes of pytest-xdist judge one server."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    return (f"{name}-{process}{number}" for number in itertools.count())


def assert_conform(findings: list[Finding]) -> None:
    """Fail with every sentence that was contradicted, in the documents' own words.

    No `assert` statement: `python -O` would leave it out of this module, and every drawn request would pass.
    """
    if findings:
        raise AssertionError("\n" + "\n".join(finding.line() for finding in findings))
