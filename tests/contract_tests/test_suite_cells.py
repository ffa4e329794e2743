"""The coverage ledger by obligation, req_key, input mode and output form: every cell has a case."""

from __future__ import annotations

from functools import cache

import pytest

from contract_tests.planning.axes import Cell
from contract_tests.planning.plan import PAID
from contract_tests.planning.planned import live_cases, planned_cases
from contract_tests.relations.each_difference_shows import differences
from contract_tests.relations.scenes import FORMS, NAMES, scenes

LIVE = PAID | {"checks_keys"}


def _said_of(scene):
    """What is said of a req_key in every mode and form."""
    yield from ("painted", "seed", "watermark", "watermark text", "link equals base64")
    yield from (one.name for one in differences(scene))
    if NAMES[scene.req_key] in ("removal", "edit", "official-edit"):
        yield "kept"
    if scene.has_shares:
        yield "painted, capped"


def _cells():
    for scene in scenes():
        for form in FORMS:
            yield from (str(Cell(what, scene.req_key, scene.mode, form)) for what in _said_of(scene))
        yield str(Cell("link lives", scene.req_key, scene.mode, "link"))
        for what in ("same seed", "random seed", "opacity"):
            yield str(Cell(what, scene.req_key, scene.mode, "base64"))


@cache
def _covered():
    return frozenset().union(*(case.obligations() for case in planned_cases()))


def test_no_cell_is_without_a_case():
    """A deviation of one req_key, in one mode or one output form, would meet nobody in an empty cell."""
    assert [cell for cell in _cells() if cell not in _covered()] == []


def test_the_table_of_cells_has_every_axis():
    cells = [cell.split(" | ") for cell in _cells()]

    assert {cell[1] for cell in cells} == set(NAMES)
    assert {cell[3] for cell in cells} == {"base64", "link"}
    assert len(cells) == len(set(map(tuple, cells))) > 200


@pytest.mark.parametrize("req_key", NAMES)
def test_a_round_of_nights_covers_each_req_key_in_base64_and_by_link(req_key):
    covered = frozenset().union(*(case.obligations() for case in live_cases(LIVE)))
    mode = next(scene.mode for scene in scenes() if scene.req_key == req_key)

    for what in ("painted", "seed", "watermark", "watermark text", "link equals base64"):
        assert str(Cell(what, req_key, mode, "base64")) in covered
    assert str(Cell("painted", req_key, mode, "link")) in covered
    assert str(Cell("link lives", req_key, mode, "link")) in covered
