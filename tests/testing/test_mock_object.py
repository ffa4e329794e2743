"""VolcvMock: one state behind three transports, rules in Python, and errors for misuse."""

from __future__ import annotations

import copy
import threading
import unittest
from typing import Any

import httpx
import pytest

from tests.helpers.clients import BASE, KEY, URL, by_httpx
from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock, contract


def test_intercept_socket_and_wsgi_share_one_state(mock: VolcvMock, body: Any) -> None:
    with mock.intercept(BASE):
        in_process = by_httpx(body)
    with mock.serve() as server:
        by_socket = by_httpx(body, url=URL.replace(BASE, server.base_url), timeout=DEADLINE_S)
        seen = len(server.calls)
    with httpx.Client(transport=httpx.WSGITransport(mock.app), base_url=BASE) as client:
        by_wsgi = client.post(URL, json=body, headers=KEY)

    pictures = {reply.json()["data"]["binary_data_base64"][0] for reply in (in_process, by_socket, by_wsgi)}

    assert len(pictures) == 1
    assert (seen, len(mock.calls)) == (2, 3)


def test_headers_are_the_same_in_process_and_on_a_socket(mock: VolcvMock, body: Any) -> None:
    mock.fail(50411)
    with mock.intercept(BASE):
        in_process = by_httpx(body)
    with mock.serve() as server:
        by_socket = by_httpx(body, url=URL.replace(BASE, server.base_url), timeout=DEADLINE_S)
    own = {"date", "x-volcv-mock-call", "content-length"}

    def kept(reply: httpx.Response) -> dict[str, str]:
        """Without headers that differ between calls, and without CORS headers, which are not needed in process."""
        headers = {name: value for name, value in reply.headers.items() if "access-control" not in name}
        return {name: value for name, value in headers.items() if name not in own}

    assert kept(in_process) == kept(by_socket)


@pytest.mark.parametrize("req_key", contract.operations())
def test_a_sample_body_is_valid_for_every_operation(intercepted: Any, req_key: str) -> None:
    assert by_httpx(intercepted.body(req_key)).json()["code"] == 10000


# Rules --------------------------------------------------------------------------------------------


def test_a_failure_can_be_limited_to_an_operation_and_a_number_of_times(intercepted: Any, body: Any) -> None:
    intercepted.fail(50411, req_key="i2i_inpainting", times=1)

    requested = ("i2i_outpainting", "i2i_inpainting", "i2i_inpainting")
    codes = [by_httpx(intercepted.body(req_key)).json()["code"] for req_key in requested]

    assert codes == [10000, 50411, 10000]


def test_a_sequence_takes_codes_faults_and_normal_answers(intercepted: Any, body: Any) -> None:
    intercepted.sequence(50429, "ghost_face", {"code": 50500, "delay_s": 1}, None)

    replies = [by_httpx(body).json() for _ in range(4)]

    assert [reply["code"] for reply in replies] == [50429, 10000, 50500, 10000]
    assert replies[1]["data"]["algorithm_base_resp"]["status_code"] == 201304


def test_a_rule_can_be_removed_by_its_id(intercepted: Any, body: Any) -> None:
    rule_id = intercepted.fail(50411)

    assert intercepted.remove_rule(rule_id)
    assert not intercepted.remove_rule(rule_id)
    assert by_httpx(body).json()["code"] == 10000


def test_forget_is_the_old_name_of_remove_rule(intercepted: Any) -> None:
    assert intercepted.forget(intercepted.fail(50411))
    assert intercepted.world.scope().rules.listing() == []


def test_reset_removes_rules_and_calls_and_restores_the_clock(intercepted: Any, body: Any) -> None:
    intercepted.fail(50411)
    intercepted.clock.advance(1000)
    by_httpx(body)

    intercepted.reset()

    assert len(intercepted.calls) == 0
    assert intercepted.clock.state()["offset_s"] == pytest.approx(0, abs=1)
    assert by_httpx(body).json()["code"] == 10000


MISUSE: dict[str, tuple[Any, str]] = {
    "an unknown code": (lambda mock: mock.fail(50499), "50499.*known code"),
    "an unknown fault": (lambda mock: mock.fault("rest"), "Did you mean 'reset'"),
    "a code as fault": (lambda mock: mock.fault(50411.5), "fault"),
    "an unknown option": (lambda mock: mock.fail(50411, time=1), "permitted: req_key, .*times"),
    "a negative delay": (lambda mock: mock.delay(-1), "a number from 0"),
    "zero times": (lambda mock: mock.fail(50411, times=0), "a whole number from 1"),
    "an empty sequence": (lambda mock: mock.sequence(), "sequence"),
    "a misspelt option": (lambda mock: mock.fail(50411, reqkey="i2i_inpainting"), "Did you mean 'req_key'"),
    "a misspelt setting": (lambda mock: VolcvMock(sede=7), "Did you mean 'seed'"),
    "a misspelt req_key of a rule": (lambda mock: mock.fail(50411, req_key="i2i_inpaint"), "mean 'i2i_inpainting'"),
    "a misspelt req_key of a call": (lambda mock: mock.assert_not_called(req_key="i2i_inpaint"), "'i2i_inpainting'"),
    "a misspelt field of a call": (lambda mock: mock.assert_called(reqkey="i2i_inpainting"), "mean 'req_key'"),
    "time going back": (lambda mock: mock.clock.advance(-5), "seconds is -5; wanted 0 or more"),
    "time as text": (lambda mock: mock.clock.advance("5"), "seconds is '5'; wanted 0 or more, as a number"),
    "an unknown setting": (lambda mock: VolcvMock(sed=7), "permitted: host, .*seed"),
    "a bad setting": (lambda mock: VolcvMock(latency="slow"), "off"),
    "an unknown req_key": (lambda mock: mock.body("i2i"), "permitted: i2i_inpainting"),
    "a port beyond the last": (lambda mock: mock.serve(port=99999), "port = 99999: wanted .* to 65535"),
    "a port as text": (lambda mock: mock.serve(port="80"), "port = '80': wanted a whole number"),
}


