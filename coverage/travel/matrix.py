"""Travel from a table made with any other tool: who can get where, in metres or minutes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.access.od_pairs import CostPairs
from coverage.travel.base import Travel, TravelContext
from coverage.travel.graph import pairs_of
from coverage.travel.pace import PACE_KMH
from i18n.errors import DataError, MissingColumnError, MissingFileError
from i18n.messages import Message, Word
from loaders.catalogue.levels import LEVELS, get_level
from loaders.catalogue.types import Floats, Positions
from loaders.reading_room import read

if TYPE_CHECKING:
    from loaders.snapshot.reader import Grid, Snapshot


UNITS = ("metres", "minutes")
_FIRST_ROW = 2
"""Row of the first record as people count them: the header is row 1."""


@dataclass(frozen=True, eq=False)
class MatrixTravel:
    """The travel model ``matrix``.

    Attributes
    ----------
    origin : (n_cells,) origin of every inhabited cell, -1 where the table has none
    cost : (rows,) metres of travel, by origin and then ascending
    place : (rows,) position of the facility
    start : (n_origins + 1,) where the rows of every origin begin
    n_places : number of facilities it was made for
    grid : the inhabited cells
    details : values for the sentence that goes with the figures
    """

    origin: Positions
    cost: Floats
    place: Positions
    start: Positions
    n_places: int
    grid: Grid
    details: Mapping[str, object]
    least: float = 0.0

    def __call__(self, demand_xy: Floats, facility_xy: Floats, k: int = 2) -> Travel:
        """See `base.TravelModel`; the points must be the inhabited cells and the places it was made for.

        Raises
        ------
        DataError
            when other points are asked about: a table knows only its own
        """
        self._check(demand_xy, facility_xy)
        found = np.full((len(self.start) - 1, k), np.inf)
        index = np.full(found.shape, -1, dtype=np.intp)
        length = np.diff(self.start)
        for column in range(k):
            rows = np.flatnonzero(length > column)
            found[rows, column] = self.cost[self.start[rows] + column]
            index[rows, column] = self.place[self.start[rows] + column]
        lost = self.origin < 0
        distance, nearest = found[self.origin], index[self.origin]
        distance[lost], nearest[lost] = np.nan, -1
        return Travel(distance, nearest, {"outside_extract": lost}, self.details)

    def within(self, demand_xy: Floats, facility_xy: Floats, radius: float) -> CostPairs:
        """See `coverage.travel.base.TravelModel`; the points as in a call."""
        self._check(demand_xy, facility_xy)
        near = np.flatnonzero(self.cost <= radius)
        origin = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))[near]
        order = np.lexsort((origin, self.place[near]))
        ends = np.cumsum(np.bincount(self.place[near], minlength=self.n_places))
        by_origin = CostPairs(
            origin[order], np.append(0, ends), self.cost[near][order], (len(self.start) - 1, self.n_places)
        )
        found = (
            (place, by_origin.demand[first:last], by_origin.cost[first:last])
            for place, (first, last) in enumerate(itertools.pairwise(by_origin.start))
        )
        return pairs_of(found, self.origin, self.n_places, lambda _, __, cost: cost, radius)

    def _check(self, demand_xy: Floats, facility_xy: Floats) -> None:
        if (len(demand_xy), len(facility_xy)) != (len(self.origin), self.n_places):
            raise DataError(Message("error.travel.other_points"))


def load_matrix(path: Path, setting: TravelContext) -> MatrixTravel:
    """Read a table of travel costs and check every row.

    Columns: ``from_id``, an inhabited cell (INSPIRE code such as ``100mN31294E39241``) or a zone of the newest borders
    (``sector:11002a00-``); ``to_id``, the id of a facility; ``metres``, or ``minutes``, which become metres at the
    pace of the mode. CostPairs that are missing are out of reach; origins that are missing altogether are not covered.

    Raises
    ------
    MissingFileError, MissingColumnError
        when the file or a column is absent
    DataError
        when it cannot be read, covers nothing, or a row has an unknown id, a wrong number or comes twice
    """
    table = _read(path)
    unit = _unit(table, path)
    cost = pd.to_numeric(table[unit], errors="coerce").to_numpy(np.float64)
    _refuse(~(np.isfinite(cost) & (cost >= 0)), table[unit], Message("error.travel.row_number", unit=unit), path)
    if unit == "minutes":
        cost = cost * PACE_KMH[setting.mode] * 1000 / 60
    place = pd.Index(setting.facility_ids).get_indexer(pd.Index(table["to_id"]))
    unknown = (place < 0) & ~table["to_id"].isin(setting.known_ids).to_numpy(bool)
    _refuse(unknown, table["to_id"], Message("error.travel.row_facility"), path)
    origin_of_cell, row_origin = _origins(table["from_id"], setting.snapshot, path)
    _refuse(
        table.duplicated(["from_id", "to_id"]).to_numpy(bool), table["from_id"], Message("error.travel.row_twice"), path
    )
    n_origins = int(row_origin.max(initial=-1)) + 1
    kept = np.flatnonzero(place >= 0)
    order = kept[np.lexsort((place[kept], cost[kept], row_origin[kept]))]
    lost = len(setting.facility_ids) - len(np.unique(place[kept]))
    return MatrixTravel(
        origin=origin_of_cell,
        cost=cost[order],
        place=place[order].astype(np.intp),
        start=np.append(0, np.cumsum(np.bincount(row_origin[order], minlength=n_origins))).astype(np.intp),
        n_places=len(setting.facility_ids),
        grid=setting.snapshot.grid,
        details={"table": path.name, "lost_places": lost},
    )


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise MissingFileError(Message("error.travel.table_gone", file=str(path)))
    found = read("costs", path, file=path.name, options={"wanted": ["from_id", "to_id", *UNITS], "path": str(path)})
    table: pd.DataFrame = found.tables["costs"].to_pandas()
    for column in ("from_id", "to_id"):
        if column not in table:
            raise MissingColumnError(Message("error.travel.table_column", file=path.name, column=column))
        table[column] = table[column].astype(str).str.strip()
    return table.reset_index(drop=True)


def _unit(table: pd.DataFrame, path: Path) -> str:
    units = [unit for unit in UNITS if unit in table]
    if len(units) != 1:
        raise MissingColumnError(
            Message(
                "error.travel.table_units",
                file=path.name,
                units="metres and minutes" if units else Word("error.travel.no_unit"),
            )
        )
    return units[0]


def _refuse(wrong: npt.NDArray[np.bool_], values: pd.Series, problem: Message, path: Path) -> None:
    """Raise `DataError` naming the first wrong row, if any."""
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        cell = {
            "file": path.name,
            "row": str(at + _FIRST_ROW),
            "column": str(values.name),
            "value": str(values.iloc[at]),
        }
        raise DataError(Message("error.travel.row", **cell, problem=problem, n=str(int(wrong.sum()))))


def _origins(from_id: pd.Series, snapshot: Snapshot, path: Path) -> tuple[Positions, Positions]:
    """Origin of every inhabited cell (-1 for none) and of every row; origins are numbered by first appearance."""
    number, ids = pd.factorize(from_id)
    if len(from_id) == 0:
        raise DataError(Message("error.travel.table_empty", file=path.name))
    level = from_id.str.partition(":")[0].where(from_id.str.contains(":", regex=False), "cell")
    one = str(level.iloc[0])
    _refuse((level != one).to_numpy(bool), from_id, Message("error.travel.row_alike", level=one), path)
    if one == "cell":
        of_id = pd.Index(cell_codes(snapshot.grid))
        at = np.arange(len(snapshot.grid))
    else:
        _refuse(
            np.full(len(from_id), one not in LEVELS),
            from_id,
            Message("error.travel.row_level", known=", ".join(LEVELS)),
            path,
        )
        held = get_level(one).resolve_vintage(max(get_level(one).vintages))
        of_id = f"{one}:" + pd.Index(snapshot.zones(one, held)["zone_id"].astype(str))
        at = snapshot.zone_index(one, held).astype(np.intp)
    position = of_id.get_indexer(ids)
    kind = Message("error.travel.row_cell") if one == "cell" else Message("error.travel.row_zone", level=one)
    _refuse((position < 0)[number], from_id, kind, path)
    origin = np.full(len(of_id) + 1, -1, dtype=np.intp)  # the last one is for cells in no zone
    origin[position] = np.arange(len(ids))
    return origin[at], number.astype(np.intp)


def cell_codes(grid: Grid) -> npt.NDArray[np.object_]:
    """(n,) INSPIRE codes of the inhabited cells: lower left corner in the system of the grid, in hundreds of metres.

    Examples
    --------
    The cell from E 3,924,100 to 3,924,200 and N 3,129,400 to 3,129,500 is ``100mN31294E39241``.
    """
    row, col = np.divmod(grid.cell, grid.shape[1])
    east, north = grid.transform @ (col, row + 1)
    codes = [f"100mN{n:.0f}E{e:.0f}" for n, e in zip(np.rint(north / 100), np.rint(east / 100), strict=True)]
    return np.array(codes, dtype=object)
