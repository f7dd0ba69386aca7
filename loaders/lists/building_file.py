"""A user's own list of buildings that might house a new place: read and checked row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message, Word
from loaders.lists.coordinates import AXES, read_place
from loaders.lists.facilities.facility_table import read_raw_table
from loaders.protocols.spellings import FACILITY_FIELDS, field_of

_COORDINATES = (*AXES, "point")


def read_building_file(path: Path | str) -> pd.DataFrame:
    """Read a list of buildings (CSV, XLSX, GeoJSON, GPKG) with ``lat, lon`` or ``x, y``, and optionally ``id, name``.

    Returns
    -------
    pandas.DataFrame
        ``row`` (as a person sees it), ``id, name, x, y`` (metres)

    Raises
    ------
    MissingFileError, DataError
        the file cannot be read, or the coordinates of a row make no sense
    MissingColumnError
        there are no coordinates
    """
    path = Path(path)
    raw = read_raw_table(path, words=FACILITY_FIELDS)
    fields: dict[str | None, str] = {}
    for header in map(str, raw.cells.columns):
        fields.setdefault(field_of(header), header)
    if not ({"lat", "lon"} <= set(fields) or {"x", "y"} <= set(fields) or "point" in fields):
        headers = ", ".join(map(str, raw.cells.columns))
        raise MissingColumnError(Message("error.list.no_coordinates", file=path.name, found=headers))
    if raw.faults:
        position, column, value, _ = raw.faults[0]
        where = {"file": path.name, "row": str(raw.rows[position])}
        raise DataError(Message("error.list.building_cell", **where, column=column, value=value))
    rows = []
    for row, cells in zip(raw.rows, raw.cells.to_dict("records"), strict=True):
        x, y = _point(path.name, row, {name: str(cells.get(fields.get(name, ""), "")) for name in _COORDINATES})
        name = str(cells.get(fields.get("name", ""), ""))
        rows.append({"row": row, "id": str(cells.get(fields.get("id", ""), "") or row), "name": name, "x": x, "y": y})
    frame = pd.DataFrame(rows, columns=["row", "id", "name", "x", "y"])
    repeated = frame.loc[frame["id"].duplicated(), ["row", "id"]]
    if len(repeated):
        row, again = repeated.iloc[0]
        raise DataError(Message("error.list.building_twice", file=path.name, row=str(row), id=str(again)))
    return frame


def _point(file: str, row: int, cells: dict[str, str]) -> tuple[float, float]:
    place = read_place(cells)
    where = {"file": file, "row": str(row)}
    if place.fault == "not_a_number":
        raise DataError(Message("error.list.building_number", **where, column=place.column, value=place.shown))
    if place.point is None:
        shown = " ".join(value for value in cells.values() if value) or Word("error.list.nothing")
        raise DataError(Message("error.list.building_place", **where, value=shown))
    x, y = np.round(place.point, 2).tolist()
    return float(x), float(y)
