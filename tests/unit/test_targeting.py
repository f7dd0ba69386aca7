"""Siting by deprivation: every choice tried on the tiny world, what the weights keep, what is told and refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.access.concentration import concentration_index
from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.siting.planning.joint_siting import CoLocation, propose_joint
from coverage.siting.planning.proposal import Proposal, alternatives, propose
from coverage.siting.planning.question import problem as problems
from coverage.siting.planning.question.priority import need_of_rank, parse_weight, weigh_births
from coverage.siting.planning.question.request import OBJECTIVES, SitingRequest
from coverage.siting.planning.targeting import ALL
from i18n.errors import InputError
from i18n.texts import LANGUAGES
from layers.notes.siting.site_notes import greedy_line
from layers.sentences.targeting import targeting_lines
from layers.views.propose_view import proposal_view
from loaders.catalogue.columns import SITE_COLUMNS, TARGETING_COLUMNS
from pages.plan.siting_search import _CONTROLS, _request
from tests.unit.conftest import Deprived

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

SOUTH = (("province", "zuid"),)
QUERY = Query(model="crow", within_m=650, areas=SOUTH)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Deprived())


@pytest.fixture(scope="module")
def places(tiny: TinyWorld) -> Any:
    return tiny.facilities(tiny.place(2, 2), tiny.place(35, 12))


def ask(engine: Engine, places: Any, query: Query = QUERY, **request: Any) -> Proposal:
    return propose(engine, query, places, SitingRequest(**{"add": 2, "candidates": "sector", **request}))


def every_choice(engine: Engine, found: Proposal) -> np.ndarray[Any, Any]:
    """(n_choices, n_cells) distance to the nearest place with every pair of candidates."""
    problem = found.problem
    crow = np.hypot(*(engine.snapshot.grid.xy[:, None] - problem.candidates.xy[None]).transpose(2, 0, 1)) * 1.3
    after = [
        np.minimum(problem.analysis.distance_m, crow[:, list(pair)].min(axis=1))
        for pair in combinations(range(len(problem.candidates)), 2)
    ]
    return np.array(after)


@pytest.mark.parametrize("targeting", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("objective", ["mclp", "p-median"])
def test_no_choice_is_worth_more(engine: Engine, places: Any, objective: str, targeting: float) -> None:
    """All pairs of 32 sectors, weighed by the formula written out once more."""
    found = ask(engine, places, objective=objective, targeting=targeting)
    births = np.where(found.problem.points.of_cell >= 0, engine.demand().births, 0.0)
    score = np.array([float(sector[1:3]) for sector in engine.snapshot.cells["sector"]])  # type: ignore[attr-defined]
    everywhere = engine.demand().births * (score < 5)
    before = np.array([everywhere[score > mine].sum() + everywhere[score == mine].sum() / 2 for mine in score])
    raw = (1 - targeting) + targeting * 2 * (1 - before / everywhere.sum())
    weight = raw * births.sum() / (births @ raw)
    after = every_choice(engine, found)
    if objective == "mclp":
        worth = (births * weight * (after <= QUERY.reach_m)).sum(axis=1)
        assert found.result.objective == pytest.approx(worth.max())
    else:
        worth = (births * weight * after).sum(axis=1)
        assert found.result.objective == pytest.approx(worth.min())
    assert found.result.optimal
    assert found.problem.weighted.sum() == pytest.approx(births.sum())
    assert found.problem.as_it_is() == pytest.approx(
        (births * weight) @ (found.problem.analysis.distance_m <= QUERY.reach_m)
        if objective == "mclp"
        else (births * weight) @ found.problem.analysis.distance_m
    )


def test_what_it_costs_is_counted_against_the_best_where_births_are_alike(engine: Engine, places: Any) -> None:
    alike, targeted = ask(engine, places), ask(engine, places, targeting=1.0)
    assert alike.cost is None
    cost = targeted.cost
    assert cost is not None
    assert cost.universal.in_reach == pytest.approx(alike.after.in_reach)
    assert cost.universal.in_reach > targeted.after.in_reach + 1  # here it does cost something
    assert list(cost.fifths.columns) == list(TARGETING_COLUMNS)
    table = cost.fifths.set_index("stratum")
    assert table.index.tolist() == ["1", "2", "3", "5", ALL]  # the south holds no births of the fourth fifth
    assert table["mean_weight"].iloc[:-1].is_monotonic_decreasing
    assert table.loc[ALL, "mean_weight"] == pytest.approx(1)
    for column in ("births", "births_in_reach_before", "births_in_reach_universal", "births_in_reach_after"):
        assert table[column].iloc[:-1].sum() == pytest.approx(table.loc[ALL, column])
    gained = table["births_in_reach_after"] - table["births_in_reach_universal"]
    assert gained["1"] > 0 > gained["5"]
    assert set(table["level"]) == {"province"}


def test_rows_tell_who_gains(engine: Engine, places: Any) -> None:
    found = ask(engine, places, targeting=0.5)
    assert list(found.sites.columns) == list(SITE_COLUMNS)
    assert set(found.sites["targeting"]) == {0.5}
    gained = found.sites["births_gained_weighted"].sum()
    assert gained == pytest.approx(found.result.objective - found.problem.as_it_is())
    assert (found.sites["births_gained_deprived"] <= found.sites["births_gained"] + 1e-9).all()
    plain = ask(engine, places)
    assert plain.sites["births_gained_weighted"].tolist() == pytest.approx(plain.sites["births_gained"].tolist())


def test_births_of_unknown_deprivation_weigh_as_the_average_and_are_told(engine: Engine, places: Any) -> None:
    """Of the northmost row of sectors nothing is known: half of the births of Eke."""
    north = replace(QUERY, areas=(("province", "noord"),))
    found = ask(engine, places, north, targeting=1.0)
    assert found.problem.plan.priority is not None
    assert found.problem.plan.priority.unknown == pytest.approx(15)
    unknown = engine.strata("deprivation").index == 5
    assert set(found.problem.plan.priority.weight[unknown]) == {1.0}
    assert found.sites["flags"].str.contains("deprivation_unknown").any()
    assert found.cost is not None
    assert found.cost.fifths.set_index("stratum")["flags"]["unknown"].split(";")[-1] == "deprivation_unknown"
    told = " ".join(targeting_lines(found, "en"))
    assert "For 15 births in this area the deprivation of the surroundings is not known" in told
    assert "all births are in one fifth" in told


def test_by_sector_the_bound_by_hectare_is_weighed_too(
    engine: Engine, places: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "MAX_PAIRS", 0)
    found = ask(engine, places, targeting=0.8)
    assert found.problem.level == "sector"
    after = every_choice(engine, found)
    births = np.where(found.problem.points.of_cell >= 0, engine.demand().births, 0.0)
    worth = (births * found.problem.plan.per_birth * (after <= QUERY.reach_m)).sum(axis=1)
    assert found.hectare is not None
    assert found.hectare.objective <= worth.max() + 1e-9 <= found.hectare.bound + 1e-6


def test_alternatives_are_ordered_by_what_is_weighed(engine: Engine, places: Any) -> None:
    request = SitingRequest(add=2, candidates="sector", targeting=1.0)
    found = list(alternatives(engine, QUERY, places, request, most=3, within=1.0))
    worth = [one.result.objective for one in found]
    assert worth == sorted(worth, reverse=True)
    assert [one.cost is None for one in found] == [False, True, True]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.floats(0.1, 9), st.booleans()), min_size=2, max_size=12),
    st.floats(0, 1),
)
def test_weights_keep_the_total_and_their_sum_is_the_achievement(cells: Any, targeting: float) -> None:
    score, births, reached = (np.array(column, dtype=float) for column in zip(*cells, strict=True))
    need = need_of_rank(score, births)
    assert births @ need == pytest.approx(births.sum())
    weight = weigh_births(need, births, targeting)
    assert births @ weight == pytest.approx(births.sum())
    assert (np.diff(weight[np.argsort(-score, kind="stable")]) <= 1e-12).all()
    if reached.any():
        achieved = (births * reached).sum() * (1 - targeting * concentration_index(reached, births, -score))
        assert (births * weight) @ reached == pytest.approx(achieved)
    unknown = weigh_births(np.full(len(births), np.nan), births, targeting)
    assert (unknown == 1).all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_told_in_every_language(engine: Engine, places: Any, lang: str) -> None:
    for objective in ("mclp", "p-median"):
        found = ask(engine, places, objective=objective, targeting=1.0)
        view = proposal_view(found, found, lang)
        told = [*targeting_lines(found, lang), *greedy_line(found, lang)]
        assert set(targeting_lines(found, lang)) <= set(view.summary)
        assert "{" not in " ".join(told)


@pytest.mark.parametrize("word", ["income", "deprivation:2", "deprivation:-0.1", "deprivation:x", "deprivation:", ""])
def test_words_that_are_no_weight(word: str) -> None:
    with pytest.raises(InputError, match="The weight is"):
        parse_weight(word)


def test_what_does_not_go_with_weights_is_refused(engine: Engine, places: Any, tiny: TinyWorld) -> None:
    assert parse_weight(" deprivation : 0,25 ") == 0.25
    for request in ({"objective": "lscp"}, {"objective": "p-center"}, {"capacity": True}, {"min_births": 4.0}):
        with pytest.raises(InputError, match="Weighting by deprivation goes with"):
            SitingRequest(targeting=0.1, **request)
    with pytest.raises(InputError, match="The weight is 'deprivation:nan'"):
        SitingRequest(targeting=float("nan"))
    with pytest.raises(InputError, match="Two services together"):
        propose_joint(engine, QUERY, places, SitingRequest(targeting=0.5), CoLocation.parse("house:1"))
    with pytest.raises(InputError, match="does not hold what dividing by 'deprivation' needs"):
        ask(Engine(tiny.snapshot()), places, targeting=0.5)
    without = ask(Engine(tiny.snapshot()), places)
    assert without.sites["births_gained_deprived"].isna().all()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_slider_asks_for_weights_where_they_count(objective: str) -> None:
    asked = {
        **dict.fromkeys(_CONTROLS),
        "capacity": False,
        "article9": False,
        "n": 1,
        "objective": objective,
        "targeting": 70,
    }
    assert _request(asked).targeting == (0.7 if objective in ("mclp", "p-median") else 0.0)
    assert _request({**asked, "targeting": None}).targeting == 0.0
