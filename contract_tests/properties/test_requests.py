"""Properties: every valid request is answered, every violation is refused by its own row.

One property per operation; the input mode (base64 or URLs, ratios or canvas) is drawn with the rest.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .. import contract
from ..generate import Violation, one_violation, valid_requests
from ..model import SUCCESS, Request
from ..planning.cases import expect_row
from ..runner.session import Session
from .plugin import assert_conform

pytestmark = pytest.mark.generated


@pytest.mark.parametrize("req_key", contract.served())
def test_every_valid_request_is_answered(req_key: str, session: Session) -> None:
    @fewer(req_key)
    @given(_modes(req_key).flatmap(lambda mode: valid_requests(req_key, mode)))
    def run(request: Request) -> None:
        session.ask(request, SUCCESS)
        assert_conform(session.take_findings())

    run()


@pytest.mark.parametrize("req_key", contract.served())
def test_every_violation_is_refused_by_its_row(req_key: str, session: Session) -> None:
    @fewer(req_key)
    @given(_modes(req_key).flatmap(lambda mode: one_violation(req_key, mode)))
    def run(violation: Violation) -> None:
        session.ask(violation.request, expect_row(violation.rule, name_rule=not violation.is_list_itself))
        assert_conform(session.take_findings())

    run()


def _modes(req_key: str) -> st.SearchStrategy[str]:
    return st.sampled_from(contract.served()[req_key]["modes"])


def fewer(req_key: str) -> settings:
    """A quarter of the examples for the newer req_keys, a sixteenth where a picture has a million pixels."""
    share = 16 if contract.served()[req_key]["painter"] == "generate" else 4 if req_key in contract.newer() else 1
    return settings(max_examples=max(1, settings().max_examples // share))
