"""OGC API Features: a collection read to its last page by following the links the service gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from i18n.errors import IncompleteError, NotDataError
from i18n.messages import Message
from loaders.catalogue.regions.region_in_use import region
from loaders.http.client import Client
from loaders.protocols.services.features import CAPS, Box, Collection, Gathering, Page
from loaders.protocols.services.files import read_file

ACCEPT = "application/geo+json, application/json;q=0.9"
_DEFAULT = "OGC:CRS84"


def fetch_items(
    client: Client,
    collection_url: str | Path,
    *,
    limit: int = 500,
    crs: str | None = None,
    params: Mapping[str, Any] | None = None,
    box: Box | None = None,
    allow_empty: bool = False,
) -> Collection:
    """Fetch every feature of a collection.

    Parameters
    ----------
    collection_url : address of the collection, with or without ``/items``; or a file that a user gave in its place
    limit : features per page; the service may give fewer
    crs : coordinate system to ask for, as ``EPSG:4258``; left out, longitude and latitude
    params : further parameters, such as filters on attributes
    box : where the features must lie, metres; None for the region

    Raises
    ------
    IncompleteError
        pages repeat, lead in a circle, or end before all features came
    NotDataError
        the collection is empty, or what came is no collection
    DataError
        the features do not lie where they should
    """
    box = region().territory.box if box is None else box
    if isinstance(collection_url, Path):
        return read_file(client, collection_url, box)
    address = collection_url.rstrip("/")
    address = address if address.endswith("/items") else f"{address}/items"
    asked = {"limit": limit, **({"crs": crs_address(crs)} if crs else {}), **(params or {})}
    gathering, seen, declared = Gathering(address, frozenset({max(CAPS)})), set[str](), ""
    following: str | None = address
    while following is not None:
        answer = client.get(following, asked if following == address else None, expect="json", accept=ACCEPT)
        seen |= {following, answer.url}
        page = gathering.add(answer.data, answer.fetched_at)
        declared = answer.headers.get("content-crs", "").strip("<> ") or declared
        following = _next(page, answer.url, gathering.where)
        if following in seen:
            raise IncompleteError(Message("error.protocol.circle", where=str(address), next=str(following)))
        if gathering.done() or not page.count:
            following = None
    gathering.check((limit, *CAPS), allow_empty=allow_empty)
    return gathering.collection(crs or _DEFAULT, box, declared or None)


def crs_address(crs: str) -> str:
    """Address by which OGC API names a coordinate system: ``http://www.opengis.net/def/crs/EPSG/0/3035``."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{crs.rpartition(':')[2]}" if crs.startswith("EPSG:") else crs


def _next(page: Page, url: str, where: str) -> str | None:
    """Address of the next page, or None on the last."""
    if page.next is None:
        return None
    address = ""
    try:
        address = urljoin(url, page.next)
        scheme = urlsplit(address).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        raise NotDataError(Message("error.protocol.link", where=where, link=page.next[:80]))
    return address
