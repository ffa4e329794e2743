"""docs/calibrate.md: its file is one that `--readings` takes, and its measurement runs against a local stand-in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from volcv_mock import VolcvMock
from volcv_mock.cli import main
from volcv_mock.recording import readings_file

PAGE = Path(__file__).resolve().parents[2] / "docs" / "calibrate.md"


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_file_of_the_page_is_played(tmp_path: Path) -> None:
    file = tmp_path / "readings.toml"
    file.write_text(block("toml"), encoding="utf-8")

    played = VolcvMock(readings=str(file)).world.readings

    assert played.played["mask-size"] == "resize"
    assert played.answers["picture_format"].message == "image format error"


@pytest.mark.long
def test_the_measurement_of_the_page_runs_against_a_local_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy is a mock behind a socket; the page's command with its address and a ledger of its own."""
    command = next(line for line in block("text").splitlines() if line.startswith("volcv-mock")).split()[1:]
    monkeypatch.setenv("VOLCV_API_KEY", "sk-page-0123456789")
    monkeypatch.chdir(tmp_path)

    with VolcvMock(readings={"mask-size": "resize"}, triggers=False).serve() as server:
        address = [server.base_url if word.startswith("https://") else word for word in command]
        code = main([*address, "--budget", "400", "--rps", "1000"])

    assert code == 0
    assert readings_file.read(tmp_path / "readings.toml").entries["mask-size"].alternative == "resize"
