"""Published lines of streets: bytes to arrays, with the classes nabij tells apart.

The file holds one row per line: ``class`` (OpenMapTiles schema), ``brunnel`` (bridge, tunnel, ford), ``service``,
``oneway`` (1 along the line, -1 against it, 0), ``ramp`` and the points ``x_dm, y_dm`` in decimetres of EPSG:31370.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message, NumberAsGiven, Reason
from loaders.catalogue.publishers.street_kinds import BRIDGE, ONEWAY, RAMP, STREET_CLASSES, TUNNEL, Kinds

COLUMNS = ("class", "brunnel", "service", "oneway", "ramp", "x_dm", "y_dm")

BELGIUM_DM = (100_000, 3_200_000, 100_000, 3_000_000)
"""Least and greatest x and y of Belgium in decimetres of EPSG:31370, with a margin; degrees fall short of the least."""

_SAME = ("motorway", "trunk", "primary", "secondary", "tertiary", "minor", "service", "pedestrian", "track", "path")
_CLASS = {name: name for name in (*_SAME, "platform", "ferry")} | {"pier": "platform", "corridor": "platform"}
_PARKING = ("parking_aisle", "driveway", "parking", "parking_ailse", "parking_entrance", "drive-through")
_RESTRICTED = ("emergency_access", "bus", "bus_guideway", "maintenance", "yard")
_NO_STREET = ("rollercoaster", "railbike")


@dataclass(frozen=True, eq=False)
class StreetLines:
    """Lines that somebody may travel over; railways and what is gone or planned are left out.

    Attributes
    ----------
    kind : (n,) see `loaders.catalogue.publishers.street_kinds`; one-way ones run along their line
    start : (n + 1,) first point of every line
    xy_dm : (p, 2) points, decimetres of EPSG:31370
    left_out : how many lines of the file are no streets
    """

    kind: Kinds
    start: npt.NDArray[np.int64]
    xy_dm: npt.NDArray[np.int64]
    left_out: int


def parse_street_lines(data: bytes, file: str) -> StreetLines:
    """Read the lines of streets.

    Parameters
    ----------
    data : Parquet with the columns `COLUMNS`
    file : name for error messages

    Raises
    ------
    DataError
        unreadable bytes, no street at all, or points outside Belgium (another coordinate system)
    MissingColumnError
        a column is absent
    """
    return street_lines(read_street_table(data, file), file)


def street_lines(table: pa.Table, file: str) -> StreetLines:
    """Lines of streets in a table that `read_street_table` gave; raises as `parse_street_lines`."""
    kind, used, backward = _kinds(table)
    x, y = (table[name].combine_chunks() for name in ("x_dm", "y_dm"))
    offsets = x.offsets.to_numpy().astype(np.int64)
    sizes = np.diff(offsets)
    used &= sizes >= 2
    if not used.any():
        raise DataError(Message("error.streets.none", file=file))
    points = np.flatnonzero(np.repeat(used, sizes)) + offsets[0]
    xy = np.column_stack([x.values.to_numpy()[points], y.values.to_numpy()[points]]).astype(np.int64)
    west, east, south, north = BELGIUM_DM
    outside = (xy < (west, south)) | (xy > (east, north))
    if outside.any():
        bad = xy[outside.any(axis=1).argmax()] / 10
        raise DataError(
            Message(
                "error.streets.elsewhere", file=file, x=NumberAsGiven(bad[0], ".0f"), y=NumberAsGiven(bad[1], ".0f")
            )
        )
    start = np.append(0, np.cumsum(sizes[used]))
    return StreetLines(kind[used], start, turned(xy, start, backward[used]), int((~used).sum()))


def read_street_table(data: bytes, file: str) -> pa.Table:
    """Table of streets and railways with the columns `COLUMNS`; raises as `parse_street_lines`."""
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
    except (OSError, ValueError, pa.ArrowException) as error:
        raise DataError(Message("error.streets.unreadable", file=file, error=Reason(error))) from error
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise MissingColumnError(Message("error.streets.column", file=file, column=missing[0]))
    return table


def _kinds(table: pa.Table) -> tuple[Kinds, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Kind of every line, whether it is a street, and whether it is one-way against its points."""
    words = {name: _words(table[name]) for name in ("class", "service", "brunnel")}
    named = np.array([_CLASS.get(word, "") for word in words["class"][1]], dtype=object)[words["class"][0]]
    service = words["service"][1][words["service"][0]]
    named = np.where((named == "service") & np.isin(service, _PARKING), "parking", named)
    named = np.where((named == "service") & np.isin(service, _RESTRICTED), "restricted", named)
    used = (named != "") & ~np.isin(service, _NO_STREET)
    code = np.zeros(len(named), dtype=np.uint8)
    for number, name in enumerate(STREET_CLASSES):
        code[named == name] = number
    brunnel = words["brunnel"][1][words["brunnel"][0]]
    oneway = table["oneway"].to_numpy()
    for bit, holds in (
        (ONEWAY, oneway != 0),
        (RAMP, table["ramp"].to_numpy() != 0),
        (BRIDGE, brunnel == "bridge"),
        (TUNNEL, brunnel == "tunnel"),
    ):
        code[holds] |= np.uint8(bit)
    return code, used, oneway < 0


def _words(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]]:
    """Position of the word of every row, and the words; a missing one is empty."""
    coded = column.combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    words = np.array([*(str(word) for word in coded.dictionary.to_pylist()), ""], dtype=object)
    return coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False).astype(np.intp), words


def turned(
    xy: npt.NDArray[np.int64], start: npt.NDArray[np.int64], backward: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Points with the lines marked ``backward`` in the other order."""
    if not backward.any():
        return xy
    line = np.repeat(np.arange(len(backward)), np.diff(start))
    place = np.arange(len(xy))
    return xy[np.where(backward[line], start[line] + start[line + 1] - 1 - place, place)]
