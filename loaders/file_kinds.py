"""What kind of file some bytes are: by how they begin, never by the name and never by a library that guesses."""

from __future__ import annotations

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"SQLite format 3\x00", "gpkg"),
    (b"fgb\x03fgb", "fgb"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "old_feather"),
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

_BOM = b"\xef\xbb\xbf"


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
