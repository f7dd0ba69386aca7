"""The illustrative set agrees with every published total and every documented case, and never passes for real."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from loaders.catalogue.facilities import Facilities
from loaders.illustrative.facility_set import illustrative, illustrative_inputs
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.parsers.facts.documented import CASES
from loaders.snapshot.reader import EMBEDDED, Snapshot

pytestmark = pytest.mark.skipif(
    not (EMBEDDED / "datapackage.json").is_file(), reason="the embedded snapshot is not built"
)
BRUSSELS = ("21001", "21019")
OUDENBURG, NIEUWPOORT, MIDDELKERKE, ZOTTEGEM = "35014", "38016", "35011", "41081"
OOSTENDE, SINT_NIKLAAS, GENK = "35013", "46021", "71016"
BOOM = {case.nis2018 for case in CASES if "Boom" in case.source}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(EMBEDDED)


@pytest.fixture(scope="module")
def facilities(snapshot: Snapshot) -> Facilities:
    return load_facilities(snapshot, "illustrative")


@pytest.fixture(scope="module")
def bureaus(facilities: Facilities) -> pd.DataFrame:
    return facilities.of_service("bureau").frame


@pytest.fixture(scope="module")
def houses(facilities: Facilities) -> pd.DataFrame:
    return facilities.of_service("house").frame


@pytest.fixture(scope="module")
def partnerships(houses: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Municipalities of 2019 each partnership serves; every row of a partnership says the same."""
    said = houses[["house_id", "serves"]].drop_duplicates()
    assert said["house_id"].is_unique
    return {str(h): frozenset(s.split(";")) for h, s in zip(said["house_id"], said["serves"], strict=True)}


@pytest.fixture(scope="module")
def facts(snapshot: Snapshot) -> pd.DataFrame:
    return snapshot.table("public_facts")


def test_it_is_what_the_rules_make_of_the_snapshot(snapshot: Snapshot, facilities: Facilities) -> None:
    again = illustrative(illustrative_inputs(snapshot))
    pd.testing.assert_frame_equal(again, facilities.frame)


def test_227_partnerships_serve_294_of_the_319_municipalities(
    snapshot: Snapshot, partnerships: dict[str, frozenset[str]]
) -> None:
    """Counted in 2023 on the municipalities of 2019 (DESIGN section 1)."""
    known = set(snapshot.table("municipality_codes")["nis2019"])
    assert len(known) == 319
    assert len(partnerships) == 227
    served = [nis for members in partnerships.values() for nis in members]
    assert len(served) == len(set(served)) == 294
    assert set(served) <= known
    assert sum(len(members) > 1 for members in partnerships.values()) == 29


def test_44_have_no_bureau_and_132_a_physical_place(
    houses: pd.DataFrame, bureaus: pd.DataFrame, partnerships: dict[str, frozenset[str]]
) -> None:
    somewhere = set(bureaus["nis2019"])
    assert sum(not members & somewhere for members in partnerships.values()) == 44
    assert houses.loc[houses["physical"], "house_id"].nunique() == 132
    without = houses[~houses["physical"]]
    assert len(without) == 227 - 132
    assert without["house_id"].is_unique
    assert without[["x", "y", "nis2018", "nis2019", "nis2025"]].isna().all().all()
    assert set(without["precision"]) == {"none"}


def test_340_bureaus_of_which_19_in_brussels(bureaus: pd.DataFrame) -> None:
    assert len(bureaus) == 340
    assert int(bureaus["nis2019"].between(*BRUSSELS).sum()) == 19
    assert set(bureaus["precision"]) == {"point"}


def test_bureaus_agree_with_every_documented_case(bureaus: pd.DataFrame) -> None:
    """The counts of the field reports by municipality of 2018, so none in Oudenburg, Hemiksem, Niel, Schelle ..."""
    counts = bureaus.groupby("nis2018").size()
    assert {case.nis2018: int(counts.get(case.nis2018, 0)) for case in CASES} == {
        case.nis2018: case.illustrated for case in CASES
    }


def test_no_bureau_where_a_page_says_there_is_none(bureaus: pd.DataFrame, facts: pd.DataFrame) -> None:
    """De Haan and Vleteren have none; in Damme, Heers and Kraainem the only one known has closed."""
    said = facts[facts["service"] == "bureau"]
    none = set(said.loc[said["status"].isin(["none", "closed"]), "nis2019"])
    none -= set(said.loc[said["status"] == "exists", "nis2019"])
    assert none == {"35029", "33041", "31006", "73022", "23099"}
    assert not none & set(bureaus["nis2019"])


