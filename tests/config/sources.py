"""A file of settings, and the refusal of bad ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from volcv_mock.config import BadSetting, from_sources

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


def written(folder: Path, text: str) -> Path:
    path = folder / "mock.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(
    flags: dict[str, Any] | None = None, environ: dict[str, str] | None = None, file: Path | None = None
) -> str:
    with pytest.raises(BadSetting) as caught:
        from_sources(flags or {}, environ or {}, file)
    return str(caught.value)
