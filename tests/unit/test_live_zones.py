"""Care regions, GP circles, sectors and borders from files in their publishers' layout, made from the snapshot."""

from __future__ import annotations

import io
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from i18n.errors import DataError, MissingColumnError
from loaders.catalogue.regions.levels import is_brussels
from loaders.catalogue.schemas import check_table
from loaders.catalogue.settings import Settings
from loaders.http.client import Client
from loaders.live.zones import load_care_regions, load_gp_circles, load_sectors, places_of
from loaders.parsers.vintages import detect_by_name, detect_vintage, is_flemish_or_brussels
from loaders.parsers.zones.borders import parse_borders
from loaders.parsers.zones.care_regions import parse_care_regions
from loaders.parsers.zones.gp_circles import parse_circle_borders, parse_circle_table
from loaders.parsers.zones.sectors import parse_sector_borders, parse_sector_population
from loaders.pipeline.update import RefreshContext
from loaders.protocols.spellings import slug
from loaders.snapshot.reader import Snapshot
from tests.workbooks import workbook, zipped

BOOM = {"Aartselaar", "Boom", "Bornem", "Hemiksem", "Niel", "Puurs-Sint-Amands", "Rumst", "Schelle", "Willebroek"}


@pytest.fixture(scope="module")
def codes(embedded: Snapshot) -> pd.DataFrame:
    return embedded.table("municipality_codes")


def context(snapshot: Snapshot, *sources: str) -> RefreshContext:
    return RefreshContext(Client(retries=0, pace_s=0), snapshot, Settings.load(list(sources), environ={}))


def region_rows(embedded: Snapshot, vintage: int = 2019) -> list[tuple[str, ...]]:
    """Rows of a table of care regions: one region per primary care zone, which is how many there are in truth."""
    codes = embedded.table("municipality_codes").drop_duplicates(f"nis{vintage}")
    members = embedded.table("membership")
    zone = members[members["level"] == "primary_care_zone"].set_index("member_id")["zone_id"]
    rows: list[tuple[str, ...]] = []
    for row in codes[~is_brussels(codes[f"nis{vintage}"])].to_dict("records"):
        name = str(row[f"name{vintage}"])
        region = "Boom" if slug(name) in {slug(b) for b in BOOM} else f"Regio {zone[row['nis2025']]}"
        rows += [(year, "Vlaams Gewest", "Provincie", region, name, "12") for year in ("2022", "2023")]
    return rows


def region_book(rows: list[tuple[str, ...]]) -> bytes:
    titles: list[tuple[object, ...]] = [("Plaatsen en locaties kinderopvang",), (None,)]
    header = ("Jaar", "Gewest", "Provincie", "Zorgregio", "Gemeente", "Aantal plaatsen")
    total = ("2023", "Vlaams Gewest", "", "Totaal", "Totaal", "99")
    return workbook({"Gegevens": [*titles, header, *rows, total]})


def test_every_care_region_gets_members_and_borders(embedded: Snapshot, tmp_path: Path) -> None:
    file = tmp_path / "plaatsen-en-locaties.xlsx"
    file.write_bytes(region_book(region_rows(embedded)))
    update = load_care_regions(context(embedded, f"care_regions={file}"))
    membership = update.changes[0].apply(embedded.table("membership"))
    boom = membership[(membership["level"] == "care_region") & (membership["zone_id"] == "boom")]
    names = embedded.zones("municipality", 2019).set_index("zone_id")["zone_name"]
    assert set(names[boom["member_id"]]) == BOOM
    assert set(boom["member_vintage"]) == {2019}
    assert (membership["level"] != "care_region").sum() == (
        embedded.table("membership")["level"] != "care_region"
    ).sum()
    zones = update.changes[1].frame
    assert isinstance(zones, gpd.GeoDataFrame)
    old = embedded.zones("care_region").set_index("zone_id").geometry["boom"]
    new = zones.set_index("zone_id").geometry["boom"]
    assert new.symmetric_difference(old).area < 0.001 * old.area  # Puurs and Sint-Amands merged in 2019
    assert zones.geometry.area.sum() / 1e6 == pytest.approx(13_626, abs=2)
    assert update.notes == ("Care regions: the table of 2023 names the municipalities of 2019.",)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (("Boom", "Boom"), ("Boom", "Bomm"), r"row \d+: municipality 'Bomm' is not one of 2019"),
        (("Boom", "Niel"), ("Regio x", "Boom"), r"row \d+: 'Boom' belongs to 'Boom' and to 'Regio x'"),
    ],
)
def test_faults_in_the_table_of_care_regions(
    embedded: Snapshot, codes: pd.DataFrame, old: tuple[str, str], new: tuple[str, str], sentence: str
) -> None:
    rows = [(*r[:3], *new, r[5]) if r[3:5] == old else r for r in region_rows(embedded)]
    with pytest.raises(DataError, match=sentence):
        parse_care_regions(region_book(rows), codes, "zorgregio.xlsx")


