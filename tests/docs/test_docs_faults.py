"""docs/faults.md: each rule, header, key, prompt, seed and picture shown there is sent, and its fault is observed.

The mock listens on a real socket, so that a reset is a TCP reset. Each example has its own scope with a frozen clock:
a delayed response is observed to wait, and advancing the clock releases it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.faults.show import SHOWS, Exchange, code, success
from tests.helpers.desk import RESULT, SUBMIT, ClientRequest, Desk, Spec, scene
from tests.helpers.pages import DOCS, Block, blocks
from volcv_mock import VolcvMock, contract, faults
from volcv_mock._util import durations
from volcv_mock.injection.trigger_pictures import draw

PAGE = DOCS / "faults.md"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with VolcvMock(seed=7).serve() as server:
        yield server.base_url


@pytest.fixture
def desk(url: str, request: pytest.FixtureRequest) -> Desk:
    """Each test has its own scope, with the same name in every run: random draws depend on it."""
    place = Desk(url, f"docs-{zlib.crc32(request.node.nodeid.encode()):08x}")
    place.control("PUT", "clock", {"is_frozen": True})
    return place


def check(spec: Spec, answer: Exchange, fired: list[Any]) -> None:
    """The fault is observed, and the journal names it."""
    assert bool(fired) == bool(spec)
    name = named(spec)
    if name is None:
        assert success(answer)
    else:
        assert SHOWS[name](answer) if name in SHOWS else code(name, answer)


def named(spec: Spec) -> str | None:
    """The name of the fault, or the id of the code row; 201304 means the likelier of its two places."""
    word = spec.get("fault", spec.get("code"))
    if word is None:
        return None
    return str(word) if word in faults.names() else "ghost_face" if str(word) == "201304" else contract.row(word).id


def expected_calls(rule: Spec) -> list[Spec]:
    """What each call gets, in order: the calls before the rule applies, the faults, then a normal one if it ends."""
    before: list[Spec] = [{}] * max(rule.get("skip", 0), rule.get("match", {}).get("call_number", 1) - 1)
    steps = [{} if step.get("pass") else step for step in rule.get("sequence", [])]
    times = [rule] * rule.get("times", 1)
    ends = "times" in rule or "sequence" in rule or "call_number" in rule.get("match", {})
    return [*before, *(steps or times), *([{}] if ends else [])]


def call_for(rule: Spec) -> ClientRequest:
    """A request that fits the rule's match and has what its fault needs."""
    match = rule.get("match", {})
    body = {"req_key": match.get("req_key", "i2i_inpainting_edit")}
    if rule.get("fault") in ("expired_url", "dead_link"):
        body["return_url"] = True
    return ClientRequest(body, match.get("api_key", "sk-any"))


def is_of_a_step(rule: Spec) -> bool:
    """Whether a rule is about the steps of a task, which need a submit first."""
    return bool({"step", "action"} & set(rule.get("match", {})) or {"queue_s", "generating_s"} & set(rule))


RULES = blocks(PAGE, "json")
STEPS = [block for block in RULES if is_of_a_step(json.loads(block.text))]
CERTAIN = [block for block in RULES if "probability" not in block.text and block not in STEPS]


@pytest.mark.parametrize("block", CERTAIN, ids=lambda block: block.place)
def test_each_rule_of_the_page_does_what_it_says(block: Block, desk: Desk) -> None:
    rule = json.loads(block.text)
    listed = desk.control("POST", "faults", rule)["faults"][0]

    for spec in expected_calls(rule):
        answer = desk.send(call_for(rule), spec, scene())
        check(spec, answer, desk.calls()[-1]["fired"])

    applied = sum(bool(spec) for spec in expected_calls(rule))
    assert desk.control("GET", "faults")["faults"][0] | {"fired": applied} == desk.control("GET", "faults")["faults"][0]
    assert listed["fired"] == 0


@pytest.mark.parametrize("block", STEPS, ids=lambda block: block.place)
def test_each_rule_about_a_step_of_a_task_does_what_it_says(block: Block, desk: Desk) -> None:
    rule = json.loads(block.text)
    desk.control("POST", "faults", rule)
    task_id = desk.send(ClientRequest(action=SUBMIT), {}, scene()).data["task_id"]

    for spec in expected_calls(rule):
        answer = desk.send(ClientRequest(action=RESULT, task_id=task_id), {}, scene())
        if "queue_s" in rule:
            assert answer.data["status"] == "in_queue"
        else:
            check(spec, answer, desk.calls()[-1]["fired"])


