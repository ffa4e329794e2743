"""A mode that cannot work ends `serve` with 2 and one line, before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from volcv_mock.cli import main

REAL = ("--upstream", "http://127.0.0.1:9", "--api-key", "sk-real")
CASES = {
    "pass without an upstream": (("--mode", "pass"), "needs --upstream URL"),
    "diff without an upstream": (("--mode", "diff", "--api-key", "sk-real"), "needs --upstream URL"),
    "record without a folder": ((*REAL, "--mode", "record"), "needs --recordings DIR"),
    "replay without a folder": (("--mode", "replay"), "needs --recordings DIR"),
    "the mock itself": (
        ("--upstream", "http://localhost:8409", "--port", "8409", "--api-key", "sk-real", "--mode", "pass"), "itself",
    ),
    "a file as the folder": ((*REAL, "--mode", "record", "--recordings", "{file}"), "recordings = "),
    "a folder that is not there": (("--mode", "replay", "--recordings", "{file}/none"), "recordings = "),
}  # fmt: skip


@pytest.mark.parametrize(("flags", "said"), CASES.values(), ids=CASES)
def test_serve_ends_with_2_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")

    code = main(["serve", *(flag.replace("{file}", str(file)) for flag in flags)])

    shown = capsys.readouterr()
    assert code == 2
    assert shown.out == ""
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
