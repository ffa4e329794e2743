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
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
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


BROWSED, IN_CHROMIUM = "a page", "a page in Chromium"


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


BROWSER = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
    "--virtual-time-budget=20000", "--dump-dom",
)  # fmt: skip
SHOWN = "<!doctype html><script>console.log = (...words) => document.body.append(words.join(' '));</script><body>"


def run_in_a_browser(program: Program, host: str, folder: Path) -> str:
    """What the program shows in Chromium, in a page of another origin. Raises CalledProcessError."""
    script = program.text.replace(WRITTEN_HOST, host)
    (folder / "page.html").write_text(f'{SHOWN}<script type="module">{script}</script>', encoding="utf-8")
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        url, profile = f"http://127.0.0.1:{site.server_port}/page.html", f"--user-data-dir={folder / 'profile'}"
        done = subprocess.run([*BROWSER, profile, url], capture_output=True, text=True, timeout=DEADLINE_S, check=True)
        site.shutdown()
    return re.sub(r"(?s)<script.*?</script>|<[^>]+>", "", done.stdout).strip()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves the page, and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def checked(name: str, host: str, folder: Path) -> tuple[str, bool]:
    """A line about one program, and whether it got what it should."""
    program, start = (PROGRAMS[BROWSED], run_in_a_browser) if name == IN_CHROMIUM else (PROGRAMS[name], run)
    tool = BROWSER[0] if name == IN_CHROMIUM else ""
    reason = why_not(program) if not tool else "" if shutil.which(tool) else f"{tool} is not installed"
    if reason:
        return f"{name}: not run, {reason}", True
    told = start(program, host, folder).strip()
    is_right = told.startswith("400 ") and "50411" in told
    return f"{name}: {'' if is_right else 'WRONG: '}{told[:100]}", is_right


def main() -> int:
    """Run all that can be run here. Returns 1 when one of them got something else."""
    with VolcvMock().serve() as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        host = server.base_url.removeprefix("http://")
        found = [checked(name, host, Path(folder)) for name in (*PROGRAMS, IN_CHROMIUM)]
    print("\n".join(line for line, _ in found))
    return int(not all(is_right for _, is_right in found))


if __name__ == "__main__":
    sys.exit(main())
