"""The files of a report whose run did not start or did not end: those of an earlier night must not stand in for it.

Nothing but the standard library is imported here: a run marks its folder before it loads anything else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from ..exit_codes import UNDECIDED, WORDS

SUMMARY, PAGE, RESULTS, JUNIT = "summary.md", "report.html", "results.json", "junit.xml"
TO_DO = "Nothing is proved tonight. Remove the cause that is named here and run again."
NOT_ENDED = "the run has not ended, or was killed"
FOR_REPLAY = ("target", "capabilities", "variant", "recordings")
"""What a replay of the exchanges that are still there has to know of the run that recorded them."""


def write_not_judged(folder: Path, target: str, why: str) -> None:
    """Replace what an earlier run says. Raises OSError."""
    for name, text in _files(folder, target, why).items():
        replace_text(folder / name, text)


def _files(folder: Path, target: str, why: str) -> Mapping[str, str]:
    title = f"CVProcess contract, {target}: {WORDS[UNDECIDED]}; judged nothing"
    return {
        SUMMARY: f"# {title}\n\n{TO_DO}\n\n- {why}\n",
        JUNIT: _junit(target, why),
        RESULTS: json.dumps(_results(folder / RESULTS, target, why), ensure_ascii=False, indent=1) + "\n",
        PAGE: f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{TO_DO}</p><p>{escape(why)}</p></html>\n",
    }


def _junit(target: str, why: str) -> str:
    root = Xml.Element("testsuites")
    suite = Xml.SubElement(root, "testsuite", name=f"contract {target}", tests="1", failures="0", skipped="1", time="0")
    case = Xml.SubElement(suite, "testcase", classname=f"contract.{target}", name="the run", time="0")
    message = "".join(letter if letter.isprintable() else "?" for letter in f"inconclusive: {why}")
    Xml.SubElement(case, "skipped", message=message)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)


def _results(path: Path, target: str, why: str) -> dict[str, Any]:
    """No verdict of the earlier run is left, only what a replay needs."""
    earlier = _read(path)
    cases = [row.get("case") for row in earlier.get("results", ()) if isinstance(row, dict)]
    rows: list[dict[str, Any]] = [
        {"case": name, "verdict": "inconclusive", "reason": why, "findings": []} for name in cases
    ]
    kept = {name: earlier[name] for name in FOR_REPLAY if name in earlier}
    verdict = {"verdict": WORDS[UNDECIDED], "exit_code": UNDECIDED, "remarks": [why]}
    return {"target": target, **kept, **verdict, "results": rows, "drift": []}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("results", []), list) else {}


def replace_text(path: Path, text: str) -> None:
    """Write a whole file, so that a full disk or a crash leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
