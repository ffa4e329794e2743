"""Authenticate: checks the signature at the official endpoint and the Bearer key at the proxy endpoint.

The order of the checks follows the gateway's own numbers (100003 to 100010): nothing sent, not
readable, out of date, wrong service, unknown key, wrong signature. Problems name likely causes;
no problem, message or exception ever holds a key, a secret or a signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from volcv_mock import contract
from volcv_mock._util.frozen import changed
from volcv_mock.contract.refusals import refuse
from volcv_mock.model import Call, Problem, RawRequest
from volcv_mock.recording.redact import mask_key
from volcv_mock.signing import Message, claims, headers_by_name, mismatch, read_x_date, sha256_hex, verify
from volcv_mock.signing.claims import GATEWAY, SIGNING, Claim
from volcv_mock.signing.keys import Keys

PROXY = "S0, 快速接入"
CLOCK = "Sign again; is the clock right, and in UTC?"

_BEARER_KEY = re.compile(r"[A-Za-z0-9._~+/=|:@!$-]{1,512}", re.ASCII)
_SECONDS = re.compile(r"\d{1,9}", re.ASCII)


def authenticate(call: Call, keys: Keys, now_s: float) -> Call:
    """The call with its credential. `now_s` is real time plus the explicit skew, never virtual time.

    Raises Refusal; its call carries what could be read of the credential, for the envelope's echo.
    """
    call = call.presenting(claims.presented(call.raw))
    if keys.mode == "off":
        return call
    problems_of = _official_problems if call.raw.endpoint == "official" else _proxy_problems
    problem = next(problems_of(call.raw, keys, now_s), None)
    if problem is not None:
        raise refuse(problem.rule, call, problem, message=_message(problem.rule, call))
    return call.presenting(changed(call.credential, is_verified=True)) if _is_known(call, keys) else call


def _is_known(call: Call, keys: Keys) -> bool:
    key = call.credential.key
    return key in keys.access_keys if call.raw.endpoint == "official" else keys.knows_api_key(key)


def _message(rule: str, call: Call) -> str:
    """The row's message with its blank filled, "" where it has none; a key is echoed only masked."""
    blanks = {
        "MissingRequestInfo": "timestamp",
        "ServiceNotFound": call.credential.service,
        "InvalidAccessKey": mask_key(call.credential.key),
    }
    return contract.message_of(contract.row_for_rule(rule), blanks[rule]) if rule in blanks else ""


def _official_problems(raw: RawRequest, keys: Keys, now_s: float) -> Iterator[Problem]:
    claim = claims.read_claim(raw)
    if isinstance(claim, Problem):
        yield claim
        return
    yield from _date_problems(claim, now_s)
    yield from _service_problems(claim)
    secret = keys.access_keys.get(claim.access_key)
    if secret is None and not keys.admits_stranger(claim.access_key):
        yield _unknown_access_key(claim)
    yield from _signature_problems(raw, claim, secret)


def _date_problems(claim: Claim, now_s: float) -> Iterator[Problem]:
    x_date = claim.coverage.x_date
    signed_at_s = read_x_date(x_date)
    window_s = _window_s(claim)
    if signed_at_s is None:
        yield _untimely(f"X-Date {x_date[:40]!r}", "YYYYMMDDThhmmssZ, in UTC", "Fix its spelling.")
    elif claim.coverage.scope.date != x_date[:8]:
        found = f"credential date {claim.coverage.scope.date} beside X-Date {x_date}"
        yield Problem("credential", found, "the same day in both",
                      "Take both from one instant, in UTC.", "InvalidCredential", SIGNING)  # fmt: skip
    elif window_s is None:
        yield _untimely(f"X-Expires {str(claim.expires)[:40]!r}", "seconds, in digits", "Fix its spelling.")
    elif now_s - signed_at_s > window_s:
        yield _untimely(f"a signature {now_s - signed_at_s:.0f} s old", f"at most {window_s} s", CLOCK)
    elif signed_at_s - now_s > _skew_s():
        yield _untimely(f"a signature {signed_at_s - now_s:.0f} s in the future", f"at most {_skew_s()} s", CLOCK)


def _window_s(claim: Claim) -> int | None:
    """Seconds a signature stays valid; None when X-Expires is not a number of seconds."""
    if claim.expires is None:
        return int(contract.parameter("signature_window_s"))
    return int(claim.expires) if _SECONDS.fullmatch(claim.expires) else None


def _skew_s() -> int:
    return int(contract.parameter("signature_skew_s"))


def _untimely(found: str, wanted: str, fix: str) -> Problem:
    return Problem("X-Date", found, wanted, fix, "InvalidTimestamp", SIGNING)


