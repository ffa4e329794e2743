"""The contract as data: every file is well formed, keeps to the dialect, and has its provenance."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from referencing import Registry, Resource

from contract_tests.provenance import with_provenance
from volcv_mock import contract
from volcv_mock._util.paths import shelf
from volcv_mock.contract.documents import document
from volcv_mock.contract.inheritance import expanded
from volcv_mock.contract.provenance import COMMONS, sources

SCHEMAS, EXAMPLES = shelf("schemas"), shelf("fixtures") / "examples"
AWAY = ("sources.json", "openapi.json")
FILES = sorted(SCHEMAS.glob("*/*.schema.json"))
REQUESTS = sorted(SCHEMAS.glob("requests/*.schema.json"))

ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description"}
VALIDATING = {
    "type", "const", "enum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "oneOf",
    "default", "contentEncoding",
}  # fmt: skip
OURS = {"x-picture", "x-mask", "x-items", "x-advice", "x-ignored", "x-prefers", "x-together", "x-area",
        "x-ratio", "x-constant"}
SILENT = {"$ref", "x-source", "x-grade", "x-unbounded", "x-gen"}
CHECKED = {
    "common/envelopes": "5966b1f34b44ff3b",
    "common/guidance_scale": "8a802c931a071226",
    "common/headers": "6bd6c56584d95896",
    "common/logo_info": "e323b6da8c66b1c5",
    "common/mask": "359e760dec208d28",
    "common/picture": "ce7c5a2b463331cf",
    "common/picture_url": "d822b3d82bf516b7",
    "common/query": "66bd4dc1584b4e1c",
    "common/return_url": "0868cdd3b8ae60ef",
    "common/seed": "f435188a230c3aeb",
    "common/steps": "741ee8e71b95b1ec",
    "common/strength": "3b54586c347b84f4",
    "requests/byteedit_v2.0": "5884b699c105f11c",
    "requests/i2i_inpainting": "56760b4e750ef72a",
    "requests/i2i_inpainting_edit": "85ae1709ffbf80e3",
    "requests/i2i_outpainting": "615fe6ada4b5d343",
    "requests/img2img_inpainting_edit_zi2i": "e71e453d24b39ca3",
    "responses/byteedit_v2.0": "ed36b7b502604048",
    "responses/i2i_inpainting": "55fe75b7aa6f4738",
    "responses/i2i_inpainting_edit": "d6fb9e0858f6bbef",
    "responses/i2i_outpainting": "50b5726f3c97d204",
    "responses/img2img_inpainting_edit_zi2i": "f50b6a7ff38c4dbe",
    "tasks/callback": "f06c16feaa685811",
    "tasks/cancel_request": "1344ac7865de9023",
    "tasks/done": "401980dac35dc5ff",
    "tasks/req_json": "e71c48cc8fbdb49c",
    "tasks/result_request": "dfd76bdff01662ae",
    "tasks/submitted": "6b88631cab1b9cad",
    "tasks/waiting": "054ea2c4fdde11dc",
}
"""File -> digest of the source and grade of every keyword in it."""
GRADES = {"stated", "prose", "example", "seen", "inferred", "assumed"}


def named(paths: list[Path]) -> list[Any]:
    return [pytest.param(path, id=str(path.relative_to(SCHEMAS))) for path in paths]


def load(path: Path) -> Any:
    """A file as the package reads it: a schema with its provenance written out."""
    name = path.relative_to(SCHEMAS).as_posix() if path.is_relative_to(SCHEMAS) else ""
    return document(name) if name else json.loads(path.read_text(encoding="utf-8"))


def facts(node: Mapping[str, Any], where: str = "#") -> Iterator[str]:
    """One line for the source, and one for the grade, of every keyword and figure."""
    for place, _, part in nodes(node):
        inner = [(f"/{key}", part[key]) for key in ("x-picture", "x-mask") if key in part]
        for end, holder in [("", part), *inner]:
            for kind in ("x-source", "x-grade"):
                yield from (f"{place}{end} {kind} {key} {json.dumps(it)}" for key, it in holder.get(kind, {}).items())


def nodes(node: Any, where: str = "#", level: int = 0) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Every schema in a schema: the members of properties and $defs, items, and the branches of oneOf."""
    yield where, level, node
    for key in ("properties", "$defs"):
        for name, part in node.get(key, {}).items():
            yield from nodes(part, f"{where}/{key}/{name}", level + 1)
    for index, part in enumerate(node.get("oneOf", ())):
        yield from nodes(part, f"{where}/oneOf/{index}", level + 1)
    if isinstance(node.get("items"), Mapping):
        yield from nodes(node["items"], f"{where}/items", level + 1)


