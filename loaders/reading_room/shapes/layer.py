"""A layer of a map file as the file has it, and what the readers of its formats share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from i18n.errors import DataError, one_line
from i18n.messages import Message, Reason
from loaders.reading_room.job import Job


@dataclass
class Layer:
    """A layer as its file has it; the coordinate system may be missing."""

    names: list[str]
    columns: list[list[Any]]
    shapes: npt.NDArray[Any]
    crs: pyproj.CRS | None
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)


def shape_of(job: Job, row: int, read: Any, given: Any) -> Any:
    """Shape by a function of shapely; `DataError` naming the row when it cannot be read."""
    try:
        return read(given)
    except (shapely.errors.ShapelyError, ValueError, TypeError, OverflowError) as error:
        reason = Reason(error, one_line(error)[:120])
        raise DataError(Message("error.room.shape", file=job.file, row=str(row), reason=reason)) from error


def crs_of_code(authority: str, code: int) -> pyproj.CRS | None:
    """Coordinate system of EPSG by its number; None where there is no such system."""
    try:
        return pyproj.CRS.from_epsg(code) if authority.upper() == "EPSG" else None
    except CRSError:
        return None
