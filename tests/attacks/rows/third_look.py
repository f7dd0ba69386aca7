"""A third look: map files and archives of every kind, names that are markup in all that shows them, logs, and races."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import json
import re
import struct
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import shapely

from pages.shell.state import State
from tests.attacks.attack import Attack, Seen
from tests.attacks.commands import Batch, Given
from tests.attacks.rows.browser import MARKUP, _hit, _page
from tests.attacks.rows.formulas import taken_in
from tests.attacks.rows.front import hasty
from tests.attacks.rows.load import small
from tests.attacks.rows.reading import SHOWN, TOLD, _called, _trap, upload
from tests.attacks.target import AttackedServer
from tests.attacks.visitors import BOOM, AttackVisitor, part
from tests.hostile_files import GENT, packed, reworked

Made = Callable[[str, str], bytes]

# Map files and archives. Each is made with the path of a file that may not be read and an address not to be called.

_HEAD = '<?xml version="1.0"?>'
_NS = 'xmlns="http://www.opengis.net/kml/2.2"'
_RING = "4.0,51.0 4.1,51.0 4.1,51.1 4.0,51.0"


def _kml(inner: str = "", head: str = _HEAD, ring: str = _RING, name: str = "z") -> bytes:
    place = (
        f"<Placemark><name>{name}</name>{inner}<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    return f"{head}<kml {_NS}><Document>{place}</Document></kml>".encode()


def _network_link(_: str, address: str) -> bytes:
    link = f"<NetworkLink><Link><href>{address}/x.kml</href></Link></NetworkLink>"
    icon = f"<Style><IconStyle><Icon><href>{address}/x.png</href></Icon></IconStyle></Style>"
    return _kml(inner=link + icon)


def _entity_in(declared: str) -> Made:
    def make(secret: str, address: str) -> bytes:
        told = declared.format(secret=secret, address=address)
        return _kml(head=f"{_HEAD}<!DOCTYPE kml [{told}]>", name="&e;")

    return make


def _laughs() -> str:
    steps = zip("abcdefgh", "bcdefghi", strict=True)
    more = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in steps)
    return f'<!ENTITY a "aaaaaaaaaa">{more}<!ENTITY e "&i;">'


def _nested(count: int) -> bytes:
    return f"{_HEAD}<kml {_NS}>{'<Placemark>' * count}{'</Placemark>' * count}</kml>".encode()


@cache
def _shapefile() -> Mapping[str, bytes]:
    """Parts of a good shapefile."""
    frame = gpd.GeoDataFrame({"zone": ["z"]}, geometry=[shapely.box(*GENT, GENT[0] + 3e3, GENT[1] + 3e3)], crs=31370)
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "layer.shp")
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _shape_with(**parts: bytes) -> Made:
    return lambda *_: packed({**_shapefile(), **{f"layer.{name}": content for name, content in parts.items()}})


def _changed(name: str, at: int, form: str, value: int) -> Made:
    def make(*_: str) -> bytes:
        content = bytearray(_shapefile()[f"layer.{name}"])
        struct.pack_into(form, content, at, value)
        return packed({**_shapefile(), f"layer.{name}": bytes(content)})

    return make


@cache
def _flat() -> bytes:
    frame = gpd.GeoDataFrame(
        {"zone": [f"z{i}" for i in range(40)]},
        geometry=[shapely.box(x := GENT[0] + 4e3 * i, GENT[1], x + 3e3, GENT[1] + 3e3) for i in range(40)],
        crs=31370,
    )
    held = io.BytesIO()
    frame.to_file(held, driver="FlatGeobuf", engine="pyogrio")
    return held.getvalue()


def _flat_changed(change: Callable[[bytearray, int], None]) -> Made:
    """A FlatGeobuf altered from behind its header on: there the index begins."""

    def make(*_: str) -> bytes:
        content = bytearray(_flat())
        change(content, 12 + struct.unpack_from("<I", content, 8)[0])
        return bytes(content)

    return make


def _filled(size: int, value: bytes) -> Callable[[bytearray, int], None]:
    def change(content: bytearray, at: int) -> None:
        content[at : at + size] = value * size

    return change


def _tar(*_: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("../../x.csv")
        archive.addfile(info, io.BytesIO())
    return out.getvalue()


def _linked_book(_: str, address: str) -> bytes:
    """A workbook with a data connection, a DDE link, a macro and a formula that calls an address."""
    more = {
        "xl/connections.xml": f'<connections><connection id="1" type="5"><dbPr connection="{address}"/></connection>'
        "</connections>",
        "xl/externalLinks/externalLink1.xml": '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/>'
        "</externalLink>",
        "xl/vbaProject.bin": "macro",
    }
    formula = f'<f>WEBSERVICE("{address}/x")</f><v>51.09</v>'.encode()
    return reworked(
        "sheet1.xml",
        lambda sheet: sheet.replace(b"<v>51.09</v>", formula),
        {name: content.encode() for name, content in more.items()},
    )


_LIST = b"id,service,name,lat,lon\na,bureau,A,51.09,4.36\n"
_DEEP_PRJ = b"PROJCS[" * 50_000 + b"]" * 50_000
_FILES: dict[str, tuple[str, str, str, str, Made]] = {
    # what is tried, name, kind, expected, content
    "kml-link": ("KML with a network link and an icon at an address", "z.kml", "zones", SHOWN, _network_link),
    "kml-entity": (
        "KML with a server file as an entity",
        "z.kml",
        "zones",
        TOLD,
        _entity_in('<!ENTITY e SYSTEM "file://{secret}">'),
    ),
    "kml-dtd": (
        "KML with a DTD at an address",
        "z.kml",
        "zones",
        TOLD,
        _entity_in('<!ENTITY % d SYSTEM "{address}/x.dtd">%d;<!ENTITY e "x">'),
    ),
    "kml-laughs": ("KML with entities within entities", "z.kml", "zones", TOLD, _entity_in(_laughs())),
    "kml-nested": ("20,000 places of KML in one another", "z.kml", "zones", SHOWN, lambda *_: _nested(20_000)),
    "kml-endless": (
        "corners of KML at 1e999 and nan",
        "z.kml",
        "zones",
        TOLD,
        lambda *_: _kml(ring="1e999,51 nan,51.1 4.1,51.1 1e999,51"),
    ),
    "kml-markup": (
        "KML with markup as a name",
        "z.kml",
        "zones",
        SHOWN,
        lambda *_: _kml(name="&lt;img src=x onerror=alert(1)&gt;"),
    ),
    "kmz-bomb": (
        "KMZ that unpacks to 20 MB",
        "z.kmz",
        "zones",
        TOLD,
        lambda *_: packed({"d.kml": b" " * 20_000_000}),
    ),
    "kmz-climbing": ("KMZ with a path out of it", "z.kmz", "zones", TOLD, lambda *_: packed({"../../d.kml": _kml()})),
    "kmz-kmz": (
        "KMZ in KMZ in KMZ",
        "z.kmz",
        "zones",
        TOLD,
        lambda *_: packed({"d.kml": packed({"d.kml": packed({"d.kml": _kml()})})}),
    ),
    "shp-right": ("a good shapefile", "z.zip", "zones", SHOWN, _shape_with()),
    "shp-length": ("a shape that says to be 4 GB", "z.zip", "zones", SHOWN, _changed("shp", 104, ">I", 0x7FFFFFFF)),
    "shp-parts": (
        "a shape with 2 billion parts",
        "z.zip",
        "zones",
        SHOWN,
        _changed("shp", 144, "<I", 2**31),
    ),
    "shp-index": ("an index that points outside the file", "z.zip", "zones", SHOWN, _changed("shx", 100, ">I", 2**30)),
    "shp-rows": (
        "a table with 4 billion rows",
        "z.zip",
        "zones",
        SHOWN,
        _changed("dbf", 4, "<I", 2**32 - 1),
    ),
    "shp-wide": ("a table with rows of 65,535 bytes", "z.zip", "zones", TOLD, _changed("dbf", 10, "<H", 65_535)),
    "shp-prj": ("a coordinate system 50,000 deep", "z.zip", "zones", TOLD, _shape_with(prj=_DEEP_PRJ)),
    "shp-prj-file": (
        "a server file as a coordinate system",
        "z.zip",
        "zones",
        TOLD,
        lambda secret, _: packed({**_shapefile(), "layer.prj": f"+init={secret}:1".encode()}),
    ),
    "shp-prj-link": (
        "an address as a coordinate system",
        "z.zip",
        "zones",
        TOLD,
        lambda _, address: packed({**_shapefile(), "layer.prj": f"{address}/crs".encode()}),
    ),
    "shp-cpg": ("a path as a code page", "z.zip", "zones", SHOWN, _shape_with(cpg=b"../../../etc/passwd")),
    "shp-vrt": (
        "a virtual layer called layer.shp",
        "z.zip",
        "zones",
        TOLD,
        lambda secret, _: packed(
            {
                "layer.shp": f"<OGRVRTDataSource><OGRVRTLayer name='l'><SrcDataSource>{secret}</SrcDataSource>"
                "</OGRVRTLayer></OGRVRTDataSource>".encode()
            }
        ),
    ),
    "shp-bomb": (
        "a shapefile with a table that unpacks to 30 MB",
        "z.zip",
        "zones",
        TOLD,
        lambda *_: packed({**_shapefile(), "layer.dbf": b"\0" * 30_000_000}),
    ),
    "shp-two": (
        "two shapefiles in one archive",
        "z.zip",
        "zones",
        TOLD,
        lambda *_: packed({**_shapefile(), **{f"b/{name}": content for name, content in _shapefile().items()}}),
    ),
    "fgb-right": ("a good FlatGeobuf", "z.fgb", "zones", SHOWN, lambda *_: _flat()),
    "fgb-index": (
        "FlatGeobuf with an index of ones",
        "z.fgb",
        "zones",
        SHOWN,
        _flat_changed(_filled(1_600, b"\xff")),
    ),
    "fgb-features": (
        "a FlatGeobuf of which all behind the header is ones",
        "z.fgb",
        "zones",
        TOLD,
        _flat_changed(lambda content, at: _filled(len(content) - at, b"\xff")(content, at)),
    ),
    "fgb-header": (
        "a FlatGeobuf whose header says to be 2 GB",
        "z.fgb",
        "zones",
        TOLD,
        lambda *_: _flat()[:8] + struct.pack("<I", 2**31 - 1) + _flat()[12:],
    ),
    "fgb-cut": ("half a FlatGeobuf", "z.fgb", "zones", TOLD, lambda *_: _flat()[: len(_flat()) // 2]),
    "gzip": ("a gzip of 1 GB called CSV", "l.csv", "places", TOLD, lambda *_: gzip.compress(b"\0" * 10_000_000) * 100),
    "bzip2": ("a bzip2 called CSV", "l.csv", "places", TOLD, lambda *_: bz2.compress(_LIST)),
    "seven": ("a 7z called CSV", "l.csv", "places", TOLD, lambda *_: b"7z\xbc\xaf\x27\x1c" + b"\0" * 500),
    "tar": ("a packed tar called XLSX", "l.xlsx", "places", TOLD, _tar),
    "ods": (
        "a sheet of OpenDocument called XLSX",
        "l.xlsx",
        "places",
        TOLD,
        lambda *_: packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}),
    ),
    "ole": ("an old workbook", "l.xls", "places", TOLD, lambda *_: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4_000),
    "book-links": ("a workbook with connections, DDE, a macro and WEBSERVICE", "l.xlsx", "places", SHOWN, _linked_book),
    "csv-sep": ("a first line that says which sign separates", "l.csv", "places", SHOWN, lambda *_: b"sep==\n" + _LIST),
    "csv-utf7": ("a list in UTF-7", "l.csv", "places", SHOWN, lambda *_: "id,sërvice\n".encode("utf-7") + b"+AD0-1\n"),
    "csv-utf32": ("a list in UTF-32", "l.csv", "places", SHOWN, lambda *_: _LIST.decode().encode("utf-32")),
    "csv-escapes": (
        "a list with signs that steer a terminal",
        "l.csv",
        "places",
        SHOWN,
        lambda *_: b"id,service,name,lat,lon\na,bureau,\x1b[2J\x1b]0;x\x07,51.09,4.36\n",
    ),
}


def _file(key: str) -> Attack:
    tried, name, kind, expected, make = _FILES[key]

    def attempt(target: AttackedServer) -> Seen:
        secret, listener = _trap(target.folder)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        seen = upload(target, make(str(secret), address), name, kind)
        return Seen("the listener was called") if _called(target.folder) else seen

    return Attack(f"third-file-{key}", "upload", f"{tried}, as {kind}", expected, attempt)


# Names that are formulas or markup, in all that shows or writes them.

_FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", ";=1", "=cmd|' /C calc'!A0")
_WIDTHS = re.compile(r"[=+\-@＝＋－＠]")


def _is_formula(cell: str) -> bool:
    """Whether a spreadsheet would calculate with a cell."""
    shown = cell.strip()
    if not _WIDTHS.match(shown):
        return False
    try:
        float(shown)
    except ValueError:
        return True
    return False


def _formulas_in(content: str) -> list[str]:
    """Cells of a CSV that begin like a formula, whatever separates them."""
    found = []
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(content), delimiter=separator):
            found += [cell for cell in row if _is_formula(cell)]
    return found


def _planner(target: AttackedServer) -> AttackVisitor:
    return AttackVisitor(target, "F" * 43)


@cache
def _evil_plan(port: int) -> dict[str, str]:
    return {}


def _plan_of(target: AttackedServer, name: str, note: str) -> str:
    """A saved plan with a place, both with names of one's choice."""
    held = _evil_plan(target.port)
    if name not in held:
        who = _planner(target)
        start = who.plan("?areas=care_region:boom&model=crow")["id"]
        edit = {"edit": "add", "id": f"n{len(held)}", "service": "bureau", "name": name, "note": note}
        place = {**edit, "x": 149_000.0, "y": 199_000.0, "hours_per_year": 100, "capacity": None}
        made = who.done(start, do="incoming", edits=[place])["id"]
        held[name] = who.done(made, do="keep", name=name, note=note)["id"]
    return held[name]


