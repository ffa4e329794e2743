"""`@pytest.mark.volcv(recordings=..., record=...)`: the record modes of VCR, for the fixture `volcv`.

pytester removes the modules that were imported during its test; those that the stand-in imports late are imported here,
or later tests of this process would see two of each.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import volcv_mock.control
import volcv_mock.recording.library
import volcv_mock.server.server
import volcv_mock.stages.replay
import volcv_mock.upstream.client
import volcv_mock.upstream.record
import volcv_mock.wsgi  # noqa: F401
from tests.upstream.front import KEY
from volcv_mock.testing.handles import RunningMock

pytestmark = pytest.mark.long

TESTS = """
import os

import httpx
import pytest

PATH = "/volcv/v1?Action=CVProcess&Version=2022-08-31"


def call(volcv):
    headers = {{"Authorization": f"Bearer {{os.environ['VOLCV_API_KEY']}}"}}
    reply = httpx.post(volcv.base_url + PATH, json=volcv.body(seed=5), headers=headers)
    assert reply.status_code == 200


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.volcv(recordings="recordings", record="{record}")
def test_app(volcv, turn):
    call(volcv)


@pytest.mark.volcv(recordings="recordings", record="none")
def test_app_without_the_real_service(volcv):
    call(volcv)
"""


@pytest.mark.parametrize(("record", "calls"), [("once", 1), ("new", 1), ("all", 2)])
def test_a_record_mode_sends_what_its_name_says_and_none_replays_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, real: RunningMock,
    record: str, calls: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("VOLCV_API_KEY", KEY)
    monkeypatch.setenv("VOLCV_BASE_URL", real.base_url)
    pytester.makepyfile(TESTS.format(record=record))

    pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist").assert_outcomes(passed=3)

    assert len(real.calls) == calls
    files = [path for path in Path(pytester.path, "recordings").rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


REFUSED = {
    'recordings="x", record="sometimes"': "*wanted one of none, once, new, all*",
    'record="all"': "*without recordings=DIR*",
    'recordings="x", record="all"': "*the real key in VOLCV_API_KEY*",
}
"""Arguments of the marker, and the message."""


def test_a_marker_that_cannot_work_fails_its_test(pytester: pytest.Pytester) -> None:
    tests = [f"@pytest.mark.volcv({marker})\ndef test_{number}(volcv): ..." for number, marker in enumerate(REFUSED)]
    pytester.makepyfile("\n\n\n".join(["import pytest", *tests]))

    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist")

    result.assert_outcomes(errors=len(REFUSED))
    result.stdout.fnmatch_lines(list(REFUSED.values()))
