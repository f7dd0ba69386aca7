"""Random worlds of siting with every rule and every objective, held against trying every selection.

``python -m benchmarks.siting_worlds 3000`` tries so many; the tests try a share of them. What a selection is worth is
worked out here from the arrays, with nothing of the solvers.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import numpy as np
import scipy.optimize

from coverage.siting import (
    Quota,
    Rules,
    SitingResult,
    UnsoundAnswerError,
    facility_location,
    lscp,
    mclp,
    p_center,
    p_median,
)
from i18n.errors import InputError

_linprog: Any = scipy.optimize.linprog
Sites = frozenset[int]
NEAR = 1e-6
OBJECTIVES = ("lscp", "mclp", "p-median", "p-center", "capacity", "whole", "fixed-cost")


@dataclass(frozen=True, eq=False)
class SitingWorld:
    """A small siting problem: ``cost`` (n, m) with ``inf`` out of reach."""

    cost: Any
    weight: Any
    radius: float
    p: int
    fixed: tuple[int, ...]
    rules: Rules
    capacity: Any
    opening: Any

    @property
    def m(self) -> int:
        return int(self.cost.shape[1])

    def choices(self) -> Sites:
        """Sites that may be chosen beside the fixed ones."""
        rules = self.rules
        may = set(range(self.m)) - set(self.fixed)
        if rules.allowed is not None:
            may = {j for j in may if np.asarray(rules.allowed)[j] or j in rules.closable}
        if rules.spacing is not None:
            may = {j for j in may if j in rules.closable or not any(self.near(j, f) for f in self.fixed)}
        return frozenset(may)

    def near(self, one: int, other: int) -> bool:
        xy = np.asarray(self.rules.xy)
        return bool(np.hypot(*(xy[one] - xy[other])) < float(self.rules.spacing or 0))

    def keeps(self, chosen: Sites) -> bool:
        """Whether a selection, fixed sites included, keeps to every rule on sites."""
        rules = self.rules
        new = [j for j in chosen if j not in rules.closable and j not in self.fixed]
        closed = [j for j in rules.closable if j not in chosen]
        spent = sum(np.asarray(rules.open_cost)[new]) + sum(np.asarray(rules.close_cost)[closed])
        exist = {*rules.closable, *self.fixed}
        apart = rules.spacing is None or not any(
            self.near(*pair) for pair in combinations(chosen, 2) if not set(pair) <= exist
        )
        return (
            apart
            and set(new) <= self.choices()
            and (rules.max_closed is None or len(closed) <= rules.max_closed)
            and (rules.budget is None or spent <= rules.budget + 1e-9)
            and not any(set(selection) <= chosen for selection in rules.exclude)
            and all(
                q.least <= len(chosen & set(q.sites)) <= (self.m if q.most is None else q.most) for q in rules.quotas
            )
        )

    def selections(self, most: int) -> list[Sites]:
        """All selections within the rules of ``most`` sites at most."""
        fixed, free = frozenset(self.fixed), sorted(self.choices())
        sizes = range(max(0, min(len(free), most - len(fixed))) + 1) if most >= len(fixed) else range(0)
        every = (fixed | set(some) for size in sizes for some in combinations(free, size))
        return [chosen for chosen in every if self.keeps(chosen)]

    def reached(self) -> Any:
        """(n,) demand that some site reaches that may be open."""
        usable = sorted(self.choices() | set(self.fixed))
        return np.isfinite(self.cost[:, usable]).any(axis=1) if usable else np.zeros(len(self.cost), dtype=bool)


def make_world(seed: int) -> SitingWorld:
    """Draw a world: ties, demand out of reach and of no weight, and every rule in some of them."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(2, 7)), int(rng.integers(2, 7))
    whole = rng.random() < 0.5
    cost = rng.integers(0, 6, (n, m)).astype(float) if whole else rng.uniform(0, 6, (n, m))
    cost[rng.random((n, m)) < rng.choice([0.0, 0.25])] = np.inf
    weight = rng.integers(0, 5, n).astype(float) if whole else rng.uniform(0.1, 5, n)
    if not weight.any():
        weight[0] = 1.0
    order = [int(j) for j in rng.permutation(m)]
    fixed, closable = order[: rng.integers(0, 2)], order[2 : 2 + int(rng.integers(0, 3))]

    def some(share: float = 0.4) -> bool:
        return bool(rng.random() < share)

    groups = [rng.permutation(m)[: rng.integers(1, m + 1)] for _ in range(int(rng.integers(0, 3)))]
    quotas = []
    for sites in groups:
        least = int(rng.integers(0, 2))
        quotas.append(Quota([int(j) for j in sites], least, None if some() else int(rng.integers(least, 3)), "zone"))
    excluded = [[int(j) for j in rng.permutation(m)[: rng.integers(1, 3)]] for _ in range(int(rng.integers(0, 3)))]
    rules = Rules(
        allowed=rng.random(m) < 0.8 if some() else None,
        closable=tuple(closable),
        max_closed=int(rng.integers(0, 2)) if some() else None,
        open_cost=rng.integers(0, 3, m) if whole else rng.uniform(0, 3, m),
        close_cost=rng.uniform(0, 2, m),
        budget=float(rng.uniform(0, 6)) if some() else None,
        xy=rng.uniform(0, 10, (m, 2)),
        spacing=float(rng.uniform(0, 4)) if some() else None,
        exclude=excluded if some() else (),
        quotas=quotas if some() else (),
    )
    p = min(m, max(len(fixed), int(rng.integers(1, 5))))
    capacity = rng.uniform(0.2, 0.9, m) * weight.sum() + 0.1
    return SitingWorld(
        cost, weight, float(rng.uniform(0.5, 5)), max(1, p), tuple(fixed), rules, capacity, rng.uniform(0, 9, m)
    )


