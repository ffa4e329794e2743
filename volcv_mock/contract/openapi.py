"""placeholder"""
from __future__ import annotations
from typing import Any
def openapi(profile: str = "default", auth: str = "any") -> dict[str, Any]:
    return {}
