"""VolcvMock: the object users hold. One fake service, one state, and the ways to reach it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from volcv_mock.config import Settings
from volcv_mock.world import World

if TYPE_CHECKING:
    from flask import Flask


class VolcvMock:
    """One fake CVProcess. Keyword arguments are the fields of config.Settings (docs/configuration.md)."""

    def __init__(self, **settings: Any) -> None:
        self.world = World(Settings(**settings))

    @cached_property
    def app(self) -> Flask:
        """The Flask app, for any WSGI server."""
        from volcv_mock.app import create_app  # lazy: start-up time

        return create_app(self.world)

    @contextmanager
    def serve(self, host: str = "127.0.0.1", port: int = 0) -> Iterator[RunningMock]:
        """A real socket, served from a thread of its own until the block ends."""
        from volcv_mock.delivery.server import Server  # lazy: gevent is needed for sockets only

        server = Server(self.world, self.app, host, port)
        server.start()
        try:
            yield RunningMock(self, server.url)
        finally:
            server.stop()


class RunningMock:
    """A mock that is being served: it has everything the mock has, and its URLs."""

    def __init__(self, mock: VolcvMock, base_url: str) -> None:
        self.mock = mock
        self.base_url = base_url
        self.proxy_url = f"{base_url}/volcv/v1"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.mock, name)
