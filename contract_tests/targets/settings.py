"""Keys and addresses from the environment or the command line, refused before anything is sent.

A key from a file or a secret store often ends in a line end. HTTP libraries refuse such a header value
and quote it, so a key is checked here and its value is never part of a message.
"""

from __future__ import annotations

import os
import string
import unicodedata
from urllib.parse import urlsplit

from .base import BadConfiguration

INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""The Unicode categories of control characters, format characters and separators."""


def key_from(variable: str, what: str) -> str:
    """The key in an environment variable. Raises BadConfiguration, naming the variable and the place in the key."""
    key = os.environ.get(variable, "")
    if not key:
        raise BadConfiguration(f"set {variable} to {what}; without it every call would only be refused")
    return visible_ascii(key, variable)


def address_from(option: str, variable: str, example: str) -> str:
    """The base URL given by `--base-url`, else by `variable`. Raises BadConfiguration, naming where it came from."""
    text = option or os.environ.get(variable, "")
    source = "--base-url" if option else variable
    if not text:
        raise BadConfiguration(f"set --base-url (or {variable}) to the address, such as {example}")
    return checked_address(text, source, example)


def checked_address(text: str, source: str, example: str) -> str:
    """`text` if it is an address and nothing more. A password, a query or a fragment in it is refused unseen."""
    visible_ascii(text, source)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadConfiguration(f"{source} is not a URL: its host or port cannot be read; wanted {example}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadConfiguration(f"{source} is not an http:// or https:// address; wanted one such as {example}")
    if parts.username is not None or parts.password is not None:
        raise BadConfiguration(f"{source} holds a user name or password; keys belong in their own variables")
    if parts.query or parts.fragment:
        raise BadConfiguration(f"{source} holds a query or fragment; wanted only the address, such as {example}")
    return text


def visible_ascii(text: str, source: str) -> str:
    """`text` if it is visible ASCII. Raises BadConfiguration, which names the first other character and its place."""
    for number, letter in enumerate(text, start=1):
        if not "!" <= letter <= "~":
            raise BadConfiguration(
                f"{source} holds {_named(letter)} at character {number} of {len(text)}; wanted visible ASCII only. "
                f"{_advice(letter)}"
            )
    return text


def _named(letter: str) -> str:
    """Only what cannot be part of a sound key is shown."""
    known = {"\n": "a line end", "\r": "a carriage return", " ": "a space", "\t": "a tab"}
    if _is_lone_byte(letter):
        return "a byte that is not UTF-8"
    return known.get(letter) or f"U+{ord(letter):04X} ({unicodedata.name(letter, 'a control character').lower()})"


def _advice(letter: str) -> str:
    """What helps: tr removes bytes, and knows no white space but that of ASCII."""
    if letter in string.whitespace:
        return "Remove it, for instance with: tr -d '[:space:]'"
    if unicodedata.category(letter) in INVISIBLE:
        return "It cannot be seen. Remove it, for instance with: LC_ALL=C tr -cd '!-~'"
    if _is_lone_byte(letter):
        return "Copy the value again, into a file in UTF-8."
    return "No key has it: copy the key again. In an address, percent-encode it."


def _is_lone_byte(letter: str) -> bool:
    return "\udc80" <= letter <= "\udcff"  # as Python reads it from the environment (PEP 383)
