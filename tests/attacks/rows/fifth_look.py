"""A fifth look: plans of others on every page, each method on each route, plans and files that are bent, full rooms."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from pages.shell.state import State
from tests.attacks.attack import Attack, Seen
from tests.attacks.commands import Batch, Given
from tests.attacks.rows.addresses import _filled
from tests.attacks.rows.plans import _told
from tests.attacks.target import AttackedServer
from tests.attacks.visitors import BOOM, AttackVisitor, AttackWorld, world

REFUSED, NOT_THERE, NOTHING = "400, a sentence", "404, a sentence", "tells nothing of it"
COMMAND = "exit 1, a sentence"
CALLBACKS = "/_dash-update-component"
_VIEW = {**State().__dict__, "model": "crow", "lang": "nl"}

# The plan of another, by every question that may name one.


def _asked_of(found: AttackWorld) -> dict[str, Any]:
    """Choices with the saved plan of Anna."""
    return {**_VIEW, "areas": BOOM["areas"], "plan": found.plans["saved"]}


_QUESTIONS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "head": ("plan-head.children", lambda plan: {"viewed.data": {"key": plan, "plan": True}}),
    "comparison": ("plan-compared.children", lambda plan: {"viewed.data": {"key": plan, "plan": True}}),
    "equity": ("plan-equity.children", lambda plan: {"viewed.data": {"key": plan, "plan": True}}),
    "sheet": ("sheet.children", lambda plan: {"opened.data": {**plan, "zone": "11005"}}),
    "measure": ("asked.data", lambda plan: {"asking.data": {**plan, "indicator": "count"}}),
    "file": ("file.data", lambda plan: {"wanted.data": {"form": "csv", "ids": None}, "choices.data": plan}),
    "two-maps-left": ("compare-view.data", lambda plan: {"compare-asked.data": {"left": plan, "right": _VIEW}}),
    "two-maps-right": ("compare-view.data", lambda plan: {"compare-asked.data": {"left": _VIEW, "right": plan}}),
    "stale": ("propose-stale.children", lambda plan: {"choices.data": plan}),
    "links": ("plan-shared.children", lambda plan: {"plan-share.data": {"base": "http://127.0.0.1/", "at": 1},
                                                    "plan.data": {"id": plan["plan"]}, "choices.data": plan}),
    "search": ("propose-tick.disabled", lambda plan: {"propose-go.n_clicks": 1, "choices.data": plan,
                                                      "propose-objective.value": "mclp", "propose-n.value": 1,
                                                      "propose-where.value": "view", "propose-kind.value": "sector"}),
    "why": ("why-tick.disabled", lambda plan: {"why-point.data": {"lat": 51.09, "lon": 4.37, "at": 1},
                                               "choices.data": plan, "propose-objective.value": "mclp",
                                               "propose-n.value": 1, "propose-where.value": "view",
                                               "propose-kind.value": "sector"}),
}  # fmt: skip


def _question(name: str) -> Callable[[AttackedServer], Seen]:
    filled, given = _QUESTIONS[name]

    def attempt(target: AttackedServer) -> Seen:
        found = world(target)
        return _told(target.told(filled, given(_asked_of(found)), found.bert.sent))

    return attempt


def _barriers(form: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        found = world(target)
        return found.bert.file(f"/barriers/{found.tag}.{form}?plan={found.plans['saved']}").seen()

    return attempt


# Every method on every kind of route, and bodies where none belongs.

_ROUTES = (
    *("", "plannen", "gegevens", "gemeente", "norm", "overlap", "vergelijken", "methode"),
    *("geo/{tag}/labels.json", "places/{tag}/illustrative-bureau.json", "templates/places.csv"),
    *("assets/css/10-base.css", "_dash-layout", "_dash-dependencies"),
)


def _head(route: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        answer = target.ask("HEAD", _filled(route))
        return Seen(f"{answer.status}, {len(answer.body)} bytes")

    return attempt


def _options(route: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        origin = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
        answer = target.ask("OPTIONS", _filled(route), headers=origin)
        allowed = [name for name in answer.headers if name.lower().startswith("access-control")]
        return Seen(f"{answer.status}, {'lets others in' if allowed else 'lets nobody in'}", ", ".join(allowed))

    return attempt


def _with_body(route: str) -> Callable[[AttackedServer], Seen]:
    """A body of which nothing ever comes: refused by its headers, so that nobody waits for it."""

    def attempt(target: AttackedServer) -> Seen:
        head = f"POST {_filled(route)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n"
        return target.raw(head.encode()).seen()

    return attempt


_PATHS = {
    "/%70lannen": "200",
    "/plannen%2f": "200",
    "/plannen/../gegevens": NOT_THERE,
    "/./plannen": NOT_THERE,
    "/plannen;x=1": NOT_THERE,
    "/plannen%20": NOT_THERE,
    "/plannen%00.json": REFUSED,
    "/plannen%ff": NOT_THERE,
    "/plannen%": NOT_THERE,
    "/%2fplannen": REFUSED,
    "/plan%6een?%70lan=%2e%2e%2f": "200",
    "/" + "a/" * 3_000: NOT_THERE,
    "/" + "%61" * 2_700: NOT_THERE,
    "/" + "a" * 9_000: "414, a sentence",
    "/?" + "a=b&" * 2_000: "200",
    "/?" + "plan=" + "x" * 4_000: "200",
    "/?lang=nl&lang=fr&lang=%00": "200",
    "http://localhost/": REFUSED,
    "http://evil.example/": REFUSED,
    "*": REFUSED,
    "/?#x": REFUSED,
    "/gegevens?places=%EF%BC%8E%EF%BC%8E": "200",
}
_LINES: dict[str, tuple[bytes, str]] = {
    "HTTP/1.0 without a host": (b"GET / HTTP/1.0\r\n\r\n", "421, a sentence"),
    "HTTP/1.0 with a host": (b"GET /methode HTTP/1.0\r\nHost: localhost\r\n\r\n", "200"),
    "HTTP/1.0 with a body in pieces": (
        b"POST /_dash-update-component HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
        b"0\r\n\r\n",
        REFUSED,
    ),
    "pieces beside a length": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        REFUSED,
    ),
    "a length twice, the same": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
    ),
    "two kinds of content": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
    ),
    "two origins": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        b"Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
    ),
    "two cookies of a browser": (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: nabij_visitor=" + b"A" * 43 + b"\r\nCookie: nabij_visitor=x\r\n"
        b"\r\n",
        "200",
    ),
    "two ranges": (
        b"GET /assets/css/10-base.css HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n",
        "416, a sentence",
    ),
    "a range of a page": (b"GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-0\r\n\r\n", "200"),
    "a range beyond the end": (
        b"GET /assets/css/10-base.css HTTP/1.1\r\nHost: localhost\r\nRange: bytes=99999999-\r\n\r\n",
        "416, a sentence",
    ),
    "a form in place of JSON": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\noutput=x",
        REFUSED,
    ),
    "parts in place of JSON": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n--x--",
        REFUSED,
    ),
    "JSON in UTF-16": (
        b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 6\r\n\r\n\xff\xfe{\0}\0",
        REFUSED,
    ),
}

# Who may keep what holds a plan, a list or a language.


def _kept(path: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        found = world(target)
        where = path.format(tag=found.tag, plan=found.plans["saved"], key=found.list_key)
        answer = found.anna.file(where)
        told = {name.lower(): value for name, value in answer.headers.items()}.get("cache-control", "")
        return Seen(f"{answer.status}, {'for one browser' if told.startswith(('private', 'no-store')) else told}", told)

    return attempt


_OWN_PATHS = {
    "the page of a plan": "/plannen?plan={plan}",
    "the page of a list": "/gegevens?places={key}",
    "a page in a language": "/?lang=fr",
    "the barriers of a plan": "/barriers/{tag}.json?plan={plan}",
    "a list that is not there": "/own/{tag}/{key}x/places-bureau.json",
}

# Plans that are bent before they are taken in.

_EDIT = {"edit": "add", "id": "n", "service": "bureau", "name": "Nieuw", "x": 149_000.0, "y": 199_000.0}
_BRIDGE = {"edit": "bridge", "name": "Brug", "x": 149_000.0, "y": 199_000.0, "to_x": 149_300.0,
           "to_y": 199_000.0, "modes": "walk,bike"}  # fmt: skip
_BENT: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "edits-text": ("edits that are text", lambda plan: {**plan, "edits": "x"}),
    "edits-null": ("edits that are null", lambda plan: {**plan, "edits": None}),
    "edits-deep": ("an edit in an edit", lambda plan: {**plan, "edits": [[_EDIT]]}),
    "edits-many": ("50,000 edits", lambda plan: {**plan, "edits": [_EDIT] * 50_000}),
    "edit-unknown": ("an edit called __init__", lambda plan: {**plan, "edits": [{**_EDIT, "edit": "__init__"}]}),
    "edit-more": ("an edit with a field of its own", lambda plan: {**plan, "edits": [{**_EDIT, "__class__": "x"}]}),
    "edit-far": ("a place at 1e300", lambda plan: {**plan, "edits": [{**_EDIT, "x": 1e300}]}),
    "bridge-far": ("a bridge at 1e300", lambda plan: {**plan, "edits": [{**_BRIDGE, "x": 1e300, "to_x": 1e300}]}),
    "edit-word": ("a place at a word", lambda plan: {**plan, "edits": [{**_EDIT, "x": "149000"}]}),
    "edit-true": ("a place at true", lambda plan: {**plan, "edits": [{**_EDIT, "y": True}]}),
    "bridge-long": ("a bridge of 100 km", lambda plan: {**plan, "edits": [{**_BRIDGE, "to_x": 249_000.0}]}),
    "bridge-point": ("a bridge to where it begins", lambda plan: {**plan, "edits": [{**_BRIDGE, "to_x": 149_000.0}]}),
    "bridge-modes": ("a bridge for rockets", lambda plan: {**plan, "edits": [{**_BRIDGE, "modes": "rocket"}]}),
    "bridge-twice": ("a bridge on foot a hundred times", lambda plan: {**plan, "edits": [
        {**_BRIDGE, "modes": ",".join(["walk"] * 100)}]}),
    "bridge-nan": ("a bridge to Infinity", lambda plan: {**plan, "edits": [{**_BRIDGE, "to_x": float("inf")}]}),
    "version": ("a version of 1e400", lambda plan: {**plan, "version": 10**400}),
    "question": ("a question with a file of the server", lambda plan: {**plan, "question": {"network": "/etc/passwd"}}),
    "parent": ("an earlier version that is a path", lambda plan: {**plan, "parent": "../../plans.sqlite"}),
    "list": ("a document that is a list", lambda plan: [plan]),
    "name-long": ("a name of 2 MB", lambda plan: {**plan, "name": "x" * 2_000_000}),
    "name-null": ("a name with NUL in it", lambda plan: {**plan, "name": "a\0b"}),
    "name-half": ("a name that is half a character", lambda plan: {**plan, "name": "\ud800"}),
}  # fmt: skip
_TAKEN = {"parent", "version", "name-null"}


def _bent(key: str) -> Callable[[AttackedServer], Seen]:
    _, bend = _BENT[key]

    def attempt(target: AttackedServer) -> Seen:
        who, document = AttackVisitor(target, "J" * 43), json.loads(world(target).document)
        return _taken(who.take_in(json.dumps(bend(document)).encode()))

    return attempt


def _taken(answer: Any) -> Seen:
    """Whether a plan was taken in, or refused in a sentence."""
    seen: Seen = answer.seen()
    if seen.outcome != "200":
        return seen
    text = answer.text
    return Seen("taken in" if '"href"' in text or "plan=" in text else "refused in words", text[-300:])


_RAW: dict[str, tuple[str, bytes]] = {
    "deep": ("a document 100,000 deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "digits": ("a number of 100,000 digits", b'{"version": ' + b"9" * 100_000 + b"}"),
    "keys": ("a name twice", b'{"version": 1, "version": 2, "edits": [], "edits": "x"}'),
    "packed": ("a document that is packed", zlib.compress(b"{}" * 1000)),
    "nothing": ("a document of spaces", b" " * 1_000_000),
    "bom": ("a document in UTF-32", "{}".encode("utf-32")),
}


def _raw(key: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: _taken(AttackVisitor(target, "J" * 43).take_in(_RAW[key][1]))


# Steps of a plan that the page could take.

_STEPS: dict[str, tuple[dict[str, Any], str]] = {
    "a bridge across the whole country": ({"do": "bridge", "lat": 51.3, "lon": 2.6, "to_lat": 50.7, "to_lon": 5.9,
                                           "modes": "walk"}, "refused"),
    "a bridge at the poles": ({"do": "bridge", "lat": 90, "lon": 0, "to_lat": -90, "to_lon": 0, "modes": "walk"},
                              "refused"),
    "a bridge for nobody": ({"do": "bridge", "lat": 51.09, "lon": 4.37, "to_lat": 51.0905, "to_lon": 4.3705,
                             "modes": ""}, REFUSED),
    "a bridge for code": ({"do": "bridge", "lat": 51.09, "lon": 4.37, "to_lat": 51.0905, "to_lon": 4.3705,
                           "modes": "__class__"}, REFUSED),
    "a place in the sea of another continent": ({"do": "add", "lat": 0, "lon": 999}, "refused"),
    "a step that is dropped before it is there": ({"do": "drop", "nr": 10**9}, REFUSED),
    "hours below nothing": ({"do": "hours", "id": "illustrative-bureau-12040-01", "value": -1}, "refused"),
    "a reach of nothing": ({"do": "reach", "mode": "walk", "within": 0}, "refused"),
    "a reach below nothing": ({"do": "reach", "mode": "walk", "within": -5}, "refused"),
    "a year that is not held": ({"do": "year", "demand": "births", "year": "0001"}, "refused"),
}  # fmt: skip


def _step(name: str) -> Callable[[AttackedServer], Seen]:
    asked, _ = _STEPS[name]

    def attempt(target: AttackedServer) -> Seen:
        who = AttackVisitor(target, "K" * 43)
        plan = who.plan("?areas=care_region:boom&model=crow")["id"]
        answer = who.do(plan, **asked)
        if answer.seen().outcome != "200":
            return answer.seen()
        now = answer.json["response"].get("plan", {}).get("data", {}).get("id", plan)
        return Seen("refused" if now == plan else "taken", answer.text[-300:])

    return attempt


# Values of a look, which only a browser reads.

_LOOKS: dict[str, dict[str, str]] = {
    "a camera of dots": {"camera": "." * 60},
    "a camera beyond all": {"camera": "9" * 30 + "," + "-" * 29},
    "columns that are none": {"columns": ",".join(["__proto__"] * 50)},
    "an order of no column": {"sort": "constructor:desc"},
    "a filter of brackets": {"filter": "(" * 200},
    "a filter that is a script": {"filter": "name=<script>window.hit=1</script>"},
    "a group of the level itself": {"group": "municipality"},
    "a reach of 1e308 minutes": {"minutes": "1e308"},
    "a reach of less than any": {"minutes": "1e-308"},
    "a reach of signs": {"minutes": "+-+-e.e"},
    "a thousand shares": {"min_share": "1e3"},
}


def _look(name: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        seen = target.callback("view.data", choices={**_VIEW, **_LOOKS[name]}).seen()
        return Seen("200 or a sentence", seen.words) if seen.outcome in ("200", REFUSED) else seen

    return attempt


# The command line.

_OSM = '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a SYSTEM "file:///etc/passwd">]><osm version="0.6">&a;</osm>'


def _pbf(header: int, content: bytes) -> bytes:
    """A file of OpenStreetMap whose first block says of itself what it likes."""
    return header.to_bytes(4, "big") + content


_FILES: dict[str, bytes] = {
    "x.osm": _OSM.encode(),
    "x.osm.pbf": _pbf(2**31 - 1, b"\x0a\x09OSMHeader\x18\xff\xff\xff\xff\x07"),
    "y.osm.pbf": _pbf(14, b"\x0a\x09OSMHeader\x18\x10") + b"\x1a\x0e" + zlib.compress(bytes(40_000_000))[:14],
    "l.csv": b"id,service,lat,lon\na,bureau,51.0925,4.3612\n",
    "plan.json": b'{"version": 1, "edits": [{"edit": "bridge", "to_x": "/etc/passwd"}]}',
    "deep.json": b"[" * 200_000,
    "s.toml": b'[bureau]\nsurvey = "/etc/passwd"\n',
}
_BUREAU = ("--service", "bureau", "--out", "out.csv")
_NETWORK = ("coverage", *_BUREAU, "--model", "network", "--network")
_COMMANDS: dict[str, tuple[str, ...]] = {
    "network-entity": (*_NETWORK, "x.osm"),
    "network-length": (*_NETWORK, "x.osm.pbf"),
    "network-packed": (*_NETWORK, "y.osm.pbf"),
    "network-device": (*_NETWORK, "/dev/zero"),
    "network-folder": (*_NETWORK, "."),
    "network-address": (*_NETWORK, "http://127.0.0.1:9/x.osm.pbf"),
    "weight-code": ("site", *_BUREAU, "--add", "1", "--in", "care_region:boom", "--weight", "__import__('os')"),
    "weight-endless": ("site", *_BUREAU, "--add", "1", "--in", "care_region:boom", "--weight", "deprivation=1e999"),
    "survey-device": ("survey", "--out", "out.csv", "--facilities", "/dev/zero"),
    "survey-folder": ("survey", "--out", "nergens/out.csv"),
    "known-year": ("known", "--out", "out.csv", "--year", "99999999999999999999"),
    "known-format": ("known", "--out", "out.exe"),
    "barriers-minutes": ("barriers", *_BUREAU, "--minutes", "nan"),
    "barriers-services": ("barriers", *_BUREAU, "--services", "s.toml"),
    "bridge-plan": ("scenario", "bridge", "plan.json", "--from", "51.09,4.37", "--to", "nan,nan"),
    "plan-deep": ("scenario", "compare", "deep.json", "deep.json", "--out", "out.csv"),
    "snapshot-file": ("gaps", *_BUREAU, "--snapshot", "l.csv"),
    "snapshot-device": ("gaps", *_BUREAU, "--snapshot", "/dev"),
    "lang-path": ("gaps", *_BUREAU, "--in", "municipality:\x00"),
}
_BATCH = Batch("bent", lambda _: Given(_COMMANDS, _FILES))


def _command(key: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        seen = _BATCH.seen(target, key)
        return Seen(COMMAND, seen.words) if seen.outcome in (COMMAND, "exit 2, a sentence") else seen

    return attempt


def _rows() -> Iterator[Attack]:
    for name in _QUESTIONS:
        yield Attack(f"fifth-other-{name}", "plan", f"the plan of another: {name}", NOTHING, _question(name))
    for form in ("json", "csv", "gpkg"):
        tried = f"the plan of another: its barriers as {form}"
        yield Attack(f"fifth-other-barriers-{form}", "plan", tried, NOT_THERE, _barriers(form))
    for n, route in enumerate(_ROUTES):
        yield Attack(f"fifth-head-{n}", "http", f"HEAD /{route}", "200, 0 bytes", _head(route))
        yield Attack(
            f"fifth-options-{n}", "http", f"OPTIONS /{route} of another site", "200, lets nobody in", _options(route)
        )
        yield Attack(f"fifth-body-{n}", "front", f"a body for /{route}", "413, a sentence", _with_body(route))
    for n, (path, expected) in enumerate(_PATHS.items()):
        asked = partial(lambda target, path: target.get(path).seen(), path=path)
        yield Attack(f"fifth-path-{n}", "http", path[:60], expected, asked)
    for n, (tried, (content, expected)) in enumerate(_LINES.items()):
        sent = partial(lambda target, content: target.raw(content).seen(), content=content)
        yield Attack(f"fifth-line-{n}", "front", tried, expected, sent)
    for n, (tried, path) in enumerate(_OWN_PATHS.items()):
        expected = "404, for one browser" if "not there" in tried else "200, for one browser"
        yield Attack(f"fifth-kept-{n}", "plan", f"who may keep {tried}", expected, _kept(path))
    for key, (tried, _) in _BENT.items():
        yield Attack(
            f"fifth-plan-{key}",
            "plan",
            f"a plan with {tried}",
            "taken in" if key in _TAKEN else "refused in words",
            _bent(key),
        )
    for key, (tried, _) in _RAW.items():
        yield Attack(f"fifth-document-{key}", "plan", tried, "refused in words", _raw(key))
    for n, (tried, (_, expected)) in enumerate(_STEPS.items()):
        yield Attack(f"fifth-step-{n}", "plan", tried, expected, _step(tried))
    for n, tried in enumerate(_LOOKS):
        yield Attack(f"fifth-look-{n}", "callback", tried, "200 or a sentence", _look(tried))
    for key, line in _COMMANDS.items():
        yield Attack(
            f"fifth-{key}", "command", f"{' '.join(line[:2])} … ({key.replace('-', ' ')})", COMMAND, _command(key)
        )


ROWS = tuple(_rows())
