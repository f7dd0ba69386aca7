"""The engine on the embedded snapshot: the cases of the field reports, and totals that must come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coverage.analysis import Engine, gaps
from coverage.core.demand import available_years
from coverage.core.query import Query
from coverage.indicators.zone.flows import flows
from coverage.indicators.zone.sheet import MergedMunicipality, zone_sheet
from coverage.zones.areas import area_cells
from i18n.errors import InputError
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import LEVELS
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from tests.conftest import ROOT

BOTH_REGIONS = Query.parse_areas("care_region:oostende,care_region:boom")
BIRTHS_FLANDERS, BIRTHS_BRUSSELS = 62_277, 13_663
"""Live births of 2025 by region, as Statbel published them."""


@pytest.fixture(scope="module")
def engine(embedded: Snapshot) -> Engine:
    return Engine(embedded)


@pytest.fixture(scope="module")
def documented(embedded: Snapshot) -> Facilities:
    return load_facilities(embedded, "documented")


@pytest.fixture(scope="module")
def illustrative(embedded: Snapshot) -> Facilities:
    return load_facilities(embedded, "illustrative")


def test_municipalities_without_a_bureau_in_oostende_and_boom(engine: Engine, documented: Facilities) -> None:
    # Chapters 1 and 2 of the field report: none in Oudenburg; none in Hemiksem, Niel, Schelle and Sint-Amands.
    table = engine.analyse(Query(vintage=2018, areas=BOTH_REGIONS), documented).table
    assert len(table) == 15
    without = table[table["gap_reasons"].str.contains("no_bureau_on_territory")]
    assert sorted(without["zone_name"]) == ["Hemiksem", "Niel", "Oudenburg", "Schelle", "Sint-Amands"]
    assert sorted(gaps(table)["zone_name"]) == sorted(without["zone_name"])
    assert table["flags"].str.contains("distance_unknown").all()
    assert table["mean_distance_m"].isna().all()
    assert not table["flags"].str.contains("not_documented").any()


def test_the_merger_hides_sint_amands_and_the_sheet_explains_it(engine: Engine, documented: Facilities) -> None:
    answer = engine.analyse(Query(areas=BOTH_REGIONS), documented)
    without = answer.table[answer.table["gap_reasons"].str.contains("no_bureau_on_territory")]
    assert sorted(without["zone_name"]) == ["Hemiksem", "Niel", "Oudenburg", "Schelle"]
    sheet = zone_sheet(engine.snapshot, answer, "12041", engine.territory)
    assert (sheet.row["zone_name"], sheet.row["n_facilities"]) == ("Puurs-Sint-Amands", 1)
    assert "merged" in sheet.row["flags"].split(";")
    assert sheet.merger == (MergedMunicipality("12030", "Puurs", 1), MergedMunicipality("12034", "Sint-Amands", 0))


def test_elsewhere_the_documented_set_says_nothing(engine: Engine, documented: Facilities) -> None:
    table = engine.analyse(Query(vintage=2018), documented).table
    silent = table[table["flags"].str.contains("not_documented")]
    assert len(silent) == 327 - 18  # 5 + 10 of the two care regions, Genk, Sint-Niklaas, Zottegem
    assert silent["n_facilities"].isna().all()
    assert silent["gap"].isna().all()
    assert (silent["gap_reasons"] == "").all()


def test_no_physical_house_in_care_region_boom(engine: Engine, documented: Facilities) -> None:
    query = Query(service="house", vintage=2018, areas=(("care_region", "boom"),))
    table = engine.analyse(query, documented).table
    assert set(table["gap_reasons"]) == {"house_not_physical"}  # there is no physical house by choice
    assert set(table["n_facilities"]) == {0}


def test_families_of_middelkerke_go_to_nieuwpoort(engine: Engine, illustrative: Facilities) -> None:
    answer = engine.analyse(Query(), illustrative)
    found = flows(engine.snapshot, answer, "35011")
    assert found["to_zone_name"].iloc[0] == "Nieuwpoort"


@pytest.mark.parametrize(("level", "vintage"), [(level.id, v) for level in LEVELS.values() for v in level.vintages])
def test_births_are_conserved_at_every_level_and_vintage(
    engine: Engine, illustrative: Facilities, level: str, vintage: int
) -> None:
    answer = engine.analyse(Query(level=level, vintage=vintage), illustrative)
    table = answer.table
    assert table["births"].sum() == pytest.approx(BIRTHS_FLANDERS + BIRTHS_BRUSSELS, rel=1e-9)
    assert table["n_facilities"].sum() == 340  # bureaus counted in 2012; every one of them lies somewhere
    assert table["flags"].str.startswith("illustrative").all()
    floats = table.select_dtypes("float64").to_numpy()
    assert not np.isinf(floats).any()
    assert (table["median_distance_m"].dropna() <= table["p90_distance_m"].dropna()).all()
    assert (table["zone_id"].iloc[-1] == "not_known_here") == LEVELS[level].partial


def test_totals_by_region(engine: Engine, illustrative: Facilities) -> None:
    table = engine.analyse(Query(level="region"), illustrative).table.set_index("zone_name")["births"]
    assert table.sort_values().to_numpy() == pytest.approx([BIRTHS_BRUSSELS, BIRTHS_FLANDERS], rel=1e-9)
    outside = engine.analyse(Query(level="reference_region"), illustrative).table.iloc[-1]
    assert outside["births"] == pytest.approx(BIRTHS_BRUSSELS, rel=1e-9)
    assert "outside_partition" in outside["flags"]


def test_brussels_says_that_another_network_works_there(engine: Engine, illustrative: Facilities) -> None:
    for level, expected in (("municipality", 19), ("province", 1), ("reference_region", 1)):
        table = engine.analyse(Query(level=level), illustrative).table
        assert table["flags"].str.contains("second_network").sum() == expected, level


def test_every_municipality_gets_exactly_its_births(engine: Engine, illustrative: Facilities) -> None:
    published = engine.snapshot.table("births").set_index("nis2025")["births"].sort_index()
    table = engine.analyse(Query(), illustrative).table.set_index("zone_id")["births"]
    assert table.index.tolist() == published.index.tolist()
    np.testing.assert_allclose(table.to_numpy(), published.to_numpy(), rtol=1e-9)


def test_nested_levels_agree(engine: Engine, illustrative: Facilities) -> None:
    municipalities = engine.analyse(Query(mode="bike"), illustrative).table
    for level in ("region", "province", "arrondissement", "primary_care_zone"):
        table = engine.analyse(Query(level=level, mode="bike"), illustrative).table
        for column in ("births", "births_in_reach", "n_facilities"):
            assert float(table[column].sum()) == pytest.approx(float(municipalities[column].sum()), rel=1e-9)


def test_live_births_of_another_year_name_age0(engine: Engine) -> None:
    assert available_years(engine.snapshot, "age0") == tuple(range(1992, 2023))
    with pytest.raises(InputError, match="--demand age0, held for 1992-2022"):
        engine.demand("births", 2015)


def test_zero_year_olds_are_a_proxy_and_are_named_so(engine: Engine, illustrative: Facilities) -> None:
    answer = engine.analyse(Query(demand="age0", year=2015), illustrative)
    assert set(answer.table["births_kind"]) == {"age0"}
    assert set(answer.table["births_year"]) == {2015}
    assert answer.table["flags"].str.contains("proxy_births").all()
    ages = engine.snapshot.table("ages")
    published = ages[(ages["vintage"] == 2025) & (ages["year"] == 2015)]["age0"].sum()
    assert answer.table["births"].sum() == pytest.approx(published, rel=1e-9)


def test_an_unknown_care_region_names_the_known_ones(engine: Engine, documented: Facilities) -> None:
    with pytest.raises(InputError, match=r"No zone 'oostend' at level care_region .*did you mean oostende"):
        engine.analyse(Query(areas=(("care_region", "oostend"),)), documented)


def test_the_story_of_the_readme_has_its_figures(engine: Engine, illustrative: Facilities) -> None:
    """What happens when the bureau of Willebroek closes."""
    boom = Query(areas=(("care_region", "boom"),))
    ids = illustrative.frame["id"]
    open_ones = replace(illustrative, frame=illustrative.frame[ids != "illustrative-bureau-12040-01"])
    inside = area_cells(engine.territory, boom.areas, boom.vintage)

    def babies(places: Facilities) -> tuple[int, int]:
        answer = engine.analyse(boom, places)
        births = answer.demand.births[inside]
        return round(births.sum()), round(births[answer.distance_m[inside] <= boom.reach_m].sum())

    (every, today), (_, closed) = babies(illustrative), babies(open_ones)
    told = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert (
        f"Of {every:,} babies, {closed} are then within 15 minutes' walk over the streets instead of {today}," in told
    )
