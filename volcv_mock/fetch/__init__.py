"""Fetch the pictures that a request names by URL, and create stand-ins for those that are not fetched.

Called by the transports in threads other than the pixel workers. For each hop the host is checked, its name is
resolved once, every address is checked, and the connection is made to a checked address: neither a redirect nor a
second DNS reply leads to another machine. Proxies of the environment are not used.
"""

from __future__ import annotations

import io
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from http.client import HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import urljoin

from volcv_mock import __version__, contract
from volcv_mock._util.frozen import frozen
from volcv_mock.fetch import stand_ins
from volcv_mock.fetch.addresses import SOURCE, Gate, Hop, Policy, is_loopback_host, read_url, resolve
from volcv_mock.imaging import probe
from volcv_mock.model import Fetched, Problem

Resolver = Callable[[str, int], list[str]]
OwnPictures = Callable[[str], bytes | None]
REDIRECTS = (301, 302, 303, 307, 308)
NOT_PICTURES = ("unknown", "empty", "HTML")


@frozen
class FetchLimits:
    """Limits of one fetch. `total_s` covers one URL, from name resolution to the last byte.

    `pictures` is the number of URLs of a request that are fetched: no operation takes more.
    """

    max_bytes: int
    total_s: float = 10.0
    redirects: int = 3
    pictures: int = 2


class Unfetchable(Exception):
    """Ends the fetch of one URL. Never leaves this module; `problem` is reported to the client."""

    def __init__(self, found: str, wanted: str, fix: str, rule: str) -> None:
        super().__init__(rule)
        self.problem = Problem("$.image_urls", found, wanted, fix, rule, SOURCE)


class Deadline:
    """The time at which a fetch must be complete."""

    def __init__(self, total_s: float) -> None:
        self._ends_s = time.monotonic() + total_s

    def remaining_s(self) -> float:
        """Raises TimeoutError when no time remains: a socket timeout of 0 would mean non-blocking."""
        remaining_s = self._ends_s - time.monotonic()
        if remaining_s <= 0:
            raise TimeoutError
        return remaining_s


