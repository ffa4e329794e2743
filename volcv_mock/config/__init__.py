"""Settings: every flag of `serve`, and the sources a value may come from.

Precedence: flag, environment, file, default. A bad value is refused with its source, its key, the value (never a
secret) and the permitted values; nothing is clamped or ignored. The permitted values are in config_keys.py.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from volcv_mock.config import config_file, tls_settings, upstream_settings
from volcv_mock.config.config_keys import (
    BY_NAME,
    DEFAULT_RESELLER,
    HALF_OF_A_PAIR,
    PREFIX,
    SHORTHANDS,
    BadSetting,
    Key,
    checked_faults,
    key_named,
    validated,
)
from volcv_mock.config.config_kinds import truth
from volcv_mock.config.upstream_settings import PROXY_PATH
from volcv_mock.model import Mode, Profile
from volcv_mock.state.address import MEMORY

if TYPE_CHECKING:
    from volcv_mock.contract import Contract
    from volcv_mock.contract.readings import Table

__all__ = ["BadSetting", "Settings", "config_path", "from_sources", "is_loopback", "needs_restart"]

_KUBERNETES = re.compile(PREFIX + r"(SERVICE_|PORT_\d)")
"""Variables that Kubernetes sets for a service named volcv-mock. Its VOLCV_MOCK_PORT, a URL, is refused with a hint."""

_FIXED = (
    "host", "port", "seed", "contract", "journal_bytes", "keep_bodies", "pictures_bytes", "memo_bytes", "tasks_bytes",
    "image_urls", "image_hosts", "log", "upstream", "recordings", "upstream_ak", "upstream_sk", "upstream_ca",
    "upstream_timeout_s", "upstream_budget", "upstream_ledger", "tls", "tls_names", "tls_dir", "tls_cert", "tls_key",
    "state", "workers", "fail_on",
)  # fmt: skip
_TABLES = ("keys", "quotas", "latency", "faults")
_SERVE_DEFAULTS = {"log": "text"}
"""Defaults of `serve` that differ from the library's, which logs nothing."""


