"""A schema of values that were seen: their type, their members, their range, and some of the values as a description.

It accepts every value it was made of. It says nothing about values that were not seen: that is for a person to add.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 4
"""Values that a description lists."""
LONGEST_SHOWN = 40
KINDS: Mapping[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null",
}  # fmt: skip


def kinds_of(values: Sequence[Any]) -> list[str]:
    """The JSON types of the values, the most frequent first; whole numbers beside others are numbers."""
    found = [kind for kind, _ in Counter(KINDS[type(value)] for value in values).most_common()]
    return [kind for kind in found if kind != "integer"] if "number" in found else found


def schema_of(values: Sequence[Any]) -> dict[str, Any]:
    """A schema that accepts all of the values, of which there is at least one."""
    kinds = kinds_of(values)
    made: dict[str, Any] = {"description": described(values), "type": kinds[0] if len(kinds) == 1 else kinds}
    if not made["description"]:
        del made["description"]
    objects, items = [each for each in values if isinstance(each, dict)], [*_items(values)]
    if objects:
        made |= members_of(objects)
    if items:
        made["items"] = schema_of(items)
    return made | _range_of(values)


def members_of(objects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`properties`, in the order in which they were seen, and `required`: those that every object has."""
    names = dict.fromkeys(name for each in objects for name in each)
    parts = {name: schema_of([each[name] for each in objects if name in each]) for name in names}
    return {"required": [name for name in names if all(name in each for each in objects)], "properties": parts}


def described(values: Sequence[Any]) -> str:
    """ "Observed: 1, 2, …", of values that are no lists or objects."""
    plain = [json.dumps(each, ensure_ascii=False) for each in values if not isinstance(each, (list, dict))]
    texts = [text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…" for text in dict.fromkeys(plain)]
    more = ", …" if len(texts) > SHOWN else ""
    return f"Observed: {', '.join(texts[:SHOWN])}{more}" if texts else ""


def _items(values: Sequence[Any]) -> list[Any]:
    return [item for each in values if isinstance(each, list) for item in each]


def _range_of(values: Sequence[Any]) -> dict[str, Any]:
    """What a generator of examples may send (`x-gen`): no more than was seen."""
    texts = [len(each) for each in values if isinstance(each, str)]
    numbers = [each for each in values if isinstance(each, (int, float)) and not isinstance(each, bool)]
    made: dict[str, Any] = {"minLength": min(texts), "maxLength": max(texts)} if texts else {}
    made |= {"minimum": min(numbers), "maximum": max(numbers)} if numbers else {}
    return {"x-unbounded": True, "x-gen": made} if made else {}
