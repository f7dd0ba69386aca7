"""A second look by somebody who has read the source: files, bodies, headers and publishers of their own invention."""

from __future__ import annotations

import io
import json
import re
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pages.shell.state import State
from tests.attacks.attack import Attack, Seen
from tests.attacks.commands import Batch, Given
from tests.attacks.rows.front import hasty
from tests.attacks.rows.reading import SHOWN, TOLD, _called, _trap, upload
from tests.attacks.target import AttackedServer
from tests.hostile_files import LIST, collection, feature, folded, gpkg, reworked, sheet, square, star, zone_of

REFUSED, NOT_THERE, COMMAND = "400, a sentence", "404, a sentence", "exit 1, a sentence"
CALLBACKS = "/_dash-update-component"
Made = Callable[[str, str], bytes]

# Files. Each is made with the path of a file that may not be read and an address that may not be called.


def _many_corners() -> bytes:
    still = [[4.0, 51.0]] * 200_000
    return collection(zone_of([*still, [4.1, 51.0], [4.1, 51.1], [4.0, 51.0]]))


def _twice(document: bytes) -> bytes:
    return document.replace(b'"features":', b'"features": [{"type": "Feature"}], "features":', 1)


def _properties(**more: Any) -> bytes:
    return collection(feature("Point", [4.36, 51.09], id="a", service="bureau", **more))


def _link(_: str, address: str) -> bytes:
    """A workbook with a link to another one, and a cell that takes its value from there."""
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        f'Target="{address}/other.xlsx" TargetMode="External"/></Relationships>'
    )
    return reworked(
        "sheet1.xml",
        lambda part: part.replace(b"<v>51.09</v>", b"<f>[1]Blad1!A1</f><v>51.09</v>"),
        {
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/externalLinks/_rels/externalLink1.xml.rels": relation.encode(),
        },
    )


