"""Features of a map service to a frame in EPSG:31370, once it is sure that all are there, each once and in place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from i18n.errors import DataError, IncompleteError, NotDataError, one_line
from i18n.messages import Message, Note, NumberAsGiven, Reason
from loaders.catalogue.projection import CRS
from loaders.protocols.geometry import Checked, checked

__all__ = [
    "BELGIUM", "CAPS", "FLANDERS", "Box", "Checked", "Collection", "Gathering", "checked", "locate", "to_frame",
]  # fmt: skip

Box = tuple[float, float, float, float]

FLANDERS: Box = (20_000.0, 150_000.0, 262_000.0, 247_000.0)
"""Flanders and Brussels with a few kilometres around, EPSG:31370: min x, min y, max x, max y in metres."""

BELGIUM: Box = (20_000.0, 18_000.0, 298_000.0, 247_000.0)
"""Belgium with a few kilometres around, EPSG:31370."""

CAPS = (1_000, 5_000, 10_000)
"""Totals at which services are known to stop without saying so."""

_DEGREES = "OGC:CRS84"
_MOST_OUTSIDE = 0.01


@dataclass(frozen=True)
class Collection:
    """Every feature of a collection.

    Attributes
    ----------
    frame : attributes, ``feature_id`` and geometry in EPSG:31370; geometries as published, nulls included
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
    features: dict[str, dict[str, Any]] = field(default_factory=dict)
    matched: int | None = None
    pages: int = 0
    declared: str | None = None
    fetched_at: str = ""
    received: int = 0
    _ends: set[str] = field(default_factory=set)  # some services give a feature another id every time
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes, fetched_at: str = "") -> dict[str, Any]:
        """Take in a page of GeoJSON and return it parsed.

        Raises
        ------
        NotDataError
            it is no FeatureCollection
        IncompleteError
            every feature of it came before, or the number of features changed since the page before
        """
        page = read_collection(data, self.where)
        features = page["features"]
        ids = _ids(features)
        ends = "".join(_content_hash(feature) for feature in (*features[:1], *features[-1:]))
        if ids and (all(known in self.features for known in ids) or ends in self._ends):
            raise IncompleteError(
                Message("error.protocol.pages_repeat", where=str(self.where), page=str(self.pages + 1))
            )
        self.expect(matched_of(page))
        self.declared = self.declared or declared_crs(page)
        self.fetched_at = self.fetched_at or fetched_at
        self.pages += 1
        self.received += len(features)
        self._ends.add(ends)
        self._digest.update(data)
        self.features.update(zip(ids, features, strict=True))
        return page

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
        """Give what came, in EPSG:31370; ``asked`` is the system the service was asked for."""
        frame, notes = to_frame(list(self.features.values()), asked, declared or self.declared, box, self.where)
        return Collection(frame, self.matched, self.pages, self._digest.hexdigest(), self.fetched_at, notes)


def read_collection(data: bytes, where: str) -> dict[str, Any]:
    """Parse a GeoJSON FeatureCollection; `NotDataError` for anything else."""
    try:
        page = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            rest = " ".join(error.doc[error.pos : error.pos + 80].split())
            raise NotDataError(Message("error.protocol.after_json", where=where, rest=rest)) from error
        raise NotDataError(
            Message("error.protocol.geojson", where=where, error=Reason(error, one_line(error)[:120]))
        ) from error
    if isinstance(page, dict) and isinstance(page.get("features"), list) and all(map(_is_feature, page["features"])):
        return page
    words = exception_in(page)
    if words:
        raise NotDataError(Message("error.protocol.exception_json", where=where, words=words))
    kind = page.get("type") if isinstance(page, dict) else type(page).__name__
    raise NotDataError(Message("error.protocol.collection", where=where, kind=str(kind)[:40]))


def exception_in(page: Any) -> str:
    """What a service says is wrong, in an answer that came as if nothing were; '' where it says nothing of the kind."""
    if not isinstance(page, dict):
        return ""
    told = page.get("exceptions") or page.get("error") or page.get("exception")
    first = told[0] if isinstance(told, list) and told else told
    if isinstance(first, dict):
        first = next((first[k] for k in ("text", "message", "description", "detail", "code") if first.get(k)), "")
    if not first and "features" not in page:
        first = next((page[k] for k in ("description", "detail", "message") if isinstance(page.get(k), str)), "")
    return " ".join(str(first or "").split())[:_LONGEST_WORDS].rstrip(" .")


_LONGEST_WORDS = 300