def _service_problems(claim: Claim) -> Iterator[Problem]:
    wanted = str(contract.parameter("service"))
    service = claim.coverage.scope.service
    if service != wanted:
        yield Problem("credential scope", f"service {service!r}", repr(wanted),
                      "Sign for that service; any region will do.", "ServiceNotFound", "S1, Header参数")  # fmt: skip


def _unknown_access_key(claim: Claim) -> Problem:
    return Problem(
        where="credential", found=f"unknown access key {mask_key(claim.access_key)}",
        wanted="a key this mock was started with",
        fix="Start it with --ak and --sk, or with --auth any.",
        rule="InvalidAccessKey", source=GATEWAY,
    )  # fmt: skip


def _signature_problems(raw: RawRequest, claim: Claim, secret: str | None) -> Iterator[Problem]:
    """With no secret known, only what is wrong whatever the secret."""
    declared = headers_by_name(raw.headers).get("x-content-sha256")
    if secret is None and declared is None:
        yield from _shape_problems(claim)
        return
    message = Message(raw.method, raw.path or "/", raw.query, raw.headers, sha256_hex(raw.body))
    if declared is not None and declared != message.body_sha256:
        yield _other_body(raw, declared, message.body_sha256)
    yield from _shape_problems(claim)
    if secret is not None and not verify(message, claim.coverage, secret, claim.signature):
        yield _mismatch(message, claim, secret)


def _shape_problems(claim: Claim) -> Iterator[Problem]:
    if not re.fullmatch(r"[0-9a-f]{64}", claim.signature):
        yield Problem("signature", f"{len(claim.signature)} characters", "64 lower-case hex digits",
                      "Send the HMAC as hex, not as base64.", "SignatureDoesNotMatch", SIGNING)  # fmt: skip


def _other_body(raw: RawRequest, declared: str, actual: str) -> Problem:
    empty = sha256_hex(b"")
    cause = "the hash of an empty body" if declared == empty else f"{declared[:64]!r}"
    return Problem(
        where="header.X-Content-Sha256", found=f"{cause}, with a body of {len(raw.body)} bytes", wanted=actual,
        fix="Sign the exact bytes that are sent: another body was signed.",
        rule="SignatureDoesNotMatch", source=SIGNING,
    )  # fmt: skip


def _mismatch(message: Message, claim: Claim, secret: str) -> Problem:
    coverage = claim.coverage
    expected = f"one over the canonical request with SHA-256 {mismatch.canonical_sha256(message, coverage)}"
    return Problem(
        where="signature", found="another signature than the one over what arrived",
        wanted=f"{expected}, SignedHeaders {coverage.headers[:200]}, scope {coverage.scope}",
        fix=mismatch.cause(message, coverage, secret, claim.signature, str(contract.parameter("host")), _paths()),
        rule="SignatureDoesNotMatch", source=SIGNING,
    )  # fmt: skip


def _paths() -> tuple[str, ...]:
    return str(contract.parameter("official_path")), str(contract.parameter("proxy_path"))


def _proxy_problems(raw: RawRequest, keys: Keys, now_s: float) -> Iterator[Problem]:
    del now_s  # a Bearer key has no date
    headers = claims.authorizations(raw.headers)
    if claims.presents_signature(raw):
        yield _bad_key("a signature", "Send Authorization: Bearer sk-..., or sign for the official endpoint, '/'.")
    elif not headers and contract.reading("authorization-optional") == "optional":
        return
    elif not headers:
        yield _proxy_problem("nothing", "Add the header.", "proxy_key_missing")
    elif len(headers) > 1:
        yield _bad_key("two Authorization headers", "Send one of them.")
    else:
        yield from _bearer_problems(claims.bearer_key(headers[0]), keys)


def _bearer_problems(key: str | None, keys: Keys) -> Iterator[Problem]:
    if key is None:
        yield _bad_key("a value that does not begin with 'Bearer '", "Put 'Bearer ' before the key.")
    elif not key:
        yield _proxy_problem("'Bearer' without a key", "Put the key behind it.", "proxy_key_missing")
    elif not _BEARER_KEY.fullmatch(key) and not keys.knows_api_key(key):
        yield _bad_key("characters that no key has", "Put the key itself there, without quotes, braces or blanks.")
    elif not (keys.knows_api_key(key) or keys.admits_stranger(key)):
        yield _bad_key(f"unknown key {mask_key(key)}", "Start the mock with --api-key, or with --auth any.")


def _bad_key(found: str, fix: str) -> Problem:
    return _proxy_problem(found, fix, "proxy_key_invalid")


def _proxy_problem(found: str, fix: str, rule: str) -> Problem:
    return Problem("header.Authorization", found, "Authorization: Bearer sk-...", fix, rule, PROXY)
