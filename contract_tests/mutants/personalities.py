"""Calibrates against hidden personalities: `python -m contract_tests.mutants.personalities [N]` draws N of them.

tests/contract_tests/test_personality.py does it for a fixed one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from volcv_mock.recording.readings_file import ReadingsFile, written

from .. import contract
from ..calibration.measure import Calibrator
from ..calibration.points import points
from ..pictures.server import PictureServer
from ..planning.cases import Case
from ..planning.planned import runnable
from ..report.shape import differences, shape_of
from ..runner.runner import Runner
from ..runner.verdicts import Result
from ..targets import Target
from ..targets.mock import CAN, KEY, SIGNATURE, transport
from .personality import PersonalityTransport, drawn

BASE = "http://127.0.0.1:8410"
DRAWN = 20
PARTS = 5
SHADOWED_BY_RANGES = {"seed-not-negative", "seededit-scale-range"}
"""Where numbers outside a range are clamped or ignored, a probe outside one of these ranges is accepted either way."""


def target_of(inner: httpx.BaseTransport) -> Target:
    """A target of the suite over a transport in this process."""
    client, credentials = httpx.Client(transport=inner, base_url=BASE, timeout=60), {"Authorization": f"Bearer {KEY}"}
    return Target("mock", client, "/volcv/v1", CAN, credentials, signature=SIGNATURE, secrets=(KEY,))


def official_of(inner: httpx.BaseTransport) -> Target:
    """The official endpoint of the same service."""
    client = httpx.Client(transport=inner, base_url=BASE, timeout=60)
    return Target("mock", client, "/", CAN | {"signs"}, auth=SIGNATURE)


def recovered(seed: int) -> tuple[ReadingsFile, list[str]]:
    """The readings measured at both endpoints of a personality, and where they are not what it plays."""
    chosen = drawn(seed)
    service = PersonalityTransport(transport(), chosen)
    found = Calibrator(target_of(service)).run()
    of_signatures = [name for name, one in points().items() if one.endpoint == "official"]
    signed = Calibrator(official_of(service)).run(of_signatures)
    told = {**found.entries, **signed.entries}
    untold = {name: why for name, why in {**found.untold, **signed.untold}.items() if name not in told}
    both = ReadingsFile(told, untold, found.target)
    return both, [*_mistaken(chosen, both), *_missing(chosen, both)]


def disagreements(seed: int, found: ReadingsFile, cases: Iterable[Case]) -> list[str]:
    """Where a personality and the mock with the readings found in it answer a planned case differently."""
    chosen = list(cases)
    with TemporaryDirectory() as folder, closing(PictureServer()) as pictures:
        file = Path(folder, "readings.toml")
        file.write_text(written(found), encoding="utf-8")
        played = Runner(target_of(transport(readings=str(file))), pictures.publish).run(chosen)
        service = PersonalityTransport(transport(), drawn(seed))
        seen = Runner(target_of(service), pictures.publish).run(chosen)
    return [line for one, other in zip(seen, played, strict=True) for line in _compared(one, other)]


def _compared(seen: Result, played: Result) -> Iterator[str]:
    theirs = dict(played.exchanges)
    for name, exchange in seen.exchanges:
        for found in differences(shape_of(exchange), shape_of(theirs[name])):
            if {found.one, found.other} == {"integer", "number"}:
                continue  # JSON has one kind of number
            yield f"{seen.case_id}/{name}: {found}"


def _mistaken(chosen: Mapping[str, str], found: ReadingsFile) -> Iterator[str]:
    skipped = SHADOWED_BY_RANGES if chosen["out-of-range"] != "refuse" else set()
    for name, entry in found.entries.items():
        if name not in skipped and (entry.alternative != chosen[name] or entry.details):
            yield f"{name}: plays {chosen[name]}, measured {entry.alternative} {dict(entry.details)}"


def _missing(chosen: Mapping[str, str], found: ReadingsFile) -> Iterator[str]:
    """What was not told. Only the answer to a rule that the personality does not enforce cannot be told."""
    for name, why in found.untold.items():
        point = points().get(name)
        if point is None or (point.rule and why == "the request was accepted"):
            continue
        if name == "www-authenticate" and _status(chosen["answer-proxy-key-invalid"]) != 401:
            continue
        yield f"{name}: plays {chosen[name]}, not told: {why}"


def _status(row: str) -> int:
    return contract.rows()[row].http_status


def _asked(case: Case) -> set[str]:
    return {ask.request.req_key for ask in case.asks(0).values()}


def cases_of(seed: int) -> list[Case]:
    """A part of the planned cases, another one for each personality: `PARTS` of them have all.

    The servers play the readings of the documents S0 to S4, so that the newer req_keys are left out.
    """
    runnable_cases, _ = runnable(target_of(transport()))
    known = [case for case in runnable_cases if not _asked(case) & set(contract.newer())]
    return [case for number, case in enumerate(known) if number % PARTS == seed % PARTS]


def main(argv: list[str]) -> int:
    """Exit 0 when every personality was recovered, 1 when not."""
    wrong = 0
    for seed in range(100, 100 + int(argv[0] if argv else DRAWN)):
        found, mistakes = recovered(seed)
        cases = cases_of(seed)
        others = disagreements(seed, found, cases)
        wrong += bool(mistakes or others)
        told = f"{len(found.entries)} measured, {len(mistakes)} wrong"
        sys.stdout.write(f"personality {seed}: {told}; {len(others)} differences in {len(cases)} cases\n")
        sys.stdout.write("".join(f"  {line}\n" for line in (*mistakes, *others)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
