"""Readings: which alternative of each open point is played. `contract.reading("mask-size")` says it.

The points are data: rows of schemas/divergences.json with `alternatives`, and the rules of `open_answers` in
schemas/codes.json. A `Table` holds what one mock plays; `playing(table)` makes it the one that `reading` reads, for
the length of a request. Code that plays an alternative stands where the behaviour stands, never here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import field, replace
from functools import cache
from types import MappingProxyType, TracebackType
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.codes import codes, row, row_for_rule
from volcv_mock.contract.documents import Patch, Patches, Shape, document
from volcv_mock.contract.provenance import ANSWER, answer_point
from volcv_mock.contract.spelling import nearest
from volcv_mock.model import CodeRow, Grade, Profile

_DETAILS = ("http_status", "code", "name", "message")


class BadReading(ValueError):
    """A reading that cannot be chosen; the message names the permitted values."""


@frozen
class Alternative:
    """One way to play a point. `rows`: rule -> id of the row that answers it. `waives`: rules that are not enforced.

    `profile` or `reseller` is the setting under which it is played when nobody chose. `schema` changes keywords of
    members, `figures` those of x-picture and x-mask. `contradicts` lists sources that state something else.
    """

    id: str
    says: str
    rows: Mapping[str, str] = field(default_factory=dict)
    waives: tuple[str, ...] = ()
    refuses_modes: tuple[str, ...] = ()
    schema: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    figures: Mapping[str, int] = field(default_factory=dict)
    contradicts: tuple[str, ...] = ()
    profile: str = ""
    reseller: str = ""


@frozen
class Point:
    """An open point. Its first alternative is the one that is served. `rule` is set when it is about an answer.

    Then every row of the code table is an alternative too, by its id. `no_probe` says why no request can tell.
    """

    id: str
    title: str
    grade: Grade
    source: tuple[str, ...]
    alternatives: Mapping[str, Alternative]
    rule: str = ""
    has_probe: bool = False
    no_probe: str = ""

    def choose(self, name: str) -> Alternative:
        """The alternative of that name. Raises BadReading."""
        if name in self.alternatives:
            return self.alternatives[name]
        if self.rule and any(each.id == name for each in codes()):
            return Alternative(name, _shown(row(name)), rows={self.rule: name})
        more = ", or the id of a row of `volcv-mock codes`" if self.rule else ""
        raise BadReading(f"{self.id} has no alternative {name!r}; permitted: {', '.join(self.alternatives)}{more}")


@frozen
class Chosen:
    """A reading as chosen: the alternative, what else was measured of its answer, and whether it was measured."""

    alternative: str
    details: Mapping[str, Any] = field(default_factory=dict)
    is_measured: bool = False


@frozen
class Table:
    """What one mock plays. `key` is equal for tables that play the same."""

    played: Mapping[str, str]
    answers: Mapping[str, CodeRow]
    waived: frozenset[str]
    refused_modes: frozenset[str]
    patches: Patches
    figures: Mapping[str, int]
    measured: frozenset[str]
    key: int


@cache
def points() -> Mapping[str, Point]:
    """Every point with alternatives, by its name."""
    rows = [_of_divergence(raw) for raw in document("divergences.json")["rows"] if "alternatives" in raw]
    return MappingProxyType({point.id: point for point in (*rows, *_of_answers())})


def _of_divergence(raw: Mapping[str, Any]) -> Point:
    rule = raw.get("rule", "")
    own = {each["id"]: _alternative(each) for each in raw["alternatives"]}
    return Point(
        raw["id"], raw["discrepancy"], raw["grade"], tuple(raw["source"]), {**_served(rule), **own}, rule,
        "probe" in raw, raw.get("no_probe", ""),
    )  # fmt: skip


def _alternative(raw: Mapping[str, Any]) -> Alternative:
    lists = ("waives", "refuses_modes", "contradicts")
    kept = {name: tuple(value) if name in lists else value for name, value in raw.items() if name != "answer"}
    return Alternative(**kept)  # type: ignore[arg-type]  # the data is held to it by a test


def _of_answers() -> Iterator[Point]:
    table = document("codes.json")["open_answers"]
    for raw in table["points"]:
        served = row_for_rule(raw["rule"])
        names = dict.fromkeys((served.id, *table["candidates"][served.envelope]))
        alternatives = {name: Alternative(name, _shown(row(name)), rows={raw["rule"]: name}) for name in names}
        title = f"What answers a request that breaks the rule {raw['rule']}"
        yield Point(answer_point(raw["rule"]), title, _grade_of(served), (), alternatives, raw["rule"], True)


def _served(rule: str) -> dict[str, Alternative]:
    if not rule:
        return {}
    served = row_for_rule(rule)
    return {served.id: Alternative(served.id, _shown(served), rows={rule: served.id})}


def _shown(answered: CodeRow) -> str:
    return f"HTTP {answered.http_status}, {answered.code or answered.name}, {answered.message}"


def _grade_of(served: CodeRow) -> Grade:
    raw = next(each for each in document("codes.json")["rows"] if each["id"] == served.id)
    grade: Grade = raw.get("grades", {}).get("rules", served.grade)
    return grade


def point_named(name: str) -> Point:
    """The point of that name. Raises BadReading with the nearest one."""
    if name in points():
        return points()[name]
    near = nearest(name, points())
    hint = f" Did you mean {near!r}?" if near else ""
    raise BadReading(f"{name!r} is no open point.{hint} `volcv-mock readings` lists them")


def chosen_text(text: str) -> tuple[str, Chosen]:
    """`ID=ALTERNATIVE`, checked. Raises BadReading."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadReading(f"{text!r}: wanted ID=ALTERNATIVE, such as mask-size=resize")
    return name, Chosen(point_named(name).choose(value).id)


