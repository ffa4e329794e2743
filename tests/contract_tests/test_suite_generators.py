"""The suite's own strategies: sound, complete, quick, and short when printed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

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
    @quick
    @given(valid_requests(req_key, mode))
    def run(request):
        assert validation.breaches(req_key, mode, request.skeleton()) == []

    run()


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
        _draw(valid_requests(req_key, mode), lambda it, at=(req_key, mode): coverage.note_valid(*at, it.skeleton()), 60)
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
    prompts = []
    name = contract.operations()[req_key]["prompt_field"]

    _draw(valid_requests(req_key, mode), lambda it: prompts.append(it.fields.get(name, "")), 60)

    assert max(map(len, prompts)) == 800


def test_drawn_seeds_reach_beyond_32_bits():
    seeds = []

    _draw(valid_requests("i2i_inpainting", "base64"), lambda it: seeds.append(it.fields.get("seed", 0)), 100)

    assert {2**31 - 1, 2**31} <= set(seeds)
    assert max(seeds) > 2**32


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


def _draw(strategy, use, count):
    @settings(quick, max_examples=count)
    @given(strategy)
    def run(drawn):
        use(drawn)

    run()
