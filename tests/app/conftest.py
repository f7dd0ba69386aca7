"""The explorer as people meet it: a real server on a free loopback port, and Debian's chromium with no way out."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from playwright.sync_api import TimeoutError as NeverCame
from werkzeug.serving import make_server

from app import create_app
from coverage.memory.lru_cache import CACHE_VARIABLE, shared_budget
from tests.conftest import Browsers

HANGS_MS = 180_000
"""After so long a state that is waited for never comes; no test says that anything is quick."""

ROOMY_MB = "4000"

LOOKS_MS = 50
"""How often a state is looked for; at every frame, which is usual, would keep the browser drawing."""

MOVES = ("test_explorer.py", "test_small_screens.py")
"""Modules whose maps slide and zoom as they do for most people."""

SLOWER = "NABIJ_BROWSER_SLOWER"
"""Set to 6 to run the tests in a browser that is six times as slow: they wait for states, so all must pass."""


expect.set_options(timeout=HANGS_MS)


@pytest.fixture(autouse=True, scope="module")
def roomy() -> Iterator[None]:
    """Room to keep every answer: the process of the tests is so large that an explorer in it would keep none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, ROOMY_MB)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the explorer on the embedded snapshot; its cache is a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with served(ROOMY_MB) as address:
            yield address


@contextmanager
def served(room_mb: str) -> Iterator[str]:
    """Serve the explorer in this process, with room for so many kept answers; its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.getLogger("werkzeug"), "level", logging.ERROR)
        with pytest.MonkeyPatch.context() as room:
            room.setenv(CACHE_VARIABLE, room_mb)
            shared_budget.cache_clear()
            explorer = create_app().server
        listener = make_server("127.0.0.1", 0, explorer, threaded=True)
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}/"
        listener.shutdown()
        thread.join()
        listener.server_close()


@dataclass
class Explorer:
    """A page of the explorer, and what it asked for and complained about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, search: str = "") -> None:
        """Open a view and wait until its map is drawn and its table filled."""
        self.page.goto(self.address + search)
        self.settled()

    def settled(self) -> None:
        """Wait until what is shown is the answer to what is chosen."""
        self.page.wait_for_function(
            """() => {
                const n = window.nabij;
                if (!n || !n.view || !n.settled) return false;
                return n.drawn() > 0 && n.settled();
            }""",
            polling=LOOKS_MS,
        )

    def drawn(self) -> int:
        """How many times the map was drawn."""
        return int(self.page.evaluate("window.nabij.drawn()"))

    def after(self, action: Callable[[], object]) -> list[str]:
        """Do something that draws the map again; what was asked of the server meanwhile."""
        drawn, asked = self.drawn(), len(self.requests)
        action()
        try:
            self.page.wait_for_function("n => window.nabij.drawn() > n", arg=drawn, polling=LOOKS_MS)
        except NeverCame as error:
            raise AssertionError(f"The map was not drawn again. {self.state()}") from error
        self.settled()
        return self.requests[asked:]

    def state(self) -> str:
        """What the page says and is busy with, for whoever must find out why something never came."""
        return str(
            self.page.evaluate(
                """() => JSON.stringify({
                    shell: document.getElementById("shell")?.className,
                    messages: [...document.querySelectorAll(".notice, .callout")].map((node) => node.innerText),
                    card: document.querySelector(".place-card")?.innerText,
                    focus: document.activeElement?.outerHTML.slice(0, 200),
                    asked: window.nabij?.view?.key,
                })"""
            )
        )

    def headline(self) -> str:
        """The answer on top."""
        return self.page.locator("#headline").inner_text()

    def names(self) -> list[str]:
        """Zones in the table, as sorted and filtered."""
        names: list[str] = self.page.evaluate("window.nabij.table.shown().rows.map((row) => row.name)")
        return names

    def colour(self, zone: str) -> str:
        """Fill of a zone on the map."""
        return str(self.page.evaluate("id => window.nabij.mapState().colourOf(id)", zone))

    def offer(self, form: str) -> Locator:
        """A form in the menu of downloads, by its name."""
        name = self.page.locator(".form", has_text=re.compile(f"^{re.escape(form)}$"))
        return self.page.locator(".menu-item", has=name)

    def still(self) -> None:
        """Wait until the map neither slides nor zooms: what is somewhere on the screen stays there."""
        self.page.wait_for_function(
            """() => {
                const { map } = window.nabij;
                const moves = map._animatingZoom || (map._panAnim && map._panAnim._inProgress) || map._flyToFrame;
                const at = map._loaded && !moves ? JSON.stringify([map.getBounds(), map.getSize()]) : null;
                const before = window.mapWas;
                window.mapWas = at;
                return at !== null && at === before;
            }""",
            polling=LOOKS_MS,
        )

    def click_zone(self, zone: str) -> None:
        """Click a zone on the map."""
        self.still()
        x, y = self.page.evaluate("id => window.nabij.mapState().pixelOf(id)", zone)
        self.page.mouse.click(x, y)


def slow_down(page: Page) -> None:
    """Take away processor time from a page, as many times as `SLOWER` says."""
    if rate := os.environ.get(SLOWER):
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": float(rate)})


@pytest.fixture(scope="session")
def window(browsers: Browsers, tmp_path_factory: pytest.TempPathFactory) -> BrowserContext:
    """A window of 1280 by 720, with a cache as people have one."""
    size = {"width": 1280, "height": 720}
    return patient(browsers.window(tmp_path_factory.mktemp("profile"), viewport=size, locale="nl-BE"))


def patient(context: BrowserContext) -> BrowserContext:
    """Wait for every state until it comes."""
    context.set_default_timeout(HANGS_MS)
    return context


def looked_at(page: Page, address: str) -> Explorer:
    """A page whose requests and complaints are noted."""
    opened = Explorer(page, address)
    page.on("request", lambda request: opened.requests.append(_told(request)))
    page.on("pageerror", lambda error: opened.complaints.append(str(error.stack)))
    page.on(
        "console",
        lambda message: opened.complaints.append(message.text) if message.type in {"error", "warning"} else None,
    )
    return opened


@pytest.fixture
def explorer(server: str, window: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Explorer]:
    """A fresh page of somebody who wants no movement, which takes less of a processor, unless the module is of `MOVES`.

    Afterwards nothing went out and nothing was complained about.
    """
    page = window.new_page()
    page.emulate_media(reduced_motion="no-preference" if request.path.name in MOVES else "reduce")
    slow_down(page)
    opened = looked_at(page, server)
    yield opened
    page.close()
    outside = [url for url in opened.requests if not url.startswith((server, "data:", "blob:"))]
    assert outside == []
    assert opened.complaints == []


def _told(request: Request) -> str:
    """Address of a request; of a callback also what it is to fill."""
    if not request.url.partition("?")[0].endswith("_dash-update-component"):
        return request.url
    asked = request.post_data_json or {}
    return f"{request.url}#{asked.get('output')}"


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Folder for downloaded files."""
    return tmp_path
