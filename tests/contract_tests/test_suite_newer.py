"""The req_keys beyond S0 to S4 in the suite: drawn, broken, asked for and judged, and never sent to a paid target."""

from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from contract_tests import contract, validation
from contract_tests.generate import one_violation, plain_request, valid_requests, violation_sites
from contract_tests.generate.violations import accepted_elsewhere, fails_only_there, simplest_violation
from contract_tests.mutants.base import Mutant
from contract_tests.mutants.kill import target_of
from contract_tests.pictures import read_facts
from contract_tests.pictures.server import unpublished
from contract_tests.planning.planned import planned_cases
from contract_tests.runner.runner import Runner
from volcv_mock import contract as mocked
from volcv_mock import strategies

NEWER = list(contract.newer_branches())
CASES = {case.id: case for case in planned_cases()}
few = settings(max_examples=12, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
               suppress_health_check=list(HealthCheck))  # fmt: skip


@pytest.mark.parametrize("req_key", contract.served())
def test_every_served_req_key_has_strategies_and_cases(req_key):
    """A req_key that is added to the catalog is drawn, broken, asked for in each mode, and submitted as a task."""
    modes = contract.served()[req_key]["modes"]
    asked = {(ask.request.req_key, ask.step) for case in CASES.values() for ask in case.asks(0).values()
             if ask.expect and ask.expect.success}  # fmt: skip

    assert req_key in mocked.operations()
    assert {(req_key, "sync"), (req_key, "submit")} <= asked
    assert all(violation_sites(req_key, mode) for mode in modes)
    assert any(case.id.startswith("W-") and case.asks(0)["request"].request.req_key == req_key
               for case in CASES.values())  # fmt: skip
    assert strategies.answers(req_key) is not None
    if req_key in contract.newer():
        assert all(f"N-{req_key}-{mode}" in CASES for mode in modes)


def test_no_case_of_a_newer_req_key_is_sent_where_calls_cost_money():
    """A reseller may not serve them, and most of what is known of them is inferred."""
    live = [case for case in CASES.values() if case.is_live]

    assert {ask.request.req_key for case in live for ask in case.asks(0).values()} & set(contract.newer()) == set()


@pytest.mark.parametrize(("req_key", "mode"), NEWER)
def test_what_is_drawn_is_valid_or_breaks_exactly_one_keyword(req_key, mode):
    @few
    @given(valid_requests(req_key, mode), one_violation(req_key, mode))
    def run(request, violation):
        assert validation.breaches(req_key, mode, request.skeleton()) == []
        assert mocked.check_extent(req_key, mode, request.skeleton(), "default") == []
        assert fails_only_there(violation, req_key, mode)
        assert not accepted_elsewhere(violation, req_key)

    run()


@pytest.mark.parametrize(("req_key", "mode"), NEWER)
def test_every_keyword_can_be_broken_alone(req_key, mode):
    plain = plain_request(req_key, mode)

    for site in violation_sites(req_key, mode):
        assert fails_only_there(simplest_violation(plain, mode, site), req_key, mode), site


@pytest.mark.parametrize("req_key", contract.served())
def test_a_drawn_success_satisfies_the_schema_as_the_suite_reads_it_and_has_its_format(req_key):
    wanted = contract.output_of(req_key)

    @few
    @given(strategies.successes(req_key))
    def run(answer):
        assert list(validation.answer_breaches(req_key, answer.json())) == []
        data = answer.json()["data"]
        pictures, links = data.get("binary_data_base64") or (), data.get("image_urls") or ()
        assert max(len(pictures), len(links)) <= wanted["most"]
        assert {read_facts(base64.b64decode(one)).format for one in pictures} <= {wanted["format"]}
        assert all(f".{wanted['format'].lower()}?" in link for link in links)

    run()


def _without_id(asked, reply, memory):
    return reply.with_members(data={name: one for name, one in reply.data.items() if name != "request_id"})


@pytest.mark.parametrize(("mode", "verdict", "severity"), [("quick", "drift", "error"), ("round", "conform", "warn")])
def test_what_is_inferred_of_a_newer_req_key_is_drift_in_the_mock_and_a_warning_elsewhere(mode, verdict, severity):
    runner = Runner(target_of(Mutant("no id", (), answer=_without_id), mode), unpublished)

    result = runner.run_one(CASES["N-seededit_v3.0-base64"])

    found = [one.severity for one in result.findings if one.check == "success_satisfies_schema"]
    assert (result.verdict, set(found)) == (verdict, {severity})
