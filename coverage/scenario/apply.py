"""Edits carried out on a set of places: which stay, which move, which come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from coverage.core.reach import has_point, is_place
from coverage.scenario.edits import Add, Bridge, Capacity, Close, Edit, Hours, Move, Open
from i18n.errors import InputError
from i18n.messages import MessageError
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.catalogue.services import get_service, partnership_services
from loaders.snapshot.locator import SNAP_M, Locator, read_point
from loaders.snapshot.reader import Snapshot

SOURCE = "scenario"
"""``source`` of a place that a scenario adds."""

_NEWCOMER = "new-"
Point = tuple[float, float]
KeyAndValues = tuple[str, dict[str, float]]
"""Key and values of the text that says what is wrong with a point."""


@dataclass(frozen=True, eq=False)
class Applied:
    """What edits make of a set.

    Attributes
    ----------
    facilities : the set with all edits
    capacities : births that open places can take, by id, where an edit says so
    faults : number of an edit (from 1) -> why it could not be carried out
    """

    facilities: Facilities
    capacities: dict[str, float]
    faults: dict[int, InputError]


@dataclass(eq=False)
class PlacesState:
    """State of the places while edits are carried out, one after the other.

    Attributes
    ----------
    base : row of every place of the set by id
    standing : ids of the set that are a place with coordinates, whether open or planned
    planned : ids of the set that are planned
    """

    base: dict[str, int]
    standing: frozenset[str]
    planned: frozenset[str]
    outside: dict[Point, KeyAndValues]
    added: dict[str, Add] = field(default_factory=dict)
    moved: dict[str, Point] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    hours: dict[str, float] = field(default_factory=dict)
    capacities: dict[str, float] = field(default_factory=dict)

    def apply_edits(self, edit: Edit) -> None:
        """Change the state; `InputError` when the edit cannot be carried out, the state is then as it was."""
        match edit:
            case Add():
                self._add(edit)
            case Move():
                self._stands(edit)
                self._inside(edit)
                self.moved[edit.id] = (edit.x, edit.y)
            case Close():
                self._stands(edit)
                self.opened.discard(edit.id)
                self.closed.add(edit.id)
            case Open():
                self._open(edit)
            case Capacity():
                self._stands(edit)
                self.capacities[edit.id] = edit.births
            case Hours():
                self._stands(edit)
                self.hours[edit.id] = edit.hours_per_year
            case Bridge():
                for spot in ((edit.x, edit.y), (edit.to_x, edit.to_y)):
                    self._check_inside(spot, edit.name or edit.kind)

    def is_open(self, name: str) -> bool:
        """Whether families can go to a place now."""
        shut = name in self.closed or (name in self.planned and name not in self.opened)
        return (name in self.standing or name in self.added) and not shut

    def _add(self, edit: Add) -> None:
        if not edit.id:
            raise MessageError("scenario.error.no_id", name=edit.name)
        if edit.id in self.base or edit.id in self.added:
            raise MessageError("scenario.error.taken", id=edit.id)
        self._inside(edit)
        self.added[edit.id] = edit
        if edit.capacity is not None:
            self.capacities[edit.id] = edit.capacity

    def _open(self, edit: Open) -> None:
        self._known(edit.id)
        if self.is_open(edit.id):
            raise MessageError("scenario.error.open_already", id=edit.id)
        if edit.id not in self.standing and edit.id not in self.added:
            raise MessageError("scenario.error.no_place", id=edit.id)
        self.closed.discard(edit.id)
        self.opened.add(edit.id)

    def _known(self, name: str) -> None:
        if name not in self.base and name not in self.added:
            raise MessageError("scenario.error.unknown_place", id=name)

    def _stands(self, edit: Move | Close | Capacity | Hours) -> None:
        self._known(edit.id)
        if edit.id in self.closed:
            again = "closed_already" if edit.kind == Close.kind else "closed"
            raise MessageError(f"scenario.error.{again}", id=edit.id)
        if edit.id in self.base and edit.id not in self.standing:
            raise MessageError("scenario.error.no_place", id=edit.id)
        if edit.kind == Close.kind and not self.is_open(edit.id):
            raise MessageError("scenario.error.planned", id=edit.id)

    def _inside(self, edit: Add | Move) -> None:
        self._check_inside((edit.x, edit.y), edit.id or edit.kind)

    def _check_inside(self, spot: Point, name: str) -> None:
        fault = self.outside.get(spot)
        if fault:
            key, values = fault
            raise MessageError(key, id=name, **values)


def apply_edits(edits: Sequence[Edit], facilities: Facilities, snapshot: Snapshot) -> Applied:
    """Carry edits out in order; one that cannot be is skipped, and said so.

    Parameters
    ----------
    edits : changes to places; those of the question (reach, year) are passed over
    facilities : the set as it is today, places of all services
    snapshot : gives the municipality of places that are added or moved

    Returns
    -------
    Applied
        rows of the set in their order, then the added ones by id. A place that is closed is left out; where
        it belongs to a partnership, that stays without the place.

    Raises
    ------
    InputError
        when the set has no coordinates to work from (documented places)
    """
    places, located, faults = _worked(edits, facilities, snapshot)
    frame = _frame(facilities, places, located)
    capacities = {name: births for name, births in places.capacities.items() if places.is_open(name)}
    return Applied(replace(facilities, frame=frame), capacities, faults)


def find_faults(edits: Sequence[Edit], facilities: Facilities, snapshot: Snapshot) -> dict[int, InputError]:
    """Number of an edit (from 1) -> why it could not be carried out, as `apply_edits` would find."""
    return _worked(edits, facilities, snapshot)[2]


def _worked(
    edits: Sequence[Edit], facilities: Facilities, snapshot: Snapshot
) -> tuple[PlacesState, _Located, dict[int, InputError]]:
    """State of the places after edits, where their points lie, and what went wrong."""
    check_editable(facilities)
    spots = [(e.x, e.y) for e in edits if isinstance(e, Add | Move | Bridge)]
    located = _Located(snapshot, [*spots, *((e.to_x, e.to_y) for e in edits if isinstance(e, Bridge))])
    places = open_places(facilities, located.faults)
    faults: dict[int, InputError] = {}
    for number, edit in enumerate(edits, start=1):
        try:
            places.apply_edits(edit)
        except InputError as error:
            faults[number] = error
    return places, located, faults


def check_editable(facilities: Facilities) -> None:
    """Raise `InputError` for a set that has no coordinates: moving or adding a place would change nothing."""
    if facilities.scope is not None and not facilities.complete_for:
        raise MessageError("scenario.error.documented")


def open_places(facilities: Facilities, outside: dict[Point, KeyAndValues] | None = None) -> PlacesState:
    """State of the places before any edit; ``outside`` says what is wrong with a point."""
    frame = facilities.frame
    ids = frame["id"].astype(str).to_list()
    is_planned = (frame["status"] == "planned").to_numpy(bool)
    stands = has_point(frame) & is_place(frame.assign(status="exists"))
    return PlacesState(
        base={name: row for row, name in enumerate(ids)},
        standing=frozenset(name for name, here in zip(ids, stands, strict=True) if here),
        planned=frozenset(name for name, later in zip(ids, is_planned, strict=True) if later),
        outside=outside or {},
    )


def next_id(facilities: Facilities, edits: Sequence[Edit]) -> str:
    """First of ``new-1``, ``new-2`` ... that no place has."""
    taken = set(facilities.frame["id"].astype(str)) | {edit.id for edit in edits if isinstance(edit, Add)}
    number = 1
    while f"{_NEWCOMER}{number}" in taken:
        number += 1
    return f"{_NEWCOMER}{number}"


class _Located:
    """Municipality of the points of edits, and what is wrong with a point."""

    def __init__(self, snapshot: Snapshot, points: list[Point]) -> None:
        self.codes: dict[Point, dict[str, str]] = {}
        self.faults: dict[Point, KeyAndValues] = {}
        self.snapped: set[Point] = set()
        if not points:
            return
        located = Locator(snapshot).locate(np.array(points))
        for i, point in enumerate(points):
            self.codes[point] = {name: codes[i] for name, codes in located.codes.items()}
            metres = float(located.outside_m[i])
            if metres > SNAP_M:
                self.faults[point] = _outside(point, metres)
            elif metres > 0:
                self.snapped.add(point)

    def row(self, point: Point, flags: str) -> dict[str, str | float]:
        """Columns of a facility row that follow from where it stands."""
        kept = [flag for flag in flags.split(";") if flag and flag != "snapped_to_municipality"]
        more = ["snapped_to_municipality"] if point in self.snapped else []
        flagged = ";".join([*kept, *more])
        return {"x": point[0], "y": point[1], "precision": "point", **self.codes[point], "flags": flagged}


def _outside(point: Point, metres: float) -> KeyAndValues:
    _, fault = read_point(None, None, *point)
    if fault:
        return f"scenario.error.{fault}", {}
    return "scenario.error.outside", {"km": round(metres / 1000, 1)}


def _frame(facilities: Facilities, places: PlacesState, located: _Located) -> pd.DataFrame:
    """Facility rows as the state of the places says."""
    frame = facilities.frame.reset_index(drop=True).copy()
    for name, point in places.moved.items():
        if name not in places.base:
            continue
        row = places.base[name]
        values = located.row(point, str(frame["flags"].iloc[row]))
        frame.loc[row, list(values)] = list(values.values())
        if frame["evidence"].iloc[row] != "illustrative":  # evidence never improves on the way
            frame.loc[row, "evidence"] = "user"
    for name, hours in places.hours.items():
        if name in places.base:
            frame.loc[places.base[name], "hours_per_year"] = hours
    opened = [places.base[name] for name in places.opened if name in places.base]
    frame.loc[opened, "status"] = "exists"
    shut = [places.base[name] for name in places.closed if name in places.base]
    partnered = partnership_services()
    stays = [row for row in shut if frame["service"].iloc[row] in partnered]
    frame.loc[stays, ["x", "y"]] = np.nan
    frame.loc[stays, "precision"] = "none"
    frame.loc[stays, "physical"] = False
    frame = frame.drop(index=[row for row in shut if row not in set(stays)])
    rows = [_new_row(edit, places, located) for name, edit in places.added.items() if name not in places.closed]
    added = facility_frame(rows).astype(frame.dtypes.to_dict()) if rows else frame.iloc[:0]
    return pd.concat([frame, added], ignore_index=True)


def _new_row(edit: Add, places: PlacesState, located: _Located) -> dict[str, object]:
    service = get_service(edit.service)
    return {
        "id": edit.id,
        "service": edit.service,
        "name": edit.name,
        "house_id": edit.id if service.partnerships else None,
        "physical": edit.physical if service.walk_in else None,
        "status": "exists",
        "hours_per_year": places.hours.get(edit.id, edit.hours_per_year),
        "evidence": "user",
        "source": SOURCE,
        **located.row(places.moved.get(edit.id, (edit.x, edit.y)), ""),
    }
