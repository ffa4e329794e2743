"""Where the suite finds its data: `schemas/` and `fixtures/`, in a checkout or inside a wheel.

Both are beside this package: at the top of a checkout, under `_shipped` in a wheel. An environment
variable may point elsewhere, to check a target against another version of the contract.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent


def shelf(name: Literal["schemas", "fixtures"]) -> Path:
    """The folder of that name. Raises FileNotFoundError, naming the variable to set."""
    variable = f"VOLCV_{name.upper()}"
    place = Path(os.environ.get(variable) or HERE.parent / name)
    if not place.is_dir():
        raise FileNotFoundError(f"{place} is not a folder; set {variable} to the folder that holds {name}/")
    return place


def own(*parts: str) -> Path:
    """A file of the suite itself, such as the planned cases."""
    return HERE.joinpath(*parts)
