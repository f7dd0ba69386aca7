"""A view on paper: the answer, the map with its legend, the table in full, and where it is from."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.app.conftest import Explorer


def print_out(explorer: Explorer) -> Page:
    """Click *Afdrukken*, up to where the browser would show its dialog, and see the page as paper would."""
    page = explorer.page
    page.click("#download-button")
    page.click("#print-button")
    page.wait_for_function("() => window.printed")
    page.emulate_media(media="print")
    return page


def test_a_view_prints_its_answer_map_legend_and_every_row(explorer: Explorer) -> None:
    page = explorer.page
    page.add_init_script("window.print = () => { window.printed = true; }")
    explorer.open("?areas=care_region:boom&zone=11018")
    names = explorer.names()
    page = print_out(explorer)
    for part in ("#banner", "#headline", ".map", ".legend-card .classes", ".legend-card .stamp", "#sheet h2"):
        expect(page.locator(part).first).to_be_visible()
    for part in (".sidebar", ".zoom", ".search", ".layers-card", ".table-wrap", "#sheet-close"):
        expect(page.locator(part).first).not_to_be_visible()
    rows = page.locator("#print-table tbody tr")
    *printed, together = map(cells, rows.all())
    assert [row[1] for row in printed] == names
    assert {row[-1] for row in printed} == {"verzonnen"}
    assert [row[0] for row in printed] == [str(n + 1) for n in range(len(names))]
    assert together[1] == "Samen"
    foot = page.locator("#print-foot").inner_text()
    assert "care_region:boom" in foot
    assert re.search(r"afgedrukt op \d+ \w+ \d{4}$", foot)
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    page.wait_for_function("() => !document.querySelector('.printing')")  # the browser has said that it printed
    page.emulate_media(media="screen")
    expect(page.locator("#print-table tr")).to_have_count(0)
    expect(page.locator(".sidebar")).to_be_visible()
    explorer.settled()


def cells(row: object) -> list[str]:
    """Texts of a row."""
    return [str(text).strip() for text in row.locator("td").all_inner_texts()]  # type: ignore[attr-defined]


def test_a_table_too_long_for_paper_is_told(explorer: Explorer) -> None:
    page = explorer.page
    page.add_init_script("window.print = () => { window.printed = true; }")
    explorer.open("?level=sector")
    page = print_out(explorer)
    expect(page.locator("#print-table tr")).to_have_count(0)
    expect(page.locator("#print-foot")).to_contain_text("wordt niet mee afgedrukt")
