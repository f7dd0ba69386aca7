"""Files made to hurt whoever reads them, each small, by name: used by the attacks, the unit tests and the fuzzer."""

# ruff: noqa: E501, S608  (tables with a file per line; statements that are meant to do harm)

from __future__ import annotations

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

SECRET = "b7e1-planted-secret"  # noqa: S105  (what must never be read, planted by the tests)
HEADER = "id,service,name,lat,lon\n"
GOOD_ROW = "a,bureau,A,51.09,4.36\n"
GENT = (104_000.0, 193_000.0)
"""A point in Ghent, EPSG:31370."""


@dataclass(frozen=True)
class Hostile:
    """A file.

    Attributes
    ----------
    name : as it is given
    tried : what is tried with it, as a short phrase
    make : gives the content, for the path of a secret and the address of a listener that must not be called
    harmless : whether there is nothing wrong with what is read in the end
    """

    name: str
    tried: str
    make: Callable[[str, str], bytes]
    harmless: bool = False


def collection(*features: Any, crs: Any = None) -> bytes:
    """A GeoJSON document."""
    document: dict[str, Any] = {"type": "FeatureCollection", "features": list(features)}
    return json.dumps(document | ({"crs": crs} if crs is not None else {})).encode()


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    """A feature of a GeoJSON document."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {"zone": "z", **properties}, "geometry": geometry}


def star(points: int) -> list[list[float]]:
    """Ring of a star whose border crosses itself about ``points`` squared over two times, in degrees near Ghent."""
    angle = np.arange(points + 1) * (points // 2) * 2 * np.pi / points
    ring = np.column_stack([3.7 + 0.1 * np.cos(angle), 51.05 + 0.06 * np.sin(angle)]).round(7).tolist()
    ring[-1] = ring[0]
    return [list(map(float, corner)) for corner in ring]


def zone_of(ring: list[list[float]], name: str = "z") -> dict[str, Any]:
    """A zone with one ring."""
    return feature("Polygon", [ring], zone=name)


def folded(lines: int) -> bytes:
    """A border that runs back and forth over itself, without ever crossing."""
    ring = [[4.0 + (i if i % 2 else -i) / 1e6, 51.0] for i in range(1, lines)]
    return collection(zone_of([*ring, [4.0, 51.1], ring[0]]))


def square(west: float, south: float, size: float) -> list[list[float]]:
    """Ring of a square in degrees."""
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


def gpkg(statements: Iterable[str] = (), points: bool = True) -> bytes:
    """A GeoPackage with one good layer, and then these statements."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        shape = shapely.Point(GENT) if points else shapely.box(*GENT, GENT[0] + 3000, GENT[1] + 3000)
        values = {"id": ["a"], "service": ["bureau"], "zone": ["z"]}
        gpd.GeoDataFrame(values, geometry=[shape], crs="EPSG:31370").to_file(path, layer="layer")
        base = sqlite3.connect(path)
        base.create_function("ST_IsEmpty", 1, lambda _: 0)
        base.execute("PRAGMA writable_schema = ON")
        for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{trigger}"')
        for statement in statements:
            base.execute(statement)
        base.commit()
        base.close()
        return path.read_bytes()


def layer_as(view: str) -> tuple[str, ...]:
    """Statements that put a view in the place of the layer."""
    return (
        "DROP TABLE IF EXISTS gpkg_ogr_contents",
        "ALTER TABLE layer RENAME TO held",
        f"CREATE VIEW layer AS {view}",
    )


def sheet(rows: Iterable[Iterable[object]] = ((1,),)) -> bytes:
    """A workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LIST = (("id", "service", "lat", "lon"), ("a", "bureau", 51.09, 4.36))


def reworked(name: str, change: Callable[[bytes], bytes], extra: Mapping[str, bytes] | None = None) -> bytes:
    """A workbook with one part altered and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(LIST))) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as altered:
        for part in book.namelist():
            altered.writestr(part, change(book.read(part)) if part.endswith(name) else book.read(part))
        for part, content in (extra or {}).items():
            altered.writestr(part, content)
    return out.getvalue()


def merged(reference: str, tag: str = "mergeCell") -> bytes:
    """A workbook with one merged range, written as given."""
    cells = f'</sheetData><mergeCells count="1"><{tag} {reference}/></mergeCells>'.encode()
    return reworked("sheet1.xml", lambda part: part.replace(b"</sheetData>", cells))


