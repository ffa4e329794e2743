"""The tasks of the asynchronous Actions: what was submitted, and its state by the mock's clock.

A task holds what is needed to paint its picture later. stages/submit.py makes tasks, stages/result.py and
stages/cancel.py ask for them; this package knows neither HTTP nor the order of the stages.
"""

from __future__ import annotations

from volcv_mock.tasks.callbacks import Callbacks, Waiting
from volcv_mock.tasks.store import TaskStore
from volcv_mock.tasks.task import Callback, Input, Task, inputs_of, shared, work_of

__all__ = [
    "Callback",
    "Callbacks",
    "Input",
    "Task",
    "TaskStore",
    "Waiting",
    "inputs_of",
    "shared",
    "work_of",
]
