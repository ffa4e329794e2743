"""One server span per call for OpenTelemetry (the extra `otel`): from arrival to the end of the delivery.

OpenTelemetry's WSGI instrumentation would end a span when the answer is decided, and the endpoints of `serve` do not
go through WSGI.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock.config import BadSetting
from volcv_mock.telemetry.sdk_log import without_values
from volcv_mock.telemetry.traceparent import HEADER, traceparent

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

    from volcv_mock.delivery import Delivered
    from volcv_mock.journal.entries import Entry
    from volcv_mock.model import RawRequest

NAME = "volcv_mock"
MAX_OPEN = 65_536
"""Most open spans; beyond it the oldest are dropped: no transport reported their end."""

CLOSE_S = 1.0
"""How long the last spans may take to leave when the mock ends."""

_FOR_OTLP = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_ROUTES = {"official": "/", "proxy": "/volcv/v1"}


class CallSpans:
    """The spans of calls in flight. `close` sends what was not sent yet, for at most CLOSE_S. Thread-safe."""

    def __init__(
        self, tracer: Tracer, close: Callable[[], object] = lambda: None, is_used: Callable[[], bool] = lambda: True
    ) -> None:
        self._tracer = tracer
        self._close = close
        self.is_used = is_used
        """Whether anybody gets the spans."""
        self._open: OrderedDict[int, Span] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, arrival: int, raw: RawRequest, waited_s: float) -> None:
        """Open the span of a call that arrived `waited_s` seconds ago."""
        from opentelemetry.trace import SpanKind  # lazy: only who installed it

        name = f"{raw.method} {_ROUTES.get(raw.endpoint, raw.endpoint)}"
        span = self._tracer.start_span(
            name, _parent(raw), SpanKind.SERVER, start_time=_now_ns() - int(max(0.0, waited_s) * 1e9)
        )
        with self._lock:
            self._open[arrival] = span
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)

    def end(self, arrival: int, entry: Entry | None, facts: Delivered) -> None:
        """The delivery of a call is over: complete its span."""
        with self._lock:
            span = self._open.pop(arrival, None)
        if span is None:
            return
        if entry and span.is_recording():
            span.set_attributes(_attributes(entry, facts))
        span.end()

    def close(self) -> None:
        """Send the last spans. A collector that does not answer cannot block the end."""
        thread = threading.Thread(target=self._close, name="volcv-mock spans", daemon=True)
        thread.start()
        thread.join(CLOSE_S)


def of_application() -> CallSpans | None:
    """Spans by the tracer provider of the process; None where nothing has imported OpenTelemetry.

    Libraries import it too, as redis-py does: spans are made only once the application has set a provider.
    """
    if "opentelemetry.trace" not in sys.modules:
        return None
    from opentelemetry.trace import ProxyTracerProvider, get_tracer, get_tracer_provider  # lazy: only who installed it

    return CallSpans(get_tracer(NAME), is_used=lambda: not isinstance(get_tracer_provider(), ProxyTracerProvider))


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether the environment names an OTLP collector (https://opentelemetry.io/docs/specs/otel/protocol/exporter/)."""
    is_off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    return not is_off and any(environ.get(name) for name in _FOR_OTLP)


def exported() -> CallSpans:
    """Spans sent to the collector that the environment names. Raises ImportError without the extra, and BadSetting
    when the SDK refuses what a variable holds."""
    try:
        return _exported()
    except ImportError:
        raise
    except Exception as error:  # the SDK documents none
        raise BadSetting(f"OTEL_...: {type(error).__name__}: {without_values(str(error))}") from None


def _exported() -> CallSpans:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # lazy: only who wants spans
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):  # the SDK's default
        resource = resource.merge(Resource({SERVICE_NAME: "volcv-mock"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return CallSpans(provider.get_tracer(NAME), provider.shutdown)


def _parent(raw: RawRequest) -> Any:
    """The client's span as the context of the new one; an empty context without one."""
    from opentelemetry.context import Context  # lazy: only who installed it
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    found = traceparent(raw.header(HEADER))
    if found is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if found.is_sampled else TraceFlags.DEFAULT)
    parent = SpanContext(int(found.trace_id, 16), int(found.parent_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _attributes(entry: Entry, facts: Delivered) -> dict[str, Any]:
    """Names of the semantic conventions for HTTP, and the mock's own. Never a key."""
    known = {
        "http.request.method": entry.method, "http.route": _ROUTES.get(entry.endpoint, entry.endpoint),
        "url.scheme": entry.scheme, "user_agent.original": entry.user_agent, "http.request.body.size": entry.body_bytes,
        "volcv_mock.call_id": entry.id, "volcv_mock.req_key": entry.req_key, "volcv_mock.row": entry.row,
        "volcv_mock.fired": [each["name"] for each in entry.fired], "volcv_mock.client": facts.ending,
    }  # fmt: skip
    return known if entry.status is None else {**known, "http.response.status_code": entry.status}


def _now_ns() -> int:
    import time  # the wall clock: spans are compared with those of other machines

    return time.time_ns()
