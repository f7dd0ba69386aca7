"""Numbers as the browser writes them: the script alone, on a page that holds nothing but a language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pages.server.page_files import folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

SCALES = {
    "share_in_reach": "share",
    "gap_probability": "probability",
    "births_per_hour": "amount",
    "mean_minutes": "minutes",
    "reach_change": "change",
    "births": "count",
}

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def blank(server: str, chromium: Browser) -> Iterator[Page]:
    """A page that holds nothing of ours but the module and a configuration."""
    page = chromium.new_page()
    page.goto(f"{server}nergens")
    page.evaluate("document.body.innerHTML = '<div id=\"nabij-config\"></div>'")
    _configure(page, "nl")
    page.evaluate(
        """async (folder) => {
            window.forms = { ...(await import(`/${folder}/core.mjs`)), ...(await import(`/${folder}/numbers.mjs`)) };
        }""",
        folder(),
    )
    yield page
    page.close()


def _configure(page: Page, lang: str) -> None:
    """Another language on the screen: another holder, as when Dash draws the page anew."""
    words = {"zones": "{n} van {all} zones", "plain": "niets"}
    page.evaluate(
        """(config) => {
            const holder = document.createElement("div");
            holder.id = "nabij-config";
            holder.dataset.config = config;
            document.getElementById("nabij-config").replaceWith(holder);
        }""",
        json.dumps({"lang": lang, "scales": SCALES, "words": words}),
    )


@pytest.fixture
def call(blank: Page) -> Call:
    """Call a function of the script: its name and what it is given; ``lang`` for another language than Dutch."""

    def run(name: str, *given: object, lang: str = "nl") -> Any:
        _configure(blank, lang)
        found = blank.evaluate("([name, given]) => window.forms[name](...given)", [name, list(given)])
        return found.replace("\u00a0", "~").replace("\u202f", "~") if isinstance(found, str) else found

    return run


@pytest.mark.parametrize(
    ("share", "decimals", "words"),
    [
        (0.0, 0, "0~%"),
        (0.123, 0, "12~%"),
        (0.5, 0, "50~%"),
        (1.0, 0, "100~%"),
        (0.7489, 1, "74,9~%"),
        (0.0004, 2, "0,04~%"),
        (0.0004, 1, "<~0,1~%"),
        (None, 0, "–"),
    ],
)
def test_a_share_is_a_number_of_a_hundred(call: Call, share: float | None, decimals: int, words: str) -> None:
    assert call("percent", share, decimals) == words


def test_a_percentage_reads_as_people_write_it_in_each_language(call: Call) -> None:
    assert [call("percent", 0.125, 1, lang=lang) for lang in ("nl", "en", "fr")] == ["12,5~%", "12.5%", "12,5~%"]
    assert call("percent", 0.26) == "26~%"


@pytest.mark.parametrize(
    ("value", "decimals", "nl", "en"),
    [
        (0, 0, "0", "0"),
        (1234567, 0, "1.234.567", "1,234,567"),
        (999, 0, "999", "999"),
        (0.5, 1, "0,5", "0.5"),
        (2, 2, "2,00", "2.00"),
        (-3.25, 1, "-3,2", "-3.2"),
        (None, 0, "–", "–"),
    ],
)
def test_numbers(call: Call, value: float | None, decimals: int, nl: str, en: str) -> None:
    assert call("number", value, decimals) == nl
    assert call("number", value, decimals, lang="en") == en


def test_numbers_in_french(call: Call) -> None:
    assert call("number", 1234567.5, 1, lang="fr") == "1~234~567,5"


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (0, "0 m"),
        (4, "0 m"),
        (5, "0 m"),
        (6, "10 m"),
        (984, "980 m"),
        (994.9, "990 m"),
        (996, "1,0 km"),
        (1249, "1,2 km"),
        (15000, "15 km"),
        (None, "–"),
    ],
)
def test_distances(call: Call, metres: float | None, words: str) -> None:
    assert call("distance", metres) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (12.4, "+12"),
        (-3, "−3"),
        (-1234, "−1.234"),
        (0, "0"),
        (0.049, "0"),
        (0.05, "+<1"),
        (-0.3, "−<1"),
        (0.6, "+1"),
        (None, "–"),
    ],
)
def test_differences_have_their_sign(call: Call, value: float | None, words: str) -> None:
    assert call("change", value) == words


def test_a_sign_can_be_given(call: Call) -> None:
    assert call("change", 12, "−") == "−12"
    assert call("change", 0.4, "−") == "−<1"


@pytest.mark.parametrize(
    ("indicator", "value", "words"),
    [
        ("share_in_reach", 0.25, "25~%"),
        ("share_in_reach", 0.256, "26~%"),
        ("gap_probability", 0.07, "7~%"),
        ("births_per_hour", 0, "0"),
        ("births_per_hour", 0.0123, "0,012"),
        ("births_per_hour", 0.5, "0,50"),
        ("births_per_hour", 1.26, "1,3"),
        ("births_per_hour", 12.6, "13"),
        ("births_per_hour", 1234.5, "1.234"),
        ("mean_minutes", 7.25, "7,2 min"),
        ("mean_minutes", 34.6, "35 min"),
        ("reach_change", -8, "−8"),
        ("births", 1234.4, "1.234"),
        ("births", None, "–"),
        ("share_in_reach", None, "–"),
    ],
)
def test_an_indicator_is_written_on_its_own_scale(call: Call, indicator: str, value: float | None, words: str) -> None:
    assert call("shown", indicator, value) == words


def test_words_are_filled_in(call: Call) -> None:
    assert call("word", "zones", {"n": 3, "all": 10}) == "3 van 10 zones"
    assert call("word", "zones", {"n": 3}) == "3 van {all} zones"
    assert call("word", "zones") == "{n} van {all} zones"
    assert call("word", "plain") == "niets"
    assert call("word", "unknown.key") == "unknown.key"


def test_markup_is_escaped(call: Call) -> None:
    assert call("escape", "<b>Sint & Co</b>") == "&lt;b&gt;Sint &amp; Co&lt;/b&gt;"
