"""Where a new place might come: cells, middles of sectors and wijken, stations, or a list of buildings.

Every candidate stands where people live. The grid of inhabited cells holds no water, so a candidate that stays in one
or is moved to one is never in water; one with nobody near is left out, and that is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from coverage.core.demand import Demand
from coverage.core.points import CELL, demand_points
from i18n.errors import MissingFileError
from i18n.messages import Message, MessageError, Word
from loaders.catalogue.publishers.building_kinds import BUILDING_KINDS, USUAL_KINDS
from loaders.catalogue.regions.levels import default_vintage
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.regions.region_in_use import ListOfRegion, OfRegion, region
from loaders.catalogue.types import Bools, Floats, Positions

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


LEVELS_OF: Mapping[str, str] = OfRegion(lambda chosen: {name: name for name in (CELL, *chosen.candidates)})
"""Kinds of candidate that are the middle of a zone: the cells, and the levels that the region declares."""

BUILDINGS = "public_buildings"
"""Candidates that are public buildings of the snapshot; ``public_buildings:school,library`` are those of some kinds."""

KINDS: Sequence[str] = ListOfRegion(
    lambda chosen: (CELL, *chosen.candidates, "station", *((BUILDINGS,) if BUILDINGS in chosen.tables else ()))
)
"""Kinds of candidate by name; anything else is the file of a user."""


def some_buildings(kinds: Sequence[str]) -> str:
    """Candidates that are public buildings of some kinds; of the usual ones where none is named.

    Raises
    ------
    MessageError
        for a kind of building that is not known
    """
    for kind in kinds:
        if kind not in BUILDING_KINDS:
            raise MessageError("siting.error.building_kind", value=kind, known=", ".join(BUILDING_KINDS))
    return f"{BUILDINGS}:{','.join(dict.fromkeys(kinds))}" if kinds else BUILDINGS


def kind_words(kind: str) -> str:
    """Word of `KINDS` for the kind of a candidate: of a public building the kind says what it is."""
    return BUILDINGS if kind in BUILDING_KINDS else kind


def default_kind() -> str:
    """Kind of candidate that is taken where none is asked for."""
    return next(iter(region().candidates), CELL)


BLOCK_CELLS = 3
"""Of ``cell`` candidates only the one with most births in every block of 3 by 3 is kept."""

HALF_DIAGONAL_M = 71.0
"""A point this near to the middle of a cell lies in it."""

MIN_BIRTHS = 0.01
"""Births a year from which people are taken to live in a cell: one a century."""

FARTHEST_M = 500.0
"""A point farther from any inhabited cell has nobody near."""

CANDIDATE_COLUMNS: Sequence[str] = ListOfRegion(
    lambda chosen: ("id", "kind", "name", "x", "y", "cell", chosen.newest_code, "births", "moved_m")
)
"""Columns of candidates; the seventh is the code of the municipality that one stands in."""


@dataclass(frozen=True, eq=False)
class CandidateSites:
    """Places to choose from.

    Attributes
    ----------
    frame : `CANDIDATE_COLUMNS`: ``x, y`` in metres, ``cell`` the inhabited cell it stands in, the code
        of its municipality, ``births`` of that cell, ``moved_m`` how far it was moved to come there
    dropped : ``id, name, distance_m``: what was left out because nobody lives near
    """

    frame: pd.DataFrame
    dropped: pd.DataFrame

    @property
    def xy(self) -> Floats:
        """(n, 2) metres."""
        return self.frame[["x", "y"]].to_numpy(np.float64)

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.frame)


def find_candidates(
    snapshot: Snapshot,
    demand: Demand,
    kind: str | None = None,
    inside: Bools | None = None,
    buildings: pd.DataFrame | None = None,
) -> CandidateSites:
    """Collect candidates.

    Parameters
    ----------
    snapshot : for the grid, the zones and the stations
    demand : births of every inhabited cell
    kind : one of `KINDS`, with ``buildings`` the name of their list; None for `default_kind`
    inside : (n_cells,) only candidates in these cells; None for all
    buildings : ``id, name, x, y`` in metres, of a list of one's own, in place of a kind

    Raises
    ------
    MessageError
        when no candidate is left
    MissingFileError
        when ``kind`` is none and no list was read
    """
    kind = default_kind() if kind is None else kind
    if buildings is not None:
        frame, dropped = _snapped(snapshot, demand, buildings, "building")
    elif kind in LEVELS_OF:
        frame, dropped = _middles(snapshot, demand, kind, inside), _dropped([], [], [])
    elif kind == "station":
        frame, dropped = _snapped(snapshot, demand, _stations(snapshot), "station")
    elif kind.partition(":")[0] == BUILDINGS:
        frame, dropped = _buildings(snapshot, demand, kind.partition(":")[2])
    else:
        raise MissingFileError(Message("siting.error.candidate_kind", kind=kind, known=", ".join(KINDS)))
    if inside is not None:
        frame = frame[inside[frame["cell"].to_numpy(np.intp)]]
    if frame.empty:
        name = kind.partition(":")[0]
        named = name in KINDS and buildings is None
        raise MessageError("siting.error.no_candidate", kind=Word(f"site.candidates.{name if named else 'building'}"))
    return CandidateSites(frame.reset_index(drop=True), dropped)


def _middles(snapshot: Snapshot, demand: Demand, kind: str, inside: Bools | None) -> pd.DataFrame:
    """Cells nearest to the middle of the births of every zone."""
    level = LEVELS_OF[kind]
    cells = demand_points(snapshot, demand, level, inside).cell
    if level == CELL:
        cells = _fullest_of_blocks(snapshot, demand, cells)
        names, ids = [""] * len(cells), [f"cell-{number}" for number in snapshot.grid.cell[cells]]
    else:
        zones = snapshot.zones(level, default_vintage())
        zone = snapshot.zone_index(level, default_vintage())[cells]
        names = zones["zone_name"].to_numpy(object)[zone].tolist()
        ids = [f"{kind}-{i}" for i in zones["zone_id"].to_numpy(object)[zone]]
    xy = snapshot.grid.xy[cells]
    return _frame(snapshot, demand, kind, ids, names, xy, cells, np.zeros(len(cells)))


def _fullest_of_blocks(snapshot: Snapshot, demand: Demand, cells: Positions) -> Positions:
    """The cell with most births of every block; the first where two have as many."""
    row, col = np.divmod(snapshot.grid.cell[cells], snapshot.grid.shape[1])
    block = (row // BLOCK_CELLS) * (snapshot.grid.shape[1] // BLOCK_CELLS + 1) + col // BLOCK_CELLS
    order = np.lexsort((cells, -demand.births[cells], block))
    head = np.append(True, block[order][1:] != block[order][:-1])
    return np.sort(cells[order[head]])


def _stations(snapshot: Snapshot) -> pd.DataFrame:
    table = snapshot.table("stations").drop_duplicates(["lon", "lat"])
    x, y = from_lonlat(table[["lon", "lat"]].to_numpy(np.float64)).T
    return pd.DataFrame({"id": "station-" + table["station_id"].astype(str), "name": table["name"], "x": x, "y": y})


def _buildings(snapshot: Snapshot, demand: Demand, kinds: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Public buildings of some kinds, with commas; of the usual ones where none is named."""
    if BUILDINGS not in snapshot.resources:
        raise MessageError("siting.error.no_buildings")
    asked = [kind.strip() for kind in kinds.split(",") if kind.strip()]
    some_buildings(asked)
    table = snapshot.table(BUILDINGS)
    table = table[table["kind"].isin(asked or USUAL_KINDS)]
    if table.empty:
        raise MessageError("siting.error.no_candidate", kind=Word(f"site.candidates.{BUILDINGS}"))
    points = table.rename(columns={"building_id": "id"}).assign(name=table["name"].fillna(""))
    frame, dropped = _snapped(snapshot, demand, points, BUILDINGS)
    of = dict(zip(points["id"], points["kind"], strict=True))
    return frame.assign(kind=frame["id"].map(of)), dropped