def test_a_bureau_where_a_page_says_there_is_one(bureaus: pd.DataFrame, facts: pd.DataFrame) -> None:
    said = facts[(facts["service"] == "bureau") & (facts["status"] == "exists")]
    assert set(said["nis2025"]) <= set(bureaus["nis2025"])
    assert set(said["nis2019"]) - {""} <= set(bureaus["nis2019"])
    assert bureaus["nis2019"].eq("11002").sum() >= 17  # Antwerp: seventeen houses, a bureau in each
    assert bureaus["nis2019"].eq("12025").sum() >= 3  # Mechelen: three named on one page


def test_a_house_where_a_page_says_there_is_one(facts: pd.DataFrame, partnerships: dict[str, frozenset[str]]) -> None:
    said = facts[(facts["service"] == "house") & (facts["status"] == "exists")]
    served = {nis for members in partnerships.values() for nis in members}
    assert set(said["nis2019"]) - {""} <= served


def test_physical_agrees_with_the_newest_page(
    houses: pd.DataFrame, facts: pd.DataFrame, partnerships: dict[str, frozenset[str]]
) -> None:
    said = facts[(facts["service"] == "house") & (facts["status"] == "exists") & facts["physical"].notna()]
    newest = (
        said[said["nis2019"] != ""]
        .sort_values(["as_of", "physical"], kind="stable")
        .drop_duplicates("nis2019", keep="last")
    )
    places = set(houses.loc[houses["physical"], "nis2019"])
    assert set(newest.loc[newest["physical"], "nis2019"]) <= places
    assert not set(newest.loc[~newest["physical"], "nis2019"]) & places
    assert houses["nis2019"].eq("11002").sum() == 17  # Antwerp: seventeen houses


def test_care_region_boom_has_no_physical_house(houses: pd.DataFrame) -> None:
    assert not BOOM & set(houses["nis2018"].dropna())


def test_no_partnership_crosses_a_care_region(snapshot: Snapshot, partnerships: dict[str, frozenset[str]]) -> None:
    care, codes = snapshot.table("care_region_facts"), snapshot.table("municipality_codes")
    in_2019 = dict(zip(codes["nis2018"], codes["nis2019"], strict=True))
    region = {in_2019[nis]: name for nis, name in zip(care["nis2018"], care["care_region"], strict=True)}
    for members in partnerships.values():
        assert len({region.get(nis, "") for nis in members}) == 1


def test_documented_partnerships_are_kept_together(partnerships: dict[str, frozenset[str]]) -> None:
    """Each from its page: Voorkempen, Rupel, Middenkempen, Poperinge-Vleteren, around Tielt, Westhoek, Lokeren."""
    groups = set(partnerships.values())
    for documented in (
        {"11009", "11039", "11050", "11054", "11055"},
        {"11018", "11030", "11038"},
        {"13010", "13011", "13012", "13017", "13019", "13029", "13044"},
        {"33021", "33041"},
        {"37007", "37011", "37012", "37018"},
        {"32006", "32030", "33011", "33016", "33037", "33039", "33040"},
        {"44045", "46014"},
    ):
        assert documented in groups


def test_made_up_partnerships_are_neighbours_in_one_primary_care_zone(
    snapshot: Snapshot, facts: pd.DataFrame, partnerships: dict[str, frozenset[str]]
) -> None:
    inputs = illustrative_inputs(snapshot)
    codes = inputs.codes
    zone = {a: inputs.primary_care_zone[b] for a, b in zip(codes["nis2019"], codes["nis2025"], strict=True)}
    told = {nis for partners in facts["partners"] for nis in str(partners).split(";")}
    made_up = [members for members in partnerships.values() if len(members) > 1 and not members & told]
    assert made_up
    for members in made_up:
        assert len({zone[nis] for nis in members}) == 1
        assert _connected(members, inputs.neighbours)


def _connected(members: frozenset[str], neighbours: frozenset[tuple[str, str]]) -> bool:
    reached = {min(members)}
    while grown := {b for a, b in neighbours if a in reached and b in members} - reached:
        reached |= grown
    return reached == members


def test_places_stand_on_inhabited_cells_of_their_municipality(snapshot: Snapshot, facilities: Facilities) -> None:
    placed = facilities.frame[facilities.frame["x"].notna()]
    xy = placed[["x", "y"]].to_numpy()
    assert (xy == np.round(xy)).all()
    grid = snapshot.grid
    cells = cKDTree(grid.xy)
    distance, cell = cells.query(xy)
    assert np.max(distance) <= np.hypot(0.5, 0.5) + 1e-9  # a cell centre, rounded to the metre
    around = cells.query_ball_point(xy, 300.0)
    assert min(grid.weight[near].sum() for near in around) >= 30.0  # among families, not by a lone farm
    for vintage in (2018, 2019, 2025):
        zones = snapshot.zones("municipality", vintage)["zone_id"].to_numpy()
        assert (zones[snapshot.zone_index("municipality", vintage)[cell]] == placed[f"nis{vintage}"]).all()