@pytest.mark.parametrize(("misuse", "message"), MISUSE.values(), ids=MISUSE)
def test_misuse_is_refused_with_what_is_permitted(mock: VolcvMock, misuse: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        misuse(mock)


RULES: dict[str, Any] = {
    "fail": lambda mock: mock.fail(50499),
    "an option": lambda mock: mock.fail(50411, reqkey=1),
    "fault": lambda mock: mock.fault("rest"),
    "delay": lambda mock: mock.delay(-1),
    "sequence": lambda mock: mock.sequence(),
    "task_times": lambda mock: mock.task_times(-1),
}


@pytest.mark.parametrize("mistake", RULES.values(), ids=RULES)
def test_a_mistake_in_a_rule_shows_the_line_of_the_test_and_no_frame_of_the_package(
    mock: VolcvMock, mistake: Any
) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        mistake(mock)

    shown = refused.traceback.filter(refused)
    assert [entry.path.name for entry in shown if "volcv_mock" in entry.path.parts] == []
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_the_user_part_of_a_base_is_not_shown(mock: VolcvMock) -> None:
    with pytest.raises(ValueError, match=r"without query or user") as refused:
        mock.intercept("https://user:sk-real-key@api.example.com")

    assert "sk-real-key" not in str(refused.value)


@pytest.mark.parametrize("handle", [lambda mock: mock.serve(), lambda mock: mock.intercept(BASE)], ids=["serve", "in"])
def test_a_handle_can_be_copied(mock: VolcvMock, handle: Any) -> None:
    """Debuggers and assertion rewriting do so. A copy without a mock once recursed without end."""
    assert copy.copy(handle(mock)).mock is mock


# Serving ------------------------------------------------------------------------------------------


def test_a_closed_server_has_no_url(mock: VolcvMock) -> None:
    server = mock.serve()
    with pytest.raises(RuntimeError, match="this server is closed"):
        _ = server.base_url
    with server:
        assert server.proxy_url.endswith("/volcv/v1")
    with pytest.raises(RuntimeError, match="this server is closed"):
        _ = server.proxy_url


def test_a_server_is_opened_once(mock: VolcvMock) -> None:
    with mock.serve() as server, pytest.raises(RuntimeError, match="open already"):
        server.start()


def test_no_thread_is_left_after_serving(mock: VolcvMock, body: Any) -> None:
    before = set(threading.enumerate())
    with mock.serve() as server:
        by_httpx(body, url=URL.replace(BASE, server.base_url), timeout=DEADLINE_S)

    assert set(threading.enumerate()) - before == set()


def test_a_served_mocks_own_picture_links_are_never_fetched_from_itself(mock: VolcvMock, body: Any) -> None:
    """A result that is sent as input of the next call is read from the store."""
    with mock.serve() as server:
        url = URL.replace(BASE, server.base_url)
        link = by_httpx({**body, "return_url": True}, url=url, timeout=DEADLINE_S).json()["data"]["image_urls"][0]
        chained = {"req_key": "byteedit_v2.0", "prompt": "blue", "image_urls": [link]}

        assert by_httpx(chained, url=url, timeout=DEADLINE_S).json()["code"] == 10000
        assert f"127.0.0.1:{server.base_url.rpartition(':')[2]}" in mock.world.own_hosts
    assert mock.world.own_hosts == ("127.0.0.1:8410",)


# As a context manager, and in unittest -----------------------------------------------------------


def test_the_mock_itself_is_a_context_manager_for_the_official_host(body: Any) -> None:
    with VolcvMock(auth="off") as mock:
        reply = by_httpx(body, url=URL.replace(f"{BASE}/volcv/v1", "https://visual.volcengineapi.com/"))

    assert reply.json()["code"] == 10000
    assert len(mock.calls) == 1


def test_plain_unittest_can_use_it() -> None:
    class AppTest(unittest.TestCase):
        def setUp(self) -> None:
            self.mock = VolcvMock()
            self.addCleanup(self.mock.stop)
            self.mock.start(BASE)

        def test_a_refusal(self) -> None:
            self.mock.fail(50412)
            assert by_httpx(self.mock.body()).json()["code"] == 50412

        def test_a_socket(self) -> None:
            server = self.enterContext(self.mock.serve())
            assert httpx.get(f"{server.base_url}/_mock/health", timeout=DEADLINE_S).status_code == 200

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(AppTest).run(result)

    assert (result.testsRun, result.errors, result.failures) == (2, [], [])


def test_the_official_sdk_is_intercepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK signs, uses plain http by default, and raises the body of a refusal as text."""
    from volcengine.visual.VisualService import VisualService

    mock = VolcvMock(access_keys={"AKLTexample": "c2VjcmV0"})
    with mock.intercept() as volcv:
        service = VisualService()
        service.set_ak("AKLTexample")
        service.set_sk("c2VjcmV0")

        answer = service.cv_process(mock.body())
        volcv.fail(50413)
        with pytest.raises(Exception, match="50413"):
            service.cv_process(mock.body())

    assert answer["code"] == 10000
    assert [call.credential for call in mock.calls] == ["signature", "signature"]
