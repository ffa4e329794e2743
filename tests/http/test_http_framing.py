"""Heads and bodies as bytes: what is read, and what is refused because it could be read in two ways."""

import random

import pytest

from volcv_mock.http.framing import NO_HEAD, BadHttp, ChunkedBody, MeasuredBody, body_of, parse_head

CAP = 1000


def head(*lines: str, first: str = "POST /?a=b HTTP/1.1") -> bytes:
    return "\r\n".join((first, "Host: mock", *lines)).encode("latin-1")


def test_a_head_keeps_its_headers_in_wire_order_and_spelling():
    """Signatures name headers in the client's own order."""
    read = parse_head(head("X-Date: 1", "AUTHORIZATION:  Bearer x \t", "x-date: 2"))

    assert read.headers == (("Host", "mock"), ("X-Date", "1"), ("AUTHORIZATION", "Bearer x"), ("x-date", "2"))
    assert (read.method, read.path, read.query) == ("POST", "/", "a=b")


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/volcv/v1?Action=CVProcess", "/volcv/v1", "Action=CVProcess"),
        ("/a%2Fb?x=%20&y", "/a%2Fb", "x=%20&y"),
        ("http://mock:80/volcv/v1?a", "/volcv/v1", "a"),
        ("http://mock?a", "/", "a"),
        ("*", "*", ""),
    ],
    ids=["plain", "escapes stay", "absolute, as to a proxy", "absolute without a path", "asterisk"],
)
def test_a_target_is_kept_as_it_was_sent(target, path, query):
    read = parse_head(head(first=f"POST {target} HTTP/1.1"))

    assert (read.path, read.query) == (path, query)


@pytest.mark.parametrize(
    ("first", "connection", "keeps"),
    [
        ("POST / HTTP/1.1", "", True),
        ("POST / HTTP/1.1", "Connection: close", False),
        ("POST / HTTP/1.1", "Connection: TE, Close", False),
        ("POST / HTTP/1.0", "", False),
        ("POST / HTTP/1.0", "Connection: Keep-Alive", True),
    ],
)
def test_a_connection_is_kept_as_its_version_and_header_say(first, connection, keeps):
    assert parse_head(head(*filter(None, [connection]), first=first)).keeps_alive is keeps


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (head("Content-Length: 1", "Content-Length: 1"), "http_framing"),
        (head("Content-Length: 1, 1"), "http_framing"),
        (head("Content-Length: -1"), "http_framing"),
        (head("Content-Length: +1"), "http_framing"),
        (head("Content-Length: 1_0"), "http_framing"),
        (head("Content-Length: "), "http_framing"),
        (head("Content-Length: " + "9" * 19), "http_framing"),
        (head("Content-Length: \xb2"), "http_framing"),
        (head("Content-Length: 1", "Transfer-Encoding: chunked"), "http_framing"),
        (head("Transfer-Encoding: gzip, chunked"), "http_framing"),
        (head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "http_framing"),
        (head("Transfer-Encoding: \x0bchunked"), "http_syntax"),
        (head("Transfer-Encoding: chunked", first="POST / HTTP/1.0"), "http_framing"),
        (head("Transfer-Encoding : chunked"), "http_syntax"),
        (head("X: 1", " folded"), "http_syntax"),
        (head("X: a\x00b"), "http_syntax"),
        (head("X: a\rb"), "http_syntax"),
        (head("X: a\nb"), "http_syntax"),
        (head("no colon"), "http_syntax"),
        (head(": no name"), "http_syntax"),
        (head("Host: twice"), "http_syntax"),
        (b"POST / HTTP/1.1", "http_syntax"),
        (head(first="POST /"), "http_syntax"),
        (head(first="POST  / HTTP/1.1"), "http_syntax"),
        (head(first="POST /a b HTTP/1.1"), "http_syntax"),
        (head(first="PRI * HTTP/2.0"), "http_version"),
        (head(first="POST / HTTP/1.10"), "http_syntax"),
        (head("Expect: 200-ok"), "http_expectation"),
    ],
    ids=lambda value: value.decode("latin-1").split("\r\n", 2)[-1][:40] if isinstance(value, bytes) else value,
)
def test_a_head_that_could_be_read_in_two_ways_is_refused(raw, rule):
    with pytest.raises(BadHttp) as refused:
        parse_head(raw)

    assert refused.value.problem.rule == rule


