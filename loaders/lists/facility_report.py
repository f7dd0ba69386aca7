"""What became of every row of a list that a user brings along: places, or own zones."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from i18n.errors import DataError, Translatable
from i18n.messages import Message, Value

ACCEPTED, REPAIRED, REFUSED = "accepted", "repaired", "refused"
REPORT_COLUMNS = ("row", "column", "value", "outcome", "message")


@dataclass(frozen=True, kw_only=True, eq=False)
class RowReport:
    """What became of the rows of a list.

    Attributes
    ----------
    file : name of the file
    report : ``row, column, value, outcome, message``: a line per finding, and one for every row without any;
        ``row`` is the row a person sees in the file (the feature number for GeoJSON and GPKG), 0 for the whole file
    n_rows : rows in the file
    lang : language of the messages
    refusal : what is wrong with the first row that was refused, in every language; None where none was
    """

    file: str
    report: pd.DataFrame
    n_rows: int
    lang: str
    refusal: Message | None = None

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
        found = self.report[(self.report["row"] > 0) & (self.report["outcome"] == outcome)]
        return set(found["row"])

    def raise_if_refused(self) -> None:
        """Raise `DataError` naming the file, the first refused row, the remedy, and how many more there are."""
        refused = self.report[self.report["outcome"] == REFUSED]
        if refused.empty:
            return
        first = refused.iloc[0]
        more = refused["row"].nunique() - 1
        message = self.refusal or str(first["message"])
        told: dict[str, Value] = {"file": self.file, "row": str(first["row"]), "message": message}
        if more > 1:
            raise DataError(Message("error.list.refused_more", **told, more=str(more)))
        raise DataError(Message("error.list.refused_one_more" if more else "error.list.refused", **told))


@dataclass(frozen=True, kw_only=True, eq=False)
class FacilityReport(RowReport):
    """Result of reading a user's list of places.

    Attributes
    ----------
    frame : the rows that were accepted, as they are or repaired (`FACILITY_COLUMNS`)
    """

    frame: pd.DataFrame


@dataclass
class Findings:
    """Findings collected while a list is read.

    Attributes
    ----------
    lang : language of the messages
    texts : section of the catalogue that holds them
    lines : ``row, column, value, outcome, message``
    """

    lang: str
    texts: str = "facility_file"
    lines: list[tuple[int, str, str, str, str]] = field(default_factory=list)
    _refusals: list[tuple[int, Message]] = field(default_factory=list)
    _refused: set[int] = field(default_factory=set)

    def add(self, row: int, column: str, value: str, outcome: str, key: str, **values: object) -> None:
        """Note something about ``column`` of ``row``; the message is text ``<texts>.<key>``."""
        said = {name: found if isinstance(found, Translatable) else str(found) for name, found in values.items()}
        message = Message(f"{self.texts}.{key}", value=value, column=column, **said)
        self.lines.append((row, column, value, outcome, message.sentence(self.lang)))
        if outcome == REFUSED:
            self._refusals.append((row, message))
            self._refused.add(row)

    def refusal(self) -> Message | None:
        """What is wrong with the first row that was refused."""
        return min(self._refusals, key=lambda found: found[0])[1] if self._refusals else None

    def refused(self) -> set[int]:
        """Rows that were refused so far."""
        return self._refused

    def table(self, rows: list[int]) -> pd.DataFrame:
        """Report over all ``rows``, in file order; a row without a finding gets one line that it is accepted."""
        silent = set(rows) - {line[0] for line in self.lines}
        lines = [*self.lines, *((row, "", "", ACCEPTED, "") for row in silent)]
        frame = pd.DataFrame(lines, columns=list(REPORT_COLUMNS))
        return frame.sort_values("row", kind="stable", ignore_index=True)
