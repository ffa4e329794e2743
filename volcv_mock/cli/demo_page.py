"""The page of `volcv-mock demo --html`: a card per call, with its pictures as files beside the page. Not a command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from volcv_mock.cli.contact_sheet import Row

PAGE, FOLDER = "index.html", "pictures"
STYLE = """
:root{color-scheme:light dark;--ink:#1c1c1c;--faint:#5d5d5d;--paper:#fafaf8;--card:#fff;--line:#ddd}
@media(prefers-color-scheme:dark){:root{--ink:#eee;--faint:#aaa;--paper:#161616;--card:#212121;--line:#3a3a3a}}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:76rem}
body{color:var(--ink);background:var(--paper)}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1rem;margin:0;overflow-wrap:anywhere}
p{margin:.2rem 0 .6rem;color:var(--faint);overflow-wrap:anywhere}
article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;margin:1rem 0}
.row{display:grid;grid-template-columns:repeat(4,1fr);gap:.8rem}
@media(max-width:44rem){.row{grid-template-columns:1fr 1fr}}
figure{margin:0}img{width:100%;height:auto;max-height:22rem;object-fit:contain;background:#8882}
figcaption{font-size:.85rem;color:var(--faint)}nav{columns:18rem;font-size:.9rem}nav a{display:block;color:inherit}
"""
CAPTIONS = {
    "source": "source: what was sent",
    "mask": "mask: white is to be changed",
    "result": "result: what came back",
    "difference": "difference x 4: black is unchanged",
}
FRAMED = ", the frame is the original"


def write(rows: Sequence[Row], out: Path, title: str) -> None:
    """Write the page and its pictures. Raises OSError."""
    (out / FOLDER).mkdir(exist_ok=True)
    cards = "".join(part for number, row in enumerate(rows, 1) for part in _card(number, row, out))
    links = "".join(f'<a href="#{number}">{escape(row.title)}</a>' for number, row in enumerate(rows, 1))
    head, _, rest = title.partition(". ")
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(head)}</title><style>{STYLE}</style>'
        f"<h1>{escape(head)}</h1><p>{escape(rest)}</p><nav>{links}</nav><main>{cards}</main></html>\n"
    )
    (out / PAGE).write_text(page, encoding="utf-8")


def _card(number: int, row: Row, out: Path) -> Iterator[str]:
    yield f'<article id="{number}"><h2>{escape(row.title)}</h2><p>{escape(row.details)}</p><div class="row">'
    pictures = {"source": row.source, "mask": row.mask, "result": row.result, "difference": row.difference}
    for kind, picture in pictures.items():
        if picture is not None:
            yield _figure(f"{number:02}-{kind}", picture, _caption(kind, row), out)
    yield "</div></article>"


def _caption(kind: str, row: Row) -> str:
    return CAPTIONS[kind] + (FRAMED if kind == "difference" and row.original else "")


def _figure(name: str, picture: Image, caption: str, out: Path) -> str:
    is_map = picture.mode not in ("RGB", "RGBA")
    file = f"{FOLDER}/{name}.{'png' if is_map else 'jpg'}"
    picture.convert(picture.mode if is_map else "RGB").save(out / file)
    size = f'width="{picture.width}" height="{picture.height}"'
    return (
        f'<figure><a href="{file}"><img src="{file}" alt="{escape(caption)}" loading="lazy" {size}></a>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
