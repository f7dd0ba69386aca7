"""The probability of a gap: certain where nothing is in doubt, in closed form where one thing is, and seeded."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.analysis import Engine
from coverage.core.demand import surface
from coverage.core.query import Query
from coverage.core.reach import Reach
from coverage.indicators.measures import with_error, zone_access
from coverage.zones.uncertainty import BATCH, CERTAIN, Cells, Certainty, InputSpread, simulate, uncertain_cells
from i18n.errors import InputError

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

NOTHING: dict[str, Any] = {
    "circuity": 0, "circuity_place": 0, "reach": 0, "location_m": 0, "snapped_m": 0, "block": 0, "births": 0,
    "chance": False,
}  # fmt: skip


def one_cell_zones(*distances: float, births: float = 100.0) -> Cells:
    """Every zone a municipality of one cell, all reaching the same place, due east of it."""
    n = len(distances)
    return Cells(
        cell=np.arange(n),
        births=np.full(n, births),
        distance_m=np.array(distances),
        place=np.zeros(n, dtype=np.intp),
        towards=np.tile([1.0, 0.0], (n, 1)),
        snapped=np.zeros(1, dtype=bool),
        block=np.arange(n),
        block_municipality=np.arange(n),
    )


def only(**spread: Any) -> InputSpread:
    """One doubt and no other."""
    return InputSpread(**(NOTHING | spread))


def draw(cells: Cells, doubt: InputSpread) -> np.ndarray:
    n = len(cells.cell)
    found = simulate(cells, np.arange(n), n, within_m=1200, min_share=0.5, draws=4000, seed=3, spread=doubt)
    return found.probability


def near(found: np.ndarray, expected: list[float], draws: int = 4000) -> None:
    """Four standard errors, and one draw for probabilities near 0 and 1."""
    wanted = np.array(expected)
    margin = 4 * np.sqrt(wanted * (1 - wanted) / draws) + 1 / draws
    assert (np.abs(found - wanted) <= margin).all(), (found, wanted)


def phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


@pytest.mark.parametrize("name", ["circuity", "circuity_place"])
def test_circuity_alone_is_a_normal_integral(name: str) -> None:
    distances = (1000.0, 1200.0, 1300.0)
    found = draw(one_cell_zones(*distances), only(**{name: 0.1}))
    near(found, [phi(math.log(d / 1200) / 0.1) for d in distances])


def test_near_enough_alone_is_a_uniform_integral() -> None:
    """Reach lies evenly between 1,080 and 1,320 m: 1,140 m is beyond it in a quarter of the draws."""
    near(draw(one_cell_zones(1000.0, 1140.0, 1200.0, 1400.0), only(reach=0.1)), [0.0, 0.25, 0.5, 1.0])


def test_location_alone_is_a_normal_integral() -> None:
    """50 m to one side is 65 m of travel at circuity 1.3."""
    found = draw(one_cell_zones(1135.0, 1200.0, 1265.0), only(location_m=50))
    near(found, [phi(-1), 0.5, phi(1)])


def test_chance_alone_is_a_binomial() -> None:
    """8 births expected, 3 of 4 in reach: beyond reach when fewer than half of those born are in reach."""
    cells = Cells(
        cell=np.arange(2), births=np.array([6.0, 2.0]), distance_m=np.array([100.0, 5000.0]),
        place=np.zeros(2, dtype=np.intp), towards=np.zeros((2, 2)), snapped=np.zeros(1, dtype=bool),
        block=np.zeros(2, dtype=np.intp), block_municipality=np.zeros(1, dtype=np.intp),
    )  # fmt: skip
    found = simulate(
        cells, np.zeros(2, dtype=int), 1, within_m=1200, min_share=0.5, draws=4000, seed=1,
        spread=only(chance=True),
    )  # fmt: skip
    chance = sum(
        math.exp(-8) * 6**a / math.factorial(a) * 2**b / math.factorial(b)
        for a in range(40) for b in range(40) if a < b
    ) / (1 - math.exp(-8))  # fmt: skip
    near(found.probability, [chance])


def test_placement_alone_moves_births_between_blocks_not_out_of_the_municipality() -> None:
    """Two blocks of equal births, one in reach: by symmetry beyond reach in half of the draws."""
    cells = Cells(
        cell=np.arange(2), births=np.array([50.0, 50.0]), distance_m=np.array([100.0, 5000.0]),
        place=np.zeros(2, dtype=np.intp), towards=np.zeros((2, 2)), snapped=np.zeros(1, dtype=bool),
        block=np.arange(2), block_municipality=np.zeros(2, dtype=np.intp),
    )  # fmt: skip
    doubt = only(block=0.3)
    whole = simulate(cells, np.zeros(2, dtype=int), 1, within_m=1200, min_share=0.5, draws=4000, spread=doubt)
    near(whole.probability, [0.5])
    apart = simulate(cells, np.arange(2), 2, within_m=1200, min_share=0.5, draws=400, spread=doubt)
    assert apart.probability.tolist() == [0.0, 1.0]


@given(st.integers(0, 1000), st.integers(1, 3))
@settings(max_examples=15)
def test_seeded_and_a_longer_run_begins_with_the_shorter(seed: int, batches: int) -> None:
    cells = one_cell_zones(1100.0, 1200.0, 1250.0, births=3.0)

    def run(draws: int, start: int) -> np.ndarray:
        found = simulate(cells, np.arange(3), 3, within_m=1200, min_share=0.5, draws=draws, seed=start)
        return found.probability

    draws = batches * BATCH
    assert np.array_equal(run(draws, seed), run(draws, seed), equal_nan=True)
    assert not np.array_equal(run(draws, seed), run(draws, seed + 1))


def test_standard_error_shrinks_with_the_root_of_the_draws() -> None:
    cells = one_cell_zones(1200.0)
    few = simulate(cells, np.arange(1), 1, within_m=1200, min_share=0.5, draws=200, seed=1)
    many = simulate(cells, np.arange(1), 1, within_m=1200, min_share=0.5, draws=3200, seed=1)
    assert few.largest_error == pytest.approx(0.035, abs=0.001)
    assert many.largest_error == pytest.approx(few.largest_error / 4, rel=0.05)
    assert abs(few.probability[0] - many.probability[0]) < 4 * few.largest_error


def test_without_doubt_the_label_is_certain(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    places = tiny.facilities(tiny.place(5, 5), tiny.place(30, 20)).of_service("bureau")
    demand = surface(snapshot)
    reach = Engine(snapshot).reach(places, Query())
    cells = uncertain_cells(snapshot, demand, reach, places)
    for level in ("municipality", "sector", "care_region", "gp_circle"):
        for within in (130.0, 700.0, 1200.0, 4000.0):
            table = Engine(snapshot).analyse(Query(level=level, within_m=within), places).all_zones
            n = len(snapshot.zones(level))
            found = simulate(
                cells, snapshot.zone_index(level), n, within_m=within, min_share=0.5, draws=1, spread=CERTAIN
            )
            share = table["share_in_reach"].to_numpy()[:n]
            expected = np.where(np.isnan(share), np.nan, share < 0.5)
            np.testing.assert_array_equal(found.probability, expected, err_msg=f"{level} {within}")


def test_in_the_table(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    places = tiny.facilities(tiny.place(5, 5), tiny.place(10, 15))
    none = engine.analyse(Query(within_m=1500), places)
    assert none.certainty is None
    assert none.table["gap_probability"].isna().all()
    drawn = engine.analyse(Query(within_m=1500, draws=200), places)
    again = Engine(tiny.snapshot()).analyse(Query(within_m=1500, draws=200), places)
    assert drawn.certainty is not None
    assert "caveat.probability" in drawn.caveats
    assert drawn.table["gap_probability"].equals(again.table["gap_probability"])
    row = drawn.table.set_index("zone_id")["gap_probability"]
    # no bureau on the territory is a fact, also where nobody was born; the rest is drawn
    assert row["10005"] == row["10006"] == 1.0
    assert (row[["10012", "10034"]] > 0).all()
    assert (row[["10012", "10034"]] < 1).all()


def test_facts_hold_where_distances_are_not_known(tiny: TinyWorld) -> None:
    scope = {"bureau": ["10001", "10002", "10005"]}
    answer = Engine(tiny.snapshot()).analyse(Query(draws=50), tiny.facilities(tiny.at("10001"), scope=scope))
    row = answer.table.set_index("zone_id")["gap_probability"]
    assert answer.certainty is None
    assert row["10005"] == 1.0
    assert row[["10006", "10012", "10034"]].isna().all()


def test_where_nothing_can_be_judged_there_is_no_error() -> None:
    unknown = np.array([np.nan, np.nan])
    assert np.isnan(Certainty(unknown, unknown, 10, 1, CERTAIN, unknown, unknown).largest_error)


def test_no_place_at_all_is_certain(tiny: TinyWorld) -> None:
    answer = Engine(tiny.snapshot()).analyse(Query(draws=50, level="sector"), tiny.facilities())
    births = answer.table["births"] > 0
    assert (answer.table["gap_probability"][births].dropna() == 1).all()


def test_what_is_too_far_is_beyond_and_what_is_not_told_stays_untold(tiny: TinyWorld, tmp_path: Path) -> None:
    """A table of travel costs that leaves sectors out: there no distance, no probability, no measure, but a flag."""
    near, far = "s0000", "s0001"
    file = tmp_path / "t.csv"
    file.write_text(f"from_id,to_id,metres\nsector:{near},f000,100\nsector:{far},f000,90000\n", encoding="utf-8")
    query = Query(level="sector", model="matrix", matrix=file, draws=50)
    engine = Engine(tiny.snapshot())
    answer = engine.analyse(query, tiny.facilities(tiny.place(1, 1)))
    table = with_error(answer).set_index("zone_id")
    assert (table.loc[near, "gap_probability"], table.loc[far, "gap_probability"]) == (0.0, 1.0)
    untold = table.drop(index=[near, far])
    untold = untold[untold["births"] > 0]
    for column in ("gap_probability", "gap_probability_error", "births_out_of_reach"):
        assert untold[column].isna().all()
    assert untold["flags"].str.contains("outside_extract").all()
    for measure in ("2sfca", "count", "second"):
        found = zone_access(engine, answer, measure).set_index("zone_id")
        assert found.loc[untold.index, "mean"].isna().all()
        assert found.loc[untold.index, "flags"].str.contains("outside_extract").all()
    reached = zone_access(engine, answer, "count").set_index("zone_id")["mean"]
    assert (reached[near], reached[far]) == (1.0, 0.0)  # out of reach is a figure: nobody


def test_a_distance_that_some_cannot_travel_has_no_mean(tiny: TinyWorld) -> None:
    """There is one place only, so nobody has a second: the mean is empty, not that of those who have one."""
    engine = Engine(tiny.snapshot())
    answer = engine.analyse(Query(), tiny.facilities(tiny.place(5, 5)))
    assert zone_access(engine, answer, "second")["mean"].isna().all()
    assert zone_access(engine, answer, "nearest")["mean"].notna().sum() == 3


def test_an_island_without_a_place_is_beyond_reach_in_every_draw(tiny: TinyWorld) -> None:
    """No way at all (``inf``) is not the same as no distance (NaN): nobody there is ever in reach."""
    snapshot, places = tiny.snapshot(), tiny.facilities(tiny.place(5, 5))
    engine = Engine(snapshot)
    reach = engine.reach(places, Query())
    cut = snapshot.zone_index("municipality", 2025) == 0
    distance = np.where(cut, np.inf, 500.0)
    lost = Reach(distance, distance, np.where(cut, -1, reach.nearest), np.argsort(distance, kind="stable"), known=True)
    cells = uncertain_cells(snapshot, surface(snapshot), lost, places)
    assert np.isinf(cells.distance_m).any()
    found = simulate(cells, snapshot.zone_index("municipality", 2025), 4, within_m=1200, min_share=0.5, draws=100)
    assert found.probability[0] == 1.0
    assert found.probability[[2, 3]].tolist() == [0.0, 0.0]
    assert np.isnan(found.probability[1])  # nobody is born there


@pytest.mark.parametrize(
    ("draws", "seed", "message"), [(-1, 1, "Draws are -1"), (10**6, 1, "from 0 to 100000"), (1, -1, "The seed is -1")]
)
def test_draws_that_make_no_sense(draws: int, seed: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Query(draws=draws, seed=seed)


@pytest.mark.parametrize("wrong", [{"circuity": -0.1}, {"reach": 1.0}, {"block": math.nan}])
def test_spreads_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Spread"):
        InputSpread(**wrong)


def test_the_range_of_births_out_of_reach_is_that_of_the_draws() -> None:
    """Without doubt it is the figure itself; with chance alone that of a Poisson number: 100 births, 84 to 117."""
    cells = one_cell_zones(100.0, 5000.0)
    zones = np.arange(2)
    sure = simulate(cells, zones, 2, within_m=1200, min_share=0.5, draws=200, spread=CERTAIN)
    assert sure.out_low.tolist() == sure.out_high.tolist() == [0.0, 100.0]
    drawn = simulate(cells, zones, 2, within_m=1200, min_share=0.5, draws=1000, spread=only(chance=True))
    assert [drawn.out_low[0], drawn.out_high[0]] == [0.0, 0.0]
    assert drawn.out_low[1] == pytest.approx(84, abs=3)  # quantiles of scipy.stats.poisson(100): 84 and 117
    assert drawn.out_high[1] == pytest.approx(117, abs=3)
    few = simulate(cells, zones, 2, within_m=1200, min_share=0.5, draws=30, spread=only(chance=True))
    assert few.out_low[1] < 100 < few.out_high[1]
