"""One row of a user's list of places: its words and numbers read, what is wrong with it told."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

from i18n.messages import NumberAsGiven
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import ServicesInWords, service_words, services
from loaders.catalogue.types import Floats
from loaders.lists.closed import says_closed
from loaders.lists.coordinates import AXES, Plain, ReadCoordinates, read_place
from loaders.lists.facilities.facility_address import AddressLookup
from loaders.lists.facilities.facility_report import ACCEPTED, REFUSED, REPAIRED, Findings
from loaders.lists.facilities.facility_services import service_of
from loaders.lists.facilities.row_caveats import as_of_year
from loaders.lists.municipality_names import Municipalities, is_walloon
from loaders.protocols.spellings import PHYSICAL_WORDS, STATUS_WORDS, grouped_sign, plain_word, read_number
from loaders.snapshot.locator import ServedCodes
from loaders.snapshot.reader import Snapshot

Row = dict[str, Any]
Cells = Mapping[Hashable, Any]

WEEKS_A_YEAR = 52
MAX_HOURS = 8_784
_PASSED_ON = ("id", "name", "house_id", "organiser", "source", "as_of")
_OWN = ("nis", "municipality", "postcode")
_POSTCODE = re.compile(r"\b([1-9]\d{3})\b(?=\s+[^\W\d])")
_AND = re.compile(r"\s+(?:en|et|and|&)\s+")


class RowReader:
    """Reads one row after the other, remembering the ids it has seen.

    Parameters
    ----------
    findings : where what is wrong goes
    snapshot, municipalities : codes and names of municipalities
    addresses : looks up rows without coordinates
    crs : number in EPSG of the coordinates, where the user says it
    decimal : decimal sign of the list, '' where it does not show
    headers : header by field, as written
    plain : places of the rows that have nothing to tell (`loaders.lists.coordinates.plain_places`)
    """

    def __init__(
        self,
        findings: Findings,
        snapshot: Snapshot,
        municipalities: Municipalities,
        addresses: AddressLookup,
        *,
        crs: str = "",
        decimal: str = "",
        headers: Mapping[str, str] | None = None,
        plain: Plain | None = None,
    ) -> None:
        self._findings, self._addresses = findings, addresses
        self._codes, self._municipalities = ServedCodes(snapshot.table("municipality_codes")), municipalities
        self._crs, self._decimal, self._headers = crs, decimal, headers or {}
        self._seen: dict[str, int] = {}
        self._once: set[str] = set()
        self._services, self._declared = service_words(), services()
        self._read: dict[str, str] = {}
        self._parts: dict[str, set[str]] = {}
        self._blank = {"flags": "", "evidence": "user", "precision": "none", **dict.fromkeys(region().code_columns, "")}
        self._plain: Plain = plain or {}
        self._of_metres = any(place.in_metres for place in self._plain.values())

    def read(self, row: int, cell: Cells) -> Row:
        """Values of a row; what is wrong with it goes to the findings."""
        values: Row = {"row": row, **{name: cell[name] for name in _PASSED_ON}, **self._blank}
        self._identity(row, cell)
        values["service"] = self._service(row, cell)
        values["declared"] = self._declared.get(values["service"])
        values["as_of"] = as_of_year(values["as_of"])
        values["status"] = self._word(row, cell, "status", STATUS_WORDS, "exists")
        values["physical"] = self._word(row, cell, "physical", PHYSICAL_WORDS, None)
        values["hours_per_year"] = self._hours(row, cell)
        values["serves"] = self._serves(row, cell)
        if cell["evidence"] and plain_word(cell["evidence"]) in ("illustrative", "illustratief"):
            values["evidence"], values["flags"] = "illustrative", "illustrative"
            self._findings.add(row, "evidence", cell["evidence"], ACCEPTED, "illustrative")
        values["own"] = self._own_municipalities(row, cell)
        self._point(row, cell, values)
        return values

    def _refuse(self, row: int, cell: Cells, column: str, key: str, **more: object) -> None:
        self._findings.add(row, column, str(cell[column]), REFUSED, key, **more)

    def _identity(self, row: int, cell: Cells) -> None:
        name = cell["id"]
        if not name:
            self._refuse(row, cell, "id", "no_id")
        elif name in self._seen:
            key = "id_digits_lost" if _POWER.fullmatch(name) else "duplicate_id"
            self._refuse(row, cell, "id", key, first=self._seen[name])
        else:
            self._seen[name] = row

    def _service(self, row: int, cell: Cells) -> Any:
        """Service of a row; what stands between brackets may be left out."""
        written = str(cell["service"])
        if written and says_closed(written):
            self._refuse(row, cell, "service", "closed")
            return ""
        if written not in self._read:
            self._read[written] = service_of(written, self._services)
        known = self._read[written]
        return known or self._word(row, cell, "service", self._services, "")

    def _word(self, row: int, cell: Cells, column: str, words: Mapping[str, Any], default: Any) -> Any:
        if not cell[column]:
            if column == "service":
                self._refuse(row, cell, column, "no_service", known=ServicesInWords())
            return default
        word = plain_word(cell[column])
        if word not in words:
            self._refuse(row, cell, column, f"unknown_{column}", known=ServicesInWords())
        return words.get(word, default)

    def _hours(self, row: int, cell: Cells) -> float | None:
        """Hours per year, also out of those per week; a sign before three digits separates thousands if it can."""
        for column, times in (("hours_per_year", 1), ("hours_per_week", WEEKS_A_YEAR)):
            written = str(cell[column])
            if not written:
                continue
            written = self._about(row, column, written)
            number, per = read_number(written), 0
            clock = _HOURS_CLOCK.fullmatch(written)
            if clock:
                number = int(clock[1]) + int(clock[2]) / 60
                shown = NumberAsGiven(number, "g")
                self._findings.add(row, column, written, REPAIRED, "hours_clock", hours=shown)
            if number is None:
                number, per = duration_of(written)
            if number is None:
                self._no_hours(row, cell, column)
                return None
            times = per or times
            sign = grouped_sign(written)
            if sign and times == 1 and (sign != self._decimal or abs(number) < _FEWEST):
                whole = float(re.sub(r"[^\d+-]", "", written))
                if self._decimal or abs(number) < _FEWEST:
                    number = whole
                    self._findings.add(
                        row, column, written, REPAIRED, "hours_grouped", number=NumberAsGiven(whole, ".0f")
                    )
                elif whole != number:
                    self._refuse(
                        row,
                        cell,
                        column,
                        "hours_unclear",
                        one=NumberAsGiven(whole, ".0f"),
                        other=NumberAsGiven(number, "g"),
                    )
                    return None
            if number < 0:
                self._refuse(row, cell, column, "negative_hours")
            elif number * times > MAX_HOURS:
                self._refuse(row, cell, column, "too_many_hours", most=MAX_HOURS // times)
            if times > 1:
                made = {"hours": NumberAsGiven(number * times, "g"), "weeks": times}
                key = "hours_from_week" if times == WEEKS_A_YEAR else "hours_from_month"
                first = _LEADING.match(written)
                self._findings.add(row, column, first[0] if per and first else written, REPAIRED, key, **made)
            return number * times
        return None

    def _about(self, row: int, column: str, written: str) -> str:
        """Number of a text that says that it is about right, or has the sign of a note; any other text as it is."""
        about = _ABOUT.fullmatch(written[:_LONGEST_HOURS]) if read_number(written) is None else None
        if about is None or read_number(about[1]) is None:
            return written
        self._findings.add(row, column, written, REPAIRED, "hours_about", hours=about[1])
        return about[1]

    def _no_hours(self, row: int, cell: Cells, column: str) -> None:
        """Say what stands instead of a number of hours; times of opening are no reason to refuse a row."""
        written = str(cell[column])
        if _CLOCK.search(written[:_LONGEST_TIMES]):
            self._findings.add(row, column, written, REPAIRED, "opening_times")
        else:
            self._refuse(row, cell, column, "hours_date" if _DATE.fullmatch(written) else "not_a_number")

    def _serves(self, row: int, cell: Cells) -> str:
        """Codes of the municipalities served, written as codes of any year, postcodes or names."""
        written = str(cell["serves"])
        if not written:
            return ""
        known, unknown, carried = self._codes.read(written)
        if unknown:
            return self._served_words(row, cell)
        if carried:
            self._findings.add(row, "serves", written, REPAIRED, "carried_nis", codes=";".join(known))
        return ";".join(known)

    def _served_words(self, row: int, cell: Cells) -> str:
        codes: set[str] = set()
        told: list[str] = []
        parts = [part.strip() for part in re.split(r"[;,|/\n]|\s[-–]\s", str(cell["serves"])) if part.strip()]
        words = [word for part in parts for word in self._words_of(part)]
        for word in words:
            read = self._municipalities.read(word)
            if read.named is None:
                if read.key in ("walloon", "postcode_several", "part_of"):
                    self._refuse(row, cell, "serves", f"serves_{read.key}", word=word, **read.values)
                else:
                    key = "unknown_nis" if any(map(str.isdigit, word)) else "serves_unknown_name"
                    self._refuse(row, cell, "serves", key, code=word)
                return ""
            known, _, _ = self._codes.read(" ".join(read.named.values()))
            codes |= set(known)
            if read.key:
                told.append(f"{word}: {read.values['place']}")
        shown = {"codes": ";".join(sorted(codes)), "told": "; ".join(told)}
        self._findings.add(
            row, "serves", str(cell["serves"]), REPAIRED, "serves_read" if told else "serves_named", **shown
        )
        return ";".join(sorted(codes))

    def _words_of(self, part: str) -> list[str]:
        """Names and codes of a part of what a row serves: as it is, else between *and*, else by code."""
        if self._municipalities.find(part):
            return [part]
        names = _AND.split(" ".join(part.split()))
        return [word for name in names for word in (name.split() if any(map(str.isdigit, name)) else [name])]

    def _own_municipalities(self, row: int, cell: Cells) -> list[tuple[str, str, set[str]]]:
        """Column, word and smallest codes of every municipality that a row names for itself."""
        candidates = []
        for column in _OWN:
            word = str(cell[column])
            if not word:
                continue
            if word not in self._parts:
                self._parts[word] = self._municipalities.parts_of(word)
            codes = self._parts[word]
            header = self._headers.get(column, column)
            if codes or (is_walloon(word) and column != "municipality"):
                candidates.append((header, word, codes))
            else:
                self._findings.add(row, header, word, ACCEPTED, "not_compared")
        if not candidates and cell["address"]:
            postcode = next(iter(reversed(_POSTCODE.findall(str(cell["address"])))), "")
            codes = self._municipalities.of_postcode(postcode)
            if codes:
                candidates.append(("address", postcode, codes))
        return candidates

    def _point(self, row: int, cell: Cells, values: Row) -> None:
        """Coordinates of the row, and what a row without them may be."""
        values["x"] = values["y"] = None
        texts = (cell["lat"], cell["lon"], cell["x"], cell["y"])
        place = self._plain.get(texts) if not cell["point"] else None
        if place is None:
            place = read_place({name: str(cell[name]) for name in (*AXES, "point")}, self._crs)
        values["in_metres"] = place.in_metres
        values["shown"], values["coarse"], values["few"] = place.shown, place.coarse, place.few_decimals
        if self._of_metres and any(key == "degrees_in_xy" for key, _ in place.notes):  # two systems in one list
            place = ReadCoordinates(None, "degrees_as_metres", place.column, place.shown)
        if place.fault:
            self._findings.add(row, place.column, place.shown, REFUSED, place.fault, **place.values)
        if row in self._findings.refused():
            return
        for key, more in place.notes:
            if key not in self._once:
                self._findings.add(0 if key in _ONCE else row, place.column, place.shown, REPAIRED, key, **more)
            self._once |= {key} & _ONCE
        point = place.point
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
        values["x"], values["y"] = round(float(point[0]), 2), round(float(point[1]), 2)
        if values["declared"] and values["declared"].walk_in and values["physical"] is None:
            values["physical"] = True
            self._findings.add(row, "physical", "", REPAIRED, "taken_as_physical")

    def _without_place(self, row: int, cell: Cells, values: Row) -> None:
        alone = bool(values["declared"] and values["declared"].partnerships and values["physical"] is not True)
        walloon = next((name for name in ("nis", "postcode") if is_walloon(str(cell[name]))), "")
        if alone and values["serves"]:
            values["physical"] = False
        elif cell["address"]:
            self._findings.add(row, "address", str(cell["address"]), REFUSED, "only_address")
        elif walloon:
            self._refuse(row, cell, walloon, "walloon")
        elif alone:
            self._findings.add(row, "serves", "", REFUSED, "partnership_without_serves")
        else:
            self._findings.add(row, "lat", "", REFUSED, "no_coordinates")


_ONCE = frozenset({"degrees_in_xy"})
"""What is told once for the whole list."""

_POWER = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_ABOUT = re.compile(r"(?:ca\.?|circa|±|\+/-|~|ongeveer|env\.?|environ|about)?\s*(\d[\d.,\s]*?)\s*(?:\*{1,3}|\(\d{1,2}\)|[¹²³])?", re.IGNORECASE)  # fmt: skip  # noqa: E501
"""A number that is about right, or with a sign of a note behind it."""

_FEWEST = 9.0
"""Hours per year below which a sign before three digits cannot be a decimal one."""

_DURATION = re.compile(
    r"(?P<number>[\d.,\s\u00a0]+?)\s*(?:u|uur|uren|h|hr|hrs|hour|hours|heure|heures)?\.?\s*"
    r"(?:(?:/|per|par|p\.?)?\s*(?P<per>week|wk|w|semaine|sem|maand|mnd|month|mois|jaar|jr|j|year|yr|y|an|annee|année))?\.?",
    re.IGNORECASE,
)
_LONGEST_HOURS, _LONGEST_TIMES = 40, 200
_LEADING = re.compile(r"[\d.,]+")
_TIMES = {"w": WEEKS_A_YEAR, "s": WEEKS_A_YEAR, "m": 12}
_CLOCK = re.compile(
    r"\d{1,2}\s*(?:[uh:.]\s*\d{0,2})?\s*(?:u|h|uur)?\s*(?:-|–|—|tot|à|to)\s*\d{1,2}\s*(?:[uh:]|uur)", re.IGNORECASE
)
_HOURS_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::00)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?: 00:00:00)?")


def duration_of(written: str) -> tuple[float | None, int]:
    """Number of a text such as ``3,5 u/week``, and how often it counts in a year: 0 where the text does not say.

    Examples
    --------
    >>> duration_of("3,5 u/week"), duration_of("182 u/jaar"), duration_of("420 uur"), duration_of("9u-12u")
    ((3.5, 52), (182.0, 1), (420.0, 0), (None, 0))
    """
    bare = " ".join(written.split())
    match = _DURATION.fullmatch(bare) if len(bare) <= _LONGEST_HOURS else None
    if match is None:
        return None, 0
    per = (match["per"] or "").lower()
    return read_number(match["number"]), _TIMES.get(per[:1], 1) if per else 0
