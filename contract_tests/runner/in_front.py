"""Whether something in front of the API answered: a login redirect, a challenge or maintenance page, a gateway's text.

Such an answer says nothing about the contract. The mock is never behind anything, so that only live targets are
judged by this. The rules look at form alone:

- a redirect is never an answer of the API;
- an HTML page, a text or an empty body is not, except a refusal (400, 422) of the `Server` that also answers in JSON:
  a service may be wrong about its own errors;
- JSON is, when it has members of an envelope of the API; with HTTP 400 and more and none of them it is not.
"""

from __future__ import annotations

from collections.abc import Collection, Set

from ..model import Answer

OWN_REFUSALS = (400, 422)
ENVELOPE = frozenset({"code", "data", "message", "request_id", "status", "time_elapsed"})
MARKS = frozenset({"code", "ResponseMetadata", "error"})
OF_FRAMEWORKS = frozenset({"timestamp", "path"})
"""Members of the errors that web frameworks write when no handler of the API ran."""
PAGES = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")
WORDS = 80


def who_answered(answer: Answer, capabilities: Set[str], servers: Collection[str]) -> str:
    """What answered instead of the API, in words for a report; empty when it was the API.

    `servers` holds the Server headers of the run's JSON answers.
    """
    if "assumptions" in capabilities or not _is_foreign(answer, servers):
        return ""
    server = answer.header("server") or "without a Server header"
    where = f", to {answer.header('location')}" if answer.header("location") else ""
    return f"something in front answered: Server {server}, HTTP {answer.status}{where}, {first_words(answer.body)}"


def is_page(body: bytes) -> bool:
    """Whether a body is markup: no picture and no JSON begins so."""
    return body.lstrip()[:16].lower().startswith(PAGES)


def first_words(body: bytes) -> str:
    """The beginning of a body, for a report."""
    text = " ".join(body[:400].decode("utf-8", "replace").split())
    return f"{text[:WORDS]!r}" if text else "an empty body"


def server_of(answer: Answer) -> str:
    """The Server header, empty without one."""
    return answer.header("server") or ""


def is_of_api(answer: Answer) -> bool:
    """Whether the body is a JSON object with members of an envelope."""
    names = answer.members.keys()
    if names >= OF_FRAMEWORKS and "ResponseMetadata" not in names:
        return False
    return bool(names & MARKS) or len(names & ENVELOPE) > 1


def _is_foreign(answer: Answer, servers: Collection[str]) -> bool:
    if 300 <= answer.status < 400:
        return True
    if isinstance(answer.document, dict):
        return answer.status >= 400 and not is_of_api(answer)
    if _says_json(answer) and answer.body.strip() and not is_page(answer.body):
        return False
    return not (answer.status in OWN_REFUSALS and server_of(answer) in servers)


def _says_json(answer: Answer) -> bool:
    return "json" in (answer.header("content-type") or "").lower()
