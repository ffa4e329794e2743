"""The decorator for immutable values: equality, hash and slots at run time, immutability by type checkers."""

from __future__ import annotations

import inspect
from dataclasses import field, replace

import pytest

from volcv_mock import model
from volcv_mock._util.frozen import changed, frozen, mutable


@frozen
class Point:
    x: int
    y: int = 0
    note: str = field(default="", compare=False)


@mutable
class Counter:
    count: int = 0
    secret: str = field(default="key", repr=False)


def test_equal_values_are_one_key() -> None:
    assert {Point(1), Point(1, 0, "other note"), replace(Point(2), x=1)} == {Point(1)}


def test_a_value_takes_no_other_attribute() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 2  # type: ignore[attr-defined]


def test_construction_calls_no_object_setattr() -> None:
    """That call per field is what makes a frozen dataclass of the standard library slow."""
    assert "__setattr__" not in vars(Point)


def test_a_value_of_another_class_is_not_equal() -> None:
    @frozen
    class Place:
        x: int
        y: int = 0

    assert Point(1) != Place(1)


def test_a_value_shows_its_members_except_those_that_are_secret() -> None:
    assert (repr(Point(1)), repr(Counter(2))) == ("Point(x=1, y=0, note='')", "Counter(count=2)")


def test_what_can_change_is_no_key() -> None:
    counter = Counter()
    counter.count += 1

    assert counter == Counter(1)
    with pytest.raises(TypeError):
        hash(counter)


def test_the_values_share_what_takes_long_to_compile() -> None:
    """The server starts with a hundred of them."""
    assert vars(Point)["__eq__"] is vars(Counter)["__eq__"]


def test_the_values_of_a_request_have_slots() -> None:
    values = [kind for _, kind in inspect.getmembers(model, inspect.isclass) if kind.__module__ == model.__name__]

    assert [kind.__name__ for kind in values if not hasattr(kind, "__slots__")] == ["Refusal"]


def test_a_changed_copy_has_the_other_members_of_its_original() -> None:
    other = changed(Point(1, 2, "a"), y=3)

    assert (other.x, other.y, other.note) == (1, 3, "a")


@frozen
class Framed:
    text: str
    parts: list[str] = field(default_factory=list)
    length: int = field(init=False)

    def __post_init__(self) -> None:
        self.length = len(self.text)  # type: ignore[misc]


def test_construction_is_that_of_a_dataclass() -> None:
    """Defaults, factories and __post_init__; a missing or unknown argument is refused from the first instance on."""
    for wrong in ((), ("a", [], 3)):
        with pytest.raises(TypeError):
            Framed(*wrong)
    with pytest.raises(TypeError):
        Framed("a", other=1)  # type: ignore[call-arg]

    assert (Framed("abc").length, Framed("abc").parts, Framed("abc", ["b"]).parts) == (3, [], ["b"])
    assert Framed("a").parts is not Framed("a").parts
