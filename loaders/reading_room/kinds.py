"""What kind of file some bytes are: by how they begin, never by the name and never by a library that guesses."""

from __future__ import annotations

from i18n.errors import DataError
from i18n.messages import Message, Word

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"SQLite format 3\x00", "gpkg"),
    (b"fgb\x03fgb", "fgb"),
    (b"PAR1", "parquet"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"\x00\x00\x27\x0a", "shp"),
)
"""First bytes of every kind that is told apart; what begins with none of them is text or unknown."""

HEAD_BYTES = 512
_BOM = b"\xef\xbb\xbf"
_TEXTUAL = frozenset({"text", "json", "xml", "unknown", "empty"})
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
SUFFIX_KINDS: dict[str, frozenset[str]] = {
    ".csv": _TEXTUAL,
    ".txt": _TEXTUAL,
    ".tsv": _TEXTUAL,
    ".xlsx": _TEXTUAL | {"zip", "ole"},
    ".xlsm": _TEXTUAL | {"zip", "ole"},
    ".xls": _TEXTUAL | {"zip", "ole"},
    ".ods": _TEXTUAL | {"zip"},
    ".geojson": _TEXTUAL,
    ".json": _TEXTUAL,
    ".kml": _TEXTUAL,
    ".kmz": frozenset({"zip"}),
    ".zip": frozenset({"zip"}),
    ".fgb": frozenset({"fgb"}),
    ".gpkg": frozenset({"gpkg", "empty", "text", "unknown"}),
}
"""Kinds that a name may stand for; text under another name is told by the reader of that name, in its own words."""


def kind_of(head: bytes) -> str:
    """Kind of a file by its first bytes.

    Examples
    --------
    >>> kind_of(b"%PDF-1.7"), kind_of(b' {"type": "Feature"'), kind_of(b"id,service")
    ('pdf', 'json', 'text')
    """
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if b"OSMHeader" in head[:64]:
        return "pbf"
    start = head.removeprefix(_BOM).lstrip()
    if not start:
        return "empty"
    if start[:1] in (b"{", b"["):
        return "json"
    if start[:1] == b"<":
        return "xml"
    return "unknown" if b"\x00" in start else "text"


def form_of(kind: str, suffix: str) -> str:
    """Form in which a list of some kind is read: ``text``, ``workbook``, ``map``, or ``any`` of the last two."""
    if kind == "zip":
        return {".zip": "any", ".kmz": "map"}.get(suffix, "workbook")
    if kind == "ole" or suffix in BOOK_SUFFIXES:
        return "workbook"
    return "text" if suffix in TEXT_SUFFIXES and kind != "json" else "map"


def check_suffix(head: bytes, suffix: str, file: str) -> str:
    """Kind of a file; `DataError` when its name says that it is another one."""
    kind = kind_of(head[:HEAD_BYTES])
    if suffix in SUFFIX_KINDS and kind not in SUFFIX_KINDS[suffix]:
        raise DataError(Message("error.room.kind", file=file, suffix=suffix, kind=Word(f"room.kind.{kind}")))
    return kind
