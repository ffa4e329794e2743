"""Answers about calls: the journal, its small pictures, and the full-size ones behind picture URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volcv_mock.control.ask import Answer, Ask, ControlError, told, unknown
from volcv_mock.control.reading import limit, since

MOST_CALLS, USUAL_CALLS = 1000, 100
ROLES = ("result", "picture", "mask")

_REFUSED: Mapping[str, str] = {
    "forbidden": "the link's x-signature does not fit; it was changed, or another mock made it",
    "expired": "the link has expired by the mock's clock",
    "evicted": "the picture had to leave early: more were asked for than --pictures-bytes holds",
    "unknown": "no such picture; the mock may have been reset",
}


def listed(ask: Ask) -> Answer:
    """The newest calls, oldest of them first."""
    query, journal = ask.query, ask.world.journal
    found = journal.entries(
        ask.scope,
        req_key=query.get("req_key"),
        code=query.get("code"),
        since=since(query["since"]) if "since" in query else None,
        limit=limit(query["limit"], MOST_CALLS) if "limit" in query else USUAL_CALLS,
    )
    held = {"held_bytes": journal.held_bytes, "budget_bytes": journal.budget_bytes, "evicted": journal.evicted}
    return told({"calls": [entry.to_dict() for entry in found], "journal": held})


def cleared(ask: Ask) -> Answer:
    return told({"removed": ask.world.journal.clear(ask.scope)})


def one(ask: Ask) -> Answer:
    return told(_entry(ask))


def thumbnail(ask: Ask) -> Answer:
    """?of=result, picture or mask; without it the first of them that is there."""
    there = [role for role in ROLES if role in _entry(ask)["thumbnails"]]
    role = ask.query.get("of") or next(iter(there), "result")
    if role not in ROLES:
        raise unknown(role, ROLES, "picture")
    data = ask.world.journal.thumbnail(ask.path["call_id"], role)
    if data is None:
        raise ControlError(404, f"this call has no {role} to show", permitted=there)
    return Answer(data, content_type="image/jpeg")


def image(ask: Ask) -> Answer:
    """A picture that `return_url: true` pointed to, until its link expires by the clock of its scope."""
    picture_id, store = ask.path["picture_id"], ask.world.pictures
    clock = ask.world.clock(store.scope_of(picture_id) or "default")
    found = store.get(picture_id, ask.query, clock.now_s())
    if found.verdict != "found":
        raise ControlError(found.status, _REFUSED[found.verdict])
    headers = (("Cache-Control", "no-store"), ("Cross-Origin-Resource-Policy", "cross-origin"))
    return Answer(found.data, content_type="image/jpeg", headers=headers)


def _entry(ask: Ask) -> dict[str, Any]:
    entry = ask.world.journal.get(ask.path["call_id"])
    if entry is None:
        raise ControlError(404, "no such call; it was never made, or has left the journal")
    return entry.to_dict()