def test_a_refusal_never_shows_a_header_that_may_hold_a_key():
    with pytest.raises(BadHttp) as refused:
        parse_head(head("Authorization Bearer sk-secret"))

    assert "sk-secret" not in refused.value.problem.sentence()


@pytest.mark.parametrize("seed", range(20))
def test_random_heads_are_read_or_refused_and_nothing_else(seed):
    chance = random.Random(seed)
    alphabet = b"POST / HTTP/1.1\r\n:Host Content-Length 0123\x00\xff\t,;"

    for _ in range(200):
        try:
            parse_head(bytes(chance.choices(alphabet, k=chance.randrange(80))))
        except BadHttp:
            continue


CHUNKED = b"4\r\nWiki\r\n5;name=value\r\npedia\r\n0\r\nTrailer: x\r\n\r\nNEXT"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
def test_a_chunked_body_is_read_in_pieces_of_any_size(step):
    body = ChunkedBody(CAP)
    fed = 0

    while not body.is_done:
        body.feed(CHUNKED[fed : fed + step])
        fed += step

    assert body.content() == b"Wikipedia"
    assert body.rest + CHUNKED[fed:] == b"NEXT"


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n",
        b"-1\r\n",
        b"0x4\r\n",
        b" 4\r\n",
        b"4\nWiki",
        b"4\r\nWikiX\r\n",
        b"\r\n",
        b"f" * 16 + b"\r\n",
        b"1" * 5000,
    ],
    ids=["no number", "negative", "prefixed", "indented", "bare LF", "too long", "empty", "16 digits", "endless line"],
)
def test_a_broken_chunk_is_refused(chunks):
    with pytest.raises(BadHttp) as refused:
        ChunkedBody(1 << 62).feed(chunks)

    assert refused.value.problem.rule == "http_framing"


def test_a_chunk_over_the_cap_is_refused_by_its_size_alone():
    with pytest.raises(BadHttp) as refused:
        ChunkedBody(CAP).feed(b"3E9\r\n")

    assert refused.value.problem.rule == "body_too_large"


def test_chunks_that_add_up_over_the_cap_are_refused():
    body = ChunkedBody(CAP)
    body.feed(b"3E8\r\n" + b"x" * 1000 + b"\r\n")

    with pytest.raises(BadHttp):
        body.feed(b"1\r\n")


def test_endless_trailers_are_refused():
    body = ChunkedBody(CAP)

    with pytest.raises(BadHttp):
        body.feed(b"0\r\n" + b"X: y\r\n" * 5000)


def test_a_measured_body_leaves_what_follows_it():
    body = MeasuredBody(4)
    body.feed(b"Wi")
    body.feed(b"kiNEXT")

    assert (body.is_done, body.content(), body.rest) == (True, b"Wiki", b"NEXT")


def test_a_length_over_the_cap_is_refused_before_a_byte_is_read():
    with pytest.raises(BadHttp) as refused:
        body_of(parse_head(head("Content-Length: 1001")), CAP)

    assert refused.value.problem.rule == "body_too_large"


@pytest.mark.parametrize(
    "lines",
    [("Expect: something",), ("Content-Length: -1",), ("Transfer-Encoding: gzip",), ("Host: another",)],
    ids=["expectation", "length", "encoding", "two hosts"],
)
def test_a_head_that_is_refused_for_its_framing_still_says_what_was_asked(lines):
    with pytest.raises(BadHttp) as refusal:
        parse_head(head(*lines, first="PUT /volcv/v1?a=b HTTP/1.1"))

    read = refusal.value.head
    assert (read.method, read.path, read.query, read.route) == ("PUT", "/volcv/v1", "a=b", "/volcv/v1")
    assert read.headers[0] == ("Host", "mock")


def test_a_head_with_a_line_that_cannot_be_read_still_says_what_was_asked():
    with pytest.raises(BadHttp) as refusal:
        parse_head(head("no colon", first="HEAD /_mock/health?a=b HTTP/1.1"))

    read = refusal.value.head
    assert (read.method, read.path, read.query, read.route) == ("HEAD", "/_mock/health", "a=b", "/_mock/health")
    assert read.headers == ()


def test_a_head_that_cannot_be_read_says_nothing():
    with pytest.raises(BadHttp) as refusal:
        parse_head(b"garbage")

    assert refusal.value.head == NO_HEAD
