"""Lists and zones as people keep them: what is read of each, what is told, and what is refused.

Those that are text stand in `kept_lists.toml` with their answers; other kinds of file are made here. Answers name the
municipality and service of every place, the members of every zone, the keys of what is told and the rows refused.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import tomllib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from openpyxl.styles import Font

from i18n.errors import DataError, NabijError
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.facilities.facility_report import REFUSED, FacilityReport, RowReport
from loaders.lists.list_preview import preview
from loaders.lists.partitions.partition_file import PartitionReport, read_partition_file
from loaders.lists.raw_table import ListOptions
from loaders.reading_room.room import without_child
from loaders.snapshot.reader import Snapshot

KEPT = tomllib.loads((Path(__file__).parent / "kept_lists.toml").read_text(encoding="utf-8"))["list"]
USUAL = {"ids_made", "missing", "unknown_column", "near_column", "default_serves", "taken_as_physical"}
"""What is told of nearly every list."""


@pytest.fixture
def _in_this_process() -> Iterator[None]:
    """Read text without a child: a hundred of them would be slow. Map files take drivers out of GDAL, so never here."""
    with without_child():
        yield


def answer(path: Path, kind: str, snapshot: Snapshot, options: ListOptions) -> dict[str, str]:
    """What is read, told and refused of a file, in the words of `kept_lists.toml`."""
    report: RowReport
    try:
        if kind == "zones":
            report = read_partition_file(path, snapshot, options=options)
            read = zones_of(report)
        else:
            report = read_facility_file(path, snapshot, options=options)
            read = places_of(report)
    except NabijError as error:
        return {"read": "", "told": "", "refused": f"whole: {str(error).removeprefix(f'{path.name}: ')}"}
    lines = [(line[0], line[3], key(line[4].key)) for line in report.lines if line[4] is not None]
    told = sorted({key for _, outcome, key in lines if outcome != REFUSED} - USUAL)
    refused = sorted({(row, key) for row, outcome, key in lines if outcome == REFUSED})
    return {"read": read, "told": " ".join(told), "refused": "; ".join(f"{row}: {key}" for row, key in refused)}


def key(whole: str) -> str:
    """Last part of the key of a text that says what it is."""
    return next(part for part in reversed(whole.split(".")) if part not in ("one", "other"))


def places_of(report: FacilityReport) -> str:
    said = []
    for place in report.frame.sort_values("id").to_dict("records"):
        where = place["nis2025"] if isinstance(place["nis2025"], str) else "-"
        hours = f" {place['hours_per_year']:g}h" if place["hours_per_year"] == place["hours_per_year"] else ""
        serves = f" -> {place['serves'].replace(';', ' ')}" if place["precision"] == "none" else ""
        said.append(f"{where} {place['service']}{hours}{serves}")
    return "; ".join(said)


def zones_of(report: PartitionReport) -> str:
    members = report.members
    if members is not None and len(members):
        assert report.partition is not None
        named = (f"{zone}: {' '.join(sorted(nis))}" for zone, nis in members.groupby("zone_id")["nis"])
        return f"{report.partition.vintage}: {'; '.join(named)}"
    if report.zones is None:
        return ""
    drawn = zip(report.zones["zone_id"], report.zones.geometry.area, strict=True)
    return "drawn: " + "; ".join(f"{zone} {area / 1e6:.1f} km2" for zone, area in drawn)


@pytest.mark.usefixtures("_in_this_process")
@pytest.mark.parametrize("kept", KEPT, ids=[f"{one['kind']}: {one['name']}" for one in KEPT])
def test_a_list_as_it_is_kept(kept: Mapping[str, Any], embedded: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / f"list{kept.get('suffix', '.csv')}"
    path.write_text(kept["content"] + "\n", encoding="utf-8")
    wanted = {name: kept.get(name, "") for name in ("read", "told", "refused")}
    options = ListOptions(constants=kept.get("constants", {}))
    assert answer(path, kept["kind"], embedded, options) == wanted
    if not wanted["refused"].startswith("whole"):
        assert preview(path, kept["kind"], 3, options).n_rows > 0


HEAD = ("Naam", "Dienst", "lat", "lon")
ONLY_NAMED = ("Naam", "lat", "lon")
PLACE = ("Café A", "bureau", 51.0925, 4.3717)
"""A place in Boom (11005)."""

CSV = "id;dienst;naam;lat;lon\n1;bureau;Café A;51,0925;4,3717\n"
SHEET = "urn:schemas-microsoft-com:office:spreadsheet"
XML_2003 = (
    f'<?xml version="1.0"?><Workbook xmlns="{SHEET}" xmlns:ss="{SHEET}"><Worksheet ss:Name="Lijst"><Table>{{rows}}'
    "</Table></Worksheet></Workbook>"
)
OLD_EXCEL = (
    "eNrtWE1IVFEU/u57M84POs6YBhrIIGRlbqJNm3HG/iQwm1pUVFBPfdXLcUaeo5AEWeYqgqBVEYEwmzaWm34o+tm1CIxaCEGgRYuoTVAQob7OPe"
    "8903LhQEnG+x733HPPPefcc9+5976fF+OxyZGxmin8giaomLVCKJknE1RCbiMK6rcsybp1kIrlYUUhFKRElvjxoOx5QOZQ5nsKCm77nhIF3lI5"
    "gh605bJ6fBmxlWPQhIwhQVTgOkkiqOaoKph2MF3F9BZrPmSaYsklpgnSnRSHMJ5sa9jirOKDSh33RSD93mWb1yzZhCo8k6v47GVh6/rRbBpa5t"
    "/sqPWVogDKW4ue1U0tM4lKSmABX6048MXdqU/innx55QIk/7ZQHlhEfkXxAYOwjvECH0YZvquyx49W41Rvfhr7+UwN2ufunn7dHDA6TubJqE3T"
    "ummrbjf0bG+ebDIa01yWhNu04x/izcS095m61hcD0mau38h2GHq81egm6Ymw9Mg7P7pg55fxjigl2oly5mO8L6IUw/TNzy93t6eTR1kyyFHZz4"
    "S1chqwcE5akHGEe3xztIEtNjI9z17XMF/DtJKmS3V9usphdg6xzgXuradxNjNeJdfN49cTP/xx773a4XfJDcSPtkwNVI5OJEdQR/eqk+zlNYRG"
    "0SiuXZW4n3Rr4Zwfb5hW/3aWBJWoMzfLefCVYwZhZmNMpYbg2S3UEKwhqd1y75/dUqilzrVUavkcX8oivhT25Xf07VzIHKmKPLekr0JPIjxxcV"
    "fKlkh/h8cef7pxJpaSPtVFfKrsU6b7EWVZZZ8xjuq9E5PUUNGkVOCODIDO0p8Iw4MHDx48ePDgwcNKh3xXVfidz35X9ztfAgHnv84MlVnvN8l/"
    "i33I0ZWnD9MdyFJt4nRR62c1/ML1JZZo4/4vlDhAo5voQjvH0VX0+qUvOTF/Pks2jP65LVTs+LPFxPmXx/8BQQji1Q=="
)
"""A workbook of Excel 97 (BIFF 8) of our own making: a title, the headers, one place, and a merged heading."""

ODS = "urn:oasis:names:tc:opendocument:xmlns:"
ODS_CONTENT = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{ODS}office:1.0" '
    f'xmlns:table="{ODS}table:1.0" xmlns:text="{ODS}text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
    '<table:table table:name="Lijst">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def book(rows: list[tuple[Any, ...]], merged: str = "") -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    for area in merged.split():
        made.worksheets[0].merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def xml_2003(rows: list[tuple[tuple[Any, ...], str]]) -> str:
    lines = []
    for cells, about in rows:
        data = "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells)
        lines.append(f"<Row{about}>{data}</Row>")
    return XML_2003.format(rows="".join(lines))


def ods(rows: list[tuple[tuple[Any, ...], str]]) -> bytes:
    lines = []
    for cells, about in rows:
        words = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        lines.append(f"<table:table-row{about}>{words}</table:table-row>")
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": ODS_CONTENT.format(rows="".join(lines)),
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{ODS}manifest:1.0"/>',
        }
    )


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def frame(crs: int = 4326) -> gpd.GeoDataFrame:
    places = {"Naam": ["Café A"], "Dienst": ["bureau"]}
    return gpd.GeoDataFrame(places, geometry=[shapely.Point(4.3717, 51.0925)], crs=4326).to_crs(crs)


def shapefile(folder: Path, cpg: str | None, encoding: str = "UTF-8", *, prj: bool = True, crs: int = 4326) -> bytes:
    """Zipped shapefile in a folder of its own, with a ``.cpg`` that says what it wants."""
    folder.mkdir()
    frame(crs).to_file(folder / "laag.shp", encoding=encoding)
    left = (".cpg",) if prj else (".cpg", ".prj")
    parts = {f"map/{path.name}": path.read_bytes() for path in folder.iterdir() if path.suffix not in left}
    return zipped(parts | ({"map/laag.cpg": cpg.encode()} if cpg else {}))


def mapped(folder: Path, driver: str, suffix: str) -> bytes:
    frame().to_file(folder / f"made{suffix}", driver=driver)
    return (folder / f"made{suffix}").read_bytes()


def parquet(table: pd.DataFrame, folder: Path) -> bytes:
    table.to_parquet(folder / "made")
    return (folder / "made").read_bytes()


def sheets(struck: int = 0, **rows: list[tuple[Any, ...]]) -> bytes:
    """A workbook with a sheet by name, of whose last one a row is struck through."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, lines in rows.items():
        sheet = made.create_sheet(name.removeprefix("of_"))
        for line in lines:
            sheet.append(line)
    for cell in made.worksheets[-1][struck] if struck else ():
        cell.font = Font(strike=True)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


