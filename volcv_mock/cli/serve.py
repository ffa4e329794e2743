"""`volcv-mock serve`: run the mock server until Ctrl-C or SIGTERM.

Each option can also be set by an environment variable (VOLCV_MOCK_PORT, ...) or in the file given by --config.
Precedence: option, environment, file, default.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from volcv_mock import config
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.banner import announce
from volcv_mock.cli.collector import gc_disabled
from volcv_mock.cli.process import cannot_listen, run, secured, status_by_verdict, tell_differences
from volcv_mock.config import BadSetting, Settings
from volcv_mock.config.upstream_settings import check_files, leads_to
from volcv_mock.model import MODES


def main(arguments: Sequence[str]) -> int:
    """Run the server. Returns 2 for a bad setting or an address that cannot be used, 1 by --fail-on, else 0."""
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
    add("--keep-bodies", metavar="N", help="memory for the full pictures of calls, for the console (default: 0)")
    add("--state", metavar="URL",
        help="keep rules, calls, quotas and clocks in a Redis, such as redis://HOST:6379/0?name=TEAM,"
             " so that several processes are one mock (default: memory)")  # fmt: skip
    add("--workers", metavar="N", help="processes that serve the address together; needs --state (default: 1)")
    add("--log", choices=("text", "json", "off"), help="one line per call on standard error (default: text)")
    add("--fail-on", choices=("error", "warning"),
        help="exit with 1 when the verdict has findings of this severity or above (docs/verdict.md)")  # fmt: skip
    add("--control-token", metavar="TOKEN", help="token that opens /_mock/ to other machines")
    _add_tls(made)
    _add_upstream(made)
    limits = made.add_argument_group("limits")
    add = limits.add_argument
    add("--requests-per-second", metavar="N", help="per key; above it the code is 50429 (default: no limit)")
    add("--in-flight", metavar="N", help="concurrent requests per key; above it the code is 50430 (default: no limit)")
    add("--retry-after-s", metavar="N", help="send Retry-After with these refusals (default: not sent)")
    add("--hang-s", metavar="N", help="duration of the fault hang when a rule sets none (default: 120)")
    add("--drain-s", metavar="N", help="at SIGTERM, seconds in which pending responses are still sent (default: 0)")
    add("--trace-url", metavar="URL", help="URL of a trace, with {trace_id} in it, which the console links to")
    add("--clock-skew-s", metavar="N", help="offset added to real time when signatures are checked (default: 0)")
    add("--pictures-bytes", metavar="N", help="memory budget of the pictures behind picture URLs (default: 64000000)")
    add("--memo-bytes", metavar="N", help="memory budget of cached bodies and pictures (default: 16000000)")
    add("--tasks-bytes", metavar="N", help="memory budget of task inputs; code 50430 when full (default: 64000000)")
    add("--max-scopes", metavar="N", help="number of scopes kept; the longest idle is dropped first (default: 256)")
    add("--remembered-requests", metavar="N", help="requests whose repetitions are counted (default: 100000)")
    return made


def _add_tls(made: CommandParser) -> None:
    """The options of a mock that serves https."""
    add = made.add_argument_group("https").add_argument
    add("--tls", action="store_true", help="serve https with a certificate for localhost, made at the first start")
    add("--tls-name", action="append", metavar="NAME",
        help="another host name or address for the certificate; repeatable")  # fmt: skip
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
    if settings.workers > 1:
        from volcv_mock.cli.workers import serve_together  # lazy: start-up time

        return serve_together(settings, file, reread)
    with gc_disabled():
        from volcv_mock.server.memory_tuning import keep_for_now
        from volcv_mock.server.server import Server
        from volcv_mock.world import World
        from volcv_mock.wsgi import create_app  # lazy: a bad option is reported at once

        keep_for_now(but_large=bool(settings.upstream))  # before any thread has its own heap
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
        from volcv_mock.recording.addresses import shown_address  # lazy: start-up time

        upstream = shown_address(settings.upstream)
        print(f"volcv-mock serve: upstream = {upstream!r}: this is the mock itself.", file=sys.stderr)
        return 2
    try:
        run(world, server, lambda: announce(server.url, settings, tls.made if tls else None), file, reread)
    except BadSetting as error:  # of OpenTelemetry
        print(f"volcv-mock serve: {error}", file=sys.stderr)
        return 2
    tell_differences(world)
    status = status_by_verdict(world)
    world.close()
    return status
