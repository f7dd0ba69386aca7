"""Measures of access and certainty in a browser: asked once, on map, in table, sheet, file and address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.measures import access_table, with_error
from layers.maps.scales.classes import ASKED
from layers.views.view import indicator_title
from loaders.catalogue.columns import RESULT_COLUMNS
from loaders.lists.facilities.facility_choice import load_facilities
from tests.app.test_explorer import download, pick, read_csv
from tests.app.test_uploads import give, to_data, use, write

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot
    from tests.app.conftest import Explorer

pytestmark = pytest.mark.browser

ANSWER = "asked.data"


def asked(requests: list[str]) -> list[str]:
    """Requests for figures: of a question, or of an indicator that has to be worked out."""
    return [url for url in requests if "_dash-update-component" in url]


def column(explorer: Explorer, name: str) -> dict[str, float | None]:
    """Zone name -> value that the table shows in a column."""
    values: dict[str, float | None] = explorer.page.evaluate(
        "(name) => Object.fromEntries(window.nabij.table.column(name))",
        name,
    )
    return values


def test_a_measure_is_asked_once_and_then_at_hand(explorer: Explorer) -> None:
    explorer.open("?mode=bike")
    first = asked(explorer.after(lambda: pick(explorer, "indicator", "Aanbod, nabij telt (E2SFCA)")))
    assert [url.partition("#")[2] for url in first] == [ANSWER]
    assert "indicator=e2sfca" in explorer.page.url
    legend = explorer.page.locator("#legend")
    expect(legend).to_contain_text("plaatsen per 1.000 geboorten")
    expect(legend).to_contain_text("waarbij wie dichter woont meer van een plaats heeft")
    expect(legend).to_contain_text("Uren niet bekend")
    assert asked(explorer.after(lambda: pick(explorer, "indicator", "Gemiddelde reistijd"))) == []
    assert asked(explorer.after(lambda: pick(explorer, "indicator", "Aanbod, nabij telt (E2SFCA)"))) == []


def test_map_table_and_file_hold_the_figures_of_the_engine(
    explorer: Explorer, downloads: Path, embedded: Snapshot
) -> None:
    places = load_facilities(embedded, "illustrative")
    table, _ = access_table(Engine(embedded), Query(mode="bike", model="network"), places, ("e2sfca",))
    expected = table.set_index("zone_name")["mean"]
    explorer.open("?mode=bike&indicator=e2sfca")
    shown = column(explorer, "e2sfca")
    assert len(shown) == 304
    for name in ("Brugge", "Gent", "Landen", "Oostende"):
        assert shown[name] == pytest.approx(1000 * expected[name], rel=1e-3)
    values = [value for value in column(explorer, "e2sfca").values() if value is not None]
    assert len(values) == table["mean"].notna().sum()
    listed = [shown[name] for name in explorer.names()]
    assert listed == sorted(listed, key=lambda value: np.inf if value is None else value)
    gini = table.set_index("zone_name")["gini"]
    assert column(explorer, "asked-gini")["Gent"] == pytest.approx(gini["Gent"], abs=1e-4)

    path = download(explorer, "CSV", downloads)
    rows = read_csv(path)
    assert list(rows.columns) == [
        *RESULT_COLUMNS,
        "measure",
        "unit",
        "mean",
        "median",
        "gini",
        "palma",
        "share_without",
    ]
    assert set(rows["unit"]) == {"places per child"}
    np.testing.assert_allclose(rows.set_index("zone_name")["mean"]["Gent"], expected["Gent"], rtol=1e-12)
    notes = path.read_text(encoding="utf-8")
    assert "Het scherm toont: plaatsen per 1.000 geboorten." in notes
    assert "tellen als één gemiddelde plaats" in notes


def test_the_sheet_tells_the_measure_of_a_zone(explorer: Explorer) -> None:
    explorer.open("?mode=bike&indicator=2sfca&zone=44021")
    sheet = explorer.page.locator("#sheet .asked")
    expect(sheet).to_contain_text("Aanbod per kind (2SFCA)")
    expect(sheet).to_contain_text("plaatsen per 1.000 geboorten")
    for word in ("Mediaan", "Gini", "Palma", "Deel zonder", "een plaats gelijk deelt"):
        expect(sheet).to_contain_text(word)


def test_certainty_is_on_map_table_sheet_and_in_the_file(
    explorer: Explorer, downloads: Path, embedded: Snapshot
) -> None:
    """The same 200 draws as the command's ``--draws 200``, whose seed is 1."""
    explorer.open("?indicator=gap_probability&zone=44021")
    answer = Engine(embedded).analyse(Query(model="network", draws=200), load_facilities(embedded, "illustrative"))
    expected = with_error(answer).set_index("zone_name")
    shown, error = column(explorer, "gap_probability"), column(explorer, "asked-gap_probability_error")
    for name in ("Gent", "Antwerpen", "Lede", "Genk"):
        assert shown[name] == pytest.approx(expected["gap_probability"][name], abs=1e-4)
        assert error[name] == pytest.approx(expected["gap_probability_error"][name], abs=1e-4)
    expect(explorer.page.locator("#legend")).to_contain_text("200 willekeurige trekkingen")
    expect(explorer.page.locator("#legend")).to_contain_text("standaardfout hoogstens 3,5")
    expect(explorer.page.locator("#sheet .asked")).to_contain_text("standaardfout")
    rows = read_csv(download(explorer, "CSV", downloads)).set_index("zone_name")
    assert rows["gap_probability"]["Gent"] == expected["gap_probability"]["Gent"]
    assert rows["gap_probability_error"]["Gent"] == pytest.approx(expected["gap_probability_error"]["Gent"])


