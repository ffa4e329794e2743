"""Where the suite finds its data: `schemas/` and `fixtures/`, in a checkout or inside a wheel.

Both are beside this package: at the top of a checkout, under `_shipped` in a wheel. An environment
variable may point elsewhere, to check a target against another version of the contract.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).resolve().parent
Shelf = Literal["schemas", "fixtures"]


class BadShelf(OSError):
    """A folder of data, or a file in it, that cannot be read. The text names the variable that points to it, if set."""


def variable_of(name: Shelf) -> str:
    """The environment variable that names another folder."""
    return f"VOLCV_{name.upper()}"


def shelf(name: Shelf) -> Path:
    """The folder of that name. Raises BadShelf."""
    place = Path(os.environ.get(variable_of(name)) or HERE.parent / name)
    if not place.is_dir():
        raise BadShelf(f"{_shown(name, place)}: no such folder; wanted one that holds what {name}/ does")
    return place


def read_json(name: Shelf, relative: str) -> Any:
    """A JSON file, by its path in the folder. Raises BadShelf, naming the file and what is wrong with it."""
    place = shelf(name)
    try:
        return json.loads((place / relative).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadShelf(f"{_shown(name, place)}: {relative}: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        raise BadShelf(f"{_shown(name, place)}: {relative}:{error.lineno}: no JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise BadShelf(f"{_shown(name, place)}: {relative}: {type(error).__name__}; wanted JSON in UTF-8") from None


def _shown(name: Shelf, place: Path) -> str:
    return f"{variable_of(name)} = {str(place)!r}" if os.environ.get(variable_of(name)) else str(place)


def own(*parts: str) -> Path:
    """A file of the suite itself, such as the planned cases."""
    return HERE.joinpath(*parts)
