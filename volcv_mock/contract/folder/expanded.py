"""Schemas by name whose source and grade are written beside every keyword when a schema is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from volcv_mock.contract.inheritance import expanded


class Expanded(Mapping[str, dict[str, Any]]):
    """Expanding all of them would be a third of what a folder costs the start."""

    def __init__(self, documents: Mapping[str, dict[str, Any]]) -> None:
        self._documents = dict(documents)
        self._expanded: dict[str, dict[str, Any]] = {}

    def __getitem__(self, name: str) -> dict[str, Any]:
        if name not in self._expanded:
            self._expanded[name] = expanded(self._documents[name])
        return self._expanded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)
