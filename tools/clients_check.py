"""Run the programs of docs/clients.md against a mock: python -m tools.clients_check

Each must get the refusal that it asks for. A language that is not installed is named and left out. The tests run the
quick ones; `.ci/run` runs all, because Go and Java compile for seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from volcv_mock import VolcvMock

PAGE = Path(__file__).resolve().parent.parent / "docs" / "clients.md"
WRITTEN_HOST = "127.0.0.1:8410"
DEADLINE_S = 120


@dataclass(frozen=True)
class Program:
    """A block of the page: its language and number, the file it is written to, and the command that runs it."""

    language: str
    number: int
    file: str
    command: tuple[str, ...]

    @property
    def text(self) -> str:
        """As the page has it."""
        page = PAGE.read_text(encoding="utf-8")
        found: list[str] = re.findall(rf"^```{self.language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        return found[self.number]


PROGRAMS: Mapping[str, Program] = {
    "Go": Program("go", 0, "main.go", ("go", "run")),
    "Java": Program("java", 0, "Ask.java", ("java", "-XX:TieredStopAtLevel=1")),
    "PHP": Program("php", 0, "ask.php", ("php",)),
    "Node": Program("js", 0, "ask.mjs", ("node",)),
    "a page": Program("js", 1, "page.mjs", ("node",)),
}


def why_not(program: Program) -> str:
    """Why a program cannot be run here; "" when it can."""
    tool = program.command[0]
    if shutil.which(tool) is None:
        return f"{tool} is not installed"
    if tool == "php" and "curl" not in subprocess.run(["php", "-m"], capture_output=True, text=True).stdout.split():
        return "PHP has no curl extension"
    return ""


def run(program: Program, host: str, folder: Path) -> str:
    """What the program prints, with the mock's address in place of the written one. Raises CalledProcessError."""
    (folder / program.file).write_text(program.text.replace(WRITTEN_HOST, host), encoding="utf-8")
    environ = {**os.environ, "VOLCV_BASE_URL": f"http://{host}", "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(
        [*program.command, program.file], cwd=folder, env=environ, capture_output=True, text=True, timeout=DEADLINE_S,
        check=True,
    )  # fmt: skip
    return done.stdout


def main() -> int:
    """Run all that can be run here. Returns 1 when one of them got something else."""
    failed = 0
    with VolcvMock().serve() as server, tempfile.TemporaryDirectory() as folder:
        for name, program in PROGRAMS.items():
            reason = why_not(program)
            told = reason or run(program, server.base_url.removeprefix("http://"), Path(folder)).strip()
            is_wrong = not reason and not (told.startswith("400 ") and "50411" in told)
            failed += is_wrong
            print(f"{name}: {'not run, ' if reason else 'WRONG: ' if is_wrong else ''}{told[:100]}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
