"""What the OpenTelemetry SDK reports, without what its variables hold: a header is a token, an address may have one.

The SDK quotes a variable that it cannot read, and requests the whole address, also percent-decoded.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from volcv_mock.recording.addresses import MASK
from volcv_mock.recording.redact import masked, parts_given

LOGGERS = ("opentelemetry", "requests", "urllib3")
VARIABLES = "OTEL_"
KINDS = ("spans",)
"""What an exporter says that it exports."""


@contextmanager
def sdk_log(write: Callable[[str], None], environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """For the length of the block what the SDK and its libraries log is given to `write`, in one line without values.

    It replaces every other handler of these loggers: this is for a process of `serve`, not for an application.
    """
    handler = _Handler(write, environ)
    before = [(logger, logger.propagate) for logger in map(logging.getLogger, LOGGERS)]
    for logger, _ in before:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in before:
            logger.removeHandler(handler)
            logger.propagate = propagate


def without_values(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """A text of the SDK in which every part of every variable `OTEL_...` is masked."""
    return masked(text, parts_given(value for name, value in environ.items() if name.startswith(VARIABLES)))


class _Handler(logging.Handler):
    def __init__(self, write: Callable[[str], None], environ: Mapping[str, str]) -> None:
        super().__init__(logging.WARNING)
        self._write, self._environ = write, environ

    def emit(self, record: logging.LogRecord) -> None:
        error = f": {record.exc_info[0].__name__}" if record.exc_info and record.exc_info[0] else ""
        self._write(f"volcv-mock serve: {record.name.partition('.')[0]}: {_message(record, self._environ)}{error}")


def _message(record: logging.LogRecord, environ: Mapping[str, str]) -> str:
    """The words of the SDK: the numbers among their arguments, the classes of errors and the names of variables."""
    args = record.args or ()
    shown: Any = tuple(_shown(value, environ) for value in args)
    if isinstance(args, Mapping):
        shown = {name: _shown(value, environ) for name, value in args.items()}
    try:
        text = str(record.msg) % shown if args else str(record.msg)
    except (TypeError, ValueError, KeyError):  # a format of its own
        text = str(record.msg)
    return without_values(text, environ)


def _shown(value: object, environ: Mapping[str, str]) -> object:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, BaseException):
        return type(value).__name__
    is_name = isinstance(value, str) and value.startswith(VARIABLES) and value in environ
    return value if is_name or value in KINDS else MASK
