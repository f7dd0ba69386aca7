"""What is fuzzed: every parser of live data, as a function of bytes; only a `NabijError` may come out of one."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from affine import Affine
from rasterio.io import MemoryFile

from i18n.errors import NabijError
from loaders.catalogue.regions.levels import is_brussels
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import service_words
from loaders.lists.asides import aside_of
from loaders.lists.coordinates import plain_places, read_place
from loaders.lists.facilities.facility_row import duration_of
from loaders.lists.facilities.facility_services import services_in
from loaders.lists.municipality_names import Municipalities
from loaders.live.geocode import parse_locations
from loaders.live.places import parse_names, parse_offers, parse_poi
from loaders.live.zones import places_of
from loaders.parsers.ages import parse_ages
from loaders.parsers.births import parse_births
from loaders.parsers.zones.borders import parse_borders
from loaders.parsers.zones.care_regions import read_care_regions
from loaders.parsers.zones.gp_circles import CirclePlaces, parse_circle_borders, read_circles
from loaders.parsers.zones.sectors import parse_sector_borders, parse_sector_population
from loaders.protocols.archives import open_member
from loaders.protocols.services.features import Gathering
from loaders.protocols.services.links import find_links
from loaders.protocols.spellings import FACILITY_FIELDS, read_number
from loaders.reading_room import UPLOAD
from loaders.reading_room.job import Job, as_bytes, in_this_process
from loaders.snapshot.reader import Snapshot
from tests.hostile_files import collection, feature, gpkg, square, star, zone_of
from tests.registers import offer_page, two_registers
from tests.workbooks import births_sheet, struct_text, workbook, zipped

Target = Callable[[bytes], object]


@cache
def world() -> Snapshot:
    """The embedded snapshot."""
    return Snapshot()


@cache
def codes() -> pd.DataFrame:
    """Crosswalk of municipality codes."""
    return world().table("municipality_codes")


@cache
def _places() -> CirclePlaces:
    return places_of(world())


@cache
def _zones(level: str) -> gpd.GeoDataFrame:
    return world().zones(level)


def _collection(data: bytes) -> gpd.GeoDataFrame:
    gathering = Gathering("fuzz")
    gathering.add(data)
    return gathering.collection("EPSG:31370", region().territory.box).frame


def _borders(data: bytes) -> object:
    municipalities = _zones("municipality")
    brussels = municipalities[is_brussels(municipalities["zone_id"])]
    return parse_borders(_collection(data), brussels, codes(), "fuzz")


def _room(reader: str, file: str, **options: object) -> Target:
    """Read with a reader of the reading room, in this process."""
    return lambda data: in_this_process(Job(reader, file, UPLOAD, options, data))


def _row(data: bytes) -> object:
    """One row of a list of places: its cells are what stands between bars."""
    cells = [*data.decode("utf-8", "replace").split("|"), *[""] * 12]
    place = read_place(dict(zip(("lat", "lon", "x", "y", "point"), cells, strict=False)))
    plain = plain_places([(cells[0], cells[1], cells[2], cells[3])], "")
    said = [(duration_of(cell), services_in(cell, service_words()), aside_of([cell], _names())) for cell in cells[:6]]
    return place, plain, said, [_names().read(cell) for cell in cells[:6]], [read_number(cell) for cell in cells]


def _drawn(data: bytes) -> object:
    """A border as the text of a cell."""
    table = pa.table({"shape": pa.array([data.decode("utf-8", "replace")], type=pa.large_string())})
    return in_this_process(Job("drawn", "fuzz.csv", UPLOAD, {"crs": ""}, as_bytes(table)))


@cache
def _names() -> Municipalities:
    return Municipalities(world())


TARGETS: dict[str, Target] = {
    "births": lambda data: parse_births(data, codes(), "fuzz.xlsx"),
    "ages": lambda data: parse_ages(data, codes(), "fuzz_2022.txt"),
    "care_regions": lambda data: read_care_regions(data, codes(), "fuzz.xlsx"),
    "circle_table": lambda data: read_circles(data, _places(), "fuzz.xlsx"),
    "circle_borders": lambda data: parse_circle_borders(data, _zones("sector"), _zones("municipality"), "fuzz"),
    "sector_borders": lambda data: parse_sector_borders(data, codes(), "fuzz_20240101.geojson"),
    "sector_population": lambda data: parse_sector_population(data, {"11001a00-"}, "fuzz_2024.txt"),
    "borders": _borders,
    "poi": lambda data: parse_poi(_collection(data), "fuzz"),
    "offers": lambda data: parse_offers(data, "fuzz"),
    "names": lambda data: parse_names(data, "fuzz"),
    "locations": lambda data: parse_locations(data, "fuzz"),
    "links": lambda data: find_links(data, "https://example.org/page", r"\.xlsx"),
    "archive": lambda data: open_member(data, r"\.txt$", "fuzz.zip"),
    "room_text": _room("list", "fuzz.csv", form="text"),
    "room_text_words": _room("list", "fuzz.csv", form="text", words=dict(FACILITY_FIELDS)),
    "room_workbook": _room("list", "fuzz.xlsx", form="workbook"),
    "room_workbook_words": _room("list", "fuzz.ods", form="any", words=dict(FACILITY_FIELDS)),
    "room_points": _room("list", "fuzz.gpkg", form="map"),
    "room_records": _room("list", "fuzz.json", form="map", words=dict(FACILITY_FIELDS)),
    "room_columns": _room("list", "fuzz.parquet", form="columns"),
    "room_packed": _room("list", "fuzz.csv.gz", form="any", words=dict(FACILITY_FIELDS)),
    "list_row": _row,
    "room_borders": _room("borders", "fuzz.gpkg"),
    "room_drawn": _drawn,
    "room_pages": _room("list", "fuzz.xls", form="workbook", words=dict(FACILITY_FIELDS)),
    "room_costs_words": _room("costs", "fuzz.csv", path="fuzz", places=["1", "2"], mapping={"*": "minutes"}),
    "room_area": _room("area", "fuzz.geojson"),
    "room_features": _room("features", "fuzz.gpkg"),
    "room_page": _room("page", "fuzz"),
    "room_json": _room("json", "fuzz"),
    "room_xml": _room("xml", "fuzz"),
    "room_links": _room("links", "https://example.org/page"),
    "room_raster": _room("raster", "fuzz.tif"),
    "room_costs": _room("costs", "fuzz.parquet", path="fuzz"),
    "room_streets": _room("streets", "fuzz.osm", keys=["highway", "route"], tags=["highway", "oneway"], path="fuzz"),
}
"""Parsers by name."""


def run(name: str, data: bytes) -> bool:
    """Feed a parser; False when it refused with an error of ours, and whatever else it raises comes out."""
    try:
        TARGETS[name](data)
    except NabijError as error:
        if "\n" in str(error):
            raise AssertionError(f"a message of more than one line: {error!r}") from error
        return False
    return True


def _geoparquet() -> bytes:
    buffer = BytesIO()
    gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([4.36], [51.09]), crs=4326).to_parquet(buffer)
    return buffer.getvalue()


def _feather() -> bytes:
    buffer = BytesIO()
    pd.DataFrame({"id": ["a"], "lat": [51.09], "lon": [4.36]}).to_feather(buffer)
    return buffer.getvalue()


def _geojson(frame: gpd.GeoDataFrame) -> bytes:
    buffer = BytesIO()
    frame.to_file(buffer, driver="GeoJSON")
    return buffer.getvalue()


def _stored(name: str, content: bytes) -> bytes:
    """A zip without compression, so that changed bytes reach what is inside."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


