"""A user's own list: every fault has its sentence, and a list written and read again is the same list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from i18n.errors import DataError, InputError, MissingColumnError, MissingFileError
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.regions.projection import to_lonlat
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.lists.facilities.facility_file import TEMPLATE_COLUMNS, facility_template, read_facility_file
from loaders.lists.facilities.facility_report import FacilityReport
from loaders.protocols.spellings import field_of, grouped_sign, is_empty_word, read_number

X, Y = 150_250.0, 202_450.0
"""A point in Eke (10005), a municipality that never merged, in the tiny world."""
CELE_XY = (150_250.0, 201_550.0)
"""A point in Cele (10003 until 2024, part of 10034 since)."""
HEADER = "id,service,x,y\n"


@pytest.fixture
def read(tiny: Any, tmp_path: Path) -> Any:
    """Write a text as a file and read it against the tiny world."""

    def _read(content: str | bytes, name: str = "list.csv", encoding: str = "utf-8") -> FacilityReport:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return read_facility_file(path, tiny.snapshot())

    return _read


def only(report: FacilityReport) -> tuple[str, str]:
    """Outcome and message of the only finding."""
    assert len(report.report) == 1
    return report.report["outcome"].iloc[0], report.report["message"].iloc[0]


def test_a_plain_row_gets_its_municipality_in_every_vintage(read: Any) -> None:
    report = read(f"{HEADER}a,bureau,{CELE_XY[0]},{CELE_XY[1]}\n")
    place = report.frame.iloc[0]
    assert only(report) == ("accepted", "")
    assert (place["nis2018"], place["nis2019"], place["nis2025"]) == ("10003", "10003", "10034")
    assert (place["x"], place["y"], place["precision"]) == (*CELE_XY, "point")
    assert (place["evidence"], place["status"], place["source"]) == ("user", "exists", "list.csv")
    assert (report.n_rows, report.n_accepted, report.n_repaired, report.n_refused) == (1, 1, 0, 0)


def test_dutch_headers_words_semicolons_and_decimal_commas(read: Any) -> None:
    lon, lat = to_lonlat(np.array([[X, Y]]))[0]
    dutch = (
        "# bron: een oefening\n"
        "ID;Dienst;Naam;Breedtegraad;Lengtegraad;Huis-ID;Fysiek;Status;Organiserend bestuur;Uren per jaar;Bedient\n"
        f"a;Consultatiebureau;Bureau Eke;{lat:.8f};{lon:.8f};;;bestaat;Wiegwijs;420,5;\n"
        f"b;Huis van het Kind;Huis Eke;{lat:.8f};{lon:.8f};h1;ja;gepland;;;10005;10006\n"
    ).replace("10005;10006", '"10005;10006"')
    comma = read(dutch.replace(f"{lat:.8f}", f"{lat:.8f}".replace(".", ",")))
    point = read(dutch)
    pd.testing.assert_frame_equal(comma.frame, point.frame)
    bureau, house = comma.frame.to_dict("records")
    assert (bureau["service"], bureau["organiser"], bureau["hours_per_year"]) == ("bureau", "Wiegwijs", 420.5)
    assert (house["service"], house["house_id"], house["status"]) == ("house", "h1", "planned")
    assert house["physical"] is True
    assert house["serves"] == "10005;10006"
    assert abs(bureau["x"] - X) < 0.02
    assert abs(bureau["y"] - Y) < 0.02


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (f",bureau,{X},{Y},,,,", "id", "there is no id; give every place its own id"),
        (f"a,,{X},{Y},,,,", "service", "there is no service; fill in bureau or house"),
        (f"a,creche,{X},{Y},,,,", "service", "service 'creche' is not known; use bureau or house"),
        ("a,bureau,,,,,,", "lat", "there are no coordinates; fill in lat and lon, or x and y in EPSG:31370"),
        (
            f"a,bureau,{X},,,,,",
            "x",
            "there is only one half of the coordinates (150250.0); fill in both lat and lon, or both x and y",
        ),
        (f"a,bureau,{X},twee,,,,", "y", "'twee' in column y is not a number; correct it"),
        (
            f"a,bureau,{Y},{X},,,,",
            "x",
            "x and y (202450.0 150250.0) look swapped; swap the two columns",
        ),
        ("a,bureau,51.08,4.36,,,,", "x", "x and y (51.08 4.36) look swapped; swap the two columns"),
        (
            "a,bureau,14.36,41.08,,,,",
            "x",
            "x and y (14.36 41.08) look like degrees; name the columns lon and lat, or give metres in EPSG:31370",
        ),
        (
            "a,bureau,650000,697000,,,,",
            "x",
            "the coordinates (650000 697000) look like Lambert 2008 (EPSG:3812); "
            "convert them to Lambert 72 (EPSG:31370) or give --set crs=EPSG:3812",
        ),
        (
            "a,bureau,140000,201000,,,,",
            "x",
            "the point (140000 201000) lies 10.0 km outside every municipality of Flanders and Brussels, in the sea, "
            "in Wallonia or abroad; correct the coordinates or leave the row out",
        ),
        (
            f"a,bureau,{X},{Y},-4,,,",
            "hours_per_year",
            "-4 hours per year cannot be; fill in zero or more, or leave it empty",
        ),
        (
            f"a,house,{X},{Y},,misschien,,",
            "physical",
            "'misschien' under physical is neither yes nor no; fill in yes or no",
        ),
        (
            f"a,house,{X},{Y},,ja,99999,",
            "serves",
            "NIS code '99999' under serves is not known; use the five-digit codes of 2019",
        ),
        (
            "a,house,,,,nee,,",
            "serves",
            "a house without a place must say which municipalities it serves; "
            "fill in NIS codes under serves, or coordinates",
        ),
        (
            f"a,bureau,{X},{Y},,,,gesloten",
            "status",
            "status 'gesloten' is not known; use exists, planned or antenna, and leave closed places out",
        ),
    ],
)
def test_every_fault_of_a_row_has_its_sentence(read: Any, row: str, column: str, sentence: str) -> None:
    report = read(f"id,service,x,y,hours_per_year,physical,serves,status\n{row}\n")
    assert only(report) == ("refused", sentence)
    assert report.report["column"].iloc[0] == column
    assert report.frame.empty
    with pytest.raises(DataError) as error:
        report.raise_if_refused()
    assert str(error.value) == f"list.csv, row 2: {sentence}."


def test_latitude_and_longitude_swapped(read: Any) -> None:
    report = read("id,service,lat,lon\na,bureau,4.3571,51.2177\n")
    assert only(report) == ("refused", "lat and lon (4.3571 51.2177) look swapped; swap the two columns")


def test_metres_under_degrees(read: Any) -> None:
    outcome, message = only(read(f"id,service,lat,lon\na,bureau,{Y},{X}\n"))
    assert outcome == "refused"
    assert message.startswith("lat and lon (202450.0 150250.0) are not degrees; name columns in Lambert metres x and y")


def test_two_pairs_of_coordinates_must_agree(read: Any) -> None:
    lon, lat = to_lonlat(np.array([[X, Y]]))[0]
    header = "id,service,lat,lon,x,y\n"
    assert read(f"{header}a,bureau,{lat},{lon},{X},{Y}\n").n_accepted == 1
    report = read(f"{header}a,bureau,{lat},{lon},{X + 600},{Y}\n")
    assert "point at two different places" in only(report)[1]


def test_the_first_refused_row_is_named_and_the_others_counted(read: Any) -> None:
    report = read(f"{HEADER}a,bureau,{X},{Y}\na,bureau,{X},{Y}\nb,bureau,,\nc,bureau,,\n")
    assert (report.n_rows, report.n_accepted, report.n_refused) == (4, 1, 3)
    with pytest.raises(DataError) as error:
        report.raise_if_refused()
    assert str(error.value) == (
        "list.csv, row 3: id 'a' already stands in row 2; give every place its own id (2 more rows are refused)."
    )


def test_a_point_just_outside_is_given_to_the_nearest_municipality(read: Any) -> None:
    # the tiny world ends at x = 150 000, so this point lies 200 m outside and the next one 300 m
    report = read(f"{HEADER}a,bureau,149800,202450\nb,bureau,149700,202450\n")
    assert report.frame["id"].tolist() == ["a"]
    assert report.frame["nis2025"].tolist() == ["10005"]
    assert report.frame["flags"].tolist() == ["snapped_to_municipality"]
    assert report.n_repaired == 1
    assert report.report["message"].iloc[0] == (
        "the point lies 200 m outside every municipality and was assigned to 10005"
    )


def test_a_partnership_without_a_place(read: Any) -> None:
    report = read("id,service,x,y,fysiek,bedient\nh,huis,,,nee,10005 10006\n")
    house = report.frame.iloc[0]
    assert (house["precision"], house["serves"], house["house_id"]) == ("none", "10005;10006", "h")
    assert not house["physical"]
    assert pd.isna(house["x"])
    assert pd.isna(house["nis2025"])


def test_codes_of_another_year_are_carried_to_2019(read: Any) -> None:
    report = read(f"id,service,x,y,physical,serves\nh,house,{X},{Y},yes,10001;10034\n")
    assert report.frame["serves"].tolist() == ["10003;10004;10012"]
    assert only(report) == ("repaired", "codes of another year were carried to those of 2019: 10003;10004;10012")


def test_a_house_that_does_not_say_whom_it_serves(read: Any) -> None:
    report = read(
        "id,service,x,y,physical,house_id,serves\n"
        f"a,house,{X},{Y},yes,h1,10005;10006\nb,house,{X + 500},{Y},yes,h1,\nc,house,{X},{Y},,,\n"
    )
    assert report.frame["serves"].tolist() == ["10005;10006", "10005;10006", "10005"]
    assert report.report["message"].tolist() == [
        "",
        "serves is empty; house h1 is taken to serve 10005;10006",
        "physical is not filled in; the place counts as one families can walk into",
        "serves is empty; house c is taken to serve 10005",
    ]


def test_addresses_without_coordinates_are_no_places(read: Any) -> None:
    report = read("id,dienst,straat,huisnummer,gemeente\na,bureau,Kerkstraat,1,Eke\n")
    assert report.report[["column", "value", "outcome"]].iloc[0].tolist() == ["address", "Kerkstraat 1 Eke", "refused"]
    assert report.report["message"].iloc[0].endswith("or have addresses looked up by --geocode (with a network)")
    report = read(f"id,service,x,y,adres\na,bureau,,,Kerkstraat 1\nb,bureau,{X},{Y},Kerkstraat 2\n")
    assert report.n_accepted == 1
    assert report.report["message"].iloc[0].startswith("there is an address but there are no coordinates")


@pytest.mark.parametrize(
    ("content", "name", "error", "sentence"),
    [
        (b"", "list.csv", DataError, "list.csv: the file is empty"),
        (b"# only this\n", "list.csv", DataError, "list.csv: there are only comment lines"),
        (HEADER.encode(), "list.csv", DataError, "there is a header but no row below it"),
        (b"\xff\xfe" + b"\x00\xd8" * 40, "list.csv", DataError, "save it as 'CSV UTF-8'"),
        (b"id,service,x,y\n\x8d\x81,bureau,1,2\n", "list.csv", DataError, "byte 16 is neither UTF-8 nor Windows-1252"),
        (b"naam,plek\nA,B\n", "list.csv", MissingColumnError, "columns are missing: service, lat and lon, or x and y,"),
        (b"id,x,y\n1,1,2\n", "list.csv", MissingColumnError, "column service is missing"),
        (b"id,service\n1,bureau\n", "list.csv", MissingColumnError, "column lat and lon, or x and y, is missing"),
        (b"id,service,lat\n1,bureau,2\n", "list.csv", MissingColumnError, "column lat and lon, or x and y, is missing"),
        (b"id,id,service,x,y\n1,1,bureau,1,2\n", "list.csv", DataError, "column 'id' occurs twice"),
        (b"id,service,dienst,x,y\n1,bureau,bureau,1,2\n", "list.csv", DataError, "both mean service"),
        (b"hello", "list.pdf", InputError, "files ending in '.pdf' are not read"),
        (b"not a zip", "list.xlsx", DataError, "list.xlsx: it is called a workbook but holds no table"),
        (b"[" * 200_000, "list.geojson", DataError, "not valid GeoJSON"),
        (b"{", "list.geojson", DataError, "not valid GeoJSON"),
        (b'{"type": "Topology"}', "list.geojson", DataError, "neither GeoJSON nor a list of records (type: Topology)"),
        (b"not sqlite", "list.gpkg", DataError, "not readable as a map file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    read: Any, content: bytes, name: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as raised:
        read(content, name)
    message = str(raised.value)
    assert sentence in message
    assert message.startswith(name)
    assert message.endswith(".")
    assert ";" in message


def test_a_missing_file_names_the_alternatives(tiny: Any, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="give an existing CSV, XLSX, GeoJSON or GPKG file") as error:
        load_facilities(tiny.snapshot(), tmp_path / "nowhere.csv")
    assert "illustrative or documented" in str(error.value)


def test_windows_text_is_read_and_said(read: Any) -> None:
    report = read(f"id;service;naam;x;y\na;bureau;Café Élan;{X};{Y}\n", encoding="cp1252")
    assert report.frame["name"].tolist() == ["Café Élan"]
    whole = report.report.iloc[0]
    assert (whole["row"], whole["outcome"]) == (0, "repaired")
    assert "read as Windows-1252" in whole["message"]
    report.raise_if_refused()


def test_a_byte_order_mark_is_no_part_of_the_header(read: Any) -> None:
    assert read(f"{HEADER}a,bureau,{X},{Y}\n", encoding="utf-8-sig").n_accepted == 1


def test_an_unquoted_decimal_comma_is_explained(read: Any) -> None:
    outcome, message = only(read("id,service,lat,lon\na,bureau,51,08,4,36\n"))
    assert outcome == "refused"
    assert message.endswith("separate with semicolons when numbers have a decimal comma")


def test_unknown_columns_are_mentioned_and_our_own_are_not(read: Any) -> None:
    report = read(f"id,service,x,y,kleur,nis2025,precision\na,bureau,{X},{Y},rood,99999,point\n")
    assert report.report["message"].tolist() == ["column 'kleur' is not known and was not used", ""]
    assert report.frame["nis2025"].tolist() == ["10005"]


def test_messages_come_in_three_languages(tiny: Any, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{HEADER},bureau,{X},{Y}\n", encoding="utf-8")
    report = read_facility_file(path, tiny.snapshot())
    said = [report.told(lang)["message"].iloc[0] for lang in ("nl", "en", "fr")]
    assert said == [
        "er is geen id; geef elke plaats een eigen id",
        "there is no id; give every place its own id",
        "il n'y a pas d'id ; donnez à chaque lieu son propre id",
    ]


def test_excel(read: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["# een lijst"],
        ["id", "dienst", "x", "y", "fysiek", "bedient"],
        [1, "huis", X, Y, True, 10005],
        [None] * 6,
        [2, "bureau", "150250,5", "202450", None, None],
    ):
        sheet.append(row)
    book.save(tmp_path / "source.xlsx")
    report = read((tmp_path / "source.xlsx").read_bytes(), "list.xlsx")
    assert report.frame["id"].tolist() == ["1", "2"]
    assert report.frame["serves"].iloc[0] == "10005"
    assert report.frame["x"].tolist() == [X, 150_250.5]
    assert report.report["row"].tolist() == [3, 5]


@pytest.mark.parametrize(("suffix", "crs"), [("gpkg", 3857), ("gpkg", 31370), ("gpkg", 4326), ("geojson", 4326)])
def test_map_files_in_any_coordinate_system(read: Any, tmp_path: Path, suffix: str, crs: int) -> None:
    points = gpd.GeoDataFrame(
        {"id": ["a", "h"], "service": ["bureau", "house"], "serves": ["", "10005"], "x": [1.0, 2.0]},
        geometry=[shapely.Point(X, Y), None],
        crs="EPSG:31370",
    ).to_crs(crs)
    points.to_file(tmp_path / f"source.{suffix}")
    report = read((tmp_path / f"source.{suffix}").read_bytes(), f"list.{suffix}")
    assert report.frame["precision"].tolist() == ["point", "none"]
    assert abs(report.frame["x"].iloc[0] - X) < 0.05
    assert abs(report.frame["y"].iloc[0] - Y) < 0.05


def test_shapes_other_than_points_are_refused(read: Any, tmp_path: Path) -> None:
    shapes = gpd.GeoDataFrame(
        {"id": ["a", "b"], "service": ["bureau", "bureau"]},
        geometry=[shapely.box(X, Y, X + 10, Y + 10), shapely.MultiPoint([(X, Y)])],
        crs="EPSG:31370",
    )
    shapes.to_file(tmp_path / "source.gpkg", layer="places")
    report = read((tmp_path / "source.gpkg").read_bytes(), "list.gpkg")
    assert report.frame["id"].tolist() == ["b"]
    assert report.report["message"].iloc[0] == "the shape is a Polygon, not a point; give every place as a point"


def test_geojson_in_metres_is_refused(read: Any) -> None:
    feature = {
        "type": "Feature",
        "properties": {"id": "a", "service": "bureau"},
        "geometry": {"type": "Point", "coordinates": [X, Y]},
    }
    collection = json.dumps({"type": "FeatureCollection", "features": [feature]})
    with pytest.raises(DataError, match="does not say in which system the coordinates are; they look like"):
        read(collection, "list.geojson")


def test_illustrative_places_stay_illustrative(tiny: Any, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        f"id,service,x,y,evidence\na,bureau,{X},{Y},illustrative\nb,bureau,{X},{Y},user\n", encoding="utf-8"
    )
    facilities = load_facilities(tiny.snapshot(), str(path))
    assert facilities.evidence == "illustrative"
    assert facilities.sources == ("list.csv", "illustration")
    assert facilities.frame["evidence"].tolist() == ["illustrative", "user"]
    assert facilities.frame["flags"].tolist() == ["illustrative", ""]


def test_load_facilities_refuses_a_list_with_a_fault(tiny: Any, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{HEADER}a,bureau,{X},{Y}\nb,bureau,,\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"list\.csv, row 3: there are no coordinates"):
        load_facilities(tiny.snapshot(), path)
    path.write_text(f"{HEADER}a,bureau,{X},{Y}\n", encoding="utf-8")
    facilities = load_facilities(tiny.snapshot(), path)
    assert (facilities.name, facilities.evidence, facilities.scope) == ("user", "user", None)


def test_the_template_is_a_list_that_reads(tmp_path: Path) -> None:
    lines = [line for line in facility_template().splitlines() if not line.startswith("#")]
    assert lines[0].split(",") == list(TEMPLATE_COLUMNS)
    assert all(field_of(column) == column for column in TEMPLATE_COLUMNS)
    assert all(len(line.split(",")) == len(TEMPLATE_COLUMNS) for line in lines)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("51.2093", 51.2093),
        ("51,2093", 51.2093),
        (" -4,5 ", -4.5),
        ("152345", 152_345.0),
        ("152.345,67", 152_345.67),
        ("152,345.67", 152_345.67),
        ("152 345,67", 152_345.67),
        ("1.152.345", 1_152_345.0),
        ("1e3", 1000.0),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("twee", None),
    ],
)
def test_numbers_as_people_write_them(written: str, number: float | None) -> None:
    assert read_number(written) == number


words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20).map(str.strip)
names = words.filter(lambda word: bool(word) and not word.startswith("#") and not is_empty_word(word))


@st.composite
def facility_lists(draw: st.DrawFn) -> pd.DataFrame:
    """Frames of places inside the tiny world, as `read_facility_file` itself would make them."""
    ids = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    rows = []
    for identity in ids:
        service = draw(st.sampled_from(["bureau", "house"]))
        placed = service == "bureau" or draw(st.booleans())
        col, row = draw(st.integers(0, 39)), draw(st.integers(0, 29))
        rows.append(
            {
                "id": identity,
                "service": service,
                "name": draw(st.none() | names),
                "x": 150_050.0 + 100 * col + draw(st.integers(-4000, 4000)) / 100 if placed else None,
                "y": 200_050.0 + 100 * row + draw(st.integers(-4000, 4000)) / 100 if placed else None,
                "precision": "point" if placed else "none",
                "house_id": identity if service == "house" else None,
                "physical": placed if service == "house" else None,
                "status": draw(st.sampled_from(["exists", "planned", "antenna"])),
                "organiser": draw(st.none() | names),
                "hours_per_year": draw(st.none() | st.floats(0, 5000).filter(_not_grouped)),
                "serves": "10005" if service == "house" else None,
                "evidence": "user",
                "source": draw(names),
                "as_of": draw(st.none() | st.just("2024-05")),
                "_block": 1 + 2 * (row // 10) + col // 20 if placed else None,
            }
        )
    return pd.DataFrame(rows)


def _not_grouped(hours: float) -> bool:
    """Whether a number cannot be read as one of thousands: 1.125 can, and that is told."""
    return not grouped_sign(repr(hours))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=facility_lists(), separator=st.sampled_from([",", ";", "\t"]), decimal=st.sampled_from([".", ","]))
def test_a_list_written_and_read_again_is_the_same_list(
    tiny: Any, tmp_path: Path, rows: pd.DataFrame, separator: str, decimal: str
) -> None:
    codes = tiny.codes.set_index("nis2018")
    nis2018 = rows["_block"].map(lambda block: f"1000{int(block)}", na_action="ignore")
    frame = facility_frame(
        rows.assign(
            nis2018=nis2018,
            nis2019=nis2018.map(codes["nis2019"], na_action="ignore"),
            nis2025=nis2018.map(codes["nis2025"], na_action="ignore"),
        )
    )
    path = tmp_path / "again.csv"
    frame.to_csv(path, index=False, sep=separator, decimal=decimal, encoding="utf-8")
    report = read_facility_file(path, tiny.snapshot())
    assert report.n_refused == 0
    pd.testing.assert_frame_equal(report.frame, frame)
