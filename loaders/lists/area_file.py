"""Places and areas that a user points at: a point in degrees, a polygon in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely

from i18n.errors import MissingFileError
from i18n.messages import Message, MessageError
from loaders.reading_room import read
from loaders.snapshot.locator import plausible_degrees, read_point


def read_lat_lon(given: str) -> tuple[float, float]:
    """Read ``LAT,LON`` in degrees as metres; `InputError` when no place of the region can lie there.

    Examples
    --------
    >>> [round(value) for value in read_lat_lon("51.1474,2.9986")]
    [54128, 205035]
    """
    try:
        lat, lon = (float(part) for part in given.split(","))
    except ValueError:
        raise MessageError("error.question.at", value=given) from None
    point, fault = read_point(lat, lon, None, None)
    if point is None or fault or not plausible_degrees(lat, lon):
        raise MessageError("error.question.at_elsewhere", value=given)
    return float(point[0]), float(point[1])


def _between(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def read_area(file: Path) -> Any:
    """Read the union of the polygons of a map file as a shapely geometry in metres.

    Raises
    ------
    MissingFileError, DataError
        when there is no such file, it cannot be read, or it holds something else than polygons
    """
    if not file.is_file():
        raise MissingFileError(Message("error.question.no_area_file", file=str(file)))
    answer = read("area", file, file=file.name)
    return shapely.from_wkb(answer.tables["area"]["shape"][0].as_py())
