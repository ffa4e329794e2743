"""`volcv-mock serve`: run the mock server until Ctrl-C or SIGTERM.

Each option can also be set by an environment variable (VOLCV_MOCK_PORT, ...) or in the file given by --config.
Precedence: option, environment, file, default.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volcv_mock import config
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.banner import announce
from volcv_mock.config import BadSetting, Settings
from volcv_mock.config.config_file import ConfigWatch
from volcv_mock.config.upstream_settings import check_files, leads_to
from volcv_mock.model import MODES

if TYPE_CHECKING:
    from volcv_mock.server.tls import Secured
    from volcv_mock.world import World

COLLECT_AFTER_OBJECTS = 10_000
"""Threshold of the youngest generation (gc.set_threshold): 10 to 14 times Python's default."""

LOG_CLOSE_S = 0.2
"""How long the last log lines may take at shutdown."""

WATCH_S = 0.25
"""Interval between checks of the configuration file; a change takes effect at the second check that sees it."""


def main(arguments: Sequence[str]) -> int:
    """Run the server. Returns 2 for a bad setting or an address that cannot be used, 0 after a signal."""
    flags = vars(parser().parse(arguments))
    try:
        settings = config.from_sources(flags, os.environ)
        check_files(settings)
    except BadSetting as error:
        print(f"volcv-mock serve: {error}", file=sys.stderr)
        return 2
    return serve(settings, config.config_path(flags, os.environ), lambda: config.from_sources(flags, os.environ))


def parser() -> CommandParser:
    """The options of `serve`."""
    made = CommandParser("volcv-mock serve", __doc__)
    add = made.add_argument
    add("--host", help="address to listen on (default: 127.0.0.1)")
    add("--port", help="port to listen on; 0 takes a free one (default: 8410)")
    add("--latency", metavar="off|realistic|0.1x|2.5s", help="response latency (default: off)")
    add("--seed", metavar="N", help="seed for ids, random pictures and probabilities (default: 0)")
    add("--api-key", action="append", metavar="sk-...", dest="api_key",
        help="API key accepted by the proxy endpoint; repeatable")  # fmt: skip
    add("--ak", action="append", metavar="AK",
        help="access key accepted by the official endpoint; repeatable, each with --sk")  # fmt: skip
    add("--sk", action="append", metavar="SK", help="secret key of the access key; repeatable, in the same order")
    add("--auth", choices=("any", "strict", "off"),
        help="accept any well-formed credentials, only known ones, or skip the check"
             " (default: strict when a key is given, else any)")  # fmt: skip
    add("--contract", metavar="DIR", help="folder that adds or replaces req_keys (docs/own-operations.md)")
    profile = made.add_mutually_exclusive_group()
    profile.add_argument("--strict", action="store_true", help="also refuse unknown fields and ignored advice")
    profile.add_argument("--lenient", action="store_true", help="resize masks and clamp numbers instead of refusing")
    add("--reading", action="append", metavar="ID=ALTERNATIVE",
        help="play another reading of an open point, such as mask-size=resize; repeatable"
             " (`volcv-mock readings` lists them)")  # fmt: skip
    add("--readings", metavar="FILE", help="play the readings that `volcv-mock calibrate` measured; --reading wins")
    reseller = "how the proxy endpoint passes on the vendor's errors: new-api or wrapped-406 (default: new-api)"
    add("--reseller", metavar="PROFILE", help=reseller)
    add("--no-triggers", action="store_true", help="disable triggers in prompts, seeds and pictures")
    add("--image-urls", choices=("loopback", "any", "stand-in"), help="which picture URLs to fetch (default: loopback)")
    add("--image-hosts", action="append", metavar="HOST", help="another host to fetch pictures from; repeatable")
    add("--public-url", metavar="URL", help="base of picture URLs, when clients see another address")
    add("--config", metavar="FILE.toml", help="file with any of these settings, and faults, latency, quotas, keys")
    add("--journal-bytes", metavar="N", help="memory budget of the journal (default: 32000000)")
    add("--state", metavar="URL",
        help="keep rules, calls, quotas and clocks in a Redis, such as redis://HOST:6379/0?name=TEAM,"
             " so that several processes are one mock (default: memory)")  # fmt: skip
    add("--log", choices=("text", "json", "off"), help="one line per call on standard error (default: text)")
    add("--control-token", metavar="TOKEN", help="token that opens /_mock/ to other machines")
    _add_tls(made)
    _add_upstream(made)
    limits = made.add_argument_group("limits")
    add = limits.add_argument
    add("--requests-per-second", metavar="N", help="per key; above it the code is 50429 (default: no limit)")
    add("--in-flight", metavar="N", help="concurrent requests per key; above it the code is 50430 (default: no limit)")
    add("--retry-after-s", metavar="N", help="send Retry-After with these refusals (default: not sent)")
    add("--hang-s", metavar="N", help="duration of the fault hang when a rule sets none (default: 120)")
    add("--drain-s", metavar="N", help="at SIGTERM, how long answers that wait may still leave (default: 0)")
    add("--clock-skew-s", metavar="N", help="offset added to real time when signatures are checked (default: 0)")
    add("--pictures-bytes", metavar="N", help="memory budget of the pictures behind picture URLs (default: 64000000)")
    add("--memo-bytes", metavar="N", help="memory budget of cached bodies and pictures (default: 16000000)")
    add("--tasks-bytes", metavar="N", help="memory budget of the inputs of tasks; full is 50430 (default: 64000000)")
    add("--max-scopes", metavar="N", help="number of scopes kept; the longest idle is dropped first (default: 256)")
    add("--remembered-requests", metavar="N", help="requests whose repetitions are counted (default: 100000)")
    return made


