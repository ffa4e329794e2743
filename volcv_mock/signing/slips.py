"""Slips: what clients sign by mistake, each as a change of the parts that a signature is made from.

A table only: mismatch.py makes the signatures and compares them. Slips of one part exclude each other; those of two
parts can meet in one client. The causes name no key, no secret and no signature.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from urllib.parse import quote, unquote

from volcv_mock._util.frozen import frozen
from volcv_mock.signing import (
    ALGORITHM,
    EMPTY_SHA256,
    Message,
    SignedParts,
    canonical_host,
    canonical_query,
    covered,
    headers_by_name,
    query_pairs,
    sha256_hex,
    wire_bytes,
)

Parts = Mapping[str, str]
"""What a signature is made from, by name. `header host` is the value of that header; `names` are the names as the
header lines have them, `listed` as the line below them has them."""

Found = Iterator[tuple[str, Parts]]
"""Causes, each with the parts that are signed because of it."""

FORM = "application/x-www-form-urlencoded; charset=utf-8"
"""What the vendor's Python SDK signs when its user sets the JSON type afterwards."""
CHARSETS = ("; charset=utf-8", "; charset=UTF-8", ";charset=utf-8", ";charset=UTF-8")
MAX_PARAMETERS = 16
"""Of a longer query, the parameters after these are not left out in turn: each costs a signature."""
SHOWN = 100
"""Characters of what was sent that a cause shows."""

_ESCAPE = re.compile(r"%[0-9A-F]{2}")


@frozen
class Slip:
    """One mistake: the sentence that names it, and what is signed because of it."""

    cause: str
    changes: Parts = field(repr=False)


