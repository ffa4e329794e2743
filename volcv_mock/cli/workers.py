"""`serve --workers N`: the same mock in several processes, which share their state."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from volcv_mock.cli import process as one
from volcv_mock.cli.banner import announce
from volcv_mock.cli.collector import gc_disabled
from volcv_mock.config import BadSetting, Settings
from volcv_mock.config.upstream_settings import leads_to
from volcv_mock.state.address import MEMORY

NEEDS_STATE = "workers = {}: several workers need a common state: --state redis://HOST:PORT"


def serve_together(settings: Settings, file: Path | None, reread: Callable[[], Settings]) -> int:
    """Serve until a signal. Returns 2 for what cannot work, found out before any worker is started."""
    if settings.state == MEMORY:
        return _refused(NEEDS_STATE.format(settings.workers))
    with gc_disabled():
        from volcv_mock.server.memory_tuning import keep_for_now
        from volcv_mock.server.preforked import BoundAddress, Preforked
        from volcv_mock.server.server import Server
        from volcv_mock.shared_state import add_up_metrics
        from volcv_mock.world import World
        from volcv_mock.wsgi import create_app  # lazy: a bad option is reported at once

        keep_for_now(but_large=bool(settings.upstream))
        try:
            tls = one.secured(settings)
            World(settings).close()  # what is wrong with the state is said once
        except BadSetting as error:
            return _refused(str(error))
    try:
        address = BoundAddress(settings.host, settings.port)
    except OSError as error:
        return _refused(one.cannot_listen(settings, error))
    if leads_to(settings.upstream, settings.host, address.port):
        from volcv_mock.recording.addresses import shown_address  # lazy: start-up time

        return _refused(f"upstream = {shown_address(settings.upstream)!r}: this is the mock itself.")
    bound = replace(settings, port=address.port)
    context, workers = tls.context if tls else None, os.urandom(6).hex()

    def work(slot: int, ready: Callable[[], None]) -> int:
        try:
            world = World(_of_today(bound, file, reread))
        except BadSetting as error:
            return _refused(str(error))
        add_up_metrics(world, workers)
        server = Server(world, create_app(world), bound.host, bound.port, tls=context, listener=address.listener())
        try:
            one.run(world, server, ready, file, lambda: replace(reread(), port=bound.port))
        except BadSetting as error:  # of OpenTelemetry
            return _refused(str(error))
        if slot == 0:
            one.tell_differences(world)
        world.close()
        return 0

    host = f"[{bound.host}]" if ":" in bound.host else bound.host
    url = f"{'https' if tls else 'http'}://{host}:{bound.port}"
    parent = Preforked(settings.workers, work, lambda: announce(url, bound, tls.made if tls else None), _print,
                       reloads=file is not None)  # fmt: skip
    status = parent.run()
    return status or _status_by_verdict(bound)


def _of_today(bound: Settings, file: Path | None, reread: Callable[[], Settings]) -> Settings:
    """The settings for a worker that begins now: the file may have changed since the first ones began, and those of
    then would bring back its old rules."""
    if file is None:
        return bound
    try:
        return one.reloadable(bound, replace(reread(), port=bound.port))[0]
    except (ValueError, OSError) as error:
        _print(f"{error} (a new worker has the settings of the start)")
        return bound


def _status_by_verdict(settings: Settings) -> int:
    """The workers have ended; what they have in common has their calls."""
    if not settings.fail_on:
        return 0
    from volcv_mock.world import World  # lazy: start-up time

    try:
        world = World(settings)
    except BadSetting as error:
        return one.unreadable(settings, error)
    status = one.status_by_verdict(world)
    world.close()
    return status


def _print(message: str) -> None:
    print(f"volcv-mock serve: {message}", file=sys.stderr, flush=True)


def _refused(message: str) -> int:
    _print(message)
    return 2