_WITHOUT_BODY = (204, 304)
"""Statuses whose response has no body (RFC 9110, 6.4.1): a refusal has one."""


def checked(name: str, chosen: Chosen) -> Chosen:
    """The reading if the point and the alternative exist and its details fit. Raises BadReading."""
    point = point_named(name)
    point.choose(chosen.alternative)
    if chosen.details and not point.rule:
        raise BadReading(f"{name} is not about an answer; {', '.join(chosen.details)} cannot be set")
    for detail, value in chosen.details.items():
        wanted: type = str if detail in ("name", "message") else int
        if detail not in _DETAILS or not isinstance(value, wanted) or isinstance(value, bool):
            wanted_text = "http_status or code as a number, name or message as text"
            raise BadReading(f"{name}: {detail} = {value!r}; wanted {wanted_text}")
    status = chosen.details.get("http_status", 400)
    if not 200 <= status <= 599 or status in _WITHOUT_BODY:
        raise BadReading(f"{name}: http_status = {status}; wanted 200 to 599, but neither 204 nor 304")
    return chosen


def table_of(profile: Profile, reseller: str, layers: Sequence[Mapping[str, Chosen]] = ()) -> Table:
    """What is played: the profile's and the reseller's alternatives, then each layer over the one before."""
    chosen = {name: chosen for layer in layers for name, chosen in layer.items()}
    picked = {name: _picked(point, chosen.get(name), profile, reseller) for name, point in points().items()}
    kept = [one for one in picked.values() if one is not None]
    waived = {rule for one in kept for rule in one.waives}
    figures = {name: figure for one in kept for name, figure in one.figures.items()}
    patches = tuple(patch for name, one in picked.items() if one for patch in _patches(name, one, chosen.get(name)))
    played = {name: one.id if one else next(iter(points()[name].alternatives)) for name, one in picked.items()}
    answers = dict(_answers(picked, chosen))
    key = hash((profile, reseller, tuple(played.items()), tuple(answers.items())))
    modes = frozenset(mode for one in kept for mode in one.refuses_modes)
    measured = frozenset(name for name, each in chosen.items() if each.is_measured)
    return Table(played, answers, frozenset(waived), modes, patches, figures, measured, key)


