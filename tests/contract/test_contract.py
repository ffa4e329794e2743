"""The contract as a package: names that are nearly right, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from volcv_mock import contract

PACKAGE = Path(contract.__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        pytest.param("i2i_inpaint", "i2i_inpainting", id="cut short"),
        pytest.param("I2I_OUTPAINTING", "i2i_outpainting", id="capitals"),
        pytest.param("zzz", None, id="nothing near"),
        pytest.param("", None, id="empty"),
        pytest.param("x" * 100_000, None, id="very long"),
    ],
)
def test_a_slip_of_the_pen_finds_what_was_meant(word: str, meant: str | None) -> None:
    assert contract.nearest(word, contract.operations()) == meant


def test_importing_the_contract_does_not_import_jsonschema() -> None:
    """`volcv-mock --help` must not pay for it."""
    code = "import sys; from volcv_mock import contract; contract.codes(); print('jsonschema' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)

    assert run.stdout.strip() == "False"
