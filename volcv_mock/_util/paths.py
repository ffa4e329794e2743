"""Finds the data folders `schemas/`, `fixtures/` and `contract_tests/`, in a checkout or in an installed wheel.

A wheel contains them under `volcv_mock/_shipped` (pyproject.toml, force-include); a checkout has them beside the
package. No other module knows these locations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Shelf = Literal["schemas", "fixtures", "contract_tests"]


def shelf(name: Shelf) -> Path:
    """The absolute path of a data folder. Raises FileNotFoundError if it is in neither location."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "_shipped" / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name}/ is neither in the installed package nor in a checkout")
