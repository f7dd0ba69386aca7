"""A fourth look: documents and what is written in them, pages of an area and of a norm, newer files, and full rooms."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pages.municipality.sections import SECTIONS
from pages.shell.state import State
from tests.attacks.attack import Attack, Seen
from tests.attacks.commands import Batch, Given
from tests.attacks.rows.addresses import _filled
from tests.attacks.rows.load import small
from tests.attacks.rows.reading import SHOWN, TOLD, _trap, upload
from tests.attacks.target import AttackedServer
from tests.attacks.visitors import AttackVisitor
from tests.hostile_files import collection, packed, square, zone_of

REFUSED, NOT_THERE, COMMAND = "400, a sentence", "404, a sentence", "exit 1, a sentence"
Made = Callable[[str, str], bytes]

# Addresses and names of the server.

_SQUARES = (
    "0-0",
    "9" * 30 + "-1",
    "9" * 5_000 + "-1",
    "-1-2",
    "+1-2",
    "１-２",
    "1e3-2",
    "0x10-1",
    "1.0-2",
    "1-2-3",
    "-",
)
_HOSTS = {
    **dict.fromkeys(("[::1]:99999", "[0:0:0:0:0:0:0:1]:8050", "127.255.255.255:1"), "200"),
    **dict.fromkeys(("[::ffff:127.0.0.1]", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "127.0.0.256"), "421, a sentence"),
    **dict.fromkeys(
        ("[::1", "::1", "[::1%25lo]", "[::1]x", "[v1.x]", "[]", "127.0.0.1:80:80", "127.0.0.1:-1", "localhost:000080"),
        REFUSED,
    ),
}


def _square(name: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.get(_filled(f"geo/{{tag}}/streets-{name}.json")).seen()


def _host(name: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.get("/", {"Host": name}).seen()


# The pages of a norm and of an area.

_VIEW = {**State().__dict__, "model": "crow", "lang": "nl"}
_NORMS: dict[str, dict[str, Any]] = {
    "not a number": {"births": float("nan")},
    "beyond all": {"births": 1e308},
    "below the slider": {"births": 0},
    "truth": {"births": True},
    "text": {"births": "100"},
    "a record": {"births": {"$gt": 1}},
    "fifty rules": {"rules": ["keep"] * 50},
    "a rule of code": {"rules": ["__class__"]},
    "rules in rules": {"rules": [["keep"]]},
    "a weight of nothing": {"deprived": 0},
    "a weight in other digits": {"deprived": "１"},
    "a cost below nothing": {"cost": -1},
    "a cost beyond all": {"cost": 1e300},
}
_AREAS: dict[str, tuple[dict[str, Any], str]] = {
    "nowhere": ({"areas": "municipality:99999"}, "200"),
    "a list": ({"areas": ["municipality:11002"]}, REFUSED),
    "a list of another": ({"areas": "own:" + "x" * 24}, "200"),
    "a threshold in powers": ({"min_births": "1e5"}, REFUSED),
    "a preset of code": ({"preset": "__class__"}, REFUSED),
    "a path": ({"areas": "municipality:../../etc/passwd"}, "200"),
}


def _norm(given: dict[str, Any]) -> Callable[[AttackedServer], Seen]:
    asked = {"births": 100, "rules": ["keep"], "deprived": 1, "cost": "", **given}
    values = {**{f"norm-{name}.value": value for name, value in asked.items()}, "norm-state.data": _VIEW}
    return lambda target: target.told("norm-answer.children", values).seen()


def _area(section: str, given: dict[str, Any]) -> Callable[[AttackedServer], Seen]:
    state = {**_VIEW, "areas": "municipality:11002", "preset": None, "min_births": "", **given}
    return lambda target: target.told(f"case-{section}.children", {"case-state.data": state}).seen()


# Documents: what is written in a plan stands in them as words.

_TYPST = '#eval("1+1") #read("/etc/passwd") $x$ @ref <l>'
_WORDS = {
    "typst": _TYPST,
    "html": "</script><script>window.hit=1</script><img src=x onerror=hit>",
    "field": "{ INCLUDETEXT /etc/passwd } { DDEAUTO c x }",
    "bidi": "\N{RIGHT-TO-LEFT OVERRIDE}naalp\N{FIRST STRONG ISOLATE}",
    "signs": "plan 咨询 \N{FAMILY}\U0010ffff\ufffe",
    "long": "woord " * 60,
}
_DOCUMENTS = (("plan", "pdf"), ("plan", "docx"), ("profile", "xlsx"), ("dossier", "html"))
_RUNS = {
    "pdf": re.compile(rb"/JavaScript|/Launch|/URI|/EmbeddedFile"),
    "html": re.compile(rb"<script|<img src=x"),
    "docx": re.compile(rb"w:fldSimple|<w:instrText[^>]*>(?! *(?:PAGE|NUMPAGES)\b)|<script|TargetMode=\"External\""),
    "xlsx": re.compile(rb"<f>|<script|TargetMode=\"External\""),
}
"""What would be carried out in a document; the numbers of pages are fields of our own."""
_LISTED = "id,service,name,lat,lon\na,bureau,{},51.085,4.37\nb,bureau,a\x01b\x1b[2J\x0b,51.095,4.36\n"


def _written_plan(target: AttackedServer) -> tuple[AttackVisitor, str]:
    """A plan with a place for each of these words, and with them in its own name and remark; made once for a server."""
    who = AttackVisitor(target, "D" * 43)
    if target.port not in _WRITTEN:
        start = who.plan("?areas=municipality:11005&model=crow")["id"]
        more = {"edit": "add", "service": "bureau", "hours_per_year": 100, "capacity": None}
        edits = [
            {**more, "id": f"d-{key}", "name": words, "note": words, "x": 149_000.0 + 300 * n, "y": 199_000.0}
            for n, (key, words) in enumerate(_WORDS.items())
        ]
        plan = who.done(start, do="incoming", edits=edits)["id"]
        name = " ".join(words for key, words in _WORDS.items() if key != "long")
        _WRITTEN[target.port] = who.done(plan, do="keep", name=name, note=" ".join(_WORDS.values()))["id"]
    return who, _WRITTEN[target.port]


_WRITTEN: dict[int, str] = {}


def _documents(what: str, form: str) -> Callable[[AttackedServer], Seen]:
    """A document of a plan or of its area, with words of one's choice as names."""

    def attempt(target: AttackedServer) -> Seen:
        who, plan = _written_plan(target)
        choices = {**_VIEW, "areas": "municipality:11005", "zone": "11005", "level": "municipality", "plan": plan}
        content = _document(target, who, what, form, choices)
        if content is None:
            return Seen("not made")
        return Seen("runs" if _RUNS[form].search(_opened(content)) else "words stay words")

    return attempt


