"""Several services sited together: they may share a site, and an address is counted or paid once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coverage.siting.solvers.basis.control import Control, Progress, Stopped
from coverage.siting.solvers.basis.gate import JointTerms, check_joint_answer
from coverage.siting.solvers.basis.instance import Instance, check_count, check_radius, check_weights, make_instance
from coverage.siting.solvers.basis.model import solve
from coverage.siting.solvers.basis.result import relative_gap
from coverage.siting.solvers.basis.rules import Side, no_rules
from coverage.siting.solvers.basis.sparse import matrix, ones, stack, widen
from coverage.siting.solvers.covering import covering_core
from coverage.siting.solvers.exact.core import HelpfulPairs
from coverage.siting.solvers.exact.lagrange import fixed_sites, improve_bound, useful_pairs
from coverage.siting.solvers.exact.optimum import WHOLE_GAP, Optimum, optimise
from coverage.siting.solvers.exact.radius import radius_model
from coverage.siting.solvers.exact.search import greedy, interchange
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class SitedService:
    """One service that is sited together with others on the same addresses.

    Attributes
    ----------
    cost : (n_demand, n_addresses) as for `coverage.siting.mclp`; services may count different demand
    weights : (n_demand,)
    radius : reach, its end included
    p : places of this service, the fixed ones included
    fixed : addresses where it is already
    """

    cost: object
    weights: npt.ArrayLike
    radius: float
    p: int
    fixed: Collection[int] = ()


@dataclass(frozen=True, eq=False)
class JointResult:
    """Addresses for several services.

    Attributes
    ----------
    sites : per service its addresses, fixed ones included
    shared : addresses with more than one service
    covered : per service the weight within reach
    objective, bound, gap, optimal : the sum of these, with its proof
    greedy_objective : what adding the best next place would give
    seconds, stopped : see `coverage.siting.SitingResult`
    """

    sites: tuple[Ints, ...]
    shared: Ints
    covered: tuple[float, ...]
    objective: float
    bound: float
    gap: float
    optimal: bool
    greedy_objective: float
    seconds: float
    stopped: Stopped


def together(
    services: Sequence[SitedService],
    *,
    max_new_addresses: int | None = None,
    address_cost: npt.ArrayLike | None = None,
    place_cost: Sequence[float] | None = None,
    budget: float | None = None,
    time_limit: float | None = None,
    mip_gap: float = 0.0,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> JointResult:
    """Choose addresses for several services at once, such that together they cover as much weight as possible.

    With y_sj for service *s* at address *j* and t_j for an address that is opened:

        maximise sum of weight covered   subject to   sum_j y_sj <= p_s,   y_sj <= t_j,
        sum_j t_j <= max_new_addresses,   sum_j address_cost_j t_j + sum_s place_cost_s sum_j y_sj <= budget

    Parameters
    ----------
    services : on the same addresses; an address where one is fixed is open already, so it costs the others nothing
    max_new_addresses : addresses opened at most; None for no limit
    address_cost : (n_addresses,) for opening an address; None for nothing
    place_cost : per service, for a new place of it; None for nothing
    budget : None for no limit
    time_limit, mip_gap, should_stop, on_progress : see `coverage.siting.lscp`

    Raises
    ------
    InputError
        when an argument makes no sense, services differ in their addresses, or no choice keeps to the limits

    Examples
    --------
    >>> bureau = Service([[0, 9], [9, 0]], [5, 4], 1, 1)
    >>> house = Service([[9, 0], [9, 0]], [2, 3], 1, 1)
    >>> apart, shared = together([bureau, house]), together([bureau, house], max_new_addresses=1)
    >>> [s.tolist() for s in apart.sites], [s.tolist() for s in shared.sites]
    ([[0], [1]], [[1], [1]])
    """
    control = Control(time_limit, mip_gap, should_stop, on_progress)
    parts = [make_instance(s.cost, s.fixed, None).within(check_radius(s.radius)) for s in services]
    if not parts or len({part.n_sites for part in parts}) != 1:
        raise InputError("The services differ in their number of addresses; give cost matrices with the same columns.")
    weights = [check_weights(s.weights, part.n_demand) for s, part in zip(services, parts, strict=True)]
    counts = [check_count(s.p, part) for s, part in zip(services, parts, strict=True)]
    side = _limits(parts, counts, max_new_addresses, address_cost, place_cost, budget)
    total = float(sum(weight.sum() for weight in weights))
    answer = _JointSearch(
        [covering_core(*part, each=True)[0] for part in zip(parts, weights, strict=True)], counts, side
    )
    first = greedy(answer.core, sum(counts), side.allowed, None, answer.fits)
    if not answer.fits(first):
        raise MessageError("siting.error.none_in_time" if control.stopped else "siting.error.no_selection")
    chosen, _, bound = answer.run(first, _apart(parts, weights, counts, control), control, total)
    by_greedy = total - answer.core.total(first)
    most = [count + int(part.fixed.sum()) for count, part in zip(counts, parts, strict=True)]
    price = None if address_cost is None else np.asarray(address_cost, dtype=np.float64)
    terms = JointTerms(parts, weights, most, max_new_addresses, budget, price, place_cost)
    return _result(terms, chosen, total - bound, by_greedy, control)


def _apart(parts: list[Instance], weights: list[Floats], counts: list[int], control: Control) -> list[Optimum]:
    """The best of every service by itself: nothing that they do together is better."""
    quiet = replace(control, on_progress=None)
    optima = []
    for part, weight, count in zip(parts, weights, counts, strict=True):
        core, side = covering_core(part, weight)
        optima.append(optimise(core, count, side, quiet))
    control.stopped = quiet.stopped
    return optima


class _JointSearch:
    """The services as one problem: demand and sites of each after those of the one before."""

    def __init__(self, cores: list[HelpfulPairs], counts: list[int], side: Side) -> None:
        whole = all(core.whole for core in cores)
        self.cores = [replace(core, whole=whole) for core in cores]
        self.counts, self.side = counts, side
        self.core = _stacked(self.cores)

    def fits(self, chosen: Bools) -> bool:
        """Whether places keep to the limits when every address with a new place is opened."""
        side = self.side
        opened = chosen.reshape(-1, side.n_extra).any(axis=0)
        activity = side.rows @ np.append(chosen, opened).astype(np.float64)
        return bool((activity <= side.high + 1e-9 * np.maximum(1.0, np.abs(activity))).all())

    def run(self, first: Bools, apart: list[Optimum], control: Control, total: float) -> tuple[Bools, float, float]:
        """Best places, the weight they leave uncovered, and a proven lower bound of that."""
        bounds = [optimum.bound for optimum in apart]
        bound = sum(bounds)
        chosen = np.concatenate([_no_more(optimum.chosen, c) for optimum, c in zip(apart, self.counts, strict=True)])
        if self.fits(chosen):
            return chosen, self.core.total(chosen), bound
        chosen = interchange(self.core, first, self.side.allowed, control, self.fits)
        lost = self.core.total(chosen)
        control.tell("bound", total - lost, total - bound)
        if control.over() or lost - bound <= control.mip_gap * abs(total - lost):
            return chosen, lost, bound
        return self._in_what_is_left(chosen, lost, bounds, control, total)

    def _in_what_is_left(
        self, chosen: Bools, lost: float, bounds: list[float], control: Control, total: float
    ) -> tuple[Bools, float, float]:
        """Search among the places that the bounds of the services do not rule out."""
        quiet = replace(control, on_progress=None)
        duals = [
            improve_bound(core, count, part, no_rules(allowed), quiet, lost - sum(bounds) + bound)
            for core, count, part, allowed, bound in zip(
                self.cores, self.counts, self._split(chosen), self._split(self.side.allowed), bounds, strict=True
            )
        ]
        ruled = [fixed_sites(count, dual) for count, dual in zip(self.counts, duals, strict=True)]
        always, never = (np.concatenate(part) for part in zip(*ruled, strict=True))
        pair, keep = (np.concatenate(part) for part in zip(*map(useful_pairs, duals), strict=True))
        core = _stacked([dual.core for dual in duals])
        never |= ~self.side.allowed
        problem = radius_model(core, sum(self.counts), always & ~never, never, pair, keep, self.side)
        bound = sum(bounds)
        if not problem.possible:
            return chosen, lost, lost

        def tell(best: float, low: float) -> None:
            here = max(bound, min(low + problem.constant, lost))
            control.tell("search", total - min(best + problem.constant, lost), total - here)

        gap = WHOLE_GAP if core.whole else 1e-6
        solution = solve(problem.model, control, upper=lost - problem.constant, tell=tell, absolute_gap=gap)
        best, worth = chosen, lost
        if solution.x is not None:
            answer = always & ~never
            answer[problem.free[solution.x[: len(problem.free)] > 0.5]] = True
            if self.fits(answer) and self.core.total(answer) < lost:
                best, worth = answer, self.core.total(answer)
        proved = worth if solution.proven and control.mip_gap == 0 else solution.bound + problem.constant
        return best, worth, max(bound, min(proved, worth))

    def _split(self, chosen: Bools) -> list[Bools]:
        return list(chosen.reshape(len(self.cores), -1))


def _no_more(chosen: Bools | None, count: int) -> Bools:
    if chosen is None or chosen.sum() > count:
        raise MessageError("siting.error.none_in_time")
    return chosen


def _stacked(cores: list[HelpfulPairs]) -> HelpfulPairs:
    """All services as one problem: demand and sites of each after those of the one before."""
    m = cores[0].n_sites
    offset = np.cumsum([0, *(len(core.fallback) for core in cores)])
    return HelpfulPairs(
        np.concatenate([core.row + offset[k] for k, core in enumerate(cores)]),
        np.concatenate([core.col + k * m for k, core in enumerate(cores)]),
        np.concatenate([core.value for core in cores]),
        np.concatenate([core.fallback for core in cores]),
        m * len(cores),
        all(core.whole for core in cores),
        sum(core.constant for core in cores),
    )


def _limits(
    parts: list[Instance],
    counts: list[int],
    max_new: int | None,
    address_cost: npt.ArrayLike | None,
    place_cost: Sequence[float] | None,
    budget: float | None,
) -> Side:
    """Rows over the places of all services, then one variable per address that is opened."""
    m, k = parts[0].n_sites, len(parts)
    width = k * m + m
    place, address = np.arange(k * m), np.tile(np.arange(m), k)
    opened = np.any([part.fixed for part in parts], axis=0)
    pairs = matrix(
        np.repeat([1.0, -1.0], k * m), np.tile(place, 2), np.concatenate([place, k * m + address]), (k * m, width)
    )
    rows = [widen(ones(np.repeat(np.arange(k), m), place, (k, k * m)), width), pairs]
    high = [np.array(counts, dtype=np.float64), np.zeros(k * m)]
    new = np.where(opened, 0.0, 1.0)
    zeros = np.zeros(width, dtype=np.intp)
    if max_new is not None:
        rows.append(matrix(np.append(np.zeros(k * m), new), zeros, np.arange(width), (1, width)))
        high.append(np.array([float(max_new)]))
    if budget is not None:
        price = np.zeros(m) if address_cost is None else np.asarray(address_cost, dtype=np.float64)
        each = np.zeros(k) if place_cost is None else np.asarray(place_cost, dtype=np.float64)
        if price.shape != (m,) or each.shape != (k,) or (price < 0).any() or (each < 0).any():
            raise InputError("Give one address cost per address and one place cost per service, 0 or more.")
        cost = np.append(np.repeat(each, m), price * new)
        rows.append(matrix(cost, zeros, np.arange(width), (1, width)))
        high.append(np.array([float(budget)]))
    limit = np.concatenate(high)
    allowed: Bools = ~np.concatenate([part.fixed for part in parts])
    start = np.zeros(k * m, dtype=bool)
    return Side(allowed, stack(rows), np.full(len(limit), -np.inf), limit, start, n_extra=m)


def _result(terms: JointTerms, chosen: Bools, bound: float, by_greedy: float, control: Control) -> JointResult:
    parts, weights = terms.parts, terms.weights
    open_sites = [new | part.fixed for new, part in zip(chosen.reshape(len(parts), -1), parts, strict=True)]
    covered = tuple(
        float(weight[part.nearest(sites)[1] >= 0].sum())
        for sites, part, weight in zip(open_sites, parts, weights, strict=True)
    )
    objective = float(sum(covered))
    bound = max(bound, objective)
    check_joint_answer(terms, open_sites, objective, bound)
    gap = relative_gap(objective, bound)
    return JointResult(
        sites=tuple(np.flatnonzero(sites) for sites in open_sites),
        shared=np.flatnonzero(np.sum(open_sites, axis=0) > 1),
        covered=covered,
        objective=objective,
        bound=objective if gap == 0 else bound,
        gap=gap,
        optimal=gap == 0,
        greedy_objective=by_greedy,
        seconds=control.seconds,
        stopped="" if gap <= control.mip_gap else control.stopped,
    )
