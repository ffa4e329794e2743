"""Keys, secrets and passwords in settings: refused by the name of their source, and never printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.sources import SECRET, refusal, written
from volcv_mock.config import Settings
from volcv_mock.config.config_kinds import bad_character


@pytest.mark.parametrize(
    "text",
    [
        f'[keys]\napi = ["{SECRET} with a blank"]\n',
        f'[keys]\naccess = {{ "AK" = "{SECRET}\\n" }}\n',
        f'control_token = "{SECRET}\\u0000"\n',
        f"[keys]\nappi = ['{SECRET}']\n",
    ],
)
def test_no_refusal_shows_a_key_or_a_secret(tmp_path: Path, text: str) -> None:
    assert SECRET not in refusal(file=written(tmp_path, text))


BAD_ENDS = {"LF": "\n", "CR LF": "\r\n", "zero-width": "\u200b", "BOM": "\ufeff", "no-break": "\xa0", "letter": "é"}
PAIR = {"VOLCV_MOCK_AK": "AKLT1", "VOLCV_MOCK_SK": "secret1"}


@pytest.mark.parametrize("end", BAD_ENDS.values(), ids=BAD_ENDS)
@pytest.mark.parametrize(
    ("variable", "others"),
    [
        ("VOLCV_MOCK_API_KEY", {}),
        ("VOLCV_MOCK_AK", PAIR),
        ("VOLCV_MOCK_SK", PAIR),
        ("VOLCV_MOCK_CONTROL_TOKEN", {}),
    ],
)
def test_a_key_with_a_character_no_header_may_carry_is_refused_by_the_name_of_its_variable(
    variable: str, others: dict[str, str], end: str
) -> None:
    """A key read from a file or a Kubernetes secret often ends with a line feed."""
    message = refusal(environ={**others, variable: SECRET + end})

    assert message.startswith(f"{variable} = ***: wanted ")
    assert f"(U+{ord(end[0]):04X})" in message
    assert SECRET not in message


@pytest.mark.parametrize(
    ("key", "flaw"),
    [
        ("sk-a\n", "it ends with a line feed (U+000A)"),
        ("sk-a\r\n", "it ends with a carriage return (U+000D)"),
        ("\ufeffsk-a", "it begins with a byte order mark (U+FEFF)"),
        ("sk-a\u200bb", "it contains a zero-width space (U+200B)"),
        ("sk-é", "it contains the character (U+00E9)"),
        ("sk-a", ""),
    ],
    ids=ascii,
)
def test_the_wrong_character_of_a_key_is_named(key: str, flaw: str) -> None:
    assert bad_character(key) == flaw


def test_the_names_in_a_table_of_access_keys_are_not_printed(tmp_path: Path) -> None:
    message = refusal(file=written(tmp_path, f'[keys.access]\n"{SECRET}" = "bad \\q escape"\n'))

    assert "mock.toml:2" in message
    assert SECRET not in message


@pytest.mark.parametrize("name", ["public_url", "upstream", "trace_url"])
@pytest.mark.parametrize("place", ["{}@mock", "{}/x@mock", "{} x@mock", "{}#@mock", "{}?@mock", "{}\u200b@mock"])
def test_the_password_of_a_url_is_not_printed(name: str, place: str) -> None:
    """A slash or a blank in it is why the URL is refused."""
    message = refusal({name: f"http://user:{place.format(SECRET)}/{{trace_id}}"})

    assert message.startswith(f"--{name.replace('_', '-')} = 'http://***@mock/{{trace_id}}': wanted ")


@pytest.mark.parametrize("name", ["public_url", "upstream"])
@pytest.mark.parametrize("place", ["{}", "{}/volcv/v1", "volcv/v1?key={}", "a b/{}"])
def test_a_token_in_the_address_of_a_service_is_not_printed(name: str, place: str) -> None:
    message = refusal({name: f"http://host/{place.format(SECRET)}?"})

    assert message.startswith(f"--{name.replace('_', '-')} = 'http://host/")
    assert SECRET not in message


@pytest.mark.parametrize("name", ["port", "seed", "latency", "reading", "hang_s", "log"])
def test_a_key_that_was_given_to_another_setting_is_not_printed(name: str) -> None:
    assert f"--{name.replace('_', '-')} = " in (message := refusal({name: "sk-0123456789abcdef"}))
    assert "0123456789abcdef" not in message


def test_no_text_of_settings_shows_a_key_or_a_secret() -> None:
    rule = {"code": 50411, "match": {"api_key": SECRET}}

    settings = Settings(api_keys=(SECRET,), access_keys={SECRET: SECRET}, control_token=SECRET, faults=(rule,))

    assert SECRET not in repr(settings)
