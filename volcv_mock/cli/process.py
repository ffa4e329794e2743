"""One process of `serve`: its world on a server, with its log, its spans and its watched file. serve.py runs one,
workers.py several."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volcv_mock import config
from volcv_mock.config import Settings
from volcv_mock.config.config_file import ConfigWatch
from volcv_mock.model import EVERY_SCOPE
from volcv_mock.state import StateUnavailable

if TYPE_CHECKING:
    from volcv_mock.server.server import Server
    from volcv_mock.server.tls import Secured
    from volcv_mock.world import World

LOG_CLOSE_S = 0.2
"""How long the last log lines may take at shutdown."""

WATCH_S = 0.25
"""Interval between checks of the configuration file; a change takes effect at the second check that sees it."""


def run(
    world: World, server: Server, ready: Callable[[], None], file: Path | None, reread: Callable[[], Settings]
) -> None:
    """Serve until a signal, with the log in a thread, spans if they are wanted, and the file watched."""
    world.own_hosts = (server.url.partition("://")[2], f"localhost:{server.port}")
    stopped = threading.Event()
    with logged_in_background(world), traced(world, os.environ):
        on_signals = watched(world, file, reread, stopped) if file else {}
        server.serve_forever(ready, on_signals)
        stopped.set()


def tell_differences(world: World) -> None:
    """Print what the mode `diff` found."""
    with suppress(StateUnavailable):
        if world.differences.compared:
            print(f"differences: {world.differences.summary()}", flush=True)


def status_by_verdict(world: World) -> int:
    """The exit status by --fail-on: 1 when the verdict on a scope has such findings, which are printed."""
    level = world.settings.fail_on
    if not level:
        return 0
    from volcv_mock.contract import using  # lazy: start-up time
    from volcv_mock.testing.verdict import audit
    from volcv_mock.testing.verdict.base import lines_of

    try:
        with using(world.contract):
            found, evicted = audit(world, EVERY_SCOPE).findings_from(level), world.journal.evicted
    except StateUnavailable as error:
        return unreadable(world.settings, error)
    if evicted:
        print(f"volcv-mock serve: --fail-on {level}: {evicted} older calls were evicted and are not judged;"
              " raise --journal-bytes", file=sys.stderr)  # fmt: skip
    if found:
        counted = "1 finding" if len(found) == 1 else f"{len(found)} findings"
        print("\n".join([f"volcv-mock serve: --fail-on {level}: {counted}", *lines_of(found)]), file=sys.stderr)
    return 1 if found else 0


def unreadable(settings: Settings, error: Exception) -> int:
    """The exit status when the calls are out of reach: nothing was judged, so it is no success."""
    print(f"volcv-mock serve: --fail-on {settings.fail_on}: the calls cannot be read: {error}", file=sys.stderr)
    return 1


def secured(settings: Settings) -> Secured | None:
    """The certificate of a mock that serves https, else None. Raises BadSetting."""
    if not (settings.tls or settings.tls_cert):
        return None
    from volcv_mock.server import tls  # lazy: start-up time

    return tls.secured(settings)


@contextmanager
def logged_in_background(world: World) -> Iterator[None]:
    """Write log lines in a thread: responses must not wait for a standard error that nobody reads."""
    from volcv_mock.journal.background_writer import BackgroundWriter  # lazy: start-up time
    from volcv_mock.journal.log import CallLog

    try:
        writer = BackgroundWriter(sys.stderr.fileno())
    except (AttributeError, OSError):  # no standard error, or one that is not a file
        yield
        return
    before, world.log = world.log, CallLog(world.settings.log, writer)
    try:
        yield
    finally:
        writer.close(LOG_CLOSE_S)
        world.log = before  # what the end of the state has to say


@contextmanager
def traced(world: World, environ: Mapping[str, str]) -> Iterator[None]:
    """Send one span per call, when the environment names a collector (docs/operating.md)."""
    from volcv_mock.telemetry import sdk_log, spans  # lazy: start-up time

    if not spans.is_wanted(environ):
        yield
        return
    with sdk_log.sdk_log(world.log.write_message, environ):
        try:
            world.spans = sent = spans.exported()
        except ImportError:
            missing = "OTEL_... names a collector, but no span is sent: pip install 'volcv-mock[otel]'"
            world.log.write_message(f"volcv-mock serve: {missing}")
            yield
            return
        try:
            yield
        finally:
            sent.close()


def cannot_listen(settings: Settings, error: OSError) -> str:
    """The error message for an address that cannot be used."""
    message = f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}"
    return f"{message}; choose another --port, 0 for a free one" if error.errno == errno.EADDRINUSE else message


def watched(
    world: World, file: Path, reread: Callable[[], Settings], stopped: threading.Event
) -> dict[int, Callable[[], None]]:
    """Start a thread that applies changes of the file until `stopped` is set. Returns the signals that reload it."""

    def refuse(message: str) -> None:
        world.log.write_message(f"volcv-mock serve: {message}")

    watch = ConfigWatch(file, reread, lambda new: apply(world, new, file), refuse)
    name = "volcv-mock configuration"
    threading.Thread(target=watch.run, args=(stopped, WATCH_S), name=name, daemon=True).start()
    return {signal.SIGHUP: watch.poke} if hasattr(signal, "SIGHUP") else {}


def reloadable(old: Settings, new: Settings) -> tuple[Settings, tuple[str, ...]]:
    """The new settings with the old value of those that need a restart, and the names of these."""
    fixed = config.needs_restart(old, new)
    return replace(new, **{name: getattr(old, name) for name in fixed}), fixed


def apply(world: World, new: Settings, file: Path) -> None:
    """Apply new settings, except those that need a restart."""
    permitted, fixed = reloadable(world.settings, new)
    world.configure(permitted)
    waiting = f"; restart to apply: {', '.join(fixed)}" if fixed else ""
    world.log.write_message(f"volcv-mock serve: {file} reloaded{waiting}")
