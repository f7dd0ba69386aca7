"""From a core problem to its proven optimum: greedy, exchange, bounds, then search in what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coverage.siting.solvers.control import Control
from coverage.siting.solvers.core import Core
from coverage.siting.solvers.lagrange import Dual, fixed_sites, improve_bound, useful_pairs
from coverage.siting.solvers.model import solve
from coverage.siting.solvers.radius import radius_model
from coverage.siting.solvers.rules import Side
from coverage.siting.solvers.search import greedy, interchange
from loaders.catalogue.types import Bools

WHOLE_GAP = 1.0 - 1e-6
"""Whole objectives that differ by less than this are equal."""


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


def optimise(core: Core, p: int, side: Side, control: Control, seed: Bools | None = None) -> Optimum:
    """Find at most ``p`` sites with the lowest total of `Core`.

    Parameters
    ----------
    core : the problem
    p : sites at most
    side : which sites are allowed, and further rules
    control : time limit, gap, interruption, progress
    seed : (m,) an answer to start from, where greedy may find none
    """
    accept = None if side.empty else side.accept
    p = min(p, int(side.allowed.sum()))
    first = greedy_answer(core, p, side)
    control.tell("greedy", None if first is None else core.total(first), None)
    starts = [start for start in (first, seed) if start is not None]
    starts = [interchange(core, start, side.allowed, control, accept) for start in starts]
    best = min(starts, key=core.soft_total, default=np.zeros_like(side.start))
    dual = improve_bound(core, p, best, side.allowed, control, accept)
    fits = dual.chosen.sum() <= p and side.accept(dual.chosen)
    if not (fits and np.isfinite(core.total(dual.chosen))):
        dual = replace(dual, objective=np.inf)
    return _finish(core, p, side, control, dual, first)


def greedy_answer(core: Core, p: int, side: Side) -> Bools | None:
    """Pick greedily within the rules, from the existing sites that may close or else from nothing; None if it fails."""
    accept = None if side.empty else side.accept
    for start in (side.start, np.zeros_like(side.start)):
        if start.sum() <= p:
            found = greedy(core, p, side.allowed, start, accept)
            if side.accept(found):
                return found
    return None


def _finish(core: Core, p: int, side: Side, control: Control, dual: Dual, first: Bools | None) -> Optimum:
    """Search among what the bounds have not ruled out."""
    known = bool(np.isfinite(dual.objective))
    chosen = dual.chosen if known else None
    bound = float(np.ceil(dual.bound - 1e-6)) if core.whole else dual.bound
    bound = min(bound, dual.objective)
    control.tell("bound", dual.objective if known else None, bound)
    close_enough = known and dual.objective - bound <= control.mip_gap * abs(dual.objective)
    if close_enough or control.over():
        return Optimum(chosen, dual.objective, bound, first)
    always, never = np.zeros_like(dual.allowed), ~dual.allowed
    pair, keep = np.ones(len(dual.core.row), dtype=bool), np.isfinite(dual.core.fallback)
    if known:
        always, never = fixed_sites(p, dual)
        pair, keep = useful_pairs(dual)
    problem = radius_model(dual.core, p, always, never, pair, keep & np.isfinite(dual.core.fallback), side)
    if not problem.possible:
        return Optimum(chosen, dual.objective, dual.objective, first)

    def tell(best: float, low: float) -> None:
        here = max(bound, min(low + problem.constant, dual.objective))
        control.tell("search", min(best + problem.constant, dual.objective), here)

    found = solve(
        problem.model,
        control,
        upper=dual.objective - problem.constant if known else None,
        tell=tell,
        absolute_gap=WHOLE_GAP if core.whole else 1e-6,
    )
    objective = dual.objective
    if found.x is not None:
        answer = always.copy()
        answer[problem.free[found.x[: len(problem.free)] > 0.5]] = True
        total = core.total(answer)
        if total < objective:
            chosen, objective = answer, total
    proved = objective if found.proven and control.mip_gap == 0 else found.bound + problem.constant
    bound = max(bound, min(proved, objective))
    return Optimum(chosen, objective, min(bound, objective), first)
