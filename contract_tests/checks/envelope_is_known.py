"""Every answer wears one of the three envelopes: the service's, the gateway's or the reseller's."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, is_wrapped, short

SERVICE = {"code", "data", "message", "request_id", "status", "time_elapsed"}


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    members = exchange.answer.members
    if not members or is_wrapped(exchange) or members.keys() & {"ResponseMetadata", "error"}:
        return
    if missing := SERVICE - members.keys():
        yield f"the envelope lacks {', '.join(sorted(missing))}"


def _gateway(exchange: Exchange, memory: dict[str, str]) -> Texts:
    metadata = exchange.answer.members.get("ResponseMetadata")
    if metadata is None:
        return
    error = metadata.get("Error") if isinstance(metadata, dict) else None
    if not isinstance(error, dict) or not {"Code", "Message"} <= error.keys() or "RequestId" not in metadata:
        yield f"ResponseMetadata wants RequestId and Error with Code and Message, found {short(metadata)}"


def _proxy(exchange: Exchange, memory: dict[str, str]) -> Texts:
    error = exchange.answer.members.get("error")
    if "error" in exchange.answer.members and not (isinstance(error, dict) and isinstance(error.get("message"), str)):
        yield f"error wants an object with a message, found {short(error)}"


def all_of(exchange: Exchange, memory: dict[str, str]) -> Texts:
    yield from check(exchange, memory)
    yield from _gateway(exchange, memory)
    yield from _proxy(exchange, memory)


CHECK = Check(
    "envelope_is_known",
    "code, data, message, request_id, status, time_elapsed; or ResponseMetadata; or error",
    "S3-example-answer, P-seen-service, P-seen-gateway, P-reseller-errors",
    all_of,
    grade="example",
)
