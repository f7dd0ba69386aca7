"""Delimited text in the child: lists that people keep, and tables as publishers write them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import islice

import pandas as pd
import pyarrow as pa

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.catalogue.plain_words import header_word
from loaders.reading_room.cells import UTF8, WINDOWS, decode, decoded_once
from loaders.reading_room.job import Job, ReadResult, text_array
from loaders.reading_room.tables import DRAWN_TIMES

SEPARATORS = ",;\t|"
_SAID = re.compile(r"sep=(.)\r?$", re.IGNORECASE)
_LOOKED_AT = 60
"""Lines among which the separator is looked for."""

Numbered = Iterator[tuple[int, list[str]]]


def numbered_rows(job: Job) -> tuple[Numbered, list[str], bool]:
    """Rows of a list with the number a person sees, notes on the whole file, and whether a comma separates."""
    content, encoding = decode(job.data, job.file, utf16=True)
    skipped, start = _beginning(content)
    if start == len(content):
        raise DataError(Message("error.list.comments", file=job.file))
    first = _line_at(content, start)
    stated = _SAID.match(first.strip('\ufeff" '))
    if stated:
        skipped, start = skipped + 1, start + len(first) + 1
        separator = stated.group(1)
        if content[start - 1 : start + 1] == "\r\n":
            start += 1
        first = _line_at(content, start)
    else:
        separator = separator_of(content[start:], job.options.get("words", {}))
    csv.field_size_limit(max(131_072, DRAWN_TIMES * job.limits.text))
    most = job.limits.columns
    if first.count(separator) > most:
        raise DataError(Message("error.room.columns", file=job.file, n=first.count(separator) + 1, most=most))
    notes = {WINDOWS: ["encoding"]}.get(encoding, [])
    if once := decoded_once(content[start:]):
        content, start = once, 0
        notes = [*notes, "encoded_twice"]
    return _rows(job, content[start:], separator, skipped), notes, separator == ","


def _line_at(content: str, start: int) -> str:
    """Line that begins somewhere, without its end."""
    ends = [end for end in (content.find("\n", start), content.find("\r", start)) if end >= 0]
    return content[start : min(ends, default=len(content))]


def separator_of(content: str, words: Mapping[str, str]) -> str:
    r"""Sign that separates: the one with which a line has the most known headers, else that of the fullest line.

    Examples
    --------
    >>> separator_of("Lijst, versie 2\nid;naam\n1;B", {"id": "id", "naam": "name"})
    ';'
    """
    lines = list(islice(io.StringIO(content[:200_000], newline=None), _LOOKED_AT))
    scores = []
    for at, sign in enumerate(SEPARATORS):
        known = max((_known(line, sign, words) for line in lines), default=0) if words else 0
        counts = [line.count(sign) for line in lines]
        scores.append((known, counts[0] if counts[0] or not words else min(1, max(counts)), -at, sign))
    best = max(scores)
    if best[0] < 2 and words and not best[1]:  # a title has no separator: the sign that most lines have
        return max(SEPARATORS, key=lambda sign: sum(sign in line for line in lines))
    return best[3]


def _known(line: str, sign: str, words: Mapping[str, str]) -> int:
    cells = line.rstrip("\r\n").split(sign)
    return len({words[word] for cell in cells if (word := header_word(cell)) in words})


def _beginning(content: str) -> tuple[int, int]:
    """Lines of comment and empty lines before the header, and where the header begins."""
    skipped = at = 0
    for line in io.StringIO(content, newline=None):
        if line.strip() and not line.startswith("#"):
            break
        skipped += 1
    else:
        return skipped, len(content)
    for _ in range(skipped):
        ends = [end for end in (content.find("\n", at), content.find("\r", at)) if end >= 0]
        at = min(ends) + 1
        if content[at - 1 : at + 1] == "\r\n":
            at += 1
    return skipped, at


def _rows(job: Job, content: str, separator: str, skipped: int) -> Numbered:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    first = next(csv.reader([_line_at(content, 0)], delimiter=separator), [])
    quoted = len(first) == 1 and separator in first[0]  # every line as a whole between quotes
    try:
        begins = 0
        for fields in reader:
            if fields and _swallowed(fields[-1], separator, len(first)):
                row = str(skipped + begins + 1)
                raise DataError(Message("error.list.quote_open", file=job.file, row=row))
            begins = reader.line_num
            whole = quoted and len(fields) == 1
            yield skipped + reader.line_num, next(csv.reader(fields, delimiter=separator), []) if whole else fields
    except csv.Error as error:
        row = str(skipped + reader.line_num)
        raise DataError(Message("error.list.quotes", file=job.file, row=row, reason=Reason(error))) from error


def _swallowed(cell: str, separator: str, width: int) -> bool:
    """Whether a cell between quotes holds whole rows, since the quote that opens it was never closed."""
    if width < _FEWEST or not {"\n", "\r"} & set(cell):
        return False
    return any(line.count(separator) >= width - 1 for line in cell.splitlines()[1:])


_FEWEST = 3
"""Columns from which a line within a cell can be told from a row."""


def read_delimited(job: Job) -> ReadResult:
    """Columns of text of a table as publishers write it, with the options ``sep, encoding, wanted, quoted``.

    ``wanted`` are the columns to keep, in capitals, where not all are wanted.
    """
    options, wanted = job.options, job.options.get("wanted")
    data, strict = job.data, options["encoding"] == UTF8
    first = data[: data.find(b"\n") % (len(data) + 1)]
    width = first.count(str(options["sep"]).encode()) + 1
    job.limits.check_table(0, width, job.file)
    try:
        frame = pd.read_csv(
            io.BytesIO(data if strict or not data.startswith(b"\xef\xbb\xbf") else data[3:]),
            sep=options["sep"],
            dtype=str,
            encoding=options["encoding"],
            encoding_errors="strict" if strict else "replace",
            usecols=None if wanted is None else lambda name: str(name).strip().upper() in wanted,
            keep_default_na=False,
            quoting=csv.QUOTE_MINIMAL if options["quoted"] else csv.QUOTE_NONE,
        )
    except UnicodeDecodeError as error:
        raise DataError(Message("error.protocol.utf8", file=str(job.file), byte=str(error.start))) from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
        told = Message(str(options["no_table"]), file=job.file, error=Reason(error))
        raise DataError(told) from error
    job.limits.check_table(*frame.shape, job.file)
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    table = pa.table({str(i): text_array(column.tolist()) for i, column in enumerate(columns)})
    return ReadResult({"rows": table}, {"columns": list(map(str, frame.columns))})
