"""A replay decides each case by the exchanges that decided it when they were recorded, and by nothing else."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract_tests.generate import plain_request
from contract_tests.model import Answer
from contract_tests.pictures.server import unpublished
from contract_tests.planning.cases import Ask, Case
from contract_tests.planning.plan import DEFAULT_BUDGET, PAID, plan_night
from contract_tests.planning.planned import live_cases, planned_cases, runnable
from contract_tests.relations import RELATIONS
from contract_tests.report import write
from contract_tests.report.score import Score
from contract_tests.runner.runner import Runner
from contract_tests.targets import BadConfiguration, Target, open_target
from contract_tests.targets.mock import KEY, transport

pytestmark = pytest.mark.long

FIRST = dt.date(2026, 11, 20)
NIGHTS = plan_night(live_cases(PAID), DEFAULT_BUDGET, FIRST).nights
CAN = frozenset({"paid"})
SEED_MINUS_1 = {"once": Ask(plain_request("i2i_inpainting_edit", seed=-1)),
                "again": Ask(plain_request("i2i_inpainting_edit", seed=-1), repeat=1)}  # fmt: skip


def _differs(exchanges, exact):
    if exchanges["once"].picture == exchanges["again"].picture:
        yield "the same file twice"


def _proxy():
    client = httpx.Client(transport=transport(), base_url="http://127.0.0.1:8410", timeout=60)
    return Target("proxy", client, "/volcv/v1", CAN, {"Authorization": f"Bearer {KEY}"}, secrets=(KEY,))


def _record(folder: Path, cases, variant=0, target=None):
    target = target or _proxy()
    results = Runner(target, unpublished, variant=variant).run(cases)
    facts = {"target": "proxy", "capabilities": sorted(target.capabilities), "variant": variant}
    write.write(folder, results, [], Score(1.0, 1.0), facts)
    return results


def _replay(folder: Path, cases=None):
    target = open_target("replay", recordings=str(folder))
    chosen = cases or runnable(target)[0]
    return Runner(target, unpublished, variant=target.summary.get("variant", 0)).run(chosen)


def _verdicts(results):
    return {result.case_id: result.verdict for result in results}


@pytest.mark.parametrize("days", [*range(NIGHTS), 400], ids=lambda days: f"after {days} days")
def test_every_night_of_a_round_is_replayed_with_the_same_verdicts(tmp_path, days):
    night = plan_night(live_cases(PAID), DEFAULT_BUDGET, FIRST + dt.timedelta(days=days))
    recorded = _record(tmp_path, night.cases, night.variant)

    assert "drift" not in _verdicts(recorded).values()
    assert _verdicts(_replay(tmp_path)) == _verdicts(recorded)


def test_what_was_recorded_between_two_moves_of_the_mocks_clock_is_replayed(tmp_path):
    """The control API is no part of a recording."""
    moving = [case for case in planned_cases() if case.id in ("TK08", "MR22-clock")]
    recorded = _record(tmp_path, moving, target=open_target("mock"))

    assert _verdicts(_replay(tmp_path)) == _verdicts(recorded) == {"TK08": "conform", "MR22-clock": "conform"}


@pytest.fixture(scope="module")
def recorded_relations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded")
    cases = [case for case in RELATIONS if case.is_live and case.needs <= CAN and case.id[:4] in ("MR03", "MR04")]
    return folder, _record(folder, cases, variant=3)


@settings(max_examples=8, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(data=st.data())
def test_no_subset_of_a_recording_gives_a_drift_that_the_night_did_not(recorded_relations, tmp_path_factory, data):
    """Exchanges and pictures get lost: what is missing is inconclusive, and what is left is never used twice."""
    folder, recorded = recorded_relations
    part = tmp_path_factory.mktemp("part")
    for kind in ("exchanges", "pictures"):
        (part / kind).mkdir()
        paths = sorted((folder / kind).iterdir())
        kept = data.draw(st.lists(st.booleans(), min_size=len(paths), max_size=len(paths)))
        kept[0] = True
        for path in (path for path, is_kept in zip(paths, kept, strict=True) if is_kept):
            shutil.copy(path, part / kind / path.name)
    if data.draw(st.booleans()):
        shutil.copy(folder / "results.json", part / "results.json")

    drifting = {result.case_id for result in _replay(part) if result.verdict == "drift"}

    assert drifting <= {result.case_id for result in recorded if result.verdict == "drift"}


def test_an_exchange_is_used_once(tmp_path):
    """Of two requests that are equal on the wire, the second one needs an answer of its own."""
    case = Case("TWICE", "two answers differ", "S3-seed", lambda variant: SEED_MINUS_1, _differs)
    _record(tmp_path, [case])
    second = next(path for path in (tmp_path / "exchanges").iterdir() if path.stem.endswith("-2"))
    second.unlink()

    (result,) = _replay(tmp_path, [case])

    assert (result.verdict, result.reason) == ("inconclusive", "not recorded")
    assert "TWICE/again#1" in result.findings[0].text


def test_a_recording_without_names_is_used_in_order_each_exchange_once(tmp_path):
    case = Case("TWICE", "two answers differ", "S3-seed", lambda variant: SEED_MINUS_1, _differs)
    _record(tmp_path, [case])
    (tmp_path / "results.json").unlink()
    for path in (tmp_path / "exchanges").iterdir():
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "uses": []}), encoding="utf-8")

    assert _verdicts(_replay(tmp_path, [case])) == {"TWICE": "conform"}


class Limited(Target):
    """Answers the first request with a rate limit and passes the others on."""

    def send(self, sent):
        self.sent = getattr(self, "sent", 0) + 1
        return Answer(429, (), b'{"code": 50429}') if self.sent == 1 else super().send(sent)


def test_a_repetition_is_replayed_as_one(tmp_path):
    """The first answer was a rate limit: the case was run again, and both runs are evidence."""
    proxy = _proxy()
    limited = Limited("proxy", proxy.client, proxy.path, CAN, proxy.credentials, secrets=proxy.secrets)
    case = Case("LIMITED", "", "S3-seed", lambda variant: {"a": Ask(plain_request("i2i_inpainting", seed=5))})

    recorded = _record(tmp_path, [case], target=limited)

    assert _verdicts(_replay(tmp_path, [case])) == _verdicts(recorded) == {"LIMITED": "conform"}
    assert len(list((tmp_path / "exchanges").iterdir())) == 2


def test_a_link_that_did_not_answer_is_replayed_as_that(tmp_path):
    """Not as HTTP 404, which would be another finding than the one that was recorded."""
    case = next(case for case in RELATIONS if case.id == "MR13-removal")

    class NoPictures(Target):
        def fetch(self, url):
            return 503, b""

    proxy = _proxy()
    target = NoPictures("proxy", proxy.client, proxy.path, CAN, proxy.credentials, secrets=proxy.secrets)
    recorded = _record(tmp_path, [case], target=target)

    assert [one.text for one in _replay(tmp_path)[0].findings] == [one.text for one in recorded[0].findings]
    assert "HTTP 503" in recorded[0].findings[0].text


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_damaged_record_is_named(tmp_path, text):
    (tmp_path / "exchanges").mkdir()
    (tmp_path / "exchanges" / "CV-1-abc.json").write_text(text, encoding="utf-8")

    with pytest.raises(BadConfiguration, match=r"CV-1-abc\.json"):
        open_target("replay", recordings=str(tmp_path))


def test_answers_are_shared_only_by_requests_that_are_equal_on_the_wire():
    """`repr` leaves out how pictures travel; two such requests once shared one answer and were compared with it."""
    case = next(case for case in RELATIONS if case.id == "MR06-removal")

    assert len({ask.key for ask in case.asks(0).values()}) == 2
