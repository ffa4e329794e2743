"""Forwarding from greenlets: a connection sleeps while the upstream's thread waits for the answer."""

from __future__ import annotations

from typing import Any

from gevent.hub import Waiter

from volcv_mock.config import Settings
from volcv_mock.delivery import Incoming, Outgoing
from volcv_mock.server.loop_callbacks import LoopCallbacks


class Forwarding:
    """The upstream of one server. Its thread starts with the first request."""

    def __init__(self, settings: Settings, callbacks: LoopCallbacks) -> None:
        self._settings = settings
        self._callbacks = callbacks
        self._upstream: Any = None

    def send(self, request: Outgoing) -> Incoming:
        """The answer; the calling greenlet waits. When it is killed the request is cancelled."""
        waiter = Waiter()
        call = self._opened().start(request, lambda incoming: self._callbacks.call_soon(waiter.switch, incoming))
        try:
            incoming: Incoming = waiter.get()
        except BaseException:
            call.cancel()
            raise
        return incoming

    def close(self) -> None:
        """Close the connections to the upstream, if any were opened."""
        if self._upstream is not None:
            self._upstream.close()

    def _opened(self) -> Any:
        if self._upstream is None:
            from volcv_mock.upstream.client import AsyncUpstream  # lazy: only with an upstream

            self._upstream = AsyncUpstream(self._settings)
        return self._upstream
