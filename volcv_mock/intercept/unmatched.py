"""What happens to a request whose URL is not intercepted: it is refused, so that a test stays offline, or passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from volcv_mock.config import is_loopback
from volcv_mock.intercept.intercepted_urls import InterceptedUrls

Policy = Literal["refuse", "pass_through"]
POLICIES: tuple[Policy, ...] = ("refuse", "pass_through")
OLD_NAMES = {"pass": "pass_through"}
"""Values of 0.1.0's parameter `others`, still accepted."""


class UnmatchedRequest(AssertionError):
    """A request to a URL that is not intercepted, while those are refused."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The policy for requests to other URLs, and the text of a refusal."""

    policy: Policy
    intercepted_urls: InterceptedUrls

    def may_pass(self, host: str) -> bool:
        """Loopback always may: a served mock, a database in a container. Nothing leaves the machine."""
        return self.policy == "pass_through" or is_loopback(host)

    def refusal(self, call: str) -> str:
        """The text of the error for `call`, such as "GET https://example.com/": what is intercepted, what to change."""
        return (
            f"{call[:300]} is not intercepted; intercepted are {self.intercepted_urls}. "
            f"Add the base URL to intercept(...), give it a route of your own (volcv.router), "
            f"or let other requests through: unmatched='pass_through'."
        )


def unmatched_of(policy: str, intercepted_urls: InterceptedUrls) -> Unmatched:
    """Raises ValueError for an unknown policy."""
    named = OLD_NAMES.get(policy, policy)
    for known in POLICIES:
        if named == known:
            return Unmatched(known, intercepted_urls)
    raise ValueError(f"unmatched={policy!r}; permitted: {', '.join(POLICIES)}")
