"""The explorer in a real browser: what a planner does, and what must hold while doing it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from playwright.sync_api import expect

from layers.maps.scales.classes import class_index, legend_for
from loaders.catalogue.columns import RESULT_COLUMNS

if TYPE_CHECKING:
    from tests.app.conftest import Explorer

pytestmark = pytest.mark.browser

WITHOUT_BUREAU = {"Hemiksem", "Niel", "Schelle", "Sint-Amands"}
"""Of the care region of Boom, according to the field report."""


def choose(explorer: Explorer, label: str) -> None:
    """Click a choice in the sidebar."""
    explorer.page.locator(".sidebar label", has_text=re.compile(f"^{label}$")).click()


def pick(explorer: Explorer, select: str, option: str) -> None:
    """Open a select and take an option."""
    explorer.page.locator(f"#{select}").click()
    explorer.page.get_by_role("option", name=option, exact=True).click()


def download(explorer: Explorer, form: str, folder: Path) -> Path:
    explorer.page.locator("#download-button").click()
    with explorer.page.expect_download() as started:
        explorer.offer(form).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def read_csv(path: Path) -> pd.DataFrame:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return pd.read_csv(io.StringIO("\n".join(lines)), dtype={"zone_id": str})


def test_the_opening_view_answers_a_question_and_says_where_it_comes_from(explorer: Explorer, downloads: Path) -> None:
    explorer.open()
    assert re.fullmatch(
        r"[\d.]+ van de 75\.940 baby's van 2025 wonen op meer dan 15 minuten stappen van een consultatiebureau\.",
        explorer.headline(),
    )
    assert explorer.page.evaluate("window.nabij.mapState().zones") == 304
    marks = explorer.page.locator(".rank-mark").all_inner_texts()
    assert sorted(marks, key=int) == [str(n) for n in range(1, 11)]
    assert len(explorer.names()) == 304
    expect(explorer.page.locator("#table-title")).to_have_text("304 gemeenten")
    assert explorer.page.locator("html").get_attribute("lang") == "nl"
    assert explorer.page.title() == "Verkennen · nabij"

    # made-up places are said to be so everywhere
    expect(explorer.page.locator("#banner")).to_be_visible()
    expect(explorer.page.locator("#banner")).to_contain_text("Verzonnen plaatsen")
    expect(explorer.page.locator(".table-head .stamp")).to_be_visible()
    expect(explorer.page.locator("#legend .stamp")).to_be_visible()
    assert set(explorer.page.locator("#table .grid-body .col-evidence").all_inner_texts()) == {"verzonnen"}
    path = download(explorer, "CSV", downloads)
    assert path.name == "nabij-bureau-municipality-2025-illustrative.csv"
    assert "ILLUSTRATIEVE GEGEVENS" in path.read_text(encoding="utf-8").splitlines()[0]

    # provenance: source, vintage and licence
    explorer.page.locator("#sources-button").click()
    panel = explorer.page.get_by_role("dialog")
    for words in ("Levendgeborenen per gemeente", "Statbel", "free reuse with attribution", "nabij coverage"):
        expect(panel).to_contain_text(words)
    panel.locator("summary").click()
    expect(panel.locator(".layers-table tbody tr")).not_to_have_count(0)


def test_another_indicator_asks_the_server_nothing_and_another_reach_only_values(explorer: Explorer) -> None:
    explorer.open()
    before = explorer.colour("44021")
    asked = explorer.after(lambda: pick(explorer, "indicator", "Aandeel binnen bereik"))
    assert [url for url in asked if "favicon" not in url] == []
    assert explorer.colour("44021") != before
    expect(explorer.page.locator("#legend")).to_contain_text("minder dan 10")
    assert "indicator=share_in_reach" in explorer.page.url
    shares = explorer.page.evaluate(
        """() => {
            const shares = window.nabij.table.shown().rows.map((row) => row.share_in_reach);
            return shares.map((share) => (share === null ? 2 : share)); // no children, no share: last
        }"""
    )
    assert shares == sorted(shares)

    headline = explorer.headline()
    asked = explorer.after(lambda: choose(explorer, "Fiets"))
    assert not [url for url in asked if "/geo/" in url]
    assert "15 minuten fietsen" in explorer.headline() != headline
    expect(explorer.page.locator("#minutes")).to_have_value("15 min")
    expect(explorer.page.locator("#minutes-help")).to_have_text("15 minuten fietsen = 3,75 km")


def test_the_map_has_the_colours_of_the_figures(explorer: Explorer, downloads: Path) -> None:
    explorer.open("?indicator=mean_minutes")
    table = read_csv(download(explorer, "CSV", downloads))
    legend = legend_for(table, "mean_minutes")
    expected = dict(zip(table["zone_id"], class_index(table["mean_minutes"], legend), strict=True))
    for zone in ("11002", "44021", "31005", "12041", "21001"):
        assert explorer.colour(zone) == legend.colours[expected[zone]]


def test_a_zone_is_found_on_the_map_in_the_table_by_name_and_beside_another(explorer: Explorer) -> None:
    explorer.open()
    row = explorer.page.locator("#table .grid-row[aria-rowindex='4']")
    zone = row.get_attribute("data-key")
    row.hover()
    explorer.page.wait_for_function("id => window.nabij.zoneId(window.nabij.mapState().hovered) === id", arg=zone)
    row.click()
    explorer.page.wait_for_function("id => window.nabij.mapState().selected === id", arg=zone)
    name = row.locator(".zone-name").inner_text()
    expect(explorer.page.locator("#sheet h2")).to_have_text(name)
    explorer.page.keyboard.press("Escape")
    expect(explorer.page.locator("#sheet-panel")).not_to_be_visible()

    explorer.click_zone("31033")  # Torhout
    sheet = explorer.page.locator("#sheet")
    expect(sheet.locator("h2")).to_have_text("Torhout")
    expect(sheet).to_contain_text("Gemeente, grenzen van 2025")
    for part in ("Cijfers", "Voor wie de dichtste plaats elders ligt", "Sinds 1992", "Buren"):
        expect(sheet).to_contain_text(part)
    expect(sheet).to_contain_text("0-jarigen op 1 januari (benadert de geboorten)")
    expect(explorer.page.locator("#table .grid-row.chosen .zone-name")).to_have_text("Torhout")
    assert "zone=31033" in explorer.page.url
    explorer.page.keyboard.press("Escape")
    expect(explorer.page.locator("#table .grid-row.chosen")).to_have_count(0)
    expect(explorer.page.locator("#sheet-panel")).not_to_be_visible()
    assert "zone=" not in explorer.page.url

    search = explorer.page.get_by_placeholder("Zoek een gemeente")
    search.fill("puurs")
    explorer.page.get_by_role("option", name="Puurs-Sint-Amands").click()
    expect(explorer.page.locator("#sheet h2")).to_have_text("Puurs-Sint-Amands")
    assert "zone=12041" in explorer.page.url
    explorer.page.locator("#sheet .chip", has_text="Willebroek").click()
    expect(explorer.page.locator("#sheet h2")).to_have_text("Willebroek")


def test_the_examples_of_oostende_and_boom_and_the_way_back(explorer: Explorer, downloads: Path) -> None:
    explorer.open()
    before = explorer.page.evaluate("history.length")
    asked = explorer.after(lambda: explorer.page.locator("#example-oostende").click())
    assert explorer.page.evaluate("history.length") == before + 1
    assert len([url for url in asked if "view.data" in url]) == 1
    assert explorer.headline() == "In zorgregio Oostende hebben 1 van de 5 gemeenten geen consultatiebureau: Oudenburg."
    explorer.after(lambda: explorer.page.go_back())
    expect(explorer.page.locator("#indicator")).to_have_value("Aantal buiten bereik")
    assert explorer.page.url == explorer.address
    assert len(explorer.names()) == 304

    explorer.after(lambda: explorer.page.locator("#example-boom").click())
    expect(explorer.page.locator("#indicator")).to_have_value("Plaatsen in de zone")
    assert explorer.headline() == (
        "In zorgregio Boom hebben 4 van de 10 gemeenten geen consultatiebureau: Hemiksem, Niel, Schelle en Sint-Amands."
    )
    expect(explorer.page.locator("#banner")).to_be_hidden()
    assert len(explorer.names()) == 10
    explorer.page.get_by_label("Alleen leemten").check()
    expect(explorer.page.locator("#table-title")).to_have_text("4 van de 10 gemeenten met een leemte")
    assert set(explorer.names()) == WITHOUT_BUREAU
    rows = read_csv(download(explorer, "CSV", downloads))
    assert set(rows["zone_name"]) == WITHOUT_BUREAU
    assert set(rows["gap_reasons"]) == {"no_bureau_on_territory;no_bureau_no_house"}
    assert set(rows["evidence"]) == {"documented"}
    explorer.page.get_by_label("Alleen leemten").uncheck()

    # what the merger did to it
    explorer.after(lambda: explorer.page.locator("#merger-hint").click())
    assert "3 van de 9 gemeenten" in explorer.headline()
    sheet = explorer.page.locator("#sheet")
    expect(sheet.locator("h2")).to_have_text("Puurs-Sint-Amands")
    expect(sheet).to_contain_text("Puurs-Sint-Amands ontstond uit Puurs en Sint-Amands.")
    expect(sheet).to_contain_text("Sint-Amands: geen consultatiebureau op het oude grondgebied.")


def rows_of(path: Path, form: str) -> pd.DataFrame:
    """Rows of a download."""
    if form == "CSV":
        return read_csv(path)
    if form == "Excel":
        rows = pd.read_excel(path, engine="openpyxl")
        names = pd.read_excel(path, sheet_name="Begrippen", engine="openpyxl")["Naam voor programma's"]
        return rows.set_axis(names.tolist(), axis="columns")
    if form == "Parquet":
        return pd.read_parquet(path)
    rows = gpd.read_file(path, layer="nabij" if form == "GeoPackage" else None)
    assert rows.geometry.notna().all()
    if form == "GeoJSON":
        assert json.loads(path.read_text(encoding="utf-8"))["nabij"]["warning"].startswith("ILLUSTRATIEVE")
    return pd.DataFrame(rows.drop(columns="geometry"))


def test_a_download_is_exactly_what_the_table_shows(explorer: Explorer, downloads: Path) -> None:
    explorer.open("?areas=care_region:oostende&vintage=2018&indicator=births")
    shown = explorer.names()
    for form in ("CSV", "Excel", "GeoJSON", "GeoPackage", "Parquet"):
        rows = rows_of(download(explorer, form, downloads), form)
        assert rows["zone_name"].tolist() == shown, form
        assert set(RESULT_COLUMNS) <= set(rows.columns), form


def test_every_level_can_be_shown(explorer: Explorer) -> None:
    explorer.open()
    for level, zones in (("Zorgregio", 2), ("Eerstelijnszone", 57), ("Statistische sector", 9879), ("Provincie", 6)):
        explorer.after(lambda level=level: pick(explorer, "level", level))  # type: ignore[misc]
        assert explorer.page.evaluate("window.nabij.mapState().zones") == zones
        assert len(explorer.names()) == zones
        if level == "Zorgregio":  # borders known in part say so on the rest
            expect(explorer.page.locator("#legend")).to_contain_text("Hier niet bekend")
            expect(explorer.page.locator("#table .grid-foot")).to_contain_text("Hier niet bekend")


def test_hectares_lie_on_the_map_and_have_a_legend(explorer: Explorer) -> None:
    explorer.open()
    explorer.page.locator("#layers-fold").click()  # on a screen of 1280 the layers are folded
    explorer.after(lambda: explorer.page.get_by_label("Reistijd per hectare").check())
    picture = explorer.page.locator("img.hectares")
    expect(picture).to_be_visible()
    explorer.page.wait_for_function("() => document.querySelector('img.hectares').naturalWidth > 1000")
    expect(explorer.page.locator("#legend")).to_contain_text("Reistijd tot de dichtste plaats")
    expect(explorer.page.locator("#indicator")).to_be_hidden()


def test_public_facts_are_marks_and_stand_in_the_sheet_with_their_source(explorer: Explorer) -> None:
    explorer.open("?zone=44021")
    explorer.page.locator("#layers-fold").click()
    explorer.after(lambda: explorer.page.get_by_label("Openbare feiten").check())
    expect(explorer.page.locator(".fact-mark").first).to_be_attached()
    sheet = explorer.page.locator("#sheet")
    expect(sheet).to_contain_text("Ter informatie; nooit een reden voor een leemte.")
    assert str(sheet.locator("a.source-link").first.get_attribute("href")).startswith("http")


def test_the_address_gives_the_view_again_and_back_goes_back(explorer: Explorer) -> None:
    explorer.open()
    opening = explorer.headline()
    explorer.after(lambda: choose(explorer, "Huis van het Kind"))
    explorer.after(lambda: choose(explorer, "Fiets"))
    house, address = explorer.headline(), explorer.page.url
    assert "service=house" in address
    explorer.after(lambda: explorer.page.go_back())
    assert "15 minuten stappen van een fysiek Huis van het Kind" in explorer.headline()
    explorer.after(lambda: explorer.page.go_back())
    assert explorer.headline() == opening
    explorer.page.goto(address)
    explorer.settled()
    assert explorer.headline() == house
    assert explorer.page.locator(".sidebar label[data-active]").all_inner_texts()[:2] == ["Huis van het Kind", "Fiets"]


def test_language(explorer: Explorer) -> None:
    explorer.open("?mode=bike")
    explorer.page.locator("#language-en").click()
    explorer.page.wait_for_url("**lang=en")
    explorer.settled()
    assert "live more than 15 minutes' cycling from a consultation bureau." in explorer.headline()
    assert explorer.page.locator("html").get_attribute("lang") == "en"
    expect(explorer.page.locator("#banner")).to_contain_text("Made-up places")
    expect(explorer.page.locator("#table .grid-head")).to_contain_text("Mean travel time")


def test_an_address_that_makes_no_sense_opens_the_opening_view(explorer: Explorer) -> None:
    explorer.open("?level=street")
    expect(explorer.page.get_by_role("alert").filter(has_text="Onbekend niveau 'street'")).to_be_visible()
    assert len(explorer.names()) == 304


def test_an_unknown_zone_is_told_and_opens_no_sheet(explorer: Explorer) -> None:
    explorer.open("?zone=99999")
    expect(explorer.page.get_by_role("alert").filter(has_text="Er is geen gemeente '99999'")).to_be_visible()
    expect(explorer.page.locator("#sheet-panel")).not_to_be_visible()


def test_by_keyboard_alone(explorer: Explorer) -> None:
    explorer.open()
    explorer.page.keyboard.press("Tab")
    expect(explorer.page.locator(".skip")).to_be_focused()
    explorer.page.keyboard.press("Enter")
    expect(explorer.page.locator("#table-region")).to_be_focused()
    explorer.page.locator("#table .grid-row[aria-rowindex='2'] .zone-name").focus()
    explorer.page.keyboard.press("Enter")
    first = explorer.page.locator("#table .grid-row[aria-rowindex='2'] .zone-name").inner_text()
    expect(explorer.page.locator("#sheet h2")).to_have_text(first)
    grip = explorer.page.locator("#table-grip")
    height = int(str(grip.get_attribute("aria-valuenow")))
    grip.focus()
    explorer.page.keyboard.press("ArrowUp")
    expect(grip).not_to_have_attribute("aria-valuenow", str(height))


def test_the_page_fits_a_small_and_a_large_screen(explorer: Explorer) -> None:
    for width, height in ((1280, 720), (1920, 1080)):
        explorer.page.set_viewport_size({"width": width, "height": height})
        explorer.open()
        page = explorer.page.evaluate(
            "(({scrollWidth, scrollHeight}) => [scrollWidth, scrollHeight])(document.documentElement)"
        )
        assert page == [width, height]
        assert explorer.page.locator("#headline").bounding_box()["height"] < 40  # type: ignore[index]
        expect(explorer.page.locator("#example-oostende")).to_be_in_viewport()


def test_another_travel_model_is_explained_and_changes_the_figures(explorer: Explorer) -> None:
    """Niel lies across the Rupel from nearer bureaus: around barriers it is farther than in a straight line."""
    explorer.open("?zone=11030")
    page = explorer.page
    expect(page.locator("#model-help")).to_be_hidden()
    before = page.locator("#headline").inner_text()
    explorer.open("?zone=11030&model=raster")
    expect(page.locator("#model-help")).to_contain_text("om water en snelwegen heen")
    expect(page.locator("#headline")).not_to_have_text(before)
    explorer.open("?model=teleport")
    expect(page.locator("#headline")).to_have_text(before)


def test_what_cannot_be_is_told_and_what_is_not_known_gives_way(explorer: Explorer) -> None:
    explorer.open()
    before = explorer.headline()
    field = explorer.page.locator("#minutes")
    field.fill("0")
    field.blur()
    notice = explorer.page.get_by_role("alert").filter(has_text="Dat lukt zo niet")
    expect(notice).to_contain_text("'0' is geen aantal minuten; geef getallen boven 0, zoals 10,15,30.")
    assert explorer.headline() == before
    assert len(explorer.names()) == 304
    field.fill("25")
    field.blur()
    expect(explorer.page.locator("#headline")).to_contain_text("25 minuten stappen")
    expect(notice).to_have_count(0)

    explorer.after(lambda: choose(explorer, "Gedocumenteerd"))
    expect(explorer.page.locator("#indicator")).to_have_value("Plaatsen in de zone")
    explorer.page.locator("#indicator").click()
    expect(explorer.page.get_by_role("option", name="Gemiddelde reistijd")).to_have_attribute(
        "data-combobox-disabled", "true"
    )
