"""Small answers of services in the child: JSON, XML and web pages, taken apart to tables that need no reading."""

from __future__ import annotations

import json
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, ParseError

import defusedxml
import pyarrow as pa
from defusedxml.ElementTree import fromstring

from i18n.errors import DataError, NotDataError
from i18n.messages import Message, Reason
from loaders.reading_room.cells import decode
from loaders.reading_room.job import Job, ReadResult, text_array

MAX_VALUES = 2_000_000
"""Values, elements and links of one answer."""

KINDS = ("null", "bool", "int", "float", "text", "list", "object")
"""What a value is, by its number in the table."""


def read_json(job: Job) -> ReadResult:
    """Every value of a document in JSON: ``parent`` (its row), ``key`` (null in a list), ``kind`` and ``text``."""
    try:
        document = json.loads(job.data)
    except (ValueError, RecursionError) as error:
        raise NotDataError(Message("error.live.json", where=job.file, error=Reason(error))) from error
    parents, keys, kinds, texts = [-1], [""], [0], [""]
    todo: list[tuple[int, Any, int]] = [(0, document, 0)]
    while todo:
        row, value, depth = todo.pop()
        kinds[row], texts[row] = _plain(value)
        if not isinstance(value, (dict, list)):
            continue
        if depth >= job.limits.nesting:
            raise DataError(Message("error.room.nesting", file=job.file, most=job.limits.nesting))
        inner = list(value.items()) if isinstance(value, dict) else [("", item) for item in value]
        _check_count(len(parents) + len(inner), job)
        todo += [(len(parents) + i, item, depth + 1) for i, (_, item) in enumerate(inner)]
        parents += [row] * len(inner)
        keys += [key for key, _ in inner]
        kinds += [0] * len(inner)
        texts += [""] * len(inner)
    columns = {"parent": pa.array(parents, pa.int64()), "key": text_array(keys)}
    return ReadResult(
        {"values": pa.table({**columns, "kind": pa.array(kinds, pa.int8()), "text": text_array(texts)})}, {}
    )


def read_ending(job: Job) -> ReadResult:
    """Whether a whole document in JSON is followed by something else, as ``more``."""
    try:
        json.loads(decode(job.data, job.file)[0])
    except json.JSONDecodeError as error:
        return ReadResult({}, {"more": error.msg == "Extra data"})
    except (ValueError, RecursionError):
        pass
    return ReadResult({}, {"more": False})


def _plain(value: Any) -> tuple[int, str]:
    if isinstance(value, dict):
        return KINDS.index("object"), ""
    if isinstance(value, list):
        return KINDS.index("list"), ""
    if value is None:
        return KINDS.index("null"), ""
    if isinstance(value, bool):
        return KINDS.index("bool"), "1" if value else ""
    if isinstance(value, str):
        return KINDS.index("text"), value
    return KINDS.index("int" if isinstance(value, int) else "float"), repr(value)


def _check_count(count: int, job: Job) -> None:
    if count > MAX_VALUES:
        raise DataError(Message("error.room.cells", file=job.file, n=count, most=MAX_VALUES))


def read_xml(job: Job) -> ReadResult:
    """Elements of a document in XML (``parent, tag, text``) and their attributes (``element, name, value``)."""
    try:
        root: Element = fromstring(job.data)
    except (ParseError, defusedxml.DefusedXmlException, ValueError, LookupError) as error:
        raise NotDataError(Message("error.protocol.xml", where=job.file, error=Reason(error))) from error
    parents: list[int] = []
    tags: list[str] = []
    texts: list[str] = []
    attributes: list[tuple[int, str, str]] = []
    todo: list[tuple[Element, int, int]] = [(root, -1, 0)]
    while todo:
        element, parent, depth = todo.pop()
        if depth > job.limits.nesting:
            raise DataError(Message("error.room.nesting", file=job.file, most=job.limits.nesting))
        row = len(parents)
        _check_count(row + len(attributes), job)
        parents.append(parent)
        tags.append(str(element.tag))
        texts.append(element.text or "")
        attributes += [(row, name, value) for name, value in element.attrib.items()]
        todo += [(inner, row, depth + 1) for inner in reversed(element)]
    elements = {"parent": pa.array(parents, pa.int64()), "tag": text_array(tags), "text": text_array(texts)}
    given = {
        "element": pa.array([row for row, _, _ in attributes], pa.int64()),
        "name": text_array([name for _, name, _ in attributes]),
        "value": text_array([value for _, _, value in attributes]),
    }
    return ReadResult({"elements": pa.table(elements), "attributes": pa.table(given)}, {})


class _Links(HTMLParser):
    def __init__(self, base_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base_url
        self.links: list[tuple[str, str]] = []
        self._href: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "base" and href:
            self.base = _join(self.base, href)
        if tag == "a":
            self._close()
            self._href = href

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close()

    def handle_data(self, data: str) -> None:
        if self._href is not None:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self._close()

    def _close(self) -> None:
        if self._href is not None:
            address = _join(self.base, self._href.strip())
            if address.startswith(("http://", "https://")):
                self.links.append((address, " ".join("".join(self._words).split())))
        self._href, self._words = None, []


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _without_open_comment(page: str) -> int:
    """Where a comment begins that does not end, for the parser looks for its end at every sign of the rest."""
    opened = page.find("<!--", page.rfind("-->") + 1)
    return opened if opened >= 0 else len(page)


def read_links(job: Job) -> ReadResult:
    """Links of a web page as they stand: ``href`` (absolute) and ``text``; the name of the file is its address."""
    parser = _Links(job.file)
    page = decode(job.data.replace(b"\x00", b""), job.file)[0]
    with suppress(AssertionError):  # a declaration that is none; the links before it count
        parser.feed(page[: _without_open_comment(page)])
        parser.close()
    _check_count(len(parser.links), job)
    hrefs, texts = [href for href, _ in parser.links], [words for _, words in parser.links]
    return ReadResult({"links": pa.table({"href": text_array(hrefs), "text": text_array(texts)})}, {})
