"""Rules beyond the number of sites: a budget, a region, spacing, quotas, sites that may close, selections refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from coverage.siting.solvers.basis.sparse import Matrix, matrix, ones, stack, take
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Quota:
    """How many sites of a group are open, fixed ones included: one per zone, a door in every municipality.

    Attributes
    ----------
    sites : numbers of the sites of the group
    least, most : open sites of the group; None for no limit
    name : what the group is called, for messages
    """

    sites: Sequence[int]
    least: int = 0
    most: int | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Rules:
    """What else a choice of sites must keep to.

    Attributes
    ----------
    allowed : (m,) which candidates may be taken, such as those in a region; None for all
    closable : existing sites that may close. One that closes makes room for another among the ``p``: that is how a
        site *moves*. Other existing sites belong in ``fixed``
    max_closed : how many of them may close; None for no limit
    open_cost, close_cost : (m,) what opening a new site and closing an existing one costs; None for nothing
    budget : what these may cost together; None for no limit
    xy : (m, 2) metres, needed for ``spacing``
    spacing : metres, as the crow flies, that a new site keeps from every other site
    min_weight : weight that each new site must at least be given; needs an assignment, so it is a rule of `mclp`,
        `p_median` and `facility_location` only
    min_weight_existing : the same for the sites there are, fixed or kept
    quotas : how many sites of a group are open at least and at most
    exclude : selections of sites that are not wanted again, for finding alternatives
    """

    allowed: npt.ArrayLike | None = None
    closable: Sequence[int] = ()
    max_closed: int | None = None
    open_cost: npt.ArrayLike | None = None
    close_cost: npt.ArrayLike | None = None
    budget: float | None = None
    xy: npt.ArrayLike | None = None
    spacing: float | None = None
    min_weight: float | None = None
    min_weight_existing: float | None = None
    quotas: Sequence[Quota] = ()
    exclude: Sequence[Collection[int]] = ()

    @property
    def loads(self) -> bool:
        """Whether a rule asks how much weight a site is given."""
        return self.min_weight is not None or self.min_weight_existing is not None


@dataclass(frozen=True, eq=False)
class Side:
    """Rules as rows ``low <= rows @ y <= high`` over the sites, and the sites that are free to choose.

    Attributes
    ----------
    allowed : (m,) sites that may be chosen, fixed ones left out
    rows : (r, m + n_extra) sparse
    low, high : (r,)
    start : (m,) existing sites that may close: open until then
    n_extra : continuous variables from 0 to 1 that come after the sites
    name : (r,) which rule each row is of
    """

    allowed: Bools
    rows: Matrix
    low: Floats
    high: Floats
    start: Bools
    n_extra: int = 0
    name: tuple[str, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether there is no rule beyond which sites are allowed."""
        return self.rows.shape[0] == 0 and not self.start.any()

    def accept(self, chosen: Bools) -> bool:
        """Whether a set of sites keeps to every rule."""
        activity = self.rows @ chosen.astype(np.float64)
        room = 1e-9 * np.maximum(1.0, np.abs(activity))
        return bool(((activity >= self.low - room) & (activity <= self.high + room)).all())

    def restrict(self, free: Ints, always: Bools) -> Side:
        """Return the same rules over the free sites, with some sites settled as chosen."""
        settled = self.rows[:, : len(always)] @ always.astype(np.float64)
        extra = len(always) + np.arange(self.n_extra)
        rows = take(self.rows, None, np.concatenate([free, extra]))
        low, high = self.low - settled, self.high - settled
        return Side(self.allowed[free], rows, low, high, self.start[free], self.n_extra, self.name)


def no_rules(allowed: Bools) -> Side:
    """Return the rules of a plain problem."""
    m = len(allowed)
    return Side(allowed, ones([], [], (0, m)), np.zeros(0), np.zeros(0), np.zeros(m, dtype=bool))


