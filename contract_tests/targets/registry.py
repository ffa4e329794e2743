"""Which target names there are, and how each is opened.

A new target is one row in `runner/options.py`, which says what it costs, and one file here.
"""

from __future__ import annotations

import importlib
from typing import Any

from ..runner.options import TARGETS
from .base import Target

NAMES = TARGETS


def open_target(name: str, **options: Any) -> Target:
    """Open a target by its name; only the file that is needed is imported."""
    if name not in NAMES:
        raise ValueError(f"unknown target {name!r}; known: {', '.join(NAMES)}")
    module = importlib.import_module(f".{name}", __package__)
    opened: Target = module.open_target(**options)
    return opened


def is_own(name: str) -> bool:
    """Whether the target is the mock itself: then everything runs, and nothing costs."""
    return name in TARGETS and TARGETS[name].is_own


def is_paid(name: str) -> bool:
    """Known before a target is opened, so that nothing generated is even collected for it."""
    return name in TARGETS and TARGETS[name].is_paid
