"""Proposals on the tiny world and on the real data: what they bring, counted again from scratch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.query import Query
from coverage.siting.plan import OBJECTIVES, Wish, pose
from coverage.siting.proposal import Proposal, alternatives, propose
from loaders.columns import SITE_COLUMNS
from loaders.errors import InputError
from loaders.facilities import load_facilities
from loaders.snapshot import Snapshot

AAKEN = (("municipality", "10012"),)


@pytest.fixture(scope="module")
def ask(tiny: Any) -> Callable[..., Proposal]:
    engine = Engine(tiny.snapshot())

    def run(*places: Any, within: float = 390, areas: Any = (), **wish: Any) -> Proposal:
        return propose(engine, Query(areas=areas, within_m=within), tiny.facilities(*places), Wish(**wish))

    return run


def test_the_best_sector_is_the_densest_one_far_from_others(tiny: Any, ask: Callable[..., Proposal]) -> None:
    """Aaken-Beke: 90 births on 400 hectares. A sector middle inside reaches 29 hectares within 300 m."""
    found = ask(tiny.place(2, 2), areas=AAKEN, add=2)
    assert list(found.sites.columns) == list(SITE_COLUMNS)
    assert found.result.optimal
    assert found.before.births == pytest.approx(90)
    assert found.after.in_reach - found.before.in_reach == pytest.approx(found.sites["births_gained"].sum())
    assert set(found.sites["nis2025"]) == {"10012"}
    assert found.greedy is not None
    assert found.greedy.in_reach <= found.after.in_reach + 1e-9


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_table_agrees_with_a_full_analysis(tiny: Any, objective: str) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2), tiny.place(35, 12))
    query = Query(within_m=900, areas=AAKEN)
    found = propose(engine, query, facilities, Wish(add=2, objective=objective, candidates="cell"))
    after = engine.analyse(query, found.with_new_places(facilities))
    assert after.table["births_in_reach"].sum() == pytest.approx(found.after.in_reach)
    row = after.table.iloc[0]
    assert row["mean_distance_m"] == pytest.approx(found.after.mean_m)
    assert found.after.largest_m <= found.before.largest_m
    if objective == "lscp":
        assert found.after.in_reach == pytest.approx(90)
    else:
        assert len(found.sites) == 2


def test_a_place_that_may_close_makes_room(tiny: Any, ask: Callable[..., Proposal]) -> None:
    """Two bureaus at one spot: one may close, so one place is added beside the one asked for."""
    kept = ask(tiny.place(2, 2), tiny.place(2, 2), areas=AAKEN, add=1)
    moved = ask(tiny.place(2, 2), tiny.place(2, 2), areas=AAKEN, add=1, close=("f001",))
    assert kept.closed == ()
    assert moved.closed == ("f001",)
    assert len(moved.sites) == 2
    assert moved.after.in_reach > kept.after.in_reach


def test_spacing_keeps_new_places_apart(tiny: Any, ask: Callable[..., Proposal]) -> None:
    found = ask(tiny.place(2, 2), areas=AAKEN, add=2, spacing_m=1200.0)
    xy = np.vstack([found.sites[["x", "y"]].to_numpy(float), [tiny.centre(2, 2)]])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    assert apart[np.triu_indices(3, 1)].min() >= 1200


def test_full_places_leave_births_unserved_and_these_are_counted(tiny: Any) -> None:
    engine = Engine(tiny.snapshot())
    wish = Wish(add=1, capacity=True, births_per_place=2.0)
    found = propose(engine, Query(areas=AAKEN, within_m=900), tiny.facilities(tiny.place(2, 2)), wish)
    assert found.result.objective == pytest.approx(4)
    for level in ("municipality", "care_region", "gp_circle"):
        table = found.unserved(engine, level)
        assert (table["births_unserved"] <= table["births"] + 1e-9).all()
    assert found.unserved(engine, "municipality")["births_unserved"].sum() == pytest.approx(86)


def test_hours_set_what_a_place_can_take(tiny: Any) -> None:
    """Of 300 and 100 hours the mean is 200, so the places take 1.5 and 0.5 times the average."""
    facilities = tiny.facilities(tiny.place(2, 2, hours_per_year=300), tiny.place(30, 5, hours_per_year=100))
    engine, query = Engine(tiny.snapshot()), Query(areas=AAKEN)
    problem = pose(engine, query, facilities, Wish(capacity=True, births_per_place=4.0))
    assert problem.capacity is not None
    assert problem.capacity[-2:].tolist() == [6.0, 2.0]
    assert set(problem.capacity[:-2]) == {4.0}


def test_alternatives_differ_and_are_nearly_as_good(tiny: Any) -> None:
    engine, facilities = Engine(tiny.snapshot()), tiny.facilities(tiny.place(2, 2))
    found = list(alternatives(engine, Query(areas=AAKEN, within_m=390), facilities, Wish(add=1), most=4))
    assert len(found) == 4
    assert len({found_one.sites["site_id"].iloc[0] for found_one in found}) == 4
    worth = [one.result.objective for one in found]
    assert worth == sorted(worth, reverse=True)
    assert worth[-1] >= 0.99 * worth[0]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"add": 0}, "The number of places to add is 0"),
        ({"objective": "best"}, "Unknown objective 'best'; choose one of mclp, p-median, p-center, lscp"),
        ({"objective": "p-center", "capacity": True}, "go with objective mclp or p-median"),
        ({"births_per_place": 0.0}, "A place can take 0 births"),
        ({"add": 500}, "You ask for 500 new places, but there are 16 candidates"),
        ({"close": ("nobody",)}, "There is no open place 'nobody'"),
        ({"spacing_m": 1e6}, "Every candidate lies within"),
        ({"exclude": (("nothing",),)}, "names a candidate that does not exist"),
        ({"objective": "lscp", "within": 200.0}, "births a year cannot be brought within 200 m"),
    ],
)
def test_what_cannot_be_is_told(tiny: Any, ask: Callable[..., Proposal], wish: Any, message: str) -> None:
    with pytest.raises(InputError) as error:
        ask(tiny.place(2, 2), areas=AAKEN, **wish)
    assert message in str(error.value)


def test_births_that_do_not_exist_and_distances_that_are_not_known(tiny: Any, ask: Callable[..., Proposal]) -> None:
    with pytest.raises(InputError, match="There are no births in the area"):
        ask(tiny.place(2, 2), areas=(("municipality", "10006"),))
    engine = Engine(tiny.snapshot())
    with pytest.raises(InputError, match="Distances are not known"):
        propose(engine, Query(), tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]}), Wish())


def test_without_any_place_the_first_ones_are_sited(ask: Callable[..., Proposal]) -> None:
    found = ask(areas=AAKEN, add=2, objective="p-median")
    assert np.isnan(found.before.mean_m)
    assert found.after.mean_m > 0
    assert found.sites["relieved_id"].isna().all()


def test_flanders_by_sector_and_by_hectare(embedded: Snapshot) -> None:
    """Ten new bureaus for all Flanders and Brussels: proven, and at least what greedy brings."""
    engine = Engine(embedded)
    facilities = load_facilities(embedded, "illustrative")
    found = propose(engine, Query(), facilities, Wish(add=10))
    assert found.problem.level == "cell"
    assert found.result.optimal
    assert found.greedy is not None
    assert found.after.in_reach >= found.greedy.in_reach
    assert found.after.in_reach - found.before.in_reach == pytest.approx(found.sites["births_gained"].sum())
    wider = pose(engine, replace(Query(), within_m=3750), facilities, Wish(add=3))
    assert wider.level == "sector"
    assert wider.solve().optimal
