"""The registry: every promised name is a fault, and each fault has its file, its stage and its hook."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from volcv_mock import contract, faults
from volcv_mock.faults import FAULTS, Fault
from volcv_mock.injection import STAGES

PUBLIC_NAMES = (
    *("ghost_face", "ghost_face_top_level", "expired_url", "dead_link", "no_picture"),
    *("stays_in_queue", "stays_generating", "task_expired", "task_vanishes", "same_task_id"),
    *("reset", "empty", "truncate", "drip", "hang", "bad_length"),
    *("malformed_json", "html_502", "missing_data", "extra_field", "wrong_type", "base64_newlines", "data_uri"),
    *("unchanged", "black", "wrong_size", "outside_mask", "png_instead_of_jpeg", "corrupt_jpeg"),
)
"""The names that users may rely on."""
NO_FAULTS = ("__init__", "base", "repaint")


def test_every_promised_name_is_a_fault() -> None:
    assert set(PUBLIC_NAMES) - set(faults.names()) == set()


def test_every_file_of_the_folder_is_a_fault_of_the_registry() -> None:
    folder = Path(faults.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - set(NO_FAULTS)

    assert files == set(faults.names())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_lives_in_the_file_of_its_name_and_says_what_the_client_sees(fault: Fault) -> None:
    module = importlib.import_module(f"volcv_mock.faults.{fault.name}")

    assert module.FAULT is fault
    assert module.__doc__ is not None
    assert module.__doc__.startswith(f"{fault.name}: ")
    assert fault.summary


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_drawn_where_its_hook_works(fault: Fault) -> None:
    stages = {
        "task": ("task",), "outcome": ("model", "after"), "picture": ("picture",),
        "reply": ("reply",), "wire": ("wire",),
    }  # fmt: skip

    assert fault.stage in STAGES
    assert fault.stage in stages[fault.hook]


def test_faults_that_stand_for_a_code_name_a_row_that_exists() -> None:
    rows = {fault.name: contract.row(fault.row).code for fault in FAULTS if fault.row}

    assert rows == {"ghost_face": 201304, "ghost_face_top_level": 201304}


def test_an_unknown_name_is_answered_with_the_nearest_and_the_known() -> None:
    with pytest.raises(KeyError, match=r"unknown fault 'trunkate'.*Did you mean 'truncate'\?.*Known: ghost_face, "):
        faults.by_name("trunkate")
