"""The validator that decides whether a document satisfies a schema, built once per schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from . import contract

Breach = tuple[str, tuple[Any, ...]]
"""A keyword and the path of the value that fails it."""


@cache
def _request_validator(req_key: str, mode: str) -> Draft202012Validator:
    return Draft202012Validator(contract.request_schema(req_key, mode))


@cache
def _response_validator(req_key: str) -> Draft202012Validator:
    return Draft202012Validator(contract.response_schema(req_key))


@cache
def _task_validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(contract.task_schema(name))


def task_breaches(name: str, data: Any) -> Iterator[tuple[str, str]]:
    """What `data` of an answer about a task fails of schemas/tasks: the keyword, and short words."""
    for error in _task_validator(name).iter_errors(data):
        where = _path(error.absolute_path).replace("$", "$.data", 1)
        yield str(error.validator), f"{where}: {error.validator} {_short(error)}"


def breaches(req_key: str, mode: str, document: Mapping[str, Any]) -> list[Breach]:
    """Every keyword a request fails, and where; empty when it is valid."""
    return list(_breaches(_request_validator(req_key, mode), document))


def answer_breaches(req_key: str, document: Any) -> Iterator[str]:
    """What a success answer fails, in short words and never with the picture in them."""
    for error in _response_validator(req_key).iter_errors(document):
        yield f"{_path(error.absolute_path)}: {error.validator} {_short(error)}"


def _breaches(validator: Draft202012Validator, document: Any) -> Iterator[Breach]:
    for error in validator.iter_errors(document):
        yield str(error.validator), tuple(error.absolute_path)


def _path(parts: Any) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _short(error: Any) -> str:
    found = repr(error.instance)
    return f"(wanted {str(error.validator_value)[:80]}, found {found if len(found) < 80 else found[:40] + '...'})"