def make_side(rules: Rules | None, fixed: Bools) -> Side:
    """Put the rules in rows.

    Parameters
    ----------
    rules : None for none
    fixed : (m,) sites that are open anyway

    Raises
    ------
    InputError
        when an array does not fit the number of sites, or a value makes no sense
    """
    m = len(fixed)
    if rules is None:
        return no_rules(~fixed)
    allowed = ~fixed
    if rules.allowed is not None:
        allowed &= _sized(rules.allowed, m, "allowed").astype(bool)
    start = np.zeros(m, dtype=bool)
    start[site_numbers(rules.closable, m, "closable")] = True
    if (start & fixed).any():
        raise InputError(f"Site {int((start & fixed).argmax())} is both fixed and closable; choose one of the two.")
    allowed |= start
    parts: list[_Part] = []
    parts += _closing(rules, start)
    parts += _budget(rules, start, fixed)
    if rules.spacing is not None:
        allowed &= ~_too_near(rules, fixed, m) | start
        parts += _spacing(rules, allowed, start, m)
    parts += _quotas(rules, fixed, allowed)
    parts += _exclusions(rules, fixed, m)
    empty = no_rules(allowed)
    rows = stack([empty.rows, *(part.rows for part in parts)])
    low = np.concatenate([empty.low, *(part.low for part in parts)])
    high = np.concatenate([empty.high, *(part.high for part in parts)])
    name = tuple(part.name for part in parts for _ in part.low)
    return Side(allowed, rows, low, high, start, name=name)


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows of one rule."""

    name: str
    rows: Matrix
    low: Floats
    high: Floats


def site_numbers(sites: Collection[int], m: int, what: str) -> Ints:
    """Site numbers, each once and in order; `InputError` for one that does not exist."""
    numbers = np.unique(np.asarray(list(sites), dtype=np.intp))
    if len(numbers) and (numbers[0] < 0 or numbers[-1] >= m):
        bad = int(numbers[0] if numbers[0] < 0 else numbers[-1])
        raise InputError(f"Site {bad} in '{what}' does not exist; sites are numbered from 0 to {m - 1}.")
    return numbers


def _sized(values: npt.ArrayLike, m: int, name: str) -> npt.NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (m,):
        raise InputError(f"'{name}' has shape {array.shape}; give one value for each of the {m} sites.")
    return array


def _row(values: Floats) -> Matrix:
    return matrix(values, np.zeros(len(values)), np.arange(len(values)), (1, len(values)))


def _closing(rules: Rules, start: Bools) -> list[_Part]:
    if rules.max_closed is None or not start.any():
        return []
    if rules.max_closed < 0:
        raise InputError(f"max_closed is {rules.max_closed}; give 0 or more.")
    least = np.array([float(start.sum()) - rules.max_closed])
    return [_Part("closing", _row(start.astype(np.float64)), least, np.array([np.inf]))]


def _budget(rules: Rules, start: Bools, fixed: Bools) -> list[_Part]:
    """Spend sum of opening new sites + sum of closing (1 - y) <= budget; a fixed site is not paid for."""
    m = len(fixed)
    if rules.budget is None:
        return []
    if not rules.budget >= 0:
        raise InputError(f"The budget is {rules.budget}; give 0 or more.")
    opening = np.zeros(m) if rules.open_cost is None else _sized(rules.open_cost, m, "open_cost")
    closing = np.zeros(m) if rules.close_cost is None else _sized(rules.close_cost, m, "close_cost")
    if (opening < 0).any() or (closing < 0).any():
        raise InputError("A cost of opening or closing is below 0; give 0 or more.")
    cost = np.where(fixed, 0.0, np.where(start, -closing, opening))
    left = np.array([rules.budget - float(closing[start].sum())])
    return [_Part("budget", _row(cost), np.array([-np.inf]), left)]


def _points(rules: Rules, m: int) -> Floats:
    xy = np.empty((0, 2)) if rules.xy is None else np.asarray(rules.xy, dtype=np.float64)
    if xy.shape != (m, 2):
        raise InputError(f"'spacing' needs 'xy' of shape ({m}, 2), the places of the sites; it has {xy.shape}.")
    return xy


def _too_near(rules: Rules, fixed: Bools, m: int) -> Bools:
    """(m,) sites closer to a fixed one than the spacing."""
    xy = _points(rules, m)
    if not fixed.any():
        return np.zeros(m, dtype=bool)
    return np.asarray(cKDTree(xy[fixed]).query(xy)[0] < float(rules.spacing or 0.0), dtype=bool) & ~fixed


def _spacing(rules: Rules, allowed: Bools, start: Bools, m: int) -> list[_Part]:
    """At most one of two sites that are too near, unless both exist already."""
    sites = np.flatnonzero(allowed)
    xy = _points(rules, m)[sites]
    pairs = cKDTree(xy).query_pairs(np.nextafter(float(rules.spacing or 0.0), 0.0), output_type="ndarray")
    pairs = sites[pairs].reshape(-1, 2)
    pairs = pairs[~start[pairs].all(axis=1)]
    count = len(pairs)
    rows = ones(np.repeat(np.arange(count), 2), pairs.ravel(), (count, m))
    return [_Part("spacing", rows, np.full(count, -np.inf), np.ones(count))]


def _quotas(rules: Rules, fixed: Bools, allowed: Bools) -> list[_Part]:
    """Count the open sites of every group; those that are open anyway are taken off."""
    parts, m = [], len(fixed)
    for quota in rules.quotas:
        numbers = site_numbers(quota.sites, m, "quotas")
        can = int((fixed | allowed)[numbers].sum())
        if quota.least > can:
            raise MessageError("siting.error.quota", group=quota.name or "–", least=quota.least, n=can)
        most = len(numbers) if quota.most is None else quota.most
        if quota.least < 0 or most < quota.least:
            raise InputError(f"The quota asks for {quota.least} to {most} sites; give 0 or more, and least up to most.")
        marks = np.zeros(m)
        marks[numbers[~fixed[numbers]]] = 1.0
        already = float(fixed[numbers].sum())
        limits = np.array([quota.least - already]), np.array([most - already])
        parts.append(_Part(f"quota {quota.name}".strip(), _row(marks), *limits))
    return parts


def _exclusions(rules: Rules, fixed: Bools, m: int) -> list[_Part]:
    """At least one site of an excluded selection is not chosen."""
    parts = []
    for selection in rules.exclude:
        numbers = site_numbers(selection, m, "exclude")
        marks = np.zeros(m)
        marks[numbers[~fixed[numbers]]] = 1.0
        parts.append(_Part("exclude", _row(marks), np.array([-np.inf]), np.array([marks.sum() - 1.0])))
    return parts
