"""The architecture: which module may import which. Walks every import, also those inside functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.sources import imports_of, tree_of

PACKAGE = Path(__file__).resolve().parent.parent / "volcv_mock"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("model", "delivery", "_util"),
    ("contract", "imaging", "simulation", "signing", "http"),
    ("operations", "tasks", "faults", "injection", "journal", "fetch", "recording", "config", "upstream", "telemetry",
     "state"),
    ("world", "world_parts", "scope", "session", "session_tasks", "session_journal", "session_upstream",
     "shared_state"),
    ("stages",),
    ("pipeline", "control", "border_set"),
    ("service",),
    ("server", "wsgi", "intercept"),
    ("cli", "pytest_plugin", "testing", "strategies", "samples", "__main__"),
)
"""From the ground up; a package may use its own floor and those below."""

ONLY_IN = {
    "flask": {"wsgi", "control", "testing"},
    "gevent": {"server"},
    "respx": {"intercept"},
    "responses": {"intercept"},
    "pytest": {"pytest_plugin"},
    "hypothesis": {"strategies"},
    "httpx": {"upstream", "intercept"},
    "httpcore": {"upstream", "intercept"},
    "jsonschema": {"contract"},
    "anyascii": {"_util"},
    "msgpack": {"journal", "state"},
    "prometheus_client": {"telemetry"},
    "trustme": {"server"},
    "cryptography": {"server"},
    "opentelemetry": {"telemetry"},
    "redis": {"state"},
    "PIL": {"imaging", "operations", "faults", "injection", "journal", "fetch", "border_set", "cli"},
}
"""Which packages may import a library; `if TYPE_CHECKING` counts too."""

DECIDING = ("model", "delivery", "contract", "imaging", "simulation", "signing", "operations", "tasks", "faults",
            "injection", "journal", "state", "config", "scope", "session", "session_tasks", "session_journal",
            "session_upstream", "stages", "pipeline", "service", "control", "border_set")  # fmt: skip
"""Packages whose results depend on their arguments only (law 4)."""

CLOCKS = ("simulation/clock.py",)
"""The files of those packages that read the machine's clock for all others."""


