"""What became of every row of a user's list of facilities."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from loaders.errors import DataError
from loaders.texts import text

ACCEPTED, REPAIRED, REFUSED = "accepted", "repaired", "refused"
REPORT_COLUMNS = ("row", "column", "value", "outcome", "message")


@dataclass(frozen=True)
class FacilityReport:
    """Result of reading a user's list.

    Attributes
    ----------
    file : name of the file
    frame : the rows that were accepted, as they are or repaired (`FACILITY_COLUMNS`)
    report : ``row, column, value, outcome, message``: a line per finding, and one for every row without any;
        ``row`` is the row a person sees in the file (the feature number for GeoJSON and GPKG), 0 for the whole file
    n_rows : rows in the file
    """

    file: str
    frame: pd.DataFrame
    report: pd.DataFrame
    n_rows: int

    @property
    def n_accepted(self) -> int:
        """Rows taken up, repaired ones included."""
        return len(self.frame)

    @property
    def n_refused(self) -> int:
        """Rows left out."""
        return self.n_rows - self.n_accepted

    @property
    def n_repaired(self) -> int:
        """Rows taken up after a repair."""
        rows = self.report[self.report["row"] > 0]
        refused = set(rows.loc[rows["outcome"] == REFUSED, "row"])
        return len(set(rows.loc[rows["outcome"] == REPAIRED, "row"]) - refused)

    def raise_if_refused(self) -> None:
        """Raise `DataError` naming the file, the first refused row, the remedy, and how many more there are."""
        refused = self.report[self.report["outcome"] == REFUSED]
        if refused.empty:
            return
        first = refused.iloc[0]
        more = refused["row"].nunique() - 1
        tail = f" ({more} more row{'s are' if more > 1 else ' is'} refused)" if more else ""
        raise DataError(f"{self.file}, row {first['row']}: {first['message']}{tail}.")


@dataclass
class Findings:
    """Findings collected while a list is read.

    Attributes
    ----------
    lang : language of the messages
    lines : ``row, column, value, outcome, message``
    """

    lang: str
    lines: list[tuple[int, str, str, str, str]] = field(default_factory=list)

    def add(self, row: int, column: str, value: str, outcome: str, key: str, **values: object) -> None:
        """Note something about ``column`` of ``row``; the message is text ``facility_file.<key>``."""
        message = text(f"facility_file.{key}", self.lang, value=value, column=column, **values)
        self.lines.append((row, column, value, outcome, message))

    def refused(self) -> set[int]:
        """Rows that were refused so far."""
        return {line[0] for line in self.lines if line[3] == REFUSED}

    def table(self, rows: list[int]) -> pd.DataFrame:
        """Report over all ``rows``, in file order; a row without a finding gets one line that it is accepted."""
        silent = set(rows) - {line[0] for line in self.lines}
        lines = [*self.lines, *((row, "", "", ACCEPTED, "") for row in silent)]
        frame = pd.DataFrame(lines, columns=list(REPORT_COLUMNS))
        return frame.sort_values("row", kind="stable", ignore_index=True)
