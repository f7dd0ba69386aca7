"""Access by zone: declared columns, hours where known, and figures by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.measures import DECAYS, MEASURES, access_table, supply_of
from i18n.errors import InputError
from i18n.texts import LANGUAGES, catalogue, text
from loaders.catalogue.columns import ACCESS_COLUMNS, DECLARED, HOUSE_MODELS, OVERLAP_COLUMNS, RULE_COLUMNS, VIOLATIONS

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def test_declared_columns_and_every_measure(tiny: TinyWorld) -> None:
    places = tiny.facilities(tiny.place(5, 5), tiny.place(30, 15), tiny.place(10, 20))
    table, analysis = access_table(Engine(tiny.snapshot()), Query(within_m=1500), places, MEASURES)
    assert list(table.columns) == list(ACCESS_COLUMNS)
    assert table["measure"].tolist() == list(MEASURES) * 4
    assert table["zone_id"].tolist() == [z for z in ("10005", "10006", "10012", "10034") for _ in MEASURES]
    unshared = table[table["measure"].isin(["nearest", "second", "count", "together"])]
    assert not unshared["flags"].str.contains("capacity_unknown").any()
    assert table.drop(unshared.index)["flags"].str.contains("capacity_unknown").all()
    nearest = table[table["measure"] == "nearest"].set_index("zone_id")["mean"]
    np.testing.assert_allclose(nearest, analysis.table.set_index("zone_id")["mean_distance_m"], rtol=1e-12)


def test_hours_are_shared_by_those_in_reach(tiny: TinyWorld) -> None:
    """One bureau of 300 hours that all of 10012 reaches and nobody else: 90 births, 10/3 hours a child."""
    places = tiny.facilities(tiny.place(19.5, 4.5, hours_per_year=300.0))
    query = Query(within_m=1.3 * 2050, level="municipality")
    table, _ = access_table(Engine(tiny.snapshot()), query, places, ("2sfca", "count"))
    rows: Any = table.set_index(["zone_id", "measure"])
    reached = rows.loc[("10012", "count"), "mean"]
    assert reached == 1.0
    assert rows.loc[("10012", "2sfca"), "unit"] == "hours per year per child"
    total = sum(rows.loc[(z, "2sfca"), "mean"] * b for z, b in {"10012": 90, "10034": 60, "10005": 30}.items())
    assert total == pytest.approx(300)
    assert rows.loc[("10012", "2sfca"), ["gini", "palma", "share_without"]].tolist() == pytest.approx([0, 1, 0])
    assert np.isnan(rows.loc[("10006", "2sfca"), "mean"])


def test_supply_in_hours_or_in_average_places(tiny: TinyWorld) -> None:
    known = tiny.facilities(tiny.place(1, 1, hours_per_year=200.0), tiny.place(2, 2, hours_per_year=400.0))
    mixed = tiny.facilities(
        tiny.place(1, 1, hours_per_year=200.0), tiny.place(2, 2, hours_per_year=400.0), tiny.place(3, 3)
    )
    none = tiny.facilities(tiny.place(1, 1), tiny.place(2, 2, status="planned"))
    assert (supply_of(known).amount.tolist(), supply_of(known).unknown) == ([200.0, 400.0], False)
    assert supply_of(mixed).amount.tolist() == pytest.approx([2 / 3, 4 / 3, 1])
    assert supply_of(mixed).unknown
    assert (supply_of(none).amount.tolist(), supply_of(none).unit) == ([1.0], "places")
    with pytest.raises(InputError, match="Place 'f000' has 0 hours per year"):
        supply_of(tiny.facilities(tiny.place(1, 1, hours_per_year=0.0)))


def test_areas_choose_rows_and_change_no_figure(tiny: TinyWorld) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5), tiny.place(30, 15))
    every, _ = access_table(engine, Query(), places, ("e2sfca",))
    some, _ = access_table(engine, Query(areas=(("province", "noord"),)), places, ("e2sfca",))
    assert some["zone_id"].tolist() == ["10005", "10006"]
    assert some.equals(every[every["zone_id"].isin(["10005", "10006"])].reset_index(drop=True))


def test_input_that_makes_no_sense(tiny: TinyWorld) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    with pytest.raises(InputError, match="Unknown measure 'far'; choose one of nearest, second, count"):
        access_table(engine, Query(), places, ("far",))
    with pytest.raises(InputError, match="Unknown decay 'far'; choose one of binary, step"):
        access_table(engine, Query(), places, ("e2sfca",), "far")
    with pytest.raises(InputError, match="There is no place of service 'house' with coordinates"):
        access_table(engine, Query(service="house"), places, ("e2sfca",))
    with pytest.raises(InputError, match="no place of service 'bureau' with coordinates in 'documented'"):
        access_table(engine, Query(), tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]}), ("e2sfca",))


@pytest.mark.parametrize(
    "key",
    [
        *(f"measure.{name}" for name in MEASURES),
        *(f"decay.{name}" for name in DECAYS),
        *(f"violation.{name}" for name in VIOLATIONS),
        *(f"house_model.{name}" for name in HOUSE_MODELS),
        *(f"column.{name}" for name in dict.fromkeys([*ACCESS_COLUMNS, *OVERLAP_COLUMNS, *RULE_COLUMNS])),
    ],
)
def test_every_word_is_explained_in_one_sentence(key: str) -> None:
    for lang in LANGUAGES:
        assert set(catalogue()[key]) == set(LANGUAGES)
        assert text(f"{key}.help", lang).endswith(".")
    assert set(ACCESS_COLUMNS) | set(OVERLAP_COLUMNS) | set(RULE_COLUMNS) <= set(DECLARED)
