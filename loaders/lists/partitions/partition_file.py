"""A user's own zones: a table municipality -> zone, or a map file with borders; read and checked row by row."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from i18n.errors import DataError, MissingColumnError
from i18n.messages import Message, MessageError, Value, Word
from i18n.texts import text
from loaders.catalogue.plain_words import header_word
from loaders.catalogue.regions.levels import default_vintage
from loaders.catalogue.regions.systems import likely_systems
from loaders.lists.asides import aside_of
from loaders.lists.facilities.facility_report import ACCEPTED, REFUSED, REPAIRED, Findings, RowReport
from loaders.lists.facilities.facility_table import ListPurpose, check_file, read_raw_table, text_frame
from loaders.lists.list_suffixes import SPATIAL_SUFFIXES
from loaders.lists.municipality_names import IdByVintage, Municipalities, WrittenName, is_total, is_whole
from loaders.lists.partitions.partition_rows import marked_zones, spread_rows, ticked, zones_in_cell, zones_in_columns
from loaders.lists.partitions.partition_shapes import (
    Borders,
    borders_of_cells,
    checked_shapes,
    drawn_column,
    read_borders,
)
from loaders.lists.raw_table import ListOptions, RawTable
from loaders.protocols.column_matching import check_headers, columns_of, lacking_columns
from loaders.protocols.spellings import (
    SpellingsOfRegion,
    field_of,
    is_empty_word,
    near_field,
    plain_word,
    slug,
    spellings,
)
from loaders.snapshot.partition import MEMBER_COLUMNS, Partition, partition_of_members, partition_of_shapes
from loaders.snapshot.reader import Snapshot

TEMPLATE_COLUMNS = ("niscode", "gemeente", "zone")
_HEADERS = {
    "municipality": "gemeente gemeentenaam naam_gemeente gemeente_naam municipality municipality_name commune "
    "nom_commune tx_munty_descr_nl tx_munty_descr_fr tx_descr_nl fusiegemeente hoofdgemeente gemeenten gemeentes "
    "municipalities communes gemeente_commune commune_gemeente naam_gemeenten lijst_gemeenten",
    "postcode": "postcode postal_code postalcode post_code code_postal zip zipcode postnummer",
    "zone_id": "zone_id zoneid zonecode zone_code zone_nr zonenummer code_zone",
    "zone": "zone zonenaam zone_naam naam_zone zone_name eigen_zone gebied regio cluster zorgregio zorg_regio "
    "kring huisartsenkring eerstelijnszone elz eerstelijns_zone naam_elz referentieregio werkingsgebied team "
    "district sector_zone netwerk deelregio regioteam subregio indeling zorgzone region_zone groep elz_naam "
    "eerstelijnszone_naam naam_eerstelijnszone zorgregio_naam naam_zorgregio referentieregio_naam naam_referentieregio "
    "refreg care_region gp_circle primary_care_zone reference_region region_de_soins zone_de_soins cercle zones ~naam "
    "~name ~nom ~region",
}
_SECTORS = "~sector ~sectorcode ~statistische_sector ~cd_sector ~cd_res_sector"
"""Headers of codes that are of parts of municipalities, which is told of every row."""

PARTITION_FIELDS = SpellingsOfRegion(
    lambda chosen: spellings({"nis": f"code {chosen.headers.get('code', '')} {_SECTORS}", **_HEADERS})
)
"""Field of a table of own zones by every header that people write for it."""

WANTED = ListPurpose("zones", "niscode,gemeente,zone")
_TEXTS = "partition_file"
_MISSING_SHOWN = 12
_OLD_SHOWN = 3
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
    path: Path | str,
    snapshot: Snapshot,
    *,
    mapping: Mapping[str, str] | None = None,
    options: ListOptions | None = None,
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
    options : what else the user says of the list; the constant ``vintage`` is the year of its municipalities

    Raises
    ------
    MissingFileError, InputError, DataError
        the file as a whole cannot be read; faults of single rows are in the report instead
    """
    path = Path(path)
    options = options or ListOptions(mapping=mapping or {})
    findings = Findings(_TEXTS)
    if path.suffix.lower() in SPATIAL_SUFFIXES:
        return _read_shapes(path, snapshot, findings, options)
    raw = read_raw_table(path, WANTED, PARTITION_FIELDS, options)
    findings.sheets = raw.sheets
    municipalities = Municipalities.of(snapshot)
    raw = raw if options.mapping else zones_in_columns(raw, PARTITION_FIELDS, municipalities) or raw
    drawn = drawn_column(raw.cells) if not _names_municipalities(raw, path.name, options) else ""
    if drawn:
        return _of_borders(borders_of_cells(raw, drawn, path.name, options.crs), path, snapshot, findings, options)
    cells = _cells(raw, path.name, findings, options, ("nis", "municipality", "postcode"), municipalities)
    for position, column, value, key in raw.faults:
        findings.add(raw.rows[position], column, value, REFUSED, key)
    reader = _Rows(findings, municipalities, _wanted_vintage(options, municipalities))
    given = [
        (row, cell)
        for row, cell, line in zip(raw.rows, cells.to_dict("records"), raw.cells.to_numpy(), strict=True)
        if not reader.is_aside(row, cell, line)
    ]
    rows = spread_rows(given, municipalities, findings)
    reader.see(cell for _, cell in rows)
    members, vintage = reader.settle(rows)
    partition = None
    missing: tuple[str, ...] = ()
    if len(members):
        partition = partition_of_members(path.name, snapshot, members, reader.names, vintage)
        missing = _missing(snapshot, partition, findings)
    return PartitionReport(
        file=path.name,
        lines=findings.settled(raw.rows),
        refusal=findings.refusal(),
        n_rows=len(set(raw.rows)),
        partition=partition,
        missing=missing,
        sheets=raw.sheets,
    )


