"""`volcv-mock contract-init DIR`: draft a folder for `--contract` from recordings, for a person to complete."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from volcv_mock.cli.arguments import CommandParser

if TYPE_CHECKING:
    from volcv_mock.contract.folder.draft import OperationDraft, Seen
    from volcv_mock.recording.library import Library, Recorded

STAND_IN = "AAAA"
"""Stands for a recorded picture: what was sent is not part of a draft."""
NEXT = "Complete it: limits, defaults, painter, what was never recorded. docs/own-operations.md describes the members."


class CannotDraft(ValueError):
    """No folder can be drafted. The message is one line."""


def main(arguments: Sequence[str]) -> int:
    """Write the folder. Returns 2, with one line, when the recordings or the folder cannot be used."""
    options = parser().parse(arguments)
    try:
        drafts = _drafts(options.from_recordings, options.req_key)
        _write(options.folder, drafts)
    except (ValueError, OSError) as error:
        print(f"volcv-mock contract-init: {_line(error)}", file=sys.stderr)
        return 2
    for req_key, each in drafts.items():
        print("\n".join([f"{req_key}: drafted", *(f"{req_key}: {note}" for note in each.notes)]))
    print(f"{options.folder} can be served: volcv-mock serve --contract {options.folder}\n{NEXT}")
    return 0


def parser() -> CommandParser:
    """The options of `contract-init`."""
    made = CommandParser("volcv-mock contract-init", __doc__)
    made.add_argument("folder", type=Path, metavar="DIR", help="folder to write; it must be empty or missing")
    made.add_argument("--from-recordings", type=Path, metavar="REC", required=True,
                      help="folder that `serve --mode record` wrote")  # fmt: skip
    made.add_argument("--req-key", action="append", default=[], metavar="KEY",
                      help="draft this req_key only; repeatable (default: all that are not served)")  # fmt: skip
    return made


def _line(error: ValueError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror or error}"
    return " ".join(str(error).split())


def _drafts(recordings: Path, wanted: Sequence[str]) -> dict[str, OperationDraft]:
    from volcv_mock import contract  # lazy: start-up time
    from volcv_mock.contract.folder.draft import draft  # lazy: start-up time
    from volcv_mock.contract.folder.flaws import shown  # lazy: start-up time
    from volcv_mock.contract.folder.rows import REQ_KEY  # lazy: start-up time
    from volcv_mock.recording.library import Library  # lazy: start-up time

    if not (recordings / "exchanges").is_dir():
        raise CannotDraft(f"{recordings}: no recordings; wanted a folder with exchanges/ and pictures/")
    seen: dict[str, list[Seen]] = {}
    for each in _successes(Library(recordings)):
        seen.setdefault(each.body["req_key"], []).append(each)
    chosen = wanted or [req_key for req_key in seen if req_key not in contract.operations()]
    missing = [req_key for req_key in chosen if req_key not in seen or not REQ_KEY.fullmatch(req_key)]
    if missing or not chosen:
        what = ", ".join(map(shown, missing)) or "a req_key that the mock does not serve"
        known = ", ".join(map(shown, sorted(seen))) or "none"
        raise CannotDraft(f"{recordings}: no success of {what} can be drafted; recorded were: {known}")
    return {req_key: draft(req_key, seen[req_key]) for req_key in chosen}


def _successes(library: Library) -> Iterator[Seen]:
    """Each success of a synchronous call, and each task that was seen done, with the body of its submit."""
    from volcv_mock import contract  # lazy: start-up time

    submits: dict[str, Recorded] = {}
    for recorded in library:
        action, version, body = recorded.request()
        served, answer = contract.action_of(action, version), _success(recorded, version)
        if (
            served is None
            or answer is None
            or not isinstance(body, Mapping)
            or not isinstance(body.get("req_key"), str)
        ):
            continue
        data = answer["data"] if isinstance(answer.get("data"), Mapping) else {}
        if served.step == "submit":
            submits[str(data.get("task_id"))] = recorded
        elif served.step == "sync":
            yield _seen("sync", body, answer, recorded, library, recorded.elapsed_s)
        elif served.step == "result" and data.get("status") == "done" and str(body.get("task_id")) in submits:
            submit = submits.pop(str(body["task_id"]))
            yield _seen("submit", submit.request()[2], answer, recorded, library, _seconds(submit, recorded))


def _success(recorded: Recorded, version: str) -> Mapping[str, Any] | None:
    """The flat answer of a success, None of anything else."""
    from volcv_mock import contract  # lazy: start-up time

    found = recorded.document()
    if isinstance(found, Mapping) and contract.is_wrapped(version):
        found = found.get("Result")
    is_success = isinstance(found, Mapping) and found.get("code") == contract.success().code
    return found if is_success else None


def _seen(step: str, body: Mapping[str, Any], answer: Mapping[str, Any], recorded: Recorded, library: Library,
          seconds: float) -> Seen:  # fmt: skip
    from volcv_mock.contract.folder.draft import Seen  # lazy: start-up time

    pictures = body.get("binary_data_base64")
    formats = [each["format"] for each in (*_blobs(answer), recorded.picture or {}) if "format" in each]
    known = tuple(format for format in formats if format in ("JPEG", "PNG"))
    sent = pictures if isinstance(pictures, list) else []
    return Seen(step, _without_pictures(body), _without_pictures(answer), _has_mask(sent, library), known, seconds)


def _blobs(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = answer.get("data")
    pictures = data.get("binary_data_base64") if isinstance(data, Mapping) else ()
    yield from (each for each in pictures if isinstance(each, Mapping)) if isinstance(pictures, list) else ()


def _has_mask(pictures: Sequence[Any], library: Library) -> bool:
    """Whether two pictures of one size were sent, the second of them grey, as a mask is."""
    from volcv_mock.imaging.probe import read_header  # lazy: start-up time
    from volcv_mock.recording.library import blob_digest  # lazy: start-up time

    digests = [blob_digest(each) for each in pictures]
    if len(digests) != 2 or not all(digests):
        return False
    first, second = (read_header(library.blob(str(digest))) for digest in digests)
    return second.format == "PNG" and second.mode in ("1", "L", "LA") and first.shown_size == second.shown_size


def _without_pictures(value: Any) -> Any:
    if isinstance(value, Mapping):
        is_blob = "$blob" in value
        return STAND_IN if is_blob else {name: _without_pictures(each) for name, each in value.items()}
    return [_without_pictures(each) for each in value] if isinstance(value, list) else value


def _seconds(submit: Recorded, done: Recorded) -> float:
    """From the submit to the first answer that says done."""
    return (datetime.fromisoformat(done.at) - datetime.fromisoformat(submit.at)).total_seconds()


def _write(folder: Path, drafts: Mapping[str, OperationDraft]) -> None:
    """The folder is written beside its place and read back first: a draft that cannot be served is not left behind."""
    from volcv_mock.contract.folder import load  # lazy: start-up time

    folder = folder.resolve()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CannotDraft(f"{folder}: it exists; wanted an empty or missing folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".contract-init-") as scratch:
        made = Path(scratch, folder.name)
        _json(made / "catalog.json", {"operations": [each.row for each in drafts.values()]})
        for req_key, each in drafts.items():
            _json(made / "requests" / f"{req_key}.schema.json", each.request)
            _json(made / "responses" / f"{req_key}.schema.json", each.response)
        load(made)
        folder.mkdir(exist_ok=True)
        for part in made.iterdir():
            part.rename(folder / part.name)


def _json(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
