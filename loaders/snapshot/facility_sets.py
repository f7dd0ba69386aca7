"""The sets of places that a snapshot holds."""

from __future__ import annotations

from i18n.errors import InputError, MissingColumnError, SnapshotError
from i18n.messages import Message, MessageError
from loaders.catalogue.columns import FACILITY_COLUMNS
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.snapshot.reader import Snapshot

REGISTER = "register"
EMBEDDED_SETS = ("illustrative", "documented", REGISTER)
"""Sets that a snapshot can hold, the register once it was loaded; anything else is the path of a user's own list."""


def held_sets(snapshot: Snapshot) -> tuple[str, ...]:
    """Sets that a snapshot holds, the one to take when none is asked for first: the register once it was loaded."""
    names = [name for name in EMBEDDED_SETS if f"facilities_{name}" in snapshot.resources]
    return tuple(sorted(names, key=lambda name: name != REGISTER))


def embedded_facilities(snapshot: Snapshot, name: str) -> Facilities:
    """Facilities of one of the `EMBEDDED_SETS`.

    Raises
    ------
    InputError
        the register is asked for and was not loaded yet
    SnapshotError
        the snapshot lacks the table
    """
    if name == REGISTER and name not in held_sets(snapshot):
        raise MessageError("error.question.register")
    table = snapshot.table(f"facilities_{name}")
    missing = [column for column in FACILITY_COLUMNS if column not in table.columns]
    if missing:
        raise MissingColumnError(Message("error.snapshot.set_column", name=name, column=str(missing[0])))
    try:
        frame = facility_frame(table)
    except InputError as error:
        raise SnapshotError(Message("error.snapshot.set", name=name, error=error)) from error
    speaks_of = tuple(frame["service"].unique())
    if name == "illustrative":
        return Facilities(name, frame, None, ("illustration",), "illustrative", speaks_of)
    if name == REGISTER:
        sources = tuple(snapshot.resources[f"facilities_{name}"]["sources"])
        return Facilities(name, frame, None, sources, REGISTER, speaks_of)
    return Facilities(name, frame, snapshot.table("documented_scope"), ("field_reports",), "documented")
