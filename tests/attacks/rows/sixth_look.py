"""A sixth look: the newer kinds of file, cells that are shapes, names of what is handed out, and work behind a page."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.attacks.attack import Attack, Seen
from tests.attacks.rows.addresses import _filled
from tests.attacks.rows.reading import SHOWN, TOLD, upload
from tests.attacks.target import AttackedServer, gives_away
from tests.attacks.visitors import BOOM, AttackVisitor
from tests.hostile_files import SECRET

REFUSED, NOT_THERE = "400, a sentence", "404, a sentence"
_HEAD = "id,service,name,lat,lon\n"
_SHAPED = "zone;borders\n"
_GPX = '<?xml version="1.0"?>{}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'
_KML = '<?xml version="1.0" encoding="{}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
_RING = "4.3,51 4.4,51 4.4,51.1 4.3,51"
_POLYGON = (
    "<Placemark><name>{}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    + _RING
    + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
_OFFICE = (
    '<?xml version="1.0"?>{}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
    '<office:spreadsheet><table:table table:name="a">{}</table:table></office:spreadsheet></office:body>'
    "</office:document-content>"
)
_KIND = "application/vnd.oasis.opendocument.spreadsheet"


def _archive(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _ods(rows: str, before: str = "") -> bytes:
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_KIND}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    content = _OFFICE.format(before, rows)
    return _archive(
        {"mimetype": _KIND.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )


def _cell(words: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{words}</text:p></table:table-cell>'


def _line(*words: str) -> str:
    return f"<table:table-row>{''.join(map(_cell, words))}</table:table-row>"


def _topology(**more: Any) -> bytes:
    square = [[4.3, 51], [4.4, 51], [4.4, 51.1], [4.3, 51]]
    zone = {"type": "Polygon", "arcs": [[0]], "properties": {"zone": "z"}}
    return json.dumps({"type": "Topology", "arcs": [square], "objects": {"a": zone}, **more}).encode()


def _zone(arcs: Any, kind: str = "Polygon") -> dict[str, Any]:
    return {"objects": {"a": {"type": kind, "arcs": arcs, "properties": {"zone": "z"}}}}


def _hex(count: int) -> str:
    """A polygon in WKB that says to have so many rings, and has none."""
    return struct.pack("<BII", 1, 3, count).hex()


_LINES = "\n".join(json.dumps({"id": str(n), "lat": 51.09, "lon": 4.36}) for n in range(3))
_FILES: dict[str, tuple[str, str, bytes, str, str]] = {
    # name of the row: file, what it is, content, kind of list, expected
    "gpx-entity": ("x.gpx", "GPX with a server file as an entity", _GPX.format(
        '<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '<wpt lat="51" lon="4.3"><name>&a;</name></wpt>',
    ).encode(), "places", TOLD),
    "gpx-laughs": ("x.gpx", "GPX with entities within entities", _GPX.format(
        '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<wpt lat="51" lon="4.3"><name>&c;</name></wpt>',
    ).encode(), "places", TOLD),
    "gpx-many": ("x.gpx", "GPX with 60,000 waypoints", _GPX.format(
        "", '<wpt lat="51" lon="4.3"/>' * 60_000).encode(), "places", TOLD),
    "gpx-nowhere": ("x.gpx", "waypoints at nan and 1e999", _GPX.format(
        "", '<wpt lat="nan" lon="1e999"><name>a</name></wpt>').encode(), "places", SHOWN),
    "gpx-deep": ("x.gpx", "GPX 50,000 deep", _GPX.format("", "<a>" * 50_000 + "</a>" * 50_000).encode(),
                 "places", TOLD),
    "topo-arc-none": ("x.topojson", "TopoJSON with an arc that is not there", _topology(**_zone([[7]])), "zones", TOLD),
    "topo-arc-deep": ("x.topojson", "TopoJSON with arcs in arcs", _topology(**_zone(json.loads("[" * 400 + "]" * 400))),
                      "zones", TOLD),
    "topo-arc-again": ("x.topojson", "TopoJSON that uses one arc half a million times",
                       _topology(**_zone([[0] * 500_000])), "zones", TOLD),
    "topo-arc-word": ("x.topojson", "TopoJSON with a path as an arc", _topology(**_zone([["/etc/passwd"]])),
                      "zones", TOLD),
    "topo-scale": ("x.topojson", "TopoJSON scaled by 1e308", _topology(
        transform={"scale": [1e308, 1e308], "translate": [1e308, 0]}), "zones", TOLD),
    "topo-scale-word": ("x.topojson", "TopoJSON scaled by a list", _topology(
        transform={"scale": [[1], [2]], "translate": "ab"}), "zones", TOLD),
    "topo-objects": ("x.topojson", "TopoJSON with a list as its objects", _topology(objects=[1, 2]), "zones", TOLD),
    "topo-circle": ("x.topojson", "TopoJSON with 300 collections in one another", _topology(
        objects={"a": json.loads('{"type":"GeometryCollection","geometries":[' * 300 + "]}" * 300)}), "zones", SHOWN),
    "lines-deep": ("x.jsonl", "JSON lines of which one is 50,000 deep",
                   (_LINES + "\n" + "[" * 50_000 + "]" * 50_000).encode(), "places", TOLD),
    "lines-wide": ("x.jsonl", "JSON lines that each bring 50 names of their own", "\n".join(
        json.dumps({f"{row}-{n}": 1 for n in range(50)}) for row in range(400)).encode(), "places", TOLD),
    "lines-empty": ("x.jsonl", "300,000 empty records", b"{}\n" * 300_000, "places", TOLD),
    "lines-nan": ("x.jsonl", "records at NaN and Infinity",
                  b'{"id": "a", "lat": NaN, "lon": Infinity}\n' * 2, "places", SHOWN),
    "records-digits": ("x.json", "a record with a number of 100,000 digits",
                       b'[{"id": "a", "lat": ' + b"9" * 100_000 + b', "lon": 4}]', "places", TOLD),
    "ods-columns": ("x.ods", "a cell repeated 2 billion times", _ods(
        f"<table:table-row>{_cell('a', ' table:number-columns-repeated=' + chr(34) + '2147483647' + chr(34))}"
        "</table:table-row>"), "places", TOLD),
    "ods-rows": ("x.ods", "a row repeated 2 billion times", _ods(
        f'<table:table-row table:number-rows-repeated="2147483647">{_cell("a")}</table:table-row>'), "places", TOLD),
    "ods-entity": ("x.ods", "a server file as an entity of a sheet", _ods(
        _line("id", "&a;"), '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "places", TOLD),
    "ods-link": ("x.ods", "a sheet that lies on the server", _ods(
        '<table:table-source xlink:href="file:///etc/passwd" table:mode="copy-all"/>' + _line("id", "name")),
        "places", TOLD),
    "ods-deep": ("x.ods", "a sheet 100,000 deep", _ods("<table:table-row>" * 100_000), "places", TOLD),
    "ods-bomb": ("x.ods", "a sheet that unpacks to 60 MB", _ods(_line("a" * 60_000_000)), "places", TOLD),
    "xls-circle": ("x.xls", "an old workbook of which the blocks are a circle",
                   b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00"
                   + bytes(10) + struct.pack("<III", 1, 0, 0) + b"\x00\x10\x00\x00" + bytes(3_000), "places", TOLD),
    "xls-page": ("x.xls", "a page with tables 20,000 deep under the name of a workbook",
                 b"<html>" + b"<table><tr><td>" * 20_000, "places", TOLD),
    "xls-span": ("x.xls", "a cell over 1e9 columns of a page under the name of a workbook",
                 b"<html><table><tr><td colspan=1000000000 rowspan=1000000000>a</td></tr></table>", "places", TOLD),
    "kml-svg": ("x.kml", "SVG with a script as a description", _KML.format("utf-8", _POLYGON.format("z").replace(
        "</name>", "</name><description><![CDATA[<svg onload=alert(1)>]]></description>")).encode(), "zones", SHOWN),
    "kml-encoding": ("x.kml", "KML in an encoding that is none", _KML.format("/etc/passwd", "").encode(),
                     "zones", TOLD),
    "kml-ebcdic": ("x.kml", "KML in EBCDIC", _KML.format("cp037", _POLYGON.format("z")).encode("cp037"), "zones", TOLD),
    "kmz-many": ("x.kmz", "KMZ with 20,000 files", _archive({f"{n}.kml": b"" for n in range(20_000)}), "zones", TOLD),
    "kmz-zip": ("x.kmz", "KMZ with an archive called KML",
                _archive({"doc.kml": _archive({"doc.kml": bytes(9_000_000)})}), "zones", TOLD),
    "csv-ebcdic": ("x.csv", "a list in EBCDIC", (_HEAD + "a,bureau,A,51.09,4.36\n").encode("cp037"), "places", TOLD),
    "csv-half": ("x.csv", "a list in UTF-16 without a mark", (_HEAD + "a,bureau,A,51.09,4.36\n").encode("utf-16-le"),
                 "places", SHOWN),
    "csv-spaces": ("x.csv", "a latitude with 400,000 spaces in it",
                   (_HEAD + "a,bureau,A,1" + " " * 400_000 + "x,4.36\n").encode(), "places", TOLD),
    "csv-brackets": ("x.csv", "a point of 200,000 brackets",
                     ("id,service,punt\na,bureau,POINT" + "(" * 200_000 + "\n").encode(), "places", TOLD),
    "csv-digits": ("x.csv", "a latitude of 100,000 digits",
                   (_HEAD + "a,bureau,A," + "5" * 100_000 + ",4.36\n").encode(), "places", TOLD),
    "wkt-deep": ("x.csv", "a border of collections 10,000 deep",
                 (_SHAPED + "a;" + "GEOMETRYCOLLECTION(" * 10_000 + "\n").encode(), "zones", TOLD),
    "wkt-curve": ("x.csv", "a border of curves",
                  (_SHAPED + "a;CURVEPOLYGON(CIRCULARSTRING(4 51,4.1 51,4 51))\n").encode(),
                  "zones", SHOWN),
    "wkb-count": ("x.csv", "a border that says to have 4 billion rings",
                  (_SHAPED + f"a;{_hex(2**32 - 1)}\n").encode(), "zones", SHOWN),
    "wkb-nested": ("x.csv", "a border of collections in WKB, 5,000 deep", (
        _SHAPED + "a;" + struct.pack("<BII", 1, 7, 1).hex() * 5_000 + "\n").encode(), "zones", SHOWN),
    "json-cell": ("x.csv", "a border in JSON, 5,000 deep", (
        _SHAPED + 'a;{"type":"Polygon","coordinates":' + "[" * 5_000 + "\n").encode(), "zones", SHOWN),
}  # fmt: skip


def _given(key: str) -> Attack:
    name, tried, content, kind, expected = _FILES[key]

    def attempt(target: AttackedServer) -> Seen:
        seen = upload(target, content, name, kind)
        return Seen("the secret was read", seen.words) if SECRET in seen.words or "root:x:" in seen.words else seen

    return Attack(f"sixth-file-{key}", "upload", f"{tried}, as {kind}", expected, attempt)


# What is handed out: its name cannot write a header, nor lead out of a folder.

_NAMES = {
    "a line break": "plan\r\nSet-Cookie: a=b",
    "a path": "../../etc/passwd",
    "quotes": 'a"; filename="x.exe',
    "signs written backwards": "a\u202egnp.exe",
    "a name of a device": "CON",
}


def _named(name: str, target: AttackedServer) -> Seen:
    who = AttackVisitor(target, "N" * 43)
    start = who.plan("?areas=care_region:boom&model=crow")["id"]
    saved = who.do(start, do="keep", name=name, note="")
    if saved.status != 200:
        return Seen(
            "refused, a sentence" if saved.seen().outcome == REFUSED else saved.seen().outcome, saved.text[:200]
        )
    answer = who.file(f"/plan/{saved.json['response']['plan']['data']['id']}.json")
    given = answer.headers.get("Content-Disposition", "")
    bent = "Set-Cookie" in answer.headers or any(sign in given for sign in ("..", "/", "\\", "\u202e", ".exe"))
    return Seen("a plain name" if answer.status == 200 and not bent else "bent", given)


# Addresses.

_ADDRESSES = {
    "geo/{tag}/ground-../../x.json": NOT_THERE,
    "geo/{tag}/ground-far.json.gz": NOT_THERE,
    "geo/{tag}/streets-1e1-2.json": NOT_THERE,
    "geo/{tag}%00/labels.json": REFUSED,
    "geo/{tag}/areas-illustrative-%66ar.json": "200",
    "places/{tag}/own-bureau.json": NOT_THERE,
    "places/{tag}/illustrative-bureau.json/": NOT_THERE,
    "raster/{tag}/illustrative-bureau-walk-matrix.png": NOT_THERE,
    "raster/{tag}/illustrative-bureau-rocket-crow.png": NOT_THERE,
    "barriers/{tag}.exe": NOT_THERE,
    "barriers/{tag}.json?model=crow": NOT_THERE,
    "barriers/{tag}.json?level=/etc/passwd": NOT_THERE,
    "barriers/{tag}.json?places=../../etc/passwd": NOT_THERE,
    "barriers/{tag}.csv?areas=municipality:0,municipality:1": NOT_THERE,
    "plan/..%2f..%2fetc%2fpasswd.json": NOT_THERE,
    "plan/{tag}.json": NOT_THERE,
}


def _asked(route: str, target: AttackedServer) -> Seen:
    return target.get(_filled(route)).seen()


# Work behind a page, with what the page never sends.

_MANY = ",".join(f"municipality:{number}" for number in range(900))
_STATES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "case-level": ("case-verdict.children", "case-state.data", {"areas": "sector:../../x"}),
    "case-births": ("case-verdict.children", "case-state.data", {"areas": BOOM["areas"], "min_births": "9" * 13}),
    "case-preset": ("case-verdict.children", "case-state.data", {"areas": BOOM["areas"], "preset": "__class__"}),
    "case-many": (
        "case-closing.children",
        "case-state.data",
        {"areas": ",".join(f"municipality:{n}" for n in range(900))},
    ),
    "norm-state": ("norm-answer.children", "norm-state.data", {"level": ["municipality"]}),
    "norm-own": ("norm-answer.children", "norm-state.data", {"facilities": "own", "places": "0" * 64}),
}


def _bent(key: str, target: AttackedServer) -> Seen:
    filled, store, more = _STATES[key]
    given: dict[str, Any] = {store: {**BOOM, "model": "crow", **more}}
    answer = target.told(filled, given | ({"norm-births.value": 100} if key.startswith("norm") else {}))
    seen = answer.seen()
    if gives_away(seen.words):
        return Seen("gives the server away", seen.words)
    return Seen("200 or a sentence", seen.words) if seen.outcome in ("200", REFUSED) else seen


def _rows() -> Iterator[Attack]:
    for key in _FILES:
        yield _given(key)
    for number, (tried, name) in enumerate(_NAMES.items()):
        attempt: Callable[[AttackedServer], Seen] = partial(_named, name)
        yield Attack(f"sixth-name-{number}", "plan", f"{tried} as the name of a plan", "a plain name", attempt)
    for number, (route, expected) in enumerate(_ADDRESSES.items()):
        yield Attack(f"sixth-address-{number}", "http", f"/{route}", expected, partial(_asked, route))
    for key in _STATES:
        tried = f"the {key.replace('-', ': ')} of a page is bent"
        yield Attack(f"sixth-page-{key}", "callback", tried, "200 or a sentence", partial(_bent, key))


ROWS = tuple(_rows())
