"""The console in a real browser: what a person sees and can do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.control.in_chromium.conftest import TRACE
from tests.helpers.calls import READ, entry
from volcv_mock import VolcvMock

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[..., "Page"]
Send = Callable[..., Any]
FILLING = entry()
MARKUP = "<img src=x onerror=alert(1)> <b>puppy</b>"


def expect(what: Any) -> Any:
    from playwright.sync_api import expect as expected  # the browser's fixture has found that it is there

    return expected(what)


def rows(page: Page) -> Any:
    return page.locator(".row")


def test_a_call_appears_by_itself_and_opens_with_its_pictures(open_console: Open, send: Send, scope: str) -> None:
    """Texts of the client are shown as text; the address of the page leads to the call again."""
    page = open_console(f"?scope={scope}")
    expect(page.get_by_role("heading", name="No calls yet")).to_be_visible()
    send("i2i_inpainting_edit", custom_prompt=MARKUP)
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(MARKUP)
    expect(page.locator(".thumb img")).to_have_count(3)

    rows(page).click()
    link = page.get_by_role("link", name=f"trace {TRACE}")
    expect(link).to_have_attribute("href", f"https://traces.test/{TRACE}/?id={TRACE}")
    canvas = page.locator(".stage canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile("after of the call, 64 by 64"))
    for view in ("Source", "Mask", "Result", "Difference"):
        page.get_by_role("button", name=view, exact=True).click()
        expect(canvas).to_have_attribute("aria-label", re.compile(f"^{view}"))
    expect(page.locator(".viewer")).to_contain_text(" of the rest.")
    canvas.hover()
    page.mouse.wheel(0, -400)
    expect(canvas).to_have_attribute("style", re.compile(r"scale\((?!1\))"))
    page.get_by_role("button", name="Before | after").click()
    page.get_by_label("Boundary").press("Home")
    page.reload()

    expect(page.get_by_role("heading", name="10000 i2i_inpainting_edit")).to_be_visible()


def test_filters_are_in_the_address_work_without_live_and_are_saved(
    open_console: Open, send: Send, scope: str, tmp_path: Path
) -> None:
    send(seed="7")
    send("i2i_inpainting_edit", custom_prompt="a puppy")
    page = open_console(f"?scope={scope}&live=off")
    expect(rows(page)).to_have_count(2)

    page.get_by_label("Find text").fill("puppy")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("kind").select_option("refused")
    expect(page.get_by_role("heading", name="No call matches")).to_be_visible()
    page.get_by_label("Find text").fill("")
    expect(rows(page)).to_contain_text("$.seed")
    assert "is=refused" in page.url
    assert "live=off" in page.url

    with page.expect_download() as saved:
        page.get_by_role("button", name="HAR").click()
    saved.value.save_as(tmp_path / "calls.har")
    entries = json.loads((tmp_path / "calls.har").read_text(encoding="utf-8"))["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [400]


def test_news_leave_focus_scroll_and_the_open_call_alone(
    open_console: Open, send: Send, scope: str, mock: VolcvMock
) -> None:
    """Keys choose, open and close calls; a page that is not in view does not listen."""
    filled(mock, scope, 60)
    page = open_console(f"?scope={scope}")
    expect(rows(page).first).to_contain_text("#60 ")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    expect(page.get_by_label("Find text")).to_be_focused()
    in_the_middle = "() => document.elementFromPoint(120, 400).closest('.row').dataset.key"
    page.evaluate("document.getElementById('list').scrollTop = 600")
    seen, heading = page.evaluate(in_the_middle), page.locator("#detail-title").inner_text()

    send()

    expect(page.locator("#newer")).to_have_text("1 newer call")
    assert page.evaluate(in_the_middle) == seen
    expect(page.get_by_label("Find text")).to_be_focused()
    assert page.locator("#detail-title").inner_text() == heading
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#connection")).to_have_text("paused: not in view")


def test_rules_latency_and_clock_are_set_and_each_act_shows_its_curl_line(
    open_console: Open, send: Send, act: Callable[..., Any], scope: str
) -> None:
    page = open_console(f"?scope={scope}&tab=rules")
    page.get_by_label("Code or fault").select_option("code 50411")
    expect(page.locator(".curl code").first).to_contain_text('\'{"code":50411,"times":1}\'')
    expect(page.locator(".curl code").first).to_contain_text(f"X-Volcv-Mock-Scope: {scope}")
    page.get_by_role("button", name="Fail the next call").click()
    expect(page.locator(".rule")).to_contain_text("1 left")

    page.locator(".rule").get_by_role("button", name="edit").click()
    page.get_by_label("value", exact=True).fill("50412")
    page.get_by_role("button", name=re.compile("Save rule")).click()
    expect(page.locator(".rule code")).to_have_text(re.compile('"code":50412'))
    assert send().json()["code"] == 50412
    expect(page.locator(".rule")).to_contain_text("fired 1, skipped 0, 0 left")
    page.locator(".rule").get_by_role("button", name="remove").click()
    expect(page.locator(".rule")).to_have_count(0)

    page.get_by_label("what", exact=True).select_option("sequence")
    page.get_by_label("value", exact=True).fill("50429, html_502, pass")
    page.get_by_label("prompt_contains", exact=True).fill("puppy")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator(".rule")).to_have_count(1)
    (rule,) = act("GET", "faults")["faults"]
    assert rule["sequence"] == [{"code": 50429}, {"fault": "html_502"}, {"pass": True}]
    assert rule["match"]["prompt_contains"] == "puppy"
    page.get_by_label("The rule as JSON").fill('{"code": 1}')
    page.get_by_role("button", name="Add rule").click()
    expect(page.get_by_role("status")).to_contain_text("Refused: ")

    page.get_by_label("latency", exact=True).fill("2.5s")
    page.get_by_role("button", name="Set latency").click()
    expect(page.locator("#tags")).to_contain_text("2.5s")
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#tags")).to_contain_text("clock: frozen at")
    before_s = act("GET", "clock")["now_s"]
    page.get_by_label("seconds").fill("90")
    page.get_by_role("button", name="Advance").click()
    expect(page.get_by_role("status")).to_contain_text("clock/advance")
    assert act("GET", "clock")["now_s"] == before_s + 90
    page.get_by_role("button", name="Reset the scope").click()
    expect(page.locator("#tags")).to_be_empty()


def test_without_the_token_nothing_is_shown_and_nothing_can_be_done(open_console: Open) -> None:
    token = "a-token-for-tests"
    with VolcvMock(control_token=token).serve() as closed:
        page = open_console("?tab=rules", of=closed)
        expect(page.get_by_role("alert")).to_contain_text("send the control token")
        expect(page.get_by_role("button", name="Fail the next call")).to_have_count(0)

        page.get_by_label("control token").fill(token)
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Fail the next call")).to_be_enabled()
        page.get_by_label("Code or fault").select_option("fault reset")

        assert token not in page.content()
        expect(page.locator(".curl code").first).to_contain_text("$VOLCV_MOCK_CONTROL_TOKEN")


def test_ten_thousand_calls_are_some_thirty_rows(open_console: Open, mock: VolcvMock, scope: str) -> None:
    filled(mock, scope, 10_000)
    page = open_console(f"?scope={scope}")
    expect(rows(page).first).to_contain_text("#10000 ")

    page.wait_for_function(
        "box => { box.scrollTop = box.scrollHeight; return box.scrollHeight >= 10000 * 60; }",
        arg=page.locator("#list").element_handle(),
    )
    expect(rows(page).last).to_contain_text("#1 ")

    assert page.locator(".row").count() < 60
    expect(page.locator("#count")).to_contain_text("10000 calls;")


def test_verdict_readings_and_a_lost_answer_are_told(
    open_console: Open, send: Send, act: Callable[..., Any], scope: str
) -> None:
    for _ in range(2):
        send(seed="7")
    act("POST", "faults", {"fault": "reset", "times": 1})
    assert send() is None
    page = open_console(f"?scope={scope}&tab=readings")
    page.get_by_label("Find a reading").fill("ghost-face")
    expect(page.locator("#panel-readings tbody tr:visible").first).to_contain_text("ghost-face-placement")
    page.get_by_role("tab", name="Differences").click()
    expect(page.locator("#panel-differences")).to_contain_text("The mock runs in the mode mock.")

    page.get_by_role("tab", name="Verdict").click()
    expect(page.locator("#panel-verdict")).to_contain_text("retried refusal")
    page.locator("#panel-verdict .bar button").first.click()
    expect(page.locator("#detail .problem")).to_contain_text("$.seed")
    expect(page.locator(".attempts")).to_contain_text("2 attempts at this request")

    page.get_by_label("kind").select_option("lost")
    expect(rows(page)).to_have_count(1)
    rows(page).click()
    expect(page.locator("#detail .note")).to_contain_text("(reset). The mock had decided 10000")


def test_a_copied_test_and_a_copied_rule_give_the_same_answer(
    open_console: Open, send: Send, act: Callable[..., Any], scope: str, volcv: VolcvMock
) -> None:
    """A person's clipboard has no key, and a shell runs nothing that a client sent."""
    act("POST", "faults", {"code": 50411, "times": 1})
    send("i2i_inpainting_edit", custom_prompt='"a" \\ $HOME `puppy`')
    page = open_console(f"?scope={scope}")
    (call,) = act("GET", "calls")["calls"]
    made = page.evaluate(
        "async call => { const made = await import('./console/copies.js'); return {test: made.asPytest(call), "
        "rule: made.asRule(call), curl: made.asCurl(call)}; }", call,
    )  # fmt: skip

    space: dict[str, Any] = {}
    exec(made["test"], space)
    space["test_i2i_inpainting_edit_50411"](volcv)

    assert made["rule"] == {"code": 50411, "match": {"req_key": "i2i_inpainting_edit"}, "times": 1}
    assert "Bearer sk-***" in made["curl"]
    assert "nobody" not in json.dumps(made)
    assert r"\$HOME \`puppy\`" in made["curl"]


