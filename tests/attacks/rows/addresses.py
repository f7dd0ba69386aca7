"""Addresses of files that nobody offers: other figures, vintages, sets and plans, and ways out of the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import quote

from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.store import default_snapshot
from tests.attacks.attack import Attack, Seen
from tests.attacks.target import AttackedServer

NOT_THERE = "404, a sentence"
UNWRITABLE = "400, a sentence"

RIGHT = (
    "geo/{tag}/municipality-2025-far.json",
    "geo/{tag}/labels.json",
    "places/{tag}/illustrative-bureau.json",
    "raster/{tag}/illustrative-bureau-walk-crow.png",
    "templates/places.csv",
)
"""Addresses that there are."""

NAMES = {
    "geo/{tag}/{name}-2025-far.json": ("street", "own", "..", "%2e%2e%2fetc", "MUNICIPALITY", "{0}", "' OR 1=1"),
    "geo/{tag}/municipality-{name}-far.json": (
        *("02025", "-0", "-2025", "+2025", "2025.0", "2025e0", "1e3", "0x7e9", "1999", "2021", "9" * 40),
        *("%20" + "2025", "2025%00", "２０２５", "2025%0a"),
    ),
    "geo/{tag}/municipality-2025-{name}.json": ("close", "FAR", "..", "far%00", "near%2f..%2f..", "f" * 2000),
    "geo/{name}/labels.json": ("0" * 16, "..", "%2e%2e", "{tag}0", "{tag}%2f..", "*", "x" * 16, "%00"),
    "places/{tag}/{name}.json": ("own-bureau", "secret-bureau", "illustrative-school", "..%2f-bureau", "-", "x-x-x"),
    "raster/{tag}/{name}.png": (
        "own-bureau",
        "secret-house",
        "illustrative-school",
        "illustrative-bureau-1",
        "%2e%2e-x",
    ),
    "own/{tag}/{name}/zones-far.json": ("x", "..", "2025-x", "%27%20OR%201=1", "x" * 300),
    "own/{tag}/x/{name}": ("zones-close.json", "places-school.json", "distance-school.png", "places-bureau.json", "x"),
    "plan/{name}.json": ("deadbeef", "..", "%2e%2e%2fplans.sqlite", "'%20OR%20''='", "{plan.id}", "x" * 300, "%0d%0a"),
    "plan/{tag}/{name}/distance-bureau-walk-network.png": ("deadbeef", "..", "%2e%2e%2fx", "{0}"),
    "plan/{tag}/deadbeef/{name}": (
        *("distance-school-walk-crow.png", "distance-bureau-fly-crow.png", "distance-bureau-walk-matrix.png"),
        *("ground-school-crow.json", "ground-bureau-x.json", "ground-bureau-crow.json?place=" + "x" * 400),
    ),
    "templates/{name}": ("x.csv", "places.pdf", "..%2f..%2fapp.py", "places", "%2e%2e.csv", "places.csv%00", "{0}.{1}"),
    "_dash-component-suites/{name}": (
        *("os/path.py", "dash/../../app.py", "dash/%2e%2e/%2e%2e/etc/passwd", "dash/dash.py", "nope/x.js", "dash/%00"),
    ),
    "assets/{name}": ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "js/../../cli.py", "x" * 200),
}
"""Wrong names in the place of right ones."""

METHODS = ("PUT", "DELETE", "PATCH", "TRACE", "POST", "NABIJ")
SEARCHES = (
    "?lang=xx",
    "?lang=nl&lang=fr",
    "?level=../../etc/passwd",
    "?service=house'--",
    "?indicator={0.__class__}",
    "?zone=%00",
    "?areas=" + "municipality:x," * 200,
    "?plan=../../plans.sqlite",
    "?vintage=" + "9" * 2000,
    "?=&&&=%zz%ff",
    '?x="><script>alert(1)</script>'.replace(" ", "%20"),
)
"""Queries on a page that make no sense."""


@cache
def _tag() -> str:
    return Snapshot(default_snapshot()).hash[:16]


def _filled(address: str) -> str:
    return "/" + quote(address.replace("{tag}", _tag()), safe="%/?=&'{}.*+:,")


def _get(address: str, lang: str = "") -> Callable[[AttackedServer], Seen]:
    headers = {"Accept-Language": lang} if lang else None
    return lambda target: target.get(_filled(address), headers).seen()


def _many(target: AttackedServer) -> Seen:
    """A hundred wrong addresses one after another; whether any left a file in the cache.

    A server that has just begun may write what it prepares meanwhile: what keeps files does so in every round.
    """

    def files() -> set[str]:
        return {str(path) for path in (target.folder / "cache").rglob("*")}

    target.get(_filled(RIGHT[0]))
    for part in range(3):
        before = files()
        for n in range(100):
            target.get(_filled(f"geo/{{tag}}/municipality-{3000 + 100 * part + n}-far.json"))
            target.get(_filled(f"geo/{{tag}}/municipality-{'0' * (n % 9 + 1)}2025-far.json"))
        if files() == before:
            return Seen("nothing kept")
    return Seen("files kept")


def _of_language(lang: str, words: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        seen = _get("geo/{tag}/x.json", lang)(target)
        return Seen(f"{seen.outcome} in {lang}" if words in seen.words else seen.outcome, seen.words)

    return attempt


def _attack(key: str, tried: str, expected: str, attempt: Callable[[AttackedServer], Seen]) -> Attack:
    return Attack(f"address-{key}", "http", tried, expected, attempt)


def _rows() -> Iterator[Attack]:
    for at, (address, names) in enumerate(NAMES.items()):
        for n, name in enumerate(names):
            wrong = address.replace("{name}", name)
            told = f"{name[:30]!r} in {address.split('?')[0]}"
            unwritable = any(sign in wrong.lower() for sign in ("%00", "%0a", "%0d"))  # refused before it is looked up
            yield _attack(f"{at}-{n}", told, UNWRITABLE if unwritable else NOT_THERE, _get(wrong))
    for n, address in enumerate(RIGHT):
        yield _attack(f"right-{n}", f"the right address {address}", "200", _get(address))
        for method in METHODS:
            refused = "501, a sentence" if method == "NABIJ" else "405, a sentence"
            yield _attack(f"{method}-{n}", f"{method} of {address}", refused, _asked(method, address))
    for n, search in enumerate(SEARCHES):
        yield _attack(f"page-{n}", f"a page with {search[:40]}", "200", _get(search))
    for lang, words in (("nl", "Er is niets"), ("en", "There is nothing"), ("fr", "Il n'y a rien")):
        yield _attack(
            f"lang-{lang}",
            f"a wrong address from a browser that prefers {lang}",
            f"{NOT_THERE} in {lang}",
            _of_language(lang, words),
        )
    yield _attack("kept", "two hundred wrong addresses in a row", "nothing kept", _many)


def _asked(method: str, address: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.ask(method, _filled(address)).seen()


ROWS = tuple(_rows())
