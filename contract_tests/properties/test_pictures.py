"""The table of picture classes, in both places of the list, as base64 and behind URLs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ..model import SUCCESS, Expect, Request
from ..pictures.classes import PictureClass, all_classes
from ..planning.cases import expect_row
from ..runner.session import Session
from .plugin import assert_conform

pytestmark = pytest.mark.generated
URL_CLASSES = [kind for kind in all_classes() if not kind.base64_only]


@pytest.mark.parametrize("kind", all_classes(), ids=lambda kind: f"{kind.item}: {kind.name}")
def test_class_as_base64(kind: PictureClass, session: Session) -> None:
    session.ask(_request(kind), _expect(kind))

    assert_conform(session.take_findings())


@pytest.mark.needs("reaches_loopback")
@pytest.mark.parametrize("kind", URL_CLASSES, ids=lambda kind: f"{kind.item}: {kind.name}")
def test_class_behind_a_url(kind: PictureClass, session: Session) -> None:
    session.ask(replace(_request(kind), pictures_in="urls"), _expect(kind, by_url=True))

    assert_conform(session.take_findings())


@pytest.mark.parametrize("kind", [kind for kind in all_classes() if kind.item == "mask"], ids=lambda kind: kind.name)
def test_mask_class_for_canvas_outpainting(kind: PictureClass, session: Session) -> None:
    session.ask(replace(_request(kind), req_key="i2i_outpainting"), _expect(kind))

    assert_conform(session.take_findings())


def _request(kind: PictureClass) -> Request:
    return Request(
        "i2i_inpainting", {"seed": 7}, kind.pictures(), violation="" if kind.is_valid else f"{kind.item}: {kind.name}"
    )


def _expect(kind: PictureClass, *, by_url: bool = False) -> Expect:
    """A picture of a wrong kind behind a URL may be called no picture at all: another rule, the same refusal."""
    if kind.is_valid:
        return SUCCESS
    expect = expect_row(kind.rule, name_rule=not by_url)
    return replace(expect, row="") if by_url else expect
