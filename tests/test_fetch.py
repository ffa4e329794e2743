"""Fetching pictures by URL: policies, hops, addresses, limits and stand-ins, against servers on 127.0.0.1."""

from __future__ import annotations

import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from volcv_mock import contract, fetch
from volcv_mock.fetch import Fetcher, FetchLimits, stand_ins
from volcv_mock.model import Fetched


def jpeg(width: int = 96, height: int = 80, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 60)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


PICTURE = jpeg()
Answer = Callable[[BaseHTTPRequestHandler, "Site"], None]


@dataclass
class Site:
    """A server of pictures and trouble. `asked` are the paths it saw, `over` ends whoever still waits."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, *headers: tuple[str, str]) -> None:
    handler.send_response(status)
    for name, value in (("Content-Length", str(len(body))), *headers):
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def picture(handler: BaseHTTPRequestHandler, site: Site) -> None:
    answer(handler, 200, PICTURE, ("Content-Type", "image/jpeg"))


def without_length(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + PICTURE)


def chunked(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    handler.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(PICTURE), PICTURE))


def cut_short(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(PICTURE) + 1) + PICTURE)


def cut_short_in_a_chunk(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nabc")


def claims_to_be_large(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    site.over.wait()


def never_ends(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + PICTURE)
    try:
        while not site.over.is_set():
            handler.wfile.write(bytes(65536))
    except OSError:
        return


def trickles_its_head(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        while not site.over.wait(0.02):
            handler.wfile.write(b"X")
    except OSError:
        return


def trickles_its_body(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    trickles_its_head(handler, site)


def says_nothing(handler: BaseHTTPRequestHandler, site: Site) -> None:
    site.over.wait()


def speaks_another_protocol(handler: BaseHTTPRequestHandler, site: Site) -> None:
    handler.wfile.write(b"220 smtp ready\r\n")


ANSWERS: dict[str, Answer] = {
    "/a.jpg": picture,
    "/%E7%8C%AB.jpg": picture,
    "/without-length.jpg": without_length,
    "/chunked.jpg": chunked,
    "/cut": cut_short,
    "/cut-chunk": cut_short_in_a_chunk,
    "/large": claims_to_be_large,
    "/endless": never_ends,
    "/slow-head": trickles_its_head,
    "/slow-body": trickles_its_body,
    "/silent": says_nothing,
    "/tall.jpg": lambda handler, site: answer(handler, 200, jpeg(200, 100, orientation=6)),
    "/page": lambda handler, site: answer(handler, 200, b"<html>no</html>", ("Content-Type", "text/html")),
    "/empty": lambda handler, site: answer(handler, 200, b""),
    "/gif": lambda handler, site: answer(handler, 200, b"GIF89a"),
    "/bomb": lambda handler, site: answer(handler, 200, png_of_a_claimed_size(100_000)),
    "/404": lambda handler, site: answer(handler, 404, b"no"),
    "/301-nowhere": lambda handler, site: answer(handler, 301, b""),
    "/nonsense": speaks_another_protocol,
    "/to-a": lambda handler, site: answer(handler, 302, b"", ("Location", "/a.jpg")),
    "/twice": lambda handler, site: answer(handler, 307, b"", ("Location", site.url("/to-a"))),
    "/loop": lambda handler, site: answer(handler, 302, b"", ("Location", "/loop")),
    "/to-file": lambda handler, site: answer(handler, 302, b"", ("Location", "file:///etc/passwd")),
    "/to-public": lambda handler, site: answer(handler, 302, b"", ("Location", "http://example.com/a.jpg")),
    "/to-metadata": lambda handler, site: answer(handler, 302, b"", ("Location", "http://169.254.169.254/latest")),
    "/to-itself-by-name": lambda handler, site: answer(
        handler, 302, b"", ("Location", site.url("/a.jpg", "pictures.example"))
    ),
    "/to-nonsense": lambda handler, site: answer(handler, 302, b"", ("Location", "http://[::1")),
    "/to-own": lambda handler, site: answer(handler, 302, b"", ("Location", "http://mock/_mock/images/1.jpeg")),
}


def png_of_a_claimed_size(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG")
    whole = buffer.getvalue()
    return whole[:16] + side.to_bytes(4, "big") * 2 + whole[24:]


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.headers.append({name.lower(): value for name, value in self.headers.items()})
            ANSWERS[self.path.partition("?")[0]](self, site)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield site
    site.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(served: Site) -> Site:
    served.asked.clear()
    served.headers.clear()
    return served


QUICK = FetchLimits(max_bytes=100_000, total_s=0.3, redirects=2)
PATIENT = FetchLimits(max_bytes=100_000, redirects=2)


def one(fetcher: Fetcher, url: str) -> Fetched:
    return fetcher.fetch([url])[url]


@pytest.mark.parametrize("path", ["/a.jpg", "/a.jpg?sign=1", "/without-length.jpg", "/chunked.jpg", "/猫.jpg"])
def test_a_picture_on_loopback_is_fetched(site, path):
    got = one(Fetcher(limits=PATIENT), site.url(path))

    assert got == Fetched(PICTURE)


def test_redirects_between_permitted_hosts_are_followed(site):
    assert one(Fetcher(limits=PATIENT), site.url("/twice")) == Fetched(PICTURE)
    assert site.asked == ["/twice", "/to-a", "/a.jpg"]


@pytest.mark.parametrize("host", ["localhost", "pictures.localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_loopback_is_fetched_however_it_is_spelled(site, host):
    assert one(Fetcher(limits=PATIENT), site.url("/a.jpg", host)).data == PICTURE


@pytest.mark.parametrize(
    ("path", "rule", "found"),
    [
        ("/404", "url_status", "answered 404"),
        ("/301-nowhere", "url_status", "answered 301"),
        ("/page", "url_not_a_picture", "text/html"),
        ("/empty", "url_not_a_picture", "0 bytes"),
        ("/large", "url_too_large", "over 100000 bytes"),
        ("/endless", "url_too_large", "over 100000 bytes"),
        ("/cut", "url_unreachable", "ended early"),
        ("/cut-chunk", "url_unreachable", "IncompleteRead"),
        ("/nonsense", "url_unreachable", "BadStatusLine"),
        ("/loop", "url_redirects", "more than 2 redirects"),
        ("/to-file", "url_scheme", "'file'"),
        ("/to-nonsense", "url_syntax", "cannot be read"),
        ("/to-public", "url_host_refused", "example.com"),
        ("/to-metadata", "url_host_refused", "169.254.169.254"),
    ],
)
def test_what_keeps_a_picture_away_is_named(site, path, rule, found):
    problem = one(Fetcher(limits=PATIENT), site.url(path)).problem

    assert problem is not None
    assert problem.rule == rule
    assert found in problem.found
    assert contract.row_for_rule(rule).envelope == "service"


@pytest.mark.parametrize("path", ["/silent", "/slow-head", "/slow-body"])
def test_a_slow_server_is_given_up_however_it_trickles(site, path):
    problem = one(Fetcher(limits=QUICK), site.url(path)).problem

    assert problem is not None
    assert problem.rule == "url_too_slow"


def test_a_slow_name_server_is_given_up_too(site):
    def resolver(host: str, port: int) -> list[str]:
        site.over.wait(5)
        return ["127.0.0.1"]

    problem = one(Fetcher("any", limits=QUICK, resolver=resolver), "http://example.com/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_too_slow"


@pytest.mark.parametrize("error", [socket.gaierror(-2, "no such name"), UnicodeError("label")])
def test_a_name_that_does_not_exist_is_unreachable(error):
    def resolver(host: str, port: int) -> list[str]:
        raise error

    problem = one(Fetcher("any", limits=PATIENT, resolver=resolver), "http://example.com/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_unreachable"


def test_a_closed_port_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    problem = one(Fetcher(limits=PATIENT), f"http://127.0.0.1:{port}/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_unreachable"


@pytest.mark.parametrize("policy", ["loopback", "any", "stand-in"])
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:image/png;base64,AA==", "gopher://a/"])
def test_other_schemes_are_refused_under_every_policy(policy, url):
    problem = one(Fetcher(policy), url).problem

    assert problem is not None
    assert problem.rule == "url_scheme"


def test_a_picture_of_another_format_is_left_to_the_checks_that_follow(site):
    assert one(Fetcher(limits=PATIENT), site.url("/gif")).data == b"GIF89a"


def test_a_request_is_plain_and_says_who_asks(site, monkeypatch):
    """No proxy of the environment, no compression, no connection kept."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    one(Fetcher(limits=PATIENT), site.url("/a.jpg"))

    sent = site.headers[0]
    assert sent["host"] == f"127.0.0.1:{site.port}"
    assert sent["user-agent"].startswith("volcv-mock/")
    assert (sent["accept-encoding"], sent["connection"]) == ("identity", "close")


