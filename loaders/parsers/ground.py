"""The ground under the zones: water, railways, motorways and places, from published layers to two tables.

``ground`` has a feature per row (``feature, kind, name``); ``ground_vertices`` its points in whole metres, a row each
(``feature, part, x, y``): the parts of a water area are the rings of its polygons, an outer ring before its holes;
those of a line are its pieces; a place has one point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.regions.projection import storage_crs
from loaders.protocols.tables import require_columns
from loaders.protocols.vectors import read_vector

WATER, RIVER, CANAL, RAILWAY, MOTORWAY, TOWN, VILLAGE = (
    "water",
    "river",
    "canal",
    "railway",
    "motorway",
    "town",
    "village",
)
KINDS = (WATER, RIVER, CANAL, RAILWAY, MOTORWAY, TOWN, VILLAGE)
"""Kinds of feature, in the order in which they are stored."""

FEATURE_COLUMNS = ("feature", "kind", "name")
VERTEX_COLUMNS = ("feature", "part", "x", "y")

TOLERANCE_M: Mapping[str, float] = {WATER: 8, RIVER: 12, CANAL: 12, RAILWAY: 10, MOTORWAY: 10}
"""How far a generalised line may lie from the published one, in metres."""

SMALLEST_WATER_M2 = 20_000
SHORTEST_M = 300
"""What is smaller or shorter is left out."""

AROUND_M = 5_000
"""How far beyond the region the ground is kept."""

_CANAL_WORDS = r"kanaal|canal|vaart|dok\b"
_NO_NAME = {"N_A", "N_P", "UNK", ""}
_MOTORWAY_CODE = 16


Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class GroundFeatures:
    """Features and their points; see the module."""

    features: pd.DataFrame
    vertices: pd.DataFrame


def parse_ground(
    layers: Mapping[str, tuple[bytes, str]], streets: tuple[pa.Table, str], inside: BaseGeometry
) -> GroundFeatures:
    """Read the layers of the ground.

    Parameters
    ----------
    layers : bytes and name for errors, by ``water_areas, rivers, places`` (OpenStreetMap) and ``watercourses, roads``
        (EuroGlobalMap)
    streets : railways among the streets (`loaders.parsers.street_lines.read_street_table`), and the name of the file
    inside : region in metres of the storage system

    Raises
    ------
    DataError
        unreadable bytes or a layer that has nothing within reach of the region
    MissingColumnError
        a column is absent
    """
    kept = inside.buffer(AROUND_M, quad_segs=4)
    read = {name: _layer(*layers[name], kept) for name in ("water_areas", "rivers", "places", "watercourses", "roads")}
    rivers, courses, roads = read["rivers"], read["watercourses"], read["roads"]
    canals = courses[courses["namn1"].str.contains(_CANAL_WORDS, case=False, na=False)]
    motorways = roads[roads["rtt"] == _MOTORWAY_CODE]
    areas = _water(read["water_areas"].geometry)
    parts = [
        pd.DataFrame({"kind": WATER, "name": "", "geometry": areas}),
        _lines(RIVER, rivers["name:latin"], rivers.geometry),
        _lines(CANAL, canals["namn1"], canals.geometry),
        _lines(RAILWAY, [""], [shapely.MultiLineString(list(_railways(*streets, kept)))]),
        _lines(MOTORWAY, _road_names(motorways), motorways.geometry),
        _places(read["places"]),
    ]
    return _tables(pd.concat(parts, ignore_index=True))


def _layer(data: bytes, file: str, kept: BaseGeometry) -> gpd.GeoDataFrame:
    frame = read_vector(data, file).to_crs(storage_crs())
    if {"rtt", "wd7"} & set(frame.columns):
        require_columns(frame, ["namn1"], file)
    near = frame[frame.intersects(kept)].reset_index(drop=True)
    if near.empty:
        raise DataError(Message("error.ground.elsewhere", file=file))
    clipped = near.assign(geometry=shapely.intersection(shapely.make_valid(near.geometry.to_numpy()), kept))
    return gpd.GeoDataFrame(clipped, crs=frame.crs)


def _water(areas: gpd.GeoSeries) -> list[shapely.Polygon]:
    """Water areas that are large enough, joined across the edges of tiles, each as one polygon."""
    joined = shapely.union_all(shapely.buffer(areas.to_numpy(), 0.5, quad_segs=1))
    simple = shapely.simplify(shapely.get_parts(joined), TOLERANCE_M[WATER])
    pieces: Shapes = shapely.get_parts(shapely.make_valid(simple))
    pieces = pieces[shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON]
    large = [_without_islets(piece) for piece in pieces if piece.area >= SMALLEST_WATER_M2]
    return sorted(large, key=lambda piece: (-piece.area, piece.bounds))


def _without_islets(piece: shapely.Polygon) -> shapely.Polygon:
    holes = [ring for ring in piece.interiors if shapely.Polygon(ring).area >= SMALLEST_WATER_M2]
    return shapely.Polygon(piece.exterior, holes)


def _lines(kind: str, names: Iterable[object], shapes: Iterable[BaseGeometry]) -> pd.DataFrame:
    """A feature per name, its lines joined where they meet and generalised; short ones are left out."""
    frame = pd.DataFrame({"name": [_name(name) for name in names], "geometry": list(shapes)})
    rows = []
    for name, group in frame.groupby("name"):
        merged = shapely.line_merge(shapely.union_all(group["geometry"].to_numpy()))
        parts = shapely.get_parts(shapely.simplify(merged, TOLERANCE_M[kind]))
        parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
        long = parts[shapely.length(parts) >= SHORTEST_M]
        if len(long):
            rows.append({"kind": kind, "name": name, "geometry": shapely.multilinestrings(long)})
    return pd.DataFrame(rows, columns=["kind", "name", "geometry"])


def _name(value: object) -> str:
    words = value.split("#") if isinstance(value, str) else []
    return " / ".join(word.strip() for word in words if word.strip() not in _NO_NAME)


def _road_names(roads: gpd.GeoDataFrame) -> list[str]:
    """National number of every road, else its European one."""
    own, european = (roads[column].map(_name) for column in ("rtn", "rte"))
    return [str(name) for name in own.where(own != "", european)]


def _railways(table: pa.Table, file: str, kept: BaseGeometry) -> Shapes:
    """Main tracks above ground, without yards, spurs and sidings; parallel tracks of a line become one."""
    kind, service, structure = (
        table[name].cast("string").to_pandas().fillna("").to_numpy() for name in ("class", "service", "brunnel")
    )
    main = np.flatnonzero((kind == "rail") & (service == "") & (structure != "tunnel"))
    chosen = table.select(["x_dm", "y_dm"]).take(main)
    x, y = (chosen[name].combine_chunks() for name in ("x_dm", "y_dm"))
    sizes = np.diff(x.offsets.to_numpy())
    xy = np.column_stack([x.flatten().to_numpy(), y.flatten().to_numpy()]) / 10
    enough = sizes >= 2
    points = np.repeat(enough, sizes)
    lines: Shapes = shapely.linestrings(xy[points], indices=np.repeat(np.arange(enough.sum()), sizes[enough]))
    near = lines[shapely.intersects(lines, kept)]
    if not len(near):
        raise DataError(Message("error.ground.elsewhere", file=file))
    return one_of_parallel(near)


def one_of_parallel(lines: Shapes, apart_m: float = 30.0) -> Shapes:
    """Lines without those pieces that run beside a longer one within ``apart_m``."""
    merged = shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))
    merged = merged[np.argsort(-shapely.length(merged), kind="stable")]
    tree = shapely.STRtree(merged)
    kept = []
    for number, line in enumerate(merged):
        beside = [k for k in tree.query(line, predicate="dwithin", distance=apart_m) if k < number]
        rest = line
        if beside:
            rest = shapely.difference(line, shapely.union_all(shapely.buffer(merged[beside], apart_m, quad_segs=2)))
        kept += [part for part in shapely.get_parts(rest) if part.length >= 2 * apart_m]
    return np.array(kept, dtype=object)


def _places(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    kinds = frame["class"].map({"city": TOWN, "town": TOWN, "village": VILLAGE})
    names = frame["name:latin"].map(_name)
    named = kinds.notna() & (names != "")
    rows = pd.DataFrame({"kind": kinds, "name": names, "geometry": frame.geometry.to_numpy()})[named.to_numpy()]
    ordered: pd.DataFrame = rows.sort_values(["kind", "name"], kind="stable")
    return ordered


def _tables(rows: pd.DataFrame) -> GroundFeatures:
    """Tables of features with a number each; points in whole metres."""
    order = rows["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    rows = rows.assign(order=order).sort_values("order", kind="stable", ignore_index=True)
    features = pd.DataFrame({"feature": np.arange(len(rows)), "kind": rows["kind"], "name": rows["name"]})
    vertices = []
    for feature, shape in enumerate(rows["geometry"]):
        pieces = shapely.get_rings(shape) if shape.geom_type == "Polygon" else shapely.get_parts(shape)
        xy, part = shapely.get_coordinates(pieces, return_index=True)
        whole = np.rint(xy).astype(np.int64)
        vertices.append(np.column_stack([np.full(len(xy), feature), part, whole]))
    return GroundFeatures(features, pd.DataFrame(np.vstack(vertices), columns=list(VERTEX_COLUMNS)))