def worth(world: SitingWorld, objective: str, chosen: Sites) -> float:
    """Objective of a selection, to be made small; ``inf`` where it is no answer."""
    cost, weight = world.cost, world.weight
    sites = sorted(chosen)
    distance = cost[:, sites].min(axis=1) if sites else np.full(len(cost), np.inf)
    asks = world.reached()
    if objective == "lscp":
        return float(len(sites)) if (distance <= world.radius).all() else np.inf
    if objective == "mclp":
        return -float(weight[distance <= world.radius].sum())
    if objective == "p-center":
        return float(distance[asks].max(initial=0.0))
    if objective == "p-median":
        asks &= weight > 0
        return float(weight[asks] @ distance[asks]) if np.isfinite(distance[asks]).all() else np.inf
    return _assigned(world, objective, sites)


def _assigned(world: SitingWorld, objective: str, sites: list[int]) -> float:
    """The best way to send demand to sites of limited capacity, by linear programming or by trying every one."""
    cost, weight, rules = world.cost[:, sites], world.weight, world.rules
    existing = {*rules.closable, *world.fixed}
    least = np.array([(rules.min_weight_existing if j in existing else rules.min_weight) or 0.0 for j in sites])
    opening = 0.0
    if objective == "fixed-cost":
        opening = float(sum(world.opening[j] for j in sites if j not in world.fixed))
        rows = np.flatnonzero(world.reached() & (weight > 0))
    elif objective == "capacity":
        rows = np.flatnonzero(weight > 0)
    else:
        rows = np.flatnonzero(world.reached() & (weight > 0))
    room = world.capacity[sites]
    if objective == "whole":
        return _whole(cost[rows], weight[rows], room, least)
    count, k = len(rows), len(sites)
    if not k or not count:
        return opening if not count and not least.any() else (0.0 if objective == "capacity" else np.inf)
    share = cost[rows]
    may = share <= world.radius if objective == "capacity" else np.isfinite(share)
    price = -weight[rows][:, None] * np.ones(k) if objective == "capacity" else weight[rows][:, None] * share
    load = np.zeros((k, count * k))
    once = np.zeros((count, count * k))
    for i, j in product(range(count), range(k)):
        once[i, i * k + j] = 1
        load[j, i * k + j] = weight[rows][i]
    bounds = [(0.0, 1.0 if may[i, j] else 0.0) for i, j in product(range(count), range(k))]
    flat = np.where(np.isfinite(price), price, 0.0).ravel()
    limits: Any = {"A_ub": np.vstack([load, -load]), "b_ub": np.concatenate([room, -least])}
    if objective == "capacity":
        limits = {"A_ub": np.vstack([limits["A_ub"], once]), "b_ub": np.append(limits["b_ub"], np.ones(count))}
        solution = _linprog(flat, bounds=bounds, **limits)
    else:
        solution = _linprog(flat, bounds=bounds, A_eq=once, b_eq=np.ones(count), **limits)
    return float(solution.fun) + opening if solution.success else np.inf


