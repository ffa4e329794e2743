"""Fetching pictures by URL: hops, limits and addresses, against servers on 127.0.0.1."""

from __future__ import annotations

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.fetch.picture_site import PICTURE, QUICK, SLOW, one
from volcv_mock import contract, fetch
from volcv_mock.fetch import Fetcher
from volcv_mock.model import Fetched


@pytest.mark.parametrize("path", ["/a.jpg", "/a.jpg?sign=1", "/without-length.jpg", "/chunked.jpg", "/猫.jpg"])
def test_a_picture_on_loopback_is_fetched(site, path):
    got = one(Fetcher(limits=SLOW), site.url(path))

    assert got == Fetched(PICTURE)


def test_redirects_between_permitted_hosts_are_followed(site):
    assert one(Fetcher(limits=SLOW), site.url("/twice")) == Fetched(PICTURE)
    assert site.asked == ["/twice", "/to-a", "/a.jpg"]


@pytest.mark.parametrize("host", ["localhost", "pictures.localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_loopback_is_fetched_however_it_is_spelled(site, host):
    assert one(Fetcher(limits=SLOW), site.url("/a.jpg", host)).data == PICTURE


@pytest.mark.parametrize(
    ("path", "rule", "found"),
    [
        ("/404", "url_status", "returned HTTP 404"),
        ("/301-nowhere", "url_status", "returned HTTP 301"),
        ("/page", "url_not_a_picture", "text/html"),
        ("/empty", "url_not_a_picture", "0 bytes"),
        ("/large", "url_too_large", "over 100000 bytes"),
        ("/endless", "url_too_large", "over 100000 bytes"),
        ("/cut", "url_unreachable", "ended early"),
        ("/cut-chunk", "url_unreachable", "IncompleteRead"),
        ("/nonsense", "url_unreachable", "BadStatusLine"),
        ("/loop", "url_redirects", "more than 2 redirects"),
        ("/to-file", "url_scheme", "'file'"),
        ("/to-nonsense", "url_syntax", "cannot be parsed"),
        ("/to-public", "url_host_refused", "example.com"),
        ("/to-metadata", "url_host_refused", "169.254.169.254"),
    ],
)
def test_the_reason_why_a_picture_cannot_be_fetched_is_named(site, path, rule, found):
    problem = one(Fetcher(limits=SLOW), site.url(path)).problem

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

    problem = one(Fetcher("any", limits=SLOW, resolver=resolver), "http://example.com/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_unreachable"


def test_a_closed_port_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    problem = one(Fetcher(limits=SLOW), f"http://127.0.0.1:{port}/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_unreachable"


@pytest.mark.parametrize("policy", ["loopback", "any", "stand-in"])
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "data:image/png;base64,AA==", "gopher://a/"])
def test_other_schemes_are_refused_under_every_policy(policy, url):
    problem = one(Fetcher(policy), url).problem

    assert problem is not None
    assert problem.rule == "url_scheme"


def test_a_picture_of_another_format_is_left_to_the_checks_that_follow(site):
    assert one(Fetcher(limits=SLOW), site.url("/gif")).data == b"GIF89a"


def test_a_request_is_plain_and_says_who_asks(site, monkeypatch):
    """No proxy of the environment, no compression, no connection kept."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    one(Fetcher(limits=SLOW), site.url("/a.jpg"))

    sent = site.headers[0]
    assert sent["host"] == f"127.0.0.1:{site.port}"
    assert sent["user-agent"].startswith("volcv-mock/")
    assert (sent["accept-encoding"], sent["connection"]) == ("identity", "close")
    assert "traceparent" not in sent


def test_each_request_belongs_to_the_trace_of_the_call(site):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    Fetcher(limits=SLOW).fetch([site.url("/to-a")], trace)

    assert [sent["traceparent"] for sent in site.headers] == [trace] * 2


def test_a_problem_shows_no_query():
    """Presigned links carry a signature there."""
    problem = one(Fetcher(limits=SLOW), "http://127.0.0.1:1/a.jpg?X-Tos-Signature=hidden").problem

    assert problem is not None
    assert "hidden" not in problem.sentence()


def test_no_more_urls_are_looked_at_than_an_operation_takes():
    urls = [f"http://example.com/{number}" for number in range(100)]

    assert list(Fetcher().fetch(urls)) == urls[: contract.most_pictures()] != urls


def test_a_url_named_twice_is_fetched_once(site):
    url = site.url("/a.jpg")

    assert Fetcher(limits=SLOW).fetch([url, url]) == {url: Fetched(PICTURE)}
    assert site.asked == ["/a.jpg"]


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

    got = one(Fetcher("any", limits=SLOW, resolver=dns), "http://pictures.example/a.jpg")

    assert got.data == PICTURE
    assert (dns.questions, connected) == (["pictures.example"], ["93.184.215.14"])
    assert site.headers[0]["host"] == "pictures.example"


def test_a_second_dns_answer_is_checked_again_after_a_redirect(site, connected):
    dns = FakeDns([["93.184.215.14"], ["10.0.0.1"]])

    problem = one(Fetcher("any", limits=SLOW, resolver=dns), "http://pictures.example/to-itself-by-name").problem

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
    """One private address makes all of them refused, whichever is tried first."""
    problem = one(Fetcher("any", limits=SLOW, resolver=FakeDns([answers])), "http://pictures.example/a.jpg").problem

    assert problem is not None
    assert problem.rule == "url_address_refused"
    assert connected == []


def test_under_any_a_redirect_to_metadata_is_refused(site, connected):
    problem = one(Fetcher("any", limits=SLOW), site.url("/to-metadata")).problem

    assert problem is not None
    assert problem.rule == "url_address_refused"
    assert connected == ["127.0.0.1"]


def test_a_listed_host_may_be_at_an_inner_address(connected):
    fetcher = Fetcher("loopback", ("minio:9000",), limits=SLOW, resolver=FakeDns([["10.0.0.5"]]))

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

    assert one(Fetcher(limits=SLOW, resolver=dns), site.url("/a.jpg", "localhost")).data == PICTURE
    assert tried == ["::1", "127.0.0.1"]


def test_tls_keeps_the_name_though_it_connects_to_an_address(connected, monkeypatch):
    class Context:
        names: list[str] = []  # noqa: RUF012

        def wrap_socket(self, plain: socket.socket, server_hostname: str) -> socket.socket:
            self.names.append(server_hostname)
            return plain

    monkeypatch.setattr(ssl, "create_default_context", Context)
    fetcher = Fetcher("any", limits=SLOW, resolver=FakeDns([["93.184.215.14"]]))

    assert one(fetcher, "https://pictures.example/a.jpg").data == PICTURE
    assert Context.names == ["pictures.example"]


def test_a_server_that_speaks_no_tls_is_unreachable(site):
    problem = one(Fetcher(limits=SLOW), site.url("/a.jpg").replace("http:", "https:")).problem

    assert problem is not None
    assert problem.rule == "url_unreachable"


def test_threads_may_share_a_fetcher(site):
    fetcher = Fetcher(limits=SLOW)
    urls = [[site.url(f"/a.jpg?{number}"), f"http://example.com/{number}"] for number in range(16)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fetcher.fetch, urls))

    assert [list(each) for each in found] == urls
    assert all(each[pair[0]].data == PICTURE for each, pair in zip(found, urls, strict=True))
