"""How a verdict is reported: as an assertion, over HTTP, by the exit status, and what only a test can tell it."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.helpers.clients import BASE, KEY, URL, by_httpx
from tests.helpers.deadlines import DEADLINE_S
from tests.testing.test_verdict import attempts, names
from volcv_mock import VolcvMock
from volcv_mock.cli.process import status_by_verdict
from volcv_mock.testing.verdict import NAMES


@pytest.mark.parametrize("placement", ["ghost_face", "ghost_face_top_level"])
def test_a_fallback_on_201304_is_open_until_the_test_says_so(intercepted: Any, body: Any, placement: str) -> None:
    intercepted.fault(placement)
    by_httpx(body)
    open_before = [question.question for question in intercepted.verdict.not_observable]

    intercepted.app_showed("fallback")

    assert "201304" in open_before[0]
    assert intercepted.verdict.not_observable == ()
    assert names(intercepted) == []


def test_an_app_that_showed_a_picture_on_201304_has_no_fallback(intercepted: Any, body: Any) -> None:
    intercepted.fault("ghost_face")
    by_httpx(body)

    intercepted.app_showed("picture")

    assert names(intercepted) == ["no_fallback"]


def test_what_the_app_showed_holds_for_the_calls_so_far_only(intercepted: Any, body: Any) -> None:
    intercepted.fault("ghost_face")
    by_httpx(body)
    intercepted.app_showed("fallback")
    by_httpx(body)

    assert len(intercepted.verdict.not_observable[0].calls) == 1


def test_a_reset_removes_statements_about_the_app(intercepted: Any, body: Any) -> None:
    """The same call has the same id after a reset."""
    intercepted.fault("ghost_face")
    by_httpx(body)
    intercepted.app_showed("fallback")
    intercepted.reset()
    intercepted.fault("ghost_face")
    by_httpx(body)

    assert len(intercepted.verdict.not_observable) == 2


def test_an_unknown_value_for_what_the_app_showed_is_refused(mock: VolcvMock) -> None:
    with pytest.raises(ValueError, match=r"permitted: fallback, error, picture\. Did you mean 'fallback'"):
        mock.app_showed("fallbak")


def test_assert_resilient_names_finding_fix_and_calls(intercepted: Any, body: Any) -> None:
    intercepted.fail(50411)
    attempts(intercepted, body, 2, pause_s=5)

    with pytest.raises(AssertionError) as caught:
        intercepted.assert_resilient()

    text = str(caught.value)
    assert "retried_refusal" in text
    assert "fix: Do not retry 50411" in text
    assert all(call.id in text for call in intercepted.calls)


def test_assert_resilient_accepts_warnings_and_ignored_findings(intercepted: Any, body: Any) -> None:
    by_httpx({**body, "return_url": True})
    intercepted.assert_resilient()

    intercepted.fail(50430, times=1)
    by_httpx({**body, "seed": 3})
    intercepted.assert_resilient(ignore=["gave_up"])


def test_one_finding_to_ignore_needs_no_list(intercepted: Any, body: Any) -> None:
    intercepted.fail(50430)
    by_httpx(body)

    intercepted.assert_resilient(ignore="gave_up")


def test_an_unknown_finding_to_ignore_is_refused(mock: VolcvMock) -> None:
    with pytest.raises(TypeError, match="Did you mean 'gave_up'"):
        mock.assert_resilient(ignore=["gave_upp"])


def test_the_verdict_is_served_too(mock: VolcvMock, body: Any) -> None:
    with mock.serve() as server:
        for _ in range(2):
            httpx.post(
                URL.replace(BASE, server.base_url),
                json=body,
                headers={**KEY, "X-Volcv-Mock": "code=50412"},
                timeout=DEADLINE_S,
            )
        document = httpx.get(f"{server.base_url}/_mock/verdict", timeout=DEADLINE_S).json()

    assert document["is_resilient"] is False
    assert [finding["name"] for finding in document["findings"]] == ["retried_refusal"]
    assert document == json.loads(json.dumps(mock.verdict.to_dict()))


def test_without_calls_there_are_no_findings(mock: VolcvMock) -> None:
    assert str(mock.verdict) == "no findings in 0 calls"


def test_every_finding_is_described_in_the_docs() -> None:
    from pathlib import Path

    text = (Path(__file__).resolve().parents[2] / "docs" / "verdict.md").read_text(encoding="utf-8")

    assert [name for name in NAMES if f"`{name}`" not in text] == []


def test_over_http_an_open_question_names_the_way_over_http_and_that_settles_it(intercepted: Any, body: Any) -> None:
    """Apps in other languages have no `volcv.app_showed`."""
    intercepted.fault("ghost_face")
    httpx.post(f"{intercepted.proxy_url}?Action=CVProcess&Version=2022-08-31", json=body,
               headers={"Authorization": "Bearer sk-a"})  # fmt: skip
    client = intercepted.app.test_client()

    questions = client.get("/_mock/verdict").get_json()["not_observable"]
    stated = client.post("/_mock/app-showed", json={"showed": "fallback"})

    assert questions[0]["settle"] == 'POST /_mock/app-showed {"showed": "fallback"}'
    assert stated.get_json() == {"showed": "fallback", "calls": 1}
    assert client.get("/_mock/verdict").get_json()["not_observable"] == []
    assert "volcv.app_showed" not in client.get("/_mock/verdict").get_data(as_text=True)


def test_an_unknown_value_over_http_is_refused_with_the_nearest(mock: VolcvMock) -> None:
    refused = mock.app.test_client().post("/_mock/app-showed", json={"showed": "fallbak"})

    assert refused.status_code == 400
    assert "Did you mean 'fallback'?" in refused.get_json()["error"]["message"]


@pytest.mark.parametrize(
    ("level", "mask", "status"),
    [("", "inverted", 0), ("error", "inverted", 0), ("warning", "inverted", 1), ("error", "jpeg", 1),
     ("warning", "jpeg", 1), ("warning", "", 0)],
)  # fmt: skip
def test_fail_on_decides_the_exit_status_of_serve(
    level: Any, mask: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """An inverted mask is a warning, a mask as JPEG an error."""
    mock = VolcvMock(fail_on=level) if level else VolcvMock()
    drawn = Image.new("L", (64, 64), 255 if mask else 0)
    drawn.paste(0 if mask else 255, (0, 0, 8, 8))
    sink = io.BytesIO()
    drawn.save(sink, "JPEG" if mask == "jpeg" else "PNG")
    sent = mock.body()
    sent["binary_data_base64"][1] = base64.b64encode(sink.getvalue()).decode()
    mock.app.test_client().post("/volcv/v1?Action=CVProcess&Version=2022-08-31", json=sent, buffered=True,
                                headers={"Authorization": "Bearer sk-a", "X-Volcv-Mock-Scope": "test-7"})  # fmt: skip

    assert status_by_verdict(mock.world) == status
    assert ("mask_" in capsys.readouterr().err) == bool(status)
