"""The border set: files on both sides of every picture and mask rule, with the expected verdict of each.

`volcv-mock fixtures DIR` writes them, for tests of a client or another service. `index.json` describes each file; its
codes come from the code table (schemas/codes.json).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from volcv_mock import contract
from volcv_mock.border_set import border_pictures, mask_recipes
from volcv_mock.border_set.border_pictures import Specimen

INDEX = "index.json"
_ABOUT = {
    "about": "What the mock does with each file in its default profile; the first rule decides the code.",
    "reading": "beside: the picture a mask is sent with. lenient: the verdict of the lenient profile.",
}


def write(directory: Path, extra: Iterable[Specimen] = ()) -> list[dict[str, Any]]:
    """Write every file and the index; returns the rows of the index. `extra` files may replace others."""
    made = {specimen.name: specimen for specimen in (*specimens(), *extra)}
    for name, specimen in made.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(specimen.data)
    rows = [entry(specimen) for specimen in made.values()]
    text = json.dumps({**_ABOUT, "files": rows}, ensure_ascii=False, indent=2)
    (directory / INDEX).write_text(text + "\n", encoding="utf-8")
    return rows


def specimens() -> Iterator[Specimen]:
    """All files: pictures below pictures/, masks below masks/."""
    for picture in border_pictures.specimens():
        yield _as_sent(_filed("pictures", picture))
    for case in mask_recipes.cases():
        yield _as_sent(_mask(case))


def entry(specimen: Specimen) -> dict[str, Any]:
    """The row of a file in the index."""
    row = contract.row_for_rule(specimen.rules[0]) if specimen.rules else contract.success()
    return {
        "file": specimen.name,
        "role": specimen.role,
        "about": specimen.about,
        "beside": specimen.beside,
        "verdict": "refuse" if specimen.rules else "accept",
        "rules": list(specimen.rules),
        "code": row.code,
        "http_status": row.http_status,
        "lenient": "accept" if specimen.lenient_accepts or not specimen.rules else "refuse",
    }


def _as_sent(specimen: Specimen) -> Specimen:
    """An empty file is sent as empty text, which is refused before the picture rules run."""
    return specimen if specimen.data else replace(specimen, rules=("base64_empty",))


def _filed(folder: str, specimen: Specimen) -> Specimen:
    return replace(specimen, name=f"{folder}/{specimen.name}")


def _mask(case: Mapping[str, Any]) -> Specimen:
    ending = {"PNG": "png", "JPEG": "jpg", "GIF": "gif"}.get(case["recipe"].get("format", "PNG"), "bin")
    turned = case["picture"]["orientation"]
    return Specimen(
        name=f"masks/{case['id']}.{ending}",
        role="mask",
        about=case["id"].replace("-", " "),
        data=mask_recipes.drawn(case),
        rules=tuple(case.get("rules", ())),
        lenient_accepts=case.get("lenient") == "accept",
        beside=f"pictures/exif-{turned}.jpg" if turned != 1 else "pictures/plain.png",
    )
