"""The settings of an upstream together: which modes they make possible, and which combinations are refused.

Each setting by itself is validated like every other (config_keys.py).
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from volcv_mock.config.config_keys import BadSetting
from volcv_mock.model import FORWARDING, MODES, Mode
from volcv_mock.signing.keys import OWN_KEYS

if TYPE_CHECKING:
    from volcv_mock.config import Settings

PROXY_PATH = "/volcv/v1"
"""May end the URL of an upstream, as clients have it in their base URL."""


def validate(settings: Settings) -> None:
    """Raises BadSetting for a combination that cannot work, in one sentence."""
    if bool(settings.upstream_ak) != bool(settings.upstream_sk):
        raise BadSetting("upstream_ak and upstream_sk: one is given without the other; give both.")
    if settings.mode in ("record", "replay") and not settings.recordings:
        raise BadSetting(f"mode = {settings.mode!r}: needs --recordings DIR.")
    if settings.replay_misses == "record" and "record" not in settings.modes:
        raise BadSetting("replay_misses = 'record': needs --upstream URL, --api-key and --recordings DIR.")
    if not settings.upstream:
        _refuse_without_upstream(settings)
    elif settings.mode in FORWARDING and not has_keys(settings):
        raise BadSetting(
            f"mode = {settings.mode!r}: no client key is configured that may leave; add --api-key"
            " (or --ak and --sk, with --upstream-ak and --upstream-sk)."
        )


def ledger_path(settings: Settings) -> Path:
    """Where paid calls are written down: with the recordings, else in the file that contract runs use."""
    if settings.upstream_ledger:
        return Path(settings.upstream_ledger)
    return Path(settings.recordings, "ledger.jsonl") if settings.recordings else Path(".contract-ledger.jsonl")


def check_files(settings: Settings) -> None:
    """Raises BadSetting for a file that cannot be used; called when a mock starts."""
    if not settings.upstream_ca:
        return
    import ssl  # lazy: start-up time

    try:
        ssl.create_default_context(cafile=settings.upstream_ca)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = getattr(error, "strerror", None) or "no PEM certificates"
        raise BadSetting(f"upstream_ca = {settings.upstream_ca!r}: {reason}; wanted a PEM file.") from None


def _refuse_without_upstream(settings: Settings) -> None:
    if settings.mode in FORWARDING:
        raise BadSetting(f"mode = {settings.mode!r}: needs --upstream URL.")
    for name in ("upstream_ak", "upstream_ca", "upstream_budget", "upstream_ledger"):
        if getattr(settings, name):
            raise BadSetting(f"{name}: needs --upstream URL.")


def has_keys(settings: Settings) -> bool:
    """Whether a client could be forwarded: its Bearer key is known, or its signature can be verified and made anew."""
    may_leave = any(not key.startswith(OWN_KEYS) for key in settings.api_keys)  # own ones never do
    return may_leave or bool(settings.access_keys and settings.upstream_ak)


def possible_modes(settings: Settings) -> tuple[Mode, ...]:
    """The modes that these settings permit."""
    refused: set[Mode] = set() if settings.upstream and has_keys(settings) else set(FORWARDING)
    if not settings.recordings:
        refused |= {"record", "replay"}
    return tuple(mode for mode in MODES if mode not in refused)


def leads_to(upstream: str, host: str, port: int) -> bool:
    """Whether an upstream is the address that this mock listens at; by name and address, no name server is asked."""
    parts = urlsplit(upstream)
    if not upstream or (parts.port or {"http": 80, "https": 443}[parts.scheme]) != port:
        return False
    named, own = (parts.hostname or "").rstrip(".").lower(), host.strip("[]").lower()
    if _is_wildcard(own) and named == socket.gethostname().lower():
        return True
    return named == own or all(_is_this_machine(name) for name in (named, own))


def _is_this_machine(host: str) -> bool:
    """Whether a host is a loopback or wildcard address in any spelling, or localhost."""
    from volcv_mock.fetch.addresses import is_loopback_host  # lazy: only with an upstream

    return is_loopback_host(host) or _is_wildcard(host)


def _is_wildcard(host: str) -> bool:
    from volcv_mock.fetch.addresses import numeric, unwrapped  # lazy: as above

    return any(unwrapped(address).is_unspecified for address in numeric(host))


def prepared_folder(settings: Settings) -> Path:
    """The folder of recordings: it exists, and can be written to if the settings permit recording.

    Raises BadSetting.
    """
    folder = Path(settings.recordings)
    try:
        if "record" in settings.modes:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable.part"
            probe.write_bytes(b"")
            probe.unlink()
        if not folder.is_dir():
            raise BadSetting(f"recordings = {settings.recordings!r}: there is no such folder.")
    except OSError as error:
        raise BadSetting(f"recordings = {settings.recordings!r}: {error.strerror}.") from None
    return folder
