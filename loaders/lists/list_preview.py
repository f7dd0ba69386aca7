"""A first look at a list that someone brings along: its columns, what they are taken for, and its first rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from i18n.errors import DataError
from loaders.lists.facilities.facility_file import known_here
from loaders.lists.facilities.facility_table import read_raw_table
from loaders.lists.partition_file import PARTITION_FIELDS, read_zone_table
from loaders.lists.raw_table import ListOptions
from loaders.protocols.column_matching import NOTHING, columns_of
from loaders.protocols.spellings import FACILITY_FIELDS, field_of

_LONGEST = 200
"""Characters of a cell that are shown."""

FIELDS: Mapping[str, Mapping[str, str]] = {"places": FACILITY_FIELDS, "zones": PARTITION_FIELDS}
"""Field by spelling, for each kind of list."""


_NEEDED: Mapping[str, tuple[tuple[tuple[str, ...], ...], ...]] = {
    "places": ((("service",),), (("lat", "lon"), ("x", "y"), ("point",), ("address",))),
    "zones": ((("nis",), ("municipality",)), (("zone",), ("zone_id",))),
}
"""What each kind of list needs: of every group one of the choices, each of one field or several."""


def missing_fields(kind: str, fields: Collection[str], *, drawn: bool = False) -> list[str]:
    """First choice of every group of fields that a list needs and lacks; drawn zones need no municipality."""
    groups = _NEEDED[kind][1:] if drawn and kind == "zones" else _NEEDED[kind]
    lacking = [group[0] for group in groups if not any(set(choice) <= set(fields) for choice in group)]
    return [field for choice in lacking for field in choice if field not in fields]


@dataclass(frozen=True)
class Preview:
    """The beginning of a list.

    Attributes
    ----------
    fields : what each column is taken for, '' where its header is not recognised; in the order of the file
    rows : number of a row as a person sees it, and its cells
    n_rows : rows in the file
    sheets : those of a workbook or the layers of a map file, and those that were read
    """

    fields: dict[str, str]
    rows: list[tuple[int, list[str]]]
    n_rows: int
    sheets: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def mapping(self, chosen: list[str]) -> dict[str, str]:
        """Mapping by column, where what was chosen for it is not what it is taken for."""
        pairs = zip(self.fields.items(), chosen, strict=True)
        return {column: field for (column, taken), field in pairs if field != taken}


def preview(path: Path, kind: str, n: int, options: ListOptions | None = None) -> Preview:
    """First ``n`` rows of a list of places or zones; raises as `loaders.lists.facilities.facility_table.check_file`."""
    if kind == "zones":
        raw = read_zone_table(path, options)
    else:
        raw = read_raw_table(path, words=FACILITY_FIELDS, options=options)
    headers = list(map(str, raw.cells.columns))
    shown = raw.cells.head(n).astype(str).to_numpy().tolist() if headers else [[] for _ in raw.rows[:n]]
    cells = [[cell[:_LONGEST] for cell in line] for line in shown]
    return Preview(
        fields=taken_for(headers, kind),
        rows=list(zip(raw.rows[:n], cells, strict=True)),
        n_rows=len(raw.rows),
        sheets=(raw.all_sheets, raw.sheets or raw.all_sheets[:1]),
    )


def taken_for(headers: list[str], kind: str) -> dict[str, str]:
    """What each column is taken for, '' where its header is not recognised or another column goes before it."""
    known = FIELDS[kind]
    if kind == "places":
        known = known_here(headers)
    try:
        field_by_header = columns_of(headers, known, {}, "")
    except DataError:  # two columns of one field: told once it is read
        field_by_header = {header: field_of(header, known) for header in headers}
    return {header: field or NOTHING for header, field in field_by_header.items()}
