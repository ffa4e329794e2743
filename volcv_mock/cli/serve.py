"""`volcv-mock serve`: start the mock and keep it running until Ctrl-C or SIGTERM.

Each flag can also be set by environment (VOLCV_MOCK_PORT, ...) and in the file of --config; a flag goes
before the environment, that before the file.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volcv_mock import __version__, config
from volcv_mock.config import BadSetting, Settings
from volcv_mock.config.config_file import ConfigWatch

if TYPE_CHECKING:
    from volcv_mock.world import World

GARBAGE_LIKELY = 10_000
"""New objects after which garbage is looked for among the newest."""

LOG_S = 0.2
"""How long the last log lines may take at the end."""

WATCH_S = 0.25
"""How often the configuration file is looked at; a changed one is taken at the second look."""


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
    reading = "another reading where pages disagree, as timestamp-status=403; repeatable (schemas/divergences.json)"
    add("--reading", action="append", metavar="ROW=VALUE", help=reading)
    add("--no-triggers", action="store_true", help="prompts, seeds and pictures never ask for trouble")
    add("--image-urls", choices=("loopback", "any", "stand-in"), help="which picture URLs are fetched (loopback)")
    add("--image-hosts", action="append", metavar="HOST", help="one more host to fetch pictures from; repeatable")
    add("--public-url", metavar="URL", help="base of picture URLs when clients see another address")
    add("--config", metavar="FILE.toml", help="a file with any of these, and faults, latency, quotas, keys")
    add("--journal-bytes", metavar="N", help="memory of the journal (32000000)")
    add("--log", choices=("text", "json", "off"), help="one line per call on standard error (text)")
    add("--control-token", metavar="TOKEN", help="opens /_mock/ to other machines that send it")
    limits = made.add_argument_group("limits")
    add = limits.add_argument
    add("--requests-per-second", metavar="N", help="more of one key are answered 50429 (no limit)")
    add("--in-flight", metavar="N", help="more at once of one key are answered 50430 (no limit)")
    add("--retry-after-s", metavar="N", help="a Retry-After with these refusals (none)")
    add("--hang-s", metavar="N", help="how long a hang lasts that says nothing of its own (120)")
    add("--clock-skew-s", metavar="N", help="what to add to the real time that signatures are judged by (0)")
    add("--pictures-bytes", metavar="N", help="memory of the pictures behind picture URLs (64000000)")
    add("--memo-bytes", metavar="N", help="memory of the memos of bodies and pictures (16000000)")
    add("--max-scopes", metavar="N", help="scopes kept; the idle ones leave first (256)")
    add("--remembered-requests", metavar="N", help="requests whose repetitions are counted (100000)")
    return made


def serve(settings: Settings, file: Path | None, reread: Callable[[], Settings]) -> int:
    """Serve with these settings; `file` is watched, and `reread` gives its settings anew."""
    with uncollected():
        from volcv_mock.server.memory_tuning import keep_for_now
        from volcv_mock.server.server import Server
        from volcv_mock.world import World
        from volcv_mock.wsgi import create_app  # lazy: a wrong flag must be told at once

        keep_for_now()  # before any thread has a heap of its own
        world = World(settings)
        server = Server(world, create_app(world), settings.host, settings.port)
    try:
        server.bind()
    except OSError as error:
        print(f"volcv-mock serve: {cannot_listen(settings, error)}", file=sys.stderr)
        return 2
    world.own_hosts = (server.url.removeprefix("http://"), f"localhost:{server.port}")
    stopped = threading.Event()
    with logged_in_background(world):
        on_signals = watched(world, file, reread, stopped) if file else {}
        server.serve_forever(lambda: announce(server.url, settings), on_signals)
        stopped.set()
    return 0


@contextmanager
def logged_in_background(world: World) -> Iterator[None]:
    """Log lines leave through a thread: a standard error that nobody reads must not hold the answers."""
    from volcv_mock.journal.background_writer import BackgroundWriter  # lazy, as the world is
    from volcv_mock.journal.log import CallLog

    try:
        aside = BackgroundWriter(sys.stderr.fileno())
    except (AttributeError, OSError):  # no standard error, or one that is no file
        yield
        return
    world.log = CallLog(world.settings.log, aside)
    try:
        yield
    finally:
        aside.close(LOG_S)


@contextmanager
def uncollected() -> Iterator[None]:
    """Imports make no garbage, and looking for it costs a tenth of the start. What they leave stays for good.

    Afterwards it is looked for less often than usual: thousands of answers that wait are no garbage either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(GARBAGE_LIKELY)


def cannot_listen(settings: Settings, error: OSError) -> str:
    said = f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}"
    return f"{said}; choose another --port, 0 for a free one" if error.errno == errno.EADDRINUSE else said


def watched(
    world: World, file: Path, reread: Callable[[], Settings], stopped: threading.Event
) -> dict[int, Callable[[], None]]:
    """Take a changed file into use, from a thread, until stopped; gives the signals that ask for it at once."""

    def refuse(message: str) -> None:
        world.log.say(f"volcv-mock serve: {message}")

    watch = ConfigWatch(file, reread, lambda new: take(world, new, file), refuse)
    name = "volcv-mock configuration"
    threading.Thread(target=watch.run, args=(stopped, WATCH_S), name=name, daemon=True).start()
    return {signal.SIGHUP: watch.poke} if hasattr(signal, "SIGHUP") else {}


def take(world: World, new: Settings, file: Path) -> None:
    """Put new settings in force, without those that only a start can set."""
    old = world.settings
    fixed = config.needs_restart(old, new)
    world.configure(replace(new, **{name: getattr(old, name) for name in fixed}))
    waiting = f"; {', '.join(fixed)} would need a restart" if fixed else ""
    world.log.say(f"volcv-mock serve: {file} reloaded{waiting}")


def announce(url: str, settings: Settings) -> None:
    """The line that scripts wait for, then what to put in a client."""
    print(f"volcv-mock {__version__} listening on {url}", flush=True)
    print(f"official: set_scheme('http'); set_host('{url.removeprefix('http://')}')", flush=True)
    print(f"proxy:    {url}/volcv/v1", flush=True)
    if settings.auth_mode == "strict" and not (settings.api_keys or settings.access_keys):
        print("auth:     strict, but no key is known: give one with --api-key, or with --ak and --sk", flush=True)
    if not settings.control_is_on:
        print("control:  off, because --host is not loopback and there is no --control-token", flush=True)
