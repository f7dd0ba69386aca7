"""Read an OpenStreetMap extract into streets: nodes, edges, and what each costs on foot, by bike and by car.

Costs are in metres of travel at the pace of the mode (`PACE_KMH`): a street that is walked at walking pace costs its
length; a car at 30 km/h spends two metres of travel per metre, because a car's pace is 60 km/h. So a reach in metres
means the same minutes for every street. Rules: docs/method/travel.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from coverage.travel.pace import PACE_KMH
from i18n.errors import DataError, MissingFileError
from i18n.messages import Message
from loaders.catalogue.regions.projection import from_lonlat
from loaders.reading_room import read

MODES = ("walk", "bike", "car")
STEP_M = 100.0
"""Longer edges are cut into pieces, so that a place along a long road finds a node nearby."""

CAR_KMH: dict[str, float] = {
    "motorway": 105.0,
    "motorway_link": 60.0,
    "trunk": 75.0,
    "trunk_link": 50.0,
    "primary": 50.0,
    "primary_link": 40.0,
    "secondary": 45.0,
    "secondary_link": 35.0,
    "tertiary": 38.0,
    "tertiary_link": 30.0,
    "unclassified": 35.0,
    "residential": 24.0,
    "road": 30.0,
    "living_street": 12.0,
    "service": 15.0,
}
"""Speed by class of road where no limit is tagged, stops at junctions included: an estimate."""

SHARE_OF_LIMIT = 0.8
"""Speed divided by the speed limit, where one is tagged: an estimate."""

NAMED_LIMITS = {"BE:urban": 50.0, "BE:rural": 70.0, "BE:trunk": 120.0, "BE:motorway": 120.0, "walk": 6.0}
MPH = 1.609344
FERRY_KMH = 3.0
"""Ferries, waiting included: an estimate."""

NO = frozenset({"no", "private", "use_sidepath", "agricultural", "forestry", "emergency", "military"})
YES = frozenset({"yes", "designated", "official", "permissive", "destination"})
NOT_BUILT = frozenset(
    {"proposed", "construction", "planned", "abandoned", "disused", "razed", "raceway", "bus_guideway", "escape"}
)
NO_STREET = frozenset({"rest_area", "services", "elevator", "junction", "traffic_island", "future_residential"})
MOTORWAYS = frozenset({"motorway", "motorway_link"})
PUSHED = frozenset({"footway", "pedestrian", "platform", "corridor"})
"""Where a bike is pushed unless it is said to be welcome."""

NOT_FOR_BIKES = MOTORWAYS | {"trunk", "trunk_link", "steps", "bridleway"}
STRUCTURES = ("bridge", "tunnel")

Cost = tuple[float, float]
"""Metres of travel per metre, along the way and against it; ``inf`` where it is not allowed."""

CLOSED: Cost = (math.inf, math.inf)
Tags = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Roads:
    """Streets of an extract.

    Attributes
    ----------
    xy : (n, 2) nodes, metres
    tail, head : (e,) nodes at the ends of every edge
    length_m : (e,) metres
    cost : (e, 3, 2) metres of travel per metre, by mode (`MODES`), along and against the edge; ``inf`` where not
        allowed
    structure : (e,) whether the edge is a bridge, a tunnel or a ferry
    bounds : (west, south, east, north) in metres, as the file says, else those of the nodes
    name : name of the file
    year : year of the extract, as it says or as its streets were last changed; '' where nothing tells
    """

    xy: npt.NDArray[np.float64]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    length_m: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float32]
    structure: npt.NDArray[np.bool_]
    bounds: npt.NDArray[np.float64]
    name: str
    year: str = ""


def read_roads(path: Path) -> Roads:
    """Read the streets of an extract (``.osm.pbf``, ``.osm``, ``.osm.bz2`` and whatever else osmium reads).

    Raises
    ------
    MissingFileError
        when the file is absent
    DataError
        when osmium cannot read it, or it holds no street with coordinates
    """
    if not path.is_file():
        raise MissingFileError(Message("error.travel.extract_gone", file=str(path)))
    ways, box, about = _read_ways(path)
    _check_streets(ways, about, path.name)
    roads = _edges(ways, path.name)
    if box is not None:
        west, south, east, north = box
        corners = from_lonlat(np.array([[x, y] for x in (west, east) for y in (south, north)]))
        roads.bounds[:] = [*corners.min(axis=0), *corners.max(axis=0)]
    return replace(roads, year=str(about["year"] or about["edited"]))


@dataclass(eq=False)
class _Ways:
    """Ways that are open to anybody: points of all of them, and one entry per way."""

    refs: npt.NDArray[np.int64]
    lon: npt.NDArray[np.int64]
    lat: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    costs: npt.NDArray[np.float32]
    structures: npt.NDArray[np.bool_]


def _check_streets(ways: _Ways, about: Mapping[str, Any], name: str) -> None:
    """Raise `DataError` with the cause where there is nothing to travel on, or not all of it."""
    if about["remark"]:
        raise DataError(Message("error.travel.extract_remark", file=name, remark=str(about["remark"])))
    if about["placed"]:
        if not len(ways.refs):
            raise DataError(Message("error.travel.extract_barred", file=name))
        return
    if not about["nodes"] and not about["ways"]:
        raise DataError(Message("error.travel.extract_empty", file=name))
    if not about["streets"]:
        raise DataError(Message("error.travel.extract_no_highway", file=name, n=int(about["ways"])))
    raise DataError(Message("error.travel.extract_no_nodes", file=name, n=int(about["streets"])))


def _read_ways(path: Path) -> tuple[_Ways, list[float] | None, Mapping[str, Any]]:
    """Streets of the file, the box it says to cover, and what there is to say where there are none."""
    options = {"keys": ["highway", "route"], "tags": list(DECISIVE), "path": str(path)}
    extract = read("streets", path, file=path.name, options=options)
    kinds = [
        {name: value for name, value in zip(DECISIVE, values, strict=True) if value}
        for values in zip(*(column.to_pylist() for column in extract.tables["tags"].columns), strict=True)
    ]
    by_kind = [costs(tags) for tags in kinds]
    built = np.array(["route" in tags or any(tags.get(k, "no") != "no" for k in STRUCTURES) for tags in kinds], bool)
    barred = np.array([cost == (CLOSED, CLOSED, CLOSED) for cost in by_kind], bool)
    size, kind = (extract.tables["ways"][name].to_numpy() for name in ("size", "tags"))
    used = ~barred[kind] if len(kind) else np.zeros(0, bool)
    points = extract.tables["points"]
    refs, lon, lat = (points[name].to_numpy()[np.repeat(used, size)] for name in ("ref", "lon", "lat"))
    cost = np.array(by_kind, dtype=np.float32).reshape(-1, len(MODES), 2)
    ways = _Ways(refs, lon, lat, size[used], cost[kind[used]], built[kind[used]])
    return ways, extract.values["box"], extract.values["about"]


_UNDEFINED = 2_147_483_647
"""Coordinate of a node that the extract does not hold."""

_DEGREE = 10_000_000
"""Units in which OpenStreetMap stores coordinates."""


def _edges(ways: _Ways, name: str) -> Roads:
    """Make one edge of every two successive nodes of a way."""
    refs, lon, lat = ways.refs, ways.lon, ways.lat
    _, first, node = np.unique(refs, return_index=True, return_inverse=True)
    of_way = np.repeat(np.arange(len(ways.sizes)), ways.sizes)
    known = lon != _UNDEFINED
    joined = (of_way[1:] == of_way[:-1]) & known[1:] & known[:-1] & (node[1:] != node[:-1])
    if not joined.any():
        raise DataError(Message("error.travel.no_streets", file=name))
    start = np.flatnonzero(joined)
    used, ends = np.unique(np.concatenate([node[start], node[start + 1]]), return_inverse=True)
    tail, head = ends.reshape(2, -1)
    at = first[used]
    xy = from_lonlat(np.column_stack([lon[at], lat[at]]) / _DEGREE)
    way = of_way[start]
    return _cut(xy, tail, head, ways.costs[way], ways.structures[way], name)


def _cut(
    xy: npt.NDArray[np.float64],
    tail: npt.NDArray[np.intp],
    head: npt.NDArray[np.intp],
    cost: npt.NDArray[np.float32],
    structure: npt.NDArray[np.bool_],
    name: str,
) -> Roads:
    """Cut edges longer than `STEP_M` into equal pieces."""
    length = np.hypot(*(xy[head] - xy[tail]).T)
    pieces = np.maximum(1, np.ceil(length / STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(tail)), pieces)
    first = np.cumsum(pieces) - pieces
    place = np.arange(len(edge)) - first[edge]
    inner = place > 0  # pieces that begin at a new node
    share = (place / pieces[edge])[inner, None]
    added = xy[tail[edge[inner]]] * (1 - share) + xy[head[edge[inner]]] * share
    begins = tail[edge]
    begins[inner] = len(xy) + np.arange(int(inner.sum()))
    ends = head[edge]
    last = place == pieces[edge] - 1
    ends[~last] = begins[np.flatnonzero(~last) + 1]
    nodes = np.vstack([xy, added])
    return Roads(
        xy=nodes,
        tail=begins.astype(np.int32),
        head=ends.astype(np.int32),
        length_m=(length / pieces)[edge],
        cost=cost[edge],
        structure=structure[edge],
        bounds=np.array([*nodes.min(axis=0), *nodes.max(axis=0)]),
        name=name,
    )


DECISIVE = (
    "highway", "route", "access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar", "motorroad", "oneway",
    "oneway:bicycle", "cycleway", "cycleway:left", "cycleway:right", "cycleway:both", "junction", "maxspeed", "area",
    *STRUCTURES,
)  # fmt: skip
"""Tags that the rules look at."""


def costs(tags: Tags) -> tuple[Cost, Cost, Cost]:
    """Cost of a way on foot, by bike and by car, from its tags.

    Examples
    --------
    >>> costs({"highway": "residential", "oneway": "yes", "maxspeed": "30"})
    ((1.0, 1.0), (1.0, inf), (2.5, inf))
    """
    highway = tags.get("highway")
    if highway is None:
        return (_ferry(tags, "foot", "walk"), _ferry(tags, "bicycle", "bike"), CLOSED)
    if highway in NOT_BUILT or highway in NO_STREET:
        return (CLOSED, CLOSED, CLOSED)
    return (_on_foot(tags, highway), _by_bike(tags, highway), _by_car(tags, highway))


def _ferry(tags: Tags, who: str, mode: str) -> Cost:
    if tags.get("route") != "ferry" or tags.get(who, tags.get("access")) in NO:
        return CLOSED
    return (PACE_KMH[mode] / FERRY_KMH,) * 2


def _on_foot(tags: Tags, highway: str) -> Cost:
    foot = tags.get("foot")
    if foot in YES:
        return (1.0, 1.0)
    barred = foot in NO or tags.get("access") in NO or highway in MOTORWAYS or tags.get("motorroad") == "yes"
    return CLOSED if barred else (1.0, 1.0)


def _by_bike(tags: Tags, highway: str) -> Cost:
    bicycle = tags.get("bicycle")
    pushed = PACE_KMH["bike"] / PACE_KMH["walk"]
    if bicycle == "dismount" or (highway in PUSHED and bicycle is None):
        return (pushed, pushed) if _on_foot(tags, highway)[0] == 1 else CLOSED
    if bicycle not in YES:
        closed = tags.get("vehicle", tags.get("access")) in NO or tags.get("motorroad") == "yes"
        if bicycle in NO or closed or highway in NOT_FOR_BIKES:
            return CLOSED
    return (1.0, 1.0) if _contraflow(tags) else _one_way(tags, highway, 1.0)


def _contraflow(tags: Tags) -> bool:
    """Whether bikes may ride against the one-way."""
    lanes = (tags.get(k, "") for k in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both"))
    return tags.get("oneway:bicycle") == "no" or any(lane.startswith("opposite") for lane in lanes)


def _by_car(tags: Tags, highway: str) -> Cost:
    access = next((tags[k] for k in ("motorcar", "motor_vehicle", "vehicle", "access") if k in tags), "yes")
    if highway not in CAR_KMH or access in NO:
        return CLOSED
    limit = speed_limit(tags.get("maxspeed", ""))
    speed = CAR_KMH[highway] if limit is None else SHARE_OF_LIMIT * limit
    return _one_way(tags, highway, PACE_KMH["car"] / speed)


def _one_way(tags: Tags, highway: str, cost: float) -> Cost:
    direction = tags.get("oneway")
    if direction is None:
        direction = "yes" if highway == "motorway" or tags.get("junction") in ("roundabout", "circular") else "no"
    if direction in ("yes", "true", "1"):
        return (cost, math.inf)
    return (math.inf, cost) if direction in ("-1", "reverse") else (cost, cost)


def speed_limit(tag: str) -> float | None:
    """Speed limit in km/h; None where the tag says nothing that can be read.

    Examples
    --------
    >>> speed_limit("50"), speed_limit("30 mph"), speed_limit("BE:rural"), speed_limit("signals")
    (50.0, 48.28032, 70.0, None)
    """
    if tag in NAMED_LIMITS:
        return NAMED_LIMITS[tag]
    number, _, unit = tag.strip().partition(" ")
    try:
        limit = float(number)
    except ValueError:
        return None
    if not (math.isfinite(limit) and limit > 0):
        return None
    return limit * MPH if unit == "mph" else limit
