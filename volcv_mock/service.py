"""The service: one function that every transport calls. It decides, never waits, and never touches a socket.

`answer` returns a Reply, or a Fetch when pictures must be fetched first: the transport fetches them where waiting
blocks nobody, and calls again with `raw.fetched`. The reply carries its delivery plan (http/playback.py). The control
API is not part of the service: transports call the Flask app for paths under /_mock/.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from urllib.parse import unquote

from volcv_mock import contract, pipeline
from volcv_mock._util.frozen import frozen
from volcv_mock.delivery import Forward, Incoming, Reply
from volcv_mock.http import cors
from volcv_mock.http.endpoints import CONTROL, ENDPOINT_PATHS, is_endpoint
from volcv_mock.http.framing import too_large, unmet_expectation
from volcv_mock.http.response import last_resort, of_mock, state_unavailable
from volcv_mock.model import Problem, RawRequest
from volcv_mock.recording.redact import requested_path
from volcv_mock.stages.callback import posted_body
from volcv_mock.state import StateUnavailable
from volcv_mock.tasks import Task, Waiting
from volcv_mock.telemetry.traceparent import TraceParent, traceparent
from volcv_mock.world import World

_LOG = logging.getLogger("volcv_mock.service")
CONSOLE = f"{CONTROL[1:]}/"
"""The console, from the root."""


@frozen
class Fetch:
    """The picture URLs to fetch before the request can be answered: `world.fetch(urls, trace)` fetches them."""

    urls: tuple[str, ...]
    trace: TraceParent | None = None
    """The client's trace, which the fetches belong to."""


def answer(raw: RawRequest, world: World) -> Reply | Fetch | Forward:
    """The reply to one request, or what must be fetched or forwarded first. Raises nothing: a bug becomes a 500."""
    try:
        with contract.using(world.contract):
            return _decided(raw, world)
    except StateUnavailable as error:
        return _readable(state_unavailable(str(error)), world)
    except Exception as error:
        _LOG.error("a request failed", exc_info=error)
        return refuse(raw, world, _internal(error))


def answer_blocking(raw: RawRequest, world: World) -> Reply:
    """The reply, for a transport that may block its thread while pictures are fetched and the upstream answers."""
    while isinstance(found := answer(raw, world), Fetch):
        raw = replace(raw, fetched=world.fetch(found.urls, found.trace))
    return _after_upstream(found, raw, world) if isinstance(found, Forward) else found


def _after_upstream(forward: Forward, raw: RawRequest, world: World) -> Reply:
    try:
        incoming = upstream_answer(forward, world)
    except BaseException:
        forward.abandon()
        raise
    return finish(forward, incoming, raw, world)


def upstream_answer(forward: Forward, world: World) -> Incoming:
    """What the upstream answers, with the pictures behind its links if they are to be recorded. Blocks its thread."""
    incoming = world.send(forward.request)
    links = forward.links(incoming) if forward.links else ()
    return replace(incoming, pictures=world.fetch_links(links)) if links else incoming


def finish(forward: Forward, incoming: Incoming, raw: RawRequest, world: World) -> Reply:
    """The reply with what came back from the upstream. Raises nothing."""
    try:
        with contract.using(world.contract), contract.playing(world.readings):
            return _readable(forward.finish(incoming), world)
    except StateUnavailable as error:
        forward.abandon()
        return _readable(state_unavailable(str(error)), world)
    except Exception as error:
        _LOG.error("an answer of the upstream failed", exc_info=error)
        forward.abandon()
        return refuse(raw, world, _internal(error))


def refuse(raw: RawRequest, world: World, problem: Problem) -> Reply:
    """The refusal of a request that does not enter the pipeline: malformed HTTP, a wrong method, an unknown route."""
    try:
        with contract.using(world.contract):
            reply = pipeline.refuse(raw, world, problem)
    except StateUnavailable as error:
        reply = state_unavailable(str(error))
    except Exception:
        _LOG.exception("a refusal failed")
        reply = last_resort()
    return _readable(reply, world) if _is_at_endpoint(raw) else reply


def refuse_control(world: World, problem: Problem) -> Reply:
    """The refusal of a call of the control API whose HTTP is malformed: with the status of the rule, and no journal
    entry."""
    with contract.using(world.contract):
        return of_mock(contract.row_for_rule(problem.rule).http_status, problem.sentence())


def unwritten(reply: Reply, world: World, why: str) -> Reply:
    """The reply in place of one whose journal entry could not be written: no answered call is missing there."""
    world.unwritten(reply.arrival)
    return _readable(state_unavailable(why), world)


def _readable(reply: Reply, world: World) -> Reply:
    """The reply with CORS headers; in front of an upstream without: no page may read what its owner pays for."""
    return reply if world.settings.upstream else cors.allowed(reply)


