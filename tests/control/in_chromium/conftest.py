"""One browser and one mock for the tests of the console; skipped where Chromium or Playwright is missing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
WAIT_MS = 30_000
"""How long a browser may take on a busy machine; what is waited for comes in milliseconds."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with its module: while it runs, Playwright's event loop runs in this thread, and no other can."""
    hint = "playwright is not installed (pip install --group browser)"
    playwright = pytest.importorskip("playwright.sync_api", reason=hint)
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    playwright.expect.set_options(timeout=WAIT_MS)
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=chromium, args=[*FLAGS])
        yield found
        found.close()


@pytest.fixture(scope="module")
def mock() -> Iterator[VolcvMock]:
    traces = "https://traces.test/{trace_id}/?id={trace_id}"
    with VolcvMock(seed=7, keep_bodies=10_000_000, trace_url=traces).serve() as served:
        yield served


@pytest.fixture
def open_console(browser: Browser, mock: VolcvMock) -> Iterator[Callable[..., Page]]:
    """Opens the console in a new window. At its end nothing may have gone wrong in the page or left this machine."""
    contexts, wrong = list[Any](), list[str]()

    def opened(query: str = "", of: VolcvMock = mock, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        base_url = of.base_url  # a request may be told after its server has closed
        page.on("request", lambda sent: wrong.append(sent.url) if not is_own(sent.url, base_url) else None)
        page.goto(f"{base_url}/_mock/{query}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def is_own(url: str, base_url: str) -> bool:
    return url.startswith((f"{base_url}/_mock/", f"blob:{base_url}"))


@pytest.fixture
def scope(request: pytest.FixtureRequest) -> str:
    """A scope of the test's own: all tests share one mock."""
    return re.sub(r"[^a-z]+", "-", request.node.name.removeprefix("test_").lower())[:60]


@pytest.fixture
def send(mock: VolcvMock, scope: str) -> Iterator[Callable[..., httpx.Response | None]]:
    """Sends a call in the test's scope; None when its answer is lost."""
    with httpx.Client(trust_env=False, timeout=30) as client:

        def sent(req_key: str = "i2i_inpainting", **parameters: Any) -> httpx.Response | None:
            headers = {"Authorization": "Bearer sk-of-nobody-at-all", "X-Volcv-Mock-Scope": scope,
                       "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}  # fmt: skip
            try:
                return client.post(mock.base_url + CALL, json=mock.body(req_key, **parameters), headers=headers)
            except httpx.HTTPError:
                return None

        yield sent


@pytest.fixture
def act(mock: VolcvMock, scope: str) -> Callable[..., Any]:
    """Sends a control request in the test's scope."""

    def acted(method: str, path: str, body: Any = None) -> Any:
        address, headers = f"{mock.base_url}/_mock/{path}", {"X-Volcv-Mock-Scope": scope}
        return (
            httpx.request(method, address, json=body, headers=headers, trust_env=False, timeout=DEADLINE_S)
            .raise_for_status()
            .json()
        )

    return acted
