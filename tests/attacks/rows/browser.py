"""Attacks that need a browser: scripts that are slipped in, frames, other sites, and words that are markup."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page

from tests.attacks.attack import Attack, Seen
from tests.attacks.target import AttackedServer, data_url

MARKUP = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>"

SLIPPED = {
    "script": "const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s)",
    "handler": "document.body.insertAdjacentHTML('beforeend', \"<img src='x' onerror='window.hit = 1'>\")",
    "srcdoc": "document.body.insertAdjacentHTML('beforeend', "
    "\"<iframe srcdoc='<script>parent.hit = 1</script>'></iframe>\")",
    "javascript-link": "const a = document.createElement('a'); a.href = 'javascript:window.hit=1'; "
    "document.body.append(a); a.click()",
    "eval": "setTimeout(() => { try { eval('window.hit = 1') } catch (refused) { } })",
    "function": "setTimeout(() => { try { new Function('window.hit = 1')() } catch (refused) { } })",
    "timer": "try { setTimeout('window.hit = 1', 0) } catch (refused) { }",
    "blob-script": "const s = document.createElement('script'); "
    "s.src = URL.createObjectURL(new Blob(['window.hit = 1'])); document.body.append(s)",
    "data-script": "const s = document.createElement('script'); s.src = 'data:text/javascript,window.hit=1'; "
    "document.body.append(s)",
    "foreign-script": "const s = document.createElement('script'); s.src = '{other}hit.js'; document.body.append(s)",
    "foreign-module": "import('{other}hit.js').catch(() => 0)",
    "worker": "try { new Worker(URL.createObjectURL(new Blob(['postMessage(1)']))).onmessage = "
    "() => { window.hit = 1 } } catch (refused) { }",
    "object": "document.body.insertAdjacentHTML('beforeend', \"<object data='{other}'></object>\")",
    "embed": "document.body.insertAdjacentHTML('beforeend', \"<embed src='{other}'>\")",
    "fetch": "fetch('{other}', {mode: 'no-cors'}).catch(() => 0)",
    "beacon": "navigator.sendBeacon('{other}', 'x')",
    "socket": "try { new WebSocket('{other}'.replace('http', 'ws')) } catch (refused) { }",
    "picture": "new Image().src = '{other}x.png'",
    "style": "document.head.insertAdjacentHTML('beforeend', \"<link rel=stylesheet href='{other}x.css'>\")",
    "font": "new FontFace('x', \"url('{other}x.woff2')\").load().catch(() => 0)",
    "form": "document.body.insertAdjacentHTML('beforeend', \"<form action='{other}' method=post target=x></form>\"); "
    "document.body.lastElementChild.submit()",
    "base": "document.head.insertAdjacentHTML('afterbegin', \"<base href='{other}'>\"); new Image().src = 'x.png'",
}
"""What a fault in the page might run; none of it may run a script of its own or reach another site."""

WORDS = {
    "choices": "?zone={0}&lang={0}&service={0}&indicator={0}",
    "areas": "?areas=municipality:{0}",
    "plan": "plannen?plan={0}&key={0}",
    "places": "gegevens?places={0}&zones={0}",
    "path": "{0}",
}
"""Where words of an address might come back as markup."""


class _Other(BaseHTTPRequestHandler):
    """Another site; it notes that somebody came, and answers with a page that attacks."""

    page = b""

    def do_GET(self) -> None:
        self.server.visits.append(self.path)  # type: ignore[attr-defined]
        script = self.path.endswith(".js")
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.end_headers()
        self.wfile.write(b"window.hit = 1" if script else self.page)

    do_POST = do_GET  # noqa: N815  (the library calls it by this name)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _other_site(page: str = "") -> Iterator[tuple[str, list[str]]]:
    """Another site on another name of this machine, and the visits it gets."""
    site = type("Site", (_Other,), {"page": page.encode()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), site)  # a browser may open a line and say nothing
    server.visits = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", server.visits  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _page(target: AttackedServer) -> Iterator[Page]:
    """A page of a browser that was here before: what it keeps of the scripts is that of the rows before."""
    held = _contexts(target.folder)
    if not held:
        assert target.chromium is not None
        held.append(target.chromium().new_context(locale="nl-BE"))
    page = held[0].new_page()
    try:
        yield page
    finally:
        for one in held[0].pages:
            one.close()


@cache
def _contexts(folder: Path) -> list[BrowserContext]:
    return []


def _address(target: AttackedServer) -> str:
    return f"http://{target.host}/"


def _hit(page: Page) -> bool:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    return bool(page.evaluate("() => Boolean(window.hit)"))


def _slipped(script: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        with _other_site() as (other, visits), _page(target) as page:
            page.goto(f"{_address(target)}nergens")
            page.evaluate("(code) => { " + script.replace("{other}", other) + " }", None)
            return Seen("a script ran" if _hit(page) else f"left for {visits[0]}" if visits else "nothing happened")

    return attempt


def _word(where: str) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        with _page(target) as page:
            page.goto(_address(target) + where.format(quote(MARKUP)))
            page.wait_for_load_state("networkidle")
            return Seen("a script ran" if _hit(page) else "words stay words")

    return attempt


def _list_of_markup(target: AttackedServer) -> Seen:
    """A list whose names are markup, looked at on the page of the data."""
    rows = f'id,service,name,lat,lon\n"{MARKUP}",bureau,"{MARKUP}",51.0925,4.3717\n'.encode()
    with _page(target) as page:
        page.goto(f"{_address(target)}gegevens")
        page.locator("#list-file input[type=file]").set_input_files(
            {"name": "<img src=x onerror=window.hit=1>.csv", "mimeType": "text/csv", "buffer": rows}
        )
        page.locator("#list-review").get_by_text("onerror").first.wait_for()
        return Seen("a script ran" if _hit(page) else "words stay words")


def _framed(target: AttackedServer) -> Seen:
    with _other_site(f"<iframe src='{_address(target)}'></iframe>") as (other, _), _page(target) as page:
        page.goto(other)
        page.wait_for_load_state("networkidle")
        inner = page.frames[1]
        return Seen(
            "shown in a frame" if inner.url.startswith(_address(target)) else "not shown in a frame", inner.url[:30]
        )


def _opened(target: AttackedServer) -> Seen:
    """Another site opens the explorer in a window and reaches into it."""
    with _other_site(f"<script>window.seen = window.open('{_address(target)}')</script>") as (other, _):
        with _page(target) as page:
            with page.expect_popup() as opened:
                page.goto(other)
            opened.value.wait_for_load_state()
            alone = opened.value.evaluate("() => window.opener === null")
        return Seen("alone in its window" if alone else "the other site holds it")


def _cookie(target: AttackedServer) -> Seen:
    with _page(target) as page:
        page.goto(f"{_address(target)}?lang=nl")
        held = {cookie["name"]: cookie for cookie in page.context.cookies()}
        read = page.evaluate("() => document.cookie")
        mine = held["nabij_visitor"]
        safe = mine["httpOnly"] and mine["sameSite"] == "Lax" and "nabij_visitor" not in read
        return Seen("not for scripts" if safe else "read by a script")


def _asked_from_elsewhere(target: AttackedServer) -> Seen:
    """A page of another site sends a question with the visitor's own browser."""
    ask = f"fetch('{_address(target)}_dash-update-component', {{method: 'POST', mode: 'no-cors', body: '{{}}'}})"
    with _other_site(f"<script>{ask}</script>") as (other, _), _page(target) as page:
        with page.expect_event("requestfailed", lambda asked: "_dash-update-component" in asked.url) as failed:
            page.goto(other)
        return Seen("blocked", str(failed.value.failure))


