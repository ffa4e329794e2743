"""Keeps credentials out of everything that is printed or written, when a target echoes them.

An exchange that holds one is never saved: its result keeps the verdict and masked findings, and a remark
says that it was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from volcv_mock.recording.exchanges import as_record, canonical
from volcv_mock.recording.redact import SecretFound, assert_clean, known_secrets, masked

from ..model import Exchange
from ..runner.verdicts import Result


def cleaned(results: Iterable[Result], secrets: Sequence[str]) -> tuple[list[Result], list[str]]:
    """The results without any exchange that holds a secret, and what was left out, in words."""
    known = tuple(dict.fromkeys((*secrets, *known_secrets())))
    before = list(results)
    after = [_cleaned(result, known) for result in before]
    dirty = [one.case_id for one, kept in zip(before, after, strict=True) if len(one.exchanges) > len(kept.exchanges)]
    some = ", ".join(dirty[:3])
    remark = f"{len(dirty)} cases have exchanges that hold a credential; those were not saved (first: {some})"
    return after, [remark] if dirty else []


def _cleaned(result: Result, secrets: Sequence[str]) -> Result:
    kept = tuple(pair for pair in result.exchanges if _is_clean(pair[1], secrets))
    findings = tuple(replace(finding, text=masked(finding.text, secrets)) for finding in result.findings)
    recorded = tuple(pair for pair in result.recorded if _is_clean(pair[0], secrets))
    return replace(result, exchanges=kept, findings=findings, recorded=recorded)


def _is_clean(exchange: Exchange, secrets: Sequence[str]) -> bool:
    blobs: dict[str, bytes] = {}
    try:
        assert_clean(canonical(as_record(exchange, blobs)).encode(), secrets, exchange.case_id)
        for blob in blobs.values():
            assert_clean(blob, secrets, exchange.case_id)
    except SecretFound:
        return False
    return True
