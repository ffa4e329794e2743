"""The keys that this mock knows, and whether it accepts others."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from volcv_mock._util.frozen import frozen
from volcv_mock.signing import wire_bytes

AuthMode = Literal["any", "strict", "off"]

FAULT_KEY, SCOPE_KEY = "sk-mock-", "sk-scope-"
"""How keys begin that ask this mock for a fault, or name a scope: no service has them."""
OWN_KEYS = (FAULT_KEY, SCOPE_KEY)
_SPECIAL_KEY = re.compile(rf"(?:{'|'.join(OWN_KEYS)}).+", re.ASCII)


@frozen
class Keys:
    """Who may call. In mode `any` every well-formed key is accepted; in `strict` only the known ones are.

    With `triggers`, keys of the form `sk-mock-...` and `sk-scope-...` are accepted in strict mode too: they ask for
    a fault or name a scope.
    """

    mode: AuthMode = "any"
    api_keys: frozenset[str] = field(default=frozenset(), repr=False)
    access_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    triggers: bool = True

    def knows_api_key(self, key: str) -> bool:
        """Whether this is a configured API key; compared in constant time."""
        return any(hmac.compare_digest(wire_bytes(key), wire_bytes(known)) for known in self.api_keys)

    def admits_stranger(self, key: str) -> bool:
        """Whether an unknown key is accepted: in mode `any`, or a trigger key."""
        return self.mode == "any" or (self.triggers and _SPECIAL_KEY.fullmatch(key) is not None)
