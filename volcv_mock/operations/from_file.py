"""File: answers with a picture of the user's contract folder (`painter` "file: PATH").

Without a watermark and in the file's own format the bytes are sent as they are.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.model import Job, Painted
from volcv_mock.operations.identity import Identity

if TYPE_CHECKING:
    from PIL.Image import Image


class FromFile:
    """Answers with one picture, whatever is asked."""

    name = "file"

    def paint(self, job: Job) -> tuple[Image, ...]:
        """The picture of the folder, in RGB."""
        from PIL import Image  # lazy: start-up time

        with Image.open(io.BytesIO(contract.answer_file(job.req_key)), formats=("JPEG", "PNG")) as image:
            return (image.convert("RGB"),)

    def extra(self, job: Job, painted: Painted | None, identity: Identity) -> Mapping[str, Any]:
        """No members of its own."""
        return {}
