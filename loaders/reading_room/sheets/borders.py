"""Drawn borders in the child: turned to metres, put right where they cross themselves, compared and joined."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from i18n.errors import DataError
from i18n.messages import Message
from loaders.reading_room.job import Job, ReadResult, text_array, text_table
from loaders.reading_room.shapes.features import Features, features_of
from loaders.reading_room.shapes.layer import crs_of_code
from loaders.reading_room.sheets.lists import turned

_AREAL = ("Polygon", "MultiPolygon")
_AREA = 2
_LINES_AT_A_TIME, _PAIRS_AT_A_TIME = 1_000, 200_000
_TANGLED_PAIRS, _TANGLED = 2_000_000, 500
"""Pairs of lines whose boxes meet, in all and for every line, from which a border is not looked at any further."""

_ALL_TOGETHER = 3
"""Times the limit of one shape that the borders of all shapes of a file together may cross themselves."""


def read_borders(job: Job) -> ReadResult:
    """Attributes as text and the shape of every feature, with what is wrong with it.

    Tables ``cells`` and ``shapes``: ``shape`` (WKB, metres, null where it is refused), ``fault`` (``no_shape``,
    ``not_on_earth``, ``not_a_polygon`` or ''), ``value`` (the kind of a shape that is no polygon) and ``repaired``.
    With the option ``shapes`` false only the attributes are read.
    """
    features = features_of(job, "polygons")
    cells = text_table(features.as_text())
    for name, column in zip(features.names, cells.columns, strict=True):
        _check_text(name, column, job)
    values = {"headers": features.names, "n": len(features.shapes), "notes": features.notes}
    if not job.options.get("shapes", True):
        return ReadResult({"cells": cells}, values)
    return ReadResult({"cells": cells, "shapes": _drawn(features, job)}, values)


def read_drawn(job: Job) -> ReadResult:
    """Shapes that stand as text in a column ``shape``: WKT, also with ``SRID=…;``, WKB in hex, or GeoJSON.

    Without a system of its own (or the option ``crs``) a shape is in degrees where its numbers can be, else in metres
    of the region. The table ``shapes`` is that of `read_borders`, with the fault ``not_drawn`` for any other text.
    """
    with pa.ipc.open_stream(io.BytesIO(job.data)) as stream:
        words = [str(word or "") for word in stream.read_all()["shape"].to_pylist()]
    shapes = np.empty(len(words), dtype=object)
    codes, unreadable = [], []
    for row, word in enumerate(words):
        job.mark(row + 1)
        try:
            shapes[row], code = _shape_of_text(word)
        except (shapely.errors.ShapelyError, ValueError, TypeError, OverflowError, RecursionError):
            shapes[row], code = None, 0
            unreadable.append(row)
        codes.append(code or int(job.options.get("crs") or 0) or (0 if _in_degrees(shapes[row]) else _METRES))
    _check_corners(shapes, job)
    for code in sorted(set(codes)):
        at = np.flatnonzero(np.array(codes) == code)
        given = {0: job.systems["geographic"], _METRES: job.systems["storage"]}.get(code)
        crs = pyproj.CRS.from_user_input(given) if given else crs_of_code("EPSG", code)
        if crs is None:
            raise DataError(Message("error.room.crs", file=job.file))
        shapes[at] = turned(shapes[at], crs, job.systems["storage"], job.file)
    storage = pyproj.CRS.from_user_input(job.systems["storage"])
    table = _drawn(Features([], [], shapes, storage), job)
    faults = [("not_drawn" if row in unreadable else fault) for row, fault in enumerate(table["fault"].to_pylist())]
    return ReadResult({"shapes": table.set_column(1, "fault", text_array(faults))}, {})


_METRES = -1
_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)


def _shape_of_text(word: str) -> tuple[Any, int]:
    """Shape of a text and the number of its system in EPSG, 0 where it has none."""
    if not word.strip():
        return None, 0
    if word.lstrip()[:1] == "{":
        return shapely.from_geojson(word), 0
    if word[:1] == "0":
        shape = shapely.from_wkb(word.strip())
        return shape, int(shapely.get_srid(shape))
    srid = _SRID.match(word)
    return shapely.from_wkt(word[srid.end() :] if srid else word), int(srid.group(1)) if srid else 0


def _in_degrees(shape: Any) -> bool:
    return shape is None or bool(np.abs(np.array(shape.bounds)).max(initial=0) <= _MAX_DEGREES)


_MAX_DEGREES = 180


def _check_corners(shapes: npt.NDArray[Any], job: Job) -> None:
    corners = int(shapely.get_num_coordinates(shapes).sum())
    if corners > job.limits.vertices:
        raise DataError(Message("error.room.vertices", file=job.file, n=corners, most=job.limits.vertices))


def _check_text(name: str, column: pa.ChunkedArray, job: Job) -> None:
    for row, word in enumerate(column.to_pylist(), start=1):
        if len(word) > job.limits.text:
            long = {"n": len(word), "most": job.limits.text}
            raise DataError(Message("error.room.text", file=job.file, row=str(row), column=name[:80], **long))


def _drawn(features: Features, job: Job) -> pa.Table:
    shapes = turned(features.shapes, features.crs, job.systems["storage"], job.file)
    drawn, faults, values, repaired = [], [], [], []
    left = _ALL_TOGETHER * job.limits.crossings
    for row, shape in enumerate(shapes, start=1):
        job.mark(row)
        fault, value = _fault(shape)
        flat = None if fault else shapely.force_2d(shape)
        crossing = flat is not None and not shapely.is_valid(flat)
        if crossing:
            left -= check_crossings(flat, row, job, left)
            flat = mended(flat)
        drawn.append(flat)
        faults.append(fault)
        values.append(value)
        repaired.append(crossing)
    return pa.table(
        {
            "shape": wkb_array(np.array([*drawn, None], dtype=object)[:-1]),
            "fault": text_array(faults),
            "value": text_array(values),
            "repaired": pa.array(repaired, type=pa.bool_()),
        }
    )


def _fault(shape: Any) -> tuple[str, str]:
    if shape is None or shape.is_empty:
        return "no_shape", ""
    if not on_earth(shape):
        return "not_on_earth", ""
    return ("", "") if shape.geom_type in _AREAL else ("not_a_polygon", shape.geom_type)


def mended(shape: Any) -> Any:
    """Valid polygon of one whose border crosses itself."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == _AREA])


