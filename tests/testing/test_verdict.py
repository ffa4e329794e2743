"""The verdict: each finding from calls of a real client, the nearest correct behaviour, and the open questions."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
from PIL import Image

from tests.helpers.clients import BASE, KEY, QUERY, TLS, URL, by_httpx, by_requests
from volcv_mock import VolcvMock, contract
from volcv_mock.cli.process import status_by_verdict
from volcv_mock.imaging import png_writer
from volcv_mock.testing.verdict import NAMES

Client = Callable[[Any, dict[str, Any]], None]


def names(volcv: Any) -> list[str]:
    return [finding.name for finding in volcv.verdict.findings]


def attempts(volcv: Any, body: Any, number: int, *, pause_s: float = 0.0, growth: float = 2.0) -> None:
    """A client that sends the same request again and again, with growing pauses."""
    volcv.clock.freeze()  # a busy machine must not add pauses of its own
    for _ in range(number):
        by_httpx(body)
        volcv.clock.advance(pause_s)
        pause_s *= growth


def asked_for(*steps: Any) -> Callable[[Any], None]:
    return lambda volcv: volcv.sequence(*steps)


RETRIES: dict[str, tuple[tuple[Any, ...], dict[str, Any], list[str]]] = {
    "50411 tried again": ((50411, 50411, None), {"number": 2, "pause_s": 5}, ["retried_refusal"]),
    "50413 tried again, then accepted": ((50413, None), {"number": 2, "pause_s": 5}, ["retried_refusal"]),
    "50511 may pass the next time": ((50511, None), {"number": 2, "pause_s": 5}, []),
    "50412 tried once": ((50412,), {"number": 1}, []),
    "50400 tried again": ((50400, 50400), {"number": 2, "pause_s": 5}, ["retried_auth_error"]),
    "50429 with back-off": ((50429, 50429, None), {"number": 3, "pause_s": 1}, []),
    "50429 at once": ((50429, None), {"number": 2}, ["no_back_off"]),
    "50430 at once": ((50430, None), {"number": 2, "pause_s": 0.2}, ["no_back_off"]),
    "50430 with level pauses": ((50430,) * 4, {"number": 5, "pause_s": 2, "growth": 1.0}, ["no_back_off"]),
    "50430 and no second try": ((50430,), {"number": 1}, ["gave_up"]),
    "50500 and no second try": ((50500,), {"number": 1}, ["gave_up"]),
    "50500 and a second try": ((50500, None), {"number": 2, "pause_s": 1}, []),
    "eight attempts": ((50500,) * 8, {"number": 8, "pause_s": 1}, ["retry_storm"]),
    "seven attempts": ((50500,) * 7, {"number": 7, "pause_s": 1}, []),
    "four attempts within one second": ((50500,) * 4, {"number": 4}, ["retry_storm"]),
    "many equal calls that succeed": ((None,), {"number": 9}, []),
    "a reset tried again": (("reset", None), {"number": 2, "pause_s": 1}, []),
}


@pytest.mark.parametrize(("steps", "client", "found"), RETRIES.values(), ids=RETRIES)
def test_retries_after_a_refusal_are_audited(
    intercepted: Any, body: Any, steps: Any, client: dict[str, Any], found: list[str]
) -> None:
    intercepted.sequence(*steps)

    try:
        attempts(intercepted, body, **client)
    except httpx.ReadError:
        attempts(intercepted, body, **{**client, "number": 1})

    assert names(intercepted) == found


def test_a_retry_with_another_key_is_no_retry_of_an_auth_error(body: Any) -> None:
    """Changing the key is the correct reaction."""
    with VolcvMock(api_keys=("sk-good-key-0001",)).intercept(BASE) as volcv:
        by_httpx(body)
        by_httpx(body, Authorization="Bearer sk-good-key-0001")

    assert [call.http_status for call in volcv.calls] == [401, 200]
    assert names(volcv) == []


def test_equal_calls_at_the_same_time_are_no_storm(intercepted: Any, body: Any) -> None:
    """A load test sends the same body on many connections."""
    intercepted.fail(50500)
    intercepted.delay(3)

    async def five() -> None:
        async with httpx.AsyncClient(headers=KEY, verify=TLS) as client:
            await asyncio.gather(*(client.post(URL, json=body) for _ in range(5)))

    asyncio.run(five())

    assert "retry_storm" not in names(intercepted)


def test_retry_after_counts_as_the_least_pause(body: Any) -> None:
    mock = VolcvMock(requests_per_second=1, retry_after_s=10)
    mock.clock.freeze()  # a busy machine must not add pauses of its own
    with mock.intercept(BASE) as volcv:
        by_httpx(body)
        by_httpx(body)
        mock.clock.advance(5)
        by_httpx(body)

    (finding,) = volcv.verdict.findings

    assert finding.name == "no_back_off"
    assert "Retry-After was 10 s" in finding.seen


def test_a_retry_storm_is_found_while_the_clock_is_frozen(body: Any) -> None:
    """A response over a socket takes real time, which a frozen clock does not measure."""
    mock = VolcvMock()
    mock.fail(50500, times=4)
    mock.clock.freeze()
    with mock.serve() as server:
        for _ in range(4):
            requests.post(f"{server.base_url}/volcv/v1{QUERY}", json=body, headers=KEY, timeout=5)

    assert [call.code for call in mock.calls] == [50500] * 4
    assert names(mock) == ["retry_storm"]


def test_another_request_after_a_failure_is_not_reported_as_giving_up(intercepted: Any, body: Any) -> None:
    intercepted.fail(50500, times=1)

    by_httpx({**body, "seed": 1})
    by_httpx({**body, "seed": 2})

    assert names(intercepted) == []


def test_sleeping_in_virtual_time_is_seen_as_back_off(mock: VolcvMock, body: Any) -> None:
    import time

    mock.sequence(50429, 50429, None)
    with mock.intercept(BASE, virtual_sleep=True) as volcv:
        for pause_s in (1, 2, 4):
            by_httpx(body)
            time.sleep(pause_s)

    assert names(volcv) == []
    assert [round(call.retry["waited_s"]) for call in volcv.calls[1:]] == [1, 2]


@pytest.mark.parametrize("client", [by_httpx, by_requests], ids=["httpx", "requests"])
def test_a_client_that_waits_until_a_hang_ends_has_no_read_timeout(intercepted: Any, body: Any, client: Any) -> None:
    intercepted.fault("hang")

    with pytest.raises(AssertionError):
        client(body, timeout=None)
    intercepted.missing_timeouts.clear()

    assert names(intercepted) == ["no_read_timeout"]


def test_a_client_that_leaves_a_hang_has_a_timeout(intercepted: Any, body: Any) -> None:
    intercepted.fault("hang")

    with pytest.raises(httpx.ReadTimeout):
        by_httpx(body, timeout=5)

    assert names(intercepted) == []


def test_a_mask_as_jpeg_is_found(intercepted: Any, body: Any) -> None:
    by_httpx({**body, "binary_data_base64": [body["binary_data_base64"][0], picture("JPEG", "L", 0)]})

    assert names(intercepted) == ["mask_as_jpeg"]


def test_a_mask_that_is_mostly_white_is_perhaps_inverted(intercepted: Any, body: Any) -> None:
    by_httpx({**body, "binary_data_base64": [body["binary_data_base64"][0], picture("PNG", "L", 255)]})

    (finding,) = intercepted.verdict.findings

    assert (finding.name, finding.severity) == ("mask_perhaps_inverted", "warning")
    assert "100%" in finding.seen


def test_a_picture_larger_than_documented_is_found(intercepted: Any, body: Any) -> None:
    grey = png_writer.flat(64, 64, b"\x80\x80\x80")
    huge = base64.b64encode(png_writer.padded(grey, contract.limits().max_bytes + 1)).decode()

    by_httpx({**body, "binary_data_base64": [huge, body["binary_data_base64"][1]]})

    assert names(intercepted) == ["upload_too_large"]


@pytest.mark.parametrize("client", [httpx.get, requests.get], ids=["httpx", "requests"])
def test_a_link_that_was_never_fetched_is_found(intercepted: Any, body: Any, client: Any) -> None:
    link = by_httpx({**body, "return_url": True}).json()["data"]["image_urls"][0]
    assert names(intercepted) == ["url_never_fetched"]

    client(link, timeout=5)

    assert names(intercepted) == []


@pytest.mark.parametrize(
    ("url", "found"),
    [(URL, []), (URL.replace("https", "http"), ["key_in_clear"])],
    ids=["https", "plain http"],
)
def test_a_bearer_key_over_plain_http_is_found(intercepted: Any, body: Any, url: str, found: list[str]) -> None:
    by_httpx(body, url=url)

    assert names(intercepted) == found


def test_a_key_over_plain_http_to_this_machine_is_fine(mock: VolcvMock, body: Any) -> None:
    with mock.serve() as server:
        by_httpx(body, url=URL.replace(BASE, server.base_url))

    assert names(mock) == []


# What the wire cannot show ------------------------------------------------------------------------


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


# Reporting -----------------------------------------------------------------------------------------


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
            httpx.post(URL.replace(BASE, server.base_url), json=body, headers={**KEY, "X-Volcv-Mock": "code=50412"})
        document = httpx.get(f"{server.base_url}/_mock/verdict").json()

    assert document["is_resilient"] is False
    assert [finding["name"] for finding in document["findings"]] == ["retried_refusal"]
    assert document == json.loads(json.dumps(mock.verdict.to_dict()))


def test_without_calls_there_are_no_findings(mock: VolcvMock) -> None:
    assert str(mock.verdict) == "no findings in 0 calls"


def test_every_finding_is_described_in_the_docs() -> None:
    from pathlib import Path

    text = (Path(__file__).resolve().parents[2] / "docs" / "verdict.md").read_text(encoding="utf-8")

    assert [name for name in NAMES if f"`{name}`" not in text] == []


def picture(format: str, mode: str, colour: int) -> str:
    stream = io.BytesIO()
    Image.new(mode, (64, 64), colour).save(stream, format)
    return base64.b64encode(stream.getvalue()).decode()


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


def test_each_scope_is_judged_on_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """A call of another test is neither the retry that is missing here, nor one that is wrong."""
    mock = VolcvMock(fail_on="error")
    client, url = mock.app.test_client(), "/volcv/v1?Action=CVProcess&Version=2022-08-31"

    for scope, code in (("test-7", 50430), ("test-8", 50411), ("test-9", 10000)):
        headers = {"Authorization": "Bearer sk-a", "X-Volcv-Mock-Scope": scope}
        if code != 10000:
            client.post("/_mock/faults", json={"code": code}, headers=headers)
        assert client.post(url, json=mock.body(), headers=headers, buffered=True).get_json()["code"] == code

    assert status_by_verdict(mock.world) == 1
    told = capsys.readouterr().err
    assert "error: 1 finding\n" in told
    assert "gave_up" in told