def test_places_lie_within_the_stored_borders_too(snapshot: Snapshot, facilities: Facilities) -> None:
    placed = facilities.frame[facilities.frame["x"].notna()].reset_index(drop=True)
    points = gpd.GeoSeries(gpd.points_from_xy(placed["x"], placed["y"]), crs="EPSG:31370")
    for vintage in (2018, 2019, 2025):
        zones = snapshot.zones("municipality", vintage).set_index("zone_id").geometry
        assert points.within(zones.loc[placed[f"nis{vintage}"]].reset_index(drop=True)).all()


def test_codes_of_the_three_vintages_belong_together(snapshot: Snapshot, facilities: Facilities) -> None:
    codes = snapshot.table("municipality_codes")
    chain = set(codes[["nis2018", "nis2019", "nis2025"]].itertuples(index=False, name=None))
    placed = facilities.frame[facilities.frame["x"].notna()]
    assert set(placed[["nis2018", "nis2019", "nis2025"]].itertuples(index=False, name=None)) <= chain


def test_families_of_lombardsijde_are_nearer_to_nieuwpoort(snapshot: Snapshot, bureaus: pd.DataFrame) -> None:
    names = snapshot.zones("sub_municipality")["zone_name"].to_numpy()
    there = snapshot.grid.xy[
        np.char.startswith(names.astype(str), "Lombardsijde")[snapshot.zone_index("sub_municipality")]
    ]
    assert len(there) > 50

    def distance(nis: str) -> np.ndarray:
        site = bureaus.loc[bureaus["nis2019"] == nis, ["x", "y"]].to_numpy()
        return np.asarray(cKDTree(site).query(there)[0])

    assert (distance(NIEUWPOORT) < distance(MIDDELKERKE)).all()


def test_shared_sites_of_the_documented_cases(bureaus: pd.DataFrame, houses: pd.DataFrame) -> None:
    """Oostende: both bureaus in the house; Sint-Niklaas: two of four; Zottegem: its one bureau."""
    for nis, shared in ((OOSTENDE, 2), (SINT_NIKLAAS, 2), (ZOTTEGEM, 1)):
        site = houses.loc[houses["nis2019"] == nis, ["x", "y"]].to_numpy()
        assert len(site) == 1
        here = bureaus[(bureaus["nis2019"] == nis) & (bureaus[["x", "y"]] == site[0]).all(axis=1)]
        assert len(here) == shared
        assert here["house_id"].notna().all()


def test_zottegem_lies_out_of_its_centre(snapshot: Snapshot, bureaus: pd.DataFrame) -> None:
    zones = snapshot.zones("municipality", 2019)["zone_id"].to_numpy()
    here = zones[snapshot.zone_index("municipality", 2019)] == ZOTTEGEM
    xy, weight = snapshot.grid.xy[here], snapshot.grid.weight[here]
    around = np.array([weight[near].sum() for near in cKDTree(xy).query_ball_point(xy, 600)])
    centre = xy[around.argmax()]
    site = bureaus.loc[bureaus["nis2019"] == ZOTTEGEM, ["x", "y"]].to_numpy()[0]
    assert 1200 < np.hypot(*(site - centre)) < 4000


def test_sites_of_one_municipality_stand_apart(bureaus: pd.DataFrame) -> None:
    for _, rows in bureaus.groupby("nis2019"):
        sites = rows[["x", "y"]].drop_duplicates().to_numpy()
        if len(sites) > 1:
            assert np.min(np.asarray(cKDTree(sites).query(sites, k=2)[0])[:, 1]) >= 595


def test_bureaus_follow_births(snapshot: Snapshot, bureaus: pd.DataFrame) -> None:
    """Where no fact fixes the number, more births never mean fewer bureaus, within Flanders."""
    births = snapshot.table("births").set_index("nis2025")["births"]
    codes = snapshot.table("municipality_codes")
    merged = set(codes.loc[codes["nis2019"] != codes["nis2025"], "nis2025"])
    fixed = set(codes.loc[codes["nis2018"].isin([case.nis2018 for case in CASES]), "nis2025"])
    fixed |= {"11002", "12025", "42006", "44083"}  # a page gives their number, or a minimum above one
    counts = bureaus.groupby("nis2025").size()
    free = [n for n in counts.index if n not in merged | fixed and not "21001" <= n <= "21019" and counts[n] > 1]
    ordered = sorted(free, key=lambda nis: (births[nis], nis))
    assert len(ordered) > 20
    assert counts[ordered].is_monotonic_increasing


def test_nothing_passes_for_real(facilities: Facilities) -> None:
    frame = facilities.frame
    assert facilities.evidence == "illustrative"
    assert set(frame["evidence"]) == {"illustrative"}
    assert set(frame["flags"]) == {"illustrative"}
    assert frame["name"].str.endswith("(illustratief)").all()
    assert frame[["organiser", "hours_per_year", "as_of"]].isna().all().all()
    assert set(frame["status"]) == {"exists"}
