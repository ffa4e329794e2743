"""Rules and scopes through the whole of `volcv-mock serve`: what clients meet, how often, and in which scope."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.process import Serving
from tests.faults.show import Exchange
from tests.helpers.desk import UNSOUND, ClientRequest, Desk, at_once, code_of, codes, listed, received, rule, scene

# Rules --------------------------------------------------------------------------------------------

STORIES: Mapping[str, tuple[dict[str, Any], list[Any]]] = {
    "times": ({"code": 50411, "times": 2}, [50411, 50411, 10000, 10000]),
    "skip": ({"code": 50411, "skip": 2}, [10000, 10000, 50411, 50411]),
    "skip and times": ({"fault": "reset", "skip": 1, "times": 1}, [10000, "reset", 10000]),
    "sequence": (
        {"sequence": [{"code": 50429}, {"pass": True}, {"fault": "empty"}]},
        [50429, 10000, "closed", 10000],
    ),
    "sequence twice": ({"sequence": [{"code": 50429}, {"pass": True}], "times": 2}, [50429, 10000] * 2 + [10000]),
    "sequence after skip": ({"sequence": [{"code": 50429}, {"code": 50500}], "skip": 1}, [10000, 50429, 50500, 10000]),
    "call number": ({"code": 50500, "match": {"call_number": 3}}, [10000, 10000, 50500, 10000]),
    "never": ({"code": 50411, "probability": 0}, [10000, 10000]),
    "always": ({"code": 50411, "probability": 1}, [50411, 50411]),
    "another operation": ({"code": 50411, "match": {"req_key": "i2i_inpainting"}}, [10000]),
    "another key": ({"code": 50411, "match": {"api_key": "sk-other"}}, [10000]),
    "this key": ({"code": 50411, "match": {"api_key": "sk-any", "prompt_contains": "puppy"}}, [50411]),
    "half a match": ({"code": 50411, "match": {"api_key": "sk-any", "prompt_contains": "kitten"}}, [10000]),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_rule_applies_when_it_says(desk: Desk, story: str) -> None:
    spec, expected = STORIES[story]
    rule(desk, **spec)

    assert codes(desk, len(expected)) == expected
    row = listed(desk)
    assert row["fired"] == sum(each != 10000 for each in expected)
    assert row["remaining"] in (None, 0)


def test_fifty_clients_at_once_meet_a_rule_exactly_as_often_as_it_says(desk: Desk) -> None:
    rule(desk, code=50411, times=5)

    met = at_once(50, lambda: code_of(desk.ask()))

    assert (met.count(50411), met.count(10000)) == (5, 45)
    assert (listed(desk)["fired"], listed(desk)["remaining"]) == (5, 0)


def test_fifty_clients_at_once_take_each_step_of_a_sequence_once(desk: Desk) -> None:
    rule(desk, sequence=[{"code": 50411}, {"code": 50412}, {"code": 50413}, {"code": 50411}])

    met = at_once(50, lambda: code_of(desk.ask()))

    assert sorted(met) == [10000] * 46 + [50411, 50411, 50412, 50413]


@pytest.mark.parametrize("act", [{"code": 50411}, {"code": 50511}, {"fault": "black"}, {"fault": "truncate"},
                                 {"delay_s": 0}, {"sequence": [{"pass": True}]}], ids=str)  # fmt: skip
def test_a_request_refused_for_its_own_mistake_spends_nothing(desk: Desk, act: dict[str, Any]) -> None:
    rule(desk, **act, **({} if "sequence" in act else {"skip": 1, "times": 1}))
    before = listed(desk)

    assert codes(desk, 3, UNSOUND) == [50204] * 3
    assert desk.ask(ClientRequest(headers={"Authorization": "nonsense"})).status == 401
    assert listed(desk) == before


def outcomes(url: str, scope: str) -> list[Any]:
    """The codes of twenty calls to a mock; the picture, the order and the scope are the same each time."""
    desk = Desk(url, scope)
    rule(desk, code=50500, probability=0.5)
    return codes(desk, 20)


def test_the_same_seed_applies_to_the_same_calls_in_another_process(desk: Desk) -> None:
    with Serving("--seed", "7", "--log", "off") as same, Serving("--seed", "8", "--log", "off") as another:
        first, again, other = (outcomes(url, desk.scope) for url in (desk.url, same.url, another.url))

    assert set(first) == {10000, 50500}
    assert first == again != other


def test_a_scope_holds_a_thousand_rules_and_says_so(desk: Desk) -> None:
    desk.control("POST", "faults", [{"code": 50411, "match": {"prompt_contains": "never"}}] * 1000)

    with pytest.raises(urllib.error.HTTPError) as refused:
        rule(desk, code=50411)

    assert "1000 rules already" in json.load(refused.value)["error"]["message"]
    assert len(desk.control("GET", "faults")["faults"]) == 1000
    assert codes(desk, 1) == [10000]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"cod": 50411}, ["$.cod", "Did you mean 'code'?", "delay_s, ", ", sequence, duration_s, match, skip, times"]),
        ({"fault": "rest"}, ["$.fault", "Did you mean 'reset'?", "truncate, drip, hang"]),
        ({"code": 50411, "match": {"req_key": "i2i_inpaint"}}, ["$.match.req_key", "Did you mean 'i2i_inpainting'?"]),
        ({"code": 50411, "match": {"key": 1}}, ["$.match.key", "req_key, api_key, prompt_contains, call_number"]),
        ({"sequence": [{"pass": True}, {"fautl": "reset"}]}, ["$.sequence[1].fautl", "Did you mean 'fault'?"]),
        ({"code": 50411, "fault": "reset"}, ["code and fault", "exactly one of"]),
        ({"fault": "reset", "duration_s": 1}, ["$.duration_s", "drip or hang"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_rule_is_refused_with_what_is_permitted_and_the_nearest_name(
    desk: Desk, spec: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        rule(desk, **spec)

    message = json.load(refused.value)["error"]["message"]
    assert [word for word in words if word not in message] == []
    assert desk.control("GET", "faults")["faults"] == []


# Scopes -------------------------------------------------------------------------------------------


def test_nothing_of_one_scope_reaches_another(desk: Desk) -> None:
    other = Desk(desk.url, f"{desk.scope[:100]}/other")
    rule(desk, code=50411)
    desk.control("PUT", "latency", {"latency": "5s"})
    desk.freeze(now="2026-01-31T12:00:00Z")

    assert codes(other, 2) == [10000, 10000]
    assert other.control("GET", "faults")["faults"] == []
    assert other.control("GET", "latency")["latency"] == {"default": "off"}
    assert other.control("GET", "clock")["is_frozen"] is False
    assert [call["number"] for call in other.calls()] == [1, 2]
    assert desk.calls() == []


def test_a_key_may_name_the_scope(desk: Desk) -> None:
    named = Desk(desk.url, "from-a-key")
    rule(named, code=50411)
    request = named.request(ClientRequest(key="sk-scope-from-a-key"), scene())
    without_header = request.replace(b"X-Volcv-Mock-Scope: from-a-key\r\n", b"")
    with desk.connect() as connection:
        connection.sendall(without_header)

        assert code_of(Exchange(*received(connection, 10**6), scene(), scene())) == 50411
