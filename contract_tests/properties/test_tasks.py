"""Tasks: submit, result and cancel behave as their model."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from ..runner.session import Session
from ..targets import Target
from .task_machine import Tasks

pytestmark = [pytest.mark.needs("control"), pytest.mark.generated]


def test_tasks_behave_as_their_model(target: Target, session: Session) -> None:
    machine = type("Machine", (Tasks,), {"target": target, "session": session})

    run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=20))
