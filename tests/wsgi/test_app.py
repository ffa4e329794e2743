"""The two endpoints: what reaches the pipeline, and that every error is JSON in the envelope of its endpoint."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from flask import request, url_for
from werkzeug.routing import Rule

from tests.server.scripted import WAIT_S
from volcv_mock import contract, pipeline
from volcv_mock.config import Settings
from volcv_mock.server.server import Server
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

CALL = "?Action=CVProcess&Version=2022-08-31"
ENDPOINTS = ["/", "/volcv/v1", "/volcv/v1/"]
JSON = "application/json"
OTHER_METHODS = ["GET", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "FOO"]
WRONG_METHODS = [(method, path) for path in ENDPOINTS for method in OTHER_METHODS if method != "GET" or path == "/"]


@pytest.fixture
def world() -> World:
    return World(Settings(auth="off"))


@pytest.fixture
def app(world):
    return create_app(world)


@pytest.fixture
def client(app):
    return app.test_client()


def post(client, path: str, body: bytes = b"{}", **keywords):
    return client.post(path + CALL, data=body, content_type="application/json", **keywords)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_call_is_answered_by_the_pipeline(client, path):
    answer = post(client, path)

    assert answer.status_code == 400
    assert answer.json["code"] == contract.row("req_key_missing").code
    assert answer.headers["X-Volcv-Mock-Call"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(("method", "path"), WRONG_METHODS)
def test_another_method_gets_405_with_what_is_allowed(client, method, path):
    answer = client.open(path, method=method)

    assert answer.status_code == 405
    assert answer.headers.getlist("Allow") == ["POST, OPTIONS"]
    assert answer.json


@pytest.mark.parametrize("path", ENDPOINTS[1:])
def test_a_get_of_the_proxy_endpoint_is_answered_as_an_unknown_path(client, path):
    """new-api registers POST only and does not turn on HandleMethodNotAllowed."""
    answer = client.get(path)

    assert answer.status_code == 404
    assert "Allow" not in answer.headers
    assert answer.json["error"]["message"].startswith(f"Invalid URL (GET {path})")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_head_gets_the_headers_of_get_without_a_body(client, path):
    answer, wanted = client.head(path), client.get(path)

    assert (answer.status_code, answer.data) == (wanted.status_code, b"")
    assert answer.headers.get("Allow") == wanted.headers.get("Allow")


@pytest.mark.parametrize("path", ["/v1/images/generations", "/volcv", "//volcv/v1", "/%00", "/\u4e2d", "/a" * 2000])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "FOO"])
def test_an_unknown_path_gets_the_proxys_404(client, method, path):
    answer = client.open(path, method=method)

    assert answer.status_code == 404
    assert set(answer.json) == {"error"}
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_control_path_that_does_not_exist_gets_json(client):
    answer = client.get("/_mock/nothing")

    assert answer.status_code == 404
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_browser_may_call_an_endpoint_with_its_own_headers(client, path):
    """The proxy's sample is a fetch with Authorization and Content-Type."""
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization,content-type,x-own"}  # fmt: skip
    answer = client.options(path, headers=asked)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type,x-own"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_preflight_without_a_body_names_no_type_of_one(client):
    """Flask would call the nothing an HTML page."""
    answer = client.options("/")

    assert (answer.data, answer.headers.get("Content-Type")) == (b"", None)


def test_a_preflight_never_repeats_what_is_no_header_name(client):
    answer = client.options("/", headers={"Access-Control-Request-Headers": "a b; <script>"})

    assert "script" not in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/_mock/health", "/_mock/calls", "/_mock/nothing"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_page_of_another_origin_may_read_the_control_api(client, method, path):
    answer = client.open(path, method=method, headers={"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/volcv/v1", "/elsewhere"])