def _plan_tables(target: AttackedServer) -> Seen:
    """Every table of a plan and the table of the map, with formulas as names."""
    name = _FORMULAS[-1]
    plan = _plan_of(target, name, ";".join(_FORMULAS))
    who, found, files = _planner(target), [], 0
    choices = {**BOOM, "plan": plan, "model": "crow"}
    for what in ("zones", "facilities", "changes", "moves"):
        button = {"type": "plan-table", "what": what, "form": "csv"}
        content = _plan_file(target, who, button, choices)
        files += content is not None
        found += _formulas_in(content or "")
    answer = target.callback("file.data", who.sent, wanted={"form": "csv", "ids": None}, choices=choices)
    found += _formulas_in(base64.b64decode(answer.json["response"]["file"]["data"]["content"]).decode())
    return Seen("no formula" if files and not found else f"{files} files, {found[:3]}")


def _plan_file(
    target: AttackedServer, who: AttackVisitor, button: dict[str, str], choices: dict[str, str]
) -> str | None:
    output = next(name for name in target.dependencies if name.startswith("plan-file.data"))
    one = target.dependencies[output]

    def part_of(declared: dict[str, Any]) -> Any:
        if declared["id"].startswith("{"):
            return [{"id": button, "property": "n_clicks", "value": 1}]
        value = choices if declared["id"] == "choices" else None
        return {"id": declared["id"], "property": declared["property"], "value": value}

    changed = json.dumps(button, sort_keys=True, separators=(",", ":"))
    body = {
        "output": output,
        "outputs": {"id": "plan-file", "property": "data"},
        "inputs": [part_of(declared) for declared in one["inputs"]],
        "state": [part_of(declared) for declared in one["state"]],
        "changedPropIds": [f"{changed}.n_clicks"],
    }
    answer = target.post("/_dash-update-component", body, who.sent)
    if answer.status != 200:
        return None
    return base64.b64decode(answer.json["response"]["plan-file"]["data"]["content"]).decode()


