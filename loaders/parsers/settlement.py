"""Kind of settlement of every kilometre cell: the grid typology of the degree of urbanisation, level 1.

Eurostat, OECD, UN-Habitat and others (2021), *Applying the degree of urbanisation*, chapter 7. An urban centre is a
cluster of cells that share a side, each with at least 1,500 inhabitants per km², with at least 50,000 inhabitants
together; gaps in it are filled and its edge is smoothed. An urban cluster is a cluster of cells that share a side or a
corner, each with at least 300 inhabitants per km², with at least 5,000 together. All other cells are rural.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from loaders.catalogue.types import Bools, Floats

CITY, TOWN, RURAL = "city", "town", "rural"
CENTRE_DENSITY, CENTRE_PEOPLE = 1_500, 50_000
CLUSTER_DENSITY, CLUSTER_PEOPLE = 300, 5_000
LARGEST_GAP_KM2 = 15
"""Gaps in an urban centre smaller than this are filled."""
MAJORITY = 5
"""Neighbours out of eight from which a cell joins the urban centre they belong to."""

_KM = 1_000


def settlement_of_cells(x: npt.ArrayLike, y: npt.ArrayLike, population: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """(n,) `CITY` (urban centre), `TOWN` (urban cluster outside one) or `RURAL` for every kilometre cell.

    Parameters
    ----------
    x, y : (n,) lower left corner in EPSG:3035 metres, multiples of 1,000
    population : (n,) inhabitants; a cell has one km², so this is its density (water is not taken off)
    """
    col, row = (np.asarray(values, dtype=np.int64) // _KM for values in (x, y))
    if not len(row):
        return np.empty(0, dtype=object)
    row, col = row - row.min() + 1, col - col.min() + 1
    people = np.zeros((int(row.max()) + 2, int(col.max()) + 2))
    people[row, col] = np.asarray(population, dtype=np.float64)
    centre = _urban_centres(people)
    cluster = _clusters(people >= CLUSTER_DENSITY, people, CLUSTER_PEOPLE, corners=True) > 0
    return np.where(centre[row, col], CITY, np.where(cluster[row, col], TOWN, RURAL)).astype(object)


def _clusters(dense: Bools, people: Floats, least: float, *, corners: bool) -> npt.NDArray[np.int32]:
    """Number of the cluster of every cell, 0 outside those with at least so many people."""
    from scipy import ndimage

    label, count = ndimage.label(dense, structure=np.ones((3, 3)) if corners else None)
    size = np.bincount(label.ravel(), weights=people.ravel(), minlength=count + 1)
    kept = size >= least
    kept[0] = False
    return np.where(kept[label], label, 0).astype(np.int32)


def _urban_centres(people: Floats) -> Bools:
    """Cells of urban centres, each centre filled and smoothed by itself."""
    label = _clusters(people >= CENTRE_DENSITY, people, CENTRE_PEOPLE, corners=False)
    centres = np.zeros(people.shape, dtype=bool)
    for number in np.unique(label[label > 0]):
        centres |= _smoothed(_filled(label == number))
    return centres


def _filled(centre: Bools) -> Bools:
    """Centre with the gaps that it encloses, where these are small."""
    from scipy import ndimage

    gap, count = ndimage.label(~centre)
    size = np.bincount(gap.ravel(), minlength=count + 1)
    border = np.unique(np.concatenate([gap[0], gap[-1], gap[:, 0], gap[:, -1]]))
    small = size < LARGEST_GAP_KM2
    small[border], small[0] = False, False
    return np.asarray(centre | small[gap], dtype=bool)


def _smoothed(centre: Bools) -> Bools:
    """Centre with every cell that most of its neighbours belong to, until there is none left."""
    from scipy import ndimage

    around = np.ones((3, 3))
    around[1, 1] = 0
    while True:
        joins = ~centre & (ndimage.convolve(centre.astype(np.int64), around, mode="constant") >= MAJORITY)
        if not joins.any():
            return centre
        centre = centre | joins


def with_settlement(cells: pd.DataFrame) -> pd.DataFrame:
    """Return kilometre cells (``x, y, population``) with their ``settlement``."""
    return cells.assign(settlement=settlement_of_cells(cells["x"], cells["y"], cells["population"]))
