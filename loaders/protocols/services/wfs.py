"""WFS 2.0: a feature type read to its last page, with the service's own limits taken into account."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from xml.etree.ElementTree import Element

from i18n.errors import IncompleteError, NotDataError
from i18n.messages import Message, Word
from loaders.catalogue.regions.projection import storage_crs
from loaders.catalogue.regions.region_in_use import region
from loaders.http.client import Client
from loaders.http.sniff import HEAD_BYTES, is_exception_report, server_words
from loaders.protocols.documents import read_xml
from loaders.protocols.services.features import CAPS, Box, Collection, Gathering
from loaders.protocols.services.files import read_file

FORMATS = ("application/json", "json", "geojson", "application/geo+json", "application/json; subtype=geojson")
"""Names under which services give GeoJSON, the usual one first."""

_PAGES = 10_000
_SHOWN = 10


@dataclass(frozen=True)
class Capabilities:
    """What a service says of itself.

    Attributes
    ----------
    types : coordinate systems by name of the feature type, the default one first
    count_default : features it gives when not asked for a number, often also the most it gives
    paging : whether it says that it pages; None when it does not say
    formats : output formats of GetFeature
    """

    types: Mapping[str, tuple[str, ...]]
    count_default: int | None
    paging: bool | None
    formats: tuple[str, ...]

    def find(self, name: str, where: str) -> str:
        """Name of a feature type as the service writes it: its prefix may be left out; `NotDataError` naming others."""
        if name in self.types:
            return name
        local = [known for known in self.types if known.rpartition(":")[2].lower() == name.rpartition(":")[2].lower()]
        if len(local) == 1:
            return local[0]
        near = difflib.get_close_matches(name, self.types, n=_SHOWN, cutoff=0.3) or list(self.types)[:_SHOWN]
        raise NotDataError(
            Message(
                "error.protocol.feature_type",
                where=where,
                name=name,
                known=", ".join(near) or Word("error.source.none"),
            )
        )

    @property
    def json_format(self) -> str:
        """Name of GeoJSON in this service."""
        by_name = {name.lower(): name for name in self.formats}
        return next((by_name[name] for name in FORMATS if name in by_name), FORMATS[0])


def capabilities(client: Client, url: str) -> Capabilities:
    """Ask a service what it offers; `NotDataError` when what comes is no description of a WFS."""
    base, given = _split(url)
    answer = client.get(
        base, {**given, "service": "WFS", "version": "2.0.0", "request": "GetCapabilities"}, expect="xml"
    )
    root = read_xml(answer.data, base)
    types = {
        name: tuple(_texts(kind, "DefaultCRS") + _texts(kind, "OtherCRS"))
        for kind in _all(root, "FeatureType")
        for name in _texts(kind, "Name")[:1]
    }
    if _local(root) != "WFS_Capabilities":
        raise NotDataError(Message("error.protocol.no_wfs", where=base, kind=_local(root)))
    constraints = {
        c.get("name"): (_texts(c, "DefaultValue") or _texts(c, "Value") or [""])[0] for c in _all(root, "Constraint")
    }
    count, paging = constraints.get("CountDefault", ""), constraints.get("ImplementsResultPaging", "")
    return Capabilities(
        types,
        int(count) if count.isdigit() and int(count) else None,
        paging.upper() == "TRUE" if paging else None,
        tuple(_formats(root)),
    )


def fetch_features(
    client: Client,
    url: str | Path,
    type_name: str,
    *,
    srs: str | None = None,
    page_size: int = 1000,
    cql: str | Sequence[str] | None = None,
    sort_by: str | None = None,
    box: Box | None = None,
    allow_empty: bool = False,
) -> Collection:
    """Fetch every feature of a type.

    Parameters
    ----------
    url : address of the service, or a file that a user gave in its place
    srs : coordinate system to ask for
    page_size : features per page, at most; a lower limit of the service is respected
    cql : filter (GeoServer's ``CQL_FILTER``); several are fetched one after another, which splits a collection that is
        larger than the service gives
    sort_by : attribute that keeps the order of pages, needed where the service has no order of its own
    box : where the features must lie, metres; None for the region

    Raises
    ------
    IncompleteError
        pages repeat, end before all features came, or stop at a number at which services are known to stop
    NotDataError
        no such feature type, an empty collection, or an answer that is no collection
    DataError
        the features do not lie where they should
    """
    box, srs = region().territory.box if box is None else box, srs or storage_crs()
    if isinstance(url, Path):
        return read_file(client, url, box)
    offered = capabilities(client, url)
    name = offered.find(type_name, _split(url)[0])
    asked: dict[str, Any] = {"typeNames": name, "srsName": srs, "outputFormat": offered.json_format}
    asked |= {"sortBy": sort_by} if sort_by else {}
    whole, known = Gathering(f"{_split(url)[0]} {name}"), True
    for part in [cql] if cql is None or isinstance(cql, str) else cql:
        gathering = _gather(
            client, url, asked | ({"CQL_FILTER": part} if part else {}), offered, page_size, whole.where
        )
        limits = [count for count in (offered.count_default, page_size) if count]
        gathering.check((*limits, *CAPS), allow_empty=allow_empty or not isinstance(cql, (str, type(None))))
        whole.merge(gathering)
        known = known and gathering.matched is not None
    whole.matched = len(whole.features) if known else None  # parts may overlap
    if not allow_empty:
        whole.check_filled()
    return whole.collection(srs, box)


def _gather(
    client: Client, url: str, asked: Mapping[str, Any], offered: Capabilities, page_size: int, where: str
) -> Gathering:
    """Read pages until all features came or a page is empty."""
    base, given = _split(url)
    gathering = Gathering(where, frozenset({*CAPS, offered.count_default or 0} - {0}))
    gathering.expect(_hits(client, base, {**given, **asked}))
    size = min(page_size, offered.count_default or page_size)
    for _ in range(_PAGES):
        request = {**given, **_request(asked), "count": size, "startIndex": gathering.received}
        answer = client.get(base, request, expect=("json",))
        page = gathering.add(answer.data, answer.fetched_at)
        if gathering.done() or not page.count:
            return gathering
        if offered.paging is False and gathering.matched is None:
            return gathering
    raise IncompleteError(Message("error.protocol.many_pages", where=where, pages=_PAGES))


def _hits(client: Client, base: str, asked: Mapping[str, Any]) -> int | None:
    """How many features the service says match; None when it does not say."""
    request = {key: value for key, value in asked.items() if key != "outputFormat"}
    answer = client.get(base, {**_request(request), "resultType": "hits"}, expect=("xml", "json"))
    if answer.data.lstrip()[:1] != b"<":
        return None
    if is_exception_report(answer.data[:2000]):
        raise NotDataError(Message("error.http.exception", url=base, words=server_words(answer.data[:HEAD_BYTES])))
    matched = read_xml(answer.data, base).get("numberMatched", "")
    return int(matched) if matched.isdigit() else None


def _request(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"service": "WFS", "version": "2.0.0", "request": "GetFeature", **asked}


def _split(url: str) -> tuple[str, dict[str, str]]:
    """Address without its parameters, and those (MapServer needs ``map=``) but for what the request sets itself."""
    parts = urlsplit(url)
    own = {"service", "version", "request"}
    given = {k: v for k, v in parse_qsl(parts.query, keep_blank_values=True) if k.lower() not in own}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), given


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _local(element) == name)


def _texts(root: Element, name: str) -> list[str]:
    return [(element.text or "").strip() for element in _all(root, name)]


def _formats(root: Element) -> list[str]:
    operation = next((o for o in _all(root, "Operation") if o.get("name") == "GetFeature"), None)
    if operation is None:
        return []
    return [
        value for p in _all(operation, "Parameter") if p.get("name") == "outputFormat" for value in _texts(p, "Value")
    ]
