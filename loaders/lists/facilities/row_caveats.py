"""What a row of places says of itself beside point and service: that it opens later, counts several, or is rough."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, datetime

from i18n.messages import Word
from loaders.catalogue.plain_words import header_word, plain_word
from loaders.catalogue.services import services
from loaders.lists.closed import closed_by, is_end
from loaders.lists.facilities.facility_report import ACCEPTED, Findings
from loaders.lists.facilities.facility_table import records
from loaders.lists.raw_table import RawTable

_LONGEST = 500
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_LATER = re.compile(
    r"\b(?:nog niet (?:open|geopend|actief|in gebruik)|in (?:aanbouw|opbouw|voorbereiding)|binnenkort|not yet open"
    r"|under construction|opening soon|pas encore ouverte?|en construction|en projet)\b",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\b(?:opent|opening|open vanaf|vanaf|gepland|voorzien|opens|opening in|planned|from|ouvre|ouverture|pr[ée]vue?"
    r"|[àa] partir d[eu])\b[^\d]{0,30}(?:\d{1,2}[./-]){0,2}((?:19|20)\d\d)",
    re.IGNORECASE,
)
_BEGINS_WORDS = (
    "startdatum start_datum begindatum datum_start datum_begin openingsdatum datum_opening geopend_op opent_op "
    "start_date startdate opening_date date_opened opened_on date_debut date_de_debut date_ouverture "
    "date_d_ouverture in_werking_vanaf actief_vanaf ingangsdatum "
)
_BEGINS = frozenset(_BEGINS_WORDS.split())
_COUNTS_WORDS = (
    "aantal count nombre number_of_places aantal_bureaus aantal_cb aantal_cbs aantal_consultatiebureaus "
    "aantal_plaatsen aantal_locaties aantal_huizen aantal_huizen_van_het_kind aantal_voorzieningen n_bureaus "
    "nombre_de_bureaux nombre_de_lieux "
)
_COUNTS = frozenset(_COUNTS_WORDS.split())
_YEARS = frozenset(["jaar", "jaartal", "year", "annee", "werkjaar", "werkingsjaar"])
_PRECISIONS_WORDS = (
    "match_type matchtype match_level geocode_precision geocode_type geocoding_precision geocoding_type "
    "location_type geocode_quality kwaliteit nauwkeurigheid nauwkeurigheid_punt precision precisie type_match "
    "result_type addr_type addresstype locatietype "
)
_PRECISIONS = frozenset(_PRECISIONS_WORDS.split())
_ROUGH_WORDS = (
    "municipality gemeente commune city locality postcode postal_code postalcode approximate geometric_center "
    "centroid gemeentecentrum middelpunt street straat straatas wegsegment region regio county deelgemeente town "
    "village administrative "
)
_ROUGH = frozenset(_ROUGH_WORDS.split())
"""What geocoders call a match that is no address."""

_SHOWN = 6


def tell_of_rows(raw: RawTable, headers: Mapping[str, str], constants: Mapping[str, str], findings: Findings) -> None:
    """Name what rows say of themselves that the figures do not take into account.

    Parameters
    ----------
    raw : the list as text
    headers : header by field, of the columns that were used
    constants : value by field that the user gives for all rows
    findings : where it is told
    """
    used = {header for field, header in headers.items() if field != "name"}
    left = [header for header in map(str, raw.cells.columns) if header not in used]
    ends = {header: is_end(header) for header in left}
    begins = {header: header_word(header) in _BEGINS for header in left}
    now = datetime.now(tz=UTC).year
    lines = records(raw.cells[left]) if left else ({} for _ in raw.rows)
    for row, line in zip(raw.rows, lines, strict=True):
        column, word = closed_by(line, ends)
        if column:
            findings.add(row, column, word, ACCEPTED, "counted_as_open")
            continue
        column, word = later_by(line, begins, now)
        if column:
            findings.add(row, column, word, ACCEPTED, "counted_as_open_now")
    _tell_counts(raw, left, findings)
    _tell_rough(raw, left, findings)
    _tell_years(raw, findings)
    if "service" in constants and "name" in headers:
        _tell_names(raw, headers["name"], constants["service"], findings)


def later_by(line: Mapping[Hashable, str], begins: Mapping[str, bool], now: int) -> tuple[str, str]:
    """Column and words by which a row says that its place opens later; ('', '') for none.

    Parameters
    ----------
    line : cells of the row by column
    begins : the columns to look in, and whether each holds days on which places begin
    now : the year it is
    """
    for column, is_day in begins.items():
        word = str(line[column])
        if not word or len(word) > _LONGEST:
            continue
        found = _YEAR.search(word) if is_day else _FROM.search(word)
        if (found and int(found[1]) > now) or (not is_day and _LATER.search(word)):
            return column, word[:80]
    return "", ""


def count_column(headers: Sequence[str]) -> str:
    """Header of the number of places of a row, as in a table of counts; '' for none."""
    return next((header for header in headers if header_word(header) in _COUNTS), "")


def _tell_counts(raw: RawTable, left: list[str], findings: Findings) -> None:
    """Tell rows that stand for several places, as in a table of counts."""
    for header in left:
        if header_word(header) not in _COUNTS:
            continue
        several = [
            (row, value)
            for row, value in zip(raw.rows, map(str, raw.cells[header]), strict=True)
            if value.removesuffix(".0").isdecimal() and int(value.removesuffix(".0")) > 1
        ]
        if several:
            rows = findings.shown(*(row for row, _ in several))
            findings.add(0, header, several[0][1], ACCEPTED, "stands_for_several", n=len(several), rows=rows)


def _tell_rough(raw: RawTable, left: list[str], findings: Findings) -> None:
    """Tell points that a geocoder found for a street or municipality alone."""
    for header in left:
        if header_word(header) not in _PRECISIONS:
            continue
        rough = [
            (row, value)
            for row, value in zip(raw.rows, map(str, raw.cells[header]), strict=True)
            if plain_word(value).replace(" ", "_") in _ROUGH
        ]
        if rough:
            rows = findings.shown(*(row for row, _ in rough))
            findings.add(0, header, rough[0][1], ACCEPTED, "rough_match", n=len(rough), rows=rows)


def _tell_years(raw: RawTable, findings: Findings) -> None:
    """Tell that rows of several years were read as one list."""
    for header in map(str, raw.cells.columns):
        held = {str(value).removesuffix(".0") for value in raw.cells[header] if value}
        if header_word(header) in _YEARS and len(held) > 1 and all(_YEAR.fullmatch(value) for value in held):
            shown = ", ".join(sorted(held)[-_SHOWN:])
            findings.add(0, header, "", ACCEPTED, "several_years", years=shown)


def _tell_names(raw: RawTable, header: str, service: str, findings: Findings) -> None:
    """Tell rows whose name is that of another service than the one that the user gives for all of them."""
    if service not in services():
        return
    own = services()[service].written
    for other in services():
        phrases = services()[other].written if other != service else ()
        named = [
            (row, value)
            for row, value in zip(raw.rows, map(str, raw.cells[header]), strict=True)
            if any(f" {one} " in f" {plain_word(value)} " for one in phrases)
            and not any(f" {one} " in f" {plain_word(value)} " for one in own)
        ]
        if named:
            rows = findings.shown(*(row for row, _ in named))
            about = {
                "n": len(named),
                "rows": rows,
                "own": Word(f"service.{service}"),
                "other": Word(f"service.{other}"),
            }
            findings.add(0, header, named[0][1], ACCEPTED, "name_of_other", **about)


def as_of_year(written: str) -> str:
    """Day or year of a row with its year first, which tells how old it is.

    Examples
    --------
    >>> [as_of_year(text) for text in ("2013", "31/12/2013", "toestand eind 2013", "?")]
    ['2013', '2013-12-31', '2013', '?']
    """
    day = _DAY.fullmatch(written.strip())
    if day:
        return f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    year = _YEAR.search(written)
    return year[1] if year and not written.startswith(year[1]) else written


_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)\d\d)")
