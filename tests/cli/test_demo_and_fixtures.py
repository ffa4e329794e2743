"""The commands that write pictures: `demo` and `fixtures DIR`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.error import URLError

import pytest
from PIL import Image, ImageOps

from volcv_mock import cli, contract
from volcv_mock.cli import demo
from volcv_mock.cli.contact_sheet import FRAME, Row
from volcv_mock.cli.demo import SHOTS

AGAIN = 8
"""Calls made a second time: with the first ones, each of the documented req_keys."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "made" / "new"
    assert cli.main(["demo", "--out", str(folder)]) == 0
    return folder


def results_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != "contact-sheet.png")


def test_demo_writes_one_picture_for_each_call(out: Path) -> None:
    assert len(results_in(out)) == len(SHOTS)
    for path in results_in(out):
        with Image.open(path) as picture:
            picture.load()
            assert picture.format == contract.operation(path.name.rpartition("-")[0]).output.format


def test_demo_shows_every_operation(out: Path) -> None:
    assert {path.name.rpartition("-")[0] for path in results_in(out)} == set(contract.operations())


def test_demo_writes_a_contact_sheet_with_a_row_for_each_call(out: Path) -> None:
    with Image.open(out / "contact-sheet.png") as sheet:
        sheet.load()

    assert sheet.format == "PNG"
    assert sheet.height > 100 * len(SHOTS)
    assert len(sheet.convert("RGB").resize((40, 40)).getcolors(1600) or ()) > 100


def test_demo_gives_the_same_pictures_each_time_also_behind_a_proxy(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls to its own server bypass HTTP_PROXY."""
    monkeypatch.setattr(demo, "SHOTS", SHOTS[:AGAIN])
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")

    cli.main(["demo", "--out", str(tmp_path)])

    assert len(results_in(tmp_path)) == AGAIN
    assert all(path.read_bytes() == (out / path.name).read_bytes() for path in results_in(tmp_path))


def test_demo_writes_a_page_with_every_picture_of_a_call_and_no_outside_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enlarged = next(shot for shot in SHOTS if "left" in shot.parameters)
    monkeypatch.setattr(demo, "SHOTS", (SHOTS[0], enlarged))

    assert cli.main(["demo", "--out", str(tmp_path), "--html"]) == 0

    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    files = re.findall(r'src="([^"]+)"', page)
    assert [name.partition("-")[2] for name in files] == [
        "source.jpg", "mask.png", "result.jpg", "difference.jpg", "source.jpg", "result.jpg", "difference.jpg",
    ]  # fmt: skip
    assert all((tmp_path / name).is_file() for name in files)
    assert "http" not in page
    assert f"page for a browser: {tmp_path / 'index.html'}" in capsys.readouterr().out


def test_the_original_is_framed_and_unchanged_in_the_difference_of_an_enlarged_picture() -> None:
    source = Image.new("RGB", (80, 60), (90, 120, 40))
    result = Image.new("RGB", (120, 60), (250, 250, 250))
    result.paste(source, (20, 0))

    changed = Row("", "", source, None, result, original=(20, 0, 100, 60)).difference

    assert changed is not None
    assert changed.getpixel((60, 30)) == (0, 0, 0)
    assert changed.getpixel((20, 30)) == FRAME
    assert min(changed.getpixel((5, 30))) > 200  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def border_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fixtures") / "made"
    assert cli.main(["fixtures", str(folder)]) == 0
    return folder


def test_fixtures_writes_every_file_its_index_names(border_set: Path) -> None:
    rows = json.loads((border_set / "index.json").read_text(encoding="utf-8"))
    rows = rows if isinstance(rows, list) else rows["files"]

    assert {row["verdict"] for row in rows} == {"accept", "refuse"}
    assert all((border_set / row["file"]).is_file() for row in rows)


def test_fixtures_writes_the_trigger_pictures(border_set: Path) -> None:
    assert (border_set / "triggers" / "index.json").is_file()
    with Image.open(border_set / "triggers" / "50411.png") as picture:
        picture.load()


def test_samples_writes_each_photo_with_a_mask_of_its_size(tmp_path: Path) -> None:
    assert cli.main(["samples", str(tmp_path / "new")]) == 0

    photos = sorted((tmp_path / "new").glob("*.jpg"))
    assert {"meadow", "rocket", "seaside"} <= {photo.stem for photo in photos}
    for photo in photos:
        with Image.open(photo) as picture, Image.open(photo.parent / "masks" / f"{photo.stem}.png") as mask:
            assert mask.size == ImageOps.exif_transpose(picture).size


@pytest.mark.parametrize("words", [["demo", "--out"], ["fixtures"], ["samples"]], ids=" ".join)
def test_a_folder_that_cannot_be_created_is_reported_without_a_traceback(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")

    assert cli.main([*words, str(file / "inside")]) == 2
    assert str(file / "inside") in capsys.readouterr().err


def test_a_failed_call_of_the_demo_is_not_reported_as_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise URLError("Connection refused")

    monkeypatch.setattr("volcv_mock.cli.demo.open_directly", fail)

    assert cli.main(["demo", "--out", str(tmp_path)]) == 2

    message = capsys.readouterr().err
    assert "a call to the mock at 127.0.0.1 failed: <urlopen error Connection refused>" in message
    assert "cannot write" not in message
