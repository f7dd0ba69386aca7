"""What a plan does, told: the sentence on top, the line below it, the sheet of a zone, and the ground of a place."""

from __future__ import annotations

import json
import math

import pytest
from scipy.spatial import cKDTree

from coverage.analysis import Engine
from coverage.core.demand import surface
from coverage.core.query import Query
from coverage.indicators.comparison import Comparison, compare
from coverage.scenario.edits import Add, Close, Edit, SetReach, Year
from coverage.scenario.scenario import start
from i18n.errors import InputError
from layers.views.plan_sentences import plan_headline, plan_subline, zone_standing
from layers.views.plan_view import ground_json, standing_of
from layers.views.view import headline, subline
from loaders.catalogue.facilities import Facilities
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

BOOM, WILLEBROEK = "illustrative-bureau-11005-01", "illustrative-bureau-12040-01"
NIEL = (149_600.0, 200_300.0)


@pytest.fixture(scope="module")
def engine(embedded: Snapshot) -> Engine:
    return Engine(embedded)


@pytest.fixture(scope="module")
def present(embedded: Snapshot) -> Facilities:
    return load_facilities(embedded, "illustrative")


def compared(engine: Engine, present: Facilities, *edits: Edit, areas: str = "care_region:boom") -> Comparison:
    plan = start(engine.snapshot, present, Query(areas=Query.parse_areas(areas), model="crow"))
    plan = plan.with_edits(list(edits), present, engine.snapshot) if edits else plan
    after = engine.analyse(plan.query, plan.apply(present, engine.snapshot))
    return compare(engine, engine.analyse(plan.base_query, present), after)


@pytest.fixture(scope="module")
def beyond(embedded: Snapshot, present: Facilities) -> tuple[int, int]:
    """Babies of zorgregio Boom more than 1,200 m from a bureau (straight line times 1.3): today, without Willebroek."""
    grid = embedded.grid
    births = surface(embedded).births
    regions = embedded.zones("care_region")["zone_id"].to_list()
    inside = embedded.zone_index("care_region") == regions.index("boom")
    assert round(births[inside].sum()) == 1531
    bureaus = present.frame[(present.frame["service"] == "bureau") & present.frame["x"].notna()]
    numbers = []
    for open_ in (bureaus, bureaus[bureaus["id"] != WILLEBROEK]):
        metres, _ = cKDTree(open_[["x", "y"]].to_numpy()).query(grid.xy[inside])
        numbers.append(round(births[inside][metres * 1.3 > 1200].sum()))
    return numbers[0], numbers[1]


def dutch(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def test_a_plan_without_changes_is_told_as_today(engine: Engine, present: Facilities) -> None:
    found = compared(engine, present)
    assert plan_headline(found, engine.snapshot, "nl") == headline(found.after, engine.snapshot, "nl")
    assert plan_subline(found, "nl") == subline(found.after, "nl")
    assert zone_standing(found, "12040", "nl") == []


def test_the_headline_goes_from_today_to_the_plan(engine: Engine, present: Facilities, beyond: tuple[int, int]) -> None:
    found = compared(engine, present, Close(WILLEBROEK))
    assert plan_headline(found, engine.snapshot, "nl") == (
        f"Met dit plan wonen in zorgregio Boom **{dutch(beyond[1])} van de 1.531** baby's van 2025 op meer dan 15 "
        f"minuten stappen van een consultatiebureau; vandaag zijn dat er {dutch(beyond[0])}."
    )
    assert plan_headline(found, engine.snapshot, "en").endswith(f"; today it is {beyond[0]:,}.")
    assert plan_subline(found, "nl") == "Verliest: Willebroek."


def test_another_reach_and_other_children_are_told_with_what_they_are_beside(
    engine: Engine, present: Facilities, beyond: tuple[int, int]
) -> None:
    reach = compared(engine, present, SetReach("bike", None))
    assert "15 minuten fietsen" in plan_headline(reach, engine.snapshot, "nl")
    assert plan_headline(reach, engine.snapshot, "nl").endswith(
        f"vandaag wonen er {dutch(beyond[0])} op meer dan 15 minuten stappen."
    )
    year = compared(engine, present, Year("age0", 2022))
    assert plan_headline(year, engine.snapshot, "nl").endswith(
        f"vandaag {dutch(beyond[0])} van de 1.531 baby's van 2025."
    )


def test_many_zones_are_counted(engine: Engine, present: Facilities) -> None:
    everyone = compared(engine, present, SetReach("bike", None), areas="")
    assert plan_headline(everyone, engine.snapshot, "nl").startswith("Met dit plan wonen **")
    told = plan_subline(everyone, "nl")
    assert told.startswith("Wint: ")
    assert told.count(",") == 2
    assert " en nog " in told


def test_the_sheet_of_a_zone_says_what_changes(engine: Engine, present: Facilities, beyond: tuple[int, int]) -> None:
    lost = beyond[1] - beyond[0]
    found = compared(engine, present, Close(WILLEBROEK), Add("", "bureau", "Niel", *NIEL))
    willebroek = dict(zone_standing(found, "12040", "nl"))
    assert willebroek["Aantal binnen bereik"] == f"{lost} → 0"
    assert willebroek["Daarvan erbij en eraf"] == f"+0 / −{lost}"
    assert "→" in willebroek["Gemiddelde reistijd"]
    assert "Oordeel" not in willebroek  # half of its children were out of reach already
    assert zone_standing(found, "nowhere", "nl") == []
    boom = dict(zone_standing(compared(engine, present, Close(BOOM)), "11005", "nl"))
    assert boom["Oordeel"] == "Geen leemte → Leemte"


def test_nothing_is_told_of_what_lies_beyond_when_it_is_next_to_nothing(
    engine: Engine, present: Facilities, beyond: tuple[int, int]
) -> None:
    found = standing_of(compared(engine, present, Close(WILLEBROEK)), engine.snapshot, "nl")
    assert (found.gained, found.lost, found.beyond) == ("0", f"−{beyond[1] - beyond[0]}", "")


def test_the_ground_of_a_place_is_what_the_travel_model_says(engine: Engine, present: Facilities) -> None:
    """A straight line of 1,200 / 1.3 m around the place; the distance raster gives less, and never more."""
    area = {}
    for model in ("crow", "raster"):
        analysis = engine.analyse(Query(model=model), present)
        shape = json.loads(ground_json(engine, analysis, WILLEBROEK))["features"][0]["geometry"]
        rings = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        points = [point for part in rings for ring in part for point in ring]
        low, high = min(y for _, y in points), max(y for _, y in points)
        area[model] = high - low
    assert area["crow"] * 111_200 == pytest.approx(2 * 1200 / 1.3, rel=0.01)
    assert 0 < area["raster"] <= area["crow"] + math.ulp(1) + 0.001
    with pytest.raises(InputError, match="no place 'nowhere'"):
        ground_json(engine, analysis, "nowhere")
