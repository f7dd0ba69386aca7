"""The last check of every answer: held against the input alone, before it is handed out or called proven.

Nothing here uses what a solver worked with (rows of rules, cores, reductions): sites, rules, capacities, assignment and
objective are counted again from the cost matrix and from `Rules` as they were given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree

from coverage.siting.solvers.basis.instance import Instance
from coverage.siting.solvers.basis.rules import Quota, Rules
from coverage.siting.solvers.basis.sparse import Matrix
from i18n.messages import MessageError, Word
from loaders.catalogue.types import Bools, Floats, Ints

Kind = Literal["lscp", "mclp", "p_median", "p_center", "fixed_cost"]

_ROUNDING = 1e-9
_LOAD = 1e-6
"""A load may differ from its limit by this share: HiGHS keeps rows to 1e-6."""


class UnsoundAnswerError(MessageError):
    """An answer that does not stand up to its own question: a fault in nabij, so it is not handed out."""

    def __init__(self, fault: str) -> None:
        super().__init__("siting.error.unsound", what=Word(f"siting.fault.{fault}"))
        self.fault = fault


@dataclass(frozen=True, eq=False)
class Terms:
    """What an answer is held against.

    Attributes
    ----------
    kind : which objective
    instance : the pairs as they were given, with the fixed sites and the rules as they were given
    most : sites at most, fixed ones included; None for no limit
    radius : what counts as covered, its end included
    weight : (n,) None where every demand counts the same
    capacity : (m,) None for no limit
    single : whether a demand is served by one site
    opening : (m,) what opening a site costs, for ``fixed_cost``
    """

    kind: Kind
    instance: Instance
    most: int | None = None
    radius: float = np.inf
    weight: Floats | None = None
    capacity: Floats | None = None
    single: bool = False
    opening: Floats | None = None

    @property
    def rules(self) -> Rules:
        """The rules as they were given."""
        return self.instance.rules or Rules()


def check_answer(
    terms: Terms, chosen: Bools, objective: float, bound: float, assignment: Ints, shares: Matrix | None
) -> None:
    """Hold an answer against its question.

    Parameters
    ----------
    terms : the question
    chosen : (m,) open sites
    objective, bound : what the answer claims
    assignment : (n,) site of every demand, -1 for none
    shares : (n, m) where demand is sent to sites, else None

    Raises
    ------
    UnsoundAnswerError
        naming the first thing that does not hold
    """
    fault = next(
        (name for name, holds in _claims(terms, chosen, objective, bound, assignment, shares) if not holds), ""
    )
    if fault:
        raise UnsoundAnswerError(fault)


def _claims(
    terms: Terms, chosen: Bools, objective: float, bound: float, assignment: Ints, shares: Matrix | None
) -> list[tuple[str, bool]]:
    fixed = terms.instance.fixed
    claims = [
        ("fixed", bool(chosen[fixed].all())),
        ("count", terms.most is None or int(chosen.sum()) <= terms.most),
        *((name, not broken) for name, broken in broken_rules(terms.rules, fixed, chosen)),
    ]
    if not all(holds for _, holds in claims):
        return claims
    if shares is None:
        claims.append(("assignment", _is_nearest(terms, chosen, assignment)))
    else:
        claims += _load_claims(terms, chosen, shares)
    worth = _objective(terms, chosen, shares)
    near = 1e-6 if shares is not None else _ROUNDING * 10
    claims.append(("objective", abs(worth - objective) <= near * max(1.0, abs(worth))))
    above = bound - objective if terms.kind == "mclp" else objective - bound
    claims.append(("bound", above >= -_ROUNDING * max(1.0, abs(objective))))
    return claims


def broken_rules(rules: Rules, fixed: Bools, chosen: Bools) -> list[tuple[str, bool]]:
    """Which rules on the choice of sites a selection breaks: (name, whether it is broken) of each rule there is.

    Parameters
    ----------
    rules : as given
    fixed, chosen : (m,) sites that are open anyway, and all that are open
    """
    m = len(fixed)
    start = np.zeros(m, dtype=bool)
    start[list(rules.closable)] = True
    new = chosen & ~fixed & ~start
    closed = start & ~chosen
    broken = []
    if rules.allowed is not None:
        broken.append(("allowed", bool((new & ~np.asarray(rules.allowed, dtype=bool)).any())))
    if rules.max_closed is not None:
        broken.append(("closing", int(closed.sum()) > rules.max_closed))
    if rules.budget is not None:
        paid = sum(
            float(np.asarray(price, dtype=np.float64)[sites].sum())
            for price, sites in ((rules.open_cost, new), (rules.close_cost, closed))
            if price is not None
        )
        broken.append(("budget", paid > rules.budget + _ROUNDING * max(1.0, rules.budget)))
    if rules.spacing is not None:
        broken.append(("spacing", _too_near(np.asarray(rules.xy, dtype=np.float64), new, chosen, rules.spacing)))
    broken += [("exclude", all(chosen[site] for site in selection)) for selection in rules.exclude]
    broken += [("quota", not _keeps(quota, chosen)) for quota in rules.quotas]
    return broken


def _keeps(quota: Quota, chosen: Bools) -> bool:
    count = sum(bool(chosen[site]) for site in set(quota.sites))
    return quota.least <= count and (quota.most is None or count <= quota.most)


def _too_near(xy: Floats, new: Bools, chosen: Bools, spacing: float) -> bool:
    """Whether a new site stands nearer than the spacing to another open one."""
    if not new.any() or chosen.sum() < 2:
        return False
    second = np.asarray(cKDTree(xy[chosen]).query(xy[new], k=2)[0])[:, 1]
    return bool((second < spacing - _ROUNDING * max(1.0, spacing)).any())


def _is_nearest(terms: Terms, chosen: Bools, assignment: Ints) -> bool:
    """Whether every demand is at an open site within the radius, and no open one is nearer."""
    least = _nearest(terms.instance, chosen, terms.radius)
    assigned = assignment >= 0
    if not (assigned == np.isfinite(least)).all():
        return False
    pairs = terms.instance
    own = assignment[pairs.row] == pairs.col
    cost = np.full(pairs.n_demand, np.nan)
    cost[pairs.row[own]] = pairs.cost[own]
    return bool(chosen[assignment[assigned]].all() and (cost[assigned] == least[assigned]).all())


def _nearest(pairs: Instance, chosen: Bools, radius: float = np.inf) -> Floats:
    """(n,) distance to the nearest open site, ``inf`` without one within the radius."""
    least = np.full(pairs.n_demand, np.inf)
    use = chosen[pairs.col] & (pairs.cost <= radius)
    np.minimum.at(least, pairs.row[use], pairs.cost[use])
    return least


def _asks(terms: Terms) -> Bools:
    """(n,) demand that must be served: of some weight, and reached by a site that may be open."""
    pairs = terms.instance
    asks = np.zeros(pairs.n_demand, dtype=bool)
    asks[pairs.row[pairs.usable[pairs.col]]] = True
    return asks if terms.weight is None else asks & (terms.weight > 0)


def _load_claims(terms: Terms, chosen: Bools, shares: Matrix) -> list[tuple[str, bool]]:
    pairs, weight = terms.instance, terms.weight
    if weight is None:
        weight = np.ones(pairs.n_demand)
    loads = shares.tocoo()
    share, row, col = loads.data, loads.row, loads.col
    served = np.bincount(row, weights=share, minlength=pairs.n_demand)
    load = np.bincount(col, weights=share * weight[row], minlength=pairs.n_sites)
    known = _costs_of(pairs, row, col)
    total = float(weight.sum())
    room = _LOAD * max(1.0, total)
    claims = [
        ("assignment", bool(chosen[col].all() and (known <= terms.radius).all() and (share >= 0).all())),
        ("shares", bool((served <= 1 + _LOAD).all())),
    ]
    if terms.kind != "mclp":
        claims.append(("shares", bool((served[_asks(terms)] >= 1 - _LOAD).all())))
    if terms.single:
        claims.append(("single", bool((share == 1).all())))
    if terms.capacity is not None:
        claims.append(("capacity", bool((load <= terms.capacity + room).all())))
    start = np.zeros(pairs.n_sites, dtype=bool)
    start[list(terms.rules.closable)] = True
    existing = pairs.fixed | start
    for least, sites in ((terms.rules.min_weight, ~existing), (terms.rules.min_weight_existing, existing)):
        if least is not None:
            claims.append(("least", bool((load[chosen & sites] >= least - room).all())))
    return claims


def _costs_of(pairs: Instance, row: Ints, col: Ints) -> Floats:
    """Cost of pairs, ``inf`` where they do not reach each other."""
    key = pairs.row.astype(np.int64) * pairs.n_sites + pairs.col
    order = np.argsort(key, kind="stable")
    want = row.astype(np.int64) * pairs.n_sites + col
    at = np.minimum(np.searchsorted(key[order], want), max(0, len(key) - 1))
    costs = np.full(len(want), np.inf)
    if len(key):
        same = key[order][at] == want
        costs[same] = pairs.cost[order][at[same]]
    return costs


def _objective(terms: Terms, chosen: Bools, shares: Matrix | None) -> float:
    """Count the objective of an answer again."""
    pairs, weight = terms.instance, terms.weight
    if terms.kind == "lscp":
        covered = np.isfinite(_nearest(pairs, chosen, terms.radius)).all()
        return float(chosen.sum()) if covered else np.inf
    if shares is not None and weight is not None:
        entries = shares.tocoo()
        given = entries.data * weight[entries.row]
        if terms.kind == "mclp":
            return float(given.sum())
        paid = float(given @ _costs_of(pairs, entries.row, entries.col))
        return paid + (0.0 if terms.opening is None else float(terms.opening[chosen].sum()))
    distance = _nearest(pairs, chosen, terms.radius)
    if terms.kind == "mclp" and weight is not None:
        return float(weight[np.isfinite(distance)].sum())
    asks = _asks(terms)
    if terms.kind == "p_center" or weight is None:
        return float(distance[asks].max(initial=0.0))
    return float(weight[asks] @ distance[asks])


@dataclass(frozen=True, eq=False)
class JointTerms:
    """What an answer for several services is held against; see `coverage.siting.together`.

    Attributes
    ----------
    parts, weights, counts : per service its pairs within reach, (n,) weights, and sites at most, fixed ones included
    max_new_addresses, budget : None for no limit
    address_cost, place_cost : (m,) and per service; None for nothing
    """

    parts: Sequence[Instance]
    weights: Sequence[Floats]
    counts: Sequence[int]
    max_new_addresses: int | None
    budget: float | None
    address_cost: Floats | None
    place_cost: Sequence[float] | None


def check_joint_answer(terms: JointTerms, chosen: Sequence[Bools], objective: float, bound: float) -> None:
    """Hold an answer for several services against its question; as `check_answer`."""
    there = np.any([part.fixed for part in terms.parts], axis=0)
    opened = np.any(list(chosen), axis=0) & ~there
    new = [sites & ~part.fixed for sites, part in zip(chosen, terms.parts, strict=True)]
    paid = 0.0 if terms.address_cost is None else float(np.asarray(terms.address_cost, dtype=np.float64)[opened].sum())
    if terms.place_cost is not None:
        paid += sum(float(cost) * int(sites.sum()) for cost, sites in zip(terms.place_cost, new, strict=True))
    worth = sum(
        float(weight[np.isfinite(_nearest(part, sites))].sum())
        for part, weight, sites in zip(terms.parts, terms.weights, chosen, strict=True)
    )
    room = _ROUNDING * 10 * max(1.0, abs(worth))
    claims = (
        ("fixed", all(bool(sites[part.fixed].all()) for sites, part in zip(chosen, terms.parts, strict=True))),
        ("count", all(int(sites.sum()) <= most for sites, most in zip(chosen, terms.counts, strict=True))),
        ("addresses", terms.max_new_addresses is None or int(opened.sum()) <= terms.max_new_addresses),
        ("budget", terms.budget is None or paid <= terms.budget + _ROUNDING * max(1.0, terms.budget)),
        ("objective", abs(worth - objective) <= room),
        ("bound", bound >= objective - room),
    )
    for name, holds in claims:
        if not holds:
            raise UnsoundAnswerError(name)


@dataclass(frozen=True, eq=False)
class RegretTerms:
    """What the choice that is regretted least is held against; see `coverage.siting.least_regret`.

    Attributes
    ----------
    parts, weights : per case its pairs within reach and (n,) weights
    most : sites at most, fixed ones included
    rules : as they were given
    """

    parts: Sequence[Instance]
    weights: Sequence[Floats]
    most: int
    rules: Rules | None


def check_regret_answer(terms: RegretTerms, chosen: Bools, covered: Floats) -> None:
    """Hold a choice and what it covers in every case against its question; as `check_answer`."""
    fixed = terms.parts[0].fixed
    worth = [
        float(weight[np.isfinite(_nearest(part, chosen))].sum())
        for part, weight in zip(terms.parts, terms.weights, strict=True)
    ]
    claims = [
        ("fixed", bool(chosen[fixed].all())),
        ("count", int(chosen.sum()) <= terms.most),
        *((name, not broken) for name, broken in broken_rules(terms.rules or Rules(), fixed, chosen)),
        ("objective", np.allclose(covered, worth, rtol=_ROUNDING * 10, atol=_ROUNDING * 10)),
    ]
    for name, holds in claims:
        if not holds:
            raise UnsoundAnswerError(name)


@dataclass(frozen=True, eq=False)
class PhaseTerms:
    """What an order of opening is held against; see `coverage.siting.mclp_by_year`.

    Attributes
    ----------
    pairs, weight : pairs within reach and (n,) weights
    years : new sites at most
    rules : as they were given
    """

    pairs: Instance
    weight: Floats
    years: int
    rules: Rules | None


def check_phases(terms: PhaseTerms, order: Ints, covered: Floats) -> None:
    """Hold an order of opening and what it covers in every year against its question; as `check_answer`."""
    pairs = terms.pairs
    chosen, rules = pairs.fixed.copy(), terms.rules or Rules()
    early = replace(rules, quotas=[replace(quota, least=0) for quota in rules.quotas])
    claims = [("count", len(set(order.tolist())) == len(order) <= terms.years and not pairs.fixed[order].any())]
    for year in range(terms.years):
        if year < len(order):
            chosen[order[year]] = True
        rules_of_year = rules if year == terms.years - 1 else early
        claims += [(name, not broken) for name, broken in broken_rules(rules_of_year, pairs.fixed, chosen)]
        worth = float(terms.weight[np.isfinite(_nearest(pairs, chosen))].sum())
        claims.append(("objective", abs(worth - covered[year]) <= _ROUNDING * 10 * max(1.0, worth)))
    for name, holds in claims:
        if not holds:
            raise UnsoundAnswerError(name)
