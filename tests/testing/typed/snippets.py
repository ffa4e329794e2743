"""What a type checker must accept of the test kit, and what it must refuse.

`make check` runs mypy --strict over this file. Each line that is wrong has a `type: ignore` with its error code: when
mypy stops refusing one, the comment is unused, and that is an error too. test_typing.py runs the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_type

from volcv_mock import VolcvMock
from volcv_mock.testing.calls import Calls, JournalCall
from volcv_mock.testing.handles import InterceptedMock, RunningMock
from volcv_mock.testing.verdict import Verdict


def good(mock: VolcvMock) -> None:
    """Every way to reach the mock has the same members, with their types."""
    VolcvMock(seed=7, latency="3s", api_keys=["sk-a"], faults=[{"code": 50411}], strict_rules=True).close()
    with mock.intercept("https://api.example.com", virtual_sleep=True) as volcv:
        assert_type(volcv, InterceptedMock)
        assert_type(volcv.fail(50411, req_key="i2i_inpainting", times=1), str)
        volcv.sequence(50429, "html_502", None, skip=1)
        volcv.clock.advance(5)
        assert_type(volcv.calls, Calls)
        assert_type(volcv.verdict, Verdict)
        assert_type(volcv.scopes, Mapping[str, int])
        volcv.assert_not_called(code=50411)
        volcv.reset()
    with mock.serve() as server:
        assert_type(server, RunningMock)
        assert_type(server.base_url, str)
        server.fault("reset", probability=0.5)
        server.reset()


def good_call(call: JournalCall) -> None:
    """A call has the members of its journal entry, with their types."""
    assert_type(call.status, int | None)
    assert_type(call.req_key, str)
    assert_type(call.delay_s, float | None)
    assert_type(call.prompt, str)
    assert_type(call.has_arrived, bool)


def bad_method(mock: VolcvMock) -> None:
    mock.fial(50411)  # type: ignore[attr-defined]


def bad_method_of_an_intercept(mock: VolcvMock) -> None:
    mock.intercept().fial(50411)  # type: ignore[attr-defined]


def bad_method_of_a_server(mock: VolcvMock) -> None:
    mock.serve().asert_called()  # type: ignore[attr-defined]


def bad_setting(mock: VolcvMock) -> None:
    VolcvMock(sede=7)  # type: ignore[call-arg]


def bad_kind_of_a_setting(mock: VolcvMock) -> None:
    VolcvMock(seed="seven")  # type: ignore[arg-type]


def bad_value_of_a_setting(mock: VolcvMock) -> None:
    VolcvMock(auth="stric")  # type: ignore[arg-type]


def bad_option_of_a_rule(mock: VolcvMock) -> None:
    mock.fail(50411, reqkey="i2i_inpainting")  # type: ignore[call-arg]


def bad_kind_of_an_option(mock: VolcvMock) -> None:
    mock.fail(50411, times="one")  # type: ignore[arg-type]


def bad_option_of_the_intercept(mock: VolcvMock) -> None:
    mock.intercept(virtual_slep=True)  # type: ignore[call-arg]


def bad_member_of_a_call(mock: VolcvMock) -> None:
    _ = mock.calls[0].reqkey  # type: ignore[attr-defined]


BAD: tuple[Callable[[VolcvMock], None], ...] = (
    bad_method,
    bad_method_of_an_intercept,
    bad_method_of_a_server,
    bad_setting,
    bad_kind_of_a_setting,
    bad_value_of_a_setting,
    bad_option_of_a_rule,
    bad_kind_of_an_option,
    bad_option_of_the_intercept,
    bad_member_of_a_call,
)
"""Each has one misspelt name or one wrong value."""