def test_a_table_without_care_regions_or_with_few_is_told(embedded: Snapshot, codes: pd.DataFrame) -> None:
    rows = region_rows(embedded)
    with pytest.raises(DataError, match="there are 1 care regions, expected 40 to 75"):
        parse_care_regions(region_book([(*r[:3], "Boom", *r[4:]) for r in rows]), codes, "z.xlsx")
    with pytest.raises(DataError, match="number of municipalities is 20, expected between"):
        parse_care_regions(region_book(rows[:40]), codes, "z.xlsx")
    with pytest.raises(DataError, match="no header with 'Zorgregio' and 'Gemeente'"):
        parse_care_regions(workbook({"x": [("a", "b")]}), codes, "z.xlsx")


@pytest.mark.parametrize("vintage", [2018, 2019, 2025])
def test_names_tell_the_vintage(codes: pd.DataFrame, vintage: int) -> None:
    found, code_of, unknown = detect_by_name(codes[f"name{vintage}"], codes)
    assert (found, unknown) == (vintage, [])
    pairs = codes.drop_duplicates(f"nis{vintage}").set_index(f"name{vintage}")[f"nis{vintage}"]
    assert code_of == pairs.to_dict()


@pytest.mark.parametrize("vintage", [2018, 2019, 2025])
def test_codes_tell_the_vintage(codes: pd.DataFrame, vintage: int) -> None:
    assert detect_vintage(codes[f"nis{vintage}"], codes, "f") == vintage
    assert is_flemish_or_brussels(codes[f"nis{vintage}"]).all()
    assert not is_flemish_or_brussels(pd.Series(["01000", "02000", "11000", "25005", "52011", "x", ""])).any()


def circle_rows(embedded: Snapshot) -> list[tuple[str, ...]]:
    """A circle per primary care zone; Antwerpen is split by postcode or part."""
    codes = embedded.table("municipality_codes").drop_duplicates("nis2019")
    members = embedded.table("membership")
    zone = members[members["level"] == "primary_care_zone"].set_index("member_id")["zone_id"]
    rows = [
        (str(r["nis2019"]), str(r["name2019"]), "", "", f"Kring {zone[r['nis2025']]}")
        for r in codes.to_dict("records")
        if r["nis2019"] != "11002"
    ]
    return [
        *rows,
        ("11002", "Antwerpen", "2170", "Merksem", "Kring Noord"),
        ("11002", "Antwerpen", "2180", "", "Kring Noord"),
        ("11002", "Antwerpen", "2600", "", "Kring Zuid"),
        ("11002", "Antwerpen", "2018", "", "Kring Zuid"),  # cuts through a part: no borders
    ]


def circle_book(rows: list[tuple[str, ...]]) -> bytes:
    header = ("NIS-code", "Gemeente", "Postcode", "Deelgemeente", "Naam Huisartsenkring")
    return workbook({"2019": [("Huisartsenkring per gemeente",), header, *rows]})