class Fetcher:
    """Fetches under one policy. Keeps no state between calls, so threads may share it.

    `own` returns the bytes of a picture that this mock serves itself, b"" for an expired link of this mock, and None
    for any other URL.
    """

    def __init__(
        self, policy: Policy = "loopback", hosts: tuple[str, ...] = (), own: OwnPictures = lambda _: None,
        limits: FetchLimits | None = None, resolver: Resolver = resolve,
    ) -> None:  # fmt: skip
        self._gate = Gate(policy, hosts)
        self._own = own
        self._given_limits = limits
        self._resolver = resolver

    @cached_property
    def _limits(self) -> FetchLimits:
        """By default what the contract permits: read at the first fetch, because it takes every schema."""
        return self._given_limits or FetchLimits(contract.largest_picture_bytes(), pictures=contract.most_pictures())

    def fetch(self, urls: Sequence[str], trace: str = "") -> dict[str, Fetched]:
        """The result of each URL, the picture's first. A URL named twice is fetched once, as a picture. `trace` is the
        header `traceparent` to send along."""
        found: dict[str, Fetched] = {}
        size = stand_ins.SIZE
        for index, url in enumerate(dict.fromkeys(urls[: self._limits.pictures])):
            found[url] = self._fetch_or_stand_in(url, index, size, trace)
            size = _size_of(found[url].data, size)
        return found

    def post(self, url: str, body: bytes, own_ports: Collection[str], *, may_be_loopback: bool) -> int | str:
        """Post JSON once, without redirects: the status of the answer, or why nothing was sent. Never raises.

        The address rules are those of picture URLs; `own_ports` are those of this mock."""
        target = read_url(url)
        if isinstance(target, Problem):
            return target.found
        is_own = is_loopback_host(target.host) and str(target.port) in own_ports
        is_barred = is_loopback_host(target.host) and not may_be_loopback and not self._gate.lists(target)
        if is_own or is_barred or not self._gate.opens(target):
            return f"host {target.host} is not called: {'it is this mock' if is_own else 'see --image-urls'}"
        try:
            return self._posted(target, body, Deadline(float(contract.parameter("callback_timeout_s"))))
        except Unfetchable as failure:
            return failure.problem.found
        except (OSError, HTTPException) as error:
            return type(error).__name__

    def _posted(self, target: Hop, body: bytes, deadline: Deadline) -> int:
        with self._connected(target, deadline) as connection:
            connection.settimeout(deadline.remaining_s())
            connection.sendall(_post_head(target, len(body)) + body)
            response = HTTPResponse(cast(socket.socket, DeadlineReader(connection, deadline)), method="POST")
            response.begin()
            return response.status

    def _fetch_or_stand_in(self, url: str, index: int, size: tuple[int, int], trace: str) -> Fetched:
        try:
            return self._follow(url, trace) or self._stand_in(url, index, size)
        except Unfetchable as failure:
            return Fetched(problem=failure.problem)

    def _follow(self, url: str, trace: str) -> Fetched | None:
        """Follow redirects to the picture. None when the policy does not allow the first host."""
        deadline = Deadline(self._limits.total_s)
        for hop in range(self._limits.redirects + 1):
            target = read_url(url)
            if isinstance(target, Problem):
                return Fetched(problem=target)
            own = self._own(url)
            if own is not None:
                return _own_picture(own, target)
            if not self._gate.opens(target):
                if hop:
                    raise _led_away(target)
                return None
            found = self._get(target, deadline, trace)
            if isinstance(found, bytes):
                return Fetched(found)
            url = _joined(url, found)
        found = f"more than {self._limits.redirects} redirects"
        raise Unfetchable(found, "fewer", "Use the picture's final URL.", "url_redirects")

    def _stand_in(self, url: str, index: int, size: tuple[int, int]) -> Fetched:
        target = read_url(url)
        host = target.host if isinstance(target, Hop) else ""
        data = stand_ins.picture(url) if index == 0 else stand_ins.mask(url, size)
        kind = "picture" if index == 0 else f"mask of {size[0]}x{size[1]}"
        note = f"$.image_urls[{index}]: host {host} is not fetched (--image-urls {self._gate.policy})"
        return Fetched(data, notes=(f"{note}; a stand-in {kind} was used",), is_stand_in=True)

    def _get(self, target: Hop, deadline: Deadline, trace: str) -> bytes | str:
        """The body, or the target of a redirect."""
        try:
            with self._connected(target, deadline) as connection:
                connection.settimeout(deadline.remaining_s())
                connection.sendall(_request(target, trace))
                response = HTTPResponse(cast(socket.socket, DeadlineReader(connection, deadline)), method="GET")
                response.begin()
                return self._read(response, target)
        except TimeoutError:
            raise Unfetchable(f"{target.shown} took longer than {self._limits.total_s:g} s", "a response in time",
                              "Serve the picture faster, or send it as base64.", "url_too_slow") from None  # fmt: skip
        except (OSError, HTTPException) as error:
            raise _unreachable(target, type(error).__name__) from None

    def _connected(self, target: Hop, deadline: Deadline) -> socket.socket:
        """A connection to a checked address, never to a name."""
        failure: OSError | None = None
        for address in self._checked_addresses(target, deadline):
            try:
                plain = socket.create_connection((address, target.port), timeout=deadline.remaining_s())
            except TimeoutError:
                raise
            except OSError as error:
                failure = error
            else:
                return _secured(plain, target, deadline) if target.scheme == "https" else plain
        raise failure or OSError("no address")

    def _checked_addresses(self, target: Hop, deadline: Deadline) -> list[str]:
        """Every address the name resolves to. One refused address refuses the URL."""
        addresses = _in_time(lambda: self._resolver(target.host, target.port), deadline)
        for address in addresses:
            if not self._gate.admits(target, ipaddress.ip_address(address)):
                raise Unfetchable(f"{target.host} is at {address}", "a public address",
                                  "List the host with --image-hosts if this is intended.",
                                  "url_address_refused")  # fmt: skip
        return addresses

    def _read(self, response: HTTPResponse, target: Hop) -> bytes | str:
        location = response.getheader("Location")
        if response.status in REDIRECTS and location:
            return location
        if response.status != 200:
            found = f"{target.shown} returned HTTP {response.status}"
            raise Unfetchable(found, "200", "Check whether the link has expired.", "url_status")
        cap = self._limits.max_bytes
        data = b"" if (response.length or 0) > cap else response.read(cap + 1)
        if len(data) > cap or (response.length or 0) > cap:
            found = f"{target.shown} is over {cap} bytes"
            raise Unfetchable(found, f"at most {cap}", "Send a smaller picture.", "url_too_large")
        if response.length:
            raise _unreachable(target, "the body ended early")
        return _picture(data, response, target)


