"""Injections requested by the request itself: header, key, prompt, seed and trigger picture."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from volcv_mock._util.paths import shelf
from volcv_mock.injection import BadRule, known_words, trigger_pictures
from volcv_mock.injection.rules import Draws
from volcv_mock.injection.triggers import asked


def words(header: str | None = None, key: str = "", body: Any = None, **more: Any) -> list[str]:
    return [f"{each.origin}:{each.name}" for each in asked(header, key, body, **more)]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("code=50411", ["50411"]),
        ("code=SignatureDoesNotMatch", ["SignatureDoesNotMatch"]),
        ("code=201304", ["ghost_face"]),
        ("fault=reset", ["reset"]),
        ("fault=50412", ["50412"]),
        ("delay=3s", ["delay=3s"]),
        ("delay=250ms", ["delay=250ms"]),
        ("code=50411; delay=3s; fault=reset", ["50411", "delay=3s", "reset"]),
        (" code = 50411 ;delay=1m30s; ", ["50411", "delay=1m30s"]),
        ("fault=black; fault=drip; duration=2s", ["black", "drip"]),
    ],
)
def test_a_header_requests_one_or_several_injections(header: str, names: list[str]) -> None:
    assert words(header) == [f"header:{name}" for name in names]


def test_a_duration_belongs_to_the_drip_or_hang_beside_it() -> None:
    injections = asked("fault=black; duration=2s; fault=drip", "", None)

    assert [each.duration_s for each in injections] == [None, 2.0]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "0 overrides"),
        (";", "0 overrides"),
        ("50411", "'50411' cannot be parsed; wanted code=50411, fault=reset, delay=3s"),
        ("coed=50411", "Did you mean 'code'"),
        ("code=", "'' is no known code"),
        ("code=50410", "'50410' is no known code or fault.*Did you mean"),
        ("code=10000", "is success"),
        ("code=reset", "reset is a fault"),
        ("fault=rest", "Did you mean 'reset'"),
        ("delay=3", r"did you mean 3s\?"),
        ("delay=-3s", "is not a duration"),
        ("delay=1000h", "longer than a day"),
        ("duration=2s", "fault=drip or hang beside it"),
        ("fault=reset; duration=2s", "fault=drip or hang beside it"),
        ("code=50411; code=50412", "two overrides for the stage gate"),
        ("delay=1s; delay=2s", "two overrides for the stage delay"),
        ("fault=drip; duration=1s; duration=2s", "two overrides for the stage duration"),
        ("delay=1s;" * 100, "100 overrides; wanted 1 to 16"),
    ],
)
def test_a_header_that_cannot_be_parsed_is_refused(header: str, why: str) -> None:
    with pytest.raises(BadRule, match=f"^header.X-Volcv-Mock: .*{why}"):
        words(header)


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("", []),
        ("sk-abc", []),
        ("sk-scope-one", []),
        ("AKLTxyz", []),
        ("sk-mock-50411", ["key:50411"]),
        ("sk-mock-201304", ["key:ghost_face"]),
        ("sk-mock-reset", ["key:reset"]),
        ("sk-mock-SignatureDoesNotMatch", ["key:SignatureDoesNotMatch"]),
    ],
)
def test_a_key_may_name_the_code_or_fault(key: str, names: list[str]) -> None:
    assert words(key=key) == names


def test_a_key_with_an_unknown_name_is_refused_without_being_shown() -> None:
    with pytest.raises(BadRule, match=r"sk-mock-\*\*\* names no known") as caught:
        words(key="sk-mock-verysecret")

    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize("name", ["prompt", "custom_prompt"])
@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a puppy", []),
        ("a puppy [[mock:50412]] in the snow", ["prompt:50412"]),
        ("[[mock:reset]]", ["prompt:reset"]),
        ("[[mock:delay=3s]]", ["prompt:delay=3s"]),
        ("[[mock:code=50411; delay=3s]]", ["prompt:50411", "prompt:delay=3s"]),
        ("[[mock:fault=drip; duration=2s]]", ["prompt:drip"]),
        ("[[mock:50411]] [[mock:delay=1s]]", ["prompt:50411", "prompt:delay=1s"]),
        ("[[mock", []),
        ("[mock:50411]", []),
    ],
)
def test_a_prompt_may_carry_a_trigger(name: str, prompt: str, names: list[str]) -> None:
    assert words(body={name: prompt}) == names


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("[[mock:rest]]", "'rest' is no known.*Did you mean 'reset'"),
        ("a puppy [[mock:50412", "1 times .* of which 0 complete; wanted 1 to 16"),
        ("[[mock:50412]", r"Close each with \]\]"),
        ("[[mock:50412 [[mock:drip]]", "2 times .* of which 1 complete"),
        ("[[mock:" + "x" * 201 + "]]", "of which 0 complete"),
        ("[[mock:delay=1s]]" * 17, "of which 17 complete"),
        ("[[mock:]]", "0 overrides"),
    ],
    ids=["a slip", "without an end", "half an end", "one inside another", "a novel", "a crowd", "nothing"],
)
def test_a_prompt_trigger_with_an_error_is_refused_and_not_ignored(prompt: str, why: str) -> None:
    with pytest.raises(BadRule, match=rf"^\$\.prompt: .*{why}"):
        words(body={"prompt": prompt})


@pytest.mark.parametrize(
    ("seed", "names"),
    [(50411, ["seed:50411"]), (201304, ["seed:ghost_face"]), (50511.0, ["seed:50511"]), (50429, ["seed:50429"]),
     (10000, []), (-1, []), (0, []), (1, []), (True, []), ("50411", []), (None, []), (100010, []), (10**400, []),
     (float("nan"), [])],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_a_seed_equal_to_an_error_code_of_the_service_triggers_it(seed: object, names: list[str]) -> None:
    assert words(body={"seed": seed}) == names


def test_a_trigger_picture_requests_the_injection_it_names() -> None:
    assert words(picture="outside_mask") == ["picture:outside_mask"]


def test_triggers_in_the_data_can_be_turned_off_and_header_and_key_stay() -> None:
    body = {"seed": 201304, "prompt": "[[mock:50412]] [[mock:nonsense]]"}

    found = words("delay=1s", "sk-mock-reset", body, triggers_on=False, picture="black")

    assert found == ["header:delay=1s", "key:reset"]


def test_the_most_specific_override_wins_at_each_stage() -> None:
    body = {"prompt": "[[mock:50411]] [[mock:delay=5s]] [[mock:reset]]", "seed": 50412}
    injections = asked("delay=1s", "sk-mock-50413", body, picture="black")
    draws = Draws(asked=injections)

    applied = [draws.draw(stage) for stage in ("gate", "picture", "wire", "delay")]

    assert [f"{each.origin}:{each.name}" for each in applied if each] == [
        "key:50413", "picture:black", "prompt:reset", "header:delay=1s"]  # fmt: skip


def test_a_body_that_is_no_object_requests_nothing() -> None:
    assert words(body=None) == []


@given(st.text(max_size=60))
def test_any_header_is_parsed_or_refused_with_a_message(header: str) -> None:
    assert verdict(header) in ("parsed", "refused with a message")


def verdict(header: str) -> str:
    try:
        return "parsed" if asked(header, "", None) else "ignored"
    except BadRule as error:
        return "refused with a message" if len(str(error)) < 2000 else str(error)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
VALUES = SCALARS | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from(["prompt", "custom_prompt", "seed"]), VALUES))
def test_no_body_breaks_the_trigger_parsers(body: dict[str, object]) -> None:
    if not any("[[mock:" in value for value in body.values() if isinstance(value, str)):
        asked(None, "", body)


# --- trigger pictures ------------------------------------------------------------------------------


def as_jpeg(image: Image.Image, quality: int = 80) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def halved(image: Image.Image, how: Image.Resampling = Image.Resampling.BICUBIC) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), how)


@pytest.mark.parametrize("word", known_words())
def test_every_name_survives_a_jpeg_of_quality_80_and_a_resize_to_half(word: str) -> None:
    picture = trigger_pictures.draw(word)

    read = {trigger_pictures.read(each) for each in (
        picture, as_jpeg(picture), halved(picture), halved(as_jpeg(picture)), as_jpeg(halved(picture)))}  # fmt: skip

    assert read == {word}


@pytest.mark.parametrize("how", list(Image.Resampling), ids=lambda how: how.name.lower())
@pytest.mark.parametrize("size", [(240, 160), (333, 222), (1024, 1024), (2000, 300)], ids=str)
def test_a_trigger_picture_survives_any_resampling_and_stretching(size: tuple[int, int], how: Image.Resampling) -> None:
    picture = trigger_pictures.draw("reset").resize(size, how)

    assert trigger_pictures.read(as_jpeg(picture)) == "reset"


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_a_trigger_picture_is_read_in_every_mode(mode: str) -> None:
    assert trigger_pictures.read(trigger_pictures.draw("50411").convert(mode)) == "50411"


def plain_pictures() -> list[Image.Image]:
    """Flat pictures, gradients, checkerboards, stripes and noise, as tests usually send."""
    side = 256
    gradient = Image.linear_gradient("L")
    pictures = [Image.new("L", (side, side), level) for level in range(0, 256, 15)]
    pictures += [gradient, gradient.rotate(90), Image.radial_gradient("L")]
    pictures += [stripes.rotate(turn) for turn in (0, 90) for stripes in map(striped, range(2, 129))]
    pictures += [checkerboard(side, cell) for cell in range(1, 65)]
    pictures += [Image.effect_noise((side, side), sigma) for sigma in range(5, 255, 5)]
    return pictures


def striped(count: int) -> Image.Image:
    return Image.linear_gradient("L").point([255 * (value * count // 256 % 2) for value in range(256)])


def checkerboard(side: int, cell: int) -> Image.Image:
    board = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(board)
    for top in range(0, side, cell):
        for left in range(cell * (top // cell % 2), side, 2 * cell):
            pen.rectangle((left, top, left + cell - 1, top + cell - 1), fill=0)
    return board


def test_no_plain_test_picture_is_taken_for_a_trigger() -> None:
    pictures = plain_pictures()

    assert len(pictures) > 300
    assert [trigger_pictures.read(picture) for picture in pictures] == [None] * len(pictures)


@given(cells=st.lists(st.booleans(), min_size=trigger_pictures.CELLS, max_size=trigger_pictures.CELLS))
def test_stripes_of_the_right_width_are_no_trigger_unless_all_bits_agree(cells: list[bool]) -> None:
    row = Image.new("L", (len(cells), 1))
    row.putdata([0 if cell else 255 for cell in cells])

    assert trigger_pictures.read(row.resize((420, 100), Image.Resampling.NEAREST)) is None


def test_a_picture_with_one_wrong_cell_is_no_trigger() -> None:
    picture = trigger_pictures.draw("50411")
    pen = ImageDraw.Draw(picture)
    width = picture.width / trigger_pictures.CELLS
    left = width * 10
    pen.rectangle((left, 0, left + width, picture.height), fill=(0, 0, 0))
    pen.rectangle((left + width, 0, left + 2 * width, picture.height), fill=(0, 0, 0))
    pen.rectangle((left + 2 * width, 0, left + 3 * width, picture.height), fill=(255, 255, 255))

    assert trigger_pictures.read(picture) is None


def test_no_photo_of_the_fixtures_is_a_trigger() -> None:
    photos = [path for path in (shelf("fixtures") / "images").rglob("*") if path.suffix in (".jpg", ".jpeg", ".png")]

    assert [trigger_pictures.read(Image.open(path).convert("RGB")) for path in photos] == [None] * len(photos)


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (4, 4000), (4000, 4), (84, 8)], ids=str)
def test_a_picture_too_small_or_odd_to_carry_stripes_is_none(size: tuple[int, int]) -> None:
    assert trigger_pictures.read(Image.new("RGB", size, "white")) is None


def test_reading_a_large_picture_converts_at_most_one_row_of_each_height(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture received is read: the cost must not grow with its height. An ordinary picture costs one row."""
    trigger, ordinary = trigger_pictures.draw("reset", (1024, 1024)), Image.effect_noise((1024, 1024), 60)
    sizes: list[tuple[int, int]] = []
    convert = Image.Image.convert

    def recording(image: Image.Image, *arguments: object, **options: object) -> Image.Image:
        sizes.append(image.size)
        return convert(image, *arguments, **options)

    monkeypatch.setattr(Image.Image, "convert", recording)
    trigger_pictures.read(trigger)
    trigger_pictures.read(ordinary)

    assert sizes == [(1024, 1)] * (len(trigger_pictures.ROWS) + 1)


def test_the_written_set_is_read_back_as_its_index_says(tmp_path: Path) -> None:
    files = trigger_pictures.write(tmp_path / "triggers")
    index = json.loads((tmp_path / "triggers" / "index.json").read_text(encoding="utf-8"))

    assert {path.name for path in files} == {*index["pictures"], "index.json"}
    assert {"50411", "201304", "SignatureDoesNotMatch", "reset"} <= set(index["pictures"].values())
    assert read_all(tmp_path / "triggers", index["pictures"]) == index["pictures"]


def read_all(folder: Path, names: Iterable[str]) -> dict[str, str | None]:
    return {name: trigger_pictures.read(Image.open(folder / name)) for name in names}


def test_the_trigger_pictures_of_the_fixtures_match_the_recipe() -> None:
    folder = shelf("fixtures") / "triggers"
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))

    assert index["recipe"] == json.loads(json.dumps(trigger_pictures.recipe()))
    assert read_all(folder, index["pictures"]) == index["pictures"]