def test_circles_split_a_municipality_by_its_parts(embedded: Snapshot, tmp_path: Path) -> None:
    file = tmp_path / "Huisartsenkring per gemeente.xlsx"
    file.write_bytes(circle_book(circle_rows(embedded)))
    update = load_gp_circles(context(embedded, f"gp_circle_table={file}"))
    zones = update.changes[1].frame.set_index("zone_id")
    assert set(zones.index[zones["flags"] == "approximate_borders"]) == {"kring-noord", "kring-zuid"}
    membership = update.changes[0].frame
    parts = membership[membership["member_level"] == "sub_municipality"].groupby("zone_id")["member_id"].apply(set)
    assert parts.to_dict() == {"kring-noord": {"11002q", "11002p"}, "kring-zuid": {"11002t"}}
    assert any("Antwerpen is split between Kring Noord, Kring Zuid" in n and "1 of 4 parts" in n for n in update.notes)
    apply = update.changes[0].apply(embedded.table("membership"))
    assert not apply.duplicated(["level", "vintage", "member_level", "member_vintage", "member_id"]).any()


def test_the_table_of_circles_may_go_by_name_or_postcode(embedded: Snapshot) -> None:
    places = places_of(embedded)
    by_code = parse_circle_table(circle_book(circle_rows(embedded)), places, "t.xlsx")
    named = parse_circle_table(circle_book([("", *r[1:]) for r in circle_rows(embedded)]), places, "t.xlsx")
    pd.testing.assert_frame_equal(by_code.membership, named.membership)
    codes = embedded.table("postcodes")
    rows: list[tuple[str, ...]] = [
        ("", "", p, "", f"Kring {n[:2]}") for p, n in zip(codes["postcode"], codes["nis2018"], strict=True)
    ]
    posted = parse_circle_table(circle_book(rows), places, "t.xlsx")
    assert set(posted.membership["member_vintage"]) >= {2018}
    with pytest.raises(DataError, match=r"row \d+: municipality 'Atlantis' is not known"):
        parse_circle_table(
            circle_book([("", "Atlantis", "", "", "K"), *[("", *r[1:]) for r in circle_rows(embedded)]]), places, "t"
        )
    with pytest.raises(DataError, match="there is no column for the circle and one for municipality"):
        parse_circle_table(workbook({"x": [("Huisartsenkring", "x"), ("a", "b")]}), places, "t.xlsx")


