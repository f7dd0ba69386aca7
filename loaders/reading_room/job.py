"""One file to read: what goes into the child, what it does there, and what comes back: tables and plain values."""

from __future__ import annotations

import importlib
import io
import json
import logging
import mmap
import os
import struct
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import IO, Any

import pyarrow as pa
import pyarrow.ipc

from i18n import numbers
from i18n.edges import EITHER, for_edge, written_for
from i18n.errors import DataError, InputError, MissingColumnError, NabijError, NotDataError, Translatable, one_line
from i18n.messages import Message, Reason
from i18n.texts import LANGUAGES, catalogue
from loaders.catalogue.regions.region_in_use import region
from loaders.reading_room.limits import ReadLimits

READERS: Mapping[str, str] = {
    "list": "loaders.reading_room.sheets.lists:read_list",
    "borders": "loaders.reading_room.sheets.borders:read_borders",
    "drawn": "loaders.reading_room.sheets.borders:read_drawn",
    "overlaps": "loaders.reading_room.sheets.borders:settle_overlaps",
    "area": "loaders.reading_room.sheets.borders:read_area",
    "mend": "loaders.reading_room.sheets.borders:mend_borders",
    "features": "loaders.reading_room.shapes.features:read_features",
    "page": "loaders.reading_room.sources.feature_pages:read_page",
    "json": "loaders.reading_room.sources.documents:read_json",
    "xml": "loaders.reading_room.sources.documents:read_xml",
    "ending": "loaders.reading_room.sources.documents:read_ending",
    "links": "loaders.reading_room.sources.documents:read_links",
    "delimited": "loaders.reading_room.sheets.delimited:read_delimited",
    "workbook": "loaders.reading_room.sheets.workbook:read_workbook",
    "member": "loaders.reading_room.sources.archive:read_member",
    "raster": "loaders.reading_room.sources.raster:read_raster",
    "costs": "loaders.reading_room.sheets.costs:read_costs",
    "streets": "loaders.reading_room.sources.streets:read_streets",
    "street_box": "loaders.reading_room.sources.streets:read_box",
}
"""What can be asked for, and the function that does it in the child."""

_MAP_MODULES = tuple(
    f"loaders.reading_room.shapes.{name}" for name in ("geojson", "geopackage", "shapefile", "kml", "topojson", "gpx")
)
_MORE: Mapping[str, tuple[str, ...]] = {
    "workbook": ("loaders.reading_room.sheets.workbook", "loaders.reading_room.sheets.web_tables"),
    "map": _MAP_MODULES,
    "columns": _MAP_MODULES,
    "any": ("loaders.reading_room.sheets.workbook", "loaders.reading_room.sheets.web_tables", *_MAP_MODULES),
}
"""What else is needed for a form of list, or for any map file."""

_MAPS = ("borders", "area", "features", "page")
_PROGRESS = struct.Struct("<q")
_LENGTH = struct.Struct("<Q")
_ERRORS: Mapping[str, type[NabijError]] = {
    kind.__name__: kind for kind in (DataError, InputError, MissingColumnError, NotDataError)
}
_LONGEST_ANSWER = 64_000_000


def _systems() -> dict[str, str]:
    return {"storage": region().crs.storage, "geographic": region().crs.geographic}


