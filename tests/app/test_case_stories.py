"""Three stories from the opening page to a document that says the same numbers as the screen."""

from __future__ import annotations

import re
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from tests.app.conftest import Explorer

pytestmark = pytest.mark.browser

_HEX = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def words_of(path: Path) -> str:
    """Words of a PDF in order, in one line, read by the map of signs that each of its typefaces carries."""
    told: list[str] = []
    with pikepdf.open(path) as book:
        assert len(book.pages) >= 4
        assert str(book.Root.Lang) == "nl"
        for page in book.pages:
            maps = {name: _signs(font) for name, font in page.Resources.Font.items()}
            signs: dict[bytes, str] = {}
            for told_by in pikepdf.parse_content_stream(page):
                operands, operator = told_by.operands, told_by.operator
                if str(operator) == "Tf":
                    signs = maps[str(operands[0])]
                elif str(operator) == "TJ":
                    told += [_read(bytes(part), signs) for part in operands[0] if isinstance(part, pikepdf.String)]
                elif str(operator) == "Tj":
                    told.append(_read(bytes(operands[0]), signs))
                elif str(operator) in ("Tm", "Td", "T*"):
                    told.append(" ")
    return re.sub(r"[\s\u00a0\u202f]+", " ", "".join(told))


def _signs(font: pikepdf.Object) -> dict[bytes, str]:
    """Signs of a typeface by their code, as its map to Unicode says."""
    found = {}
    table = font.ToUnicode.read_bytes()
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, sign in _HEX.findall(block):
            found[bytes.fromhex(code.decode())] = bytes.fromhex(sign.decode()).decode("utf-16-be")
    return found


def _read(codes: bytes, signs: dict[bytes, str]) -> str:
    return "".join(signs.get(codes[at : at + 2], "") for at in range(0, len(codes), 2))


def plain(words: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", words).strip()


def downloaded(page: Page, button: str, folder: Path) -> Path:
    """File that a button hands out."""
    with page.expect_download() as started:
        page.get_by_role("button", name=button, exact=True).first.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def asked_about(explorer: Explorer, level: str, name: str) -> Page:
    """Open the explorer, go to *Mijn gemeente* and ask about an area; its verdict is there."""
    page = explorer.page
    explorer.open()
    page.locator(".pages-more").click()
    page.get_by_role("link", name="Mijn gemeente").first.click()
    option = page.locator(f'#case-area option[value^="{level}:"]', has_text=re.compile(f"^{name}$"))
    page.locator("#case-area").select_option(option.get_attribute("value"))
    page.get_by_role("button", name="Toon", exact=True).click()
    expect(page.locator("#case-verdict .case-sentence")).to_be_visible()
    expect(page.locator(".case-busy")).to_have_count(0)
    return page


@pytest.mark.parametrize(
    ("level", "name", "question"),
    [
        ("municipality", "Oudenburg", "Rechtvaardigt Oudenburg een consultatiebureau?"),
        ("care_region", "Boom", "Rechtvaardigt de zorgregio Boom een consultatiebureau?"),
    ],
)
def test_an_area_from_the_opening_page_to_a_document(
    explorer: Explorer, downloads: Path, level: str, name: str, question: str
) -> None:
    """A local government asks for a dossier, the coordinator of a house for the needs analysis of the care region."""
    page = asked_about(explorer, level, name)
    expect(page.locator("#case-question")).to_have_text(question)
    dossier = words_of(downloaded(page, "Dossier (PDF)", downloads))
    assert question in dossier
    assert plain(page.locator("#case-verdict .case-sentence").inner_text()) in dossier
    for told in page.locator(".case-criterion p").all_inner_texts():
        assert plain(told) in dossier
    births = re.search(r"([\d.]+) geboorten in 2025", page.locator("#case-births").inner_text())
    assert births is not None
    on_foot = plain(page.locator("#case-reach tbody td").first.inner_text())
    assert f"{births[1]} geboorten van 2025" in dossier
    assert on_foot[0].lower() + on_foot[1:] in dossier
    site = re.match(r"1\. (.+): (\d+) baby", page.locator(".case-sites li").first.inner_text())
    assert site is not None
    assert plain(f"1 {site[1]}") in dossier
    assert "ILLUSTRATIEVE GEGEVENS" in dossier
    page.emulate_media(media="print")
    expect(page.locator(".paper-warning")).to_contain_text("ILLUSTRATIEVE GEGEVENS")
    expect(page.locator(".paper-warning p")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.locator(".paper-warning p")).to_be_hidden()
    if level == "care_region":
        analysis = words_of(downloaded(page, "Omgevingsanalyse (PDF)", downloads))
        assert f"te voet: {on_foot[0].lower() + on_foot[1:]} binnen 15 min" in analysis
        assert "Wat niet bekend is, en wie het weet" in analysis


def test_a_norm_from_the_opening_page_to_a_document(explorer: Explorer, downloads: Path) -> None:
    """An umbrella body asks how many places a norm takes, and takes the answer along."""
    page = explorer.page
    explorer.open()
    page.locator(".pages-more").click()
    page.get_by_role("link", name="Norm", exact=True).first.click()
    sentences = page.locator("#norm-answer .case-sentence")
    expect(sentences).to_contain_text("Met een norm van 100 geboorten")
    document = words_of(downloaded(page, "Norm (PDF)", downloads))
    for told in page.locator("#norm-answer .part").first.locator("p").all_inner_texts():
        assert plain(told) in document
    rows = page.locator("#norm-answer table").first.locator("tbody tr")
    for row in rows.all()[:3]:
        rank, place, *_ = row.locator("td").all_inner_texts()
        assert plain(f"{rank} {place}") in document
