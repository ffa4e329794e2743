"""What a run can be pointed at: one file each, and a registry that names them."""

from __future__ import annotations

from .base import BadConfiguration, NotRecorded, NotSent, Target, Unreachable
from .registry import NAMES, open_target

__all__ = ["NAMES", "BadConfiguration", "NotRecorded", "NotSent", "Target", "Unreachable", "open_target"]
