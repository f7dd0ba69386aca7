"""A messy workbook from upload to map: read, put right, its area chosen and used, in Dutch and in few clicks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.app.conftest import Explorer

pytestmark = pytest.mark.browser

ROWS = [
    ("Overzicht consultatiebureaus", None, None, None, None),
    ("Bron: eigen telling", None, None, None, None),
    ("Nr", "Naam CB", "Gemeente", "X", "Y"),
    (1, "Bureau Boom", "Boom", "150206,26", "198043,56"),
    (2, "Bureau Niel", "Niel", "147515,10", "200089,50"),
    (3, "Bureau Rumst", "Rumst", "197003,40", "153800,20"),
    (4, "Bureau Willebroek", "Willebroek", "193800,00", "149700,40"),
    (None, "Totaal", None, None, None),
]
"""Two title rows, decimal commas, x and y exchanged in two rows, and a total."""


def messy(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Leesmij"
    book.worksheets[0].append(["Deze map bevat de lijst op blad 2"])
    sheet = book.create_sheet("Lijst")
    for row in ROWS:
        sheet.append(row)
    path = folder / "bureaus.xlsx"
    book.save(path)
    return path


def test_a_messy_workbook_reaches_the_map_in_under_ten_clicks(explorer: Explorer, tmp_path: Path) -> None:
    page = explorer.page
    clicks = 0

    def click(what: object) -> None:
        nonlocal clicks
        clicks += 1
        what.click()  # type: ignore[attr-defined]

    page.goto(explorer.address + "gegevens?service=bureau")
    page.locator("#list-file input[type=file]").set_input_files(messy(tmp_path))
    clicks += 2  # opening the dialog and choosing the file
    expect(page.locator(".refusal")).to_contain_text("dienst")
    click(
        page.get_by_role("combobox", name="Dienst voor alle rijen")
        .or_(page.get_by_label("Dienst voor alle rijen"))
        .first
    )
    click(page.get_by_role("option", name="consultatiebureau").first)
    expect(page.locator(".found-lines")).to_contain_text("elezen is 'Lijst'; niet gelezen: Leesmij")
    expect(page.locator(".found-lines")).to_contain_text("koppen staan in rij 3")
    expect(page.locator(".count.refused")).to_have_text("2 geweigerd")
    click(page.get_by_role("button", name="Wissel x en y in 2 rijen"))
    expect(page.locator(".count.refused")).to_have_count(0)
    expect(page.locator("#list-review .list-picture")).to_be_visible()
    expect(page.get_by_label("De lijst is volledig voor").first).to_have_value("zorgregio Boom")
    with page.expect_download() as started:
        page.locator("#list-corrected").click()
    kept = tmp_path / started.value.suggested_filename
    started.value.save_as(kept)
    assert "3;Bureau Rumst;Rumst;153800,20;197003,40" in kept.read_text(encoding="utf-8-sig")
    click(page.get_by_role("button", name="Gebruik deze lijst"))
    page.wait_for_url(lambda url: "gegevens" not in url)
    explorer.settled()
    assert clicks < 10
    expect(page.locator(".place")).to_have_count(4)
    assert set(page.locator("#table .grid-body .col-evidence").all_inner_texts()) == {"eigen lijst"}
