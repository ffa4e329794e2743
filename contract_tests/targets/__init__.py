"""The things that may be judged: one file each, and a registry that names them."""

from __future__ import annotations

from .base import Target, Unreachable
from .registry import NAMES, open_target

__all__ = ["NAMES", "Target", "Unreachable", "open_target"]
