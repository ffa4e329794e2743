"""The rules of a scope over all processes: parsed and matched here, counted in Redis (draw.lua)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.faults.base import Stage
from volcv_mock.injection import CallFacts, Injection
from volcv_mock.injection.rules import MAX_RULES, Draws, Live, Rule, due_steps, parse_rule, possible_rules, too_many
from volcv_mock.model import MODES, Mode
from volcv_mock.simulation import draws
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import from_json, text_of, to_json


@frozen
class Known:
    """A rule as this process knows it. `names_a_key`: its match has the digest of an API key."""

    rule_id: str
    rule: Rule
    identity: str
    names_a_key: bool


class RedisRules:
    """Every method may be called from any thread."""

    def __init__(self, scope: str, connections: RedisConnections, keyed: Callable[[str], str]) -> None:
        self._scope = scope
        self._connections = connections
        self._keyed = keyed
        self.modes: tuple[Mode, ...] = MODES
        self._known: tuple[Known, ...] = ()
        self._parsed: dict[str, tuple[bytes, Known]] = {}
        self._revision = "0"
        self._spent: set[str] = set()

    def __len__(self) -> int:
        return len(self._known)

    def follow(self, revision: str) -> None:
        """Read the rules again when they have changed."""
        if revision != self._revision:
            self._listed()

    def was_emptied(self) -> None:
        """Redis was emptied."""
        self._known, self._revision = (), "0"
        self._parsed.clear()
        self._spent.clear()

    def add(self, spec: Mapping[str, Any], where: str = "$") -> dict[str, Any]:
        """Append a rule; returns its listing. Raises BadRule."""
        return self.add_all({where: spec})[0]

    def add_all(self, specs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Append rules, named by where they stand in what was sent: all of them at once, or none. Raises BadRule."""
        rules = possible_rules(specs, self.modes)
        written = [self.written(rule, spec) for rule, spec in zip(rules, specs.values(), strict=True)]
        parts = [part for pair in written for part in pair]
        revision, kept, *named = self._connections.script("rules_add", self._scope, MAX_RULES, *parts)
        if not named:
            raise too_many(kept, MAX_RULES, *specs)
        ids = list(map(text_of, named[::2]))
        known = [
            Known(rule_id, parse_rule(from_json(spec)), f"{text} #{number}", rule.match.api_key is not None)
            for rule_id, number, rule, (text, spec) in zip(ids, named[1::2], rules, written, strict=True)
        ]
        self._took_part(revision, (*self._known, *known))
        return [Live(rule_id, rule, "").listed() for rule_id, rule in zip(ids, rules, strict=True)]

    def written(self, rule: Rule, spec: Mapping[str, Any]) -> tuple[str, bytes]:
        """A rule's text, which equal rules share, and its JSON as Redis has it: with the digest of its API key."""
        match = spec.get("match", {})
        key = match.get("api_key")
        kept = {**spec, "match": {**match, "api_key": self._keyed(key)}} if key is not None else spec
        return json.dumps(rule.spec, sort_keys=True), to_json(kept)

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; False when there is no rule with that id."""
        revision = self._connections.script("rule_remove", self._scope, rule_id)
        if revision:
            self._took_part(revision, tuple(each for each in self._known if each.rule_id != rule_id))
        return bool(revision)

    def clear(self) -> None:
        """Remove every rule. The same rules added again get the same draws."""
        self._connections.script("rules_clear", self._scope)
        self._listed()

    def listing(self) -> list[dict[str, Any]]:
        """The rules with their counts, in the order in which they were added."""
        return [live.listed() for live in self._listed()]

    def begin(self, facts: CallFacts, asked: tuple[Injection, ...] = ()) -> Draws:
        """The draws of one request."""
        return Draws(facts, asked, self)

    def draw(self, stage: Stage, facts: CallFacts, settled: set[str], *, passes_only: bool = False) -> Injection | None:
        """The injection of the first rule that fires at this stage, or None. Asks Redis only when one might."""
        known, wanted = {}, []
        for each in self._known:
            if each.rule_id in settled or each.rule_id in self._spent:
                continue
            about = replace(facts, api_key=self._keyed(facts.api_key)) if each.names_a_key else facts
            steps = due_steps(each.rule, stage, about)
            steps = steps.replace("1", "0") if passes_only else steps
            if steps.strip("0"):
                known[each.rule_id] = each.rule
                wanted += [each.rule_id, _is_drawn(each, facts), each.rule.skip,
                           -1 if each.rule.times is None else each.rule.times, steps]  # fmt: skip
        return self._drawn(known, wanted, settled) if wanted else None

    def _drawn(self, known: Mapping[str, Rule], wanted: list[Any], settled: set[str]) -> Injection | None:
        fires, step, *evaluated = self._connections.script("draw", self._scope, *wanted)
        names = list(map(text_of, evaluated))
        settled.update(name for name in names if not name.startswith("!"))
        self._spent.update(name[1:] for name in names if name.startswith("!"))
        if not fires:
            return None
        rule_id = text_of(fires)
        injection = known[rule_id].steps[step].injection
        return replace(injection, rule_id=rule_id) if injection else None

    def _took_part(self, revision: int, known: tuple[Known, ...]) -> None:
        """The rules after a change of this process; read again when another one changed them in between."""
        if revision == int(self._revision) + 1:
            self._known, self._revision = known, str(revision)
        else:
            self._listed()

    def _listed(self) -> list[Live]:
        revision, *rows = self._connections.script("rules_list", self._scope)
        known, found = [], []
        for row in rows:
            rule_id, record = text_of(row[0]), row[1]
            kept = self._parsed.get(rule_id)
            if kept is None or kept[0] != record:
                self._parsed[rule_id] = kept = (record, _known(rule_id, record))
            known.append(kept[1])
            skipped, position, rounds, fired = map(int, row[2:])
            found.append(Live(rule_id, kept[1].rule, kept[1].identity, skipped, position, rounds, fired))
        ids = {each.rule_id for each in known}
        self._parsed = {rule_id: kept for rule_id, kept in self._parsed.items() if rule_id in ids}
        self._spent &= ids
        self._known, self._revision = tuple(known), text_of(revision)
        return found


def _known(rule_id: str, record: bytes) -> Known:
    twin, _, spec = record.split(b"\n", 2)
    rule = parse_rule(from_json(spec))
    text = json.dumps(rule.spec, sort_keys=True)
    return Known(rule_id, rule, f"{text} #{twin.decode()}", rule.match.api_key is not None)


def _is_drawn(known: Known, facts: CallFacts) -> str:
    if known.rule.probability >= 1:
        return "1"
    parts = (facts.mock_seed, facts.scope, "rule", known.identity, facts.digest, facts.occurrence)
    return "1" if known.rule.probability > 0 and draws.uniform(*parts) < known.rule.probability else "0"
