"""Features of a map service to a frame in metres, once it is sure that all are there, each once and in place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError

from i18n.errors import DataError, IncompleteError, NotDataError, one_line
from i18n.messages import Message, Note, NumberAsGiven, Reason
from loaders.catalogue.regions.projection import storage_crs
from loaders.protocols.geometry import Checked, checked
from loaders.reading_room import PUBLISHER, read

__all__ = [
    "CAPS", "Box", "Checked", "Collection", "Gathering", "checked", "locate", "to_frame",
]  # fmt: skip

Box = tuple[float, float, float, float]

CAPS = (1_000, 5_000, 10_000)
"""Totals at which services are known to stop without saying so."""

_DEGREES = "OGC:CRS84"
_MAX_OUTSIDE = 0.01


@dataclass(frozen=True)
class Collection:
    """Every feature of a collection.

    Attributes
    ----------
    frame : attributes, ``feature_id`` and geometry in metres; geometries as published, nulls included
    matched : how many the service says there are, None when it does not say
    pages : answers it took
    sha256 : of all answers, one after another
    fetched_at : when the first answer came, ISO 8601 (UTC)
    notes : what was put right on the way, such as swapped axes
    """

    frame: gpd.GeoDataFrame
    matched: int | None
    pages: int
    sha256: str
    fetched_at: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What an answer held: how many features, and where the next page is, as the service writes it."""

    count: int
    next: str | None


@dataclass
class Gathering:
    """Features as the pages come in.

    Parameters
    ----------
    where : name of the collection in errors
    doubted : numbers that are not believed as the number of features: limits of the service, which some give instead
    """

    where: str
    doubted: frozenset[int] = frozenset(CAPS)
    features: dict[str, tuple[dict[str, Any], Any]] = field(default_factory=dict)  # attributes and shape, by id
    matched: int | None = None
    pages: int = 0
    declared: str | None = None
    fetched_at: str = ""
    received: int = 0
    _ends: set[str] = field(default_factory=set)  # some services give a feature another id every time
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes, fetched_at: str = "") -> Page:
        """Take in a page of GeoJSON, read in the reading room.

        Raises
        ------
        NotDataError
            it is no FeatureCollection
        DataError
            it takes more than a publisher's file may, or a shape is not on earth
        IncompleteError
            every feature of it came before, or the number of features changed since the page before
        """
        answer = read("page", data, file=self.where, limits=PUBLISHER)
        values, table = answer.values, answer.tables["features"]
        ids = table["id"].to_pylist()
        if ids and (all(known in self.features for known in ids) or values["ends"] in self._ends):
            raise IncompleteError(
                Message("error.protocol.pages_repeat", where=str(self.where), page=str(self.pages + 1))
            )
        self.expect(values["matched"])
        self.declared = self.declared or values["declared"]
        self.fetched_at = self.fetched_at or fetched_at
        self.pages += 1
        self.received += len(ids)
        self._ends.add(values["ends"])
        self._digest.update(data)
        shapes = shapely.from_wkb(table["geometry"].to_numpy()) if ids else ()
        columns = {name: table[str(i)].to_pylist() for i, name in enumerate(values["names"])}
        for row, (known, shape) in enumerate(zip(ids, shapes, strict=True)):
            self.features[known] = ({name: column[row] for name, column in columns.items()}, shape)
        return Page(len(ids), next(iter(values["next"]), None))

    def expect(self, matched: int | None) -> None:
        """Note how many features the service says there are, unless that is a limit of its own."""
        if matched is None or matched in self.doubted:
            return
        if self.matched is not None and matched != self.matched:
            raise IncompleteError(
                Message("error.protocol.changed", where=str(self.where), before=str(self.matched), after=str(matched))
            )
        self.matched = matched

    def merge(self, other: Gathering) -> None:
        """Take in a part that was gathered on its own; a feature in two parts counts once."""
        self.features |= other.features
        self.pages += other.pages
        self.declared = self.declared or other.declared
        self.fetched_at = self.fetched_at or other.fetched_at
        self._digest.update(other._digest.digest())

    def done(self) -> bool:
        """Whether as many features came as the service spoke of."""
        return self.matched is not None and self.received >= self.matched

    def check(self, caps: Sequence[int], *, allow_empty: bool = False) -> None:
        """Raise unless the collection is complete; a total that is a known cap is not believed."""
        count = len(self.features)
        if self.matched is not None and count != self.matched:
            raise IncompleteError(
                Message("error.protocol.part", where=str(self.where), count=str(count), matched=str(self.matched))
            )
        if not allow_empty:
            self.check_filled()
        if count == max(CAPS) or (self.matched is None and count in caps):
            raise IncompleteError(Message("error.protocol.limit", where=str(self.where), count=count))

    def check_filled(self) -> None:
        """Raise unless there is at least one feature."""
        if not self.features:
            raise NotDataError(Message("error.protocol.empty", where=str(self.where)))

    def collection(self, asked: str, box: Box, declared: str | None = None) -> Collection:
        """Give what came, in metres; ``asked`` is the system the service was asked for."""
        frame, notes = to_frame(self.features, asked, declared or self.declared, box, self.where)
        return Collection(frame, self.matched, self.pages, self._digest.hexdigest(), self.fetched_at, notes)


