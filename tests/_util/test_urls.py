"""URLs as they are shown."""

from __future__ import annotations

import pytest

from volcv_mock._util.urls import without_secrets, without_user


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


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://user:pw@mock:8410", "http://***@mock:8410"),
        ("http://user:p/w@mock", "http://***@mock"),
        ("http://user:p w@mock", "http://***@mock"),
        ("http://user:p@w@mock", "http://***@mock"),
        ("user:pw@mock:8410", "***@mock:8410"),
        ("http:\\\\user:pw@mock", "***@mock"),
        ("http://mock?token=pw", "http://mock?***"),
        ("http://mock#pw", "http://mock#***"),
        ("http://user:p?w@mock", "http://***@mock"),
        ("mock:8410", "mock:8410"),
        ("http://mock:8410/a:b", "http://mock:8410/a:b"),
        ("http://[::1]:8410", "http://[::1]:8410"),
        ("http://user:pw", "http://user:***"),
        ("http://user:p2w/x", "http://user:***/x"),
        ("what?", "what?"),
    ],
)
def test_what_was_given_as_a_url_is_shown_without_what_may_be_a_password(given: str, shown: str) -> None:
    assert without_user(given) == shown
