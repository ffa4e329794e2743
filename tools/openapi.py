"""Writes schemas/openapi.json: the default profile, credentials required.

python -m tools.openapi
"""

from __future__ import annotations

import json

from volcv_mock import contract
from volcv_mock._util.paths import shelf


def text() -> str:
    """The document, as the file holds it."""
    return json.dumps(contract.openapi("default", "any"), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (shelf("schemas") / "openapi.json").write_text(text(), encoding="utf-8")