def registry() -> Registry[Any]:
    loaded = [load(path) for path in FILES]
    return Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in loaded)


def example_files(pattern: str) -> list[Any]:
    found = sorted(EXAMPLES.glob(pattern))
    return [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in found]


# --- dialect


@pytest.mark.parametrize("path", named(FILES))
def test_a_schema_passes_its_metaschema(path: Path) -> None:
    Draft202012Validator.check_schema(load(path))


@pytest.mark.parametrize("path", named(FILES))
def test_only_permitted_keywords_are_used(path: Path) -> None:
    """The rest is ignored, mis-generated or mis-read by one tool or another."""
    used = {key for _, _, node in nodes(load(path)) for key in node}

    assert used <= ANNOTATIONS | VALIDATING | OURS | SILENT


@pytest.mark.parametrize("path", named(FILES))
def test_one_of_stands_only_at_the_top(path: Path) -> None:
    assert all(level == 0 for _, level, node in nodes(load(path)) if "oneOf" in node)


@pytest.mark.parametrize("path", named(FILES))
def test_beside_a_reference_stand_only_annotations(path: Path) -> None:
    """So that laying them over the target says the same as applying both."""
    beside = {key for _, _, node in nodes(load(path)) if "$ref" in node for key in node}

    assert beside <= ANNOTATIONS | OURS | SILENT | {"default"}


def test_each_file_is_known_by_a_urn_that_says_where_it_lies() -> None:
    expected = {f"urn:volcv-mock:{path.parent.name}:{path.name.removesuffix('.schema.json')}" for path in FILES}

    assert {load(path)["$id"] for path in FILES} == expected


def test_every_common_file_is_in_the_list_that_provenance_walks() -> None:
    assert set(COMMONS) == {path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("common/*")}


# --- provenance


@pytest.mark.parametrize("path", named(FILES))
def test_every_keyword_has_a_source_and_a_grade(path: Path) -> None:
    for where, _, node in nodes(load(path)):
        owed = {key for key in node if key in VALIDATING | OURS - {"x-picture", "x-mask"}}

        assert set(node.get("x-source", {})) == set(node.get("x-grade", {})) == owed, where


@pytest.mark.parametrize("path", named(FILES))
def test_the_suite_reads_the_same_provenance_as_the_package(path: Path) -> None:
    """Two independent readers of the inherited "*"."""
    raw = json.loads(path.read_text(encoding="utf-8"))

    assert with_provenance(raw) == expanded(raw)


@pytest.mark.parametrize("path", named([SCHEMAS / f"{name}.schema.json" for name in CHECKED]))
def test_the_provenance_written_out_is_the_one_that_was_checked(path: Path) -> None:
    """A default that changes moves the source of every keyword inside; then this table is to be changed too."""
    text = "\n".join(sorted(facts(load(path))))

    assert hashlib.sha256(text.encode()).hexdigest()[:16] == CHECKED[f"{path.parent.name}/{path.name[:-12]}"]


def test_an_inner_default_replaces_the_outer_one_and_a_keyword_replaces_both() -> None:
    made = expanded({
        "type": "object", "x-source": {"*": ["a"]}, "x-grade": {"*": "stated", "type": "assumed"},
        "properties": {"seed": {"type": "integer", "minimum": 0, "x-source": {"*": ["b"], "minimum": ["c"]}}},
    })  # fmt: skip

    assert made["x-grade"] == {"type": "assumed", "properties": "stated"}
    assert made["properties"]["seed"]["x-source"] == {"type": ["b"], "minimum": ["c"]}
    assert made["properties"]["seed"]["x-grade"] == {"type": "stated", "minimum": "stated"}


@pytest.mark.parametrize("path", named(FILES))
def test_every_source_is_listed_and_every_grade_is_known(path: Path) -> None:
    for where, _, node in nodes(load(path)):
        for part in (node, node.get("x-picture", {}), node.get("x-mask", {})):
            cited = [name for names in part.get("x-source", {}).values() for name in names]
            assert set(cited) <= set(sources()), where
            assert all(part.get("x-source", {}).values()), where
            assert set(part.get("x-grade", {}).values()) <= GRADES, where


@pytest.mark.parametrize(("name", "keyword"), [("picture", "x-picture"), ("mask", "x-mask")])
def test_every_picture_figure_has_a_source_and_a_grade(name: str, keyword: str) -> None:
    demands = document(f"common/{name}.schema.json")[keyword]
    figures = {key for key in demands if not key.startswith("x-")}

    assert set(demands["x-source"]) == set(demands["x-grade"]) == figures


