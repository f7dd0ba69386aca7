"""For every hand and every day: no finding of axe on any page, the keyboard, the address, random steps."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import LOOKS_MS, Explorer

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOUND = """rules => axe
    .run({ exclude: [[".leaflet-names-pane"]] }, { runOnly: { type: "tag", values: rules } })
    .then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`)))"""
"""Findings, but for names of towns: they have a halo on a drawn map, of which axe cannot tell the colour."""

OUDENBURG = "gemeente?areas=municipality:35014"
WITHOUT_MAP = {
    "norm": "#norm-answer",
    "gegevens": "main h1",
    "methode": "main h1",
    "overlap": ".overlap-matrix",
    "vergelijken": "#compare-zones",
    "bestaatniet": "h1",
}
"""Pages without a map, and what is there once they are complete."""

LOOKS = 12
"""Times that axe looks before something counts as found."""

ACTIONS = 25
SEED = 16
MORE_ACTIONS = "NABIJ_RANDOM_ACTIONS"
"""Set to 1000 for a longer walk, over every page."""


@pytest.fixture
def judged(explorer: Explorer) -> Explorer:
    """The explorer with axe in every page."""
    if not AXE.exists():
        if os.environ.get("NABIJ_REQUIRE_ALL") == "1":
            pytest.fail("no node_modules; script/setup could not install the packages of package-lock.json")
        pytest.skip("needs axe-core of package-lock.json; script/setup installs it")
    explorer.page.add_init_script(path=AXE)
    return explorer


def findings(page: Page) -> list[str]:
    """What axe finds wrong and still finds when it looks again: words that fade in have no contrast yet."""
    found: list[str] = []
    for _ in range(LOOKS):
        page.wait_for_function("() => !document.querySelector('.leaflet-zoom-anim, .shell.waiting')", polling=LOOKS_MS)
        found = page.evaluate(FOUND, RULES)
        if not found:
            break
    return found


def chart_at_rest(page: Page) -> dict[str, float]:
    """Where a chart stands once it is no longer drawn anew: it is, when its panel gets another height."""
    handle = page.wait_for_function(
        """() => {
            const chart = document.querySelector(".chart-frame svg[role=img]");
            const { x, y, width, height } = chart?.getBoundingClientRect() ?? {};
            const [same, before] = [chart && chart === window.chartWas, window.chartBox];
            [window.chartWas, window.chartBox] = [chart, [x, y, width, height].join()];
            return same && width > 0 && before === window.chartBox && { x, y, width, height };
        }""",
        polling=4 * LOOKS_MS,
    )
    return dict(handle.json_value())


def test_axe_finds_nothing_on_the_map_and_what_opens_over_it(judged: Explorer) -> None:
    page = judged.page
    judged.open("?zone=31033")
    expect(page.locator("#sheet-title")).to_have_text("Torhout")
    page.locator("#tour-button").click()
    expect(page.locator(".tour-card")).to_be_focused()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#tour-button")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet-panel")).not_to_be_visible()
    page.locator("#table-menu-button").click()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.locator("#theme-switch").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.locator("#face-charts").click()
    expect(page.locator(".chart-frame svg[role=img]")).to_be_visible()
    frame = chart_at_rest(page)
    page.mouse.move(frame["x"] + 300, frame["y"] + 60)
    page.mouse.down()
    page.mouse.move(frame["x"] + 420, frame["y"] + 90)
    page.mouse.up()
    expect(page.locator("#marked")).to_contain_text("baby's, van wie")
    assert findings(page) == []
    page.locator('[data-marked="clear"]').click()
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#part-choices").click()
    expect(page.locator(".sidebar")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("lang", ["nl", "en", "fr"])
def test_axe_finds_nothing_on_any_page_in_any_language(judged: Explorer, lang: str) -> None:
    page = judged.page
    judged.open(f"?lang={lang}")
    assert findings(page) == []
    judged.open(f"plannen?areas=care_region:boom&lang={lang}")
    assert findings(page) == []
    page.goto(f"{judged.address}{OUDENBURG}&lang={lang}")
    expect(page.locator(".case-busy")).to_have_count(0)
    assert findings(page) == []
    for path, there in WITHOUT_MAP.items():
        page.goto(f"{judged.address}{path}?lang={lang}")
        expect(page.locator(there).first).to_be_visible()
        assert findings(page) == []
    judged.complaints[:] = [words for words in judged.complaints if "404" not in words]  # one page is not there


def test_a_tour_by_keyboard_and_questions_that_are_put_away(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open()
    begin, card = page.locator("#start-tour"), page.locator(".tour-card")
    begin.focus()
    page.keyboard.press("Enter")
    expect(card).to_be_focused()
    expect(card).to_contain_text("Stap 1 van 7")
    page.keyboard.press("ArrowLeft")
    expect(card).to_contain_text("Stap 1 van 7")
    for step in range(2, 8):
        page.keyboard.press("ArrowRight")
        expect(card).to_contain_text(f"Stap {step} van 7")
    page.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Klaar")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(begin).to_be_focused()
    page.locator("#start-where").click()
    expect(page.locator(".present-name.need")).to_contain_text("van de 75.940")
    page.keyboard.press("Escape")
    page.locator("#start-close").click()
    expect(page.locator("#start")).not_to_be_visible()
    expect(page.locator("#headline")).to_be_focused()
    assert page.evaluate("localStorage.getItem('nabij-start')") == "seen"
    page.evaluate("localStorage.removeItem('nabij-start')")


def test_the_table_is_one_stop_and_the_keyboard_comes_back_from_the_sheet(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open()
    stops = page.locator('#table [tabindex="0"]')
    expect(stops).to_have_count(1)
    stops.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator('#table .grid-row[aria-rowindex="3"] .col-births')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#sheet-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator('#table .grid-row[aria-rowindex="3"] .col-births')).to_be_focused()
    expect(stops).to_have_count(1)
    page.keyboard.press("Control+Home")
    expect(page.locator('#table [role="columnheader"][data-column="rank"]')).to_be_focused()
    page.keyboard.press("Control+End")
    expect(page.locator('#table .grid-foot [data-key="total"] .col-evidence')).to_be_focused()


def test_a_chart_and_the_map_point_at_the_same_zone_and_what_is_marked_becomes_a_view(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("?chart=scatter:mean_minutes:births_out_of_reach&areas=care_region:boom")
    frame = page.locator(".chart-frame")
    expect(frame.locator("svg[role=img]")).to_be_visible()
    frame.focus()
    page.keyboard.press("Home")
    tip = page.locator(".chart-tip").inner_text()
    i = page.evaluate("window.nabij.mapState().hovered")
    row = page.evaluate("i => window.nabij.table.every().find((row) => row.i === i)", i)
    assert tip.startswith(f"{row['name']}: Gemiddelde reistijd {round(row['mean_minutes'])} min")
    page.keyboard.press("Space")
    expect(page.locator("#marked")).to_contain_text("Aangeduid: 1 van de gemeenten.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#marked")).to_contain_text("Aangeduid: 2 gemeenten.")
    told = page.locator("#marked p").inner_text()
    births = re.search(r"([\d.]+) baby's", told)
    assert births
    explorer.after(lambda: page.locator('[data-marked="only"]').click())
    assert page.evaluate("window.nabij.table.every().length") == 2
    assert f"van de {births.group(1)}" in explorer.headline()
    assert "areas=municipality:" in page.url

    page.locator('[data-chart="data"]').click()
    expect(page.locator(".chart-data tbody tr")).to_have_count(2)
    page.locator('[data-chart="data"]').click()
    with page.expect_download() as saved:
        page.locator('[data-chart="svg"]').click()
    picture = Path(saved.value.path()).read_text(encoding="utf-8")
    assert "ILLUSTRATIEVE GEGEVENS" in picture
    assert "var(--" not in picture
    page.locator("#face-table").click()
    expect(page.locator("#table")).to_be_visible()
    assert "chart=" not in page.url

    page.locator("#lasso-rectangle").click()
    left, top = page.evaluate("window.nabij.mapState().pixelOf(window.nabij.table.every()[0].id)")
    page.mouse.click(left - 30, top - 30)
    page.mouse.click(left + 30, top + 30)
    expect(page.locator("#marked")).to_contain_text("Aangeduid")
    drawn = page.evaluate("window.nabij.table.every()[0].id")
    onward = page.get_by_role("link", name="Oordeel en dossier")
    expect(onward).to_have_attribute("href", re.compile(rf"/gemeente\?.*areas=[^&]*municipality:{drawn}"))


def test_the_look_of_a_view_is_in_its_address(explorer: Explorer) -> None:
    """Sorted, filtered, grouped, with other columns, classes, borders and place of the map: another window shows it."""
    page = explorer.page
    look = "columns=births,share_in_reach&sort=share_in_reach:desc&filter=births:500..;&group=province"
    explorer.open(
        f"?only=gaps&classes=quartile&borders=care_region&camera=51.05,3.72,10.2&indicator=mean_minutes&{look}"
    )
    address = page.url
    titles = page.locator('#table [role="columnheader"]').all_inner_texts()
    assert [title.replace("\n", " ") for title in titles] == ["Nr.", "Zone", "Aantal", "Binnen bereik", "Herkomst"]
    groups = page.locator("#table .grid-row.group .zone-name").all_inner_texts()
    assert any(group.startswith("Oost-Vlaanderen (") for group in groups)
    rows = page.evaluate("window.nabij.table.shown().rows.map((row) => [row.births, row.gap])")
    assert rows
    assert all(births >= 500 and gap for births, gap in rows)
    assert len(page.locator("#legend .class-row").all()) >= 4
    at = page.evaluate("[window.nabij.map.getCenter().lat, window.nabij.map.getZoom()]")
    assert at == pytest.approx([51.05, 10.2], abs=0.01)
    page.wait_for_function("() => document.querySelector('.second-border')", polling=LOOKS_MS)

    page.locator("#table-menu-button").click()
    page.locator('#table-menu input[name="name"]').fill("gent")
    expect(page.locator("#table-title")).to_contain_text("0 van de 304")
    page.locator('#table-menu [data-table="usual"]').click()
    page.keyboard.press("Escape")
    page.locator('[data-zoom="home"]').click()
    page.wait_for_function("() => !location.search.includes('camera')", polling=LOOKS_MS)
    for name in ("sort", "filter", "group", "columns", "camera"):
        assert f"{name}=" not in page.url
    explorer.open(address.removeprefix(explorer.address))
    assert page.url == address


def test_a_norm_that_makes_all_a_gap_says_so_and_offers_others(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open()
    expect(page.locator(".norm-hint")).to_contain_text("van de 304 gemeenten een leemte")
    explorer.after(lambda: page.locator("#hint-bike").click())
    assert "mode=bike" in page.url
    expect(page.locator(".norm-hint")).to_have_count(0)  # most are none by bike


def test_the_sums_of_the_table_are_the_answer_on_top(explorer: Explorer) -> None:
    explorer.open()
    total = explorer.page.locator('#table .grid-foot [data-key="total"]')
    out = total.locator(".col-births_out_of_reach").inner_text()
    births = total.locator(".col-births").inner_text()
    assert explorer.headline().startswith(f"{out} van de {births} ")


def step(page: Page, rng: random.Random) -> None:
    """Do something that somebody could do, wherever the page is now."""
    what = rng.choice(["key", "click", "click", "click", "map", "wheel", "back", "resize"])
    if what == "key":
        page.keyboard.press(rng.choice(["Tab", "Enter", "Escape", "ArrowDown", "ArrowRight", "Space", "Shift+Tab"]))
    elif what == "click":
        page.evaluate(
            """at => {
                const kinds = "button, [role=gridcell], [role=columnheader], summary, label";
                const away = "#print-button, .document-files"; // they leave the page, or take long
                const shown = [...document.querySelectorAll(kinds)].filter(
                    (node) => node.checkVisibility() && !node.closest(away));
                shown[Math.floor(at * shown.length)]?.click();
            }""",
            rng.random(),
        )
    elif what == "map":
        page.mouse.click(rng.randint(300, 1000), rng.randint(150, 450))
    elif what == "wheel":
        page.mouse.move(700, 300)
        page.mouse.wheel(0, rng.choice([-200, 200]))
    elif what == "back":
        page.evaluate("() => history.length > 3 && history.back()")
    else:
        width, height = rng.choice([(360, 740), (1280, 720)])
        page.set_viewport_size({"width": width, "height": height})


STARTS = ("plannen?areas=care_region:boom",)
MORE_STARTS = ("", "vergelijken", "overlap", OUDENBURG, "norm", "gegevens", "methode", "?lang=fr&level=sector&mode=car")
"""Pages of a longer walk."""
ALL_STARTS = (*STARTS, *MORE_STARTS)


@pytest.mark.parametrize("start", ALL_STARTS if MORE_ACTIONS in os.environ else STARTS)
def test_random_steps_leave_no_error_behind(explorer: Explorer, start: str) -> None:
    """Whatever is done in whatever order, nothing complains, the server answers, and the page comes to rest."""
    page, rng = explorer.page, random.Random(f"{SEED}{start}")
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 500 else None)
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(explorer.address + start)
    expect(page.locator("h1").first).to_be_visible()
    for _ in range(int(os.environ[MORE_ACTIONS]) // len(ALL_STARTS) if MORE_ACTIONS in os.environ else ACTIONS):
        step(page, rng)
        if not page.url.startswith(explorer.address):
            page.goto(explorer.address + start)
    page.wait_for_function("() => !document.querySelector('.busy.on')", polling=LOOKS_MS)
    assert failed == []
