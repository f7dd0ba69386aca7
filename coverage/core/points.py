"""Births put together in points, so that a siting problem stays small: one per zone of a fine level, or per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coverage.core.demand import Demand
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats, Positions

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


CELL = "cell"
"""In place of a level: every inhabited cell is a point of its own."""


@dataclass(frozen=True, eq=False)
class Points:
    """Points with births.

    Attributes
    ----------
    xy : (n, 2) metres, the births-weighted middle of the cells of the point
    births : (n,) births of these cells, all above 0
    cell : (n,) where the point is taken to be: of its cells with at least average births the one nearest to ``xy``
    of_cell : (n_cells,) the point each cell belongs to, -1 for none
    """

    xy: Floats
    births: Floats
    cell: Positions
    of_cell: Positions

    def per_cell(self, amount: Floats, demand: Demand) -> Floats:
        """(n_cells,) an amount per point, shared out over its cells in proportion to their births."""
        share = np.divide(amount, self.births, out=np.zeros(len(amount)), where=self.births > 0)
        return np.append(share, 0.0)[self.of_cell] * demand.births


def demand_points(
    snapshot: Snapshot, demand: Demand, level: str, inside: npt.NDArray[np.bool_] | None = None
) -> Points:
    """Put the births of every zone of a level in one point.

    Parameters
    ----------
    snapshot : for the grid and the zones
    demand : births of every inhabited cell
    level : a level that is held on the grid, or `CELL`
    inside : (n_cells,) only these cells; None for all

    Returns
    -------
    Points
        zones without births left out; the births of all points are those of the cells they are made of
    """
    zone = np.arange(len(snapshot.grid)) if level == CELL else snapshot.zone_index(level, region().vintage)
    counts = (demand.births > 0) & (zone >= 0)
    if inside is not None:
        counts &= inside
    cells = np.flatnonzero(counts)
    births = demand.births[cells]
    if level == CELL:
        return _by_cell(births, snapshot.grid.xy[cells], cells, len(zone))
    _, point = np.unique(zone[cells], return_inverse=True)
    total = np.bincount(point, weights=births)
    xy = snapshot.grid.xy[cells]
    middle = np.column_stack([np.bincount(point, weights=births * xy[:, axis]) / total for axis in (0, 1)])
    sparse = births < (total / np.bincount(point))[point] * (1 - 1e-12)
    order = np.lexsort((((xy - middle[point]) ** 2).sum(axis=1), sparse, point))
    head = order[np.append(True, point[order][1:] != point[order][:-1])] if len(order) else order
    of_cell = np.full(len(zone), -1, dtype=np.intp)
    of_cell[cells] = point
    return Points(middle, total.astype(np.float64), cells[head], of_cell)


def _by_cell(births: Floats, xy: Floats, cells: Positions, n_cells: int) -> Points:
    """Every cell by itself: nothing has to be sorted or added up."""
    total = births.astype(np.float64)
    of_cell = np.full(n_cells, -1, dtype=np.intp)
    of_cell[cells] = np.arange(len(cells))
    return Points(xy * total[:, None] / total[:, None], total, cells, of_cell)