def _document(
    target: AttackedServer, who: AttackVisitor, what: str, form: str, choices: dict[str, Any]
) -> bytes | None:
    output = next(name for name in target.dependencies if name.startswith("document-file.data"))
    one = target.dependencies[output]
    button = {"type": "document", "what": what, "form": form}

    def part_of(declared: dict[str, Any]) -> Any:
        if declared["id"].startswith("{"):
            return [{"id": button, "property": "n_clicks", "value": 1}]
        value = choices if declared["id"] in ("choices", "opened") else None
        return {"id": declared["id"], "property": declared["property"], "value": value}

    body = {
        "output": output,
        "outputs": {"id": "document-file", "property": "data"},
        "inputs": [part_of(declared) for declared in one["inputs"]],
        "state": [part_of(declared) for declared in one["state"]],
        "changedPropIds": [f"{json.dumps(button, sort_keys=True, separators=(',', ':'))}.n_clicks"],
    }
    answer = target.post("/_dash-update-component", body, who.sent)
    held = answer.json["response"].get("document-file", {}).get("data") if answer.status == 200 else None
    return base64.b64decode(held["content"]) if held else None


def _opened(content: bytes) -> bytes:
    """All parts of a document one after another."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist())


# Files of the newer kinds.


def _topology(geometry: dict[str, Any], arcs: list[Any] | None = None, **more: Any) -> bytes:
    arcs = [[[4.0, 51.0], [4.1, 51.0], [4.1, 51.1], [4.0, 51.0]]] if arcs is None else arcs
    one = {"properties": {"zone": "z"}, **geometry}
    return json.dumps({"type": "Topology", "objects": {"zones": one}, "arcs": arcs, **more}).encode()


def _polygon(*numbers: int) -> dict[str, Any]:
    return {"type": "Polygon", "arcs": [list(numbers)]}


def _nested_topology() -> bytes:
    begin, end = b'{"type": "GeometryCollection", "geometries": [', b"]}"
    return b'{"type": "Topology", "arcs": [], "objects": {"a": ' + begin * 20_000 + end * 20_000 + b"}}"


def _gpx(inner: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<gpx version="1.1">{inner}</gpx>'.encode()


def _gpx_entity(form: str) -> Made:
    def make(secret: str, address: str) -> bytes:
        told = form.format(secret=secret, address=address)
        return _gpx('<wpt lat="51.09" lon="4.37"><name>&e;</name></wpt>', f"<!DOCTYPE gpx [{told}]>")

    return make


def _lines(*rows: Any) -> bytes:
    return b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)


_PLACE = {"id": "a", "service": "bureau", "lat": 51.09, "lon": 4.37}
_ZIPPED = collection(zone_of(square(4.3, 51.0, 0.1), "z"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _looped_book() -> bytes:
    """An old workbook whose table of sectors goes round for ever."""
    head = bytearray(_OLE + bytes(504))
    head[24:34] = b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00"
    head[44:48], head[48:52] = (1).to_bytes(4, "little"), (1).to_bytes(4, "little")
    head[76:80] = bytes(4)
    sector = b"".join((n + 1 if n < 127 else 1).to_bytes(4, "little") for n in range(128))
    return bytes(head) + sector + bytes(512) * 4


_FILES: dict[str, tuple[str, str, str, str, Made]] = {
    "topo-outside": (
        "arcs that are not there",
        "t.topojson",
        "zones",
        TOLD,
        lambda *_: _topology(_polygon(99_999_999, -99_999_999)),
    ),
    "topo-repeated": (
        "an arc 200,000 times",
        "t.topojson",
        "zones",
        TOLD,
        lambda *_: _topology(_polygon(*([0, -1] * 100_000))),
    ),
    "topo-text": (
        "arcs that are text",
        "t.topojson",
        "zones",
        TOLD,
        lambda *_: _topology({"type": "Polygon", "arcs": "abc"}),
    ),
    "topo-deep": ("collections 20,000 deep", "t.topojson", "zones", TOLD, lambda *_: _nested_topology()),
    "topo-scale": (
        "a scale beyond all numbers",
        "t.topojson",
        "zones",
        TOLD,
        lambda *_: _topology(_polygon(0), transform={"scale": [1e308, 1e308], "translate": [1e308, 0]}),
    ),
    "topo-digits": (
        "steps of 4,000 digits",
        "t.topojson",
        "zones",
        TOLD,
        lambda *_: _topology(_polygon(0), arcs=[[[10**4_000, 1], [1, 1]]], transform={"scale": [1, 1]}),
    ),
    "topo-itself": (
        "objects that are no record",
        "t.topojson",
        "zones",
        TOLD,
        lambda *_: b'{"type": "Topology", "objects": [1, 2], "arcs": []}',
    ),
    "gpx-file": (
        "an entity that is a file of the server",
        "w.gpx",
        "places",
        TOLD,
        _gpx_entity('<!ENTITY e SYSTEM "file://{secret}">'),
    ),
    "gpx-http": (
        "an entity that is an address",
        "w.gpx",
        "places",
        TOLD,
        _gpx_entity('<!ENTITY % p SYSTEM "{address}/x.dtd"> %p;'),
    ),
    "gpx-inside": ("an entity of its own", "w.gpx", "places", TOLD, _gpx_entity('<!ENTITY e "bureau">')),
    "gpx-deep": (
        "extensions 100,000 deep",
        "w.gpx",
        "places",
        TOLD,
        lambda *_: _gpx("<wpt>" * 100_000 + "</wpt>" * 100_000),
    ),
    "gpx-nowhere": (
        "a waypoint beyond all numbers",
        "w.gpx",
        "places",
        SHOWN,
        lambda *_: _gpx('<wpt lat="1e999" lon="nan"><name>a</name></wpt>'),
    ),
    "gpx-words": (
        "a waypoint whose place is text",
        "w.gpx",
        "places",
        TOLD,
        lambda *_: _gpx('<wpt lat="=1+1" lon="x"><name>a</name></wpt>'),
    ),
    "lines-keys": (
        "records that share no name",
        "l.jsonl",
        "places",
        TOLD,
        lambda *_: _lines(*({f"k{n}": n} for n in range(20_000))),
    ),
    "lines-deep": (
        "a record 100,000 deep",
        "l.jsonl",
        "places",
        TOLD,
        lambda *_: _lines(_PLACE, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    ),
    "lines-cut": ("a last record that is cut off", "l.jsonl", "places", TOLD, lambda *_: _lines(_PLACE, b'{"id": "b"')),
    "lines-long": (
        "a record of 3 MB",
        "l.jsonl",
        "places",
        TOLD,
        lambda *_: _lines({**_PLACE, "name": "x" * 3_000_000}, {**_PLACE, "id": "b"}),
    ),
    "old-book-garbage": (
        "an old workbook with nothing in it",
        "l.xls",
        "places",
        TOLD,
        lambda *_: _OLE + b"\xff" * 20_000,
    ),
    "old-book-loop": ("an old workbook that goes round", "l.xls", "places", TOLD, lambda *_: _looped_book()),
    "gz-bomb": (
        "a list that unpacks to 1 GB",
        "l.csv.gz",
        "places",
        TOLD,
        lambda *_: gzip.compress(b"id,service,lat,lon\n") + gzip.compress(bytes(1_000_000)) * 1_000,
    ),
    "zip-many": (
        "an archive of 30,000 files",
        "z.zip",
        "zones",
        TOLD,
        lambda *_: packed({"zones.geojson": _ZIPPED, **{f"{n}.txt": b"" for n in range(30_000)}}),
    ),
    "zip-in-zip": (
        "an archive in an archive in an archive",
        "z.zip",
        "zones",
        TOLD,
        lambda *_: packed({"z.zip": packed({"z.zip": packed({"zones.geojson": _ZIPPED})})}),
    ),
    "names-control": (
        "control and terminal signs in names",
        "l.csv",
        "places",
        SHOWN,
        lambda *_: _LISTED.format("\x9b2J\x7f\x08").encode(),
    ),
}


def _file(key: str) -> Attack:
    tried, name, kind, expected, make = _FILES[key]

    def attempt(target: AttackedServer) -> Seen:
        secret, listener = _trap(target.folder)
        content = make(str(secret), f"http://127.0.0.1:{listener.getsockname()[1]}")
        return upload(target, content, name, kind)

    return Attack(f"fourth-file-{key}", "upload", f"{tried}, as {kind}", expected, attempt)


# The command line.

_SERVICES = {
    "services-binary": b"\x00\xff" * 500,
    "services-deep": b"a = " + b"[" * 5_000 + b"]" * 5_000,
    "services-path": b'["../../x"]\nsymbol = "/etc/passwd"\n',
    "services-types": b"[school]\nnl = 1\ncolour = []\nage = 1e400\n",
    "services-many": b"".join(b"[s%d]\n" % n for n in range(20_000)),
    "services-code": b'[bureau]\nnl = "{0.__class__}"\ncolour = "red;}</style><script>"\n',
}
_PLAIN = b"id,service,lat,lon\na,bureau,51.09,4.36\n"
_OUT = ("--service", "bureau", "--model", "crow", "--out", "out.csv")
_COMMANDS: dict[str, tuple[str, ...]] = {
    **{key: ("coverage", *_OUT, "--services", f"{key}.toml") for key in _SERVICES},
    "services-folder": ("coverage", *_OUT, "--services", "."),
    "services-device": ("coverage", *_OUT, "--services", "/dev/zero"),
    "facilities-device": ("coverage", *_OUT, "--facilities", "/dev/zero"),
    "complete-path": ("coverage", *_OUT, "--facilities", "l.csv", "--complete-for", "province:../../etc/passwd"),
    "complete-nothing": ("coverage", *_OUT, "--facilities", "l.csv", "--complete-for", ":"),
    "complete-code": ("coverage", *_OUT, "--facilities", "l.csv", "--complete-for", "__class__:x"),
    "profile-format": ("profile", "--in", "municipality:11005", "--out", "x.exe"),
    "profile-folder": ("profile", "--in", "municipality:11005", "--out", "nergens/x.pdf"),
    "profile-nothing": ("profile", "--out", "x.pdf", "--model", "crow"),
}
_BATCH = Batch(
    "options",
    lambda _: Given(_COMMANDS, {**{f"{name}.toml": content for name, content in _SERVICES.items()}, "l.csv": _PLAIN}),
)


# Who saves without end.


def _saves_without_end(_: AttackedServer) -> Seen:
    """One visitor saves plan after plan, on a server with 3 MB for all; another one saves a small plan after that."""
    server = small()
    greedy, other = AttackVisitor(server, "Z" * 43), AttackVisitor(server, "Y" * 43)
    plan = greedy.plan("?areas=care_region:boom&model=crow")["id"]
    texts = {"name": "x" * 1_900, "note": "y" * 1_900, "hours_per_year": None, "capacity": None}
    edit = {"edit": "add", "service": "bureau", **texts, "x": 149_000.0, "y": 199_000.0}
    plan = greedy.done(plan, do="incoming", edits=[{**edit, "id": f"s-{n}"} for n in range(6)])["id"]
    said = ""
    for n in range(60):
        answer = greedy.do(plan, do="keep", name=f"{n} {'x' * 1_900}", note="y" * 1_900)
        plan = answer.json["response"].get("plan", {}).get("data", {}).get("id", plan)
        said = " ".join(re.findall(r'"children":"([^"]+)"', answer.text))
        if "voor elke bezoeker" in said:
            break
    else:
        return Seen("never told")
    still = greedy.file(f"/plan/{plan}.json").status
    small_plan = other.plan("?areas=care_region:boom&model=crow&mode=bike")["id"]
    kept = other.done(small_plan, do="keep", name="Klein plan", note="")
    return Seen(f"told, the last one {still}, another {'saves' if kept['kept'] else 'cannot save'}", said[:300])


def _rows() -> Iterator[Attack]:
    for n, name in enumerate(_SQUARES):
        told = f"{name[:30]!r} as a square of streets"
        yield Attack(f"fourth-square-{n}", "http", told, NOT_THERE, _square(name))
    for n, (name, expected) in enumerate(_HOSTS.items()):
        yield Attack(f"fourth-host-{n}", "http", f"Host: {name}", expected, _host(name))
    for n, (name, given) in enumerate(_NORMS.items()):
        yield Attack(f"fourth-norm-{n}", "callback", f"{name} in a norm", REFUSED, _norm(given))
    for section in SECTIONS[:1]:
        for n, (name, (given, expected)) in enumerate(_AREAS.items()):
            tried = f"{name} on the page of an area ({section})"
            yield Attack(f"fourth-area-{section}-{n}", "callback", tried, expected, _area(section, given))
    for what, form in _DOCUMENTS:
        tried = f"{', '.join(_WORDS)} in every name of a plan: {what} as {form}"
        yield Attack(f"fourth-document-{what}-{form}", "plan", tried, "words stay words", _documents(what, form))
    for key in _FILES:
        yield _file(key)
    for key in _COMMANDS:
        line = " ".join(_COMMANDS[key][:2]) + f" … ({key.replace('-', ' ')})"
        yield Attack(f"fourth-{key}", "command", line, COMMAND, partial(_BATCH.seen, row=key))
    yield Attack(
        "fourth-saves",
        "load",
        "one visitor who saves without end",
        "told, the last one 200, another saves",
        _saves_without_end,
    )


ROWS = tuple(_rows())