def _whole(cost: Any, weight: Any, room: Any, least: Any) -> float:
    best, k = np.inf, len(room)
    if not len(weight):
        return 0.0 if not least.any() else np.inf
    for given in product(range(k), repeat=len(weight)):
        load = np.bincount(given, weights=weight, minlength=k)
        paid = cost[np.arange(len(weight)), given]
        if (load <= room + 1e-9).all() and (load >= least - 1e-9).all() and np.isfinite(paid).all():
            best = min(best, float(weight @ paid))
    return best


def solve_world(world: SitingWorld, objective: str, **limits: Any) -> SitingResult:
    """Ask the solver."""
    told = {"fixed": world.fixed, "rules": world.rules, **limits}
    if objective == "lscp":
        return lscp(world.cost, world.radius, **told)
    if objective == "mclp":
        return mclp(world.cost, world.weight, world.radius, world.p, **told)
    if objective == "p-center":
        return p_center(world.cost, world.p, **told)
    if objective == "p-median":
        return p_median(world.cost, world.weight, world.p, **told)
    if objective == "capacity":
        return mclp(world.cost, world.weight, world.radius, world.p, capacity=world.capacity, **told)
    if objective == "whole":
        return p_median(world.cost, world.weight, world.p, capacity=world.capacity, single_source=True, **told)
    return facility_location(world.cost, world.weight, opening_cost=world.opening, capacity=world.capacity, **told)


def loaded(world: SitingWorld, seed: int) -> SitingWorld:
    """The world with a least weight on new or existing sites in some of them."""
    rng = np.random.default_rng(seed)
    least = [float(rng.uniform(0, 0.4) * world.weight.sum()) if rng.random() < 0.4 else None for _ in range(2)]
    return replace(world, rules=replace(world.rules, min_weight=least[0], min_weight_existing=least[1]))


def hold(seed: int, objective: str) -> str:
    """Try one world: ``proven`` or ``none`` where solver and enumeration agree, else what does not hold."""
    world = make_world(seed)
    if objective in ("capacity", "whole", "fixed-cost"):
        world = loaded(world, seed)
    counted = objective not in ("lscp", "fixed-cost")
    most = world.p if counted else world.m
    values = [worth(world, objective, chosen) for chosen in world.selections(most)]
    best = min(values, default=np.inf)
    try:
        result = solve_world(world, objective)
    except UnsoundAnswerError as error:
        return f"unsound: {error}"
    except InputError as error:
        too_many = counted and not len(world.fixed) <= world.p <= len(world.fixed) + len(world.choices())
        return "none" if too_many or np.isinf(best) else f"refused, but there is an answer of {best}: {error}"
    sign = -1.0 if objective in ("mclp", "capacity") else 1.0
    if not result.optimal:
        return f"not proven: {result.objective} to {result.bound}, best {best}"
    if abs(sign * result.objective - best) > NEAR * max(1.0, abs(best)):
        return f"claims {sign * result.objective}, best is {best}"
    if not world.keeps(frozenset(result.sites.tolist())) or (counted and len(result.sites) > world.p):
        return f"breaks a rule: {result.sites.tolist()}"
    return _stopped(world, objective, best, sign)


def _stopped(world: SitingWorld, objective: str, best: float, sign: float) -> str:
    """A run that is stopped at once claims nothing that is not so."""
    try:
        result = solve_world(world, objective, time_limit=0.0)
    except UnsoundAnswerError as error:
        return f"unsound when stopped: {error}"
    except InputError:
        return "proven"
    if not np.isfinite(result.bound):
        return f"stopped without a bound: {result.bound}"
    worst = sign * result.objective < best - NEAR * max(1.0, abs(best))
    if worst or sign * result.bound > best + NEAR * max(1.0, abs(best)):
        return f"stopped: {sign * result.objective} to {sign * result.bound}, best {best}"
    if not world.keeps(frozenset(result.sites.tolist())):
        return f"stopped, breaks a rule: {result.sites.tolist()}"
    return "proven"


def faults(seeds: range, tell: Callable[[str], None] = print) -> Counter[str]:
    """Try every objective on every world; what does not hold is told and counted as ``fault``."""
    count: Counter[str] = Counter()
    for seed in seeds:
        for objective in OBJECTIVES:
            answers = hold(seed, objective)
            count[answers if answers in ("proven", "none") else "fault"] += 1
            if answers not in ("proven", "none"):
                tell(f"world {seed}, {objective}: {answers}")
    return count


def main() -> None:
    """Try as many worlds as the first argument says."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    start = time.process_time()
    count = faults(range(first, first + number))
    print(f"{number} worlds x {len(OBJECTIVES)} objectives: {dict(count)}; {time.process_time() - start:.0f} CPU s")


if __name__ == "__main__":
    main()