def test_a_mistake_of_ours_is_json_without_a_traceback(client, monkeypatch, path):
    monkeypatch.setattr(pipeline, "handle", lambda raw, world: 1 / 0)
    monkeypatch.setattr(pipeline, "refuse", pipeline.refuse if path != "/elsewhere" else lambda *arguments: 1 / 0)

    answer = post(client, path)

    assert answer.status_code == 500
    assert answer.mimetype == "application/json"
    assert b"ZeroDivision" not in answer.data
    assert b"Traceback" not in answer.data


def test_only_the_control_api_passes_through_flask_on_a_socket(world, app):
    routed = []
    app.before_request(lambda: routed.append(request.path))

    with Server(world, app) as server:
        for path in [*ENDPOINTS, "/elsewhere", "/_mock/health"]:
            talk(server.port, f"POST {path}{CALL} HTTP/1.1\r\nHost: m\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    post(app.test_client(), "/")

    assert routed == ["/_mock/health", "/"]


@pytest.mark.parametrize("path", [*ENDPOINTS, "/%2Fvolcv/v1", "/volcv%2Fv1", "/elsewhere"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_socket_server_answers_as_flask_does(method, path):
    """Both call the service. Worlds that agree in seed and time answer alike, byte for byte."""
    ours, theirs = World(Settings(auth="off")), World(Settings(auth="off"))
    for world in (ours, theirs):
        world.clock().freeze(1_700_000_000.0)
    kept = {"content-type", "x-volcv-mock-call", "x-volcv-mock-reason", "access-control-allow-origin", "allow"}
    sent = (
        f"{method} {path}{CALL} HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    )

    flasks = create_app(theirs).test_client().open(path + CALL, method=method, data=b"{}", content_type=JSON)
    with Server(ours, create_app(ours)) as server:
        head, body = talk(server.port, sent.encode())

    fields = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line]
    assert int(head[9:12]) == flasks.status_code
    assert json.loads(body) == flasks.json
    assert {name.lower(): value for name, value in fields if name.lower() in kept} == {
        name.lower(): value for name, value in flasks.headers if name.lower() in kept
    }


@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_exception_of_the_pipeline_is_answered_on_a_socket_too(world, app, monkeypatch, caplog, path):
    monkeypatch.setattr(pipeline, "handle", lambda raw, world: 1 / 0)

    with Server(world, app) as server:
        head, body = talk(
            server.port, f"POST {path}{CALL} HTTP/1.1\r\nHost: m\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        )

    assert head.startswith(b"HTTP/1.1 500 ")
    assert b"ZeroDivision" not in body
    assert "ZeroDivisionError" in caplog.text
    assert b"X-Volcv-Mock-Call" in head
    assert b"Access-Control-Allow-Origin: *" in head
    assert (world.journal.last().row, world.journal.last().body_bytes) == (contract.row_for_rule("internal").id, 2)


def test_a_body_over_the_cap_is_refused_under_any_server(client):
    cap = int(contract.parameter("body_limit_bytes"))

    answer = client.post("/" + CALL, input_stream=BytesIO(b"x" * (cap + 1)), content_length=cap + 1)

    assert (answer.status_code, answer.json["code"]) == (400, 50213)


@pytest.mark.parametrize("sent_as", ["http://host/volcv/v1", "/under/a/prefix/volcv/v1", "//volcv/v1"])
@pytest.mark.parametrize(("method", "size", "status"), [("PUT", 2, 405), ("POST", None, 400)])
def test_a_page_may_read_a_refusal_of_an_endpoint_however_the_path_was_sent(client, sent_as, method, size, status):
    """Another server gives the path as sent and as routed; the routed one decides which endpoint it is."""
    size = int(contract.parameter("body_limit_bytes")) + 1 if size is None else size

    answer = client.open(
        f"/volcv/v1{CALL}", method=method, input_stream=BytesIO(b"x" * size), content_length=size,
        environ_overrides={"RAW_URI": sent_as + CALL},
    )  # fmt: skip

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_headers_reach_the_pipeline_in_wire_order(world, app, monkeypatch):
    """A signature names them; names and order are the client's own."""
    seen = []
    handle = pipeline.handle
    monkeypatch.setattr(pipeline, "handle", lambda raw, world: seen.append(raw) or handle(raw, world))
    with Server(world, app) as server:
        text = (
            f"POST /{CALL}&x=%2f HTTP/1.1\r\nHost: m\r\nX-Date: 1\r\nAUTHORIZATION: y\r\nContent-Length: 2\r\n\r\n{{}}"
        )
        head, _ = talk(server.port, text.encode())

    assert head.startswith(b"HTTP/1.1 4")
    assert [name for name, _ in seen[0].headers] == ["Host", "X-Date", "AUTHORIZATION", "Content-Length"]
    assert seen[0].query.endswith("&x=%2f")
    assert seen[0].endpoint == "official"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x00\x01\x02", 400),
        (b"POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 200000000\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
        (b"POST /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 20000 + b"\r\n", 431),
        (b"POST / HTTP/1.1\r\nHost: m\r\nExpect: x\r\n\r\n", 417),
    ],
    ids=["random bytes", "200 MB", "two lengths", "long target", "long head", "unknown expectation"],
)
def test_what_the_front_refuses_is_in_an_envelope_of_the_service(world, app, sent, status):
    with Server(world, app) as server:
        head, body = talk(server.port, sent)

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nContent-Type: application/json" in head
    assert b"X-Volcv-Mock-Call" in head
    assert json.loads(body).keys() & {"ResponseMetadata", "error", "code"}


def test_a_chunked_body_of_13_mb_reaches_the_pipeline(world, app):
    """Two pictures of 5 MB in base64, as the Go SDK sends them: judged as pictures, not as too much."""
    picture = '"' + "A" * 6_600_000 + '"'
    body = f'{{"req_key":"i2i_inpainting","binary_data_base64":[{picture},{picture}]}}'.encode()
    head = f"POST /{CALL} HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [body[at : at + 32768] for at in range(0, len(body), 32768)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    with Server(world, app) as server:
        _, answer = talk(server.port, head.encode() + chunks + b"0\r\n\r\n")

    assert json.loads(answer)["code"] == contract.row_for_rule("picture_format").code


def test_fifty_clients_at_once_each_get_their_own_answer(world, app):
    with Server(world, app) as server, ThreadPoolExecutor(50) as pool:
        request = f"POST /{CALL} HTTP/1.1\r\nHost: m\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode()
        heads = [head for head, _ in pool.map(lambda _: talk(server.port, request), range(50))]

    calls = {line for head in heads for line in head.split(b"\r\n") if line.startswith(b"X-Volcv-Mock-Call")}
    assert len(calls) == 50


def talk(port: int, sent: bytes) -> tuple[bytes, bytes]:
    """One answer on a fresh connection: its head and its body."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        connection.sendall(sent)
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(body) < length:
            body += connection.recv(65536)
        return head, body


def test_making_an_app_compiles_no_builder_of_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every mock has an app of its own; compiling them for its sixty rules was four fifths of making it."""
    with monkeypatch.context() as patched:
        patched.setattr(Rule, "_compile_builder", lambda *_: pytest.fail("compiled before a URL was built"))
        app = create_app(World(Settings()))

    with app.test_request_context("http://127.0.0.1:8410/"):
        for name, text in (("a b", "a%20b"), ("c", "c")):
            assert url_for("control./calls/<call_id>", call_id=name, limit=1) == f"/_mock/calls/{text}?limit=1"


def test_a_rule_that_a_user_adds_belongs_to_one_app() -> None:
    one, other = (create_app(World(Settings())) for _ in range(2))
    one.add_url_rule("/own/<name>", "own", lambda name: f"hello {name}")

    assert one.test_client().get("/own/me").text == "hello me"
    assert other.test_client().get("/own/me").status_code == 404
