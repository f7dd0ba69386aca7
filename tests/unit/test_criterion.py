"""The births criterion on the tiny world, where every figure can be counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shapely

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.criterion import COUNTED, SURE, Threshold, births_criterion
from coverage.zones.uncertainty import CERTAIN
from i18n.errors import InputError
from i18n.texts import LANGUAGES

AAKEN = (("municipality", "10012"),)


def judged(tiny: Any, threshold: Threshold, *places: Any, **more: Any) -> Any:
    engine = Engine(tiny.snapshot())
    more = {"draws": 50, "site_xy": tiny.centre(10, 5)} | more
    return births_criterion(engine, Query(areas=AAKEN, within_m=390), tiny.facilities(*places), threshold, **more)


def test_figures_are_those_counted_by_hand(tiny: Any) -> None:
    """29 hectares within 300 m, 90 births on 400 hectares of 4 km²; a bureau 200 m east reaches some already."""
    found = judged(tiny, Threshold(5, 20), tiny.place(12, 5))
    assert found.births_area == pytest.approx(90)
    assert found.area_km2 == pytest.approx(4)
    assert found.density == pytest.approx(22.5)
    assert found.births_in_reach == pytest.approx(29 * 90 / 400)
    both = sum(1 for a in range(-3, 4) for b in range(-3, 4) if a * a + b * b <= 9 and (a - 2) ** 2 + b * b <= 9)
    assert found.births_only_here == pytest.approx((29 - both) * 90 / 400)
    assert found.holds


@pytest.mark.parametrize("counted", COUNTED)
def test_without_doubt_every_draw_is_the_figure_itself(tiny: Any, counted: Any) -> None:
    found = judged(tiny, Threshold(3, None, counted), tiny.place(12, 5), spread=CERTAIN)
    assert found.low == pytest.approx(found.counted)
    assert found.high == pytest.approx(found.counted)
    assert found.probability == float(found.counted >= 3) == float(found.holds)


def test_doubt_shows_and_is_repeatable(tiny: Any) -> None:
    found, again = (judged(tiny, Threshold(6.5), draws=200) for _ in range(2))
    assert 0.05 < found.probability < 0.95
    assert found.low < found.counted < found.high
    assert (found.probability, found.low, found.high) == (again.probability, again.low, again.high)
    assert judged(tiny, Threshold(6.5), draws=200, seed=2).probability != found.probability


def test_chance_alone_is_a_poisson_and_placement_alone_keeps_the_births_of_the_area(tiny: Any) -> None:
    """90 births: 5 % of the draws lie 1.645 times the root of 90 below, and as many above."""
    chance, placement = replace(CERTAIN, chance=True), replace(CERTAIN, block=0.3)
    drawn = judged(tiny, Threshold(90, None, "area"), spread=chance, draws=400)
    assert (drawn.low, drawn.high) == pytest.approx((90 - 15.6, 90 + 15.6), abs=3)
    moved = judged(tiny, Threshold(90, None, "area"), spread=placement)
    assert (moved.low, moved.high) == pytest.approx((90, 90))
    assert "That is clear" in replace(moved, probability=1 - SURE).sentence("en")
    assert "That is clear" in replace(moved, probability=SURE).sentence("en")


def test_the_sentence_says_what_how_much_and_how_sure(tiny: Any) -> None:
    close, far = judged(tiny, Threshold(6.5), draws=200), judged(tiny, Threshold(60))
    assert close.sentence("nl").startswith("Ja, hier is een consultatiebureau te verantwoorden: 7 geboorten")
    assert "Dat is nipt" in close.sentence("nl")
    assert far.sentence("en").startswith("No, by this threshold a consultation bureau is not justified here: 7 births")
    assert "That is clear: the births reach the threshold in 0%" in far.sentence("en")
    sparse = judged(tiny, Threshold(5, 30))
    assert not sparse.holds
    assert "The area has 22.5 births per km² a year; 30.0 are asked for." in sparse.sentence("en")
    assert "too low" in sparse.sentence("en")
    assert len({found.sentence(lang) for found in (close, far) for lang in LANGUAGES}) == 6


def test_a_drawn_area_and_a_found_site(tiny: Any) -> None:
    x, y = tiny.centre(0, 0)
    drawn = shapely.box(x - 50, y - 50, x + 450, y + 450)
    found = judged(tiny, Threshold(1, None, "area"), area=drawn, site_xy=None)
    assert found.births_area == pytest.approx(25 * 90 / 400)
    assert (found.x, found.y) == tiny.centre(2, 2)
    table = found.table()
    assert table.loc[0, "area_km2"] == pytest.approx(0.25)


def test_no_area_or_an_empty_one_is_told(tiny: Any) -> None:
    engine, nobody = Engine(tiny.snapshot()), tiny.facilities()
    with pytest.raises(InputError, match="There is no area to judge"):
        births_criterion(engine, Query(), nobody, Threshold(1))
    with pytest.raises(InputError, match="There are no births in the area"):
        births_criterion(engine, Query(areas=(("municipality", "10006"),)), nobody, Threshold(1))
    with pytest.raises(InputError, match="empty or crosses itself"):
        births_criterion(engine, Query(), nobody, Threshold(1), area=shapely.Polygon())
    with pytest.raises(InputError, match="threshold is -1 births"):
        Threshold(-1)
    with pytest.raises(InputError, match="Unknown count 'all'"):
        Threshold(1, None, "all")  # type: ignore[arg-type]
