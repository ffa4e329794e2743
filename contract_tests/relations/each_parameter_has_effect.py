"""MR 17: the dials do something: quality, steps, scale and the prompt each change the picture (our mock's promise)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

DIALS: dict[str, tuple[str, str, Any, Any, str]] = {
    "quality": ("removal", "quality", "H", "L", "S3-quality-h, S3-quality-l, S3-quality-m"),
    "steps": ("edit", "steps", 5, 60, "S3-steps, S1-steps"),
    "scale": ("edit", "scale", 1, 20, "S1-scale-range, S3-scale-range"),
    "prompt": ("edit", "custom_prompt", "a puppy", "a blue vase", "S1-custom-prompt, S0-edit-example"),
    "seededit-prompt": ("seededit", "prompt", "red dress", "blue dress", "S0-seededit-prompt"),
    "seededit-scale": ("seededit", "scale", 0.1, 0.9, "S0-seededit-seed, V-sibling-scale"),
    "outpainting-prompt": ("outpainting", "prompt", "蓝色的海洋", "a red desert", "S2-prompt"),
}


def asks(dial: str, variant: int) -> dict[str, Ask]:
    kind, field, low, high, _ = DIALS[dial]
    return {
        "low": Ask(b.BUILDERS[kind](variant, **{field: low})),
        "high": Ask(b.BUILDERS[kind](variant, **{field: high})),
    }


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    if exchanges["low"].received_picture == exchanges["high"].received_picture:
        yield "both ends of the dial gave the same file: it seems to be ignored"


CASES = tuple(
    Case(f"MR17-{dial}", f"{row[1]} changes the picture", row[4], partial(asks, dial), compare)
    for dial, row in DIALS.items()
)
