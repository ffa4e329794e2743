"""What `VolcvMock.intercept` and `VolcvMock.serve` return: the mock while it is reachable, with its URLs."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self, Unpack
from urllib.parse import urlsplit

from volcv_mock._util.loopback import BYPASS
from volcv_mock.testing.kit import Kit
from volcv_mock.testing.options import InterceptOptions

if TYPE_CHECKING:
    from volcv_mock.intercept import Intercept
    from volcv_mock.testing.mock import VolcvMock


class Handle(Kit):
    """All that the mock has, and start() and stop() as a context manager, also with `async with`."""

    def __init__(self, mock: VolcvMock) -> None:
        self._mock = mock

    @property
    def mock(self) -> VolcvMock:
        """The mock itself."""
        return self._mock

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> RunningMock:
        """Serve the mock on a socket too (VolcvMock.serve)."""
        return self.mock.serve(host, port)

    def intercept(self, *bases: str, **options: Unpack[InterceptOptions]) -> InterceptedMock:
        """Intercept calls too, when no other intercept is open (VolcvMock.intercept)."""
        return self.mock.intercept(*bases, **options)

    @abstractmethod
    def start(self) -> Self:
        """Make the mock reachable."""

    @abstractmethod
    def stop(self, *, quiet: bool = False) -> None:
        """End it; does nothing when it has ended. With `quiet` nothing is raised about the calls of the block."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop(quiet=kind is not None)

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop(quiet=kind is not None)


class InterceptedMock(Handle):
    """A mock whose calls are intercepted in this process."""

    def __init__(self, mock: VolcvMock, intercept: Intercept) -> None:
        super().__init__(mock)
        self.interception = intercept
        self.official_url, *proxies = (base.url for base in intercept.intercepted_urls.bases)
        self.base_url = proxies[0] if proxies else self.official_url
        self.proxy_url = f"{self.base_url}/volcv/v1"

    @property
    def missing_timeouts(self) -> list[AssertionError]:
        """Calls that would have waited for ever. They fail the block, unless the test removes them from this list."""
        return self.interception.missing_timeouts

    def start(self) -> Self:
        """Start intercepting; `stop` or the end of the `with` block ends it."""
        self.interception.start()
        self.mock._intercepted = self
        return self

    def stop(self, *, quiet: bool = False) -> None:
        """Raises MissingTimeout, or AssertionError for unused routes of the router, unless `quiet`. A rule that never
        fired is a warning, with `strict_rules` an AssertionError."""
        self.mock._intercepted = None
        self.interception.stop(quiet=quiet)
        if not quiet:
            self.mock.check_rules()


class RunningMock(Handle):
    """A mock that is served on a socket."""

    def __init__(self, mock: VolcvMock, host: str, port: int) -> None:
        super().__init__(mock)
        self._host = host
        self._port = port
        self._server: Any = None
        self._bypass = ExitStack()

    def __enter__(self) -> Self:
        """Start it. Until the block ends its host is in NO_PROXY, so that clients do not ask a proxy for it."""
        self.start()
        self._bypass.enter_context(BYPASS.of(urlsplit(self.base_url).hostname or self._host))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bypass.close()
        self.stop(quiet=kind is not None)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._bypass.close()
        self.stop(quiet=kind is not None)

    @property
    def base_url(self) -> str:
        """Raises RuntimeError when the server is not running."""
        if self._server is None:
            raise RuntimeError("base_url: this server is closed; use it inside `with mock.serve() as server:`")
        return str(self._server.url)

    @property
    def proxy_url(self) -> str:
        """The URL of the proxy endpoint, as a reseller's base URL."""
        return f"{self.base_url}/volcv/v1"

    def start(self) -> Self:
        """Raises RuntimeError when it is running already, OSError when the port is in use."""
        if self._server is not None:
            raise RuntimeError(f"this server is open already at {self.base_url}; call serve() again for a second one")
        from volcv_mock.server.server import Server  # lazy: only sockets need gevent

        world, context = self.mock.world, None
        if world.settings.tls or world.settings.tls_cert:
            from volcv_mock.server.tls import secured  # lazy: only a server with a certificate needs ssl

            tls = secured(world.settings)
            context = tls.context if tls else None
        self._server = Server(world, self.mock.app, self._host, self._port, tls=context).start()
        self._set_own_hosts(add=True)
        return self

    def stop(self, *, quiet: bool = False) -> None:
        """Close the socket; does nothing when it is closed. Rules that never fired are told as by an intercept."""
        if self._server is None:
            return
        self._set_own_hosts(add=False)
        server, self._server = self._server, None
        server.stop()
        if not quiet:
            self.mock.check_rules()

    def _set_own_hosts(self, *, add: bool) -> None:
        """Picture links to this host are read from the store, never fetched."""
        world = self.mock.world
        own = {f"{name}:{self._server.port}" for name in (self._host, "localhost")}
        others = tuple(host for host in world.own_hosts if host not in own)
        world.own_hosts = (*others, *sorted(own)) if add else others
