"""Proposals on the page of plans: asked, watched, pointed at, stopped, taken over; and what cannot be is told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.app.planner import BOOM

if TYPE_CHECKING:
    from tests.app.conftest import Explorer

pytestmark = pytest.mark.browser

BUILDINGS = """id,name,lat,lon
a,Gemeentehuis Hemiksem,51.1440,4.3390
b,Sporthal Willebroek,51.0605,4.3600
c,School Puurs,51.0760,4.2810
"""


def choose(explorer: Explorer, control: str, label: str) -> None:
    explorer.page.locator(f"#propose-{control}").click()
    explorer.page.get_by_role("option", name=label, exact=True).click()


def find(explorer: Explorer) -> None:
    """Search, and wait until nothing more will come."""
    explorer.page.locator("#propose-go").click()
    explorer.page.locator(".propose-card").first.wait_for()
    explorer.page.locator("#propose-progress", has_text="voorstel").wait_for()


def marks(explorer: Explorer) -> int:
    return int(explorer.page.evaluate("window.nabij.proposed().length"))


def test_two_places_for_boom_are_proposed_explained_and_taken_over(explorer: Explorer) -> None:
    """Hemiksem and Niel have no bureau and are the largest such municipalities of the region."""
    page = explorer.page
    cards = page.locator(".propose-card")
    explorer.open(f"{BOOM}&minutes=20")  # where others are nearly as good
    page.locator("#propose-n").fill("2")
    find(explorer)
    assert cards.count() >= 2
    best, other = cards.first, cards.nth(1)
    before = page.evaluate("window.nabij.proposed().map(String).join()")
    other.locator("summary").hover()
    assert page.evaluate("window.nabij.proposed().map(String).join()") != before
    page.locator("#headline").hover()
    assert page.evaluate("window.nabij.proposed().map(String).join()") == before
    other.locator("summary").click()
    expect(best).not_to_have_attribute("open", "")
    assert "geboorten minder dan het beste" in other.inner_text()

    explorer.open(BOOM)
    page.locator("#propose-n").fill("2")
    find(explorer)
    best = cards.first
    assert re.search(r"\+1\d\d geboorten binnen bereik", best.inner_text())
    assert "Bewezen: geen andere keuze uit deze kandidaten is beter." in best.inner_text()
    for words in ("Hemiksem", "Niel", "komen binnen bereik, vooral uit", "wordt dit de dichtste plaats", "Ontlast"):
        assert words in best.inner_text()
    assert "Plaats per plaats kiezen levert hetzelfde op" in best.inner_text()
    assert marks(explorer) == 2
    explorer.after(lambda: best.get_by_role("button", name="Neem over in plan").click())
    expect(page.locator("#plan-changes")).to_contain_text("Hemiksem")
    expect(page.locator("#plan-changes")).to_contain_text("Niel")
    expect(page.locator("#propose-stale")).to_contain_text("zoek opnieuw")
    assert "plan=" in page.url


def test_what_cannot_be_is_told_and_a_search_can_be_stopped(explorer: Explorer) -> None:
    """Twelve of two thousand hectares, 2 km apart: a good answer in a second, its proof takes far longer."""
    explorer.open(BOOM)
    page = explorer.page
    choose(explorer, "objective", "Iedereen binnen bereik")
    expect(page.locator("#propose-help")).to_contain_text("Zo weinig mogelijk nieuwe plaatsen")
    expect(page.locator("#propose-n")).to_be_hidden()
    page.locator("#propose-go").click()
    told = page.locator("#propose-results [role=alert]")
    told.wait_for()
    expect(told).to_contain_text("geboorten per jaar kunnen niet binnen 15 min gebracht worden")
    expect(page.locator("#propose-stopping")).to_be_hidden()

    choose(explorer, "objective", "Meeste geboorten binnen bereik")
    page.locator("#propose-n").fill("12")
    page.locator(".propose-more summary").click()
    choose(explorer, "kind", "Bewoonde hectaren (fijnst, traagst)")
    page.locator("#propose-spacing").fill("2000")
    page.locator("#propose-go").click()
    page.locator("#propose-progress", has_text="Beste tot nu").wait_for()
    page.locator("#propose-stop").click()
    card = page.locator(".propose-card").first
    card.wait_for()
    assert "Gestopt voor het bewijs: een andere keuze is hoogstens" in card.inner_text()
    expect(page.locator("#propose-progress")).to_contain_text("Gestopt na")
    assert marks(explorer) == 12

    page.locator("#propose-article9").check()
    page.locator("#propose-go").click()
    expect(told).to_contain_text("artikel 9")
    page.locator("#propose-article9").uncheck()

    # out of a list of one's own, with one building that nobody could choose better
    choose(explorer, "kind", "Gebouwen van een eigen lijst")
    page.locator("#propose-n").fill("1")
    page.locator("#propose-go").click()
    expect(told).to_contain_text("Er is nog geen lijst van gebouwen")
    page.locator("#propose-file input[type=file]").set_input_files(
        {"name": "gebouwen.csv", "mimeType": "text/csv", "buffer": BUILDINGS.encode()}
    )
    expect(page.locator("#propose-file-told")).to_contain_text("gebouwen.csv is gelezen; aantal gebouwen: 3.")
    find(explorer)
    assert "Gemeentehuis Hemiksem" in card.inner_text()
    assert marks(explorer) == 1
