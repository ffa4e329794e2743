"""The readings of the settings: the entries of a file, a table or a list, checked as a whole before any is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from volcv_mock.contract.readings import BadReading, Chosen, Table, checked, chosen_text, table_of
from volcv_mock.model import Profile


def layer_of(given: Any) -> Mapping[str, Chosen]:
    """Point -> reading. Raises ValueError: file, line, id, permitted values and the nearest name."""
    if not given:
        return {}
    if isinstance(given, str | Path):
        return _of_file(Path(given))
    if isinstance(given, Mapping):
        return dict(chosen_text(f"{name}={value}") for name, value in given.items())
    return of_texts(given)


def of_texts(texts: Sequence[str]) -> Mapping[str, Chosen]:
    """The readings of `ID=ALTERNATIVE` texts; the last of a point counts. Raises BadReading."""
    return dict(map(chosen_text, texts))


def _of_file(path: Path) -> Mapping[str, Chosen]:
    from volcv_mock.recording import readings_file  # lazy: start-up time without a file

    found: dict[str, Chosen] = {}
    for name, entry in readings_file.read(path).entries.items():
        try:
            found[name] = checked(name, Chosen(entry.alternative, entry.details, is_measured=bool(entry.measured)))
        except BadReading as error:
            raise readings_file.BadReadings(f"{path}:{entry.line}: {error}") from None
    return found


def table(profile: Profile, reseller: str, readings: Any, reading: Sequence[str]) -> Table:
    """What is played: --reading over --readings over --reseller over the profile."""
    return table_of(profile, reseller, (layer_of(readings), of_texts(reading)))
