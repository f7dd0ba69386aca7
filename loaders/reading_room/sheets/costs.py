"""A table of travel costs in the child: text, workbook, Parquet or Arrow, also packed; three of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Enumeration, Message, Reason, Value, Word
from loaders.catalogue.plain_words import header_word
from loaders.file_kinds import kind_of
from loaders.reading_room.cells import decode
from loaders.reading_room.job import Job, ReadResult
from loaders.reading_room.kinds import COLUMN_SUFFIXES
from loaders.reading_room.packed import unpacked
from loaders.reading_room.sheets.columns import open_columns
from loaders.reading_room.tables import list_of_grids

_HEADERS = {
    "from_id": "from_id fromid from from_cell origin origin_id originid orig orig_id o_id cell cel van vertrek "
    "herkomst origine source_id start_id from_zone from_node i_id",
    "to_id": "to_id toid to destination destination_id destinationid dest dest_id d_id target target_id naar "
    "bestemming facility facility_id plaats plaats_id aankomst end_id to_zone j_id",
    "minutes": "minutes minuten min mins travel_time travel_time_minutes travel_time_min traveltime_min reistijd "
    "reistijd_min duration_min total_minutes time_min tijd_min duree_min total_time_minutes",
    "seconds": "seconds seconden sec secs duration_s duration_sec duration_seconds travel_time_s travel_time_sec "
    "travel_time_seconds total_seconds time_s secondes",
    "hours": "hours uren duration_h heures",
    "metres": "metres meters meter m distance_m dist_m afstand_m length_m distance_meters total_meters total_length_m",
    "kilometres": "kilometres kilometers km dist_km distance_km afstand_km total_kilometers total_km kilometer",
}
FIELDS = {alias: field for field, aliases in _HEADERS.items() for alias in aliases.split()}
UNITS = {"metres": 1.0, "kilometres": 1000.0, "minutes": 1.0, "seconds": 1 / 60, "hours": 60.0}
"""Units that a column may have, by what makes metres or minutes of it."""

IN_TIME = frozenset({"minutes", "seconds", "hours"})
_PERCENTILE = re.compile(r"travel_?time_?p(\d{1,3})")
_UNCLEAR = re.compile(
    r"(?:total_|network_)?(?:travel_?time|time|tijd|duration|duree|cost|impedance|distance|dist|afstand|length)"
)
"""Headers of a cost that do not say its unit."""

_DEPARTURE = re.compile(r"(?:minutes|minuten|min|travel_?time|t)_?\d{1,2}[_h]?\d{2}")
_R5R = frozenset({"access_time", "wait_time", "ride_time", "egress_time", "transfer_time", "draw_number", "n_rides"})
"""Headers of a detailed table of r5r, whose ``total_time`` is in minutes."""

_IN_BRACKETS = re.compile(r"[(\[]\s*([^)\]]{1,20}?)\s*[)\]]")
_ORIGIN = re.compile(
    r"(?:CRS3035RES)?\d+m[NE]-?\d+[NE]-?\d+|[a-z_]+:\S+|\d{5}(?:[a-z][\da-z]{2}[\d-]?)?", re.IGNORECASE
)
NO_WAY = frozenset({"", "na", "nan", "n/a", "#n/a", "#n/b", "null", "none", "inf", "infinity", "-", "<na>", "out"})
"""Words that tools write where there is no way."""

EVERY = "*"
"""Stands for all columns of a wide table, which has a column for each place, in what the user says of columns."""

_HEAD = 60
"""Rows among which the headers are looked for."""

_MAX_NAMED = 20
Note = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class CostColumns:
    """Columns of a table of travel costs.

    Attributes
    ----------
    origin, place, cost : headers
    unit : one of `UNITS`
    notes : what is to be told of the choice, as keys and values of texts
    wide : headers that are ids themselves, each with its costs below it; empty for a table of three columns
    divides : headers that are left, by which pairs may stand in a table several times, as a mode or a departure
    """

    origin: str
    place: str
    cost: str
    unit: str
    notes: tuple[Note, ...] = ()
    wide: tuple[str, ...] = ()
    divides: tuple[str, ...] = ()


def read_costs(job: Job) -> ReadResult:
    """Three columns of a table: ``from_id, to_id`` (numbers of the words in the tables ``from`` and ``to``), ``cost``.

    A wide table, with a column for each place, is one of three columns afterwards. Options: ``mapping``, the field by
    column as the user says it; ``places``, ids of places. ``cost`` is numbers, missing where there is no way, or text
    as written where a row is no number.
    """
    job = unpacked(job)
    kind = kind_of(bytes(job.view[:64]))
    try:
        by_column = kind in _BY_COLUMN
        wrong_name = job.file.lower().endswith(COLUMN_SUFFIXES) and not by_column
        if wrong_name or kind not in (*_BY_COLUMN, "text", "unknown", "empty", "zip", "ole"):
            raise _no_table(job, Message("error.travel.other_kind", kind=Word(f"room.kind.{kind}")))
        book = kind in ("zip", "ole")
        table, chosen, first = _columns(job) if by_column else _book(job) if book else _csv(job)
        tables = _coded(table)
    except MemoryError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, DataError):
            raise
        reason = " ".join(str(error).split())[:200]
        raise _no_table(job, Reason(error, reason)) from error
    values: dict[str, Any] = {
        "unit": chosen.unit,
        "cost": chosen.cost,
        "place": chosen.place,
        "notes": list(chosen.notes),
    }
    values["first_row"], values["wide"] = first, len(chosen.wide)
    values["divides"] = _some(chosen.divides)
    return ReadResult(tables, values)


def _no_table(job: Job, why: Value) -> DataError:
    return DataError(Message("error.travel.table_unreadable", file=str(job.options["path"]), error=why))


def choose_columns(headers: Sequence[str], job: Job) -> CostColumns:
    """Columns of a table by their headers, as the user says or as they are known; else `MissingColumnError`.

    Of percentiles of travel time the median is taken, of several departures the first; both are told.
    """
    mapped = _mapping(headers, job)
    headers_of: dict[str, list[str]] = {}
    for header in headers:
        field = mapped.get(header) if header in mapped else _field(header)
        if field and (header in mapped or field not in mapped.values()):
            headers_of.setdefault(field, []).append(header)
    notes: list[Note] = []
    if wide := _wide(headers, headers_of, mapped, job):
        return wide
    cost, unit = _cost(headers, headers_of, mapped, notes, job)
    if not (cost and unit and headers_of.get("from_id") and headers_of.get("to_id")):
        raise _lacking(headers, headers_of, cost, unit, job)
    for field in ("from_id", "to_id"):
        if len(headers_of[field]) > 1:
            first, second = headers_of[field][:2]
            raise DataError(Message("error.list.same_field", file=job.file, first=first, second=second, field=field))
    return CostColumns(
        headers_of["from_id"][0],
        headers_of["to_id"][0],
        cost,
        unit,
        tuple(notes),
        divides=_divides(headers, headers_of, cost),
    )


def _divides(headers: Sequence[str], headers_of: Mapping[str, list[str]], cost: str) -> tuple[str, ...]:
    """Headers of columns that are not used."""
    used = {cost, *(header for columns in headers_of.values() for header in columns)}
    return tuple(header for header in headers if header and header not in used)


def _field(header: str) -> str | None:
    """Field of a header; one that does not say its unit may have it between brackets."""
    word = header_word(header)
    field = FIELDS.get(word)
    if field is None and _UNCLEAR.fullmatch(word):
        units = [FIELDS.get(header_word(one), header_word(one)) for one in _IN_BRACKETS.findall(header)]
        field = next((_SHORT.get(unit, unit) for unit in units if _SHORT.get(unit, unit) in UNITS), None)
    return field


_SHORT = {"s": "seconds", "h": "hours", "u": "hours", "uur": "hours"}
"""Short words for units that are no headers on their own."""


def _wide(
    headers: Sequence[str], headers_of: Mapping[str, list[str]], mapped: Mapping[str, str], job: Job
) -> CostColumns | None:
    """Columns of a table that has one for each place or each origin, beside one with ids; None for any other."""
    units = [unit for unit in UNITS if unit in headers_of]
    free = [header for header in headers if _field(header) is None or header in mapped]
    places = {str(place) for place in job.options.get("places", ())}
    columns = [header for header in free[0 if len(free) < len(headers) else 1 :] if header and header not in mapped]
    of_places = bool(columns) and all(header in places for header in columns)
    of_origins = len(columns) > 1 and all(_ORIGIN.fullmatch(header) for header in columns)
    first = headers[0] if headers else ""
    if not (of_places or of_origins) or first in columns or (units and headers_of[units[0]] != [first]):
        return None
    unit = str(dict(job.options.get("mapping", {})).get(EVERY, "")) or (units[0] if units else "")
    if unit not in UNITS:
        raise MissingColumnError(Message("error.travel.table_wide", file=job.file, n=str(len(columns))))
    notes = (("wide", {"n": len(columns), "unit": unit}),)
    return CostColumns(first, "", "", unit, notes, tuple(columns))


def _mapping(headers: Sequence[str], job: Job) -> dict[str, str]:
    """Field by header as the user says it."""
    mapped: dict[str, str] = {}
    for column, field in dict(job.options.get("mapping", {})).items():
        if column == EVERY and field in UNITS:
            continue
        header = next((one for one in headers if one == column or header_word(one) == header_word(column)), None)
        if header is None:
            raise DataError(Message("error.list.map_none", file=job.file, column=column, found=_some(headers)))
        meant = field if field in _HEADERS else FIELDS.get(header_word(field), "")
        if field and not meant:
            raise DataError(Message("error.list.map_field", file=job.file, field=field, known=", ".join(_HEADERS)))
        mapped[header] = meant
    return mapped


def _cost(
    headers: Sequence[str], headers_of: Mapping[str, list[str]], mapped: Mapping[str, str], notes: list[Note], job: Job
) -> tuple[str, str]:
    """Header of the cost and its unit; '' for what does not show."""
    units = [unit for unit in UNITS if unit in headers_of]
    if len(units) == 1 and len(headers_of[units[0]]) == 1:
        header = headers_of[units[0]][0]
        if header_word(header) not in UNITS and header not in mapped:
            notes.append(("column", {"column": header, "unit": units[0]}))
        return header, units[0]
    percentiles = {
        int(match.group(1)): header
        for header in headers
        if header not in mapped and (match := _PERCENTILE.fullmatch(header_word(header)))
    }
    if percentiles and not units:
        chosen = 50 if 50 in percentiles else min(percentiles, key=lambda p: (abs(p - 50), p))
        others = [header for p, header in percentiles.items() if p != chosen]
        notes.append(("column", {"column": percentiles[chosen], "unit": "minutes"}))
        if others:
            notes.append(("others", {"column": percentiles[chosen], "others": _some(others)}))
        return percentiles[chosen], "minutes"
    departures = [header for header in headers if header not in mapped and _DEPARTURE.fullmatch(header_word(header))]
    if departures and not units:
        notes.append(("column", {"column": departures[0], "unit": "minutes"}))
        if departures[1:]:
            notes.append(("others", {"column": departures[0], "others": _some(departures[1:])}))
        return departures[0], "minutes"
    if len(units) == 1:
        first, *others = headers_of[units[0]]
        notes.append(("others", {"column": first, "others": _some(others)}))
        return first, units[0]
    if units:
        named = " and ".join(headers_of[unit][0] for unit in units)
        raise MissingColumnError(
            Message("error.travel.table_units", file=job.file, units=named, column=headers_of[units[-1]][0])
        )
    total = [header for header in headers if header_word(header) == "total_time" and header not in mapped]
    if total and _R5R & set(map(header_word, headers)):
        notes.append(("column", {"column": total[0], "unit": "minutes"}))
        return total[0], "minutes"
    unclear = [header for header in headers if header not in mapped and _UNCLEAR.fullmatch(header_word(header))]
    return (unclear[0], "") if unclear else ("", "")


def _lacking(
    headers: Sequence[str], headers_of: Mapping[str, list[str]], cost: str, unit: str, job: Job
) -> MissingColumnError:
    """Say all that a table lacks, with what to write for it."""
    lacking: list[Value] = [f"'{field}'" for field in ("from_id", "to_id") if field not in headers_of]
    taken = {header for columns in headers_of.values() for header in columns} | {cost}
    free = [header for header in headers if header not in taken]
    given = [f'"{(free.pop(0) if free else "…")}={field}"' for field in ("from_id", "to_id") if field not in headers_of]
    for field in ("from_id", "to_id"):
        if field in headers_of and header_word(headers_of[field][0]) != field:
            given.insert(0 if field == "from_id" else 1, f'"{headers_of[field][0]}={field}"')
    if not (cost and unit):
        lacking.append(Word("error.travel.a_unit"))
        time = not re.search(r"dist|afstand|length|lengte|mile|mijl", header_word(cost or (free[0] if free else "")))
        given.append(f'"{cost or (free[0] if free else "…")}={"minutes" if time else "metres"}"')
    maps = " ".join(f"--map {one}" for one in given)
    values: dict[str, Value] = {"columns": Enumeration(lacking), "found": _some(headers), "maps": maps}
    return MissingColumnError(Message("error.travel.table_lacks", file=job.file, **values))


def _some(headers: Sequence[str]) -> str:
    return ", ".join(header[:80] for header in headers[:_MAX_NAMED]) + (" …" if len(headers) > _MAX_NAMED else "")


_BY_COLUMN = ("parquet", "arrow")


def _columns(job: Job) -> tuple[pa.Table, CostColumns, int]:
    opened = open_columns(job)
    schema = opened.schema
    chosen = choose_columns(list(schema.names), job)
    names = list(dict.fromkeys([chosen.origin, *(chosen.wide or (chosen.place, chosen.cost))]))
    if any(pa.types.is_nested(schema.field(name).type) for name in names):
        raise _no_table(job, Word("error.travel.lists"))
    read = opened.read(names)
    numbers = chosen.wide or (chosen.cost,)
    if pa.types.is_duration(schema.field(numbers[0]).type):
        read, chosen = _of_durations(read, numbers), replace(chosen, unit="seconds")
    columns = {name: read[name] if name in numbers and _is_number(read[name]) else _text(read[name]) for name in names}
    return _long(columns, chosen), chosen, 2


def _of_durations(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """The table with seconds where columns are spans of time."""
    for name in names:
        spans = table[name].cast(pa.duration("ms")).cast(pa.int64())
        table = table.set_column(table.schema.get_field_index(name), name, pc.divide(spans.cast(pa.float64()), 1000.0))
    return table


def _is_number(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_integer(column.type) or pa.types.is_floating(column.type))


def _long(columns: Mapping[str, pa.ChunkedArray], chosen: CostColumns) -> pa.Table:
    """Table with an origin, a place and a cost in every row."""
    origin = columns[chosen.origin]
    if not chosen.wide:
        return pa.table({"from_id": origin, "to_id": columns[chosen.place], "cost": columns[chosen.cost]})
    parts = []
    for name in chosen.wide:
        place = pa.array([name], pa.string()).take(pa.array([0] * len(origin), pa.int32()))
        parts.append(pa.table({"from_id": origin, "to_id": place, "cost": _text(columns[name])}))
    return pa.concat_tables(parts)


def _book(job: Job) -> tuple[pa.Table, CostColumns, int]:
    """Table in a workbook: the sheet whose headers are known best."""
    from loaders.reading_room.sheets.workbook import grids_of

    table = list_of_grids(grids_of(job), replace(job, options={**job.options, "words": FIELDS}))
    chosen = choose_columns(table.headers, job)
    columns = {
        name: pa.chunked_array([pa.array(column, pa.string())])
        for name, column in zip(table.headers, table.columns, strict=True)
    }
    first = table.rows[0] if table.rows else 2
    return _long(columns, chosen), chosen, first


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string()) if not pa.types.is_string(column.type) else column


def _csv(job: Job) -> tuple[pa.Table, CostColumns, int]:
    data = job.data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:2_000]:
        data = decode(data, job.file, utf16=True)[0].encode()
    if b"\n" not in data[:_LINE] and b"\r" in data[:_LINE]:
        data = data.replace(b"\r", b"\n")
    start = _header_at(data)
    end = data.find(b"\n", start)
    first = data[start : end if end >= 0 else len(data)]
    separator = _separator(first)
    job.limits.check_table(0, first.count(separator.encode()) + 1, job.file)
    headers = [_bare(name) for name in first.decode("utf-8", "replace").rstrip("\r").split(separator)]
    chosen = choose_columns(headers, job)
    wanted = list(dict.fromkeys([chosen.origin, *(chosen.wide or (chosen.place, chosen.cost))]))
    first_row = data.count(b"\n", 0, start) + 2
    if end < 0 or not data[end + 1 :].strip():
        return pa.table({field: pa.array([], pa.string()) for field in ("from_id", "to_id", "cost")}), chosen, first_row
    names = [f"c{i}" for i in range(len(headers))]
    at = {name: names[headers.index(name)] for name in wanted}
    ids = {chosen.origin, chosen.place}

    def skip(row: Any) -> str:
        return "skip" if row.text.startswith("#") else "error"

    read = pacsv.read_csv(
        pa.BufferReader(pa.py_buffer(data).slice(end + 1)),
        read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
        parse_options=pacsv.ParseOptions(delimiter=separator, invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(
            include_columns=list(at.values()),
            column_types={column: _CODED if name in ids else pa.string() for name, column in at.items()},
            strings_can_be_null=False,
        ),
    )
    job.limits.check_table(read.num_rows * max(len(chosen.wide), 1), len(headers) if not chosen.wide else 3, job.file)
    return _long({name: read[column] for name, column in at.items()}, chosen), chosen, first_row


_CODED = pa.dictionary(pa.int32(), pa.string())
_LINE = 100_000
"""Bytes within which a line ends."""


def _header_at(data: bytes) -> int:
    """Where the line with the headers begins: the one with the most known ones, else the first that is no comment."""
    at, lines = 3 if data[:3] == b"\xef\xbb\xbf" else 0, []
    for _ in range(_HEAD):
        end = data.find(b"\n", at)
        line = data[at : end if end >= 0 else len(data)]
        if line.strip() and line[:1] != b"#" and not line.lower().startswith((b"sep=", b'"sep=')):
            words = [_bare(name) for name in line[:_LINE].decode("utf-8", "replace").split(_separator(line))]
            lines.append((len({_field(word) for word in words} - {None}), at))
        if end < 0:
            break
        at = end + 1
    if not lines:
        raise ValueError("it holds no table")
    best = max(count for count, _ in lines)
    return next(start for count, start in lines if count == best or best < _FEWEST_KNOWN)


_FEWEST_KNOWN = 2
"""Known headers that make a line of headers of one below the first."""


def _separator(line: bytes) -> str:
    return max(",;\t|", key=lambda sign: line.count(sign.encode()))


def _bare(name: str) -> str:
    return name.strip().strip('"').strip()


def _coded(table: pa.Table) -> dict[str, pa.Table]:
    """Ids as numbers of words that each stand once, so that millions of rows take little room."""
    tables, columns = {}, {}
    for name, words in (("from_id", "from"), ("to_id", "to")):
        column = table[name]
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        coded = coded.unify_dictionaries().combine_chunks()
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        trimmed = pc.fill_null(pc.utf8_trim_whitespace(coded.dictionary), "")
        missing = [""] if coded.indices.null_count else []
        bare = pa.concat_arrays([trimmed.cast(pa.string()), pa.array(missing, pa.string())]).dictionary_encode()
        at = pc.fill_null(coded.indices.cast(pa.int32()), len(trimmed)) if missing else coded.indices
        columns[name] = bare.indices.take(at)
        tables[words] = pa.table({"id": bare.dictionary.cast(pa.large_string())})
    columns["cost"] = _numbers(table["cost"])
    return {"costs": pa.table(columns), **tables}


def _numbers(column: pa.ChunkedArray) -> pa.Array:
    """Costs as numbers, missing where there is no way; as text, as written, where one of them is no number."""
    if _is_number(column):
        return column.cast(pa.float64()).combine_chunks()
    words = pc.fill_null(pc.utf8_trim_whitespace(column), "").combine_chunks()
    no_way = pc.is_in(pc.utf8_lower(words), value_set=pa.array(sorted(NO_WAY), pa.string()))
    numbers = pc.if_else(no_way, pa.scalar(None, pa.string()), words)
    if pc.any(pc.match_substring(words, ",")).as_py() and not pc.any(pc.match_substring(words, ".")).as_py():
        numbers = pc.replace_substring(numbers, ",", ".")
    try:
        return numbers.cast(pa.float64())
    except pa.ArrowInvalid:
        return words.cast(pa.large_string())
