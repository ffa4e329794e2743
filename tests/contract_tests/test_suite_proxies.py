"""Proxies of the environment: never asked for this machine, named when a call fails, and refused unseen when unusable.
Certificates of the environment are refused, too, when they are of no use.
"""

from __future__ import annotations

import os
from dataclasses import replace

import httpx
import pytest

from contract_tests.calibration import run as calibrate
from contract_tests.model import Sent
from contract_tests.planning.planned import planned_cases
from contract_tests.runner import run
from contract_tests.targets import NotSent, open_target
from tests.contract_tests.nights import proxy
from volcv_mock import VolcvMock

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing answers there."""
PASSWORD = "pass-0123456789"
UNUSABLE = {
    "an unknown scheme": f"foo://user:{PASSWORD}@proxy.test:1",
    "a line end": f"http://user:{PASSWORD}@proxy.test:1\n",
    "a port that is none": f"http://user:{PASSWORD}@proxy.test:99999",
    "a word as port": f"http://user:{PASSWORD}@proxy.test:port",
    "no host": f"http://user:{PASSWORD}@",
    "half an address": f"http://user:{PASSWORD}@[::1",
}
KEYS = {"VOLCV_API_KEY": "sk-sound-0123456789", "VOLC_ACCESSKEY": "AKLTsound0123456789",
        "VOLC_SECRETKEY": "c291bmQtMDEyMzQ1Njc4OQ=="}  # fmt: skip


@pytest.fixture(autouse=True)
def _keys_and_no_proxy(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("name", ["proxy", "official"])
def test_this_machine_is_called_without_a_proxy(monkeypatch, variable, name):
    server = VolcvMock().serve().start()  # a block would set NO_PROXY
    monkeypatch.setenv(variable, NOBODY)
    target = open_target(name, base_url=server.base_url)
    try:
        assert target.send(Sent(b"{}")).status in (400, 401)
    finally:
        target.close()
        server.stop()


@pytest.mark.parametrize(
    ("variable", "scheme"), [("HTTP_PROXY", "http"), ("HTTPS_PROXY", "https"), ("ALL_PROXY", "http")]
)
@pytest.mark.parametrize("name", ["proxy", "official"])
def test_an_address_that_is_not_reached_through_a_proxy_names_the_variable(monkeypatch, variable, scheme, name):
    monkeypatch.setenv(variable, NOBODY)
    target = open_target(name, base_url=f"{scheme}://service.test")

    with pytest.raises(NotSent, match=f"went through the proxy of {variable}.*service.test directly.*NO_PROXY"):
        target.send(Sent(b"{}"))


def test_a_host_that_no_proxy_lists_names_no_variable(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "service.test")

    assert open_target("proxy", base_url="http://service.test").proxy_hint == ""


@pytest.mark.parametrize("value", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("command", [run.main, calibrate.main], ids=["contract", "calibrate"])
def test_a_proxy_that_cannot_be_used_is_refused_by_its_name(monkeypatch, tmp_path, capsys, command, variable, value):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, value)

    code = command(["--target", "proxy", "--base-url", "http://service.test", "--budget", "1"])

    printed = "".join(capsys.readouterr())
    assert code == 2
    assert variable in printed
    assert PASSWORD not in printed


def test_a_socks_proxy_without_its_package_says_what_to_install(monkeypatch, tmp_path, capsys):
    def without_socksio(**options):
        raise ImportError("socksio")

    monkeypatch.setenv("ALL_PROXY", f"socks5://user:{PASSWORD}@proxy.test:1080")
    monkeypatch.setattr(httpx, "Client", without_socksio)

    code = run.main(["--target", "proxy", "--base-url", "http://service.test", "--budget", "1"])

    printed = "".join(capsys.readouterr())
    assert code == 2
    assert "ALL_PROXY is a SOCKS proxy, which needs: pip install 'httpx[socks]'" in printed
    assert PASSWORD not in printed


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
@pytest.mark.parametrize("command", [run.main, calibrate.main], ids=["contract", "calibrate"])
def test_certificates_that_are_not_there_are_refused_by_the_name_of_the_variable(
    monkeypatch, tmp_path, capsys, command, variable
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / "nothing"))

    code = command(["--target", "proxy", "--base-url", "https://service.test", "--budget", "1"])

    assert code == 2
    assert f"{variable} = " in "".join(capsys.readouterr())


def test_a_file_of_certificates_that_has_none_is_refused_by_the_name_of_its_variable(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))

    code = run.main(["--target", "proxy", "--base-url", "https://service.test", "--budget", "1"])

    assert code == 2
    assert "no PEM certificates" in "".join(capsys.readouterr())


def test_hosts_that_cannot_be_read_are_refused_by_the_name_of_the_variable(monkeypatch, capsys):
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.setenv("NO_PROXY", "[::1")

    code = run.main(["--target", "proxy", "--base-url", "http://service.test", "--budget", "1"])

    assert code == 2
    assert "NO_PROXY" in capsys.readouterr().out


def test_an_outage_that_a_proxy_may_have_answered_names_the_variable(monkeypatch, tmp_path, capsys):
    """For http:// addresses a proxy that does not reach the host answers itself."""

    def gateway(asked, reply, memory):
        return replace(reply, status=502, body=b"<html>Bad Gateway</html>")

    target = replace(proxy(gateway), proxy_hint="The call went through the proxy of HTTP_PROXY.")
    monkeypatch.setattr(run, "open_target", lambda name, **_: target if name == "proxy" else open_target(name))
    chosen = tuple(case for case in planned_cases() if case.id in ("CR-key-none", "CV-REM-001"))
    monkeypatch.setattr(run, "live_cases", lambda capabilities: chosen)
    monkeypatch.chdir(tmp_path)

    code = run.main(["--target", "proxy", "--budget", "5", "--rps", "100000"])

    assert code == 2
    assert "through the proxy of HTTP_PROXY" in capsys.readouterr().out
