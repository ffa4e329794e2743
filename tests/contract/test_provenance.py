"""Where each figure comes from: assumptions, grades, sources and divergences."""

from __future__ import annotations

from pathlib import Path

from volcv_mock import contract
from volcv_mock.contract.documents import document
from volcv_mock.contract.provenance import sources

PACKAGE = Path(contract.__file__).resolve().parent.parent
GRADES = {"stated", "prose", "example", "seen", "inferred", "assumed"}


def test_everything_assumed_is_listed() -> None:
    """A guess must never look proven: rows, figures, keywords and readings are all there."""
    listed = {fact["where"] for fact in contract.assumptions()}

    for row in contract.codes():
        if row.grade == "assumed":
            assert f"schemas/codes.json {row.id}" in listed
    for name, raw in document("catalog.json")["parameters"].items():
        assert (f"schemas/catalog.json {name}" in listed) == (raw["grade"] == "assumed")
    for reading in contract.divergences():
        assert (f"schemas/divergences.json {reading['id']}" in listed) == (reading["grade"] == "assumed")
    assert "schemas/requests/byteedit_v2.0.schema.json#/$defs/scale" in listed
    assert "schemas/common/mask.schema.json#/x-mask" in listed


def test_an_assumption_says_what_its_value_is_and_where_it_stands() -> None:
    for fact in contract.assumptions():
        assert set(fact) == {"what", "value", "where", "source", "grade"}
        assert all(fact.values()), fact
        assert (PACKAGE.parent / fact["where"].split("#")[0].split()[0]).is_file()


def test_every_parameter_and_action_is_graded_and_sourced() -> None:
    catalog = document("catalog.json")
    for row in (*catalog["parameters"].values(), *catalog["actions"]):
        assert row["grade"] in GRADES
        assert set(row["source"]) <= set(sources())


def test_every_figure_of_the_timing_model_is_graded_and_sourced() -> None:
    catalog = document("catalog.json")
    for timing in (catalog["timing_model"], *(row["timing"] for row in catalog["operations"])):
        figures = {key for key in timing if not key.startswith("x-") and key != "description"}
        assert set(timing["x-source"]) == set(timing["x-grade"]) == figures
        assert all(set(names) <= set(sources()) for names in timing["x-source"].values())


def test_a_divergence_says_who_disagrees_what_is_served_and_why() -> None:
    ids = [row["id"] for row in contract.divergences()]

    assert len(ids) == len(set(ids))
    for row in contract.divergences():
        assert set(row) - {"alternatives", "probe", "no_probe", "rule"} == {
            "id", "ledger", "discrepancy", "where", "reading", "why", "switch", "grade", "source",
        }  # fmt: skip
        assert row["grade"] in GRADES
        assert set(row["where"]) <= {"S0", "S1", "S2", "S3", "S4"}
        assert set(row["source"]) <= set(sources())


def test_every_row_of_the_ledger_is_among_the_divergences() -> None:
    assert {row["ledger"] for row in contract.divergences()} >= set(range(1, 31))


def test_a_citation_names_document_and_section_once() -> None:
    assert contract.cite(["S3-seed", "S3-seed-repeat", "S1-seed"]) == "S3, Body参数; S1, Body参数"
