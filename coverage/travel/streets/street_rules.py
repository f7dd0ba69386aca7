"""Who may use which street, and what it costs on foot, by bike and by car.

Costs are in metres of travel at the pace of the mode, as in `coverage.travel.extracts.osm`. The streets of the
snapshot know a class, a one-way and whether they are a slip road, a bridge or a tunnel, and nothing of limits, surface
or signs: so a rule speaks of classes alone.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coverage.travel.pace import PACE_KMH
from loaders.catalogue.publishers.street_kinds import ONEWAY, RAMP, STREET_CLASSES
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

CACHE_VERSION = 6
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

Speeds = Mapping[str, tuple[float, ...]]
"""Kilometres per hour by class and surroundings, from the countryside to a large city."""

LOCAL_JUNCTIONS = (25, 60, 110)
"""Junctions in the square kilometre of a street from which its surroundings are village, town and city."""

WIDE_KM, WIDE_JUNCTIONS = 7, 80
"""A town or city is part of a large one where the square of so many kilometres around has so many junctions per km²."""

PASSING = ("no junction", "along", "giving way", "main junction")
"""How a street passes a node: where fewer than three streets meet; along the most important street that meets there;
from a lesser one; where three or more through roads (tertiary or higher) meet, with signals as a rule."""

BANDS = len(LOCAL_JUNCTIONS) + 2
"""Kinds of surroundings: countryside, village, town, city, large city."""


@dataclass(frozen=True)
class CarSpeeds:
    """How fast cars go.

    Attributes
    ----------
    kmh : by class; a slip road of a motorway is slower than the motorway
    pass_s : seconds lost on passing a node, by `PASSING` from its second on, and by surroundings
    start_s : seconds that a trip takes beside its streets, from standing still to standing still
    """

    kmh: Speeds
    pass_s: tuple[tuple[float, ...], ...]
    start_s: float


def _held_speeds() -> CarSpeeds:
    fitted = tomllib.loads((Path(__file__).parent / "car_speeds.toml").read_text(encoding="utf-8"))
    kmh = {name: tuple(map(float, values)) for name, values in fitted["kmh"].items()}
    return CarSpeeds(kmh, tuple(tuple(map(float, fitted["seconds"][name])) for name in PASSING[1:]), fitted["start_s"])


CAR = _held_speeds()
"""Speeds of cars, fitted on measured driving times (benchmarks/travel/car_speeds.py, docs/method/travel.md)."""

_SURROUNDINGS = np.array([*LOCAL_JUNCTIONS, WIDE_KM, WIDE_JUNCTIONS], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class StreetRules:
    """What a kind of street costs one mode.

    Attributes
    ----------
    along, against : (BANDS, 256) metres of travel per metre, by surroundings and kind; ``inf`` where closed
    least : the cheapest metre of any street
    ferry_wait : metres of travel that waiting for a ferry takes; ``inf`` where ferries are not used
    junction : (4, BANDS) metres of travel that passing a node takes, by how it is passed (`PASSING`) and surroundings
    """

    along: Floats
    against: Floats
    least: float
    ferry_wait: float
    junction: Floats

    def digest(self) -> str:
        """Text that is another one when a rule is."""
        content = (self.along, self.against, self.junction, _SURROUNDINGS, np.array([self.least, self.ferry_wait]))
        return hashlib.sha256(b"".join(part.tobytes() for part in content)).hexdigest()


def rules_of(mode: str, speeds: CarSpeeds = CAR, *, ferries: bool = False) -> StreetRules:
    """Rules of ``walk``, ``bike`` or ``car``; other speeds than `CAR` are for fitting these. Cars take no ferry."""
    along = np.full((BANDS, 256), np.inf)
    oneways = STREET_CLASSES if mode == "car" else _ONEWAY_FOR_BIKES if mode == "bike" else ()
    for density in range(BANDS):
        for name, cost in _costs(mode, density, speeds.kmh, ferries).items():
            for ramp in (0, RAMP):
                along[density, _codes(name, ramp)] = cost
    if mode == "car":
        for density in range(BANDS):
            along[density, _codes("motorway", RAMP)] = PACE_KMH["car"] / speeds.kmh["motorway_ramp"][density]
    against = along.copy()
    for name in oneways:
        for ramp in (0, RAMP):
            codes = _codes(name, ramp)
            against[:, codes[(codes & ONEWAY) != 0]] = np.inf
    wait = np.inf if mode == "car" or not ferries else WAIT_S * PACE_KMH[mode] / 3.6
    lost = np.zeros((len(PASSING), BANDS))
    if mode == "car":
        lost[1:] = np.array(speeds.pass_s) * PACE_KMH["car"] / 3.6
    return StreetRules(along, against, min(1.0, float(along.min())), wait, lost)


def _codes(name: str, ramp: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Kinds of one class, slip roads or not, whatever their other bits."""
    kinds = np.arange(256)
    return np.flatnonzero(((kinds & 15) == STREET_CLASSES.index(name)) & ((kinds & RAMP) == ramp))


def _costs(mode: str, density: int, car: Speeds, ferries: bool) -> dict[str, float]:
    """Metres of travel per metre by class; classes that are not there are closed."""
    if mode == "car":
        return {name: PACE_KMH["car"] / kmh[density] for name, kmh in car.items() if not name.endswith("_ramp")}
    ferry = {"ferry": PACE_KMH[mode] / FERRY_MOVING_KMH} if ferries else {}
    if mode == "walk":
        return dict.fromkeys(_ON_FOOT, 1.0) | ferry
    pushed = PACE_KMH["bike"] / PACE_KMH["walk"]
    return dict.fromkeys(_RIDDEN, 1.0) | dict.fromkeys(_PUSHED, pushed) | {"path": PACE_KMH["bike"] / PATH_KMH} | ferry


def streets_name(snapshot: Snapshot, mode: str, *, ferries: bool = False) -> str:
    """Text that is another one when the streets, the grid or the rules of a mode are others."""
    grid = str(snapshot.resources["grid_weight"]["hash"])
    made_of = (str(CACHE_VERSION), snapshot.streets_hash(), grid, mode, rules_of(mode, ferries=ferries).digest())
    return f"streets-{mode}-{hashlib.sha256('-'.join(made_of).encode()).hexdigest()[:20]}"
