"""Width and height as a pair: the area and the ratio that a schema's branch permits (`x-area`, `x-ratio`).

JSON Schema judges each member alone. What a refusal of the pair says is built here; sizes.py keeps to the same bounds
where the request leaves the size open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from volcv_mock.contract.documents import Schema
from volcv_mock.contract.provenance import cite
from volcv_mock.model import Problem

WIDTH, HEIGHT = "width", "height"
FIX = "Choose another width and height."


def problems(schema: Schema, body: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the pair of a body whose members are valid alone."""
    yield from _order(schema, body)
    width, height = body.get(WIDTH), body.get(HEIGHT)
    if not isinstance(width, (int, float)) or not isinstance(height, (int, float)):
        return  # one alone does not count (x-together)
    yield from _area(schema, width, height)
    yield from _ratio(schema, body, width, height)


def ratios(schema: Schema, values: Mapping[str, Any]) -> tuple[float, float] | None:
    """The least and the greatest width by height of a request; None where the schema has none.

    Of two that exclude each other the one that was not given yields: a default contradicts nobody.
    """
    if "x-ratio" not in schema:
        return None
    least, most = schema["x-ratio"]
    low, low_is_given = _of(schema, values, least, 0.0)
    high, high_is_given = _of(schema, values, most, math.inf)
    if low > high and low_is_given != high_is_given:
        return (low, low) if low_is_given else (high, high)
    return low, high


def _of(schema: Schema, values: Mapping[str, Any], name: str, unbounded: float) -> tuple[float, bool]:
    """The value of a member, and whether it is another than the default."""
    default = schema["properties"].get(name, {}).get("default", unbounded)
    value = values.get(name)
    return (value, value != default) if isinstance(value, (int, float)) else (default, False)


def _order(schema: Schema, body: Mapping[str, Any]) -> Iterator[Problem]:
    bounds = ratios(schema, body)
    if bounds and bounds[0] > bounds[1]:
        least, most = schema["x-ratio"]
        yield Problem(f"$.{least}", f"{bounds[0]:g}", f"at most {most}, which is {bounds[1]:g}",
                      f"Exchange {least} and {most}.", "schema_ratio", _source(schema, "x-ratio"))  # fmt: skip


def _area(schema: Schema, width: float, height: float) -> Iterator[Problem]:
    bounds = schema.get("x-area")
    if bounds and not bounds["minimum"] <= width * height <= bounds["maximum"]:
        wanted = f"an area from {bounds['minimum']} to {bounds['maximum']} pixels"
        yield Problem(f"$.{WIDTH}", f"{width:g} x {height:g}, {width * height:g} pixels", wanted, FIX, "schema_area",
                      _source(schema, "x-area"))  # fmt: skip


def _ratio(schema: Schema, body: Mapping[str, Any], width: float, height: float) -> Iterator[Problem]:
    bounds = ratios(schema, body)
    if bounds and bounds[0] <= bounds[1] and not bounds[0] <= width / height <= bounds[1]:
        wanted = f"width by height from {bounds[0]:.4g} to {bounds[1]:.4g} ({', '.join(schema['x-ratio'])})"
        yield Problem(f"$.{WIDTH}", f"{width:g} x {height:g}, a ratio of {width / height:.4g}", wanted, FIX,
                      "schema_ratio", _source(schema, "x-ratio"))  # fmt: skip


def _source(schema: Schema, keyword: str) -> str:
    return cite(schema.get("x-source", {}).get(keyword, ()))
