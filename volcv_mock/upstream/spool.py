"""Where a large body waits for its upload: in a file without a name, not in memory.

Two pictures of 5 MB make a body of 14 MB, and an upload takes as long as the way to the upstream needs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, cast

from volcv_mock.delivery import Outgoing

LARGE_BYTES = 1_000_000
CHUNK_BYTES = 262_144


def spool(request: Outgoing) -> None:
    """Move a large body into a temporary file. Where none can be written it stays in memory."""
    body = request.body
    if not isinstance(body, bytes) or len(body) < LARGE_BYTES:
        return
    with suppress(OSError):
        file = tempfile.TemporaryFile()  # noqa: SIM115 closed by `chunks`, or with the request that is dropped
        file.write(body)
        file.seek(0)
        request.body = cast(BinaryIO, file)


def put_aside(body: bytes) -> Callable[[], bytes]:
    """What gives the body back, once, after the answer: a large one lies in a file until then."""
    if len(body) < LARGE_BYTES:
        return lambda: body
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115 closed by `back`, or with the call that is dropped
        file.write(body)
        file.seek(0)
    except OSError:
        return lambda: body

    def back() -> bytes:
        with file:
            return file.read()

    return back


def chunks(body: bytes | BinaryIO) -> Iterator[bytes]:
    """The body in parts; a file is closed at its end."""
    if isinstance(body, bytes):
        yield from (body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES))
        return
    with body:
        while data := body.read(CHUNK_BYTES):
            yield data
