"""A stand-in for the real service: answers a success with one picture after a delay, and costs next to nothing.

python -m benchmarks.upstream_target DELAY_S SIDE; prints its port, and ends on SIGTERM.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys

from benchmarks import bodies

READ_BYTES = 1 << 18


async def serve(delay_s: float, side: int) -> None:
    """Serve until the process is ended."""
    answer = _answer(side)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await _skip_request(reader):
                await asyncio.sleep(delay_s)
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _skip_request(reader: asyncio.StreamReader) -> bool:
    """Read a request with a Content-Length and keep nothing of it; False at the end of the connection."""
    length = 0
    while (line := await reader.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while length:
        length -= len(await reader.read(min(length, READ_BYTES)) or b"x" * length)
    return line == b"\r\n"


def _answer(side: int) -> bytes:
    picture = base64.b64encode(bodies.jpeg(bodies.photo(side))).decode()
    document = {
        "code": 10000, "message": "Success", "request_id": "20251224134611E024A64B7B1C73D6622B", "status": 10000,
        "time_elapsed": "3.1s", "data": {"binary_data_base64": [picture], "image_urls": []},
    }  # fmt: skip
    body = json.dumps(document).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2])))
