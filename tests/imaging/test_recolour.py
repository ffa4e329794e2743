"""SeedEdit recolours by prompt, seed and scale."""

from __future__ import annotations

from itertools import combinations

import pytest
from PIL import Image, ImageStat

from tests.imaging.scenes import difference, scene
from volcv_mock.imaging.mood import MOODS, PHRASE, mood_of
from volcv_mock.imaging.palette import HUES, colours, named_hue
from volcv_mock.imaging.recolour import Recolouring, recolour

SOURCE = scene("seaside")
GRADE = Recolouring("make it snow", "", 4, 0.5)


def test_a_share_of_zero_leaves_the_picture_alone():
    assert recolour(SOURCE, Recolouring("修改成红色衣服", "", 4, 0)).tobytes() == SOURCE.tobytes()


def test_the_effect_grows_with_the_share():
    apart = [
        difference(recolour(SOURCE, Recolouring("修改成红色衣服", "", 4, share)), SOURCE)[0]
        for share in (0.1, 0.3, 0.5, 0.8, 1.0)
    ]

    assert apart == sorted(apart)
    assert apart[0] < 15
    assert apart[-1] > 40


@pytest.mark.parametrize(
    "recolouring",
    [
        Recolouring("make it snow", "", 5, 0.5),
        Recolouring("make it rain", "", 4, 0.5),
        Recolouring("make it snow", "blurry", 4, 0.5),
    ],
    ids=["seed", "prompt", "negative prompt"],
)
def test_each_parameter_recolours_visibly(recolouring):
    assert difference(recolour(SOURCE, GRADE), recolour(SOURCE, recolouring))[0] > 4


@pytest.mark.parametrize("prompt", ["x", "make it evening", "红色", "a cat"])
@pytest.mark.parametrize("name", ["seaside", "rocket", "meadow"])
@pytest.mark.parametrize("first", [0, 1, 41, 2**31 - 4, 10**18])
def test_four_seeds_in_a_row_are_told_apart_at_a_glance(prompt, name, first):
    """Clients count the seed up and show the results side by side."""
    source = scene(name).reduce(4)

    shown = [recolour(source, Recolouring(prompt, "", seed, 0.5)) for seed in range(first, first + 4)]

    assert min(difference(one, other)[0] for one, other in combinations(shown, 2)) > 5


@pytest.mark.parametrize(
    ("prompt", "channel"),
    [("修改成红色衣服", 0), ("a green dress", 1), ("蓝色的海洋", 2)],
    ids=["red", "green", "blue"],
)
@pytest.mark.parametrize("seed", [0, 1, 2**31])
def test_a_colour_named_in_the_prompt_wins(prompt, channel, seed):
    grey = Image.new("RGB", (64, 64), (128, 128, 128))

    means = ImageStat.Stat(recolour(grey, Recolouring(prompt, "", seed, 1.0))).mean

    assert means[channel] == max(means)


def test_the_first_colour_of_a_prompt_counts():
    assert named_hue("from blue to red") == named_hue("blue")


@pytest.mark.parametrize("hue", HUES, ids=str)
def test_every_colour_word_is_found(hue):
    assert all(named_hue(word) is not None for word in HUES[hue].split())


@pytest.mark.parametrize("prompt", ["", "\0", "\ud800", "x" * 100_000], ids=["empty", "NUL", "lone surrogate", "long"])
def test_any_prompt_recolours(prompt):
    assert recolour(SOURCE, Recolouring(prompt, prompt, 1, 0.5)).size == SOURCE.size


def light_and_warmth(picture):
    """The mean brightness, and how much more red than blue there is."""
    red, green, blue = ImageStat.Stat(picture).mean
    return (red + green + blue) / 3, red - blue


@pytest.mark.parametrize(
    ("prompt", "lighter", "warmer"),
    [("make it evening", -1, 1), ("改成夜晚", -1, 0), ("a winter morning with snow", 1, 0), ("warm", 0, 1),
     ("make it colder", 0, -1), ("dark", -1, 0), ("变亮一点，明亮", 1, 0)],
)  # fmt: skip
def test_light_and_weather_named_in_the_prompt_are_followed(prompt, lighter, warmer):
    """Whatever the picture and the seed."""
    for source in (scene(name).reduce(8) for name in ("seaside", "rocket", "meadow")):
        before, warmth_before = light_and_warmth(source)
        for seed in (0, 1, 2, 3, 41, 2**31):
            after, warmth = light_and_warmth(recolour(source, Recolouring(prompt, "", seed, 0.5)))

            assert not lighter or (after - before) * lighter > 4
            assert not warmer or (warmth - warmth_before) * warmer > 4


def test_black_and_white_leaves_no_colour():
    grey = recolour(SOURCE, Recolouring("make it black and white", "", 4, 1.0)).convert("HSV").getchannel("S")

    assert ImageStat.Stat(grey).mean[0] < ImageStat.Stat(SOURCE.convert("HSV").getchannel("S")).mean[0] / 2


def test_a_colour_and_a_mood_are_both_followed():
    grey = Image.new("RGB", (64, 64), (128, 128, 128))

    red, green, blue = ImageStat.Stat(recolour(grey, Recolouring("a red car at night", "", 2, 0.8))).mean

    assert red > max(green, blue)
    assert red < 128


@pytest.mark.parametrize("words", MOODS)
def test_every_word_of_a_mood_is_found(words):
    plain = words.replace(PHRASE, "").split()

    assert all(mood_of(f"make it {word}") == MOODS[words] for word in plain)
    assert mood_of("make it black and white") == MOODS[next(name for name in MOODS if PHRASE in name)]


@pytest.mark.parametrize("prompt", ["a train", "a nice trip", "delight", "", "x" * 100_000])
def test_a_word_within_another_is_no_mood(prompt):
    assert mood_of(prompt) is None


def test_what_is_painted_new_follows_the_mood_too():
    """Edit, outpainting and text to picture take their colours from the palette."""
    day, night = (sum(map(sum, colours(f"a lake {when}", 3))) for when in ("", "at night"))

    assert night < 0.7 * day