def _wanted_vintage(options: ListOptions, municipalities: Municipalities) -> int | None:
    """Year of the municipalities that the user sets; None where none is set."""
    given = options.constants.get("vintage", "")
    if given and given not in map(str, municipalities.vintages):
        known = ", ".join(map(str, municipalities.vintages))
        raise MessageError("error.list.set_vintage", value=given, known=known)
    return int(given) if given else None


def partition_template() -> str:
    """CSV with the headers and three example rows, to fill in and give back."""
    lines = [f"# {text(f'{_TEXTS}.template', lang)}" for lang in ("nl", "en")]
    lines += [",".join(TEMPLATE_COLUMNS), "11005,Boom,Rupelstreek", "11030,Niel,Rupelstreek", "35013,Oostende,Kust"]
    return "\n".join(lines) + "\n"


def _cells(
    raw: RawTable,
    file: str,
    findings: Findings,
    options: ListOptions,
    wanted: tuple[str, ...],
    municipalities: Municipalities | None = None,
) -> pd.DataFrame:
    """Cells by field; checks that there is a zone and, for a table, a municipality."""
    headers = list(map(str, raw.cells.columns))
    mapping = {**_one_of_each(raw.cells, options.mapping), **options.mapping}
    columns = columns_of(headers, PARTITION_FIELDS, mapping, file, _FIRST_COUNTS)
    if municipalities is not None:
        _take_names(raw, columns, options.mapping, findings, municipalities)
    fields = {field: header for header, field in columns.items() if field}
    marked = marked_zones(raw.cells, columns) if wanted and not {"zone", "zone_id"} & set(fields) else []
    lacking: list[tuple[Value, tuple[str, ...]]] = []
    for needed, what in ((wanted, Word("error.list.nis")), (("zone", "zone_id"), "zone")):
        if needed and not set(needed) & (set(fields) | set(options.constants)) and not (what == "zone" and marked):
            lacking.append((what, ("|".join(needed),)))
    if lacking:
        check_headers(headers, (), file, WANTED.header)
        facts = lacking_columns(lacking, columns, PARTITION_FIELDS)
        key = "error.list.no_column" if len(lacking) == 1 else "error.list.no_columns"
        raise MissingColumnError(Message(key, file=file, found=", ".join(headers), header=WANTED.header, **facts))
    for header, field in columns.items():
        own = field_of(header, PARTITION_FIELDS)
        if field is None and own in fields and header not in options.mapping and own not in options.mapping.values():
            findings.add(raw.header_row, header, "", ACCEPTED, "second_column", first=fields[own])
        elif field is None and plain_word(header) not in _NOT_USED and header not in marked:
            near = near_field(header, PARTITION_FIELDS)
            key = "near_column" if near and near not in fields else "unknown_column"
            findings.add(raw.header_row, header, "", ACCEPTED, key, field=near or "")
    for note, values in raw.notes:
        findings.add(0, "", "", REPAIRED, note, **values)
    cells = pd.DataFrame({name: raw.cells[header] for name, header in fields.items()})
    cells = cells.reindex(columns=["nis", "municipality", "postcode", "zone_id", "zone"], fill_value="")
    for field, value in options.constants.items():
        if field in cells:
            cells[field] = value
    if marked:
        cells["zone"] = ticked(raw.cells, marked)
        findings.add(0, "", "", REPAIRED, "zones_ticked", columns=", ".join(marked))
    return cells


