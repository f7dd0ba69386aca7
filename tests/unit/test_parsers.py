"""The parsers of municipal tables and borders: what they accept, and the sentence for what they do not."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from rasterio.io import MemoryFile
from shapely.geometry import Polygon, box

from i18n.errors import DataError, MissingColumnError
from loaders.catalogue.schemas import AGES
from loaders.parsers import municipal, spatial
from loaders.parsers.ages import parse_ages
from loaders.parsers.births import parse_births
from loaders.parsers.zones.borders import parse_zones
from loaders.snapshot.reader import Snapshot

KNOWN = {"11001", "11002"}
ANTWERP = "11002,6966"
"""The second row of the table of births."""


@pytest.fixture(scope="module")
def births(embedded: Snapshot) -> str:
    """The births of 2025 in the layout of the raw table."""
    table = embedded.table("births").rename(columns={"births": "births_2025"})
    return table[["nis2025", "births_2025"]].to_csv(index=False)


@pytest.fixture(scope="module")
def ages(embedded: Snapshot) -> str:
    """Population and ages of 2022 by municipality of 2025, in the layout of the raw table."""
    table = embedded.table("ages").query("vintage == 2025 and year == 2022")
    return table.rename(columns={"nis": "nis2025"})[["year", "nis2025", "population", *AGES]].to_csv(index=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_of_births_gives_a_row_per_municipality_and_year(
    embedded: Snapshot, births: str, encoding: str
) -> None:
    series = parse_births(births.encode(encoding), embedded.table("municipality_codes"), "births.csv")
    assert series.frame.equals(embedded.table("births"))
    assert (series.vintages, series.notes()) == ({2025: 2025}, [])


def test_every_column_of_births_is_a_year(embedded: Snapshot, births: str) -> None:
    head, *rows = births.splitlines()
    text = "\n".join([f"{head},births_2024", *(f"{row},{row.partition(',')[2]}" for row in rows)])
    series = parse_births(text.encode(), embedded.table("municipality_codes"), "births.csv")
    by_year = series.frame.groupby("year")["births"].agg(["size", "sum"])
    assert by_year.to_dict("list") == {"size": [304, 304], "sum": [75_940, 75_940]}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("births_2025", "geboorten", "column 'births_2025' is missing .*restore that column"),
        (ANTWERP, "99999,6966", "row 3: unknown NIS code '99999'"),
        (ANTWERP, "11001,6966", "row 3 repeats nis2025 '11001'"),
        (ANTWERP, "11002,-1", "row 3, column 'births_2025': '-1' is not a whole number"),
        (ANTWERP, "11002,12,5", "not a readable table|row 3, column 'births_2025'"),
        (ANTWERP, "11002,", "row 3, column 'births_2025': '' is not a whole number"),
        (ANTWERP, "11002,900000", "the sum over municipalities is .* expected between"),
        (f"{ANTWERP}\n", "", "municipality '11002' is missing"),
        (None, "", "not a readable table"),
    ],
)
def test_a_wrong_birth_table_gets_one_sentence(
    embedded: Snapshot, births: str, old: str | None, new: str, sentence: str
) -> None:
    text = births.replace(old, new, 1) if old else new
    with pytest.raises(DataError, match=sentence) as caught:
        parse_births(text.encode(), embedded.table("municipality_codes"), "births.csv")
    assert str(caught.value).startswith("births.csv: ")
    assert "\n" not in str(caught.value)


def test_a_fault_is_told_in_one_language(embedded: Snapshot, births: str) -> None:
    codes = embedded.table("municipality_codes")
    with pytest.raises(DataError) as total:
        parse_births(births.replace(ANTWERP, "11002,900000", 1).encode(), codes, "b.csv")
    assert total.value.sentence("nl").startswith("b.csv: de som over gemeenten is ")
    assert total.value.sentence("fr").startswith("b.csv : la somme sur les communes")
    with pytest.raises(DataError) as code:
        parse_births(births.replace(ANTWERP, "99999,1", 1).encode(), codes, "b.csv")
    assert "onbekend: NIS-code '99999'" in code.value.sentence("nl")


def test_a_table_of_ages_gives_its_own_vintage(embedded: Snapshot, ages: str) -> None:
    held = embedded.table("ages").query("vintage == 2025 and year == 2022").reset_index(drop=True)
    read = parse_ages(ages.encode(), embedded.table("municipality_codes"), "ages.csv")
    assert (read.year, read.vintage) == (2022, 2025)
    assert read.frame.equals(held)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("2022,11002", "2022,99999", "row 3: unknown NIS code '99999'"),
        ("2022,11002", "2022,11001", "row 3 repeats year 2022|row 3 repeats year '2022', nis2025 '11001'"),
        ("age5", "age6", "column 'age5' is missing"),
        ("2022,11002,", "2022,11002,9", "the sum over municipalities is .* expected between"),
        ("2022,11001,", "2022,11001,x", "row 2, column 'population'"),
    ],
)
def test_a_wrong_table_of_ages_gets_one_sentence(
    embedded: Snapshot, ages: str, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        parse_ages(ages.replace(old, new, 1).encode(), embedded.table("municipality_codes"), "ages.csv")
    assert str(caught.value).startswith("ages.csv")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("ages.txt", "ages.txt: .*none"), ("of_2021_and_2022.txt", "2021, 2022"), ("ages_2022.txt", "")],
)
def test_the_year_of_ages_stands_in_the_name_where_no_column_says_it(
    embedded: Snapshot, name: str, sentence: str
) -> None:
    held = embedded.table("ages").query("vintage == 2019 and year == 2022").reset_index(drop=True)
    young = held.melt("nis", list(AGES), var_name="age")
    left = held.assign(age="age99", value=held["population"] - held[list(AGES)].sum(axis=1))
    rows = pd.concat([young, left[["nis", "age", "value"]]])
    rows["age"] = rows["age"].str.removeprefix("age")
    content = rows.set_axis(["CD_REFNIS", "CD_AGE", "MS_POPULATION"], axis=1).to_csv(sep="|", index=False).encode()
    if sentence:
        with pytest.raises(DataError, match=sentence):
            parse_ages(content, embedded.table("municipality_codes"), name)
        return
    read = parse_ages(content, embedded.table("municipality_codes"), name)
    assert read.year == 2022
    assert read.frame.query("vintage == 2019").reset_index(drop=True).equals(held)
    head, *lines = content.decode().splitlines()
    dated = "\n".join([f"{head}|CD_YEAR", *(f"{line}|2022" for line in lines)]).encode()
    assert parse_ages(dated, embedded.table("municipality_codes"), "ages_of_2021.txt").year == 2022


def test_text_that_is_not_utf8_names_the_byte(embedded: Snapshot) -> None:
    with pytest.raises(DataError, match="byte 20 is not UTF-8 text; save the file as UTF-8"):
        parse_births(
            "nis2025,births_2025,\xe9".encode("latin-1") + b"\n", embedded.table("municipality_codes"), "b.csv"
        )


def test_a_missing_column_is_also_a_key_error() -> None:
    with pytest.raises(KeyError):
        municipal.parse_codes(b"nis2018\n11001\n")
    with pytest.raises(MissingColumnError, match="'name2018' is missing"):
        municipal.parse_codes(b"nis2018\n11001\n")


def test_province_names_lose_their_suffix() -> None:
    header = "gemeente,provincie_naam,arrondiss,elz_naam,elz,refreg_naam,gewest_naam\n"
    row = "11001,Antwerpen (Prov.),11000,RupeLaar,elz43,Regio Antwerpen,Vlaams Gewest\n"
    assert municipal.parse_regions((header + row).encode(), KNOWN)["province"].tolist() == ["Antwerpen"]


def geojson(*shapes: Polygon, crs: int | None = 31370) -> bytes:
    codes = [f"1100{number}A" for number in range(1, len(shapes) + 1)]
    frame = gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs=crs)
    buffer = io.BytesIO()
    frame.to_file(buffer, driver="GeoJSON")
    return buffer.getvalue()


PARENTS = (pd.Series({"11001": "11001", "11002": "11002"}),)
WEST, EAST = box(1e5, 2e5, 1.1e5, 2.1e5), box(1.1e5, 2e5, 1.2e5, 2.1e5)


def test_borders_come_in_lambert_72_ordered_by_code() -> None:
    frame = parse_zones(geojson(WEST, EAST), PARENTS, "z.geojson", code="code").frame
    assert frame.crs.to_epsg() == 31370
    assert frame[["zone_id", "parent_nis"]].to_numpy().tolist() == [["11001a", "11001"], ["11002a", "11002"]]
    assert frame.geometry.area.iloc[0] == pytest.approx(1e8, rel=1e-4)  # through degrees and back


def test_zones_that_overlap_by_half_a_metre_are_put_right_and_told() -> None:
    over = box(1.1e5 - 0.5, 2e5, 1.2e5, 2.1e5)
    found = parse_zones(gpkg_of(WEST, over), PARENTS, "z.gpkg", code="code")
    assert shapely.coverage_is_valid(found.frame.geometry.to_numpy())
    assert found.frame.geometry.area.sum() == pytest.approx(2e8, rel=1e-9)
    assert len(found.notes) == 1


def gpkg_of(*shapes: Polygon) -> bytes:
    codes = [f"1100{number}A" for number in range(1, len(shapes) + 1)]
    buffer = io.BytesIO()
    gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs=31370).to_file(buffer, driver="GPKG")
    return buffer.getvalue()


CROSSED = Polygon([(1e5, 2e5), (1.1e5, 2.1e5), (1.1e5, 2e5), (1e5, 2.1e5)])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"no shapefile", "not a readable shapefile or GeoPackage"),
        (geojson(CROSSED), "border of code '11001A' crosses itself"),
        (geojson(WEST, box(1.05e5, 2e5, 1.2e5, 2.1e5)), "overlaps its neighbours by"),
        (geojson(box(0, 0, 10, 10)), "do not lie where they should"),
        (geojson(WEST, EAST, box(1.2e5, 2e5, 1.3e5, 2.1e5)), "zone '11003A' lies in no municipality"),
    ],
)
def test_unusable_borders_get_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=f"^z.geojson: .*{sentence}") as caught:
        parse_zones(data, PARENTS, "z.geojson", code="code")
    assert "\n" not in str(caught.value)


def geotiff(transform: Affine, crs: str = "EPSG:3035") -> bytes:
    values = np.array([[2, -128], [12, 41]], dtype=np.int8)
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "int8", "nodata": -128}
    with MemoryFile() as memory:
        with memory.open(**profile, crs=crs, transform=transform) as raster:
            raster.write(values, 1)
        return bytes(memory.read())


def test_land_cover_without_data_becomes_class_zero() -> None:
    cover = spatial.parse_land_cover(geotiff(Affine(100, 0, 3_789_500, 0, -100, 3_177_900)), "clc.tif")
    assert cover.classes.tolist() == [[2, 0], [12, 41]]


@pytest.mark.parametrize(
    "data",
    [
        geotiff(Affine(50, 0, 3_789_500, 0, -50, 3_177_900)),
        geotiff(Affine(100, 0, 3_789_550, 0, -100, 3_177_900)),
        geotiff(Affine(100, 0, 100_000, 0, -100, 200_000), crs="EPSG:31370"),
    ],
    ids=["half-hectare", "shifted", "lambert"],
)
def test_land_cover_off_the_grid_is_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="not on the 100 m INSPIRE grid"):
        spatial.parse_land_cover(data, "clc.tif")


def test_bytes_that_are_no_raster_are_refused() -> None:
    with pytest.raises(DataError, match="not a readable GeoTIFF"):
        spatial.parse_land_cover(b"PK", "clc.tif")
    assert rasterio.__version__


def test_census_tells_cells_with_foreign_residents_apart() -> None:
    data = b"x,y,T,Y_LT15,CNTR_ID\n3900000,3100000,10,2,BE\n3901000,3100000,7,1,BE-FR\n"
    assert spatial.parse_census_grid(data, "c.csv")["domestic"].tolist() == [True, False]
