"""Two services sited together on real data: the one may stand at an address of the other, old or new."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coverage.analysis import Engine
from coverage.core.points import CELL
from coverage.core.query import Query
from coverage.siting.planning.gains import Outcome, gains, outcome
from coverage.siting.planning.hectare_bound import HectareBound, hectare_bound
from coverage.siting.planning.proposal import add_places
from coverage.siting.planning.question.addresses import SharedAddresses, find_addresses
from coverage.siting.planning.question.candidates import find_candidates
from coverage.siting.planning.question.problem import Layout, Problem, build_problem, check_births, lay_out
from coverage.siting.planning.question.request import SitingRequest
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.basis.sparse import widen
from coverage.siting.solvers.joint import JointResult, SitedService, together
from coverage.zones.areas import area_cells
from i18n.messages import MessageError, OptionName
from loaders.catalogue.columns import COMPANY_COLUMNS, SITE_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.services import get_service, may_share
from loaders.catalogue.types import Ints


@dataclass(frozen=True, kw_only=True)
class CoLocation:
    """What is asked of the service that is sited along with that of the query.

    Attributes
    ----------
    service : the other one, which may share an address with that of the query
    add : number of new places of it
    within_m : its reach in metres; None for the reach of the query
    new_addresses : new addresses at most, of both services together; None for no limit
    address_cost : with a budget: what an address costs that no service has yet, however many come there
    """

    service: str
    add: int = 1
    within_m: float | None = None
    new_addresses: int | None = None
    address_cost: float = 0.0

    def __post_init__(self) -> None:
        """Check every value."""
        get_service(self.service)
        if self.add < 1:
            raise MessageError("siting.error.add", n=self.add)
        if self.new_addresses is not None and self.new_addresses < 0:
            raise MessageError("siting.error.new_addresses", n=self.new_addresses)
        if not (math.isfinite(self.address_cost) and self.address_cost >= 0):
            raise MessageError("siting.error.address_cost", value=self.address_cost)

    @staticmethod
    def parse(word: str) -> CoLocation:
        """Read ``service:number``, such as ``house:1``; without a number it is 1.

        Examples
        --------
        >>> CoLocation.parse("house:2").add
        2
        """
        service, colon, number = word.partition(":")
        number = number.strip() if colon else "1"
        if not number.isdecimal():
            raise MessageError("siting.error.with", value=word)
        return CoLocation(service=service.strip(), add=int(number))


@dataclass(frozen=True, eq=False)
class CompanyProposal:
    """New places of two services.

    Attributes
    ----------
    problems : of the service of the query and of the other one
    company : what was asked of the other one
    addresses : where places could come
    result : the answer of the solver with its proof: births in reach of the one and of the other, added up
    sites : `SITE_COLUMNS` and `COMPANY_COLUMNS`, first the places of the service of the query
    before, after : per service the area as it is, and with the proposal
    hectare : where a choice was made by sector, how much better the best by hectare can be; else None
    """

    problems: tuple[Problem, Problem]
    company: CoLocation
    addresses: SharedAddresses
    result: JointResult
    sites: pd.DataFrame
    before: tuple[Outcome, Outcome]
    after: tuple[Outcome, Outcome]
    hectare: HectareBound | None = None

    @property
    def services(self) -> tuple[str, str]:
        """The service of the query and the other one."""
        return self.problems[0].query.service, self.problems[1].query.service

    def with_new_places(self, facilities: Facilities) -> Facilities:
        """Return the facility set with the new places of both services in it."""
        for service in self.services:
            facilities = add_places(facilities, self.sites[self.sites["service"] == service], service, f"new-{service}")
        return facilities


def propose_joint(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    company: CoLocation,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> CompanyProposal:
    """Propose new places of two services, with as many births as possible within reach of each.

    Both may come at any candidate and at any address in the area where the other one is already; an address that both
    take, or where one is already, is one address. See `coverage.siting.together`.

    Parameters
    ----------
    engine, query, facilities, request, should_stop, on_progress : see `proposal.propose`; of the request
        only what goes with two services: the objective ``mclp``, the kind of candidates, a budget and a time limit
    company : what is asked of the other service

    Raises
    ------
    InputError
        as `coverage.siting.planning.proposal.propose`, and when the request asks what does not go with two services
    """
    _check(query, request, company)
    addresses = _addresses(engine, query, facilities, request, company)
    control = Control(request.time_limit, request.mip_gap, should_stop)
    problems = (
        _pose(engine, query, facilities, request, addresses, control),
        _pose(engine, _other(query, company), facilities, replace(request, add=company.add), addresses, control),
    )
    result = together(
        [_service(problem, addresses) for problem in problems],
        max_new_addresses=company.new_addresses,
        address_cost=np.full(len(addresses.candidates) + 1, company.address_cost),
        place_cost=[request.open_cost, request.open_cost],
        budget=request.budget,
        time_limit=None if request.time_limit is None else control.left,
        mip_gap=request.mip_gap,
        should_stop=should_stop,
        on_progress=on_progress,
    )
    return _explained(engine, problems, company, addresses, result, control)


def joint_layouts(
    engine: Engine, query: Query, facilities: Facilities, request: SitingRequest, company: CoLocation
) -> tuple[Layout, Layout]:
    """What the problems of both services are about, so that they can be weighed; raises as `propose_joint`."""
    _check(query, request, company)
    candidates = _addresses(engine, query, facilities, request, company).candidates
    other, more = _other(query, company), replace(request, add=company.add)
    return (
        lay_out(engine, query, facilities, request, candidates=candidates),
        lay_out(engine, other, facilities, more, candidates=candidates),
    )


def _other(query: Query, company: CoLocation) -> Query:
    """Question about the service that is sited along."""
    within = query.within_m if company.within_m is None else company.within_m
    return replace(query, service=company.service, within_m=within, minutes=(), speed=None)


def _addresses(
    engine: Engine, query: Query, facilities: Facilities, request: SitingRequest, company: CoLocation
) -> SharedAddresses:
    """Where places of either service could come."""
    inside = area_cells(engine.territory, query.areas, query.vintage) if query.areas else None
    demand = engine.demand(query.demand, query.year)
    check_births(demand, inside)
    candidates = find_candidates(engine.snapshot, demand, str(request.candidates), inside, request.buildings)
    return find_addresses(engine, demand, candidates, facilities, inside, (query.service, company.service))


def _check(query: Query, request: SitingRequest, company: CoLocation) -> None:
    if company.service == query.service:
        raise MessageError("siting.error.same_service", service=company.service)
    if not may_share(query.service, company.service):
        one, other = (OptionName("service", service) for service in (query.service, company.service))
        raise MessageError("services.error.apart", one=one, other=other)
    alone = (
        request.objective != "mclp"
        or request.assigns
        or request.spacing_m is not None
        or request.close
        or request.exclude
    )
    if alone or request.targeting or request.single_source or request.most_per or request.least_per:
        raise MessageError("siting.error.together")


def _pose(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    addresses: SharedAddresses,
    control: Control,
) -> Problem:
    free = len(addresses.candidates) - len(addresses.taken(query.service))
    if request.add > free:
        raise MessageError("siting.error.candidates", n=request.add, found=free)
    return build_problem(engine, query, facilities, request, candidates=addresses.candidates, control=control)


def _service(problem: Problem, addresses: SharedAddresses) -> SitedService:
    """One column per address, and one for the places elsewhere."""
    count = len(problem.candidates)
    taken = addresses.taken(problem.query.service)
    cost = widen(problem.cost, count + 1)
    fixed = (*taken.tolist(), count)
    return SitedService(cost, problem.points.births, problem.query.reach_m, problem.request.add + len(fixed), fixed)


def _explained(
    engine: Engine,
    problems: tuple[Problem, Problem],
    company: CoLocation,
    addresses: SharedAddresses,
    result: JointResult,
    control: Control,
) -> CompanyProposal:
    """Work out cell by cell what an answer does."""
    frames, before, after, bounds = [], [], [], []
    by_sector = any(problem.level != CELL for problem in problems)
    for problem, sites in zip(problems, result.sites, strict=True):
        now = problem.analysis.distance_m
        new = np.setdiff1d(sites, [*addresses.taken(problem.query.service), len(addresses.candidates)])
        gained = gains(engine, problem, new.astype(np.intp), now, now)
        frames.append(gained.sites.assign(service=problem.query.service))
        before.append(outcome(problem, now))
        after.append(outcome(problem, gained.distance_m))
        if by_sector:
            bounds.append(hectare_bound(engine, problem, result, gained.distance_m, control))
    table = _told_sharing(pd.concat(frames, ignore_index=True), addresses)
    hectare = None
    if by_sector:  # nothing that the services do together is better than what each does alone
        hectare = HectareBound(sum(one.objective for one in bounds), sum(one.bound for one in bounds))
    outcomes = (before[0], before[1]), (after[0], after[1])
    return CompanyProposal(problems, company, addresses, result, table, *outcomes, hectare)


def _told_sharing(sites: pd.DataFrame, addresses: SharedAddresses) -> pd.DataFrame:
    """Say which new places share an address, and with what; every place gets an id of its own."""
    number: dict[str, int] = {str(i): at for at, i in enumerate(addresses.candidates.frame["id"])}
    at = np.array([number[str(i)] for i in sites["site_id"]], dtype=np.intp)
    both = sites["site_id"].duplicated(keep=False)
    ids = sites["site_id"].astype(str).where(~both, sites["site_id"].astype(str) + "/" + sites["service"])
    shares = [";".join([*addresses.names_at(int(address)), *_others(at, ids, row)]) for row, address in enumerate(at)]
    with_whom = pd.Series([other or None for other in shares], dtype=object)
    told = sites.assign(site_id=ids, shared=with_whom.notna(), shares_with=with_whom)
    return told[[*SITE_COLUMNS, *COMPANY_COLUMNS]]


def _others(at: Ints, ids: pd.Series[str], row: int) -> list[str]:
    return [str(i) for i in ids[(at == at[row]) & (np.arange(len(at)) != row)]]
