"""A table of travel costs in the child: CSV or Parquet, its columns chosen by their headers, three and no more."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Enumeration, Message, Reason, Value, Word
from loaders.catalogue.plain_words import header_word
from loaders.file_kinds import kind_of
from loaders.reading_room.cells import decode
from loaders.reading_room.job import Job, Result

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
_MOST_NAMED = 20
Note = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class CostColumns:
    """Columns of a table of travel costs.

    Attributes
    ----------
    origin, place, cost : headers
    unit : one of `UNITS`
    notes : what is to be told of the choice, as keys and values of texts
    """

    origin: str
    place: str
    cost: str
    unit: str
    notes: tuple[Note, ...] = ()


def read_costs(job: Job) -> Result:
    """Three columns of a table: ``from_id, to_id`` (numbers of the words in the tables ``from`` and ``to``), ``cost``.

    Options: ``mapping``, the field by column as the user says it. ``cost`` is text, as written.
    """
    kind = kind_of(bytes(job.view[:64]))
    try:
        wrong_name = job.file.lower().endswith(".parquet") and kind != "parquet"
        if wrong_name or kind not in ("parquet", "text", "unknown", "empty"):
            raise ValueError("it begins as another kind of file")  # noqa: TRY301
        table, chosen, first = _parquet(job) if kind == "parquet" else _csv(job)
        tables = _coded(table)
    except MemoryError:
        raise
    except (OSError, ValueError, pa.ArrowException) as error:
        if isinstance(error, DataError):
            raise
        said = " ".join(str(error).split())[:200]
        raise _no_table(job, Reason(error, said)) from error
    values: dict[str, Any] = {
        "unit": chosen.unit,
        "cost": chosen.cost,
        "place": chosen.place,
        "notes": list(chosen.notes),
    }
    values["first_row"] = first
    return Result(tables, values)


def _no_table(job: Job, why: Value) -> DataError:
    return DataError(Message("error.travel.table_unreadable", file=str(job.options["path"]), error=why))


def choose_columns(headers: Sequence[str], job: Job) -> CostColumns:
    """Columns of a table by their headers, as the user says or as they are known; else `MissingColumnError`.

    Of percentiles of travel time the median is taken, of several departures the first; both are told.
    """
    said = _mapping(headers, job)
    found: dict[str, list[str]] = {}
    for header in headers:
        field = said.get(header) if header in said else FIELDS.get(header_word(header))
        if field and (header in said or field not in said.values()):
            found.setdefault(field, []).append(header)
    notes: list[Note] = []
    cost, unit = _cost(headers, found, said, notes, job)
    if not (cost and unit and found.get("from_id") and found.get("to_id")):
        raise _lacking(headers, found, cost, unit, job)
    for field in ("from_id", "to_id"):
        if len(found[field]) > 1:
            first, second = found[field][:2]
            raise DataError(Message("error.list.same_field", file=job.file, first=first, second=second, field=field))
    return CostColumns(found["from_id"][0], found["to_id"][0], cost, unit, tuple(notes))


def _mapping(headers: Sequence[str], job: Job) -> dict[str, str]:
    """Field by header as the user says it."""
    said: dict[str, str] = {}
    for column, field in dict(job.options.get("mapping", {})).items():
        header = next((one for one in headers if one == column or header_word(one) == header_word(column)), None)
        if header is None:
            raise DataError(Message("error.list.map_none", file=job.file, column=column, found=_some(headers)))
        meant = field if field in _HEADERS else FIELDS.get(header_word(field), "")
        if field and not meant:
            raise DataError(Message("error.list.map_field", file=job.file, field=field, known=", ".join(_HEADERS)))
        said[header] = meant
    return said


def _cost(
    headers: Sequence[str], found: Mapping[str, list[str]], said: Mapping[str, str], notes: list[Note], job: Job
) -> tuple[str, str]:
    """Header of the cost and its unit; '' for what does not show."""
    units = [unit for unit in UNITS if unit in found]
    if len(units) == 1 and len(found[units[0]]) == 1:
        header = found[units[0]][0]
        if header_word(header) not in UNITS and header not in said:
            notes.append(("column", {"column": header, "unit": units[0]}))
        return header, units[0]
    percentiles = {
        int(match.group(1)): header
        for header in headers
        if header not in said and (match := _PERCENTILE.fullmatch(header_word(header)))
    }
    if percentiles and not units:
        chosen = 50 if 50 in percentiles else min(percentiles, key=lambda p: (abs(p - 50), p))
        others = [header for p, header in percentiles.items() if p != chosen]
        notes.append(("column", {"column": percentiles[chosen], "unit": "minutes"}))
        if others:
            notes.append(("others", {"column": percentiles[chosen], "others": _some(others)}))
        return percentiles[chosen], "minutes"
    departures = [header for header in headers if header not in said and _DEPARTURE.fullmatch(header_word(header))]
    if departures and not units:
        notes.append(("column", {"column": departures[0], "unit": "minutes"}))
        if departures[1:]:
            notes.append(("others", {"column": departures[0], "others": _some(departures[1:])}))
        return departures[0], "minutes"
    if len(units) == 1:
        first, *others = found[units[0]]
        notes.append(("others", {"column": first, "others": _some(others)}))
        return first, units[0]
    if units:
        named = " and ".join(found[unit][0] for unit in units)
        raise MissingColumnError(
            Message("error.travel.table_units", file=job.file, units=named, column=found[units[-1]][0])
        )
    unclear = [header for header in headers if header not in said and _UNCLEAR.fullmatch(header_word(header))]
    return (unclear[0], "") if unclear else ("", "")


def _lacking(
    headers: Sequence[str], found: Mapping[str, list[str]], cost: str, unit: str, job: Job
) -> MissingColumnError:
    """Say all that a table lacks, with what to write for it."""
    lacking: list[Value] = [f"'{field}'" for field in ("from_id", "to_id") if field not in found]
    taken = {header for columns in found.values() for header in columns} | {cost}
    free = [header for header in headers if header not in taken]
    given = [f'"{(free.pop(0) if free else "…")}={field}"' for field in ("from_id", "to_id") if field not in found]
    for field in ("from_id", "to_id"):
        if field in found and header_word(found[field][0]) != field:
            given.insert(0 if field == "from_id" else 1, f'"{found[field][0]}={field}"')
    if not (cost and unit):
        lacking.append(Word("error.travel.a_unit"))
        time = not re.search(r"dist|afstand|length|lengte", header_word(cost)) if cost else True
        given.append(f'"{cost or (free[0] if free else "…")}={"minutes" if time else "metres"}"')
    maps = " ".join(f"--map {one}" for one in given)
    values: dict[str, Value] = {"columns": Enumeration(lacking), "found": _some(headers), "maps": maps}
    return MissingColumnError(Message("error.travel.table_lacks", file=job.file, **values))


def _some(headers: Sequence[str]) -> str:
    return ", ".join(header[:80] for header in headers[:_MOST_NAMED]) + (" …" if len(headers) > _MOST_NAMED else "")


def _parquet(job: Job) -> tuple[pa.Table, CostColumns, int]:
    opened = pq.ParquetFile(io.BytesIO(job.data))
    held = opened.metadata
    job.limits.check_table(held.num_rows, 1, job.file)
    job.limits.check_table(1, held.num_columns, job.file)
    size = sum(held.row_group(i).total_byte_size for i in range(held.num_row_groups))
    if size > job.limits.memory:
        raise DataError(Message("error.room.memory", file=job.file, most=f"{job.limits.memory / 1e6:.0f}"))
    schema = opened.schema_arrow
    chosen = choose_columns(list(schema.names), job)
    names = [chosen.origin, chosen.place, chosen.cost]
    if any(pa.types.is_nested(schema.field(name).type) for name in names):
        raise _no_table(job, Word("error.travel.lists"))
    read = opened.read(columns=list(dict.fromkeys(names)), use_threads=False)
    columns = {field: _text(read[name]) for field, name in zip(("from_id", "to_id", "cost"), names, strict=True)}
    return pa.table(columns), chosen, 2


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string()) if not pa.types.is_string(column.type) else column


def _csv(job: Job) -> tuple[pa.Table, CostColumns, int]:
    data, start = job.data, 0
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:2_000]:
        data = decode(data, job.file, utf16=True)[0].encode()
    while data[start : start + 1] in (b"#", b"\n", b"\r") or data[start : start + 3] == b"\xef\xbb\xbf":
        start = start + 3 if data[start : start + 3] == b"\xef\xbb\xbf" else data.find(b"\n", start) + 1
        if start == 0:
            raise ValueError("it holds no table")
    end = data.find(b"\n", start)
    first = data[start : end if end >= 0 else len(data)]
    separator = max(",;\t|", key=lambda sign: first.count(sign.encode()))
    job.limits.check_table(0, first.count(separator.encode()) + 1, job.file)
    headers = [_bare(name) for name in first.decode("utf-8", "replace").rstrip("\r").split(separator)]
    chosen = choose_columns(headers, job)
    at = [headers.index(name) for name in (chosen.origin, chosen.place, chosen.cost)]
    if end < 0 or not data[end + 1 :].strip():
        return pa.table({field: pa.array([], pa.string()) for field in ("from_id", "to_id", "cost")}), chosen, 2
    names = [f"c{i}" for i in range(len(headers))]
    wanted = [names[i] for i in dict.fromkeys(at)]
    broken: list[int] = []

    def skip(row: Any) -> str:
        broken.append(row.number or 0)
        return "skip" if row.text.startswith("#") else "error"

    read = pacsv.read_csv(
        pa.BufferReader(data[end + 1 :] if end >= 0 else b""),
        read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
        parse_options=pacsv.ParseOptions(delimiter=separator, invalid_row_handler=skip),
        convert_options=pacsv.ConvertOptions(
            include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string()), strings_can_be_null=False
        ),
    )
    job.limits.check_table(read.num_rows, len(headers), job.file)
    columns = {field: read[names[i]] for field, i in zip(("from_id", "to_id", "cost"), at, strict=True)}
    return pa.table(columns), chosen, data.count(b"\n", 0, start) + 2


def _bare(name: str) -> str:
    return name.strip().strip('"').strip()


def _coded(table: pa.Table) -> dict[str, pa.Table]:
    """Ids as numbers of words that each stand once, so that millions of rows take little room."""
    tables, columns = {}, {}
    for name, words in (("from_id", "from"), ("to_id", "to")):
        coded = pc.fill_null(pc.utf8_trim_whitespace(table[name]), "").combine_chunks().dictionary_encode()
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        columns[name] = coded.indices
        tables[words] = pa.table({"id": coded.dictionary.cast(pa.large_string())})
    columns["cost"] = pc.fill_null(pc.utf8_trim_whitespace(table["cost"]), "").combine_chunks().cast(pa.large_string())
    return {"costs": pa.table(columns), **tables}
