"""`volcv-mock explain CODE`: explain a code or fault: meaning, whether to retry, source."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from volcv_mock import contract, faults, injection
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.output import print_text
from volcv_mock.faults.base import Fault
from volcv_mock.model import CodeRow

RETRY = {
    True: "a retry may succeed",
    False: "a retry cannot succeed",
    None: "no document states whether to retry",
}


def main(arguments: Sequence[str]) -> int:
    """Print the explanation. Returns 2 for an unknown word."""
    parser = CommandParser("volcv-mock explain", __doc__)
    parser.add_argument(
        "code",
        help="a number (50411), a gateway Code (SignatureDoesNotMatch), a rule (mask_is_8_bit) or a fault (reset)",
    )
    word = parser.parse(arguments).code
    rows = [row for row in contract.codes() if word in (row.id, row.name, str(row.code)) or word in row.rules]
    if rows:
        return print_text("\n\n".join(map(explanation, rows)))
    return print_text(of_fault(faults.by_name(word))) if word in faults.names() else _unknown(word)


def explanation(row: CodeRow) -> str:
    """One row of the code table, as text."""
    lines = [
        f"{row.id}: {row.message}",
        f"  meaning    {row.meaning}",
        f"  HTTP       {row.http_status}, {row.envelope} envelope, decided in phase {row.phase!r}",
        f"  retry      {RETRY[row.retryable]}",
        f"  source     {row.source} (grade: {row.grade})",
    ]
    if row in injection.known_codes():
        lines.append(f"  inject     X-Volcv-Mock: code={row.id}")
    if row.rules:
        lines.append(f"  rules      {', '.join(row.rules)}")
    return "\n".join(lines)


def of_fault(fault: Fault) -> str:
    """One fault, as text."""
    lines = [f"{fault.name}: {fault.summary}", f"  inject     X-Volcv-Mock: fault={fault.name}"]
    return "\n".join(lines)


def _unknown(word: str) -> int:
    known = [*(name for row in contract.codes() for name in (row.id, *row.rules)), *faults.names()]
    near = contract.nearest(word, known)
    hint = f" Did you mean {near!r}?" if near else ""
    print(f"volcv-mock explain: unknown code {word!r}.{hint} 'volcv-mock codes' lists them.", file=sys.stderr)
    return 2
