"""A question that the server refuses is told on the page, in its language, and the page goes on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from i18n.texts import text
from tests.app.conftest import Explorer

SEND = "([id, data]) => window.dash_clientside.set_props(id, { data })"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["nl", "fr"])
def test_a_refusal_is_told_on_the_map_and_the_next_question_is_answered(explorer: Explorer, lang: str) -> None:
    explorer.open(f"?lang={lang}")
    page = explorer.page
    page.evaluate(SEND, ["opened", {"lang": lang, "service": "../../etc/passwd"}])
    told = text("request.unfit", lang, at="opened.data.service")
    expect(page.locator("#notice")).to_contain_text(told)
    page.get_by_role("button", name=text("notice.close", lang)).click()
    expect(page.locator("#notice .notice")).to_have_count(0)
    page.evaluate(SEND, ["opened", {"lang": lang, "zone": "11002"}])
    expect(page.locator("#sheet")).to_contain_text("Antwerpen")
    _only_the_refusal(explorer)


@pytest.mark.browser
def test_a_refused_change_of_a_plan_is_told_and_the_next_one_is_made(explorer: Explorer) -> None:
    page = explorer.page
    explorer.open("plannen?areas=care_region:oostende&vintage=2018")
    page.evaluate("window.nabij.planDo({ do: 'hours', id: 'x', value: 1e300 })")
    expect(page.locator("#plan-told")).to_contain_text(text("request.unfit", "nl", at="plan-do.data.value"))
    page.evaluate("window.nabij.planDo({ do: 'add', lat: 51.13, lon: 2.99 })")
    expect(page.locator("#plan-changes li")).to_have_count(1)
    _only_the_refusal(explorer)


def _only_the_refusal(explorer: Explorer) -> None:
    """Take the one line that the browser itself writes about a refused request; any other stays a complaint."""
    assert len(explorer.complaints) >= 1
    assert "400" in explorer.complaints[0]
    explorer.complaints[:] = [line for line in explorer.complaints if "400" not in line]