def test_a_problem_shows_no_query():
    """Presigned links carry a signature there."""
    problem = one(Fetcher(limits=PATIENT), "http://127.0.0.1:1/a.jpg?X-Tos-Signature=hidden").problem

    assert problem is not None
    assert "hidden" not in problem.sentence()


# --- stand-ins ---


def never_asked(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize(
    ("policy", "url"),
    [
        ("loopback", "https://example.com/a.jpg"),
        ("loopback", "http://10.0.0.1/a.jpg"),
        ("loopback", "http://169.254.169.254/latest"),
        ("stand-in", "https://example.com/a.jpg"),
        ("stand-in", "http://127.0.0.1/a.jpg"),
    ],
)
def test_a_host_that_is_not_fetched_gets_a_stand_in_and_a_note(policy, url):
    got = one(Fetcher(policy, resolver=never_asked), url)

    assert got.is_stand_in
    assert "is not fetched" in got.notes[0]
    assert Image.open(io.BytesIO(got.data)).size == stand_ins.SIZE


def test_a_stand_in_depends_on_its_url_alone():
    first, second = (one(Fetcher(), url).data for url in ("http://example.com/a.jpg", "http://example.com/b.jpg"))

    assert first != second
    assert first == one(Fetcher("stand-in"), "http://example.com/a.jpg").data


def test_the_second_stand_in_is_a_mask_of_the_first_one_s_size():
    urls = ["http://example.com/a.jpg", "http://example.com/m.png"]

    mask = Image.open(io.BytesIO(Fetcher().fetch(urls)[urls[1]].data))

    assert (mask.format, mask.mode, mask.size) == ("PNG", "L", stand_ins.SIZE)
    assert set(mask.tobytes()) == {0, 255}


@pytest.mark.parametrize(
    ("path", "size"),
    [("/a.jpg", (96, 80)), ("/tall.jpg", (100, 200)), ("/bomb", stand_ins.SIZE), ("/404", stand_ins.SIZE)],
    ids=["plain", "turned by EXIF", "of an absurd size", "that failed"],
)
def test_a_stand_in_mask_has_the_size_of_the_fetched_picture(site, path, size):
    urls = [site.url(path), "http://example.com/m.png"]

    mask = Image.open(io.BytesIO(Fetcher(limits=PATIENT).fetch(urls)[urls[1]].data))

    assert mask.size == size


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (64, 4096)])
def test_a_stand_in_mask_of_any_size_marks_something(size):
    mask = Image.open(io.BytesIO(stand_ins.mask("http://example.com/m.png", size)))

    assert mask.size == size
    assert mask.getextrema()[1] == 255


