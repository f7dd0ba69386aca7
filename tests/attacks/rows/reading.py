"""Files that people bring along: on the page of the data, on that of plans, and on the command line."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tests.attacks.attack import Attack, Seen
from tests.attacks.commands import Batch, Given
from tests.attacks.target import AttackedServer, data_url
from tests.hostile_files import BORDERS, FILES, SECRET, collection, feature, square, star, zone_of

TOLD, SHOWN, COMMAND = "told, a sentence", "shown", "exit 1, a sentence"
_FIRST_LOOK = frozenset({"json-surrogate", "csv-digits"})
"""Files of which the first rows can be shown; what is wrong with a row is told afterwards."""

_ALSO_BUILDINGS = (
    "gpkg-vrt-file", "gpkg-recursive", "gpkg-lying-wkb", "json-crs-link-http", "json-keys-by-row", "csv-columns-200000",
    "csv-rows", "csv-one-field", "xlsx-merge-spaces", "xlsx-stray-corner", "xlsx-overlap", "xlsx-entity-file",
)  # fmt: skip
_STARS = ("borders-star-601", "borders-star-1001", "borders-many-stars")
_SERVER_PATH = re.compile(r"(?:/[\w.-]+){3,}|Traceback")


@cache
def _trap(folder: Path) -> tuple[Path, socket.socket]:
    """A file that must never be read, and a listener on loopback that must never be called."""
    secret = folder / "secret.csv"
    secret.write_text(f"id,service,lat,lon\n{SECRET},bureau,51.09,4.36\n", encoding="utf-8")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    return secret, listener


@cache
def _content(key: str, folder: Path) -> bytes:
    secret, listener = _trap(folder)
    return (FILES | BORDERS)[key].make(str(secret), f"http://127.0.0.1:{listener.getsockname()[1]}")


def _called(folder: Path) -> bool:
    try:
        connection, _ = _trap(folder)[1].accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


def _judge(seen: Seen, everything: str, folder: Path) -> Seen:
    """What was seen, unless something came out that was not in the file."""
    if SECRET in everything:
        return Seen("the secret was read", seen.words)
    if _called(folder):
        return Seen("the listener was called", seen.words)
    if _SERVER_PATH.search(seen.words):
        return Seen("gives the server away", seen.words)
    return seen


def _sentences(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "refusal" in str(value.get("className", "")):
            yield from _texts(value)
        else:
            for inner in value.values():
                yield from _sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _texts(value.get("children", value.get("props")))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


def upload(target: AttackedServer, content: bytes, name: str, kind: str) -> Seen:
    """Give a file to the page of the data (``places``, ``zones``) or of plans (``buildings``)."""
    contents = data_url(content)
    if kind == "buildings":
        given = {"propose-file.contents": contents, "propose-file.filename": name, "choices.data": {"lang": "nl"}}
        answer = target.told("propose-file-told", given)
    else:
        given = {"list-file.contents": contents, "list-file.filename": name, "list-kind.value": kind}
        answer = target.told("list-review.children", {**given, "data-state.data": {"lang": "nl"}})
    if answer.seen().outcome != "200":
        return answer.seen()
    said = next(_sentences(answer.json), None)
    seen = Seen(SHOWN) if said is None else Seen(TOLD if said.endswith(".") else "told, no words", said[:300])
    return _judge(seen, answer.text, target.folder)


def _uploaded(key: str, kind: str) -> Attack:
    file = (FILES | BORDERS)[key]

    def attempt(target: AttackedServer) -> Seen:
        return upload(target, _content(key, target.folder), file.name, kind)

    expected = SHOWN if key in _FIRST_LOOK else TOLD
    return Attack(f"upload-{kind}-{key}", "upload", f"{file.tried}, as {kind}", expected, attempt)


_NAMES = {
    "traversal": "../../../../etc/passwd.csv",
    "absolute": "/etc/cron.d/x.csv",
    "backslash": "..\\..\\x.csv",
    "vsi": "/vsicurl/http:/127.0.0.1/x.csv",
    "no-suffix": "passwd",
    "other-suffix": "x.vrt",
    "long": "x" * 4_000 + ".csv",
    "zero": "a\0b.csv",
    "dots": "...",
}
"""Names of a file that is good in itself; one without a suffix that is read is told."""


def _named(key: str, name: str) -> Attack:
    def attempt(target: AttackedServer) -> Seen:
        return upload(target, b"id,service,lat,lon\na,bureau,51.09,4.36\n", name, "places")

    plain = len(name) < 256 and not set(name) & set("/\\\0")
    expected = (SHOWN if name.endswith(".csv") else TOLD) if plain else "400, a sentence"
    return Attack(f"upload-name-{key}", "upload", f"a good list called {name[:40]!r}", expected, attempt)


_TABLE = ("--service", "bureau", "--out", "out.csv")
_WORDS: dict[str, tuple[str, ...]] = {
    "check": ("data", "check"),
    "facilities": ("coverage", *_TABLE, "--facilities"),
    "level": ("coverage", *_TABLE, "--level"),
    "area": ("criterion", *_TABLE, "--min-births", "80", "--area"),
    "buildings": ("site", *_TABLE, "--candidates"),
    "matrix": ("coverage", *_TABLE, "--model", "matrix", "--matrix"),
    "network": ("coverage", *_TABLE, "--model", "network", "--network"),
}
_GIVEN: dict[str, tuple[str, ...]] = {
    "check": (
        *("gpkg-vrt-file", "gpkg-vrt-http", "gpkg-gdalg", "gpkg-wfs", "json-crs-link-http", "json-crs-link-file"),
        *("csv-columns-200000", "gpkg-recursive", "xlsx-merge-spaces", "xlsx-merge-escaped", "csv-quotes"),
        *("json-many-keys", "json-nested-deep", "xlsx-entity-file", "gpkg-deep-wkb", "gpkg-view-file"),
    ),
    "facilities": ("gpkg-vrt-file", "json-crs-name-init", "xlsx-overlap"),
    "level": ("gpkg-vrt-file", "borders-star-601", "borders-star-1001", "borders-many-stars", "gpkg-virtual-ogr"),
    "area": ("gpkg-vrt-file", "json-vrt-file", "json-crs-link-http", "borders-star-1001"),
    "buildings": ("gpkg-vrt-file", "csv-columns-10000", "gpkg-recursive", "xlsx-stray-corner"),
    "matrix": ("csv-columns-200000", "gpkg-vrt-file", "xlsx-bomb"),
    "network": ("gpkg-xml-entity", "gpkg-wfs-prefix", "xlsx-bomb"),
}
_LINES = {f"{way}-{key}": (key, _WORDS[way]) for way, keys in _GIVEN.items() for key in keys}
"""Name of a row to the file, and the words of the command before it."""


def _given(target: AttackedServer) -> Given:
    files = {f"{key}/{(FILES | BORDERS)[key].name}": _content(key, target.folder) for key, _ in _LINES.values()}
    lines = {row: [*words, f"{key}/{(FILES | BORDERS)[key].name}"] for row, (key, words) in _LINES.items()}
    return Given(lines, files)


_BATCH = Batch("files", _given)


def _command(row: str) -> Attack:
    key, words = _LINES[row]

    def attempt(target: AttackedServer) -> Seen:
        seen = _BATCH.seen(target, row)
        said = Seen(seen.outcome, seen.words.replace(str(target.folder), "."))
        return _judge(said, seen.words, target.folder)

    tried = f"{(FILES | BORDERS)[key].tried}, with {' '.join(words)}"
    return Attack(f"command-{row}", "command", tried, COMMAND, attempt)


def _overlapping(target: AttackedServer) -> Seen:
    zones = [zone_of(square(3.6 + i / 1e5, 51.0 + i / 1e5, 0.2), f"z{i}") for i in range(1_500)]
    given = {
        "list-file.contents": data_url(collection(*zones)),
        "list-file.filename": "zones.geojson",
        "list-kind.value": "zones",
        "data-state.data": {"lang": "nl"},
    }
    answer = target.told("list-review.children", given)
    return Seen(SHOWN if answer.status == 200 and not list(_sentences(answer.json)) else "refused")


def _crossed_once(target: AttackedServer) -> Seen:
    bow = [[4.0, 51.0], [4.1, 51.1], [4.1, 51.0], [4.0, 51.1], [4.0, 51.0]]
    return upload(target, collection(zone_of(bow), zone_of(star(21), "s")), "zones.geojson", "zones")


def _nothing_left(target: AttackedServer) -> Seen:
    """After all uploads: no file of theirs, and no child that still reads."""
    files = [path.name for path in (target.folder / "tmp").rglob("*") if path.is_file()]
    server = [target.process.pid]
    for pid in server:
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            server += map(int, task.read_text().split())
    readers = [pid for pid in server if b"reading_room" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    outcome = "nothing left" if not files and len(readers) == 1 else "something left"  # the one that others come from
    return Seen(outcome, ", ".join([*files, *map(str, readers)]))


ROWS = (
    *(_uploaded(key, "zones" if number % 3 == 0 else "places") for number, key in enumerate(FILES)),
    *(_uploaded(key, "buildings") for key in _ALSO_BUILDINGS),
    *(_uploaded(key, "zones") for key in _STARS),
    *(_named(key, name) for key, name in _NAMES.items()),
    *(_command(row) for row in _LINES),
    Attack("upload-zones-overlapping", "upload", "1,500 zones that all overlap", SHOWN, _overlapping),
    Attack("upload-zones-crossed-once", "upload", "a border that crosses itself once, put right", SHOWN, _crossed_once),
    Attack(
        "upload-feature-of-nothing",
        "upload",
        "a feature without a shape",
        SHOWN,
        lambda target: upload(
            target, collection(feature("Point", [], id="a", service="bureau")), "l.geojson", "places"
        ),
    ),
    Attack("upload-nothing-left", "upload", "what is left of all uploads", "nothing left", _nothing_left),
)
