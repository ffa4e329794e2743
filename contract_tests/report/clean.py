"""Keeps credentials out of everything that is printed or written, when a target echoes them.

An exchange that holds one is never saved: its result keeps the verdict and masked findings, and a remark
says that it was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..live.verdicts import Result
from ..model import Exchange
from ..record.exchanges import as_record, canonical
from ..record.redact import SecretFound, assert_clean, known_secrets, masked


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
    return replace(result, exchanges=kept, findings=findings)


def _is_clean(exchange: Exchange, secrets: Sequence[str]) -> bool:
    blobs: dict[str, bytes] = {}
    try:
        assert_clean(canonical(as_record(exchange, blobs)).encode(), secrets, exchange.case_id)
        for blob in blobs.values():
            assert_clean(blob, secrets, exchange.case_id)
    except SecretFound:
        return False
    return True
