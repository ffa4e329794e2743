"""Calibrates against hidden personalities, and compares the mock that plays the readings with each of them.

Run by tests/contract_tests/test_personality.py for two, and by python -m contract_tests.mutants.personalities [N].
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from volcv_mock.recording.readings_file import ReadingsFile, written

from .. import contract
from ..calibration.measure import Calibrator
from ..calibration.points import points
from ..model import Exchange, Sent
from ..pictures.server import unpublished
from ..planning.planned import live_cases
from ..runner.session import Session
from ..targets import Target
from ..targets.mock import CAN, KEY, transport
from .personality import PersonalityTransport, drawn

BASE = "http://127.0.0.1:8410"
DRAWN = 20
SHADOWED_BY_RANGES = {"seed-not-negative", "seededit-scale-range"}
"""Where numbers outside a range are clamped or ignored, a probe outside one of these ranges is accepted either way."""


def target_of(inner: httpx.BaseTransport) -> Target:
    """A target of the suite over a transport in this process."""
    client = httpx.Client(transport=inner, base_url=BASE, timeout=60)
    return Target("mock", client, "/volcv/v1", CAN, {"Authorization": f"Bearer {KEY}"}, secrets=(KEY,))


def recovered(seed: int) -> tuple[ReadingsFile, list[str]]:
    """The readings measured at a personality, and where they are not what it plays."""
    chosen = drawn(seed)
    found = Calibrator(target_of(PersonalityTransport(transport(), chosen))).run()
    return found, [*_mistaken(chosen, found), *_missing(chosen, found)]


def _mistaken(chosen: Mapping[str, str], found: ReadingsFile) -> Iterator[str]:
    skipped = SHADOWED_BY_RANGES if chosen["out-of-range"] != "refuse" else set()
    for name, entry in found.entries.items():
        if name not in skipped and (entry.alternative != chosen[name] or entry.details):
            yield f"{name}: plays {chosen[name]}, measured {entry.alternative} {dict(entry.details)}"


def _missing(chosen: Mapping[str, str], found: ReadingsFile) -> Iterator[str]:
    """What was not told. Only the answer to a rule that the personality does not enforce cannot be told."""
    for name, why in found.untold.items():
        point = points().get(name)
        if point is None or point.endpoint == "official" or (point.rule and why == "the request was accepted"):
            continue
        if name == "www-authenticate" and _status(chosen["answer-proxy-key-invalid"]) != 401:
            continue
        yield f"{name}: plays {chosen[name]}, not told: {why}"


def _status(row: str) -> int:
    return contract.rows()[row].http_status


def differences(seed: int, found: ReadingsFile) -> list[str]:
    """Where the mock that plays the readings answers the planned cases in another way than the personality."""
    from volcv_mock import VolcvMock

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "readings.toml")
        file.write_text(written(found), encoding="utf-8")
        mock = VolcvMock(seed=7, triggers=False, readings=str(file))
    one = Session(target_of(PersonalityTransport(transport(), drawn(seed))), unpublished)
    other = Session(target_of(httpx.WSGITransport(mock.app)), unpublished)
    return [line for sent in planned() for line in _compared(sent, one.post(sent), other.post(sent))]


def planned() -> Iterator[Sent]:
    """The requests of the planned cases that a paid target gets, each once."""
    composer = Session(target_of(httpx.MockTransport(lambda request: httpx.Response(500))), unpublished)
    seen: set[str] = set()
    for case in live_cases(frozenset({"paid"})):
        for ask in case.asks(0).values():
            if ask.key in seen:
                continue
            seen.add(ask.key)
            sent = composer.compose(ask.request, **dict(ask.changes))
            body = ask.rewrite(sent.body) if ask.rewrite else sent.body
            yield Sent(**{**vars(sent), "body": body, "use": f"{case.id}"})


def _compared(sent: Sent, one: Exchange, other: Exchange) -> Iterator[str]:
    """Status, code, message, members and their types, and what the picture's header says."""
    left, right = _facts(one), _facts(other)
    if left != right:
        parts = [f"{name} {left[name]!r} | {right[name]!r}" for name in left if left[name] != right[name]]
        yield f"{sent.use}: {'; '.join(parts)}"[:400]


def _facts(exchange: Exchange) -> dict[str, Any]:
    answer, picture = exchange.answer, exchange.picture_facts
    return {
        "status": answer.status,
        "code": answer.code,
        "message": json.dumps(_message(answer.members)).partition(" (request id")[0],
        "data": {name: type(value).__name__ for name, value in sorted(answer.data.items())},
        "challenge": answer.header("www-authenticate"),
        "picture": picture and (picture.format, picture.size, picture.mode),
    }


def _message(members: Mapping[str, Any]) -> Any:
    error = (
        members.get("ResponseMetadata", {}).get("Error", {}) if "ResponseMetadata" in members else members.get("error")
    )
    return error.get("Message", error.get("message")) if isinstance(error, dict) else members.get("message")


def main(argv: list[str]) -> int:
    """Exit 0 when every personality was recovered and the mock then agreed with it, 1 when not."""
    wrong = 0
    for seed in range(100, 100 + int(argv[0] if argv else DRAWN)):
        found, mistakes = recovered(seed)
        apart = differences(seed, found)
        wrong += bool(mistakes or apart)
        sys.stdout.write(
            f"personality {seed}: {len(found.entries)} measured, {len(mistakes)} wrong, {len(apart)} apart\n"
        )
        sys.stdout.write("".join(f"  {line}\n" for line in [*mistakes, *apart]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
