"""Strata: what the births of any zone are divided by, whatever the zone. Deprivation in fifths, and type of area.

A stratum is of the surroundings of a hectare, never of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from i18n.messages import MessageError
from loaders.catalogue.regions.projection import cell_m, census_m
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

DEPRIVATION, AREA_TYPE = "deprivation", "area_type"
BY = (DEPRIVATION, AREA_TYPE)
"""What may be given to ``--by``."""

FIFTHS = ("1", "2", "3", "4", "5")
"""Fifths of the births by deprivation of the sector they live in; 1 is the most deprived."""
AREA_TYPES = ("city", "town", "rural")
UNKNOWN = "unknown"
"""Stratum of births of whose surroundings nothing is known."""


@dataclass(frozen=True, eq=False)
class Strata:
    """A division of the inhabited hectares that is not one of the territory.

    Attributes
    ----------
    by : `DEPRIVATION` or `AREA_TYPE`
    names : words of the strata, `UNKNOWN` last
    index : (n_cells,) position in ``names``
    score : (n_cells,) what orders the cells, the most deprived first (deprivation only; NaN where not known)
    """

    by: str
    names: tuple[str, ...]
    index: npt.NDArray[np.int64]
    score: Floats | None = None


def make_strata(snapshot: Snapshot, by: str, births: Floats) -> Strata:
    """Strata of the inhabited hectares.

    Parameters
    ----------
    snapshot : source of the index by sector, and of the kilometre cells
    by : one of `BY`
    births : (n_cells,) births that each fifth of deprivation has a fifth of; those of the newest year, so that a
        fifth is the same sectors for every question

    Raises
    ------
    MessageError
        when ``by`` is unknown, or the snapshot does not hold what it needs
    """
    if by == DEPRIVATION:
        return _fifths(snapshot, births)
    if by == AREA_TYPE:
        return _area_types(snapshot)
    raise MessageError("error.question.by", value=str(by), known=", ".join(BY))


def _fifths(snapshot: Snapshot, births: Floats) -> Strata:
    """Sectors from the most to the least deprived, cut where each fifth of the births is full.

    A sector lies whole in the fifth that the middle of its births falls in, so fifths are equal up to a sector.
    """
    if "sector_deprivation" not in snapshot.resources:
        raise MessageError("error.question.by_not_held", by=DEPRIVATION)
    sector = snapshot.zone_index("sector")
    ids = snapshot.zone_rows("sector")["zone_id"]
    published = snapshot.table("sector_deprivation").set_index("sector_id")["score"].reindex(ids).to_numpy(np.float64)
    score = np.append(published, np.nan)[sector]
    position = rank_of_score(score, births)
    known = np.isfinite(position)
    index = np.full(len(score), len(FIFTHS), dtype=np.int64)
    index[known] = np.minimum((position[known] * len(FIFTHS)).astype(np.int64), len(FIFTHS) - 1)
    return Strata(DEPRIVATION, (*FIFTHS, UNKNOWN), index, score)


def rank_of_score(score: Floats, births: Floats) -> Floats:
    """(n_cells,) place from 0 to 1 in the order from the most to the least deprived; NaN where the score is not known.

    Cells of one score share the middle of the part of the births that they take together, so that the births-weighted
    mean is one half.

    Examples
    --------
    >>> rank_of_score(np.array([9.0, 5.0, 5.0, 1.0, np.nan]), np.array([1.0, 1.0, 1.0, 1.0, 3.0])).tolist()
    [0.125, 0.5, 0.5, 0.875, nan]
    """
    known = np.isfinite(score)
    rank = np.full(len(score), np.nan)
    _, group = np.unique(-score[known], return_inverse=True)
    size = np.bincount(group, weights=births[known])
    total = float(size.sum())
    middle = np.divide(np.cumsum(size) - size / 2, total, out=np.zeros_like(size), where=total > 0)
    rank[known] = middle[group]
    return rank


def _area_types(snapshot: Snapshot) -> Strata:
    return Strata(AREA_TYPE, (*AREA_TYPES, UNKNOWN), settlement_index(snapshot))


def settlement_index(snapshot: Snapshot) -> npt.NDArray[np.int64]:
    """(n_cells,) position in `AREA_TYPES` of the kilometre cell that a hectare lies in; the last for unknown.

    A kilometre that the census does not list has nobody: a hectare in it counts as rural.

    Raises
    ------
    MessageError
        when the snapshot does not hold the kind of settlement of kilometre cells
    """
    if not has_settlement(snapshot):
        raise MessageError("error.question.by_not_held", by=AREA_TYPE)
    census = snapshot.table("census_grid")
    number = pd.Index(AREA_TYPES).get_indexer(pd.Index(census["settlement"]))
    grid, side, km = snapshot.grid, cell_m(), census_m()
    rows, columns = grid.shape
    west, north = grid.pixel_to_metres[2], grid.pixel_to_metres[5]
    x = np.floor((west + side * (np.arange(columns) + 0.5)) / km).astype(np.int64)
    y = np.floor((north - side * (np.arange(rows) + 0.5)) / km).astype(np.int64)
    kilometre = np.full((y.max() - y.min() + 1, x.max() - x.min() + 1), AREA_TYPES.index("rural"), dtype=np.int64)
    at_y, at_x = (census[axis].to_numpy(np.int64) // km - least.min() for axis, least in (("y", y), ("x", x)))
    inside = (at_y >= 0) & (at_x >= 0) & (at_y < kilometre.shape[0]) & (at_x < kilometre.shape[1])
    kilometre[at_y[inside], at_x[inside]] = number[inside]
    row, col = np.divmod(grid.cell, columns)
    return np.asarray(kilometre[y[row] - y.min(), x[col] - x.min()], dtype=np.int64)


def has_settlement(snapshot: Snapshot) -> bool:
    """Whether the kind of settlement of kilometre cells is held."""
    fields = snapshot.resources.get("census_grid", {}).get("schema", {}).get("fields", ())
    return any(field["name"] == "settlement" for field in fields)


def area_type_of(people: Floats) -> npt.NDArray[np.object_]:
    """(n_zones,) degree of urbanisation of zones by where their people live; None where nobody does.

    Eurostat's rule for local units: a *city* has at least half of its people in urban centres; a *rural* area has more
    than half in rural cells; all else is a *town* (towns and suburbs).

    Parameters
    ----------
    people : (n_zones, 3) inhabitants in urban centres, in urban clusters outside these, and in rural cells

    Examples
    --------
    >>> area_type_of(np.array([[60.0, 30.0, 10.0], [40.0, 30.0, 30.0], [0.0, 40.0, 60.0], [0.0, 0.0, 0.0]])).tolist()
    ['city', 'town', 'rural', None]
    """
    total = people.sum(axis=1)
    city, rural = 2 * people[:, 0] >= total, 2 * people[:, 2] > total
    area_type = np.where(city, "city", np.where(rural, "rural", "town")).astype(object)
    area_type[~(total > 0)] = None
    return area_type
