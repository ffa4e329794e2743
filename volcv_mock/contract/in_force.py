"""The contract in force: the shipped one, or one with a user's folder laid over it (`--contract DIR`).

Functions of this package read the contract in force, so that two mocks in one process may serve different ones. The
service sets it for each request (service.py); outside a request it is the shipped one, unless `using` sets another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Contract:
    """What a folder adds to the shipped contract: `rows` of the catalog by req_key, `documents` of schemas by the name
    that a row gives, and `files`, the pictures that rows answer with, by req_key.

    `memo` keeps what the functions of this package derive from it.
    """

    folder: str = ""
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    documents: Mapping[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


SHIPPED = Contract()
_IN_FORCE: ContextVar[Contract] = ContextVar("volcv_mock.contract", default=SHIPPED)


def in_force() -> Contract:
    """The contract that applies here and now."""
    return _IN_FORCE.get()


class using:  # noqa: N801  a context manager, named like contextlib's
    """Put a contract in force for the length of a `with` block, in this thread or task."""

    __slots__ = ("_contract", "_token")

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def __enter__(self) -> None:
        self._token: Token[Contract] = _IN_FORCE.set(self._contract)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _IN_FORCE.reset(self._token)


def per_contract(derive: Callable[P, T]) -> Callable[P, T]:
    """Like functools.cache, with one cache for each contract. Arguments are positional and hashable."""

    @wraps(derive)
    def remembered(*arguments: P.args, **named: P.kwargs) -> T:
        memo = _IN_FORCE.get().memo
        try:  # some thirty times a request
            found: T = memo[derive, arguments]
        except KeyError:
            found = memo[derive, arguments] = derive(*arguments, **named)
        return found

    return remembered
