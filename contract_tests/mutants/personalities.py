"""Calibrates against hidden personalities: `python -m contract_tests.mutants.personalities [N]` draws N of them.

tests/contract_tests/test_personality.py does it for a fixed one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import httpx

from volcv_mock.recording.readings_file import ReadingsFile

from .. import contract
from ..calibration.measure import Calibrator
from ..calibration.points import points
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


def main(argv: list[str]) -> int:
    """Exit 0 when every personality was recovered, 1 when not."""
    wrong = 0
    for seed in range(100, 100 + int(argv[0] if argv else DRAWN)):
        found, mistakes = recovered(seed)
        wrong += bool(mistakes)
        sys.stdout.write(f"personality {seed}: {len(found.entries)} measured, {len(mistakes)} wrong\n")
        sys.stdout.write("".join(f"  {line}\n" for line in mistakes))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
