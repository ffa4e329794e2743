"""Mode `pass`: the client gets what the upstream answers, and the journal has both sides."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.upstream.front import KEY, PATH, front, post
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock

VARYING = ("request_id", "time_elapsed", "RequestId")


def test_the_client_gets_the_upstreams_picture_and_status(real: RunningMock, passing: RunningMock) -> None:
    """The front mock paints nothing: with another seed it would give other ids, and the real one answers."""
    reply = post(passing, real.body(prompt="a puppy"))

    assert reply.status_code == 200
    assert real.calls.last.code == 10000
    assert len(real.calls) == 1
    assert reply.json()["request_id"] == real.calls.last.entry.request_id


def test_both_mocks_keep_the_call_with_its_pictures(real: RunningMock, passing: RunningMock) -> None:
    post(passing, real.body())

    entry = passing.calls.last.entry
    assert entry.thumbnails == ["result", "picture", "mask"]
    assert entry.status == 200
    assert entry.code == 10000
    assert any("from the upstream" in note for note in entry.notes)


def test_what_the_mock_would_refuse_is_a_note(real: RunningMock) -> None:
    """The upstream decides; here one that accepts what the strict mock in front would refuse."""
    with front(real, "pass", profile="strict").serve() as server:
        reply = post(server, {**real.body(), "surprise": 1})

        assert reply.status_code == 200
        assert any(note.startswith("the mock would refuse: ") for note in server.calls.last.entry.notes)


BODIES: dict[str, Any] = {
    "success": {},
    "unknown req_key": {"req_key": "i2i_nothing"},
    "parameter of another type": {"seed": "five"},
    "broken picture": {"binary_data_base64": ["aGVsbG8=", "aGVsbG8="]},
}


@pytest.mark.parametrize("changes", BODIES.values(), ids=BODIES)
def test_an_answer_is_the_upstreams_but_for_ids_and_times(
    real: RunningMock, passing: RunningMock, changes: dict[str, Any]
) -> None:
    body = {**real.body("i2i_inpainting_edit", seed=5), **changes}

    direct, passed = post(real, body), post(passing, body)

    assert passed.status_code == direct.status_code
    assert without_ids(passed.json()) == without_ids(direct.json())
    assert passed.headers.get("X-Volcv-Mock-Reason") == direct.headers.get("X-Volcv-Mock-Reason")


def without_ids(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: without_ids(value) for name, value in document.items() if name not in VARYING}
    return document


def test_a_body_that_is_not_json_is_judged_by_the_upstream(real: RunningMock, passing: RunningMock) -> None:
    reply = post(passing, None, path=PATH)

    assert len(real.calls) == 1
    assert reply.json()["code"] == 50200


def test_a_missing_action_is_judged_by_the_upstream(real: RunningMock, passing: RunningMock) -> None:
    reply = post(passing, real.body(), path="/volcv/v1?Version=2022-08-31")

    assert reply.json()["ResponseMetadata"]["Error"]["Code"] == "MissingParameter"
    assert len(real.calls) == 1


def test_no_key_is_kept_or_shown(real: RunningMock, passing: RunningMock) -> None:
    post(passing, real.body())

    assert KEY not in json.dumps(passing.calls.last.entry.to_dict())
    assert real.calls.last.entry.key == "sk-***"


def test_a_wsgi_server_forwards_too(real: RunningMock) -> None:
    mock = front(real, "pass")

    reply = mock.app.test_client().post(PATH, json=real.body(), headers={"Authorization": f"Bearer {KEY}"})

    assert reply.status_code == 200
    assert len(real.calls) == 1


def test_an_intercepted_client_reaches_the_upstream_through_the_mock(real: RunningMock) -> None:
    """The mock's own request to the upstream is exempt from the intercept, which would otherwise answer it."""
    with front(real, "pass").intercept(real.base_url) as mock:
        reply = post(real, real.body())

        assert reply.status_code == 200
        assert len(real.calls) == 1
        assert mock.calls.last.code == 10000


def test_a_mock_with_an_upstream_answers_by_itself_in_the_mode_mock(real: RunningMock) -> None:
    with VolcvMock(upstream=real.base_url, api_keys=[KEY]).serve() as server:
        assert post(server, real.body()).status_code == 200
        assert len(real.calls) == 0


def test_the_upstream_gets_the_clients_trace(real: RunningMock, passing: RunningMock) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    post(passing, real.body(), traceparent=f"00-{trace}-00f067aa0ba902b7-01")

    assert (real.calls.last.trace_id, passing.calls.last.trace_id) == (trace, trace)
