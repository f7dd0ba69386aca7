"""The ways of an OpenStreetMap extract in the child: points, and of the tags those that decide."""

from __future__ import annotations

import html
import re
from array import array
from datetime import UTC, datetime
from typing import Any, cast

import osmium
import pyarrow as pa

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job, ReadResult, text_table

_FORMS = {"pbf": "pbf", "xml": "osm", "gz": "osm.gz", "bz2": "osm.bz2"}
_ENTITIES = b"<!ENTITY"
_NEGATIVE = re.compile(rb"""(\s(?:id|ref)=["'])-(\d{1,15})(?=["'])""")
_SIGNS = tuple(name + b"=" + quote + b"-" for name in (b"id", b"ref") for quote in (b'"', b"'"))
_NEW_IDS = 1_000_000_000_000
_REMARK = re.compile(rb"<remark>(.{0,2000}?)</remark>", re.DOTALL)
_ENDS = 4_000
_UNDEFINED = 2_147_483_647
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Time of what carries none."""

_DAMAGE = (RuntimeError, ValueError, osmium.InvalidLocationError)


def read_streets(job: Job) -> ReadResult:
    """Ways with one of the tags of the option ``keys``.

    Tables: ``points`` (``ref, lon, lat`` in units of OpenStreetMap, way after way), ``ways`` (``size, tags``: how many
    points, and the position in ``tags``), ``tags`` (the values of the option ``tags``, empty where there is none).
    """
    wanted = tuple(map(str, job.options["tags"]))
    try:
        return _read(job, wanted)
    except _DAMAGE as error:
        if isinstance(error, DataError):
            raise
        file = str(job.options["path"])
        key = "error.travel.extract_degrees" if "coordinate" in str(error) else "error.travel.extract_unreadable"
        raise DataError(Message(key, file=file, error=Reason(error))) from error


def _source(job: Job) -> osmium.io.FileBuffer:
    kind = kind_of(bytes(job.view[:512]))
    if kind not in _FORMS:
        raise ValueError("it begins as another kind of file")
    if kind == "xml" and _ENTITIES in job.view[:100_000]:
        raise ValueError("it declares entities")
    return osmium.io.FileBuffer(_positive(job) if kind == "xml" else job.view, _FORMS[kind])


def _positive(job: Job) -> Any:
    """The content with ids above zero: an editor gives what was never uploaded negative ones, which have no place."""
    if not any(job.view.find(sign) >= 0 for sign in _SIGNS):
        return job.view
    return _NEGATIVE.sub(lambda id_: id_.group(1) + str(_NEW_IDS + int(id_.group(2))).encode(), job.data)


def _read(job: Job, wanted: tuple[str, ...]) -> ReadResult:
    reader = (
        osmium.FileProcessor(_source(job), osmium.osm.NODE | osmium.osm.WAY)
        .with_locations("sparse_mem_array")
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter(*job.options["keys"]))
    )
    seen: dict[tuple[str, ...], int] = {}
    refs, lon, lat, sizes, kinds = (array("q") for _ in range(5))  # eight bytes a number, for a whole country
    add_ref, add_lon, add_lat = refs.append, lon.append, lat.append
    edited = _NEVER
    for way in reader:
        key = tuple([way.tags.get(name) or "" for name in wanted])  # asking for the few that count is fastest
        kinds.append(seen.setdefault(key, len(seen)))
        before = len(refs)
        street = cast(osmium.osm.Way, way)
        edited = max(edited, street.timestamp)
        for node in street.nodes:
            add_ref(node.ref)
            add_lon(node.x)
            add_lat(node.y)
        sizes.append(len(refs) - before)
    points = pa.table({"ref": _column(refs), "lon": _column(lon), "lat": _column(lat)})
    ways = pa.table({"size": _column(sizes), "tags": _column(kinds)})
    tags = text_table([list(column) for column in zip(*seen, strict=True)] or [[] for _ in wanted])
    placed = bool(lon) and min(lon) < _UNDEFINED
    about = {
        "remark": _remark(job),
        "placed": placed,
        "year": _year(reader.header),
        "edited": str(edited.year) if edited > _NEVER else "",
        **({} if placed else _counted(job)),
    }
    return ReadResult(
        {"points": points, "ways": ways, "tags": tags}, {"box": _box(reader.header.box()), "about": about}
    )


def _column(numbers: array[int]) -> pa.Array:
    """Numbers as a column that takes no room of its own."""
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def _year(header: osmium.io.Header) -> str:
    """Year that an extract says it is of; '' where it says none."""
    stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    return stamp[:4] if stamp[:4].isdigit() else ""


def _counted(job: Job) -> dict[str, int]:
    """How many points, ways and streets there are, for the sentence that says why there is nothing to travel on."""
    nodes = ways = streets = 0
    for thing in osmium.FileProcessor(_source(job), osmium.osm.NODE | osmium.osm.WAY):
        if isinstance(thing, osmium.osm.Way):
            ways += 1
            streets += any(thing.tags.get(key) for key in job.options["keys"])
        else:
            nodes += 1
    return {"nodes": nodes, "ways": ways, "streets": streets}


def _remark(job: Job) -> str:
    """What Overpass remarks of an answer that it could not finish; '' where it does not."""
    if kind_of(bytes(job.view[:512])) != "xml":
        return ""
    ends = bytes(job.view[:_ENDS]) + b" " + bytes(job.view[-_ENDS:])
    match = _REMARK.search(ends)
    return html.unescape(" ".join(match.group(1).decode("utf-8", "replace").split()))[:300].rstrip(".") if match else ""


def _box(box: osmium.osm.Box) -> list[float] | None:
    """West, south, east and north of what an extract says to cover."""
    if not box.valid():
        return None
    return [box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat]


def read_box(job: Job) -> ReadResult:
    """The box an extract says to cover."""
    try:
        with osmium.io.Reader(_source(job), osmium.osm.osm_entity_bits.NOTHING) as reader:
            return ReadResult({}, {"box": _box(reader.header().box())})
    except _DAMAGE as error:
        reason = " ".join(str(error).split())
        raise DataError(Message("error.protocol.extract", file=str(job.file), reason=reason)) from error
