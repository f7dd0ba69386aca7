"""Travel over the streets of an OpenStreetMap extract, on foot, by bike or by car."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import Travel, unsnapped_may_be_nearer
from coverage.travel.extracts.osm import MODES, STEP_M, Roads, read_roads
from coverage.travel.graph import Starts, cheapest, nearest_labels, pairs_of, reached
from coverage.travel.pace import LEG
from i18n.errors import MissingFileError
from i18n.messages import Message, MessageError, NumberAsGiven, OptionName
from loaders.catalogue.regions.projection import from_lonlat, to_lonlat
from loaders.catalogue.types import Bools, Floats, Ints
from loaders.snapshot.array_cache import cache_folder

SNAP_LIMIT_M = 500.0
"""Cells and places farther than this from a street are not put on it."""

ISLAND_SHARE = 0.01
"""A part of the network with a smaller share of its nodes, not connected to the rest, is an island."""

CACHE_VERSION = 2


@dataclass(frozen=True, eq=False)
class Network:
    """The streets that one mode may use.

    Attributes
    ----------
    mode : ``walk``, ``bike`` or ``car``
    xy : (n, 2) nodes, metres
    graph : (n, n) metres of travel; entry (u, w) is the cost of getting from w to u
    usable : (n,) nodes that cells and places are put on: those that are on no island
    islands : unconnected bits left out, largest first: ``x, y`` of their middle, ``nodes``
    area : polygon that the extract covers
    name : name of the extract
    least : cheapest metre of any street, in metres of travel: 1 but for cars, which may go faster than their pace
    year : year of the extract, '' where nothing tells
    """

    mode: str
    xy: Floats
    graph: sparse.csr_array
    usable: Bools
    islands: pd.DataFrame
    area: shapely.Geometry
    name: str
    least: float
    year: str = ""


def load_network(path: Path, mode: str) -> Network:
    """Read an extract and build the network of a mode; kept in memory and, as arrays, on disk by the file's hash.

    Raises
    ------
    MissingFileError, DataError
        see `coverage.travel.extracts.osm.read_roads`
    InputError
        when nothing in the extract is open to the mode
    """
    return _network_of(path, _digest(path), mode)


def load_roads(path: Path) -> Roads:
    """Streets of an extract, from the cache where they were read before; errors as `load_network`."""
    return _roads_of(path, _digest(path))


@lru_cache(maxsize=6)
def _network_of(path: Path, digest: str, mode: str) -> Network:
    return build_network(_roads_of(path, digest), mode)


def _digest(path: Path) -> str:
    """Hash of the content; `MissingFileError` when there is no file."""
    if not path.is_file():
        raise MissingFileError(Message("error.travel.extract_gone", file=str(path)))
    return file_hash(path)


def file_hash(path: Path) -> str:
    """Hash that names the content of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


@lru_cache(maxsize=2)
def _roads_of(path: Path, digest: str) -> Roads:
    """Roads from the cache, else from the extract; a cache that cannot be read or written is no cache."""
    folder = cache_folder()
    if folder is None:
        return read_roads(path)
    kept = folder / f"roads-{CACHE_VERSION}-{digest}.npz"
    try:
        with kept.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return Roads(**{name: arrays[name] for name in _ARRAYS}, name=path.name, year=str(arrays["year"]))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        roads = read_roads(path)
    _keep(roads, kept)
    return roads


_ARRAYS = ("xy", "tail", "head", "length_m", "cost", "structure", "bounds")


def _keep(roads: Roads, kept: Path) -> None:
    """Write the arrays beside the final name, then move them: nobody ever reads half a file."""
    part = kept.with_name(f"{kept.stem}-{os.getpid()}.npz")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            part, allow_pickle=False, year=np.array(roads.year), **{name: getattr(roads, name) for name in _ARRAYS}
        )
        part.replace(kept)
    except OSError:
        part.unlink(missing_ok=True)


def build_network(roads: Roads, mode: str) -> Network:
    """Build the network of a mode.

    Raises
    ------
    InputError
        when no street is open to the mode
    """
    column = MODES.index(mode)
    along, against = roads.cost[:, column, 0], roads.cost[:, column, 1]
    goes, returns = np.isfinite(along), np.isfinite(against)
    origin = np.concatenate([roads.tail[goes], roads.head[returns]])
    target = np.concatenate([roads.head[goes], roads.tail[returns]])
    metres = np.concatenate([(roads.length_m * along)[goes], (roads.length_m * against)[returns]])
    if len(metres) == 0:
        raise MessageError("error.travel.no_street", file=roads.name, mode=OptionName("mode", mode))
    used = np.zeros(len(roads.xy), dtype=bool)
    used[origin] = used[target] = True
    number = np.cumsum(used) - 1
    xy = roads.xy[used]
    graph = cheapest(number[target], number[origin], metres, len(xy))
    usable, islands = _islands(graph, xy)
    least = min(1.0, float(along[goes].min(initial=np.inf)), float(against[returns].min(initial=np.inf)))
    return Network(mode, xy, graph, usable, islands, covered_area(roads), roads.name, least, roads.year)


