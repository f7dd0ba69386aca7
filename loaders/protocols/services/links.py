"""Files that a publisher links on a page under a name that changes: the page stays, the link is looked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from i18n.errors import NotDataError
from i18n.messages import Message, Word
from loaders.http.client import Client, Expect, Response
from loaders.http.faults import OWN_FILE
from loaders.reading_room import PUBLISHER, read

_SHOWN = 8
_PAGE = replace(PUBLISHER, size=20_000_000, cpu_s=5.0, cpu_s_per_mb=1.0, wall_s=20.0)
"""What reading a web page may cost: it is looked at for its links alone."""

_FILES = re.compile(r"\.(?:xlsx?|csv|zip|ods|txt|json|geojson|gpkg)$", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """A link on a page: its absolute address and what a person reads on it."""

    href: str
    text: str


def find_links(html: bytes, base_url: str, pattern: str = "") -> list[Link]:
    """Links of a page whose address (decoded) or text matches a regular expression, each address once, in order."""
    table = read("links", html, file=base_url, limits=_PAGE).tables["links"]
    answer = [Link(*both) for both in zip(table["href"].to_pylist(), table["text"].to_pylist(), strict=True)]
    wanted = re.compile(pattern, re.IGNORECASE)
    links = {
        link.href: link for link in reversed(answer) if wanted.search(unquote(link.href)) or wanted.search(link.text)
    }
    return list(reversed(links.values()))


def only_link(html: bytes, base_url: str, pattern: str, what: str) -> Link:
    """Return the one link that matches; `NotDataError` naming the links there are when it is none or several."""
    links = find_links(html, base_url, pattern)
    if len(links) == 1:
        return links[0]
    shown = links or [link for link in find_links(html, base_url) if _FILES.search(urlsplit(link.href).path)]
    names = ", ".join(unquote(link.href).rpartition("/")[2] for link in shown[:_SHOWN])
    told = "error.protocol.links" if links else "error.protocol.no_link"
    named = names or Word("error.protocol.no_file_link")
    raise NotDataError(
        Message(told, where=base_url, n=len(links), what=what, pattern=pattern, names=named, own_file=OWN_FILE)
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