def check_crossings(shape: Any, row: int, job: Job, left: int) -> int:
    """How often the border of a shape crosses itself; `DataError` when it is more often than is put right.

    Parameters
    ----------
    left : how often it may, with what was found in the shapes before
    """
    most = min(job.limits.crossings, left)
    try:
        n = crossings(shape, most)
    except TangledError as error:
        raise DataError(Message("error.room.tangled", file=job.file, row=str(row))) from error
    if n > most:
        raise DataError(Message("error.room.crossings", file=job.file, row=str(row), most=job.limits.crossings))
    return n


def on_earth(shape: Any) -> bool:
    """Whether every corner has coordinates; bounds are not enough, since they pass over corners that have none."""
    return bool(np.isfinite(shapely.get_coordinates(shape)).all())


def check_on_earth(shape: Any, row: int, job: Job) -> None:
    """Raise `DataError` when a corner of a shape has no coordinates, or none in the system it was turned to."""
    if not on_earth(shape):
        raise DataError(Message("error.room.not_on_earth", file=job.file, row=str(row)))


class TangledError(Exception):
    """So many lines of a border lie in one another's way that counting their crossings takes too long."""


def crossings(shape: Any, most: int) -> int:
    """How often the lines of a shape cross or run over one another, counted until it is more than ``most``.

    Boxes around the lines are compared first; of those that meet, signs of areas say whether the lines do. As many
    lines at a time as have about `_PAIRS_AT_A_TIME` neighbours, so that a border which crosses itself everywhere costs
    no more than its first lines.

    Raises
    ------
    TangledError
        most of its lines have hundreds of others in their way, whether they cross or not

    Examples
    --------
    >>> crossings(shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"), 10)
    1
    """
    corners, line = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape)), return_index=True)
    within = (line[1:] == line[:-1]) & (corners[1:] != corners[:-1]).any(axis=1)
    ends = np.stack([corners[:-1], corners[1:]], axis=1)[within]
    lines = shapely.linestrings(ends)
    tree = shapely.STRtree(lines)
    number = first = looked = 0
    at_a_time = 1
    while first < len(lines) and number <= most:
        one, other = tree.query(lines[first : first + at_a_time])
        later = one + first < other
        number += int(_meet(ends[one[later] + first], ends[other[later]]).sum())
        first += at_a_time
        looked += len(one)
        if looked > max(_TANGLED_PAIRS, _TANGLED * first) and number <= most:
            raise TangledError
        fitting = _PAIRS_AT_A_TIME * at_a_time // max(len(one), 1)
        at_a_time = max(1, min(fitting, 4 * at_a_time, _LINES_AT_A_TIME))
    return number


