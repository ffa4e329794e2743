"""Properties: every valid request is answered, every wound is refused at its own row."""

from __future__ import annotations

import pytest
from hypothesis import given

from . import contract
from .cases import expect_row
from .conftest import assert_conform
from .generate import one_wound, valid_requests
from .model import SUCCESS
from .session import Session

BRANCHES = list(contract.branches())
pytestmark = pytest.mark.generated


@pytest.mark.parametrize(("req_key", "mode"), BRANCHES)
def test_every_valid_request_is_answered(req_key: str, mode: str, session: Session) -> None:
    @given(valid_requests(req_key, mode))
    def run(request):
        session.ask(request, SUCCESS)
        assert_conform(session.take_findings())

    run()


@pytest.mark.parametrize(("req_key", "mode"), BRANCHES)
def test_every_wound_is_refused_by_its_row(req_key: str, mode: str, session: Session) -> None:
    @given(one_wound(req_key, mode))
    def run(wound):
        session.ask(wound.request, expect_row(wound.rule, name_rule=not wound.is_list_itself))
        assert_conform(session.take_findings())

    run()
