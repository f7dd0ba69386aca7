"""A page of features of a map service, in the child: GeoJSON to a table, with what the page says of the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import ShapelyError

from i18n.errors import NotDataError, one_line
from i18n.messages import Message, Reason
from loaders.reading_room.job import Job, ReadResult, text_array
from loaders.reading_room.shapes.features import typed

_LONGEST_WORDS = 300
_LONGEST_NAME = 2_000


def read_page(job: Job) -> ReadResult:
    """Features of a GeoJSON FeatureCollection.

    Table ``features``: ``id`` (of a feature without one its content), ``geometry`` (WKB in two dimensions, null where
    there is none), and the attributes by number. Values: ``names`` of the attributes, ``matched`` and ``declared`` (how
    many features there are in all, and the coordinate system; null where the page does not say), ``next`` (addresses of
    the page after this one, as they stand there) and ``ends`` (what the first and the last feature hold).
    """
    page = _collection(job)
    features = page["features"]
    job.limits.check_table(len(features), 1, job.file)
    properties = [feature.get("properties") or {} for feature in features]
    names = list(dict.fromkeys(name for row in properties for name in row))
    job.limits.check_table(len(features), len(names), job.file)
    columns = {str(i): typed([row.get(name) for row in properties]) for i, name in enumerate(names)}
    shapes = np.array([*(_shape(feature, job, row) for row, feature in enumerate(features, 1)), None], dtype=object)[
        :-1
    ]
    fixed = {"id": text_array(_ids(features)), "geometry": pa.array(_wkb(shapes), type=pa.large_binary())}
    ends = "".join(_content_hash(feature) for feature in (*features[:1], *features[-1:]))
    values = {
        "names": [name.encode("utf-8", "replace").decode() for name in names],
        "matched": _matched(page),
        "declared": _declared(page),
        "next": _next(page),
        "ends": ends,
    }
    return ReadResult({"features": pa.table({**fixed, **columns})}, values)


def _collection(job: Job) -> dict[str, Any]:
    try:
        page = json.loads(job.data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            rest = " ".join(error.doc[error.pos : error.pos + 80].split())
            raise NotDataError(Message("error.protocol.after_json", where=job.file, rest=rest)) from error
        why = Reason(error, one_line(error)[:120])
        raise NotDataError(Message("error.protocol.geojson", where=job.file, error=why)) from error
    if isinstance(page, dict) and isinstance(page.get("features"), list) and all(map(_is_feature, page["features"])):
        return page
    words = exception_in(page)
    if words:
        raise NotDataError(Message("error.protocol.exception_json", where=job.file, words=words))
    kind = page.get("type") if isinstance(page, dict) else type(page).__name__
    raise NotDataError(Message("error.protocol.collection", where=job.file, kind=str(kind)[:40]))


def exception_in(page: Any) -> str:
    """What a service says is wrong, in an answer that came as if nothing were; '' where it says nothing of the kind."""
    if not isinstance(page, dict):
        return ""
    told = page.get("exceptions") or page.get("error") or page.get("exception")
    first = told[0] if isinstance(told, list) and told else told
    if isinstance(first, dict):
        first = next((first[k] for k in ("text", "message", "description", "detail", "code") if first.get(k)), "")
    if not first and "features" not in page:
        first = next((page[k] for k in ("description", "detail", "message") if isinstance(page.get(k), str)), "")
    return " ".join(str(first or "").split())[:_LONGEST_WORDS].rstrip(" .")


def _is_feature(feature: Any) -> bool:
    return (
        isinstance(feature, dict)
        and isinstance(feature.get("properties") or {}, dict)
        and isinstance(feature.get("geometry") or {}, dict)
    )


def _ids(features: Sequence[dict[str, Any]]) -> list[str]:
    """Ids of a page; equal features without an id of their own are told apart by how often they occurred."""
    seen: dict[str, int] = {}
    ids = []
    for feature in features:
        name = _feature_id(feature)
        seen[name] = seen.get(name, 0) + 1
        ids.append(name if seen[name] == 1 or "id" in feature else f"{name}-{seen[name]}")
    return ids


def _feature_id(feature: dict[str, Any]) -> str:
    given = feature.get("id")
    if isinstance(given, (str, int)) and given != "":
        return str(given)
    return _content_hash(feature)


def _content_hash(feature: dict[str, Any]) -> str:
    content = json.dumps([feature.get("properties"), feature.get("geometry")], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _matched(page: dict[str, Any]) -> int | None:
    for name in ("numberMatched", "totalFeatures"):
        value = page.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def _declared(page: dict[str, Any]) -> str | None:
    """Coordinate system a document names, as older services do."""
    crs = page.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name[:_LONGEST_NAME] if isinstance(name, str) else None


def _next(page: dict[str, Any]) -> list[str]:
    links = page.get("links")
    return [
        link["href"][:_LONGEST_NAME]
        for link in (links if isinstance(links, list) else [])
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str)
    ][:1]


def _shape(feature: dict[str, Any], job: Job, row: int) -> Any:
    job.mark(row)
    geometry = feature.get("geometry")
    if not geometry:
        return None
    try:
        return shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (ShapelyError, ValueError, TypeError) as error:
        why = Reason(error, one_line(error)[:120])
        number = _feature_id(feature)
        raise NotDataError(Message("error.protocol.geometry", where=job.file, feature=number, error=why)) from error


def _wkb(shapes: Any) -> list[Any]:
    return list(shapely.to_wkb(shapes)) if len(shapes) else []
