"""A list of a user as text, and what the user says of how it is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from i18n.messages import MessageError

if TYPE_CHECKING:
    import pandas as pd


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