_EVIL_ROWS = "".join(
    f'"{lead}{n}",bureau,"{lead}plaats",{51.05 + n / 100:.2f},4.37,100,"{lead}o"\n' for n, lead in enumerate(_FORMULAS)
)
_EVIL_LIST = f"id,service,name,lat,lon,hours_per_year,organiser\n{_EVIL_ROWS}".encode()
_USES: dict[str, tuple[str, ...]] = {
    "isochrone": (
        *("isochrone", "--service", "bureau", "--facilities", "l.csv", "--model", "crow", "--out", "ground.csv"),
        *("--format", "csv"),
    ),
    "coverage": (
        *("coverage", "--service", "bureau", "--facilities", "l.csv", "--model", "crow", "--level", "municipality"),
        *("--by", "deprivation", "--complete-for", "province:antwerpen", "--in", "care_region:boom"),
        *("--out", "coverage.csv"),
    ),
    "check": ("data", "check", "l.csv"),
}


_TABLES = Batch("formulas", lambda _: Given(_USES, {"l.csv": _EVIL_LIST}))


def _written(target: AttackedServer) -> Seen:
    """Every table that names places of a list, with formulas as names."""
    seen = {name: _TABLES.seen(target, name) for name in _USES}
    files = sorted(path for path in _TABLES.folder(target).glob("*.csv") if path.name != "l.csv")
    found = [cell for path in files for cell in _formulas_in(path.read_text(encoding="utf-8"))]
    ended = ", ".join(f"{name} {one.outcome}" for name, one in seen.items() if one.outcome != "exit 0")
    return Seen("no formula" if len(files) >= 2 and not found else f"{len(files)} files, {found[:3]}, {ended}", ended)


