"""Health and readiness as a load balancer sees them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.control.control_client import message, send
from volcv_mock.telemetry.condition import SEVERAL_PROCESSES
from volcv_mock.world import World


def test_a_mock_is_ready(client: FlaskClient) -> None:
    assert send(client, "GET", "/ready").get_json() == {"status": "ready"}


@pytest.mark.parametrize("phase", ["starting", "draining"])
def test_a_mock_that_starts_or_drains_is_healthy_and_not_ready(client: FlaskClient, world: World, phase: str) -> None:
    """A restart would not help, but no new call should come."""
    world.condition.phase = phase  # type: ignore[assignment]

    response = send(client, "GET", "/ready")

    assert (response.status_code, phase in message(response)) == (503, True)
    assert send(client, "GET", "/health").status_code == 200


def test_health_says_where_the_state_is_kept(client: FlaskClient) -> None:
    told = send(client, "GET", "/health").get_json()

    assert (told["state"], told["warnings"]) == ("memory", [])


def test_several_processes_of_a_wsgi_server_are_reported_once_and_loudly(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each has its own rules and journal: to a client this looks like random answers."""
    for _ in range(3):
        client.get("/_mock/calls", environ_overrides={"wsgi.multiprocess": True})

    assert send(client, "GET", "/health").get_json()["warnings"] == [SEVERAL_PROCESSES]
    assert capsys.readouterr().err.count("WARNING") == 1
