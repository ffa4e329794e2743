"""The world: what parallel tests share and what they do not, and that calls are told apart by more than their ids."""

from __future__ import annotations

import tracemalloc

from tests.pipeline.test_pipeline import REMOVAL, raw
from volcv_mock import pipeline
from volcv_mock.config import Settings
from volcv_mock.delivery import Delivered, Reply
from volcv_mock.state import Arrival
from volcv_mock.state.memory import MemoryScope, Occurrences
from volcv_mock.world import World

LEFT, READ = Delivered(1.0, "left_early"), Delivered(0.0, "read_all", 9)


def before_and_after_a_reset(world: World) -> tuple[Reply, Reply]:
    """The same request on either side of a reset, neither delivered; ids repeat, as a repeatable mock's must."""
    before = pipeline.handle(raw(), world)
    world.reset()
    after = pipeline.handle(raw(), world)
    assert before.call_id == after.call_id
    return before, after


def test_a_call_from_before_a_reset_does_not_end_the_one_that_has_its_id_now() -> None:
    """A hung client of the last test may leave while the next test runs."""
    world = World(Settings())
    before, after = before_and_after_a_reset(world)

    world.delivered(before, LEFT)
    entry = world.journal.get(after.call_id)
    assert entry is not None
    assert entry.client == "waiting"

    world.delivered(after, READ)
    entry = world.journal.get(after.call_id)
    assert entry is not None
    assert entry.client == "read_all"


def test_calls_with_one_id_give_back_both_their_slots() -> None:
    world = World(Settings(in_flight=2))
    for reply in before_and_after_a_reset(world):
        world.delivered(reply, READ)

    assert pipeline.handle(raw(), world).status == 200
    entry = world.journal.last()
    assert entry is not None
    assert entry.quota["in_flight"] == 0


def test_a_scope_on_whose_clock_an_answer_waits_stays_when_others_leave() -> None:
    """Moved out, its clock would be out of reach, and the answer would wait for ever."""
    world = World(Settings(max_scopes=3))
    clock = world.clock("waiting")
    leave = clock.subscribe(lambda: None)

    for number in range(5):
        world.scope(f"other-{number}")

    assert world.clock("waiting") is clock
    assert len(world.scopes()) <= 3

    leave()
    for number in range(5):
        world.scope(f"another-{number}")
    assert "waiting" not in world.scopes()


def test_when_every_scope_is_waited_for_the_longest_idle_one_leaves() -> None:
    """Their number stays bounded whatever happens."""
    world = World(Settings(max_scopes=2))
    for name in ("first", "second", "third"):
        world.clock(name).subscribe(lambda: None)

    assert world.scopes() == ("second", "third")


def test_the_memos_weigh_what_they_say() -> None:
    """Tiny pictures cost mostly objects: counted by their bytes alone a budget of 64 MB would hold 500."""
    world = World(Settings(journal_bytes=0))
    pipeline.handle(raw(), world)
    tracemalloc.start()
    try:
        told_before = held_bytes(world)
        for seed in range(2, 82):
            pipeline.handle(raw({**REMOVAL, "seed": seed}), world)
        told = held_bytes(world) - told_before
        with_memos = tracemalloc.get_traced_memory()[0]
        world.validated.clear()
        world.painted.clear()
        weighed = with_memos - tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert 0.8 * weighed <= told <= 1.3 * weighed


def held_bytes(world: World) -> int:
    return world.validated.held_bytes + world.painted.held_bytes


def test_requests_remembered_are_bounded_over_all_scopes() -> None:
    """A thousand scopes with a hundred thousand requests each would be gigabytes."""
    occurrences = Occurrences()
    scopes = [MemoryScope(occurrences) for _ in range(5)]

    for scope in scopes:
        for number in range(10):
            scope.arrive(f"{number:064x}"[::-1], remembered=10)

    assert len(occurrences) == 10
    assert scopes[-1].occurrence("0" * 64) == 1
    assert scopes[0].occurrence("0" * 64) == 0


def test_a_scope_counts_for_itself_and_anew_after_a_reset() -> None:
    world, digest = World(Settings()), "ab" * 32

    counts = [world.scope(name).arrive(digest) for name in ("default", "default", "t1")]
    world.reset()
    counts += [world.scope(name).arrive(digest) for name in ("default", "t1")]

    assert counts == [Arrival(1, 0), Arrival(2, 1), Arrival(1, 0), Arrival(1, 0), Arrival(2, 1)]
