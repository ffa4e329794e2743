"""https on the socket server: a certificate of its own, real clients, and faults as on a plain socket."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from volcv_mock import VolcvMock
from volcv_mock.config import BadSetting, Settings
from volcv_mock.server import certificates
from volcv_mock.server.certificates import certificates_for
from volcv_mock.server.tls import secured
from volcv_mock.testing.handles import RunningMock

WAIT_S = 20
CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def mock(folder: Path) -> VolcvMock:
    return VolcvMock(tls=True, tls_dir=str(folder))


@pytest.fixture(scope="module")
def server(mock: VolcvMock) -> Iterator[RunningMock]:
    with mock.serve() as running:
        yield running


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))


def connected(server: RunningMock, context: ssl.SSLContext) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("127.0.0.1", port_of(server), timeout=WAIT_S, context=context)


def port_of(server: RunningMock) -> int:
    return int(server.base_url.rpartition(":")[2])


def ask(connection: http.client.HTTPConnection, body: object, **headers: str) -> http.client.HTTPResponse:
    known = {"Authorization": "Bearer sk-a", "Content-Type": "application/json"}
    connection.request("POST", CALL, json.dumps(body).encode(), known | headers)
    return connection.getresponse()


def test_a_client_that_trusts_the_ca_makes_several_calls_on_one_connection(server: RunningMock, folder: Path) -> None:
    connection = connected(server, trusting(folder))

    answers = [json.load(ask(connection, server.body("i2i_inpainting"))) for _ in range(3)]

    assert server.base_url.startswith("https://127.0.0.1:")
    assert [answer["code"] for answer in answers] == [10000] * 3
    connection.close()


def test_a_body_of_many_records_is_read_whole(server: RunningMock, folder: Path) -> None:
    """Decrypted bytes wait in the process, where the kernel does not report them."""
    connection = connected(server, trusting(folder))

    answer = ask(connection, server.body("i2i_inpainting_edit", custom_prompt="x" * 3_000_000))

    assert json.load(answer)["code"] == 10000
    connection.close()


def test_links_of_an_encrypted_mock_begin_with_https(server: RunningMock, folder: Path) -> None:
    connection = connected(server, trusting(folder))
    link = json.load(ask(connection, server.body("i2i_inpainting", return_url=True)))["data"]["image_urls"][0]
    assert link.startswith(f"{server.base_url}/_mock/images/")

    connection.request("GET", link.removeprefix(server.base_url))
    assert connection.getresponse().read().startswith(b"\xff\xd8")
    connection.close()


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate"])
def test_a_response_is_cut_off_as_on_a_plain_socket(fault: str, server: RunningMock, folder: Path) -> None:
    connection = connected(server, trusting(folder))

    with pytest.raises((http.client.HTTPException, OSError)):
        ask(connection, server.body("i2i_inpainting"), **{"X-Volcv-Mock": f"fault={fault}"}).read()

    assert server.calls.last.delivered == fault


def test_a_client_that_does_not_trust_the_ca_is_named_in_the_log(
    server: RunningMock, mock: VolcvMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = log_of(mock, monkeypatch)

    with pytest.raises(ssl.SSLCertVerificationError):
        connected(server, ssl.create_default_context()).connect()

    assert "does not trust the certificate" in said.get(WAIT_S)


def test_plain_http_at_a_port_for_tls_is_answered_and_named_in_the_log(
    server: RunningMock, mock: VolcvMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = log_of(mock, monkeypatch)
    plain = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=WAIT_S)
    plain.request("GET", "/")

    assert b"use https://" in plain.getresponse().read()
    assert said.get(WAIT_S).endswith("plain HTTP: use https://")
    plain.close()


class Said:
    """What the log was told; filled by the thread of the server."""

    def __init__(self) -> None:
        import queue

        self._lines: queue.Queue[str] = queue.Queue()
        self.write_message = self._lines.put

    def get(self, timeout_s: float) -> str:
        return self._lines.get(timeout=timeout_s)


def log_of(mock: VolcvMock, monkeypatch: pytest.MonkeyPatch) -> Said:
    said = Said()
    monkeypatch.setattr(mock.world.log, "write_message", said.write_message)
    return said


def test_a_tls_handshake_at_a_plain_port_is_told_what_to_do() -> None:
    with VolcvMock().serve() as server, socket.create_connection(("127.0.0.1", port_of(server)), WAIT_S) as client:
        client.sendall(bytes.fromhex("1603010200010001fc0303"))
        assert client.recv(12) == b"HTTP/1.1 400"

        assert "(TLS: use http://, or start with --tls)" in server.calls.last.problems[0]["wanted"]


def test_the_key_is_readable_by_its_owner_only_and_the_key_of_the_ca_is_not_kept(folder: Path, mock: VolcvMock) -> None:
    made = certificates_for(mock.world.settings)

    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert {path.name for path in folder.iterdir()} == {"ca.pem", "ca.p12", "cert.pem", "key.pem"}
    assert [path.name for path in folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()] == ["key.pem"]


def test_the_certificate_is_used_again_until_it_no_longer_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(**more: object) -> bytes:
        return certificates_for(Settings(tls=True, tls_dir=str(tmp_path), **more)).cert.read_bytes()  # type: ignore[arg-type]

    first = made()
    assert made() == first
    named = made(tls_names=("mock.test", "10.0.0.5"))
    assert named != first
    assert made(tls_names=("mock.test", "10.0.0.5")) == named
    monkeypatch.setattr(certificates, "LEAST_DAYS", certificates.DAYS + 1)
    assert made(tls_names=("mock.test", "10.0.0.5")) != named


def test_every_variable_names_a_file_that_exists(folder: Path, mock: VolcvMock) -> None:
    made = certificates_for(mock.world.settings)

    settings = [setting for setting, _ in made.variables()]

    assert {setting.partition("=")[0] for setting in settings} == {
        "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "JAVA_TOOL_OPTIONS",
    }  # fmt: skip
    assert all(str(made.ca) in setting or str(made.store) in setting for setting in settings)
    assert made.ca.is_file()
    assert made.store.is_file()


BAD = {
    "a key without its certificate": ({"tls_key": "key.pem"}, "give both"),
    "both ways": ({"tls": True, "tls_cert": "c.pem", "tls_key": "k.pem"}, "exclude each other"),
    "a folder without --tls": ({"tls_dir": "x"}, "tls_dir: needs --tls"),
    "files that are not there": ({"tls_cert": "no.pem", "tls_key": "no.pem"}, "No such file"),
}


@pytest.mark.parametrize(("settings", "expected"), BAD.values(), ids=BAD)
def test_settings_that_cannot_work_are_refused_in_one_sentence(settings: dict[str, object], expected: str) -> None:
    with pytest.raises(BadSetting, match=expected):
        secured(Settings(**settings))  # type: ignore[arg-type]
