"""Recorded exchanges as a target: every request is looked up, and nothing is sent anywhere.

Each case is checked on the exchanges that decided it when they were recorded, repetitions included. What
is missing raises NotRecorded, so its case is inconclusive: one exchange never stands for two requests.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from volcv_mock.recording.exchanges import match_key, with_blobs
from volcv_mock.recording.library import BadRecordings, read_exchange

from ..model import Answer, Exchange, Sent
from . import official
from .base import BadConfiguration, NotRecorded, Target, Unreachable

LIVE_ONLY = frozenset({"paid", "control", "reaches_loopback", "socket", "signs"})
"""Capabilities of a target that a recording of it does not have."""
CONTROL = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
"""Cases of the mock move its clock between two requests. A recording holds what was answered then."""
NOWHERE = "http://recorded.invalid"
Record = Mapping[str, Any]


class Replay(Target):
    """Answers from a folder of records. `summary` is the results.json of the run that was recorded, or empty."""

    def __init__(self, folder: Path) -> None:
        self.summary = _summary(folder)
        self._records = records = _records(folder, self.summary.get("recordings"))
        can = frozenset(self.summary.get("capabilities", ())) - LIVE_ONLY | {"replays"}
        client = httpx.Client(transport=CONTROL, base_url=NOWHERE, trust_env=False)
        super().__init__("replay", client, "/", can, aliases=_aliases(records))
        self.cases = tuple(row["case"] for row in self.summary.get("results", ()))
        self._pictures = _pictures(folder)
        self._by_use = {use: record for record in records for use in record.get("uses", ())}
        self._unused: dict[str, deque[Record]] = defaultdict(deque)
        for record in records:
            if not record.get("uses"):
                self._unused[record["key"]].append(record)
        self.shares_answers = not self._by_use
        self._last: Record = {}

    def send(self, sent: Sent) -> Answer:
        """The recorded answer to this request. Raises NotRecorded if there is none, or none left."""
        self._last = record = self._taken(sent)
        return self._answer(record)

    def exchanges(self) -> Iterator[tuple[str, Exchange]]:
        """Every recorded exchange whose answer and picture were kept, with the name of its file."""
        for record in self._records:
            try:
                yield record["name"], self._exchange(record)
            except NotRecorded:
                continue

    def _exchange(self, record: Record) -> Exchange:
        answer, picture = self._answer(record), record.get("picture") or {}
        digest = str(picture.get("$blob", "")).removeprefix("sha256:")
        texts = answer.data.get("binary_data_base64")
        if isinstance(texts, list) and texts and isinstance(texts[0], str):
            data = _decoded(texts[0])
        else:
            data = self._pictures.get(digest)
        return Exchange(Sent(b""), answer, str(record["target"]), self.capabilities, picture=data)

    def _answer(self, record: Record) -> Answer:
        answer = record["answer"]
        headers = tuple((name, value) for name, value in answer["headers"])
        return Answer(answer["status"], headers, self._body(answer["body"]), answer["elapsed_s"])

    def _taken(self, sent: Sent) -> Record:
        """The record of this use, else the next one of an unlabelled recording. Each is given once."""
        key = match_key(sent)
        record = self._by_use.pop(sent.use, None)
        if record is not None and record["key"] == key:
            return record
        if self._unused[key]:
            return self._unused[key].popleft()
        raise NotRecorded(f"{sent.use or 'this request'} was not recorded")

    def _body(self, body: Mapping[str, str]) -> bytes:
        if "$base64" in body:
            return base64.b64decode(body["$base64"])
        if "$text" in body:
            return body["$text"].encode()
        try:
            return json.dumps(with_blobs(json.loads(body["$json"]), self._pictures)).encode()
        except KeyError as error:
            raise NotRecorded(f"the picture {error.args[0][:16]} was not kept") from error

    def fetch(self, url: str) -> tuple[int, bytes]:
        """The picture of the answer given last, as fetching it ended when it was recorded."""
        picture = self._last.get("picture")
        if not picture or not picture["status"]:
            raise Unreachable("the picture was not fetched when this was recorded")
        if "$blob" not in picture:
            return picture["status"], b""
        digest = picture["$blob"].removeprefix("sha256:")
        if digest not in self._pictures:
            raise NotRecorded(f"the picture {digest[:16]} was not kept")
        return picture["status"], self._pictures[digest]


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text)
    except ValueError:  # what was recorded is an answer with broken base64
        return None


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / "results.json"
    summary = _read(path) if path.exists() else {}
    if not isinstance(summary, dict):
        raise BadConfiguration(f"{path} is not the summary of a run; record again with --report DIR")
    return summary


def _records(folder: Path, names: list[str] | None) -> list[Record]:
    """The exchanges of the last run that was written there, or all that are there."""
    paths = sorted(folder.glob("exchanges/*.json"))
    records = [_record(path) for path in paths if names is None or path.name in set(names)]
    if not records:
        hint = "record with `contract --report DIR` or `serve --mode record`"
        raise BadConfiguration(f"no recorded exchange under {folder}; {hint}")
    return sorted(records, key=lambda record: str(record["at"]))


def _record(path: Path) -> Record:
    try:
        record = read_exchange(path).record
    except BadRecordings as error:
        raise BadConfiguration(str(error)) from None
    if not (isinstance(record.get("key"), str) and isinstance(record.get("target"), str)):
        raise BadConfiguration(f"{path} is not a recorded exchange; delete it or record again")
    return {**record, "name": path.name}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadConfiguration(f"{path} is not JSON ({error}); delete it or record again") from error


def _aliases(records: list[Record]) -> dict[str, str]:
    """Requests recorded from the official endpoint carry its names of the operations."""
    return dict(official.ALIASES) if {record["target"] for record in records} == {"official"} else {}


def _pictures(folder: Path) -> dict[str, bytes]:
    """The recorded pictures by digest. A file that was changed is left out."""
    read = ((path.name, path.read_bytes()) for path in folder.glob("pictures/*"))
    return {name: data for name, data in read if hashlib.sha256(data).hexdigest() == name}


def open_target(recordings: str = "", **options: Any) -> Target:
    """The recordings of a folder. Raises BadConfiguration without one."""
    if not recordings:
        raise BadConfiguration("--target replay needs --recordings DIR")
    return Replay(Path(recordings))
