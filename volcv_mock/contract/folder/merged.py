"""The whole contract as files: schemas/ with a user's folder laid over it, for readers that know only files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from volcv_mock._util.paths import shelf
from volcv_mock.contract.documents import catalog_rows
from volcv_mock.contract.in_force import Contract, using


def write_merged(contract: Contract, folder: Path) -> None:
    """Write the files of schemas/ into a new folder, with the rows and schemas of the contract."""
    shutil.copytree(shelf("schemas"), folder)
    catalog = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    with using(contract):
        _write(folder / "catalog.json", {**catalog, "operations": catalog_rows()})
    for name, document in contract.documents.items():
        _write(folder / name, document)


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
