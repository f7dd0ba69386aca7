"""Files people keep lists in (CSV, XLSX, GeoJSON, GPKG) to one table of text, row numbers kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from i18n.errors import DataError, InputError, MissingFileError
from i18n.messages import Message
from loaders.lists.list_suffixes import SPATIAL_SUFFIXES, SUFFIXES
from loaders.reading_room import read
from loaders.reading_room.kinds import HEAD_BYTES, check_suffix

_BLANK = b" \t\r\n\x0b\x0c"


@dataclass(frozen=True)
class Wanted:
    """What a list is for.

    Attributes
    ----------
    kind : ``places`` or ``zones``, as in the keys of messages
    header : a good header
    """

    kind: str
    header: str


PLACES = Wanted("places", "id,service,name,lat,lon")


@dataclass(frozen=True)
class RawTable:
    """A file as text.

    Attributes
    ----------
    cells : text by header as written, '' where empty; points of a spatial file stand in ``lon, lat`` or ``x, y``
    rows : number of every row as a person sees it
    header_row : number of the row with the headers, 0 when there is none
    faults : (position, column, value, text key) of rows that cannot be read, by position in ``cells``
    notes : text keys of repairs of the whole file
    """

    cells: pd.DataFrame
    rows: list[int]
    header_row: int = 0
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_file(path: Path, wanted: Wanted = PLACES) -> None:
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


def read_raw_table(path: Path, wanted: Wanted = PLACES) -> RawTable:
    """Read a list as text; the shapes of a spatial file must be points.

    Raises
    ------
    MissingFileError, InputError, DataError
        as `check_file`, and when the file is damaged, not text in a known encoding, or takes too much to read
    """
    check_file(path, wanted)
    suffix = path.suffix.lower()
    form = "workbook" if suffix == ".xlsx" else "map" if suffix in SPATIAL_SUFFIXES else "text"
    found = read("list", path, file=path.name, options={"form": form})
    rows = found.tables["rows"]["row"].to_pylist()
    if not rows:
        raise DataError(Message(f"error.list.no_rows.{wanted.kind}", file=path.name))
    values = found.values
    return RawTable(
        text_frame(found.tables["cells"], values["headers"]),
        rows,
        int(values["header_row"]),
        [(int(at), str(column), str(value), str(key)) for at, column, value, key in values["faults"]],
        list(map(str, values["notes"])),
    )


def text_frame(table: pa.Table, headers: Sequence[str]) -> pd.DataFrame:
    """Columns of text from the reading room under their own names."""
    columns = [column.to_pylist() for column in table.columns]
    frame = pd.DataFrame(dict(enumerate(columns)), columns=range(len(columns)), dtype=object)
    frame.columns = pd.Index(list(map(str, headers)))
    return frame