def geojson(frame: gpd.GeoDataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_file(buffer, driver="GeoJSON")
    return buffer.getvalue()


def test_areas_of_circles_follow_sectors_where_they_cut_a_municipality(embedded: Snapshot) -> None:
    """A circle per primary care zone, and one that takes the western half of Gent (44021) away."""
    zones = embedded.zones("primary_care_zone")
    gent = embedded.zones("municipality").set_index("zone_id").geometry["44021"]
    west, south, _, north = gent.bounds
    half = shapely.box(west - 10, south - 10, gent.centroid.x, north + 10).intersection(gent)
    shapes = [*(shape.difference(half) for shape in zones.geometry), half]
    names = [*zones["zone_name"], "Gent-West"]
    names += [f"Leeg {i}" for i in range(10)]  # lie nowhere in Flanders
    shapes += [shapely.box(250_000 + i, 160_000, 250_001 + i, 160_001) for i in range(10)]
    areas = gpd.GeoDataFrame({"KRINGNAAM": names}, geometry=shapes, crs=31370)
    found = parse_circle_borders(geojson(areas), embedded.zones("sector"), embedded.zones("municipality"), "kringen")
    flags = found.names.set_index("zone_id")["flags"]
    assert flags["gent-west"] == "approximate_borders"
    sectors = found.membership[found.membership["member_level"] == "sector"]
    cut = embedded.zones("sector").set_index("zone_id").loc[sectors["member_id"]]
    west_part = cut[sectors["zone_id"].to_numpy() == "gent-west"]
    assert west_part.geometry.area.sum() == pytest.approx(half.area, rel=0.08)
    whole = found.membership[found.membership["member_level"] == "municipality"]
    assert len(whole) > 280


SECTORS = ["CD_SECTOR", "TX_SECTOR_DESCR_NL", "CD_MUNTY_REFNIS", "DT_SITUATION", "geometry"]


@pytest.fixture(scope="module")
def sectors(embedded: Snapshot) -> gpd.GeoDataFrame:
    """Sectors of the snapshot as Statbel's file of 2024 would hold them, and one of Wallonia."""
    held = embedded.zones("sector")
    frame = gpd.GeoDataFrame(
        {
            "CD_SECTOR": held["zone_id"].str.upper(),
            "TX_SECTOR_DESCR_NL": held["zone_name"].str.upper(),
            "CD_MUNTY_REFNIS": held["parent_nis"],
            "DT_SITUATION": "2024-01-01",
        },
        geometry=held.geometry,
        crs=31370,
    )
    walloon = frame.tail(1).assign(CD_SECTOR="62063A00-", CD_MUNTY_REFNIS="62063")
    return gpd.GeoDataFrame(pd.concat([frame, walloon], ignore_index=True), crs=31370)


def packed(frame: gpd.GeoDataFrame) -> bytes:
    return zipped("sh_statbel_statistical_sectors_31370_20240101.geojson", geojson(frame))


def test_newer_sectors_take_the_place_of_older_ones(
    embedded: Snapshot, sectors: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    renamed = sectors.assign(CD_SECTOR=sectors["CD_SECTOR"].replace({"11001A00-": "11001Z99-"}))
    borders = tmp_path / "sectors_20240101.geojson.zip"
    borders.write_bytes(packed(renamed))
    people = embedded.table("sector_population")
    newest = people[people["year"] == 2022].assign(sector_id=lambda f: f["sector_id"].str.upper())
    lines = [
        "CD_REFNIS|CD_SECTOR|TOTAL",
        *(f"x|{s}|{n}" for s, n in zip(newest["sector_id"], newest["population"], strict=True)),
    ]
    lines = [line.replace("11001A00-", "11001Z99-") for line in lines] + ["11001|11001ZZZZ|2500", "62063|62063A00-|9"]
    population = tmp_path / "OPENDATA_SECTOREN_2024.zip"
    population.write_bytes(zipped("OPENDATA_SECTOREN_2024.txt", "\n".join(lines).encode("cp1252")))
    update = load_sectors(context(embedded, f"sector_borders={borders}", f"sector_population={population}"))
    zones = update.changes[0].apply(None)
    assert update.vintage == "2024"
    assert len(zones) == len(embedded.zones("sector"))
    assert set(zones["flags"]) == {"newer_borders"}
    assert "11001z99-" in set(zones["zone_id"])
    table = update.changes[1].apply(embedded.table("sector_population"))
    check_table("sector_population", table, {}, ("sector_id", "year"))
    assert table["year"].unique().tolist() == [*range(2011, 2023), 2024]
    assert table.loc[table["year"] == 2024, "population"].sum() == newest["population"].sum()
    assert set(table["sector_id"]) <= set(zones["zone_id"])
    assert "Sectors: 2,500 people are not located to a sector." in update.notes
    assert any("1 former codes no longer exist" in note for note in update.notes)


def test_faults_in_sector_files(embedded: Snapshot, sectors: gpd.GeoDataFrame, codes: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="the number of sectors is 50, expected between 9,000"):
        parse_sector_borders(packed(sectors.head(50)), codes, "s.zip")
    with pytest.raises(MissingColumnError, match="column 'CD_MUNTY_REFNIS' is missing"):
        parse_sector_borders(packed(sectors.drop(columns="CD_MUNTY_REFNIS").head(9)), codes, "s.zip")
    known = set(embedded.zones("sector")["zone_id"])
    lines = ["CD_SECTOR|TOTAL", *(f"{s.upper()}|700" for s in sorted(known))]
    good = "\n".join(lines).encode()
    frame, _ = parse_sector_population(good, known, "OPENDATA_SECTOREN_2023.txt")
    assert set(frame["year"]) == {2023}
    with pytest.raises(DataError, match="the year cannot be told"):
        parse_sector_population(good, known, "population.txt")
    with pytest.raises(DataError, match=r"people live in sectors that the borders do not know \(first: '11001XX9-'\)"):
        parse_sector_population(good + b"\n11001XX9-|900000", known, "p_2023.txt")
    with pytest.raises(DataError, match="repeats sector_id"):
        parse_sector_population(good + b"\n" + lines[1].encode(), known, "p_2023.txt")
    with pytest.raises(DataError, match="'7,5' is not a whole number"):
        parse_sector_population(good.replace(b"|700", b"|7,5", 1), known, "p_2023.txt")


@pytest.fixture(scope="module")
def flanders(embedded: Snapshot) -> gpd.GeoDataFrame:
    held = embedded.zones("municipality")
    frame = held[~is_brussels(held["zone_id"])].rename(columns={"zone_id": "NISCODE", "zone_name": "NAAM"})
    return frame[["NISCODE", "NAAM", "geometry"]].reset_index(drop=True)


def test_borders_of_today_come_back_as_they_are(
    embedded: Snapshot, flanders: gpd.GeoDataFrame, codes: pd.DataFrame
) -> None:
    held = embedded.zones("municipality")
    vintage, zones, notes = parse_borders(flanders, held[is_brussels(held["zone_id"])], codes, "VRBG")
    assert vintage == 2025
    assert zones[["zone_id", "zone_name", "parent_nis"]].equals(held[["zone_id", "zone_name", "parent_nis"]])
    assert shapely.area(shapely.symmetric_difference(zones.geometry.to_numpy(), held.geometry.to_numpy())).sum() < 5e5
    assert len(notes) == 1


def test_faults_in_borders(embedded: Snapshot, flanders: gpd.GeoDataFrame, codes: pd.DataFrame) -> None:
    held = embedded.zones("municipality")
    brussels = held[is_brussels(held["zone_id"])]

    def fails(frame: gpd.GeoDataFrame, sentence: str) -> None:
        with pytest.raises(DataError, match=sentence):
            parse_borders(frame, brussels, codes, "VRBG")

    fails(flanders.drop(columns="NAAM"), "column 'NAAM' is missing")
    fails(flanders.head(20), "the number of municipalities is 20, expected between")
    fails(flanders.iloc[1:], "municipality '11001' is missing, compared with the 285 codes of 2025")
    fails(flanders.replace({"11001": "11999"}), "municipality '11999' is not known")
    fails(flanders.replace({"11001": "11002"}), "NISCODE '11002' occurs on different features")
    empty = flanders.copy()
    empty.loc[3, "geometry"] = None
    fails(empty, f"1 without geometry, the first NISCODE '{flanders['NISCODE'][3]}'")
    double = flanders.copy()
    double.loc[0, "geometry"] = double.geometry[0].union(double.geometry[1].buffer(500))
    fails(double, "overlaps its neighbours by|Flanders measures")
    far = flanders.set_geometry(flanders.geometry.scale(0.5, 0.5, origin=(np.float64(150_000), np.float64(200_000))))
    fails(far, "zone .* overlaps|Flanders measures 3,4")


def test_a_border_that_crosses_itself_is_put_right_and_told(
    embedded: Snapshot, flanders: gpd.GeoDataFrame, codes: pd.DataFrame
) -> None:
    held = embedded.zones("municipality")
    ring = list(flanders.geometry[0].exterior.coords)
    crossed = flanders.copy()
    x, y = ring[0]
    crossed.loc[0, "geometry"] = shapely.Polygon([*ring[:-1], (x, y), (x + 1, y + 1), (x, y + 1), (x + 1, y), (x, y)])
    assert not crossed.geometry.is_valid.all()
    _, zones, notes = parse_borders(crossed, held[is_brussels(held["zone_id"])], codes, "VRBG")
    assert zones.geometry.is_valid.all()
    assert notes[0] == "Borders: a border that crossed itself was put right for 11001."
