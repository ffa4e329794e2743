"""The console's files: what they load, what they may run, and that they know the journal's members."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from volcv_mock.control import page
from volcv_mock.journal.entries import NAMES

MODULES = [name for name in page.files() if name.endswith(".js")]
LINES = 375
"""The most a module has: one that is longer does two things."""


def text_of(name: str) -> str:
    return (page.FOLDER / name).read_text(encoding="utf-8")


class Loaded(HTMLParser):
    """Collects what a page loads, and inline code."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "srcset", "href")]
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        self.inline += ["script"] if tag == "script" and not dict(attrs).get("src") else []


def test_the_page_loads_its_own_files_and_nothing_else() -> None:
    loaded = Loaded()
    loaded.feed(text_of("page.html"))

    own = {f"console/{name}" for name in page.files()}
    assert {each for each in loaded.addresses if not each.startswith("#")} <= own
    assert loaded.inline == []


@pytest.mark.parametrize("name", page.files())
def test_no_file_inserts_text_as_markup_or_names_another_host(name: str) -> None:
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    hosts = set(re.findall(r"https?://[\w.]+", text_of(name)))

    assert not re.search(markup, text_of(name))
    assert hosts <= {"https://api.example.com", "http://www.w3.org"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_modules_of_its_folder(name: str) -> None:
    imported = re.findall(r'from "\./([\w.]+)"', text_of(name))

    assert set(imported) <= set(MODULES)
    assert len(text_of(name).splitlines()) <= LINES


def test_the_scripts_read_only_members_that_the_journal_has() -> None:
    named = {member for name in MODULES for member in re.findall(r"\bcall\.(\w+)", text_of(name))}

    assert {"fired", "problems", "delivered"} <= named
    assert named - {"call", "differences"} <= set(NAMES)  # those two are members of a difference


def test_the_page_may_run_only_files_of_the_mock(client: FlaskClient) -> None:
    policy = client.get("/_mock/").headers["Content-Security-Policy"]

    assert policy == page.POLICY
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", page.files())
def test_each_file_is_served_with_its_type(client: FlaskClient, name: str) -> None:
    response = client.get(f"/_mock/console/{name}")

    assert response.status_code == 200
    assert response.mimetype == page.MEDIA_TYPES[Path(name).suffix]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["main.py", "..%2Fpage.py", "%2e%2e/page.py", ""])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/_mock/console/{name}").status_code == 404


def test_the_console_without_its_slash_leads_to_the_console(client: FlaskClient) -> None:
    """The addresses in the page are relative, so that it also works below the path of a reverse proxy."""
    response = client.get("/_mock?tab=rules")

    assert (response.status_code, response.headers["Location"]) == (302, "_mock/?tab=rules")
