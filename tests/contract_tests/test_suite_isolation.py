"""The drawn requests run apart from the project they are called in, and a run without tests decides nothing."""

from __future__ import annotations

import inspect
import os
import textwrap

import pytest

from contract_tests.generate import plain_request
from contract_tests.model import Finding
from contract_tests.planning.cases import Ask, Case, run_case
from contract_tests.properties import plugin
from contract_tests.runner import drawn
from contract_tests.runner.session import Session
from contract_tests.runner.verdict_of_run import conclude
from contract_tests.runner.verdicts import Result
from contract_tests.targets import open_target

pytestmark = pytest.mark.long

CONFTESTS = {
    "nothing": "",
    "one that skips everything": "import pytest\ndef pytest_collection_modifyitems(items):\n"
                                 "    for item in items: item.add_marker(pytest.mark.skip(reason='own rule'))\n",
    "one that cannot be imported": "raise RuntimeError('the conftest.py of the project was imported')\n",
}  # fmt: skip
ENVIRONMENTS = [{}, {"PYTEST_ADDOPTS": "-k smoke"}, {"PYTEST_ADDOPTS": "--cov=src"},
                {"PYTEST_PLUGINS": "no_such_plugin"}, {"PYTEST_ADDOPTS": "--collect-only"}]  # fmt: skip
EACH = [*((name, {}) for name in CONFTESTS), *(("one that skips everything", one) for one in ENVIRONMENTS[1:])]
"""A variable is read before any conftest.py is found, so each is tried beside one of them."""


@pytest.fixture
def few(monkeypatch):
    """The smallest of the files: isolation does not depend on how many tests there are."""
    monkeypatch.setattr(drawn, "FILES", ("endpoints",))


@pytest.mark.parametrize(("conftest", "environment"), EACH, ids=lambda one: one if isinstance(one, str) else str(one))
def test_nothing_of_the_callers_project_takes_part(few, tmp_path, monkeypatch, conftest, environment):
    (tmp_path / "conftest.py").write_text(CONFTESTS[conftest])
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)

    assert drawn.run_drawn("mock", "") == 0

    assert {name: os.environ.get(name) for name in environment} == environment
    assert os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD") == before.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["conftest.py", "pytest.ini"]


@pytest.mark.parametrize(
    ("passed", "drifted", "errors", "pytest_code", "verdict"),
    [(3, 0, 0, 0, 0), (0, 0, 0, 0, 2), (0, 0, 0, 5, 2), (3, 1, 0, 1, 1), (3, 1, 1, 1, 1), (3, 0, 1, 1, 2),
     (3, 0, 0, 2, 2)],
    ids=["conform", "all skipped", "nothing collected", "a failed assertion", "both", "an exception", "interrupted"],
)  # fmt: skip
def test_the_verdict_of_the_drawn_requests(passed, drifted, errors, pytest_code, verdict):
    outcomes = drawn.Outcomes()
    outcomes.passed, outcomes.drifted, outcomes.errors = passed, drifted, errors

    assert outcomes.verdict(pytest_code) == verdict


def test_an_assertion_among_several_exceptions_is_a_drift():
    assert drawn.has_assertion(ExceptionGroup("two", [ValueError(), AssertionError()]))
    assert not drawn.has_assertion(ExceptionGroup("one", [ValueError()]))


def test_a_finding_is_a_failure_also_without_assertions():
    """`python -O` and PYTHONOPTIMIZE leave `assert` statements out: every drawn request would conform."""
    optimised, found = {}, Finding("key_is_never_echoed", "the key was echoed", "S0")
    source = textwrap.dedent(inspect.getsource(plugin.assert_conform)).replace(": list[Finding]", "")
    exec(compile(source, "plugin", "exec", optimize=2), optimised)

    with pytest.raises(AssertionError, match="the key was echoed"):
        optimised["assert_conform"]([found])


def _fails(exchanges, exact):
    raise RuntimeError("unforeseen")
    yield


def test_a_comparison_that_fails_is_no_drift(capsys):
    """An unforeseen exception ends with 2: the word for drift is 1."""
    case = Case("FAILS", "", "S3-10000", lambda variant: {"a": Ask(plain_request("i2i_inpainting", seed=5))}, _fails)

    evidence = run_case(case, Session(open_target("mock")))

    assert evidence.findings == ()
    assert "RuntimeError: unforeseen" in evidence.missing
    facts = {"target": "mock", "remarks": []}
    assert conclude(facts, [Result("C1", "conform"), Result("FAILS", "inconclusive", reason=evidence.missing)]) == 2
    assert "inconclusive: the comparison failed: RuntimeError: unforeseen (1 case: FAILS)" in capsys.readouterr().out


def test_what_is_inconclusive_is_counted_and_named(capsys):
    results = [Result(f"C{number}", "inconclusive", reason="not recorded") for number in range(12)]

    assert conclude({"target": "replay", "remarks": []}, [Result("D", "conform"), *results]) == 0
    assert "not recorded (12 cases: C0, C1, C2, C3, C4, C5, C6, C7 and 4 more)" in capsys.readouterr().out
