"""`volcv-mock samples DIR`: write the sample photos with their masks, to send to a mock without a clone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from volcv_mock._util.paths import shelf
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_text

MASKS = "masks"


def main(arguments: Sequence[str]) -> int:
    """Write the files. Returns 2 when the folder cannot be written."""
    folder: Path = parser().parse(arguments).folder
    try:
        photos = write(folder)
    except OSError as error:
        print(f"volcv-mock samples: cannot write into {folder}: {error.strerror or error}", file=sys.stderr)
        return 2
    return print_text(f"{len(photos)} photos in {folder}, the mask of each in {folder / MASKS}: {', '.join(photos)}")


def parser() -> CommandParser:
    """The options of `samples`."""
    made = CommandParser("volcv-mock samples", __doc__)
    made.add_argument("folder", type=Path, metavar="DIR", help="folder to write to; created if missing")
    return made


def write(folder: Path) -> list[str]:
    """Copy the photos and their masks; returns the names of the photos. Raises OSError."""
    images = shelf("fixtures") / "images"
    photos = sorted(images.glob("*.jpg"))
    (folder / MASKS).mkdir(parents=True, exist_ok=True)
    for photo in photos:
        shutil.copyfile(photo, folder / photo.name)
        mask = images / MASKS / f"{photo.stem}.png"
        shutil.copyfile(mask, folder / MASKS / mask.name)
    return [photo.name for photo in photos]
