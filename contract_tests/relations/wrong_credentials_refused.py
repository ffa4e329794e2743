"""CR: a wrong credential is refused, whatever it looks like, at both endpoints. Refused early, so nothing is paid.

Part of every night. Each is a request that would be answered with the right credential.
"""

from __future__ import annotations

import re
from functools import partial

from ..model import Expect
from ..planning.cases import EVERY_NIGHT, Ask, Case
from ..planning.credentials import BEARER, SIGNATURES
from . import builders as b

REFUSED = Expect(success=False)


def asks(credential: str, variant: int) -> dict[str, Ask]:
    named = b.with_violation(b.removal(variant), credential)
    return {"request": Ask(named, REFUSED, credential=credential)}


def asks_official(credential: str, variant: int) -> dict[str, Ask]:
    named = b.with_violation(b.removal(variant), credential)
    return {"request": Ask(named, REFUSED, changes=(("path", "/"),), credential=credential)}


def _id(prefix: str, name: str) -> str:
    return f"CR-{prefix}-{re.sub('[^a-z]+', '-', name.lower())}"


CASES = (
    *(Case(_id("key", name), f"{name}: refused", "S0-bearer, P-reseller-errors", partial(asks, name),
           needs=frozenset({"checks_keys"}), tags=EVERY_NIGHT) for name in BEARER),
    *(Case(_id("sign", name), f"{name}: refused", "S1-host, S3-host", partial(asks_official, name),
           needs=frozenset({"checks_signatures"}), tags=EVERY_NIGHT) for name in SIGNATURES),
)  # fmt: skip
