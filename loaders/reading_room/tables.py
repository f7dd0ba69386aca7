"""Which of the tables of a file is the list, and in which of its rows the headers stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.plain_words import header_word
from loaders.reading_room.job import Job, ReadResult, text_table

SHEET_STEP = 1_000_000_000
"""Rows of a second sheet are numbered from here, those of a third from twice this, so that a number means one row."""

HEAD_ROWS = 60
"""Rows among which the headers are looked for."""

DRAWN_TIMES = 200
"""Times the limit of a text that a border drawn as text may be long."""

_DRAWN = re.compile(r"\s*(?:SRID\s*=\s*\d+\s*;)?\s*(?:MULTI)?POLYGON|0[01][0-9A-F]{16}|\s*\{", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST_HEADER = 500
_SHOWN = 8
_UNSEEN = "".join(map(chr, (*range(9, 14), 32, 0x85, 0xA0, 0xAD, *range(0x2000, 0x2010), *range(0x2028, 0x2030))))
_UNSEEN += "".join(map(chr, (0x205F, *range(0x2060, 0x2065), 0x3000, 0xFEFF)))
"""Spaces, and signs of no width, which come along from pages and letters."""

Numbered = Iterable[tuple[int, list[str]]]
Note = tuple[str, dict[str, Any]]
"""Key of a text below that of the kind of list, and its values."""


@dataclass
class RawGrid:
    """A table of a file before it is known where its headers stand.

    Attributes
    ----------
    name : of the sheet or layer; '' where a file holds one table
    rows : number of a row as a person sees it, and its cells
    hidden : numbers of rows that are hidden or filtered away
    uncached : cells with a formula that was never calculated
    visible : whether the sheet is shown
    struck : numbers of rows of which every text is struck through
    """

    name: str
    rows: Numbered
    hidden: frozenset[int] = frozenset()
    uncached: tuple[str, ...] = ()
    visible: bool = True
    struck: frozenset[int] = frozenset()


@dataclass
class TextList:
    """Rows of text as they are gathered; ``turned``: whether coordinates are in a system of the region already."""

    headers: list[str]
    columns: list[list[str]]
    rows: list[int]
    header_row: int = 0
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    all_sheets: list[str] = field(default_factory=list)
    turned: bool = False

    def result(self) -> ReadResult:
        """Give the rows as a table, the rest as plain values."""
        values = {
            "headers": self.headers,
            "header_row": self.header_row,
            "faults": self.faults,
            "notes": self.notes,
            "sheets": self.sheets,
            "all_sheets": self.all_sheets,
            "turned": self.turned,
        }
        rows = pa.table({"row": pa.array(self.rows, type=pa.int64())})
        return ReadResult({"cells": text_table(self.columns), "rows": rows}, values)


def clean(cell: str) -> str:
    """Text of a cell without spaces around it, signs that nobody sees, or the ``="…"`` that keeps text from Excel."""
    bare = cell.strip() if cell.isascii() else cell.strip(_UNSEEN)
    return bare[2:-1] if bare.startswith('="') and bare.endswith('"') and len(bare) > 2 else bare


def filled(rows: Numbered) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything."""
    for row, cells in rows:
        cleaned = [clean(cell) for cell in cells]
        if any(cleaned):
            yield row, cleaned


def known_headers(row: Sequence[str], words: Mapping[str, str]) -> int:
    """Different fields that the headers of a row stand for."""
    return len({words[word] for cell in row if cell and (word := header_word(cell)) in words})


def header_at(head: Sequence[Sequence[str]], words: Mapping[str, str]) -> int:
    """Position of the headers among the first rows: the row with the most known ones, else the first full one."""
    counts = [known_headers(row, words) for row in head]
    best = max(counts, default=0)
    if best >= 2 or (best and not counts[0] and sum(map(bool, head[counts.index(best)])) > sum(map(bool, head[0]))):
        return counts.index(best)
    widths = [sum(map(bool, row)) for row in head]
    if max(widths, default=0) >= 3 and widths[0] == 1:
        return next(i for i, width in enumerate(widths) if width >= 0.6 * max(widths))
    return 0


