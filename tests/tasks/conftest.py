"""A mock in this process, and a client that submits tasks and asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from volcv_mock import VolcvMock

BASE = "https://api.example.com"
VERSION, TYPED_VERSION = "2022-08-31", "2024-06-06"


@dataclass
class Client:
    """Calls the Actions of one pair, at the proxy endpoint of an intercepted mock."""

    mock: Any
    key: str = "sk-any"
    headers: Mapping[str, str] = field(default_factory=dict)

    def post(self, action: str, body: Any, version: str = VERSION, **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.key}", **self.headers, **headers}
        return httpx.post(f"{BASE}/volcv/v1?Action={action}&Version={version}", json=body, headers=sent)

    def submit(self, req_key: str = "i2i_inpainting", asks: str = "", **parameters: Any) -> str:
        """The id of a new task; `asks` is the header X-Volcv-Mock."""
        headers = {"X-Volcv-Mock": asks} if asks else {}
        answer = self.post("CVSync2AsyncSubmitTask", self.mock.body(req_key, **parameters), **headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["task_id"])

    def result(self, task_id: str, req_key: str = "i2i_inpainting", asks: str = "", **req_json: Any) -> httpx.Response:
        body = {"req_key": req_key, "task_id": task_id, **({"req_json": json.dumps(req_json)} if req_json else {})}
        return self.post("CVSync2AsyncGetResult", body, **({"X-Volcv-Mock": asks} if asks else {}))

    def data(self, task_id: str, **req_json: Any) -> dict[str, Any]:
        return dict(self.result(task_id, **req_json).json()["data"])

    def status(self, task_id: str) -> str:
        return str(self.data(task_id)["status"])


@pytest.fixture
def mock() -> Iterator[Any]:
    with VolcvMock(seed=7).intercept(BASE) as mock:
        mock.clock.freeze()
        yield mock


@pytest.fixture
def client(mock: Any) -> Client:
    return Client(mock)
