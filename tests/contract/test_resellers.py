"""Reseller profiles: what schemas/resellers.json says, and how a body is wrapped."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from volcv_mock import contract
from volcv_mock.config import Settings
from volcv_mock.contract.documents import common, document
from volcv_mock.contract.provenance import sources

WRAPPING = contract.resellers()["wrapped-406"]


def test_the_default_of_the_settings_is_the_default_of_the_data() -> None:
    assert Settings().reseller == contract.default_reseller()
    assert contract.default_reseller() in contract.resellers()


@pytest.mark.parametrize("raw", document("resellers.json")["profiles"], ids=lambda raw: raw["id"])
def test_every_profile_is_graded_and_cites_listed_sources(raw: dict) -> None:
    own = document("resellers.json")["own_refusals"]
    for part in filter(None, (raw, own, raw["unrouted_methods"], raw["upstream_error"])):
        assert part["grade"] in ("stated", "prose", "example", "seen", "inferred", "assumed")
        assert part["source"]
        assert set(part["source"]) <= set(sources())


def test_a_wrapped_body_is_text_inside_text() -> None:
    error = WRAPPING.upstream_error
    assert error

    outer = json.loads(error.wrapped('{"code":50411}'))

    assert list(outer) == ["code", "message", "upsream_message", "data"]
    assert json.loads(outer["upsream_message"]) == {"code": -1, "message": 'not ok match: {"code":50411}'}
    schema = common("envelopes")["$defs"]["upstream_error"]
    assert Draft202012Validator(schema).is_valid(outer)


@pytest.mark.parametrize(
    ("row", "is_wrapped"),
    [
        pytest.param("50411", True, id="a refusal of the service"),
        pytest.param("50429", True, id="a quota of the service"),
        pytest.param("MissingParameter", True, id="a refusal of the vendor's gateway"),
        pytest.param("ServiceUnavailableTemp", True, id="an error of the vendor's gateway without a number"),
        pytest.param("InternalServiceError", True, id="a 502 of the vendor's gateway"),
        pytest.param("LackProjectPolicy", True, id="a policy of the vendor's gateway"),
        pytest.param("InnerApiNeedAccountInfo", True, id="an account of the vendor's gateway"),
        pytest.param("10000", False, id="a success"),
        pytest.param("proxy_key_missing", False, id="the reseller's own refusal of a key"),
        pytest.param("MethodNotAllowed", False, id="a refusal by HTTP method"),
        pytest.param("InvalidRequest", False, id="a header of this mock that is wrong"),
    ],
)
def test_only_refusals_of_the_vendor_are_wrapped(row: str, is_wrapped: bool) -> None:
    assert (WRAPPING.wrapping(contract.row(row), "proxy") is not None) is is_wrapped
    assert WRAPPING.wrapping(contract.row(row), "official") is None
    assert contract.resellers()["new-api"].wrapping(contract.row(row), "proxy") is None
