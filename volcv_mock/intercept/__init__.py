"""The intercept: requests of httpx, requests and the official SDK reach the mock inside this process.

While it is open it replaces what its clients need: a respx router, a function of urllib3, and perhaps the client's own
sleeping and clocks. All of that belongs to the process, so only one intercept can be open at a time.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from volcv_mock.intercept.client_time import ClientTime
from volcv_mock.intercept.intercepted_urls import InterceptedUrls, intercepted_urls
from volcv_mock.intercept.responder import Responder
from volcv_mock.intercept.timed_waits import TimedWaits
from volcv_mock.intercept.unmatched import unmatched_of
from volcv_mock.intercept.virtual_time import RealPace, VirtualPace

if TYPE_CHECKING:
    import respx
    from _typeshed.wsgi import WSGIApplication

    from volcv_mock.world import World

CLIENTS = {"httpx": "respx", "urllib3": "urllib3"}
"""A client, and the library without which its calls cannot be intercepted; requests stands on urllib3."""

_lock = threading.Lock()
_open: list[Intercept] = []


class Intercept:
    """Open it with `with`, `async with`, or `start` and `stop`."""

    def __init__(
        self,
        world: World,
        app: Callable[[], WSGIApplication],
        bases: Sequence[str] = (),
        *,
        unmatched: str = "refuse",
        real_time: bool = False,
        virtual_sleep: bool = False,
    ) -> None:
        if real_time and virtual_sleep:
            raise ValueError("real_time=True sleeps and virtual_sleep=True does not; permitted: one of them")
        self.intercepted_urls: InterceptedUrls = intercepted_urls(bases)
        self._unmatched = unmatched_of(unmatched, self.intercepted_urls)
        pace = VirtualPace()
        self._responder = Responder(world, app, RealPace() if real_time else pace)
        self._client_time = ClientTime(world.clock, pace.timeline) if virtual_sleep else None
        self._timed_waits = None if real_time else TimedWaits(pace.timeline)
        self._httpx: Any = None
        self._stack: ExitStack | None = None

    @property
    def is_open(self) -> bool:
        """Whether requests are intercepted at present."""
        return self._stack is not None

    @property
    def router(self) -> respx.MockRouter:
        """respx's router, for routes of your own; `assert_all_called` looks at those only."""
        if self._httpx is None:
            raise RuntimeError(
                "router: respx is not installed, or the intercept is not open; open it with `with mock.intercept():`"
            )
        found: respx.MockRouter = self._httpx.router
        return found

    @property
    def missing_timeouts(self) -> list[AssertionError]:
        """Requests that would have waited for ever. Those still in this list at the end fail the block."""
        return self._responder.missing_timeouts

    def start(self) -> Self:
        """Raises RuntimeError when an intercept is open already."""
        with _lock:
            if _open:
                raise RuntimeError(
                    f"an intercept inside an intercept: one of {_open[0].intercepted_urls} is open in this process. "
                    "Close it first, name all proxy bases in one intercept(...), or use serve() for the second mock."
                )
            _open.append(self)
        try:
            self._install()
        except BaseException:
            self.stop(quiet=True)
            raise
        return self

    def stop(self, *, quiet: bool = False) -> None:
        """Raises MissingTimeout, or AssertionError for an uncalled route of the user, unless quiet."""
        stack, self._stack = self._stack, None
        httpx, self._httpx = self._httpx, None
        try:
            if stack is not None:
                stack.close()
            if httpx is not None:
                httpx.stop(quiet=quiet or bool(self.missing_timeouts))
        finally:
            with _lock:
                if self in _open:
                    _open.remove(self)
        if self.missing_timeouts and not quiet:
            raise self.missing_timeouts.pop(0)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(quiet=kind is not None)

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(quiet=kind is not None)

    def _install(self) -> None:
        """Intercept each client that is installed. Raises RuntimeError when its library is missing."""
        present = _present()
        self._stack = ExitStack()
        if "urllib3" in present:
            from volcv_mock.intercept.urllib3_client import Urllib3Intercept  # lazy: only if it is installed

            urllib3 = Urllib3Intercept(self._responder, self.intercepted_urls, self._unmatched)
            urllib3.start()
            self._stack.callback(urllib3.stop)
        if "httpx" in present:
            from volcv_mock.intercept.httpx_client import HttpxIntercept  # lazy: only if it is installed

            self._httpx = HttpxIntercept(self._responder, self.intercepted_urls, self._unmatched)
            self._httpx.start()
        if self._timed_waits:
            self._timed_waits.start()
            self._stack.callback(self._timed_waits.stop)
        if self._client_time:
            self._client_time.start()
            self._stack.callback(self._client_time.stop)


def _present() -> set[str]:
    """The installed clients. Raises RuntimeError for one whose requests would bypass the intercept."""
    present = {client for client in CLIENTS if _is_installed(client)}
    for client in present:
        if not _is_installed(CLIENTS[client]):
            raise RuntimeError(
                f"{client} is installed and {CLIENTS[client]} is not, so its calls would go to the network; "
                "pip install 'volcv-mock[testing]'"
            )
    if not present:
        raise RuntimeError(f"nothing to intercept: install one of {', '.join(CLIENTS)} (volcv-mock[testing])")
    return present


def _is_installed(library: str) -> bool:
    return importlib.util.find_spec(library) is not None
