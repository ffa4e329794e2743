"""Immutable dataclasses whose immutability mypy checks, not the interpreter.

`@dataclass(frozen=True)` assigns each field through object.__setattr__, which was 17 % of the CPU time of a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Class]) -> type[Class]:
    """A dataclass with slots, equality and hash. Type checkers refuse assignments to its fields."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


def changed(value: Class, **members: Any) -> Class:
    """A copy with other members: dataclasses.replace without its checks, which take most of its time."""
    kind: Any = type(value)
    names, read = _reader(kind)
    made: Class = kind(**dict(zip(names, read(value), strict=True)) | members)
    return made


@cache
def _reader(kind: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)
