"""A user's own zones: a table municipality -> zone, or a map file with borders; read and checked row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message, Word
from i18n.texts import text
from loaders.catalogue.levels import default_vintage
from loaders.catalogue.region_in_use import OfRegion
from loaders.lists.facility_report import ACCEPTED, REFUSED, REPAIRED, Findings, RowReport
from loaders.lists.facility_table import (
    RawTable,
    Wanted,
    check_file,
    read_raw_table,
    text_frame,
)
from loaders.lists.list_suffixes import SPATIAL_SUFFIXES
from loaders.lists.municipality_names import Municipalities, Named
from loaders.lists.partition_shapes import Borders, checked_shapes, read_borders
from loaders.protocols.column_matching import columns_of
from loaders.protocols.spellings import plain_word, slug, spellings
from loaders.snapshot.partition import MEMBER_COLUMNS, Partition, partition_of_members, partition_of_shapes
from loaders.snapshot.reader import Snapshot

TEMPLATE_COLUMNS = ("niscode", "gemeente", "zone")
_HEADERS = {
    "municipality": "gemeente gemeentenaam naam_gemeente gemeente_naam municipality municipality_name commune",
    "zone_id": "zone_id zoneid zonecode zone_code zone_nr zonenummer code_zone",
    "zone": "zone zonenaam zone_naam naam_zone zone_name eigen_zone gebied regio cluster naam name nom",
}
PARTITION_FIELDS: Mapping[str, str] = OfRegion(
    lambda chosen: spellings({"nis": f"code {chosen.headers.get('code', '')}", **_HEADERS})
)
"""Field of a table of own zones by every header that people write for it."""

WANTED = Wanted("zones", "niscode,gemeente,zone")
_TEXTS = "partition_file"
_MISSING_SHOWN = 12
_NOT_USED = {"geometry", "fid", "id", "vintage", "level"}
"""Columns of map files and of our own exports that are passed over without a word."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PartitionReport(RowReport):
    """Result of reading a user's own zones.

    Attributes
    ----------
    partition : the zones, out of the rows that were accepted; None when there are none
    missing : names of the municipalities that lie in no zone; empty where borders were drawn
    """

    partition: Partition | None
    missing: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.file

    @property
    def zones(self) -> gpd.GeoDataFrame | None:
        """Zones, see `loaders.snapshot.partition.Partition`."""
        return None if self.partition is None else self.partition.zones

    @property
    def members(self) -> pd.DataFrame | None:
        """Municipalities of every zone, see `loaders.snapshot.partition.Partition`."""
        return None if self.partition is None else self.partition.members

    def checked(self) -> Partition:
        """Return the zones; `DataError` when a row was refused or nothing is left."""
        self.raise_if_refused()
        if self.partition is None:
            raise DataError(Message("error.list.no_zone", file=self.file))
        return self.partition


def read_partition_file(
    path: Path | str, snapshot: Snapshot, *, mapping: Mapping[str, str] | None = None
) -> PartitionReport:
    """Read own zones and say what became of every row.

    A table (CSV, XLSX) has a row per municipality: its NIS code or name, and the zone by name, id or both. The
    vintage is the newest year in which all codes and names can be put exactly, since later municipalities are made of
    whole older ones. A map file (GeoJSON, GPKG) with polygons has a feature per zone; with points or without shapes
    it is no partition.

    Parameters
    ----------
    path : the file
    snapshot : gives the municipalities and their borders
    mapping : field by column, for headers that are not recognised (`loaders.protocols.column_matching`)

    Raises
    ------
    MissingFileError, InputError, DataError
        the file as a whole cannot be read; faults of single rows are in the report instead
    """
    path = Path(path)
    findings = Findings(_TEXTS)
    if path.suffix.lower() in SPATIAL_SUFFIXES:
        return _read_shapes(path, snapshot, findings, mapping or {})
    raw = read_raw_table(path, WANTED)
    cells = _cells(raw, path.name, findings, mapping or {}, ("nis", "municipality"))
    for position, column, value, key in raw.faults:
        findings.add(raw.rows[position], column, value, REFUSED, key)
    reader = _Rows(findings, Municipalities(snapshot))
    rows = [(row, cell) for row, cell in zip(raw.rows, cells.to_dict("records"), strict=True)]
    named = {row: reader.municipality(row, cell) for row, cell in rows}
    zones = {row: reader.zone(row, cell) for row, cell in rows}
    members, vintage = reader.settle(named, zones)
    partition = None
    missing: tuple[str, ...] = ()
    if len(members):
        partition = partition_of_members(path.name, snapshot, members, reader.names, vintage)
        missing = _missing(snapshot, partition, findings)
    return PartitionReport(
        file=path.name,
        lines=findings.settled(raw.rows),
        refusal=findings.refusal(),
        n_rows=len(raw.rows),
        partition=partition,
        missing=missing,
    )