@frozen
class Sent:
    """What arrived, and the parts of its right signature."""

    message: Message
    coverage: SignedParts
    parts: Parts = field(repr=False)
    official_host: str
    paths: tuple[str, ...] = ()

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case name to value."""
        return headers_by_name(self.message.headers)


def parts_of(canonical: bytes, secret_key: str) -> Parts:
    """The parts of a canonical request. None of its lines can hold a line end of its own."""
    method, path, query, *lines, _, listed, body_sha256 = canonical.decode("latin-1").split("\n")
    headers = [line.partition(":") for line in lines]
    return {
        "method": method, "path": path, "query": query, "names": ";".join(name for name, _, _ in headers),
        "colon": ":" if listed else "", "blank_line": "\n", "listed": listed, "body_sha256": body_sha256, "end": "",
        "line_end": "\n", "line_end_to_sign": "\n", "algorithm": ALGORITHM, "secret": secret_key,
        **{f"header {name.lower()}": value for name, _, value in headers},
    }  # fmt: skip


def canonical_request(parts: Parts) -> bytes:
    """The canonical request as a client with these parts writes it."""
    colon = parts["colon"]
    value_of = parts.get  # a query can name a header with a line end in it, which has no value
    lines = [f"{name}{colon}{value_of('header ' + name.lower(), '')}" for name in parts["names"].split(";")]
    start = "\n".join((parts["method"], parts["path"], parts["query"], *lines, ""))
    text = f"{start}{parts['blank_line']}{parts['listed']}\n{parts['body_sha256']}{parts['end']}"
    return wire_bytes(text.replace("\n", parts["line_end"]))


def signature(parts: Parts, coverage: SignedParts, key: bytes) -> str:
    """The signature over these parts; `key` is the signing key of their secret."""
    lines = (parts["algorithm"], coverage.x_date, str(coverage.scope), sha256_hex(canonical_request(parts)))
    return hmac.digest(key, wire_bytes(parts["line_end_to_sign"].join(lines)), "sha256").hex()


def slips_by_part(sent: Sent) -> list[list[Slip]]:
    """The slips that would change this signature, one list for each part."""
    return [_changing(sent.parts, found(sent)) for found in PARTS]


def _changing(parts: Parts, found: Iterable[tuple[str, Parts]]) -> list[Slip]:
    """Without those that change nothing, and without a second one of the same effect."""
    by_effect: dict[tuple[tuple[str, str], ...], Slip] = {}
    for cause, changes in found:
        if any(parts.get(name) not in (None, value) for name, value in changes.items()):
            by_effect.setdefault(tuple(changes.items()), Slip(cause, changes))
    return list(by_effect.values())


def _constant(*rows: tuple[str, Parts]) -> Callable[[Sent], Found]:
    return lambda _: iter(rows)


def _bodies(sent: Sent) -> Found:
    yield "An empty body was signed, but a body was sent.", {"body_sha256": EMPTY_SHA256}
    yield "X-Content-Sha256 UNSIGNED-PAYLOAD is AWS's; sign the body's hash.", {"body_sha256": "UNSIGNED-PAYLOAD"}
    yield "The body's hash was left out; it is the last line of the canonical request.", {"body_sha256": ""}
    upper = sent.parts["body_sha256"].upper()
    yield "The body's hash was signed in upper-case digits; wanted are lower-case ones.", {"body_sha256": upper}
    if declared := sent.headers.get("x-content-sha256"):
        yield "Another body was signed than the one sent.", {"body_sha256": declared}


def _paths(sent: Sent) -> Found:
    path = sent.parts["path"]
    yield "An empty path was signed; sign '/', or the URL's path.", {"path": ""}
    yield "The path was signed without its trailing slash.", {"path": path.rstrip("/")}
    yield "The path was signed with a trailing slash.", {"path": f"{path}/"}
    if sent.message.query:
        yield "The path was signed with the query; it has a line of its own.", {"path": f"{path}?{sent.message.query}"}
    yield "The path was signed without percent-encoding.", {"path": unquote(path, "latin-1")}
    yield "The path was percent-encoded twice before it was signed.", {"path": quote(path)}
    prefix = sent.headers.get("x-forwarded-prefix", "").rstrip("/")
    for other in ("/", *sent.paths, *((f"{prefix}{path}", prefix) if prefix else ())):
        yield f"Path {other[:SHOWN]!r} was signed, but {path[:SHOWN]!r} was sent.", {"path": other}


def _queries(sent: Sent) -> Found:
    canonical, queries = sent.parts["query"], sent.coverage.queries
    as_sent = "&".join(part for part in sent.message.query.split("&") if covered(query_pairs(part), queries))
    pairs = covered(query_pairs(sent.message.query), queries)
    yield "The query was not signed; the canonical request holds it, sorted.", {"query": ""}
    for query in (canonical, as_sent):
        yield "The query was signed with its '?'; the canonical request holds it without.", {"query": f"?{query}"}
    yield "The query was signed unsorted; sort it by name.", {"query": canonical_query(pairs)}
    yield "The query was signed as the URL has it; sort it by name, and percent-encode it.", {"query": as_sent}
    yield "A space of the query was signed as '+'; wanted is %20.", {"query": canonical.replace("%20", "+")}
    lower = _ESCAPE.sub(lambda escape: escape[0].lower(), canonical)
    yield "The query was percent-encoded with lower-case digits; wanted are upper-case ones.", {"query": lower}
    yield "The query was signed without percent-encoding.", {"query": unquote(canonical, "latin-1")}
    yield from _shorter_queries(canonical.split("&"))


def _shorter_queries(parameters: list[str]) -> Found:
    """What was signed when parameters were added afterwards."""
    for index, left_out in enumerate(parameters[:MAX_PARAMETERS]):
        name, rest = left_out.partition("=")[0], parameters[:index] + parameters[index + 1 :]
        cause = f"Query parameter {name[:SHOWN]!r} was not signed: add it before signing."
        yield cause, {"query": "&".join(rest)}
    kept = [each for each in parameters if each.startswith(("Action=", "Version="))]
    yield "Only Action and Version of the query were signed: sign every parameter.", {"query": "&".join(kept)}


def _hosts(sent: Sent) -> Found:
    if "header host" not in sent.parts:
        return
    host = sent.headers.get("host", "")
    wanted = canonical_host(host)
    with_ports = (f"{wanted}:80", f"{wanted}:443", wanted.rpartition(":")[0] or wanted)
    with_schemes = (f"http://{host}", f"https://{host}")
    official = sent.official_host
    for other in (official, host, *with_ports, *with_schemes, f"https://{official}", f"http://{official}", ""):
        yield f"Host {other!r} was signed; wanted is {wanted!r}.", {"header host": other}


def _content_types(sent: Sent) -> Found:
    """HTTP libraries set Content-Type, or add a charset to it, after the signature was made."""
    if "header content-type" not in sent.parts:
        return
    arrived = sent.headers.get("content-type", "")
    media_type = arrived.partition(";")[0].strip()
    for other in (media_type, *(f"{media_type}{charset}" for charset in CHARSETS), FORM, ""):
        signed = f"Content-Type {other!r} was signed" if other else "No Content-Type was signed"
        cause = f"{signed}, but {arrived[:SHOWN]!r} was sent: set the header before signing."
        yield cause, {"header content-type": other}


def _names(sent: Sent) -> Found:
    names, listed = sent.parts["names"], sent.coverage.headers
    on_the_wire = {name.lower(): name for name, _ in sent.message.headers}
    as_sent = ";".join(on_the_wire.get(name, name) for name in names.split(";"))
    for other in (as_sent, names.title(), names.upper()):
        yield "Header names were signed with upper-case letters; wanted are lower-case ones.", {"names": other}
        cause = "Header names and SignedHeaders were signed with upper-case letters; wanted are lower-case names."
        yield cause, {"names": other, "listed": other}
    in_order = ";".join(sorted(names.split(";")))
    yield "The header lines were signed in another order than SignedHeaders has.", {"names": in_order}
    yield "SignedHeaders was signed in lower case, and sent otherwise.", {"listed": listed.lower()}
    yield "SignedHeaders was signed sorted, and sent in another order.", {"names": in_order, "listed": in_order}


def _secrets(sent: Sent) -> Found:
    secret = sent.parts["secret"]
    yield "The key chain began with AWS4; it begins with the bare secret.", {"secret": f"AWS4{secret}"}
    yield "The secret was base64-decoded; use it as it is written.", {"secret": _decoded(secret)}
    for other in (f"{secret}\n", f"{secret} ", f"{secret}\r\n", f" {secret}"):
        yield "The secret was used with white space around it.", {"secret": other}


def _decoded(secret_key: str) -> str:
    try:
        return base64.b64decode(secret_key, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return secret_key


def _methods(sent: Sent) -> Found:
    method = sent.parts["method"]
    yield "The method was signed in lower case.", {"method": method.lower()}
    for other in ("GET", "POST"):
        yield f"Method {other} was signed, but another method was sent.", {"method": other}


PARTS: tuple[Callable[[Sent], Found], ...] = (
    _content_types,
    _paths,
    _hosts,
    _bodies,
    _queries,
    _methods,
    _secrets,
    _names,
    _constant(("A space was signed after the colon of each header line; wanted is name:value.", {"colon": ": "})),
    _constant(("The blank line after the header lines was not signed.", {"blank_line": ""})),
    _constant(("A line end was signed after the body's hash; the canonical request has none there.", {"end": "\n"})),
    _constant(
        ("The canonical request was signed with CRLF line ends; wanted is LF.", {"line_end": "\r\n"}),
        ("The string to sign was written with CRLF line ends; wanted is LF.", {"line_end_to_sign": "\r\n"}),
        ("Both texts were signed with CRLF line ends; wanted is LF.", {"line_end": "\r\n", "line_end_to_sign": "\r\n"}),
    ),
    _constant(
        (f"Algorithm AWS4-HMAC-SHA256 was signed; wanted is {ALGORITHM}.", {"algorithm": "AWS4-HMAC-SHA256"}),
    ),
)
"""One function for each part, the usual slips first: two slips that explain a signature are named in this order."""
