"""What `serve` prints once it listens: addresses that can be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from volcv_mock.cli import banner
from volcv_mock.config import Settings
from volcv_mock.server.certificates import Certificates


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


def test_a_certificate_that_is_not_for_the_address_of_other_machines_is_pointed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banner, "seen_by_others", lambda url: "https://10.0.0.5:8410")
    settings = Settings(host="0.0.0.0", tls=True)
    files = [tmp_path / name for name in ("ca.pem", "ca.p12", "cert.pem", "key.pem")]

    hints = [
        [*banner.lines("https://0.0.0.0:8410", settings, Certificates(names, *files))][-1]
        for names in (("localhost",), ("localhost", "10.0.0.5"))
    ]

    assert hints[0].endswith("; the certificate is not for it: add --tls-name 10.0.0.5")
    assert hints[1].endswith("is the address for other machines")


def test_the_console_is_named_where_it_is_served() -> None:
    assert "console:  http://127.0.0.1:8410/_mock/" in [*banner.lines("http://127.0.0.1:8410", Settings())]


def test_a_control_api_that_is_off_is_named_instead_of_the_console() -> None:
    printed = [*banner.lines("http://10.0.0.5:8410", Settings(host="10.0.0.5"))]

    assert printed[-1].startswith("control:  off")
    assert not any("/_mock/" in line for line in printed)
