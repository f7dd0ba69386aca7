"""What a browser lets a page of the explorer do, and what not."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.browser

_INLINE = """() => {
    const script = document.createElement("script");
    script.textContent = "window.ranInline = true";
    document.body.append(script);
    const holder = document.createElement("div");
    holder.innerHTML = '<img src="/nergens.png" onerror="window.ranInline = true">';
    document.body.append(holder);
    return Boolean(window.ranInline);
}"""
_FETCH = "async () => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)"
_VIOLATED = """() => new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective), {once: true});
    fetch("http://127.0.0.1:9/").catch(() => null);
})"""


def test_a_page_runs_no_script_that_was_put_into_it(server: str, window: BrowserContext) -> None:
    page = window.new_page()
    page.goto(server)
    assert page.evaluate(_INLINE) is False
    assert page.evaluate(_FETCH) == "TypeError"
    assert page.evaluate(_VIOLATED) == "connect-src"
    page.wait_for_function("() => window.ranInline === undefined")
    page.close()


def test_an_unknown_page_is_a_404_with_a_way_back(server: str, window: BrowserContext) -> None:
    page = window.new_page()
    answer = page.goto(f"{server}nergens?lang=en")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "This page does not exist."
    page.get_by_role("link", name="To the map").click()
    page.wait_for_url(f"{server}?lang=en*")
    page.close()
