"""On a telephone, a tablet, a projector, or magnified four times: nothing is out of reach."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import Explorer

UPRIGHT, ON_ITS_SIDE, TABLET, MAGNIFIED, WALL = (360, 740), (740, 360), (820, 1180), (320, 256), (3840, 2160)
SMALL = (UPRIGHT, ON_ITS_SIDE, TABLET, MAGNIFIED)


@pytest.fixture
def sized(explorer: Explorer, request: pytest.FixtureRequest) -> Explorer:
    """The explorer on a screen of a size, in CSS pixels."""
    width, height = request.param
    explorer.page.set_viewport_size({"width": width, "height": height})
    return explorer


def width_of(page: Page) -> int:
    """CSS pixels the screen is wide."""
    return int(page.evaluate("innerWidth"))


def sideways(page: Page) -> int:
    """CSS pixels by which the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def within_screen(page: Page, selector: str) -> bool:
    """Whether a part can be brought into view and is then what lies on top at its middle."""
    part = page.locator(selector).first
    part.scroll_into_view_if_needed()  # waits until it stands still
    part.evaluate("e => e.scrollIntoView({ block: 'center', inline: 'center' })")
    return bool(
        part.evaluate(
            """e => {
                const box = e.getBoundingClientRect();
                const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
                if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
                const top = document.elementFromPoint(x, y);
                return e.contains(top) || (top && top.contains(e));
            }"""
        )
    )


@pytest.mark.parametrize("sized", SMALL, indirect=True, ids=lambda size: f"{size[0]}x{size[1]}")
def test_map_table_choices_and_sheet_are_in_reach(sized: Explorer) -> None:
    page = sized.page
    sized.open()
    assert sideways(page) == 0
    expect(page.locator(".map")).to_be_visible()
    expect(page.locator(".sidebar")).not_to_be_visible()
    box = page.locator(".map-wrap").bounding_box()
    assert box
    assert box["width"] >= 0.6 * width_of(page)
    assert box["height"] >= 200
    expect(page.locator("#banner strong")).to_be_visible()

    page.click("#part-choices")
    for control in ("#service", "#demand", "#mode", "#minutes", "#level", "#facilities", "#example-boom"):
        expect(page.locator(control)).to_be_visible()
        assert within_screen(page, control), control
    sized.after(lambda: page.locator("#mode").get_by_text("Fiets").click())
    page.keyboard.press("Escape")
    expect(page.locator(".sidebar")).not_to_be_visible()
    expect(page.locator("#part-choices")).to_be_focused()

    page.click("#part-table")
    expect(page.locator("#part-table")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#table-title")).to_be_visible()
    for control in ("#only-gaps", "#download-button", "#sources-button"):
        assert within_screen(page, control), control
    first = page.locator("#table .grid-row[aria-rowindex='2'] .zone-name").first
    first.scroll_into_view_if_needed()
    name = first.inner_text()
    first.click()
    expect(page.locator("#sheet h2")).to_have_text(name)
    assert within_screen(page, "#sheet h2")
    assert within_screen(page, "#sheet-close")
    page.locator("[data-act='zoom']").click()
    expect(page.locator("#part-map")).to_have_attribute("aria-pressed", "true")
    page.click("#sheet-close")
    expect(page.locator(".sheet")).not_to_be_visible()
    assert sideways(page) == 0


@pytest.mark.parametrize("sized", [UPRIGHT], indirect=True, ids=["360x740"])
def test_cards_of_the_map_open_and_close(sized: Explorer) -> None:
    page = sized.page
    sized.open()
    expect(page.locator(".layers-card")).not_to_be_visible()
    page.click("#layers-fold")
    expect(page.locator(".layers-card")).to_be_visible()
    expect(page.locator("#layers-fold")).to_have_attribute("aria-expanded", "true")
    page.click("#layers-fold")
    expect(page.locator(".layers-card")).not_to_be_visible()
    expect(page.locator("#legend .classes").first).not_to_be_visible()
    page.click("#legend-fold")
    expect(page.locator("#legend .classes").first).to_be_visible()
    expect(page.locator(".legend-card .stamp")).to_be_visible()


@pytest.mark.parametrize("sized", [UPRIGHT], indirect=True, ids=["360x740"])
def test_a_zone_that_is_chosen_stays_in_view_above_its_sheet(sized: Explorer) -> None:
    page = sized.page
    sized.open("?zone=35014")
    expect(page.locator("#sheet h2")).to_have_text("Oudenburg")
    sized.still()
    _, y = page.evaluate("window.nabij.mapState().pixelOf('35014')")
    box = page.locator(".sheet").bounding_box()
    assert box
    assert y < box["y"]


@pytest.mark.parametrize("sized", [UPRIGHT], indirect=True, ids=["360x740"])
def test_a_place_is_added_and_compared_on_a_telephone(sized: Explorer) -> None:
    page = sized.page
    sized.open("plannen?areas=care_region:boom&zone=")
    page.click("#part-choices")
    page.click("[data-plan='add']")
    expect(page.locator(".sidebar")).not_to_be_visible()
    sized.still()
    x, y = page.evaluate("window.nabij.mapState().pixelOf('11018')")
    sized.after(lambda: page.mouse.click(x, y))
    page.click("#part-choices")
    expect(page.locator("#plan-changes li")).to_have_count(1)
    page.click("[data-plan='compare']")
    expect(page.locator("#plan-compared table").first).to_be_visible()
    assert within_screen(page, "#compare-title")
    assert sideways(page) == 0


@pytest.mark.parametrize("sized", [UPRIGHT, MAGNIFIED], indirect=True, ids=["360x740", "320x256"])
def test_the_page_of_the_data_reads_in_one_column(sized: Explorer) -> None:
    page = sized.page
    page.goto(f"{sized.address}gegevens")
    expect(page.locator(".data-main h1")).to_be_visible()
    assert sideways(page) == 0
    for part in ("#data-sets", "#data-upload", "#data-sources"):
        page.locator(part).scroll_into_view_if_needed()
        box = page.locator(part).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width_of(page)


def test_the_menu_goes_from_page_to_page_with_the_same_question(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("?service=house&mode=bike&zone=35014")
    expect(page).to_have_title("Oudenburg · Verkennen · nabij")
    menu = page.locator("nav.pages")
    expect(menu.locator("[aria-current]")).to_have_text("Verkennen")
    menu.get_by_text("Plannen").click()
    explorer.settled()
    expect(page).to_have_title("Oudenburg · Plannen · nabij")
    expect(page.locator("nav.pages [aria-current]")).to_have_text("Plannen")
    page.locator(".pages-more").click()
    page.locator("nav.pages").get_by_text("Gegevens").click()
    expect(page).to_have_title("Gegevens · nabij")
    page.locator("nav.pages").get_by_text("Verkennen").click()
    explorer.settled()
    asked = page.evaluate("[window.nabij.view.service, window.nabij.view.key.mode, window.nabij.view.key.plan || '']")
    assert asked == ["house", "bike", ""]


@pytest.mark.parametrize("sized", [WALL], indirect=True, ids=["3840x2160"])
def test_letters_grow_on_a_wall(sized: Explorer) -> None:
    page = sized.page
    sized.open("?zone=35014")
    expect(page.locator("#sheet h2")).to_have_text("Oudenburg")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.sidebar *, .answer *, .sheet *, .legend-card *')]
            .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
            .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 15.5).map((e) => e.textContent)"""
    )
    assert small == []
    assert sideways(page) == 0
