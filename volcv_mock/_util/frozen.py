"""Dataclasses that are cheap to define and to make.

`@dataclass(frozen=True)` assigns each field through object.__setattr__, which was 17 % of the CPU time of a refusal:
here mypy checks immutability, not the interpreter. And `@dataclass` compiles five methods for each class, a third of
a millisecond each, and the server starts with a hundred classes: here they share all but __init__, which is compiled
for the first instance, because half of them have none by the first answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
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
    annotated = cls.__annotations__
    cls.__annotations__ = dict.fromkeys(annotated, object)  # texts would be searched for ClassVar, three times each
    made: Any = dataclass(slots=True, repr=False, eq=False, init=False)(cls)
    made.__annotations__ = annotated
    for each in fields(made):
        each.type = annotated[each.name]
    made.__init__ = _first_init(made)
    made.__eq__, made.__repr__, made.__hash__ = _equals, _shown, None
    return made  # type: ignore[no-any-return]


def _first_init(kind: Any) -> Callable[..., None]:
    def first(self: Any, *values: Any, **named: Any) -> None:
        kind.__init__ = _init_of(kind)
        kind.__init__(self, *values, **named)

    return first


def _init_of(kind: Any) -> Callable[..., None]:
    """The __init__ that `@dataclass` would have made."""
    scope: dict[str, Any] = {"_MISSING": MISSING}
    parameters, lines = [], []
    for each in (each for each in fields(kind) if each.init):
        value = each.name
        if each.default is not MISSING:
            scope[f"_{each.name}"] = each.default
            parameters.append(f"{each.name}=_{each.name}")
        elif each.default_factory is not MISSING:
            scope[f"_{each.name}"] = each.default_factory
            parameters.append(f"{each.name}=_MISSING")
            value = f"_{each.name}() if {each.name} is _MISSING else {each.name}"
        else:
            parameters.append(each.name)
        lines.append(f"    self.{each.name} = {value}\n")
    lines += ["    self.__post_init__()\n"] * hasattr(kind, "__post_init__")
    exec(f"def __init__(self, {', '.join(parameters)}):\n{''.join(lines) or '    pass'}", scope)  # names of fields only
    made: Callable[..., None] = scope["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    return made


def changed(value: Class, **members: Any) -> Class:
    """A copy with other members: dataclasses.replace without its checks, which take most of its time."""
    kind: Any = type(value)
    made: Class = _changer(kind, tuple(members))(value, *members.values())
    return made


@cache
def _changer(kind: type[Any], given: tuple[str, ...]) -> Callable[..., Any]:
    """Makes a copy from the old value and the members that are given, in this order."""
    members = ", ".join(each.name if each.name in given else f"_old.{each.name}" for each in fields(kind))
    scope: dict[str, Any] = {"_kind": kind}
    exec(f"def changer(_old, {', '.join(given)}):\n    return _kind({members})", scope)  # names of fields only
    made: Callable[..., Any] = scope["changer"]
    return made


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
