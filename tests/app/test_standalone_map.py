"""The map in one file as a browser without network shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from coverage.analysis import Analysis, analyse
from coverage.core.query import Query
from layers.maps.folium_map import standalone_map
from layers.notes.notes import describe
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

pytestmark = pytest.mark.browser


@dataclass
class ShownPage:
    """A page, what it asked for and what it complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def analysis(embedded: Snapshot) -> Analysis:
    return analyse(embedded, Query(), load_facilities(embedded, "illustrative"))


@pytest.fixture(scope="module")
def file(analysis: Analysis, embedded: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(standalone_map(analysis, embedded, describe(analysis, embedded, "map", "nl")), encoding="utf-8")
    return path


@pytest.fixture
def shown(chromium: Browser, file: Path) -> Iterator[ShownPage]:
    with chromium.new_context(viewport={"width": 1280, "height": 720}) as context:
        found = ShownPage(context.new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.goto(file.as_uri())
        yield found


def asked(shown: ShownPage) -> list[str]:
    return [url for url in shown.requests if not url.startswith(("data:", "blob:"))]


def test_it_opens_without_network_or_complaint(shown: ShownPage, file: Path) -> None:
    expect(shown.page.get_by_role("alert")).to_contain_text("ILLUSTRATIEVE GEGEVENS")
    expect(shown.page.locator("#nabij-classes li")).not_to_have_count(0)
    shown.page.wait_for_load_state("networkidle")
    assert asked(shown) == [file.as_uri()]
    assert shown.complaints == []
    painted = shown.page.evaluate(
        "[...document.querySelectorAll('canvas')].some(c => c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.some(v => v > 0))"
    )
    assert painted
    assert shown.page.evaluate("document.fonts.check('16px \"Source Sans 3\"')")


def test_a_zone_tells_its_figures(shown: ShownPage, analysis: Analysis) -> None:
    worst = analysis.table.nlargest(1, "births_out_of_reach").iloc[0]
    button = shown.page.locator(".ranking button").first
    expect(button).to_contain_text(str(worst["zone_name"]))
    button.click()
    tip = shown.page.locator(".leaflet-tooltip.tip")
    expect(tip).to_contain_text(str(worst["zone_name"]))
    expect(tip).to_contain_text(f"{worst['births']:,.0f}".replace(",", "."))
    assert shown.complaints == []


def test_the_indicator_changes_the_legend(shown: ShownPage) -> None:
    first = shown.page.locator("#nabij-classes").inner_text()
    shown.page.locator("#nabij-choice").select_option(index=1)
    expect(shown.page.locator("#nabij-classes")).to_contain_text("%")
    assert shown.page.locator("#nabij-classes").inner_text() != first


def test_the_hectares_come_with_their_own_legend(shown: ShownPage, file: Path) -> None:
    shown.page.locator(".leaflet-control-layers").hover()
    shown.page.get_by_text("Reistijd per hectare").click()
    expect(shown.page.locator("img.nabij-raster")).to_be_visible()
    expect(shown.page.locator("#nabij-classes")).to_contain_text("min")
    expect(shown.page.locator("#nabij-choice")).to_be_disabled()
    assert asked(shown) == [file.as_uri()]


def test_the_background_map_is_asked_for_only_by_hand(shown: ShownPage) -> None:
    shown.page.locator(".leaflet-control-layers").hover()
    shown.page.get_by_text("Achtergrondkaart").click()
    shown.page.wait_for_function("document.querySelectorAll('.leaflet-tile').length > 0")
    assert {url.split("/")[2] for url in asked(shown)[1:]} <= {"tile.openstreetmap.org"}


def test_a_narrow_screen_shows_all(chromium: Browser, file: Path) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        expect(page.locator(".folium-map")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