def body_limit_bytes() -> int:
    """The largest request body that is read."""
    return int(contract.parameter("body_limit_bytes"))


def _decided(raw: RawRequest, world: World) -> Reply | Fetch | Forward:
    if raw.header("expect") is not None and (problem := unmet_expectation(_values(raw, "expect"))):
        return refuse(raw, world, problem)
    if world.settings.upstream and is_foreign_page(raw):
        return refuse(raw, world, _foreign_page(raw))
    if not _is_at_endpoint(raw) or _has_refused_slash(raw, world):
        return refuse(raw, world, _unknown_route(raw))
    if raw.method == "OPTIONS":
        return _preflight(raw)
    if _is_from_a_browser(raw):
        return _to_console()
    if raw.method != "POST":
        return refuse(raw, world, _wrong_method(raw.answered_as))
    limit_bytes = body_limit_bytes()
    if len(raw.body) > limit_bytes:
        return refuse(replace(raw, body=b""), world, too_large(_length_of(raw, limit_bytes), limit_bytes).problem)
    urls = pipeline.pictures_wanted(raw, world)
    if urls:
        return Fetch(urls, traceparent(raw.header("traceparent")))
    found = pipeline.handle(raw, world)
    await_tasks(world)
    return found if isinstance(found, Forward) else _readable(found, world)


def _values(raw: RawRequest, wanted: str) -> list[str]:
    return [value for name, value in raw.headers if name.lower() == wanted]


def _length_of(raw: RawRequest, limit_bytes: int) -> str:
    """The length of a body above the limit, as the socket server names it before it reads."""
    length = raw.header("content-length")
    return f"Content-Length {length}" if length else f"more than {limit_bytes} bytes"


def is_foreign_page(raw: RawRequest) -> bool:
    """Whether a page of another origin sent this. Its requests would spend the money of the upstream's owner."""
    origin, site = raw.header("origin"), raw.header("sec-fetch-site")
    own = f"{raw.scheme}://{raw.header('host') or ''}".lower()
    return (origin is not None and origin.lower() != own) or site not in (None, "same-origin", "none")


def _foreign_page(raw: RawRequest) -> Problem:
    found = f"a page of {(raw.header('origin') or 'another origin')[:100]}"
    fix = "Call the mock from your server or your tests; pages of other origins may call a mock without --upstream."
    source = "docs/beside-the-real-service.md"
    return Problem("header.Origin", found, "no Origin, or the mock's own", fix, "upstream_foreign_origin", source)


def await_tasks(world: World) -> None:
    """Post the results of the new tasks with a callback once they are done."""
    for task in world.tasks.take_awaited():
        _await(task, world)


def _await(task: Task, world: World) -> None:
    """Post the task's result to its callback_url once it is done."""
    assert task.callback is not None
    compose = partial(posted_body, task, world)
    world.callbacks.add(Waiting(task, task.callback, world.clock(task.scope), compose))


def _is_at_endpoint(raw: RawRequest) -> bool:
    return is_endpoint(raw.route or unquote(raw.path))


def _has_refused_slash(raw: RawRequest, world: World) -> bool:
    """Whether the path is the proxy's with a trailing slash, and a reading knows no such path."""
    refuses = world.readings.played["proxy-path"] == "no-slash"
    return refuses and raw.endpoint == "proxy" and (raw.route or unquote(raw.path)).endswith("/")


def _preflight(raw: RawRequest) -> Reply:
    headers = cors.preflight(raw.header("access-control-request-headers"))
    return Reply(204, (("Allow", cors.METHODS), *headers), ())


def _is_from_a_browser(raw: RawRequest) -> bool:
    """Whether somebody opened the root of the mock as a page. Clients of the API do not ask for HTML."""
    is_root = raw.endpoint == "official" and raw.method in ("GET", "HEAD")
    return is_root and "text/html" in (raw.header("accept") or "")


def _to_console() -> Reply:
    """Relative, so that it also leads there below a path under which the mock is reached."""
    return Reply(302, (("Location", CONSOLE), ("Content-Length", "0"), ("Vary", "Accept")), ())


def _wrong_method(method: str) -> Problem:
    return Problem("method", method, "POST", "Send the call as POST.", "method_not_allowed", "S1, request method")


def _unknown_route(raw: RawRequest) -> Problem:
    found, wanted = f"{raw.answered_as} {requested_path(raw.path)}"[:200], f"POST {' or POST '.join(ENDPOINT_PATHS)}"
    return Problem("path", found, wanted, "Fix the client's base URL.", "route_unknown", "S0, endpoint")


def _internal(error: Exception) -> Problem:
    fix = "This is a bug of volcv-mock: please report it with its log."
    return Problem("mock", type(error).__name__, "no exception", fix, "internal", "volcv-mock")
