"""Things in front of the API, outages and limits. `UNJUDGEABLE` answer everything, `SOMETIMES` a call now and then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ..base import AnswerChange, Memory, Message, Mutant

Change = Callable[[Message], Message]


def page(status: int, text: str, kind: str = "text/html", **headers: str) -> Change:
    """A page or text instead of the answer."""

    def change(reply: Message) -> Message:
        pairs = (("Content-Type", kind), *((name.replace("_", "-"), value) for name, value in headers.items()))
        return replace(reply, status=status, headers=pairs, body=text.encode())

    return change


def always(change: Change) -> AnswerChange:
    """Every POST is answered so."""
    return lambda asked, reply, memory: change(reply) if asked.method != "GET" else reply


def to_inference(change: Change) -> AnswerChange:
    """Every call that reaches inference; refusals are true."""
    return lambda asked, reply, memory: change(reply) if reply.is_success else reply


def every_nth(count: int, change: Change) -> AnswerChange:
    """One POST of `count`."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        memory["count"] = memory.get("count", 0) + 1
        return change(reply) if memory["count"] % count == 0 and asked.method == "POST" else reply

    return answer


def refused(status: int, code: int, message: str) -> Change:
    """A refusal by the service's own table."""

    def change(reply: Message) -> Message:
        members = {"code": code, "data": None, "message": message, "status": code}
        document = {"request_id": "20261120120000" + "A" * 20, "time_elapsed": "1ms", **reply.members, **members}
        return replace(reply.with_document(document), status=status)

    return change


def json_of(status: int, /, **members: object) -> Change:
    """JSON that is not the API's."""
    return page(status, json.dumps(members), "application/json")


def _ghost(reply: Message) -> Message:
    status = {"status_code": 201304, "status_message": "AI Ghost Face"}
    return reply.with_data(algorithm_base_resp=status, binary_data_base64=[], image_urls=[])


def _large_refused(asked: Message, reply: Message, memory: Memory) -> Message:
    is_large = asked.method == "POST" and len(asked.body) > 2**20
    return page(413, "<html>413 Request Entity Too Large</html>", Server="nginx")(reply) if is_large else reply


def _suspicious(asked: Message, reply: Message, memory: Memory) -> Message:
    """A firewall that takes whatever is refused for an attack."""
    is_refusal = asked.method != "GET" and not reply.is_success
    return page(403, "<html>Request blocked</html>", Server="waf")(reply) if is_refusal else reply


CHALLENGE = page(403, "<!DOCTYPE html><title>Just a moment...</title>", Server="cloudflare")
MAINTENANCE = "<html><h1>Maintenance</h1></html>"
UNJUDGEABLE = (
    Mutant("a challenge page", (), answer=always(CHALLENGE)),
    Mutant("a challenge page as 503", (), answer=always(page(503, "<!DOCTYPE html><title>Checking your browser"))),
    Mutant("maintenance as 503", (), answer=always(page(503, MAINTENANCE))),
    Mutant("maintenance as 200", (), answer=always(page(200, MAINTENANCE, Server="nginx"))),
    Mutant("a redirect to a login, 302", (), answer=always(page(302, "", Location="https://login.example.com/"))),
    Mutant("a redirect to https, 301", (), answer=always(page(301, "", Location="https://api.example.com/"))),
    Mutant("a redirect to https, 307", (), answer=always(page(307, "", Location="https://api.example.com/"))),
    Mutant("a redirect to https, 308", (), answer=always(page(308, "", Location="https://api.example.com/"))),
    Mutant("a gateway's 502", (), answer=always(page(502, "upstream connect error", "text/plain", Server="envoy"))),
    Mutant("a gateway's 504", (), answer=always(page(504, "<html>504 Gateway Time-out</html>", Server="nginx"))),
    Mutant("no route", (), answer=always(json_of(404, message="no Route matched with those values"))),
    Mutant("a framework's 404", (), answer=always(
        json_of(404, timestamp=1, status=404, error="Not Found", path="/volcv/v1"))),
    Mutant("an empty answer", (), answer=always(page(200, "", "text/plain"))),
    Mutant("a rate limit as text", (), answer=always(page(429, "Too Many Requests", "text/plain"))),
    Mutant("inference is down, 50500", (), answer=to_inference(refused(500, 50500, "Internal Error"))),
    Mutant("inference is down, 502", (), answer=to_inference(page(502, "<html>502 Bad Gateway</html>"))),
    Mutant("every picture is risky", (), answer=to_inference(refused(400, 50411, "Pre Img Risk Not Pass"))),
    Mutant("every face is a ghost", (), answer=to_inference(_ghost)),
)  # fmt: skip
SOMETIMES = (
    Mutant("a challenge now and then", (), answer=every_nth(9, CHALLENGE)),
    Mutant("503 now and then", (), answer=every_nth(9, page(503, MAINTENANCE))),
    Mutant("a concurrency limit now and then", (), answer=every_nth(
        9, refused(429, 50430, "Request Has Reached API Concurrent Limit, Please Try Later"))),
    Mutant("an inner error now and then", (), answer=every_nth(9, refused(500, 50500, "Internal Error"))),
    Mutant("a risk code now and then", (), answer=every_nth(9, refused(400, 50511, "Post Img Risk Not Pass"))),
    Mutant("large bodies stopped in front", (), answer=_large_refused),
    Mutant("a firewall in front of refusals", (), answer=_suspicious),
)  # fmt: skip
