"""Fetches the pictures that a request names by URL, and makes stand-ins for those it does not fetch.

Called by the doors on threads of their own, outside the pixel work. Each hop's host is judged, its
name resolved once, every address checked, and the connection made to a checked address, so that
neither a redirect nor a second DNS answer leads elsewhere. Proxies of the environment are not used.
"""

from __future__ import annotations

import io
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, cast
from urllib.parse import urljoin

from volcv_mock import __version__, contract
from volcv_mock.fetch import stand_ins
from volcv_mock.fetch.addresses import SOURCE, Gate, Policy, Target, read_url, resolve
from volcv_mock.imaging import probe
from volcv_mock.model import Fetched, Problem

Resolver = Callable[[str, int], list[str]]
OwnPictures = Callable[[str], bytes | None]
REDIRECTS = (301, 302, 303, 307, 308)
NOT_PICTURES = ("unknown", "empty", "HTML")


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost. `total_s` counts for one URL, from its name to its last byte.

    `pictures` is how many URLs of a request are looked at: no operation takes more.
    """

    max_bytes: int
    total_s: float = 10.0
    redirects: int = 3
    pictures: int = 2


class Unfetchable(Exception):
    """Ends the fetch of one URL. Never leaves this module."""

    def __init__(self, found: str, wanted: str, fix: str, rule: str) -> None:
        super().__init__(rule)
        self.problem = Problem("$.image_urls", found, wanted, fix, rule, SOURCE)


class Deadline:
    """The instant a fetch must be over."""

    def __init__(self, total_s: float) -> None:
        self._ends_s = time.monotonic() + total_s

    def remaining_s(self) -> float:
        """Raises TimeoutError when nothing remains: a timeout of 0 would mean something else to a socket."""
        remaining_s = self._ends_s - time.monotonic()
        if remaining_s <= 0:
            raise TimeoutError
        return remaining_s


class Fetcher:
    """Fetches by one policy. Holds no state between calls, so threads may share it.

    `own` gives the bytes of a picture that this mock serves itself, b"" for a link of ours that is
    no longer good, None for any other URL.
    """

    def __init__(
        self, policy: Policy = "loopback", hosts: tuple[str, ...] = (), own: OwnPictures = lambda _: None,
        limits: FetchLimits | None = None, resolver: Resolver = resolve,
    ) -> None:  # fmt: skip
        self._gate = Gate(policy, hosts)
        self._own = own
        self._limits = limits or FetchLimits(contract.limits().max_bytes)
        self._resolver = resolver

    def fetch(self, urls: Sequence[str]) -> dict[str, Fetched]:
        """The end of each URL, the picture's first. A URL named twice is fetched once, as a picture."""
        found: dict[str, Fetched] = {}
        size = stand_ins.SIZE
        for index, url in enumerate(dict.fromkeys(urls[: self._limits.pictures])):
            found[url] = self._fetch_or_stand_in(url, index, size)
            size = _size_of(found[url].data, size)
        return found

    def _fetch_or_stand_in(self, url: str, index: int, size: tuple[int, int]) -> Fetched:
        try:
            return self._follow(url) or self._stand_in(url, index, size)
        except Unfetchable as failure:
            return Fetched(problem=failure.problem)

    def _follow(self, url: str) -> Fetched | None:
        """Hop by hop to the picture; None when the first host is not to be fetched."""
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
            answer = self._get(target, deadline)
            if isinstance(answer, bytes):
                return Fetched(answer)
            url = _joined(url, answer)
        found = f"more than {self._limits.redirects} redirects"
        raise Unfetchable(found, "fewer", "Name the picture's own URL.", "url_redirects")

    def _stand_in(self, url: str, index: int, size: tuple[int, int]) -> Fetched:
        target = read_url(url)
        host = target.host if isinstance(target, Target) else ""
        data = stand_ins.picture(url) if index == 0 else stand_ins.mask(url, size)
        kind = "picture" if index == 0 else f"mask of {size[0]}x{size[1]}"
        note = f"$.image_urls[{index}]: host {host} is not fetched (--image-urls {self._gate.policy})"
        return Fetched(data, notes=(f"{note}; a stand-in {kind} was used",), is_stand_in=True)

    def _get(self, target: Target, deadline: Deadline) -> bytes | str:
        """The body, or where a redirect leads."""
        try:
            with self._connected(target, deadline) as connection:
                connection.settimeout(deadline.remaining_s())
                connection.sendall(_request(target))
                response = HTTPResponse(cast(socket.socket, Incoming(connection, deadline)), method="GET")
                response.begin()
                return self._read(response, target)
        except TimeoutError:
            raise Unfetchable(f"{target.shown} took longer than {self._limits.total_s:g} s", "an answer in time",
                              "Serve the picture faster, or send it as base64.", "url_too_slow") from None  # fmt: skip
        except (OSError, HTTPException) as error:
            raise _unreachable(target, type(error).__name__) from None

    def _connected(self, target: Target, deadline: Deadline) -> socket.socket:
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

    def _checked_addresses(self, target: Target, deadline: Deadline) -> list[str]:
        """Every address the name has at this moment. One that is refused spoils them all."""
        addresses = _in_time(lambda: self._resolver(target.host, target.port), deadline)
        for address in addresses:
            if not self._gate.admits(target, ipaddress.ip_address(address)):
                raise Unfetchable(f"{target.host} is at {address}", "a public address",
                                  "List the host with --image-hosts if it is meant.",
                                  "url_address_refused")  # fmt: skip
        return addresses

    def _read(self, response: HTTPResponse, target: Target) -> bytes | str:
        location = response.getheader("Location")
        if response.status in REDIRECTS and location:
            return location
        if response.status != 200:
            found = f"{target.shown} answered {response.status}"
            raise Unfetchable(found, "200", "Is the link still good?", "url_status")
        cap = self._limits.max_bytes
        data = b"" if (response.length or 0) > cap else response.read(cap + 1)
        if len(data) > cap or (response.length or 0) > cap:
            found = f"{target.shown} is over {cap} bytes"
            raise Unfetchable(found, f"at most {cap}", "Send a smaller picture.", "url_too_large")
        if response.length:
            raise _unreachable(target, "it ended early")
        return _picture(data, response, target)


