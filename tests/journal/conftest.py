"""What the tests of the journal share: one that has room for whatever they enter."""

from __future__ import annotations

import pytest

from tests.helpers.calls import BUDGET
from volcv_mock.journal import Journal


@pytest.fixture
def journal() -> Journal:
    return Journal(BUDGET)
