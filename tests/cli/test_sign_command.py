"""`volcv-mock sign`: checked against the worked vector and the mock's own endpoint."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from volcv_mock import VolcvMock, cli, signing
from volcv_mock.signing import CredentialScope, Message, SignedParts

VECTORS = json.loads((Path(__file__).parents[2] / "fixtures" / "signatures" / "cases.json").read_text(encoding="utf-8"))
VECTOR = next(case for case in VECTORS["cases"] if case["id"] == "sorted_four_headers")
ACCESS_KEY, SECRET_KEY = VECTORS["access_key"], VECTORS["secret_key"]
HEADERS = dict(VECTOR["headers"])
URL = f"https://{HEADERS['Host']}{VECTOR['path']}?{VECTOR['query']}"


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(VECTOR["body"], encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLC_ACCESSKEY", ACCESS_KEY)
    monkeypatch.setenv("VOLC_SECRETKEY", SECRET_KEY)


def signed(capsys: pytest.CaptureFixture[str], *flags: object) -> str:
    assert cli.main(["sign", *map(str, flags)]) == 0
    return capsys.readouterr().out


def headers_of(text: str) -> dict[str, str]:
    """The last part that is shown."""
    return dict(line.split(": ", 1) for line in text.split("# headers\n")[1].strip().splitlines())


def test_it_signs_as_the_vendors_sdk_did(body: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = signed(capsys, "--url", URL, "--body", body, "--date", HEADERS["X-Date"])

    assert headers_of(text) == HEADERS


def test_the_default_url_is_the_official_one(body: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = signed(capsys, "--body", body, "--date", HEADERS["X-Date"])

    assert headers_of(text)["Authorization"] == HEADERS["Authorization"]


def test_each_step_is_shown_and_the_last_verifies(body: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = signed(capsys, "--url", URL, "--body", body)

    steps = dict(part.split("\n", 1) for part in text.split("# ")[1:])
    headers = headers_of(text)
    assert list(steps) == ["canonical request", "string to sign", "headers"]
    assert signing.sha256_hex(steps["canonical request"].strip("\n").encode()) in steps["string to sign"]
    assert verifies(headers, body.read_bytes())
    assert not verifies(headers, b"another body")


def verifies(headers: dict[str, str], body: bytes) -> bool:
    """By volcv_mock.signing, from the headers alone."""
    parts = dict(part.split("=", 1) for part in headers["Authorization"].split(" ", 1)[1].split(", "))
    _, date, region, service, _ = parts["Credential"].split("/")
    message = Message("POST", VECTOR["path"], VECTOR["query"], tuple(headers.items()), signing.sha256_hex(body))
    coverage = SignedParts(headers["X-Date"], CredentialScope(date, region, service), parts["SignedHeaders"])
    return signing.verify(message, coverage, SECRET_KEY, parts["Signature"])


@pytest.mark.parametrize("flags", [[], ["--curl"]], ids=["steps", "curl"])
def test_the_secret_is_never_shown(flags: list[str], body: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert SECRET_KEY not in signed(capsys, "--url", URL, "--body", body, *flags)


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_curl_command_passes_a_mock_that_knows_the_key(body: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with VolcvMock(access_keys={ACCESS_KEY: SECRET_KEY}, image_urls="stand-in").serve() as server:
        text = signed(capsys, "--url", f"{server.base_url}/?{VECTOR['query']}", "--body", body, "--curl")
        done = subprocess.run([*shlex.split(text), "-s"], capture_output=True, timeout=20, check=True)

    assert json.loads(done.stdout)["code"] == 10000


WRONG: dict[str, tuple[list[str], dict[str, str], str]] = {
    "no keys": ([], {"VOLC_SECRETKEY": ""}, "VOLC_ACCESSKEY and VOLC_SECRETKEY"),
    "a body that is not there": (["--body", "nowhere.json"], {}, "nowhere.json"),
    "a date that is none": (["--date", "yesterday"], {}, "YYYYMMDDTHHMMSSZ"),
    "a URL without a host": (["--url", "/volcv/v1"], {}, "http"),
    "a URL with a user": (["--url", "https://user:pw@host.test/"], {}, "'https://***@host.test/' is no URL"),
    "a URL with a port of letters": (["--url", "https://host.test:port/"], {}, "is no URL"),
    "a URL with a line end": (["--url", "https://host.test/\n"], {}, "is no URL"),
    "an access key with a line end": ([], {"VOLC_ACCESSKEY": "AKLT1\n"}, "VOLC_ACCESSKEY = ***"),
    "a secret key with a line end": ([], {"VOLC_SECRETKEY": "secret1\r\n"}, "VOLC_SECRETKEY = ***"),
    "a secret key option with a zero-width space": (["--sk", "secret1\u200b"], {}, "--sk = ***"),
    "an option that does not exist": (["--skey", "secret1"], {}, "unrecognized arguments: --skey ***"),
}


@pytest.mark.parametrize(("flags", "environ", "told"), WRONG.values(), ids=WRONG)
def test_an_unusable_option_or_variable_is_named_without_its_key(
    flags: list[str], environ: dict[str, str], told: str, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    try:
        code: object = cli.main(["sign", *flags])
    except SystemExit as ended:
        code = ended.code

    message = capsys.readouterr().err
    assert code == 2
    assert told in message
    assert "secret1" not in message
    assert "AKLT1" not in message
