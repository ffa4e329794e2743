"""Echo: answers with the first picture of the request. For a user's own req_keys (`--contract DIR`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock.model import Job, Painted
from volcv_mock.operations.base import picture
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image


class Echo:
    """Answers with the picture that was sent."""

    name = "echo"

    def paint(self, job: Job) -> tuple[Image, ...]:
        """The first picture, as a viewer shows it."""
        return (picture(job),)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """No members of its own."""
        return {}