GHENT = ("Café B", "bureau", 51.0543, 3.7218)
KML = (
    "<kml><Document><Folder><name>Consultatiebureaus</name><Placemark><name>A</name><Point>"
    "<coordinates>\n4.3717,51.0925,0</coordinates></Point></Placemark></Folder><Folder>"
    "<name>Huizen van het Kind</name><Placemark>"
    "<name>B</name><Point><coordinates>3.7218,51.0543,0</coordinates></Point></Placemark></Folder></Document></kml>"
)
GPX = (
    '<gpx version="1.1"><wpt lat="51.0925" lon="4.3717"><name>A</name><type>consultatiebureau</type></wpt>'
    "<trk><name>rit</name></trk></gpx>"
)
POINT = {"type": "Point", "coordinates": [4.3717, 51.0925]}
FEATURE = {"type": "Feature", "properties": {"naam": "A", "dienst": "bureau"}, "geometry": POINT}
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [1e-6, 1e-6], "translate": [4, 51]},
    "objects": {"laag": {"type": "GeometryCollection", "geometries": [
        {"type": "Point", "coordinates": [371_700, 92_500], "properties": {"naam": "A", "dienst": "bureau"}},
    ]}},
    "arcs": [],
}  # fmt: skip
HTML = (
    "<!DOCTYPE html><table><tr>{}</tr><tr><td>Caf&eacute; A</td><td>bureau</td><td>51,0925</td><td>4,3717</td></tr>"
    "</table>"
)
TWO_ROWS = [("Naam", "Dienst", "Coördinaten", None), (None, None, "X", "Y"), ("A", "bureau", 150206, 198044)]
BUREAU = {"read": "11005 bureau"}
NO_SYSTEM = "whole: the file does not say in which system the coordinates are; they look like"
REMEDY = "Add 'crs', export as EPSG:4326, or give --set crs"

