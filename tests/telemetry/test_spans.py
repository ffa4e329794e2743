"""One OpenTelemetry span per call: from its arrival to the end of its delivery."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import ProxyTracerProvider, SpanKind

from volcv_mock.config import Settings
from volcv_mock.delivery import Delivered, Reply
from volcv_mock.model import Arrived, RawRequest
from volcv_mock.service import answer_blocking
from volcv_mock.telemetry.spans import NAME, CallSpans, is_wanted
from volcv_mock.world import World

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


class Traced:
    """A world whose spans stay in memory."""

    def __init__(self) -> None:
        self._kept = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.world = World(Settings())
        self.world.spans = CallSpans(provider.get_tracer(NAME))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._kept.get_finished_spans()

    def call(self, override: str = "code=50429", parent: str = "", arrived_s: float | None = None) -> Reply:
        headers = (("Authorization", "Bearer sk-secret"), ("Content-Type", "application/json"),
                   ("X-Volcv-Mock", override), ("traceparent", parent))  # fmt: skip
        at_s = self.world.monotonic() if arrived_s is None else arrived_s
        query = "Action=CVProcess&Version=2022-08-31"
        arrived = Arrived(at_s, self.world.clock().now_s(), "default")
        raw = RawRequest("proxy", "POST", "/volcv/v1", query, headers, b"{}", arrived=arrived)
        return answer_blocking(raw, self.world)


@pytest.fixture
def traced() -> Traced:
    return Traced()


def test_a_span_ends_when_the_answer_has_left(traced: Traced) -> None:
    """Instrumentation of WSGI would end it before the delay."""
    reply = traced.call("delay=1h")
    assert traced.spans == ()

    traced.world.delivered(reply, Delivered(3600.0, "read_all", 100))

    assert [span.name for span in traced.spans] == ["POST /volcv/v1"]
    assert traced.spans[0].kind is SpanKind.SERVER


def test_a_span_begins_when_the_request_arrived(traced: Traced) -> None:
    reply = traced.call(arrived_s=traced.world.monotonic() - 5.0)
    traced.world.delivered(reply, Delivered(5.0, "read_all", 100))

    span = traced.spans[0]
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time >= 5_000_000_000


def test_a_span_says_what_was_decided_and_received_and_has_no_key(traced: Traced) -> None:
    reply = traced.call("code=50429")
    traced.world.delivered(reply, Delivered(0.0, "read_all", 100))

    attributes = dict(traced.spans[0].attributes or {})

    assert attributes["http.response.status_code"] == 429
    assert (attributes["volcv_mock.row"], attributes["volcv_mock.fired"]) == ("50429", ("50429",))
    assert attributes["volcv_mock.call_id"] == reply.call_id
    assert "sk-secret" not in repr(attributes)


def test_a_call_without_a_status_line_has_no_status(traced: Traced) -> None:
    traced.world.delivered(traced.call("fault=reset"), Delivered(0.0, "broken_on_purpose"))

    assert "http.response.status_code" not in (traced.spans[0].attributes or {})


def test_the_parent_is_the_span_of_the_client(traced: Traced) -> None:
    traced.world.delivered(traced.call(parent=f"00-{TRACE}-{PARENT}-01"), Delivered(0.0, "read_all"))

    span = traced.spans[0]
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" == f"{TRACE}-{PARENT}"


def test_a_trace_that_the_client_does_not_record_is_not_recorded(traced: Traced) -> None:
    traced.world.delivered(traced.call(parent=f"00-{TRACE}-{PARENT}-00"), Delivered(0.0, "read_all"))

    assert traced.spans == ()


def test_a_delivery_that_is_reported_twice_ends_one_span(traced: Traced) -> None:
    reply = traced.call()
    for _ in range(2):
        traced.world.delivered(reply, Delivered(0.0, "read_all"))

    assert len(traced.spans) == 1


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        (COLLECTOR, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        (COLLECTOR | {"OTEL_SDK_DISABLED": "true"}, False),
        (COLLECTOR | {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_spans_are_sent_only_where_the_environment_names_a_collector(environ: dict[str, str], expected: bool) -> None:
    assert is_wanted(environ) is expected


def test_no_span_is_made_before_somebody_gets_it() -> None:
    """redis-py imports OpenTelemetry too: each call of a shared state made a span that nobody had asked for."""
    world = World(Settings(auth="off"))
    world.spans = CallSpans(ProxyTracerProvider().get_tracer(NAME), is_used=lambda: False)

    assert not world.has_spans
