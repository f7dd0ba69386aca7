"""The fewest sites that cover every row: reductions, greedy, and an integer programme for what is left.

A row whose sites include all sites of another row is covered as soon as that one is; a site whose rows are among those
of another site is never needed beside it (Toregas and ReVelle 1972).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.model import Model, solve
from coverage.siting.solvers.basis.rules import Side
from coverage.siting.solvers.basis.sparse import Matrix, ones, stack, take, turned
from loaders.catalogue.types import Bools, Floats, Ints

_LARGEST_PRODUCT = 4e7
"""Pairs compared at most when looking for dominance; larger problems go to the solver as they are."""

_APART = 20
"""Rows from which a part that has no site in common with others is solved by itself."""

_LARGE = 50_000
"""Entries of the matrix from which the relaxation is solved by interior points."""

_ALMOST = 1e-6


@dataclass(frozen=True, eq=False)
class Cover:
    """Sites that cover all rows.

    Attributes
    ----------
    chosen : (m,) sites, None when none were found (see ``possible``)
    bound : no cover has fewer
    possible : False when it is proven that no cover of the size asked for exists
    greedy : (m,) what greedy picks, None where the rules leave it nothing
    """

    chosen: Bools | None
    bound: float
    possible: bool
    greedy: Bools | None


def kept_rows(covers: Matrix) -> Bools:
    """(n,) rows that no other row implies; of equal rows the first."""
    dropped: Bools = _contains_another(covers)
    return ~dropped


def kept_columns(covers: Matrix) -> Bools:
    """(m,) columns that are not part of another; of equal columns the first."""
    return ~_within_another(turned(covers))


def _comparable(lines: Matrix) -> bool:
    degree = np.bincount(lines.indices).astype(np.float64)
    return float(degree @ degree) <= _LARGEST_PRODUCT


def _overlaps(lines: Matrix) -> tuple[Ints, Ints, Bools, Bools]:
    """Pairs (a, b) of different lines with a inside b: a, b, whether they are equal, whether a comes first."""
    size = np.diff(lines.indptr)
    common = (lines @ lines.T).tocoo()
    inside = (common.data >= size[common.row]) & (common.row != common.col)
    a, b = common.row[inside], common.col[inside]
    return a, b, size[a] == size[b], a < b


def _contains_another(lines: Matrix) -> Bools:
    drop: Bools = np.zeros(lines.shape[0], dtype=bool)
    if _comparable(lines):
        _, b, equal, before = _overlaps(lines)
        drop[b[~equal | before]] = True
    return drop


def _within_another(lines: Matrix) -> Bools:
    drop: Bools = np.asarray(np.diff(lines.indptr) == 0, dtype=bool)
    if _comparable(lines):
        a, _, equal, before = _overlaps(lines)
        drop[a[~equal | ~before]] = True
    return drop


def reduce_cover(covers: Matrix, columns_too: bool) -> tuple[Ints, Ints]:
    """Rows and columns that are left when dominated ones have gone, until nothing changes."""
    rows, cols = np.arange(covers.shape[0]), np.arange(covers.shape[1])
    while True:
        before = len(rows) + len(cols)
        part = take(covers, rows, cols)
        rows = rows[kept_rows(part)]
        if columns_too:
            part = take(covers, rows, cols)
            cols = cols[kept_columns(part)]
        if len(rows) + len(cols) == before:
            return rows, cols


def greedy_cover(covers: Matrix, allowed: Bools, side: Side, favour: Floats | None = None) -> Bools | None:
    """Add the site that covers most of what is left, then drop sites that turn out not to be needed.

    ``favour`` (m,) multiplies what a site covers, such as by its share in the relaxation.
    """
    chosen = np.zeros(covers.shape[1], dtype=bool)
    open_rows = np.ones(covers.shape[0])
    columns = turned(covers)
    while open_rows.any():
        gain = np.where(allowed & ~chosen, columns @ open_rows, 0.0)
        gain = gain if favour is None else gain * favour
        if not gain.any():
            return None
        site = int(gain.argmax())
        chosen[site] = True
        open_rows[columns.indices[columns.indptr[site] : columns.indptr[site + 1]]] = 0.0
    times = covers @ chosen.astype(np.float64)
    for site in np.flatnonzero(chosen)[::-1]:
        mine = columns.indices[columns.indptr[site] : columns.indptr[site + 1]]
        if (times[mine] > 1).all():
            chosen[site] = False
            times[mine] -= 1
    return chosen if side.accept(chosen) else None


def cover_all(covers: Matrix, side: Side, control: Control, enough: int | None = None) -> Cover:
    """Find the fewest allowed sites that cover every row.

    Parameters
    ----------
    covers : (n, m) ones where a site covers a row; every row has an allowed site
    side : which sites are allowed, and further rules
    control : time limit, gap, interruption, progress
    enough : stop at a cover of this many sites, or at the proof that none is so small
    """
    m = covers.shape[1]
    none = np.zeros(m, dtype=bool)
    if covers.shape[0] == 0 and side.accept(none):
        return Cover(none, 0.0, True, none)
    allowed = np.flatnonzero(side.allowed)
    rows, cols = reduce_cover(take(covers, None, allowed), side.empty)
    sites = allowed[cols]
    part = take(covers, rows, sites)
    free = side.restrict(sites, none)
    first = greedy_cover(part, np.ones(len(sites), dtype=bool), free)
    greedy = None if first is None else _spread(first, sites, m)
    if first is not None and enough is not None and first.sum() <= enough:
        return Cover(greedy, -np.inf, True, greedy)
    if enough is None and free.rows.shape[0] == 0 and first is not None:
        return _by_parts(part, free, sites, m, control, first)
    return _exact(part, free, sites, m, control, enough, first)


def _by_parts(part: Matrix, side: Side, sites: Ints, m: int, control: Control, first: Bools) -> Cover:
    """Cover what has no site in common apart: bounds of parts can be rounded up one by one, and searches are smaller.

    Large parts are solved by themselves, small ones together.
    """
    n_rows, n_sites = part.shape
    links = part.tocoo()
    size = n_rows + n_sites
    graph = ones(links.row, n_rows + links.col, (size, size))
    _, label = connected_components(graph, directed=False)
    count = np.bincount(label[:n_rows], minlength=int(label.max(initial=-1)) + 1)
    label = np.where(count[label] >= _APART, label, -1)
    chosen, bound = np.zeros(m, dtype=bool), 0.0
    known = float(first.sum())
    for one in sorted(np.unique(label), key=lambda one: count[one] if one >= 0 else 0):
        rows, cols = np.flatnonzero(label[:n_rows] == one), np.flatnonzero(label[n_rows:] == one)
        if not len(rows):
            continue
        own = side.restrict(cols, np.zeros(n_sites, dtype=bool))
        known -= float(first[cols].sum())
        cover = _exact(take(part, rows, cols), own, sites[cols], m, control, None, first[cols], (known, bound))
        chosen |= cover.chosen if cover.chosen is not None else _spread(first[cols], sites[cols], m)
        bound += cover.bound
        known += float(chosen[sites[cols]].sum())
    return Cover(chosen, bound, True, _spread(first, sites, m))


def _exact(
    part: Matrix,
    side: Side,
    sites: Ints,
    m: int,
    control: Control,
    enough: int | None,
    first: Bools | None,
    beside: tuple[float, float] = (0.0, 0.0),
) -> Cover:
    """Cover exactly; ``beside`` are the best and the bound of other parts, for the progress that is told."""
    n_rows, n_sites = part.shape
    model = Model(
        cost=np.ones(n_sites),
        low=np.zeros(n_sites),
        high=np.ones(n_sites),
        integer=np.ones(n_sites, dtype=bool),
        rows=stack([part, side.rows]),
        row_low=np.concatenate([np.ones(n_rows), side.low]),
        row_high=np.concatenate([np.full(n_rows, np.inf), side.high]),
    )
    greedy = None if first is None else _spread(first, sites, m)
    least, share = _relaxed(model, control)
    if enough is not None and least > enough:
        return Cover(None, least, False, greedy)
    second = None if share is None else greedy_cover(part, np.ones(n_sites, dtype=bool), side, share + _ALMOST)
    if second is not None and (first is None or second.sum() < first.sum()):
        first = second
        if enough is not None and first.sum() <= enough:
            return Cover(_spread(first, sites, m), least, True, greedy)
    if first is not None and first.sum() <= least:
        return Cover(_spread(first, sites, m), least, True, greedy)

    def settled(best: float, bound: float) -> bool:
        return enough is not None and (best <= enough + _ALMOST or bound > enough + _ALMOST)

    def tell(best: float, bound: float) -> None:
        if enough is None:
            known = np.inf if first is None else float(first.sum())
            control.tell("search", beside[0] + min(best, known), beside[1] + max(bound, least))

    start = None if first is None else first.astype(np.float64)
    solution = solve(model, control, start=start, cutoff=settled, tell=tell, absolute_gap=1 - _ALMOST)
    bound = max(least, float(np.ceil(solution.bound - _ALMOST)))
    start_from = None if first is None else _spread(first, sites, m)
    chosen = start_from if solution.x is None else _spread(solution.x > 0.5, sites, m)
    if solution.proven and solution.x is not None and control.mip_gap == 0:
        bound = float((solution.x > 0.5).sum())
    return Cover(
        chosen, bound, not (solution.proven and solution.x is None) and (enough is None or bound <= enough), greedy
    )


def _relaxed(model: Model, control: Control) -> tuple[float, Floats | None]:
    """Return the bound of the linear relaxation, rounded up, and the share of every site in it.

    For large problems it is that of dual values by interior points, made feasible: with y >= 0 and every column of the
    cover summing to at most 1, no cover has fewer than sum(y) sites.
    """
    relaxed = Model(
        model.cost, model.low, model.high, np.zeros(len(model.cost), dtype=bool),
        model.rows, model.row_low, model.row_high,
    )  # fmt: skip
    large = model.rows.nnz > _LARGE
    solution = solve(relaxed, control, interior=large)
    bound = solution.bound
    if large:
        bound = 0.0 if solution.dual is None else _dual_bound(model, solution.dual)
    return float(np.ceil(bound - _ALMOST)) if np.isfinite(bound) else 0.0, solution.x


def _dual_bound(model: Model, dual: Floats) -> float:
    """Bound that dual values of the rows that must be covered prove, whatever their rounding."""
    covered = model.row_low == 1.0
    value = np.where(covered, np.maximum(dual, 0.0), 0.0)
    most = float((model.rows.T @ value).max(initial=0.0))
    return float(value.sum()) / max(1.0, most)


def _spread(chosen: Bools, sites: Ints, m: int) -> Bools:
    """(m,) marks of the chosen among ``sites``."""
    marks = np.zeros(m, dtype=bool)
    marks[sites[chosen]] = True
    return marks
