"""Every setting by name: its kind, its flag, its place in the file, and the error message for a bad value.

A setting is one row of KEYS and one field of config.Settings. Sources and their precedence are in config/__init__.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.config.config_kinds import (
    BASE_URL,
    FILE_NAME,
    HOST,
    HOST_AND_PORT,
    KEY,
    TRACE_URL,
    Kind,
    bad_character,
    choice,
    number,
    pairs,
    text,
    texts,
    truth,
    url,
    whole,
)
from volcv_mock.model import MODES
from volcv_mock.recording.addresses import MASK
from volcv_mock.state.address import WANTED, checked

PREFIX = "VOLCV_MOCK_"
DAY_S = 86_400
GB = 1_000_000_000


class BadSetting(ValueError):
    """A setting was refused. The message names source, key, value (never a secret) and the permitted values."""


@frozen
class Key:
    """One setting: its name in Settings, its kind, its flag, and its place in the file when that is in a table."""

    name: str
    kind: Kind
    flag: str = ""
    place: tuple[str, ...] = ()
    is_secret: bool = False

    @property
    def in_file(self) -> str:
        """Its name in the file, with the table."""
        return ".".join(self.place) or self.name

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + _flag_word(self).upper()


def _latency(value: Any) -> Any:
    """Validated by simulation/latency.py, whose ValueError names what is permitted."""
    if value == "off":
        return value
    from volcv_mock.simulation.latency import LatencyModel  # lazy: start-up time

    LatencyModel.parse(value)
    return dict(value) if isinstance(value, Mapping) else value


def _offered(texts_given: tuple[str, ...]) -> tuple[str, ...]:
    """Validated against schemas/divergences.json and codes.json; the ValueError names what is permitted."""
    from volcv_mock.contract.readings import chosen_text  # lazy: start-up time

    for text_given in texts_given:
        chosen_text(text_given)
    return texts_given


def _readings(value: Any) -> Any:
    """A file that `calibrate` wrote, a table from points to alternatives, or a list as of --reading."""
    if isinstance(value, list | tuple):
        return _offered(_READING.check(value))
    if value and not isinstance(value, str | PurePath | Mapping):
        raise ValueError
    from volcv_mock.config.readings_layer import layer_of  # lazy: start-up time

    layer_of(value)
    return dict(value) if isinstance(value, Mapping) else str(value or "")


def _state(value: Any) -> str:
    """A URL without its password in the error; the ValueError names what is permitted."""
    if not isinstance(value, str):
        raise ValueError
    return checked(value)


def _reseller(value: Any) -> Any:
    """A profile of schemas/resellers.json; the ValueError names them."""
    if value == DEFAULT_RESELLER:
        return value
    from volcv_mock import contract  # only who chooses another profile needs it: start-up time

    if not isinstance(value, str) or value not in contract.resellers():
        raise ValueError(f"wanted {', '.join(contract.resellers())}")
    return value


DEFAULT_RESELLER = "new-api"
"""A test holds it to schemas/resellers.json, which is not read at start-up for it."""
_READING = texts(re.compile(r"[!-~]{1,80}"), "ID=ALTERNATIVE, as `volcv-mock readings` lists them")
_CHOSEN = Kind(
    _READING.wanted, lambda value: _offered(_READING.check(value)), lambda text: _offered(_READING.from_text(text))
)
_READINGS = Kind("a readings file, as `volcv-mock calibrate` writes it", _readings, _readings)
_BYTES = whole(0, 1_000 * GB)

KEYS: tuple[Key, ...] = (
    Key("host", text(HOST, "a host name or an address"), "--host"),
    Key("port", whole(0, 65535), "--port"),
    Key("latency", Kind("off, realistic, 0.1x, 2.5s, 1s..3s", _latency, _latency, ("off", "realistic")), "--latency"),
    Key("seed", whole(-(2**63), 2**63 - 1), "--seed"),
    Key("api_keys", texts(KEY, "API keys of visible ASCII characters"), "--api-key", ("keys", "api"), True),
    Key("access_keys", pairs(KEY, "access keys with their secrets, as AK = SK"), "", ("keys", "access"), True),
    Key("auth", choice("any", "strict", "off"), "--auth"),
    Key("contract", text(re.compile(r"[^\0]{1,4096}"), "a folder"), "--contract"),
    Key("profile", choice("default", "strict", "lenient")),
    Key("reading", _CHOSEN, "--reading"),
    Key("readings", _READINGS, "--readings"),
    Key("reseller", Kind("a profile of schemas/resellers.json", _reseller, _reseller), "--reseller"),
    Key("triggers", truth()),
    Key("image_urls", choice("loopback", "any", "stand-in"), "--image-urls"),
    Key("image_hosts", texts(HOST_AND_PORT, "host names, with a port where one is meant"), "--image-hosts"),
    Key("public_url", url(BASE_URL, "http:// or https:// with a host, without query"), "--public-url"),
    Key("log", choice("text", "json", "off"), "--log"),
    Key("control_token", text(KEY, "a text of visible ASCII characters"), "--control-token", (), True),
    Key("tls", truth(), "--tls"),
    Key("tls_names", texts(HOST, "host names or addresses"), "--tls-name"),
    Key("tls_dir", text(FILE_NAME, "the name of a folder"), "--tls-dir"),
    Key("tls_cert", text(FILE_NAME, "the name of a PEM file"), "--tls-cert"),
    Key("tls_key", text(FILE_NAME, "the name of a PEM file"), "--tls-key"),
    Key("upstream", url(BASE_URL, "http:// or https:// with a host, without query"), "--upstream"),
    Key("mode", choice(*MODES), "--mode"),
    Key("recordings", text(FILE_NAME, "the name of a folder"), "--recordings"),
    Key("replay_misses", choice("mock", "refuse", "record"), "--replay-misses"),
    Key("upstream_ak", text(KEY, "an access key of visible ASCII characters"), "--upstream-ak", (), True),
    Key("upstream_sk", text(KEY, "a secret key of visible ASCII characters"), "--upstream-sk", (), True),
    Key("upstream_ca", text(FILE_NAME, "the name of a PEM file"), "--upstream-ca"),
    Key("upstream_budget", whole(1, GB), "--upstream-budget"),
    Key("upstream_ledger", text(FILE_NAME, "the name of a file"), "--upstream-ledger"),
    Key("upstream_timeout_s", number(0.001, DAY_S), "--upstream-timeout-s"),
    Key("journal_bytes", _BYTES, "--journal-bytes"),
    Key("keep_bodies", _BYTES, "--keep-bodies"),
    Key("pictures_bytes", _BYTES, "--pictures-bytes"),
    Key("memo_bytes", _BYTES, "--memo-bytes"),
    Key("tasks_bytes", _BYTES, "--tasks-bytes"),
    Key("requests_per_second", number(0.001, 1e9), "--requests-per-second", ("quotas", "requests_per_second")),
    Key("in_flight", whole(1, GB), "--in-flight", ("quotas", "in_flight")),
    Key("retry_after_s", whole(0, DAY_S), "--retry-after-s", ("quotas", "retry_after_s")),
    Key("hang_s", number(0.0, DAY_S), "--hang-s"),
    Key("drain_s", number(0.0, DAY_S), "--drain-s"),
    Key("trace_url", url(TRACE_URL, "http:// or https:// with {trace_id} in it"), "--trace-url"),
    Key("fail_on", choice("error", "warning"), "--fail-on"),
    Key("clock_skew_s", number(-3650 * DAY_S, 3650 * DAY_S), "--clock-skew-s"),
    Key("max_scopes", whole(1, 1_000_000), "--max-scopes"),
    Key("state", Kind(WANTED, _state, _state), "--state", (), True),
    Key("workers", whole(1, 1000), "--workers"),
    Key("remembered_requests", whole(1, 100_000_000), "--remembered-requests"),
)
BY_NAME = {key.name: key for key in KEYS}
_TRACE_URL = BY_NAME["trace_url"]
HALF_OF_A_PAIR = Key("access_keys", texts(KEY, "keys of visible ASCII characters"), is_secret=True)
"""--ak and --sk: two settings that are given separately and kept as one."""

SHORTHANDS: Mapping[str, tuple[str, Any]] = {
    "strict": ("profile", "strict"),
    "lenient": ("profile", "lenient"),
    "no_triggers": ("triggers", False),
}
"""Flags that change another setting when they are true."""


def key_named(name: str, source: str) -> Key:
    """By its name in the file, in Settings, or as the flag spells it. Raises BadSetting."""
    spelled = {spelling: key for key in KEYS for spelling in (key.in_file, key.name, _flag_word(key))}
    if name in spelled:
        return spelled[name]
    inner = [key.place[-1] for key in KEYS if key.place[:1] == (name,)]
    if inner:
        raise BadSetting(f"{source} is a table, with {', '.join(inner)}.")
    names = sorted({key.in_file for key in KEYS} | {*SHORTHANDS, "faults", "ak", "sk"})
    hint = did_you_mean(name, [*spelled, *names])
    raise BadSetting(f"{source} is no setting.{hint} Known: {', '.join(names)}")


def _flag_word(key: Key) -> str:
    return key.flag.lstrip("-").replace("-", "_") or key.name


def validated(key: Key, value: Any, source: str, *, is_text: bool) -> Any:
    """The value to keep. Raises BadSetting."""
    read = key.kind.from_text if is_text and isinstance(value, str) else key.kind.check
    try:
        return read(value)
    except ValueError as error:
        reason = _without_keys(str(error), value)[:500] or f"wanted {key.kind.wanted}"
        if key.is_secret:
            raise BadSetting(f"{source} = {MASK}: {reason}{_flaw(value)}.") from None
        raise BadSetting(f"{source} = {_shown(value, key)}: {reason}.{_hint(key, value)}") from None


def _shown(value: Any, key: Key | None = None) -> str:
    """The value for a message. Of the address of a service the path is masked; a trace is a page, and its link is not.
    """
    from volcv_mock.recording.addresses import shown_address, without_user  # lazy: start-up time

    show = without_user if key is _TRACE_URL else shown_address
    text_shown = _without_keys(repr(show(value) if isinstance(value, str) else value), value)
    return text_shown if len(text_shown) <= 80 else text_shown[:77] + "..."


def _without_keys(told: str, value: Any) -> str:
    """A message without the value, or the texts in it, where one looks like a key that was given to the wrong option.
    """
    from volcv_mock.recording.redact import is_like_key  # lazy: start-up time

    for each in [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []:
        if isinstance(each, str) and is_like_key(each):
            told = told.replace(each, MASK)
    return told


def _flaw(secret: Any) -> str:
    """What is wrong with the characters of a secret, or of the secrets in a list or table."""
    if isinstance(secret, Mapping):
        secret = [*secret, *secret.values()]
    texts_of = [secret] if isinstance(secret, str) else secret if isinstance(secret, list | tuple) else []
    flaws = (bad_character(each) for each in texts_of if isinstance(each, str))
    return next((f"; {flaw}" for flaw in flaws if flaw), "")


def _hint(key: Key, value: Any) -> str:
    if key.name == "port" and isinstance(value, str) and value.startswith("tcp://"):
        return " Kubernetes sets this for a service named volcv-mock: set enableServiceLinks: false, or rename it."
    return did_you_mean(value, key.kind.choices) if isinstance(value, str) else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence to append; "" when no known word is similar."""
    from volcv_mock.contract import nearest  # lazy: start-up time

    near = nearest(word, known)
    return f" Did you mean {near!r}?" if near else ""


def checked_faults(specs: Any) -> tuple[Mapping[str, Any], ...]:
    """The rules, each validated and none changed. Raises BadSetting."""
    if not isinstance(specs, list | tuple):
        raise BadSetting(f"faults = {_shown(specs)}: wanted a list of rules, in a file [[faults]] tables.")
    if not specs:
        return ()
    from volcv_mock.injection.rules import BadRule, parse_rule  # lazy: start-up time

    for index, spec in enumerate(specs):
        try:
            parse_rule(spec, f"faults[{index}]")
        except BadRule as error:
            raise BadSetting(str(error)) from None
    return tuple(specs)
