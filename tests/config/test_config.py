"""Settings: which source goes first, and how a bad value is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.config.sources import SECRET, refusal, written
from volcv_mock.config import BadSetting, Settings, from_sources, is_loopback, needs_restart
from volcv_mock.config.config_keys import KEYS


def test_without_any_source_the_documented_defaults_hold() -> None:
    settings = from_sources({}, {})

    assert (settings.host, settings.port, settings.latency, settings.log) == ("127.0.0.1", 8410, "off", "text")
    assert (settings.journal_bytes, settings.auth_mode, settings.profile) == (32_000_000, "any", "default")


def test_a_flag_goes_before_the_environment_that_before_the_file_that_before_the_default(tmp_path: Path) -> None:
    file = written(tmp_path, "port = 1\nseed = 1\nhang_s = 1\n")

    settings = from_sources({"port": 3}, {"VOLCV_MOCK_PORT": "2", "VOLCV_MOCK_SEED": "2"}, file)

    assert (settings.port, settings.seed, settings.hang_s, settings.max_scopes) == (3, 2, 1.0, 256)


def test_a_bad_value_is_refused_even_where_another_source_goes_first(tmp_path: Path) -> None:
    file = written(tmp_path, 'port = "many"\n')

    assert "mock.toml:1: port = 'many'" in refusal({"port": 3}, {}, file)


@pytest.mark.parametrize("reading", ["timestamp-status=402", "timestamp-status"])
def test_an_unknown_reading_is_refused_with_the_known_ones(reading: str) -> None:
    message = refusal({"reading": [reading]})

    assert message.startswith(f"--reading = ['{reading}']: ")
    assert "ID=ALTERNATIVE" in message or "permitted: InvalidTimestamp, 403" in message


def test_zero_typed_as_a_flag_is_a_value(tmp_path: Path) -> None:
    """--port 0 takes a free port; False and None are argparse's values for options that were not given."""
    settings = from_sources({"port": 0, "seed": "0", "strict": False, "latency": None, "api_key": []}, {})

    assert (settings.port, settings.seed, settings.profile, settings.latency) == (0, 0, "default", "off")


def test_the_file_may_be_named_by_flag_or_by_environment(tmp_path: Path) -> None:
    file = written(tmp_path, "port = 9000\n")

    assert from_sources({"config": str(file)}, {}).port == 9000
    assert from_sources({}, {"VOLCV_MOCK_CONFIG": str(file)}).port == 9000


