"""HTTP as clients really speak it, seen on a raw socket."""

import random

import pytest

from tests.server.scripted import CAP_BYTES

CHUNKED = "Transfer-Encoding: chunked\r\n"


def test_a_chunked_body_is_read(mock):
    """The Go SDK always sends one."""
    with mock.client() as client:
        client.ask(headers=CHUNKED, body=b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")

        assert client.answer()[2] == b'{"read":7}'


def test_a_client_that_expects_100_continue_is_told_to_go_on(mock):
    with mock.client() as client:
        client.ask(headers="Content-Length: 3\r\nExpect: 100-Continue\r\n")
        status, _ = client.head()
        client.send(b"abc")

        assert status == 100
        assert client.answer()[2] == b'{"read":3}'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (f"Content-Length: {CAP_BYTES + 1}\r\nExpect: 100-continue\r\n", 413),
        ("Content-Length: 3\r\nExpect: something\r\n", 417),
    ],
    ids=["too large", "another expectation"],
)
def test_an_expectation_is_refused_before_the_body_is_sent(mock, headers, status):
    with mock.client() as client:
        client.ask(headers=headers)

        assert client.answer()[0] == status
        assert client.is_ended()


@pytest.mark.parametrize("headers", ["Expect: something\r\n", "Transfer-Encoding: gzip\r\n"])
def test_a_refusal_of_a_head_request_has_no_body(mock, headers):
    with mock.client() as client:
        client.ask(headers=headers, method="HEAD")
        status, fields = client.head()

        assert status in (400, 417)
        assert int(fields["content-length"]) > 0
        assert client.is_ended()


def test_the_connection_goes_on_after_many_answers(mock):
    with mock.client() as client:
        for number in range(20):
            client.ask(body=b"x" * number)

            assert client.answer()[2] == b'{"read":%d}' % number


def test_pipelined_requests_are_answered_in_order(mock):
    with mock.client() as client:
        for number in range(5):
            client.ask("delay=0.01", body=b"x" * number)

        assert [client.answer()[2] for _ in range(5)] == [b'{"read":%d}' % number for number in range(5)]


def test_empty_lines_between_requests_are_forgiven(mock):
    with mock.client() as client:
        client.send(b"\r\n\r\n")
        client.ask()

        assert client.answer()[0] == 200


def test_http_1_0_is_answered_and_ended(mock):
    with mock.client() as client:
        client.ask(version="1.0")
        _, headers, _ = client.answer()

        assert headers["connection"] == "close"
        assert client.is_ended()


def test_http_1_0_may_stay(mock):
    with mock.client() as client:
        client.ask(version="1.0", headers="Connection: keep-alive\r\n")
        _, headers, _ = client.answer()
        client.ask()

        assert headers["connection"] == "keep-alive"
        assert client.answer()[0] == 200


def test_head_gets_the_length_and_no_body(mock):
    with mock.client() as client:
        client.ask("size=100", method="HEAD")
        _, headers = client.head()
        client.ask()

        assert headers["content-length"] == "100"
        assert client.answer()[2] == b'{"read":0}'


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\n" + CHUNKED,
        "Transfer-Encoding: gzip\r\n",
        "Content-Length: 3\r\nHost: another\r\n",
    ],
    ids=["two lengths", "length and chunked", "unknown encoding", "two hosts"],
)
def test_doubtful_framing_is_refused_and_ends_the_connection(mock, headers):
    with mock.client() as client:
        client.ask(headers=headers, body=b"abc")
        status, fields, body = client.answer()

        assert (status, fields["connection"], fields["content-type"]) == (400, "close", "application/json")
        assert body.startswith(b'{"rule"')
        assert client.is_ended()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (b"\x00", 400),
        (b"GET /\r\n", 400),
        (b"POST / HTTP/1.1\n", 400),
        (b"POST / HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"POST /" + b"a" * 9000, 414),
        (b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 20000, 431),
    ],
    ids=["TLS hello", "NUL", "HTTP/0.9", "bare LF", "no colon", "HTTP/2", "long target", "long head"],
)
def test_what_is_no_request_gets_json_and_the_end(mock, sent, status):
    if sent == b"GET /\r\n":
        sent += b"\r\n"
    with mock.client() as client:
        client.send(sent)

        assert client.answer()[0] == status
        assert client.is_ended()


def test_random_bytes_never_stop_the_server(serve):
    mock = serve(head_s=0.05, linger_s=0.05)
    chance = random.Random(7)

    for _ in range(50):
        with mock.client() as client:
            client.send(chance.randbytes(chance.randrange(1, 3000)))
            assert client.answer()[0] in (400, 408, 414)

    with mock.client() as client:
        client.ask()
        assert client.answer()[0] == 200


def test_200_mb_are_refused_by_their_length_and_the_client_can_still_read_why(mock):
    """The client goes on sending for a while; a reset would take the answer away from it."""
    with mock.client() as client:
        client.ask(headers="Content-Length: 200000000\r\n", body=b"x" * 3_000_000)

        assert client.answer()[0] == 413

    assert mock.service.bodies == []


def test_a_chunked_body_is_refused_once_it_is_over_the_cap(mock):
    with mock.client() as client:
        client.ask(headers=CHUNKED)
        for _ in range(CAP_BYTES // 65536 + 1):
            client.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")

        assert client.answer()[0] == 413


def test_a_body_of_exactly_the_cap_is_taken(mock):
    with mock.client() as client:
        client.ask(body=b"x" * CAP_BYTES)

        assert client.answer()[2] == b'{"read":%d}' % CAP_BYTES


def test_the_end_of_a_short_upload_is_silent(mock):
    with mock.client() as client:
        client.ask(headers="Content-Length: 10\r\n", body=b"abc")
        client.socket.shutdown(1)

        assert client.is_ended()

    assert mock.world.computing == 0


def test_a_client_that_only_looks_in_is_let_go(mock):
    with mock.client() as client:
        client.socket.shutdown(1)

        assert client.is_ended()


def test_an_exception_of_the_service_is_answered_in_json_and_the_connection_goes_on(mock):
    with mock.client() as client:
        client.ask("mistake=1", body=b"abc")
        status, headers, _ = client.answer()
        client.ask()

        assert (status, headers["content-type"]) == (500, "application/json")
        assert client.answer()[0] == 200


def test_a_reply_without_a_journal_entry_is_not_reported(mock):
    with mock.client() as client:
        client.ask("plain=1")

        assert client.answer()[2] == b"{}"

    assert mock.world.endings == []


def test_pictures_are_fetched_by_the_server_before_the_service_decides(mock):
    with mock.client() as client:
        client.ask("wants=http://a/b.jpg", body=b"abc")

        assert client.answer()[2] == b'{"read":3}'

    assert mock.world.computing == 2


@pytest.mark.parametrize("sends_many", [True, False], ids=["sendmsg", "send, as on Windows"])
def test_an_answer_of_megabytes_arrives_whole(mock, sends_many, monkeypatch):
    monkeypatch.setattr("volcv_mock.server.channel._SENDS_MANY", sends_many)
    with mock.client() as client:
        client.ask("size=8000000")

        assert len(client.answer()[2]) == 8_000_000
