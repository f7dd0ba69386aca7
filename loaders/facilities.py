"""Facilities: which bureaus and houses a result rests on, and how we know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from loaders.columns import EVIDENCE, FACILITY_COLUMNS
from loaders.errors import InputError, MissingColumnError, SnapshotError
from loaders.snapshot import Snapshot
from loaders.told import ToldError

if TYPE_CHECKING:
    from loaders.facility_address import Locate
    from loaders.facility_report import FacilityReport

SERVICES = ("bureau", "house")
PRECISIONS = ("point", "municipality", "none")
STATUSES = ("exists", "planned", "antenna")
REGISTER = "register"
EMBEDDED_SETS = ("illustrative", "documented", REGISTER)
"""Sets that a snapshot can hold, the register once it was loaded; anything else is the path of a user's own list."""

_WORDS = {"service": SERVICES, "precision": PRECISIONS, "status": STATUSES, "evidence": EVIDENCE}


@dataclass(frozen=True)
class Facilities:
    """A set of bureaus and houses.

    Attributes
    ----------
    name : ``illustrative``, ``documented``, ``user`` or ``register``
    frame : exactly `FACILITY_COLUMNS`, one row per place; a partnership without a place has no coordinates
    scope : only for ``documented``: ``service, nis2018, as_of, source``, the pairs of service and
        municipality of 2018 for which the rows are complete; None when the set claims completeness everywhere
    sources : ids of sources of the snapshot, or citations
    evidence : how we know, one of ``EVIDENCE``
    """

    name: str
    frame: pd.DataFrame
    scope: pd.DataFrame | None
    sources: tuple[str, ...]
    evidence: str

    def of_service(self, service: str) -> Facilities:
        """Only the places and the scope of ``bureau`` or ``house``; `InputError` for another word."""
        if service not in SERVICES:
            raise ToldError("error.question.service", value=str(service), known=", ".join(SERVICES))
        frame = self.frame[self.frame["service"] == service].reset_index(drop=True)
        scope = self.scope
        if scope is not None:
            scope = scope[scope["service"] == service].reset_index(drop=True)
        return replace(self, frame=frame, scope=scope)

    def reachable(self) -> pd.DataFrame:
        """Rows a family can travel to: with coordinates, open, and for houses physical; index kept."""
        frame = self.frame
        walk_in = (frame["service"] != "house") | frame["physical"].fillna(False).astype(bool)
        return frame[frame["x"].notna() & (frame["status"] == "exists") & walk_in]


def facility_frame(rows: pd.DataFrame | Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Bring rows to exactly `FACILITY_COLUMNS` with settled types, ordered by id.

    Text is ``str`` with missing values as NaN (``flags`` as empty text), ``physical`` is nullable boolean,
    numbers are float64.

    Raises
    ------
    InputError
        when a word is not one of those known, an id repeats, or a required value is missing
    """
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    frame = frame.reindex(columns=list(FACILITY_COLUMNS))
    for name, column in FACILITY_COLUMNS.items():
        if column.kind == "boolean":
            frame[name] = frame[name].astype("boolean")
        elif column.kind == "number":
            frame[name] = frame[name].astype("float64")
        else:
            frame[name] = frame[name].where(frame[name].notna() & (frame[name] != ""), None).astype("str")
    frame["flags"] = frame["flags"].fillna("")
    _check(frame)
    return frame.sort_values("id", ignore_index=True)


def _check(frame: pd.DataFrame) -> None:
    for name, column in FACILITY_COLUMNS.items():
        if column.required and frame[name].isna().any():
            number = int(frame[name].isna().to_numpy().argmax()) + 1
            raise ToldError("error.list.facility_lacks", number=str(number), column=name)
    for name, words in _WORDS.items():
        bad = frame.loc[~frame[name].isin(words), name]
        if len(bad):
            raise ToldError("error.list.facility_word", column=name, value=str(bad.iloc[0]), known=", ".join(words))
    repeated = frame.loc[frame["id"].duplicated(), "id"]
    if len(repeated):
        raise ToldError("error.list.facility_twice", id=str(repeated.iloc[0]))


def held_sets(snapshot: Snapshot) -> tuple[str, ...]:
    """Sets that a snapshot holds, the one to take when none is asked for first: the register once it was loaded."""
    held = [name for name in EMBEDDED_SETS if f"facilities_{name}" in snapshot.resources]
    return tuple(sorted(held, key=lambda name: name != REGISTER))


def load_facilities(
    snapshot: Snapshot,
    which: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    locate: Locate | None = None,
) -> Facilities:
    """Facilities by name (``register``, ``illustrative``, ``documented``) or from a user's own file.

    Parameters
    ----------
    snapshot : holds the sets, and places a user's points in their municipality
    which : name of a set, or path of a file
    mapping, locate : for a user's file, see `loaders.facility_file.read_facility_file`

    Raises
    ------
    MissingFileError
        ``which`` is neither a known name nor an existing file
    DataError
        the file cannot be read, or one of its rows is refused
    InputError
        the register is asked for and was not loaded yet
    SnapshotError
        the snapshot lacks the table
    """
    if isinstance(which, str) and which in EMBEDDED_SETS:
        return _embedded(snapshot, which)
    from loaders.facility_file import read_facility_file

    return facilities_of(read_facility_file(Path(which), snapshot, mapping=mapping, locate=locate))


def facilities_of(report: FacilityReport) -> Facilities:
    """Set of places out of a user's list that was read; `DataError` when a row was refused.

    A list that holds even one illustrative place stays illustrative as a whole: evidence never improves on the way.
    """
    report.raise_if_refused()
    if (report.frame["evidence"] == "illustrative").any():
        return Facilities("user", report.frame, None, (report.file, "illustration"), "illustrative")
    return Facilities("user", report.frame, None, (report.file,), "user")


def _embedded(snapshot: Snapshot, name: str) -> Facilities:
    if name == REGISTER and name not in held_sets(snapshot):
        raise ToldError("error.question.register")
    table = snapshot.table(f"facilities_{name}")
    missing = [column for column in FACILITY_COLUMNS if column not in table.columns]
    if missing:
        raise MissingColumnError(
            f"Snapshot table 'facilities_{name}' lacks column '{missing[0]}'; "
            "rebuild the snapshot with 'nabij data build --from DIR'."
        )
    try:
        frame = facility_frame(table)
    except InputError as error:
        raise SnapshotError(f"Snapshot table 'facilities_{name}': {error}") from error
    if name == "illustrative":
        return Facilities(name, frame, None, ("illustration",), "illustrative")
    if name == REGISTER:
        return Facilities(name, frame, None, tuple(snapshot.resources[f"facilities_{name}"]["sources"]), REGISTER)
    return Facilities(name, frame, snapshot.table("documented_scope"), ("field_reports",), "documented")