@pytest.mark.parametrize(
    ("flags", "environ", "expected"),
    [
        ({"strict": True}, {}, {"profile": "strict"}),
        ({"lenient": True}, {}, {"profile": "lenient"}),
        ({}, {"VOLCV_MOCK_STRICT": "1"}, {"profile": "strict"}),
        ({}, {"VOLCV_MOCK_STRICT": "0"}, {"profile": "default"}),
        ({"no_triggers": True}, {}, {"triggers": False}),
        ({}, {"VOLCV_MOCK_TRIGGERS": "off"}, {"triggers": False}),
        ({"api_key": ["sk-a", "sk-b"]}, {}, {"api_keys": ("sk-a", "sk-b"), "auth_mode": "strict"}),
        ({"api_key": ["sk-a"], "auth": "any"}, {}, {"auth_mode": "any"}),
        ({}, {"VOLCV_MOCK_API_KEY": "sk-a, sk-b"}, {"api_keys": ("sk-a", "sk-b")}),
        ({"ak": ["AK1"], "sk": [SECRET]}, {}, {"access_keys": {"AK1": SECRET}, "auth_mode": "strict"}),
        ({}, {"VOLCV_MOCK_AK": "AK1,AK2", "VOLCV_MOCK_SK": "s1,s2"}, {"access_keys": {"AK1": "s1", "AK2": "s2"}}),
        ({}, {"VOLCV_MOCK_ACCESS_KEYS": f"AK1={SECRET}"}, {"access_keys": {"AK1": SECRET}}),
        ({"image_hosts": ["cdn.test", "[::1]:9000"]}, {}, {"image_hosts": ("cdn.test", "[::1]:9000")}),
        ({"public_url": "http://mock:8410/"}, {}, {"public_url": "http://mock:8410"}),
        ({"trace_url": "https://t/x?q={\"id\":\"{trace_id}\"}"}, {}, {"trace_url": 'https://t/x?q={"id":"{trace_id}"}'}),
        ({}, {"VOLCV_MOCK_RETRY_AFTER_S": "0"}, {"retry_after_s": 0}),
        ({}, {"VOLCV_MOCK_REQUESTS_PER_SECOND": "0.5"}, {"requests_per_second": 0.5}),
        ({}, {"VOLCV_MOCK_LATENCY": "1s..3s"}, {"latency": "1s..3s"}),
        ({}, {"VOLCV_MOCK_PORT": "", "VOLCV_MOCK_SERVICE_HOST": "10.0.0.1"}, {"port": 8410}),
    ],
)
def test_settings_are_read_from_flags_and_environment(
    flags: dict[str, Any], environ: dict[str, str], expected: dict[str, Any]
) -> None:
    settings = from_sources(flags, environ)

    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("flags", "environ", "words"),
    [
        ({"port": "99999"}, {}, ["--port = '99999'", "a whole number from 0 to 65535"]),
        ({"port": "８410"}, {}, ["--port", "a whole number"]),
        ({"image_urls": "lopback"}, {}, ["--image-urls", "loopback, any, stand-in", "Did you mean 'loopback'?"]),
        ({"latency": "fast"}, {}, ["--latency = 'fast'", "realistic", "0.1x"]),
        ({"strict": True, "lenient": True}, {}, ["strict and lenient exclude each other"]),
        ({"ak": ["AK1"]}, {}, ["1 ak and 0 sk"]),
        ({"prot": 1}, {}, ["--prot is no setting", "Did you mean 'port'?", "Known:"]),
        ({"public_url": "mock:8410"}, {}, ["--public-url", "http://"]),
        ({"trace_url": "https://t/trace"}, {}, ["--trace-url = 'https://t/trace'", "{trace_id}"]),
        ({"trace_url": "javascript:alert({trace_id})"}, {}, ["--trace-url", "http:// or https://"]),
        ({}, {"VOLCV_MOCK_PROT": "1"}, ["VOLCV_MOCK_PROT is no setting", "Did you mean 'port'?"]),
        ({}, {"VOLCV_MOCK_JOURNAL_BYTES": "-1"}, ["VOLCV_MOCK_JOURNAL_BYTES = '-1'", "whole number from 0"]),
        ({}, {"VOLCV_MOCK_JOURNAL_BYTES": "32MB"}, ["VOLCV_MOCK_JOURNAL_BYTES = '32MB'"]),
        ({}, {"VOLCV_MOCK_PORT": "tcp://10.0.0.1:8410"}, ["Kubernetes", "enableServiceLinks"]),
        ({}, {"VOLCV_MOCK_TRIGGERS": "maybe"}, ["true or false"]),
    ],
)
def test_a_bad_value_is_refused_with_source_value_and_permitted_values(
    flags: dict[str, Any], environ: dict[str, str], words: list[str]
) -> None:
    message = refusal(flags, environ)

    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('\n\nport = "8410"\n', [":3: port = '8410'", "a whole number"]),
        ("port = true\n", [":1: port = True"]),
        ("prot = 8410\n", [":1: prot is no setting", "Did you mean 'port'?"]),
        ("[quotas]\n\nin_fligth = 3\n", [":3: quotas.in_fligth", "Did you mean 'quotas.in_flight'?"]),
        ("[quotas]\nin_flight = 0\n", [":2: quotas.in_flight = 0", "a whole number from 1"]),
        ("seed = 1\n[latency]\ndefault = 3\n", [":3: latency", "realistic"]),
        ('[latency]\ndefault = "off"\ni2i_inpaintin = "2s"\n', [":3: latency", "Did you mean 'i2i_inpainting'?"]),
        ("[[faults]]\ncode = 50411\n[[faults]]\ncod = 50412\n", [":4: faults[1].cod", "code"]),
        ("[[faults]]\ncode = 50411\n[[faults]]\nfault = 'rest'\n", [":4: faults[1].fault", "reset"]),
        ("faults = 3\n", [":1: faults = 3", "[[faults]]"]),
        ("[[faults]]\ncode = 50411\ntimes = 0\n", [":3: faults[0].times"]),
        (
            "[[faults]]\ncode = 50411\n[faults.match]\nreq_key = 'x'\n",
            [":4: faults[0].match.req_key", "i2i_inpainting"],
        ),
        (
            "[[faults]]\ncode = 50411\n[[faults]]\n[[faults.sequence]]\ncode = 50429\n"
            "[[faults.sequence]]\ncod = 50429\n",
            [":7: faults[1].sequence[1].cod", "code"],
        ),
        ("quotas = 3\n", [":1: quotas is a table, with requests_per_second, in_flight, retry_after_s"]),
        ("keys = 'sk-1'\n", [":1: keys is a table, with api, access"]),
        ("port = 1\nport = 2\n", [":2: port: Cannot overwrite a value"]),
        ("seed = seven\n", [":1: seed: Invalid value"]),
        ("port = \n", [":1: ", "in column"]),
        ("port = 1\nport = 2\n", ["mock.toml:", "Cannot overwrite a value"]),
        ('strict = "yes"\n', [":1: strict = 'yes'", "true or false"]),
        ("api_keys = ['sk-1']\n[keys]\napi = ['sk-2']\n", ["given twice"]),
    ],
)
def test_a_bad_file_is_refused_with_file_line_key_and_permitted_values(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    message = refusal(file=written(tmp_path, text))

    assert all(word in message for word in ["mock.toml", *words]), message


@pytest.mark.parametrize("name", ["public_url", "upstream", "trace_url"])
@pytest.mark.parametrize("place", ["mock:port", "mock:70000", "mock:0", "a..b", f"{'a' * 64}.example", "[::1"])
def test_a_url_whose_host_or_port_cannot_exist_is_refused(name: str, place: str) -> None:
    assert f"--{name.replace('_', '-')} = " in refusal({name: f"http://{place}/{{trace_id}}"})


def test_a_long_path_makes_no_host_too_long() -> None:
    url = f"https://{'a' * 63}.{'b' * 63}.example/{'p' * 190}"

    assert from_sources({"public_url": url}, {}).public_url == url
    assert from_sources({"trace_url": f"{url}{url}?{{trace_id}}"}, {}).trace_url.endswith("{trace_id}")


def test_a_host_that_no_resolver_takes_is_refused() -> None:
    assert "--host = 'a..b': wanted a host name" in refusal({"host": "a..b"})
    assert from_sources({"host": "a.b."}, {}).host == "a.b."


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Notepad and PowerShell's `Out-File -Encoding utf8` write one."""
    path = tmp_path / "mock.toml"
    path.write_bytes("\ufeffport = 9000\r\n[quotas]\r\nin_flight = 2\r\n".encode())

    settings = from_sources({}, {}, path)

    assert (settings.port, settings.in_flight) == (9000, 2)


def test_a_file_in_utf_16_is_refused_with_the_encoding_to_use(tmp_path: Path) -> None:
    path = tmp_path / "mock.toml"
    path.write_bytes("port = 9000".encode("utf-16"))

    assert "not UTF-8 but UTF-16" in refusal(file=path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"# \xff\n", [":1: not UTF-8"]),
        (b"port = 1\nhost = '\xe9'\n", [":2: not UTF-8"]),
        (b"a = " + b"[" * 100_000, ["mock.toml"]),
        (b"#" * 1_000_001, ["more than 1000000 bytes"]),
    ],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, data: bytes, words: list[str]) -> None:
    path = tmp_path / "mock.toml"
    path.write_bytes(data)

    assert all(word in refusal(file=path) for word in words)


