"""Which kinds of file a name may stand for."""

from __future__ import annotations

from i18n.errors import DataError
from i18n.messages import Message, Word
from loaders.file_kinds import kind_of

HEAD_BYTES = 512
_TEXTUAL = frozenset({"text", "json", "xml", "unknown", "empty"})
TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
COLUMN_SUFFIXES = (".parquet", ".geoparquet", ".feather", ".arrow")
PACKED_SUFFIXES = (".zip", ".gz")
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
    ".topojson": _TEXTUAL,
    ".jsonl": _TEXTUAL,
    ".ndjson": _TEXTUAL,
    ".geojsonl": _TEXTUAL,
    ".gpx": _TEXTUAL,
    ".kml": _TEXTUAL,
    ".kmz": frozenset({"zip"}),
    ".zip": frozenset({"zip"}),
    ".gz": frozenset({"gz"}),
    ".parquet": frozenset({"parquet"}),
    ".geoparquet": frozenset({"parquet"}),
    ".feather": frozenset({"arrow"}),
    ".arrow": frozenset({"arrow"}),
    ".fgb": frozenset({"fgb"}),
    ".gpkg": frozenset({"gpkg", "empty", "text", "unknown"}),
}
"""Kinds that a name may stand for; text under another name is told by the reader of that name, in its own words."""


def form_of(kind: str, suffix: str) -> str:
    """Form in which a list of some kind is read: ``text``, ``workbook``, ``map``, ``columns``, or ``any`` of them."""
    if suffix in COLUMN_SUFFIXES:
        return "columns"
    if suffix == ".gz":
        return "any"
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
