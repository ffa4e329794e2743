"""Writing an exchange with the upstream as a recording: redacted, its pictures as files, its links' pictures too.

The file format is volcv_mock/recording/. A credential that would be written stops the recording, not the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from volcv_mock import contract
from volcv_mock.config import Settings
from volcv_mock.delivery import Incoming
from volcv_mock.fetch import Fetcher
from volcv_mock.imaging import probe
from volcv_mock.imaging.decode import Undecodable, decode
from volcv_mock.model import Fetched, Headers, Picture, RawRequest
from volcv_mock.recording.exchanges import Pairs, Recorder, strict_json
from volcv_mock.recording.redact import SecretFound
from volcv_mock.signing import sha256_hex
from volcv_mock.upstream.requests import host_of, kept_headers


@dataclass(frozen=True, slots=True)
class SentPart:
    """recording.SentRequest of a forwarded request."""

    method: str
    path: str | None
    query: Pairs
    headers: Pairs = field(repr=False)
    body: bytes = field(repr=False)
    is_authorized: bool = True


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """recording.ReceivedResponse of the upstream's answer."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    elapsed_s: float
    document: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recordable:
    """recording.RecordableExchange of one call. `secrets` never reach a file."""

    sent: SentPart
    answer: ReceivedPart
    at: str
    secrets: tuple[str, ...] = field(repr=False)
    picture: bytes | None = field(default=None, repr=False)
    picture_place: str = ""
    picture_status: int = 0
    linked: tuple[bytes | None, ...] = field(default=(), repr=False)
    target: str = "upstream"
    case_id: str = ""


def recorder(folder: str) -> Recorder:
    """The recorder of one mock. Files of earlier runs are kept."""
    return Recorder(Path(folder), describe, keeps_existing=True)


def describe(data: bytes) -> Mapping[str, Any]:
    """Facts of a picture beside its digest."""
    header = probe.read_header(data)
    return {"format": header.format, "width": header.width, "height": header.height}


def pixels(data: bytes) -> str | None:
    """A digest of the decoded pixels, by which a re-encoded picture is recognised; None for what is no picture."""
    try:
        image = decode(Picture("recording", data, probe.facts_of(data, probe.read_header(data))))
    except (Undecodable, ValueError, OSError):
        return None
    return sha256_hex(f"{image.mode} {image.size} ".encode() + image.tobytes())


def links(incoming: Incoming) -> tuple[str, ...]:
    """The picture links of an answer, as far as it can be read."""
    data = (_document(incoming.body) or {}).get("data")
    urls = data.get("image_urls") if isinstance(data, Mapping) else None
    return tuple(url for url in urls if isinstance(url, str)) if isinstance(urls, list) else ()


def link_fetcher(settings: Settings) -> Fetcher:
    """Fetches the links of answers: from public addresses, and from the upstream itself."""
    return Fetcher("public", (host_of(settings.upstream),))


def recordable(raw: RawRequest, incoming: Incoming, secrets: tuple[str, ...], now_s: float) -> Recordable:
    """The exchange, with the pictures behind its links, as far as they were fetched."""
    document = _document(incoming.body)
    query = tuple(parse_qsl(raw.query, keep_blank_values=True))
    sent = SentPart(raw.method, raw.route or raw.path, query, kept_headers(raw.headers), raw.body)
    answer = ReceivedPart(incoming.status, incoming.headers, incoming.body, round(incoming.elapsed_s, 6), document)
    at = datetime.fromtimestamp(now_s, UTC).isoformat()
    if not links(incoming):
        return Recordable(sent, answer, at, secrets)
    first, *others = (_kept(incoming.pictures.get(url)) for url in links(incoming))
    return Recordable(sent, answer, at, secrets, first, "url", 0 if first is None else 200, tuple(others))


def _kept(fetched: Fetched | None) -> bytes | None:
    """The picture behind a link. A stand-in is none: it would be replayed as the upstream's."""
    return None if fetched is None or fetched.problem or fetched.is_stand_in else fetched.data


def not_kept(incoming: Incoming) -> tuple[str, ...]:
    """A note for each link whose picture is not in the recording."""
    return tuple(f"not kept: the picture behind $.data.image_urls[{index}]: {_reason(incoming.pictures.get(url))}"
                 for index, url in enumerate(links(incoming)) if _kept(incoming.pictures.get(url)) is None)  # fmt: skip


def _reason(fetched: Fetched | None) -> str:
    if fetched is None:
        return f"no more than {contract.most_pictures()} links are followed"
    return fetched.problem.found if fetched.problem else "its host is neither the upstream's nor public"


def save(writer: Recorder, exchange: Recordable) -> str:
    """The name of the file, or a sentence beginning with "not recorded"."""
    try:
        return writer.save(exchange, linked=exchange.linked)
    except SecretFound as error:
        return f"not recorded: {error}"
    except OSError as error:
        return f"not recorded: {error.strerror}"
    except RecursionError:
        return "not recorded: request or answer is nested too deeply"


def _document(body: bytes) -> Any:
    try:
        document = strict_json(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, Mapping) else None
