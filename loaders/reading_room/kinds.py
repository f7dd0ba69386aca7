"""Which kinds of file a name may stand for."""

from __future__ import annotations

from i18n.errors import DataError
from i18n.messages import Message, Word
from loaders.file_kinds import kind_of

HEAD_BYTES = 512
_TEXTUAL = frozenset({"text", "json", "xml", "unknown", "empty"})
SUFFIX_KINDS: dict[str, frozenset[str]] = {
    ".csv": _TEXTUAL,
    ".txt": _TEXTUAL,
    ".tsv": _TEXTUAL,
    ".xlsx": _TEXTUAL | {"zip"},
    ".geojson": _TEXTUAL,
    ".json": _TEXTUAL,
    ".gpkg": frozenset({"gpkg", "empty", "text", "unknown"}),
}
"""Kinds that a name may stand for; text under another name is told by the reader of that name, in its own words."""


def check_suffix(head: bytes, suffix: str, file: str) -> str:
    """Kind of a file; `DataError` when its name says that it is another one."""
    kind = kind_of(head[:HEAD_BYTES])
    if suffix in SUFFIX_KINDS and kind not in SUFFIX_KINDS[suffix]:
        raise DataError(Message("error.room.kind", file=file, suffix=suffix, kind=Word(f"room.kind.{kind}")))
    return kind
