"""The studio: three versions of a photo, each requested with retries, with a fallback picture if that fails."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from photo_app.answers import NoPicture, picture_of

EDIT, REMOVAL = "i2i_inpainting_edit", "i2i_inpainting"
VERSIONS = 3
PAUSES_S = (1.0, 2.0, 4.0)
"""Pauses before the second, third and fourth attempt."""


class Transport(Protocol):
    """What sends a request body and fetches a picture by URL."""

    def ask(self, body: dict[str, Any]) -> Any: ...

    def fetch(self, url: str) -> bytes: ...


@dataclass(frozen=True)
class Version:
    """What the user sees: a new picture, or their own photo with the reason."""

    picture: bytes
    is_fallback: bool = False
    reason: str = ""


class Studio:
    """Creates the versions of a photo, in parallel."""

    def __init__(self, service: Transport, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self._service = service
        self._pauses_s = pauses_s

    def versions(self, photo: bytes, mask: bytes, prompt: str = "", first_seed: int = 1) -> list[Version]:
        """Three versions. With a prompt the masked part is redrawn, without one it is removed."""
        bodies = [body_of(photo, mask, prompt, first_seed + number) for number in range(VERSIONS)]
        with ThreadPoolExecutor(VERSIONS) as pool:
            return list(pool.map(lambda body: self._version(body, photo), bodies))

    def _version(self, body: dict[str, Any], photo: bytes) -> Version:
        try:
            return Version(retried(lambda: picture_of(self._service.ask(body), self._service.fetch), self._pauses_s))
        except NoPicture as reason:
            return Version(photo, is_fallback=True, reason=str(reason))


def retried(attempt: Callable[[], bytes], pauses_s: Sequence[float]) -> bytes:
    """Retry after a failure that may be temporary, with exponential back-off and jitter. Raises NoPicture."""
    for pause_s in pauses_s:
        try:
            return attempt()
        except NoPicture as reason:
            if not reason.may_pass_later:
                raise
            time.sleep(pause_s * random.uniform(1.0, 1.5))
    return attempt()


def body_of(photo: bytes, mask: bytes, prompt: str, seed: int) -> dict[str, Any]:
    """The request body: an edit with a prompt, a removal without."""
    chosen = {"req_key": EDIT, "custom_prompt": prompt} if prompt else {"req_key": REMOVAL}
    return {**chosen, "binary_data_base64": [base64.b64encode(data).decode() for data in (photo, mask)], "seed": seed}