def stray(cell: str, row: int) -> bytes:
    """A workbook with one cell far away."""
    far = f'<row r="{row}"><c r="{cell}{row}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'.encode()
    return reworked("sheet1.xml", lambda part: part.replace(b"</sheetData>", far))


def packed(members: Mapping[str, bytes]) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def lying_zip() -> bytes:
    """A zip whose directory claims four gigabytes."""
    data = bytearray(packed({"xl/worksheets/sheet1.xml": b"\0" * 100_000, "[Content_Types].xml": b"<a/>"}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(data)


def overlapping_zip(copies: int = 2_000) -> bytes:
    """A zip of which all entries are the same bytes."""
    one = packed({"xl/a.xml": b"\0" * 2_000_000})
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[start:end]
    names = (entry.replace(b"xl/a.xml", f"xl/{i:04}xml".encode()[:8]) for i in range(copies))
    directory = b"".join(names)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, copies, copies, len(directory), start, 0)
    return one[:start] + directory + tail


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 10}">'.encode() for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + b"]>"
)
RECURSIVE = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS fid, i AS id, NULL AS geom FROM n"
)


def _vrt(source: str) -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="l"><SrcDataSource>{source}</SrcDataSource>'
        "<GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:4326</LayerSRS></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def _linked(name: str, kind: str = "link", key: str = "href") -> Callable[[str, str], bytes]:
    def make(secret: str, address: str) -> bytes:
        target = name.format(secret=secret, address=address)
        crs = {"type": kind, "properties": {key: target, "type": "proj4"}}
        return collection(feature("Point", [4.36, 51.09], id="a", service="bureau"), crs=crs)

    return make


def _plain(content: bytes) -> Callable[[str, str], bytes]:
    return lambda _secret, _address: content


def _later(make: Callable[[], bytes]) -> Callable[[str, str], bytes]:
    return lambda _secret, _address: make()


def _nested(depth: int) -> bytes:
    inner = '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth
    return (
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
        + inner.encode()
        + b"}]}"
    )


_REMOTE: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "vrt-file": ("a virtual layer of a server file", lambda secret, _: _vrt(secret)),
    "vrt-csv": ("a virtual layer of a CSV of the server", lambda secret, _: _vrt(f"CSV:{secret}")),
    "vrt-http": ("a virtual layer of an address", lambda _, address: _vrt(f"/vsicurl/{address}/x.csv")),
    "vrt-sql": (
        "a virtual layer with SQL over a server file",
        lambda secret, _: _vrt(secret).replace(b"</OGRVRTLayer>", b"<SrcSQL dialect='SQLITE'>SELECT 1</SrcSQL></OGRVRTLayer>"),
    ),
    "gdalg": (
        "a GDAL pipeline over a server file",
        lambda secret, _: json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}).encode(),
    ),
    "wfs": ("a WFS description", lambda _, address: f"<OGRWFSDataSource><URL>{address}/wfs</URL></OGRWFSDataSource>".encode()),
    "wfs-prefix": ("a WFS address", lambda _, address: f"WFS:{address}/wfs".encode()),
    "oapif": ("an OGC API address", lambda _, address: f"OAPIF:{address}".encode()),
    "gml-xlink": (
        "GML that refers to an address",
        lambda _, address: (
            '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink">'
            f'<gml:featureMember xlink:href="{address}/f"/></gml:FeatureCollection>'
        ).encode(),
    ),
    "xml-entity": (
        "XML with the server file as an entity",
        lambda secret, _: f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{secret}">]><kml xmlns="http://www.opengis.net/kml/2.2">&s;</kml>'.encode(),
    ),
    "kml-link": (
        "KML that links an address",
        lambda _, address: f'<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>{address}</href></Link></NetworkLink></kml>'.encode(),
    ),
    "postgres": ("the description of a database", lambda _, address: f"PG:host=127.0.0.1 port={address.rpartition(':')[2]}".encode()),
    "topology": ("TopoJSON", _plain(b'{"type":"Topology","objects":{},"arcs":[]}')),
    "esrijson": ("ESRI JSON", _plain(b'{"geometryType":"esriGeometryPoint","features":[{"geometry":{"x":1,"y":2}}]}')),
}  # fmt: skip

