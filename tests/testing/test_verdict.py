"""The verdict: each finding from calls of a real client, and the nearest correct behaviour."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
from PIL import Image

from tests.helpers.clients import BASE, CLIENTS, KEY, QUERY, TLS, URL, by_httpx, by_requests
from volcv_mock import VolcvMock, contract, pipeline
from volcv_mock.cli.process import status_by_verdict
from volcv_mock.imaging import png_writer

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


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS)
def test_time_in_which_the_mock_computes_is_no_pause_of_the_client(
    intercepted: Any, body: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow machine a retry at once must not look like one after a pause."""
    intercepted.clock.freeze()
    intercepted.sequence(50429, None)
    intercepted.delay(2)
    compute_for(5, intercepted, monkeypatch)

    client(body, timeout=60)
    client(body, timeout=60)

    assert intercepted.calls.last.retry["waited_s"] == 0
    assert names(intercepted) == ["no_back_off"]


@pytest.mark.parametrize("computing_s", [0, 5])
def test_a_pause_is_counted_from_the_end_of_the_answer(
    intercepted: Any, body: Any, computing_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pieces of a drip arrive within 3 s; the client waits 7 s after the last one."""
    intercepted.clock.freeze()
    intercepted.fault("drip", duration_s=3, times=1)
    compute_for(computing_s, intercepted, monkeypatch)

    by_httpx(body, timeout=60)
    intercepted.clock.advance(7)
    by_httpx(body, timeout=60)

    assert intercepted.calls.last.retry["waited_s"] == pytest.approx(7)


def compute_for(seconds: float, volcv: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mock compute for so long before each answer."""

    def computed_slowly(*args: Any) -> Any:
        volcv.clock.advance(seconds)
        return handle(*args)

    handle = pipeline.handle
    monkeypatch.setattr(pipeline, "handle", computed_slowly)


def test_sleeping_in_virtual_time_is_seen_as_back_off(mock: VolcvMock, body: Any) -> None:
    import time

    mock.sequence(50429, 50429, None)
    with mock.intercept(BASE, virtual_sleep=True) as volcv:
        volcv.clock.freeze()  # a busy machine must not add pauses of its own
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


def picture(format: str, mode: str, colour: int) -> str:
    stream = io.BytesIO()
    Image.new(mode, (64, 64), colour).save(stream, format)
    return base64.b64encode(stream.getvalue()).decode()


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
