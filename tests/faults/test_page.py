"""docs/faults.md has an example of every fault, rule field and trigger, and each example is accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from volcv_mock import faults
from volcv_mock.injection.rule_forms import MATCH_FIELDS, STEP_FIELDS, TOP_FIELDS, parse_rule
from volcv_mock.injection.triggers import FIELDS, asked

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return [text.strip() for text in re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]


RULES: list[dict[str, Any]] = [json.loads(text) for text in blocks("json")]
OVERRIDES = blocks("text")


def members(value: Any) -> set[str]:
    """Every member's name in an example, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(members, value.values()))
    return set().union(*map(members, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("rule", RULES, ids=json.dumps)
def test_each_rule_of_the_page_is_a_rule(rule: dict[str, Any]) -> None:
    assert parse_rule(rule).steps


@pytest.mark.parametrize("override", OVERRIDES)
def test_each_override_of_the_page_is_accepted(override: str) -> None:
    place, value = override.split(": ", 1)
    overrides = {
        "X-Volcv-Mock": lambda: asked(value, "", None),
        "Authorization": lambda: asked(None, value.removeprefix("Bearer "), None),
        "prompt": lambda: asked(None, "", {"prompt": value}),
        "seed": lambda: asked(None, "", {"seed": int(value)}),
        "picture": lambda: asked(None, "", None, picture=value),
    }

    assert overrides[place]()


def test_every_fault_has_an_example() -> None:
    assert {rule.get("fault") for rule in RULES} >= set(faults.names())


@pytest.mark.parametrize("name", faults.names())
def test_every_fault_is_described(name: str) -> None:
    """What the client receives stands above the example."""
    assert re.search(rf"^`{name}`: \w.*\.\n```json$", PAGE, re.MULTILINE)


def test_every_field_of_a_rule_and_of_the_header_has_an_example() -> None:
    header = " ".join(override for override in OVERRIDES if override.startswith("X-Volcv-Mock"))

    assert set().union(*map(members, RULES)) >= {*TOP_FIELDS, *STEP_FIELDS, *MATCH_FIELDS}
    assert all(f"{name}=" in header for name in FIELDS)


def test_every_place_of_an_override_has_an_example() -> None:
    places = {override.split(": ")[0] for override in OVERRIDES}

    assert places == {"X-Volcv-Mock", "Authorization", "prompt", "seed", "picture"}