@pytest.mark.parametrize("path", named(REQUESTS))
def test_a_number_or_text_without_a_bound_says_that_no_document_gives_one(path: Path) -> None:
    bounds = {"minimum", "maximum", "minLength", "maxLength", "enum", "const"}
    for part in document(str(path.relative_to(SCHEMAS)))["$defs"].values():
        if part.get("type") in ("integer", "number", "string") and not bounds & set(part):
            assert part["x-unbounded"] is True
            assert set(part["x-gen"]) <= bounds


def test_stated_means_that_a_document_or_the_vendor_says_so() -> None:
    """`stated` on the strength of our own choice would make a guess look proven."""
    for fact in contract.graded():
        if fact["grade"] in ("stated", "prose", "example"):
            assert fact["source"].startswith(("S0", "S1", "S2", "S3", "S4", "vendor")), fact


def test_every_source_is_relied_on_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SCHEMAS.rglob("*.json") if path.name not in AWAY)
    code = "".join(path.read_text(encoding="utf-8") for path in (SCHEMAS.parent / "volcv_mock").rglob("*.py"))

    assert [name for name in sources() if f'"{name}"' not in text + code] == []


def test_a_source_in_a_document_quotes_few_words_and_others_quote_none() -> None:
    files = {name for name, row in document("sources.json")["documents"].items() if row["file"]}
    for row in sources().values():
        assert (row["quote"] is not None) == (row["document"] in files), row["id"]
        assert len(row["quote"] or "") <= 80, row["id"]
        assert row["paraphrase"].endswith("."), row["id"]


# --- the documents' own examples, and ours


def check_request(body: Mapping[str, Any]) -> None:
    path = SCHEMAS / contract.operation(body["req_key"]).request_schema
    errors = list(Draft202012Validator(load(path), registry=registry()).iter_errors(body))

    assert errors == []


@pytest.mark.parametrize("path", example_files("*/document_request*.json"))
def test_a_document_s_own_request_validates_once_corrected(path: Path) -> None:
    check_request(load(path)["json"])


@pytest.mark.parametrize("path", example_files("*/document_*.json"))
def test_a_corrected_example_names_its_corrections_and_its_source(path: Path) -> None:
    example = load(path)

    assert example["document"] in ("S0", "S1", "S2", "S3", "S4")
    assert example["section"]
    assert isinstance(example["corrected"], list)


@pytest.mark.parametrize("path", example_files("*/document_answer*.json"))
def test_a_document_s_own_answer_validates(path: Path) -> None:
    schema = SCHEMAS / contract.operation(path.parent.name).response_schema

    assert list(Draft202012Validator(load(schema), registry=registry()).iter_errors(load(path)["json"])) == []


@pytest.mark.parametrize("path", example_files("*/answer_*.json"))
def test_an_example_answer_validates_and_carries_a_picture_or_a_link(path: Path) -> None:
    answer, schema = load(path), SCHEMAS / contract.operation(path.parent.name).response_schema

    assert list(Draft202012Validator(load(schema), registry=registry()).iter_errors(answer)) == []
    pictures = [picture(text) for text in answer["data"]["binary_data_base64"]]
    wanted = contract.operation(path.parent.name).output.format
    assert {each.format for each in pictures} == ({wanted} if "base64" in path.stem else set())
    assert bool(answer["data"].get("image_urls")) == (not pictures)


@pytest.mark.parametrize("path", example_files("*/request_*.json"))
def test_an_example_request_validates_without_a_note(path: Path) -> None:
    body = load(path)
    req_key, mode = body["req_key"], path.stem.removeprefix("request_")

    check_request(body)
    assert contract.mode_of(req_key, body) == mode
    assert contract.check(req_key, mode, body, "strict") == []
    assert contract.advice(req_key, mode, body) == ()


@pytest.mark.parametrize("path", example_files("*/request_base64*.json"))
def test_an_example_request_carries_sound_pictures(path: Path) -> None:
    body = load(path)
    pictures = [picture(text) for text in body["binary_data_base64"]]
    roles = contract.item_roles(body["req_key"], path.stem.removeprefix("request_"))
    limits, demands = contract.limits(), contract.mask_demands()

    assert len(pictures) == len(roles)
    assert all(limits.min_side <= side <= limits.max_side for each in pictures for side in each.size)
    assert len({each.size for each in pictures}) == 1
    for each, role in zip(pictures, roles, strict=True):
        assert each.format in ((demands.format,) if role == "mask" else limits.formats)
        assert role != "mask" or each.mode in demands.modes


def test_every_operation_has_a_request_for_each_mode_and_two_answers() -> None:
    for req_key, operation in contract.operations().items():
        names = {path.stem for path in (EXAMPLES / req_key).glob("*.json")}

        assert {f"request_{mode}" for mode in operation.modes} | {"answer_base64", "answer_url"} <= names


def picture(text: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
    image.load()
    return image