def _snapped(snapshot: Snapshot, demand: Demand, points: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Points in an inhabited cell stay; others move to the nearest one, or are left out."""
    lived = np.flatnonzero(demand.births >= MIN_BIRTHS)
    xy = points[["x", "y"]].to_numpy(np.float64)
    snapped = cKDTree(snapshot.grid.xy[lived]).query(xy)
    distance, at = np.asarray(snapped[0], dtype=np.float64), np.asarray(snapped[1], dtype=np.intp)
    kept = distance <= FARTHEST_M
    cells = lived[at[kept]]
    stays = distance[kept] <= HALF_DIAGONAL_M
    place = np.where(stays[:, None], xy[kept], snapshot.grid.xy[cells])
    frame = _frame(
        snapshot,
        demand,
        kind,
        points["id"].to_numpy(object)[kept].tolist(),
        points["name"].to_numpy(object)[kept].tolist(),
        place,
        cells,
        np.where(stays, 0.0, distance[kept]),
    )
    return frame, _dropped(points["id"][~kept].tolist(), points["name"][~kept].tolist(), distance[~kept].tolist())


def _dropped(ids: list[str], names: list[str], distance: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"id": ids, "name": names, "distance_m": np.asarray(distance, dtype=np.float64)})


def _frame(
    snapshot: Snapshot,
    demand: Demand,
    kind: str,
    ids: list[str],
    names: list[str],
    xy: Floats,
    cells: Positions,
    moved: Floats,
) -> pd.DataFrame:
    municipality = np.append(snapshot.zone_rows(region().base, region().vintage)["zone_id"].to_numpy(object), "")
    frame = pd.DataFrame(
        {
            "id": ids,
            "kind": kind,
            "name": names,
            "x": xy[:, 0],
            "y": xy[:, 1],
            "cell": cells,
            region().newest_code: municipality[snapshot.zone_index(region().base, region().vintage)[cells]],
            "births": demand.births[cells],
            "moved_m": moved,
        }
    )
    return frame.sort_values("id", ignore_index=True)[list(CANDIDATE_COLUMNS)]
