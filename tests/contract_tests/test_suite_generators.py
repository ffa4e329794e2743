"""The suite's own strategies: sound, complete, quick, and short when printed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from contract_tests import contract, validation
from contract_tests.generate import one_violation, plain_request, valid_requests, violation_sites
from contract_tests.generate.coverage import Coverage
from contract_tests.generate.violations import accepted_elsewhere, fails_only_there, simplest_violation

BRANCHES = list(contract.branches())
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


def test_a_request_prints_in_a_line_and_without_base64():
    assert len(repr(plain_request("i2i_inpainting"))) < 200
    assert "Mask(96x96, L, rect(32,32,32,32))" in repr(plain_request("i2i_inpainting"))


def _draw(strategy, use, count):
    @settings(quick, max_examples=count)
    @given(strategy)
    def run(drawn):
        use(drawn)

    run()