def package_of(path: Path) -> str:
    """The package or module a file belongs to: its folder under volcv_mock, or its own name."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)


@cache
def imports(path: Path, *, at_run_time: bool = False) -> tuple[str, ...]:
    return tuple(_imported(path, at_run_time))


def _imported(path: Path, at_run_time: bool) -> Iterator[str]:
    for each in imports_of(tree_of(path), at_run_time=at_run_time):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif each.module:
            yield from (f"{each.module}.{alias.name}" for alias in each.names)


def floor_of(name: str) -> int:
    return next(level for level, names in enumerate(FLOORS) if name in names)


def test_every_package_has_its_floor() -> None:
    known = {name for names in FLOORS for name in names}
    built = {package_of(path) for path in files()} - {"__init__"}

    assert built <= known
    assert known - built == set()


def test_a_package_uses_only_its_own_floor_and_those_below() -> None:
    too_high = {str(path.relative_to(PACKAGE)): found for path in files() if (found := _too_high(path))}

    assert too_high == {}


def _too_high(path: Path) -> list[str]:
    own = package_of(path)
    if own == "__init__":
        return []
    used = {name.split(".")[1] for name in imports(path) if name.startswith("volcv_mock.")} - {"__version__"}
    return sorted(name for name in used if floor_of(name) > floor_of(own))


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_packages(library: str) -> None:
    users = {package_of(path) for path in files() if any(name.split(".")[0] == library for name in imports(path))}

    assert users <= ONLY_IN[library]


SHOWN_AS = {"PIL": "Pillow", "redis": "redis-py", "prometheus_client": "prometheus-client"}
"""How the page names a library whose import name differs."""
PLACES = r"`\w+/`(?:(?:, | and | \(and )`\w+/`)*"


@pytest.mark.parametrize("library", ONLY_IN)
def test_the_page_names_each_confined_library_with_its_packages(library: str) -> None:
    page = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (paragraph,) = re.findall(r"^Libraries are confined: .*$", page, re.MULTILINE)
    paragraph = paragraph.replace("pytest to its plugin", "pytest to `pytest_plugin/`")

    found = re.search(rf"\b{SHOWN_AS.get(library, library)}\b[^`]* to ({PLACES})", paragraph, re.IGNORECASE)

    assert found, f"{library} is missing from the paragraph"
    assert set(re.findall(r"\w+(?=/`)", found[1])) == ONLY_IN[library]


def test_no_circle_between_files() -> None:
    """Imports inside functions are for start-up time and must not dodge a circle either."""
    modules = {module_name(path): path for path in files()}
    arrows = {name: _targets(path, modules) - {name} for name, path in modules.items() if name != "volcv_mock"}

    assert list(circles(arrows)) == []


def _targets(path: Path, modules: dict[str, Path]) -> set[str]:
    """The module a dotted import means: the longest known name of `a.b.c` or `a.b`."""
    meant = (each if each in modules else each.rpartition(".")[0] for each in imports(path, at_run_time=True))
    return {target for target in meant if target in modules}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def circles(arrows: dict[str, set[str]]) -> Iterator[str]:
    done: set[str] = set()
    for start in sorted(arrows):
        yield from _walk(start, arrows, [], done)


def _walk(name: str, arrows: dict[str, set[str]], path: list[str], done: set[str]) -> Iterator[str]:
    if name in path:
        yield " -> ".join([*path[path.index(name) :], name])
        return
    if name in done or name == "volcv_mock":
        return
    for target in sorted(arrows.get(name, ())):
        yield from _walk(target, arrows, [*path, name], done)
    done.add(name)


def test_the_packages_that_decide_exist() -> None:
    """A renamed package would otherwise drop out of the next test unnoticed."""
    assert set(DECIDING) <= {package_of(path) for path in files()}
    assert all((PACKAGE / name).is_file() for name in CLOCKS)


def test_no_package_that_decides_reads_the_clock_or_draws_random_numbers() -> None:
    """Law 4: the time and all random draws come through the world."""
    clocks = {PACKAGE / name for name in CLOCKS}
    deciding = [path for path in files() if package_of(path) in DECIDING and path not in clocks]

    readers = {str(path.relative_to(PACKAGE)) for path in deciding if reads_time_or_randomness(path)}

    assert readers == set()


@pytest.mark.parametrize("line", ["import time", "from random import choice", "datetime.now(UTC)", "os.urandom(8)"])
def test_each_way_to_read_time_or_randomness_is_noticed(tmp_path: Path, line: str) -> None:
    file = tmp_path / "stage.py"
    file.write_text(f"def work():\n    {line}\n", encoding="utf-8")

    assert reads_time_or_randomness(file)


READERS = re.compile(r"\b(?:now|utcnow|today|urandom)\b")


def reads_time_or_randomness(path: Path) -> bool:
    imported = {name.split(".")[0] for name in imports(path)}
    return bool(imported & {"time", "random", "secrets", "uuid"}) or _calls_a_reader(path)


def _calls_a_reader(path: Path) -> bool:
    if not READERS.search(path.read_text(encoding="utf-8")):
        return False
    calls = (node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
    return any(READERS.fullmatch(called.attr) for called in calls if isinstance(called, ast.Attribute))


def test_nothing_is_pickled() -> None:
    """What leaves the process comes back from outside, and to unpickle it would run what it names."""
    tables = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}

    users = {path.name for path in files() if tables & {name.split(".")[0] for name in imports(path)}}

    assert users == set()


def test_no_two_test_files_have_the_same_name() -> None:
    """The folders are no packages: pytest imports a test file by its name alone."""
    names = [path.name for path in (PACKAGE.parent / "tests").rglob("test_*.py")]

    assert sorted({name for name in names if names.count(name) > 1}) == []
