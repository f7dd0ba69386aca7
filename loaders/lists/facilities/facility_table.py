"""Files people keep lists in (CSV, XLSX, GeoJSON, GPKG) to one table of text, row numbers kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from i18n.errors import DataError, InputError, MissingFileError
from i18n.messages import Message
from loaders.catalogue.regions.systems import likely_systems
from loaders.file_kinds import kind_of
from loaders.lists.list_suffixes import SUFFIXES
from loaders.lists.raw_table import ListOptions, RawTable
from loaders.reading_room import read
from loaders.reading_room.kinds import HEAD_BYTES, TEXT_SUFFIXES, check_suffix, form_of

_BLANK = b" \t\r\n\x0b\x0c"


@dataclass(frozen=True)
class ListPurpose:
    """What a list is for.

    Attributes
    ----------
    kind : ``places`` or ``zones``, as in the keys of messages
    header : a good header
    """

    kind: str
    header: str


PLACES = ListPurpose("places", "id,service,name,lat,lon")


def check_file(path: Path, wanted: ListPurpose = PLACES) -> None:
    """See that a file is of a kind that is read; nothing but its first bytes is looked at.

    Raises
    ------
    MissingFileError
        there is no such file
    InputError
        the suffix is none of `SUFFIXES`
    DataError
        the file is empty, or of another kind than its name says
    """
    if not path.is_file():
        raise MissingFileError(Message(f"error.list.missing.{wanted.kind}", path=str(path)))
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(Message("error.list.suffix", file=path.name, suffix=suffix))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        empty = not head.strip(_BLANK) and all(not part.strip(_BLANK) for part in iter(lambda: file.read(1 << 20), b""))
    if empty:
        raise DataError(Message(f"error.list.empty.{wanted.kind}", file=path.name, header=wanted.header))
    check_suffix(head, suffix, path.name)
    if suffix in TEXT_SUFFIXES and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_PAGES):
        raise DataError(Message("error.list.page", file=path.name))


_PAGES = (b"<!doctype", b"<html", b"<?xml")
"""How a web page or XML begins."""


def read_raw_table(
    path: Path, wanted: ListPurpose = PLACES, words: Mapping[str, str] | None = None, options: ListOptions | None = None
) -> RawTable:
    """Read a list as text; the shapes of a spatial file must be points.

    Parameters
    ----------
    path : the file
    wanted : what it is for
    words : field by spelling of a header, by which the sheet and the row with the headers are found
    options : how the user says it is to be read

    Raises
    ------
    MissingFileError, InputError, DataError
        as `check_file`, and when the file is damaged, not text in a known encoding, or takes too much to read
    """
    check_file(path, wanted)
    options = options or ListOptions()
    with path.open("rb") as file:
        form = form_of(kind_of(file.read(HEAD_BYTES)), path.suffix.lower())
    asked: dict[str, Any] = {"form": form, "words": dict(words or {}), "sheet": options.sheet, "crs": options.crs}
    if form in ("map", "any"):
        asked["likely"] = likely_systems()
    answer = read("list", path, file=path.name, options=asked)
    rows = answer.tables["rows"]["row"].to_pylist()
    if not rows:
        raise DataError(Message(f"error.list.no_rows.{wanted.kind}", file=path.name))
    values = answer.values
    table = RawTable(
        text_frame(answer.tables["cells"], values["headers"]),
        rows,
        int(values["header_row"]),
        [(int(at), str(column), str(value), str(key)) for at, column, value, key in values["faults"]],
        [(str(key), dict(told)) for key, told in values["notes"]],
        tuple(map(str, values["sheets"])),
        tuple(map(str, values.get("all_sheets", ()))),
        bool(values.get("turned")),
    )
    return options.corrected(table)


def text_frame(table: pa.Table, headers: Sequence[str]) -> pd.DataFrame:
    """Columns of text from the reading room under their own names."""
    columns = [column.to_pylist() for column in table.columns]
    frame = pd.DataFrame(dict(enumerate(columns)), columns=range(len(columns)), dtype=object)
    frame.columns = pd.Index(list(map(str, headers)))
    return frame


def records(frame: pd.DataFrame) -> Iterator[dict[Hashable, str]]:
    """Text by column of every row; quicker than pandas makes them of columns of Arrow."""
    names = list(map(str, frame.columns))
    columns = [frame.iloc[:, at].tolist() for at in range(frame.shape[1])]
    return (dict[Hashable, str](zip(names, line, strict=True)) for line in zip(*columns, strict=True))
