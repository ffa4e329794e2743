"""Every fault and every code, asked for in every way, through the whole of `volcv-mock serve`: judged by what arrives.

One process for all: each test has a scope of its own, and the rules of the file apply in the default one.
"""

from __future__ import annotations

import base64
import json
import select
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.cli.process import Serving
from tests.faults.show import SHOWS, Exchange, code, success
from tests.helpers.desk import ClientRequest, Desk, Spec, received, scene, scope_of
from volcv_mock import contract, faults
from volcv_mock.injection import known_codes
from volcv_mock.injection.trigger_pictures import draw, usual_words

FAULTS = faults.names()
CODES = tuple(row.id for row in known_codes() if not row.id.startswith("201304"))
SEEDS = tuple(dict.fromkeys(row.code for row in known_codes() if row.envelope == "service" and row.code))
IMAGES = Path(__file__).resolve().parents[2] / "fixtures" / "images"
FILE = "default"
"""The scope that a file's rules are for."""


def rule(word: str) -> dict[str, Any]:
    """The one shape: over HTTP, in a file, in Python."""
    return {"fault": word} if word in FAULTS else {"code": int(word) if word.isdigit() else word}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mock whose file has a rule for every fault and code, each for prompts that name it."""
    file = tmp_path_factory.mktemp("served") / "mock.toml"
    file.write_text("".join(map(table, (*FAULTS, *CODES))), encoding="utf-8")
    with Serving("--config", str(file), "--seed", "7", "--log", "off") as process:
        yield process.url


def table(word: str) -> str:
    ((act, value),) = rule(word).items()
    return f'[[faults]]\n{act} = {json.dumps(value)}\nmatch = {{ prompt_contains = "<{word}>" }}\n'


@pytest.fixture
def desk(url: str, request: pytest.FixtureRequest) -> Desk:
    place = Desk(url, scope_of(request.node.name))
    place.freeze()
    return place


def by_rule(desk: Desk, word: str) -> ClientRequest:
    desk.control("POST", "faults", {**rule(word), "times": 1})
    return ClientRequest()


def by_file(desk: Desk, word: str) -> ClientRequest:
    desk.scope = FILE
    desk.freeze()
    return ClientRequest({"custom_prompt": f"<{word}>"})


def by_header(desk: Desk, word: str) -> ClientRequest:
    return ClientRequest(headers={"X-Volcv-Mock": f"{'fault' if word in FAULTS else 'code'}={word}"})


WAYS: Mapping[str, Callable[[Desk, str], ClientRequest]] = {
    "header": by_header,
    "key": lambda desk, word: ClientRequest(key=f"sk-mock-{word}"),
    "prompt": lambda desk, word: ClientRequest({"custom_prompt": f"a puppy [[mock:{word}]]"}),
    "picture": lambda desk, word: ClientRequest(jpeg_quality=80),
    "rule": by_rule,
    "file": by_file,
}


def picture_of(way: str, word: str) -> Image.Image:
    """A trigger picture has lost half its size and, as a JPEG, its sharpness."""
    return draw(word).resize((240, 160)) if way == "picture" else scene()


def ask(desk: Desk, way: str, word: str) -> Exchange:
    call = WAYS[way](desk, word)
    if word in ("expired_url", "dead_link"):
        call = ClientRequest({**call.body, "return_url": True}, call.key, call.headers, call.jpeg_quality)
    spec: Spec = rule(word)
    return desk.send(call, spec, picture_of(way, word))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_shows_however_it_was_asked_for(desk: Desk, fault: str, way: str) -> None:
    answer = ask(desk, way, fault)

    assert SHOWS[fault](answer)
    fired = desk.calls()[-1]["fired"]
    assert [(each["name"], each["origin"]) for each in fired] == [(fault, way if way != "file" else "rule")]


@pytest.mark.parametrize("way", [way for way in WAYS if way != "picture"])
def test_every_code_is_answered_however_it_was_asked_for(desk: Desk, way: str) -> None:
    wrong = [word for word in CODES if not code(word, ask(desk, way, word))]

    assert wrong == []


def test_every_code_with_a_trigger_picture_is_answered_for_it(desk: Desk) -> None:
    words = [word for word in usual_words() if word not in FAULTS and word != "201304"]

    assert [word for word in words if not code(word, ask(desk, "picture", word))] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_of_the_service_is_answered_for_that_seed(desk: Desk, seed: int) -> None:
    answer = desk.send(ClientRequest({"seed": seed}), {}, scene())

    assert SHOWS["ghost_face"](answer) if seed == 201304 else code(str(seed), answer)


def test_a_fault_is_applied_each_time_it_is_asked_for(desk: Desk) -> None:
    """A body that passed before, and a picture that was painted before, are remembered."""
    repeatable = [name for name in FAULTS if name not in ("hang", "drip")]
    for _ in range(2):
        desk.send(ClientRequest(), {}, scene())
        assert [name for name in repeatable if not SHOWS[name](ask(desk, "header", name))] == []

    assert success(desk.send(ClientRequest(), {}, scene()))


def test_injections_of_several_stages_apply_to_one_answer(desk: Desk) -> None:
    asked = ClientRequest(headers={"X-Volcv-Mock": "fault=black; fault=data_uri; fault=truncate"})

    answer = desk.send(asked, {}, scene())

    assert SHOWS["truncate"](answer)
    assert b'"data:image/jpeg;base64,' in answer.body
    assert [each["name"] for each in desk.calls()[-1]["fired"]] == ["black", "data_uri", "truncate"]


def test_the_most_specific_override_wins_and_the_others_are_not_spent(desk: Desk) -> None:
    """Header, key, trigger, rule: all of one stage, and one more of them each time."""
    desk.control("POST", "faults", {"code": 50413})
    prompt = {"custom_prompt": "a puppy [[mock:50412]]"}
    asked = [
        ClientRequest(),
        ClientRequest(prompt),
        ClientRequest(prompt, "sk-mock-50411"),
        ClientRequest(prompt, "sk-mock-50411", {"X-Volcv-Mock": "code=50514"}),
    ]

    assert [desk.ask(call).document["code"] for call in asked] == [50413, 50412, 50411, 50514]
    assert desk.control("GET", "faults")["faults"][0]["fired"] == 1


def test_triggers_in_the_data_can_be_turned_off_while_header_and_key_stay() -> None:
    with Serving("--no-triggers", "--log", "off") as process:
        desk = Desk(process.url, "off")
        data = [
            ClientRequest({"custom_prompt": "[[mock:50412]]"}),
            ClientRequest({"seed": 50411}),
            ClientRequest(jpeg_quality=80),
        ]
        met = [desk.send(call, {}, draw("50411")).document["code"] for call in data]
        stay = [ClientRequest(headers={"X-Volcv-Mock": "code=50411"}), ClientRequest(key="sk-mock-50411")]

        assert met == [10000] * 3
        assert [desk.ask(call).document["code"] for call in stay] == [50411] * 2


def test_two_headers_are_two_overrides(desk: Desk) -> None:
    """A proxy may split a list of values into lines (RFC 9110, 5.3)."""
    request = desk.request(ClientRequest(headers={"X-Volcv-Mock": "fault=black"}), scene())
    with desk.connect() as connection:
        connection.sendall(request.replace(b"\r\n\r\n", b"\r\nx-volcv-mock: code=50411\r\n\r\n", 1))
        answer = Exchange(*received(connection, 10**6), scene(), scene())

    assert code("50411", answer)


# Pictures that mean nothing -----------------------------------------------------------------------


def plain_pictures() -> Mapping[str, Image.Image]:
    stripes, checks = Image.new("RGB", (420, 200), "white"), Image.new("L", (64, 64))
    pen = ImageDraw.Draw(stripes)
    for x in range(0, 420, 20):
        pen.rectangle((x, 0, x + 9, 200), fill="black")
    checks.putdata([255 * ((x // 8 + y // 8) % 2) for y in range(64) for x in range(64)])
    photos = {path.stem: Image.open(path) for path in sorted(IMAGES.glob("*.jpg"))}
    assert photos, f"no photo in {IMAGES}"
    flat = {colour: Image.new("RGB", (128, 128), colour) for colour in ("black", "white", "grey", "red")}
    return {**photos, **flat, "stripes": stripes, "checks": checks.convert("RGB"), "slope": scene()}


@pytest.mark.parametrize("name", plain_pictures())
def test_an_ordinary_picture_asks_for_nothing(desk: Desk, name: str) -> None:
    answer = desk.send(ClientRequest(jpeg_quality=80), {}, plain_pictures()[name].convert("RGB"))

    assert (answer.status, answer.document["code"]) == (200, 10000)
    assert desk.calls()[-1]["fired"] == []


# Looks at the socket ------------------------------------------------------------------------------


def test_a_drip_lasts_as_long_as_asked_and_arrives_whole(desk: Desk) -> None:
    began_at = time.monotonic()
    answer = desk.send(ClientRequest(headers={"X-Volcv-Mock": "fault=drip; duration=300ms"}), {}, scene())

    assert time.monotonic() - began_at >= 0.3
    assert success(answer)


@pytest.mark.parametrize("fault", ["drip", "hang"])
def test_a_duration_of_nothing_is_nothing(desk: Desk, fault: str) -> None:
    """0 is a duration like any other and does not mean the default."""
    answer = desk.send(ClientRequest(headers={"X-Volcv-Mock": f"fault={fault}; duration=0s"}), {}, scene())

    assert success(answer) if fault == "drip" else answer.received == b""


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_client_that_leaves_ends_the_fault_at_once(desk: Desk, fault: str) -> None:
    """The clock stands still: nothing but the client's leaving can end a hang."""
    connection = desk.open(ClientRequest(headers={"X-Volcv-Mock": f"fault={fault}; duration=60s"}))
    desk.until("waiting", 1)
    connection.close()

    (call,) = desk.until("left_early", 1)
    assert (call["wire"], call["fired"][0]["name"]) == (fault, fault)


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "bad_length"])
def test_a_broken_answer_is_told_so_in_the_journal(desk: Desk, fault: str) -> None:
    ask(desk, "header", fault)

    (call,) = desk.until("broken_on_purpose", 1)
    status = None if fault in ("reset", "empty") else 200  # these two send no status line
    assert (call["wire"], call["status"], call["code"], call["delivered"]) == (fault, status, None, fault)
    assert (call["decided_status"], call["decided_code"]) == (200, 10000)
    assert (call["sent_bytes"] > 0) == (fault in ("truncate", "bad_length"))


