"""Tables and maps that were packed before they were sent: the one file in a ``.gz`` or a zip archive, in the child."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from pathlib import PurePosixPath

from i18n.errors import DataError
from i18n.messages import Message, Reason
from loaders.file_kinds import kind_of
from loaders.reading_room.job import Job
from loaders.reading_room.kinds import BOOK_SUFFIXES, SUFFIX_KINDS, TEXT_SUFFIXES
from loaders.reading_room.zip_archives import MAX_BYTES, MAX_RATIO, SMALL_BYTES, member_names, take_member

_OF_BOOKS = frozenset({"[content_types].xml", "content.xml", "mimetype"})
"""Members that make an archive a workbook."""

_OF_MAPS = (".shp", ".kml")
_GZIP = 31
_TAR_AT, _TAR = 257, b"ustar"
_SHOWN = 8


def unpacked(job: Job) -> Job:
    """Job for the one file that another was packed in; the very job where nothing was packed.

    A workbook, a KMZ and a zipped shapefile are archives themselves and stay as they are.

    Raises
    ------
    DataError
        the archive is damaged, grows beyond measure, or holds no table or map, or several
    """
    kind = kind_of(bytes(job.view[:64]))
    if kind == "gz":
        return _of_gzip(job)
    return _of_zip(job) if kind == "zip" else job


def _of_gzip(job: Job) -> Job:
    packed = job.data
    most = min(MAX_BYTES, max(SMALL_BYTES, MAX_RATIO * len(packed)))
    reader = zlib.decompressobj(_GZIP)
    try:
        data = reader.decompress(packed, most + 1)
    except zlib.error as error:
        raise DataError(Message("error.list.gzip", file=job.file, reason=Reason(error))) from error
    if len(data) > most:
        raise DataError(Message("error.file.zip_bomb", file=job.file, packed=len(packed), size=len(data)))
    if not reader.eof:
        raise DataError(Message("error.list.gzip_cut", file=job.file))
    if data[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        raise DataError(Message("error.list.tar", file=job.file))
    inner = replace(job, source=data, file=re.sub(r"\.gz$", "", job.file, flags=re.IGNORECASE))
    return unpacked(inner) if kind_of(data[:64]) == "zip" else inner


def _of_zip(job: Job) -> Job:
    names = member_names(job.data, job.file)
    if {name.lower() for name in names} & _OF_BOOKS or any(name.lower().endswith(_OF_MAPS) for name in names):
        return job
    held = _readable(names)
    if not held:
        raise DataError(Message("error.list.zip_none", file=job.file, names=_some(names) or "–"))
    if len(held) > 1:
        raise DataError(Message("error.list.zip_several", file=job.file, n=len(held), names=_some(held)))
    member = take_member(job.data, rf"^{re.escape(held[0])}$", job.file)
    return replace(job, source=member.data, file=f"{job.file}/{PurePosixPath(held[0]).name}")


def _readable(names: list[str]) -> list[str]:
    """Names of the members that are tables or maps; text beside another one is what goes with it."""
    own = [name for name in names if not name.startswith("__MACOSX/") and not PurePosixPath(name).name.startswith(".")]
    held = [name for name in own if PurePosixPath(name.lower()).suffix in SUFFIX_KINDS]
    tables = [name for name in held if not name.lower().endswith(".txt")]
    return tables or held


def _some(names: list[str]) -> str:
    return ", ".join(name[:80] for name in names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def form_of_bytes(job: Job) -> str:
    """Form in which a list is read whose name does not tell: ``text``, ``workbook``, ``map`` or ``columns``."""
    suffix = PurePosixPath(job.file.lower()).suffix
    kind = kind_of(bytes(job.view[:512]))
    if kind in ("parquet", "arrow"):
        return "columns"
    if kind == "zip":
        names = [name.lower() for name in member_names(job.data, job.file)]
        return "map" if any(name.endswith(_OF_MAPS) for name in names) else "workbook"
    if kind == "ole" or suffix in BOOK_SUFFIXES:
        return "workbook"
    if kind in ("json", "gpkg", "fgb") or suffix in (".kml", ".gpx"):
        return "map"
    return "text" if suffix in TEXT_SUFFIXES or kind in ("text", "unknown") else "map"
