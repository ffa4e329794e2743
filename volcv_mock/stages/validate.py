"""Validate: the schema, then the pictures, then the mask. Every problem found is listed, the first decides.

The order is part of the contract: a later problem never changes an earlier result. Facts come from
the pictures' headers before any decode.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Literal, cast

from volcv_mock import contract
from volcv_mock._util.frozen import mutable
from volcv_mock.contract.refusals import refuse
from volcv_mock.imaging import base64_text, codecs, decode, masks, pictures
from volcv_mock.injection import trigger_pictures
from volcv_mock.model import Call, Fetched, Job, Picture, PictureFacts, Problem, Profile, Refusal, Validated
from volcv_mock.session import Session

Role = Literal["picture", "mask"]

NOT_FETCHED = "a URL that was not fetched"
"""What is found in place of a picture whose URL the transport did not see, or was not to fetch."""
MOST_VALIDATED = 64
"""Pictures of one list that are read when the schema has no limit."""


@mutable
class Findings:
    """What the checks found so far."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    facts: list[PictureFacts] = field(default_factory=list)


def validate(call: Call, req_key: str, mode: str, session: Session, *, remembers: bool = True) -> Job:
    """The work a request asks for. Raises Refusal with every problem found; a body that passed before passes again.

    Without `remembers` the result is not kept: the body is not the one that was sent."""
    validated = call.validated
    if validated is None:
        with session.world.gil_gate.pixels():
            validated = check_request(call, req_key, mode, session.world.settings.profile)
        if remembers and not mode.startswith("urls"):
            session.remember(without_decoded(validated))
    session.read_trigger_picture(validated.trigger)
    return job_of(call, validated, session.drawn_seed)


def check_request(call: Call, req_key: str, mode: str, profile: Profile) -> Validated:
    """The request, checked and with its defaults filled in. Raises Refusal with every problem found."""
    findings = Findings(notes=list(call.notes))
    _refuse_large_body(call, req_key)
    body = _check_body(call.body or {}, req_key, mode, profile, findings)
    before_pictures = len(findings.notes)
    check_pictures(call, body, req_key, mode, profile, findings)
    if findings.problems:
        raise _refusal(call, findings)
    findings.notes[before_pictures:before_pictures] = contract.advice(req_key, mode, body)
    parameters = _parameters(req_key, mode, body)
    light = {name: value for name, value in body.items() if name not in picture_fields(body)}
    trigger = trigger_pictures.read(findings.pictures[0].decoded) if findings.pictures else None
    return Validated(req_key, mode, light, parameters, tuple(findings.pictures), tuple(findings.notes), trigger)


def _refuse_large_body(call: Call, req_key: str) -> None:
    """Some req_keys have a limit of their own, below that of the endpoint."""
    most, size_bytes = contract.operation(req_key).max_body_bytes, len(call.raw.body)
    if most is not None and size_bytes > most:
        problem = Problem("body", f"{size_bytes} bytes", f"at most {most} for {req_key}", "Send a smaller picture.",
                          "body_too_large", contract.cite(contract.operation(req_key).max_body_sources))  # fmt: skip
        raise refuse("body_too_large", call, problem, values=(most,))


def job_of(call: Call, validated: Validated, drawn_seed: Callable[[], int]) -> Job:
    """The work to do; a negative seed of the request means: paint with a drawn one."""
    asked = validated.parameters.get("seed", 0)
    is_repeatable = asked > 0 or (asked == 0 and contract.reading("seed-zero") == "repeats")
    return Job(call, validated.req_key, validated.mode, validated.parameters, validated.pictures,
               seed=int(asked) if is_repeatable else drawn_seed(), is_repeatable=is_repeatable,
               notes=validated.notes, trigger=validated.trigger, painting=validated.painting)  # fmt: skip


def picture_urls(body: Mapping[str, Any], mode: str) -> tuple[str, ...]:
    """The URLs a request names, when it sends its pictures that way."""
    urls = body.get("image_urls") if mode.startswith("urls") else None
    return tuple(url for url in urls if isinstance(url, str)) if isinstance(urls, list) else ()


def without_decoded(validated: Validated) -> Validated:
    """The same without decoded pixels: what the memo may keep."""
    return replace(validated, pictures=tuple(replace(picture, decoded=None) for picture in validated.pictures))


