"""What the OpenTelemetry SDK logs and raises, which may quote a token of a header or of an address."""

from __future__ import annotations

import logging
import signal
from typing import Any

import httpx
import pytest

from tests.cli.process import Serving
from tests.cli.process import run as run_command
from volcv_mock.telemetry.sdk_log import sdk_log, without_values

SECRET = "pa55-of-the-collector"
NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"OTEL_EXPORTER_OTLP_HEADERS": SECRET}, "Header format invalid!"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer {SECRET}\u200b"}, "Header format invalid!"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{SECRET}%0Ax"}, "InvalidHeader"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://user:{SECRET}@127.0.0.1:99999/"}, "InvalidURL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": f"{NOWHERE}/{SECRET}"}, "Transient error ConnectionError"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": SECRET}, "MissingSchema"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": SECRET}, "Unable to parse value for OTEL_BSP_MAX_QUEUE_SIZE"),
    ],
    ids=["header", "hidden character", "line end", "port", "path", "no scheme", "number"],
)
def test_what_the_sdk_reports_shows_no_value_of_its_variables(environ: dict[str, str], said: str) -> None:
    """It quoted the whole header, and requests the address with user and password."""
    with Serving(environ={"OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE, **environ}) as server:
        httpx.post(f"{server.url}/volcv/v1", trust_env=False)
        server.end(signal.SIGTERM)
        lines = "\n".join(iter(lambda: server.line("err"), ""))

    assert said in lines
    assert SECRET not in lines


def test_a_variable_that_the_sdk_refuses_ends_serve_with_2() -> None:
    """It was called a bug of volcv-mock, and its value was shown."""
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": SECRET}

    ended = run_command("serve", "--port", "0", environ=environ)

    assert ended.returncode == 2
    assert "volcv-mock serve: OTEL_...: ValueError: OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT must be" in ended.stderr
    assert SECRET not in ended.stderr
    assert "bug" not in ended.stderr


@pytest.mark.parametrize(
    ("message", "args", "told"),
    [
        ("batch code: %s, reason: %s", (401, f"{SECRET} is no token"), "batch code: 401, reason: ***"),
        ("error %s", (ValueError(SECRET),), "error ValueError"),
        (f"bad endpoint {SECRET}", (), "bad endpoint ***"),
        ("%d %d", (1,), "%d %d"),
    ],
)
def test_of_a_record_the_words_and_the_numbers_are_told(message: str, args: tuple[Any, ...], told: str) -> None:
    lines: list[str] = []
    with sdk_log(lines.append, {"OTEL_EXPORTER_OTLP_HEADERS": f"x-key={SECRET}"}):
        logging.getLogger("opentelemetry.sdk").warning(message, *args)

    assert lines == [f"volcv-mock serve: opentelemetry: {told}"]


def test_the_loggers_are_as_before_afterwards() -> None:
    logger = logging.getLogger("opentelemetry")
    before = logger.propagate, list(logger.handlers)

    with sdk_log(lambda line: None, {}):
        assert not logger.propagate

    assert (logger.propagate, logger.handlers) == before


def test_a_percent_decoded_part_of_a_variable_is_masked() -> None:
    assert without_values("x: Bearer s3cr3t/one", {"OTEL_EXPORTER_OTLP_HEADERS": "a=s3cr3t%2Fone"}) == "x: Bearer ***"
