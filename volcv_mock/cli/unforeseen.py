"""What a command prints when an exception that nobody foresaw ends it: where it arose, without credentials.

Its exit code is 2, never 1: that means drift, or a finding, to whoever reads it.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence

GONE = "the working directory is gone: it was deleted or cannot be read; change to a folder that exists"
_OPTION = re.compile(r"--?[a-z][a-z-]*=?")


def report(error: Exception, arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Print the error and the lines of code that raised it; returns the exit code 2. One line says that the working
    directory is gone, which is no bug.

    A library's text may quote what it was given, so every part of an argument and of a setting is masked in it.
    """
    if isinstance(error, OSError) and _is_directory_gone():
        print(f"volcv-mock {arguments[0]}: {GONE}", file=sys.stderr)
        return 2
    from volcv_mock.recording.redact import known_secrets, masked, parts_given  # lazy: start-up time

    text = masked(str(error), (*known_secrets(environ), *parts_given(_given(arguments, environ))))
    raised = traceback.extract_tb(error.__traceback__)
    places = "".join(f"  {each.filename}:{each.lineno} in {each.name}\n" for each in raised)
    print(f"{places}volcv-mock {arguments[0]}: {type(error).__name__}: {text}\n"
          "This is a bug of volcv-mock: please report it with these lines.", file=sys.stderr)  # fmt: skip
    return 2


def _is_directory_gone() -> bool:
    try:
        os.getcwd()
    except OSError:
        return True
    return False


def _given(arguments: Sequence[str], environ: Mapping[str, str]) -> Iterator[str]:
    """The values of options and settings."""
    yield from (_OPTION.sub("", word, count=1) if word.startswith("-") else word for word in arguments[1:])
    yield from (value for name, value in environ.items() if name.startswith("VOLC"))