def test_the_share_below_which_there_is_a_gap_can_be_chosen(explorer: Explorer) -> None:
    explorer.open("?only=gaps&mode=bike")
    before = len(explorer.names())
    share = explorer.page.locator("#min-share")
    expect(share).to_have_value("50 %")

    def stricter() -> None:
        share.fill("80")
        share.press("Tab")

    explorer.after(stricter)
    assert len(explorer.names()) > before
    assert "min_share=0.8" in explorer.page.url
    explorer.after(lambda: pick(explorer, "indicator", "Leemte of niet"))
    expect(explorer.page.locator("#legend")).to_contain_text("minder dan 80 % binnen bereik")
    explorer.after(lambda: explorer.page.go_back())
    explorer.after(lambda: explorer.page.go_back())
    expect(share).to_have_value("50 %")
    assert len(explorer.names()) == before


def test_what_needs_distances_gives_way_where_there_are_none(explorer: Explorer) -> None:
    explorer.open("?indicator=e2sfca&facilities=documented&areas=care_region:boom&vintage=2018")
    expect(explorer.page.locator("#legend")).to_contain_text("plaatsen op het grondgebied")
    explorer.page.locator("#indicator").click()
    for option in ("Aanbod, nabij telt (E2SFCA)", "Kans op een leemte"):
        expect(explorer.page.get_by_role("option", name=option)).to_have_attribute("data-combobox-disabled", "true")


def test_another_question_asks_the_measure_anew(explorer: Explorer) -> None:
    explorer.open("?mode=bike&indicator=count")
    before = column(explorer, "count")
    explorer.after(lambda: explorer.page.locator(".sidebar label", has_text="Auto").click())
    after = column(explorer, "count")
    assert all(after[name] >= value for name, value in before.items() if value is not None)  # type: ignore[operator]
    expect(explorer.page.locator("#legend")).to_contain_text("plaatsen, gemiddeld per kind")


def test_every_asked_indicator_has_a_map_with_a_legend(explorer: Explorer) -> None:
    explorer.open("?mode=bike&areas=province:oost-vlaanderen")
    for indicator in ASKED:
        explorer.after(lambda name=indicator: pick(explorer, "indicator", indicator_title(name, "nl")))  # type: ignore[misc]
        assert explorer.page.evaluate("window.nabij.indicator") == indicator
        assert explorer.page.locator("#legend .class-row").count() >= 5
    explorer.page.locator("#legend summary").click()
    expect(explorer.page.locator("#legend .legend-help p")).to_be_visible()


def test_a_list_with_hours_shows_which_place_has_too_few(explorer: Explorer, tmp_path: Path) -> None:
    """Boom has 20 hours a year and Niel 500: for the children of Boom that is too few, and supply is told in hours."""
    rows = "b1,bureau,Bureau Boom,51.0900,4.3660,20\nb2,bureau,Bureau Niel,51.1110,4.3330,500\n"
    path = write(tmp_path, "uren.csv", f"id,dienst,naam,lat,lon,uren_per_jaar\n{rows}")
    explorer.open("?service=bureau&mode=bike&areas=care_region:boom")
    to_data(explorer)
    give(explorer, path)
    use(explorer, "Gebruik deze lijst")
    boom = explorer.page.locator("#table .grid-row", has=explorer.page.get_by_text("Boom", exact=True))
    expect(boom.first).to_contain_text("te weinig uren")
    boom.first.locator(".zone-name").click()
    sheet = explorer.page.locator("#sheet")
    expect(sheet).to_contain_text("Te weinig uren")
    expect(sheet).to_contain_text("20 uur per jaar, te weinig")
    explorer.after(lambda: pick(explorer, "indicator", "Aanbod, nabij telt (E2SFCA)"))
    expect(explorer.page.locator("#legend")).to_contain_text("uren per jaar per kind")
    expect(explorer.page.locator("#legend")).not_to_contain_text("Uren niet bekend")
