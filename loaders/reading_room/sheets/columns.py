"""Tables that are kept by column in the child: Parquet, GeoParquet and Arrow (Feather)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from pyproj.exceptions import CRSError

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job
from loaders.reading_room.shapes.features import Features, plain_text
from loaders.reading_room.tables import TextList, add_row, clean


@dataclass(frozen=True)
class Columns:
    """A table by column that was opened and not read yet.

    Attributes
    ----------
    schema : names and types
    source : a file of Parquet, or the whole table
    """

    schema: pa.Schema
    source: pq.ParquetFile | pa.Table

    def read(self, names: Sequence[str]) -> pa.Table:
        """Columns by name."""
        if isinstance(self.source, pa.Table):
            return self.source.select(list(names))
        return self.source.read(columns=list(names), use_threads=False)


def open_columns(job: Job) -> Columns:
    """Open a table by column, within the limits of a table and of memory; raises what pyarrow raises."""
    if kind_of(bytes(job.view[:64])) == "arrow":
        with pa.ipc.open_file(pa.BufferReader(job.data)) as opened:
            table = opened.read_all()
        table.validate(full=True)
        job.limits.check_table(table.num_rows, max(table.num_columns, 1), job.file)
        return Columns(table.schema, table)
    file = pq.ParquetFile(io.BytesIO(job.data))
    held = file.metadata
    job.limits.check_table(held.num_rows, 1, job.file)
    job.limits.check_table(1, held.num_columns, job.file)
    size = sum(held.row_group(i).total_byte_size for i in range(held.num_row_groups))
    if size > job.limits.memory:
        raise DataError(Message("error.room.memory", file=job.file, most=round(job.limits.memory / 1e6)))
    return Columns(file.schema_arrow, file)


def columns_of(job: Job) -> TextList | Features:
    """Rows of a table by column as text; features where it is GeoParquet with points.

    Other shapes stand as hexadecimal WKB with the number of their system in their column.
    """
    try:
        opened = open_columns(job)
        names = list(opened.schema.names)
        table = opened.read(names)
        job.limits.check_table(table.num_rows, table.num_columns, job.file)
        values = {name: _values(table.column(at)) for at, name in enumerate(names)}
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(Message("error.list.columns", file=job.file, reason=Reason(error))) from error
    column, crs = _geometry(opened.schema)
    if column in values:
        shapes = _shapes(values[column], job)
        if all(shape is None or shape.geom_type in ("Point", "MultiPoint") for shape in shapes):
            kept = [name for name in names if name != column]
            return Features(kept, [values[name] for name in kept], shapes, crs)
        code = crs.to_epsg() or 4326
        values[column] = [
            "" if shape is None else shapely.to_wkb(shapely.set_srid(shape, code), hex=True, include_srid=True)
            for shape in shapes
        ]
    found = TextList(names, [[] for _ in names], [])
    for row, cells in enumerate(zip(*values.values(), strict=True), start=1):
        add_row(found, row, [clean(plain_text(cell)) for cell in cells], job)
    return found


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values: list[Any] = column.to_pylist()
    return values


def _geometry(schema: pa.Schema) -> tuple[str, pyproj.CRS]:
    """Column with the shapes of GeoParquet and its system, which is degrees where it is not said; '' for any other."""
    degrees = pyproj.CRS.from_epsg(4326)
    try:
        geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
        column = str(geo.get("primary_column", ""))
        about: Mapping[str, Any] = geo.get("columns", {}).get(column, {})
        given = about.get("crs")
        return column, pyproj.CRS.from_json_dict(given) if isinstance(given, dict) else degrees
    except (ValueError, AttributeError, RecursionError, CRSError):
        return "", degrees


def _shapes(values: list[Any], job: Job) -> Any:
    shapes = np.empty(len(values), dtype=object)
    for row, value in enumerate(values):
        try:
            shapes[row] = shapely.from_wkb(value) if isinstance(value, bytes) else None
        except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
            raise DataError(
                Message("error.room.shape", file=job.file, row=str(row + 1), reason=Reason(error))
            ) from error
    return shapes
