"""From a schema to a strategy: one small function per type.

Bounds that no document gives come from `x-gen`, which only guides the drawing: a value beyond it is
not known to be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

Schema = Mapping[str, Any]

WORDS = st.sampled_from(["a puppy", "一只小狗", "blue sea, 蓝色的海洋", "red dress", "50411", "a"])
WORDY = ("a puppy beside the house, ", "一只小狗，", "🐶 狗 ")
"""What long texts repeat: one byte, three and four for a character in UTF-8."""
LONG = 100
EDGES = (2**31 - 1, 2**31)
"""The largest number that fits 32 bits with a sign, and the next."""
CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cs"])


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Valid values of a schema, the simplest first."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return BY_TYPE[schema["type"]](schema)


def bounds(schema: Schema) -> tuple[float, float]:
    """The lowest and highest value to draw, an excluded end moved inwards."""
    hints = schema.get("x-gen", {})
    low = schema.get("minimum", schema.get("exclusiveMinimum", hints.get("minimum", 0)))
    high = schema.get("maximum", schema.get("exclusiveMaximum", hints.get("maximum", low + 100)))
    step = 1 if schema["type"] == "integer" else (high - low) / 1000
    return low + step * ("exclusiveMinimum" in schema), high - step * ("exclusiveMaximum" in schema)


def _integers(schema: Schema) -> st.SearchStrategy[Any]:
    """Whole numbers, and now and then one written as 7.0: Java clients send those."""
    low, high = bounds(schema)
    whole = st.integers(int(low), int(high))
    default = [schema["default"]] if "default" in schema else []
    edges = [edge for edge in EDGES if edge < high]
    return st.one_of(whole, st.sampled_from([*default, int(low), float(high), *edges]))


def _numbers(schema: Schema) -> st.SearchStrategy[Any]:
    low, high = bounds(schema)
    ends = st.sampled_from([low, high, schema.get("default", low)])
    return st.one_of(ends, st.floats(low, high, allow_nan=False).map(lambda value: round(value, 4)))


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    low = schema.get("minLength", 0)
    high = schema.get("maxLength", schema.get("x-gen", {}).get("maxLength", 40))
    short = st.one_of(WORDS, st.text(CHARACTERS, min_size=low, max_size=high))
    return st.one_of(short, _long_texts(high)) if high > LONG else short


def _long_texts(high: int) -> st.SearchStrategy[str]:
    """Texts of the greatest length. Hypothesis by itself draws texts of a few characters."""
    return st.sampled_from([(words * high)[:high] for words in WORDY])


def _objects(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """The required members, and any of the others: a number says which, a bit for each.

    `fixed_dictionaries` draws twice for every optional member, which was a third of all drawing.
    """
    required = set(schema.get("required", ()))
    members = {name: values(member) for name, member in schema.get("properties", {}).items()}
    may = [name for name in members if name not in required]
    choices = tuple((tuple(some), st.integers(0, 2 ** len(some) - 1)) for some in _batches(may))
    return _chosen_members(members, choices)


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """At most seven at a time: Hypothesis draws numbers above 127 small rather than evenly."""
    for start in range(0, len(names), 7):
        yield names[start : start + 7]


Choices = tuple[tuple[tuple[str, ...], st.SearchStrategy[int]], ...]


@st.composite
def _chosen_members(draw: st.DrawFn, members: Mapping[str, st.SearchStrategy[Any]], choices: Choices) -> dict[str, Any]:
    left_out: set[str] = set()
    for names, choice in choices:
        bits = draw(choice)
        left_out.update(name for place, name in enumerate(names) if not bits >> place & 1)
    return {name: draw(member) for name, member in members.items() if name not in left_out}


def _arrays(schema: Schema) -> st.SearchStrategy[list[Any]]:
    low, high = schema.get("minItems", 0), schema.get("maxItems", schema.get("minItems", 0))
    return st.lists(values(schema["items"]), min_size=low, max_size=high)


BY_TYPE: Mapping[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
    "boolean": lambda schema: st.booleans(),
    "integer": _integers,
    "number": _numbers,
    "string": _strings,
    "object": _objects,
    "array": _arrays,
}
