"""Run the steps of the Containerfile without a container: python tools/containerfile_check.py

Each FROM becomes a new virtual environment and a folder in place of /. Each RUN is a shell there, with no variables
of this environment except those that configure the package index. Then the service is started as the image would
start it. Checked: it becomes healthy, runs as the named user, answers a call, and ends at SIGTERM.

Not checked: that the base image exists, and how large the result is. POSIX only.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from dataclasses import dataclass, field
from pathlib import Path

from volcv_mock._util.loopback import open_directly

ROOT = Path(__file__).resolve().parent.parent
KEPT = re.compile(r"(PIP|UV|SSL)_|(https?|no|all)_proxy$|REQUESTS_CA_BUNDLE$|CURL_CA_BUNDLE$", re.IGNORECASE)
"""Variables that configure how pip reaches its index."""
START_S, STOP_S = 10.0, 3.0


@dataclass
class Stage:
    """One FROM: its folder in place of /, its virtual environment, and what its instructions set."""

    root: Path
    workdir: str = "/"
    user: str = "0"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    @property
    def python(self) -> Path:
        """The folder of the virtual environment."""
        return self.root / "venv"

    def path(self, inside: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / (inside if inside.startswith("/") else f"{self.workdir}/{inside}").lstrip("/")

    def variables(self) -> dict[str, str]:
        """The environment of a step."""
        index = {name: value for name, value in os.environ.items() if KEPT.match(name)}
        own = Path.home() / ".config/pip/pip.conf"
        index |= {"PIP_CONFIG_FILE": str(own)} if own.exists() else {}
        search = f"{self.python / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        return {**index, "PATH": search, "HOME": str(self.root), "LANG": "C.UTF-8", **self.environment}


def main() -> int:
    """Build and check. Returns 1 when something is wrong."""
    with tempfile.TemporaryDirectory(prefix="containerfile-") as folder:
        os.chmod(folder, 0o755)  # the user named is another than ours
        stages = build(instructions((ROOT / "Containerfile").read_text(encoding="utf-8")), Path(folder))
        image = list(stages.values())[-1]
        problems = check(image)
    for problem in problems:
        print(f"Containerfile: {problem}", file=sys.stderr)
    if not problems:
        print("Containerfile: all steps work; the service is healthy, not root, answers, and ends at SIGTERM")
    return 1 if problems else 0


def instructions(text: str) -> list[tuple[str, str]]:
    """(instruction, rest) for each line that is neither empty nor a comment."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def build(steps: list[tuple[str, str]], folder: Path) -> dict[str, Stage]:
    """Run every instruction; returns the stages by name, the image last."""
    stages: dict[str, Stage] = {}
    for word, rest in steps:
        if word == "FROM":
            name = rest.split(" AS ")[1] if " AS " in rest else str(len(stages))
            stages[name] = stage = Stage(folder / name)
            venv.create(stage.python, with_pip=True)
        else:
            DO[word](stage, rest, stages)
    return stages


def run(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """RUN: absolute paths of the image become paths below its folder."""
    inside = re.sub(r"(?<![\w./*-])/(?=[a-z])", f"{stage.root}/", rest)
    cwd = stage.path(".")
    cwd.mkdir(parents=True, exist_ok=True)
    print(f"RUN {rest}")
    subprocess.run(["/bin/sh", "-ec", inside], cwd=cwd, env=stage.variables(), check=True)


def copy(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """COPY, from the checkout or from another stage."""
    words = shlex.split(rest)
    origin = stages[words.pop(0).removeprefix("--from=")].path if words[0].startswith("--from=") else None
    source, target = words
    ignored = shutil.ignore_patterns(*(line.removeprefix("**/") for line in ignore_file()))
    found = origin(source) if origin else ROOT / source
    shutil.copytree(found, stage.path(target), ignore=ignored, dirs_exist_ok=True, symlinks=True)


def ignore_file() -> list[str]:
    """The patterns of .containerignore."""
    return (ROOT / ".containerignore").read_text(encoding="utf-8").split()


def set_environment(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """ENV."""
    stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))


def set_health(stage: Stage, rest: str, stages: dict[str, Stage]) -> None:
    """HEALTHCHECK, in its JSON form."""
    stage.health = json.loads(rest.partition(" CMD ")[2])


DO = {
    "WORKDIR": lambda stage, rest, _: setattr(stage, "workdir", rest),
    "USER": lambda stage, rest, _: setattr(stage, "user", rest),
    "ENTRYPOINT": lambda stage, rest, _: setattr(stage, "entrypoint", json.loads(rest)),
    "CMD": lambda stage, rest, _: setattr(stage, "command", json.loads(rest)),
    "EXPOSE": lambda stage, rest, _: None,
    "LABEL": lambda stage, rest, _: None,
    "ENV": set_environment,
    "HEALTHCHECK": set_health,
    "COPY": copy,
    "RUN": run,
}


def check(image: Stage) -> list[str]:
    """What is wrong with the running service; empty when all is well."""
    port = free_port()
    variables = {**image.variables(), "VOLCV_MOCK_PORT": str(port), "VOLCV_MOCK_CONTROL_TOKEN": "check"}
    user, group = identity(image.user) if os.geteuid() == 0 else (None, None)
    program = str(image.python / "bin" / image.entrypoint[0])
    command = [program, *image.entrypoint[1:], *image.command]
    service = subprocess.Popen(command, env=variables, cwd="/", user=user, group=group)
    try:
        problems = [] if image.user.split(":")[0] not in ("0", "root") else ["it runs as root"]
        problems += [] if gets_healthy(image, variables) else [f"not healthy within {START_S:g} s"]
        problems += [] if problems else answers(port)
    finally:
        begun_s = time.monotonic()
        service.send_signal(signal.SIGTERM)
        status = service.wait(timeout=30)
    took_s = time.monotonic() - begun_s
    return problems + ([] if status == 0 and took_s < STOP_S else [f"SIGTERM: status {status} after {took_s:.1f} s"])


def identity(text: str) -> tuple[int, int | None]:
    """The numbers of a USER instruction: user, and group if it names one."""
    user, _, group = text.partition(":")
    return int(user), int(group) if group else None


def gets_healthy(image: Stage, variables: dict[str, str]) -> bool:
    """Whether the health check passes within START_S."""
    until_s = time.monotonic() + START_S
    while time.monotonic() < until_s:
        if subprocess.run(image.health, env=variables, cwd="/", stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return True
        time.sleep(0.1)
    return False


def answers(port: int) -> list[str]:
    """What is wrong with two responses: a call without credentials and a control call without token are refused."""
    wanted = {"/volcv/v1?Action=CVProcess&Version=2022-08-31": 401, "/_mock/reset": 401}
    found = {path: status_of(f"http://127.0.0.1:{port}{path}") for path in wanted}
    return [f"POST {path}: {found[path]}, wanted {wanted[path]}" for path in wanted if found[path] != wanted[path]]


def status_of(url: str) -> int:
    """The HTTP status of a POST of an empty object."""
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})
    try:
        with open_directly(request, 10) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