def _markup_of_plan(target: AttackedServer) -> Seen:
    """A plan and a place whose names are markup: on the map, on cards, in the list of plans, in what is printed."""
    plan = _plan_of(target, MARKUP, MARKUP)
    with _page(target) as page:
        url = f"http://{target.host}"
        page.context.add_cookies([{"name": "nabij_visitor", "value": "F" * 43, "url": url}])
        page.goto(f"{url}/plannen?{urlencode({**BOOM, 'plan': plan, 'model': 'crow'})}")
        page.locator(".plan-new").first.wait_for(state="attached")
        page.locator(".plan-new").first.dispatch_event("mouseover")
        page.locator(".plan-new").first.dispatch_event("click")
        page.emulate_media(media="print")
        shown = page.locator("body").inner_text()
        ran = _hit(page)
        page.context.clear_cookies()
    return Seen("a script ran" if ran else "words stay words" if "onerror" in shown else "not shown")


def _markup_of_zones(target: AttackedServer) -> Seen:
    """Zones and places whose names are markup, on the map of the explorer, its tips, its table and a sheet."""
    choices = taken_in(target, (MARKUP,))
    with _page(target) as page:
        query = {
            name: value for name, value in choices.items() if value and name in ("level", "zones", "vintage", "lang")
        }
        page.goto(f"http://{target.host}/?{urlencode({**query, 'model': 'crow'})}")
        page.get_by_text("onerror").first.wait_for()
        page.get_by_text("onerror").first.hover()
        page.get_by_text("onerror").first.click()
        page.wait_for_load_state("networkidle")
        page.emulate_media(media="print")
        ran = _hit(page)
    return Seen("a script ran" if ran else "words stay words")


