"""The drawn requests, tables and state machine of `properties/`, run by pytest inside `volcv-mock contract`.

The run is isolated from the folder and the environment it is called in: no conftest.py, no ini file, no plugin
and no option of the caller's project takes part.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

from ..exit_codes import CONFORM, DRIFT, UNDECIDED
from ..paths import own
from ..properties import plugin
from .output import write_lines

FILES = ("requests", "pictures", "endpoints", "wire", "state")
OF_THE_CALLER = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_THEME", "PYTEST_DEBUG")


class Outcomes:
    """Counts outcomes: a failed assertion is drift, any other exception is no verdict."""

    def __init__(self) -> None:
        self.passed = self.drifted = self.errors = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count what passed, and sort failures into drift and errors of the suite or the target."""
        report = yield
        if report.when == "call" and report.passed:
            self.passed += 1
        elif report.failed and call.excinfo:
            is_drift = has_assertion(call.excinfo.value)
            self.drifted, self.errors = self.drifted + is_drift, self.errors + (not is_drift)
        return report

    def verdict(self, exit_code: int) -> int:
        """Nothing run, an interrupted run and an unforeseen exception decide nothing."""
        if self.drifted:
            return DRIFT
        return CONFORM if exit_code == 0 and self.passed and not self.errors else UNDECIDED


def has_assertion(error: BaseException) -> bool:
    """Whether a failed assertion is among the exceptions of one test; Hypothesis raises several as a group."""
    if isinstance(error, BaseExceptionGroup):
        return any(has_assertion(one) for one in error.exceptions)
    return isinstance(error, AssertionError)


def run_drawn(target: str, base_url: str) -> int:
    """Run them against the mock or a server; gives the exit code of `contract`."""
    outcomes = Outcomes()
    files = [str(own("properties", f"test_{name}.py")) for name in FILES]
    alone = ["-q", "-c", str(own("properties", "pytest.ini")), "--rootdir", str(own()), "--noconftest", "-W", "ignore",
             "-p", "no:cacheprovider", f"--target={target}"]  # fmt: skip
    address = [f"--base-url={base_url}"] if base_url else []
    with isolated():
        code = int(pytest.main([*files, *alone, *address], plugins=[plugin, outcomes]))
    verdict = outcomes.verdict(code)
    write_lines(f"{target}, drawn requests: {('conform', 'drift', 'could not be decided')[verdict]}")
    return verdict


@contextmanager
def isolated() -> Iterator[None]:
    """The environment without what steers the caller's own pytest; Hypothesis keeps its files elsewhere."""
    from hypothesis.configuration import set_hypothesis_home_dir

    kept = dict(os.environ)
    for name in OF_THE_CALLER:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)
            os.environ.clear()
            os.environ.update(kept)
