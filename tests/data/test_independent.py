"""The engine against figures that were worked out a second time without it (`tests.independent`).

For ten zones of every level and vintage: births, births in reach and distances; births by fifth of deprivation and by
type of area; and all intersections of two pairs of levels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from coverage.analysis import Engine
from coverage.core.demand import surface
from coverage.core.query import Query
from coverage.indicators.strata_table import strata_table
from coverage.partnerships.areas import with_house_areas
from coverage.zones.partition_overlap import between
from coverage.zones.territory import Territory
from loaders.catalogue.regions.levels import HOUSE_AREA, LEVELS
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from tests.independent import IndependentWorld, fifths, figures, intersections, read_world, settlement, ten_zones

EVERY = [*((level.id, vintage) for level in LEVELS.values() for vintage in level.vintages), (HOUSE_AREA, 2018)]
NEWEST = [*((level.id, max(level.vintages)) for level in LEVELS.values()), (HOUSE_AREA, 2018)]
MILLIMETRE = 0.005
"""The engine reads coordinates of hectares off a lattice; that is not to show."""


@pytest.fixture(scope="module")
def world(embedded: Snapshot) -> IndependentWorld:
    return read_world(embedded.folder())


@pytest.fixture(scope="module")
def strata(world: IndependentWorld) -> dict[str, Any]:
    return {"deprivation": fifths(world), "area_type": settlement(world)}


@pytest.fixture(scope="module")
def embedded(embedded: Snapshot) -> Snapshot:
    """Snapshot that comes with the project, with the areas of the illustrative houses."""
    return with_house_areas(embedded, load_facilities(embedded, "illustrative"))


@pytest.fixture(scope="module")
def engine(embedded: Snapshot) -> Engine:
    return Engine(embedded)


@pytest.mark.parametrize(("level", "vintage"), EVERY)
def test_ten_zones_of_every_level(
    engine: Engine, embedded: Snapshot, world: IndependentWorld, level: str, vintage: int
) -> None:
    places = load_facilities(embedded, "illustrative")
    table = engine.analyse(Query(level=level, vintage=vintage, model="crow"), places).table.set_index("zone_id")
    zones = ten_zones(world, level, vintage)
    assert zones
    for zone in zones:
        expected = figures(world, world.zone[level, vintage] == zone)
        row = table.loc[zone]
        assert row["births"] == pytest.approx(expected["births"], rel=1e-9, abs=1e-9)  # written to nine decimals
        # a hectare whose distance is 1,200 m to the millimetre may fall on either side
        assert row["births_in_reach"] == pytest.approx(expected["births_in_reach"], rel=1e-6, abs=1e-6)
        for name in ("mean_distance_m", "median_distance_m", "p90_distance_m"):
            assert row[name] == pytest.approx(expected[name], abs=MILLIMETRE, rel=0), (zone, name)


@pytest.mark.parametrize("by", ["deprivation", "area_type"])
@pytest.mark.parametrize(("level", "vintage"), NEWEST)
def test_strata(
    engine: Engine,
    embedded: Snapshot,
    world: IndependentWorld,
    strata: dict[str, Any],
    by: str,
    level: str,
    vintage: int,
) -> None:
    places = load_facilities(embedded, "illustrative")
    analysis = engine.analyse(Query(level=level, vintage=vintage, model="crow"), places)
    table = strata_table(engine, analysis, by).set_index(["zone_id", "stratum"])
    stratum = strata[by]
    for zone in ten_zones(world, level, vintage):
        inside = world.zone[level, vintage] == zone
        for name in np.unique(stratum[inside].astype(str)):
            part = inside & (stratum == name)
            row = table.loc[(zone, name)]
            assert row["births"] == pytest.approx(world.births[part].sum(), rel=1e-9, abs=1e-8)
            if world.births[part].sum() > 1e-3:
                assert row["mean_distance_m"] == pytest.approx(figures(world, part)["mean_distance_m"], abs=MILLIMETRE)


def test_the_kind_of_a_zone_follows_from_where_its_people_live(
    engine: Engine, embedded: Snapshot, world: IndependentWorld
) -> None:
    table = engine.analyse(Query(model="crow"), load_facilities(embedded, "illustrative")).table.set_index("zone_id")
    kinds = pd.DataFrame({"zone": world.zone["municipality", 2025], "kind": settlement(world), "people": world.people})
    people = kinds.pivot_table(index="zone", columns="kind", values="people", aggfunc="sum", fill_value=0)
    share = people.div(people.sum(axis=1), axis=0)
    expected = np.where(share["city"] >= 0.5, "city", np.where(share["rural"] > 0.5, "rural", "town"))
    assert table.loc[share.index, "area_type"].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("care_region", 2025), ("gp_circle", 2025)),
        (("province", 2025), ("reference_region", 2025)),
        (("arrondissement", 2025), ("neighbourhood", 2025)),
        (("sub_municipality", 2025), ("sector", 2021)),
        (("primary_care_zone", 2025), ("municipality", 2018)),
        (("house_area", 2018), ("care_region", 2025)),
    ],
)
def test_every_intersection(
    embedded: Snapshot, world: IndependentWorld, a: tuple[str, int], b: tuple[str, int]
) -> None:
    found = between(Territory(embedded), surface(embedded), (a[0], b[0]), b[1]).table
    expected = intersections(world, a, b)
    sides = [found[side].mask(found[side] == "not_known_here").astype(object) for side in ("zone_a", "zone_b")]
    pairs = zip(*(side.where(side.notna(), None) for side in sides), strict=True)
    ours = dict(zip(pairs, found["births"], strict=True))
    assert ours.keys() == expected.keys()
    for pair, births in expected.items():
        assert ours[pair] == pytest.approx(births, rel=1e-9, abs=1e-8), pair
    if a[0] == "care_region":  # of 1,531 births in Boom, the circle is known of 474
        rows = found[found["zone_a"] == "boom"]
        assert rows["unknown_of_a"].iloc[0] == pytest.approx(
            1 - expected["boom", "huisartsenkring-schelde-rupel"] / 1531
        )
