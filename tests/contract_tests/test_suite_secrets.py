"""Keys and addresses that cannot be used: refused by name, unprinted and unpaid."""

from __future__ import annotations

import subprocess

import httpx
import pytest

from contract_tests.generate import plain_request
from contract_tests.planning.cases import Ask, Case
from contract_tests.planning.planned import planned_cases
from contract_tests.runner import run
from contract_tests.runner.runner import Runner
from contract_tests.targets import BadConfiguration, Target
from volcv_mock import VolcvMock
from volcv_mock.recording.ledger import Ledger
from volcv_mock.recording.redact import masked, spellings

SECRET = "sk-SECRETWORD-0123"
UNUSABLE = {
    "a line end": SECRET + "\n",
    "CR LF": SECRET + "\r\n",
    "a leading space": " " + SECRET,
    "a tab inside": "sk-SECRET\tWORD-0123",
    "a zero-width space": SECRET + "\u200b",
    "a byte order mark": "\ufeff" + SECRET,
    "a full-width letter": SECRET + "\uff21",
    "a control character": SECRET + "\x1b",
    "a byte that is not UTF-8": SECRET + "\udcff",
}
GOOD = {"VOLCV_BASE_URL": "http://127.0.0.1:9", "VOLCV_API_KEY": "sk-sound-0123456789",
        "VOLC_ACCESSKEY": "AKLTsound0123456789", "VOLC_SECRETKEY": "c291bmQtMDEyMzQ1Njc4OQ=="}  # fmt: skip
VARIABLES = {"VOLCV_API_KEY": "proxy", "VOLC_ACCESSKEY": "official", "VOLC_SECRETKEY": "official",
             "VOLCV_BASE_URL": "proxy"}  # fmt: skip


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def _run(tmp_path, target, *more):
    arguments = ["--target", target, "--budget", "3", "--rps", "500", "--report", str(tmp_path / "report"), *more]
    return run.main(arguments)