def _meet(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Whether lines ``(n, 2, 2)`` cross inside both, or lie on one another along more than a point."""
    a, b, c, d = one[:, 0], one[:, 1], other[:, 0], other[:, 1]
    of_c, of_d, of_a, of_b = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    cross = (of_c * of_d < 0) & (of_a * of_b < 0)
    along = (of_c == 0) & (of_d == 0)
    if along.any():
        shared = np.minimum(one.max(axis=1), other.max(axis=1)) - np.maximum(one.min(axis=1), other.min(axis=1))
        cross |= along & (shared.max(axis=1) > 0) & (shared.min(axis=1) >= 0)
    return np.asarray(cross)


def _side(
    start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], point: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Side of a line on which a point lies: 1, -1, or 0 on it."""
    way, to = end - start, point - start
    return np.asarray(np.sign(way[:, 0] * to[:, 1] - way[:, 1] * to[:, 0]))


def settle_overlaps(job: Job) -> ReadResult:
    """Compare borders with the land and with one another, and join those of one zone.

    The content is a table ``row, zone, shape`` in Arrow's form, the land the last of its shapes; the option
    ``overlap_m2`` is what two zones may share. Tables: ``outside`` (``row``), ``overlaps`` (``row, before, area``) and
    ``zones`` (``zone, row, shape``: the row of every piece, the joined shape beside the last of them).
    """
    with pa.ipc.open_stream(io.BytesIO(job.data)) as stream:
        given = stream.read_all()
    rows, zones = given["row"].to_pylist()[:-1], given["zone"].to_pylist()[:-1]
    shapes = shapely.from_wkb(given["shape"].to_numpy())
    land, shapes = shapes[-1], shapes[:-1]
    shapely.prepare(land)
    inside = shapely.intersects(land, shapes)
    kept = np.flatnonzero(inside).tolist()
    overlaps = _overlaps(kept, rows, zones, shapes, job)
    gone = {row for row, _, _ in overlaps}
    pieces = [i for i in kept if rows[i] not in gone]
    outside = [row for row, there in zip(rows, inside.tolist(), strict=True) if not there]
    tables = {
        "outside": pa.table({"row": pa.array(outside, type=pa.int64())}),
        "overlaps": pa.table(
            {
                "row": pa.array([row for row, _, _ in overlaps], type=pa.int64()),
                "before": pa.array([before for _, before, _ in overlaps], type=pa.int64()),
                "area": pa.array([area for _, _, area in overlaps], type=pa.float64()),
            }
        ),
        "zones": _joined(pieces, rows, zones, shapes, job),
    }
    return ReadResult(tables, {})


def _overlaps(
    kept: list[int], rows: list[int], zones: list[str], shapes: npt.NDArray[Any], job: Job
) -> list[tuple[int, int, float]]:
    """Rows that share more with an earlier row of another zone than they may; what is refused refuses no other."""
    tree, at = shapely.STRtree(shapes[kept]), np.array(kept, dtype=np.intp)
    gone: set[int] = set()
    overlaps = []
    for first in kept:
        if first in gone:
            continue
        job.mark(rows[first])
        shapely.prepare(shapes[first])
        for second in sorted(at[tree.query(shapes[first])].tolist()):
            if second <= first or second in gone or zones[second] == zones[first]:
                continue
            if not shapely.intersects(shapes[first], shapes[second]):
                continue
            area = float(shapely.area(shapely.intersection(shapes[first], shapes[second])))
            if area > float(job.options["overlap_m2"]):
                overlaps.append((rows[second], rows[first], area))
                gone.add(second)
    return overlaps


def _joined(pieces: list[int], rows: list[int], zones: list[str], shapes: npt.NDArray[Any], job: Job) -> pa.Table:
    """Pieces by zone; all pieces of a zone but the last have no shape, the last has that of all together."""
    of_zone: dict[str, list[int]] = {}
    for piece in pieces:
        of_zone.setdefault(zones[piece], []).append(piece)
    joined = {}
    for members in of_zone.values():
        job.mark(rows[members[-1]])
        joined[members[-1]] = shapes[members[0]] if len(members) == 1 else shapely.union_all(shapes[members])
    return pa.table(
        {
            "zone": text_array([zones[i] for i in pieces]),
            "row": pa.array([rows[i] for i in pieces], type=pa.int64()),
            "shape": wkb_array(np.array([*(joined.get(i) for i in pieces), None], dtype=object)[:-1]),
        }
    )


def wkb_array(shapes: npt.NDArray[Any]) -> pa.Array:
    """Shapes as WKB, null where there is none."""
    return pa.array(shapely.to_wkb(shapes).tolist() if len(shapes) else [], type=pa.large_binary())


def read_area(job: Job) -> ReadResult:
    """The union of the polygons of a map file, metres."""
    wrong = Message("error.list.area", file=job.file)
    features = features_of(job, "polygons")
    shapes = features.shapes
    if not len(shapes) or not all(shape is not None and shape.geom_type in _AREAL for shape in shapes):
        raise DataError(wrong)
    flat = shapely.force_2d(turned(shapes, features.crs, job.systems["storage"], job.file))
    whole = []
    left = _ALL_TOGETHER * job.limits.crossings
    for row, shape in enumerate(flat, start=1):
        job.mark(row)
        check_on_earth(shape, row, job)
        valid = shapely.is_valid(shape)
        left -= 0 if valid else check_crossings(shape, row, job, left)
        whole.append(shape if valid else mended(shape))
    job.mark(0)
    union = shapely.union_all(whole)
    if union.is_empty:
        raise DataError(wrong)
    return ReadResult({"area": pa.table({"shape": wkb_array(np.array([union], dtype=object))})}, {})


def mend_borders(job: Job) -> ReadResult:
    """Borders of a publisher that cross themselves, put right in the way of the option ``method``."""
    with pa.ipc.open_stream(io.BytesIO(job.data)) as stream:
        given = stream.read_all()
    shapes = shapely.from_wkb(given["shape"].to_numpy())
    left = _ALL_TOGETHER * job.limits.crossings
    for row, shape in enumerate(shapes, start=1):
        job.mark(row)
        check_on_earth(shape, row, job)
        left -= check_crossings(shape, row, job, left)
    valid = shapely.make_valid(shapes, method=job.options["method"])
    return ReadResult({"shapes": pa.table({"shape": wkb_array(valid)})}, {})
