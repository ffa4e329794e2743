"""Metrics as the text that Prometheus reads, written by prometheus-client (the extra `metrics`).

The library's own counters would be imported at every start, and cost twice as much for each call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from volcv_mock.telemetry.gathered import Gauges
from volcv_mock.telemetry.metrics import BUCKETS_S, Histogram, Metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The text format 0.0.4, which every version of Prometheus reads."""

_SECONDS = {
    "compute": "Deciding a call: validation and painting, without waiting.",
    "answer": "From the arrival of a request to the first byte of its answer.",
    "planned_delay": "The delay that was planned for an answer: simulated model time, or an injected delay.",
}


def exposition(metrics: Metrics, gauges: Gauges) -> bytes:
    """The whole document, with CPU time, memory and open files of this process."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(metrics, gauges))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, metrics: Metrics, gauges: Gauges) -> None:
        self._metrics = metrics
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        yield from self._counters()
        for name, by_req_key in self._metrics.histograms().items():
            family = HistogramMetricFamily(f"volcv_mock_{name}_seconds", _SECONDS[name], labels=("req_key",))
            for req_key, histogram in by_req_key.items():
                family.add_metric((req_key,), _cumulative(histogram), histogram.sum_s)
            yield family
        yield from self._state()
        yield from self._now()

    def _counters(self) -> Iterator[Metric]:
        calls, faults = self._metrics.counters()
        yield _counted("volcv_mock_calls", "Calls whose delivery is over.", ("req_key", "row", "status"), calls)
        yield _counted("volcv_mock_faults", "Injected faults that were applied.", ("fault", "origin"), faults)
        memos = {
            (memo, result): number
            for memo, both in self._gauges.memos.items()
            for result, number in zip(("hit", "miss"), both, strict=True)
        }
        yield _counted("volcv_mock_memo", "Look-ups in the caches of --memo-bytes.", ("memo", "result"), memos)
        evicted = {(): self._gauges.evicted}
        yield _counted("volcv_mock_journal_evicted", "Calls that --journal-bytes removed.", (), evicted)
        lost = {(): self._gauges.lost}
        yield _counted("volcv_mock_journal_lost", "Calls whose end could not be written.", (), lost)

    def _state(self) -> Iterator[Metric]:
        """Nothing for a state in memory."""
        seconds, errors = self._metrics.histogram("state_s")[""], self._metrics.state_errors
        if sum(seconds.counts) or errors:
            about = "Round trips to the common state."
            family = HistogramMetricFamily("volcv_mock_state_seconds", about, labels=())
            family.add_metric((), _cumulative(seconds), seconds.sum_s)
            yield family
            yield _counted("volcv_mock_state_errors", "Round trips that failed.", (), {(): errors})

    def _now(self) -> Iterator[Metric]:
        deciding, waiting = self._metrics.deciding, self._gauges.waiting
        in_flight = "Calls that were received and whose delivery is not over."
        yield GaugeMetricFamily("volcv_mock_in_flight", in_flight, value=deciding + waiting)
        yield GaugeMetricFamily("volcv_mock_waiting", "Those that are decided: their answer waits, or is being sent.",
                                value=waiting)  # fmt: skip
        yield InfoMetricFamily("volcv_mock_build", "The version of the mock.", value={"version": self._gauges.version})


def _counted(name: str, about: str, labels: tuple[str, ...], counts: Mapping[Any, int]) -> Metric:
    """`counts` by the values of the labels."""
    family = CounterMetricFamily(name, about, labels=labels)
    for values, number in sorted(counts.items()):
        family.add_metric(values, number)
    return family


def _cumulative(histogram: Histogram) -> list[tuple[str, float]]:
    bounds = [*map(str, BUCKETS_S), "+Inf"]
    return [(bound, sum(histogram.counts[: index + 1])) for index, bound in enumerate(bounds)]
