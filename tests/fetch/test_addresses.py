"""Which hosts and addresses a picture URL may lead to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock.fetch import addresses
from volcv_mock.fetch.addresses import Gate, Hop, read_url
from volcv_mock.model import Problem


def target(url: str) -> Hop:
    read = read_url(url)
    assert isinstance(read, Hop), read
    return read


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "host_header"),
    [
        ("http://example.com", "example.com", 80, "/", "example.com"),
        ("HTTPS://Example.COM./a.jpg?x=1#part", "example.com", 443, "/a.jpg?x=1", "example.com"),
        ("http://127.0.0.1:9000/a%20b.png", "127.0.0.1", 9000, "/a%20b.png", "127.0.0.1:9000"),
        ("http://[::1]:8410/猫.png", "::1", 8410, "/%E7%8C%AB.png", "[::1]:8410"),
        ("http://bücher.example/a", "xn--bcher-kva.example", 80, "/a", "xn--bcher-kva.example"),
        ("http://①②⑦.0.0.1/a", "127.0.0.1", 80, "/a", "127.0.0.1"),
    ],
)
def test_a_url_is_read_as_the_hop_it_asks_for(url, host, port, path, host_header):
    read = target(url)

    assert (read.host, read.port, read.path, read.host_header) == (host, port, path, host_header)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("file:///etc/passwd", "url_scheme"),
        ("FILE:/etc/passwd", "url_scheme"),
        ("ftp://127.0.0.1/a.jpg", "url_scheme"),
        ("gopher://127.0.0.1/1", "url_scheme"),
        ("data:image/png;base64,iVBORw0KGgo=", "url_scheme"),
        ("javascript:alert(1)", "url_scheme"),
        ("//127.0.0.1/a.jpg", "url_scheme"),
        ("/a.jpg", "url_scheme"),
        ("a.jpg", "url_scheme"),
        ("", "url_scheme"),
        ("http://", "url_syntax"),
        ("http:///a.jpg", "url_syntax"),
        ("http://127.0.0.1@example.com/", "url_syntax"),
        ("http://user:secret@127.0.0.1/", "url_syntax"),
        ("http://example.com\\@127.0.0.1/", "url_syntax"),
        ("http://127.0.0.1:99999/", "url_syntax"),
        ("http://127.0.0.1:0/", "url_syntax"),
        ("http://127.0.0.1:port/", "url_syntax"),
        ("http://[::1/", "url_syntax"),
        ("http://[fe80::1%25eth0]/", "url_syntax"),
        ("http://127.0.0.1/a b", "url_syntax"),
        ("http://127.0.0.1/\r\nHost: x", "url_syntax"),
        ("java\tscript:", "url_syntax"),
        ("http://a..b/", "url_syntax"),
        (f"http://{'a' * 64}.example/", "url_syntax"),
        (f"http://{'a.' * 200}example/", "url_syntax"),
        (f"http://{'a.' * 100_000}example/", "url_syntax"),
        (f"http://127.0.0.1/{'a' * 70_000}", "url_syntax"),
    ],
)
def test_a_url_that_is_none_of_ours_to_fetch_is_refused(url, rule):
    read = read_url(url)

    assert isinstance(read, Problem)
    assert read.rule == rule
    assert "secret" not in read.sentence()


def test_what_is_shown_of_a_url_leaves_out_its_query():
    """Presigned links carry a signature there."""
    assert target("https://tos.example/a.jpg?X-Tos-Signature=abc").shown == "https://tos.example/a.jpg"


AFTER_SCHEME = st.text(max_size=60) | st.text("[]:@/.%0x1a", max_size=30)


@given(st.text(max_size=60) | AFTER_SCHEME.map("http://{}".format))
def test_any_text_is_a_hop_or_a_problem(url):
    read = read_url(url)

    assert isinstance(read, Problem) or f"{read.host_header}{read.path}".isascii()


LOOPBACK_SPELLINGS = [
    "localhost", "a.localhost", "127.0.0.1", "127.1", "127.255.255.254", "2130706433", "0177.0.0.1", "0x7f000001",
    "::1", "::ffff:127.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK_SPELLINGS)
def test_every_spelling_of_loopback_is_loopback(host):
    assert addresses.is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    ["example.com", "localhost.example.com", "notlocalhost", "127.0.0.1.nip.io", "10.0.0.1", "0.0.0.0", "0", "::"],
)
def test_what_only_looks_like_loopback_is_not(host):
    assert not addresses.is_loopback_host(host)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1",
        "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "2002:a00:1::", "2002:7f00:1::", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "::10.0.0.1", "::7f00:1", "2001::1",
    ],
)  # fmt: skip
def test_an_address_inside_a_network_is_not_public(address):
    assert not addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_open_internet_is_public(address):
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("policy", "url", "opens"),
    [
        ("loopback", "http://127.0.0.1/", True),
        ("loopback", "http://localhost:9000/", True),
        ("loopback", "http://example.com/", False),
        ("loopback", "http://10.0.0.1/", False),
        ("any", "http://127.0.0.1/", True),
        ("any", "http://example.com/", True),
        ("any", "http://10.0.0.1/", True),
        ("stand-in", "http://127.0.0.1/", False),
        ("stand-in", "http://example.com/", False),
    ],
)
def test_a_policy_opens_its_hosts(policy, url, opens):
    assert Gate(policy).opens(target(url)) is opens


@pytest.mark.parametrize("policy", ["loopback", "any", "stand-in"])
@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("minio", "http://minio:9000/a"),
        ("MinIO:9000", "http://minio:9000/a"),
        ("10.0.0.5", "http://10.0.0.5/a"),
        ("[fd00::5]:9000", "http://[fd00::5]:9000/a"),
        ("*.example.com", "http://cdn.example.com/a"),
    ],
)
def test_a_listed_host_is_open_with_any_address(policy, listed, url):
    gate = Gate(policy, (listed,))

    assert gate.opens(target(url))
    assert gate.admits(target(url), ipaddress.ip_address("10.0.0.5"))


@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("minio:9000", "http://minio:9001/a"),
        ("example.com", "http://example.com.evil.net/a"),
        ("*.example.com", "http://example.com/a"),
        ("*.example.com", "http://evil.net/.example.com"),
    ],
)
def test_a_listed_host_opens_no_other(listed, url):
    assert not Gate("loopback", (listed,)).opens(target(url))


@pytest.mark.parametrize(
    ("url", "address", "admits"),
    [
        ("http://example.com/", "8.8.8.8", True),
        ("http://example.com/", "127.0.0.1", False),
        ("http://example.com/", "169.254.169.254", False),
        ("http://10.0.0.1/", "10.0.0.1", False),
        ("http://localhost/", "127.0.0.1", True),
        ("http://localhost/", "::1", True),
        ("http://localhost/", "10.0.0.1", False),
        ("http://0.0.0.0/", "0.0.0.0", False),
    ],
)
def test_under_any_a_name_may_not_have_an_inner_address(url, address, admits):
    assert Gate("any").admits(target(url), ipaddress.ip_address(address)) is admits
