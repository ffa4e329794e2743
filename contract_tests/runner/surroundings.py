"""What a run is called in: the working directory, and the contract that VOLCV_SCHEMAS names. Looked at before the suite
is loaded, which reads both.

Nothing but the standard library is imported here, and the suite's plan if VOLCV_SCHEMAS is set.
"""

from __future__ import annotations

import os

from ..paths import BadShelf, read_json, shelf, variable_of

GONE = "the working directory is gone: it was deleted or cannot be read; change to a folder that exists"


def wrong_in_surroundings() -> str:
    """Why the suite cannot be loaded here, in one line; empty when it can."""
    try:
        os.getcwd()
    except OSError:
        return GONE
    return _masked(_wrong_in_schemas()) if os.environ.get(variable_of("schemas")) else ""


def _wrong_in_schemas() -> str:
    """Every file is read: one that is read late would end a run whose calls are spent."""
    try:
        for path in sorted(shelf("schemas").rglob("*.json")):
            read_json("schemas", path.relative_to(shelf("schemas")).as_posix())
        from ..planning.planned import planned_cases  # lazy: it reads the folder when it is imported

        planned_cases()
    except ImportError:  # the extra is not installed, which the caller says
        return ""
    except BadShelf as error:
        return str(error)
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return f"{variable_of('schemas')} = {str(shelf('schemas'))!r}: no contract that can be used: {what}"
    return ""


def _masked(text: str) -> str:
    from volcv_mock.recording.redact import known_secrets, masked  # lazy: start-up time

    return masked(text, known_secrets())
