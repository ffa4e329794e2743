"""Sends control requests, validates each response against the API's OpenAPI document, and fills a journal."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.helpers.calls import NOW_S, PROBLEM, RISK, entry, mask, painted, scene
from volcv_mock.control.document import document
from volcv_mock.control.routes import ROUTES
from volcv_mock.delivery import Delivered
from volcv_mock.world import World

DOCUMENT = document(ROUTES)


def send(client: FlaskClient, method: str, path: str, body: Any = None, scope: str = "") -> TestResponse:
    """Sends a control request and validates the response against the OpenAPI document."""
    headers = {"X-Volcv-Mock-Scope": scope} if scope else {}
    response = client.open(f"/_mock{path}", method=method, json=body, headers=headers)
    assert_documented(method, path.partition("?")[0], response)
    return response


def assert_documented(method: str, path: str, response: TestResponse) -> None:
    operation = next(
        found for name, each in DOCUMENT["paths"].items() for verb, found in each.items()
        if verb == method.lower() and fits(name.removeprefix("/_mock"), path)
    )  # fmt: skip
    content = operation["responses"][str(response.status_code)]["content"]
    assert response.mimetype in content
    if response.mimetype == "application/json":
        schema = {**content["application/json"]["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(response.get_json())


def fits(template: str, path: str) -> bool:
    pieces, given = template.split("/"), path.split("/")
    return len(pieces) == len(given) and all(
        piece == each or ("{" in piece and piece.partition("}")[2] in each)
        for piece, each in zip(pieces, given, strict=True)
    )


def message(response: TestResponse) -> str:
    return str(response.get_json()["error"]["message"])


def filled(world: World) -> World:
    """Three calls: one with pictures, one refused, one of another scope."""
    for each in (
        entry(1, pictures=(scene(), mask()), result=painted(), at_s=NOW_S),
        entry(2, row=RISK, problems=(PROBLEM,), at_s=NOW_S + 1),
        entry(3, scope="other", at_s=NOW_S + 2),
    ):
        world.journal.open(each)
        world.journal.close(each.id, Delivered(0.5, "read_all", 9))
    return world
