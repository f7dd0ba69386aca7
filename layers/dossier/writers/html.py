"""A document as one HTML file that works without network: style, typeface and pictures stand inside."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path

from layers.dossier.document import Block, Bullets, Document, Facts, Line, Paragraph, Picture, Section, Table
from layers.look.tokens import COLOURS

_FONT = Path(__file__).parents[3] / "assets" / "fonts" / "source-sans-3-latin-wght-normal.woff2"
_STYLE = Path(__file__).parent / "page.css"
_IDS = re.compile(r'(id="|url\(#)(frame|none)\b')


def write_html(document: Document) -> bytes:
    """Write a document as HTML: headings, tables with heads, pictures with words, and a style for paper."""
    font = base64.b64encode(_FONT.read_bytes()).decode()
    style = _STYLE.read_text(encoding="utf-8").replace("FONT", f"data:font/woff2;base64,{font}")
    for name, colour in COLOURS.items():
        style = style.replace(f"var(--{name})", colour)
    warning = f'<p class="warning" role="note">{escape(document.warning)}</p>' if document.warning else ""
    counter = [0]
    sections = "".join(_section(section, number, counter) for number, section in enumerate(document.sections, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="{document.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)} · nabij</title><style>{style}</style></head><body>"
        f'{warning}<main><header><h1>{escape(document.title)}</h1><p class="subtitle">{escape(document.subtitle)}</p>'
        f"</header>{sections}</main><footer>{escape(document.foot)}</footer></body></html>\n"
    ).encode()


def _section(section: Section, number: int, counter: list[int]) -> str:
    blocks = "".join(_block(block, counter) for block in section.blocks)
    return f"<section><h2>{number} {escape(section.title)}</h2>{blocks}</section>"


def _block(block: Block, counter: list[int]) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="{block.tone}">{escape(block.text)}</p>'
    if isinstance(block, Bullets):
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if isinstance(block, Facts):
        pairs = "".join(f"<div><dd>{escape(n)}</dd><dt>{escape(what)}</dt></div>" for n, what in block.pairs)
        return f'<dl class="facts">{pairs}</dl>'
    if isinstance(block, Line):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, Picture):
        return _picture(block, counter)
    return _table(block)


def _picture(block: Picture, counter: list[int]) -> str:
    """Picture in the page itself, its inner names made its own."""
    counter[0] += 1
    svg = _IDS.sub(lambda match: f"{match[1]}{match[2]}-{counter[0]}", block.svg.decode().strip())
    svg = svg.replace('role="img"', f'role="img" aria-label="{escape(block.alt)}"', 1)
    caption = f"<figcaption>{escape(block.caption)}</figcaption>" if block.caption else ""
    return f"<figure>{svg}{caption}</figure>"


def _table(block: Table) -> str:
    sides = ["number" if side == "r" else "" for side in block.align]

    def cell(kind: str, words: str, at: int, scope: str = "") -> str:
        side = f' class="{sides[at]}"' if sides[at] else ""
        return f"<{kind}{scope}{side}>{escape(words)}</{kind}>"

    head = "".join(cell("th", words, at, ' scope="col"') for at, words in enumerate(block.header))
    rows = "".join(
        "<tr>"
        + "".join(
            cell("th" if at == 0 else "td", words, at, ' scope="row"' if at == 0 else "")
            for at, words in enumerate(row)
        )
        + "</tr>"
        for row in block.rows
    )
    note = f'<p class="quiet">{escape(block.note)}</p>' if block.note else ""
    return (
        f'<div class="scroll" tabindex="0"><table><caption>{escape(block.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{note}"
    )
