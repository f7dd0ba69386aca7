"""A user's own list of places: read, checked row by row, placed in its municipality."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from i18n.errors import MissingColumnError
from i18n.messages import Message, Value, Word
from i18n.texts import text
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.plain_words import header_word
from loaders.catalogue.service_file import Service
from loaders.catalogue.services import services, services_in_words
from loaders.lists.coordinates import is_pair
from loaders.lists.facilities.facility_address import Addresses, Locate
from loaders.lists.facilities.facility_place import settle_places
from loaders.lists.facilities.facility_report import ACCEPTED, REFUSED, REPAIRED, FacilityReport, Findings
from loaders.lists.facilities.facility_row import RowReader
from loaders.lists.facilities.facility_table import PLACES, ListOptions, RawTable, read_raw_table
from loaders.lists.municipality_names import Municipalities, is_total
from loaders.protocols.column_matching import columns_of, lacking_columns
from loaders.protocols.spellings import (
    DERIVED,
    FACILITY_FIELDS,
    HOUSE_NUMBERS,
    STREETS,
    Spellings,
    is_empty_word,
    near_field,
    plain_word,
    read_number,
)
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
    findings = Findings()
    cells, headers = _fields(raw, path.name, findings, options)
    for position, column, value, key in raw.faults:
        findings.add(raw.rows[position], column, value, REFUSED, key)
    municipalities = Municipalities(snapshot)
    reader = RowReader(
        findings,
        snapshot,
        municipalities,
        Addresses(locate),
        crs=options.crs,
        decimal=_decimal_sign(raw.cells),
        headers=headers,
    )
    words = raw.cells.to_numpy()
    pairs = [
        (row, cell)
        for row, cell, line in zip(raw.rows, cells.to_dict("records"), words, strict=True)
        if not _left_out(row, cell, line, findings)
    ]
    read = [reader.read(row, cell) for row, cell in pairs]
    kept = settle_places(
        [row for row in read if row["row"] not in findings.refused()], snapshot, municipalities, findings
    )
    for row in kept:
        row["source"] = row["source"] or path.name
    return FacilityReport(
        file=path.name,
        frame=facility_frame(kept),
        lines=findings.settled(raw.rows),
        refusal=findings.refusal(),
        n_rows=len(raw.rows),
        sheets=raw.sheets,
    )


def _left_out(row: int, cell: Mapping[Hashable, str], line: Iterable[str], findings: Findings) -> bool:
    """Whether a row adds up others: it has the word for it, stands nowhere and serves nobody."""
    if any(cell[name] for name in (*_COORDINATES, "serves")):
        return False
    first = [str(value) for value in line if value][:3]
    word = next((value for value in first if is_total(value)), "")
    if word:
        findings.add(row, "", word, REPAIRED, "total_row")
    return bool(word)


def _decimal_sign(cells: pd.DataFrame) -> str:
    """Decimal sign of the numbers of a list, where cells with other than three digits behind one agree on it."""
    signs = set()
    for column in cells.columns:
        for value in cells[column].head(200):
            for sign in ",.":
                whole, found, digits = str(value).partition(sign)
                if found and whole.lstrip("-").isdigit() and digits.isdigit() and len(digits) != 3:
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


def _fields(raw: RawTable, file: str, findings: Findings, options: ListOptions) -> tuple[pd.DataFrame, dict[str, str]]:
    """Cells by field, and the header of each; checks that there is a service and a place, and makes ids."""
    headers = list(map(str, raw.cells.columns))
    known = known_here(headers)
    found = columns_of(headers, known, options.mapping, file)
    fields: dict[str, str] = {}
    for header, field in found.items():
        if field and field != "address":
            fields.setdefault(field, header)
    addresses = [header for header, field in found.items() if field in _ADDRESS]
    firsts = [raw.cells[fields[name]].head(20) for name in _COORDINATES[:4] if name in fields]
    paired = any(is_pair(str(value)) for column in firsts for value in column)
    _require_fields(fields, addresses, file, found, options.constants, known, paired=paired)
    for key, values in raw.notes:
        findings.add(0, "", "", REPAIRED, key, **values)
    _tell_unknown(raw, found, findings, known)
    cells = pd.DataFrame({name: raw.cells[header] for name, header in fields.items()})
    cells = cells.reindex(columns=["id", "service", *_COORDINATES, *_OPTIONAL], fill_value="")
    for field, value in options.constants.items():
        if field in cells:
            cells[field] = value
    if "id" not in fields and "id" not in options.constants:
        cells["id"] = [str(row) for row in raw.rows]
        findings.add(0, "id", "", REPAIRED, "ids_made")
    _empty_cells(cells, fields, findings)
    _hours(cells, fields, findings)
    joined = [" ".join(filter(None, parts)) for parts in raw.cells[addresses].itertuples(index=False)]
    return cells.assign(address=joined if addresses else ""), fields


def known_here(headers: list[str]) -> Spellings:
    """Spellings of headers; beside a street, a number is that of a house."""
    words = {header_word(header) for header in headers}
    if not words & STREETS:
        return FACILITY_FIELDS.now()
    return FACILITY_FIELDS.now().extended(dict.fromkeys(HOUSE_NUMBERS, "address"))


def _tell_unknown(raw: RawTable, found: Mapping[str, str | None], findings: Findings, known: Spellings) -> None:
    """Name the columns that were not used, with what they may be."""
    taken = set(found.values())
    for header, field in found.items():
        if field is not None or plain_word(header).replace(" ", "_") in DERIVED:
            continue
        near = near_field(header, known)
        if near and near not in taken:
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
                most=f"{most:g}",
                option=Message("list_file.week_option", column=header),
            )


def _require_fields(
    fields: Mapping[str, str],
    addresses: list[str],
    file: str,
    found: Mapping[str, str | None],
    constants: Mapping[str, str],
    known: Spellings,
    *,
    paired: bool,
) -> None:
    """Say in one sentence all that is lacking."""
    placed = {"lat", "lon"} <= set(fields) or {"x", "y"} <= set(fields) or "point" in fields
    alone = [name for name in ("lat", "lon", "x", "y") if name in fields]
    placed = placed or paired or bool(addresses and not alone)
    lacking: list[tuple[Value, tuple[str, ...]]] = []
    if "service" not in fields and "service" not in constants:
        lacking.append(("service", ("service",)))
    if not placed:
        half = {"x": ("x", "y"), "y": ("x", "y")}.get(alone[0] if alone else "", ("lat", "lon"))
        lacking.append((Word("error.list.lat_lon"), tuple(name for name in half if name not in fields)))
    if not lacking:
        return
    said = lacking_columns(lacking, found, known)
    if "service" not in fields and "service" not in constants:
        said["maps"] = f"{said['maps']} --set service={next(iter(services()))}"
    key = "error.list.no_column" if len(lacking) == 1 else "error.list.no_columns"
    raise MissingColumnError(Message(key, file=file, found=", ".join(found), header=PLACES.header, **said))
