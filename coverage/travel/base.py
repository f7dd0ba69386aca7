"""Travel cost models: how far families really travel from a cell to a place.

Every model finds the nearest facilities, ``model(demand_xy, facility_xy, k) -> Travel``, and all within reach,
``model.within(demand_xy, facility_xy, radius) -> CostPairs``, in metres of travel; `coverage.travel.models` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from coverage.access.nearest_facilities import Nearest, nearest
from coverage.access.od_pairs import CostPairs
from loaders.catalogue.types import Bools, Floats, Positions

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


@dataclass(frozen=True, eq=False)
class Travel(Nearest):
    """The ``k`` nearest facilities of every demand point in metres of travel, with what must be said of it.

    Attributes
    ----------
    distance_m : (n, k) metres of travel; ``inf`` where no further facility can be reached, NaN where the model
        cannot tell
    index : (n, k) row of the facility, -1 where there is none or the model cannot tell
    flags : word of `loaders.catalogue.columns.FLAGS` -> (n,) demand points it applies to
    details : values for the sentence ``caveat.<model>`` that goes with the figures
    forest : what the model found on its way, from which it can bring distances up to date; None where it cannot
    order : (n,) demand points from near to far, stable, where the model knows that already
    """

    flags: Mapping[str, Bools] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)
    forest: object = None
    order: Positions | None = None


class TravelModel(Protocol):
    """Anything that knows how far facilities are, in metres of travel; points are in metres."""

    @property
    def least(self) -> float:
        """Metres of travel that a metre of straight line costs at the least."""

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """Find the ``k`` nearest of (m, 2) facilities for each of (n, 2) demand points."""

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """Find all facilities at most ``radius`` metres of travel away from each demand point."""


def slack_of(model: TravelModel) -> float:
    """Metres by which a way between two points may be shorter than ``least`` times the straight line.

    Points are put on pieces of street that may stand a little beside where the street runs, at both ends of a way.
    """
    return 2.0 * float(getattr(model, "aside_m", 0.0))


@dataclass(frozen=True)
class BridgeLine:
    """A bridge that is not there: the straight line between two points, metres, and the modes that may use it."""

    x: float
    y: float
    to_x: float
    to_y: float
    modes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TravelContext:
    """What a model may need to know beside the points.

    Attributes
    ----------
    snapshot : land cover and zones
    mode : ``walk``, ``bike`` or ``car``
    network : OpenStreetMap extract
    matrix : table of travel costs
    facility_ids : ids of the facilities, in the order in which their points are given
    known_ids : ids of all facilities that exist, of other services too
    facility_xy : (n, 2) points of the facilities, metres; None where they are not known yet
    matrix_columns : header and field of the columns of the table, as the user says them
    keep : whether distances of the whole grid are taken from the cache folder, and kept there
    ferries : whether ferries count
    bridges : bridges that are not there, for the mode; over the streets of the snapshot
    """

    snapshot: Snapshot
    mode: str = "walk"
    network: Path | None = None
    matrix: Path | None = None
    facility_ids: tuple[str, ...] = ()
    known_ids: frozenset[str] = frozenset()
    facility_xy: Floats | None = None
    matrix_columns: tuple[tuple[str, str], ...] = ()
    keep: bool = False
    ferries: bool = False
    bridges: tuple[BridgeLine, ...] = ()


def unsnapped_may_be_nearer(demand_xy: Floats, lost_xy: Floats, distance_m: Floats, least: float) -> Bools:
    """(n, k) where a facility that the model could not place may be nearer than the one it found.

    No way costs less than ``least`` times the straight line, so a lost facility matters only where that is less.
    """
    if len(lost_xy) == 0 or len(demand_xy) == 0:
        return np.zeros(distance_m.shape, dtype=bool)
    straight = nearest(demand_xy, lost_xy, 1).distance_m
    return np.asarray(least * straight < distance_m, dtype=bool)
