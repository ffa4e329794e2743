"""What a request says about who sent it: a signature in its header or query, or a Bearer key.

Reading only: nothing is verified here. stages/authenticate.py verifies what is read; scopes and triggers read
the key of a request before that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from volcv_mock._util.frozen import frozen
from volcv_mock.model import Credential, Headers, Problem, RawRequest
from volcv_mock.signing import ALGORITHM, TERMINATOR, CredentialScope, SignedParts, query_pairs

GATEWAY, SIGNING = "vendor, gateway error codes", "vendor, public parameters"
CREDENTIAL = f"<access key>/<YYYYMMDD>/<region>/<service>/{TERMINATOR}"
EXAMPLE = f"{ALGORITHM} Credential={CREDENTIAL}, SignedHeaders=<a;b>, Signature=<hex>"

_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_ACCESS_KEY = re.compile(r"[!-+\--~]{1,512}", re.ASCII)  # visible, and no comma: it parts the header
_DATE = re.compile(r"\d{8}", re.ASCII)
_BEARER = re.compile(r"bearer(?:[ \t]+|$)", re.IGNORECASE)
_QUERY_MARKS = ("X-Signature", "X-Credential", "X-Algorithm", "X-SignedHeaders", "X-SignedQueries")


@frozen
class Claim:
    """A signature as presented, complete and well formed, and not verified yet."""

    place: Literal["header", "query"]
    access_key: str = field(repr=False)
    signature: str = field(repr=False)
    coverage: SignedParts
    expires: str | None = None


def authorizations(headers: Headers) -> list[str]:
    """Every Authorization header's value, trimmed; an empty one is none."""
    return [value.strip() for name, value in headers if name.lower() == "authorization" and value.strip()]


def bearer_key(authorization: str) -> str | None:
    """The key after `Bearer`, perhaps empty; None when the scheme is another one."""
    match = _BEARER.match(authorization)
    return authorization[match.end() :].strip() if match else None


def presents_signature(raw: RawRequest) -> bool:
    """Whether the request tries to be a signed one, in its header or its query."""
    header = next(iter(authorizations(raw.headers)), None)
    if header is not None:
        return header.upper().startswith("HMAC-")
    return any(mark in _query(raw) for mark in _QUERY_MARKS)


def presented(raw: RawRequest) -> Credential:
    """The credential of a request; none when it is malformed. Never raises."""
    header = next(iter(authorizations(raw.headers)), None)
    key = bearer_key(header) if header is not None else None
    if key is not None:
        return Credential("bearer", key)
    text = _header_parts(header).get("Credential") if header is not None else _query(raw).get("X-Credential")
    read = read_credential(text or "")
    if read is None:
        return Credential("none")
    access_key, scope = read
    return Credential("signature", access_key, scope.region, scope.service)


def read_credential(text: str) -> tuple[str, CredentialScope] | None:
    """`access key/date/region/service/request`; None when it is not that."""
    parts = text.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != TERMINATOR:
        return None
    access_key, date, region, service, _ = parts
    if not (_ACCESS_KEY.fullmatch(access_key) and _DATE.fullmatch(date)):
        return None
    if not (_WORD.fullmatch(region) and _WORD.fullmatch(service)):
        return None
    return access_key, CredentialScope(date, region, service)


def read_claim(raw: RawRequest) -> Claim | Problem:
    """The signature a request presents, or the first thing missing or malformed about it."""
    headers = authorizations(raw.headers)
    if len(headers) > 1:
        return _malformed("two Authorization headers", "exactly one", "Send one of them.")
    if headers:
        return _claim_from_header(headers[0], raw)
    if presents_signature(raw):
        return _claim_from_query(_query(raw))
    return Problem(
        where="header.Authorization", found="no Authorization header and no X-Signature in the query",
        wanted=EXAMPLE, fix="Sign the request, with an official SDK or `volcv-mock sign`.",
        rule="MissingAuthenticationToken", source=GATEWAY,
    )  # fmt: skip


