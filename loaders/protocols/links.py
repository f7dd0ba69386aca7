"""Files that a publisher links on a page under a name that changes: the page stays, the link is looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from i18n.errors import NotDataError
from i18n.messages import Message, Word
from loaders.http.client import Client, Expect, Response
from loaders.http.faults import OWN_FILE
from loaders.reading_room.cells import decode

_SHOWN = 8
_FILES = re.compile(r"\.(?:xlsx?|csv|zip|ods|txt|json|geojson|gpkg)$", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A link on a page: its absolute address and what a person reads on it."""

    href: str
    text: str


class _Links(HTMLParser):
    def __init__(self, base_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base_url
        self.found: list[Link] = []
        self._href: str | None = None
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "base" and href:
            self.base = _join(self.base, href)
        if tag == "a":
            self._close()
            self._href = href

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close()

    def handle_data(self, data: str) -> None:
        if self._href is not None:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self._close()

    def _close(self) -> None:
        if self._href is not None:
            address = _join(self.base, self._href.strip())
            if address.startswith(("http://", "https://")):
                self.found.append(Link(address, " ".join("".join(self._words).split())))
        self._href, self._words = None, []


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def find_links(html: bytes, base_url: str, pattern: str = "") -> list[Link]:
    """Links of a page whose address (decoded) or text matches a regular expression, each address once, in order."""
    parser = _Links(base_url)
    parser.feed(decode(html.replace(b"\x00", b""), base_url)[0])
    parser.close()
    wanted = re.compile(pattern, re.IGNORECASE)
    links = {
        link.href: link
        for link in reversed(parser.found)
        if wanted.search(unquote(link.href)) or wanted.search(link.text)
    }
    return list(reversed(links.values()))


def only_link(html: bytes, base_url: str, pattern: str, what: str) -> Link:
    """Return the one link that matches; `NotDataError` naming the links there are when it is none or several."""
    found = find_links(html, base_url, pattern)
    if len(found) == 1:
        return found[0]
    shown = found or [link for link in find_links(html, base_url) if _FILES.search(urlsplit(link.href).path)]
    names = ", ".join(unquote(link.href).rpartition("/")[2] for link in shown[:_SHOWN])
    told = "error.protocol.links" if found else "error.protocol.no_link"
    named = names or Word("error.protocol.no_file_link")
    raise NotDataError(
        Message(told, where=base_url, n=len(found), what=what, pattern=pattern, names=named, own_file=OWN_FILE)
    )


def follow(
    client: Client, address: str | Path, pattern: str, what: str, expect: Expect, own: tuple[Expect, ...] = ()
) -> Response:
    """Fetch the file that a page links.

    ``address`` may also be the file itself, on disk or on the network: a user gives either when the page has moved.
    ``own`` are kinds that such a file on disk may be besides.
    """
    if isinstance(address, Path):
        return client.get(address, expect=(expect, *own))
    page = client.get(address, expect=("html", "xml", expect))
    if page.data[:1] != b"<" and not page.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return page
    return client.get(only_link(page.data, page.url, pattern, what).href, expect=expect)
