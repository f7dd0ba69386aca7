"""Files people keep lists in (CSV, XLSX, GeoJSON, GPKG) to one table of text, row numbers kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from loaders.errors import DataError, InputError, MissingFileError
from loaders.protocols.workbooks import Workbook
from loaders.tables import UTF8, cell_text, decode
from loaders.told import Fault, Reason, Told, Word

SPATIAL_SUFFIXES = (".geojson", ".json", ".gpkg")
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", *SPATIAL_SUFFIXES)
_SEPARATORS = ",;\t"


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


def check_file(path: Path, wanted: Wanted = PLACES) -> bytes:
    """Content of a file of a kind that is read.

    Raises
    ------
    MissingFileError
        there is no such file
    InputError
        the suffix is none of `SUFFIXES`
    DataError
        the file is empty
    """
    if not path.is_file():
        raise MissingFileError(Told(f"error.list.missing.{wanted.kind}", path=str(path)))
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(Told("error.list.suffix", file=path.name, suffix=suffix))
    data = path.read_bytes()
    if not data.strip():
        raise DataError(Told(f"error.list.empty.{wanted.kind}", file=path.name, header=wanted.header))
    return data


def read_raw_table(path: Path, wanted: Wanted = PLACES) -> RawTable:
    """Read a list as text; the shapes of a spatial file must be points.

    Raises
    ------
    MissingFileError, InputError, DataError
        as `check_file`, and when the file is damaged or not text in a known encoding
    """
    data = check_file(path, wanted)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        table = _read_xlsx(data, path.name)
    elif suffix in SPATIAL_SUFFIXES:
        table = _spatial_table(read_map_file(path, data, "points"))
    else:
        table = _read_csv(data, path.name)
    if not table.rows:
        raise DataError(Told(f"error.list.no_rows.{wanted.kind}", file=path.name))
    return table


def _read_csv(data: bytes, file: str) -> RawTable:
    content, encoding = decode(data, file)
    notes = [] if encoding == UTF8 else ["encoding"]
    lines = content.splitlines(keepends=True)
    skipped = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if skipped == len(lines):
        raise DataError(Told("error.list.comments", file=file))
    separator = max(_SEPARATORS, key=lines[skipped].count)
    reader = csv.reader(io.StringIO("".join(lines[skipped:]), newline=""), delimiter=separator)
    try:
        numbered = [(skipped + reader.line_num, fields) for fields in reader]
    except csv.Error as error:
        row = str(skipped + reader.line_num)
        raise DataError(Told("error.list.quotes", file=file, row=row, reason=Reason(error))) from error
    return _assemble(numbered, file, notes, decimal_hint=separator == ",")


def _assemble(
    numbered: Iterable[tuple[int, list[str]]], file: str, notes: list[str], *, decimal_hint: bool = False
) -> RawTable:
    """Header and rows to a table; rows with more fields than the header are faults, empty rows are passed over."""
    filled = [(row, [f.strip() for f in fields]) for row, fields in numbered if any(f.strip() for f in fields)]
    header_row, headers = filled[0]
    while headers and not headers[-1]:
        headers = headers[:-1]
    repeated = [h for h in headers if h and headers.count(h) > 1]
    if repeated:
        raise DataError(Told("error.list.column_twice", file=file, column=repeated[0]))
    faults: list[tuple[int, str, str, str]] = []
    rows: list[int] = []
    cells: list[list[str]] = []
    for row, fields in filled[1:]:
        if any(fields[len(headers) :]):
            key = "too_many_fields_comma" if decimal_hint else "too_many_fields"
            faults.append((len(rows), "", fields[len(headers)], key))
        rows.append(row)
        cells.append([*fields, *[""] * len(headers)][: len(headers)])
    frame = pd.DataFrame(cells, columns=headers, dtype=object)
    return RawTable(frame.loc[:, [h != "" for h in headers]], rows, header_row, faults, notes)


def _read_xlsx(data: bytes, file: str) -> RawTable:
    try:
        cells = Workbook(data, file).grid()
    except DataError as error:
        raise DataError(Told("error.list.resave", fault=Fault(error))) from error
    numbered = [(int(row[0]), [str(cell) for cell in row[1:]]) for row in cells.fillna("").itertuples()]
    first = next((i for i, (_, row) in enumerate(numbered) if any(row) and not _is_comment(row)), None)
    if first is None:
        raise DataError(Told("error.list.first_sheet", file=file))
    return _assemble(numbered[first:], file, [])


def _is_comment(row: list[str]) -> bool:
    return next((cell for cell in row if cell), "").startswith("#")


def read_map_file(path: Path, data: bytes, shapes: str) -> gpd.GeoDataFrame:
    """Read the first layer with shapes of a GeoJSON or GPKG file.

    Parameters
    ----------
    path, data : the file and its content
    shapes : what should be in it, ``points`` or ``polygons``, for messages

    Raises
    ------
    DataError
        when the file is damaged, holds no shapes, or does not state its coordinate system
    """
    if path.suffix.lower() != ".gpkg":
        _check_json(data, path.name)
    try:
        layers = pyogrio.list_layers(path)
        spatial = [name for name, kind in layers if kind]
        frame = gpd.read_file(path, layer=(spatial or [layers[0][0]])[0])
    except (DataSourceError, DataLayerError, IndexError, ValueError) as error:
        raise DataError(Told("error.list.map_file", file=path.name, reason=Reason(error))) from error
    if "geometry" not in frame:
        raise DataError(Told("error.list.no_shapes", file=path.name, shapes=Word(f"error.list.{shapes}")))
    if frame.crs is None:
        raise DataError(Told("error.list.no_crs", file=path.name))
    return frame


def _check_json(data: bytes, file: str) -> None:
    try:
        kind = json.loads(data.decode("utf-8-sig")).get("type")
    except (ValueError, AttributeError, RecursionError) as error:
        raise DataError(Told("error.list.geojson", file=file, reason=Reason(error))) from error
    if kind not in ("FeatureCollection", "Feature"):
        raise DataError(Told("error.list.geojson_kind", file=file, kind=repr(kind)))


def _spatial_table(frame: gpd.GeoDataFrame) -> RawTable:
    geographic = frame.crs.is_geographic
    shapes = frame.geometry.to_crs("EPSG:4326" if geographic else "EPSG:31370")
    shapes = shapes.map(
        lambda s: s.geoms[0] if s is not None and s.geom_type == "MultiPoint" and len(s.geoms) == 1 else s
    )
    names = ("lon", "lat") if geographic else ("x", "y")
    attributes = frame.drop(columns=[frame.geometry.name, *(n for n in ("lon", "lat", "x", "y") if n in frame)])
    cells = pd.DataFrame({c: [cell_text(v) for v in attributes[c]] for c in attributes.columns}, dtype=object)
    faults = []
    points: list[tuple[str, str]] = []
    for position, shape in enumerate(shapes):
        empty = shape is None or shape.is_empty
        if not empty and shape.geom_type != "Point":
            faults.append((position, "geometry", shape.geom_type, "not_a_point"))
            empty = True
        points.append(("", "") if empty else (repr(float(shape.x)), repr(float(shape.y))))
    for axis, name in enumerate(names):
        cells[name] = [point[axis] for point in points]
    return RawTable(cells, list(range(1, len(frame) + 1)), faults=faults)
