"""What happens when Redis is away, slow, full, emptied, or not the one that was meant (docs/more-than-one.md)."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.helpers.redis_server import RedisServer
from tests.server.scripted import until
from tests.state.test_one_mock import code, control, post
from volcv_mock.cli.serve import main
from volcv_mock.config import BadSetting, Settings
from volcv_mock.state.redis import connection


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A Redis that a test may stop."""
    made = RedisServer()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis//x", "wanted memory, or redis://"),
        ("http://127.0.0.1", "wanted memory, or redis://"),
        ("redis://:6379", "wanted redis://HOST:PORT/DB"),
        ("redis://:s3cret@a..b", "wanted redis://HOST:PORT/DB"),
        (f"redis://:s3cret@{'a' * 64}.example", "wanted redis://HOST:PORT/DB"),
        ("redis://127.0.0.1/first", "wanted the number of a database"),
        ("redis://127.0.0.1:port/0", "not a URL"),
        ("redis://:s3cret@127.0.0.1?retry=1", "unknown option 'retry'; permitted: name"),
        ("rediss://:s3cret@127.0.0.1?verify=no", "unknown option 'verify'; permitted: name, ca"),
        ("unix://", "wanted unix:///path/of/socket"),
        ("redis://127.0.0.1?name=a%20b", "name: wanted 1 to 64 letters"),
        ("redis://127.0.0.1?name=a&name=b", "an option is given twice"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_without_its_password(
    url: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--state", url]) == 2

    message = capsys.readouterr().err
    assert message.startswith("volcv-mock serve: --state = ***: ")
    assert reason in message
    assert "s3cret" not in message
    assert message.count("\n") == 1


def test_the_state_is_a_setting_like_any_other(tmp_path: Path) -> None:
    from volcv_mock.config import from_sources

    file = tmp_path / "mock.toml"
    file.write_text('state = "valkey://h/1?name=team"\n', encoding="utf-8")

    assert from_sources({}, {"VOLCV_MOCK_STATE": "rediss://h"}).state == "rediss://h"
    assert from_sources({"config": str(file)}, {}).state == "valkey://h/1?name=team"
    assert "s3cret" not in repr(Settings(state="redis://:s3cret@h"))


def test_away_at_the_start(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--port", "0", "--state", f"unix://:s3cret@{tmp_path}/none"]) == 2

    expected = f"volcv-mock serve: --state unix://:***@{tmp_path}/none?db=0 does not answer: there is no such socket\n"
    assert capsys.readouterr().err == expected


def test_a_file_of_certificates_that_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--port", "0", "--state", f"rediss://127.0.0.1:9?ca={tmp_path}/ca.pem"]) == 2

    assert capsys.readouterr().err == (
        f"volcv-mock serve: --state rediss://127.0.0.1:9/0: ca={tmp_path}/ca.pem: no such file, or it cannot be read\n"
    )


def test_a_closed_port_at_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", "--state", "redis://127.0.0.1:9/0"]) == 2

    assert capsys.readouterr().err == (
        "volcv-mock serve: --state redis://127.0.0.1:9/0 does not answer: connection refused\n"
    )


def test_a_password_is_demanded(server: RedisServer, make: Any) -> None:
    right = server.url("a", "s3cret")
    first = make(state=server.url("a"))
    first.world.state.connections.command("CONFIG", "SET", "requirepass", "s3cret")

    for url, why in (
        (server.url("b"), "it demands a password"),
        (server.url("b", "bad-1"), "it refuses this user name"),
    ):
        with pytest.raises(BadSetting, match=why) as error:
            make(state=url)
        assert "bad-1" not in str(error.value)
    assert code(make(state=right)) == 10000


def test_a_user_who_may_use_no_other_keys_and_ask_nothing_about_the_server_is_enough(
    server: RedisServer, make: Any
) -> None:
    """As providers give them: what is dangerous to other users is forbidden, such as INFO."""
    admin = make(state=server.url("admin")).world.state.connections
    admin.command("ACL", "SETUSER", "team", "on", ">s3cret", "~{volcv:a}:*", "&{volcv:a}:*", "+@all", "-@dangerous")

    mock = make(state=server.url("a", "s3cret").replace("//:", "//team:"))
    mock.fail(50411, times=1)

    assert (code(mock), code(mock), len(mock.calls)) == (50411, 10000, 2)


def test_too_old(server: RedisServer, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volcv_mock.state.redis.state.OLDEST", (99, 0))

    with pytest.raises(BadSetting, match=r"is Redis \d.*: wanted 99.0 or newer, or Valkey"):
        make(state=server.url())


def test_the_same_name_with_another_seed_or_profile_is_refused(server: RedisServer, make: Any) -> None:
    make(state=server.url("team"), seed=7)

    with pytest.raises(BadSetting, match=r"another mock named 'team': seed 7 \(here 8\)"):
        make(state=server.url("team"), seed=8)
    with pytest.raises(BadSetting, match=r"profile default \(here strict\)"):
        make(state=server.url("team"), seed=7, profile="strict")
    make(state=server.url("other"), seed=8)


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path, make: Any) -> None:
    authority = trustme.CA()
    for name, blob in (("ca", authority.cert_pem), ("key", authority.issue_cert("127.0.0.1").private_key_pem)):
        blob.write_to_path(tmp_path / name)
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert")
    port = _free_port()
    server = RedisServer("--tls-port", str(port), "--tls-cert-file", str(tmp_path / "cert"), "--tls-key-file",
                         str(tmp_path / "key"), "--tls-auth-clients", "no", "--tls-ca-cert-file",
                         str(tmp_path / "ca"))  # fmt: skip
    try:
        with pytest.raises(BadSetting, match="its certificate cannot be verified"):
            make(state=f"rediss://127.0.0.1:{port}")
        mock = make(state=f"rediss://127.0.0.1:{port}?ca={tmp_path / 'ca'}")
        assert code(mock) == 10000
        mock.close()
    finally:
        server.close()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_away_while_running_is_503_of_the_mock_and_never_a_code_of_the_service(server: RedisServer, make: Any) -> None:
    mock = make(state=server.url("a"), in_flight=1)
    assert code(mock) == 10000
    server.stop()

    refused = post(mock)

    assert refused.status_code == 503
    assert refused.get_json() == {"error": {"message": refused.headers["X-Volcv-Mock-Reason"], "type": "mock",
                                            "code": "503"}}  # fmt: skip
    assert "code" not in refused.get_json()
    ask = mock.app.test_client().get
    assert ask("/_mock/health").status_code == 200
    assert [ask(f"/_mock/{path}").status_code for path in ("ready", "calls", "faults")] == [503] * 3


def test_back_and_empty_the_mock_says_so_and_has_the_rules_of_its_file(server: RedisServer, make: Any) -> None:
    said: list[str] = []
    mock, other = (make(state=server.url("a"), faults=({"code": 50411, "times": 1},)) for _ in range(2))
    mock.world.log.write_message = said.append
    mock.fail(50412)
    assert (code(mock), code(mock)) == (50411, 50412)
    server.stop()
    assert post(mock).status_code == 503
    server.start()

    assert until(lambda: mock.app.test_client().get("/_mock/ready").status_code == 200)

    assert [code(other), code(mock)] == [50411, 10000]
    assert said == ["volcv-mock: WARNING: Redis has lost its data: rules, calls, clocks and pictures are gone"]
    assert len(other.calls) == 2
    assert control(mock, "/ready") == {"status": "ready"}


def test_a_redis_that_hangs_is_given_up_after_a_moment_and_fails_fast(
    server: RedisServer, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT_S", 0.05)
    mock = make(state=server.url("a"))
    server.pause()

    refused = [post(mock), post(mock)]
    server.pause(signal.SIGCONT)

    assert [each.status_code for each in refused] == [503, 503]
    assert "no answer within 0.05 s" in refused[0].headers["X-Volcv-Mock-Reason"]
    assert until(lambda: post(mock).status_code == 200)


def test_a_process_that_was_forked_with_the_mock_says_so(server: RedisServer, make: Any) -> None:
    """It would count as its parent, whose threads it does not have: two of them would share slots and entries."""
    mock = make(state=server.url("a"))
    mock.world.state.connections._process -= 1

    refused = post(mock)

    assert refused.status_code == 503
    assert "make the mock in each worker" in refused.headers["X-Volcv-Mock-Reason"]
    mock.world.state.connections._process += 1


def test_a_full_redis_says_what_it_needs(server: RedisServer, make: Any) -> None:
    mock = make(state=server.url("a"))
    ask = mock.world.state.connections.command
    ask("CONFIG", "SET", "maxmemory", "1")

    refused = post(mock)

    assert refused.status_code == 503
    assert "give it more maxmemory than --journal-bytes" in refused.headers["X-Volcv-Mock-Reason"]
    ask("CONFIG", "SET", "maxmemory", "0")
    assert code(mock) == 10000


def test_a_waiting_answer_leaves_also_when_messages_were_cut_off(server: RedisServer, make: Any) -> None:
    a, b = make(state=server.url("a")), make(state=server.url("a"))
    clock, moved, told = b.world.clock(), [], b.world.changes.revision
    unsubscribe = clock.subscribe(lambda: moved.append(clock.now_s()))
    before_s = clock.now_s()

    a.world.state.connections.command("CLIENT", "KILL", "TYPE", "pubsub")
    a.clock.advance(1000)

    assert until(lambda: moved and moved[-1] >= before_s + 1000)
    assert until(lambda: b.world.changes.revision > told)  # an event may be among what was cut off
    unsubscribe()


def test_no_answered_call_is_missing_from_the_journal(server: RedisServer, make: Any) -> None:
    """The entry is written before the first byte; a call whose entry cannot be written is answered with 503."""
    mock = make(state=server.url("a"))
    answered = []
    for number in range(4):
        if number == 2:
            mock.world.state.connections.command("CONFIG", "SET", "maxmemory", "1")
        answer = post(mock)
        answered += [answer.headers["X-Volcv-Mock-Call"]] if answer.status_code == 200 else []

    assert [call.id for call in mock.calls] == answered
    assert len(answered) == 2