def _read_from_elsewhere(target: AttackedServer) -> Seen:
    """A page of another site reads an answer of the explorer."""
    with _other_site() as (other, _), _page(target) as page:
        page.goto(other)
        read = page.evaluate(
            "async (from) => { try { return (await (await fetch(from)).text()).length } catch (no) { return -1 } }",
            f"{_address(target)}?lang=nl",
        )
        return Seen("nothing read" if read == -1 else f"{read} characters read")


def _upload_url(target: AttackedServer) -> Seen:
    """Contents of a file that are an address."""
    values = {
        "list-file.contents": "http://127.0.0.1/x.csv",
        "list-file.filename": "x.csv",
        "list-kind.value": "places",
        "data-state.data": {"lang": "nl"},
    }
    seen = target.told("list-review.children", values).seen()
    assert data_url(b"")
    return seen


ROWS = (
    *(
        Attack(
            f"browser-{key}",
            "browser",
            f"slipped into a page: {key.replace('-', ' ')}",
            "nothing happened",
            _slipped(code),
        )
        for key, code in SLIPPED.items()
    ),
    *(
        Attack(f"browser-words-{key}", "browser", f"markup as {key} in an address", "words stay words", _word(where))
        for key, where in WORDS.items()
    ),
    Attack("browser-words-list", "browser", "markup as names in a list", "words stay words", _list_of_markup),
    Attack("browser-frame", "browser", "the explorer in a frame of another site", "not shown in a frame", _framed),
    Attack("browser-window", "browser", "a window that another site opened", "alone in its window", _opened),
    Attack("browser-cookie", "browser", "the secret of the browser, from a script", "not for scripts", _cookie),
    Attack("browser-ask", "browser", "a question sent by another site", "blocked", _asked_from_elsewhere),
    Attack("browser-read", "browser", "an answer read by another site", "nothing read", _read_from_elsewhere),
    Attack("browser-contents", "browser", "a file that is an address", "400, a sentence", _upload_url),
)
