"""How a key is shown in journal entries and refusals."""

from __future__ import annotations

import pytest

from volcv_mock.recording.redact import mask_key


@pytest.mark.parametrize(
    ("key", "shown"),
    [("sk-0123456789", "sk-***"), ("sk-", "sk-***"), ("AKLTexampleaccesskeyid0000000001", "AKLT***"),
     ("AKTPtemporary", "AKTP***"), ("secret", "***"), ("", "***")],
)  # fmt: skip
def test_a_masked_key_shows_its_family_only(key: str, shown: str) -> None:
    assert mask_key(key) == shown
