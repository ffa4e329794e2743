"""Build the wheel, install it in an empty environment, and run the demo there, outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


README_BLOCK = """
import re, sys
from volcv_mock import VolcvMock
block = re.findall(r"^```python\\n(.*?)^```$", open(sys.argv[1], encoding="utf-8").read(), re.MULTILINE | re.DOTALL)[0]
with VolcvMock().serve() as server:
    exec(block.replace("http://127.0.0.1:8410", server.base_url))
assert open("result.jpg", "rb").read(2) == bytes([255, 216])
"""
"""The README's first Python block, with the samples that were written before and a mock that is served meanwhile."""


def main() -> int:
    """Build, install, run. Raises CalledProcessError for a step that fails."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", str(place / "dist"), str(ROOT))
        wheel = next((place / "dist").glob("*.whl"))
        venv.create(place / "venv", with_pip=True)
        programs = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
        python = programs / "python"
        run(str(python), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(wheel))
        run(str(programs / "volcv-mock"), "demo", "--out", str(place / "demo"), where=place)
        run(str(python), "-m", "volcv_mock", "samples", str(place / "samples"), where=place)
        run(str(python), "-c", README_BLOCK, str(ROOT / "README.md"), where=place)
        sheet = place / "demo" / "contact-sheet.png"
        print(f"the wheel works in an empty environment: {wheel.name}, contact sheet {sheet.stat().st_size} bytes")
    return 0


def run(*command: str, where: Path = ROOT) -> None:
    """Run a command; raises CalledProcessError for an exit code other than 0."""
    subprocess.run(command, check=True, cwd=where)


if __name__ == "__main__":
    raise SystemExit(main())
