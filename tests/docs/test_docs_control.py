"""docs/control.md and docs/configuration.md: every example runs; every endpoint and every setting has one."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.helpers.calls import SUCCESS, entry, mask, painted, scene
from volcv_mock.cli.serve import parser
from volcv_mock.config import BadSetting, Settings, from_sources
from volcv_mock.config.config_keys import KEYS, SHORTHANDS, Key
from volcv_mock.control.routes import ROUTES
from volcv_mock.delivery import Delivered
from volcv_mock.journal import CallbackEntry
from volcv_mock.simulation.task_plan import TaskPlan
from volcv_mock.tasks import Task
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

DOCS = Path(__file__).resolve().parents[2] / "docs"
NOON_S = 1_769_860_800.0  # 2026-01-31T12:00:00Z
CALL, PICTURE = "868ffad4421165c9d6ef5847", "f601c8deb6e33774d67d00c0e83ca65e"
PNG = "f5a8c3b1d2e4960718293a4b5c6d7e8f"
TASK = "3669776714212311391"
DAY_S = 86_400


def blocks(name: str, language: str) -> list[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def prepared(**settings: Any) -> FlaskClient:
    """A mock with the call and the picture that the examples refer to."""
    world = World(Settings(**settings))
    world.scope().clock.freeze(NOON_S)
    told = entry(1, row=SUCCESS, at_s=NOON_S, delay_s=2.0, pictures=(scene(), mask()), result=painted())
    world.journal.open(replace(told, id=CALL))
    world.journal.close(CALL, Delivered(2.0, "read_all", 1000))
    world.pictures.put(PICTURE, b"jpeg", NOON_S + DAY_S)
    world.pictures.put(PNG, b"\x89PNG\r\n\x1a\n", NOON_S + DAY_S)
    plan = TaskPlan(queue_s=60.0)
    world.tasks.submit(Task(TASK, "default", b"", "i2i_inpainting", NOON_S, plan, b"{}", (), has_inputs=False))
    told_of = CallbackEntry("2026-01-31T12:00:00.000Z", NOON_S, "default", TASK, "i2i_inpainting", CALL,
                            "http://127.0.0.1:9000/hook", 10000, "done", 2000, 200, "")  # fmt: skip
    world.journal.callbacks.add(told_of)
    return create_app(world).test_client()


def read(block: str) -> tuple[str, str, dict[str, str], str, int | None, Any]:
    """(method, path, headers, body, status, members of the response) of one example."""
    asked, _, answer = block.partition("\nHTTP/1.1 ")
    head, _, body = asked.partition("\n\n")
    line, *rows = head.strip().splitlines()
    method, path = line.split(" ", 1)
    status, _, document = answer.partition("\n")
    headers = dict(row.split(": ", 1) for row in rows)
    expected = json.loads(document) if document.strip() else None
    return method, path, headers, body.strip(), int(status) if status else None, expected


def holds(part: Any, whole: Any) -> bool:
    """Whether `whole` has everything that `part` shows; lists have the same length."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and holds(each, whole[name]) for name, each in part.items()
        )
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(holds, part, whole))
    return bool(part == whole)


def test_every_control_example_responds_as_written() -> None:
    client, with_token = prepared(), prepared(control_token="the-control-token")

    for block in blocks("control.md", "http"):
        method, path, headers, body, status, expected = read(block)
        asked = with_token if "Authorization" in headers else client
        answer = asked.open(path, method=method, headers=headers, data=body or None)
        assert status in (None, answer.status_code), f"{block}\n{answer.get_data(as_text=True)}"
        assert expected is None or holds(expected, answer.get_json()), f"{block}\n{answer.get_data(as_text=True)}"


def test_every_curl_example_runs() -> None:
    client = prepared()

    for block in blocks("control.md", "bash"):
        words = shlex.split(block)
        options = dict(pairwise(words))
        url = next(word for word in words if word.startswith("http://127.0.0.1:8410/"))
        headers = dict([options["-H"].split(": ", 1)]) if "-H" in options else {}
        answer = client.open(url, method=options.get("-X", "GET"), headers=headers, data=options.get("-d"))
        assert answer.status_code in (200, 201), block


def test_every_control_endpoint_has_an_example() -> None:
    shown = {(method, path.partition("?")[0]) for method, path, *_ in map(read, blocks("control.md", "http"))}

    for route in ROUTES:
        pattern = re.compile("/_mock" + re.sub(r"<\w+>", r"[\\w.-]+", route.path.replace(".", r"\.")))
        assert any(method == route.method and pattern.fullmatch(path) for method, path in shown), route.path


def test_every_member_of_a_call_is_explained() -> None:
    table = (DOCS / "control.md").read_text(encoding="utf-8")
    explained = {
        word for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)
    }

    assert explained == set(entry().to_dict())


@pytest.mark.parametrize("block", blocks("configuration.md", "toml"))
def test_every_example_file_is_accepted(tmp_path: Path, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fixtures").symlink_to(DOCS.parent / "fixtures")
    exec(blocks("own-operations.md", "python")[0])  # writes the folder that `contract` names
    path = tmp_path / "mock.toml"
    path.write_text(block, encoding="utf-8")

    assert isinstance(from_sources({}, {}, path), Settings)


def test_every_bad_example_file_is_refused_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    messages = blocks("configuration.md", "text")

    for block, expected in zip(blocks("configuration.md", "toml refused"), messages, strict=True):
        Path("mock.toml").write_text(block, encoding="utf-8")
        with pytest.raises(BadSetting) as caught:
            from_sources({}, {}, Path("mock.toml"))
        assert str(caught.value).startswith(expected.strip())


@pytest.mark.parametrize("block", blocks("configuration.md", "bash"))
def test_every_command_line_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mock.toml").write_text("seed = 1\n", encoding="utf-8")
    words = shlex.split(block)
    start = words.index("volcv-mock")
    environ = dict(word.split("=", 1) for word in words[:start])

    assert words[start + 1] == "serve"
    assert isinstance(from_sources(vars(parser().parse_args(words[start + 2 :])), environ), Settings)


def test_every_setting_has_an_example_in_a_file() -> None:
    shown: set[str] = set()
    for block in blocks("configuration.md", "toml"):
        for name, value in tomllib.loads(block).items():
            shown |= {f"{name}.{inner}" for inner in value} if name in ("keys", "quotas") else {name}

    assert shown >= {key.in_file for key in KEYS} | {"faults"}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_table_of_settings_has_flag_variable_and_default(key: Key) -> None:
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{re.escape(key.in_file)}` \| (.*?) \| `{key.variable}` \| (.*?) \|$", text, re.MULTILINE)
    default = getattr(Settings(), key.name)

    assert row is not None
    assert key.flag in row[1]
    if default not in (None, (), {}, "") and key.name != "log":
        assert row[2] == f"`{json.dumps(default)}`"


def test_the_flags_of_serve_are_the_settings() -> None:
    flags = {flag for action in parser()._actions for flag in action.option_strings}
    shorthands = {"--" + name.replace("_", "-") for name in SHORTHANDS}

    assert flags - {"-h", "--help", "--config", "--ak", "--sk"} - shorthands == {key.flag for key in KEYS if key.flag}