@pytest.mark.parametrize("block", [block for block in RULES if "probability" in block.text], ids=lambda b: b.place)
def test_a_rule_with_a_probability_applies_to_the_same_calls_in_each_run(block: Block, desk: Desk) -> None:
    runs = []
    for _ in range(2):
        desk.control("POST", "reset")
        desk.control("POST", "faults", json.loads(block.text))
        runs.append([desk.send(ClientRequest(), {}, scene()).ending for _ in range(20)])

    assert set(runs[0]) == {"whole", "reset"}
    assert runs[0] == runs[1]


@pytest.mark.parametrize("block", [block for block in RULES if '"match"' in block.text], ids=lambda b: b.place)
def test_a_rule_does_not_apply_to_a_request_that_does_not_match(block: Block, desk: Desk) -> None:
    desk.control("POST", "faults", json.loads(block.text))
    other = ClientRequest({"req_key": "img2img_inpainting_edit_zi2i", "custom_prompt": "a cat"}, "sk-another")

    check({}, desk.send(other, {}, scene()), desk.calls()[-1]["fired"])


def override_of(value: str) -> Spec:
    """`code=50411; delay=3s`, or a bare name, in the form of a rule."""
    spec: dict[str, Any] = {}
    for piece in value.split(";"):
        name, sign, text = piece.strip().partition("=")
        if not sign:
            spec["fault" if name in faults.names() else "code"] = name
        elif name in ("delay", "duration"):
            spec[f"{name}_s"] = durations.parse(text)
        else:
            spec[name] = text
    return spec


def asked(place: str, value: str) -> tuple[ClientRequest, Spec, Image.Image]:
    """The request that a block of the page shows, the fault it asks for, and its picture."""
    if place == "X-Volcv-Mock":
        return ClientRequest(headers={place: value}), override_of(value), scene()
    if place == "Authorization":
        key = value.removeprefix("Bearer ")
        return ClientRequest(key=key), override_of(key.removeprefix("sk-mock-")), scene()
    if place == "prompt":
        override = value.partition("[[mock:")[2].removesuffix("]]")
        return ClientRequest({"custom_prompt": value}), override_of(override), scene()
    if place == "seed":
        return ClientRequest({"seed": int(value)}), override_of(value), scene()
    return ClientRequest(), override_of(value), draw(value)


OVERRIDES = [block for block in blocks(PAGE, "text") if "queue=" not in block.text]


def test_the_times_of_a_task_can_be_asked_for_with_a_header(desk: Desk) -> None:
    (block,) = (block for block in blocks(PAGE, "text") if "queue=" in block.text)
    place, _, value = block.text.strip().partition(": ")

    task_id = desk.send(ClientRequest(headers={place: value}, action=SUBMIT), {}, scene()).data["task_id"]
    seen = []
    for seconds in (0, 2, 5):
        desk.advance(seconds)
        seen.append(desk.send(ClientRequest(action=RESULT, task_id=task_id), {}, scene()).data["status"])

    assert seen == ["in_queue", "generating", "done"]


@pytest.mark.parametrize("block", OVERRIDES, ids=lambda block: block.place)
def test_each_override_of_the_page_is_applied(block: Block, desk: Desk) -> None:
    place, _, value = block.text.strip().partition(": ")
    call, spec, picture = asked(place, value)

    answer = desk.send(call, spec, picture.convert("RGB"))

    check(spec, answer, desk.calls()[-1]["fired"])


def test_a_fault_that_needs_a_mask_applies_to_a_repeated_request_too(desk: Desk) -> None:
    """Whether a request has a mask must not depend on whether the same body was sent before."""
    desk.send(ClientRequest(), {}, scene())
    desk.control("POST", "faults", {"fault": "outside_mask"})

    check({"fault": "outside_mask"}, desk.send(ClientRequest(), {}, scene()), desk.calls()[-1]["fired"])


def test_every_fault_has_an_observation() -> None:
    assert set(SHOWS) == set(faults.names())
