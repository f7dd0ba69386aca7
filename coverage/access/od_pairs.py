"""Travel costs between demand and facilities, kept only where one can reach the other.

Everything is stored facility by facility (columns of a sparse matrix), because facilities are few and their
catchments small: no matrix of all demand points by all facilities is ever made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from i18n.errors import InputError
from loaders.catalogue.types import Floats

if TYPE_CHECKING:
    from scipy import sparse
    from scipy.spatial import cKDTree

Weights: TypeAlias = "sparse.csc_array[np.float64]"
Decay = Callable[[Floats], Floats]
"""Weight of every cost: (n,) costs to (n,) weights, finite and none negative."""

_ROUNDING = 1e-9
"""Slack of a search, relative; what it finds too far is left out afterwards."""

_BATCH = 2_000_000
"""Pairs searched for at a time: a search takes 70 bytes for a pair, what is kept of it 12."""


@dataclass(frozen=True, eq=False)
class CostPairs:
    """Which demand point reaches which facility, and at what cost.

    Attributes
    ----------
    demand : (n_pairs,) row of the demand point, facility by facility, ascending within each
    start : (n_facility + 1,) where the pairs of every facility begin in ``demand`` and ``cost``
    cost : (n_pairs,) metres or minutes, none negative, all finite; 0 is a cost like any other
    shape : (n_demand, n_facility)
    """

    demand: npt.NDArray[Any]
    start: npt.NDArray[Any]
    cost: Floats
    shape: tuple[int, int]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.cost)

    @property
    def facility(self) -> npt.NDArray[np.intp]:
        """(n_pairs,) column of the facility."""
        return np.repeat(np.arange(self.shape[1], dtype=np.intp), np.diff(self.start))

    def within(self, radius: float) -> CostPairs:
        """Only the pairs whose cost is at most ``radius``, its end included."""
        near = self.cost <= radius
        if near.all():
            return self
        counted = np.append(0, np.cumsum(near))
        return CostPairs(self.demand[near], counted[self.start].astype(self.start.dtype), self.cost[near], self.shape)

    def weigh(self, decay: Decay) -> Weights:
        """(n_demand, n_facility) weight of every pair; `InputError` when the decay gives no usable weights."""
        from scipy import sparse

        weights = np.asarray(decay(self.cost), dtype=np.float64)
        if weights.shape != self.cost.shape:
            raise InputError(
                f"The decay gives shape {weights.shape} for {len(self)} costs; give one weight for every cost."
            )
        if len(weights) and not (np.isfinite(weights).all() and weights.min() >= 0):
            wrong = int(np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))[0])
            raise InputError(
                f"The decay gives {weights[wrong]} for a cost of {self.cost[wrong]:g}; "
                "let it give a finite weight of 0 or more."
            )
        return sparse.csc_array((weights, self.demand, self.start), shape=self.shape)

    def matrix(self) -> Weights:
        """(n_demand, n_facility) the costs themselves; a cost of 0 is stored, out of reach is absent."""
        from scipy import sparse

        return sparse.csc_array((self.cost, self.demand, self.start), shape=self.shape)


def read_pairs(cost: Any, radius: float = math.inf) -> CostPairs:
    """Read a cost matrix, dense or sparse.

    Parameters
    ----------
    cost : (n_demand, n_facility) metres or minutes. Dense: out of reach is ``inf``. Sparse: out of reach is
        absent; a stored 0 is a cost of 0. `CostPairs` are taken as they are.
    radius : largest cost kept, its end included

    Raises
    ------
    InputError
        when a cost is negative or not a number, a pair stands in a sparse matrix twice, the matrix has not
        two dimensions, or the radius is negative or not a number
    """
    from scipy import sparse

    if not radius >= 0:
        raise InputError(f"The radius is {radius}; give a distance or time of 0 or more.")
    if isinstance(cost, CostPairs):
        return cost.within(radius)
    return (_from_sparse(cost) if sparse.issparse(cost) else _from_dense(cost)).within(radius)


def _from_dense(cost: Any) -> CostPairs:
    values = np.asarray(cost, dtype=np.float64)
    if values.ndim != 2:
        raise InputError(f"The cost matrix has shape {values.shape}; give (n_demand, n_facility).")
    columns = np.ascontiguousarray(values.T)
    _check_costs(columns.ravel(), lambda at: divmod(at, values.shape[0])[::-1])
    reached = np.isfinite(columns)
    start = np.append(0, np.cumsum(reached.sum(axis=1)))
    rows = np.broadcast_to(np.arange(values.shape[0]), columns.shape)[reached]
    return CostPairs(rows, start, columns[reached], (values.shape[0], values.shape[1]))


def _from_sparse(cost: Any) -> CostPairs:
    if len(cost.shape) != 2:
        raise InputError(f"The cost matrix has shape {cost.shape}; give (n_demand, n_facility).")
    columns = cost.tocsc() if cost.format != "csc" else cost
    if not columns.has_sorted_indices:
        columns = in_order(columns)
    repeated = cost.format == "coo" and columns.nnz < cost.nnz  # scipy has added them up
    if repeated or not columns.has_canonical_format:
        raise InputError("A pair stands twice in the sparse cost matrix; keep one cost for every pair.")
    values = np.asarray(columns.data, dtype=np.float64)
    start = np.asarray(columns.indptr)
    _check_costs(values, lambda at: (int(columns.indices[at]), int(np.searchsorted(start, at, side="right")) - 1))
    if np.isfinite(values).all():
        return CostPairs(columns.indices, start, values, columns.shape)
    return CostPairs(columns.indices, start, values, columns.shape).within(np.finfo(np.float64).max)


def in_order(columns: Weights) -> Weights:
    """Sort the rows within every column: there and back by counting takes a third of the time of sorting each."""
    rows: Any = columns.tocsr()
    ordered: Weights = rows.tocsc()
    return ordered


def _check_costs(values: Floats, where: Callable[[int], tuple[int, int]]) -> None:
    """Refuse a negative cost or one that is not a number, saying where it stands."""
    good = values >= 0
    if good.all():
        return
    row, column = where(int(np.flatnonzero(~good)[0]))
    first_bad = float(values[~good][0])
    how = "write inf (dense) or leave the pair out (sparse)" if math.isnan(first_bad) else "give 0 or more"
    raise InputError(
        f"The cost of demand row {row} to facility {column} is {first_bad:g}; {how} where it cannot be reached."
        if math.isnan(first_bad)
        else f"The cost of demand row {row} to facility {column} is {first_bad:g}; {how}."
    )


def for_demand(weights: Weights, per_facility: Floats) -> Floats:
    """(n_demand,) for every demand point the weighted sum over the facilities it reaches."""
    product: Any = weights
    return np.asarray(product @ per_facility, dtype=np.float64)


def for_facility(weights: Weights, per_demand: Floats) -> Floats:
    """(n_facility,) for every facility the weighted sum over the demand that reaches it."""
    product: Any = weights.T
    return np.asarray(product @ per_demand, dtype=np.float64)


def per_head(amount: Floats, heads: Floats) -> Floats:
    """Amount divided by heads, 0 where there are none."""
    return np.divide(amount, heads, out=np.zeros(len(amount)), where=heads > 0)


def straight_pairs(
    demand_xy: npt.ArrayLike, facility_xy: npt.ArrayLike, radius: float, factor: float = 1.0
) -> CostPairs:
    """Pairs whose straight-line distance times ``factor`` is at most ``radius``.

    Parameters
    ----------
    demand_xy, facility_xy : (n, 2) and (m, 2) coordinates in metres, in one planar system
    radius : metres of travel, its end included, finite
    factor : circuity, metres of travel for a metre of straight line

    Raises
    ------
    InputError
        when coordinates are not finite (n, 2) arrays, or radius or factor is not a positive number
    """
    from scipy import sparse
    from scipy.spatial import cKDTree

    demand, facility = checked_points(demand_xy, "demand_xy"), checked_points(facility_xy, "facility_xy")
    if not (math.isfinite(radius) and radius >= 0 and math.isfinite(factor) and factor > 0):
        raise InputError(f"Radius {radius} with factor {factor}: give finite numbers, the factor above 0.")
    shape = (len(demand), len(facility))
    if 0 in shape:
        return CostPairs(np.zeros(0, np.intp), np.zeros(shape[1] + 1, np.intp), np.zeros(0), shape)
    points = cKDTree(demand, balanced_tree=False, compact_nodes=False)
    limit = radius / factor * (1 + _ROUNDING)
    counts = np.asarray(points.query_ball_point(facility, limit, return_length=True), dtype=np.int64)
    index = sparse.get_index_dtype(maxval=max(*shape, int(counts.sum())))
    parts = [
        _some_columns(points, facility[first:last], limit, factor, index).within(radius)
        for first, last in _batches(counts)
    ]
    if len(parts) == 1:
        return parts[0]
    start = np.append(0, np.cumsum(np.concatenate([np.diff(part.start) for part in parts]))).astype(index)
    rows = np.concatenate([part.demand for part in parts])
    return CostPairs(rows, start, np.concatenate([part.cost for part in parts]), shape)


def _batches(counts: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    """Facilities from where to where are searched together, so that the search finds about `_BATCH` pairs at a time."""
    batch = (np.cumsum(counts) - counts) // _BATCH
    edges = np.append(np.flatnonzero(np.diff(batch, prepend=-1)), len(counts))
    return [(int(first), int(last)) for first, last in pairwise(edges)]


def _some_columns(points: cKDTree, facility: Floats, limit: float, factor: float, index: Any) -> CostPairs:
    """Pairs of some facilities, up to ``limit`` metres of straight line."""
    from scipy import sparse
    from scipy.spatial import cKDTree

    shape = (int(points.n), len(facility))
    pairs = cKDTree(facility).sparse_distance_matrix(points, limit, output_type="ndarray")
    order = np.argsort(pairs["i"].astype(np.min_scalar_type(shape[1])), kind="stable")
    start = np.append(0, np.cumsum(np.bincount(pairs["i"], minlength=shape[1]))).astype(index)
    given = sparse.csc_array((pairs["v"][order] * factor, pairs["j"].astype(index)[order], start), shape=shape)
    columns = in_order(given)
    return CostPairs(columns.indices, columns.indptr, columns.data, shape)


def checked_amounts(values: npt.ArrayLike, size: int, what: str, *, some: bool = True) -> Floats:
    """(size,) amounts as doubles.

    Parameters
    ----------
    values : amounts, one for every demand point or facility
    size : how many there must be
    what : their name, for messages
    some : whether at least one must be above 0

    Raises
    ------
    InputError
        when the shape is wrong, a value is missing, infinite or negative, or all are 0 and ``some`` is asked
    """
    amounts = np.asarray(values, dtype=np.float64)
    if amounts.shape != (size,):
        raise InputError(
            f"There are {amounts.shape} values of {what} where the cost matrix asks for {size}; give one for each."
        )
    good = np.isfinite(amounts) & (amounts >= 0)
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise InputError(f"The {what} of row {row} is {amounts[row]:g}; give a finite number of 0 or more.")
    if some and not (amounts > 0).any():
        raise InputError(f"The {what} is 0 everywhere, so there is nothing to divide; give at least one above 0.")
    return amounts


def checked_points(values: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    """(n, 2) finite doubles, or `InputError` naming the argument; an empty list is no points."""
    points = np.asarray(values, dtype=np.float64)
    if points.size == 0:
        return points.reshape(0, 2)
    if points.ndim != 2 or points.shape[1] != 2:
        raise InputError(f"{name} has shape {points.shape}; give an array of shape (n, 2).")
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise InputError(f"{name} row {row} is not a finite coordinate; leave out points without a place.")
    return points