@dataclass
class Job:
    """A file as a reader sees it.

    Attributes
    ----------
    reader : key of `READERS`
    file : name for messages
    limits : how much may come of it
    options : plain values
    source : the content, or the number of an open file with it
    systems : coordinate systems of the region in use: ``storage`` in metres, ``geographic`` in degrees
    mark : tells how far reading came, for the sentence when a limit ends it
    """

    reader: str
    file: str
    limits: ReadLimits
    options: Mapping[str, Any] = field(default_factory=dict)
    source: bytes | int = b""
    systems: Mapping[str, str] = field(default_factory=_systems)
    mark: Callable[[int], object] = abs

    @cached_property
    def data(self) -> bytes:
        """The content."""
        return self.source if isinstance(self.source, bytes) else bytes(self.view)

    @cached_property
    def view(self) -> bytes | mmap.mmap:
        """The content without a copy of it."""
        if isinstance(self.source, bytes):
            return self.source
        return mmap.mmap(self.source, 0, access=mmap.ACCESS_READ) if os.fstat(self.source).st_size else b""

    def header(self) -> bytes:
        """All but the content, to be sent."""
        values = {
            "reader": self.reader,
            "file": self.file,
            "limits": asdict(self.limits),
            "options": self.options,
            "systems": self.systems,
        }
        return json.dumps(values).encode()

    @classmethod
    def of(cls, header: bytes, source: bytes | int) -> Job:
        """Job from its header and its content."""
        values = json.loads(header)
        return cls(
            values["reader"],
            values["file"],
            ReadLimits(**values["limits"]),
            values["options"],
            source,
            values["systems"],
        )


@dataclass(frozen=True)
class ReadResult:
    """What a reader gives back.

    Attributes
    ----------
    tables : by name
    values : plain values, such as notes and names
    """

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


def load(reader: str, options: Mapping[str, Any]) -> None:
    """Load what a reader needs, before the process is sealed and can load no more."""
    form = "map" if reader in _MAPS else str(options.get("form", ""))
    for module in (READERS[reader].partition(":")[0], *_MORE.get(form, ())):
        importlib.import_module(module)
    catalogue()
    numbers.load()


class _Said:
    """Message that was put into words in the child, with its key and its plain values."""

    def __init__(self, sentences: Mapping[str, str], key: str = "", values: Mapping[str, str] | None = None) -> None:
        self._sentences, self.key, self.values = sentences, key, values or {}

    def sentence(self, lang: str) -> str:
        return for_edge(self._sentences[lang])


def apply_edits(job: Job, out: IO[bytes]) -> None:
    """Read a file and write what comes of it, an error of ours included; only limits and damage let others out."""
    try:
        job.limits.check_size(len(job.view), job.file)
        module, _, function = READERS[job.reader].partition(":")
        with warnings.catch_warnings(action="ignore"):  # what is wrong is told as an error or a fault of a row
            result: ReadResult = getattr(importlib.import_module(module), function)(job)
    except NabijError as error:
        kind = type(error).__name__ if type(error).__name__ in _ERRORS else "DataError"
        _write(out, {"error": kind, "said": _sentences(error), **_known_by(error)}, {})
    except MemoryError as error:
        _write(out, {"ended": "memory", "said": str(error)[:200]}, {})
    except RecursionError:
        told = Message("error.room.nesting", file=job.file, most=job.limits.nesting)
        _write(out, {"error": "DataError", "said": _sentences(told)}, {})
    except Exception as error:  # noqa: BLE001  (whatever a library raises on a damaged file; it is logged outside)
        why = "memory" if "alloc" in str(error) else "broken"
        if why == "broken" and _is_of_shapes(error):
            _write(out, {"error": "DataError", "said": _sentences(_of_shapes(job, error, marked(out)))}, {})
            return
        _write(out, {"ended": why, "said": f"{type(error).__name__}: {error}"[:300]}, {})
    else:
        _write(out, {"values": result.values}, result.tables)


def _known_by(error: NabijError) -> dict[str, Any]:
    """Key and plain values of what is told, by which a page knows what to offer."""
    told = error.message
    if not isinstance(told, Message):
        return {}
    return {"key": told.key, "values": {name: value for name, value in told.values.items() if isinstance(value, str)}}


def _is_of_shapes(error: Exception) -> bool:
    """Whether the library of geometry raised it, which is not imported before a reader needs it."""
    return any(kind.__name__ == "ShapelyError" for kind in type(error).__mro__)


