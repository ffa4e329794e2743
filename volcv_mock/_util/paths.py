"""Where the data lies: `schemas/`, `fixtures/` and `contract_tests/`, in a checkout or in a wheel.

A wheel carries them under `volcv_mock/_shipped` (pyproject.toml, force-include); a checkout has them
beside the package. This is the one function that knows both places.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Shelf = Literal["schemas", "fixtures", "contract_tests"]


def shelf(name: Shelf) -> Path:
    """The folder of that name, absolute. Raises FileNotFoundError when neither place has it."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "_shipped" / name, package.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"{name}/ is neither inside the installed package nor beside the checkout")
