"""A server of pictures and faults on 127.0.0.1, and a function that fetches one picture."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from PIL import Image

from volcv_mock.fetch import Fetcher, FetchLimits
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
    """A server of pictures and faults. `asked` lists the paths requested; `over` ends the requests that still wait."""

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


QUICK = FetchLimits(max_bytes=100_000, total_s=0.3, redirects=2)
SLOW = FetchLimits(max_bytes=100_000, redirects=2)


def one(fetcher: Fetcher, url: str) -> Fetched:
    return fetcher.fetch([url])[url]


def never_asked(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")