def picture_fields(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The two members that carry pictures, as sent."""
    return {name: body[name] for name in ("binary_data_base64", "image_urls") if name in body}


def _check_body(
    body: Mapping[str, Any], req_key: str, mode: str, profile: Profile, findings: Findings
) -> Mapping[str, Any]:
    body, notes = contract.tolerated(req_key, mode, body, profile)
    findings.notes += notes
    findings.problems += contract.check(req_key, mode, body, profile)
    if not findings.problems:
        findings.problems += contract.check_extent(req_key, mode, body, profile)
    return body


def _parameters(req_key: str, mode: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Documented defaults below the request's own members."""
    own = {name: value for name, value in body.items() if name not in picture_fields(body)}
    return _filled(contract.defaults(req_key, mode), own)


def _filled(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Own values over defaults, one level into logo_info."""
    nested = {
        name: _filled(value, own.get(name) or {}) for name, value in defaults.items() if isinstance(value, Mapping)
    }
    return {**defaults, **own, **nested}


def check_pictures(
    call: Call, body: Mapping[str, Any], req_key: str, mode: str, profile: Profile, findings: Findings
) -> None:
    """Read the pictures that the body may carry, and collect what is wrong with them in `findings`.

    Surplus ones are refused by the schema and not read: forty masks of the largest size in 2 MB would be 640 MB of
    pixels."""
    name = contract.picture_field(mode)
    items = body.get(name)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return
    limits = contract.limits_of(req_key)
    most = contract.longest_list(req_key, mode)
    read = min(len(items), MOST_VALIDATED if most is None else most)
    roles = contract.roles_of(contract.item_roles(req_key, mode), read)
    for index, (item, role) in enumerate(zip(items, cast("tuple[Role, ...]", roles), strict=False)):
        where = f"$.{name}[{index}]"
        fetched = call.raw.fetched if name == "image_urls" else None
        data, is_stand_in = _bytes_of(item, where, fetched, limits, findings)
        if data is not None:
            _check_one(role, data, where, profile, is_stand_in, limits, findings)


def _bytes_of(
    item: str, where: str, fetched: Mapping[str, Fetched] | None, limits: contract.Limits, findings: Findings
) -> tuple[bytes | None, bool]:
    if fetched is None:
        data, problems = base64_text.decode_base64(item, where, limits)
        findings.problems += problems
        return data, False
    got = fetched.get(item) or Fetched(problem=_not_fetched(where))
    findings.notes += got.notes
    if got.problem:
        findings.problems.append(replace(got.problem, where=where))
        return None, False
    return got.data, got.is_stand_in


def _not_fetched(where: str) -> Problem:
    fix = "Spell the member's name image_urls without escapes, so that it is seen in time."
    return Problem(where, NOT_FETCHED, "a picture", fix, "url_unreachable", "assumed")


def _check_one(
    role: Role, data: bytes, where: str, profile: Profile, is_stand_in: bool, limits: contract.Limits,
    findings: Findings,
) -> None:  # fmt: skip
    """The first picture is the one to change, the second its mask (S1 and S3, Body参数)."""
    if role == "picture":
        facts, problems = pictures.check_picture(data, where, limits)
        image = None
        if facts and not problems:
            image, problems, notes = _decoded(data, where, facts, findings)
            findings.notes += (*pictures.picture_notes(facts, where), *notes)
    else:
        verdict = masks.check_mask(data, where, _shown_facts(findings), profile, limits)
        facts, problems, image = verdict.facts, list(verdict.problems), verdict.image
        findings.notes += verdict.notes
    findings.problems += problems
    if facts:
        findings.facts.append(facts)
        findings.pictures.append(Picture(where, data, facts, image, is_stand_in, role))


def _shown_facts(findings: Findings) -> PictureFacts | None:
    return next((each.facts for each in findings.pictures if each.role == "picture"), None)


def _decoded(
    data: bytes, where: str, facts: PictureFacts, findings: Findings
) -> tuple[Any, list[Problem], tuple[str, ...]]:
    """The pixels of the picture to change; of one behind it, shown as a tile, a small copy. With problems and notes."""
    before = [each.facts for each in findings.pictures]
    if not pictures.is_decoded(before, facts):
        return None, [], (f"{where}: its pixels are not read: those before it have too many together",)
    try:
        image = decode.decode(Picture(where, data, facts))
    except decode.Undecodable as error:
        return None, [error.problem], ()
    return codecs.tile_of(image) if before else image, [], ()


def _refusal(call: Call, findings: Findings) -> Refusal:
    first, *others = findings.problems
    refusal = refuse(first.rule, call, first, *others)
    facts, pictures, notes = tuple(findings.facts), tuple(findings.pictures), tuple(findings.notes)
    return Refusal(replace(refusal.outcome, facts=facts, pictures=pictures, notes=notes))
