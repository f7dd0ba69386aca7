"""From a core problem to its proven optimum: greedy, exchange, bounds, then search in what is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.model import Model, solve
from coverage.siting.solvers.basis.rules import Side
from coverage.siting.solvers.basis.sparse import matrix, stack
from coverage.siting.solvers.exact.branch import branch_and_bound
from coverage.siting.solvers.exact.core import HelpfulPairs
from coverage.siting.solvers.exact.enumeration import best_of_all, few_selections
from coverage.siting.solvers.exact.lagrange import Dual, fixed_sites, improve_bound, useful_pairs
from coverage.siting.solvers.exact.radius import Radius, radius_model
from coverage.siting.solvers.exact.search import greedy, interchange, nearby
from loaders.catalogue.types import Bools, Ints

WHOLE_GAP = 1.0 - 1e-6
"""Whole objectives that differ by less than this are equal."""

_REFUSALS = 20
"""Answers that break a rule by rounding alone, after which the search ends with the bound it has."""


@dataclass(frozen=True, eq=False)
class Optimum:
    """The best set of sites found.

    Attributes
    ----------
    chosen : (m,) sites, None when no set at all is possible
    objective, bound : its cost and the proven lower bound
    greedy : (m,) what greedy picks, None where the rules leave it nothing
    """

    chosen: Bools | None
    objective: float
    bound: float
    greedy: Bools | None


def optimise(core: HelpfulPairs, p: int, side: Side, control: Control, seed: Bools | None = None) -> Optimum:
    """Find at most ``p`` sites with the lowest total of `HelpfulPairs`.

    Parameters
    ----------
    core : the problem
    p : sites at most
    side : which sites are allowed, and further rules
    control : time limit, gap, interruption, progress
    seed : (m,) an answer to start from, where greedy may find none
    """
    accept = None if side.empty else side.accept
    p = min(p, most_sites(side, control))
    first = greedy_answer(core, p, side)
    control.tell("greedy", None if first is None else core.total(first), None)
    starts = [one for one in (first, seed) if one is not None and one.sum() <= p and side.accept(one)]
    starts = [interchange(nearby(core, start), start, side.allowed, control, accept) for start in starts]
    best = min(starts, key=core.soft_total, default=None)
    dual = improve_bound(core, p, best, side, control)
    if not np.isfinite(core.total(dual.chosen)):
        dual = replace(dual, objective=np.inf)
    return _finish(core, p, side, control, dual, first)


def most_sites(side: Side, control: Control) -> int:
    """How many sites the rules let be open at most: of the allowed ones, as the relaxation of the rules says."""
    allowed = int(side.allowed.sum())
    if not side.rows.shape[0] or side.n_extra or control.over():
        return allowed
    m = len(side.allowed)
    model = Model(
        cost=-np.ones(m),
        low=np.zeros(m),
        high=side.allowed.astype(np.float64),
        integer=np.zeros(m, dtype=bool),
        rows=side.rows,
        row_low=side.low,
        row_high=side.high,
    )
    solution = solve(model, control)
    return allowed if not np.isfinite(solution.bound) else min(allowed, int(np.floor(-solution.bound + 1e-6)))


def greedy_answer(core: HelpfulPairs, p: int, side: Side) -> Bools | None:
    """Pick greedily within the rules, from the existing sites that may close or else from nothing; None if it fails."""
    accept = None if side.empty else side.accept
    for start in (side.start, np.zeros_like(side.start)):
        if start.sum() <= p:
            answer = greedy(core, p, side.allowed, start, accept)
            if side.accept(answer):
                return answer
    return None


def _finish(core: HelpfulPairs, p: int, side: Side, control: Control, dual: Dual, first: Bools | None) -> Optimum:
    """Search among what the bounds have not ruled out."""
    known = bool(np.isfinite(dual.objective))
    chosen = dual.chosen if known else None
    bound = _up(dual.bound, core)
    bound = min(bound, dual.objective)
    control.tell("bound", dual.objective if known else None, bound)
    close_enough = known and dual.objective - bound <= control.mip_gap * abs(dual.objective)
    if close_enough or control.over():
        return Optimum(chosen, dual.objective, bound, first)
    if known and side.empty and float(core.value.max(initial=0.0)) > 0:
        return _branched(core, p, dual, bound, first, control)
    always, never = np.zeros_like(dual.allowed), ~dual.allowed
    pair, keep = np.ones(len(dual.core.row), dtype=bool), np.isfinite(dual.core.fallback)
    if known:
        always, never = fixed_sites(p, dual)
        pair, keep = useful_pairs(dual)
    free = np.flatnonzero(~always & ~never)
    if few_selections(dual.core, len(free), p - int(always.sum()), side):
        return _tried(core, p, side, control, dual, bound, first, (always, free))
    problem = radius_model(dual.core, p, always, never, pair, keep & np.isfinite(dual.core.fallback), side)
    if not problem.possible:
        return Optimum(chosen, dual.objective, dual.objective, first)

    def tell(best: float, low: float) -> None:
        here = max(bound, min(low + problem.constant, dual.objective))
        control.tell("search", min(best + problem.constant, dual.objective), here)

    chosen, objective, bound = _exact(core, problem, always, side, control, tell, dual, bound)
    return Optimum(chosen, objective, min(bound, objective), first)


def _branched(core: HelpfulPairs, p: int, dual: Dual, bound: float, first: Bools | None, control: Control) -> Optimum:
    """Search by branch and bound on the sites."""
    tree = branch_and_bound(dual.core, p, dual, control)
    objective = min(core.total(tree.chosen), dual.objective)
    proved = objective if tree.bound >= tree.objective else max(bound, _up(tree.bound, core))
    return Optimum(tree.chosen, objective, min(proved, objective), first)


def _up(bound: float, core: HelpfulPairs) -> float:
    return float(np.ceil(bound - 1e-6)) if core.whole else bound


def _tried(
    core: HelpfulPairs,
    p: int,
    side: Side,
    control: Control,
    dual: Dual,
    bound: float,
    first: Bools | None,
    left: tuple[Bools, Ints],
) -> Optimum:
    """Try every selection that is left."""
    chosen = dual.chosen if np.isfinite(dual.objective) else None
    objective = dual.objective
    best, _, complete = best_of_all(dual.core, p, left[0], left[1], side, control)
    total = np.inf if best is None else core.total(best)
    if best is not None and total < objective and side.accept(best):
        chosen, objective = best, total
    return Optimum(chosen, objective, objective if complete else min(bound, objective), first)


def _exact(
    core: HelpfulPairs,
    problem: Radius,
    always: Bools,
    side: Side,
    control: Control,
    tell: Callable[[float, float], None],
    dual: Dual,
    bound: float,
) -> tuple[Bools | None, float, float]:
    """Best sites, their total and the proven bound, by integer programming in what is left.

    HiGHS keeps rows to 1e-6; an answer that only keeps to the rules by that is refused and looked for again without.
    """
    known = bool(np.isfinite(dual.objective))
    chosen, objective = (dual.chosen if known else None), dual.objective
    model, free = problem.model, problem.free
    for _ in range(_REFUSALS):
        solution = solve(
            model,
            control,
            upper=dual.objective - problem.constant if known else None,
            tell=tell,
            absolute_gap=WHOLE_GAP if core.whole else 1e-6,
        )
        if solution.x is None:
            break
        picked = solution.x[: len(free)] > 0.5
        answer = always.copy()
        answer[free[picked]] = True
        if side.accept(answer):
            total = core.total(answer)
            if total < objective:
                chosen, objective = answer, total
            break
        model = _refused(model, picked)
    else:
        return chosen, objective, bound
    proved = objective if solution.proven and control.mip_gap == 0 else solution.bound + problem.constant
    return chosen, objective, max(bound, min(proved, objective))


def _refused(model: Model, picked: Bools) -> Model:
    """Model without one selection of its first variables."""
    row = matrix(np.where(picked, 1.0, -1.0), np.zeros(len(picked)), np.arange(len(picked)), (1, len(model.cost)))
    return replace(
        model,
        rows=stack([model.rows, row]),
        row_low=np.append(model.row_low, -np.inf),
        row_high=np.append(model.row_high, float(picked.sum()) - 1.0),
    )
