"""The nightly run, rehearsed against a proxy on a socket, and the mutants' own soundness."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from contract_tests.mutants.kill import run_against
from contract_tests.mutants.registry import BASELINE, MUTANTS, by_name
from contract_tests.mutants.serve import handler
from contract_tests.mutants.transport import MutantTransport
from contract_tests.pictures.server import PictureServer
from contract_tests.relations import RELATIONS
from contract_tests.runner import run
from contract_tests.runner.runner import Runner
from contract_tests.targets import open_target
from contract_tests.targets.mock import transport
from tests.contract_tests.nights import DATE
from volcv_mock.recording.ledger import Ledger

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-rehearsal-0123456789"
NIGHT = ("--target", "proxy", "--date", DATE)
"""Always the same night: test_suite_replay.py goes through every night of a round."""


@dataclass(frozen=True)
class Run:
    """The exit code of a run and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def _contract(*arguments):
    """`volcv-mock contract` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run.main([str(argument) for argument in arguments])
    return Run(code, out.getvalue(), err.getvalue())


@contextmanager
def serving(mutant):
    """The address of a mutant on a socket of this process. It knows the key of the run, as a real proxy does."""
    behind = handler(MutantTransport(transport(KEY), mutant), "")
    server = ThreadingHTTPServer(("127.0.0.1", 0), behind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _paid_night(address, report):
    return _contract(*NIGHT, "--base-url", address, "--budget", 24, "--rps", 500, "--report", report)


@pytest.fixture(scope="module", autouse=True)
def key():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOLCV_API_KEY", KEY)
        yield KEY


@pytest.fixture(scope="module")
def first_night(key, tmp_path_factory):
    """A night against a proxy that changes nothing, its report folder, and the address for another."""
    report = tmp_path_factory.mktemp("night")
    with serving(BASELINE) as address:
        yield _paid_night(address, report), report, address


def test_a_night_against_a_mutant_ends_with_drift_and_a_whole_report(tmp_path):
    """Both are processes of their own here."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "contract_tests.mutants.serve", "--mutant", "HTTP 200 for every refusal"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as proxy:
        address = proxy.stdout.readline().rsplit(" ", 1)[-1].strip()
        night = ["--base-url", address, "--budget", "24", "--rps", "500", "--report", str(tmp_path)]
        run = subprocess.run([sys.executable, "-m", "contract_tests", *NIGHT, *night], cwd=ROOT, capture_output=True,
                             text=True, env=environment, timeout=120)  # fmt: skip
        proxy.terminate()

    assert run.returncode == 1, run.stdout + run.stderr
    assert "drift" in run.stdout
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {
        "summary.md",
        "junit.xml",
        "results.json",
        "report.html",
        "exchanges.har",
        "overlay-proposal.json",
        "ledger.jsonl",
    }
    assert "the provider changed" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert KEY not in "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    assert json.loads((tmp_path / "overlay-proposal.json").read_text("utf-8"))["patches"]


def test_a_target_that_echoes_the_key_is_reported_and_the_key_is_nowhere(tmp_path):
    with serving(by_name("the key in the message")) as address:
        run = _paid_night(address, tmp_path)

    assert run.returncode == 1, run.stdout + run.stderr
    assert "key_is_never_echoed" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "hold a credential; those were not saved" in run.stdout
    written = "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    assert KEY not in written + run.stdout + run.stderr


def test_a_rerun_on_the_same_day_shares_the_budget(first_night, tmp_path):
    """It can judge the refusals alone, and says so."""
    first, report, address = first_night
    shutil.copytree(report, tmp_path, dirs_exist_ok=True)

    again = _paid_night(address, tmp_path)

    assert (first.returncode, again.returncode) == (0, 2), first.stdout + first.stderr + again.stdout
    assert "budget" not in first.stdout
    assert "inconclusive: budget" in again.stdout
    spent = sum(json.loads(line)["paid"] for line in (tmp_path / "ledger.jsonl").read_text().splitlines())
    assert spent <= 24