FILES: dict[str, tuple[str, Any, dict[str, str]]] = {
    # suffix, content (made in a folder where it takes one), answer
    "headers in two rows, the upper merged": (
        ".xlsx",
        book(TWO_ROWS, "C1:D1"),
        {**BUREAU, "told": "header_rows"},
    ),
    "headers in two rows, both merged": (
        ".xlsx",
        book(TWO_ROWS, "C1:D1 A1:A2 B1:B2"),
        {**BUREAU, "told": "header_found"},
    ),
    "line breaks in headers": (
        ".xlsx",
        book([("Naam\nbureau", "Soort\ndienst", "Lat\n(WGS84)", "Lon\n(WGS84)"), PLACE]),
        BUREAU,
    ),
    "a heading merged over the whole row": (
        ".xlsx",
        book([HEAD, ("Provincie Antwerpen",), PLACE, ("Bron: wij",)], "A2:D2 A4:D4"),
        {**BUREAU, "told": "heading_row note_row"},
    ),
    "Excel 97": (
        ".xls",
        zlib.decompress(base64.b64decode("".join(OLD_EXCEL))),
        {**BUREAU, "told": "header_found heading_row"},
    ),
    "a web page called .xls": (".xls", HTML.format("".join(f"<th>{name}</th>" for name in HEAD)), BUREAU),
    "XML of Excel 2003 with a hidden row": (
        ".xls",
        xml_2003([(HEAD, ""), (PLACE, ' ss:Hidden="1"')]),
        {**BUREAU, "told": "hidden_rows"},
    ),
    "tabs called .xls": (".xls", CSV.replace(";", "\t"), BUREAU),
    "UTF-16 with tabs called .xls": (".xls", CSV.replace(";", "\t").encode("utf-16"), BUREAU),
    "UTF-16 with tabs": (".csv", CSV.replace(";", "\t").encode("utf-16"), BUREAU),
    "a row struck through": (
        ".xlsx",
        sheets(3, lijst=[HEAD, PLACE, GHENT]),
        {"read": "11005 bureau; 44021 bureau", "told": "struck_rows"},
    ),
    "a sheet for each year": (
        ".xlsx",
        sheets(of_2024=[HEAD, PLACE, GHENT], of_2023=[HEAD, PLACE]),
        {"read": "11005 bureau; 44021 bureau", "told": "sheets_left"},
    ),
    "hours as spans of time": (
        ".xlsx",
        sheets(lijst=[(*HEAD, "Uren per week"), (*PLACE, timedelta(hours=30)), (*GHENT, time(3, 30))]),
        {"read": "11005 bureau 1560h; 44021 bureau 182h", "told": "hours_clock hours_from_week"},
    ),
    "a sheet for each service": (
        ".xlsx",
        sheets(Consultatiebureaus=[ONLY_NAMED, ("A", 51.0925, 4.3717)], Huizen=[ONLY_NAMED, ("B", 51.0543, 3.7218)]),
        {"read": "11005 bureau; 44021 house", "told": "service_of_sheet sheets_joined"},
    ),
    "a list on its side": (
        ".xlsx",
        sheets(lijst=list(zip(HEAD, PLACE, GHENT, strict=True))),
        {
            "refused": "whole: the headers stand below each other in the first column (Naam, Dienst, lat, lon); "
            "exchange rows and columns (paste special, transpose) and save it again."
        },
    ),
    "UTF-32": (".csv", CSV.encode("utf-32"), BUREAU),
    "line ends of an old Mac": (".csv", CSV.replace("\n", "\r"), BUREAU),
    "words called .xlsx": (
        ".xlsx",
        "geen werkmap",
        {"refused": "whole: it is called a workbook but holds no table; save the list again as .xlsx or CSV."},
    ),
    "LibreOffice with filtered and hidden rows": (
        ".ods",
        ods(
            [
                (HEAD, ""),
                (PLACE, ""),
                (("B", "bureau", 51.0543, 3.7218), ' table:visibility="filter"'),
                (("C", "huis", 51.2213, 4.3997), ' table:visibility="collapse"'),
            ]
        ),
        {"read": "11005 bureau; 44021 bureau; 11002 house", "told": "hidden_rows"},
    ),
    "shapefile, UTF-8": (".zip", lambda folder: shapefile(folder / "s", "UTF8\r\n"), BUREAU),
    "shapefile, Windows": (".zip", lambda folder: shapefile(folder / "s", "ANSI 1252", "cp1252"), BUREAU),
    "shapefile, Latin 1": (".zip", lambda folder: shapefile(folder / "s", "88591", "ISO-8859-1"), BUREAU),
    "shapefile, UTF-8 of which nothing is said": (".zip", lambda folder: shapefile(folder / "s", None), BUREAU),
    "shapefile, UTF-8 called Windows": (".zip", lambda folder: shapefile(folder / "s", "1252"), BUREAU),
    "shapefile without a system": (
        ".zip",
        lambda folder: shapefile(folder / "s", "UTF-8", prj=False, crs=31370),
        {"refused": f"{NO_SYSTEM} BD72 / Belgian Lambert 72 (EPSG:31370). {REMEDY}=EPSG:31370."},
    ),
    "GeoJSON in Lambert 2008 without a system": (
        ".geojson",
        frame(3812).to_json(drop_id=True).replace('"crs"', '"stelsel"'),
        {"refused": f"{NO_SYSTEM} Lambert 2008 (EPSG:3812). {REMEDY}=EPSG:3812."},
    ),
    "FlatGeobuf": (".fgb", lambda folder: mapped(folder, "FlatGeobuf", ".fgb"), BUREAU),
    "GeoPackage": (".gpkg", lambda folder: mapped(folder, "GPKG", ".gpkg"), BUREAU),
    "folders of a map made by hand": (
        ".kml",
        KML,
        {"read": "11005 bureau; 44021 house", "told": "service_by_words"},
    ),
    "the same zipped": (
        ".kmz",
        zipped({"doc.kml": KML}),
        {"read": "11005 bureau; 44021 house", "told": "service_by_words"},
    ),
    "waypoints": (".gpx", GPX, {**BUREAU, "told": "tracks_left"}),
    "TopoJSON": (".topojson", json.dumps(TOPOLOGY), BUREAU),
    "a feature on every line": (
        ".ndjson",
        "\n".join([json.dumps(FEATURE), json.dumps(FEATURE)]),
        {"read": "11005 bureau; 11005 bureau", "told": "same_place"},
    ),
    "a record on every line": (
        ".jsonl",
        '{"naam":"A","dienst":"bureau","lat":51.0925,"lon":4.3717}\n{"naam":"B","dienst":"cb","lat":51.0543,"lon":3.7218}',
        {"read": "11005 bureau; 44021 bureau"},
    ),
    "the answer of a portal": (
        ".json",
        json.dumps({"results": [{"naam": "A", "dienst": "bureau", "geo_point_2d": {"lon": 4.3717, "lat": 51.0925}}]}),
        BUREAU,
    ),
    "packed text": (".csv.gz", gzip.compress(CSV.encode()), BUREAU),
    "a table in a zip": (".zip", zipped({"map/lijst.csv": CSV, "__MACOSX/map/._lijst.csv": "x"}), BUREAU),
    "a map in a zip": (".zip", zipped({"kaart.geojson": json.dumps(FEATURE)}), BUREAU),
    "two tables in a zip": (
        ".zip",
        zipped({"2023.csv": CSV, "2024.csv": CSV}),
        {"refused": "whole: the zip file holds 2 files (2023.csv, 2024.csv); unpack it and give one of them."},
    ),
    "Parquet": (".parquet", lambda folder: parquet(pd.DataFrame([PLACE], columns=HEAD), folder), BUREAU),
    "GeoParquet in metres": (".parquet", lambda folder: parquet(frame(31370), folder), BUREAU),
    "degrees the wrong way round in GeoJSON": (
        ".geojson",
        json.dumps({**FEATURE, "geometry": {"type": "Point", "coordinates": [51.0925, 4.3717]}}),
        {"refused": "1: lat_lon_swapped"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_other_kinds_of_file(name: str, embedded: Snapshot, tmp_path: Path) -> None:
    suffix, content, wanted = FILES[name]
    made = content(tmp_path) if callable(content) else content
    path = tmp_path / f"list{suffix}"
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    found = answer(path, "places", embedded, ListOptions())
    assert found == {"read": "", "told": "", "refused": "", **wanted}
    if "Café" in str(content) or name.startswith("shapefile, "):
        places = read_facility_file(path, embedded, options=ListOptions(constants={"crs": "31370"}))
        assert places.frame["name"].iloc[0] == "Café A"


@pytest.mark.parametrize(("code", "kind"), [(31370, "shp"), (3812, "shp"), (31370, "json"), (3812, "json")])
def test_a_map_gets_the_system_that_is_said_once(code: int, kind: str, embedded: Snapshot, tmp_path: Path) -> None:
    if kind == "shp":
        path = tmp_path / "list.zip"
        path.write_bytes(shapefile(tmp_path / "s", "UTF-8", prj=False, crs=code))
    else:
        path = tmp_path / "list.geojson"
        path.write_text(frame(code).to_json(drop_id=True).replace('"crs"', '"stelsel"'), encoding="utf-8")
    report = read_facility_file(path, embedded, options=ListOptions(constants={"crs": f"EPSG:{code}"}))
    assert report.frame[["x", "y"]].round().to_numpy().tolist() == [[150_206, 198_044]]


def test_rows_of_a_second_sheet_are_named_with_it(embedded: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(sheets(Antwerpen=[HEAD, PLACE], Limburg=[HEAD, PLACE]))
    report = read_facility_file(path, embedded)
    assert report.frame["id"].tolist() == ["2", "2-2"]
    assert "rows 2 and Limburg!2 are the same place" in " ".join(report.report["message"])


def test_borders_in_a_packed_map_and_in_parquet_are_zones(embedded: Snapshot, tmp_path: Path) -> None:
    square = gpd.GeoDataFrame({"zone": ["A"]}, geometry=[shapely.box(149_000, 196_000, 152_000, 199_000)], crs=31370)
    path = tmp_path / "zones.zip"
    path.write_bytes(zipped({"zones.geojson": square.to_crs(4326).to_json(drop_id=True)}))
    assert answer(path, "zones", embedded, ListOptions())["read"] == "drawn: a 9.0 km2"
    path = tmp_path / "zones.parquet"
    square.to_parquet(path)
    assert answer(path, "zones", embedded, ListOptions())["read"] == "drawn: a 9.0 km2"


def test_a_layer_among_shapefiles_is_chosen(embedded: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    for name in ("een", "twee"):
        frame().to_file(tmp_path / "s" / f"{name}.shp")
    path = tmp_path / "list.zip"
    path.write_bytes(zipped({one.name: one.read_bytes() for one in sorted((tmp_path / "s").iterdir())}))
    with pytest.raises(DataError, match=r"there are 2 shapefiles in the archive \(een, twee\).*with --sheet"):
        read_facility_file(path, embedded)
    assert read_facility_file(path, embedded, options=ListOptions(sheet="twee")).n_accepted == 1


def test_shapes_share_the_arcs_of_a_topology(embedded: Snapshot, tmp_path: Path) -> None:
    """Two squares side by side whose border is one arc, taken backwards by the second."""
    west = [[152000, 196000], [149000, 196000], [149000, 199000], [152000, 199000]]
    east = [[152000, 199000], [155000, 199000], [155000, 196000], [152000, 196000]]
    arcs = [[[152000, 199000], [152000, 196000]], west, east]
    shapes = [("A", [0, 1]), ("B", [2, ~0])]
    geometries = [{"type": "Polygon", "arcs": [rings], "properties": {"zone": zone}} for zone, rings in shapes]
    document = {
        "type": "Topology",
        "arcs": arcs,
        "objects": {"z": {"type": "GeometryCollection", "geometries": geometries}},
    }
    path = tmp_path / "zones.topojson"
    path.write_text(json.dumps(document), encoding="utf-8")
    options = ListOptions(constants={"crs": "31370"})
    assert answer(path, "zones", embedded, options)["read"] == "drawn: a 9.0 km2; b 9.0 km2"


def test_a_border_as_long_as_they_are_is_read_from_a_cell(embedded: Snapshot, tmp_path: Path) -> None:
    """More signs than any other text may have, and than Python's own reader of CSV takes."""
    ring = shapely.Point(152_000, 198_000).buffer(2_000, quad_segs=3_000)
    path = tmp_path / "zones.csv"
    path.write_text(f'zone;geom\nA;"SRID=31370;{ring.wkt}"\n', encoding="utf-8")
    assert len(ring.wkt) > 131_072
    assert answer(path, "zones", embedded, ListOptions()) == {"read": "drawn: a 12.6 km2", "told": "", "refused": ""}
    assert len(preview(path, "zones", 1).rows[0][1][1]) == 200
    path.write_text(f'zone;geom\nA;"{ring.wkt[:900]}"\n', encoding="utf-8")
    assert answer(path, "zones", embedded, ListOptions())["refused"] == "2: not_drawn"