def _names_municipalities(raw: RawTable, file: str, options: ListOptions) -> bool:
    """Whether a column says the municipality of every row."""
    headers = list(map(str, raw.cells.columns))
    mapping = {**_one_of_each(raw.cells, options.mapping), **options.mapping}
    columns = columns_of(headers, PARTITION_FIELDS, mapping, file, _FIRST_COUNTS)
    return bool({"nis", "municipality", "postcode"} & set(columns.values()))


_FIRST_COUNTS = frozenset({"municipality"})
_ONE_CODE = re.compile(r"\d{5}(?:[.,]0+)?")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def _one_of_each(cells: pd.DataFrame, mapping: Mapping[str, str]) -> dict[str, str]:
    """Field by column, where several hold municipalities: codes under a name count as codes, of years the newest."""
    claimed: dict[str, list[str]] = {"nis": [], "municipality": [], "zone": []}
    for header in map(str, cells.columns):
        field = field_of(header, PARTITION_FIELDS)
        if field in claimed and header not in mapping and not (field == "zone" and header_word(header) in _NAMES):
            claimed[field].append(header)
    made: dict[str, str] = {}
    names = claimed["municipality"]
    coded = [
        name for name in names if all(_ONE_CODE.fullmatch(value) for value in cells[name].head(_LOOKED_AT) if value)
    ]
    if len(names) > 1 and 0 < len(coded) < len(names):
        made |= dict.fromkeys(coded, "")
        if not claimed["nis"]:
            made[coded[0]] = "nis"
    zones = claimed["zone"]
    for name in zones if len(zones) == 2 else ():
        word, other = header_word(name), next(one for one in zones if one != name)
        if word in (f"{header_word(other)}_{kind}" for kind in _NAMES):
            made |= {other: "zone_id", name: "zone"}
    if len({tuple(_YEAR.findall(header)) for header in claimed["nis"]}) > 1:
        newest = max(claimed["nis"], key=lambda header: max(map(int, _YEAR.findall(header)), default=0))
        made |= {**dict.fromkeys(claimed["nis"], ""), newest: "nis"}
    return made


def _take_names(
    raw: RawTable,
    columns: dict[str, str | None],
    mapping: Mapping[str, str],
    findings: Findings,
    municipalities: Municipalities,
) -> None:
    """Take a column ``naam`` as the municipality where that is what its cells name, and say so."""
    fields = {field for field in columns.values() if field}
    for header, field in columns.items():
        of_zone = field == "zone" or (field is None and field_of(header, PARTITION_FIELDS) == "zone")
        if header in mapping or not of_zone or header_word(header) not in _NAMES or "municipality" in fields:
            continue
        words = [str(word) for word in raw.cells[header].head(_LOOKED_AT) if word]
        named = [word for word in words if municipalities.find(word)]
        if words and len(named) > 0.8 * len(words) and len(set(words)) > 0.8 * len(words):
            columns[header] = "municipality"
            findings.add(raw.header_row, header, "", REPAIRED, "name_is_municipality")
            return