_EXTRACT = (
    b'<osm version="0.6"><node id="1" lat="51" lon="4"/><node id="2" lat="51.1" lon="4"/>'
    b'<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="path"/></way></osm>'
)


_KML = (
    b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>A</name><ExtendedData>'
    b'<Data name="dienst"><value>bureau</value></Data></ExtendedData><Point><coordinates>4.36,51.09,0</coordinates>'
    b"</Point></Placemark></kml>"
)


def _kmz() -> bytes:
    return _stored("doc.kml", _KML)


MANIFEST = (
    "<?xml version='1.0'?><manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'/>"
)


def _ods() -> bytes:
    """A workbook of OpenDocument with a list of one row."""
    cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    rows = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>"
        for row in (("id", "dienst", "naam"), ("1", "bureau", "A"))
    )
    names = "".join(
        f" xmlns:{name}='urn:oasis:names:tc:opendocument:xmlns:{name}:1.0'" for name in ("office", "table", "text")
    )
    content = (
        f"<?xml version='1.0'?><office:document-content{names}><office:body><office:spreadsheet>"
        f"<table:table table:name='Lijst'>{rows}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return buffer.getvalue()


def _raster() -> bytes:
    with MemoryFile() as memory:
        place = {"crs": "EPSG:3035", "transform": Affine(100, 0, 3_900_000, 0, -100, 3_100_000)}
        with memory.open(driver="GTiff", width=3, height=2, count=1, dtype="uint8", **place) as raster:
            raster.write(np.ones((1, 2, 3), np.uint8))
        return bytes(memory.read())


def _page() -> bytes:
    """One page of several."""
    page = json.loads(collection(zone_of(square(4.0, 51.0, 0.1))))
    return json.dumps({**page, "numberMatched": 1, "links": [{"rel": "next", "href": "?page=2"}]}).encode()


def _parquet() -> bytes:
    buffer = BytesIO()
    pd.DataFrame({"from_id": ["a"], "to_id": ["b"], "minutes": [1.5]}).to_parquet(buffer)
    return buffer.getvalue()


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Small good inputs of a parser, to change."""
    registers = two_registers(world())
    ages = world().table("ages")
    few = ages[(ages["vintage"] == 2019) & (ages["year"] == 2022)].head(6)
    municipalities = _zones("municipality").head(3).rename(columns={"zone_id": "NISCODE", "zone_name": "NAAM"})
    sectors = _zones("sector").head(3).rename(columns={"zone_id": "CD_SECTOR", "parent_nis": "CD_MUNTY_REFNIS"})
    population = b"CD_SECTOR|TOTAL\n11001A00-|812\n11001A01-|77\n"
    text = struct_text(few)
    table = [("Jaar", "Zorgregio", "Gemeente"), ("2023", "Boom", "Niel"), ("2023", "Boom", "Boom")]
    circles = [("NIS", "Gemeente", "Postcode", "Kring"), ("11005", "Boom", "2850", "Rupelstreek")]
    offers = offer_page(registers.offers["bureau"][:2], 0, 2).encode()
    by_name: dict[str, tuple[bytes, ...]] = {
        "births": (workbook({"2019": births_sheet({"11001": 120, "11002": 6000})}),),
        "ages": (text, zipped("TF_2022.txt", text), _stored("TF_2022.txt", text)),
        "care_regions": (workbook({"x": table}),),
        "circle_table": (workbook({"x": circles}),),
        "circle_borders": (_geojson(municipalities[["NAAM", "geometry"]]),),
        "sector_borders": (_geojson(sectors), _stored("s_20240101.geojson", _geojson(sectors))),
        "sector_population": (population, _stored("p_2024.txt", population)),
        "borders": (_geojson(municipalities),),
        "poi": (_geojson(registers.poi.head(3)),),
        "offers": (offers, json.dumps(registers.offers["house"][:1]).encode()),
        "names": (b'{"types": [{"value": "Consultatiebureau"}]}',),
        "locations": (b'{"LocationResult": [{"Location": {"Lat_WGS84": 51.1, "Lon_WGS84": 4.4}}]}',),
        "links": (b'<html><base href="/x/"><a href="a.xlsx">births</a></html>',),
        "room_text": (b"# x\nid,service,lat,lon\na,bureau,51.09,4.36\n", b'id;name\n"a;b";c\n'),
        "room_workbook": (workbook({"x": [("id", "service"), ("a", "bureau")]}),),
        "room_text_words": (b"Lijst\nBron\nid;dienst;naam;lat;lon\n1;bureau;A;51,09;4,36\n", b"sep=|\nid|naam\n1|a\n"),
        "room_workbook_words": (
            _ods(),
            workbook({"a": [("Lijst",)], "b": [("id", "dienst"), ("1", "bureau")]}),
            _kmz(),
        ),
        "room_records": (
            b'[{"id": 1, "geo_point_2d": {"lat": 51.09, "lon": 4.36}}]',
            b'{"results": [{"id": 1, "fields": {"a": 2}}]}',
            b'{"features": [{"attributes": {"a": 1}, "geometry": {"x": 1, "y": 2}}], "spatialReference": {}}',
            _KML,
        ),
        "room_columns": (_geoparquet(), _feather()),
        "room_packed": (
            gzip.compress(b"id;dienst;lat;lon\n1;bureau;51,09;4,36\n"),
            _stored("a.csv", b"id;naam\n1;a\n"),
        ),
        "list_row": (b"51,0925|4,3717", b"||149.112|197.963", b"||||POINT (4.36 51.09)", b"51 5' 33\" N|Boom (11005)"),
        "room_points": (
            gpkg(),
            collection(feature("Point", [4.36, 51.09], id="a")),
            b'{"type":"Topology","transform":{"scale":[1,1],"translate":[4,51]},"objects":{"a":{"type":"Polygon",'
            b'"arcs":[[0]]}},"arcs":[[[0,0],[1,0],[0,1],[-1,-1]]]}',
            b'<gpx><wpt lat="51" lon="4"><name>a</name></wpt><trk/></gpx>',
            _KML.replace(b"<Placemark>", b"<Folder><name>f</name><Placemark>").replace(b"</kml>", b"</Folder></kml>"),
        ),
        "room_drawn": (
            b"SRID=31370;POLYGON ((0 0, 9 0, 9 9, 0 0))",
            b'{"type":"Polygon","coordinates":[[[4,51]]]}',
            b"0103",
        ),
        "room_pages": (
            b"<table><tr><th>id<th>dienst</tr><tr><td colspan=2>a</td></tr></table>",
            b'<Workbook xmlns:s="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet s:Name="a"><Row s:Index="2" '
            b's:Hidden="1"><Cell><Data>id</Data></Cell><Cell s:Index="4"><Data>dienst</Data></Cell></Row></Worksheet>'
            b"</Workbook>",
            b"id\tdienst\nA\tbureau\n",
        ),
        "room_costs_words": (b"sep=;\nLijst\nvan;1;2\na;0:12:00;3\n", workbook({"x": [("from_id", "1"), ("a", 2)]})),
        "room_borders": (gpkg(points=False), collection(zone_of(square(4.0, 51.0, 0.1)), zone_of(star(7)))),
        "room_area": (
            collection(zone_of(square(4.0, 51.0, 0.1)), crs={"type": "name", "properties": {"name": "EPSG:4326"}}),
        ),
        "room_features": (gpkg(points=False), collection(zone_of(square(4.0, 51.0, 0.1)))),
        "room_page": (_page(),),
        "room_json": (offers, b'{"a": [1, 2.5, null, true, {"b": "c"}]}'),
        "room_xml": (b'<a xmlns="x"><b c="d">e</b><f/></a>',),
        "room_links": (b'<html><base href="/x/"><a href="a.xlsx">births</a><a href="b">c</html>',),
        "room_raster": (_raster(),),
        "room_costs": (b"from_id,to_id,metres\na,b,1\n", _parquet()),
        "room_streets": (_EXTRACT,),
        "archive": (_stored("a.txt", b"text"), zipped("a.txt", b"text" * 50)),
    }
    return by_name[name]
