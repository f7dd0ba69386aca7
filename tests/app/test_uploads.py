"""Bringing a list or zones of one's own to the explorer, in a real browser."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from i18n.texts import text
from loaders.catalogue.publishers.source_words import source_word
from loaders.catalogue.publishers.sources import SOURCES
from loaders.snapshot.reader import Snapshot

if TYPE_CHECKING:
    from tests.app.conftest import Explorer

pytestmark = pytest.mark.browser

GOOD = "id,dienst,naam,lat,lon\nb1,bureau,Bureau Boom,51.0900,4.3660\nb2,bureau,Bureau Niel,51.1110,4.3330\n"
WRONG = GOOD + "b3,creche,Bureau Rumst,51.08,4.42\nb4,bureau,In zee,51.50,2.60\n"
"""Rows 4 and 5 are wrong: an unknown service, and a place in the sea."""


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def give(explorer: Explorer, path: Path) -> None:
    """Give a file, and wait for what is said about it."""
    explorer.page.locator("#list-file input[type=file]").set_input_files(path)
    expect(explorer.page.locator("#list-review .list-verdict, #list-review .refusal")).to_be_visible()


def to_data(explorer: Explorer) -> None:
    """Follow the link from the sidebar."""
    explorer.page.locator("#data-link").click()
    expect(explorer.page.locator(".sources-table")).to_be_visible()


def use(explorer: Explorer, words: str) -> None:
    explorer.page.get_by_role("button", name=words).click()
    explorer.page.wait_for_url(lambda url: "gegevens" not in url)
    explorer.settled()


def findings(explorer: Explorer) -> list[list[str]]:
    rows = explorer.page.locator(".findings tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def test_a_wrong_list_is_told_row_by_row_and_a_right_one_is_used(explorer: Explorer, tmp_path: Path) -> None:
    explorer.open("?service=bureau&mode=bike")
    to_data(explorer)
    give(explorer, write(tmp_path, "lijst.csv", WRONG))
    told = {row: (outcome, message) for row, outcome, message in findings(explorer)}
    assert told["4"] == ("geweigerd", "Dienst 'creche' is niet bekend; gebruik bureau of huis")
    assert told["5"][0] == "geweigerd"
    assert "buiten alle gemeenten van Vlaanderen en Brussel" in told["5"][1]
    expect(explorer.page.locator(".count.refused")).to_have_text("2 geweigerd")
    expect(explorer.page.get_by_role("button", name="Gebruik deze lijst")).to_be_disabled()
    with explorer.page.expect_download() as started:
        explorer.page.locator("#list-report").click()
    report = tmp_path / started.value.suggested_filename
    started.value.save_as(report)
    lines = list(csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines()))
    assert [line["row"] for line in lines if line["outcome"] == "refused"] == ["4", "5"]

    give(explorer, write(tmp_path, "beter.csv", GOOD))
    expect(explorer.page.locator(".count.refused")).to_have_count(0)
    use(explorer, "Gebruik deze lijst")
    assert "mode=bike" in explorer.page.url
    expect(explorer.page.locator("#banner")).to_be_hidden()
    assert set(explorer.page.locator("#table .grid-body .col-evidence").all_inner_texts()) == {"eigen lijst"}
    expect(explorer.page.locator(".place")).to_have_count(2)
    explorer.page.locator("#download-button").click()
    with explorer.page.expect_download() as started:
        explorer.offer("CSV").click()
    table = tmp_path / "uit.csv"
    started.value.save_as(table)
    assert started.value.suggested_filename == "nabij-bureau-municipality-2025-user.csv"
    content = table.read_text(encoding="utf-8")
    assert "# Herkomst" in content
    assert "--facilities beter.csv" in content
    assert "ILLUSTRATIEVE" not in content

    explorer.page.locator("#facilities").click()
    explorer.after(lambda: pick(explorer, "Verzonnen"))
    expect(explorer.page.locator("#banner")).to_be_visible()
    explorer.page.locator("#facilities").click()
    explorer.after(lambda: pick(explorer, "Eigen lijst"))
    expect(explorer.page.locator("#banner")).to_be_hidden()


def pick(explorer: Explorer, option: str) -> None:
    explorer.page.get_by_role("option", name=option, exact=True).click()


def test_own_zones_become_a_level_with_its_table(explorer: Explorer, tmp_path: Path) -> None:
    zones = Snapshot().zones("province")
    membership = Snapshot().table("membership")
    members = membership[(membership["level"] == "province") & (membership["member_level"] == "municipality")]
    name = dict(zip(zones["zone_id"], zones["zone_name"], strict=True))
    rows = [f"{m.member_id},Streek {name[m.zone_id]}" for m in members.itertuples() if m.zone_id != "limburg"]
    explorer.open()
    to_data(explorer)
    explorer.page.locator("#list-kind label", has_text="Eigen zones").click()
    give(explorer, write(tmp_path, "streken.csv", "niscode,zone\n" + "\n".join(rows) + "\n"))
    assert "gemeenten liggen in geen enkele zone en staan samen in één restrij" in findings(explorer)[0][2]
    use(explorer, "Gebruik deze zones")
    expect(explorer.page.locator("#level")).to_have_value("Eigen zone")
    wanted = sorted(f"Streek {label}" for zone, label in name.items() if zone in set(members["zone_id"]) - {"limburg"})
    assert sorted(explorer.names()) == wanted
    assert explorer.page.evaluate("window.nabij.mapState().zones") == len(wanted)
    explorer.click_zone("streek-oost-vlaanderen")
    expect(explorer.page.locator("#sheet-title")).to_have_text("Streek Oost-Vlaanderen")
    explorer.page.locator("#sheet-close").click()
    explorer.page.locator("#level").click()
    explorer.after(lambda: pick(explorer, "Provincie"))
    explorer.page.locator("#level").click()
    explorer.after(lambda: pick(explorer, "Eigen zone"))
    assert sorted(explorer.names()) == wanted


def test_a_file_that_is_no_list_changes_nothing(explorer: Explorer, tmp_path: Path) -> None:
    explorer.open("?facilities=documented&vintage=2018")
    before = explorer.headline()
    to_data(explorer)
    expect(explorer.page.locator(".in-use th")).to_contain_text("Gedocumenteerd")
    give(explorer, write(tmp_path, "brief.pdf", "%PDF-1.4"))
    expect(explorer.page.locator(".refusal")).to_contain_text(
        "brief.pdf: een bestand dat eindigt op '.pdf' wordt niet gelezen"
    )
    expect(explorer.page.locator(".refusal")).to_contain_text("wat je eerder gebruikte, blijft in gebruik")
    large = tmp_path / "groot.csv"
    large.write_bytes(b"id,service\n" * 500_000)
    explorer.page.locator("#list-file input[type=file]").set_input_files(large)
    expect(explorer.page.locator(".refusal")).to_contain_text("groot.csv is 5,5 MB; een lijst mag hoogstens 5 MB")
    explorer.page.locator("#back").click()
    explorer.settled()
    assert explorer.headline() == before


def test_a_column_that_is_not_recognised_can_be_named(explorer: Explorer, tmp_path: Path) -> None:
    explorer.page.goto(explorer.address + "gegevens")
    give(explorer, write(tmp_path, "lijst.csv", GOOD.replace("lat,lon", "Noord,lon")))
    expect(explorer.page.locator(".refusal")).to_contain_text("welke kolom ‘breedtegraad (lat)’ is")
    explorer.page.locator(".column.unknown input").first.click()
    pick(explorer, "breedtegraad (lat)")
    expect(explorer.page.locator(".count.accepted")).to_have_text("2 aanvaard")
    expect(explorer.page.get_by_role("button", name="Gebruik deze lijst")).to_be_enabled()


def test_a_list_that_is_gone_is_told(explorer: Explorer) -> None:
    explorer.open("?facilities=own&places=nergens")
    expect(explorer.page.locator("#first-notice")).to_contain_text("Die lijst of die zones zijn hier niet meer")
    expect(explorer.page.locator("#banner")).to_be_visible()


def test_every_source_is_listed_in_french_too(explorer: Explorer) -> None:
    explorer.page.goto(f"{explorer.address}gegevens?lang=fr")
    expect(explorer.page.locator("h1")).to_have_text("Données")
    listed = "\n".join(explorer.page.locator(".sources-table tbody tr").all_inner_texts())
    assert [source.id for source in SOURCES.values() if source.title("fr") not in listed] == []
    assert [source.id for source in SOURCES.values() if source_word(source.licence, "fr") not in listed] == []
    field = explorer.page.locator("#list-file input[type=file]")
    expect(field).to_have_attribute("aria-label", text("data.drop.click", "fr"))
    made = explorer.page.request.get(f"{explorer.address}templates/zones.xlsx")
    assert made.ok
    assert made.body()[:2] == b"PK"
