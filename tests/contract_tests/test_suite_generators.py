"""The suite's own strategies: sound, complete, quick, and short when printed."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from contract_tests import contract, validation
from contract_tests.generate import one_violation, plain_request, valid_requests, violation_sites
from contract_tests.generate.coverage import Coverage
from contract_tests.generate.violations import Site, accepted_elsewhere, fails_only_there, simplest_violation
from contract_tests.pictures.server import unpublished
from contract_tests.runner.session import Session
from contract_tests.targets import open_target

BRANCHES = list(contract.branches())
WITH_PROMPT = [one for one in BRANCHES if contract.operations()[one[0]]["prompt_field"]]
quick = settings(max_examples=60, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
                 suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.mark.parametrize(("req_key", "mode"), BRANCHES)
def test_every_valid_request_satisfies_its_schema(req_key, mode):
    for request in _drawn(req_key, mode):
        assert validation.breaches(req_key, mode, request.skeleton()) == []


@pytest.mark.parametrize(("req_key", "mode"), BRANCHES)
def test_every_violation_fails_exactly_its_keyword_at_its_place(req_key, mode):
    @quick
    @given(one_violation(req_key, mode))
    def run(violation):
        found = validation.breaches(req_key, mode, violation.request.skeleton())
        assert fails_only_there(violation, req_key, mode), found
        assert not accepted_elsewhere(violation, req_key)

    run()


def test_the_ledger_shows_every_keyword_satisfied_and_violated():
    coverage = Coverage()

    for req_key, mode in BRANCHES:
        for request in _drawn(req_key, mode):
            coverage.note_valid(req_key, mode, request.skeleton())
        for site in violation_sites(req_key, mode):
            violation = simplest_violation(plain_request(req_key, mode), mode, site)
            assert fails_only_there(violation, req_key, mode)
            coverage.note_violation(req_key, mode, violation)

    assert coverage.never_satisfied() == []
    assert coverage.never_violated() == []


def test_the_plain_request_of_every_branch_is_valid():
    for req_key, mode in BRANCHES:
        assert validation.breaches(req_key, mode, plain_request(req_key, mode).skeleton()) == []


@pytest.mark.parametrize(("req_key", "mode"), WITH_PROMPT)
def test_drawn_prompts_reach_800_characters(req_key, mode):
    name = contract.operations()[req_key]["prompt_field"]

    assert _is_drawn(req_key, mode, lambda it: len(it.fields.get(name, "")) == 800)


@pytest.mark.parametrize("is_meant", [(2**31 - 1).__eq__, (2**31).__eq__, (2**32).__lt__])
def test_drawn_seeds_reach_beyond_32_bits(is_meant):
    assert _is_drawn("i2i_inpainting", "base64", lambda it: is_meant(it.fields.get("seed", 0)) is True)


@pytest.mark.parametrize(("req_key", "mode"), BRANCHES)
def test_a_missing_req_key_is_missing_in_the_body_that_is_sent(req_key, mode):
    """Also where a target spells the req_key in its own way."""
    violation = simplest_violation(plain_request(req_key, mode), mode, Site("required", ("req_key",)))
    target = replace(open_target("mock"), aliases={req_key: "another-name"})

    sent = Session(target, unpublished).compose(violation.request)

    assert "req_key" not in json.loads(sent.body)


def test_a_request_prints_in_a_line_and_without_base64():
    assert len(repr(plain_request("i2i_inpainting"))) < 200
    assert "Mask(96x96, L, rect(32,32,32,32))" in repr(plain_request("i2i_inpainting"))


@cache
def _drawn(req_key, mode):
    found = []

    @quick
    @given(valid_requests(req_key, mode))
    def run(request):
        found.append(request)

    run()
    return found


def _is_drawn(req_key, mode, is_meant):
    """Ends at the first of them. What Hypothesis draws depends also on the modules that are loaded: a small number of
    examples would find a rare one on some days only."""
    return is_meant(find(valid_requests(req_key, mode), is_meant, settings=settings(quick, max_examples=1000)))
