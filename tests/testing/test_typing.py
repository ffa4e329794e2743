"""Types of the test kit. mypy checks typed/snippets.py (make check); here the same mistakes are made, and the tables
of option types are held to what they describe."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import fields

import pytest

import volcv_mock
from tests.testing.typed.snippets import BAD, good, good_call
from volcv_mock import VolcvMock
from volcv_mock.config import Settings
from volcv_mock.injection.rule_forms import MATCH_FIELDS, TOP_FIELDS
from volcv_mock.journal import Entry
from volcv_mock.testing import calls
from volcv_mock.testing.handles import Handle
from volcv_mock.testing.kit import Kit
from volcv_mock.testing.options import RuleOptions, SettingsOptions
from volcv_mock.testing.rules import OPTIONS


@pytest.mark.parametrize("mistake", BAD, ids=lambda each: each.__name__.removeprefix("bad_"))
def test_what_the_type_checker_refuses_fails_when_it_is_run(
    mock: VolcvMock, mistake: Callable[[VolcvMock], None]
) -> None:
    mock.app.test_client().post("/volcv/v1", buffered=True)

    with pytest.raises((AttributeError, TypeError, ValueError)):
        mistake(mock)


@pytest.mark.filterwarnings("ignore::volcv_mock.testing.rules.UnusedRule")
def test_what_the_type_checker_accepts_runs(mock: VolcvMock) -> None:
    good(mock)
    mock.app.test_client().post("/volcv/v1", buffered=True)
    good_call(mock.calls.last)


def test_every_setting_has_a_type_and_nothing_else_has() -> None:
    assert set(SettingsOptions.__annotations__) == {each.name for each in fields(Settings)}


def test_permitted_values_of_settings_are_those_of_the_settings_themselves() -> None:
    """What is one of several words, a number or true is typed alike; a list may also be given for a tuple."""
    given, kept = typing.get_type_hints(SettingsOptions), typing.get_type_hints(Settings)
    lists = {name for name, kind in kept.items() if "tuple" in str(kind)}

    assert {name: kind for name, kind in given.items() if name not in lists} == {
        name: kind for name, kind in kept.items() if name in given and name not in lists
    }


def test_every_option_of_a_rule_has_a_type() -> None:
    assert set(RuleOptions.__annotations__) == set(OPTIONS)
    assert set(OPTIONS) <= {*MATCH_FIELDS, *TOP_FIELDS}


@pytest.mark.parametrize("of", [VolcvMock, Handle])
def test_dir_lists_what_a_mock_has(of: type[Kit]) -> None:
    listed = set(dir(of))

    assert {name for name in vars(Kit) if not name.startswith("_")} <= listed
    assert {"serve", "intercept", "fail", "calls", "scopes", "world", "app", "clock"} <= listed


def test_dir_lists_what_a_call_has(mock: VolcvMock) -> None:
    assert {each.name for each in fields(Entry) if each.name != "sources"} <= set(dir(calls.JournalCall))


def test_dir_lists_what_the_package_offers() -> None:
    assert set(volcv_mock.__all__) <= set(dir(volcv_mock))
    with pytest.raises(AttributeError, match="has no attribute 'VolcvMok'"):
        volcv_mock.VolcvMok  # noqa: B018
