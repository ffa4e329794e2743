"""What `serve` prints once it listens: addresses that can be used."""

from __future__ import annotations

import pytest

from volcv_mock.cli import banner
from volcv_mock.config import Settings


@pytest.mark.parametrize(
    ("host", "here"), [("0.0.0.0", "127.0.0.1:8410"), ("[::]", "[::1]:8410")], ids=["IPv4", "IPv6"]
)
def test_a_server_on_every_address_names_one_that_a_client_can_call(host: str, here: str) -> None:
    settings = Settings(host=host.strip("[]"), control_token="t")

    first, *clients, others = banner.lines(f"http://{host}:8410", settings)

    assert first.endswith(f" listening on http://{here}")
    assert all(here in line for line in clients)
    assert others.startswith("others:   http://")
    assert not any(f"/{host}:" in line for line in (first, *clients, others))


def test_the_console_is_named_where_it_is_served() -> None:
    assert "console:  http://127.0.0.1:8410/_mock/" in [*banner.lines("http://127.0.0.1:8410", Settings())]


def test_a_control_api_that_is_off_is_named_instead_of_the_console() -> None:
    printed = [*banner.lines("http://10.0.0.5:8410", Settings(host="10.0.0.5"))]

    assert printed[-1].startswith("control:  off")
    assert not any("/_mock/" in line for line in printed)
