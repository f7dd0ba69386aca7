"""Partnerships: the areas that they serve as a level, how they are housed, and who is on one site with whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.core.sites import on_shared_site
from coverage.indicators.measures import zone_access
from coverage.partnerships.areas import SHARED, house_areas, with_house_areas
from coverage.partnerships.rule import house_rule
from coverage.zones.partition_overlap import evidence_of
from i18n.errors import InputError
from loaders.catalogue.regions.levels import HOUSE_AREA, NOT_KNOWN_HERE

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def house(tiny: TinyWorld, nis: str, partnership: str, serves: str, **more: Any) -> dict[str, Any]:
    return tiny.at(nis, "house", house_id=partnership, serves=serves, **more)


def test_the_areas_are_those_that_lists_say_are_served(tiny: TinyWorld) -> None:
    """10003 by A, 10004 by A and B together, 10005 by B, the others by nobody known."""
    places = tiny.facilities(
        house(tiny, "10003", "A", "10003;10004", name="Huis A noord"),
        house(tiny, "10004", "A", "10003;10004", name="Huis A zuid"),
        house(tiny, "10005", "B", "10004;10005", name="Huis B"),
    )
    found = house_areas(tiny.snapshot(), places)
    assert found.members.to_numpy().tolist() == [["a", "10003"], ["a+b", "10004"], ["b", "10005"]]
    assert found.zones["zone_name"].tolist() == ["Huis A (Cele, Dam)", "Huis A (Cele, Dam) + Huis B", "Huis B"]
    assert found.zones["flags"].fillna("").tolist() == ["", SHARED, ""]
    assert (found.level, found.evidence, found.sources) == (HOUSE_AREA, "user", ("made up",))


def test_what_no_house_serves_is_not_known(tiny: TinyWorld) -> None:
    places = tiny.facilities(tiny.place(5, 5), house(tiny, "10001", "A", "10001"))
    snapshot = with_house_areas(tiny.snapshot(), places)
    table = Engine(snapshot).analyse(Query(level=HOUSE_AREA, vintage=2018, model="crow"), places).table
    births = table.set_index("zone_id")["births"]
    assert births.index.tolist() == ["a", NOT_KNOWN_HERE]
    assert births["a"] == pytest.approx(births_of(tiny, "10001"))
    assert births.sum() == pytest.approx(sum(tiny.births.values()))
    rest = table.set_index("zone_id").loc[NOT_KNOWN_HERE]
    assert "not_known_here" in rest["flags"]
    assert evidence_of((HOUSE_AREA, "municipality"), snapshot) == "user"


def births_of(tiny: TinyWorld, nis2018: str) -> float:
    """Births of a municipality of 2018: of its cells, every one of which weighs as much as the others."""
    snapshot = tiny.snapshot()
    births = Engine(snapshot).demand().births
    ids = snapshot.zones("municipality", 2018)["zone_id"].to_list()
    return float(births[snapshot.zone_index("municipality", 2018) == ids.index(nis2018)].sum())


def test_a_list_that_says_nothing_of_areas_is_told(tiny: TinyWorld) -> None:
    with pytest.raises(InputError, match="says of no Huis van het Kind which municipalities"):
        house_areas(tiny.snapshot(), tiny.facilities(tiny.place(5, 5)))


def test_a_bureau_within_25_m_of_a_house_is_on_its_site(tiny: TinyWorld) -> None:
    x, y = tiny.centre(5, 5)
    near = {"service": "bureau", "precision": "point", "status": "exists"}
    places = tiny.facilities(
        tiny.place(5, 5, "house", physical=True, house_id="A"),
        tiny.place(5, 5) | near | {"x": x + 20, "y": y + 14},
        tiny.place(5, 5) | near | {"x": x + 20, "y": y + 16},
        tiny.place(25, 5, "house", physical=False, house_id="B"),
        tiny.place(25, 5),
        tiny.at("10001", house_id="A"),
        tiny.at("10001", house_id="C"),
    )
    found = on_shared_site(places.frame, "bureau")
    # 24.4 m away, 25.6 m away; a house that nobody can walk into; two known by municipality, one of them in house A
    assert found.tolist() == [False, True, False, False, False, True, False]


def test_how_a_house_is_housed(tiny: TinyWorld) -> None:
    point = {"physical": True}
    places = tiny.facilities(
        tiny.place(5, 5, "house", house_id="roof", serves="10001", **point),
        tiny.place(5, 5),
        tiny.place(8, 8),
        tiny.place(25, 5, "house", house_id="two", serves="10002", **point),
        tiny.place(28, 5, "house", house_id="two", serves="10002", **point),
        tiny.place(5, 15, "house", house_id="desk", serves="10003", **point),
        house(tiny, "10004", "none", "10004", physical=False),
    )
    rows: Any = house_rule(tiny.snapshot(), places).set_index("house_id")
    assert rows["model"].fillna("").to_dict() == {"desk": "", "none": "virtual", "roof": "one_roof", "two": "antennas"}
    assert rows["n_places"].to_dict() == {"desk": 1, "none": 0, "roof": 1, "two": 2}
    assert rows.loc["roof", ["n_bureaus", "bureaus_on_site", "share_bureaus_on_site"]].tolist() == [2, 1, 0.5]
    assert np.isnan(rows.loc["two", "share_bureaus_on_site"])


def test_births_for_whom_both_are_at_one_address(tiny: TinyWorld) -> None:
    """Two bureaus, one of them in a house: within 500 m straight of that one lives who has both."""
    places = tiny.facilities(
        tiny.place(5, 5, "house", house_id="A", physical=True), tiny.place(5, 5), tiny.place(30, 15)
    )
    engine = Engine(tiny.snapshot())
    analysis = engine.analyse(Query(level="region", model="crow", within_m=650.0), places)
    table = zone_access(engine, analysis, "together")
    grid = engine.snapshot.grid.xy
    near = np.hypot(*(grid - np.array(tiny.centre(5, 5))).T) * 1.3 <= 650.0
    births = engine.demand().births
    assert 0 < births[near].sum() < births.sum()
    without = (table["share_without"] * table["births"]).sum()
    assert without == pytest.approx(births[~near].sum())
    assert table["unit"].tolist() == ["places"] * len(table)
    alone = engine.analyse(analysis.query, tiny.facilities(tiny.place(5, 5)))
    assert zone_access(engine, alone, "together")["share_without"].tolist() == [1.0] * len(table)