def _of_shapes(job: Job, error: Exception, row: int) -> Message:
    """What shapes cannot be worked with is a fault of the file, of the row that reading had come to."""
    why = Reason(error, one_line(error).removeprefix("IllegalArgumentException: ")[:120])
    if not row:
        return Message("error.room.shapes", file=job.file, reason=why)
    return Message("error.room.shape", file=job.file, row=str(row), reason=why)


def _sentences(told: Translatable) -> dict[str, str]:
    """What is told in every language, which the reader puts into words for a command or a page."""
    with written_for(EITHER):
        return {lang: told.sentence(lang) for lang in LANGUAGES}


def _write(out: IO[bytes], answer: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> None:
    head = json.dumps({**answer, "tables": list(tables)}).encode()
    out.seek(_PROGRESS.size)
    out.write(_LENGTH.pack(len(head)) + head)
    for table in tables.values():
        with pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
    out.flush()


def mark_of(out: IO[bytes]) -> Callable[[int], None]:
    """Give a function that notes how far reading came in the beginning of what comes out."""

    def mark(row: int) -> None:
        out.seek(0)
        out.write(_PROGRESS.pack(row))
        out.flush()

    return mark


def marked(out: IO[bytes]) -> int:
    """How far reading came; 0 where nothing was noted."""
    out.seek(0)
    noted = out.read(_PROGRESS.size)
    return int(_PROGRESS.unpack(noted)[0]) if len(noted) == _PROGRESS.size else 0


class Unfinished(Exception):  # noqa: N818
    """What came out is no whole answer; the text says why where that is known."""


def take_in(out: IO[bytes]) -> ReadResult:
    """Result as it was written, checked, because the child that wrote it is not trusted.

    Raises
    ------
    NabijError
        the error of ours that ended reading
    Unfinished
        it was ended by something else, or what came out is no answer
    """
    try:
        out.seek(_PROGRESS.size)
        length = int(_LENGTH.unpack(out.read(_LENGTH.size))[0])
        if length > _LONGEST_ANSWER:
            raise Unfinished("")
        answer = json.loads(out.read(length))
        if "ended" in answer:
            logging.getLogger("nabij").warning("Reading ended: %s", _visible(str(answer["said"])[:300]))
            raise Unfinished(str(answer["ended"]))
        if "error" in answer:
            sentences = {lang: str(answer["said"][lang]) for lang in LANGUAGES}
            values = {str(name): str(value) for name, value in answer.get("values", {}).items()}
            raise _ERRORS[answer["error"]](_Said(sentences, str(answer.get("key", "")), values))
        tables = {str(name): _table(out) for name in answer["tables"]}
    except (struct.error, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        if isinstance(error, NabijError):
            raise
        raise Unfinished("") from error
    return ReadResult(tables, answer["values"])


def _visible(sentence: str) -> str:
    """What a library said of a file, on one line of a log and without signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else "·" for sign in sentence)


def _table(out: IO[bytes]) -> pa.Table:
    with pa.ipc.open_stream(out) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return table


def in_this_process(job: Job) -> ReadResult:
    """Read without a child: for fuzzing, where a child per input would be seen by nobody."""
    out = io.BytesIO()
    apply_edits(job, out)
    return take_in(out)


def text_array(values: list[str]) -> pa.Array:
    """Text as a column; halves of characters, which JSON may hold, become question marks."""
    try:
        return pa.array(values, type=pa.large_string())
    except UnicodeEncodeError:
        return pa.array([value.encode("utf-8", "replace").decode() for value in values], type=pa.large_string())


def text_table(columns: list[list[str]]) -> pa.Table:
    """Columns of text under their numbers; the names of columns travel apart, since they may be anything."""
    return pa.table({str(i): text_array(column) for i, column in enumerate(columns)})


def as_bytes(table: pa.Table) -> bytes:
    """Table in the form in which it is given to a reader as the content."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def settle() -> None:
    """Set this process up for one file: a guard against numbers of endless digits, memory only as it is used."""
    sys.set_int_max_str_digits(4300)
    pa.set_memory_pool(pa.system_memory_pool())
    pa.set_cpu_count(1)
