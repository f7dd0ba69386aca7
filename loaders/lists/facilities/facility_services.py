"""Where a list says which service a place is: in a column, by its words, or in a column for each service."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from loaders.catalogue.plain_words import plain_word
from loaders.catalogue.services import service_words, services
from loaders.lists.facilities.facility_report import REPAIRED, Findings
from loaders.protocols.spellings import TRUTH_WORDS, Spellings, field_of

Cells = Mapping[Hashable, Any]

_LOOKED_AT = 400
_TICKS = frozenset("✓✔☑√●•■✗✘vV")
_UNTICKED = frozenset("✗✘☐○-–—")
_BY = re.compile(r"\b(?:van )?(?:k g|kind en gezin|kind gezin|opgroeien|vzw)\b")
_HELD = re.compile(r" v(?:an)? ?(?:h(?:et)?|de?t?) kind\b")
_BRACKETS = re.compile(r"\([^)]*\)")
_BETWEEN = re.compile(r"\s*(?:[/+&,;|]|\s-\s|\s(?:en|et|and)\s)\s*")


def service_of(written: str, words: Mapping[str, str]) -> str:
    """Service that a text names; what stands between brackets, hyphens and who runs it may be left out; '' for none.

    Examples
    --------
    >>> words = {"consultatiebureau": "bureau", "huis van het kind": "house"}
    >>> [service_of(text, words) for text in ("Consultatie-bureau (CB)", "Huis v/h Kind", "creche")]
    ['bureau', 'house', '']
    """
    bare = plain_word(_BRACKETS.sub(" ", written))
    short = " ".join(_HELD.sub(" van het kind", _BY.sub(" ", bare)).split())
    for word in (plain_word(written), bare, short, short.replace(" ", "")):
        if word in words:
            return words[word]
    return ""


def services_in(written: str, words: Mapping[str, str]) -> list[str]:
    """Services that a text names, of which it may join several: ``CB / Huis van het Kind``."""
    whole = service_of(written, words)
    if whole or len(written) > 200:
        return [whole] if whole else []
    named = [service_of(part, words) for part in _BETWEEN.split(written) if part.strip()]
    return list(dict.fromkeys(named)) if named and all(named) else []


def services_of_sheets(sheets: Sequence[str], words: Mapping[str, str]) -> tuple[str, ...]:
    """Service that each sheet of a workbook is named after; () where one is not."""
    found = tuple(service_of(sheet, words) for sheet in sheets)
    return found if found and all(found) else ()


def service_column(
    cells: pd.DataFrame, known: Spellings, mapping: Mapping[str, str], constants: Mapping[str, str], findings: Findings
) -> dict[str, str]:
    """Field by column, where the words in the cells and not the headers tell which column is the service; it is told.

    That is where no header says so, where several do, or where the one that does holds no service at all.
    """
    if "service" in mapping.values() or "service" in constants:
        return {}
    headers = [str(header) for header in cells.columns if str(header) not in mapping]
    claimed = [header for header in headers if field_of(header, known) == "service"]
    words = service_words()
    if len(claimed) == 1 and _share(cells[claimed[0]], words) > 0:
        return {}
    good = [header for header in claimed or headers if _share(cells[header], words) == 1]
    if not good and claimed:
        good = [header for header in headers if _share(cells[header], words) == 1]
    if len(good) != 1:
        return {}
    findings.add(0, good[0], "", REPAIRED, "service_by_words")
    return {**dict.fromkeys(claimed, ""), good[0]: "service"}


def _share(column: pd.Series, words: Mapping[str, str]) -> float:
    """Share of the filled cells that name a service."""
    values = {str(value) for value in column.head(_LOOKED_AT) if value}
    return sum(bool(services_in(value, words)) for value in values) / len(values) if values else 0.0


def marked_columns(cells: pd.DataFrame, columns: Mapping[str, str | None]) -> dict[str, str]:
    """Service by column, where there is a column with ticks for each service instead of one that names it."""
    words = service_words()
    marked = {}
    for header, field in columns.items():
        service = service_of(header, words) if field is None else ""
        if service and all(_mark(str(value)) is not None for value in cells[header].head(_LOOKED_AT)):
            marked[header] = service
    return marked


def _mark(value: str) -> bool | None:
    """Whether a cell is ticked; None for what is no tick."""
    if not value or value in _UNTICKED:
        return False
    return True if value in _TICKS else TRUTH_WORDS.get(plain_word(value))


def places_of_row(
    row: int,
    cell: Cells,
    line: Mapping[Hashable, str],
    marked: Mapping[str, str],
    words: Mapping[str, str],
    findings: Findings,
) -> Iterator[Cells]:
    """Cells of a row once for every service that it names or ticks, which then have ids of their own.

    Parameters
    ----------
    row, cell : number of the row and its cells by field
    line : its cells by column
    marked : service by column with ticks
    words : service by the words for it
    """
    if not marked and cell["service"].lower() in words:
        yield cell
        return
    if marked:
        named = list(dict.fromkeys(service for column, service in marked.items() if _mark(line[column])))
    else:
        named = services_in(str(cell["service"]), words)
    if len(named) < 2:
        yield {**cell, "service": named[0]} if marked and named else cell
        return
    shown = ", ".join(named)
    findings.add(row, "service", "" if marked else str(cell["service"]), REPAIRED, "several_services", names=shown)
    for service in (service for service in services() if service in named):
        yield {**cell, "service": service, "id": f"{cell['id']}-{service}" if cell["id"] else ""}
