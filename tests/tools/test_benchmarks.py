"""Every benchmark runs. Their bounds are checked by `make bench`, never here: the machine may be busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHES, Bench, chosen, main
from benchmarks.serving import Row

pytestmark = pytest.mark.long

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
TOOLS = {"__init__", "__main__", "bodies", "load", "hostile_target", "refusal_target", "seam_target", "serving",
         "serving_target", "upstream_target"}  # fmt: skip
"""Files that are not benchmarks themselves; the parts of serving.py are registered one by one."""
WITHOUT_ROWS = {"canned", "refusal", "seam"}
"""Benches that may have no quick row: one needs its seconds, the others the history of the repository."""


@pytest.mark.parametrize("bench", [pytest.param(bench, id=bench.name) for bench in BENCHES])
def test_every_bench_has_a_quick_turn(bench: Bench) -> None:
    rows = list(bench.rows(True))

    assert rows or bench.name in WITHOUT_ROWS
    assert all(str(row).startswith(f"| {row.what} | ") for row in rows)


def test_every_file_with_a_bench_is_registered() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} - TOOLS <= {bench.name for bench in BENCHES}


def test_benches_run_in_the_order_asked_for() -> None:
    assert [bench.name for bench in chosen(["schema", "imaging"])] == ["schema", "imaging"]
    assert chosen([]) == list(BENCHES)


def test_an_unknown_bench_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2

    assert "unknown benchmark 'speed'; known: startup, " in capsys.readouterr().err


def test_a_missed_bound_ends_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    slow = Bench("slow", lambda quick: iter((Row("answers", 2.0, 1.4),)))
    monkeypatch.setattr("benchmarks.__main__.BENCHES", (slow,))

    assert main(["slow"]) == 1
    assert "| answers | 2.00 x | <= 1.4 x | MISSED |" in capsys.readouterr().out
