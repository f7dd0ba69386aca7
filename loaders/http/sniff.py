"""What a file is, by its bytes: a server may call a page of excuses ``text/csv`` and send it with status 200."""

from __future__ import annotations

import html
import json
import re
import zipfile
from pathlib import Path
from typing import Literal

from i18n.errors import NabijError
from i18n.messages import Word
from loaders.file_kinds import kind_of
from loaders.reading_room import PUBLISHER, read

Expect = Literal["json", "xml", "zip", "text", "html", "gpkg", "pbf"]
"""Kinds of content: a workbook is a ``zip``, GeoJSON is ``json``."""

HEAD_BYTES = 4096
TAIL_BYTES = 64
_SAID_CHARACTERS = 160
_PAGE_BYTES = 1100
_HTML = re.compile(rb"<!doctype\s+html|<html|<head|<body|<script", re.IGNORECASE)
_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<(?:title|h1)[^>]*>(.*?)</", re.IGNORECASE | re.DOTALL)
_EXCEPTION = re.compile(
    r"<(?:\w+:)?(?:ExceptionText|ServiceException)\b[^>]*>(.*?)</(?:\w+:)?(?:ExceptionText|ServiceException)>",
    re.DOTALL,
)
NAMES: dict[str, Word] = {
    kind: Word(f"error.http.kind.{kind}")
    for kind in ("json", "xml", "zip", "text", "html", "gpkg", "pbf", "empty", "unknown")
}
"""Kinds as an error names them."""


def sniff(head: bytes) -> str:
    """Kind of content (a key of `NAMES`) by its first bytes; a page is told apart from other XML."""
    kind = kind_of(head)
    if kind == "xml" and _HTML.search(head[:_PAGE_BYTES]):
        return "html"
    return kind if kind in NAMES else "unknown"


def cut_off(kind: str, path: Path) -> bool:
    """Whether a file stops before its end: a zip without directory, JSON or XML that is not closed."""
    if kind == "zip":
        return not zipfile.is_zipfile(path)
    if kind not in ("json", "xml"):
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read().rstrip()
    if tail.endswith((b"}", b"]") if kind == "json" else b">"):
        return False
    return kind == "xml" or not _whole_json(path)


MAX_LOOKED_AT = 4_000_000
"""Bytes of an answer up to which what follows a document in it is told."""


def _whole_json(path: Path) -> bool:
    """Whether a whole JSON document is followed by something else."""
    if path.stat().st_size > MAX_LOOKED_AT:
        return False
    try:
        return bool(read("ending", path, file=path.name, limits=PUBLISHER).values["more"])
    except NabijError:
        return False


def server_words(head: bytes) -> str:
    """What a server wrote, for an error: the text of an exception report, of a JSON message or of a page, shortened."""
    content = head.decode("utf-8", "replace")
    match = _EXCEPTION.search(content) or _TITLE.search(content)
    words = _json_message(content) or (match.group(1) if match else _TAG.sub(" ", content))
    line = " ".join(html.unescape(words).split()).replace("<![CDATA[", "").replace("]]>", "").strip(" .;")
    return line if len(line) <= _SAID_CHARACTERS else line[:_SAID_CHARACTERS].rstrip() + "…"


def is_exception_report(head: bytes) -> bool:
    """Whether an OGC service answered with an exception report."""
    return b"ExceptionReport" in head or b"ServiceException" in head


def _json_message(content: str) -> str:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    return next((str(answer[k]) for k in ("description", "detail", "message", "title", "error") if answer.get(k)), "")
