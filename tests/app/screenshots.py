"""Pictures of the explorer for the README and the documentation: ``script/screenshots``.

Besides the pictures that a text shows, one sheet holds every page on a telephone, a laptop and a large screen, so that
somebody can look at all of them at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, sync_playwright

from tests.app.conftest import ROOMY_MB, Explorer, looked_at, served
from tests.app.planner import BOOM, BORNEM, WILLEBROEK, add_at, close, pixel, press
from tests.conftest import ROOT, Browsers

IMAGES = ROOT / "docs" / "images"
SIZES = {"360 x 780": (360, 780), "1280 x 720": (1280, 720), "1920 x 1080": (1920, 1080)}
PAGES = {
    "Verkennen": "",
    "Een zone": "?zone=35014",
    "Grafieken": "?chart=lorenz",
    "Plannen": BOOM,
    "Vergelijken": "vergelijken",
    "Overlap": "overlap?areas=care_region:boom",
    "Mijn gemeente": "gemeente?areas=municipality:35014",
    "Norm": "norm",
    "Gegevens": "gegevens",
    "Methode": "methode",
}
ROW_HEIGHT, GAP, LABEL = 300, 14, 26
"""Pixels on the sheet: height of a picture, room between two, and of the words above it."""

_PAPER, _INK = "#ffffff", "#22313a"
_HOLDS_STILL = """() => {
    const { nabij } = window, map = document.getElementById("shell");
    if (document.querySelector(".case-busy, .skeleton, ._dash-loading")) return false;
    return !map || Boolean(nabij?.view && nabij.drawn() > 0 && nabij.settled());
}"""
_REST_MS = 1_500
"""Time for pictures and labels that come after an answer."""


@dataclass(frozen=True)
class Photographer:
    """Who takes the pictures.

    Attributes
    ----------
    browser : a browser that can reach nothing but this machine
    address : of the explorer
    """

    browser: Browser
    address: str

    @contextmanager
    def window(self, width: int, height: int) -> Iterator[Explorer]:
        """A window of this size, of somebody who wants no movement."""
        with self.browser.new_context(
            viewport={"width": width, "height": height}, locale="nl-BE", reduced_motion="reduce"
        ) as context:
            context.set_default_timeout(180_000)
            yield looked_at(context.new_page(), self.address)

    def picture(self, path: str, size: tuple[int, int], act: Callable[[Explorer], object] | None = None) -> bytes:
        """A page as somebody sees it who opened it, and did something on it; PNG."""
        with self.window(*size) as seen:
            seen.page.goto(self.address + path)
            seen.page.wait_for_selector("main")
            seen.page.wait_for_function(_HOLDS_STILL)
            if act:
                act(seen)
            seen.page.wait_for_function(_HOLDS_STILL)
            seen.page.wait_for_timeout(_REST_MS)
            if seen.complaints:
                raise RuntimeError(f"The page /{path} complains: {seen.complaints}")
            return seen.page.screenshot()


def plan_of_boom(seen: Explorer) -> None:
    """Close a bureau in care region Boom and add two others."""
    close(seen, WILLEBROEK)
    x, y = pixel(seen, BORNEM)
    add_at(seen, x + 90, y - 20)
    add_at(seen, x + 150, y - 40)
    seen.page.keyboard.press("Escape")


def compared(seen: Explorer) -> None:
    """The same plan beside today."""
    plan_of_boom(seen)
    seen.after(press(seen, "compare"))


def sheet(pictures: dict[str, dict[str, bytes]]) -> Image.Image:
    """All pictures on one sheet, a page a row.

    Parameters
    ----------
    pictures : PNG by page and by size
    """
    rows = {
        page: {size: _scaled(Image.open(BytesIO(content))) for size, content in by_size.items()}
        for page, by_size in pictures.items()
    }
    width = GAP + max(sum(one.width + GAP for one in row.values()) for row in rows.values())
    paper = Image.new("RGB", (width, GAP + len(rows) * (ROW_HEIGHT + LABEL + GAP)), _PAPER)
    pen, letters = ImageDraw.Draw(paper), ImageFont.load_default(16)
    y = GAP
    for page, row in rows.items():
        x = GAP
        for size, one in row.items():
            pen.text((x, y), page if one is next(iter(row.values())) else f"{page}, {size}", fill=_INK, font=letters)
            paper.paste(one, (x, y + LABEL))
            pen.rectangle((x - 1, y + LABEL - 1, x + one.width, y + LABEL + one.height), outline=_INK)
            x += one.width + GAP
        y += ROW_HEIGHT + LABEL + GAP
    return paper


def _scaled(picture: Image.Image) -> Image.Image:
    width = round(picture.width * ROW_HEIGHT / picture.height)
    return picture.convert("RGB").resize((width, ROW_HEIGHT), Image.Resampling.LANCZOS)


def _map_in_one_file(photographer: Photographer, folder: Path) -> bytes:
    """The map that `nabij map` writes, as a browser shows it."""
    out = folder / "houses.html"
    words = ["map", "--service", "house", "--mode", "bike", "--lang", "en", "--out", str(out)]
    subprocess.run([Path(sys.executable).parent / "nabij", *words], check=True, capture_output=True)
    with photographer.window(1280, 720) as seen:
        seen.page.goto(out.as_uri())
        seen.page.wait_for_timeout(_REST_MS)
        return seen.page.screenshot()


def main() -> None:
    """Take all pictures anew."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        os.environ["XDG_CACHE_HOME"] = os.environ["NABIJ_HOME"] = name
        os.environ["NABIJ_DATABASE"] = str(Path(name) / "plans.sqlite")
        with served(ROOMY_MB) as address:
            photographer = Photographer(Browsers(playwright, "/usr/bin/chromium").one(), address)
            shown = {
                "explorer.png": photographer.picture("", (1440, 900)),
                "plannen.png": photographer.picture(BOOM, (1280, 720), plan_of_boom),
                "compare.png": photographer.picture(BOOM, (1280, 720), compared),
                "map.png": _map_in_one_file(photographer, Path(name)),
            }
            for file, content in shown.items():
                small = Image.open(BytesIO(content)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
                small.save(IMAGES / file, optimize=True)
            taken = {
                page: {size: photographer.picture(path, pixels) for size, pixels in SIZES.items()}
                for page, path in PAGES.items()
            }
            sheet(taken).quantize(256, dither=Image.Dither.NONE).save(IMAGES / "screens.png", optimize=True)


if __name__ == "__main__":
    main()
