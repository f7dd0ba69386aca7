"""The standalone map: one file, nothing fetched, everything said."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from layers.maps.folium_map import standalone_map
from layers.maps.map_data import RANKED, map_data
from layers.notes.notes import describe
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
LOADING = {
    "img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data", "embed": "src",
}  # fmt: skip
"""Attributes of HTML that make a browser fetch something."""


class Loads(HTMLParser):
    """Collects every address a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADING.get(tag, ""))
        if address:
            self.found.append(address)


@pytest.fixture(scope="module")
def engine(embedded: Snapshot) -> Engine:
    return Engine(embedded)


@pytest.fixture(scope="module")
def analysis(engine: Engine) -> Analysis:
    return engine.analyse(Query(), load_facilities(engine.snapshot, "illustrative"))


@pytest.fixture(scope="module")
def html(analysis: Analysis, embedded: Snapshot) -> str:
    return standalone_map(analysis, embedded, describe(analysis, embedded, "map", "nl"))


def drawn(html: str) -> dict[str, Any]:
    """Return the data inside the page, as the script gets it."""
    found = re.search(r"nabijDraw\(\w+, Object\.assign\((\{.*\}), \{basemap: \w+\}\)\);", html)
    assert found
    data: dict[str, Any] = json.loads(found.group(1))
    return data


def test_the_page_loads_nothing_but_the_background_map(html: str) -> None:
    loads = Loads()
    loads.feed(html)
    assert loads.found == []
    assert not re.search(r"url\(\s*[\"']?(?!data:|#)", html)
    assert not re.search(r"@import|sourceMappingURL|fetch\(|XMLHttpRequest|WebSocket", html)
    # what is left are links a reader may follow, names of standards, and the tiles that are off until asked for
    addresses = set(re.findall(r"https?://[^\s\"'<>\\)]+", html))
    assert {a for a in addresses if "openstreetmap" in a} == {TILES, "https://www.openstreetmap.org/copyright"}
    hosts = {re.sub(r"https?://([^/]+).*", r"\1", a) for a in addresses}
    assert hosts <= {
        "tile.openstreetmap.org", "www.openstreetmap.org", "leafletjs.com", "www.w3.org", "bugs.chromium.org",
        "bugzilla.mozilla.org",
    }  # fmt: skip


def test_the_background_map_is_off(html: str) -> None:
    tiles = re.search(r"var (tile_layer_\w+) = L\.tileLayer\(", html)
    assert tiles
    assert f"{tiles.group(1)}.addTo(" not in html


def test_the_page_stays_small(html: str) -> None:
    assert len(html.encode()) < 3_000_000


def test_the_same_analysis_gives_the_same_page(analysis: Analysis, embedded: Snapshot, html: str) -> None:
    assert standalone_map(analysis, embedded, describe(analysis, embedded, "map", "nl")) == html


def test_made_up_places_are_announced_before_anything_else(html: str) -> None:
    assert '<p class="banner" role="alert">ILLUSTRATIEVE GEGEVENS:' in html
    assert '<html lang="nl">' in html
    assert "<title>Wie woont te ver van een consultatiebureau? · nabij</title>" in html


def test_documented_places_carry_no_banner(engine: Engine) -> None:
    query = Query(vintage=2018, areas=(("care_region", "boom"),))
    found = engine.analyse(query, load_facilities(engine.snapshot, "documented"))
    page = standalone_map(found, engine.snapshot, describe(found, engine.snapshot, "map", "en"))
    assert 'class="banner"' not in page
    data = drawn(page)
    names = {row["name"] for row in data["rows"] if row["gap"]}
    assert names == {"Hemiksem", "Niel", "Schelle", "Sint-Amands"}  # the documented case of care region Boom
    assert data["raster"] is None
    assert data["legends"][0]["classes"].count(-1) == 6
    assert data["legends"][0]["without"] == "6"
    assert data["around"]["features"]


def test_every_zone_is_drawn_with_its_figures(analysis: Analysis, html: str) -> None:
    data = drawn(html)
    features = data["zones"]["features"]
    assert [f["properties"]["name"] for f in features] == analysis.table["zone_name"].tolist()
    assert [f["properties"]["i"] for f in features] == list(range(304))
    counts = sum(int(count) for count in data["legends"][0]["counts"])
    assert counts == 304
    assert len(data["headings"]) == len(data["rows"][0]["values"])


def test_the_ranking_is_that_of_the_table(analysis: Analysis, html: str) -> None:
    expected = analysis.table.nlargest(RANKED, "births_out_of_reach")["zone_name"].tolist()
    data = drawn(html)
    assert [data["rows"][i]["name"] for i, _ in data["ranking"]] == expected
    shares = [share for _, share in data["ranking"]]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)


def test_places_lie_where_they_are(analysis: Analysis, html: str) -> None:
    data = drawn(html)
    located = analysis.facilities.frame["x"].notna().sum()
    assert len(data["places"]) == located
    lat, lon = np.array([place[:2] for place in data["places"]], dtype=float).T
    assert lat.min() > 50.6
    assert lat.max() < 51.6
    assert lon.min() > 2.5
    assert lon.max() < 6.0


def test_a_name_cannot_break_out_of_the_page(engine: Engine) -> None:
    """A user's list may hold anything."""
    nasty = "</script><script>alert(1)</script>"
    place = {
        "id": "a", "service": "bureau", "name": nasty, "x": 150_000.0, "y": 200_000.0, "precision": "point",
        "status": "exists", "evidence": "user", "source": nasty,
    }  # fmt: skip
    frame = facility_frame([place])
    found = engine.analyse(Query(), Facilities("user", frame, None, (nasty,), "user"))
    page = standalone_map(found, engine.snapshot, describe(found, engine.snapshot, "map", "nl"))
    assert "<script>alert" not in page
    assert drawn(page)["places"][0][2] == nasty


@pytest.mark.parametrize("lang", ["nl", "en", "fr"])
def test_every_language_has_all_words(analysis: Analysis, embedded: Snapshot, lang: str) -> None:
    data = map_data(analysis, embedded, lang)
    assert all(data["texts"].values())
    assert all(legend["title"] for legend in data["legends"])
