"""Dataclasses that are cheap to define and to make.

`@dataclass(frozen=True)` assigns each field through object.__setattr__, which was 17 % of the CPU time of a refusal:
here mypy checks immutability, not the interpreter. And `@dataclass` compiles five methods for each class, one
millisecond each: here a class has its own __init__ and shares the rest, because the server starts with a hundred.
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
    made: Any = mutable(cls)
    made.__hash__ = _hash
    return made  # type: ignore[no-any-return]


@dataclass_transform(field_specifiers=(field,))
def mutable(cls: type[Class]) -> type[Class]:
    """A dataclass with slots and equality, without a hash."""
    made: Any = dataclass(slots=True, repr=False, eq=False)(cls)
    made.__eq__, made.__repr__, made.__hash__ = _equals, _shown, None
    return made  # type: ignore[no-any-return]


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


@cache
def _compared(kind: type[Any]) -> Callable[[Any], object]:
    """Reads what equality and hash depend on."""
    names = [each.name for each in fields(kind) if each.compare]
    return attrgetter(*names) if names else lambda _: ()


def _equals(self: Any, other: Any) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]
    read = _compared(self.__class__)
    same: bool = read(self) == read(other)
    return same


def _hash(self: Any) -> int:
    return hash(_compared(self.__class__)(self))


def _shown(self: Any) -> str:
    members = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(members)})"
