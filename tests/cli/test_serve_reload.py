"""`serve --config`: a changed file takes effect while the server runs; a bad one changes nothing."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import Serving
from volcv_mock._util.loopback import open_directly

BEFORE = 'latency = "2s"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mock.toml"
    path.write_text(BEFORE)
    return path


@pytest.fixture
def serving(file: Path) -> Iterator[Serving]:
    with Serving("--config", str(file)) as served:
        yield served


def latency(serving: Serving) -> Any:
    with open_directly(f"{serving.url}/_mock/latency", 20) as answer:
        return json.load(answer)["latency"]["default"]


def test_a_changed_file_takes_effect(serving: Serving, file: Path) -> None:
    file.write_text('latency = "3s"\n')

    assert str(file) in serving.error_with("reloaded")
    assert latency(serving) == "3s"


def test_a_bad_file_is_reported_with_its_line_and_changes_nothing(serving: Serving, file: Path) -> None:
    file.write_text('\nlatency = "soon"\n')

    message = serving.error_with("latency")

    assert f"{file}:2: latency" in message
    assert "stay" in message
    assert latency(serving) == "2s"


def test_sighup_reads_the_file_again_though_it_looks_unchanged(serving: Serving, file: Path) -> None:
    serving.process.send_signal(signal.SIGHUP)

    assert str(file) in serving.error_with("reloaded")
    assert latency(serving) == "2s"


def test_a_fixed_file_takes_effect_after_a_bad_one(serving: Serving, file: Path) -> None:
    file.write_text("latency =")
    serving.error_with("stay")
    file.write_text('latency = "4s"\n')

    serving.error_with("reloaded")

    assert latency(serving) == "4s"


def test_a_setting_that_needs_a_restart_is_named_and_unchanged(serving: Serving, file: Path) -> None:
    """A new host in the file must not open the control API of a mock that others reach, or close it here."""
    file.write_text('host = "0.0.0.0"\nlatency = "5s"\n')

    assert "restart to apply: host" in serving.error_with("reloaded")
    assert latency(serving) == "5s"


def test_a_removed_file_is_reported_and_loaded_when_it_returns(serving: Serving, file: Path) -> None:
    """Editors and volume mounts replace a file by another."""
    away = file.with_suffix(".away")
    os.replace(file, away)
    assert "stay" in serving.error_with(str(file))
    away.write_text('latency = "6s"\n')
    os.replace(away, file)

    serving.error_with("reloaded")

    assert latency(serving) == "6s"