def partition_template() -> str:
    """CSV with the headers and three example rows, to fill in and give back."""
    lines = [f"# {text(f'{_TEXTS}.template', lang)}" for lang in ("nl", "en")]
    lines += [",".join(TEMPLATE_COLUMNS), "11005,Boom,Rupelstreek", "11030,Niel,Rupelstreek", "35013,Oostende,Kust"]
    return "\n".join(lines) + "\n"


def _cells(
    raw: RawTable,
    file: str,
    findings: Findings,
    mapping: Mapping[str, str],
    wanted: tuple[str, ...],
) -> pd.DataFrame:
    """Cells by field; checks that there is a zone and, for a table, a municipality."""
    headers = list(map(str, raw.cells.columns))
    found = columns_of(headers, PARTITION_FIELDS, mapping, file)
    for header, field in found.items():
        if field is None and plain_word(header) not in _NOT_USED:
            findings.add(raw.header_row, header, "", ACCEPTED, "unknown_column")
    fields = {field: header for header, field in found.items() if field}
    for needed, what in ((wanted, Word("error.list.nis")), (("zone", "zone_id"), "zone")):
        if needed and not set(needed) & set(fields):
            lacking = Message(
                "error.list.no_column", file=file, column=what, found=", ".join(headers), header=WANTED.header
            )
            raise MissingColumnError(lacking)
    for note in raw.notes:
        findings.add(0, "", "", REPAIRED, note)
    cells = pd.DataFrame({name: raw.cells[header] for name, header in fields.items()})
    return cells.reindex(columns=["nis", "municipality", "zone_id", "zone"], fill_value="")


