"""What became of every row of a list that a user brings along: places, or own zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from i18n.errors import DataError, Translatable
from i18n.messages import Message, Value
from i18n.texts import has_text
from loaders.reading_room.tables import SHEET_STEP

_SHARED = "list_file"
"""Section of the catalogue with what is said of any list."""

ACCEPTED, REPAIRED, REFUSED = "accepted", "repaired", "refused"
REPORT_COLUMNS = ("row", "column", "value", "outcome", "message")
_OTHER_ROW = ("first", "again")
"""Values of messages that are numbers of other rows."""

_SHOWN = 8
Line = tuple[int, str, str, str, Message | None]
"""What became of a row: ``row, column, value, outcome`` and what is said of it, if anything."""


def shown_row(row: int, sheets: Sequence[str]) -> int | str:
    """Number of a row as a person sees it, with its sheet where it is not of the first one."""
    sheet, number = divmod(row, SHEET_STEP)
    return f"{sheets[sheet]}!{number}" if sheet and sheet < len(sheets) else row


@dataclass(frozen=True, kw_only=True, eq=False)
class RowReport:
    """What became of the rows of a list.

    Attributes
    ----------
    file : name of the file
    lines : a line per finding, and one for every row without any
    n_rows : rows in the file
    refusal : what is wrong with the first row that was refused, in every language; None where none was
    sheets : names of the sheets that the rows come from
    """

    file: str
    lines: tuple[Line, ...]
    n_rows: int
    refusal: Message | None = None
    sheets: tuple[str, ...] = ()

    def shown_row(self, row: int) -> int | str:
        """Number of a row as a person sees it, with its sheet where rows of several were read: ``Limburg!3``."""
        return shown_row(row, self.sheets)

    def told(self, lang: str) -> pd.DataFrame:
        """``row, column, value, outcome, message`` of every line, with the messages in a language.

        ``row`` is the row a person sees in the file (the feature number for GeoJSON and GPKG), 0 for the whole file.
        """
        rows = [(self.shown_row(line[0]), *line[1:4], line[4].sentence(lang) if line[4] else "") for line in self.lines]
        return pd.DataFrame(rows, columns=list(REPORT_COLUMNS))

    @cached_property
    def report(self) -> pd.DataFrame:
        """The lines in English, for programs; see `told`."""
        return self.told("en")

    @property
    def n_accepted(self) -> int:
        """Rows taken up, repaired ones included."""
        return self.n_rows - self.n_refused

    @property
    def n_refused(self) -> int:
        """Rows left out."""
        return len(self._rows(REFUSED))

    @property
    def n_repaired(self) -> int:
        """Rows taken up after a repair."""
        return len(self._rows(REPAIRED) - self._rows(REFUSED))

    def _rows(self, outcome: str) -> set[int]:
        return {line[0] for line in self.lines if line[0] > 0 and line[3] == outcome}

    def raise_if_refused(self) -> None:
        """Raise `DataError` naming the file, the first refused row, the remedy, and how many more there are."""
        refused = [line for line in self.lines if line[3] == REFUSED]
        if not refused:
            return
        row, message = refused[0][0], self.refusal or refused[0][4] or ""
        more = len({line[0] for line in refused}) - 1
        told: dict[str, Value] = {"file": self.file, "row": str(self.shown_row(row)), "message": message}
        if more > 1:
            raise DataError(Message("error.list.refused_more", **told, more=str(more)))
        raise DataError(Message("error.list.refused_one_more" if more else "error.list.refused", **told))


@dataclass(frozen=True, kw_only=True, eq=False)
class FacilityReport(RowReport):
    """Result of reading a user's list of places.

    Attributes
    ----------
    frame : the rows that were accepted, as they are or repaired (`FACILITY_COLUMNS`)
    compared : whether a column names the municipality of each point, so that a point elsewhere is seen
    """

    frame: pd.DataFrame
    compared: bool = True


@dataclass
class Findings:
    """Findings collected while a list is read.

    Attributes
    ----------
    texts : section of the catalogue that holds them
    lines : ``row, column, value, outcome``, and the message, which is told in a language where it is read
    sheets : names of the sheets that the rows come from
    """

    texts: str = "facility_file"
    lines: list[Line] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    _refusals: list[tuple[int, Message]] = field(default_factory=list)
    _refused: set[int] = field(default_factory=set)

    def add(self, row: int, column: str, value: str, outcome: str, key: str, **values: object) -> None:
        """Note something about ``column`` of ``row``; the message is text ``<texts>.<key>``."""
        message_values: dict[str, Value] = {"value": value, "column": column}
        shown = {name: self.shown(other) for name in _OTHER_ROW if isinstance(other := values.get(name), int)}
        message_values |= {name: _value(name, one) for name, one in (values | shown).items()}
        own = has_text(f"{self.texts}.{key}") or has_text(f"{self.texts}.{key}.other")
        section = self.texts if own else _SHARED
        message = Message(f"{section}.{key}", **message_values)
        self.lines.append((row, column, value, outcome, message))
        if outcome == REFUSED:
            self._refusals.append((row, message))
            self._refused.add(row)

    def shown(self, *rows: int) -> str:
        """Numbers of rows as a person sees them, the first of many."""
        words = [str(shown_row(row, self.sheets)) for row in rows]
        return ", ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")

    def refusal(self) -> Message | None:
        """What is wrong with the first row that was refused."""
        return min(self._refusals, key=lambda refusal: refusal[0])[1] if self._refusals else None

    def refused(self) -> set[int]:
        """Rows that were refused so far."""
        return self._refused

    def settled(self, rows: list[int]) -> tuple[Line, ...]:
        """Report over all ``rows``, in file order; a row without a finding gets one line that it is accepted."""
        silent = set(rows) - {line[0] for line in self.lines}
        told = {(*line[:4], line[4] and line[4].key): line for line in reversed(self.lines)}
        once = list(reversed(told.values()))  # a row that counts as two places tells what they share once
        lines: list[Line] = [*once, *((row, "", "", ACCEPTED, None) for row in silent)]
        return tuple(sorted(lines, key=lambda line: line[0]))


def _value(name: str, value: object) -> Value:
    """Value of a message: a count ``n`` chooses the form of its word, any other number stays as it is written."""
    if isinstance(value, Translatable) or (name == "n" and isinstance(value, int)):
        return value
    return str(value)
