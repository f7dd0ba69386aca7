"""GeoPackage, read with Python's own SQLite from memory: plain tables alone, nothing in the file is carried out."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.reading_room.job import Job
from loaders.reading_room.shapes.layer import VectorLayer, crs_of_code, shape_of
from loaders.reading_room.tables import known_headers

_RTREE = re.compile(r"\s*CREATE\s+VIRTUAL\s+TABLE\s+[\"'`\[]?rtree_[^()]{1,400}\sUSING\s+[\"'`\[]?rtree[\"'`\]]?\s*\(", re.IGNORECASE)  # fmt: skip  # noqa: E501
_TRIGGER = re.compile(r"rtree_.{1,400}_(?:insert|update\d?|delete)|trigger_(?:insert|delete)_feature_count_.{1,400}|gpkg_.{1,400}", re.IGNORECASE | re.DOTALL)  # fmt: skip  # noqa: E501
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MAX_TABLES = 2_000
_OLD_VIEWS = frozenset({"st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"})
"""Views that older writers leave for other programs; like every view they are never read."""

_READS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


def layer_of(job: Job) -> VectorLayer | None:
    """First layer with shapes."""
    try:
        base = sqlite3.connect(":memory:")
        try:
            return _layer(_opened(base, job), job)
        finally:
            base.close()
    except (sqlite3.Error, UnicodeError, ValueError, OverflowError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(Message("error.list.map_file", file=job.file, reason=Reason(error))) from error


def _opened(base: sqlite3.Connection, job: Job) -> sqlite3.Connection:
    content = bytearray(job.data)
    content[18:20] = b"\x01\x01"  # a journal beside the file, if there was one, is not there
    base.deserialize(bytes(content))
    base.text_factory = lambda text: text.decode("utf-8", "replace")
    base.execute("PRAGMA trusted_schema = OFF")
    base.execute("PRAGMA query_only = ON")
    return base


def _layer(base: sqlite3.Connection, job: Job) -> VectorLayer | None:
    tables = _plain_tables(base, job)
    wanted = {"gpkg_geometry_columns": "table_name, column_name, srs_id", "gpkg_contents": "table_name"}
    if not set(wanted) <= tables:
        raise DataError(Message("error.room.no_layers", file=job.file))
    contents = {str(row[0]) for row in base.execute("SELECT table_name FROM gpkg_contents LIMIT 10000")}
    layers = base.execute(f"SELECT {wanted['gpkg_geometry_columns']} FROM gpkg_geometry_columns LIMIT 10000").fetchall()  # noqa: S608
    listed = [(str(t), str(c), s) for t, c, s in layers if str(t) in tables and str(t) in contents]
    if not listed:
        return None
    table, geometry, srs = _chosen(base, listed, job)
    names = _columns(base, table, geometry, job)
    base.set_authorizer(_only_reading)
    layer = _rows(base, table, geometry, names, job, _crs(base, srs, tables))
    layer.layers = [name for name, _, _ in listed]
    others = [name for name, _, _ in listed if name != table]
    if others:
        layer.notes.append(("sheets_left", {"sheets": table[:80], "others": ", ".join(others[:8])[:400]}))
    return layer


def _chosen(base: sqlite3.Connection, layers: list[tuple[str, str, Any]], job: Job) -> tuple[str, str, Any]:
    """The layer asked for, else the one whose columns are known best, and of those the newest by its name."""
    asked = str(job.options.get("sheet", ""))
    if asked:
        layer = next((layer for layer in layers if layer[0].casefold() == asked.casefold()), None)
        if layer is None:
            names = ", ".join(name for name, _, _ in layers[:20])[:400]
            raise DataError(Message("error.list.no_sheet", file=job.file, sheet=asked, names=names))
        return layer
    words = job.options.get("words", {})
    if not words or len(layers) == 1:
        return layers[0]
    known = [known_headers(list(_columns(base, table, geometry, job)), words) for table, geometry, _ in layers[:50]]
    years = [max(map(int, _YEAR.findall(table)), default=0) for table, _, _ in layers[:50]]
    scores = list(zip(known, years, strict=True))
    return layers[scores.index(max(scores))]


def _plain_tables(base: sqlite3.Connection, job: Job) -> set[str]:
    """Names of the tables; `DataError` when the file holds anything that would be carried out."""
    tables = set()
    for kind, name, sql in base.execute(f"SELECT type, name, sql FROM sqlite_master LIMIT {_MAX_TABLES}"):  # noqa: S608
        virtual = isinstance(sql, str) and re.match(r"\s*CREATE\s+VIRTUAL", sql, re.IGNORECASE)
        harmless = {
            "table": not virtual or _RTREE.match(sql) is not None,
            "index": True,
            "view": name in _OLD_VIEWS,
            "trigger": _TRIGGER.fullmatch(str(name)) is not None,
        }
        if not harmless.get(str(kind), False):
            raise DataError(Message("error.room.not_plain", file=job.file, name=str(name)[:80], kind=str(kind)[:20]))
        if kind == "table" and not virtual:
            tables.add(str(name))
    return tables


def _columns(base: sqlite3.Connection, table: str, geometry: str, job: Job) -> dict[str, str]:
    """Type of every column with attributes, by name."""
    columns = base.execute(f"PRAGMA table_xinfo({_quoted(table)})").fetchall()
    job.limits.check_table(0, len(columns), job.file)
    if any(column[6] for column in columns):
        raise DataError(Message("error.room.not_plain", file=job.file, name=table[:80], kind="table"))
    if geometry not in {column[1] for column in columns}:
        raise DataError(Message("error.room.no_layers", file=job.file))
    return {str(c[1]): str(c[2]).upper() for c in columns if c[1] != geometry and not c[5]}


def _only_reading(action: int, _one: str | None, _other: str | None, _base: str | None, inner: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READS and inner is None else sqlite3.SQLITE_DENY


def _rows(
    base: sqlite3.Connection, table: str, geometry: str, names: dict[str, str], job: Job, crs: pyproj.CRS | None
) -> VectorLayer:
    most = min(job.limits.rows, job.limits.cells // (len(names) + 1))
    wanted = ", ".join(map(_quoted, (geometry, *names)))
    columns: list[list[Any]] = [[] for _ in names]
    shapes = []
    for row, values in enumerate(base.execute(f"SELECT {wanted} FROM {_quoted(table)} LIMIT {most + 1}"), start=1):  # noqa: S608
        job.limits.check_table(row, len(names), job.file)
        shapes.append(_shape(job, row, values[0]))
        for column, kind, value in zip(columns, names.values(), values[1:], strict=True):
            column.append(_attribute(job, row, kind, value))
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = shapes
    return VectorLayer(list(names), columns, geometries, crs)


def _attribute(job: Job, row: int, kind: str, value: Any) -> Any:
    if isinstance(value, str) and len(value) > job.limits.text:
        long = {"n": len(value), "most": job.limits.text}
        raise DataError(Message("error.room.text", file=job.file, row=str(row), column=kind.lower(), **long))
    return bool(value) if kind == "BOOLEAN" and isinstance(value, int) else value


def _shape(job: Job, row: int, blob: Any) -> Any:
    """Shape in the form GeoPackage has it: a head with an envelope, then WKB."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 9:
        raise DataError(Message("error.room.shape", file=job.file, row=str(row), reason="GP"))
    start = 8 + _ENVELOPE_BYTES.get(blob[3] >> 1 & 7, 0)
    return shape_of(job, row, shapely.from_wkb, blob[start:])


def _crs(base: sqlite3.Connection, srs: Any, tables: set[str]) -> pyproj.CRS | None:
    if "gpkg_spatial_ref_sys" not in tables or srs in (0, -1, None):
        return None
    wanted = "organization, organization_coordsys_id, definition"
    row = base.execute(f"SELECT {wanted} FROM gpkg_spatial_ref_sys WHERE srs_id = ? LIMIT 1", (srs,)).fetchone()  # noqa: S608
    if row is None:
        return None
    authority, code, definition = row
    known = crs_of_code(str(authority), int(code)) if str(code).isdigit() else None
    if known is not None:
        return known
    try:
        written = pyproj.CRS.from_wkt(str(definition))
    except CRSError:
        return None
    return written if written.is_geographic or written.is_projected else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
