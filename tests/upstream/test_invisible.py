"""A mock in the mode `pass` in front of a second mock cannot be told from it: byte for byte but ids and times."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from contract_tests.calibration.measure import Calibrator
from contract_tests.calibration.points import points
from contract_tests.mutants.personalities import official_of
from contract_tests.pictures.server import PictureServer
from contract_tests.planning.planned import runnable
from contract_tests.runner.runner import Runner
from contract_tests.targets import open_target
from contract_tests.targets.mock import KEY, SIGNATURE, fresh_mock
from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock

PAIR = {SIGNATURE.access_key: SIGNATURE.secret_key}
QUERY = "?Action=CVProcess&Version=2022-08-31"
VARYING = (
    (rb"\d{14}[0-9A-F]{20}|(?<=\"request_id\":\")[0-9a-f]{24}", b"ID"),
    (rb'"time_elapsed":\s*"[^"]*"', b"TIME"),
    (rb"/_mock/images/[^\"?]*[^\"]*", b"LINK"),
    (rb"127\.0\.0\.1:\d+", b"HOST"),
)
"""Ids, times, and links, which hold both."""
OF_THE_CONNECTION = {"date", "x-volcv-mock-call", "content-length", "server"}
CORS = "access-control-"
"""In front of an upstream there is none: no page may read what its owner pays for."""
EVERY = 20


@pytest.fixture(scope="module")
def real() -> Iterator[RunningMock]:
    with fresh_mock().serve() as server:
        yield server


@pytest.fixture(scope="module")
def front(real: RunningMock) -> Iterator[RunningMock]:
    keys = {"upstream_ak": SIGNATURE.access_key, "upstream_sk": SIGNATURE.secret_key}
    mock = VolcvMock(upstream=real.base_url, mode="pass", api_keys=[KEY], access_keys=PAIR, triggers=False, **keys)
    with mock.serve() as server:
        yield server


def seen(response: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and bytes, without what differs by nature."""
    body = response.content
    for pattern, name in VARYING:
        body = re.sub(pattern, name, body)
    every = [(name, value) for name, value in response.headers.multi_items() if name not in OF_THE_CONNECTION]
    headers = [(name, value) for name, value in every if not name.startswith(CORS)]
    return response.status_code, headers, body


REQUESTS = {
    "a picture": ("POST", "/volcv/v1" + QUERY, {}),
    "a link": ("POST", "/volcv/v1" + QUERY, {"return_url": True}),
    "a refused parameter": ("POST", "/volcv/v1" + QUERY, {"scale": 99}),
    "an unknown req_key": ("POST", "/volcv/v1" + QUERY, {"req_key": "i2i_nothing"}),
    "no Action": ("POST", "/volcv/v1?Version=2022-08-31", {}),
    "an older Action": ("POST", "/volcv/v1?Action=Img2ImgInpainting&Version=2022-08-31", {}),
    "another method": ("GET", "/volcv/v1" + QUERY, None),
    "another path": ("POST", "/volcv/v2" + QUERY, {}),
}


@pytest.mark.parametrize(("method", "path", "changes"), REQUESTS.values(), ids=REQUESTS)
def test_answers_are_equal_byte_for_byte(real, front, method, path, changes):
    content = None if changes is None else json.dumps({**real.body(seed=7), **changes}).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}

    direct, passed = (
        httpx.request(
            method, server.base_url + path, content=content, headers=headers, trust_env=False, timeout=DEADLINE_S
        )
        for server in (real, front)
    )

    assert seen(passed) == seen(direct)


def test_a_call_without_an_action_is_refused_for_that_first(real, front):
    """Without a configured key nothing is forwarded; the order of the checks stays."""
    direct, passed = (
        httpx.post(server.base_url + "/volcv/v1", content=b"{}", trust_env=False, timeout=DEADLINE_S)
        for server in (real, front)
    )

    assert seen(passed) == seen(direct)


@pytest.mark.long
def test_the_contract_suite_finds_nothing_through_it(front):
    """A part of its cases; those that use the control API would say something about the mock in front."""
    target, pictures = open_target("server", base_url=front.base_url), PictureServer()
    cases = runnable(target)[0][::EVERY]

    results = Runner(target, pictures.publish).run(cases)
    pictures.close()

    assert {result.case_id: result.findings for result in results if result.verdict != "conform"} == {}
    assert len(results) >= 25
    assert not target.can("control")


def test_the_signature_probes_of_calibrate_tell_what_the_official_endpoint_plays():
    """The mock in this process; `drawn` personalities are measured there too."""
    names = [name for name, point in points().items() if point.endpoint == "official"]

    found = Calibrator(official_of(httpx.WSGITransport(fresh_mock().app))).run(names)

    assert found.untold == {}
    assert {name: entry.alternative for name, entry in found.entries.items()} == {
        name: points()[name].served for name in names
    }
