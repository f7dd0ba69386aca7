"""What is asked of a server and what comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from loaders.http.faults import lasting
from loaders.http.file_cache import CachedAnswer
from loaders.http.sniff import Expect

Progress = Callable[[int, int | None], None]
"""Told the bytes that have come and, where known, how many there will be."""


@dataclass(frozen=True)
class Response:
    """What came back.

    Attributes
    ----------
    url : address after redirects, or of the file
    content_type : as the server declared it
    headers : of the answer, names in lower case
    sha256, size : of the body after decompression; size in bytes
    from_cache : whether the server said that the answer kept here still holds
    fetched_at : when the body came from the server, ISO 8601 (UTC)
    body : the bytes, or the file that holds them
    """

    url: str
    content_type: str
    headers: Mapping[str, str]
    sha256: str
    size: int
    from_cache: bool
    fetched_at: str
    body: bytes | Path = field(repr=False)

    @property
    def data(self) -> bytes:
        """The body as bytes."""
        return self.body.read_bytes() if isinstance(self.body, Path) else self.body

    @property
    def path(self) -> Path | None:
        """The file that holds the body, if it is in a file."""
        return self.body if isinstance(self.body, Path) else None

    @property
    def etag(self) -> str | None:
        """The server's name for this version."""
        return self.headers.get("etag")

    @property
    def last_modified(self) -> str | None:
        """When the server says that this version was made."""
        return self.headers.get("last-modified")


@dataclass(frozen=True)
class HttpRequest:
    """One request: address with its parameters, and what is accepted as an answer."""

    url: str
    expect: tuple[Expect, ...]
    accept: str
    progress: Progress | None

    @property
    def key(self) -> str:
        """Name in the cache: the same address may be asked for in several formats."""
        return f"{self.url} {self.accept}".strip()


def wanted_of(
    address: str | Path,
    params: Mapping[str, Any] | None,
    expect: Expect | tuple[Expect, ...],
    accept: str = "",
    progress: Progress | None = None,
) -> HttpRequest:
    """Request for an address, its parameters filled in; `FetchError` when it is none."""
    kinds = (expect,) if isinstance(expect, str) else expect
    url = str(address)
    if not isinstance(address, Path):
        try:
            url = str(requests.Request("GET", url, params=dict(params or {})).prepare().url)
            urlsplit(url)
        except (requests.RequestException, ValueError) as error:
            raise lasting(error, url) from error
    return HttpRequest(url, kinds, accept, progress)


def response_of(entry: CachedAnswer, body: bytes | Path, fresh: bool) -> Response:
    """Response of an entry and its body; ``fresh`` unless the server said that nothing changed."""
    return Response(
        entry.final_url, entry.content_type, entry.headers, entry.sha256, entry.size, not fresh, entry.fetched_at, body
    )


def file_name(url: str) -> str:
    """Name for the file behind an address: its last part, without anything a file system might take for a path."""
    last = unquote(urlsplit(url).path).replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^\w.\- ]", "_", last).strip(" .") or "download"


def user_agent(contact: str = "") -> str:
    """Who is asking: name, version and, where it was given, whom to turn to."""
    try:
        release = version("nabij")
    except PackageNotFoundError:
        release = "0"
    return f"nabij/{release} (+{contact})" if contact else f"nabij/{release} ({requests.utils.default_user_agent()})"