def _add_tls(made: CommandParser) -> None:
    """The options of a mock that serves https."""
    add = made.add_argument_group("https").add_argument
    add("--tls", action="store_true", help="serve https with a certificate for localhost, made at the first start")
    add("--tls-name", action="append", metavar="NAME", help="another host name or address of it; repeatable")
    add("--tls-dir", metavar="DIR", help="folder for the certificate and the CA file (default: volcv-mock-tls)")
    add("--tls-cert", metavar="FILE", help="serve https with this certificate (PEM, with its chain)")
    add("--tls-key", metavar="FILE", help="private key of --tls-cert (PEM)")


def _add_upstream(made: CommandParser) -> None:
    """The options of a mock in front of the real service."""
    add = made.add_argument_group("in front of the real service").add_argument
    add("--upstream", metavar="URL", help="the real service: a reseller's base URL, or the official one")
    add("--mode", choices=MODES,
        help="who answers: this mock, the upstream (pass, spy, record, diff) or recordings")  # fmt: skip
    add("--recordings", metavar="DIR", help="folder of recorded calls, for the modes record and replay")
    add("--replay-misses", choices=("mock", "refuse", "record"),
        help="what a call that was never recorded gets in the mode replay (default: mock)")  # fmt: skip
    add("--upstream-ak", metavar="AK", help="access key that signs calls to the upstream's official endpoint")
    add("--upstream-sk", metavar="SK", help="secret key of --upstream-ak")
    add("--upstream-ca", metavar="FILE", help="PEM file with the certificates that the upstream's TLS is verified with")
    add("--upstream-budget", metavar="N", help="calls to the upstream a day (UTC), at most (default: no limit)")
    add("--upstream-ledger", metavar="FILE", help="where these calls are counted; contract runs may share the file")
    add("--upstream-timeout-s", metavar="N", help="how long an answer of the upstream may take (default: 120)")


def serve(settings: Settings, file: Path | None, reread: Callable[[], Settings]) -> int:
    """Serve until a signal. `file` is watched for changes; `reread` reads the settings from all sources again."""
    with gc_disabled():
        from volcv_mock.server.memory_tuning import keep_for_now
        from volcv_mock.server.server import Server
        from volcv_mock.world import World
        from volcv_mock.wsgi import create_app  # lazy: a bad option is reported at once

        keep_for_now()  # before any thread has its own heap
        try:
            world = World(settings)
            tls = secured(settings)
        except BadSetting as error:
            print(f"volcv-mock serve: {error}", file=sys.stderr)
            return 2
        server = Server(world, create_app(world), settings.host, settings.port, tls=tls.context if tls else None)
    try:
        server.bind()
    except OSError as error:
        print(f"volcv-mock serve: {cannot_listen(settings, error)}", file=sys.stderr)
        return 2
    if leads_to(settings.upstream, server.host, server.port):
        print(f"volcv-mock serve: upstream = {settings.upstream!r}: this is the mock itself.", file=sys.stderr)
        return 2
    world.own_hosts = (server.url.partition("://")[2], f"localhost:{server.port}")
    stopped = threading.Event()
    with logged_in_background(world), traced(world, os.environ):
        on_signals = watched(world, file, reread, stopped) if file else {}
        server.serve_forever(lambda: announce(server.url, settings, tls.made if tls else None), on_signals)
        stopped.set()
    if world.differences.compared:
        print(f"differences: {world.differences.summary()}", flush=True)
    return 0


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
    world.log = CallLog(world.settings.log, writer)
    try:
        yield
    finally:
        writer.close(LOG_CLOSE_S)


@contextmanager
def traced(world: World, environ: Mapping[str, str]) -> Iterator[None]:
    """Send one span per call, when the environment names a collector (docs/operating.md)."""
    from volcv_mock.telemetry import spans  # lazy: start-up time

    if not spans.is_wanted(environ):
        yield
        return
    try:
        world.spans = sent = spans.exported()
    except ImportError:
        world.log.say("volcv-mock serve: OTEL_... names a collector, but no span is sent: "
                      "pip install 'volcv-mock[otel]'")  # fmt: skip
        yield
        return
    try:
        yield
    finally:
        sent.close()


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable garbage collection during the imports: they create no cycles, and collecting costs 10 % of the start.

    Afterwards the imported objects are frozen (gc.freeze), and collections are rarer than by default: thousands of
    waiting responses are not garbage either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(COLLECT_AFTER_OBJECTS)


def cannot_listen(settings: Settings, error: OSError) -> str:
    """The error message for an address that cannot be used."""
    message = f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}"
    return f"{message}; choose another --port, 0 for a free one" if error.errno == errno.EADDRINUSE else message


def watched(
    world: World, file: Path, reread: Callable[[], Settings], stopped: threading.Event
) -> dict[int, Callable[[], None]]:
    """Start a thread that applies changes of the file until `stopped` is set. Returns the signals that reload it."""

    def refuse(message: str) -> None:
        world.log.say(f"volcv-mock serve: {message}")

    watch = ConfigWatch(file, reread, lambda new: apply(world, new, file), refuse)
    name = "volcv-mock configuration"
    threading.Thread(target=watch.run, args=(stopped, WATCH_S), name=name, daemon=True).start()
    return {signal.SIGHUP: watch.poke} if hasattr(signal, "SIGHUP") else {}


def apply(world: World, new: Settings, file: Path) -> None:
    """Apply new settings, except those that need a restart."""
    old = world.settings
    fixed = config.needs_restart(old, new)
    world.configure(replace(new, **{name: getattr(old, name) for name in fixed}))
    waiting = f"; restart to apply: {', '.join(fixed)}" if fixed else ""
    world.log.say(f"volcv-mock serve: {file} reloaded{waiting}")


