"""What somebody waits for in a browser: the first map, and another indicator on it; chromium driven by playwright."""

from __future__ import annotations

import shutil
from typing import Any

from benchmarks.load import served
from benchmarks.measure import MeasuredJob, table

RUNS = 5
LEVELS = {"municipality": ("municipalities", 2.0, 0.3), "sector": ("9,879 sectors", 4.0, 0.9)}
"""Level: its name, seconds to the first map and to another indicator; sectors may take 2 and 0.6 s more."""

INDICATORS = ("share_in_reach", "mean_distance_m", "births", "births_out_of_reach", "share_in_reach", "births")
ONLY_LOOPBACK = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
SETTLED = "() => Boolean(window.nabij && window.nabij.view && window.nabij.settled && window.nabij.settled())"
CHANGE = """(value) => new Promise((done) => {
    const times = () => window.nabij.drawn();
    const [before, start] = [times(), performance.now()];
    const look = () => {
        if (times() > before && window.nabij.settled()) requestAnimationFrame(() => done(performance.now() - start));
        else requestAnimationFrame(look);
    };
    window.dash_clientside.set_props("indicator", { value });
    look();
})"""


def browser_lines() -> list[str]:
    """Measure and return the part of the report; nothing where there is no browser."""
    path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        print("There is no chromium or no playwright; the browser is left out.")
        return []
    print("The explorer in a browser ...", flush=True)
    with served() as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", ONLY_LOOPBACK])
        results = [result for level in LEVELS for result in _level(browser, address, level)]
        browser.close()
    return [
        "## In a browser",
        "",
        *table(results),
        "",
        "From asking for the address, with an empty cache, until map and table are there and nothing is left to come;",
        "and from another indicator until the map has its colours. Server and browser share the cores; 1280 × 720.",
        "",
    ]


def _level(browser: Any, address: str, level: str) -> list[MeasuredJob]:
    name, first_s, change_s = LEVELS[level]
    first: list[float] = []
    change: list[float] = []
    for run in range(RUNS + 1):
        window = browser.new_context(viewport={"width": 1280, "height": 720}, locale="nl-BE")
        page = window.new_page()
        page.goto(f"{address}?level={level}", wait_until="commit")
        page.wait_for_function(SETTLED)
        seconds = float(page.evaluate("performance.now()")) / 1000
        if run:  # the first fills the caches of the server
            first.append(seconds)
        if run == RUNS:
            change = [float(page.evaluate(CHANGE, indicator)) / 1000 for indicator in INDICATORS]
        window.close()
    return [
        MeasuredJob(f"first map, {name}", tuple(first), first_s),
        MeasuredJob(f"another indicator, {name}", tuple(change), change_s),
    ]


if __name__ == "__main__":
    print("\n".join(browser_lines()))