class _Rows:
    """Reads the rows of a table, remembering the zones and the municipalities it has seen."""

    def __init__(self, findings: Findings, municipalities: Municipalities) -> None:
        self._findings, self._municipalities = findings, municipalities
        self.names: dict[str, str] = {}

    def municipality(self, row: int, cell: Mapping[object, str]) -> Named | None:
        """Municipality of a row, in every vintage that knows it; None when the row is refused."""
        given = [(column, cell[column]) for column in ("nis", "municipality") if cell[column]]
        if not given:
            self._findings.add(row, "nis", "", REFUSED, "no_municipality")
            return None
        found = []
        for column, value in given:
            named = self._municipalities.find(value)
            if named is None:
                close = ", ".join(self._municipalities.close(value))
                key = "unknown_municipality_close" if close else "unknown_municipality"
                self._findings.add(row, column, value, REFUSED, key, close=close)
                return None
            found.append(named)
        both = {vintage: code for vintage, code in found[0].items() if found[-1].get(vintage) == code}
        if not both:
            self._findings.add(row, "nis", cell["nis"], REFUSED, "code_and_name", name=cell["municipality"])
            return None
        return both

    def zone(self, row: int, cell: Mapping[object, str]) -> str:
        """Id of the zone of a row, '' when the row is refused."""
        zone = slug(cell["zone_id"] or cell["zone"])
        if not zone:
            self._findings.add(row, "zone", cell["zone_id"] or cell["zone"], REFUSED, "no_zone")
            return ""
        name = cell["zone"] or cell["zone_id"]
        known = self.names.setdefault(zone, name)
        if known != name:
            self._findings.add(row, "zone", name, REPAIRED, "zone_named", name=known)
        return zone

    def settle(self, named: Mapping[int, Named | None], zones: Mapping[int, str]) -> tuple[pd.DataFrame, int]:
        """Members of the zones in the vintage that fits all rows; a municipality in two zones is refused."""
        rows = {row: found for row, found in named.items() if found and row not in self._findings.refused()}
        vintage = self._municipalities.vintage_of(list(rows.values()))
        taken: dict[str, int] = {}
        members = []
        for row, found in rows.items():
            codes = self._municipalities.in_vintage(found, vintage)
            if vintage not in found:
                self._findings.add(row, "nis", "", REPAIRED, "carried", codes=", ".join(codes), vintage=vintage)
            for code in codes:
                if self._seen(row, code, zones, taken):
                    continue
                taken[code] = row
                members.append((zones[row], code))
        return pd.DataFrame(members, columns=list(MEMBER_COLUMNS)), vintage

    def _seen(self, row: int, code: str, zones: Mapping[int, str], taken: Mapping[str, int]) -> bool:
        """Whether a municipality came before; twice in one zone is no harm, in two zones it is."""
        first = taken.get(code)
        if first is None:
            return False
        name = self._municipalities.name(code)
        if zones[first] == zones[row]:
            self._findings.add(row, "nis", code, REPAIRED, "twice", first=first, name=name)
        else:
            zone = self.names[zones[first]]
            self._findings.add(row, "nis", code, REFUSED, "two_zones", first=first, name=name, zone=zone)
        return True


def _missing(snapshot: Snapshot, partition: Partition, findings: Findings) -> tuple[str, ...]:
    """Names of the municipalities in no zone, told as a note on the whole file."""
    zones = snapshot.zones("municipality", partition.vintage)
    left = zones.loc[~zones["zone_id"].isin(partition.members["nis"]), "zone_name"]
    names = tuple(sorted(map(str, left)))
    if names:
        shown = ", ".join(names[:_MISSING_SHOWN]) + (" …" if len(names) > _MISSING_SHOWN else "")
        findings.add(0, "", "", ACCEPTED, "missing", n=len(names), names=shown)
    return names


def read_zone_table(path: Path) -> RawTable:
    """Rows of a file with own zones as text, those of a map file without their shapes; raises as `check_file`."""
    if path.suffix.lower() in SPATIAL_SUFFIXES:
        return _attributes(_read_polygons(path))
    return read_raw_table(path, WANTED)


def _read_polygons(path: Path) -> Borders:
    check_file(path, WANTED)
    borders = read_borders(path)
    if not borders.n:
        raise DataError(Message("error.list.no_drawn_zone", file=path.name))
    return borders


def _attributes(borders: Borders) -> RawTable:
    return RawTable(text_frame(borders.cells, borders.headers), list(range(1, borders.n + 1)))


def _read_shapes(path: Path, snapshot: Snapshot, findings: Findings, mapping: Mapping[str, str]) -> PartitionReport:
    """Read zones whose borders were drawn."""
    borders = _read_polygons(path)
    raw = _attributes(borders)
    rows = raw.rows
    cells = _cells(raw, path.name, findings, mapping, ())
    reader = _Rows(findings, Municipalities(snapshot))
    zones = {row: reader.zone(row, cell) for row, cell in zip(rows, cells.to_dict("records"), strict=True)}
    shapes = checked_shapes(borders, path.name, zones, findings, snapshot)
    partition = None
    if shapes:
        partition = partition_of_shapes(path.name, shapes, reader.names, default_vintage())
    return PartitionReport(
        file=path.name,
        lines=findings.settled(rows),
        refusal=findings.refusal(),
        n_rows=len(rows),
        partition=partition,
        missing=(),
    )
