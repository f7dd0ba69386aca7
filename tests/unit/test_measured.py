"""Asked indicators as they are shown: units people can read, classes of even size, and what stands in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.measures import MEASURES, with_error, zone_access
from i18n.texts import LANGUAGES
from layers.maps.scales.classes import ASKED, PROBABILITY, even_breaks, format_amount, legend_for
from layers.views.measured import COMPANIONS, ERROR, measured, sentence, shown, unit_of
from loaders.catalogue.columns import RESULT_COLUMNS

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def test_bounds_have_two_figures_and_part_the_zones_evenly() -> None:
    assert even_breaks(np.arange(1.0, 601.0)) == (100.0, 200.0, 300.0, 400.0, 500.0)
    assert even_breaks(np.array([])) == even_breaks(np.zeros(5)) == ()
    # next to nothing is nothing: it decides about no bound
    assert even_breaks(np.append(np.arange(1.0, 601.0), np.full(500, 1e-6))) == (100.0, 200.0, 300.0, 400.0, 500.0)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=60))
def test_bounds_ascend_whatever_the_values(values: list[float]) -> None:
    bounds = even_breaks(np.array(values))
    assert list(bounds) == sorted(set(bounds))
    assert len(bounds) <= 5


@pytest.mark.parametrize(
    ("value", "said"), [(12.3, "12"), (4.21, "4,2"), (0.0361, "0,036"), (1234.0, "1.234"), (0.0, "0"), (None, "–")]
)
def test_amounts_have_two_figures_that_say_something(value: float | None, said: str) -> None:
    assert format_amount(value, "nl") == said


@pytest.mark.parametrize(
    ("measure", "hours", "words", "said"),
    [
        ("2sfca", None, "plaatsen per 1.000 geboorten", "4,2 plaatsen per 1.000 geboorten"),
        ("2sfca", 100.0, "uren per jaar per kind", "0,0042 uren per jaar per kind"),
        ("gravity", None, "plaatsen, gewogen naar afstand", "0,0042 plaatsen"),
        ("nearest", None, "reistijd in minuten, gemiddeld", "7,5 min"),
    ],
)
def test_units_that_people_can_read(tiny: TinyWorld, measure: str, hours: float | None, words: str, said: str) -> None:
    engine = Engine(tiny.snapshot())
    answer = engine.analyse(Query(within_m=1500), tiny.facilities(tiny.place(5, 5, hours_per_year=hours)))
    unit = unit_of(zone_access(engine, answer, measure), answer.query, "nl")
    assert unit.words == words
    assert shown(600.0 if measure == "nearest" else 0.0042, measure, unit, "nl") == said


@pytest.mark.parametrize("indicator", ASKED)
def test_what_the_browser_gets(tiny: TinyWorld, indicator: str) -> None:
    engine = Engine(tiny.snapshot())
    places = tiny.facilities(tiny.place(5, 5), tiny.place(30, 15), tiny.place(10, 25))
    answer = engine.analyse(Query(within_m=1500, draws=50), places)
    found: Any = with_error(answer) if indicator == PROBABILITY else zone_access(engine, answer, indicator)
    told = measured(answer, found, indicator, "nl")
    assert len(told["values"]) == len(told["classes"]) == len(answer.table)
    assert set(told["beside"]) == ({ERROR} if indicator == PROBABILITY else set(COMPANIONS))
    for lang in LANGUAGES:
        assert sentence(answer, found, indicator, lang).endswith(".")
    if indicator == "bfca":  # the mean of the map is 100
        mean = np.average(
            [v for v in told["values"] if v is not None],
            weights=[b for b in sorted(answer.table["births"], reverse=True) if b > 0],
        )
        assert 50 < mean < 200


def test_the_table_with_draws_says_how_exact_they_are(tiny: TinyWorld) -> None:
    """Agresti and Coull with n = 100; the column stands beside the probability, and only where there were draws."""
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5), tiny.place(10, 15))
    answer = engine.analyse(Query(within_m=1500, draws=100), places)
    table = with_error(answer)
    assert list(table.columns) == [*list(RESULT_COLUMNS)[:21], ERROR, *list(RESULT_COLUMNS)[21:]]
    rows = table.set_index("zone_id")
    p, error = float(rows["gap_probability"]["10012"]), float(rows[ERROR]["10012"])
    adjusted = (100 * p + 2) / 104
    assert error == pytest.approx(np.sqrt(adjusted * (1 - adjusted) / 104))
    assert list(with_error(engine.analyse(Query(), places)).columns) == list(RESULT_COLUMNS)


def test_every_measure_can_colour_a_map(tiny: TinyWorld) -> None:
    assert set(ASKED) == {*MEASURES, PROBABILITY}
    engine = Engine(tiny.snapshot())
    answer = engine.analyse(Query(within_m=1500), tiny.facilities(tiny.place(5, 5), tiny.place(30, 15)))
    table = zone_access(engine, answer, "count").rename(columns={"mean": "count"})
    legend = legend_for(table, "count")
    assert len(legend.labels("nl")) == len(legend.colours)