def test_bad_length_has_the_whole_answer_and_promises_more(desk: Desk) -> None:
    answer = ask(desk, "header", "bad_length")

    assert answer.ending == "closed"
    assert success(answer)
    assert answer.length > len(answer.body)


def test_a_delay_is_before_the_first_byte_and_a_drip_after_it(desk: Desk) -> None:
    with desk.open(ClientRequest(headers={"X-Volcv-Mock": "fault=drip; duration=60s; delay=3s"})) as connection:
        desk.until("waiting", 1)
        assert select.select([connection], [], [], 0)[0] == []
        desk.advance(3)

        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


JPEGS_FROM_PICTURES = [
    req_key
    for req_key, operation in contract.operations().items()
    if operation.output.format == "JPEG" and "text" not in operation.modes
]
"""The req_keys that change a picture and answer with a JPEG: what the faults of pictures are about."""


@pytest.mark.parametrize("fault", [name for name in FAULTS if faults.by_name(name).hook == "picture"])
@pytest.mark.parametrize("req_key", JPEGS_FROM_PICTURES)
def test_a_wrong_picture_is_wrong_for_every_operation(desk: Desk, req_key: str, fault: str) -> None:
    has_mask = "mask" in contract.item_roles(req_key, contract.operation(req_key).modes[0])
    if fault == "outside_mask" and not has_mask:
        return
    pictures = json.loads(desk.request(ClientRequest(), scene()).partition(b"\r\n\r\n")[2])["binary_data_base64"]
    body = {"req_key": req_key, "prompt": "a kite", "binary_data_base64": pictures[: 1 + has_mask]}
    right = desk.send(ClientRequest(body), {}, scene())

    wrong = desk.send(ClientRequest(body, headers={"X-Volcv-Mock": f"fault={fault}"}), {}, scene())

    assert wrong.status == right.status == 200
    assert base64.b64decode(wrong.text) != base64.b64decode(right.text)
    if fault == "wrong_size":
        assert wrong.picture.size == tuple((side + 1) // 2 for side in right.picture.size)
    elif fault == "black":
        assert wrong.picture.size == right.picture.size
    if fault not in ("wrong_size", "unchanged"):
        assert SHOWS[fault](wrong)
