"""Handlers for who operates a mock: health, readiness, metrics. None is access-controlled, so they show no scope, key,
rule or call."""

from __future__ import annotations

from volcv_mock import __version__
from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse, json_response


def health(request: ControlRequest) -> ControlResponse:
    """Whether the process works, and what is wrong with the way it is run."""
    world = request.world
    told = {"state": world.state.name, "warnings": world.condition.warnings}
    return json_response({"status": "ok", "version": __version__, **told})


def ready(request: ControlRequest) -> ControlResponse:
    """Whether a load balancer may send new calls: not while the mock starts or drains."""
    phase = request.world.condition.phase
    if phase != "ready":
        raise ControlError(503, f"not ready: the mock is {phase}")
    request.world.state.check()
    return json_response({"status": phase})


def metrics(request: ControlRequest) -> ControlResponse:
    """Counts and durations of all scopes together."""
    try:
        from volcv_mock.telemetry.exposition import CONTENT_TYPE, exposition  # lazy: start-up time
    except ImportError:
        message = "metrics need prometheus-client: pip install 'volcv-mock[metrics]'"
        raise ControlError(501, message) from None
    return ControlResponse(exposition(*request.world.all_metrics()), content_type=CONTENT_TYPE)
