"""The keyword arguments of the test kit as types, so that editors complete them and type checkers refuse others.

A test holds SettingsOptions to config.Settings and RuleOptions to the fields of a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from volcv_mock.model import Mode, Profile, Step


class RuleOptions(TypedDict, total=False):
    """When a rule applies (all must match), and how often."""

    req_key: str
    api_key: str
    prompt_contains: str
    call_number: int
    action: str
    step: Step
    skip: int
    times: int
    probability: float
    delay_s: float
    duration_s: float


class InterceptOptions(TypedDict, total=False):
    """How calls are intercepted (docs/testing.md)."""

    unmatched: Literal["refuse", "pass_through"]
    real_time: bool
    virtual_sleep: bool
    others: str | None


class SettingsOptions(TypedDict, total=False):
    """The settings of a mock, which docs/configuration.md explains."""

    host: str
    port: int
    latency: str | Mapping[str, str]
    seed: int
    api_keys: Sequence[str]
    access_keys: Mapping[str, str]
    auth: Literal["any", "strict", "off"] | None
    contract: str
    profile: Profile
    reading: Sequence[str]
    readings: str | Mapping[str, str] | Sequence[str]
    reseller: str
    triggers: bool
    image_urls: Literal["loopback", "any", "stand-in"]
    image_hosts: Sequence[str]
    public_url: str
    log: Literal["text", "json", "off"]
    control_token: str
    tls: bool
    tls_names: Sequence[str]
    tls_dir: str
    tls_cert: str
    tls_key: str
    upstream: str
    mode: Mode
    recordings: str
    replay_misses: Literal["mock", "refuse", "record"]
    upstream_ak: str
    upstream_sk: str
    upstream_ca: str
    upstream_timeout_s: float
    upstream_budget: int | None
    upstream_ledger: str
    journal_bytes: int
    keep_bodies: int
    pictures_bytes: int
    memo_bytes: int
    tasks_bytes: int
    requests_per_second: float | None
    in_flight: int | None
    retry_after_s: int | None
    faults: Sequence[Mapping[str, Any]]
    hang_s: float
    drain_s: float
    trace_url: str
    fail_on: Literal["", "error", "warning"]
    clock_skew_s: float
    max_scopes: int
    remembered_requests: int
    state: str
    workers: int
