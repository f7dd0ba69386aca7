"""Lists of places, buildings and zones in the child: any of the kinds of file to one table of text, rows numbered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely
from pyproj.exceptions import ProjError

from i18n.errors import DataError
from i18n.messages import Message, WithoutRemedy
from loaders.reading_room.delimited import numbered_rows
from loaders.reading_room.features import Features, features_of
from loaders.reading_room.job import Job, Result, text_table

_AXES = ("lon", "lat", "x", "y")
_LONGEST_HEADER = 500


@dataclass
class _List:
    """Rows of text as they are gathered."""

    headers: list[str]
    columns: list[list[str]]
    rows: list[int]
    header_row: int = 0
    faults: list[tuple[int, str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def result(self) -> Result:
        """Give the rows as a table, the rest as plain values."""
        values = {"headers": self.headers, "header_row": self.header_row, "faults": self.faults, "notes": self.notes}
        rows = pa.table({"row": pa.array(self.rows, type=pa.int64())})
        return Result({"cells": text_table(self.columns), "rows": rows}, values)


def read_list(job: Job) -> Result:
    """Read a list as text, by the option ``form``: ``text``, ``workbook`` or ``map`` (points)."""
    if job.options["form"] == "map":
        return _of_points(features_of(job, "points"), job).result()
    if job.options["form"] == "workbook":
        return _of_workbook(job).result()
    rows, notes, by_comma = numbered_rows(job)
    return _gathered(rows, job, notes, decimal_hint=by_comma).result()


def _gathered(
    numbered: Iterable[tuple[int, list[str]]], job: Job, notes: list[str], *, decimal_hint: bool = False
) -> _List:
    """Header and rows to a table; rows with more fields than the header are faults, empty rows are passed over."""
    filled = ((row, [f.strip() for f in fields]) for row, fields in numbered if any(f.strip() for f in fields))
    header_row, headers = next(filled, (0, []))
    while headers and not headers[-1]:
        headers = headers[:-1]
    repeated = [header for header, n in Counter(headers).items() if header and n > 1]
    if repeated:
        raise DataError(Message("error.list.column_twice", file=job.file, column=repeated[0]))
    _check_headers(header_row, headers, job)
    named = [i for i, header in enumerate(headers) if header]
    found = _List([headers[i] for i in named], [[] for _ in named], [], header_row, notes=notes)
    for row, fields in filled:
        if any(fields[len(headers) :]):
            key = "too_many_fields_comma" if decimal_hint else "too_many_fields"
            found.faults.append((len(found.rows), "", fields[len(headers)][:200], key))
        _add(found, row, [fields[i] if i < len(fields) else "" for i in named], job)
    return found


def _check_headers(row: int, headers: list[str], job: Job) -> None:
    job.limits.check_table(0, len(headers), job.file)
    long = max(headers, key=len, default="")
    if len(long) > _LONGEST_HEADER:
        words: dict[str, str | int] = {"column": long[:80], "n": len(long), "most": _LONGEST_HEADER}
        raise DataError(Message("error.room.text", file=job.file, row=str(row), **words))


def _add(found: _List, row: int, cells: list[str], job: Job) -> None:
    found.rows.append(row)
    job.limits.check_table(len(found.rows), len(found.headers), job.file)
    for column, header, cell in zip(found.columns, found.headers, cells, strict=True):
        if len(cell) > job.limits.text:
            long = {"n": len(cell), "most": job.limits.text}
            raise DataError(Message("error.room.text", file=job.file, row=str(row), column=header[:80], **long))
        column.append(cell)


def _of_workbook(job: Job) -> _List:
    from loaders.reading_room.workbook import filled_rows, open_book

    try:
        rows = filled_rows(open_book(job).worksheets[0], job)
    except DataError as error:
        if _of_room(error):
            raise
        raise DataError(Message("error.list.resave", fault=WithoutRemedy(error))) from error
    except IndexError as error:
        raise DataError(Message("error.list.first_sheet", file=job.file)) from error
    numbered = list(rows.items())
    first = next((i for i, (_, row) in enumerate(numbered) if not _is_comment(row)), None)
    if first is None:
        raise DataError(Message("error.list.first_sheet", file=job.file))
    return _gathered(numbered[first:], job, [])


def _of_room(error: DataError) -> bool:
    return isinstance(error.message, Message) and error.message.key.startswith("error.room.")


def _is_comment(row: list[str]) -> bool:
    return next((cell for cell in row if cell), "").startswith("#")


def _of_points(features: Features, job: Job) -> _List:
    geographic = features.crs.is_geographic
    shapes = turned(features.shapes, features.crs, job.systems["geographic" if geographic else "storage"], job.file)
    names = _AXES[:2] if geographic else _AXES[2:]
    kept = [i for i, name in enumerate(features.names) if name not in _AXES]
    cells = features.as_text(kept)
    faults, points = [], []
    for position, shape in enumerate(shapes):
        point, fault = _point(shape)
        if fault:
            faults.append((position, "geometry", fault, "not_a_point"))
        points.append(point)
    columns = [*cells, *([point[axis] for point in points] for axis in range(2))]
    headers = [*(features.names[i] for i in kept), *names]
    found = _List(headers, [[] for _ in headers], [])
    for row, values in enumerate(zip(*columns, strict=True), start=1):
        _add(found, row, list(values), job)
    found.faults = faults
    return found


def _point(shape: Any) -> tuple[tuple[str, str], str]:
    """Coordinates of a point as text, and the kind of a shape that is none."""
    if shape is not None and shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    if shape is None or shape.is_empty:
        return ("", ""), ""
    if shape.geom_type != "Point":
        return ("", ""), str(shape.geom_type)
    return (repr(float(shape.x)), repr(float(shape.y))), ""


def turned(shapes: npt.NDArray[Any], crs: pyproj.CRS, to: str, file: str) -> npt.NDArray[Any]:
    """Shapes in another coordinate system; what does not fit in it becomes infinite."""
    if crs == pyproj.CRS.from_user_input(to):
        return shapes
    try:
        transformer = pyproj.Transformer.from_crs(crs, to, always_xy=True)
    except ProjError as error:
        raise DataError(Message("error.room.crs", file=file)) from error

    def turn(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(shapes, turn), dtype=object)