NAMELESS = """() => [...document.querySelectorAll('button, input, select, textarea, a')]
  .filter(each => each.checkVisibility() && !each.ariaLabel && !each.title)
  .filter(each => !each.innerText.trim() && !(each.labels || []).length)
  .map(each => each.outerHTML)"""
CONTRAST = """() => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const painted = colour => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const linear = part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
  const light = colour => {
    const [red, green, blue] = painted(colour).map(part => linear(part / 255));
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (painted(colour)[3] === 255) return colour;
    }
    return 'white';
  };
  const hasText = node => [...node.childNodes].some(each => each.nodeType === 3 && each.data.trim());
  const ratio = node => {
    const both = [light(getComputedStyle(node).color), light(ground(node))];
    return (Math.max(...both) + .05) / (Math.min(...both) + .05);
  };
  return [...document.querySelectorAll('body *')]
    .filter(each => each.checkVisibility() && !each.disabled && !each.closest('.unseen, .skip') && hasText(each))
    .map(each => [ratio(each), each.textContent.slice(0, 40), each.className]).filter(([found]) => found < 4.5);
}"""


def test_everything_has_a_name_and_enough_contrast_and_fits_a_phone(
    open_console: Open, send: Send, act: Callable[..., Any], scope: str
) -> None:
    """WCAG 2.2, 1.4.3 (AA): 4.5 to 1 for text, by day and in the dark."""
    act("POST", "faults", {"fault": "ghost_face", "times": 1})
    send()
    send("i2i_inpainting_edit", seed="7", custom_prompt="a puppy " * 20)
    page = open_console(f"?scope={scope}")
    rows(page).first.click()
    expect(page.locator("#detail .problem")).to_be_visible()

    for tab in ("Calls", "Rules"):
        page.get_by_role("tab", name=tab).click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(CONTRAST) == []
        assert page.evaluate(NAMELESS) == []

    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("tab", name="Calls").click()
    expect(page.locator("#list")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="close").click()
    expect(page.locator("#list")).to_be_visible()
    for text in ("i2i_inpainting_edit", "50204", "a puppy"):
        expect(rows(page).first.get_by_text(text).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def filled(mock: VolcvMock, scope: str, number: int) -> None:
    """Puts calls into the journal, without pictures."""
    for each in range(1, number + 1):
        at_s = 1_700_000_000.0 + each
        names = {"id": f"{each:024x}", "attempt": f"{each:032x}"}
        made = replace(FILLING, number=each, scope=scope, time_s=at_s, **names)
        mock.world.journal.open(made)
        mock.world.journal.close(made.id, READ)
    mock.world.changes.touch()
