"""Borders of own zones as drawn: read, turned to metres, and checked so that they can be a partition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from loaders.catalogue.regions.projection import to_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.regions.systems import degrees_of_region
from loaders.lists.facilities.facility_report import REFUSED, REPAIRED, Findings
from loaders.lists.raw_table import RawTable
from loaders.reading_room import read
from loaders.reading_room.job import as_bytes, text_table
from loaders.snapshot.reader import Snapshot

OVERLAP_M2 = 10_000.0
"""Zones may overlap by one hectare, the size of a cell: drawn borders never fit to the metre."""


@dataclass(frozen=True, eq=False)
class Borders:
    """Features of a map file with zones.

    Attributes
    ----------
    headers, cells : attributes as text, one column per header
    shapes : ``shape`` (WKB, metres), ``fault``, ``value``, ``repaired``, a row per feature
    n : number of features
    notes : what was not read, as keys and values of texts
    rows : number of every feature as a person sees it; empty where it is its place among them
    """

    headers: list[str]
    cells: pa.Table
    shapes: pa.Table
    n: int
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Number of every feature as a person sees it."""
        return self.rows or list(range(1, self.n + 1))


def read_borders(path: Path, options: Mapping[str, Any] | None = None) -> Borders:
    """Read a map file with polygons; `DataError` when it is damaged, of another kind, or takes too much to read."""
    answer = read("borders", path, file=path.name, options=options)
    headers = list(map(str, answer.values["headers"]))
    notes = [(str(key), dict(values)) for key, values in answer.values.get("notes", [])]
    return Borders(headers, answer.tables["cells"], answer.tables["shapes"], int(answer.values["n"]), notes)


_DRAWN = re.compile(
    r"\s*(?:SRID\s*=\s*\d+\s*;)?\s*(?:MULTI)?POLYGON|0[01](?:0[36]0000[02]0|0000000[36]|2000000[36])[0-9A-F]{20}"
    r"|\s*\{.{0,40}(?:Polygon|\"coordinates\"\s*:\s*\[\s*\[\s*\[)",
    re.IGNORECASE,
)
_LOOKED_AT = 20


def drawn_column(cells: pd.DataFrame) -> str:
    """Column with borders as text (WKT, WKB in hex, GeoJSON), as databases and portals write them; '' for none."""
    for header in map(str, cells.columns):
        filled = [str(value) for value in cells[header].head(_LOOKED_AT) if value]
        if filled and sum(bool(_DRAWN.match(value)) for value in filled) > len(filled) / 2:
            return header
    return ""


def borders_of_cells(raw: RawTable, column: str, file: str, crs: str) -> Borders:
    """Borders that stand as text in a column of a table; ``crs`` is the number in EPSG where the user says it."""
    given = pa.table({"shape": pa.array(raw.cells[column].astype(str).tolist(), type=pa.large_string())})
    answer = read("drawn", as_bytes(given), file=file, options={"crs": crs})
    left = raw.cells.drop(columns=column)
    return Borders(
        list(map(str, left.columns)),
        text_table([left.iloc[:, i].astype(str).tolist() for i in range(left.shape[1])]),
        answer.tables["shapes"],
        len(raw.rows),
        raw.notes,
        raw.rows,
    )


def checked_shapes(
    borders: Borders, file: str, zones: Mapping[int, str], findings: Findings, snapshot: Snapshot
) -> dict[str, shapely.Geometry]:
    """Shape by zone, of the rows that can be used; what is wrong with the others goes to the findings.

    Crossing borders are repaired; a shape that is no polygon, lies outside the region or overlaps one
    before it is refused.
    """
    drawn = _drawn(borders, zones, findings)
    land = shapely.union_all(snapshot.zones(region().whole)["geometry"].to_numpy())
    given = pa.table(
        {
            "row": pa.array([*drawn, 0], type=pa.int64()),
            "zone": pa.array([*(zones[row] for row in drawn), ""], type=pa.large_string()),
            "shape": pa.array([*drawn.values(), shapely.to_wkb(land)], type=pa.large_binary()),
        }
    )
    answer = read("overlaps", as_bytes(given), file=file, options={"overlap_m2": OVERLAP_M2})
    for row in answer.tables["outside"]["row"].to_pylist():
        key = "outside_exchanged" if _is_exchanged(drawn[row]) else "outside"
        findings.add(row, "geometry", zones[row], REFUSED, key, zone=zones[row])
    for overlap in answer.tables["overlaps"].to_pylist():
        row, before, hectares = overlap["row"], overlap["before"], round(overlap["area"] / 10_000)
        words = {"zone": zones[before], "hectares": hectares, "first": before}
        findings.add(row, "geometry", zones[row], REFUSED, "overlap", **words)
    return _joined(answer.tables["zones"], findings)


def _is_exchanged(shape: bytes) -> bool:
    """Whether the middle of a shape lies in the region once its degrees are exchanged."""
    middle = shapely.from_wkb(shape).centroid
    if middle.is_empty:
        return False
    lon, lat = to_lonlat(np.array([[middle.x, middle.y]]))[0]
    return bool(np.isfinite([lon, lat]).all()) and degrees_of_region().holds(lat, lon)


def _drawn(borders: Borders, zones: Mapping[int, str], findings: Findings) -> dict[int, bytes]:
    """Polygon (WKB) of every row that has one and a zone."""
    drawn: dict[int, bytes] = {}
    for row, shape in zip(borders.numbers, borders.shapes.to_pylist(), strict=True):
        if not zones[row]:
            continue
        if shape["fault"]:
            findings.add(row, "geometry", shape["value"], REFUSED, shape["fault"])
            continue
        if shape["repaired"]:
            findings.add(row, "geometry", "", REPAIRED, "crossing")
        drawn[row] = shape["shape"]
    return drawn


def _joined(pieces: pa.Table, findings: Findings) -> dict[str, shapely.Geometry]:
    shapes: dict[str, shapely.Geometry] = {}
    first: dict[str, int] = {}
    wkb: npt.NDArray[Any] = np.array([*pieces["shape"].to_pylist(), None], dtype=object)[:-1]
    for zone, row, shape in zip(
        pieces["zone"].to_pylist(), pieces["row"].to_pylist(), shapely.from_wkb(wkb), strict=True
    ):
        if zone in first:
            findings.add(row, "zone", zone, REPAIRED, "joined", first=first[zone])
        first.setdefault(zone, row)
        if shape is not None:
            shapes[zone] = shape
    return {zone: shapes[zone] for zone in first}
