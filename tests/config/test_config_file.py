"""The TOML file: lines found in its text, and changes noticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from volcv_mock.config.config_file import ConfigWatch, Where, line_of

TEXT = '''# comment = 1
seed = 7
note = """
port = 1
[quotas]
"""
[quotas]  # a table
in_flight = 3
[keys]
access = { AK = "SK" }
[[faults]]
code = 1
match.req_key = "a"
[[faults]]
"code" = 2
[latency]
"byteedit_v2.0" = "2s"
'''


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("seed",), 2),
        (("port",), 1),
        (("quotas", "in_flight"), 8),
        (("quotas", "unknown"), 7),
        (("keys", "access", "AK"), 10),
        (("faults", 0, "code"), 12),
        (("faults", 0, "match", "req_key"), 13),
        (("faults", 1, "code"), 15),
        (("faults", 1, "times"), 14),
        (("latency", "byteedit_v2.0"), 17),
    ],
)
def test_a_key_is_found_in_its_line_or_in_that_of_what_is_around_it(where: Where, line: int) -> None:
    assert line_of(TEXT, where) == line


class Watched:
    """A file under watch, whose settings are its own text; "bad" is refused."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "mock.toml"
        self.taken: list[str] = []
        self.errors: list[str] = []
        self._clock_ns = 10**18
        self.write("first")
        self.watch = ConfigWatch(self.path, self.load, self.taken.append, self.errors.append)

    def write(self, text: str) -> None:
        self.path.write_text(text)
        self._clock_ns += 10**9
        os.utime(self.path, ns=(self._clock_ns, self._clock_ns))

    def load(self) -> str:
        text = self.path.read_text()
        if text == "bad":
            raise ValueError("mock.toml:1: bad")
        return text


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_an_unchanged_file_is_not_read_again(watched: Watched) -> None:
    assert not any(watched.watch.tick() for _ in range(5))
    assert watched.taken == []


def test_a_changed_file_is_taken_once_it_has_settled(watched: Watched) -> None:
    """Two ticks must see the same file: an editor may still be writing."""
    watched.write("second")

    first, second, third = (watched.watch.tick() for _ in range(3))

    assert (first, second, third) == (False, True, False)
    assert watched.taken == ["second"]


def test_a_touched_file_with_the_same_text_changes_nothing(watched: Watched) -> None:
    watched.write("first")

    assert not any(watched.watch.tick() for _ in range(3))


def test_a_bad_new_file_keeps_the_old_settings_and_says_why_once(watched: Watched) -> None:
    watched.write("bad")

    assert not any(watched.watch.tick() for _ in range(5))
    assert watched.errors == ["mock.toml:1: bad (the current settings stay in effect)"]
    assert watched.taken == []


def test_a_fixed_file_is_loaded_after_a_bad_one(watched: Watched) -> None:
    watched.write("bad")
    for _ in range(2):
        watched.watch.tick()

    watched.write("fixed")
    for _ in range(2):
        watched.watch.tick()

    assert watched.taken == ["fixed"]


def test_a_poke_reloads_at_the_next_tick_without_a_change(watched: Watched) -> None:
    """SIGHUP means: now."""
    watched.watch.poke()

    assert watched.watch.tick()
    assert watched.taken == ["first"]


def test_a_file_that_is_replaced_by_a_rename_is_taken(watched: Watched, tmp_path: Path) -> None:
    other = tmp_path / "new"
    other.write_text("renamed")
    other.replace(watched.path)

    assert [watched.watch.tick() for _ in range(2)] == [False, True]


def test_a_file_that_is_gone_keeps_the_old_settings_and_comes_back(watched: Watched) -> None:
    watched.path.unlink()
    for _ in range(3):
        watched.watch.tick()
    watched.write("back")
    for _ in range(2):
        watched.watch.tick()

    assert watched.taken == ["back"]
    assert len(watched.errors) == 1