def _workbook(change: Callable[[zipfile.ZipInfo, bytes], tuple[zipfile.ZipInfo, bytes]], kind: int = 8) -> bytes:
    """A good workbook, its members altered."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet(LIST))) as book, zipfile.ZipFile(out, "w", kind) as altered:
        for info in book.infolist():
            altered.writestr(*change(info, book.read(info)), compress_type=kind)
    return out.getvalue()


def _symlink(secret: str, _: str) -> bytes:
    def change(info: zipfile.ZipInfo, content: bytes) -> tuple[zipfile.ZipInfo, bytes]:
        if not info.filename.endswith("sheet1.xml"):
            return info, content
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        return info, secret.encode()

    return _workbook(change)


def _relation(secret: str, _: str) -> bytes:
    """A workbook that says its sheet lies in the file system."""
    target = f"file://{secret}".encode()
    return reworked("workbook.xml.rels", lambda part: part.replace(b"/xl/worksheets/sheet1.xml", target))


def _entity(name: str) -> Made:
    def make(secret: str, address: str) -> bytes:
        head = (
            f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY % a SYSTEM "{address}/x.dtd">%a;'
            f'<!ENTITY b SYSTEM "file://{secret}">]>'
        ).encode()
        return reworked(name, lambda part: head + part.partition(b"?>")[2] if b"?>" in part else head + part)

    return make


def _twin_sheet(_: str, __: str) -> bytes:
    """A workbook with its sheet in it twice, and other things in the second."""
    out = io.BytesIO(sheet(LIST))
    with zipfile.ZipFile(out, "a") as book:
        part = book.read("xl/worksheets/sheet1.xml").replace(b"51.09", b"51.10")
        info = zipfile.ZipInfo("xl/worksheets/sheet1.XML")
        book.writestr(info, part)
        info.filename = "xl/worksheets/sheet1.xml"
        book.filelist[-1] = info
    return out.getvalue()


def _curve() -> bytes:
    """A GeoPackage with a shape of a kind that is not drawn with straight lines."""
    polygon, curved = b"\x01\x03\x00\x00\x00", b"\x01\x0a\x00\x00\x00"
    return gpkg(points=False).replace(polygon, curved)


def _twin_layers() -> bytes:
    """A GeoPackage that says twice that its layer is there."""
    held = "SELECT 'layer2', data_type, 'layer2', srs_id FROM gpkg_contents"
    return gpkg([f"INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) {held}"])


_FILES: dict[str, tuple[str, str, str, str, Made]] = {
    # what is tried, name, kind, expected, content
    "corner": (
        "a corner of 5,000 degrees",
        "z.geojson",
        "zones",
        TOLD,
        lambda *_: collection(zone_of([[5000.0, 51.0], [4.1, 51.0], [4.1, 51.1], [5000.0, 51.0]])),
    ),
    "metres": (
        "corners of 1e308",
        "z.geojson",
        "zones",
        TOLD,
        lambda *_: collection(zone_of([[1e308, 51.0], [-1e308, 51.0], [4.1, 1e308], [1e308, 51.0]])),
    ),
    "endless": (
        "a corner of 1e999",
        "z.geojson",
        "zones",
        TOLD,
        lambda *_: collection(zone_of(square(4.0, 51.0, 0.1))).replace(b"51.1", b"1e999"),
    ),
    "comb": ("a border of 5,000 lines over one another", "z.geojson", "zones", TOLD, lambda *_: folded(5_000)),
    "comb-40000": ("a border of 40,000 lines over one another", "z.geojson", "zones", TOLD, lambda *_: folded(40_000)),
    "star-40001": ("a star of 40,001 points", "z.geojson", "zones", TOLD, lambda *_: collection(zone_of(star(40_001)))),
    "star-2001-holes": (
        "a star of 2,001 points as a hole",
        "z.geojson",
        "zones",
        TOLD,
        lambda *_: collection(feature("Polygon", [square(3.0, 50.0, 2.0), star(2_001)])),
    ),
    "still": ("200,000 corners on one point", "z.geojson", "zones", SHOWN, lambda *_: _many_corners()),
    "features-twice": ("a list of features twice", "l.geojson", "places", SHOWN, lambda *_: _twice(_properties())),
    "prototype": (
        "attributes called __proto__ and constructor",
        "l.geojson",
        "places",
        SHOWN,
        lambda *_: _properties(__proto__="x", constructor={"prototype": 1}),
    ),
    "script": (
        "attributes that are a script",
        "l.geojson",
        "places",
        SHOWN,
        lambda *_: _properties(**{"<script>alert(1)</script>": "<img src=x onerror=alert(1)>"}),
    ),
    "bom-16": ("GeoJSON in UTF-16", "l.geojson", "places", TOLD, lambda *_: _properties().decode().encode("utf-16")),
    "member-of": (
        "GeoJSON with a collection of 60,000 points",
        "l.geojson",
        "places",
        SHOWN,
        lambda *_: json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"id": "a"},
                        "geometry": {
                            "type": "GeometryCollection",
                            "geometries": [{"type": "Point", "coordinates": [4.0, 51.0]}] * 60_000,
                        },
                    }
                ],
            }
        ).encode(),
    ),
    "dimension": (
        "a workbook of which the sheet says to be full",
        "l.xlsx",
        "places",
        SHOWN,
        lambda *_: reworked("sheet1.xml", lambda part: part.replace(b'ref="A1:D2"', b'ref="A1:XFD1048576"')),
    ),
    "external-link": ("a workbook with a link to another one", "l.xlsx", "places", SHOWN, _link),
    "symlink": ("a workbook with a symbolic link as its sheet", "l.xlsx", "places", TOLD, _symlink),
    "relation": ("a workbook whose sheet lies in the file system", "l.xlsx", "places", TOLD, _relation),
    "entity-styles": ("an external entity in the styles", "l.xlsx", "places", TOLD, _entity("styles.xml")),
    "entity-rels": ("an external entity in the relations", "l.xlsx", "places", TOLD, _entity("workbook.xml.rels")),
    "entity-book": ("an external entity in the book", "l.xlsx", "places", TOLD, _entity("xl/workbook.xml")),
    "twin": ("a workbook with its sheet twice", "l.xlsx", "places", TOLD, _twin_sheet),
    "bzip2": (
        "a workbook packed with bzip2",
        "l.xlsx",
        "places",
        SHOWN,
        lambda *_: _workbook(lambda info, content: (info, content), zipfile.ZIP_BZIP2),
    ),
    "polyglot": ("a PDF with a workbook behind it", "l.xlsx", "places", TOLD, lambda *_: b"%PDF-1.7\n" + sheet(LIST)),
    "gpkg-index": (
        "an index over an expression of a GeoPackage",
        "l.gpkg",
        "places",
        SHOWN,
        lambda *_: gpkg(["CREATE INDEX i ON layer(hex(zeroblob(1000)))"]),
    ),
    "gpkg-default": (
        "a column that is worked out by default",
        "l.gpkg",
        "places",
        SHOWN,
        lambda *_: gpkg(["CREATE TABLE more (a TEXT DEFAULT (hex(randomblob(100000000))))"]),
    ),
    "gpkg-name": (
        "a layer whose name is a statement",
        "l.gpkg",
        "places",
        TOLD,
        lambda *_: gpkg(["""UPDATE gpkg_contents SET table_name = 'layer"; ATTACH ''x.db'' AS x; --'"""]),
    ),
    "gpkg-column": (
        "a column of shapes whose name is a statement",
        "l.gpkg",
        "places",
        TOLD,
        lambda *_: gpkg(["""UPDATE gpkg_geometry_columns SET column_name = 'geom" FROM sqlite_master; --'"""]),
    ),
    "gpkg-rtree": (
        "a search tree in a GeoPackage",
        "l.gpkg",
        "places",
        TOLD,
        lambda *_: gpkg(["ALTER TABLE layer RENAME TO held", "CREATE VIRTUAL TABLE layer USING rtree(id, a, b)"]),
    ),
    "gpkg-text": (
        "a full text search in a GeoPackage",
        "l.gpkg",
        "places",
        TOLD,
        lambda *_: gpkg(
            ["ALTER TABLE layer RENAME TO held", "CREATE VIRTUAL TABLE layer USING fts4(id, service, geom)"]
        ),
    ),
    "gpkg-system": (
        "a GeoPackage whose coordinate system is a path",
        "l.gpkg",
        "places",
        TOLD,
        lambda *_: gpkg(
            [
                "UPDATE gpkg_spatial_ref_sys SET organization = '/etc/passwd', definition = '/etc/passwd' "
                "WHERE srs_id = 31370"
            ]
        ),
    ),
    "gpkg-twin": ("a layer that is declared and not there", "l.gpkg", "places", SHOWN, lambda *_: _twin_layers()),
    "gpkg-curve": ("a GeoPackage with a shape of curves", "z.gpkg", "zones", TOLD, lambda *_: _curve()),
    "csv-bidi": (
        "names that are written backwards",
        "l.csv",
        "places",
        SHOWN,
        lambda *_: "id,service,name,lat,lon\na,bureau,\u202egnp.exe\u200b,51.09,4.36\n".encode(),
    ),
    "fgb": ("a FlatGeobuf called GeoJSON", "l.geojson", "places", TOLD, lambda *_: b"fgb\x03fgb\x00" + b"\xff" * 200),
    "parquet": ("a Parquet file called CSV", "l.csv", "places", TOLD, lambda *_: b"PAR1" + b"\xff" * 200 + b"PAR1"),
    "kml": (
        "KML with a link, called GeoJSON",
        "l.geojson",
        "places",
        TOLD,
        lambda _, a: f"<kml><NetworkLink><Link><href>{a}</href></Link></NetworkLink></kml>".encode(),
    ),
}


def _file(key: str) -> Attack:
    tried, name, kind, expected, make = _FILES[key]

    def attempt(target: AttackedServer) -> Seen:
        secret, listener = _trap(target.folder)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        seen = upload(target, make(str(secret), address), name, kind)
        return Seen("the listener was called") if _called(target.folder) else seen

    return Attack(f"second-file-{key}", "upload", f"{tried}, as {kind}", expected, attempt)


# What a page sends.

_VIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "prototype": ("a choice called __proto__", {"__proto__": {"polluted": "1"}}),
    "constructor": ("a choice called constructor", {"constructor": "x"}),
    "within-nan": ("a reach of NaN", {"within": "NaN"}),
    "within-infinite": ("a reach of 1e400", {"within": "1e400"}),
    "within-arabic": ("a reach in Arabic digits", {"within": "١٢٠٠"}),
    "within-true": ("a reach that is true", {"within": True}),
    "within-underscore": ("a reach with an underscore", {"within": "1_200"}),
    "year-64": ("a year of 2 to the 63rd", {"year": str(2**63)}),
    "share": ("a share of 1e-400 below nothing", {"min_share": "-0.0000001"}),
    "areas-many": ("4,000 areas", {"areas": ",".join(["municipality:11002"] * 4_000)}),
    "areas-null": ("an area with NUL in it", {"areas": "municipality:11002\x00"}),
    "zone-half": ("a zone that is half a character", {"zone": "\ud800"}),
    "lang-list": ("a list of languages", {"lang": ["nl", "en"]}),
}


def _view(key: str) -> Attack:
    tried, more = _VIEWS[key]

    def attempt(target: AttackedServer) -> Seen:
        seen = target.callback("view.data", choices={**State().__dict__, **more}).seen()
        return Seen("200 or a sentence", seen.words) if seen.outcome in ("200", REFUSED) else seen

    return Attack(f"second-view-{key}", "callback", tried, "200 or a sentence", attempt)


# Requests.

_ASKED: dict[str, tuple[str, str, dict[str, str], str]] = {
    "override": ("a method in a header", "/", {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "PUT"}, "200"),
    "rewritten": ("another address in a header", "/", {"X-Original-URL": "/_dash-debug", "X-Rewrite-URL": "/x"}, "200"),
    "ranges": (
        "a thousand ranges",
        "/assets/favicon.ico",
        {"Range": "bytes=" + ",".join(["0-0"] * 900)},
        "416, a sentence",
    ),
    "range-far": ("a range of 30 digits", "/assets/favicon.ico", {"Range": "bytes=0-" + "9" * 30}, "206"),
    "unless": ("a tag of any content", "/assets/favicon.ico", {"If-None-Match": "*, " * 500 + '"x"'}, "200"),
    "since": (
        "a day that there is not",
        "/assets/favicon.ico",
        {"If-Modified-Since": "Fri, 99 Foo 99999 99:99:99"},
        "200",
    ),
    "languages": (
        "two thousand languages",
        "/",
        {"Accept-Language": ",".join(f"x{i};q=0.{i}" for i in range(900))},
        "200",
    ),
    "language-weights": (
        "weights of a language that are none",
        "/",
        {"Accept-Language": "nl;q=1e999, fr;q=NaN, en;q=-1"},
        "200",
    ),
    "upgrade": (
        "an upgrade to a web socket",
        "/",
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"},
        REFUSED,
    ),
    "upgrade-h2c": (
        "an upgrade to HTTP/2",
        "/",
        {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AA"},
        "200",
    ),
    "referer": (
        "a referer that is a script",
        "/nergens",
        {"Referer": "http://localhost/?lang=%3Cscript%3E"},
        NOT_THERE,
    ),
    "dots": ("dots behind a semicolon", "/..;/app.py", {}, NOT_THERE),
    "encoded-twice": ("a way out, encoded twice", "/assets/%252e%252e/app.py", {}, NOT_THERE),
    "overlong": ("a way out in overlong UTF-8", "/assets/%c0%ae%c0%ae/app.py", {}, NOT_THERE),
    "source-map": ("a source map", "/assets/js/main.mjs.map", {}, NOT_THERE),
    "pyc": ("compiled code", "/assets/__pycache__/x.pyc", {}, NOT_THERE),
}


def _asked(key: str) -> Attack:
    tried, path, headers, expected = _ASKED[key]
    return Attack(f"second-http-{key}", "http", tried, expected, lambda target: target.get(path, headers).seen())


_SENT: dict[str, tuple[str, dict[str, str], str]] = {
    "port": ("a question from the same host on another port", {"Origin": "http://127.0.0.1:1"}, "403, a sentence"),
    "user": ("a question from the host as a user", {"Origin": "http://{host}@evil.example"}, "403, a sentence"),
    "path": ("an origin with a path", {"Origin": "http://{host}/x"}, "403, a sentence"),
    "two": ("two origins in one", {"Origin": "http://{host} http://evil.example"}, "403, a sentence"),
    "site-case": ("CROSS-SITE in capitals", {"Sec-Fetch-Site": "CROSS-SITE"}, "403, a sentence"),
}


def _sent(key: str) -> Attack:
    tried, headers, expected = _SENT[key]

    def attempt(target: AttackedServer) -> Seen:
        given = {name: value.format(host=target.host) for name, value in headers.items()}
        return target.post(CALLBACKS, {}, given).seen()

    return Attack(f"second-origin-{key}", "http", tried, expected, attempt)


_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
_POST = b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
_WRITTEN: dict[str, tuple[str, bytes, str]] = {
    "underscore": (
        "Transfer_Encoding with an underscore",
        _POST + b"Transfer_Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
    ),
    "length-underscore": (
        "Content_Length beside Content-Length",
        _POST + b"Content_Length: 9\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
    ),
    "host-underscore": (
        "HTTP_HOST as a header",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHTTP_HOST: evil\r\n\r\n",
        "200",
    ),
    "identity": (
        "Transfer-Encoding identity",
        _POST + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
    ),
    "length-tab": ("Content-Length behind a tab", _POST + b"Content-Length:\t2\r\n\r\n{}", REFUSED),
    "bare-lf": ("lines that end in LF alone", b"GET / HTTP/1.1\nHost: localhost\n\n", "408, a sentence"),
    "version": ("HTTP/1.1 with a third digit", b"GET / HTTP/1.10\r\nHost: localhost\r\n\r\n", REFUSED),
    "connect": (
        "CONNECT to another server",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "405, a sentence",
    ),
    "no-name": ("a header whose name is a space", _GET + b" : x\r\n\r\n", REFUSED),
    "cookies": (
        "the cookie of another beside one's own",
        _GET + b"Cookie: nabij_visitor=" + b"A" * 43 + b"; nabij_visitor=" + b"B" * 43 + b"\r\n\r\n",
        "200",
    ),
}


def _written(key: str) -> Attack:
    tried, content, expected = _WRITTEN[key]
    return Attack(f"second-written-{key}", "front", tried, expected, lambda target: hasty(target).raw(content).seen())


# Publishers that turn hostile: what `nabij data refresh` fetches is read in the same room.

_DEEP = b"[" * 100_000 + b"]" * 100_000
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 10}">'.encode() for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + b"]><WFS_Capabilities>&i;</WFS_Capabilities>"
)
_PUBLISHED: dict[str, tuple[str, str, bytes, str]] = {
    # what is tried, source, answer, kind of content
    "deep": ("brackets 100,000 deep", "social_map", _DEEP, "application/json"),
    "digits": (
        "a number of 100,000 digits",
        "social_map",
        b'{"content": [' + b"9" * 100_000 + b"]}",
        "application/json",
    ),
    "nan": (
        "NaN for the number of pages",
        "social_map",
        b'{"page": {"totalPages": NaN}, "content": {}}',
        "application/json",
    ),
    "values": ("three million values", "social_map", b"[" + b"0," * 3_000_000 + b"0]", "application/json"),
    "bomb": ("a bomb of entities as a description", "borders", _BOMB, "application/xml"),
    "tags": ("elements 50,000 deep", "borders", b"<a>" * 50_000 + b"</a>" * 50_000, "application/xml"),
    "comment": ("a page of comments that do not end", "births", b"<html>" + b"<!--" * 30_000, "text/html"),
    "declaration": ("a page of declarations that do not end", "births", b"<html>" + b"<![" * 30_000, "text/html"),
    "file-link": (
        "a page that links a file of this machine",
        "births",
        b'<html><a href="file:///etc/pop1992-mov.xlsx">x</a></html>',
        "text/html",
    ),
    "redirect": ("a redirect to a file of this machine", "births", b"REDIRECT file:///etc/passwd", ""),
    "circle": ("a redirect to itself", "births", b"REDIRECT /births-circle", ""),
}


class _Publisher(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        key = self.path.partition("?")[0].rpartition("/")[2]
        key = "circle" if key == "births-circle" else key
        _, _, body, kind = _PUBLISHED[key]
        if body.startswith(b"REDIRECT "):
            self.send_response(302)
            self.send_header("Location", body.removeprefix(b"REDIRECT ").decode())
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_AS_FILE = "social_map"
"""A source that asks more than one address, unless it is given a file."""


_BESIDE = ("--source", "poi=x.json")
"""The register is made of two sources; the other one asks nobody either."""


def _where(source: str, base: str, key: str) -> str:
    return f"{key}.json" if source == _AS_FILE else f"{base}/{key}"


def _given(target: AttackedServer) -> Given:
    """Every refresh, from a publisher that is there for as long as the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Publisher)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    target.at_end.callback(server.server_close)
    target.at_end.callback(server.shutdown)
    base = f"http://127.0.0.1:{server.server_address[1]}"
    files = {f"{key}.json": body for key, (_, source, body, _) in _PUBLISHED.items() if source == _AS_FILE}
    lines = {
        key: ["data", "refresh", source, "--source", f"{source}={_where(source, base, key)}", *_BESIDE]
        for key, (_, source, _, _) in _PUBLISHED.items()
    }
    return Given(lines, {**files, "x.json": b"{}"})


_BATCH = Batch("publishers", _given)


def _published(key: str) -> Attack:
    def attempt(target: AttackedServer) -> Seen:
        seen = _BATCH.seen(target, key)
        words = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", seen.words).replace(str(target.folder), ".")
        return Seen(seen.outcome if key in words else "something else was told", words)

    return Attack(f"second-published-{key}", "command", f"a publisher gives {_PUBLISHED[key][0]}", COMMAND, attempt)


def _rows() -> Iterator[Attack]:
    for key in _FILES:
        yield _file(key)
    for key in _VIEWS:
        yield _view(key)
    for key in _ASKED:
        yield _asked(key)
    for key in _SENT:
        yield _sent(key)
    for key in _WRITTEN:
        yield _written(key)
    for key in _PUBLISHED:
        yield _published(key)


ROWS = tuple(_rows())
