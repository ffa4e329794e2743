"""The match key of a recorded exchange: what was sent, and not when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract_tests.generate import plain_request
from contract_tests.runner.session import Session
from contract_tests.targets import Target
from volcv_mock.recording.exchanges import match_key


@pytest.mark.parametrize("date", ["20231114T221320Z", "20250101T000000Z"])
def test_the_moment_of_signing_is_not_in_the_match_key(date: str) -> None:
    """Requests that a case signs itself were never found again in a replay."""
    sent = Session(Target("proxy", None, "/", frozenset())).compose(plain_request("i2i_inpainting"))
    unsigned, signed = match_key(sent), match_key(replace(sent, headers=(*sent.headers, ("X-Date", date))))

    assert signed == unsigned


def test_two_requests_to_one_address_have_two_match_keys() -> None:
    session = Session(Target("proxy", None, "/", frozenset()))
    keys = {match_key(session.compose(plain_request("i2i_inpainting", seed=seed))) for seed in (1, 2)}

    assert len(keys) == 2
