"""Speed and memory, as ratios inside one run: python -m benchmarks [--quick] [name ...]

Prints one table and ends with 1 when a bound was missed. --quick only shows that each bench runs:
its figures mean nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import (
    generators,
    hostile,
    hostile_pictures,
    imaging,
    memory,
    nightly,
    refusal,
    repeat,
    schema,
    seam,
    serving,
    shared_state,
    soak,
    startup,
    tasks,
    testing,
    upstream,
)
from benchmarks.serving import Row
from volcv_mock.server.server import raise_file_limit


@dataclass(frozen=True)
class Bench:
    """A name to ask for, and what gives its rows; the argument says whether to be quick."""

    name: str
    rows: Callable[[bool], Iterator[Row]]


def in_process(quick: bool) -> Iterator[Row]:
    return serving.in_process(1 if quick else serving.IN_PROCESS_TURNS)


def latency(quick: bool) -> Iterator[Row]:
    return serving.latency(0.1 if quick else 1)


def canned(quick: bool) -> Iterator[Row]:
    """Has no quick turn: its rates need their seconds."""
    return iter(()) if quick else serving.canned()


def crowds(quick: bool) -> Iterator[Row]:
    return serving.crowd("refusals at once", serving.call(b"{}"), 20, 25, warm_up_s=0.1) if quick else serving.crowds()


BENCHES = (
    Bench("startup", startup.rows),
    Bench("in_process", in_process),
    Bench("testing", testing.rows),
    Bench("imaging", imaging.rows),
    Bench("schema", schema.rows),
    Bench("generators", generators.rows),
    Bench("repeat", repeat.rows),
    Bench("refusal", refusal.rows),
    Bench("seam", seam.rows),
    Bench("shared_state", shared_state.rows),
    Bench("tasks", tasks.rows),
    Bench("latency", latency),
    Bench("canned", canned),
    Bench("crowds", crowds),
    Bench("soak", soak.rows),
    Bench("memory", memory.rows),
    Bench("nightly", nightly.rows),
    Bench("upstream", upstream.rows),
    Bench("hostile", hostile.rows),
    Bench("hostile_pictures", hostile_pictures.rows),
)

HEAD = "| figure | measured | bound | holds? | |\n|---|---|---|---|---|"


def chosen(names: Sequence[str]) -> list[Bench]:
    """The benches of these names, all without names. Raises ValueError for a name that is none."""
    known = {bench.name: bench for bench in BENCHES}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise ValueError(f"unknown benchmark {wrong[0]!r}; known: {', '.join(known)}")
    return [known[name] for name in names] or list(BENCHES)


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 when a bound was missed, 2 for a wrong name."""
    quick = "--quick" in arguments
    try:
        benches = chosen([each for each in arguments if each != "--quick"])
    except ValueError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    raise_file_limit()
    print(HEAD)
    missed = 0
    for bench in benches:
        for row in bench.rows(quick):
            print(row, flush=True)
            missed += not row.is_good
    return 1 if missed and not quick else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