def _patches(name: str, one: Alternative, chosen: Chosen | None) -> Iterator[Patch]:
    grade = "measured" if chosen and chosen.is_measured else "assumed"
    for member, keywords in one.schema.items():
        for keyword, value in keywords.items():
            yield Patch(member, keyword, value, points()[name].source, grade)


def _picked(point: Point, chosen: Chosen | None, profile: str, reseller: str) -> Alternative | None:
    """None when what is served is played."""
    if chosen:
        return point.choose(chosen.alternative)
    fits = (one for one in point.alternatives.values() if profile == one.profile or (reseller == one.reseller != ""))
    return next(fits, None)


def _answers(picked: Mapping[str, Alternative | None], chosen: Mapping[str, Chosen]) -> Iterator[tuple[str, CodeRow]]:
    """Rule -> the row that answers it, for the points that were chosen. The ledger's own points win."""
    for name in sorted(chosen, key=lambda name: not name.startswith(ANSWER)):
        one = picked[name]
        for rule, answered in one.rows.items() if one else ():
            yield rule, _detailed(row(answered), chosen[name].details)


def _detailed(answered: CodeRow, details: Mapping[str, Any]) -> CodeRow:
    return replace(answered, **details, id=_measured_id(answered, details)) if details else answered


def _measured_id(answered: CodeRow, details: Mapping[str, Any]) -> str:
    """A valid component name of OpenAPI, different for different details."""
    return f"{answered.id}.measured.{zlib.crc32(repr(sorted(details.items())).encode()):08x}"


@cache
def _usual(profile: Profile) -> Table:
    return table_of(profile, "")


def measured_of(of: Table) -> dict[str, str]:
    """The measured points, each with what was found: what `contract.graded` takes."""
    return {name: points()[name].choose(of.played[name]).says for name in sorted(of.measured)}


def listing(of: Table) -> list[dict[str, Any]]:
    """Every point as `volcv-mock readings` and GET /_mock/readings show it."""
    return [_listed(point, of) for point in points().values()]


def _listed(point: Point, of: Table) -> dict[str, Any]:
    is_measured = point.id in of.measured
    return {
        "id": point.id, "title": point.title, "played": of.played[point.id],
        "grade": "measured" if is_measured else point.grade, "probe": point.has_probe, "no_probe": point.no_probe,
        "alternatives": {name: each.says for name, each in point.alternatives.items()},
        "contradicts": list(point.choose(of.played[point.id]).contradicts),
    }  # fmt: skip


_PLAYED: ContextVar[Table | None] = ContextVar("volcv_mock readings", default=None)


class playing:  # noqa: N801  a context manager, named like contextlib's
    """`with playing(table):` every reading inside is that table's."""

    __slots__ = ("_table", "_token")

    def __init__(self, table: Table) -> None:
        self._table = table

    def __enter__(self) -> None:
        self._token: Token[Table | None] = _PLAYED.set(self._table)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _PLAYED.reset(self._token)


def table(profile: Profile = "default") -> Table:
    """The table of the request in progress; outside of one, that of the profile."""
    return _PLAYED.get() or _usual(profile)


def reading(point: str, profile: Profile = "default") -> str:
    """The name of the alternative that is played for a point."""
    return table(profile).played[point]


def shape(profile: Profile = "default") -> Shape:
    """How request schemas are loaded under the present readings."""
    played = table(profile)
    is_closed = played.played["unknown-fields"] == "refuse"
    return Shape(profile, is_closed, played.played["out-of-range"] == "refuse", played.patches)


def waives(rule: str, profile: Profile = "default") -> bool:
    """Whether a rule is not enforced under the present readings."""
    return rule in table(profile).waived