_NONE = """geen zone, geen regio, geen kring, zonder zone, buiten zone, buiten gebied, niet toegewezen, niet ingedeeld,
niet van toepassing, nog te bepalen, te bepalen, nog niet bekend, niet bekend, tbd, tbc, to be determined, unassigned,
not assigned, no zone, none yet, not applicable, aucune, aucun, aucune zone, hors zone, a determiner, non attribue,
pas de zone, sans objet"""
_IN_NO_ZONE = frozenset(" ".join(word.split()) for word in _NONE.split(","))
"""Words under a zone that say that there is none."""

_PLACEHOLDER = re.compile(r"999\d\d(?:[.,]0+)?|0{4,5}")
"""Codes of no municipality, which publishers give to what they could not place."""

_WHOLE = re.compile(r"^(\d+)[.,]0+$")
_NAMES = frozenset({"naam", "name", "nom"})
_LOOKED_AT = 400


class _Rows:
    """Reads the rows of a table, remembering the zones and the municipalities it has seen."""

    def __init__(self, findings: Findings, municipalities: Municipalities, vintage: int | None = None) -> None:
        self._findings, self._municipalities, self._vintage = findings, municipalities, vintage
        self.names: dict[str, str] = {}
        self._above = ""
        self._written_once = False
        self._zones: set[str] = set()

    def is_aside(self, row: int, cell: Mapping[Hashable, str], line: Iterable[str]) -> bool:
        """Whether a row is of a country, region or province, adds up others, or is a heading or remark; it is told."""
        for column in ("nis", "municipality"):
            word = cell[column]
            if word and (is_total(word) or is_whole(word)) and not self._municipalities.find(word):
                self._findings.add(row, column, word, REPAIRED, "total_row")
                return True
        if not (cell["nis"] or cell["municipality"]) and is_total(cell["zone"] or cell["zone_id"]):
            self._findings.add(row, "zone", cell["zone"] or cell["zone_id"], REPAIRED, "total_row")
            return True
        if _PLACEHOLDER.fullmatch(cell["nis"]):
            self._findings.add(row, "nis", cell["nis"], REPAIRED, "placeholder_row")
            return True
        key, word = aside_of(line, self._municipalities)
        if key == "note_row":
            self._findings.add(row, "", word, REPAIRED, key)
        return key == "note_row"

    def see(self, cells: Iterable[Mapping[Hashable, str]]) -> None:
        """Look whether every zone is written once with blanks below it, as cells that were merged leave behind."""
        zones = [cell["zone_id"] or cell["zone"] for cell in cells]
        self._zones = {plain_word(zone) for zone in zones}
        written = [zone for zone in zones if zone]
        none = any(is_empty_word(zone) for zone in written)
        self._written_once = (
            len(written) > 1 and len(set(written)) == len(written) < len(zones) and bool(zones[0]) and not none
        )

    def municipality(self, row: int, cell: Mapping[Hashable, str]) -> IdByVintage | None:
        """Municipality of a row, in every vintage that knows it; None when the row is refused."""
        given = [(column, cell[column]) for column in ("nis", "municipality") if cell[column]]
        given = given or [(column, cell[column]) for column in ("postcode",) if cell[column]]
        if not given:
            self._findings.add(row, "nis", "", REFUSED, "no_municipality")
            return None
        candidates = []
        for column, value in given:
            read = self._municipalities.read(value)
            if read.named is None:
                self._unknown(row, column, value, read)
                return None
            if read.key:
                self._findings.add(row, column, value, REPAIRED, read.key, **read.values)
            candidates.append(read.named)
        both = {vintage: code for vintage, code in candidates[0].items() if candidates[-1].get(vintage) == code}
        if not both:
            self._findings.add(row, "nis", cell["nis"], REFUSED, "code_and_name", name=cell["municipality"])
            return None
        return both if self._fits_postcode(row, cell, both) else None

    def _fits_postcode(self, row: int, cell: Mapping[Hashable, str], named: IdByVintage) -> bool:
        """Whether the postcode beside a municipality is one of its own; a row where it is another's is refused."""
        postcode = _WHOLE.sub(r"\1", cell["postcode"])
        codes = self._municipalities.of_postcode(postcode)
        if not codes or not (cell["nis"] or cell["municipality"]) or codes & self._municipalities.smallest(named):
            return True
        name = self._municipalities.name(named[max(named)])
        places = self._municipalities.read(postcode).values
        there = places.get("place") or places.get("places", "")
        self._findings.add(row, "postcode", postcode, REFUSED, "name_and_postcode", name=name, place=there)
        return False

    def _unknown(self, row: int, column: str, value: str, read: WrittenName) -> None:
        """Refuse a word that is no municipality, with what it is if that is known."""
        if read.key:
            self._findings.add(row, column, value, REFUSED, read.key, **read.values)
            return
        close = ", ".join(self._municipalities.close(value))
        key = "unknown_municipality_close" if close else "unknown_municipality"
        self._findings.add(row, column, value, REFUSED, key, close=close)

    def zone(self, row: int, cell: Mapping[Hashable, str], *, drawn: bool = False) -> str:
        """Id of the zone of a row; '' when the row is refused, or says that it lies in none."""
        written = _WHOLE.sub(r"\1", cell["zone_id"] or cell["zone"])
        zone = "" if is_empty_word(written) or plain_word(written) in _IN_NO_ZONE else slug(written)
        if not drawn and len(zones_in_cell(written, self._zones)) > 1:
            self._findings.add(row, "zone", written, REFUSED, "several_zones")
            return ""
        if not zone:
            if drawn:
                self._findings.add(row, "zone", written, REFUSED, "no_zone")
            elif not written and self._written_once:
                self._findings.add(row, "zone", "", REFUSED, "zone_as_above", above=self._above)
            else:
                self._findings.add(row, "zone", written, REPAIRED, "in_no_zone_word" if written else "in_no_zone")
            return ""
        name = _WHOLE.sub(r"\1", cell["zone"] or cell["zone_id"])
        self._above = name
        known = self.names.setdefault(zone, name)
        if known != name:
            self._findings.add(row, "zone", name, REPAIRED, "zone_named", name=known)
        return zone

    def settle(self, given: Sequence[tuple[int, Mapping[Hashable, str]]]) -> tuple[pd.DataFrame, int]:
        """Members of the zones in the vintage that fits all rows; a municipality in two zones is refused.

        A name of before a merger is refused where the list does not hold the other parts, so that one old name never
        takes the whole list back to older borders.

        Parameters
        ----------
        given : number of a row and its cells, once for every municipality that it names
        """
        row_of = {at: row for at, (row, _) in enumerate(given)}
        named = {at: self.municipality(row, cell) for at, (row, cell) in enumerate(given)}
        zones: dict[tuple[int, str], str] = {}
        for row, cell in given:
            if (row, cell["zone"]) not in zones:
                zones[row, cell["zone"]] = self.zone(row, cell)
        zone_of = {at: zones[row, cell["zone"]] for at, (row, cell) in enumerate(given)}
        refused = self._findings.refused()
        rows = {
            at: code_by_vintage
            for at, code_by_vintage in named.items()
            if code_by_vintage and row_of[at] not in refused
        }
        vintage = self._settled_vintage(rows, row_of)
        taken: dict[str, int] = {}
        members = []
        for at, code_by_vintage in rows.items():
            row, codes = row_of[at], self._municipalities.in_vintage(code_by_vintage, vintage)
            if not codes:
                self._findings.add(row, "nis", "", REFUSED, "not_in_vintage", vintage=vintage)
            elif vintage not in code_by_vintage:
                self._findings.add(row, "nis", "", REPAIRED, "carried", codes=", ".join(codes), vintage=vintage)
            for code in codes if zone_of[at] else ():
                if self._seen(at, code, row_of, zone_of, taken):
                    continue
                taken[code] = at
                members.append((zone_of[at], code))
        return pd.DataFrame(members, columns=list(MEMBER_COLUMNS)), vintage

    def _settled_vintage(self, rows: dict[int, IdByVintage], row_of: Mapping[int, int]) -> int:
        """Year of the borders; what fits in none of the newest is refused and taken out of ``rows``."""
        if self._vintage is not None:
            return self._vintage
        name = self._municipalities.name
        for at, (code, later, since) in self._municipalities.outdated(rows).items():
            now = {"old": f"{name(code)} ({code})", "new": f"{name(later)} ({later})", "since": since}
            self._findings.add(row_of[at], "nis", code, REFUSED, "merged", **now, year=max(rows[at]))
            del rows[at]
        vintage = self._municipalities.vintage_of(list(rows.values()))
        if vintage != self._municipalities.vintages[-1]:
            old = [code_by_vintage[vintage] for code_by_vintage in rows.values() if max(code_by_vintage) == vintage]
            shown = ", ".join(f"{name(code)} ({code})" for code in old[:_OLD_SHOWN])
            self._findings.add(0, "nis", "", ACCEPTED, "older_borders", vintage=vintage, names=shown)
        return vintage

    def _seen(
        self, at: int, code: str, row_of: Mapping[int, int], zones: Mapping[int, str], taken: Mapping[str, int]
    ) -> bool:
        """Whether a municipality came before; twice in one zone is no harm, in two zones it is."""
        if code not in taken:
            return False
        before, row, first = taken[code], row_of[at], row_of[taken[code]]
        name = self._municipalities.name(code)
        if zones[before] == zones[at]:
            self._findings.add(row, "nis", code, REPAIRED, "twice", first=first, name=name)
        else:
            zone = self.names[zones[before]]
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


