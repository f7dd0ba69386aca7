"""Streets of an OpenStreetMap extract: tables of the reading room to the lines that a graph is made of.

What is open, closed, on a bridge or one-way is read from the tags of every way; the kinds are those of the published
lines (`loaders.parsers.street_lines`), so both become the same graph by the same road.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.publishers.street_kinds import BRIDGE, ONEWAY, RAMP, STREET_CLASSES, TUNNEL
from loaders.catalogue.regions.projection import from_lonlat
from loaders.parsers.street_lines import StreetLines, turned
from loaders.reading_room import PUBLISHER, read

KEYS = ("highway", "route")
TAGS = ("highway", "route", "service", "oneway", "junction", "bridge", "tunnel", "area", "access")

_CLASS = {
    **{name: name for name in ("motorway", "trunk", "primary", "secondary", "tertiary", "pedestrian", "track", "path")},
    **{f"{name}_link": name for name in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    **dict.fromkeys(("unclassified", "residential", "living_street", "road"), "minor"),
    **dict.fromkeys(("footway", "steps", "bridleway"), "path"),
    **dict.fromkeys(("platform", "corridor"), "platform"),
    **dict.fromkeys(("busway", "bus_guideway", "emergency_bay"), "restricted"),
    "cycleway": "track",
    "service": "service",
}
_PARKING = ("parking_aisle", "driveway", "drive-through", "parking")
_RESTRICTED = ("emergency_access", "bus")
_UNDEFINED = 2_147_483_647
_DEGREE = 10_000_000
_DM = 10


def kind_of(tags: Mapping[str, str]) -> tuple[int, bool] | None:
    """Kind of a way (`loaders.catalogue.publishers.street_kinds`) and whether it is one-way against its points.

    None for what is no street: planned, gone, or an area.
    """
    highway = tags.get("highway", "")
    name = "ferry" if tags.get("route") == "ferry" and not highway else _CLASS.get(highway, "")
    if not name or tags.get("area") == "yes":
        return None
    service = tags.get("service", "")
    if name == "service" and service in _PARKING:
        name = "parking"
    if name == "service" and (service in _RESTRICTED or tags.get("access") == "emergency"):
        name = "restricted"
    oneway = tags.get("oneway", "")
    implied = highway == "motorway" or tags.get("junction") == "roundabout"
    backward = oneway in ("-1", "reverse")
    one = backward or oneway in ("yes", "true", "1") or (implied and oneway not in ("no", "false", "0"))
    kind = STREET_CLASSES.index(name)
    for bit, holds in (
        (ONEWAY, one),
        (RAMP, highway.endswith("_link")),
        (BRIDGE, tags.get("bridge", "no") != "no"),
        (TUNNEL, tags.get("tunnel", "no") not in ("no", "building_passage")),
    ):
        kind |= bit if holds else 0
    return kind, backward


def parse_street_extract(path: Path) -> tuple[StreetLines, str]:
    """Read the streets of an extract (``.osm.pbf``, ``.osm``), and the year that it says it is of, or ''.

    Raises
    ------
    DataError
        unreadable, without streets, or without the points of its ways
    """
    answer = read("streets", path, file=path.name, limits=PUBLISHER, options=_options(path))
    columns = [column.to_pylist() for column in answer.tables["tags"].columns]
    of_tags = [kind_of(dict(zip(TAGS, values, strict=True))) for values in zip(*columns, strict=True)]
    if not answer.values["about"]["placed"] and of_tags:
        raise DataError(Message("error.streets.no_nodes", file=path.name))
    size, tags = (answer.tables["ways"][name].to_numpy() for name in ("size", "tags"))
    street = np.array([one is not None for one in of_tags], dtype=bool)[tags] if len(tags) else np.zeros(0, bool)
    points = answer.tables["points"]
    lon, lat = (points[name].to_numpy() for name in ("lon", "lat"))
    of_way = np.repeat(np.arange(len(size)), size)
    kept = (lon != _UNDEFINED) & street[of_way]
    sizes = np.bincount(of_way[kept], minlength=len(size))
    long_enough = sizes >= 2
    kept &= long_enough[of_way]
    if not kept.any():
        raise DataError(Message("error.streets.none", file=path.name))
    used = np.flatnonzero(street & long_enough)
    kinds = [of_tags[tag] or (0, False) for tag in tags[used]]
    xy = np.rint(from_lonlat(np.column_stack([lon[kept], lat[kept]]) / _DEGREE) * _DM).astype(np.int64)
    start = np.append(0, np.cumsum(sizes[used]))
    lines = StreetLines(
        np.array([kind for kind, _ in kinds], dtype=np.uint8),
        start,
        turned(xy, start, np.array([backward for _, backward in kinds], dtype=bool)),
        int((~street).sum()),
    )
    return lines, str(answer.values["about"].get("year", ""))


def _options(path: Path) -> dict[str, object]:
    return {"keys": list(KEYS), "tags": list(TAGS), "path": str(path)}
