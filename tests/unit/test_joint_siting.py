"""Two services sited together on the tiny world: against trying every pair, and counted again from scratch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.core.reach import coordinates
from coverage.siting.planning.joint_siting import CoLocation, CompanyProposal, propose_joint
from coverage.siting.planning.question.addresses import find_addresses
from coverage.siting.planning.question.problem import SitingRequest, build_problem
from coverage.travel.straight_line import CIRCUITY
from i18n.errors import InputError
from loaders.catalogue.columns import COMPANY_COLUMNS, SITE_COLUMNS

SERVICES = ("bureau", "house")
AAKEN = (("municipality", "10012"),)
WITHIN = 500.0


@pytest.fixture(scope="module")
def places(tiny: Any) -> Any:
    """Two bureaus in Aaken-Beke, a house at the second one, another house far away."""
    return tiny.facilities(
        tiny.place(3, 2), tiny.place(12, 7), tiny.place(12, 7, "house"), tiny.place(38, 28, "house", name="Ver")
    )


@pytest.fixture(scope="module")
def ask(tiny: Any, places: Any) -> Callable[..., CompanyProposal]:
    engine = Engine(tiny.snapshot())

    def run(company: Any = None, areas: Any = AAKEN, **wanted: Any) -> CompanyProposal:
        asked = CoLocation(**({"service": "house"} | (company or {})))
        return propose_joint(engine, Query(areas=areas, within_m=WITHIN), places, SitingRequest(**wanted), asked)

    return run


def best_of_all(tiny: Any, places: Any, adds: tuple[int, int], limit: int | None, budget: float | None) -> float:
    """Most births in reach of a bureau plus those of a house, over every choice of addresses; each costs 2 and 1."""
    engine = Engine(tiny.snapshot())
    problem = build_problem(engine, Query(areas=AAKEN), places, SitingRequest())
    births = np.where(problem.points.of_cell >= 0, problem.analysis.demand.births, 0.0)
    grid = engine.snapshot.grid.xy
    found = find_addresses(engine, problem.analysis.demand, problem.candidates, places, births > 0)

    def near(xy: Any) -> Any:
        apart = np.hypot(*(grid[:, None] - np.asarray(xy)[None]).transpose(2, 0, 1))
        return CIRCUITY * apart <= WITHIN

    reaches = near(found.candidates.xy)
    there = [near(coordinates(places.of_service(service).frame)).any(axis=1) for service in SERVICES]
    known = {at for service in SERVICES for at in found.taken(service)}
    choices = [
        [
            set(chosen)
            for size in range(add + 1)
            for chosen in combinations(set(range(len(found.candidates))) - set(found.taken(service).tolist()), size)
        ]
        for service, add in zip(SERVICES, adds, strict=True)
    ]
    worth = [
        [births[now | reaches[:, sorted(chosen)].any(axis=1)].sum() for chosen in options]
        for now, options in zip(there, choices, strict=True)
    ]
    return float(
        max(
            worth[0][a] + worth[1][b]
            for a, b in product(range(len(choices[0])), range(len(choices[1])))
            for new in [(choices[0][a] | choices[1][b]) - known]
            if (limit is None or len(new) <= limit)
            and (budget is None or 2 * len(new) + len(choices[0][a]) + len(choices[1][b]) <= budget)
        )
    )


@pytest.mark.parametrize(
    ("adds", "limit", "budget"),
    [
        ((1, 1), None, None),
        ((1, 1), 1, None),
        ((1, 1), 0, None),
        ((2, 1), 2, None),
        ((2, 1), 1, None),
        ((2, 2), None, 4.0),
        ((2, 2), None, 7.0),
    ],
)
def test_two_services_are_the_best_of_all_choices(
    tiny: Any, places: Any, ask: Callable[..., CompanyProposal], adds: Any, limit: Any, budget: Any
) -> None:
    company = {"add": adds[1], "new_addresses": limit, "address_cost": 0.0 if budget is None else 2.0}
    found = ask(company, add=adds[0], budget=budget)
    assert found.result.optimal
    assert found.result.bound == found.result.objective
    in_reach = sum(outcome.in_reach for outcome in found.after)
    assert in_reach == pytest.approx(best_of_all(tiny, places, adds, limit, budget), abs=1e-6)
    assert in_reach == pytest.approx(found.result.objective)
    assert found.result.greedy_objective <= found.result.objective + 1e-9


def test_the_figures_agree_with_a_full_analysis_of_both(
    tiny: Any, places: Any, ask: Callable[..., CompanyProposal]
) -> None:
    found = ask({"add": 2, "within_m": 900.0}, add=2)
    assert list(found.sites.columns) == [*SITE_COLUMNS, *COMPANY_COLUMNS]
    assert found.sites["service"].tolist() == ["bureau", "bureau", "house", "house"]
    assert found.sites["site_id"].is_unique
    engine, later = Engine(tiny.snapshot()), found.with_new_places(places)
    for service, within, before, after in zip(SERVICES, (WITHIN, 900.0), found.before, found.after, strict=True):
        table = engine.analyse(Query(service=service, areas=AAKEN, within_m=within), later).table
        assert table["births_in_reach"].sum() == pytest.approx(after.in_reach)
        assert table["mean_distance_m"].iloc[0] == pytest.approx(after.mean_m)
        gained = found.sites.loc[found.sites["service"] == service, "births_gained"].sum()
        assert gained >= after.in_reach - before.in_reach - 1e-9  # it counts births across the border of the area too


def test_without_a_new_address_only_addresses_that_are_there_are_shared(ask: Callable[..., CompanyProposal]) -> None:
    """A house may come where the first bureau is; the second bureau has one, and the only house apart is far away."""
    found = ask({"new_addresses": 0})
    assert found.sites[["site_id", "kind", "service", "shared", "shares_with"]].values.tolist() == [
        ["address-f000", "address", "house", True, "f000"]
    ]


def test_new_places_that_share_an_address_name_each_other(ask: Callable[..., CompanyProposal]) -> None:
    found = ask({"new_addresses": 1, "add": 2}).sites
    both = found[found["kind"] == "sector"]
    assert len(both) == 2
    assert both["shared"].all()
    assert both["shares_with"].tolist() == both["site_id"].tolist()[::-1]
    assert {i.rpartition("/")[2] for i in both["site_id"]} == set(SERVICES)


def test_places_a_few_steps_apart_are_at_one_address(tiny: Any) -> None:
    """A house 20 m from the bureau is at its address; one 30 m away is not; a candidate there is that address too."""
    bureau, house = tiny.place(2, 2), tiny.place(2, 2, "house")
    engine, demand = Engine(tiny.snapshot()), Engine(tiny.snapshot()).demand()
    candidates = build_problem(engine, Query(areas=AAKEN), tiny.facilities(bureau), SitingRequest()).candidates
    there = np.array([bureau["x"], bureau["y"]])
    assert (np.hypot(*(candidates.xy - there).T) < 1).any()

    def addresses(*moved: tuple[float, float]) -> Any:
        rows = [row | {"x": row["x"] + dx} for row, (dx, _) in zip((bureau, house), moved, strict=True)]
        return find_addresses(engine, demand, candidates, tiny.facilities(*rows))

    near, apart, elsewhere = addresses((0, 0), (20, 0)), addresses((0, 0), (30, 0)), addresses((40, 0), (60, 0))
    assert (near.taken("bureau") == near.taken("house")).all()
    assert len(near.candidates) == len(candidates)
    assert len(apart.candidates) == len(candidates) + 1
    assert apart.names_at(len(candidates)) == ["f001"]
    assert len(elsewhere.candidates) == len(candidates) + 1
    assert elsewhere.names_at(len(candidates)) == ["f000", "f001"]


@pytest.mark.parametrize(
    ("company", "wanted", "message"),
    [
        ({"service": "bureau"}, {}, "both are 'bureau'"),
        ({"service": "school"}, {}, "school"),
        ({"add": 0}, {}, "The number of places to add is 0"),
        ({"new_addresses": -1}, {}, "The number of new addresses is -1"),
        ({"address_cost": -1.0}, {}, "An address costs -1"),
        ({}, {"objective": "p-median"}, "go with objective mclp only"),
        ({}, {"spacing_m": 100.0}, "go with objective mclp only"),
        ({}, {"close": ("f000",)}, "go with objective mclp only"),
        ({}, {"capacity": True}, "go with objective mclp only"),
        ({"add": 500}, {}, "You ask for 500 new places, but there are"),
    ],
)
def test_what_does_not_go_together_is_told(
    ask: Callable[..., CompanyProposal], company: Any, wanted: Any, message: str
) -> None:
    with pytest.raises(InputError) as error:
        ask(company, **wanted)
    assert message in str(error.value)


def test_what_is_given_to_the_command_is_read() -> None:
    assert CoLocation.parse("house:3") == CoLocation(service="house", add=3)
    assert CoLocation.parse("bureau") == CoLocation(service="bureau", add=1)
    for word in ("house:", "house:x", "house:-1", "house:1.5"):
        with pytest.raises(InputError, match="is no service with a number"):
            CoLocation.parse(word)


def test_nobody_to_serve_is_told(ask: Callable[..., CompanyProposal]) -> None:
    with pytest.raises(InputError, match="There are no births in the area"):
        ask(areas=(("municipality", "10006"),))
