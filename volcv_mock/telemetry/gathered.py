"""The metrics of several workers as one: each leaves a snapshot where the others find it (shared_state.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.telemetry.metrics import Histogram, Metrics

HISTOGRAMS = ("compute_s", "answer_s", "planned_delay_s")


@frozen
class Gauges:
    """What is known at the moment of the question. `memos` has (hits, misses) by the memo's name."""

    version: str
    waiting: int
    evicted: int
    lost: int
    memos: Mapping[str, tuple[int, int]]


def snapshot_of(metrics: Metrics, gauges: Gauges) -> dict[str, Any]:
    """Everything as plain data, for JSON."""
    calls, faults = metrics.counters()
    found = {name: {key: [each.counts, each.sum_s] for key, each in metrics.histogram(name).items()}
             for name in (*HISTOGRAMS, "state_s")}  # fmt: skip
    return {
        "calls": [[*name, number] for name, number in calls.items()],
        "faults": [[*name, number] for name, number in faults.items()],
        "histograms": found, "state_errors": metrics.state_errors, "deciding": metrics.deciding,
        "waiting": gauges.waiting, "memos": {name: list(both) for name, both in gauges.memos.items()},
    }  # fmt: skip


def gathered(own: tuple[Metrics, Gauges], others: Iterable[tuple[Mapping[str, Any], bool]]) -> tuple[Metrics, Gauges]:
    """The sum of this worker and of others. What has ended still counts, but has no call in flight any more: each
    snapshot comes with whether its worker is alive."""
    metrics, gauges = own
    total, waiting, memos = metrics.copy(), gauges.waiting, {name: list(both) for name, both in gauges.memos.items()}
    for snapshot, is_alive in others:
        _add(total, snapshot)
        for name, both in snapshot["memos"].items():
            memos[name] = [one + more for one, more in zip(memos.get(name, (0, 0)), both, strict=True)]
        if is_alive:
            total.deciding += snapshot["deciding"]
            waiting += snapshot["waiting"]
    sums = {name: (both[0], both[1]) for name, both in memos.items()}
    return total, Gauges(gauges.version, waiting, gauges.evicted, gauges.lost, sums)


def _add(total: Metrics, snapshot: Mapping[str, Any]) -> None:
    for req_key, row, status, number in snapshot["calls"]:
        total.calls[req_key, row, status] += number
    for name, origin, number in snapshot["faults"]:
        total.faults[name, origin] += number
    total.state_errors += snapshot["state_errors"]
    for name, by_req_key in snapshot["histograms"].items():
        for req_key, (counts, sum_s) in by_req_key.items():
            found: Histogram = total.state_s if name == "state_s" else getattr(total, name)[req_key]
            found.counts = [one + more for one, more in zip(found.counts, counts, strict=True)]
            found.sum_s += sum_s