def test_no_more_urls_are_looked_at_than_an_operation_takes():
    urls = [f"http://example.com/{number}" for number in range(100)]

    assert list(Fetcher().fetch(urls)) == urls[:2]


def test_a_url_named_twice_is_fetched_once(site):
    url = site.url("/a.jpg")

    assert Fetcher(limits=PATIENT).fetch([url, url]) == {url: Fetched(PICTURE)}
    assert site.asked == ["/a.jpg"]


# --- our own pictures ---


def test_our_own_pictures_come_from_the_store_under_every_policy():
    url = "http://127.0.0.1:8410/_mock/images/1.jpeg"

    for policy in ("loopback", "any", "stand-in"):
        assert one(Fetcher(policy, own={url: PICTURE}.get, resolver=never_asked), url).data == PICTURE


def test_a_link_of_ours_that_expired_is_not_fetched_from_ourselves():
    """Two such calls in a pool of two would wait for each other for ever."""
    fetcher = Fetcher(own=lambda url: b"", resolver=never_asked)

    problem = one(fetcher, "http://127.0.0.1:8410/_mock/images/1.jpeg").problem

    assert problem is not None
    assert problem.rule == "url_status"


def test_a_redirect_to_our_own_picture_comes_from_the_store(site):
    own = {"http://mock/_mock/images/1.jpeg": PICTURE}.get

    assert one(Fetcher(own=own, limits=PATIENT), site.url("/to-own")).data == PICTURE


# --- addresses ---


@dataclass
class FakeDns:
    """Answers each question with the next of its answers, the last one for ever."""

    answers: list[list[str]]
    questions: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> list[str]:
        self.questions.append(host)
        return self.answers[min(len(self.questions), len(self.answers)) - 1]


