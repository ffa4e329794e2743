"""The committed scenes are what their recipe renders, and the photograph is the one ORIGIN.md names."""

from __future__ import annotations

import hashlib
import importlib.util
import sys

import pytest
from PIL import Image, ImageOps

from tests.imaging.scenes import IMAGES, NAMES, difference, mask_of, scene

ROCKET_SHA256 = "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"


def recipe(monkeypatch):
    """The script as a module; dataclasses want to find it among the modules."""
    spec = importlib.util.spec_from_file_location("make_scenes", IMAGES / "make_scenes.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "make_scenes", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["seaside", "meadow", "wall-turned"])
def test_the_recipe_renders_the_committed_scene(name, tmp_path, monkeypatch):
    """Not byte for byte: another libjpeg may round otherwise."""
    module = recipe(monkeypatch)
    (tmp_path / "masks").mkdir()

    module.write(next(one for one in module.SCENES if one.name == name), tmp_path)

    rendered = ImageOps.exif_transpose(Image.open(tmp_path / f"{name}.jpg"))
    assert difference(rendered, scene(name))[1] <= 4
    assert Image.open(tmp_path / "masks" / f"{name}.png").tobytes() == mask_of(name).tobytes()


def test_the_photograph_is_the_one_whose_origin_is_told():
    assert hashlib.sha256((IMAGES / "rocket.jpg").read_bytes()).hexdigest() == ROCKET_SHA256


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_has_its_origin_written_down(name):
    assert f"`{name}.jpg`" in (IMAGES / "ORIGIN.md").read_text(encoding="utf-8")
