"""A night against a paid target in this process: the mock behind a transport that changes its answers."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx

from contract_tests.generate import plain_request
from contract_tests.model import SUCCESS
from contract_tests.mutants.base import Mutant
from contract_tests.mutants.transport import MutantTransport
from contract_tests.planning.cases import Ask, Case, expect_row
from contract_tests.planning.plan import PAID
from contract_tests.runner import run
from contract_tests.targets import Target, open_target
from contract_tests.targets.mock import KEY, transport

DATE = "2026-11-20"


def proxy(answer):
    """A paid target whose answers are changed by `answer(asked, reply, memory)`, as a mutant's are."""
    client = httpx.Client(transport=MutantTransport(transport(), Mutant("changed", (), answer=answer)),
                          base_url="http://127.0.0.1:8410")  # fmt: skip
    credentials = {"Authorization": f"Bearer {KEY}"}
    return Target("proxy", client, "/volcv/v1", PAID - {"real_time"}, credentials, secrets=(KEY,))


def night(monkeypatch, tmp_path, answer, *options, date=DATE):
    """The exit code of one night, with its report in `tmp_path`; on today's date without `date`."""
    monkeypatch.setattr(run, "open_target", lambda name, **_: proxy(answer) if name == "proxy" else open_target(name))
    usual = ["--target", "proxy", "--budget", "24", "--rps", "100000", "--report", str(tmp_path)]
    return run.main([*usual, *(["--date", date] if date else []), *options])


def summary(tmp_path):
    return (tmp_path / "summary.md").read_text(encoding="utf-8")


def refusal(reply, status, code, message):
    """The reply turned into a refusal of the service."""
    document = {**reply.members, "code": code, "status": code, "message": message, "data": None}
    return replace(reply, status=status, body=json.dumps(document).encode())


def truthful(asked, reply, memory):
    return reply


def numbered_cases(count, free=False):
    """Cases of one request each; with `free` it must be refused."""
    expect = expect_row("schema_type") if free else SUCCESS
    fields = {"seed": "seven"} if free else {}

    def asks(number):
        request = plain_request("i2i_inpainting", **{"seed": number, **fields, "steps": number})
        return lambda variant: {"a": Ask(request, expect)}

    return [Case(f"C{number}", "", "S3-10000", asks(number)) for number in range(1, count + 1)]
