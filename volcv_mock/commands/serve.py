"""`volcv-mock serve`: start the mock and keep it running until Ctrl-C or SIGTERM.

Each flag can also be set by environment (VOLCV_MOCK_PORT, ...) and in the file of --config; a flag goes
before the environment, that before the file.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from volcv_mock import __version__, config
from volcv_mock.config import BadSetting, Settings

WATCH_S = 1.0
"""How often the configuration file is looked at."""


def main(arguments: Sequence[str]) -> int:
    options = parser().parse_args(arguments)
    flags = vars(options)
    try:
        settings = config.from_sources(flags, os.environ)
    except BadSetting as error:
        print(f"volcv-mock serve: {error}", file=sys.stderr)
        return 2
    return serve(settings, config.config_path(flags, os.environ), lambda: config.from_sources(flags, os.environ))


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="volcv-mock serve", description=__doc__, allow_abbrev=False)
    add = made.add_argument
    add("--host", help="address to listen on (127.0.0.1)")
    add("--port", help="port to listen on, 0 for a free one (8410)")
    add("--latency", metavar="off|realistic|0.1x|2.5s", help="how long answers take (off)")
    add("--seed", metavar="N", help="the mock's own seed: ids, random pictures, probabilities (0)")
    add("--api-key", action="append", metavar="sk-...", dest="api_key", help="a key the proxy door knows; repeatable")
    add("--ak", action="append", metavar="AK", help="an access key the official door knows; repeatable, with --sk")
    add("--sk", action="append", metavar="SK", help="its secret key")
    add("--auth", choices=("any", "strict", "off"), help="any well-formed credentials, known ones only, or none (any)")
    profile = made.add_mutually_exclusive_group()
    profile.add_argument("--strict", action="store_true", help="also refuse unknown fields and ignored advice")
    profile.add_argument("--lenient", action="store_true", help="resize a mask and clamp a number instead of refusing")
    add("--no-triggers", action="store_true", help="prompts, seeds and pictures never ask for trouble")
    add("--image-urls", choices=("loopback", "any", "stand-in"), help="which picture URLs are fetched (loopback)")
    add("--image-hosts", action="append", metavar="HOST", help="one more host to fetch pictures from; repeatable")
    add("--public-url", metavar="URL", help="base of picture URLs when clients see another address")
    add("--config", metavar="FILE.toml", help="a file with any of these, and faults, latency, quotas, keys")
    add("--journal-bytes", metavar="N", help="memory of the journal (32000000)")
    add("--log", choices=("text", "json", "off"), help="one line per call on standard error (text)")
    add("--control-token", metavar="TOKEN", help="opens /_mock/ to other machines that send it")
    return made


def serve(settings: Settings, file: Path | None, reread: Callable[[], Settings]) -> int:
    """Serve with these settings; `file` is watched, and `reread` gives its settings anew."""
    from volcv_mock.app import create_app  # lazy: a wrong flag must be told at once
    from volcv_mock.delivery.server import Server
    from volcv_mock.world import World

    world = World(settings)
    server = Server(world, create_app(world), settings.host, settings.port)
    try:
        server.bind()
    except OSError as error:
        print(
            f"volcv-mock serve: cannot listen on {settings.host}:{settings.port}: {error.strerror or error}",
            file=sys.stderr,
        )
        return 2
    world.own_hosts = (server.url.removeprefix("http://"), f"localhost:{server.port}")
    reload = Reload(world.configure, reread, file)
    stopped = threading.Event()
    watcher = threading.Thread(target=reload.watch, args=(stopped,), name="volcv-mock configuration", daemon=True)
    watcher.start()
    server.serve_forever(lambda: announce(server.url, settings), {signal.SIGHUP: reload.now})
    stopped.set()
    return 0


def announce(url: str, settings: Settings) -> None:
    """The line that scripts wait for, then what to put in a client."""
    print(f"volcv-mock {__version__} listening on {url}", flush=True)
    print(f"official: set_scheme('http'); set_host('{url.removeprefix('http://')}')", flush=True)
    print(f"proxy:    {url}/volcv/v1", flush=True)
    if not settings.control_is_on:
        print("control:  off, because --host is not loopback and there is no --control-token", flush=True)


class Reload:
    """Takes a changed configuration file into use; a bad one keeps the old settings and says why."""

    def __init__(
        self, configure: Callable[[Settings], None], reread: Callable[[], Settings], file: Path | None
    ) -> None:
        self._configure = configure
        self._reread = reread
        self._file = file
        self._seen = self._stamp()

    def watch(self, stopped: threading.Event) -> None:
        """Look at the file until stopped."""
        while not stopped.wait(WATCH_S):
            if self._stamp() != self._seen:
                self.now()

    def now(self) -> None:
        """Read the file again, changed or not (SIGHUP)."""
        self._seen = self._stamp()
        try:
            self._configure(self._reread())
        except BadSetting as error:
            print(f"volcv-mock serve: the old settings stay: {error}", file=sys.stderr, flush=True)
        else:
            print("volcv-mock serve: settings reloaded", file=sys.stderr, flush=True)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = self._file.stat() if self._file else None
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size) if status else None
