"""Bureaus and houses as two services publish them: the points of interest of Flanders and the Sociale Kaart.

Both become *candidates*: one row per place with its address and point. `loaders.live.registers` joins them. How the
services name a bureau or a house is not fixed, so their lists of categories are searched for the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from i18n.errors import DataError, IncompleteError, NotDataError
from i18n.messages import Message
from loaders.catalogue.publishers.sources import live_of
from loaders.http.client import Client
from loaders.pipeline.update import Origin, RefreshContext
from loaders.protocols.documents import read_json
from loaders.protocols.services import wfs
from loaders.protocols.spellings import plain_word, read_number
from loaders.protocols.tables import check_unique, require_columns, with_names
from loaders.reading_room.cells import cell_text
from loaders.snapshot.locator import read_point

CANDIDATE_COLUMNS = ["id", "service", "name", "x", "y", "street", "number", "postcode", "municipality"]
BUREAU, HOUSE = "bureau", "house"
"""The services that the registers hold."""

SERVICE_OF_WORDS = {
    "consultatiebureau": BUREAU,
    "consultatiebureaus": BUREAU,
    "huis van het kind": HOUSE,
    "huizen van het kind": HOUSE,
}
PAGE_SIZE = 100
MAX_PAGES = 200
_POI = ["POID", "NAAM", "STRAAT", "HUISNUMMER", "POSTCODE", "GEMEENTE", "POITYPE", "CATEGORIE"]


@dataclass(frozen=True)
class RegisterPlaces:
    """Places of one register.

    Attributes
    ----------
    register : id of the source, ``poi`` or ``social_map``
    frame : `CANDIDATE_COLUMNS`; x and y in EPSG:31370 metres, missing where the register gives none
    notes : sentences on what was left out
    origins : what was read
    """

    register: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()


def service_of(*texts: str) -> str:
    """``bureau`` or ``house`` by the first text that holds one of the words; '' when none does."""
    for text in texts:
        word = plain_word(text)
        for words, service in SERVICE_OF_WORDS.items():
            if words in word:
                return service
    return ""


def _candidates(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    return _settled(pd.DataFrame(list(rows), columns=CANDIDATE_COLUMNS))


def _settled(frame: pd.DataFrame) -> pd.DataFrame:
    """Candidates with settled types, ordered by id."""
    text = [c for c in CANDIDATE_COLUMNS if c not in ("x", "y")]
    frame[text] = frame[text].fillna("").astype("str")
    frame[["x", "y"]] = frame[["x", "y"]].astype("float64")
    return frame.sort_values("id", ignore_index=True)


def parse_names(data: bytes, where: str) -> dict[str, list[str]]:
    """Names of categories, types or rubrics for bureaus and houses, wherever they stand in a list in JSON.

    Returns
    -------
    dict
        service to the names that hold its words, in the order in which they occur
    """
    names: dict[str, list[str]] = {}
    for text in _strings(read_json(data, where)):
        service = service_of(text)
        if service and text not in names.setdefault(service, []):
            names[service].append(text)
    return names


def _strings(value: Any) -> Iterator[str]:
    todo = [value]
    while todo:
        item = todo.pop(0)
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            todo = [*item.values(), *todo]
        elif isinstance(item, list):
            todo = [*item, *todo]


def parse_poi(frame: gpd.GeoDataFrame, where: str) -> pd.DataFrame:
    """Bureaus and houses among points of interest in EPSG:31370: `CANDIDATE_COLUMNS`.

    A service asked for an attribute it does not have answers with empty text, so a collection in which none has a name
    or category is an error.

    Raises
    ------
    MissingColumnError, DataError
        an attribute is absent, an id is repeated, every category is empty
    """
    frame = with_names(frame, _POI)
    require_columns(frame, _POI, where)
    text = pd.DataFrame({column: [cell_text(v) for v in frame[column]] for column in _POI})
    if len(text) and (text[["CATEGORIE", "POITYPE", "NAAM"]] == "").all(axis=None):
        raise DataError(Message("error.live.poi_empty", where=where, n=str(len(text))))
    words = zip(text["CATEGORIE"], text["POITYPE"], text["NAAM"], strict=True)
    service = [service_of(*each) for each in words]
    points = shapely.centroid(frame.geometry.to_numpy())
    text = text.assign(service=service, x=shapely.get_x(points).round(2), y=shapely.get_y(points).round(2))
    text = text[text["service"] != ""].reset_index(drop=True)
    check_unique(text, ["POID"], where)
    names = {
        "POID": "id",
        "NAAM": "name",
        "STRAAT": "street",
        "HUISNUMMER": "number",
        "POSTCODE": "postcode",
        "GEMEENTE": "municipality",
    }
    return _settled(text.rename(columns=names)[CANDIDATE_COLUMNS])


def fetch_poi(context: RefreshContext) -> RegisterPlaces:
    """Bureaus and houses of the POI service: its list of types names the categories to ask for."""
    live, address = live_of("poi"), context.address("poi")
    filters: list[str] | None = None
    origins: tuple[Origin, ...] = ()
    if not context.settings.overridden("poi"):
        answer = context.client.get(context.address("poi", "types"), expect="json")
        names = parse_names(answer.data, answer.url)
        if BUREAU not in names:
            raise NotDataError(Message("error.live.poi_kind", where=answer.url))
        filters = [_category_filter(name) for service in names.values() for name in service]
        origins = (Origin.of(answer),)
    collection = wfs.fetch_features(context.client, address, live.collection, cql=filters)
    frame = parse_poi(collection.frame, str(address))
    return RegisterPlaces("poi", frame, collection.notes, (*origins, Origin.of_collection(collection, address)))


def _category_filter(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"CATEGORIE='{quoted}' OR POITYPE='{quoted}'"


@dataclass(frozen=True)
class OfferPage:
    """One page of the Sociale Kaart.

    Attributes
    ----------
    rows : `CANDIDATE_COLUMNS` as dicts; the service may still be ''
    ids : of every record on the page
    pages, elements : totals that the page states; 0 when it states none
    """

    rows: tuple[dict[str, Any], ...]
    ids: tuple[str, ...]
    pages: int
    elements: int


def parse_offers(data: bytes, where: str, service: str = "") -> OfferPage:
    """Places on one page of health offers.

    Parameters
    ----------
    data : JSON with ``page`` (totals) and a list of records, or just the list
    where : address or file, for errors
    service : of all records; without it the rubric or name of each tells

    Raises
    ------
    NotDataError, DataError
        not JSON, no list of records, a record without id
    """
    content = read_json(data, where)
    records = _records(content)
    if records is None:
        raise NotDataError(Message("error.live.no_records", where=where))
    page = content.get("page") if isinstance(content, dict) else None
    page = page if isinstance(page, dict) else {}
    rows = [_offer(record, number, where, service) for number, record in enumerate(records, start=1)]
    ids = tuple(str(row["id"]) for row in rows)
    kept = tuple(row for row in rows if row["service"])
    return OfferPage(kept, ids, _whole(page.get("totalPages")), _whole(page.get("totalElements")))


def _records(content: Any) -> list[Any] | None:
    """List of records, wherever services of this kind put it."""
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        for value in (content.get("content"), content.get("items"), content.get("_embedded")):
            records = value if isinstance(value, list) else next(_lists(value), None)
            if records is not None:
                return records
    return None


def _lists(value: Any) -> Iterator[list[Any]]:
    return (v for v in value.values() if isinstance(v, list)) if isinstance(value, dict) else iter(())


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _offer(record: Any, number: int, where: str, service: str) -> dict[str, Any]:
    """One place; address and point of its primary address."""
    name = text_at(record, "name", "description") or text_at(record, "legalName", "description")
    addresses = [a for a in as_list(at(record, "addresses")) if isinstance(a, dict)]
    address: Any = next((a for a in addresses if a.get("primary") is True), addresses[0] if addresses else {})
    offer = text_at(record, "id", "id") or text_at(record, "id")
    if not offer:
        raise DataError(Message("error.live.record_id", where=where, number=str(number)))
    lat, lon = (read_number(text_at(address, "location", key)) for key in ("lat", "lon"))
    point, fault = read_point(lat, lon, None, None)
    placed = point is not None and not fault
    rubrics = list(_strings(at(record, "rubrics") or at(record, "rubric") or ""))
    return {
        "id": offer,
        "service": service or service_of(*rubrics, name),
        "name": name,
        "x": round(float(point[0]), 2) if placed and point is not None else None,
        "y": round(float(point[1]), 2) if placed and point is not None else None,
        "street": text_at(address, "street") or text_at(address, "street", "description"),
        "number": text_at(address, "number") or text_at(address, "houseNumber"),
        "postcode": text_at(address, "municipality", "postalCode"),
        "municipality": text_at(address, "municipality", "description") or text_at(address, "municipality", "name"),
    }


def at(value: Any, *keys: str) -> Any:
    """What nested dicts hold under ``keys``; None when a step is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text_at(value: Any, *keys: str) -> str:
    """Text or number under ``keys`` as text; '' when there is none."""
    value_at = at(value, *keys)
    return cell_text(value_at) if isinstance(value_at, str | int | float) and not isinstance(value_at, bool) else ""


