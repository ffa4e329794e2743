"""Tasks: what submit and poll cost beside the synchronous call, and what a task holds: python -m benchmarks tasks"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from itertools import count
from typing import Any

from benchmarks.load import Address
from benchmarks.serving import Row, call, target
from volcv_mock import VolcvMock, contract, service
from volcv_mock.delivery import Delivered
from volcv_mock.model import RawRequest
from volcv_mock.testing.samples import body

SUBMIT, RESULT, SYNC = "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult", "CVProcess"
TURNS, CALLS = 9, 150
HELD = 10_000
CLIENTS, POLLS = 500, 6
REQ_KEY = "i2i_inpainting"
BODY = body(REQ_KEY)
SEEDS = count(10_000_000)


def rows(quick: bool = False) -> Iterator[Row]:
    """All rows; quick ones show only that the bench runs."""
    yield from costs(1 if quick else TURNS, 5 if quick else CALLS)
    yield held(20 if quick else HELD)
    yield polling(5 if quick else CLIENTS, 1 if quick else POLLS, 0.1 if quick else 1.0)


def costs(turns: int, calls: int) -> Iterator[Row]:
    """CPU time in process. A synchronous call with 50511 is validated and not painted; a refusal breaks the schema."""
    mock = VolcvMock(memo_bytes=0)
    mock.task_times(queue_s=3600)
    waiting = post(mock, SUBMIT, new())["data"]["task_id"]
    submit, validate, poll, refuse = [], [], [], []
    for _ in range(turns):
        submit.append(cpu_s(mock, SUBMIT, [new() for _ in range(calls)]))
        validate.append(cpu_s(mock, SYNC, [new() for _ in range(calls)], "code=50511"))
        poll.append(cpu_s(mock, RESULT, [{"req_key": REQ_KEY, "task_id": waiting}] * calls))
        refuse.append(cpu_s(mock, SYNC, [new(quality="X") for _ in range(calls)]))
    yield Row("a submit, beside validating the same request", ratio(submit, validate), 1.1)
    yield Row("a poll of a waiting task, beside a refusal", ratio(poll, refuse), 0.7)


def ratio(costs_s: list[float], others_s: list[float]) -> float:
    """The median of the ratios of neighbours in time: another process disturbs both alike."""
    return statistics.median(cost_s / other_s for cost_s, other_s in zip(costs_s, others_s, strict=True))


def held(number: int) -> Row:
    """Python's memory of unfinished tasks, each with pictures and a seed of its own; the pictures are subtracted."""
    remembered = min(1000, number)
    mock = VolcvMock(journal_bytes=0, memo_bytes=0, remembered_requests=remembered)
    mock.task_times(queue_s=3600)
    for _ in range(remembered):  # fills the tables that do not grow with tasks
        post(mock, SUBMIT, new())
    gc.collect()
    tracemalloc.start()
    before, pictures_before = tracemalloc.get_traced_memory()[0], mock.world.tasks.held_bytes
    for _ in range(number):
        post(mock, SUBMIT, new())
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before - (mock.world.tasks.held_bytes - pictures_before)
    tracemalloc.stop()
    return Row("memory of an unfinished task beside its pictures", grown / number / 1000, 2.0, "KB")


def polling(clients: int, polls: int, pause_s: float) -> Row:
    """Clients of a server in another process, each on a connection of its own, that poll a task once a second."""
    with target() as server:
        submit = wire(SUBMIT, {**BODY, "seed": 1}, "X-Volcv-Mock: queue=3600s\r\n")
        task_id = json.loads(asyncio.run(exchange(server.address, submit)))["data"]["task_id"]
        poll = wire(RESULT, {"req_key": REQ_KEY, "task_id": task_id})
        waits_s = asyncio.run(steady(server.address, poll, clients, polls, pause_s))
    return Row(f"p99 of a poll, {clients} clients once a second", percentile_ms(waits_s, 99), 150.0, "ms")


def wire(action: str, document: Any, headers: str = "") -> bytes:
    """A request as bytes, for a server that asks for no credentials."""
    return call(json.dumps(document).encode(), headers).replace(b"CVProcess", action.encode(), 1)


async def exchange(address: Address, request: bytes) -> bytes:
    """The body of one answer."""
    reader, writer = await asyncio.open_connection(*address)
    found = await asked(reader, writer, request)
    writer.close()
    return found


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """The body of the answer to a request on an open connection."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
    return await reader.readexactly(int(fields[b"content-length"]))


async def steady(address: Address, request: bytes, clients: int, polls: int, pause_s: float) -> list[float]:
    """Seconds of each answer. The clients begin one after the other within one pause, as they would in life."""

    async def client(number: int) -> list[float]:
        reader, writer = await asyncio.open_connection(*address)
        await asyncio.sleep(pause_s * number / clients)
        waits_s = []
        for _ in range(polls):
            began_s = time.perf_counter()
            await asked(reader, writer, request)
            waits_s.append(time.perf_counter() - began_s)
            await asyncio.sleep(max(0.0, pause_s - waits_s[-1]))
        writer.close()
        return waits_s

    return [wait_s for waits_s in await asyncio.gather(*map(client, range(clients))) for wait_s in waits_s]


def percentile_ms(waits_s: list[float], percent: int) -> float:
    """The wait that so many per cent do not exceed."""
    return 1000 * sorted(waits_s)[min(len(waits_s) - 1, len(waits_s) * percent // 100)]


def new(**more: Any) -> dict[str, Any]:
    """A body that was never sent before."""
    return {**BODY, "seed": next(SEEDS), **more}


def raw(action: str, document: Any, asks: str = "") -> RawRequest:
    """A request as a transport hands it over."""
    query = f"Action={action}&Version={contract.version()}"
    headers = (("Authorization", "Bearer sk-any"), ("Content-Type", "application/json"), ("Host", "127.0.0.1:8410"),
               *((("X-Volcv-Mock", asks),) if asks else ()))  # fmt: skip
    return RawRequest("proxy", "POST", "/volcv/v1", query, headers, json.dumps(document).encode())


def answered(mock: VolcvMock, request: RawRequest) -> bytes:
    """The body of the answer; the call is over."""
    reply = service.answer_blocking(request, mock.world)
    mock.world.delivered(reply, Delivered(0.0, "read_all", reply.size_bytes))
    return b"".join(reply.body)


def post(mock: VolcvMock, action: str, document: Any) -> Any:
    """The parsed answer."""
    return json.loads(answered(mock, raw(action, document)))


def cpu_s(mock: VolcvMock, action: str, documents: list[Any], asks: str = "") -> float:
    """CPU seconds of these calls."""
    requests = [raw(action, document, asks) for document in documents]
    began_s = time.process_time()
    for request in requests:
        answered(mock, request)
    return time.process_time() - began_s