@pytest.mark.parametrize("value", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize(("variable", "target"), VARIABLES.items())
def test_a_value_that_cannot_be_sent_is_refused_by_its_name(tmp_path, monkeypatch, capsys, variable, target, value):
    monkeypatch.setenv(variable, value if "KEY" in variable else f"http://127.0.0.1:9/{value}")

    code = _run(tmp_path, target)

    printed = "".join(capsys.readouterr())
    assert code == 2
    assert variable in printed
    assert "WORD" not in printed
    assert not (tmp_path / "report").exists()


COMMANDS = {"tr -d '[:space:]'": ("tr", "-d", "[:space:]"), "LC_ALL=C tr -cd '!-~'": ("tr", "-cd", "!-~")}
REMOVABLE = {name: value for name, value in UNUSABLE.items() if "letter" not in name and "byte that" not in name}
REMOVABLE |= {"a no-break space": SECRET + "\xa0", "a delete": SECRET + "\x7f", "a vertical tab": "\v" + SECRET}


@pytest.mark.parametrize("value", REMOVABLE.values(), ids=REMOVABLE.keys())
def test_the_command_that_is_advised_makes_the_key_sound(tmp_path, monkeypatch, capsys, value):
    """tr removes bytes: [:space:] leaves a zero-width space where it is."""
    monkeypatch.setenv("VOLCV_API_KEY", value)
    _run(tmp_path, "proxy")
    printed = "".join(capsys.readouterr())
    (arguments,) = [each for said, each in COMMANDS.items() if said in printed]

    repaired = subprocess.run(arguments, input=value.encode(), capture_output=True, env={"LC_ALL": "C"}, check=True)

    assert repaired.stdout == SECRET.encode()


@pytest.mark.parametrize(
    ("end", "said"),
    [("\xe9", "copy the key again"), ("\uff21", "copy the key again"), ("\udcff", "into a file in UTF-8")],
    ids=["a letter", "a full-width letter", "a byte that is not UTF-8"],
)  # fmt: skip
def test_no_command_is_advised_for_a_key_that_was_copied_wrongly(tmp_path, monkeypatch, capsys, end, said):
    """Without its letter the key would be another one."""
    monkeypatch.setenv("VOLCV_API_KEY", SECRET + end)

    _run(tmp_path, "proxy")

    printed = "".join(capsys.readouterr())
    assert said in printed
    assert "tr -" not in printed


@pytest.mark.parametrize(
    "url",
    ["http://user:SECRETWORD@127.0.0.1:9", "http://127.0.0.1:9/?token=SECRETWORD", "http://127.0.0.1:SECRETWORD",
     "ftp://SECRETWORD", "http://", "SECRETWORD", "http://127.0.0.1:99999", "http://[::1"],
)  # fmt: skip
@pytest.mark.parametrize("target", ["proxy", "official", "server"])
def test_an_address_that_is_none_is_refused_unseen(tmp_path, capsys, target, url):
    code = _run(tmp_path, target, "--base-url", url)

    printed = "".join(capsys.readouterr())
    assert code == 2
    assert "--base-url" in printed
    assert "SECRETWORD" not in printed


def _case():
    return Case("C1", "", "S3-10000", lambda variant: {"a": Ask(plain_request("i2i_inpainting"))})


@pytest.mark.parametrize("error", [httpx.LocalProtocolError, httpx.UnsupportedProtocol])
def test_a_call_that_was_never_sent_is_not_paid(tmp_path, error):
    """The library refuses it when it is written: what was reserved returns to the budget, and the run ends."""

    def refuse(request):
        raise error(f"Illegal header value {SECRET}")

    client = httpx.Client(transport=httpx.MockTransport(refuse), base_url="http://127.0.0.1:9")
    ledger = Ledger(tmp_path / "ledger.jsonl", 3)
    runner = Runner(Target("proxy", client, "/", frozenset({"paid"}), secrets=(SECRET,)), ledger=ledger)

    with pytest.raises(BadConfiguration) as stopped:
        runner.run_one(_case())

    assert ledger.spent() == 0
    assert SECRET not in str(stopped.value)


def test_a_request_that_cannot_be_built_is_not_booked(tmp_path):
    client = httpx.Client(base_url="http://127.0.0.1:9", trust_env=False)
    ledger = Ledger(tmp_path / "ledger.jsonl", 3)
    target = Target("proxy", client, "/", frozenset({"paid"}), {"Authorization": f"Bearer {SECRET}\uff21"})

    with pytest.raises(BadConfiguration):
        Runner(target, ledger=ledger).run_one(_case())

    assert not ledger.path.exists()


def test_an_answer_that_cannot_be_decoded_is_no_verdict():
    def broken(request):
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    client = httpx.Client(transport=httpx.MockTransport(broken), base_url="http://127.0.0.1:9")

    assert Runner(Target("proxy", client, "/", frozenset({"paid"}))).run_one(_case()).reason == "unreachable"


def test_an_unforeseen_exception_is_no_drift(monkeypatch, capsys):
    def fail(*arguments, **options):
        raise RuntimeError(f"unforeseen {GOOD['VOLCV_API_KEY']}")

    monkeypatch.setattr(run, "open_target", fail)

    assert run.main(["--target", "mock"]) == 2
    printed = capsys.readouterr().out
    assert "RuntimeError: unforeseen ***" in printed


@pytest.mark.parametrize("key", UNUSABLE.values(), ids=UNUSABLE.keys())
@pytest.mark.parametrize("quote", [str, repr, ascii, lambda key: repr(key.encode("utf-8", "surrogateescape"))])
def test_a_library_that_quotes_a_key_is_masked(key, quote):
    shown = masked(f"Illegal header value {quote(key)}", [key])

    assert "WORD-0123" not in shown
    assert spellings(key)


def test_a_token_in_the_path_of_an_address_is_in_no_line_and_no_file(tmp_path, monkeypatch, capsys):
    """A gateway may have it there: http://host/TOKEN/volcv/v1. This target quotes its path in every answer."""
    token = "Tk-0123456789abcdef"
    chosen = tuple(case for case in planned_cases() if case.id in ("CR-key-none", "CV-REM-001"))
    monkeypatch.setattr(run, "live_cases", lambda capabilities: chosen)
    with VolcvMock().serve() as server:
        assert _run(tmp_path, "proxy", "--base-url", f"{server.base_url}/{token}/volcv/v1") == 2

    printed = "".join(capsys.readouterr())
    texts = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert token not in printed
    assert [name for name, text in texts.items() if token.encode() in text] == []
    assert b"/***" in texts["summary.md"]
