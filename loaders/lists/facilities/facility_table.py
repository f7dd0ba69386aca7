"""Files people keep lists in (CSV, XLSX, GeoJSON, GPKG) to one table of text, row numbers kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from i18n.errors import DataError, InputError, MissingFileError
from i18n.messages import Message, MessageError
from loaders.catalogue.regions.systems import likely_systems
from loaders.file_kinds import kind_of
from loaders.lists.list_suffixes import SUFFIXES
from loaders.reading_room import read
from loaders.reading_room.kinds import HEAD_BYTES, check_suffix, form_of

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
    notes : text keys of what holds for the whole file, with their values
    sheets : names of the sheets the rows come from; rows of the second are numbered from `SHEET_STEP`
    all_sheets : names of the sheets of the workbook that hold anything
    turned : whether the coordinates were turned from the system of a map file already
    """

    cells: pd.DataFrame
    rows: list[int]
    header_row: int = 0
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    all_sheets: tuple[str, ...] = ()
    turned: bool = False


@dataclass(frozen=True)
class ListOptions:
    """How the user says that a list is to be read.

    Attributes
    ----------
    mapping : field by column, for headers that are not recognised (`loaders.protocols.column_matching`)
    constants : value by field, for all rows
    sheet : sheet of a workbook or layer of a map file
    cells : new text by row and column, instead of what the file has
    skipped : rows that are left out
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    cells: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    skipped: frozenset[int] = frozenset()

    @property
    def crs(self) -> str:
        """Number in EPSG of the coordinate system that is set for all rows; '' where none is."""
        given = self.constants.get("crs", "").strip().upper().removeprefix("EPSG:").strip()
        if given and not (given.isdigit() and len(given) <= 6):
            raise MessageError("error.list.set_crs", value=self.constants["crs"])
        return given

    def corrected(self, table: RawTable) -> RawTable:
        """The table with the corrections in it, and without the rows that are left out."""
        if not (self.cells or self.skipped):
            return table
        cells, at = table.cells.copy(), {row: position for position, row in enumerate(table.rows)}
        for row, changes in self.cells.items():
            for column, value in changes.items():
                if row in at and column in cells:
                    cells.loc[at[row], column] = value
        kept = [position for position, row in enumerate(table.rows) if row not in self.skipped]
        new = {old: position for position, old in enumerate(kept)}
        faults = [(new[position], *more) for position, *more in table.faults if position in new]
        return replace(
            table,
            cells=cells.iloc[kept].reset_index(drop=True),
            rows=[table.rows[position] for position in kept],
            faults=faults,  # type: ignore[arg-type]
        )


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


def read_raw_table(
    path: Path, wanted: Wanted = PLACES, words: Mapping[str, str] | None = None, options: ListOptions | None = None
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
    found = read("list", path, file=path.name, options=asked)
    rows = found.tables["rows"]["row"].to_pylist()
    if not rows:
        raise DataError(Message(f"error.list.no_rows.{wanted.kind}", file=path.name))
    values = found.values
    table = RawTable(
        text_frame(found.tables["cells"], values["headers"]),
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
