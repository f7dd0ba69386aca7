"""Opening sites by a norm: what the rules ask first, then the most births gained, then what neighbours can share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from coverage.norm.problem import NormProblem
from loaders.catalogue.types import Bools, Floats, Ints

_SLACK = 1e-9
_PASSES = 4


@dataclass(frozen=True, eq=False)
class NormSolution:
    """Sites that open, and who goes where.

    Attributes
    ----------
    opened : new sites in the order in which they open
    by_rule : (n_opened,) which of them a rule asks for, whatever the norm says
    gained : (n_opened,) weight that each brings within reach beside those before it
    demand, site, share : what part of a demand goes to which site
    load : (n_sites,) weight given to every site
    states : weight within reach, and the (n_sites,) weight that each site would still bring, at some moments of the
        search: what `bound` rests on
    """

    opened: Ints
    by_rule: Bools
    gained: Floats
    demand: Ints
    site: Ints
    share: Floats
    load: Floats
    states: tuple[tuple[float, Floats], ...]

    @property
    def objective(self) -> float:
        """Weight within reach of an open site."""
        return float(self.load.sum())


class _State:
    """What is open, who is covered, and what every site would still bring."""

    def __init__(self, problem: NormProblem) -> None:
        self.problem = problem
        self.covered = np.zeros(len(problem.weight), dtype=bool)
        self.gain = problem.reached.copy()
        self.open = np.zeros(problem.n_sites, dtype=bool)
        self.may = problem.allowed & ~problem.fixed
        self.shares: list[dict[int, float]] = [{} for _ in range(len(problem.weight))]
        self.load = np.zeros(problem.n_sites)
        self._tree = cKDTree(problem.xy) if problem.spacing_m > 0 and problem.xy is not None else None
        for site in np.flatnonzero(problem.fixed):
            self.take(int(site))

    def seen(self) -> tuple[float, Floats]:
        """Weight within reach, and what every site would still bring."""
        return float(self.problem.weight[self.covered].sum()), self.gain.copy()

    def take(self, site: int) -> float:
        """Open a site, give it what nobody reaches yet, and return that."""
        new = self.problem.demands(site)
        new = new[~self.covered[new]]
        self.covered[new] = True
        self.open[site] = True
        self.may[site] = False
        for demand in new.tolist():
            weight = self.problem.weight[demand]
            self.gain[self.problem.sites(demand)] -= weight
            self.shares[demand][site] = 1.0
            self.load[site] += weight
        if self._tree is not None and self.problem.xy is not None:
            near = self._tree.query_ball_point(self.problem.xy[site], self.problem.spacing_m * (1 - _SLACK))
            self.may[near] = False
        return float(self.problem.weight[new].sum())


def solve(problem: NormProblem, checkpoints: int = 40) -> NormSolution:
    """Open sites by a norm.

    Greedy first: the site that brings most among those that bring the norm by themselves. Then those that bring less,
    where sites that are open already can hand over what they have beyond the norm. Last, new sites without which
    everybody is still within reach close again. The answer keeps to the model; `bound` says how far it can be from the
    best.

    Parameters
    ----------
    problem : the norm
    checkpoints : states to keep for the bound, about
    """
    state = _State(problem)
    opened: list[int] = []
    ruled: set[int] = set()
    states = [state.seen()]
    for group in problem.groups:
        if not state.open[group].any():
            free = group[state.may[group]]
            if len(free):
                best = int(free[np.lexsort((free, -state.gain[free], -problem.reached[free]))[0]])
                state.take(best)
                opened.append(best)
                ruled.add(best)
    states.append(state.seen())
    step = max(1, int(problem.feasible.sum()) // (8 * checkpoints))
    while True:
        value = np.where(state.may, state.gain, -1.0)
        best = int(value.argmax())
        if value[best] < problem.least * (1 - _SLACK) or value[best] <= _SLACK:
            break
        state.take(best)
        opened.append(best)
        if len(opened) % step == 0:
            states.append(state.seen())
    states.append(state.seen())
    opened += _with_neighbours(state, ruled)
    states.append(state.seen())
    kept = _without_idle(state, opened, ruled)
    stay = [site for site in opened if site in kept]
    triples = [
        (demand, site, part)
        for demand, shares in enumerate(state.shares)
        for site, part in shares.items()
        if part > _SLACK
    ]
    return NormSolution(
        opened=np.array(stay, dtype=np.intp),
        by_rule=np.array([site in ruled for site in stay], dtype=bool),
        gained=gains_in_order(problem, stay),
        demand=np.array([t[0] for t in triples], dtype=np.intp),
        site=np.array([t[1] for t in triples], dtype=np.intp),
        share=np.array([t[2] for t in triples], dtype=np.float64),
        load=state.load,
        states=tuple(states),
    )


def gains_in_order(problem: NormProblem, opened: list[int]) -> Floats:
    """Weight that each site brings within reach beside those that are open anyway and those before it."""
    covered = np.zeros(len(problem.weight), dtype=bool)
    covered[problem.row[problem.fixed[problem.col]]] = True
    gained = []
    for site in opened:
        mine = problem.demands(site)
        gained.append(float(problem.weight[mine[~covered[mine]]].sum()))
        covered[mine] = True
    return np.array(gained, dtype=np.float64)


def _with_neighbours(state: _State, ruled: set[int]) -> list[int]:
    """Sites that meet the norm by what open neighbours have beyond it; they are opened."""
    problem = state.problem
    demands: list[int] = []
    free = problem.fixed.copy()
    free[list(ruled)] = True
    surplus = np.where(state.open, np.maximum(state.load - np.where(free, 0.0, problem.least), 0.0), 0.0)
    for _ in range(_PASSES):
        before = len(demands)
        for site in np.argsort(-state.gain, kind="stable").tolist():
            gain = float(state.gain[site])
            if gain <= _SLACK or not (state.may[site] and problem.feasible[site]):
                continue
            if _borrow(state, surplus, site, problem.least - gain):
                state.take(site)
                demands.append(site)
                surplus[site] = max(0.0, float(state.load[site]) - problem.least)
        if len(demands) == before:
            break
    return demands


def _borrow(state: _State, surplus: Floats, site: int, lacking: float) -> bool:
    """Hand so much weight over to a site from the open ones; nothing happens where they cannot."""
    weight = state.problem.weight
    plan: list[tuple[int, int, float]] = []
    left = surplus.copy() if lacking > 0 else surplus
    for demand in state.problem.demands(site).tolist():
        if lacking <= _SLACK:
            break
        for giver, part in state.shares[demand].items():
            take = min(part * weight[demand], float(left[giver]), lacking)
            if take > _SLACK:
                plan.append((demand, giver, take))
                left[giver] -= take
                lacking -= take
    if lacking > _SLACK:
        return False
    for demand, giver, take in plan:
        shares = state.shares[demand]
        shares[giver] -= take / weight[demand]
        shares[site] = shares.get(site, 0.0) + take / weight[demand]
        surplus[giver] -= take
        state.load[giver] -= take
        state.load[site] += take
    return True


def _without_idle(state: _State, opened: list[int], ruled: set[int]) -> set[int]:
    """New sites that stay: those without which somebody is out of reach, or that a rule asks for."""
    problem = state.problem
    count = np.bincount(problem.row[state.open[problem.col]], minlength=len(problem.weight))
    kept = set(opened)
    for site in sorted(opened, key=lambda one: float(state.load[one])):
        mine = problem.demands(site)
        if site in ruled or (count[mine] < 2).any():
            continue
        kept.discard(site)
        state.open[site] = False
        count[mine] -= 1
        for demand in mine.tolist():
            part = state.shares[demand].pop(site, 0.0)
            if part > 0:
                other = next(int(one) for one in problem.sites(demand) if state.open[one])
                state.shares[demand][other] = state.shares[demand].get(other, 0.0) + part
                state.load[other] += part * problem.weight[demand]
        state.load[site] = 0.0
    return kept
