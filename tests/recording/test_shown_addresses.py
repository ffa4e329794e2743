"""Addresses as they are shown: nothing in them that may be a secret."""

from __future__ import annotations

import pytest

from volcv_mock.recording.addresses import path_secrets, shown_address, without_secrets, without_user
from volcv_mock.recording.redact import requested_path


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("http://host/TOKEN/volcv/v1", "http://host/***/volcv/v1"),
        ("http://host/a/TOKEN/volcv/v1/", "http://host/***/volcv/v1/"),
        ("http://host:1/TOKEN", "http://host:1/***"),
        ("http://host/volcv/v1?key=TOKEN", "http://host/volcv/v1?***"),
        ("http://host/volcv/v1#TOKEN", "http://host/volcv/v1#***"),
        ("http://user:TOKEN@host/TOKEN?TOKEN", "http://***@host/***?***"),
        ("http://host/volcv/v1/TOKEN", "http://host/***"),
        ("https://[::1]:8/TOKEN/volcv/v1", "https://[::1]:8/***/volcv/v1"),
        ("http://host/TOKEN/{trace_id}/TOKEN", "http://host/***/{trace_id}/***"),
        ("http://host/volcv/v1", "http://host/volcv/v1"),
        ("http://host/", "http://host/"),
        ("http://host:8410", "http://host:8410"),
        ("what?", "what?"),
    ],
)
def test_an_address_is_shown_by_host_and_endpoint_alone(given: str, shown: str) -> None:
    """Gateways put tokens into paths and queries."""
    assert shown_address(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("/", "/"),
        ("", ""),
        ("*", "*"),
        ("/volcv/v1", "/volcv/v1"),
        ("/volcv/v1//", "/volcv/v1//"),
        ("//volcv/v1", "//volcv/v1"),
        ("/volcv/v1/volcv/v1", "/volcv/v1/volcv/v1"),
        ("/volcv/v1/token/volcv/v1", "/***/volcv/v1"),
        ("/nowhere", "/nowhere"),
        ("/api/v3/chat-completions", "/api/v3/chat-completions"),
        ("/task-sk/i2i_inpainting", "/task-sk/i2i_inpainting"),
        ("/token/volcv/v1", "/***/volcv/v1"),
        ("/a/token/volcv/v1/", "/***/volcv/v1/"),
        ("/volcv/v1/sk-test", "/volcv/v1/***"),
        ("/key=sk-test/x", "/***/x"),
        ("/sk%2Dtest/x", "/***/x"),
        ("/eyJhbGciOiJIUzI1.e30.x/y", "/***/y"),
        ("/user:word@host/x", "/***/x"),
    ],
)
def test_a_requested_path_shows_what_was_called_and_nothing_that_may_be_a_key(given: str, shown: str) -> None:
    assert requested_path(given) == shown


def test_the_long_parts_of_a_masked_path_are_secrets() -> None:
    """A service may quote its path in a response; a short part may be a word of any text."""
    assert path_secrets("http://host/api/TOKENTOKEN/volcv/v1") == ("TOKENTOKEN",)


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
def test_the_url_of_a_picture_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert without_secrets(url) == shown
