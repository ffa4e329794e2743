"""`contract --readings FILE`: what was measured before is measured again, and the planned cases are held to it.

A reading that changed is drift, with both values and both recordings. One answer proves no change: the point is
measured up to three times. What the documents say counts no more where a reading was measured: a finding that the
mock with these readings shows too is no drift, and an answer that it would not give is one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from volcv_mock.recording import readings_file
from volcv_mock.recording.readings_file import BadReadings, Measured, ReadingsFile

from ..model import Exchange, Finding, Verdict
from ..planning.planned import READING
from ..runner.verdicts import Result, classify
from .answers import Unfitting, Untold
from .compared import changed, is_same, vanished
from .measure import Calibrator
from .points import points, without_probe

CHECK = "as_measured"
SENTENCE = "the service answers as it did when it was measured"
OF = 3
WRITTEN = "readings.toml"


def read(path: Path) -> ReadingsFile:
    """The file, each of its points known here. Raises BadReadings with the nearest name."""
    found = readings_file.read(path)
    for name, entry in found.entries.items():
        point = points().get(name)
        if point and not point.rule and entry.alternative not in point.answers:
            permitted = ", ".join(point.answers)
            wrong = f"{name} has no alternative {entry.alternative!r}; permitted: {permitted}"
            raise BadReadings(f"{path}:{entry.line}: {wrong}")
        if point is None and name not in without_probe():
            near = difflib.get_close_matches(name, points(), 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise BadReadings(f"{path}:{entry.line}: {name!r} is no open point.{hint}")
    return found


@dataclass
class Compared:
    """What was measured again: tonight's readings, a Result for each that changed, and what to remark."""

    now: ReadingsFile
    results: list[Result] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def compare(before: ReadingsFile, calibrator: Calibrator) -> Compared:
    """Measure every point of `before` again, as far as the budget goes: free ones first, then the oldest."""
    found: dict[str, Measured] = {}
    untold: dict[str, str] = {}
    results: list[Result] = []
    wanted = [name for name in before.entries if name in points()]
    for name in sorted(wanted, key=lambda name: _turn(name, before.entries[name])):
        try:
            found[name] = _confirmed(name, before.entries[name], calibrator)
            texts = changed(before, ReadingsFile({name: found[name]}))
        except Unfitting as error:
            texts = [vanished(name, before.entries[name], str(error), error.evidence)]
        except Untold as error:
            untold[name], texts = str(error), []
        results += _results(name, texts, calibrator.taken_exchanges())
    now = ReadingsFile({**before.entries, **found}, {**before.untold, **untold}, before.target)
    return Compared(now, results, _remarks(len(wanted), found, untold, results))


def _turn(name: str, entry: Measured) -> tuple[int, str]:
    return points()[name].cost_of(entry.alternative), str(entry.measured)


def _confirmed(name: str, old: Measured, calibrator: Calibrator) -> Measured:
    """A changed answer counts when most of three show the same change."""
    first = calibrator.measured_or_unfitting(points()[name])
    if isinstance(first, Measured) and is_same(old, first):
        return first
    return calibrator.most_of(points()[name], OF, first)


def _results(name: str, texts: Sequence[str], exchanges: Sequence[Exchange]) -> list[Result]:
    """The point as a case of the report; none when nothing was sent."""
    recorded = tuple((exchange, (exchange.sent.use,)) for exchange in exchanges)
    source = ", ".join(points()[name].source)
    findings = tuple(Finding(f"reading {name}", text, source, SENTENCE, f"{READING}{name}") for text in texts)
    shown = tuple((exchange.sent.use, exchange) for exchange in exchanges) if findings else ()
    verdict: Verdict = "drift" if findings else "conform"
    return [Result(f"{READING}{name}", verdict, findings, "", shown, recorded=recorded)] if recorded or findings else []


def _remarks(
    wanted: int, found: Mapping[str, Measured], untold: Mapping[str, str], results: Iterable[Result]
) -> list[str]:
    drifting = sum(result.verdict == "drift" for result in results)
    lines = [f"readings: {wanted - len(untold)} of {wanted} measured again, {drifting} changed"]
    reasons: dict[str, list[str]] = {}
    for name, why in untold.items():
        reasons.setdefault(why, []).append(name)
    lines += [f"reading not measured again: {', '.join(names)}: {why}" for why, names in reasons.items()]
    lines += [f"reading {name}: {one.alternative} contradicts {', '.join(one.contradicts)}, as it did when measured"
              for name, one in found.items() if one.contradicts]  # fmt: skip
    return lines


def write(folder: Path, now: ReadingsFile) -> None:
    """Tonight's readings, for the night that follows."""
    text = readings_file.written(now, ["Written by volcv-mock contract --readings."])
    (folder / WRITTEN).write_text(text, encoding="utf-8")


def held_to(results: Iterable[Result], reference: Mapping[str, Result]) -> list[Result]:
    """The results by what the mock with the readings answers to the same cases."""
    return [_held(result, reference.get(result.case_id)) for result in results]


def _held(result: Result, played: Result | None) -> Result:
    if played is None or not _errors(played) or result.verdict == "inconclusive":
        return result
    other = _different(dict(result.exchanges), dict(played.exchanges))
    if other:
        finding = Finding(CHECK, other, "", SENTENCE, result.case_id)
        return replace(result, verdict="drift", findings=(*result.findings, finding))
    known = {finding.check for finding in _errors(played)}
    kept = tuple(finding for finding in result.findings if finding.check not in known)
    verdict, reason = classify(kept, [exchange for _, exchange in result.exchanges])
    return replace(result, verdict=verdict, findings=kept, reason=reason)


def _errors(result: Result) -> list[Finding]:
    return [finding for finding in result.findings if finding.severity == "error"]


def _different(seen: Mapping[str, Exchange], played: Mapping[str, Exchange]) -> str:
    """The first request whose answer is not what the readings give; "" when all are."""
    for name in seen.keys() & played.keys():
        ours, theirs = _facts(seen[name]), _facts(played[name])
        if ours != theirs:
            return f"{name}: {_shown(ours)}; with the measured readings it would be {_shown(theirs)}"
    return ""


def _facts(exchange: Exchange) -> tuple[int, object, object]:
    facts = exchange.picture_facts
    return exchange.answer.status, exchange.answer.code, tuple(facts.size) if facts else None


def _shown(facts: tuple[int, object, object]) -> str:
    status, code, size = facts
    return f"HTTP {status} {code or ''}".rstrip() + (f", {size[0]} x {size[1]}" if isinstance(size, tuple) else "")
