"""HTTP/1.1 framing: what a head says and where a body ends. Bytes in, values out; no socket, no waiting.

pywsgi's handler reads heads with the e-mail parser: it loses the order of headers, keeps 8 KB per connection, accepts
two lengths at once and answers errors without a body. So the server has a strict parser of its own. Whatever could be
read in two ways (RFC 9112, 6.3 and 11.2) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from urllib.parse import unquote

from volcv_mock._util.frozen import frozen
from volcv_mock._util.memo import remembering
from volcv_mock.model import Headers, Problem

HEAD_END = b"\r\n\r\n"
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([^\x00-\x20\x7f]+) HTTP/(\d)\.(\d)")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")
_AUTHORITY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
USUAL_HEAD_BYTES = 1024
"""Clients repeat their heads. A cached one costs 2 us instead of 19, which is 4 % of a refusal."""
_FRAMING_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "expect", "connection"})
_CHUNK_LINE_BYTES = 4096
_TRAILER_BYTES = 8192


@frozen
class Head:
    """A request's head. `length` is the Content-Length, None when there is none. `route` is the decoded path, which
    selects the endpoint."""

    method: str
    path: str
    query: str
    headers: Headers
    is_http_1_0: bool = False
    length: int | None = None
    is_chunked: bool = False
    expects_continue: bool = False
    keeps_alive: bool = True
    route: str = ""

    @property
    def has_body(self) -> bool:
        """Whether body bytes follow the head."""
        return self.is_chunked or bool(self.length)


NO_HEAD = Head("", "", "", ())
"""Stands for a head that could not be read."""


class BadHttp(Exception):
    """A request that is malformed or not accepted. The connection ends after the refusal. `head` is the head as far
    as it could be read: without headers when one of their lines could not."""

    def __init__(self, problem: Problem, head: Head = NO_HEAD) -> None:
        super().__init__(problem.rule)
        self.problem = problem
        self.head = head


def bad(rule: str, found: str, wanted: str, fix: str, where: str = "request", source: str = "RFC 9112") -> BadHttp:
    """The error for a malformed request; `rule` names what it breaks."""
    return BadHttp(Problem(where, found, wanted, fix, rule, source))


@remembering(USUAL_HEAD_BYTES, once=b"HMAC-")  # a signed head never comes twice
def parse_head(data: bytes) -> Head:
    """The head in `data`, which ends before the empty line. Raises BadHttp."""
    first, *lines = data.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if line is None:
        raise bad("http_syntax", "a first line that is not HTTP", "METHOD TARGET HTTP/1.1", "Send HTTP to this port.")
    if line[3] != b"1":
        raise bad("http_version", f"HTTP/{line[3].decode()}", "HTTP/1.1 or HTTP/1.0", "Disable HTTP/2 without TLS.")
    path, _, query = _without_authority(line[2].decode("latin-1")).partition("?")
    method, is_http_1_0 = line[1].decode(), line[4] == b"0"
    headers: Headers = ()
    try:
        headers = tuple(map(_field, lines))
        return _framed(method, path, query, headers, is_http_1_0)
    except BadHttp as refusal:
        read = Head(method, path, query, headers, is_http_1_0, keeps_alive=False, route=unquote(path))
        raise BadHttp(refusal.problem, read) from None


def _field(line: bytes) -> tuple[str, str]:
    field = _FIELD.fullmatch(line)
    if field is None:  # the line is not shown: it may hold a key
        raise bad("http_syntax", "a line that is not `Name: value`", "one header per line", "Fix the header.", "header")
    return field[1].decode(), field[2].rstrip(b" \t").decode("latin-1")


def _without_authority(target: str) -> str:
    """The path and query of an absolute-form target, as clients send to a proxy (RFC 9112, 3.2.2)."""
    authority = _AUTHORITY.match(target)
    if authority is None:
        return target
    rest = target[authority.end() :]
    return rest if rest.startswith("/") else "/" + rest


def _framed(method: str, path: str, query: str, headers: Headers, is_http_1_0: bool) -> Head:
    values = _values(headers)
    _check_host(values.get("host", []), is_http_1_0)
    length, is_chunked = _length(values.get("content-length", [])), _is_chunked(values, is_http_1_0)
    if is_chunked and length is not None:
        raise bad("http_framing", "Content-Length and Transfer-Encoding", "one of the two", "Send one.", "header")
    return Head(
        method, path, query, headers, is_http_1_0, length, is_chunked,
        expects_continue=_expects_continue(values.get("expect", []), is_http_1_0),
        keeps_alive=_keeps_alive(values.get("connection", []), is_http_1_0), route=unquote(path),
    )  # fmt: skip


def _values(headers: Headers) -> dict[str, list[str]]:
    """The values of the headers that matter here, by their names in lower case."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        key = name.lower()
        if key in _FRAMING_HEADERS:
            values.setdefault(key, []).append(value)
    return values


def _check_host(hosts: list[str], is_http_1_0: bool) -> None:
    if len(hosts) != 1 and not (is_http_1_0 and not hosts):
        raise bad("http_syntax", f"{len(hosts)} Host headers", "one Host header", "Send one.", "header.Host")


def _length(lengths: list[str]) -> int | None:
    if not lengths:
        return None
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        found = "several Content-Length headers" if len(lengths) > 1 else f"Content-Length {lengths[0][:40]!r}"
        raise bad("http_framing", found, "one whole number", "Send one.", "header.Content-Length")
    return int(lengths[0])


