"""Templates of a row's `data`: texts in which {/pointer} stands for a value of the request.

A pointer is a JSON pointer (RFC 6901) into the request. A text that is one pointer alone becomes the value itself, of
any type; within a longer text the value is written as JSON, a text without quotes. Nothing else is replaced: no
expressions, no format specifications. A pointer to a member that the request lacks becomes null, or "" in a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from volcv_mock.contract.folder.flaws import Flaws, hint, listed, shown

POINTER = re.compile(r"\{(/[^{}]*)\}")
PICTURES = ("binary_data_base64", "image_urls")
"""Members that no template repeats: they may hold megabytes."""
LONGEST = 2000
"""Characters of a value within a text."""


def check_templates(members: Any, request: Mapping[str, Any], file: str, at: str, flaws: Flaws) -> None:
    """Add a flaw for each pointer whose first step no branch of the request has."""
    known = sorted({name for part in request.get("$defs", {}).values() for name in part.get("properties", {})})
    known = [name for name in known if name not in PICTURES]
    for place, text in _texts(members, at):
        for found in POINTER.finditer(text):
            first = steps(found[1])[0]
            if first not in known:
                pointers = [f"/{name}" for name in known]
                found_text = (
                    f"the pointer {shown(found[1])} names no member of the request{hint(f'/{first}', pointers)}"
                )
                flaws.add(file, place, found_text, f"pointers that begin with {listed(pointers)}")


def filled(template: Any, body: Mapping[str, Any]) -> Any:
    """The template with the values of a request in place of its pointers."""
    if isinstance(template, Mapping):
        return {name: filled(part, body) for name, part in template.items()}
    if isinstance(template, list):
        return [filled(part, body) for part in template]
    if not isinstance(template, str):
        return template
    alone = POINTER.fullmatch(template)
    if alone:
        return value_at(alone[1], body)
    return POINTER.sub(lambda found: _written(value_at(found[1], body)), template)


def steps(pointer: str) -> list[str]:
    """The steps of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def value_at(pointer: str, body: Mapping[str, Any]) -> Any:
    """The value behind a pointer, None if there is none; never a picture."""
    node: Any = {name: value for name, value in body.items() if name not in PICTURES}
    for step in steps(pointer):
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, list) and step.isdecimal() and len(step) < 6 and int(step) < len(node):
            node = node[int(step)]
        else:
            return None
    return node


def _written(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:LONGEST]


def _texts(node: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield at, node
    parts = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    for name, part in parts:
        yield from _texts(part, f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}")