def covered_area(roads: Roads) -> shapely.Polygon:
    """Polygon (metres) that an extract covers: around its nodes, within the box it states, and a cell more."""
    west, south, east, north = roads.bounds
    hull = shapely.LineString(roads.xy).convex_hull  # of a line, because making a point of every node takes long
    covered = shapely.intersection(hull, shapely.box(west, south, east, north))
    area = shapely.Polygon(covered.buffer(STEP_M, quad_segs=2))
    shapely.prepare(area)
    return area


def _islands(graph: sparse.csr_array, xy: Floats) -> tuple[Bools, pd.DataFrame]:
    """Nodes on no island, and the islands."""
    n, part = connected_components(graph, directed=True, connection="strong")
    size = np.bincount(part, minlength=n)
    small = size < min(size.max(), ISLAND_SHARE * len(xy))
    middle = np.column_stack([np.bincount(part, weights=axis, minlength=n) / size for axis in xy.T])
    islands = pd.DataFrame({"x": middle[small, 0], "y": middle[small, 1], "nodes": size[small]})
    return ~small[part], islands.sort_values("nodes", ascending=False, kind="stable", ignore_index=True)


def elsewhere(network: Network, demand_xy: Floats) -> MessageError:
    """Say where an extract lies that covers nobody; where its longitudes and latitudes look exchanged, that they do."""
    lon, lat = to_lonlat(shapely.bounds(network.area).reshape(2, 2)).mean(axis=0)
    turned = from_lonlat(np.array([[lat, lon]]))[0]
    exchanged = bool((turned >= demand_xy.min(axis=0)).all() and (turned <= demand_xy.max(axis=0)).all())
    key = "error.travel.extract_exchanged" if exchanged else "error.travel.elsewhere"
    return MessageError(key, file=network.name, lon=NumberAsGiven(lon, ".1f"), lat=NumberAsGiven(lat, ".1f"))


@dataclass(frozen=True, eq=False)
class NetworkTravel:
    """The travel model ``network``: streets, with the way to and from them added.

    Cells outside the extract have no distance (NaN, flag ``outside_extract``), nor do cells to which a place that
    could not be put on the streets may be nearer. Cells more than `SNAP_LIMIT_M` from any street cannot travel
    (``inf``, flag ``snapped_too_far``).
    """

    network: Network

    @property
    def least(self) -> float:
        """See `coverage.travel.base.TravelModel`."""
        return self.network.least

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `coverage.travel.base.TravelModel`; `InputError` when the extract covers no cell at all."""
        network = self.network
        inside = shapely.contains_xy(network.area, demand_xy[:, 0], demand_xy[:, 1])
        if len(demand_xy) and not inside.any():
            raise elsewhere(network, demand_xy)
        cells = np.flatnonzero(inside)
        node, leg = self._snap(demand_xy[cells])
        place_node, place_leg = self._snap(facility_xy)
        placed = np.flatnonzero(place_node >= 0)
        starts = Starts(placed, place_node[placed], place_leg[placed])
        cost, label = nearest_labels(network.graph, starts, len(facility_xy), k)

        snapped = node >= 0
        distance = np.full((len(demand_xy), k), np.inf)
        index = np.full((len(demand_xy), k), -1, dtype=np.intp)
        distance[cells[snapped]] = cost[node[snapped]] + leg[snapped, None]
        index[cells[snapped]] = label[node[snapped]]
        unknown = unsnapped_may_be_nearer(demand_xy, facility_xy[place_node < 0], distance, self.least)
        unknown |= ~inside[:, None]
        far = np.zeros(len(demand_xy), dtype=bool)
        far[cells[~snapped]] = True
        unknown &= ~far[:, None]
        distance[unknown], index[unknown] = np.nan, -1
        lost = np.flatnonzero(place_node < 0)
        off_street = lost[shapely.contains_xy(network.area, facility_xy[lost, 0], facility_xy[lost, 1])]
        details = {
            "extract": network.name,
            "extract_year": network.year,
            "islands": len(network.islands),
            "lost_places": len(lost),
            "off_street": tuple(off_street.tolist()),
        }
        flags = {"outside_extract": unknown[:, 0], "snapped_too_far": far}
        return Travel(distance, index, flags, details)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`; places and cells that are on no street reach nothing."""
        node, leg = self._snap(demand_xy)
        place_node, place_leg = self._snap(facility_xy)
        placed = np.flatnonzero(place_node >= 0)
        starts = Starts(placed, place_node[placed], place_leg[placed])
        reached_nodes = reached(self.network.graph, starts, len(facility_xy), radius)
        return pairs_of(reached_nodes, node, len(facility_xy), lambda _, points, cost: cost + leg[points], radius)

    def _snap(self, xy: Floats) -> tuple[Ints, Floats]:
        """Nearest usable node of every point, -1 beyond the limit, and the metres of travel to it."""
        usable = np.flatnonzero(self.network.usable)
        if len(xy) == 0:
            return np.zeros(0, dtype=np.intp), np.zeros(0)
        away, nearest = cKDTree(self.network.xy[usable]).query(xy, distance_upper_bound=SNAP_LIMIT_M, workers=-1)
        node = np.append(usable, -1)[nearest]
        return node.astype(np.intp), np.asarray(away * LEG[self.network.mode], dtype=np.float64)