def _headers_in(
    head: Sequence[tuple[int, list[str]]], words: Mapping[str, str]
) -> tuple[int, int, list[str], list[Note]]:
    """Position and number of the last row of the headers, these without empty ones at the end, and what is told."""
    if not head:
        return 0, 0, [], []
    rows = [cells for _, cells in head]
    notes: list[Note] = []
    at = header_at(rows, words) if words else 0
    first, headers = at, list(rows[at])
    if words:
        first, at, headers = _of_two_rows(rows, at, words)
    if first < at:
        notes.append(("header_rows", {"first": head[first][0], "at": head[at][0]}))
    if first:
        title = " ".join(dict.fromkeys(filter(None, rows[0])))[:80]
        notes.append(("header_found", {"at": head[first][0], "n": first, "title": title}))
    while headers and not headers[-1]:
        headers = headers[:-1]
    return at, head[at][0], headers, notes


def _of_two_rows(head: Sequence[Sequence[str]], at: int, words: Mapping[str, str]) -> tuple[int, int, list[str]]:
    """First and last row of the headers, and these: of two rows where more of them are known together than of one."""
    best = at, at, list(head[at])
    known = known_headers(head[at], words)
    for top in (at, at - 1):
        if not 0 <= top < len(head) - 1 or any(cell[:1].isdigit() for cell in (*head[top], *head[top + 1])):
            continue
        if len(set(filter(None, head[top]))) == max(len(head[top]), len(head[top + 1])):
            continue  # nothing was merged and nothing is left open
        joined = _joined(head[top], head[top + 1], words)
        if known_headers(joined, words) > known:
            best, known = (top, top + 1, joined), known_headers(joined, words)
    return best


