"""What happens to a call that is not ours: refused, which keeps a test offline, or let through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from volcv_mock.config import is_loopback
from volcv_mock.delivery.intercept_territory import Territory

CHOICES = ("refuse", "pass")
Choice = Literal["refuse", "pass"]


class Refused(AssertionError):
    """A call to elsewhere while an intercept refuses them."""


@dataclass(frozen=True, slots=True)
class Others:
    """The choice, and the words for a refusal."""

    choice: Choice
    territory: Territory

    def may_pass(self, host: str) -> bool:
        """Loopback always may: a served mock, a database in a container; nothing leaves the machine."""
        return self.choice == "pass" or is_loopback(host)

    def refusal(self, call: str) -> str:
        return (
            f"{call[:300]} leaves the test: only {self.territory} are intercepted. Add the base URL to intercept(...), "
            f"give it a route of your own (volcv.router), or let all others through with others='pass'."
        )


def others(choice: str, territory: Territory) -> Others:
    """Raises ValueError for a choice that is none."""
    if choice not in CHOICES:
        raise ValueError(f"others={choice!r}; permitted: {', '.join(CHOICES)}")
    return Others(choice, territory)  # type: ignore[arg-type]
