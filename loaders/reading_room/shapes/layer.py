"""A layer of a map file as the file has it, and what the readers of its formats share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from i18n.errors import DataError, one_line
from i18n.messages import Message, Reason
from loaders.reading_room.job import Job


@dataclass
class VectorLayer:
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
        reason = Reason(error, one_line(error).removeprefix("IllegalArgumentException: ")[:120])
        raise DataError(Message("error.room.shape", file=job.file, row=str(row), reason=reason)) from error


def crs_of_code(authority: str, code: int) -> pyproj.CRS | None:
    """Coordinate system of EPSG by its number; None where there is no such system."""
    try:
        return pyproj.CRS.from_epsg(code) if authority.upper() == "EPSG" else None
    except CRSError:
        return None


def refuse_without_system(job: Job, shapes: npt.NDArray[Any]) -> NoReturn:
    """Raise `DataError` for a map that does not say its coordinate system, naming the one that its numbers look like.

    The option ``likely`` holds number, name and bounds of the systems that are known.
    """
    bounds = shapely.bounds(shapes)
    middle = np.nanmedian(bounds, axis=0) if len(bounds) and np.isfinite(bounds).any() else np.full(4, np.nan)
    x, y = (middle[0] + middle[2]) / 2, (middle[1] + middle[3]) / 2
    for code, name, left, right, low, top in job.options.get("likely", ()):
        if left <= x <= right and low <= y <= top:
            raise DataError(Message("error.list.no_crs_like", file=job.file, code=str(code), name=str(name)))
    raise DataError(Message("error.list.no_crs", file=job.file))