@dataclass(frozen=True)
class Settings:
    """The settings of one mock. `Settings()` has every default; a bad value raises BadSetting."""

    host: str = "127.0.0.1"
    port: int = 8410
    latency: str | Mapping[str, str] = "off"
    seed: int = 0
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    access_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: Literal["any", "strict", "off"] | None = None
    contract: str = ""
    profile: Profile = "default"
    reading: tuple[str, ...] = ()
    readings: str | Mapping[str, str] | tuple[str, ...] = ()
    reseller: str = DEFAULT_RESELLER
    triggers: bool = True
    image_urls: Literal["loopback", "any", "stand-in"] = "loopback"
    image_hosts: tuple[str, ...] = ()
    public_url: str = ""
    log: Literal["text", "json", "off"] = "off"
    control_token: str = field(default="", repr=False)
    tls: bool = False
    tls_names: tuple[str, ...] = ()
    tls_dir: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    upstream: str = ""
    mode: Mode = "mock"
    recordings: str = ""
    replay_misses: Literal["mock", "refuse", "record"] = "mock"
    upstream_ak: str = field(default="", repr=False)
    upstream_sk: str = field(default="", repr=False)
    upstream_ca: str = ""
    upstream_timeout_s: float = 120.0
    upstream_budget: int | None = None
    upstream_ledger: str = ""
    journal_bytes: int = 32_000_000
    keep_bodies: int = 0
    pictures_bytes: int = 64_000_000
    memo_bytes: int = 16_000_000
    tasks_bytes: int = 64_000_000
    requests_per_second: float | None = None
    in_flight: int | None = None
    retry_after_s: int | None = None
    faults: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    hang_s: float = 120.0
    drain_s: float = 0.0
    trace_url: str = ""
    fail_on: Literal["", "error", "warning"] = ""
    clock_skew_s: float = 0.0
    max_scopes: int = 256
    remembered_requests: int = 100_000
    state: str = field(default=MEMORY, repr=False)
    workers: int = 1

    def __post_init__(self) -> None:
        served = _contract_of(self.contract)
        object.__setattr__(self, "_served", served)
        if served is None:
            self._validate()
            return
        from volcv_mock.contract import using  # lazy: start-up time

        with using(served):
            self._validate()

    def _validate(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            is_default = type(value) is type(each.default) and value == each.default
            if each.name in BY_NAME and not is_default:
                kept = validated(BY_NAME[each.name], value, f"Settings: {each.name}", is_text=False)
                object.__setattr__(self, each.name, kept)
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        object.__setattr__(self, "upstream", self.upstream.rstrip("/").removesuffix(PROXY_PATH))
        object.__setattr__(self, "faults", checked_faults(self.faults))
        upstream_settings.validate(self)
        tls_settings.validate(self)

    @property
    def served_contract(self) -> Contract:
        """The shipped contract, or the one with the folder of `contract` laid over it."""
        from volcv_mock.contract import SHIPPED  # lazy: start-up time

        served: Contract | None = vars(self)["_served"]
        return served or SHIPPED

    @property
    def auth_mode(self) -> Literal["any", "strict", "off"]:
        """`auth` when it is set; else `strict` when a key is known, and `any` when none is."""
        return self.auth or ("strict" if self.api_keys or self.access_keys else "any")

    def readings_table(self) -> Table:
        """Which alternative of each open point is played. Raises BadSetting when the readings file changed for the
        worse since the settings were checked."""
        from volcv_mock.config.readings_layer import table  # lazy: start-up time

        try:
            return table(self.profile, self.reseller, self.readings, self.reading)
        except ValueError as error:
            raise BadSetting(f"readings: {error}") from None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The modes that these settings make possible."""
        return upstream_settings.possible_modes(self)

    @property
    def control_is_on(self) -> bool:
        """Whether the control API is served: on loopback, or with a token. Health and images are always served."""
        return bool(self.control_token) or is_loopback(self.host)


def from_sources(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """The settings of `serve`. `flags` are argparse's, by setting name; None, False and [] mean "not given".

    Raises BadSetting.
    """
    path = file or config_path(flags, environ)
    layers = [_SERVE_DEFAULTS, _from_file(path) if path else {}, _from_environ(environ), _from_flags(flags)]
    merged = {name: value for layer in layers for name, value in layer.items()}
    return Settings(**merged)


def _contract_of(folder: object) -> Contract | None:
    """The contract of a folder, None without one. Raises BadSetting with everything that is wrong in it."""
    if not folder:
        return None
    from volcv_mock.contract.folder import BadContract, load  # lazy: only who has a folder needs it

    try:
        return load(str(folder))
    except BadContract as error:
        raise BadSetting(str(error)) from None


def config_path(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Path | None:
    """The file named by --config, else by VOLCV_MOCK_CONFIG."""
    named = flags.get("config") or environ.get(PREFIX + "CONFIG")
    return Path(named) if named else None


def needs_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """The settings that differ and that take effect only at the next start."""
    return tuple(name for name in _FIXED if getattr(old, name) != getattr(new, name))


def is_loopback(host: str) -> bool:
    """Whether a socket bound to this host is reachable from this machine only."""
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _from_flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in flags.items() if name != "config" and _is_given(value)}
    sources = {name: "--" + name.replace("_", "-") for name in given}
    return _canonical(given, sources, is_text=True)


def _is_given(value: Any) -> bool:
    """Whether a flag was given: argparse fills in None, False and [] for the others. 0 is a value."""
    return value is not None and value is not False and value != [] and value != ()


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    """The VOLCV_MOCK_... variables. An empty one counts as not set: container files often declare them so."""
    sources = {
        variable.removeprefix(PREFIX).lower(): variable
        for variable, value in environ.items()
        if variable.startswith(PREFIX) and value and not _KUBERNETES.match(variable)
    }
    sources.pop("config", None)
    return _canonical({name: environ[variable] for name, variable in sources.items()}, sources, is_text=True)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        tables, source = config_file.read(path)
    except config_file.BadFile as error:
        raise BadSetting(str(error)) from None
    given: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for where, value in _leaves(tables):
        name = ".".join(where) if where[0] in _TABLES else where[0]
        given[name] = value
        sources[name] = f"{path}:{config_file.line_of(source, where)}: {name}"
    _validate_latencies(given.get("latency"), path, source)
    rules = given.pop("faults", None)
    settings = _canonical(given, sources, is_text=False)
    return settings | ({"faults": _file_faults(rules, path, source)} if rules is not None else {})


def _validate_latencies(table: Any, path: Path, source: str) -> None:
    """Validate each entry of the latency table by itself, so that the error names its line."""
    if not isinstance(table, Mapping):
        return
    from volcv_mock.simulation.latency import BadLatency, LatencyModel  # lazy: start-up time

    for name, text in table.items():
        try:
            LatencyModel.parse({name: text})
        except BadLatency as error:
            line = config_file.line_of(source, ("latency", name))
            raise BadSetting(f"{path}:{line}: {error}") from None


def _leaves(tables: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each setting of the file with its place. The members of keys and quotas are settings; latency is one value."""
    for name, value in tables.items():
        if name in ("keys", "quotas") and isinstance(value, Mapping):
            yield from (((name, inner), each) for inner, each in value.items())
        else:
            yield (name,), value


def _canonical(given: Mapping[str, Any], sources: Mapping[str, str], *, is_text: bool) -> dict[str, Any]:
    """Values by the names of Settings. Raises BadSetting for an unknown name or a bad value."""
    rest = dict(given)
    found = _shorthands(rest, sources, is_text=is_text) | _key_pairs(rest, sources)
    for name, value in rest.items():
        key = key_named(name, sources[name])
        if key.name in found:
            raise BadSetting(f"{sources[name]} is given twice, in two spellings; give it once.")
        found[key.name] = validated(key, value, sources[name], is_text=is_text)
    return found


def _shorthands(rest: dict[str, Any], sources: Mapping[str, str], *, is_text: bool) -> dict[str, Any]:
    """The settings that --strict, --lenient and --no-triggers stand for. Removes them from `rest`."""
    found: dict[str, Any] = {}
    for name in [name for name in SHORTHANDS if name in rest]:
        target, meant = SHORTHANDS[name]
        is_meant = validated(Key(name, truth()), rest.pop(name), sources[name], is_text=is_text)
        if is_meant and target in found:
            raise BadSetting(f"{sources[name]}: strict and lenient exclude each other; give one.")
        if is_meant:
            found[target] = meant
    return found


def _key_pairs(rest: dict[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    """access_keys from --ak and --sk, paired in order. Removes both from `rest`."""
    if "ak" not in rest and "sk" not in rest:
        return {}
    source = sources.get("ak") or sources["sk"]
    names, secrets = (_half(rest, name, sources) for name in ("ak", "sk"))
    if len(names) != len(secrets):
        raise BadSetting(f"{source}: {len(names)} ak and {len(secrets)} sk; give each access key its secret key.")
    return {"access_keys": dict(zip(names, secrets, strict=True))}


def _half(rest: dict[str, Any], name: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    """The access keys, or their secret keys; each half is validated under its own source."""
    if name not in rest:
        return ()
    return tuple(validated(HALF_OF_A_PAIR, rest.pop(name), sources[name], is_text=True))


def _file_faults(specs: Any, path: Path, source: str) -> tuple[Mapping[str, Any], ...]:
    try:
        return checked_faults(specs)
    except BadSetting as error:
        raise BadSetting(f"{path}:{config_file.line_of(source, _where_of(str(error)))}: {error}") from None


def _where_of(message: str) -> config_file.Where:
    """The place that a rule's message begins with, such as faults[1].match.req_key."""
    named = re.match(r"faults(?:\[\d+\]|\.\w+)*", message, re.ASCII)
    steps = re.findall(r"\w+", named[0]) if named else ["faults"]
    return tuple(int(step) if step.isdecimal() else step for step in steps)
