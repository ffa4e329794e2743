"""What the settings name for calls to the upstream: recordings, the ledger, and the keys that no recording may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from volcv_mock.config import BadSetting, Settings
from volcv_mock.config.upstream_settings import ledger_path, prepared_folder

if TYPE_CHECKING:
    from volcv_mock.recording.exchanges import Recorder
    from volcv_mock.recording.ledger import Ledger
    from volcv_mock.recording.library import Library


def recordings_of(settings: Settings) -> tuple[Library | None, Recorder | None]:
    """What is replayed, and what records. Raises BadSetting for a folder that cannot be used."""
    if not settings.recordings:
        return None, None
    from volcv_mock.recording.library import BadRecordings, Library  # lazy: start-up time
    from volcv_mock.upstream.record import pixels, recorder

    try:
        return Library(prepared_folder(settings), pixels), recorder(settings.recordings)
    except BadRecordings as error:
        raise BadSetting(f"recordings: {error}.") from None


def ledger_of(settings: Settings) -> Ledger | None:
    """Counts the calls to the upstream. Raises BadSetting for a file that cannot be used."""
    if settings.upstream_budget is None:
        return None
    from volcv_mock.recording.ledger import BudgetMissing, Ledger  # lazy: start-up time

    try:
        ledger = Ledger(ledger_path(settings), settings.upstream_budget)
        ledger.spent()
    except (BudgetMissing, OSError) as error:
        raise BadSetting(f"upstream_ledger = {str(ledger_path(settings))!r}: {error}.") from None
    return ledger


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every key that this mock knows: none of them is written into a recording."""
    pairs = (part for pair in settings.access_keys.items() for part in pair)
    return tuple(filter(None, (*settings.api_keys, *pairs, settings.upstream_ak, settings.upstream_sk)))
