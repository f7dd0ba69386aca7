"""A user's own list of places: read, checked row by row, placed in its municipality."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from i18n.errors import MissingColumnError
from i18n.messages import Message, Word
from i18n.texts import text
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.region_in_use import region
from loaders.catalogue.service_file import Service
from loaders.catalogue.services import ServicesInWords, partnership_services, service_words, services, services_in_words
from loaders.catalogue.types import Floats
from loaders.lists.facility_address import Addresses, Locate
from loaders.lists.facility_report import ACCEPTED, REFUSED, REPAIRED, FacilityReport, Findings
from loaders.lists.facility_table import PLACES, RawTable, read_raw_table
from loaders.protocols.column_matching import columns_of
from loaders.protocols.spellings import (
    DERIVED,
    FACILITY_FIELDS,
    STATUS_WORDS,
    TRUTH_WORDS,
    plain_word,
    read_number,
)
from loaders.snapshot.locator import SNAP_M, Locator, ServedCodes, read_point
from loaders.snapshot.reader import Snapshot

Row = dict[str, Any]
Cells = Mapping[Hashable, Any]

_COORDINATES = ("lat", "lon", "x", "y")
_PASSED_ON = ("id", "name", "house_id", "organiser", "source", "as_of")
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


def read_facility_file(
    path: Path | str,
    snapshot: Snapshot,
    *,
    mapping: Mapping[str, str] | None = None,
    locate: Locate | None = None,
) -> FacilityReport:
    """Read a list of facilities (CSV, XLSX, GeoJSON, GPKG) and say what became of every row.

    Parameters
    ----------
    path : the file; headers in Dutch or English, decimal comma or point, latitude/longitude in degrees or x/y in
        metres of the snapshot's system; a map file in any coordinate system
    snapshot : gives the municipalities the places lie in
    mapping : field by column, for headers that are not recognised (`loaders.protocols.column_matching`)
    locate : looks up rows that have an address and no coordinates; without it such rows are refused

    Raises
    ------
    MissingFileError, InputError, DataError
        the file as a whole cannot be read; faults of single rows are in the report instead
    """
    path = Path(path)
    raw = read_raw_table(path)
    findings = Findings()
    cells = _fields(raw, path.name, findings, mapping or {})
    for position, column, value, key in raw.faults:
        findings.add(raw.rows[position], column, value, REFUSED, key)
    codes = snapshot.table("municipality_codes")
    reader = _RowReader(findings, codes, Addresses(locate))
    records = cells.to_dict("records")
    read = [reader.read(row, cell) for row, cell in zip(raw.rows, records, strict=True)]
    kept = _place([row for row in read if row["row"] not in findings.refused()], snapshot, findings)
    _default_serves(kept, findings)
    for row in kept:
        row["source"] = row["source"] or path.name
    return FacilityReport(
        file=path.name,
        frame=facility_frame(kept),
        lines=findings.settled(raw.rows),
        refusal=findings.refusal(),
        n_rows=len(raw.rows),
    )


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


def _fields(raw: RawTable, file: str, findings: Findings, mapping: Mapping[str, str]) -> pd.DataFrame:
    """Cells by field; checks that there is an id, a service and a place to look for."""
    headers = list(map(str, raw.cells.columns))
    found = columns_of(headers, FACILITY_FIELDS, mapping, file)
    for header, field in found.items():
        if field is None and plain_word(header).replace(" ", "_") not in DERIVED:
            findings.add(raw.header_row, header, "", ACCEPTED, "unknown_column")
    fields = {field: header for header, field in found.items() if field and field != "address"}
    addresses = [header for header, field in found.items() if field == "address"]
    _require_fields(fields, addresses, file, headers)
    for note in raw.notes:
        findings.add(0, "", "", REPAIRED, note)
    cells = pd.DataFrame({name: raw.cells[header] for name, header in fields.items()})
    cells = cells.reindex(columns=["id", "service", *_COORDINATES, *_OTHER], fill_value="")
    joined = [" ".join(filter(None, parts)) for parts in raw.cells[addresses].itertuples(index=False)]
    return cells.assign(address=joined if addresses else "")


_OTHER = (
    "name",
    "house_id",
    "physical",
    "status",
    "organiser",
    "hours_per_year",
    "serves",
    "source",
    "as_of",
    "evidence",
)


def _require_fields(fields: Mapping[str, str], addresses: list[str], file: str, found: list[str]) -> None:
    placed = {"lat", "lon"} <= set(fields) or {"x", "y"} <= set(fields)
    placed = placed or bool(addresses and not set(_COORDINATES) & set(fields))
    for name, there in (("id", "id" in fields), ("service", "service" in fields), (Word("error.list.lat_lon"), placed)):
        if not there:
            lacking = Message(
                "error.list.no_column", file=file, column=name, found=", ".join(found), header=PLACES.header
            )
            raise MissingColumnError(lacking)


class _RowReader:
    """Reads one row after the other, remembering the ids it has seen."""

    def __init__(self, findings: Findings, codes: pd.DataFrame, addresses: Addresses) -> None:
        self._findings, self._codes, self._addresses = findings, ServedCodes(codes), addresses
        self._seen: dict[str, int] = {}
        self._services = service_words()

    def read(self, row: int, cell: Cells) -> Row:
        """Values of a row; what is wrong with it goes to the findings."""
        values: Row = {name: cell[name] for name in _PASSED_ON}
        values |= {"row": row, "flags": "", "evidence": "user", "precision": "none"}
        values |= dict.fromkeys(region().code_columns, "")
        self._identity(row, cell)
        values["service"] = self._word(row, cell, "service", self._services, "")
        values["declared"] = services().get(values["service"])
        values["status"] = self._word(row, cell, "status", STATUS_WORDS, "exists")
        values["physical"] = self._word(row, cell, "physical", TRUTH_WORDS, None)
        values["hours_per_year"] = self._number(row, cell, "hours_per_year")
        if values["hours_per_year"] is not None and values["hours_per_year"] < 0:
            self._refuse(row, cell, "hours_per_year", "negative_hours")
        values["serves"] = self._serves(row, cell)
        if plain_word(cell["evidence"]) in ("illustrative", "illustratief"):
            values["evidence"], values["flags"] = "illustrative", "illustrative"
            self._findings.add(row, "evidence", cell["evidence"], ACCEPTED, "illustrative")
        self._point(row, cell, values)
        return values

    def _refuse(self, row: int, cell: Cells, column: str, key: str, **more: object) -> None:
        self._findings.add(row, column, str(cell[column]), REFUSED, key, **more)

    def _identity(self, row: int, cell: Cells) -> None:
        name = cell["id"]
        if not name:
            self._refuse(row, cell, "id", "no_id")
        elif name in self._seen:
            self._refuse(row, cell, "id", "duplicate_id", first=self._seen[name])
        else:
            self._seen[name] = row

    def _word(self, row: int, cell: Cells, column: str, words: Mapping[str, Any], default: Any) -> Any:
        if not cell[column]:
            if column == "service":
                self._refuse(row, cell, column, "no_service", known=ServicesInWords())
            return default
        word = plain_word(cell[column])
        if word not in words:
            self._refuse(row, cell, column, f"unknown_{column}", known=ServicesInWords())
        return words.get(word, default)

    def _number(self, row: int, cell: Cells, column: str) -> float | None:
        if not cell[column]:
            return None
        number = read_number(cell[column])
        if number is None:
            self._refuse(row, cell, column, "not_a_number")
        return number

    def _serves(self, row: int, cell: Cells) -> str:
        known, unknown, carried = self._codes.read(cell["serves"])
        if unknown:
            self._refuse(row, cell, "serves", "unknown_nis", code=unknown[0])
        if carried:
            self._findings.add(row, "serves", cell["serves"], REPAIRED, "carried_nis", codes=";".join(known))
        return ";".join(known)

    def _point(self, row: int, cell: Cells, values: Row) -> None:
        """Coordinates of the row, and what a row without them may be."""
        numbers = {name: self._number(row, cell, name) for name in _COORDINATES}
        values["x"] = values["y"] = None
        values["in_metres"] = numbers["x"] is not None
        if row in self._findings.refused():
            return
        point, fault = read_point(**numbers)
        values["shown"] = shown = " ".join(str(cell[name]) for name in _COORDINATES if cell[name])
        if fault:
            column = next(name for name in _COORDINATES if cell[name])
            self._findings.add(row, column, shown, REFUSED, fault)
        else:
            if point is None and cell["address"] and self._addresses.at_hand:
                point = self._look_up(row, cell, values)
            if point is not None:
                self._placed(row, values, point)
            elif row not in self._findings.refused():
                self._without_place(row, cell, values)
        if values["declared"] and values["declared"].partnerships and not values["house_id"]:
            values["house_id"] = values["id"]

    def _look_up(self, row: int, cell: Cells, values: Row) -> Floats | None:
        """Point of the address of a row; a service that cannot tell is a reason to refuse the row."""
        looked = self._addresses.look_up(str(cell["address"]))
        values["shown"] = str(cell["address"])
        outcome = REFUSED if looked.point is None else REPAIRED
        self._findings.add(row, "address", str(cell["address"]), outcome, looked.key, found=looked.shown)
        return looked.point

    def _placed(self, row: int, values: Row, point: Floats) -> None:
        values["x"], values["y"] = np.round(point, 2).tolist()
        if values["declared"] and values["declared"].walk_in and values["physical"] is None:
            values["physical"] = True
            self._findings.add(row, "physical", "", REPAIRED, "taken_as_physical")

    def _without_place(self, row: int, cell: Cells, values: Row) -> None:
        alone = bool(values["declared"] and values["declared"].partnerships and values["physical"] is not True)
        if alone and values["serves"]:
            values["physical"] = False
        elif cell["address"]:
            self._findings.add(row, "address", str(cell["address"]), REFUSED, "only_address")
        elif alone:
            self._findings.add(row, "serves", "", REFUSED, "partnership_without_serves")
        else:
            self._findings.add(row, "lat", "", REFUSED, "no_coordinates")


def _place(rows: list[Row], snapshot: Snapshot, findings: Findings) -> list[Row]:
    """Add the municipality of every point; refuse what lies outside all of them."""
    points = [row for row in rows if row["x"] is not None]
    if points:
        locator = Locator(snapshot)
        xy = np.array([[row["x"], row["y"]] for row in points])
        found, mirrored = locator.locate(xy), locator.inside(xy[:, ::-1])
        for i, row in enumerate(points):
            row["precision"] = "point"
            row |= {name: codes[i] for name, codes in found.codes.items()}
            _check_outside(row, float(found.outside_m[i]), bool(mirrored[i]) and row["in_metres"], findings)
    return [row for row in rows if row["row"] not in findings.refused()]


def _check_outside(row: Row, outside_m: float, mirrored: bool, findings: Findings) -> None:
    """Refuse a point far outside, note one just outside; ``mirrored``: with x and y swapped it would be inside."""
    shown = row["shown"]
    if outside_m > SNAP_M:
        key = "x_y_swapped" if mirrored else "outside"
        findings.add(row["row"], "x", shown, REFUSED, key, km=f"{outside_m / 1000:.1f}")
    elif outside_m > 0:
        row["flags"] = ";".join(filter(None, [row["flags"], "snapped_to_municipality"]))
        findings.add(
            row["row"], "x", shown, REPAIRED, "snapped", metres=round(outside_m), nis=row[region().newest_code]
        )


def _default_serves(rows: list[Row], findings: Findings) -> None:
    """Let a place that does not say whom it serves serve what its partnership serves, else where its places are."""
    said: dict[tuple[str, str], set[str]] = {}
    stands: dict[tuple[str, str], set[str]] = {}
    partnered = partnership_services()
    of_partnerships = [row for row in rows if row["service"] in partnered]
    for row in of_partnerships:
        partnership = row["service"], row["house_id"]
        said.setdefault(partnership, set()).update(filter(None, row["serves"].split(";")))
        stands.setdefault(partnership, set()).update(filter(None, [row[region().served_code]]))
    for row in of_partnerships:
        if not row["serves"]:
            partnership = row["service"], row["house_id"]
            row["serves"] = codes = ";".join(sorted(said[partnership] or stands[partnership]))
            findings.add(row["row"], "serves", "", REPAIRED, "default_serves", codes=codes, house=row["house_id"])