def read_zone_table(path: Path, options: ListOptions | None = None) -> RawTable:
    """Rows of a file with own zones as text, those of a map file without their shapes; raises as `check_file`."""
    if path.suffix.lower() in SPATIAL_SUFFIXES:
        return _attributes(_read_polygons(path, options or ListOptions()))
    return read_raw_table(path, WANTED, PARTITION_FIELDS, options)


def _read_polygons(path: Path, options: ListOptions) -> Borders:
    check_file(path, WANTED)
    asked = {"sheet": options.sheet, "crs": options.crs, "words": dict(PARTITION_FIELDS), "likely": likely_systems()}
    borders = read_borders(path, asked)
    if not borders.n:
        raise DataError(Message("error.list.no_drawn_zone", file=path.name))
    return borders


def _attributes(borders: Borders) -> RawTable:
    return RawTable(text_frame(borders.cells, borders.headers), borders.numbers, notes=borders.notes)


def _read_shapes(path: Path, snapshot: Snapshot, findings: Findings, options: ListOptions) -> PartitionReport:
    """Read zones whose borders were drawn."""
    return _of_borders(_read_polygons(path, options), path, snapshot, findings, options)


def _of_borders(
    borders: Borders, path: Path, snapshot: Snapshot, findings: Findings, options: ListOptions
) -> PartitionReport:
    """Zones out of their drawn borders."""
    raw = _attributes(borders)
    rows = raw.rows
    cells = _cells(raw, path.name, findings, options, ())
    reader = _Rows(findings, Municipalities.of(snapshot))
    zones = {row: reader.zone(row, cell, drawn=True) for row, cell in zip(rows, cells.to_dict("records"), strict=True)}
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