def test_a_missing_file_is_refused_by_its_name(tmp_path: Path) -> None:
    assert "none.toml: No such file" in refusal(file=tmp_path / "none.toml")


def test_the_library_refuses_a_bad_value_too() -> None:
    with pytest.raises(BadSetting, match=r"Settings: port = True: wanted a whole number"):
        Settings(port=True)
    with pytest.raises(BadSetting, match=r"faults\[0\]"):
        Settings(faults=({"cod": 1},))


def test_every_setting_can_come_from_the_file(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        host = "0.0.0.0"
        latency = { default = "0.1x", "byteedit_v2.0" = "2s" }
        image_hosts = ["cdn.test"]
        log = "json"
        keys.api = ["sk-1"]
        keys.access = { AK = "SK" }
        quotas.in_flight = 2
        [[faults]]
        code = 50411
        times = 2
        """,
    )

    settings = from_sources({}, {}, file)

    assert settings.latency == {"default": "0.1x", "byteedit_v2.0": "2s"}
    assert (settings.api_keys, settings.access_keys, settings.in_flight) == (("sk-1",), {"AK": "SK"}, 2)
    assert settings.faults == ({"code": 50411, "times": 2},)


def test_every_field_of_settings_but_faults_is_a_key() -> None:
    assert {key.name for key in KEYS} | {"faults"} == set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True), ("LOCALHOST", True),
     ("0.0.0.0", False), ("::", False), ("mock", False), ("localhost.evil.test", False)],
)  # fmt: skip
def test_loopback_is_derived_from_the_host(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_control_is_on_for_loopback_or_with_a_token() -> None:
    assert Settings().control_is_on
    assert not Settings(host="0.0.0.0").control_is_on
    assert Settings(host="0.0.0.0", control_token="t").control_is_on


def test_a_change_that_needs_a_restart_is_reported() -> None:
    assert needs_restart(Settings(), Settings(port=1, latency="2s")) == ("port",)