_JSON: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "crs-link-http": ("a coordinate system at an address", _linked("{address}/crs")),
    "crs-link-file": ("a coordinate system in a server file", _linked("{secret}")),
    "crs-name-file": ("a server file as the name of a coordinate system", _linked("{secret}", "name", "name")),
    "crs-name-init": ("init=FILE as a coordinate system", _linked("+init={secret}:1", "name", "name")),
    "crs-name-http": ("an address as the name of a coordinate system", _linked("{address}", "name", "name")),
    "crs-name-grid": ("a grid file in a coordinate system", _linked("+proj=longlat +nadgrids={secret}", "name", "name")),
    "nested-collection": ("collections in collections", _plain(_nested(500))),
    "nested-deep": ("100,000 brackets", _plain(b"[" * 100_000)),
    "nested-objects": ("100,000 objects in one another", _plain(b'{"a":' * 100_000)),
    "many-keys": (
        "an object with 200,000 keys",
        _later(lambda: collection(feature("Point", [4, 51], **{f"k{i}": 1 for i in range(200_000)}))),
    ),
    "keys-by-row": (
        "other columns in every row",
        _later(lambda: collection(*(feature("Point", [4, 51], **{f"k{i}": 1}) for i in range(20_000)))),
    ),
    "nan": ("NaN as a coordinate", _plain(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[NaN,1]}}]}')),
    "huge-integer": ("an integer of a million digits", _plain(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":' + b"1" * 1_000_000 + b'},"geometry":null}]}')),
    "surrogate": ("halves of characters", _plain(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"\\ud800":"\\udc00"},"geometry":{"type":"Point","coordinates":[4.36,51.09]}}]}')),
    "wrong-types": ("features that are no objects", _plain(b'{"type":"FeatureCollection","features":[1,null,"x"]}')),
    "features-object": ("an object for the features", _plain(b'{"type":"FeatureCollection","features":{"a":1}}')),
    "geometry-text": ("text for a shape", _plain(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":"POINT(1 2)"}]}')),
    "coordinates-text": ("text for coordinates", _later(lambda: collection(feature("Point", ["a", "b"])))),
    "deep-coordinates": ("coordinates 900 deep", _plain(b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":' + b"[" * 900 + b"]" * 900 + b"}}]}")),
    "long-text": ("a text of 4 MB in one cell", _later(lambda: collection(feature("Point", [4.36, 51.09], name="x" * 4_000_000)))),
}  # fmt: skip