def _is_chunked(values: dict[str, list[str]], is_http_1_0: bool) -> bool:
    encodings = values.get("transfer-encoding", [])
    if not encodings:
        return False
    if is_http_1_0 or [encoding.lower() for encoding in encodings] != ["chunked"]:
        found = f"Transfer-Encoding {', '.join(encodings)[:40]!r}"
        fix = "Send the body chunked, or with its length."
        raise bad("http_framing", found, "chunked, with HTTP/1.1", fix, "header.Transfer-Encoding")
    return True


def _expects_continue(expectations: list[str], is_http_1_0: bool) -> bool:
    if problem := unmet_expectation(expectations):
        raise BadHttp(problem)
    return bool(expectations) and not is_http_1_0


def unmet_expectation(expectations: Sequence[str]) -> Problem | None:
    """What is wrong with the values of Expect; the service asks too, for the transports that read no bytes."""
    if [expectation.strip().lower() for expectation in expectations] in ([], ["100-continue"]):
        return None
    found = f"Expect {', '.join(expectations)[:40]!r}"
    return Problem("header.Expect", found, "100-continue", "Leave it out.", "http_expectation", "RFC 9110, 10.1.1")


def _keeps_alive(connections: list[str], is_http_1_0: bool) -> bool:
    options = {option.strip().lower() for value in connections for option in value.split(",")}
    return "keep-alive" in options if is_http_1_0 else "close" not in options


def too_large(found: str, cap_bytes: int) -> BadHttp:
    """The error for a body above the cap, for announced and for received sizes."""
    fix = "Send smaller pictures, or send them by URL."
    return bad("body_too_large", found, f"at most {cap_bytes} bytes", fix, "body", "a limit of volcv-mock")


class MeasuredBody:
    """A body whose length is known. `feed` takes bytes; those after its end go to `rest`."""

    def __init__(self, length: int) -> None:
        self._left = length
        self._content = BytesIO()
        self.rest = b""

    @property
    def is_done(self) -> bool:
        """Whether all announced bytes were fed."""
        return self._left == 0

    @property
    def appetite(self) -> int:
        """How many bytes it can take without reading into the next request."""
        return self._left

    def feed(self, data: bytes) -> None:
        """Take received bytes; those beyond the body are in `rest`."""
        self._content.write(data if len(data) <= self._left else data[: self._left])
        self.rest = data[self._left :]
        self._left -= min(self._left, len(data))

    def content(self) -> bytes:
        """The body as received so far."""
        return self._content.getvalue()  # shares the buffer: no copy


class ChunkedBody:
    """A body in chunks (RFC 9112, 7.1), as the Go SDK always sends it. Trailers are read and dropped."""

    appetite = 1 << 30

    def __init__(self, cap_bytes: int) -> None:
        self._cap_bytes = cap_bytes
        self._content = BytesIO()
        self._pending = bytearray()
        self._left = 0
        self._trailer_left = _TRAILER_BYTES
        self._step = self._read_size
        self.is_done = False

    @property
    def rest(self) -> bytes:
        """The bytes that were fed and not read: after the end, those of the next request."""
        return bytes(self._pending)

    def feed(self, data: bytes) -> None:
        """Take received bytes and read the chunks that are complete. Raises BadHttp."""
        self._pending += data
        while not self.is_done and self._step():
            pass

    def content(self) -> bytes:
        """The chunks read so far, joined."""
        return self._content.getvalue()

    def _line(self, most_bytes: int) -> bytes | None:
        end = self._pending.find(b"\n", 0, most_bytes)
        if end < 0 and len(self._pending) >= most_bytes:
            raise _bad_chunk("a line without an end")
        if end < 0:
            return None
        if self._pending[end - 1 : end] != b"\r":
            raise _bad_chunk("a line that ends without CR")
        line = bytes(self._pending[: end - 1])
        del self._pending[: end + 1]
        return line

    def _read_size(self) -> bool:
        line = self._line(_CHUNK_LINE_BYTES)
        if line is None:
            return False
        size = _CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise _bad_chunk("a chunk size that is no hexadecimal number")
        self._left = int(size[1], 16)
        if self._content.tell() + self._left > self._cap_bytes:
            raise too_large(f"{self._content.tell() + self._left} bytes or more", self._cap_bytes)
        self._step = self._read_data if self._left else self._read_trailer
        return True

    def _read_data(self) -> bool:
        piece = self._pending[: self._left]
        self._content.write(piece)
        self._left -= len(piece)
        del self._pending[: len(piece)]
        if self._left:
            return False
        self._step = self._read_data_end
        return True

    def _read_data_end(self) -> bool:
        if len(self._pending) < 2:
            return False
        if self._pending[:2] != b"\r\n":
            raise _bad_chunk("a chunk longer than its size")
        del self._pending[:2]
        self._step = self._read_size
        return True

    def _read_trailer(self) -> bool:
        line = self._line(self._trailer_left)
        if line is None:
            return False
        self._trailer_left = max(2, self._trailer_left - len(line) - 2)
        self.is_done = not line
        return True


Body = MeasuredBody | ChunkedBody


def body_of(head: Head, cap_bytes: int) -> Body:
    """An empty body to feed. Raises BadHttp when its length alone is too much."""
    if head.is_chunked:
        return ChunkedBody(cap_bytes)
    length = head.length or 0
    if length > cap_bytes:
        raise too_large(f"Content-Length {length}", cap_bytes)
    return MeasuredBody(length)


def _bad_chunk(found: str) -> BadHttp:
    fix = "Leave the chunking to an HTTP library."
    return bad("http_framing", found, "chunks as RFC 9112, 7.1 has them", fix, "body")
