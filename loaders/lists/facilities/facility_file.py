"""A user's own list of places: read, checked row by row, placed in its municipality."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path

import pandas as pd

from i18n.errors import MissingColumnError
from i18n.messages import Message, NumberAsGiven, Value, Word
from i18n.texts import text
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.plain_words import header_word
from loaders.catalogue.regions.systems import degrees_of_region, own_system, system_in_header
from loaders.catalogue.service_file import Service
from loaders.catalogue.services import service_words, services, services_in_words
from loaders.lists.asides import aside_of
from loaders.lists.coordinates import AXES, is_pair, plain_places
from loaders.lists.facilities.facility_address import AddressLookup, Locate
from loaders.lists.facilities.facility_place import settle_places
from loaders.lists.facilities.facility_report import ACCEPTED, REFUSED, REPAIRED, FacilityReport, Findings
from loaders.lists.facilities.facility_row import RowReader
from loaders.lists.facilities.facility_services import (
    marked_columns,
    places_of_row,
    service_column,
    services_of_sheets,
)
from loaders.lists.facilities.facility_table import PLACES, read_raw_table, records
from loaders.lists.facilities.row_caveats import count_column, tell_of_rows
from loaders.lists.municipality_names import Municipalities
from loaders.lists.raw_table import ListOptions, RawTable
from loaders.protocols.column_matching import check_headers, columns_of, lacking_columns
from loaders.protocols.spellings import (
    DERIVED,
    FACILITY_FIELDS,
    HOUSE_NUMBERS,
    STREETS,
    Spellings,
    field_of,
    is_empty_word,
    near_field,
    plain_word,
    read_number,
)
from loaders.reading_room.tables import SHEET_STEP
from loaders.snapshot.reader import Snapshot

TEMPLATE_COLUMNS = (
    "id",
    "service",
    "name",
    "lat",
    "lon",
    "house_id",
    "physical",
    "status",
    "organiser",
    "hours_per_year",
    "serves",
)
_COORDINATES = ("lat", "lon", "x", "y", "point")
_ADDRESS = ("address", "postcode", "municipality")
_OPTIONAL = (
    "name",
    "house_id",
    "physical",
    "status",
    "organiser",
    "hours_per_year",
    "hours_per_week",
    "serves",
    "source",
    "as_of",
    "evidence",
    "postcode",
    "municipality",
    "nis",
)
FIRST_COUNTS = frozenset({"id", "name", "organiser", "source", "as_of", "municipality", "postcode", "nis"})
"""Fields of which the first column is taken where several have them, as names in two languages; the others are told."""

_WEEKS = 60.0
"""Hours that are all at most this may be those of a week."""

_SHOWN = 6


def read_facility_file(
    path: Path | str,
    snapshot: Snapshot,
    *,
    mapping: Mapping[str, str] | None = None,
    locate: Locate | None = None,
    options: ListOptions | None = None,
) -> FacilityReport:
    """Read a list of facilities in any kind of file and say what became of every row.

    Parameters
    ----------
    path : the file; headers in Dutch, English or French, decimal comma or point, latitude/longitude in degrees or x/y
        in metres of the snapshot's system; a map file in any coordinate system
    snapshot : gives the municipalities the places lie in
    mapping : field by column, for headers that are not recognised (`loaders.protocols.column_matching`)
    locate : looks up rows that have an address and no coordinates; without it such rows are refused
    options : what else the user says of the list

    Raises
    ------
    MissingFileError, InputError, DataError
        the file as a whole cannot be read; faults of single rows are in the report instead
    """
    path = Path(path)
    options = options or ListOptions(mapping=mapping or {})
    raw = read_raw_table(path, words=FACILITY_FIELDS, options=options)
    findings = Findings(sheets=raw.sheets)
    cells, headers, marked = _fields(raw, path.name, findings, options)
    for position, column, value, key in raw.faults:
        findings.add(raw.rows[position], column, value, REFUSED, key)
    municipalities = Municipalities.of(snapshot)
    crs = "" if raw.turned else options.crs or _system_of(headers, findings)
    reader = RowReader(
        findings,
        snapshot,
        municipalities,
        AddressLookup(locate),
        crs=crs,
        decimal=_decimal_sign(raw.cells),
        headers=headers,
        plain=plain_places(zip(*(cells[name].tolist() for name in AXES), strict=True), crs),
    )
    words = service_words()
    tell_of_rows(raw, headers, options.constants, findings)
    read = [
        reader.read(row, place)
        for row, cell, line in zip(raw.rows, records(cells), records(raw.cells), strict=True)
        if not _left_out(row, cell, line, municipalities, findings)
        for place in places_of_row(row, cell, line, marked, words, findings)
    ]
    kept = settle_places(
        [row for row in read if row["row"] not in findings.refused()], snapshot, municipalities, findings
    )
    for row in kept:
        row["source"] = row["source"] or path.name
    return FacilityReport(
        file=path.name,
        frame=facility_frame(kept),
        compared=any(cells[name].astype(bool).any() for name in ("nis", "municipality", "postcode", "address")),
        lines=findings.settled(raw.rows),
        refusal=findings.refusal(),
        n_rows=len(raw.rows),
        sheets=raw.sheets,
    )


def _left_out(
    row: int,
    cell: Mapping[Hashable, str],
    line: Mapping[Hashable, str],
    municipalities: Municipalities,
    findings: Findings,
) -> bool:
    """Whether a row is none of the list: it adds up others, or is a heading or a remark, and stands nowhere."""
    placed = cell["lat"] or cell["x"] or cell["point"] or cell["lon"] or cell["y"] or cell["serves"]
    if placed and cell["service"] and cell["service"] != placed:
        return False
    cells = [value for value in line.values() if value]
    spread = len(cells) > _SPREAD and len(set(cells)) == 1  # a title in cells that were merged
    if placed and not spread:
        return False
    key, word = aside_of(cells, municipalities)
    if key == "only_one_cell" and (len(line) <= _SPREAD or word == cell["service"]):
        return False
    if key:
        findings.add(row, "", word, REFUSED if key == "only_one_cell" else REPAIRED, key)
    return bool(key)


_SPREAD = 2
"""Columns up to which a row with one text may be a place."""


def _decimal_sign(cells: pd.DataFrame) -> str:
    """Decimal sign of the numbers of a list, where cells with other than three digits behind one agree on it."""
    signs = set()
    for column in cells.columns:
        for value in cells[column].head(200):
            for sign in ",.":
                whole, middle, digits = str(value).partition(sign)
                if middle and whole.lstrip("-").isdigit() and digits.isdigit() and len(digits) != 3:
                    signs.add(sign)
    return signs.pop() if len(signs) == 1 else ""


def facility_template() -> str:
    """CSV with the headers and an example row for every service, to fill in and give back."""
    lines = [f"# {text('facility_file.template', of, known=services_in_words(of, ids=True))}" for of in ("nl", "en")]
    lines.append(",".join(TEMPLATE_COLUMNS))
    lines += [",".join(map(_example(service).__getitem__, TEMPLATE_COLUMNS)) for service in services().values()]
    return "\n".join(lines) + "\n"


def _example(service: Service) -> dict[str, str]:
    """Row of the template for a service."""
    name = service.example.get("id", f"{service.id}-1")
    return {
        **dict.fromkeys(TEMPLATE_COLUMNS, ""),
        "id": name,
        "service": service.id,
        "name": text(f"service.{service.id}", "nl").replace(",", " "),
        "lat": "51.0950",
        "lon": "4.3650",
        "house_id": name if service.partnerships else "",
        "physical": "yes" if service.walk_in else "",
        "status": "exists",
        **service.example,
    }


def _fields(
    raw: RawTable, file: str, findings: Findings, options: ListOptions
) -> tuple[pd.DataFrame, dict[str, str], dict[str, str]]:
    """Cells by field, the header of each, and the service by column of those with ticks.

    It is checked that there is a service and a place; ids are made where there are none.
    """
    headers = list(map(str, raw.cells.columns))
    known = known_here(headers)
    by_words = service_column(raw.cells, known, options.mapping, options.constants, findings)
    mapping = {**by_words, **_point_column(raw.cells, known, options, findings), **options.mapping}
    headers_of = columns_of(headers, known, mapping, file, FIRST_COUNTS)
    fields: dict[str, str] = {}
    for header, field in headers_of.items():
        if field and field != "address":
            fields.setdefault(field, header)
    addresses = [header for header, field in headers_of.items() if field in _ADDRESS]
    firsts = [raw.cells[fields[name]].head(20) for name in _COORDINATES[:4] if name in fields]
    paired = any(is_pair(str(value)) for column in firsts for value in column)
    named = "service" in fields or "service" in options.constants
    by_sheet = () if named else services_of_sheets(raw.sheets, service_words())
    named = named or bool(by_sheet)
    marked = {} if named else marked_columns(raw.cells, headers_of)
    _require_fields(fields, addresses, file, headers_of, known, served=named or bool(marked), paired=paired)
    if marked:
        findings.add(0, "", "", REPAIRED, "services_ticked", columns=", ".join(marked))
    for key, values in raw.notes:
        findings.add(0, "", "", REPAIRED, key, **values)
    _tell_unknown(
        raw, {name: field for name, field in headers_of.items() if name not in marked}, findings, known, mapping
    )
    cells = pd.DataFrame({name: raw.cells[header] for name, header in fields.items()})
    cells = cells.reindex(columns=["id", "service", *_COORDINATES, *_OPTIONAL], fill_value="")
    if by_sheet:
        cells["service"] = [by_sheet[row // SHEET_STEP] for row in raw.rows]
        findings.add(0, "service", "", REPAIRED, "service_of_sheet", sheets=", ".join(raw.sheets))
    for field, value in options.constants.items():
        if field in cells:
            cells[field] = value
    if "id" not in fields and "id" not in options.constants:
        cells["id"] = [_made_id(row) for row in raw.rows]
        findings.add(0, "id", "", REPAIRED, "ids_made")
    _empty_cells(cells, fields, findings)
    _hours(cells, fields, findings)
    joined = [" ".join(filter(None, parts)) for parts in raw.cells[addresses].itertuples(index=False)]
    return cells.assign(address=joined if addresses else ""), fields, marked


def _point_column(cells: pd.DataFrame, known: Spellings, options: ListOptions, findings: Findings) -> dict[str, str]:
    """Field of the one column whose cells all are points, where no header says where the places are; it is told."""
    headers = list(map(str, cells.columns))
    claimed = {*(field_of(header, known) for header in headers), *options.mapping.values()}
    if claimed & {*_COORDINATES}:
        return {}
    good = [
        header for header in headers if _holds_points([str(word) for word in cells[header].head(_LOOKED_AT) if word])
    ]
    if len(good) != 1:
        return {}
    findings.add(0, good[0], "", REPAIRED, "point_by_words")
    return {good[0]: "point"}


def _holds_points(words: list[str]) -> bool:
    """Whether texts are points, or links of which one at least holds a point."""
    points = [is_pair(word) for word in words]
    return any(points) and all(one or word.startswith(_LINKS) for one, word in zip(points, words, strict=True))


_LOOKED_AT = 100
_LINKS = ("https://", "http://")
"""How a link begins, which may be one to a point."""


def _made_id(row: int) -> str:
    """Id of a place out of the number of its row, that of its sheet before it where it is not of the first."""
    sheet, number = divmod(row, SHEET_STEP)
    return f"{sheet + 1}-{number}" if sheet else str(number)


def known_here(headers: list[str]) -> Spellings:
    """Spellings of headers; beside a street, a number is that of a house."""
    known, words = FACILITY_FIELDS.now(), {header_word(header) for header in headers}
    more: dict[str, str] = dict.fromkeys(HOUSE_NUMBERS, "address") if words & STREETS else {}
    for header in headers:
        bare, code = system_in_header(header)
        field = known.get(header_word(bare)) if code and header_word(header) not in known else None
        if field in _COORDINATES:
            more[plain_word(header).replace(" ", "_")] = field
    return known.extended(more) if more else known


def _system_of(headers: Mapping[str, str], findings: Findings) -> str:
    """Number in EPSG of the system in metres that the headers of the coordinates name, which is told; '' for none."""
    for field in ("x", "point"):
        _, code = system_in_header(headers.get(field, ""))
        if code and code not in (str(own_system().code), str(degrees_of_region().code)):
            findings.add(0, headers[field], "", REPAIRED, "system_of_header", code=code)
            return code
    return ""


def _tell_unknown(
    raw: RawTable,
    columns: Mapping[str, str | None],
    findings: Findings,
    known: Spellings,
    mapping: Mapping[str, str],
) -> None:
    """Name the columns that were not used, with what they may be."""
    taken = set(columns.values())
    for header, field in columns.items():
        if field is not None or plain_word(header).replace(" ", "_") in DERIVED:
            continue
        near, own = near_field(header, known), field_of(header, known)
        first = next((other for other, header in columns.items() if header == own), "")
        if own and own in taken and header not in mapping and own not in mapping.values():
            findings.add(raw.header_row, header, "", ACCEPTED, "second_column", first=first)
        elif near and near not in taken:
            findings.add(raw.header_row, header, "", ACCEPTED, "near_column", field=near)
        else:
            findings.add(raw.header_row, header, "", ACCEPTED, "unknown_column")


def _empty_cells(cells: pd.DataFrame, fields: Mapping[str, str], findings: Findings) -> None:
    """Take words for nothing as nothing, and say in which columns."""
    for field in (*_OPTIONAL[1:], *_COORDINATES):
        if field not in fields:
            continue
        empty = [bool(value) and is_empty_word(value) for value in cells[field]]
        if any(empty):
            words = dict.fromkeys(value for value, is_one in zip(cells[field], empty, strict=True) if is_one)
            shown = ", ".join(list(words)[:_SHOWN])
            findings.add(0, fields[field], "", REPAIRED, "empty_words", words=shown, n=sum(empty))
            cells[field] = ["" if is_one else value for value, is_one in zip(cells[field], empty, strict=True)]


def _hours(cells: pd.DataFrame, fields: Mapping[str, str], findings: Findings) -> None:
    """Ask whether hours are those of a week, where the header does not say and all are few."""
    header = fields.get("hours_per_year", "")
    if header and "hours_per_week" not in fields and header_word(header) in ("uren", "hours", "heures", "aantal_uren"):
        numbers = [read_number(value) for value in cells["hours_per_year"] if value]
        most = max((number for number in numbers if number is not None), default=0.0)
        if 0 < most <= _WEEKS:
            findings.add(
                0,
                header,
                "",
                REPAIRED,
                "hours_of_a_week",
                most=NumberAsGiven(most, "g"),
                option=Message("list_file.week_option", column=header),
            )


def _require_fields(
    fields: Mapping[str, str],
    addresses: list[str],
    file: str,
    columns: Mapping[str, str | None],
    known: Spellings,
    *,
    served: bool,
    paired: bool,
) -> None:
    """Say in one sentence all that is lacking; ``served``: whether a list says the service, in whatever way."""
    placed = {"lat", "lon"} <= set(fields) or {"x", "y"} <= set(fields) or "point" in fields
    alone = [name for name in ("lat", "lon", "x", "y") if name in fields]
    near = [near_field(header, known) for header, field in columns.items() if field is None]
    only_serves = "serves" in fields and not set(near) & set(_COORDINATES)
    placed = placed or paired or bool((addresses or only_serves) and not alone)
    lacking: list[tuple[Value, tuple[str, ...]]] = []
    if not served:  # which column it is, is proposed where one is near alone
        lacking.append(("service", ("service",) if "service" in near else ()))
    if not placed:
        half = {"x": ("x", "y"), "y": ("x", "y")}.get(alone[0] if alone else "", ("lat", "lon"))
        lacking.append((Word("error.list.lat_lon"), tuple(name for name in half if name not in fields)))
    if not lacking:
        return
    check_headers(list(columns), service_words(), file, PLACES.header)
    counts = count_column(list(columns))
    nowhere = not (alone or paired or "point" in fields or "serves" in fields)
    if counts and nowhere and {columns[header] for header in addresses} <= {"municipality", "postcode"}:
        raise MissingColumnError(Message("error.list.counts", file=file, column=counts, header=PLACES.header))
    values = lacking_columns(lacking, columns, known)
    if not served:
        values["maps"] = f"{values['maps']} --set service={next(iter(services()))}".lstrip()
    key = "error.list.no_column" if len(lacking) == 1 else "error.list.no_columns"
    raise MissingColumnError(Message(key, file=file, found=", ".join(columns), header=PLACES.header, **values))