_MAP = Batch(
    "map",
    lambda _: Given(
        {"map": ("map", "--service", "bureau", "--facilities", "l.csv", "--model", "crow", "--out", "map.html")},
        {"l.csv": f'id,service,name,lat,lon\na,bureau,"{MARKUP}</script>",51.09,4.37\n'.encode()},
    ),
)


def _map_of_markup(target: AttackedServer) -> Seen:
    """The map as a file, of a list and zones whose names are markup: nothing of them stands outside of text."""
    seen, made = _MAP.seen(target, "map"), _MAP.folder(target) / "map.html"
    page = made.read_text(encoding="utf-8") if made.exists() else ""
    if "onerror" not in page:
        return Seen("not there", seen.words)
    return Seen("markup" if "<img src=x" in page or "<script>window.hit" in page else "words stay words")


# Requests.


def _log(target: AttackedServer) -> str:
    return (target.folder / "server.log").read_text(encoding="utf-8", errors="replace")


def _logged(target: AttackedServer) -> Seen:
    """Lines and signs of a terminal that a visitor sends do not come into the log."""
    forged = "2026-01-01 CRITICAL gehackt"
    target.get(f"/x%0a{forged.replace(' ', '%20')}")
    target.get("/", {"User-Agent": f"\x1b[2J{forged}", "Referer": f"http://localhost/{forged}"})
    target.post("/_dash-update-component", {"output": f"\n{forged}\x1b]0;x\x07"})
    upload(target, f"id,service\n\x1b[2J\n{forged},\x07".encode(), f"{forged}.csv", "places")
    upload(target, b"SQLite format 3\x00" + f"\n{forged}\x1b".encode() * 400, "l.gpkg", "places")
    said = _log(target)
    return Seen("forged" if f"\n{forged}" in said or "\x1b" in said or "\x07" in said else "nothing forged")


