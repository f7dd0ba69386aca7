"""Messages that come and go, a server that is gone for a while, and figures that wait for neither."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from i18n.texts import text
from tests.app.conftest import Explorer
from tests.app.test_explorer import choose
from tests.app.test_refused import SEND

pytestmark = pytest.mark.browser


def refuse(explorer: Explorer, field: str) -> None:
    """Ask what the server refuses, and wait until the page says so."""
    wrong = {"lang": "nl", field: "../../etc/passwd"}
    explorer.page.evaluate(SEND, ["opened", wrong])
    expect(explorer.page.locator("#notice")).to_contain_text(text("request.unfit", "nl", at=f"opened.data.{field}"))


def dismiss(explorer: Explorer) -> None:
    explorer.page.locator("#notice").get_by_role("button", name=text("notice.close", "nl")).click()
    expect(explorer.page.locator("#notice .notice")).to_have_count(0)


def forget(explorer: Explorer, words: str) -> None:
    """Take the lines that the browser itself writes about a request that failed; any other stays a complaint."""
    assert any(words in line for line in explorer.complaints)
    explorer.complaints[:] = [line for line in explorer.complaints if words not in line]


def test_a_message_comes_as_often_as_it_is_sent_away(explorer: Explorer) -> None:
    explorer.open()
    for field in ("service", "level", "mode", "service"):
        refuse(explorer, field)
        dismiss(explorer)
    forget(explorer, "400")


def test_a_message_of_the_server_can_follow_one_that_was_sent_away(explorer: Explorer) -> None:
    explorer.open()
    field = explorer.page.locator("#minutes")
    for minutes in ("25", "30", "35"):
        field.fill("0")
        field.blur()
        expect(explorer.page.locator("#notice")).to_contain_text("'0' is geen aantal minuten")
        dismiss(explorer)
        field.fill(minutes)
        field.blur()
        expect(explorer.page.locator("#headline")).to_contain_text(f"{minutes} minuten stappen")


@pytest.fixture
def cut_off(explorer: Explorer) -> Iterator[Explorer]:
    """The opening view, with the network gone."""
    explorer.open()
    explorer.page.context.set_offline(True)
    yield explorer
    explorer.page.context.set_offline(False)


def test_without_network_choice_sentence_and_address_stay_one_and_the_choice_comes_later(cut_off: Explorer) -> None:
    page, before = cut_off.page, cut_off.page.url
    headline = cut_off.headline()
    choose(cut_off, "Huis van het Kind")
    expect(page.locator("#notice")).to_contain_text(text("notice.offline", "nl"))
    expect(page.locator("#service input[value=bureau]")).to_be_checked()
    page.wait_for_url(before)
    assert cut_off.headline() == headline
    cut_off.settled()
    page.context.set_offline(False)
    expect(page.locator("#service input[value=house]")).to_be_checked()
    page.wait_for_url(lambda url: "service=house" in url)
    expect(page.locator("#headline")).to_contain_text("Huis van het Kind")
    cut_off.settled()
    expect(page.locator("#notice .notice")).to_have_count(0)
    page.go_back()
    expect(page.locator("#service input[value=bureau]")).to_be_checked()
    cut_off.settled()
    forget(cut_off, "ERR_INTERNET_DISCONNECTED")


def test_without_network_a_sheet_waits_and_the_page_says_so(cut_off: Explorer) -> None:
    page = cut_off.page
    page.evaluate(SEND, ["selected", "11002"])
    expect(page.locator("#notice")).to_contain_text(text("notice.offline.waiting", "nl"))
    expect(page.get_by_role("button", name=text("notice.offline.retry", "nl"))).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#sheet")).to_contain_text("Antwerpen")
    expect(page.locator("#notice .notice")).to_have_count(0)
    forget(cut_off, "ERR_INTERNET_DISCONNECTED")


def test_without_network_a_change_of_a_plan_waits(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("plannen?areas=care_region:boom")
    page.context.set_offline(True)
    page.evaluate("window.nabij.planDo({ do: 'add', lat: 51.09, lon: 4.36 })")
    expect(page.locator("#notice")).to_contain_text(text("notice.offline.waiting", "nl"))
    page.context.set_offline(False)
    expect(page.locator("#plan-changes li")).to_have_count(1)
    explorer.settled()
    expect(page.locator("#notice .notice")).to_have_count(0)
    forget(explorer, "ERR_INTERNET_DISCONNECTED")
