"""URLs as they are shown."""

from __future__ import annotations

import pytest

from volcv_mock._util.urls import without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@a.example:8/b?token=1#c", "https://a.example:8/b"),
        ("https://a.example/b@c", "https://a.example/b@c"),
        ("https://a.example?x=//u@h", "https://a.example"),
        ("https://a.example/#u@h", "https://a.example/"),
        ("https://user:p/w@a.example/b", "https://user:***"),
        ("https://user:pw", "https://user:***"),
        ("https://a.example:8/b:c", "https://a.example:8/b:c"),
        ("https://[::1]:8/b", "https://[::1]:8/b"),
        ("no url", "no url"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