def to_frame(
    features: Mapping[str, tuple[dict[str, Any], Any]], asked: str, declared: str | None, box: Box, where: str
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Attributes, ``feature_id`` and geometry in metres, and notes on what was put right; errors as of `locate`."""
    shapes = np.array([*(shape for _, shape in features.values()), None], dtype=object)[:-1]
    located, notes = locate(shapes, asked, declared, box, where)
    rows = [{**attributes, "feature_id": known} for known, (attributes, _) in features.items()]
    columns = list(dict.fromkeys(["feature_id", *(name for row in rows for name in row if name != "geometry")]))
    values = {name: [row.get(name) for row in rows] for name in columns}
    return gpd.GeoDataFrame(values, columns=columns, geometry=located, crs=storage_crs()), notes


def locate(
    shapes: npt.NDArray[Any], asked: str, declared: str | None, box: Box, where: str
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Bring geometries to the system of the snapshot after checking that they lie where they should.

    The declared system is believed when the features then lie in ``box``. Swapped axes are put right only where the
    system itself has north or latitude first (EPSG:4326 does); elsewhere they are an error. Without a declaration
    the coordinates must fit the system asked for, or longitude and latitude, which GeoJSON has by default.

    Parameters
    ----------
    shapes : geometries, None where missing
    asked, declared : coordinate systems as codes, URNs or addresses
    box : where the features must lie, metres

    Raises
    ------
    DataError
        more than 1 in 100 features lie outside the box
    """
    present = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(present):
        return shapes, ()
    _check_on_earth(shapes, where)
    candidates = [declared] if declared else [asked, _DEGREES]
    for name in candidates:
        placed = _placed(shapes, name, box, where)
        if placed is not None:
            return placed, () if declared or name == asked else (Note("note.lonlat", where=where),)
        swapped = _placed(_swap(shapes), name, box, where)
        if swapped is not None and _north_first(name):
            return swapped, (Note("note.axes", where=where, crs=short_crs(name)),)
        if swapped is not None:
            raise DataError(Message("error.protocol.swapped", where=where, crs=str(short_crs(name))))
    x, y = shapely.get_coordinates(present[:1])[0]
    undeclared = Message("error.protocol.undeclared")
    system = Message("error.protocol.declared", crs=short_crs(declared)) if declared else undeclared
    fits = next((n for n in (asked, _DEGREES) if n != declared and _placed(shapes, n, box, where) is not None), None)
    none = Message("error.protocol.fits_none")
    hint = Message("error.protocol.would_fit", crs=short_crs(fits)) if fits else none
    point = {"x": NumberAsGiven(x, "g"), "y": NumberAsGiven(y, "g")}
    raise DataError(Message("error.protocol.elsewhere", where=where, **point, system=system, hint=hint))


def _placed(shapes: npt.NDArray[Any], crs: str, box: Box, where: str) -> npt.NDArray[Any] | None:
    """Geometries in metres when they lie in the box, else None."""
    try:
        placed = gpd.GeoSeries(shapes, crs=short_crs(crs)).to_crs(storage_crs()).to_numpy()
    except CRSError as error:
        raise DataError(
            Message("error.protocol.crs", where=where, crs=crs, error=Reason(error, one_line(error)[:80]))
        ) from error
    present = placed[~shapely.is_missing(placed)]
    low_x, low_y, high_x, high_y = shapely.bounds(present[~shapely.is_empty(present)]).T
    inside = (low_x >= box[0]) & (low_y >= box[1]) & (high_x <= box[2]) & (high_y <= box[3])
    if not inside.size or np.mean(~inside) > _MAX_OUTSIDE:
        return None
    _check_on_earth(placed, where)
    return np.asarray(placed)


def _check_on_earth(shapes: npt.NDArray[Any], where: str) -> None:
    corners, row = shapely.get_coordinates(shapes, return_index=True)
    lost = row[~np.isfinite(corners).all(axis=1)]
    if len(lost):
        raise DataError(Message("error.room.not_on_earth", file=where, row=str(int(lost[0]) + 1)))


def _swap(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]))


def short_crs(name: str) -> str:
    """``EPSG:4326`` for its URN or address; other names as they are."""
    bare = name.rstrip("/")
    if bare.endswith("CRS84"):
        return _DEGREES
    parts = [part for part in bare.replace("/", ":").replace("#", ":").split(":") if part]
    return f"EPSG:{parts[-1]}" if "EPSG" in name.upper() and parts[-1].isdigit() else name


def _north_first(name: str) -> bool:
    return bool(pyproj.CRS.from_user_input(short_crs(name)).axis_info[0].direction == "north")
