"""Lists of places, buildings and zones in the child: any of the kinds of file to one table of text, rows numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import ProjError

from i18n.errors import DataError
from i18n.messages import Message, WithoutRemedy
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job, ReadResult
from loaders.reading_room.packed import form_of_bytes, unpacked
from loaders.reading_room.shapes.features import Features, features_of
from loaders.reading_room.sheets.columns import columns_of
from loaders.reading_room.sheets.delimited import numbered_rows
from loaders.reading_room.sheets.records import records_of
from loaders.reading_room.tables import TextList, add_row, clean, gathered, list_of_grids, some

_AXES = ("lon", "lat", "x", "y")


def read_list(job: Job) -> ReadResult:
    """Read a list as text.

    Options: ``form`` (``text``, ``workbook``, ``map`` (points), ``columns``, or ``any`` where the bytes tell, also of
    what is packed); ``words``, the field by spelling of a header, by which sheet and headers are found; ``sheet``, the
    sheet or layer asked for.
    """
    form = job.options["form"]
    if form == "any":
        job = unpacked(job)
        form = form_of_bytes(job)
    if form == "columns":
        found = columns_of(job)
        return (_of_points(found, job) if isinstance(found, Features) else found).result()
    if form == "map":
        if kind_of(bytes(job.view[:512])) == "json" and (table := records_of(job)) is not None:
            return table.result()
        return _of_points(features_of(job, "points"), job).result()
    if form == "workbook":
        wide = job.view[:2] in (b"\xff\xfe", b"\xfe\xff")
        if not wide and kind_of(bytes(job.view[:512])) not in ("text", "json"):
            return _of_workbook(job).result()
        if b"\t" not in job.view[:_TABLE] and b";" not in job.view[:_TABLE] and b"," not in job.view[:_TABLE]:
            raise DataError(Message("error.list.no_book", file=job.file))
    rows, notes, by_comma = numbered_rows(job)
    return gathered(rows, job, [(note, {}) for note in notes], decimal_hint=by_comma).result()


_TABLE = 2_000
"""Bytes at the beginning of a file with the name of a workbook in which text shows that it is delimited."""


def _of_workbook(job: Job) -> TextList:
    from loaders.reading_room.sheets.web_tables import grids_of_page
    from loaders.reading_room.sheets.workbook import grids_of

    if kind_of(bytes(job.view[:512])) in ("xml", "html"):
        return list_of_grids(grids_of_page(job), job)
    try:
        return list_of_grids(grids_of(job), job)
    except DataError as error:
        if not isinstance(error.message, Message) or not error.message.key.startswith("error.file."):
            raise
        raise DataError(Message("error.list.resave", fault=WithoutRemedy(error))) from error


def _of_points(features: Features, job: Job) -> TextList:
    geographic = features.crs.is_geographic
    shapes = turned(features.shapes, features.crs, job.systems["geographic" if geographic else "storage"], job.file)
    names = _AXES[:2] if geographic else _AXES[2:]
    kept = [i for i, name in enumerate(features.names) if name.lower() not in _AXES]
    cells = features.as_text(kept)
    faults, points = [], []
    for position, shape in enumerate(shapes):
        point, fault = _point(shape)
        if fault:
            faults.append((position, "geometry", fault, "not_a_point"))
        points.append(point)
    columns = [*cells, *([point[axis] for point in points] for axis in range(2))]
    headers = [*(features.names[i] for i in kept), *names]
    listed = TextList(headers, [[] for _ in headers], [])
    for row, values in enumerate(zip(*columns, strict=True), start=1):
        add_row(listed, row, [clean(value) for value in values], job)
    listed.faults, listed.turned = faults, True
    listed.all_sheets = features.layers
    listed.notes = [(key, dict(values)) for key, values in features.notes]
    if geographic and (apart := _apart(features, points)):
        listed.notes.append(("other_coordinates", {"n": len(apart), "rows": some(apart)}))
    return listed


def _apart(features: Features, points: Sequence[tuple[str, str]]) -> list[str]:
    """Numbers of the features whose own columns of degrees name another spot than their point."""
    at = {name.lower(): i for i, name in enumerate(features.names) if name.lower() in _AXES[:2]}
    if len(at) < len(_AXES[:2]):
        return []
    columns = features.as_text([at["lon"], at["lat"]])
    return [
        str(row)
        for row, (point, *written) in enumerate(zip(points, *columns, strict=True), start=1)
        if any(_is_apart(one, other) for one, other in zip(point, written, strict=True))
    ]


def _is_apart(one: str, other: str) -> bool:
    """Whether two numbers of degrees differ by more than a hundred metres."""
    try:
        return abs(float(one) - float(other.replace(",", "."))) > _APART
    except ValueError:
        return False


_APART = 0.002


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
