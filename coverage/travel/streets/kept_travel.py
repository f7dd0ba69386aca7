"""Distances over the streets of the snapshot, kept for the next question about the same places.

What every cell is from the places follows from the streets, the grid, the places and how nabij searches; it is kept in
the cache folder under the hash of these, so that a command that is asked again, for other zones, another year or
another threshold, neither loads the streets nor searches them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import Travel
from coverage.travel.streets.street_rules import streets_name
from loaders.catalogue.types import Bools, Floats, Ints, Positions
from loaders.snapshot.array_cache import Arrays, cache_folder, keep_arrays, keep_last, mark_used, read_arrays

if TYPE_CHECKING:
    from coverage.travel.streets.street_travel import StreetTravel
    from loaders.snapshot.reader import Snapshot

MAX_ANSWERS = 8
"""Sets of places whose distances are kept; of 1.2 million cells each takes 26 MB."""

_NONE, _UNKNOWN = -1, -2
"""What stands for a place that cannot be reached, and for a distance that is not known."""

_DM = 10
_FLAGS = ("outside_extract", "straight_line")


@dataclass(frozen=True, eq=False)
class KeptTravel:
    """The streets as a travel model, of which answers for the whole grid are kept.

    Attributes
    ----------
    snapshot : whose streets and cells
    mode : ``walk``, ``bike`` or ``car``
    ferries : whether ferries count
    """

    snapshot: Snapshot
    mode: str
    ferries: bool = False

    def _streets(self) -> StreetTravel:
        from coverage.travel.streets.street_network import load_streets  # scipy, and the arrays of the streets
        from coverage.travel.streets.street_travel import StreetTravel

        return StreetTravel(load_streets(self.snapshot, self.mode, ferries=self.ferries))

    @property
    def least(self) -> float:
        """See `coverage.travel.base.TravelModel`."""
        return self._streets().least

    @property
    def aside_m(self) -> float:
        """See `coverage.travel.streets.street_travel.StreetTravel.aside_m`."""
        return self._streets().aside_m

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`; nothing of this is kept."""
        return self._streets().within(demand_xy, facility_xy, radius)

    def within_limits(
        self, demand_xy: Floats, facility_xy: Floats, limit: Floats
    ) -> Iterator[tuple[Positions, Positions, Floats]]:
        """See `coverage.travel.streets.street_travel.StreetTravel.within_limits`; nothing of this is kept."""
        return self._streets().within_limits(demand_xy, facility_xy, limit)

    def may_reach(self, xy: Floats, facility_xy: Floats, radius: float) -> Bools:
        """See `coverage.travel.streets.street_travel.StreetTravel.may_reach`."""
        return self._streets().may_reach(xy, facility_xy, radius)

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `coverage.travel.base.TravelModel`; kept where the points are the cells of the grid."""
        base = cache_folder()
        if base is None or demand_xy is not self.snapshot.grid.xy:
            return self._streets()(demand_xy, facility_xy, k)
        folder = base / f"distances-{self._name(facility_xy, k)}"
        arrays = read_arrays(folder)
        if arrays is not None and {*_FLAGS, "distance", "index", "order", "places"} <= arrays.keys():
            mark_used(folder)
            return _travel(arrays)
        travel = self._streets()(demand_xy, facility_xy, k)
        keep_arrays(_arrays(travel), folder)
        keep_last(base, "distances-", MAX_ANSWERS)
        return travel

    def _name(self, facility_xy: Floats, k: int) -> str:
        parts = (
            streets_name(self.snapshot, self.mode, ferries=self.ferries),
            _searched_by(),
            str(k),
            str(facility_xy.shape),
        )
        joined = hashlib.sha256("-".join(parts).encode())
        joined.update(np.ascontiguousarray(facility_xy, dtype=np.float64).tobytes())
        return joined.hexdigest()[:24]


@cache
def _searched_by() -> str:
    """Hash of the modules that search the streets: where one of them is another, nothing that was kept is used."""
    here = Path(__file__).parent
    joined = hashlib.sha256()
    for module in (
        *sorted(here.glob("*.py")),
        here.parent / "graph.py",
        here.parent / "base.py",
        here.parent / "pace.py",
    ):
        joined.update(module.read_bytes())
    return joined.hexdigest()


def _arrays(travel: Travel) -> Arrays:
    """An answer in whole decimetres, as the streets give it."""
    distance = travel.distance_m * _DM
    known = np.isfinite(distance)
    whole: Ints = np.full(distance.shape, _NONE, dtype=np.int32)
    whole[known] = np.rint(distance[known])
    whole[np.isnan(distance)] = _UNKNOWN
    told = travel.details["off_street"]
    off_street = told if isinstance(told, tuple) else ()
    return {
        "distance": whole,
        "index": travel.index.astype(np.int32),
        "order": np.argsort(travel.distance_m[:, 0], kind="stable").astype(np.int32),
        "places": np.array([travel.details["lost_places"], *off_street], dtype=np.int64),
        **{name: travel.flags[name] for name in _FLAGS},
    }


def _travel(kept: Arrays) -> Travel:
    whole = kept["distance"]
    distance = whole / _DM
    distance[whole == _NONE] = np.inf
    distance[whole == _UNKNOWN] = np.nan
    lost, *off_street = kept["places"].tolist()
    return Travel(
        distance,
        kept["index"].astype(np.intp),
        {name: np.asarray(kept[name]) for name in _FLAGS},
        {"lost_places": lost, "off_street": tuple(off_street)},
        order=kept["order"].astype(np.intp),
    )
