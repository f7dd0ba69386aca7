"""A user's own zones: every fault has its sentence, and no birth is lost whatever the partition."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coverage.analysis import Engine, analyse
from coverage.core.demand import surface
from coverage.core.query import Query
from i18n.errors import DataError, InputError, MissingColumnError, MissingFileError, NabijError
from i18n.texts import LANGUAGES
from loaders.catalogue.regions.levels import OWN, get_level
from loaders.lists.list_suffixes import zones_file
from loaders.lists.partitions.partition_file import PartitionReport, partition_template, read_partition_file
from loaders.lists.raw_table import ListOptions
from loaders.snapshot.overlay import with_partition
from loaders.snapshot.partition import partition_of_members
from tests.unit.conftest import BIRTHS, CODES, TinyWorld


@pytest.fixture
def read(tiny: TinyWorld, tmp_path: Path) -> Any:
    """Write a text as a file and read it against the tiny world."""

    def _read(content: str | bytes, name: str = "zones.csv", **options: Any) -> PartitionReport:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_partition_file(path, tiny.snapshot(), **options)

    return _read


def found(report: PartitionReport, outcome: str) -> list[tuple[int, str]]:
    """Row and message of the findings with an outcome."""
    rows = report.report[(report.report["outcome"] == outcome) & (report.report["message"] != "")]
    return list(zip(rows["row"], rows["message"], strict=True))


def members(report: PartitionReport) -> dict[str, list[str]]:
    assert report.members is not None
    return {str(zone): list(nis) for zone, nis in report.members.groupby("zone_id")["nis"]}


def test_codes_of_today_make_zones_of_today(read: Any) -> None:
    report = read("niscode,zone\n10012,Zuid A\n10034,Zuid A\n10005,Noord\n10006,Noord\n")
    partition = report.checked()
    assert partition.vintage == 2025
    assert members(report) == {"noord": ["10005", "10006"], "zuid-a": ["10012", "10034"]}
    assert list(partition.zones["zone_name"]) == ["Noord", "Zuid A"]
    assert (report.n_accepted, report.n_repaired, report.n_refused, report.missing) == (4, 0, 0, ())
    assert partition.zones.geometry.area.tolist() == [400 * 1e4, 800 * 1e4]  # cells of one hectare


def test_names_do_as_well_as_codes_and_choose_the_year_themselves(read: Any) -> None:
    report = read("Gemeente;Naam zone\nAAKEN;Zuid\nBeke;Zuid\ncele;Noord\nDam;Noord\nEke;Noord\nFort;Noord\n")
    assert report.checked().vintage == 2018
    assert members(report)["noord"] == ["10003", "10004", "10005", "10006"]


def test_codes_of_several_years_are_put_in_the_oldest_exactly(read: Any) -> None:
    report = read("nis,gemeente,zone\n10001,Aaken,A\n10002,Beke,B\n10034,,B\n")
    assert report.checked().vintage == 2018
    assert members(report) == {"a": ["10001"], "b": ["10002", "10003", "10004"]}
    assert found(report, "repaired") == [(4, "the municipality does not exist yet in 2018 and counts as 10003, 10004")]
    assert report.missing == ("Eke", "Fort")
    note = "2 municipalities lie in no zone and stand together in one remaining row: Eke, Fort"
    older = (
        "the list has municipalities of before a merger (Aaken (10001), Beke (10002), …) and was read with the borders"
    )
    assert found(report, "accepted") == [(0, f"{older} of 2018"), (0, note)]


@pytest.mark.parametrize(("zone", "sentence"), [("", "the zone is empty"), ("n.v.t.", "'n.v.t.' was read as no zone")])
def test_a_municipality_may_lie_in_no_zone(read: Any, zone: str, sentence: str) -> None:
    report = read(f"nis,zone\n10005,{zone}\n10006,Z\n10012,Z\n")
    assert found(report, "repaired") == [(2, f"{sentence}; the municipality lies in no zone")]
    assert members(report) == {"z": ["10006", "10012"]}


def test_one_name_of_before_a_merger_takes_no_list_back(read: Any) -> None:
    """Cele is part of Celedam since 2025, and Dam, its other part, is not in the list."""
    rows = "gemeente,zone\nCele,A\nEke,A\nFort,B\n"
    report = read(rows)
    told = "Cele (10003) is part of Celedam (10034) since 2025; write the new municipality, or read the whole list"
    ((row, said),) = found(report, "refused")
    assert (row, said.startswith(told)) == (2, True)
    older = read(rows, options=ListOptions(constants={"vintage": "2018"}))
    assert (older.checked().vintage, members(older)["a"]) == (2018, ["10003", "10005"])


@pytest.mark.parametrize(
    ("rows", "row", "sentence"),
    [
        ("98999,,A", 2, "municipality '98999' is not known in Flanders and Brussels; correct the code or the name"),
        (",Eeke,A", 2, "municipality 'Eeke' is not known in Flanders and Brussels; it looks like Eke (10005)"),
        ("10005,Fort,A", 2, "NIS code 10005 and municipality 'Fort' are not the same; correct one of the two"),
        (",,A", 2, "there is no municipality; fill in a NIS code or a name"),
        ("10005,,A\n10005,,B", 3, "Eke already belongs to zone 'A' in row 2; a municipality can lie in one zone only"),
        ("10034,,A\n10003,,B", 3, "Cele already belongs to zone 'A' in row 2; a municipality can lie in one zone only"),
        ("10005,,A,x", 2, "the row has more fields than the header ('x' is too many); put values that hold a comma"),
    ],
)
def test_every_fault_of_a_row_has_its_sentence(read: Any, rows: str, row: int, sentence: str) -> None:
    report = read(f"nis,gemeente,zone\n{rows}\n10006,,Z\n")
    (where, said), *more = found(report, "refused")
    assert (where, more) == (row, [])
    assert said.startswith(sentence)
    with pytest.raises(DataError, match=f"zones.csv, row {row}: "):
        report.checked()


def test_what_can_be_repaired_without_guessing_is_repaired(read: Any) -> None:
    report = read("nis,zone_id,zone\n10005,N-1,Noord\n10005,n 1,Het noorden\n")
    assert [said for _, said in found(report, "repaired")] == [
        "earlier in the file the zone is called 'Noord'; that name stays",
        "Eke already stands in row 2, in the same zone; it counts once",
    ]
    assert members(report) == {"n-1": ["10005"]}
    assert report.checked().zones["zone_name"].tolist() == ["Noord"]


@pytest.mark.parametrize(
    ("content", "name", "error", "sentence"),
    [
        (b"", "zones.csv", DataError, "zones.csv: the file is empty; begin with the header niscode,gemeente,zone"),
        (b"nis,zone\n", "zones.csv", DataError, "there is a header but no row below it; add a row per municipality"),
        (b"nis\n10005\n", "zones.csv", MissingColumnError, "column zone is missing"),
        (b"zone\nA\n", "zones.csv", MissingColumnError, "column nis or gemeente is missing"),
        (b"nis,niscode,zone\n1,1,A\n", "zones.csv", DataError, "columns 'nis' and 'niscode' both mean nis"),
        (b"x", "zones.doc", InputError, "files ending in '.doc' are not read"),
        (b"{}", "zones.geojson", DataError, "neither GeoJSON nor a list of records"),
        (b'{"type": "FeatureCollection", "features": []}', "zones.geojson", DataError, "zones.geojson: "),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(
    read: Any, content: bytes, name: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match="zones") as raised:
        read(content, name)
    assert sentence in str(raised.value)


def test_a_file_that_is_not_there(tiny: TinyWorld, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"The file of zones '.*none.csv' does not exist; give an existing CSV"):
        read_partition_file(tmp_path / "none.csv", tiny.snapshot())


def test_the_user_says_what_a_column_is(read: Any) -> None:
    text = "Code gem,Streek,zone\n10005,A,oud\n10006,B,oud\n"
    report = read(text, mapping={"Code gem": "nis", "streek": "zone"})
    assert members(report) == {"a": ["10005"], "b": ["10006"]}
    assert (1, "column 'zone' is not known and was not used") in found(report, "accepted")
    for mapping, sentence in (
        ({"Streken": "zone"}, "there is no column 'Streken' to map (found: Code gem, Streek, zone)"),
        ({"Streek": "lat"}, "'lat' is no field to map a column to; choose one of nis, municipality, postcode, zone"),
    ):
        with pytest.raises(InputError) as raised:
            read(text, mapping=mapping)
        assert sentence in str(raised.value)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_messages_come_in_every_language(read: Any, lang: str) -> None:
    report = read("nis,zone\n10005,A\n1,B\n10005,C\n")
    told = report.told(lang)
    refused = told[told["outcome"] == "refused"]
    assert refused["row"].tolist() == [3, 4]
    assert (refused["message"].tolist() == report.report.loc[refused.index, "message"].tolist()) == (lang == "en")


def test_an_excel_file_keeps_its_codes(read: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["NIS-code", "Zone"], [10005, "A"], [10006.0, 7]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "zones.xlsx")
    assert members(read((tmp_path / "zones.xlsx").read_bytes(), "zones.xlsx")) == {"7": ["10006"], "a": ["10005"]}


def test_the_template_can_be_read(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "template.csv"
    path.write_text(partition_template(), encoding="utf-8")
    report = read_partition_file(path, tiny.snapshot())  # its municipalities are not of this world
    assert report.n_rows == report.n_refused == 3
    assert report.partition is None


@pytest.mark.parametrize(
    ("level", "is_file"),
    [("zones.csv", True), ("a/b.XLSX", True), ("x.gpkg", True), ("province", False), ("own", False)],
)
def test_a_level_is_a_file_by_its_suffix(level: str, is_file: bool) -> None:
    assert (zones_file(level) is not None) == is_file


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["f.csv", "f.xlsx", "f.geojson", "f.gpkg"]),
    content=st.one_of(
        st.binary(max_size=200),
        st.lists(st.lists(st.sampled_from(["nis", "zone", "10005", "Eke", "", "a,b", '"', "=1", "é"]), max_size=4)).map(
            lambda rows: "\n".join(",".join(row) for row in rows).encode()
        ),
        st.recursive(
            st.none() | st.floats(allow_nan=False) | st.sampled_from(["Feature", "FeatureCollection", "Polygon", "x"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["type", "features", "geometry", "properties", "coordinates"]), inner, max_size=4
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_only_our_own_errors_come_out(read: Any, name: str, content: bytes) -> None:
    with contextlib.suppress(NabijError):
        read(content, name)


# borders that were drawn


def drawn(*shapes: tuple[str, Any], crs: str = "EPSG:31370") -> bytes:
    frame = gpd.GeoDataFrame({"zone": [z for z, _ in shapes]}, geometry=[s for _, s in shapes], crs="EPSG:31370")
    features = json.loads(frame.to_crs(crs).to_json())
    if crs != "EPSG:4326":
        features["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
    return json.dumps(features).encode()


def box(col: float, row: float, cols: float, rows: float) -> Any:
    x, y = 150_000 + 100 * col, 200_000 + 100 * row
    return shapely.box(x, y, x + 100 * cols, y + 100 * rows)


@pytest.mark.parametrize("crs", ["EPSG:31370", "EPSG:4326"])
def test_drawn_zones_go_by_the_centres_of_the_cells(read: Any, tiny: TinyWorld, crs: str) -> None:
    report = read(drawn(("West", box(0, 0, 20, 30)), ("Oost", box(20, 0, 20, 30)), crs=crs), "zones.geojson")
    partition = report.checked()
    assert not partition.whole
    assert partition.zones["zone_name"].tolist() == ["Oost", "West"]
    assert partition.zones.geometry.area.tolist() == pytest.approx([600e4, 600e4], rel=1e-6)


def test_drawn_zones_that_cannot_be_a_partition(read: Any) -> None:
    bow = shapely.Polygon([(150_000, 200_000), (151_000, 201_000), (151_000, 200_000), (150_000, 201_000)])
    report = read(
        drawn(
            ("A", bow),
            ("B", shapely.LineString([(150_000, 200_000), (151_000, 200_000)])),
            ("C", box(20, 0, 10, 10)),
            ("D", box(25, 0, 10, 10)),
            ("E", box(-900, 0, 10, 10)),
            ("C", box(20, 20, 5, 5)),
            ("", box(0, 20, 5, 5)),
        ),
        "zones.geojson",
    )
    assert found(report, "refused") == [
        (2, "the shape is a LineString, not an area; give every zone as a polygon"),
        (4, "zone 'd' overlaps zone 'c' (row 3) by 50 ha; a spot can lie in one zone only"),
        (
            5,
            "zone 'e' lies outside Flanders and Brussels; check the coordinate system "
            "(--set crs=EPSG:3812 for Lambert 2008), or leave it out",
        ),
        (7, "there is no zone; fill in the name of the zone, or leave the row out"),
    ]
    assert found(report, "repaired") == [
        (1, "the border crosses itself and was repaired"),
        (6, "zone 'c' also stands in row 3; the shapes make one zone together"),
    ]


# as a level of the engine


def test_a_partition_of_whole_municipalities_has_reasons_and_a_remainder(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    frame = CODES.head(4)[["nis2018"]].rename(columns={"nis2018": "nis"}).assign(zone_id=["a", "a", "b", "b"])
    partition = partition_of_members("streken.csv", snapshot, frame, {"a": "Zuid", "b": "Midden"}, 2018)
    own = with_partition(snapshot, partition)
    places = tiny.facilities(tiny.place(5, 5))
    table = analyse(own, Query(level=OWN, vintage=2018), places).table.set_index("zone_id")
    assert table["births"].to_dict() == {"a": 90.0, "b": 60.0, "not_known_here": 30.0}
    assert table["n_facilities"].to_dict() == {"a": 1, "b": 0, "not_known_here": 0}
    assert table.loc["b", "gap_reasons"] == "beyond_reach;no_bureau_on_territory;no_bureau_no_house"
    assert table.loc["not_known_here", "flags"] == "outside_partition"
    assert set(table["level"]) == {"own"}
    assert set(table["vintage"]) == {2018}
    inside = analyse(own, Query(level="municipality", areas=((OWN, "b"),)), places).table
    assert inside["zone_id"].tolist() == ["10034"]


def test_the_same_zones_drawn_have_the_same_births_but_no_territory(tiny: TinyWorld, read: Any) -> None:
    report = read(drawn(("Zuid", box(0, 0, 40, 10)), ("Midden", box(0, 10, 40, 10))), "zones.geojson")
    own = with_partition(tiny.snapshot(), report.checked())
    drawn_index = np.where(
        tiny.snapshot().cells["y"] < 201_000, 1, np.where(tiny.snapshot().cells["y"] < 202_000, 0, -1)
    )
    own.__dict__["_own_index"] = drawn_index.astype(np.int32)  # the grid of the tiny world is not that of Europe
    table = analyse(own, Query(level=OWN), tiny.facilities(tiny.place(5, 5))).table.set_index("zone_id")
    assert table["births"].to_dict() == {"midden": 60.0, "zuid": 90.0, "not_known_here": 30.0}
    assert table["n_facilities"].to_dict() == {"midden": 0, "zuid": 1, "not_known_here": 0}
    assert table.loc["midden", "gap_reasons"] == "beyond_reach"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone_of=st.lists(st.sampled_from(["", "a", "b", "c", "d"]), min_size=6, max_size=6).filter(any),
    births=st.lists(st.integers(0, 5000), min_size=4, max_size=4),
)
def test_no_birth_is_lost_whatever_the_partition(tiny: TinyWorld, zone_of: list[str], births: list[int]) -> None:
    snapshot = tiny.snapshot(births=dict(zip(BIRTHS, map(float, births), strict=True)))
    frame = CODES[["nis2018"]].rename(columns={"nis2018": "nis"}).assign(zone_id=zone_of)
    frame = frame[frame["zone_id"] != ""]
    names = {zone: zone.upper() for zone in frame["zone_id"]}
    own = with_partition(snapshot, partition_of_members("random", snapshot, frame, names, 2018))
    cells = surface(own).births
    ids = own.zones(OWN)["zone_id"].tolist()
    zones = np.bincount(own.zone_index(OWN) + 1, weights=cells, minlength=len(ids) + 1)  # what lies in none first
    total = float(sum(births))
    assert abs(zones.sum() - total) <= 1e-9 * max(total, 1.0)
    by_2018 = np.bincount(snapshot.zone_index("municipality", 2018), weights=cells)
    for position, zone in enumerate(ids, start=1):
        whole = by_2018[np.isin(CODES["nis2018"], frame.loc[frame["zone_id"] == zone, "nis"])].sum()
        assert zones[position] == pytest.approx(whole, rel=1e-9, abs=1e-9)


def test_an_overlay_leaves_the_rest_as_it_is(tiny: TinyWorld) -> None:
    snapshot = tiny.snapshot()
    frame = CODES[["nis2018"]].rename(columns={"nis2018": "nis"}).assign(zone_id="z")
    own = with_partition(snapshot, partition_of_members("z.csv", snapshot, frame, {"z": "Z"}, 2018))
    again = with_partition(own, own.partition)
    assert again.base is snapshot
    assert own.given_as(OWN) == "z.csv"
    assert own.given_as("province") == "province"
    assert own.resources["zones_own_2018"]["sources"] == ["z.csv"]
    assert own.is_territorial("province")
    assert not own.is_territorial("sector")
    assert get_level(OWN).vintages == (2018, 2019, 2025)
    places = tiny.facilities(tiny.place(5, 5))
    plain = Engine(snapshot)
    beside = plain.with_snapshot(own)
    before, after = plain.analyse(Query(), places), beside.analyse(Query(), places)
    assert before.table.equals(after.table)
    assert after.demand is before.demand  # what does not depend on the zones is shared
    assert after.distance_m is before.distance_m
