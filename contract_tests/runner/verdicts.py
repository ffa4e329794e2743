"""From findings to a verdict: conform, drift, or inconclusive. Only drift fails a run.

Inconclusive is what says nothing about the contract: a rate limit, a server error, a timeout, the ghost
face of S3, a risk code on a benign picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .. import contract
from ..model import Exchange, Finding, Verdict

OF = 3
"""N of M for sentences that speak of probability: drift only when most of three runs contradict."""
LIMITED = frozenset({50429, 50430})
REFUSED_CREDENTIALS = (401, 403)
"""Which of the two a wanted refusal of credentials has is left to the checks."""


@dataclass(frozen=True)
class Result:
    """What one case came to."""

    case_id: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    exchanges: tuple[tuple[str, Exchange], ...] = field(default=(), repr=False)
    obligations: frozenset[str] = frozenset()
    seconds: float = 0.0
    recorded: tuple[tuple[Exchange, tuple[str, ...]], ...] = field(default=(), repr=False)
    """Every exchange of every run of the case, with what it is evidence for: what a replay needs."""
    operations: frozenset[str] = frozenset()
    """The req_keys of which the case asks for a success."""
    successes: frozenset[str] = frozenset()
    """Those of them of which a success was received."""
    parts: frozenset[tuple[str, str]] = frozenset()
    """What the case is evidence for (planning/parts.py)."""

    @property
    def is_judged(self) -> bool:
        """Whether the case was judged: conform or drift."""
        return self.verdict != "inconclusive"

    @property
    def was_declined(self) -> bool:
        """Whether the target refused what the case asks for, and did not fail at it."""
        statuses = [exchange.answer.status for _, exchange in self.exchanges]
        return any(400 <= status < 500 for status in statuses) and all(status < 500 for status in statuses)


def was_wanted(exchange: Exchange) -> bool:
    """Whether the case asked for just this refusal. A mask that is refused for a bad key says nothing about masks."""
    expect = exchange.expect
    if expect is None or expect.success:
        return False
    if not expect.row:
        return True
    row, answer = contract.rows()[expect.row], exchange.answer
    if row.http_status in REFUSED_CREDENTIALS and answer.status in REFUSED_CREDENTIALS:
        return True
    return row.http_status == answer.status and row.code in (None, answer.code)


def why_inconclusive(exchange: Exchange) -> str:
    """Why an answer says nothing about the contract; empty when it does, as when it was asked for."""
    answer, code = exchange.answer, exchange.answer.code
    if exchange.in_front:
        return exchange.in_front
    if exchange.expect is None or _has_wanted_code(exchange):
        return ""
    if exchange.picture_place == "url" and exchange.picture_status >= 500:
        return f"the link answered HTTP {exchange.picture_status} twice"
    if answer.status in REFUSED_CREDENTIALS and not was_wanted(exchange):
        return f"the credentials or the account were refused (HTTP {answer.status})"
    algorithm = (answer.data.get("algorithm_base_resp") or {}).get("status_code")
    if answer.status == 429 or code in LIMITED:
        return "a rate limit"
    if contract.GHOST_FACE in (code, algorithm):
        return "the ghost face (201304)"
    if code in contract.risk_codes():
        return f"a risk code ({code}) on a benign picture"
    return f"HTTP {answer.status}" if answer.status >= 500 else ""


def _has_wanted_code(exchange: Exchange) -> bool:
    """Whether the code is the one asked for. A missing code is none: an outage has none either."""
    expect = exchange.expect
    wanted = contract.rows()[expect.row].code if expect and expect.row else None
    if wanted is None:
        return bool(expect and expect.row and was_wanted(exchange))
    return bool(wanted == exchange.answer.code)


OF_ROWS = frozenset({"http_status_matches", "message_matches", "no_data_on_refusal", "success_is_http_200"})
"""Checks of what a code comes with. A risk code says nothing about the case, and still has its row."""


def classify(findings: Iterable[Finding], exchanges: Sequence[Exchange]) -> tuple[Verdict, str]:
    """The verdict on one run of one case. An inconclusive answer is held to the row of its code only."""
    held = any(finding.severity == "error" for finding in held_findings(findings, exchanges))
    if held:
        return "drift", ""
    reasons = [reason for exchange in exchanges if (reason := why_inconclusive(exchange))]
    return ("inconclusive", reasons[0]) if reasons else ("conform", "")


def held_findings(findings: Iterable[Finding], exchanges: Sequence[Exchange]) -> tuple[Finding, ...]:
    """What the findings prove: of a risk code the breaches of its row, and nothing of limits and outages."""
    inconclusive = [one for one in exchanges if why_inconclusive(one)]
    if not inconclusive:
        return tuple(findings)
    if any(one.in_front or one.answer.status >= 500 or one.answer.code not in contract.risk_codes()
           for one in inconclusive):  # fmt: skip
        return ()
    return tuple(finding for finding in findings if finding.check in OF_ROWS)


def is_doubtful(result: Result) -> bool:
    """A drift that rests on sentences of probability alone: one contradiction proves nothing yet."""
    grave = [finding for finding in result.findings if finding.severity == "error"]
    return result.verdict == "drift" and all(finding.is_probable for finding in grave)


def is_settled(verdicts: Sequence[Verdict]) -> bool:
    """Whether no further run could change what most of three say."""
    return any(verdicts.count(verdict) * 2 > OF for verdict in ("drift", "conform"))


def most(verdicts: Sequence[Verdict]) -> Verdict:
    """N of M: drift only when more than half of the runs contradict the sentence."""
    if verdicts.count("drift") * 2 > OF:
        return "drift"
    return "conform" if "conform" in verdicts else "inconclusive"