def _secrets(target: AttackedServer) -> Seen:
    """The secret of a browser and the key of a link do not come into the log, whatever fails."""
    key, cookie = "e-" + "K" * 43, "S" * 43
    sent = {"Cookie": f"nabij_visitor={cookie}"}
    target.get(f"/plannen?key={key}", sent)
    target.get(f"/plan/{'0' * 16}/abc/distance-bureau-walk-crow.png?key={key}", sent)
    target.callback("view.data", sent, choices={**BOOM, "plan": "abc", "key": key})
    target.post("/_dash-update-component", b'{"output": "%s"' % cookie.encode(), sent)
    said = _log(target)
    return Seen("in the log" if key in said or cookie in said else "not in the log")


def _hosts(target: AttackedServer) -> Seen:
    """Names in headers that a proxy might set: no answer holds them, so that none can be kept for others."""
    named = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil.example",
        "X-Forwarded-Port": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Host": "evil.example",
        "X-Original-Host": "evil.example",
    }
    answers = [
        target.get(path, named) for path in ("/", "/plannen", "/gegevens/", "/nergens", "/assets", "/_dash-layout")
    ]
    told = [one for one in answers if "evil.example" in one.text or "evil.example" in str(dict(one.headers))]
    return Seen("told" if told else "not told")


def _many_drafts(_: AttackedServer) -> Seen:
    """Large drafts without end, on a server that may keep 3 MB of plans: the small plan that somebody saved stays."""
    server = small()
    mine = AttackVisitor(server, "M" * 43)
    start = mine.plan("?areas=care_region:boom&model=crow")["id"]
    kept = mine.done(start, do="keep", name="Klein plan", note="")["id"]
    texts = {"name": "x" * 1_900, "note": "y" * 1_900, "hours_per_year": None, "capacity": None}
    edit = {"edit": "add", "service": "bureau", **texts, "x": 149_000.0, "y": 199_000.0}
    for n in range(5):
        edits = [{**edit, "id": f"{n}-{number}"} for number in range(200)]
        other = AttackVisitor(server, chr(97 + n) * 43)
        begun = other.plan("?areas=care_region:boom&model=crow")["id"]
        answer = other.do(begun, do="incoming", edits=edits)
        if answer.status >= 500:
            return Seen("an error", answer.text[:200])
    there = mine.file(f"/plan/{kept}.json").status
    size = (server.folder / "plans.sqlite").stat().st_size
    bounded = "bounded" if 1_000_000 < size < 5_000_000 else "not bounded"
    return Seen(f"the saved plan {there}, {bounded}", f"{size / 1e6:.1f} MB")