def _is_feature(feature: Any) -> bool:
    return (
        isinstance(feature, dict)
        and isinstance(feature.get("properties") or {}, dict)
        and isinstance(feature.get("geometry") or {}, dict)
    )


def _ids(features: Sequence[dict[str, Any]]) -> list[str]:
    """Ids of a page; equal features without an id of their own are told apart by how often they occurred."""
    seen: dict[str, int] = {}
    ids = []
    for feature in features:
        name = feature_id(feature)
        seen[name] = seen.get(name, 0) + 1
        ids.append(name if seen[name] == 1 or "id" in feature else f"{name}-{seen[name]}")
    return ids


def feature_id(feature: dict[str, Any]) -> str:
    """Id of a feature; one without gets its content as its id."""
    given = feature.get("id")
    if isinstance(given, (str, int)) and given != "":
        return str(given)
    return _content_hash(feature)


def _content_hash(feature: dict[str, Any]) -> str:
    content = json.dumps([feature.get("properties"), feature.get("geometry")], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def matched_of(page: dict[str, Any]) -> int | None:
    """How many features the service says there are in all."""
    for name in ("numberMatched", "totalFeatures"):
        value = page.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def declared_crs(page: dict[str, Any]) -> str | None:
    """Coordinate system a GeoJSON document names, as older services do; None when it names none."""
    crs = page.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def to_frame(
    features: Sequence[dict[str, Any]], asked: str, declared: str | None, box: Box, where: str
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Attributes, ``feature_id`` and geometry in EPSG:31370, and notes on what was put right; errors as of `locate`."""
    shapes = [_shape(feature, where) for feature in features]
    located, notes = locate(np.array(shapes, dtype=object), asked, declared, box, where)
    rows = [{**(feature.get("properties") or {}), "feature_id": feature_id(feature)} for feature in features]
    columns = list(dict.fromkeys(["feature_id", *(name for row in rows for name in row if name != "geometry")]))
    values = {name: [row.get(name) for row in rows] for name in columns}
    return gpd.GeoDataFrame(values, columns=columns, geometry=located, crs=CRS), notes


def _shape(feature: dict[str, Any], where: str) -> Any:
    geometry = feature.get("geometry")
    if not geometry:
        return None
    try:
        return shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (ShapelyError, ValueError, TypeError) as error:
        raise NotDataError(
            Message(
                "error.protocol.geometry",
                where=where,
                feature=str(feature_id(feature)),
                error=Reason(error, one_line(error)[:120]),
            )
        ) from error


def locate(
    shapes: npt.NDArray[Any], asked: str, declared: str | None, box: Box, where: str
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """Bring geometries to EPSG:31370 after checking that they lie where they should.

    The declared system is believed when the features then lie in ``box``. Swapped axes are put right only where the
    system itself has north or latitude first (EPSG:4326 does); elsewhere they are an error. Without a declaration
    the coordinates must fit the system asked for, or longitude and latitude, which GeoJSON has by default.

    Parameters
    ----------
    shapes : geometries, None where missing
    asked, declared : coordinate systems as codes, URNs or addresses
    box : where the features must lie, EPSG:31370

    Raises
    ------
    DataError
        more than 1 in 100 features lie outside the box
    """
    present = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(present):
        return shapes, ()
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
    """Geometries in EPSG:31370 when they lie in the box, else None."""
    try:
        placed = gpd.GeoSeries(shapes, crs=short_crs(crs)).to_crs(CRS).to_numpy()
    except CRSError as error:
        raise DataError(
            Message("error.protocol.crs", where=where, crs=crs, error=Reason(error, one_line(error)[:80]))
        ) from error
    present = placed[~shapely.is_missing(placed)]
    low_x, low_y, high_x, high_y = shapely.bounds(present[~shapely.is_empty(present)]).T
    inside = (low_x >= box[0]) & (low_y >= box[1]) & (high_x <= box[2]) & (high_y <= box[3])
    return placed if inside.size and np.mean(~inside) <= _MOST_OUTSIDE else None


def _swap(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(shapely.transform(shapes, lambda xy: xy[:, ::-1]))


def short_crs(name: str) -> str:
    """``EPSG:31370`` for its URN or address; other names as they are."""
    bare = name.rstrip("/")
    if bare.endswith("CRS84"):
        return _DEGREES
    parts = [part for part in bare.replace("/", ":").replace("#", ":").split(":") if part]
    return f"EPSG:{parts[-1]}" if "EPSG" in name.upper() and parts[-1].isdigit() else name


def _north_first(name: str) -> bool:
    return bool(pyproj.CRS.from_user_input(short_crs(name)).axis_info[0].direction == "north")
