"""What can go wrong between the suite and a target."""

from __future__ import annotations


class Unreachable(Exception):
    """The target gave no answer: nothing was decided."""


class NotSent(Unreachable):
    """There was no connection, so nothing was sent, and nothing is paid."""


class NotRecorded(Unreachable):
    """A recording does not hold this request, or not once more."""


class BadConfiguration(Unreachable):
    """A key, an address or a file cannot be used. The text names the variable or option, never the value of a key."""
