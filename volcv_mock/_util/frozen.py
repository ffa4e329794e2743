"""Immutable dataclasses whose immutability mypy checks, not the interpreter.

`@dataclass(frozen=True)` assigns each field through object.__setattr__, which was 17 % of the CPU time of a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Class]) -> type[Class]:
    """A dataclass with slots, equality and hash. Type checkers refuse assignments to its fields."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