_CROSSED: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "star-601": ("a star of 601 points", _later(lambda: collection(zone_of(star(601))))),
    "star-1001": ("a star of 1,001 points", _later(lambda: collection(zone_of(star(1001))))),
    "star-40001": ("a star of 40,001 points", _later(lambda: collection(zone_of(star(40_001))))),
    "many-stars": ("2,000 stars of 41 points", _later(lambda: collection(*(zone_of(star(41), f"z{i}") for i in range(2_000))))),
    "overlapping": (
        "1,500 zones that all overlap",
        _later(lambda: collection(*(zone_of(square(3.6 + i / 1e5, 51.0 + i / 1e5, 0.2), f"z{i}") for i in range(1_500)))),
    ),
    "same-zone": (
        "3,000 overlapping pieces of one zone",
        _later(lambda: collection(*(zone_of(square(3.6 + i / 1e5, 51.0, 0.2), "z") for i in range(3_000)))),
    ),
    "combs": (
        "two combs of 5,000 teeth across each other",
        _later(lambda: collection(zone_of(comb(5_000, across=False), "a"), zone_of(comb(5_000, across=True), "b"))),
    ),
    "holes": (
        "a zone with 20,000 holes",
        _later(
            lambda: collection(
                feature("Polygon", [square(3.5, 51.0, 0.3), *(square(3.5 + i % 200 * 1e-3, 51 + i // 200 * 1e-3, 4e-4) for i in range(20_000))])
            )
        ),
    ),
    "nested-holes": (
        "a zone with 20,000 holes at one place",
        _later(lambda: collection(feature("Polygon", [square(3.5, 51.0, 0.3), *[square(3.6, 51.1, 0.01)] * 20_000]))),
    ),
}  # fmt: skip


def comb(teeth: int, across: bool) -> list[list[float]]:
    """Ring of a comb, its teeth upward or to the right."""
    step = 0.2 / teeth
    ring = [[3.6, 51.0]]
    for i in range(teeth):
        at = i * step
        ring += [[at, 0.2], [at + step / 2, 0.2], [at + step / 2, 0.01], [at + step, 0.01]]
    ring = [[3.6 + y, 51 + x] if across else [3.6 + x, 51 + y] for x, y in ring[1:]]
    base = [[3.6, 51.2], [3.6, 51.0]] if across else [[3.8, 51.0], [3.6, 51.0]]
    ring = [*base, *ring] if not across else [*base[::-1][:1], *ring, *base[:1]]
    return [*[[round(x, 8), round(y, 8)] for x, y in ring], [round(ring[0][0], 8), round(ring[0][1], 8)]]


_CSV: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "columns-10000": ("a header of 10,000 columns", _later(lambda: ",".join(f"c{i}" for i in range(10_000)).encode() + b"\n1,2\n")),
    "columns-200000": ("a header of 200,000 columns", _later(lambda: ",".join(f"c{i}" for i in range(200_000)).encode() + b"\n1,2\n")),
    "commas": ("4 million commas", _plain(b"," * 4_000_000)),
    "separators": ("4 million semicolons below a header", _plain(HEADER.encode() + b";" * 4_000_000)),
    "one-field": ("a field of 4 MB", _plain(f"{HEADER}{'x' * 4_000_000},bureau,A,51,4\n".encode())),
    "quote-open": ("a quote that is never closed", _plain(f'{HEADER}"{GOOD_ROW * 100_000}'.encode())),
    "quotes": ("4 million quotes", _plain(HEADER.encode() + b'"' * 4_000_001)),
    "nul": ("bytes of zero", _plain(f"{HEADER}a,bureau,\0,51,4\n".encode())),
    "empty-lines": ("a million empty lines", _plain(b"\n" * 1_000_000)),
    "comments": ("a million lines of comment", _plain(b"#\n" * 1_000_000)),
    "rows": ("500,000 short rows", _plain(b"id,service\n" + b"a,b\n" * 500_000)),
    "long-header": ("a header of 4 MB in one cell", _plain(b"i" * 4_000_000 + b",service\na,b\n")),
    "carriage": ("2 million carriage returns", _plain(HEADER.encode() + b"\r" * 2_000_000)),
    "utf16": ("UTF-16", _plain(HEADER.encode("utf-16"))),
    "digits": ("a coordinate of 9,000 digits", _plain(f"{HEADER}a,bureau,A,{'5' * 9_000},4\n".encode())),
    "zip-as-csv": ("a zip called CSV", _later(lambda: packed({"a.csv": HEADER.encode()}))),
    "base-as-csv": ("a database called CSV", _later(gpkg)),
    "pdf-as-csv": ("a PDF called CSV", _plain(b"%PDF-1.7\n" + b"x" * 100)),
}  # fmt: skip

_XLSX: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "merge-spaces": ("a merged range written with spaces", _later(lambda: merged('  ref = "A1:XFD1048576"  '))),
    "merge-quotes": ("a merged range in single quotes", _later(lambda: merged("ref='A1:XFD1048576'"))),
    "merge-prefix": ("a merged range of whole columns", _later(lambda: merged('ref="A:XFD"'))),
    "merge-rows": ("a merged range of whole rows", _later(lambda: merged('ref="1:1048576"'))),
    "merge-lower": ("a merged range in small letters", _later(lambda: merged('ref="a1:xfd1048576"'))),
    "merge-escaped": ("a merged range in character references", _later(lambda: merged('ref="&#65;1:&#88;FD1048576"'))),
    "merge-other": ("a merged range with another attribute first", _later(lambda: merged(f'x="{"y" * 300}" ref="A1:XFD1048576"'))),
    "stray-corner": ("a cell in the far corner", _later(lambda: stray("XFD", 1_048_576))),
    "bomb": ("a part that unpacks to 60 MB", _later(lambda: reworked("sheet1.xml", lambda part: part.replace(b"</sheetData>", b" " * 60_000_000 + b"</sheetData>")))),
    "strings-bomb": ("60 MB of shared text", _later(lambda: reworked("zzz", bytes, {"xl/sharedStrings.xml": b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"<si><t>x</t></si>" * 3_500_000 + b"</sst>"}))),
    "cells-bomb": ("3 million cells", _later(lambda: reworked("sheet1.xml", lambda part: part.replace(b"</sheetData>", b"<row r=\"3\">" + b"<c><v>1</v></c>" * 3_000_000 + b"</row></sheetData>")))),
    "entities": ("entities within entities", _later(lambda: reworked("sheet1.xml", lambda part: ENTITIES + part.partition(b"?>")[2].replace(b"</sheetData>", b'<row r="3"><c t="inlineStr"><is><t>&i;</t></is></c></row></sheetData>')))),
    "entity-file": ("a server file as an entity", lambda secret, _: reworked("sheet1.xml", lambda part: f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{secret}">]>'.encode() + part.replace(b"</sheetData>", b'<row r="3"><c t="inlineStr"><is><t>&s;</t></is></c></row></sheetData>'))),
    "lying": ("a size that is not true", _later(lying_zip)),
    "overlap": ("2,000 entries over the same bytes", _later(overlapping_zip)),
    "climbing": ("a part called ../../x", _later(lambda: reworked("zzz", bytes, {"../../x": b"1"}))),
    "members": ("20,000 parts", _later(lambda: packed({f"{i}": b"" for i in range(20_000)}))),
    "no-book": ("a zip without a workbook", _later(lambda: packed({"a.txt": b"x"}))),
    "text-as-xlsx": ("text called XLSX", _plain(HEADER.encode())),
    "cut": ("half a workbook", _later(lambda: sheet(LIST)[:2_000])),
    "base-as-xlsx": ("a database called XLSX", _later(gpkg)),
}  # fmt: skip

_GPKG: dict[str, tuple[str, Callable[[str, str], bytes]]] = {
    "recursive": ("a view with a query without end", _later(lambda: gpkg(layer_as(RECURSIVE)))),
    "view": ("a view in the place of the layer", _later(lambda: gpkg(layer_as("SELECT * FROM held")))),
    "view-file": ("a view that calls readfile", lambda secret, _: gpkg(layer_as(f"SELECT 1 AS fid, readfile('{secret}') AS id, NULL AS geom"))),
    "view-extension": ("a view that loads an extension", lambda secret, _: gpkg(layer_as(f"SELECT load_extension('{secret}') AS fid, NULL AS geom"))),
    "trigger": ("a trigger", _later(lambda: gpkg(("CREATE TRIGGER evil AFTER INSERT ON layer BEGIN SELECT 1; END",)))),
    "virtual": ("a virtual table of full text", _later(lambda: gpkg(("CREATE VIRTUAL TABLE evil USING fts4(a)",)))),
    "virtual-ogr": ("a virtual table of GDAL", lambda secret, _: gpkg((f"INSERT INTO sqlite_master VALUES('table','evil','evil',0,'CREATE VIRTUAL TABLE evil USING VirtualOGR(''{secret}'')')",))),
    "generated": ("a column that is computed", _later(lambda: gpkg(("ALTER TABLE layer ADD COLUMN evil AS (hex(zeroblob(100000000)))",)))),
    "lying-wkb": ("a shape that claims 4 billion corners", _later(lambda: gpkg(( "UPDATE layer SET geom = x'4750000100007A000102000000FFFFFFFF'",)))),
    "deep-wkb": ("a shape of 50,000 collections in one another", _later(lambda: gpkg(( f"UPDATE layer SET geom = x'4750000100007A00{'010700000001000000' * 50_000}'",)))),
    "big-cell": ("a text of 3 MB in one cell", _later(lambda: gpkg(( "UPDATE layer SET id = replace(hex(zeroblob(1500000)), '0', 'x')",)))),
    "other-base": ("a database that is no GeoPackage", _later(lambda: plans_base())),
    "cut": ("half a GeoPackage", _later(lambda: gpkg()[:30_000])),
    "text-as-gpkg": ("text called GPKG", _plain(HEADER.encode())),
    "json-as-gpkg": ("GeoJSON called GPKG", _later(lambda: collection(feature("Point", [4.36, 51.09], id="a", service="bureau")))),
    "zip-as-gpkg": ("a zip called GPKG", _later(lambda: packed({"a.shp": b"x"}))),
}  # fmt: skip


def plans_base() -> bytes:
    """A database of another program."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plans.sqlite"
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE plans(id TEXT, document TEXT)")
        base.commit()
        base.close()
        return path.read_bytes()


def _files(rows: Mapping[str, tuple[str, Callable[[str, str], bytes]]], suffix: str, group: str) -> dict[str, Hostile]:
    return {f"{group}-{key}": Hostile(f"list.{suffix}", tried, make) for key, (tried, make) in rows.items()}


FILES: dict[str, Hostile] = {
    **_files(_REMOTE, "gpkg", "gpkg"),
    **{f"json-{key}": Hostile("list.geojson", tried, make) for key, (tried, make) in _REMOTE.items()},
    **_files(_JSON, "geojson", "json"),
    **_files(_CSV, "csv", "csv"),
    **_files(_XLSX, "xlsx", "xlsx"),
    **_files(_GPKG, "gpkg", "gpkg"),
}
"""Files for every reader of lists."""

BORDERS: dict[str, Hostile] = _files(_CROSSED, "geojson", "borders")
"""Files with borders that take long to work out."""
