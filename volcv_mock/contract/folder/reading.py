"""Reads files of a user's folder. No path leads out of it: not by "..", not by a root, not by a symbolic link."""

from __future__ import annotations

import json
from dataclasses import field
from pathlib import Path
from typing import Any

from volcv_mock._util.frozen import mutable
from volcv_mock.contract.folder.flaws import Flaws, shown

MOST_BYTES = 64_000_000
"""The largest file that is read."""
PICTURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}
"""How a picture file begins."""


@mutable
class Folder:
    """A folder and the flaws found in it. Names are relative paths with "/"."""

    path: Path
    flaws: Flaws
    root: Path = field(init=False, repr=False)
    folders: dict[Path, Path] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.root = self.path.resolve()

    def json(self, name: str, file: str = "", at: str = "") -> dict[str, Any] | None:
        """An object of a JSON file, or None and a flaw. `file` and `at` say where the name stands."""
        data = self.content(name, file or name, at)
        if data is None:
            return None
        try:
            found = json.loads(data.decode("utf-8-sig"))  # editors on Windows begin a file with a byte order mark
        except UnicodeDecodeError as error:
            self.flaws.add(name, "", f"no UTF-8 at byte {error.start}", "JSON in UTF-8")
        except json.JSONDecodeError as error:
            self.flaws.add(name, "", f"{error.msg} in line {error.lineno}, column {error.colno}", "one JSON object")
        except RecursionError:
            self.flaws.add(name, "", "JSON nested too deeply", "one JSON object")
        else:
            if isinstance(found, dict):
                return found
            self.flaws.add(name, "", f"a {type(found).__name__}", "one JSON object")
        return None

    def content(self, name: str, file: str, at: str) -> bytes | None:
        """The content of a file in the folder, or None and a flaw."""
        place = self._inside(name)
        if place is None:
            self.flaws.add(file, at, f"{shown(name)} leads out of the folder", "a path inside the folder")
            return None
        try:
            if place.stat().st_size > MOST_BYTES:
                self.flaws.add(file, at, f"{shown(name)} is too large", f"at most {MOST_BYTES} bytes")
                return None
            return place.read_bytes()
        except OSError as error:
            self.flaws.add(file, at, f"{shown(name)} cannot be read: {error.strerror or error}", "a file of the folder")
            return None

    def picture(self, name: str, file: str, at: str) -> bytes | None:
        """The content of a JPEG or PNG file, or None and a flaw."""
        data = self.content(name, file, at)
        if data is not None and format_of(data) is None:
            self.flaws.add(file, at, f"{shown(name)} is no picture", "a JPEG or PNG file")
            return None
        return data

    def _inside(self, name: str) -> Path | None:
        """The file with every link followed; None when it lies outside."""
        if not name or "\0" in name or Path(name).is_absolute():
            return None
        place = self.root / name
        if ".." in place.parts or place.is_symlink():
            place = place.resolve()
        else:  # to follow every link of every path would be a sixth of what a folder costs the start
            place = self._followed(place.parent) / place.name
        return place if place.is_relative_to(self.root) and place != self.root else None

    def _followed(self, folder: Path) -> Path:
        """A folder with every link followed; it is looked at once."""
        if folder not in self.folders:
            self.folders[folder] = folder.resolve()
        return self.folders[folder]


def format_of(data: bytes) -> str | None:
    """ "JPEG" or "PNG", by the first bytes."""
    return next((format for start, format in PICTURES.items() if data.startswith(start)), None)