def _joined(above: Sequence[str], below: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """Headers of two rows: the one that is known, the lower one first, else both."""
    width = max(len(above), len(below))
    made: list[str] = []
    for one, other in zip([*above, *[""] * width], [*below, *[""] * width], strict=False):
        if len(made) == width:
            break
        upper, lower = (header_word(cell) in words for cell in (one, other))
        made.append(other if lower or not one else one if upper or not other or one == other else f"{one} {other}")
    return made


def gathered(
    rows: Numbered, job: Job, notes: list[Note], *, decimal_hint: bool = False, comments: bool = False
) -> TextList:
    """Header and rows to a table; rows with more fields than the header are faults, empty rows are passed over.

    Parameters
    ----------
    rows : with their numbers
    job : its option ``words`` gives the field by spelling of a header; without it the first row has the headers
    notes : what was said of the file so far
    decimal_hint : whether a comma separates, and so a decimal comma is one field too many
    comments : whether rows before the headers may be comments
    """
    stream = filled(rows)
    head = list(islice(stream, HEAD_ROWS))
    if comments:
        while head and next(cell for cell in head[0][1] if cell).startswith("#"):
            head = head[1:]
    words = job.options.get("words", {})
    at, header_row, headers, remarks = _headers_in(head, words)
    _check_turned(head, headers, words, job)
    notes = [*notes, *remarks]
    again = list(headers)
    headers = _unique(headers, words, job)
    _check_headers(header_row, headers, job)
    named = [i for i, header in enumerate(headers) if header]
    listed = TextList([headers[i] for i in named], [[] for _ in named], [], header_row, notes=notes)
    nameless = [i for i, header in enumerate(headers) if not header]
    lost = repeated = 0
    for row, fields in chain(head[at + 1 :], stream):
        if fields[: len(again)] == again and words and again:
            repeated += 1
            continue
        if any(fields[len(headers) :]):
            key = "too_many_fields_comma" if decimal_hint else "too_many_fields"
            more = next(filter(None, fields[len(headers) :]))
            listed.faults.append((len(listed.rows), "", more[:200], key))
        if nameless and any(fields[i] for i in nameless if i < len(fields)):
            lost += 1
        add_row(listed, row, [fields[i] if i < len(fields) else "" for i in named], job)
    _check_separated(listed, job)
    if lost:
        listed.notes = [*listed.notes, ("nameless_column", {"count": lost})]
    if repeated:
        listed.notes = [*listed.notes, ("header_again", {"n": repeated})]
    return listed


def _check_separated(found: TextList, job: Job) -> None:
    """Refuse text whose columns are separated by spaces, or by another sign in the rows than in the headers."""
    if not found.rows:
        return
    if len(found.headers) == 1 and len(re.split(r"\s{2,}", found.headers[0])) >= _FEWEST_TURNED:
        raise DataError(Message("error.list.by_spaces", file=job.file))
    if len(found.headers) < _FEWEST_TURNED or any(
        sum(map(bool, cells)) != 1 for cells in zip(*found.columns, strict=True)
    ):
        return  # seen at the first row of nearly every list
    filled_in = [next(filter(None, cells)) for cells in zip(*found.columns, strict=True)]
    for sign in ",;|\t":
        if all(word.count(sign) == len(found.headers) - 1 for word in filled_in):
            raise DataError(Message("error.list.two_separators", file=job.file, sign=sign if sign != "\t" else "tab"))


def _check_turned(
    head: Sequence[tuple[int, list[str]]], headers: Sequence[str], words: Mapping[str, str], job: Job
) -> None:
    """Refuse a table whose headers stand below each other in the first column."""
    first = [next(filter(None, cells), "") for _, cells in head]
    below = known_headers(first, words)
    whole = below == len(first) == 2 and known_headers(headers, words) == 1 and len(headers) > 2
    if len(head) < HEAD_ROWS and (whole or below >= max(_FEWEST_TURNED, known_headers(headers, words) + 2)):
        raise DataError(Message("error.list.turned", file=job.file, headers=some(first)))


_FEWEST_TURNED = 3
"""Known headers below each other that make a table one that lies on its side."""


def _unique(headers: list[str], words: Mapping[str, str], job: Job) -> list[str]:
    """Headers as they are; one that comes twice is refused, or numbered where it is of no known field."""
    seen: Counter[str] = Counter()
    made = []
    for header in headers:
        seen[header] += bool(header)
        if seen[header] > 1:
            if not words or header_word(header) in words:
                raise DataError(Message("error.list.column_twice", file=job.file, column=header))
            made.append(f"{header} ({seen[header]})")
        else:
            made.append(header)
    return made


def _check_headers(row: int, headers: list[str], job: Job) -> None:
    job.limits.check_table(0, len(headers), job.file)
    long = max(headers, key=len, default="")
    if len(long) > _LONGEST_HEADER:
        values: dict[str, str | int] = {"column": long[:80], "n": len(long), "most": _LONGEST_HEADER}
        raise DataError(Message("error.room.text", file=job.file, row=str(row), **values))


def add_row(listed: TextList, row: int, cells: list[str], job: Job) -> None:
    """Add a row, within the limits of a table."""
    listed.rows.append(row)
    job.limits.check_table(len(listed.rows), len(listed.headers), job.file)
    for column, header, cell in zip(listed.columns, listed.headers, cells, strict=True):
        if len(cell) > job.limits.text and not (_DRAWN.match(cell) and len(cell) <= DRAWN_TIMES * job.limits.text):
            long = {"n": len(cell), "most": job.limits.text}
            raise DataError(Message("error.room.text", file=job.file, row=str(row), column=header[:80], **long))
        column.append(cell)


def list_of_grids(grids: Sequence[RawGrid], job: Job) -> TextList:
    """The list among the sheets of a workbook: the one asked for, else those whose headers are known best.

    Sheets with the same headers, however written and in whatever order, are one list. What was not read is in the
    notes: other sheets, and that rows were hidden or formulas never calculated.
    """
    with_rows = [(grid, rows) for grid in grids if (rows := list(grid.rows))]
    chosen = _chosen(with_rows, grids, job)
    if not chosen:
        raise DataError(Message("error.list.first_sheet", file=job.file))
    first, *others = [gathered(rows, job, [], comments=True) for _, rows in chosen]
    alike = [
        (sheet, other, columns)
        for sheet, other in zip(chosen[1:], others, strict=True)
        if (columns := in_order_of(first.headers, other)) is not None
    ]
    chosen = [chosen[0], *(sheet for sheet, _, _ in alike)]
    sheets = [grid.name for grid, _ in chosen]
    for number, (_, other, columns) in enumerate(alike, start=1):
        first.faults += [(len(first.rows) + at, *fault) for at, *fault in other.faults]  # type: ignore[misc]
        first.rows += [row + number * SHEET_STEP for row in other.rows]
        for column, more in zip(first.columns, columns, strict=True):
            column += more
    left = [grid.name for grid, _ in with_rows if grid.name not in sheets]
    first.notes = [*_about(chosen, left), *first.notes]
    first.sheets, first.all_sheets = sheets, [grid.name for grid, _ in with_rows]
    return first


def in_order_of(headers: Sequence[str], other: TextList) -> list[list[str]] | None:
    """Columns of another sheet in the order of these headers, however it writes them; None where it lacks one."""
    exact = dict(zip(other.headers, other.columns, strict=True))
    named = {header_word(header): column for header, column in exact.items()} | exact
    columns = [named.get(header, named.get(header_word(header))) for header in headers]
    present = [column for column in columns if column is not None]
    return present if len(present) == len(headers) else None


def _chosen(
    sheets_read: list[tuple[RawGrid, list[tuple[int, list[str]]]]], grids: Sequence[RawGrid], job: Job
) -> list[tuple[RawGrid, list[tuple[int, list[str]]]]]:
    asked = str(job.options.get("sheet", ""))
    if asked:
        named = [one for one in sheets_read if one[0].name.casefold() == asked.casefold()]
        if not named:
            names = ", ".join(grid.name for grid in grids)
            raise DataError(Message("error.list.no_sheet", file=job.file, sheet=asked, names=names))
        return named[:1]
    words = job.options.get("words", {})
    headers = [_header_of(rows, words) for _, rows in sheets_read]
    scores = [
        (known_headers(header, words), grid.visible) for header, (grid, _) in zip(headers, sheets_read, strict=True)
    ]
    if not sheets_read:
        return []
    best = scores.index(max(scores)) if words and max(scores)[0] >= 2 else 0
    alike = {header_word(cell) for cell in headers[best] if cell}
    return _newest(
        [
            one
            for at, one in enumerate(sheets_read)
            if at == best
            or (
                scores[best][0] >= 2 and one[0].visible and {header_word(cell) for cell in headers[at] if cell} == alike
            )
        ]
    )


def _newest(
    chosen: list[tuple[RawGrid, list[tuple[int, list[str]]]]],
) -> list[tuple[RawGrid, list[tuple[int, list[str]]]]]:
    """The last of sheets that differ by the year in their names, which are one list as it stood each year."""
    years = [_YEAR.findall(grid.name) for grid, _ in chosen]
    names = {_YEAR.sub("", grid.name).strip().casefold() for grid, _ in chosen}
    if len(chosen) > 1 and len(names) == 1 and all(len(year) == 1 for year in years):
        return [max(chosen, key=lambda one: _YEAR.findall(one[0].name)[0])]
    return chosen


def _header_of(rows: list[tuple[int, list[str]]], words: Mapping[str, str]) -> list[str]:
    head = [cells for _, cells in islice(filled(rows), HEAD_ROWS)]
    while head and next(cell for cell in head[0] if cell).startswith("#"):
        head = head[1:]
    return head[header_at(head, words)] if head else []


def _about(chosen: Sequence[tuple[RawGrid, Any]], left: list[str]) -> list[Note]:
    """What is said of the sheets that were read and of those that were not."""
    notes: list[Note] = []
    names = ", ".join(grid.name for grid, _ in chosen)
    if left:
        notes.append(("sheets_left", {"sheets": names, "others": some(left)}))
    elif len(chosen) > 1:
        notes.append(("sheets_joined", {"sheets": names, "count": len(chosen)}))
    for number, (grid, rows) in enumerate(chosen):
        prefix = f"{grid.name}!" if len(chosen) > 1 and number else ""
        for key, marked in (("hidden_rows", grid.hidden), ("struck_rows", grid.struck)):
            named = [f"{prefix}{row}" for row, _ in rows if row in marked]
            if named:
                notes.append((key, {"n": len(named), "rows": some(named)}))
        if grid.uncached:
            cells = [f"{prefix}{cell}" for cell in grid.uncached]
            notes.append(("uncached", {"n": len(cells), "cells": some(cells)}))
    return notes


def some(words: Sequence[str]) -> str:
    """The first of many words, and a sign that there are more."""
    return ", ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")
