"""What a document is made of, whatever file it becomes: sections with paragraphs, lists, pictures and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal

Tone = Literal["plain", "lead", "verdict", "quiet"]
"""How a paragraph is told: as text, as what comes first, as the answer, or as a remark."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Figures that are seen at once: each a number in words and what it is."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Picture:
    """A picture with its caption, and what it shows for whoever cannot see it."""

    svg: bytes
    caption: str
    alt: str


@dataclass(frozen=True)
class Table:
    """A table; ``align`` has a letter a column, ``l`` or ``r``. The first column heads its row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str
    widths: tuple[float, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A line for a machine: a command, as it is."""

    text: str


Block = Paragraph | Bullets | Facts | Picture | Table | Line


@dataclass(frozen=True)
class Section:
    """A section of a document."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes
    ----------
    title, subtitle : what it is about
    lang : its language
    warning : what stands on top of every page where places are made up; empty where they are not
    foot : what stands at the foot of every page, before the number
    sections : in reading order
    page, of : words around the number of a page: *pagina* 1 *van* 6
    """

    title: str
    subtitle: str
    lang: str
    warning: str
    foot: str
    sections: tuple[Section, ...]
    page: str = ""
    of: str = "/"
    keywords: tuple[str, ...] = field(default=())

    def plain(self) -> str:
        """All words of the document, a paragraph a line: what a person would read."""
        lines = [self.title, self.subtitle, self.warning]
        for section in self.sections:
            lines.append(section.title)
            for block in section.blocks:
                lines += _words(block)
        return "\n".join(line for line in lines if line)

    def told_in(self, sign: Callable[[str], str]) -> Document:
        """Return the document with all its words, and those in its pictures, put through a function."""
        told = _in_words(self, sign)
        assert isinstance(told, Document)  # noqa: S101  (what goes in comes out)
        return told


def _in_words(value: Any, sign: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return sign(value)
    if isinstance(value, bytes):
        return sign(value.decode()).encode()
    if isinstance(value, tuple):
        return tuple(_in_words(one, sign) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _in_words(getattr(value, each.name), sign) for each in fields(value)})
    return value


def _words(block: Block) -> list[str]:
    if isinstance(block, Paragraph | Line):
        return [block.text]
    if isinstance(block, Bullets):
        return list(block.items)
    if isinstance(block, Facts):
        return [f"{number} {what}" for number, what in block.pairs]
    if isinstance(block, Picture):
        return [block.caption, block.alt]
    rows = ["\t".join(row) for row in (block.header, *block.rows)]
    return [block.caption, *rows, *([block.note] if block.note else [])]


def as_data(document: Document) -> dict[str, Any]:
    """Return the document as plain data, for a writer that reads JSON."""
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "lang": document.lang,
        "warning": document.warning,
        "foot": document.foot,
        "page": document.page,
        "of": document.of,
        "keywords": list(document.keywords),
        "sections": [
            {"title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in document.sections
        ],
    }


def _block(block: Block) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    if isinstance(block, Picture):
        return {"kind": kind, "svg": block.svg.decode(), "caption": block.caption, "alt": block.alt}
    values: dict[str, Any] = {"kind": kind, **vars(block)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
