"""The places a result rests on: a set of the snapshot by its name, or a list that a person brought along."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.catalogue.facilities import Facilities
from loaders.lists.raw_table import ListOptions
from loaders.snapshot.facility_sets import EMBEDDED_SETS, embedded_facilities
from loaders.snapshot.reader import Snapshot

if TYPE_CHECKING:
    from loaders.lists.facilities.facility_address import Locate
    from loaders.lists.facilities.facility_report import FacilityReport


def load_facilities(
    snapshot: Snapshot,
    which: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    locate: Locate | None = None,
    options: ListOptions | None = None,
) -> Facilities:
    """Facilities by name (``register``, ``illustrative``, ``documented``) or from a user's own file.

    Parameters
    ----------
    snapshot : holds the sets, and places a user's points in their municipality
    which : name of a set, or path of a file
    mapping, locate, options : for a user's file, see `loaders.lists.facilities.facility_file.read_facility_file`

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
    return choose_facilities(snapshot, which, mapping=mapping, locate=locate, options=options)[0]


def choose_facilities(
    snapshot: Snapshot,
    which: str | Path,
    *,
    mapping: Mapping[str, str] | None = None,
    locate: Locate | None = None,
    options: ListOptions | None = None,
) -> tuple[Facilities, FacilityReport | None]:
    """Facilities as `load_facilities` gives them, and what became of the rows where they are a user's own list."""
    if isinstance(which, str) and which in EMBEDDED_SETS:
        return embedded_facilities(snapshot, which), None
    from loaders.lists.facilities.facility_file import read_facility_file  # all that reads what people write

    report = read_facility_file(Path(which), snapshot, mapping=mapping, locate=locate, options=options)
    return facilities_of(report), report


def facilities_of(report: FacilityReport) -> Facilities:
    """Set of places out of a user's list that was read; `DataError` when a row was refused.

    A list that holds even one illustrative place stays illustrative as a whole: evidence never improves on the way.
    """
    report.raise_if_refused()
    if (report.frame["evidence"] == "illustrative").any():
        return Facilities("user", report.frame, None, (report.file, "illustration"), "illustrative")
    return Facilities("user", report.frame, None, (report.file,), "user")
