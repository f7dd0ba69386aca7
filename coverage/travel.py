"""Travel cost models: how far families really travel from a cell to a place.

Every model finds the nearest facilities, ``model(demand_xy, facility_xy, k) -> Travel``, and all within reach,
``model.within(demand_xy, facility_xy, radius) -> Pairs``, in metres of travel:

- ``crow``: the straight line lengthened by a circuity factor
- ``raster``: the cheapest way over the land, around water and motorways, over bridges (`coverage.friction`)
- ``network``: the streets of an OpenStreetMap extract (`coverage.network`)
- ``matrix``: a table made with any other tool (`coverage.matrix`)

Another joins by an entry in `TRAVEL_MODELS`; nothing else has to change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coverage.access import Nearest, nearest
from coverage.pairs import Pairs, straight_pairs
from loaders.errors import InputError
from loaders.told import ToldError

if TYPE_CHECKING:
    from loaders.snapshot import Snapshot

CIRCUITY = 1.3
"""Travel distance divided by straight-line distance; what we measured of it is in docs/method/circuity.md."""

DEFAULT_MODEL = "crow"

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Travel(Nearest):
    """The ``k`` nearest facilities of every demand point in metres of travel, with what must be said of it.

    Attributes
    ----------
    distance_m : (n, k) metres of travel; ``inf`` where no further facility can be reached, NaN where the model
        cannot tell
    index : (n, k) row of the facility, -1 where there is none or the model cannot tell
    flags : word of `loaders.columns.FLAGS` -> (n,) demand points it applies to
    details : values for the sentence ``caveat.<model>`` that goes with the figures
    """

    flags: Mapping[str, Bools] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)


class TravelModel(Protocol):
    """Anything that knows how far facilities are, in metres of travel; points are in EPSG:31370 metres."""

    @property
    def least(self) -> float:
        """Metres of travel that a metre of straight line costs at the least."""

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """Find the ``k`` nearest of (m, 2) facilities for each of (n, 2) demand points."""

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> Pairs:
        """Find all facilities at most ``radius`` metres of travel away from each demand point."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What a model may need to know beside the points.

    Attributes
    ----------
    snapshot : land cover and zones
    mode : ``walk``, ``bike`` or ``car``
    network : OpenStreetMap extract
    matrix : table of travel costs
    facility_ids : ids of the facilities, in the order in which their points are given
    known_ids : ids of all facilities that exist, of other services too
    """

    snapshot: Snapshot
    mode: str = "walk"
    network: Path | None = None
    matrix: Path | None = None
    facility_ids: tuple[str, ...] = ()
    known_ids: frozenset[str] = frozenset()


def crow(demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
    """Straight line times `CIRCUITY`, so the nearest in travel is the nearest as the crow flies.

    Of facilities at the same distance the one listed first is taken (with ``k`` of 2 or more), so that the outcome
    depends on the places alone and not on how they were searched.

    Parameters
    ----------
    demand_xy : (n, 2) EPSG:31370 metres
    facility_xy : (m, 2) EPSG:31370 metres
    k : how many facilities per point

    Returns
    -------
    Travel
        ``distance_m`` (n, k) metres of travel, ``index`` (n, k)
    """
    straight = nearest(demand_xy, facility_xy, k)
    metres, index = straight.distance_m * CIRCUITY, straight.index
    tied = np.flatnonzero(((metres[:, :-1] == metres[:, 1:]) & (index[:, 1:] >= 0)).any(axis=1))
    if len(tied):
        index[tied] = _listed_first(demand_xy[tied], facility_xy, metres[tied])
    return Travel(metres, index)


def _listed_first(demand_xy: Floats, facility_xy: Floats, metres: Floats) -> npt.NDArray[np.intp]:
    """(n, k) facilities at (n, k) ``metres``, those at the same distance in the order in which they are listed."""
    k, more = metres.shape[1], 2 * metres.shape[1]
    index = np.empty(metres.shape, dtype=np.intp)
    left = np.arange(len(metres))
    while len(left):
        found = nearest(demand_xy[left], facility_xy, more)
        travel = found.distance_m * CIRCUITY
        order = np.lexsort((found.index, travel))
        index[left] = np.take_along_axis(found.index, order, axis=1)[:, :k]
        left = left[(travel[:, -1] == metres[left, -1]) & (more < len(facility_xy))]
        more *= 4
    return index


@dataclass(frozen=True)
class Crow:
    """The travel model ``crow``, see `crow`."""

    least: float = CIRCUITY

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `TravelModel`."""
        return crow(demand_xy, facility_xy, k)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> Pairs:
        """See `TravelModel`."""
        return straight_pairs(demand_xy, facility_xy, radius, CIRCUITY)


def _raster(setting: Setting) -> TravelModel:
    from coverage.friction import raster_travel

    return raster_travel(setting.snapshot, setting.mode, setting.network)


def _network(setting: Setting) -> TravelModel:
    from coverage.network import NetworkTravel, load_network

    return NetworkTravel(load_network(_given(setting.network, "network"), setting.mode))


def _matrix(setting: Setting) -> TravelModel:
    from coverage.matrix import load_matrix

    return load_matrix(_given(setting.matrix, "matrix"), setting)


TRAVEL_MODELS: dict[str, Callable[[Setting], TravelModel]] = {
    "crow": lambda _: Crow(),
    "raster": _raster,
    "network": _network,
    "matrix": _matrix,
}
"""Models this version holds, by the name given to ``--model``."""


def check_model(name: str, network: Path | None = None, matrix: Path | None = None) -> None:
    """Raise `InputError` when a model is unknown, lacks its file, or is given a file it does not use."""
    if name not in TRAVEL_MODELS:
        raise ToldError("error.question.model", value=str(name), known=", ".join(TRAVEL_MODELS))
    for option, file in (("network", network), ("matrix", matrix)):
        if name == option:
            _given(file, option)
        elif file is not None and (name, option) != ("raster", "network"):
            raise ToldError("error.question.model_file", model=name, option=option)


def get_model(name: str, setting: Setting | None = None) -> TravelModel:
    """Make a travel model ready for use; all but ``crow`` need a setting.

    Raises
    ------
    InputError
        when the model is unknown (listing the available ones) or lacks what it needs
    """
    if name == DEFAULT_MODEL:
        return Crow()
    if name not in TRAVEL_MODELS or setting is not None:
        check_model(name, *((setting.network, setting.matrix) if setting else ()))
    if setting is None:
        raise InputError(f"Travel model '{name}' needs the land and files it works from; give it a Setting.")
    return TRAVEL_MODELS[name](setting)


def _given(file: Path | None, option: str) -> Path:
    if file is None:
        raise ToldError("error.question.model_needs", option=option)
    return file


def unsnapped_may_be_nearer(demand_xy: Floats, lost_xy: Floats, distance_m: Floats, least: float) -> Bools:
    """(n, k) where a facility that the model could not place may be nearer than the one it found.

    No way costs less than ``least`` times the straight line, so a lost facility matters only where that is less.
    """
    if len(lost_xy) == 0 or len(demand_xy) == 0:
        return np.zeros(distance_m.shape, dtype=bool)
    straight = np.asarray(cKDTree(lost_xy).query(demand_xy, workers=-1)[0])
    return np.asarray(least * straight[:, None] < distance_m, dtype=bool)