@pytest.fixture
def connected(monkeypatch, site) -> list[str]:
    """The addresses connected to; every connection really goes to the site."""
    seen: list[str] = []
    connect = socket.create_connection

    def recorded(address: tuple[str, int], timeout: float) -> socket.socket:
        seen.append(address[0])
        return connect(("127.0.0.1", site.port), timeout)

    monkeypatch.setattr(fetch.socket, "create_connection", recorded)
    return seen


def test_the_connection_goes_to_the_address_that_was_checked(site, connected):
    """A second DNS answer, inside our network, would come too late."""
    dns = FakeDns([["93.184.215.14"], ["127.0.0.1"]])

    got = one(Fetcher("any", limits=PATIENT, resolver=dns), "http://pictures.example/a.jpg")

    assert got.data == PICTURE
    assert (dns.questions, connected) == (["pictures.example"], ["93.184.215.14"])
    assert site.headers[0]["host"] == "pictures.example"


def test_a_second_dns_answer_is_checked_again_after_a_redirect(site, connected):
    dns = FakeDns([["93.184.215.14"], ["10.0.0.1"]])

    problem = one(Fetcher("any", limits=PATIENT, resolver=dns), "http://pictures.example/to-itself-by-name").problem

    assert problem is not None
    assert problem.rule == "url_address_refused"
    assert connected == ["93.184.215.14"]


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"], ["::1"], ["10.1.2.3"], ["169.254.169.254"], ["fe80::1%1"], ["::ffff:10.0.0.1"],
        ["93.184.215.14", "192.168.0.1"],
    ],
    ids=" and ".join,
)  # fmt: skip
def test_under_any_a_public_name_with_an_inner_address_is_refused(connected, answers):
    """One inner address spoils them all, whichever would be tried first."""
    problem = one(Fetcher("any", limits=PATIENT, resolver=FakeDns([answers])), "http://pictures.example/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_address_refused"
    assert connected == []


def test_under_any_a_redirect_to_metadata_is_refused(site, connected):
    problem = one(Fetcher("any", limits=PATIENT), site.url("/to-metadata")).problem

    assert problem is not None
    assert problem.rule == "url_address_refused"
    assert connected == ["127.0.0.1"]


def test_a_listed_host_may_be_at_an_inner_address(connected):
    fetcher = Fetcher("loopback", ("minio:9000",), limits=PATIENT, resolver=FakeDns([["10.0.0.5"]]))

    assert one(fetcher, "http://minio:9000/a.jpg").data == PICTURE
    assert connected == ["10.0.0.5"]


def test_the_next_address_is_tried_when_one_is_closed(site, monkeypatch):
    connect = socket.create_connection
    tried: list[str] = []

    def first_refuses(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        if len(tried) == 1:
            raise ConnectionRefusedError
        return connect(address, timeout)

    monkeypatch.setattr(fetch.socket, "create_connection", first_refuses)
    dns = FakeDns([["::1", "127.0.0.1"]])

    assert one(Fetcher(limits=PATIENT, resolver=dns), site.url("/a.jpg", "localhost")).data == PICTURE
    assert tried == ["::1", "127.0.0.1"]


def test_tls_keeps_the_name_though_it_connects_to_an_address(connected, monkeypatch):
    class Context:
        names: list[str] = []  # noqa: RUF012

        def wrap_socket(self, plain: socket.socket, server_hostname: str) -> socket.socket:
            self.names.append(server_hostname)
            return plain

    monkeypatch.setattr(ssl, "create_default_context", Context)
    fetcher = Fetcher("any", limits=PATIENT, resolver=FakeDns([["93.184.215.14"]]))

    assert one(fetcher, "https://pictures.example/a.jpg").data == PICTURE
    assert Context.names == ["pictures.example"]


def test_a_server_that_speaks_no_tls_is_unreachable(site):
    problem = one(Fetcher(limits=PATIENT), site.url("/a.jpg").replace("http:", "https:")).problem

    assert problem is not None
    assert problem.rule == "url_unreachable"


def test_threads_may_share_a_fetcher(site):
    fetcher = Fetcher(limits=PATIENT)
    urls = [[site.url(f"/a.jpg?{number}"), f"http://example.com/{number}"] for number in range(16)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fetcher.fetch, urls))

    assert [list(each) for each in found] == urls
    assert all(each[pair[0]].data == PICTURE for each, pair in zip(found, urls, strict=True))
