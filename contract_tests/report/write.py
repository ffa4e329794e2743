"""Writes every form of the report into one folder."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from volcv_mock.recording.exchanges import Recorder, as_record
from volcv_mock.recording.har import har

from ..model import Exchange
from ..pictures import described
from ..runner.verdict_of_run import conclusion
from ..runner.verdicts import Result
from .drift import Drift, shapes
from .history import BadReport
from .junit import junit
from .markdown import facts_of, markdown
from .not_judged import JUNIT, PAGE, RESULTS, SUMMARY, replace_text
from .overlay import proposal
from .page import page
from .score import Score

SHAPES, OVERLAY, HAR = "shapes.json", "overlay-proposal.json", "exchanges.har"
FILES = (SUMMARY, PAGE, JUNIT, RESULTS, SHAPES, OVERLAY, HAR)
FOLDERS = ("exchanges", "pictures")


def write(
    folder: Path, results: Sequence[Result], drifts: Sequence[Drift], score: Score, run: dict[str, Any]
) -> list[str]:
    """Write every form; gives the names of the recorded exchanges.

    Recordings first: they are what stops a save when a credential would be written.
    """
    recordings = _recorded(folder, results)
    _json(folder, OVERLAY, proposal(results))
    _json(folder, SHAPES, {**last_shapes(folder), **shapes(results)})
    records = [as_record(exchange, {}) for result in results for _, exchange in result.exchanges]
    _json(folder, HAR, har(records))
    write_verdict(folder, results, drifts, score, run, recordings)
    return recordings


def write_verdict(
    folder: Path,
    results: Sequence[Result],
    drifts: Sequence[Drift],
    score: Score,
    run: dict[str, Any],
    recordings: Sequence[str],
) -> None:
    """Write what says how the run ended. The summary last: until then it says that the run has not ended."""
    concluded = conclusion(run, results)
    document = {
        **run,
        "verdict": concluded.word,
        "exit_code": concluded.code,
        "recordings": list(recordings),
        "score": asdict(score),
        "results": [_row(result) for result in results],
        "drift": [_drift(drift) for drift in drifts],
    }
    _json(folder, RESULTS, document)
    replace_text(folder / PAGE, page(results, score, facts_of(run)))
    replace_text(folder / JUNIT, junit(results, run["target"]))
    replace_text(folder / SUMMARY, markdown(results, drifts, score, facts_of(run)))


def _recorded(folder: Path, results: Sequence[Result]) -> list[str]:
    """Every exchange once, with all that it is evidence for; gives the file names."""
    recorder = Recorder(folder, described)
    uses: dict[int, list[str]] = defaultdict(list)
    exchanges: dict[int, Exchange] = {}
    for exchange, names in (pair for result in results for pair in result.recorded):
        uses[id(exchange)] += [name for name in names if name not in uses[id(exchange)]]
        exchanges[id(exchange)] = exchange
    return [recorder.save(exchange, uses[number]) for number, exchange in exchanges.items()]


def last_shapes(folder: Path) -> dict[str, Any]:
    """The shapes of earlier nights, if this folder kept them."""
    path = folder / SHAPES
    try:
        shapes = json.loads(path.read_text(encoding="utf-8-sig")) if path.exists() else {}
    except ValueError as error:
        raise BadReport(f"{path} is not JSON; delete it: {error}") from error
    if not isinstance(shapes, dict) or not all(isinstance(shape, dict) for shape in shapes.values()):
        raise BadReport(f"{path} holds no shapes; delete it")
    return shapes


def _row(result: Result) -> dict[str, Any]:
    return {
        "case": result.case_id,
        "verdict": result.verdict,
        "reason": result.reason,
        "seconds": round(result.seconds, 3),
        "findings": [asdict(finding) for finding in result.findings],
        "obligations": sorted(result.obligations),
    }


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        "case": drift.case_id,
        "severity": drift.severity,
        "diagnosis": drift.diagnosis,
        "quote": drift.quote,
        "findings": [asdict(one) for one in drift.findings],
        "against_mock": [asdict(one) for one in drift.against_mock],
        "against_last_night": [asdict(one) for one in drift.against_last],
    }


def _json(folder: Path, name: str, value: Any) -> None:
    replace_text(folder / name, json.dumps(value, ensure_ascii=False, indent=1) + "\n")
