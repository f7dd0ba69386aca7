"""Maximal covering and p-median when a site can take only so much, or must be given at least so much.

    x_ij  share of demand i that site j serves:  sum_j x_ij <= 1 (covering) or = 1 (p-median),
    least y_j <= sum_i w_i x_ij <= capacity_j y_j,   x_ij <= y_j,   sum_j y_j <= p,   y binary

x is binary when a demand may not be split (single source), else between 0 and 1. Families go where the plan sends them,
which need not be the nearest site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from coverage.siting.solvers.basis.clash import HARD, no_selection
from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.gate import Terms
from coverage.siting.solvers.basis.instance import Instance
from coverage.siting.solvers.basis.model import Model, Solution, solve
from coverage.siting.solvers.basis.result import SitingResult, finish
from coverage.siting.solvers.basis.rules import Side
from coverage.siting.solvers.basis.sparse import Matrix, matrix, ones, stack, widen
from coverage.siting.solvers.exact.capacity_bound import SiteLoads, capacity_bound
from coverage.siting.solvers.exact.core import make_core
from coverage.siting.solvers.exact.search import greedy, interchange
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints

_BLIND_S = 2e-4
"""Seconds per variable that HiGHS may prepare a model for before it looks at the time (measured: 43 s for 435,000)."""

_LARGE = 100_000
"""Variables from which that counts."""

_FILLED = 1e-7
"""Share that may be lacking from what sites filled first can take, for rounding."""


@dataclass(frozen=True, eq=False)
class _Plan:
    """A capacitated problem over the pairs that count.

    ``gain`` (nnz,) is what a whole demand served by a pair adds to the objective, which is minimised, and ``opening``
    (m,) what opening a site adds. ``first`` (m,) marks sites that are filled before the others.
    """

    instance: Instance
    row: Ints
    col: Ints
    load: Floats
    gain: Floats
    capacity: Floats
    least: Floats
    must: Bools
    single: bool
    opening: Floats
    first: Bools


def solve_capacitated(
    terms: Terms,
    near: Instance,
    control: Control,
    *,
    opening: Floats | None = None,
    fill_existing: bool = False,
) -> SitingResult:
    """Solve a problem with loads: see `coverage.siting.mclp`, `p_median` and `facility_location`.

    Parameters
    ----------
    terms : the question; for covering as much weight as possible is served, else all of it at the least cost
    near : pairs that may be used (for covering only those within the radius)
    control : time limit, gap, interruption, progress
    opening : (m,) what opening a site costs, 0 for none
    fill_existing : sites that are fixed or may close are given as much as they can take before others are
    """
    plan = _plan(terms, near, opening, fill_existing)
    cover = terms.kind == "mclp"
    new = _new_sites(terms)
    model = _model(plan, new)
    build_seconds = control.seconds
    if plan.first.any():
        model = _filled(plan, model, terms, control)
    first = best = None
    if not plan.first.any():
        first = _greedy(plan, new, control)
        best = first if cover else _better(first, _from_median(plan, terms.weight, new, control))
    start = None if best is None else best.x
    sign = -1.0 if cover else 1.0
    control.tell("greedy", None if first is None else sign * first.objective, None)

    def tell(best: float, bound: float) -> None:
        control.tell("search", sign * best, sign * bound)

    if best is not None and _no_time_for(plan, control):
        best = solution = _bounded(plan, new, best, control, tell)
    else:
        solution = solve(model, control, start=start, tell=tell)
    if best is not None and (solution.x is None or best.objective < solution.objective):
        solution = Solution(best.x, best.objective, solution.bound, solution.proven and solution.x is not None)
    if solution.x is None:
        raise _impossible(plan, terms, model, new, control)
    m = near.n_sites
    chosen = solution.x[:m] > 0.5
    shares = _shares(plan, solution.x[m:], chosen)
    worth = _worth(plan, chosen, shares)
    bound = (
        worth if solution.proven and control.mip_gap == 0 else min(max(solution.bound, _simple_bound(plan, new)), worth)
    )
    by_greedy = None if first is None or first.x is None else (first.x[:m] > 0.5, sign * first.objective)
    return finish(
        terms, chosen, sign * worth, sign * bound, control,
        greedy=by_greedy, shares=shares, build_seconds=build_seconds,
    )  # fmt: skip


def _new_sites(terms: Terms) -> int:
    """Sites that may be open beside the fixed ones."""
    allowed = int(terms.instance.side.allowed.sum())
    return allowed if terms.most is None else min(allowed, terms.most - int(terms.instance.fixed.sum()))


def _plan(terms: Terms, near: Instance, opening: Floats | None, fill_existing: bool) -> _Plan:
    m, cover = near.n_sites, terms.kind == "mclp"
    weight = np.ones(near.n_demand) if terms.weight is None else terms.weight
    most = np.full(m, float(weight.sum())) if terms.capacity is None else terms.capacity
    most = np.minimum(most, float(weight.sum()))
    existing = near.fixed | near.side.start
    least = np.where(existing, _least(terms.rules.min_weight_existing), _least(terms.rules.min_weight))
    first = existing if fill_existing else np.zeros(m, dtype=bool)
    use = near.usable[near.col] & (weight[near.row] > 0)
    if not cover and not least.any() and not first.any():
        use &= near.cost <= _far_enough(near, weight, most)[near.row]
    row, col, cost = near.row[use], near.col[use], near.cost[use]
    must = np.zeros(near.n_demand, dtype=bool)
    if not cover:
        must[row] = True
    gain = -weight[row] if cover else weight[row] * cost
    paid = np.zeros(m) if opening is None else opening
    return _Plan(near, row, col, weight[row], gain, most, least, must, terms.single, paid, first)


def _least(value: float | None) -> float:
    if value is not None and not value >= 0:
        raise InputError(f"min_weight is {value}; give 0 or more.")
    return value or 0.0


def _filled(plan: _Plan, model: Model, terms: Terms, control: Control) -> Model:
    """Model with a row more: the sites to fill first are given as much as they can be given at all."""
    m, nnz = plan.instance.n_sites, len(plan.row)
    given = np.append(np.zeros(m), np.where(plan.first[plan.col], plan.load, 0.0))
    most = solve(replace(model, cost=-given), control)
    if most.x is None:
        raise _impossible(plan, terms, model, _new_sites(terms), control)
    row = matrix(given, np.zeros(m + nnz), np.arange(m + nnz), (1, m + nnz))
    least = float(given @ most.x) * (1 - _FILLED)
    return replace(
        model,
        rows=stack([model.rows, row]),
        row_low=np.append(model.row_low, least),
        row_high=np.append(model.row_high, np.inf),
    )


def _worth(plan: _Plan, chosen: Bools, shares: Matrix) -> float:
    """What an answer costs, counted from the shares as they are given out."""
    part = shares.tocoo()
    m = np.int64(plan.instance.n_sites)
    key = plan.row.astype(np.int64) * m + plan.col
    order = np.argsort(key, kind="stable")
    at = order[np.searchsorted(key[order], part.row.astype(np.int64) * m + part.col)]
    return float(part.data @ plan.gain[at]) + float(plan.opening[chosen].sum())


def _simple_bound(plan: _Plan, new: int) -> float:
    """Bound without any search: every demand at its best, and for covering no more than the sites have room for."""
    first = np.where(plan.must, np.inf, 0.0)
    np.minimum.at(first, plan.row, plan.gain)
    total = float(first[np.isfinite(first)].sum())
    if plan.must.any():
        return total
    instance = plan.instance
    room = np.sort(plan.capacity[instance.side.allowed])[::-1][:new].sum() + plan.capacity[instance.fixed].sum()
    return max(total, -float(room))


def _far_enough(instance: Instance, weight: Floats, capacity: Floats) -> Floats:
    """(n,) distance beyond which no best answer sends a demand.

    The open sites up to there have room for all demand and, were each to lack only just enough for this one, still for
    it: so one of them would take it, and that is nearer.
    """
    at = np.flatnonzero(instance.fixed[instance.col])
    at = at[np.lexsort((instance.cost[at], instance.row[at]))]
    row = instance.row[at]
    room = np.cumsum(np.maximum(capacity[instance.col[at]] - weight[row], 0.0))
    head = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(at) else np.zeros(0, dtype=np.intp)
    before = np.repeat(np.append(0.0, room)[head], np.diff(np.append(head, len(at))))
    enough = np.flatnonzero(room - before >= float(weight.sum()))
    first = enough[np.append(True, row[enough][1:] != row[enough][:-1])] if len(enough) else enough
    far = np.full(instance.n_demand, np.inf)
    far[row[first]] = instance.cost[at[first]]
    return far


def _model(plan: _Plan, new: int) -> Model:
    """Sites, then the extra variables of the rules, then one share per pair."""
    instance = plan.instance
    n, m, nnz = instance.n_demand, instance.n_sites, len(plan.row)
    side: Side = instance.side
    pair = np.arange(nnz)
    site = np.arange(m)
    once = ones(plan.row, m + pair, (n, m + nnz))
    load = np.concatenate([plan.load, -plan.capacity])
    at = np.concatenate([plan.col, site])
    variable = np.concatenate([m + pair, site])
    full = matrix(load, at, variable, (m, m + nnz))
    parts = [once, full]
    low = [np.where(plan.must, 1.0, -np.inf), np.full(m, -np.inf)]
    high = [np.ones(n), np.zeros(m)]
    if plan.least.any():
        enough = np.concatenate([plan.load, -plan.least])
        parts.append(matrix(enough, at, variable, (m, m + nnz)))
        low.append(np.zeros(m))
        high.append(np.full(m, np.inf))
    chosen = np.flatnonzero(~instance.fixed[plan.col])  # sites that are open anyway need no row per pair
    one, line = np.ones(len(chosen)), np.arange(len(chosen))
    twice = np.concatenate([m + chosen, plan.col[chosen]])
    two = matrix(np.concatenate([one, -one]), np.tile(line, 2), twice, (len(chosen), m + nnz))
    count = ones(np.zeros(m, dtype=np.intp), site, (1, m + nnz))
    rules = widen(side.rows, m + nnz)
    fixed = instance.fixed.astype(np.float64)
    limits_low = [*low, np.full(len(chosen), -np.inf), np.array([-np.inf]), side.low]
    limits_high = [*high, np.zeros(len(chosen)), np.array([fixed.sum() + new]), side.high]
    return Model(
        cost=np.concatenate([plan.opening, plan.gain]),
        low=np.concatenate([fixed, np.zeros(nnz)]),
        high=np.concatenate([instance.usable.astype(np.float64), np.ones(nnz)]),
        integer=np.concatenate([np.ones(m, dtype=bool), np.full(nnz, plan.single)]),
        rows=stack([*parts, two, count, rules]),
        row_low=np.concatenate(limits_low),
        row_high=np.concatenate(limits_high),
    )


def _names(plan: _Plan) -> tuple[str, ...]:
    """The rule of every row of `_model`."""
    n, m = plan.instance.n_demand, plan.instance.n_sites
    enough = ["least"] * m if plan.least.any() else []
    tied = [HARD] * int((~plan.instance.fixed[plan.col]).sum())
    return (*(["serve"] * n), *(["capacity"] * m), *enough, *tied, "count", *plan.instance.side.name)


def _greedy(plan: _Plan, new: int, control: Control) -> Solution | None:
    """Open the site that can take most of the weight still unserved, again and again; then share out exactly."""
    instance = plan.instance
    chosen = instance.fixed.copy()
    left, shares = np.ones(instance.n_demand), np.zeros(len(plan.row))
    for already in np.flatnonzero(chosen):
        _give(plan, int(already), left, shares)
    for _ in range(new):
        offered = np.bincount(plan.col, weights=plan.load * left[plan.row], minlength=instance.n_sites)
        worth = np.where(instance.side.allowed & ~chosen, np.minimum(offered, plan.capacity), -1.0)
        order = np.argsort(-worth, kind="stable")
        site = next((int(s) for s in order if worth[s] >= 0 and _fits(instance.side, chosen, int(s))), -1)
        if site < 0:
            break
        chosen[site] = True
        _give(plan, site, left, shares)
    given = _as_given(plan, chosen, shares)
    if given is not None and control.left <= 0 and control.over():
        return given
    return _better(_share_out(plan, chosen, control), given)


def _as_given(plan: _Plan, chosen: Bools, shares: Floats) -> Solution | None:
    """What was given out one site after the other, where demand may be left, need not be whole and sites not full."""
    if not _lenient(plan) or not plan.instance.side.accept(chosen & ~plan.instance.fixed):
        return None
    x = np.concatenate([chosen.astype(np.float64), shares])
    return Solution(x, float(plan.opening[chosen].sum() + plan.gain @ shares), -np.inf, proven=False)


def _lenient(plan: _Plan) -> bool:
    """Whether any demand may be left, or served in parts by sites with however little."""
    return not plan.must.any() and not plan.single and not plan.least.any()


def _no_time_for(plan: _Plan, control: Control) -> bool:
    """Whether the model is so large that HiGHS might see too late that the time is up."""
    size = len(plan.row) + plan.instance.n_sites
    return size > _LARGE and control.left < _BLIND_S * size


def _bounded(plan: _Plan, new: int, best: Solution, control: Control, tell: Callable[[float, float], None]) -> Solution:
    """The best answer and a bound, found without a model; while there is time, sites that seem better are tried."""
    instance = plan.instance
    loads = SiteLoads(
        plan.row, plan.col, plan.load, plan.gain, plan.capacity, plan.opening, plan.must, instance.fixed,
        instance.side.allowed,
    )  # fmt: skip
    known = [best]

    def try_sites(sites: Bools) -> float:
        shared = _share_out(plan, sites, control)
        if shared is not None and shared.objective < known[0].objective:
            known[0] = shared
        return known[0].objective

    bound = capacity_bound(loads, new, best.objective, control, try_sites, tell).value
    control.over()
    control.stopped = control.stopped or "time"
    found = known[0]
    return Solution(found.x, found.objective, min(bound, found.objective), proven=False)


def _better(one: Solution | None, other: Solution | None) -> Solution | None:
    known = [solution for solution in (one, other) if solution is not None]
    return min(known, key=lambda solution: solution.objective, default=None)


def _from_median(plan: _Plan, weight: Floats | None, new: int, control: Control) -> Solution | None:
    """Choose sites as if there were no capacities, and share out within these; None where that leaves too little."""
    instance, side = plan.instance, plan.instance.side
    weight = np.ones(instance.n_demand) if weight is None else weight
    settled = instance.nearest(instance.fixed)[0]
    asks = np.where(plan.must, weight, 1.0)
    fallback = np.where(plan.must, np.where(np.isfinite(settled), settled, np.inf) * asks, 0.0)
    use = side.allowed[plan.col]
    core = make_core(plan.row[use], plan.col[use], plan.gain[use], fallback, instance.n_sites)
    accept = None if side.empty else side.accept
    start = greedy(core, min(new, int(side.allowed.sum())), side.allowed, None, accept)
    chosen = interchange(core, start, side.allowed, control, accept)
    return _share_out(plan, chosen | instance.fixed, control) if side.accept(chosen) else None


def _fits(side: Side, chosen: Bools, site: int) -> bool:
    if side.empty:
        return True
    more = chosen.copy()
    more[site] = True
    return side.accept(more)


def _give(plan: _Plan, site: int, left: Floats, shares: Floats) -> None:
    """Serve what is left near a site, nearest first, up to its capacity; what it is given goes into the shares."""
    mine = np.flatnonzero(plan.col == site)
    mine = mine[np.argsort(plan.instance.cost[mine] if len(plan.instance.cost) == len(plan.col) else plan.gain[mine])]
    wanted = plan.load[mine] * left[plan.row[mine]]
    given = np.clip(plan.capacity[site] - (np.cumsum(wanted) - wanted), 0.0, wanted)
    shares[mine] = given / plan.load[mine]
    left[plan.row[mine]] -= shares[mine]


def _share_out(plan: _Plan, chosen: Bools, control: Control) -> Solution | None:
    """Best assignment to sites that are given; None where there is none, or none in time.

    Only the pairs of these sites are variables: a model of all pairs takes long to hand over.
    """
    instance = plan.instance
    if not instance.side.accept(chosen & ~instance.fixed):
        return None
    sites, pairs = np.flatnonzero(chosen), np.flatnonzero(chosen[plan.col])
    number = np.cumsum(chosen) - 1
    row, col, load = plan.row[pairs], number[plan.col[pairs]], plan.load[pairs]
    at = np.arange(len(pairs))
    solution = solve(
        Model(
            cost=plan.gain[pairs],
            low=np.zeros(len(pairs)),
            high=np.ones(len(pairs)),
            integer=np.full(len(pairs), plan.single),
            rows=stack(
                [
                    ones(row, at, (instance.n_demand, len(pairs))),
                    matrix(load, col, at, (len(sites), len(pairs))),
                ]
            ),
            row_low=np.concatenate([np.where(plan.must, 1.0, -np.inf), plan.least[sites]]),
            row_high=np.concatenate([np.ones(instance.n_demand), plan.capacity[sites]]),
        ),
        control,
    )
    if solution.x is None:
        return None
    x = np.zeros(len(chosen) + len(plan.row))
    x[sites], x[len(chosen) + pairs] = 1.0, solution.x
    paid = float(plan.opening[sites].sum())
    return Solution(x, solution.objective + paid, solution.bound + paid, solution.proven)


def _shares(plan: _Plan, x: Floats, chosen: Bools) -> Matrix:
    """(n, m) share of each demand that each open site serves.

    HiGHS keeps rows to 1e-6, so a trace of a demand may stand at a closed site: the open ones of that demand take it.
    """
    share = np.rint(x) if plan.single else np.where(np.abs(x - np.rint(x)) < 1e-9, np.rint(x), x)
    n = plan.instance.n_demand
    trace = ~chosen[plan.col] & (share > 0)
    if trace.any():
        given = np.bincount(plan.row, weights=share, minlength=n)
        share = np.where(trace, 0.0, share)
        kept = np.bincount(plan.row, weights=share, minlength=n)
        more = np.divide(given, kept, out=np.ones(n), where=kept > 0.5)
        share = np.minimum(share * more[plan.row], 1.0)
    used = share > 1e-12
    return matrix(share[used], plan.row[used], plan.col[used], (plan.instance.n_demand, plan.instance.n_sites))


def _impossible(plan: _Plan, terms: Terms, model: Model, new: int, control: Control) -> MessageError:
    """Return the error that says why there is no answer."""
    weight = np.ones(plan.instance.n_demand) if terms.weight is None else terms.weight
    cover, asked = terms.kind == "mclp", float(weight[plan.must].sum())
    side = plan.instance.side
    best = np.sort(plan.capacity[side.allowed])[::-1][:new].sum() + plan.capacity[plan.instance.fixed].sum()
    if not cover and best < asked:
        return MessageError("siting.error.capacity_short", most=round(float(best), 1), asked=round(asked, 1))
    if not control.stopped and side.empty and not plan.least.any():
        return MessageError("siting.error.capacity_far")
    return no_selection(model, _names(plan), control)