def _conform(run):
    return int(run.stdout.splitlines()[-1].partition(" conform")[0].split()[-1])


def test_a_night_that_was_recorded_is_judged_again_in_full(first_night):
    """Most of the round was never recorded that night: those cases stand between the others and end nothing."""
    night, report, _ = first_night

    again = _contract("--target", "replay", "--recordings", report)

    assert again.returncode == 0
    assert "0 drift" in again.stdout
    assert "none unjudged" in night.stdout
    assert _conform(again) >= _conform(night) > 0


def test_without_a_budget_or_a_proxy_nothing_is_judged(tmp_path):
    where = (*NIGHT, "--base-url", "http://127.0.0.1:9", "--ledger", tmp_path / "ledger.jsonl")

    assert _contract(*where).returncode == 2
    assert _contract(*where, "--budget", 5).returncode == 2


def test_what_could_not_be_judged_is_told_in_words(tmp_path):
    """Which host did not answer; and later, how much was spent by which case."""
    ledger = tmp_path / "ledger.jsonl"
    where = ("--base-url", "http://127.0.0.1:9", "--budget", 3, "--rps", 500, "--ledger", ledger)

    unreachable, without_connection = _contract(*NIGHT, *where), Ledger(ledger, 3).spent()
    for number in range(3):
        Ledger(ledger, 3).take(f"C{number}", "digest")
    spent = _contract(*NIGHT, *where)

    assert (unreachable.returncode, without_connection, spent.returncode) == (2, 0, 2)
    assert "inconclusive: unreachable: proxy: ConnectError" in unreachable.stdout
    assert "3 of 3 paid calls are spent today" in spent.stdout


def test_a_damaged_ledger_is_no_drift(tmp_path):
    (tmp_path / "ledger.jsonl").write_text('{"date"', encoding="utf-8")

    run = _contract(*NIGHT, "--base-url", "http://127.0.0.1:9", "--budget", 3, "--ledger", tmp_path / "ledger.jsonl")

    assert run.returncode == 2, run.stderr
    assert "could not judge: line 1 of the ledger" in run.stdout


def test_help_needs_nothing_but_the_standard_library():
    """A wheel without the extra `contract` prints it."""
    code = "import sys; from contract_tests.runner.options import parser; parser().format_help(); print(*sys.modules)"

    run = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert not {"httpx", "hypothesis", "pytest", "jsonschema"} & set(run.stdout.split())


def test_there_are_at_least_forty_mutants_with_names_of_their_own():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40


def test_a_proxy_that_changes_nothing_is_not_accused():
    """By no planned case. test_suite_replay.py says the same of every night of a round, and `make contract` of what
    is drawn."""
    assert run_against(BASELINE, "quick").others == ()


@pytest.mark.parametrize(
    "name", ["PNG for JPEG", "ICC accepted", "watermark in the wrong corner", "a stale request_id"]
)
def test_a_mutant_of_each_kind_is_killed(name):
    assert run_against(by_name(name), "full").is_killed


@pytest.mark.parametrize(
    "name",
    ["PNG behind the link", "seed -1 always the same", "30 steps by default for edit", "strength 0.5 by default"],
)
def test_a_deviation_that_few_cases_show_is_detected_by_a_round_of_nights(name):
    assert run_against(by_name(name), "round").is_killed


ONE_OF_EACH = {case.id.partition("-")[0]: case for case in RELATIONS}.values()
"""One case of each relation; all of them are judged once above, where none may accuse."""


def test_running_it_twice_gives_the_same_verdicts():
    def verdicts():
        target, pictures = open_target("mock"), PictureServer()
        cases = [case for case in ONE_OF_EACH if case.needs <= target.capabilities]
        results = Runner(target, pictures.publish, variant=3).run(cases)
        pictures.close()
        return [(result.case_id, result.verdict) for result in results]

    first = verdicts()

    assert len(first) > 20
    assert verdicts() == first
