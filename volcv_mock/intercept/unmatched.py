"""What happens to a call that is not ours: refused, which keeps a test offline, or let through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from volcv_mock.config import is_loopback
from volcv_mock.intercept.intercepted_urls import InterceptedUrls

CHOICES = ("refuse", "pass")
Choice = Literal["refuse", "pass"]


class Refused(AssertionError):
    """A call to elsewhere while an intercept refuses them."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The choice, and the words for a refusal."""

    choice: Choice
    intercepted_urls: InterceptedUrls

    def may_pass(self, host: str) -> bool:
        """Loopback always may: a served mock, a database in a container; nothing leaves the machine."""
        return self.choice == "pass" or is_loopback(host)

    def refusal(self, call: str) -> str:
        return (
            f"{call[:300]} leaves the test: only {self.intercepted_urls} are intercepted. "
            f"Add the base URL to intercept(...), give it a route of your own (volcv.router), "
            f"or let others through: others='pass'."
        )


def others(choice: str, intercepted_urls: InterceptedUrls) -> Unmatched:
    """Raises ValueError for a choice that is none."""
    if choice not in CHOICES:
        raise ValueError(f"others={choice!r}; permitted: {', '.join(CHOICES)}")
    return Unmatched(choice, intercepted_urls)  # type: ignore[arg-type]
