"""How far an answer to a norm can be from the best one: bounds that hold whatever search made the answer.

`most_within_reach` bounds the births in reach of any answer: Lagrangian relaxation of "a birth goes to one site",
improved by subgradients (Held, Wolfe & Crowder 1974). `most_with` bounds it for every number of new sites: by the
gains that the search saw, for coverage is submodular (Nemhauser, Wolsey & Fisher 1978), and by the relaxation of
"within reach of an open site" (Galvao & ReVelle 1996), of which one set of multipliers bounds every number at once.
"""

from __future__ import annotations

import numpy as np

from coverage.norm.problem import NormProblem
from coverage.norm.solve import NormSolution
from loaders.catalogue.types import Bools, Floats, Ints

_FEW_PAIRS = 100_000
_PATIENCE = 10
_MIN = 1e-9
STEPS = (200, 12)
"""Subgradient steps for few and for many pairs."""


def most_within_reach(problem: NormProblem, objective: float) -> float:
    """Upper bound of the weight within reach of any answer.

    For multipliers ``λ ≥ 0``: ``Σ λ_i w_i + Σ_j max(0, v_j(λ))``, where ``v_j`` is the most that site *j* can make of
    ``(1 - λ_i) w_i`` when it must take the norm: all that is worth taking, filled up with what costs least. A site that
    a rule may ask for need not take it. ``λ = 1`` is everybody within reach of a site that could meet the norm.

    Parameters
    ----------
    problem : the norm
    objective : weight within reach of the answer at hand
    """
    weight, use = problem.weight, problem.usable[problem.col]
    row, col = problem.row[use], problem.col[use]
    reach, settled = np.zeros(len(weight), dtype=bool), np.zeros(len(weight), dtype=bool)
    reach[row] = True
    settled[row[problem.fixed[col]]] = True  # within reach of a site that is open anyway: so in every answer
    best = float(weight[reach].sum())
    spare = np.bincount(col, weights=np.where(settled, weight, 0.0)[row], minlength=problem.n_sites).astype(np.float64)
    free = ~settled[row]
    row, col = row[free], col[free]
    if not len(row):
        return max(best, objective)
    order = np.argsort(col, kind="stable")
    search = _Relaxation(problem, row[order], col[order], spare)
    base, open_to = float(weight[settled].sum()), reach & ~settled
    lam, scale, since = np.ones(len(weight)), 1.0, 0
    for _ in range(STEPS[0] if len(row) < _FEW_PAIRS else STEPS[1]):
        value, taken = search.value(lam, open_to)
        value += base
        best, since = (value, 0) if value < best * (1 - 1e-9) else (best, since + 1)
        if since >= _PATIENCE:
            scale, since = scale / 2, 0
        slack = np.where(open_to, 1.0 - taken, 0.0)
        norm = float(weight @ slack**2)
        if norm <= _MIN or best - objective <= _MIN * max(1.0, best):
            break
        lam = np.maximum(0.0, lam - scale * max(value - objective, 0.0) / norm * slack)
    return max(best, objective)


class _Relaxation:
    """Best that sites can do when a birth may go to several, at a price."""

    def __init__(self, problem: NormProblem, row: Ints, col: Ints, spare: Floats) -> None:
        self.problem, self.row, self.col, self.spare = problem, row, col, spare

    def value(self, lam: Floats, open_to: Bools) -> tuple[float, Floats]:
        """Value at λ over the demands that are open to it, and how much of every demand the sites take."""
        weight, n = self.problem.weight, self.problem.n_sites
        order = np.lexsort((lam[self.row], self.col))
        row, col = self.row[order], self.col[order]
        of_rows = weight[row]
        running = np.cumsum(of_rows)
        first = np.append(True, col[1:] != col[:-1])
        before = running - of_rows - np.maximum.accumulate(np.where(first, running - of_rows, 0.0))
        lacking = np.maximum(self.problem.needed[col] - self.spare[col] - before, 0.0)
        filled = np.minimum(1.0, np.divide(lacking, of_rows, out=np.zeros_like(of_rows), where=of_rows > 0))
        part = np.where(lam[row] < 1.0, 1.0, filled)
        worth = np.bincount(col, weights=part * of_rows * (1.0 - lam[row]), minlength=n)
        opens = worth > 0
        taken = np.bincount(row, weights=part * opens[col], minlength=len(weight)).astype(np.float64)
        return float((lam * weight)[open_to].sum() + worth[opens].sum()), taken


def most_with(problem: NormProblem, solution: NormSolution, most: float) -> Floats:
    """Upper bound of the weight within reach by the number of new sites: (n + 1,), for none to all that were opened.

    Parameters
    ----------
    problem : the norm
    solution : an answer, with the gains that its search saw
    most : `most_within_reach`
    """
    n = len(solution.opened)
    may = problem.usable & ~problem.fixed
    best = np.full(n + 1, most)
    for covered, gain in solution.states:
        best = np.minimum(best, covered + _largest(gain[may], n))
    return np.asarray(np.minimum(best, _relaxed_cover(problem, solution, may)), dtype=np.float64)


def _largest(value: Floats, n: int) -> Floats:
    """(n + 1,) sum of the largest values, for none to n of them."""
    top = np.cumsum(np.sort(np.maximum(value, 0.0))[::-1][:n])
    return np.asarray(np.pad(np.append(0.0, top), (0, n - len(top)), mode="edge"), dtype=np.float64)


def _relaxed_cover(problem: NormProblem, solution: NormSolution, may: Bools) -> Floats:
    """(n + 1,) ``Σ (w_i - μ_i) + Σ of the largest Σ_i a_ij μ_i``, the least over all multipliers tried."""
    n, weight = len(solution.opened), problem.weight
    settled = np.zeros(len(weight), dtype=bool)
    settled[problem.row[problem.fixed[problem.col]]] = True
    pairs = may[problem.col] & ~settled[problem.row]
    row, col = problem.row[pairs], problem.col[pairs]
    open_to = np.zeros(len(weight), dtype=bool)
    open_to[row] = True
    base, worth = float(weight[settled].sum()), np.where(open_to, weight, 0.0)
    reached = base + np.concatenate([[0.0], np.cumsum(solution.gained)])
    best = np.full(n + 1, np.inf)
    mu = worth / np.maximum(1.0, np.sqrt(np.bincount(row, minlength=len(weight))))
    few = len(row) < _FEW_PAIRS
    for target in sorted({max(1, n * part // 8) for part in ((1, 2, 3, 4, 6, 8) if few else (2, 5))} if n else set()):
        scale = 1.0
        for step in range(60 if few else 15):
            value = np.bincount(col, weights=mu[row], minlength=problem.n_sites).astype(np.float64)
            curve = base + float((worth - mu).sum()) + _largest(value, n)
            best = np.minimum(best, curve)
            chosen = np.zeros(problem.n_sites, dtype=bool)
            chosen[np.argpartition(-value, target - 1)[:target]] = True
            slope = np.bincount(row, weights=chosen[col], minlength=len(weight)) - open_to
            norm = float(slope @ slope)
            if norm <= _MIN:
                break
            mu = np.clip(mu - scale * max(float(curve[target]) - reached[target], 0.0) / norm * slope, 0.0, worth)
            scale *= 1.0 if step % 12 else 0.7
    return np.asarray(best, dtype=np.float64)


def fewest(bound: Floats, objective: float) -> int:
    """Fewest new sites that could bring so much weight within reach."""
    enough = np.flatnonzero(bound >= objective - 1e-9 * max(1.0, objective))
    return int(enough[0]) if len(enough) else len(bound) - 1
