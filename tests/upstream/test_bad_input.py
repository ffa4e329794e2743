"""A mode that cannot work ends `serve` with 2 and one line, before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from volcv_mock.cli import main
from volcv_mock.config.upstream_settings import leads_to

REAL = ("--upstream", "http://127.0.0.1:9", "--api-key", "sk-real")
CASES = {
    "pass without an upstream": (("--mode", "pass"), "needs --upstream URL"),
    "diff without an upstream": (("--mode", "diff", "--api-key", "sk-real"), "needs --upstream URL"),
    "record without a folder": ((*REAL, "--mode", "record"), "needs --recordings DIR"),
    "replay without a folder": (("--mode", "replay"), "needs --recordings DIR"),
    "the mock itself": (
        ("--upstream", "http://localhost:8409", "--port", "8409", "--api-key", "sk-real", "--mode", "pass"), "itself",
    ),
    "a key of the mock": (
        ("--upstream", "http://127.0.0.1:9", "--api-key", "sk-mock-50411", "--mode", "pass"),
        "no client key is configured",
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


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]",
                                  "a.localhost", "LOCALHOST."])  # fmt: skip
def test_an_upstream_is_the_mock_itself_in_any_spelling(host: str) -> None:
    assert leads_to(f"http://{host}:8409", "127.0.0.1", 8409)
    assert not leads_to(f"http://{host}:8408", "127.0.0.1", 8409)


@pytest.mark.parametrize(("own", "is_itself"), [("0.0.0.0", True), ("::", True), ("127.0.0.1", False)])
def test_the_name_of_the_machine_is_the_mock_if_it_listens_at_every_address(
    monkeypatch: pytest.MonkeyPatch, own: str, is_itself: bool
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Build-7")

    assert leads_to("http://build-7:8409", own, 8409) is is_itself
