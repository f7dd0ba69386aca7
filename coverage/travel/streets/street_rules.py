"""Who may use which street, and what it costs on foot, by bike and by car.

Costs are in metres of travel at the pace of the mode, as in `coverage.travel.extracts.osm`. The streets of the
snapshot know a class, a one-way and whether they are a slip road, a bridge or a tunnel, and nothing of limits, surface
or signs: so a rule speaks of classes alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.travel.pace import PACE_KMH
from loaders.catalogue.publishers.street_kinds import ONEWAY, RAMP, STREET_CLASSES
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

CACHE_VERSION = 3
"""Of what is made of the streets and kept; raised when it is made otherwise."""

WAIT_S = 900.0
"""Seconds that are waited for a ferry, half of the half hour between two of them: an estimate."""

FERRY_MOVING_KMH = 8.0
"""Speed of a ferry under way: an estimate."""

PATH_KMH = 7.5
"""Speed of a bike over paths: between pushing it over a footway and riding, because the class does not tell which."""

_ON_FOOT = (
    "primary", "secondary", "tertiary", "minor", "service", "parking", "restricted", "pedestrian", "track", "path",
    "platform",
)  # fmt: skip
_RIDDEN = ("primary", "secondary", "tertiary", "minor", "service", "parking", "restricted", "track")
_PUSHED = ("pedestrian", "platform")
_ONEWAY_FOR_BIKES = ("primary", "secondary", "tertiary")
"""Where one-ways count for bikes; in other one-way streets riding against it is allowed by default."""

Speeds = Mapping[str, tuple[float, float, float]]
"""Kilometres per hour by class and density of junctions: dense, between, sparse."""

CAR_KMH: Speeds = {
    "motorway": (105.0, 115.0, 115.0),
    "motorway_ramp": (65.0, 60.0, 68.0),
    "trunk": (53.0, 58.0, 99.0),
    "primary": (38.0, 48.0, 61.0),
    "secondary": (35.0, 42.5, 61.0),
    "tertiary": (28.5, 40.5, 55.5),
    "minor": (22.5, 27.0, 35.5),
    "service": (15.5, 15.0, 18.0),
    "parking": (10.0, 10.0, 10.0),
}
"""Speeds of cars, fitted on measured driving times (benchmarks/car_speeds.py, docs/method/travel.md).

A slip road of a motorway is slower than the motorway. Driveways and car parks are an estimate: the times do not tell.
"""

JUNCTION_S: tuple[float, float, float] = (0.7, 0.0, 1.3)
"""Seconds that a car loses at a junction of three streets or more, by density of junctions: fitted."""

START_S = 104.0
"""Seconds that a trip by car takes beside its streets, from standing still to standing still: fitted."""

DENSE, SPARSE = 120.0, 40.0
"""Junctions per square kilometre from which streets are dense, and below which they are sparse."""


@dataclass(frozen=True, eq=False)
class Rules:
    """What a kind of street costs one mode.

    Attributes
    ----------
    along, against : (3, 256) metres of travel per metre, by density of junctions and kind; ``inf`` where closed
    least : the cheapest metre of any street
    ferry_wait : metres of travel that waiting for a ferry takes; ``inf`` where ferries are not used
    junction : (3,) metres of travel that a junction takes, by density of junctions
    """

    along: Floats
    against: Floats
    least: float
    ferry_wait: float
    junction: Floats

    def digest(self) -> str:
        """Text that is another one when a rule is."""
        content = (self.along, self.against, self.junction, np.array([self.least, self.ferry_wait, DENSE, SPARSE]))
        return hashlib.sha256(b"".join(part.tobytes() for part in content)).hexdigest()


def rules_of(mode: str, kmh: Speeds | None = None, junction_s: Sequence[float] = JUNCTION_S) -> Rules:
    """Rules of ``walk``, ``bike`` or ``car``; other speeds than `CAR_KMH` and `JUNCTION_S` are for fitting these."""
    kmh = CAR_KMH if kmh is None else kmh
    along = np.full((3, 256), np.inf)
    oneways = STREET_CLASSES if mode == "car" else _ONEWAY_FOR_BIKES if mode == "bike" else ()
    for density in range(3):
        for name, cost in _costs(mode, density, kmh).items():
            for ramp in (0, RAMP):
                along[density, _codes(name, ramp)] = cost
    if mode == "car":
        for density in range(3):
            along[density, _codes("motorway", RAMP)] = PACE_KMH["car"] / kmh["motorway_ramp"][density]
    against = along.copy()
    for name in oneways:
        for ramp in (0, RAMP):
            codes = _codes(name, ramp)
            against[:, codes[(codes & ONEWAY) != 0]] = np.inf
    wait = np.inf if mode == "car" else WAIT_S * PACE_KMH[mode] / 3.6
    lost = np.array(junction_s if mode == "car" else (0.0, 0.0, 0.0)) * PACE_KMH["car"] / 3.6
    return Rules(along, against, min(1.0, float(along.min())), wait, lost)


def _codes(name: str, ramp: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Kinds of one class, slip roads or not, whatever their other bits."""
    kinds = np.arange(256)
    return np.flatnonzero(((kinds & 15) == STREET_CLASSES.index(name)) & ((kinds & RAMP) == ramp))


def _costs(mode: str, density: int, car: Speeds) -> dict[str, float]:
    """Metres of travel per metre by class; classes that are not there are closed."""
    if mode == "car":
        return {name: PACE_KMH["car"] / kmh[density] for name, kmh in car.items() if not name.endswith("_ramp")}
    ferry = {"ferry": PACE_KMH[mode] / FERRY_MOVING_KMH}
    if mode == "walk":
        return dict.fromkeys(_ON_FOOT, 1.0) | ferry
    pushed = PACE_KMH["bike"] / PACE_KMH["walk"]
    return dict.fromkeys(_RIDDEN, 1.0) | dict.fromkeys(_PUSHED, pushed) | {"path": PACE_KMH["bike"] / PATH_KMH} | ferry


def streets_name(snapshot: Snapshot, mode: str) -> str:
    """Text that is another one when the streets, the grid or the rules of a mode are others."""
    grid = str(snapshot.resources["grid_weight"]["hash"])
    made_of = (str(CACHE_VERSION), snapshot.streets_hash(), grid, mode, rules_of(mode).digest())
    return f"streets-{mode}-{hashlib.sha256('-'.join(made_of).encode()).hexdigest()[:20]}"