class Incoming(io.RawIOBase):
    """A socket's incoming bytes; no read waits past the deadline, however slowly they trickle."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.remaining_s())
        return self._connection.recv_into(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What HTTPResponse asks a socket for."""
        return io.BufferedReader(self)


def _secured(plain: socket.socket, target: Target, deadline: Deadline) -> socket.socket:
    import ssl  # lazy: start-up time

    try:
        plain.settimeout(deadline.remaining_s())
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except OSError:
        plain.close()
        raise


def _in_time(ask: Callable[[], list[str]], deadline: Deadline) -> list[str]:
    """The answer of a call that knows no timeout, or TimeoutError: the system's resolver takes its time."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put(ask())
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("no such name"))

    threading.Thread(target=answer, daemon=True, name="volcv-mock resolver").start()
    try:
        found = answers.get(timeout=deadline.remaining_s())
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


def _request(target: Target) -> bytes:
    lines = (
        f"GET {target.path} HTTP/1.1", f"Host: {target.host_header}", f"User-Agent: volcv-mock/{__version__}",
        "Accept: image/jpeg, image/png, */*;q=0.5", "Accept-Encoding: identity", "Connection: close", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode("ascii")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location  # unreadable, which read_url says better


def _led_away(target: Target) -> Unfetchable:
    """No stand-in behind a redirect: a server that is fetched is meant to answer itself."""
    return Unfetchable(f"a redirect to {target.host}", "a host that may be fetched",
                       "List it with --image-hosts, or fetch all public ones with --image-urls any.",
                       "url_host_refused")  # fmt: skip


def _own_picture(data: bytes, target: Target) -> Fetched:
    if not data:
        raise Unfetchable(f"{target.shown} is a link of this mock that is no longer good", "a fresh one",
                          "Ask for the picture again.", "url_status")  # fmt: skip
    return Fetched(data)


def _picture(data: bytes, response: HTTPResponse, target: Target) -> bytes:
    """Whatever might be a picture passes: the checks that follow say more about it."""
    found = probe.read_header(data).format
    if found in NOT_PICTURES:
        kind = (response.getheader("Content-Type") or "no Content-Type")[:60]
        raise Unfetchable(f"{target.shown} gave {len(data)} bytes of {kind!r}", "a JPEG or PNG file",
                          "Name the picture itself, not a page that shows it.", "url_not_a_picture")  # fmt: skip
    return data


def _unreachable(target: Target, why: str) -> Unfetchable:
    found = f"{target.shown} could not be fetched ({why})"
    return Unfetchable(found, "a picture", "Is its server running?", "url_unreachable")


def _size_of(data: bytes, otherwise: tuple[int, int]) -> tuple[int, int]:
    """A picture's size as shown, if a mask of that size is worth making."""
    header = probe.read_header(data)
    size = header.shown_size if header.format in contract.limits().formats else otherwise
    return size if all(0 < side <= contract.limits().max_side for side in size) else otherwise
