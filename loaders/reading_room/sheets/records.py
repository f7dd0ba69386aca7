"""JSON that is no GeoJSON: records of a portal, with a table of text as the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.reading_room.job import Job
from loaders.reading_room.shapes.features import plain_text
from loaders.reading_room.tables import TextList, add_row, clean

_LISTS = ("@graph", "results", "records", "data", "value", "items", "rows", "places", "elements")
"""Names under which portals give their records (Opendatasoft, CKAN, OData and others)."""

_POINTS = (("lat", "lon"), ("latitude", "longitude"), ("lat", "lng"), ("y", "x"))
_DEEPEST = 3
_OF_NGSI = ("Property", "GeoProperty")
"""Types of what NGSI-LD wraps a value in."""


def records_of(job: Job) -> TextList | None:
    """Table of the records of a document; None where it is a map, or no JSON at all."""
    try:
        document = json.loads(job.data.decode("utf-8-sig"))
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            rest = _rest(error)
            if rest is not None and all(one.get("type") == "Feature" for one in rest):
                return None
            if rest is not None:
                return _table(rest, job)
            raise DataError(Message("error.list.after_json", file=job.file, reason=Reason(error))) from error
        return None
    if isinstance(document, dict) and (
        document.get("type") in ("FeatureCollection", "Feature", "Topology") or _of_esri(document)
    ):
        return None
    records = _records(document) or _by_column(document)
    return None if records is None else _table(records, job)


def _of_esri(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("features"), list)


def _rest(error: json.JSONDecodeError) -> list[dict[str, Any]] | None:
    """Records of a file with one on every line; None where what follows is something else."""
    try:
        records = [json.loads(line) for line in error.doc.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    if len(records) < 2 or not all(isinstance(one, dict) for one in records):
        return None
    return records


def _records(document: Any) -> list[dict[str, Any]] | None:
    if isinstance(document, list):
        return document if document and all(isinstance(one, dict) for one in document) else None
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("result"), dict):
        return _records(document["result"])
    return next((records for name in _LISTS if (records := _records(document.get(name))) is not None), None)


def _by_column(document: Any) -> list[dict[str, Any]] | None:
    """Records of a table that pandas wrote: a list of lists, columns apart from data, or by column or row."""
    if isinstance(document, list) and len(document) > 1 and all(isinstance(line, list) for line in document):
        document = {"columns": document[0], "data": document[1:]}
    if not isinstance(document, dict) or not document:
        return None
    names, data = document.get("columns"), document.get("data")
    if isinstance(names, list) and isinstance(data, list) and all(isinstance(line, list) for line in data):
        headers = [str(name) for name in names]
        return [dict(zip(headers, line, strict=False)) for line in data] or None
    inner = list(document.values())
    if not all(isinstance(one, dict) and one for one in inner):
        return None
    if len({tuple(one) for one in inner}) == 1 and all(str(name).isdecimal() for name in inner[0]):
        return [{name: column[row] for name, column in document.items()} for row in inner[0]]
    return inner if all(str(name).isdecimal() for name in document) else None


def _table(records: list[dict[str, Any]], job: Job) -> TextList:
    flat = [_flat(record) for record in records]
    names: dict[str, None] = {}
    for record in flat:
        names.update(dict.fromkeys(record))
        job.limits.check_table(len(flat), len(names), job.file)
    headers = [name.encode("utf-8", "replace").decode() for name in names]
    listed = TextList(headers, [[] for _ in headers], [])
    for row, record in enumerate(flat, start=1):
        add_row(listed, row, [clean(record.get(name, "")) for name in names], job)
    return listed


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """Text by name of a record; records inside it add their name, a point is a pair of numbers."""
    inner = record.get("fields")
    if depth == 0 and isinstance(inner, dict):
        record = inner
    flat: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, dict) and set(value) >= {"type", "value"} and value["type"] in _OF_NGSI:
            value = value["value"]
        if isinstance(value, dict) and (point := _point(value)):
            flat[f"{prefix}{name}"] = point
        elif isinstance(value, dict) and name == "tags" and depth == 0:
            flat |= _flat(value, "", depth + 1)  # of OpenStreetMap
        elif isinstance(value, dict) and depth < _DEEPEST:
            flat |= _flat(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, list) and len(value) == 2 and all(isinstance(one, float) for one in value):
            flat[f"{prefix}{name}"] = f"{value[0]}, {value[1]}"
        else:
            flat[f"{prefix}{name}"] = plain_text(value)
    return flat


def _point(value: Mapping[str, Any]) -> str:
    if value.get("type") == "Point" and isinstance(value.get("coordinates"), list) and len(value["coordinates"]) >= 2:
        x, y = value["coordinates"][:2]
        return f"POINT ({x} {y})"
    named = {name for name in value if not name.startswith("@")}
    for first, second in _POINTS:
        if named == {first, second}:
            return f"{value[first]}, {value[second]}"
    return ""
