"""One scope of a running mock and a client made of raw sockets: what is asked, waited for, and received byte by byte.

The scope's clock should stand still: an answer that shall be late is seen to wait, and moving the clock
releases it.
"""

from __future__ import annotations

import base64
import io
import json
import re
import select
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from PIL import Image

from tests.faults.show import Exchange
from volcv_mock import faults

DEADLINE_S = 60.0
SIZE = (96, 80)
SUBMIT, RESULT = "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult"
USUAL_HANG_S = 120.0
ENOUGH_DRIPS = 4

ACCESS_KEY, SECRET_KEY = "AKLTtestaccesskey", "c2VjcmV0LW9mLXRoZS10ZXN0cw=="
"""What a served mock may be told to know, and the official SDK then signs with."""

Spec = Mapping[str, Any]
"""One injection as a rule has it: code, fault, delay_s, duration_s; {} for none."""


@dataclass(frozen=True)
class ClientRequest:
    """One request: what a client may set."""

    body: Mapping[str, Any] = field(default_factory=dict)
    key: str = "sk-any"
    headers: Mapping[str, str] = field(default_factory=dict)
    jpeg_quality: int | None = None
    """The picture travels as a JPEG of this quality, as a PNG unless told."""
    action: str = "CVProcess"
    task_id: str = ""
    """The task that a later step is about; then the body has no pictures."""


SOUND, UNSOUND = ClientRequest(), ClientRequest({"seed": "seven"})


def scene() -> Image.Image:
    """A slope of colours, so that a filled or painted area differs."""
    slope = Image.linear_gradient("L").resize(SIZE)
    return Image.merge("RGB", (slope, slope.transpose(Image.Transpose.ROTATE_180), Image.new("L", SIZE, 90)))


def mask_of(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    mask.paste(255, (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    return mask


def text(image: Image.Image, jpeg_quality: int | None = None) -> str:
    sink = io.BytesIO()
    if jpeg_quality is None:
        image.save(sink, "PNG")
    else:
        image.save(sink, "JPEG", quality=jpeg_quality)
    return base64.b64encode(sink.getvalue()).decode()


def scope_of(test: str) -> str:
    """A test's name, made fit for a scope's."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", test)[:120]


@dataclass
class Desk:
    """One test's place: a scope of the mock."""

    url: str
    scope: str

    def control(self, method: str, path: str, document: Any = None) -> Any:
        body = None if document is None else json.dumps(document).encode()
        headers = {"X-Volcv-Mock-Scope": self.scope, "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/_mock/{path}", body, headers, method=method)
        with urllib.request.urlopen(asked, timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def ask(self, call: ClientRequest | None = None) -> Exchange:
        """A request that is answered without a wait."""
        return self.send(call or ClientRequest(), {}, scene())

    def send(self, call: ClientRequest, spec: Spec, picture: Image.Image) -> Exchange:
        """Send one request, let its wait be over, and take what comes. A fault of tasks is sent with a submit, and what
        comes is the answer about the task."""
        if is_about_tasks(spec):
            return self._send_task(call, picture, repeats=spec.get("fault") == "same_task_id")
        with self.open(call, picture) as connection:
            wait_s = waiting_s(spec)
            if wait_s:
                self._let_pass(connection, wait_s)
            most = ENOUGH_DRIPS if spec.get("fault") == "drip" else 10**6
            return Exchange(*received(connection, most), picture, mask_of(picture.size))

    def _send_task(self, call: ClientRequest, picture: Image.Image, *, repeats: bool) -> Exchange:
        submit = replace(call, action=SUBMIT)
        first = self.send(submit, {}, picture)
        if repeats:
            return replace(self.send(submit, {}, picture), before=first)
        return self.send(replace(call, action=RESULT, task_id=first.data["task_id"]), {}, picture)

    def open(self, call: ClientRequest | None = None, picture: Image.Image | None = None) -> socket.socket:
        """A connection on which the request has been sent."""
        connection = self.connect()
        connection.sendall(self.request(call or ClientRequest(), picture or scene()))
        return connection

    def connect(self) -> socket.socket:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=DEADLINE_S)

    def request(self, call: ClientRequest, picture: Image.Image) -> bytes:
        usual = {"req_key": "i2i_inpainting_edit", "custom_prompt": f"a puppy in {self.scope}", "seed": 1}
        pictures = [text(picture, call.jpeg_quality), text(mask_of(picture.size))]
        document = {**usual, "binary_data_base64": pictures, **call.body}
        if call.task_id:
            document = {"req_key": document["req_key"], "task_id": call.task_id}
        body = json.dumps(document).encode()
        headers = {
            "Host": self.url.removeprefix("http://"), "Authorization": f"Bearer {call.key}",
            "Content-Type": "application/json", "Content-Length": str(len(body)),
            "X-Volcv-Mock-Scope": self.scope, **call.headers,
        }  # fmt: skip
        rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST /volcv/v1?Action={call.action}&Version=2022-08-31 HTTP/1.1\r\n{rows}\r\n".encode() + body

    def _let_pass(self, connection: socket.socket, wait_s: float) -> None:
        """The call is in the journal and has no answer; then its time is over."""
        self.until("waiting", 1)
        assert select.select([connection], [], [], 0)[0] == []
        self.advance(wait_s)

    def until(self, client: str, count: int) -> list[Any]:
        """The calls of that ending, once there are so many; the journal hears of an ending just after the client."""
        give_up_at = time.monotonic() + DEADLINE_S
        while len(found := [call for call in self.calls() if call["client"] == client]) < count:
            assert time.monotonic() < give_up_at, f"{count} calls that are {client}: {self.calls()}"
        return found

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock/advance", {"seconds": seconds})

    def freeze(self, **more: Any) -> None:
        self.control("PUT", "clock", {"is_frozen": True, **more})

    def calls(self) -> list[Any]:
        return list(self.control("GET", "calls")["calls"])


def is_about_tasks(spec: Spec) -> bool:
    """Whether a fault shows in the answers about a task."""
    return spec.get("fault") in faults.names() and faults.by_name(spec["fault"]).hook == "task"


def waiting_s(spec: Spec) -> float:
    hang_s = spec.get("duration_s", USUAL_HANG_S) if spec.get("fault") == "hang" else 0.0
    return float(spec.get("delay_s", 0.0)) + float(hang_s)


def received(connection: socket.socket, most_arrivals: int) -> tuple[bytes, Any, int]:
    data, arrivals = b"", 0
    try:
        while not is_whole(data):
            piece = connection.recv(65536)
            if not piece:
                return data, "closed", arrivals
            data, arrivals = data + piece, arrivals + 1
            if arrivals == most_arrivals:
                return data, "left", arrivals
    except ConnectionResetError:
        return data, "reset", arrivals
    return data, "whole", arrivals


def is_whole(data: bytes) -> bool:
    head, mark, body = data.partition(b"\r\n\r\n")
    lengths = [int(row.partition(b":")[2]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length")]
    return bool(mark and lengths and len(body) >= lengths[0])


def codes(desk: Desk, count: int, call: ClientRequest = SOUND) -> list[Any]:
    return [code_of(desk.ask(call)) for _ in range(count)]


def code_of(answer: Exchange) -> Any:
    """The code, or how the connection ended without one."""
    return answer.document["code"] if answer.received else answer.ending


def rule(desk: Desk, **spec: Any) -> None:
    desk.control("POST", "faults", spec)


def listed(desk: Desk) -> dict[str, Any]:
    return dict(desk.control("GET", "faults")["faults"][0])


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    start = threading.Barrier(count)

    def begin(_: int) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))