def as_list(value: Any) -> list[Any]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def fetch_social_map(context: RefreshContext) -> RegisterPlaces:
    """Bureaus and houses of the Sociale Kaart: its list of rubrics names what to ask for, page after page."""
    address, client = context.address("social_map"), context.client
    if isinstance(address, Path):
        answer = client.get(address, expect="json")
        page = parse_offers(answer.data, str(address))
        return RegisterPlaces("social_map", _once(page.rows), (), (Origin.of(answer),))
    rows: list[dict[str, Any]] = []
    origins: list[Origin] = []
    rubrics_address = context.address("social_map", "rubrics")
    for words, service in (("consultatiebureau", BUREAU), ("huis van het kind", HOUSE)):
        answer = client.get(rubrics_address, {"query": words}, expect="json")
        origins.append(Origin.of(answer))
        for rubric in parse_names(answer.data, answer.url).get(service, []):
            rows += _offers(client, str(address), rubric, service)
    if not rows:
        raise NotDataError(Message("error.live.no_rubric", where=str(address)))
    return RegisterPlaces("social_map", _once(rows), (), tuple(origins))


def _offers(client: Client, address: str, rubric: str, service: str) -> list[dict[str, Any]]:
    """All places of a rubric.

    Raises
    ------
    IncompleteError
        a page comes twice, or fewer records come than the service says there are
    """
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number in range(MAX_PAGES):
        ask = {"rubrics": rubric, "page": number, "size": PAGE_SIZE, "sort": "LAST_UPDATED_DESC"}
        answer = client.get(address, ask, expect="json")
        page = parse_offers(answer.data, answer.url, service)
        again = seen.intersection(page.ids)
        if again and seen.issuperset(page.ids):
            raise IncompleteError(
                Message("error.live.record_again", where=answer.url, number=str(number), value=str(min(again)))
            )
        seen.update(page.ids)
        rows += page.rows
        if number + 1 >= page.pages or not page.ids:
            if len(seen) < page.elements:
                raise IncompleteError(
                    Message(
                        "error.live.records_part",
                        where=answer.url,
                        came=str(len(seen)),
                        n=str(page.elements),
                        rubric=rubric,
                    )
                )
            return rows
    raise IncompleteError(Message("error.live.records_many", where=str(address), most=str(MAX_PAGES), rubric=rubric))


def _once(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Candidates, every id once per service."""
    frame = _candidates(rows)
    return frame.drop_duplicates(["id", "service"], ignore_index=True)


def xy_of(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n, 2) points in EPSG:31370 metres, NaN where there is none."""
    return frame[["x", "y"]].to_numpy(dtype=np.float64)
