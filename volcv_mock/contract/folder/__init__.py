"""The user's own operations: a folder with catalog.json and schemas, read into a Contract (`--contract DIR`).

`load` reads and checks the folder. What is wrong is collected in a BadContract: file, JSON pointer, what was found,
what is permitted, and the nearest permitted word.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from volcv_mock.contract.folder.expanded import Expanded
from volcv_mock.contract.folder.flaws import BadContract, Flaw, Flaws
from volcv_mock.contract.folder.reading import Folder
from volcv_mock.contract.folder.rows import CATALOG, LoadedRow, checked_row
from volcv_mock.contract.folder.schemas import request_of, response_of
from volcv_mock.contract.folder.templates import check_templates
from volcv_mock.contract.in_force import Contract

__all__ = ["CATALOG", "BadContract", "Flaw", "load"]


def load(path: str | Path) -> Contract:
    """The contract of a folder. Raises BadContract with everything that is wrong in it."""
    flaws = Flaws()
    folder = Folder(Path(path), flaws)
    if not folder.path.is_dir():
        flaws.add(str(path), "", "it is no folder", f"a folder with {CATALOG}, requests/ and responses/")
        raise BadContract(str(path), tuple(flaws.found))
    rows = [_loaded(folder, raw, f"/operations/{index}") for index, raw in enumerate(_operations(folder))]
    _refuse_twice(rows, flaws)
    if flaws.found:
        raise BadContract(str(path), tuple(flaws.found))
    return Contract(
        folder=str(path),
        rows={each.row["req_key"]: each.row for each in rows},
        documents=Expanded({name: document for each in rows for name, document in each.documents.items()}),
        files={each.row["req_key"]: each.file_bytes for each in rows if each.file_bytes},
    )


def _operations(folder: Folder) -> list[Any]:
    catalog = folder.json(CATALOG)
    if catalog is None:
        return []
    folder.flaws.unknown_members(catalog, ("operations",), CATALOG, "")
    found = catalog.get("operations")
    if isinstance(found, list) and found:
        return found
    folder.flaws.add(CATALOG, "/operations", "it is missing, or no list with a row", "a list of one row per req_key")
    return []


def _loaded(folder: Folder, raw: Any, at: str) -> LoadedRow:
    """One row with its schemas and, for `file:`, the bytes it answers with."""
    row = checked_row(raw, CATALOG, at, folder.flaws)
    request, response = request_of(folder, row), response_of(folder, row)
    file = folder.picture(row.file, CATALOG, f"{at}/painter") if row.file else None
    if request:
        check_templates(row.members, request, CATALOG, f"{at}/data", folder.flaws)
    # named by req_key, so that a folder may use one file for several rows
    named = {f"requests/{row.key}.schema.json": request, f"responses/{row.key}.schema.json": response}
    documents = {name: document for name, document in named.items() if document}
    return replace(row, documents=documents, file_bytes=file or b"").completed(request)


def _refuse_twice(rows: list[LoadedRow], flaws: Flaws) -> None:
    names = [each.key for each in rows]
    for index, name in enumerate(names):
        if name in names[:index]:
            flaws.add(CATALOG, f"/operations/{index}/req_key", f"{name!r} a second time", "one row for each req_key")
