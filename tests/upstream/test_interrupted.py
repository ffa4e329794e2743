"""A signal while recording: whatever a client has received is in the recordings, whole."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import httpx
import pytest

from tests.cli.process import Serving
from tests.upstream.front import KEY, PATH, post
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock

CLIENTS = 4
ENOUGH = 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_while_recording_loses_nothing_that_was_answered(
    real: RunningMock, tmp_path: Path, number: int
) -> None:  # fmt: skip
    bodies = [real.body(seed=seed) for seed in range(1, 400)]
    answered: list[int] = []
    is_enough = threading.Event()

    def ask(url: str, first: int) -> None:
        with httpx.Client(trust_env=False, timeout=60) as client:
            for body in bodies[first::CLIENTS]:
                try:
                    reply = client.post(url + PATH, json=body, headers={"Authorization": f"Bearer {KEY}"})
                except httpx.HTTPError:
                    return
                answered.extend([int(body["seed"])] if reply.status_code == 200 else [])
                is_enough.set() if len(answered) >= ENOUGH else None

    flags = ("--upstream", real.base_url, "--mode", "record", "--recordings", str(tmp_path), "--api-key", KEY)
    with Serving(*flags) as serving:
        clients = [threading.Thread(target=ask, args=(serving.url, first)) for first in range(CLIENTS)]
        for client in clients:
            client.start()
        assert is_enough.wait(60)
        serving.process.send_signal(number)
        for client in clients:
            client.join()
        assert serving.process.wait(60) == 0

    assert len(answered) >= ENOUGH
    assert not list(tmp_path.rglob("*.part"))
    with VolcvMock(mode="replay", recordings=str(tmp_path), replay_misses="refuse").serve() as replay:
        missing = [seed for seed in answered if post(replay, bodies[seed - 1]).status_code != 200]
    assert missing == []