def _race(target: AttackedServer) -> Seen:
    """Twenty times the same edit at once by the owner and by the reader of a link: one plan, and no fault."""
    who = AttackVisitor(target, "R" * 43)
    start = who.plan("?areas=care_region:boom&model=crow")["id"]
    saved = who.done(start, do="keep", name="Wedloop", note="")["id"]
    shared = who.done(saved, do="share")
    links = who.links(saved, shared["key"]).json
    read = part(links, "share-read")["value"].partition("key=")[2]
    other = AttackVisitor(target, "r" * 43)

    def edit(n: int) -> int:
        if n % 2:
            return other.do(saved, read, saved, do="keep", name=f"Van een lezer {n}", note="").status
        return who.do(saved, shared["key"], saved, do="keep", name="Wedloop", note=f"{n % 4}").status

    with ThreadPoolExecutor(6) as pool:
        statuses = set(pool.map(edit, range(20)))
    told = json.dumps(who.listed().json, ensure_ascii=False)
    return Seen(f"{sorted(statuses)}, {'the reader wrote' if 'Van een lezer' in told else 'as it was'}")


def _guessed(target: AttackedServer) -> Seen:
    """Five hundred ids of plans, one after another, beside a good one."""
    who, other = AttackVisitor(hasty(target), "G" * 43), target
    found = {other.get(f"/plan/{n:020x}.json").status for n in range(200)}
    greedy = {who.file(f"/plan/{n:020x}.json").status for n in range(60)}
    return Seen(f"{sorted(found)}, a greedy one {sorted(greedy)}")


def _same_ids(form: str) -> Callable[[AttackedServer], Seen]:
    """A download of the same zone ten thousand times, each time with its borders."""

    def attempt(target: AttackedServer) -> Seen:
        wanted = {"form": form, "ids": ["11002"] * 10_000}
        return target.callback("file.data", wanted=wanted, choices={**State().__dict__, "model": "crow"}).seen()

    return attempt


def _title(target: AttackedServer) -> Seen:
    """The title of a page and its sentence, in each language, for what is not there."""
    wanted = {"nl": 'lang="nl"', "en": 'lang="en"', "fr": 'lang="fr"'}
    titles = {lang: target.get(f"/nergens?lang={lang}") for lang in wanted}
    told = [re.search(r"<title>([^<]*)</title>", one.text) for one in titles.values()]
    right = all(wanted[lang] in one.text and one.status == 404 for lang, one in titles.items())
    return Seen("each in its own" if right and len({one[1] for one in told if one}) == 3 else "not in its own")


_ROWS: tuple[tuple[str, str, str, str, Callable[[AttackedServer], Seen]], ...] = (
    (
        "formula-plan",
        "plan",
        "formulas as names of a plan and places, in all tables",
        "no formula",
        _plan_tables,
    ),
    ("formula-command", "command", "formulas as names of places, in all tables of the command", "no formula", _written),
    ("markup-plan", "browser", "markup as names of a plan and its places", "words stay words", _markup_of_plan),
    (
        "markup-zones",
        "browser",
        "markup as names of zones, on map and paper",
        "words stay words",
        _markup_of_zones,
    ),
    ("markup-map", "command", "markup as names, in the map as a file", "words stay words", _map_of_markup),
    ("log", "http", "lines and terminal signs for the log", "nothing forged", _logged),
    ("log-secrets", "http", "secrets of a browser and keys of links in the log", "not in the log", _secrets),
    ("hosts", "http", "another name in every header of a proxy", "not told", _hosts),
    ("drafts", "load", "large drafts of one new browser after another", "the saved plan 200, bounded", _many_drafts),
    ("race", "plan", "twenty saves at once by the owner and a reader", "[200], as it was", _race),
    ("guess", "plan", "ids of plans, tried one after another", "[404], a greedy one [404, 429]", _guessed),
    ("same-ids-csv", "callback", "a row ten thousand times, as CSV", "400, a sentence", _same_ids("csv")),
    ("same-ids-geojson", "callback", "a zone ten thousand times, as GeoJSON", "400, a sentence", _same_ids("geojson")),
    ("titles", "http", "a page that is not there, in three languages", "each in its own", _title),
)


def _rows() -> Iterator[Attack]:
    for key in _FILES:
        yield _file(key)
    for key, way, tried, expected, attempt in _ROWS:
        yield Attack(f"third-{key}", way, tried, expected, attempt)  # type: ignore[arg-type]


ROWS = tuple(_rows())
