"""Each kind of list that people have, made small: every sheet, header, sign and word is read, told or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from coverage.core.query import Query
from coverage.scenario.document import QUESTION, rows_json
from coverage.scenario.scenario import Scenario
from coverage.zones.complete import complete_for, edge_of_list, propose_area
from coverage.zones.territory import Territory
from i18n.errors import DataError, InputError, MissingColumnError
from layers.notes.notes import births_out_of_reach
from loaders.lists.facilities.facility_choice import facilities_of
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.facilities.facility_report import FacilityReport
from loaders.lists.list_preview import preview
from loaders.lists.list_repair import Repairs, corrected_csv, repaired
from loaders.lists.partitions.partition_file import read_partition_file
from loaders.lists.raw_table import ListOptions
from loaders.reading_room import UPLOAD
from loaders.reading_room.job import Job, in_this_process
from tests.fuzz.targets import _kmz, _ods
from tests.unit.conftest import TinyWorld

X, Y = 150_250.0, 202_450.0
"""A point in Eke (10005)."""

GOOD = "id;dienst;naam;x;y\n1;bureau;A;150250;202450\n"


@pytest.fixture
def read(tiny: TinyWorld, tmp_path: Path) -> Any:
    """Read a file, or a text as one, against the tiny world."""

    def _read(content: str | bytes, name: str = "list.csv", **options: Any) -> FacilityReport:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_facility_file(path, tiny.snapshot(), options=ListOptions(**options))

    return _read


def told_in(report: FacilityReport, outcome: str = "") -> str:
    rows = report.report
    return "\n".join(rows["message"] if not outcome else rows.loc[rows["outcome"] == outcome, "message"])


def book(*sheets: tuple[str, list[tuple[Any, ...]]], path: Path) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return made


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace(";", "|"),
        GOOD.replace(";", "\t"),
        "sep=;\r\n" + GOOD.replace("\n", "\r\n"),
        "Overzicht 2025;;;;\nBron: wij;;;;\n\n" + GOOD,
        "Overzicht van de bureaus, versie 2\n" + GOOD,
        GOOD.encode("utf-16"),
        GOOD.encode("utf-16-le"),
        GOOD.replace("dienst", "Dienst ").replace("naam", "Naam CB").replace("x;y", "POINT_X;POINT_Y"),
        GOOD.replace("naam", "Nom").replace("dienst", "Service"),
        GOOD.replace("150250;202450", "150.250;202.450"),
        GOOD.replace("150250;202450", "150 250,00;\u200b202 450,0\u200e"),
        GOOD.replace(";x;y", ";coördinaten").replace("150250;202450", "150250 202450"),
        "id,dienst,naam,WKT\n1,bureau,A,SRID=31370;POINT Z (150250 202450 3)\n",
    ],
)
def test_a_list_is_found_whatever_stands_around_it(read: Any, content: str | bytes) -> None:
    report = read(content)
    assert report.frame[["service", "name", "x", "y"]].to_numpy().tolist() == [["bureau", "A", X, Y]]


def test_other_books_and_maps_are_read(tiny: TinyWorld, read: Any, tmp_path: Path) -> None:
    with pytest.raises(MissingColumnError, match=r"list.ods: column lat and lon, or x and y, is missing"):
        read(_ods(), "list.ods")
    frame = gpd.GeoDataFrame({"id": ["a"], "dienst": ["bureau"]}, geometry=[shapely.Point(X, Y)], crs="EPSG:31370")
    for name, driver in (("list.fgb", "FlatGeobuf"), ("list.gpkg", "GPKG"), ("list.geojson", "GeoJSON")):
        frame.to_file(tmp_path / name, driver=driver)
        found = read_facility_file(tmp_path / name, tiny.snapshot()).frame
        assert found[["id", "x", "y"]].to_numpy().tolist() == [["a", X, Y]]
    assert "km outside every municipality" in told_in(
        read(_kmz(), "list.kmz"), "refused"
    )  # Boom is not in the tiny world


def test_records_of_a_portal(read: Any) -> None:
    records = [{"recordid": "r", "dienst": "bureau", "geo": {"x": 1}, "POINT_X": X, "POINT_Y": Y}]
    for document in (records, {"results": records}, {"records": [{"fields": records[0]}]}):
        assert read(json.dumps(document), "list.json").frame["x"].tolist() == [X]
    lines = "\n".join(json.dumps(one) for one in [records[0], {**records[0], "recordid": "s"}])
    assert read(lines, "list.json").n_accepted == 2
    with pytest.raises(DataError, match="something follows after the JSON"):
        read(json.dumps(records) + "\n<!-- proxy -->", "list.json")


def test_sheets_hidden_rows_and_formulas_are_told(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    header = ("id", "dienst", "x", "y", "uren")
    made = book(
        ("Leesmij", [("zie blad 2",)]),
        ("Noord", [("Titel",), header, ("a", "bureau", X, Y, "=6*7"), ("b", "bureau", X + 500, Y, 400)]),
        ("Zuid", [header, ("c", "bureau", X, Y - 100, 400)]),
        path=path,
    )
    made["Noord"].row_dimensions[4].hidden = True
    made.save(path)
    report = read_facility_file(path, tiny.snapshot())
    assert report.frame["id"].tolist() == ["a", "b", "c"]
    told = told_in(report, "repaired")
    for words in (
        "'Noord, Zuid' was read; not read: Leesmij",
        "the headers stand in row 2",
        "1 hidden or filtered row was read too (row 4)",
        "cell E3 holds a formula without a value",
    ):
        assert words in told
    one = read_facility_file(path, tiny.snapshot(), options=ListOptions(sheet="zuid"))
    assert one.frame["id"].tolist() == ["c"]
    with pytest.raises(DataError, match="there is no sheet or layer 'Oost'; choose one of Leesmij, Noord, Zuid"):
        read_facility_file(path, tiny.snapshot(), options=ListOptions(sheet="Oost"))
    made["Zuid"].append(("d", "creche", X, Y, 1))
    made.save(path)
    with pytest.raises(DataError, match=r"list.xlsx, row Zuid!3: service 'creche' is not known"):
        read_facility_file(path, tiny.snapshot()).raise_if_refused()


@pytest.mark.parametrize(
    ("lat", "lon", "sentence"),
    [
        ("510.925", "43.717", "was lost: 51.0925, 4.3717?"),
        ("0", "0", "stands for 'no coordinates'"),
        ("51", "4", "are whole degrees"),
        ("5,1E+01", "4,3717", ""),
        ("4,3717", "51,0925", "look swapped"),
        ("4.3717° O", "51.0925° N", "look swapped"),
        ("twee", "4", "'twee' in column lat is not a number"),
        ("697000", "650000", "look like Lambert 2008 (EPSG:3812)"),
    ],
)
def test_degrees_that_cannot_be(read: Any, lat: str, lon: str, sentence: str) -> None:
    report = read(f"id;dienst;lat;lon\n1;bureau;{lat};{lon}\n")
    assert sentence in told_in(report, "refused")


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ("1,5E+05", "2,0E+05", "digits were lost"),
        ("486655,4", "6637672,2", "look like Web Mercator (EPSG:3857)"),
        ("6637672,2", "486655,4", "Web Mercator (EPSG:3857) with x and y exchanged"),
        ("597000", "5660000", "look like UTM 31N (EPSG:32631)"),
        ("3926600", "3125700", "look like LAEA Europe (EPSG:3035)"),
        ("15025000", "20245000", "was lost: 150250.0, 202450.0?"),
        ("202450", "150250", "look swapped"),
    ],
)
def test_metres_that_cannot_be(read: Any, x: str, y: str, sentence: str) -> None:
    assert sentence in told_in(read(f"id;dienst;x;y\n1;bureau;{x};{y}\n"), "refused")


def test_a_system_that_is_said_is_read(read: Any) -> None:
    from pyproj import Transformer

    x, y = Transformer.from_crs(31370, 3857, always_xy=True).transform(X, Y)
    report = read(f"id;dienst;x;y\n1;bureau;{x:.3f};{y:.3f}\n", constants={"crs": "EPSG:3857"})
    assert abs(report.frame["x"].iloc[0] - X) < 0.05
    with pytest.raises(InputError, match="'Mercator' is no coordinate system"):
        read(GOOD, constants={"crs": "Mercator"})


def test_a_point_that_contradicts_its_own_row_is_refused(read: Any) -> None:
    rows = "id;dienst;gemeente;x;y\n1;bureau;Fort;{x};{y}\n"
    told = told_in(read(rows.format(x=X, y=Y)), "refused")
    assert told.startswith("the point (150250.0 202450.0) lies in Eke (10005) but gemeente says Fort; correct one")
    assert told_in(read(rows.replace("Fort", "Eke").format(x=X, y=Y)), "refused") == ""
    assert read(rows.replace("Fort", "Nergens").format(x=X, y=Y)).n_accepted == 1


def test_places_on_one_point_and_twice_are_told(read: Any) -> None:
    rows = "".join(f"{i};bureau;N{i};{X};{Y}\n" for i in range(3))
    assert "3 places stand on one point" in told_in(read("id;dienst;naam;x;y\n" + rows))
    twice = f"id;dienst;naam;x;y\n1;bureau;A;{X};{Y}\n2;bureau;a;{X};{Y}\n"
    assert "rows 2 and 3 are the same place" in told_in(read(twice))


def test_all_that_is_lacking_is_one_sentence_with_what_to_write(read: Any) -> None:
    with pytest.raises(MissingColumnError) as raised:
        read("Volgnr;Breedtegrad;Lengtegrad\n1;51,1;4,3\n")
    told = str(raised.value)
    assert "service, lat and lon, or x and y," in told
    for words in ('--map "Breedtegrad=lat"', '--map "Lengtegrad=lon"', "--set service=bureau"):
        assert words in told
    report = read(f"naam;x;y\nA;{X};{Y}\n", constants={"service": "bureau"})
    assert report.frame[["id", "service"]].to_numpy().tolist() == [["2", "bureau"]]
    assert "every place got the number of its row" in told_in(report)


@pytest.mark.parametrize(
    ("header", "cell", "hours", "told"),
    [
        ("uren_per_jaar", "1.820", 1820, "1.820 was read as 1820 hours per year"),
        ("uren_per_jaar", "420,5", 420.5, ""),
        ("uren_per_jaar", "0.875", 0.875, ""),
        ("uren_per_jaar", "0,125", 0.125, ""),
        ("uren per week", "8", 416, "8 hours per week were read as 416 hours per year (52 weeks)"),
        ("uren", "12", 12, "if they are per week"),
        ("uren", "n.v.t.", None, "column 'uren' has n.v.t. in 1 row; that was read as empty"),
        ("uren", "9000", None, "there are 8784 at most"),
    ],
)
def test_hours(read: Any, header: str, cell: str, hours: float | None, told: str) -> None:
    report = read(f"id;dienst;x;y;{header}\n1;bureau;{X};{Y};{cell}\n")
    assert told in told_in(report)
    found = report.frame["hours_per_year"].tolist()
    assert found == ([hours] if hours is not None else []) or str(found) == "[nan]"


def test_a_number_beside_a_street_is_that_of_a_house(read: Any) -> None:
    report = read("dienst;naam;straat;nr;postcode;gemeente\nbureau;A;Markt;1;9999;Eke\n")
    assert "there is an address but there are no coordinates" in told_in(report, "refused")


def test_total_rows_of_places_are_left_out(read: Any) -> None:
    report = read(GOOD + ";Totaal;1;;\n")
    assert report.frame["id"].tolist() == ["1"]
    assert "adds up others" in told_in(report, "repaired")


def test_zones_in_the_words_of_publishers(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "zones.csv"
    for content, wanted in (
        ("NIS-code;Gemeente;Zorgregio\n10005;Eke;Oost\n10006;Fort;Oost\n", {"oost"}),
        ("niscode;naam;kring\n10005;Eke;A\n10006;Fort;B\n", {"a", "b"}),
        ("CD_MUNTY_REFNIS|naam|zone\n10005.0|Eke|A\nFort (10006)|Fort|A\n", {"a"}),
    ):
        path.write_text(content, encoding="utf-8")
        report = read_partition_file(path, tiny.snapshot())
        assert report.n_refused == 0
        assert set(report.checked().zones["zone_id"]) == wanted
    path.write_text("niscode;zone\n62063;A\n10005;B\n", encoding="utf-8")
    assert "'62063' lies in Wallonia" in "\n".join(read_partition_file(path, tiny.snapshot()).report["message"])


def test_a_list_is_complete_for_an_area(tiny: TinyWorld) -> None:
    """A place in Eke, complete for Eke and Fort: of the other two municipalities nothing is known."""
    from coverage.analysis import Engine

    engine = Engine(tiny.snapshot())
    places = tiny.facilities(tiny.place(2, 28))
    assert propose_area(places, engine.territory) == ("municipality", "10005")
    bounded = complete_for(places, engine.territory, (("municipality", "10005"), ("municipality", "10006")))
    table = engine.analyse(Query(), bounded).table.set_index("zone_id")
    plain = engine.analyse(Query(), places).table.set_index("zone_id")
    assert table["births_in_reach"].to_dict()["10005"] == plain["births_in_reach"].to_dict()["10005"]
    for zone in ("10012", "10034"):
        assert table.loc[zone, ["births_out_of_reach", "share_in_reach", "n_facilities", "gap"]].isna().all()
        assert str(table.loc[zone, "flags"]) == "outside_list"
    assert "near_list_edge" in str(table.loc["10005", "flags"])
    analysis = engine.analyse(Query(), bounded)
    assert "caveat.complete_for" in analysis.caveats
    assert analysis.details["complete_for"] == "Eke, Fort"
    assert births_out_of_reach(analysis)[1] == 30  # of Eke and Fort, not of all
    question = {**{key: getattr(Query(), key) for key in QUESTION}, "areas": ""}
    rows, kept = rows_json(bounded.frame), bounded.complete_for
    plan = Scenario("ab" * 8, "user", "cd" * 8, question, places=rows, sources=("x",), complete_for=kept)
    plan = Scenario.from_json(plan.to_json())
    same = engine.analyse(plan.query, plan.base_facilities(engine.snapshot))
    assert same.table["births_out_of_reach"].equals(analysis.table["births_out_of_reach"])
    with pytest.raises(InputError, match="holds no whole municipality"):
        complete_for(places, Territory(tiny.snapshot()), (("sector", "s0000"),))


def test_the_edge_of_a_list_counts_what_points_are_put_aside() -> None:
    """1,000 m from those outside, a place at 1,050: a way of 1.1 a metre is longer, unless 100 m of it cost nothing."""
    xy, known = np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([True, False])
    distance = np.array([1050.0, np.nan])
    assert not edge_of_list(xy, known, distance, 1.1, 0.0).any()
    assert edge_of_list(xy, known, distance, 1.1, 100.0).tolist() == [True, False]


def test_a_list_is_put_right_and_given_back(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"nr;dienst;x;y\n1;bureau;{Y};{X}\n2;creche;{X};{Y}\n3;huis;;\n", encoding="utf-8")
    snapshot = tiny.snapshot()

    def put_right(**how: Any) -> Any:
        return repaired(path, "places", {}, Repairs(**how), lambda o: read_facility_file(path, snapshot, options=o))

    plain = put_right()
    assert (plain.exchanged, plain.refused, set(plain.keys)) == ((2,), (2, 3, 4), set(plain.keys))
    swapped = put_right(swap=True, cells={3: {1: "bureau"}}, skip=True)
    assert facilities_of(swapped.report).frame["id"].tolist() == ["1", "2"]
    assert swapped.refused == (4,)
    lines = corrected_csv(swapped.table).decode("utf-8-sig").splitlines()
    assert lines == ["nr;dienst;x;y", f"1;bureau;{X};{Y}", f"2;bureau;{X};{Y}"]
    assert preview(path, "places", 1).fields == {"nr": "id", "dienst": "service", "x": "x", "y": "y"}


OSM = '<osm version="0.6">{}</osm>'
NODES = '<node id="{0}1" lat="51" lon="4"/><node id="{0}2" lat="51.1" lon="4"/>'
WAY = '<way id="{0}1"><nd ref="{0}1"/><nd ref="{0}2"/><tag k="{1}" v="path"/></way>'


@pytest.mark.parametrize(
    ("content", "placed", "about"),
    [
        (NODES.format("") + WAY.format("", "highway"), True, {}),
        (NODES.format("-") + WAY.format("-", "highway"), True, {}),
        (WAY.format("", "highway"), False, {"nodes": 0, "ways": 1, "streets": 1}),
        (NODES.format("") + WAY.format("", "waterway"), False, {"nodes": 2, "ways": 1, "streets": 0}),
        ("", False, {"nodes": 0, "ways": 0, "streets": 0}),
        ("<remark> runtime error: timed out </remark>", False, {"remark": "runtime error: timed out", "nodes": 0}),
    ],
)
def test_why_an_extract_has_no_street(content: str, placed: bool, about: dict[str, Any]) -> None:
    options = {"keys": ["highway"], "tags": ["highway"], "path": "x.osm"}
    found = in_this_process(Job("streets", "x.osm", UPLOAD, options, OSM.format(content).encode()))
    assert found.values["about"]["placed"] is placed
    assert {key: found.values["about"][key] for key in about} == about


def test_sheets_whose_headers_are_written_otherwise_are_one_list(read: Any, tmp_path: Path) -> None:
    """Of two headers with the same word each keeps its own column; what stands in another order is put in order."""
    head, other = ("id", "dienst", "Naam", "x", "y"), ("Y", "X", "naam ", "Dienst", "ID")
    path = tmp_path / "two.xlsx"
    book(
        ("Noord", [head, ("1", "bureau", "A", X, Y)]),
        ("Zuid", [other, (Y, X + 500, "B", "bureau", "2")]),
        path=path,
    ).save(path)
    report = read(path.read_bytes(), "two.xlsx")
    places = report.frame.set_index("id")
    assert places["name"].to_dict() == {"1": "A", "2": "B"}
    assert places["x"].to_dict() == {"1": X, "2": X + 500}