class DeadlineReader(io.RawIOBase):
    """A socket's incoming bytes. No read waits past the deadline, however slowly the bytes arrive."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Receive into the buffer. Raises TimeoutError at the deadline."""
        self._connection.settimeout(self._deadline.remaining_s())
        return self._connection.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """The method of a socket that HTTPResponse calls."""
        return io.BufferedReader(self)


def _secured(plain: socket.socket, target: Hop, deadline: Deadline) -> socket.socket:
    import ssl  # lazy: start-up time

    try:
        plain.settimeout(deadline.remaining_s())
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except OSError:
        plain.close()
        raise


def _in_time(resolve_host: Callable[[], list[str]], deadline: Deadline) -> list[str]:
    """The result of a call that has no timeout, such as the system's resolver. Raises TimeoutError."""
    results: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(resolve_host())
        except (OSError, UnicodeError) as error:
            results.put(error if isinstance(error, OSError) else OSError("no such name"))

    threading.Thread(target=run, daemon=True, name="volcv-mock resolver").start()
    try:
        found = results.get(timeout=deadline.remaining_s())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


def _request(target: Hop, trace: str) -> bytes:
    lines = (
        f"GET {target.path} HTTP/1.1", f"Host: {target.host_header}", f"User-Agent: volcv-mock/{__version__}",
        "Accept: image/jpeg, image/png, */*;q=0.5", "Accept-Encoding: identity", "Connection: close",
        *([f"traceparent: {trace}"] if trace else []), "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode("ascii")


def _post_head(target: Hop, length: int) -> bytes:
    lines = (
        f"POST {target.path} HTTP/1.1", f"Host: {target.host_header}", f"User-Agent: volcv-mock/{__version__}",
        "Content-Type: application/json", f"Content-Length: {length}", "Connection: close", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode("ascii")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location  # unreadable; read_url reports it


def _led_away(target: Hop) -> Unfetchable:
    """A redirect to a host that is not allowed is an error: stand-ins replace only URLs of the request."""
    return Unfetchable(f"a redirect to {target.host}", "a host that may be fetched",
                       "List it with --image-hosts, or fetch all public ones with --image-urls any.",
                       "url_host_refused")  # fmt: skip


def _own_picture(data: bytes, target: Hop) -> Fetched:
    if not data:
        raise Unfetchable(f"{target.shown} is an expired link of this mock", "a valid link",
                          "Request the picture again.", "url_status")  # fmt: skip
    return Fetched(data)


def _picture(data: bytes, response: HTTPResponse, target: Hop) -> bytes:
    """Anything that may be a picture passes; the pipeline's own checks report more precisely."""
    found = probe.read_header(data).format
    if found in NOT_PICTURES:
        kind = (response.getheader("Content-Type") or "no Content-Type")[:60]
        raise Unfetchable(f"{target.shown} returned {len(data)} bytes of {kind!r}", "a JPEG or PNG file",
                          "Use the picture's own URL, not that of a page.", "url_not_a_picture")  # fmt: skip
    return data


def _unreachable(target: Hop, why: str) -> Unfetchable:
    found = f"{target.shown} could not be fetched ({why})"
    return Unfetchable(found, "a picture", "Check that its server is running.", "url_unreachable")


def _size_of(data: bytes, otherwise: tuple[int, int]) -> tuple[int, int]:
    """A picture's size after EXIF rotation, if a mask of that size is valid; else the given one."""
    header = probe.read_header(data)
    size = header.shown_size if header.format in contract.limits().formats else otherwise
    return size if all(0 < side <= contract.limits().max_side for side in size) else otherwise