def _claim_from_header(text: str, raw: RawRequest) -> Claim | Problem:
    if bearer_key(text) is not None:
        return _malformed("a Bearer key", EXAMPLE, "Sign the request, or use the proxy endpoint.")
    scheme = text.partition(" ")[0]
    if scheme != ALGORITHM:
        return _malformed(f"a scheme other than {ALGORITHM}", EXAMPLE, f"Begin the value with {ALGORITHM}.")
    parts = _header_parts(text)
    if "SignedHeaders" not in parts:
        return _malformed("no SignedHeaders, or parts that cannot be read", EXAMPLE, "Join the three parts with ', '.")
    query = _query(raw)
    named = {
        "Credential": parts.get("Credential", ""), "Signature": parts.get("Signature", ""),
        "SignedHeaders": parts["SignedHeaders"], "X-Date": raw.header("x-date") or "",
    }  # fmt: skip
    return _claim("header", named, query.get("X-Expires"), None, True)


def _claim_from_query(query: Mapping[str, str]) -> Claim | Problem:
    if query.get("X-Algorithm") != ALGORITHM:
        return _malformed("no X-Algorithm, or another one", f"X-Algorithm={ALGORITHM}", "Sign with HMAC-SHA256.")
    listed = query.get("X-SignedQueries")
    # SDKs add X-Security-Token after they list the signed keys, yet sign it (SignerV4.sign_url).
    queries = listed.split(";") if listed is not None else [key for key in query if key != "X-Signature"]
    covered = tuple(dict.fromkeys((*queries, "X-Security-Token")))
    named = {
        "Credential": query.get("X-Credential", ""), "Signature": query.get("X-Signature", ""),
        "SignedHeaders": query.get("X-SignedHeaders", ""), "X-Date": query.get("X-Date", ""),
    }  # fmt: skip
    expires = query.get("X-Expires") if "X-Expires" in covered else None
    return _claim("query", named, expires, covered, "X-NotSignBody" not in query)


def _claim(
    place: Literal["header", "query"], named: Mapping[str, str], expires: str | None,
    queries: tuple[str, ...] | None, body_is_signed: bool,
) -> Claim | Problem:  # fmt: skip
    """The checks both places share, in the order of the gateway's own numbers where they have one."""
    in_query = place == "query"
    read = read_credential(named["Credential"])
    if read is None:
        where = "query.X-Credential" if in_query else "header.Authorization Credential"
        return Problem(
            where=where, found="a credential that cannot be read", wanted=CREDENTIAL,
            fix="Check its five parts; keys hold no spaces or quotes.", rule="InvalidCredential", source=GATEWAY,
        )  # fmt: skip
    if not named["X-Date"]:
        where = "query.X-Date" if in_query else "header.X-Date"
        return Problem(
            where=where, found="no X-Date", wanted="X-Date: YYYYMMDDThhmmssZ, in UTC",
            fix="Send the instant that was signed.", rule="MissingRequestInfo", source=GATEWAY,
        )  # fmt: skip
    if not named["Signature"]:
        where = "query.X-Signature" if in_query else "header.Authorization Signature"
        return Problem(
            where=where, found="no signature", wanted="64 lower-case hex digits",
            fix="Add the signature.", rule="MissingSignature", source="vendor, older gateway error codes",
        )  # fmt: skip
    access_key, scope = read
    coverage = SignedParts(named["X-Date"], scope, named["SignedHeaders"], queries, body_is_signed)
    return Claim(place, access_key, named["Signature"], coverage, expires)


def _header_parts(authorization: str) -> dict[str, str]:
    """`Credential=..., SignedHeaders=..., Signature=...`, in any order; {} when a part is repeated."""
    _, _, rest = authorization.partition(" ")
    pairs = [part.strip().partition("=") for part in rest.split(",")]
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    return parts if len(parts) == len(pairs) else {}


def _query(raw: RawRequest) -> Mapping[str, str]:
    """The query's first value of each key, as text; nothing when it cannot hold what is looked for here."""
    found: dict[str, str] = {}
    if "X-" not in raw.query and "%" not in raw.query:
        return found
    for key, value in query_pairs(raw.query):
        found.setdefault(key.decode("latin-1"), value.decode("latin-1"))
    return found


def _malformed(found: str, wanted: str, fix: str) -> Problem:
    return Problem("header.Authorization", found, wanted, fix, "InvalidAuthorization", GATEWAY)
