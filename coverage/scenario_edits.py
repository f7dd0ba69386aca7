"""What can be changed in a scenario: the kinds of edit, their checks and their JSON form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, TypeAlias

from coverage.query import DEFAULT_WITHIN_M, DEMAND_KINDS, SERVICES
from loaders.errors import InputError

LONGEST_TEXT = 2000
"""Most characters of a name or note."""

_CENTIMETRES = 2


@dataclass(frozen=True)
class Add:
    """A new place.

    Attributes
    ----------
    id : ``new-1``, ``new-2`` ...; empty lets the scenario number it
    service : ``bureau`` or ``house``
    name : what people call it
    x, y : EPSG:31370 metres, kept to the centimetre
    hours_per_year : opening hours; None where not known
    capacity : births it can take; None for as many as come
    physical : whether families can walk in, for a house
    note : remark
    """

    kind: ClassVar[str] = "add"
    id: str
    service: str
    name: str
    x: float
    y: float
    hours_per_year: float | None = None
    capacity: float | None = None
    physical: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        """Check every value."""
        _texts(self, "id", "name", "note")
        _one_of(self, "service", SERVICES)
        _point(self)
        _hours(self)
        _amount(self, "capacity", "a number of births of 0 or more, or leave it out")
        if not isinstance(self.physical, bool):
            raise InputError(f"Edit 'add' of '{self.id}': physical is {self.physical!r}; give true or false.")


@dataclass(frozen=True)
class Move:
    """A place put elsewhere: ``x, y`` in EPSG:31370 metres, kept to the centimetre."""

    kind: ClassVar[str] = "move"
    id: str
    x: float
    y: float

    def __post_init__(self) -> None:
        """Check every value."""
        _place(self)
        _point(self)


@dataclass(frozen=True)
class Close:
    """A place closed. The partnership behind a house stays, without that place."""

    kind: ClassVar[str] = "close"
    id: str

    def __post_init__(self) -> None:
        """Check every value."""
        _place(self)


@dataclass(frozen=True)
class Open:
    """A place opened: one that was closed before, or one that the list has as planned."""

    kind: ClassVar[str] = "open"
    id: str

    def __post_init__(self) -> None:
        """Check every value."""
        _place(self)


@dataclass(frozen=True)
class Capacity:
    """How many births a place can take."""

    kind: ClassVar[str] = "capacity"
    id: str
    births: float

    def __post_init__(self) -> None:
        """Check every value."""
        _place(self)
        _amount(self, "births", "a number of births of 0 or more", needed=True)


@dataclass(frozen=True)
class Hours:
    """Opening hours of a place per year, above 0: a place without hours is a closed one."""

    kind: ClassVar[str] = "hours"
    id: str
    hours_per_year: float

    def __post_init__(self) -> None:
        """Check every value."""
        _place(self)
        _hours(self, needed=True)


@dataclass(frozen=True)
class Reach:
    """Another reach: the mode, and metres of travel or None for 15 minutes of the mode."""

    kind: ClassVar[str] = "reach"
    mode: str
    within_m: float | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        _one_of(self, "mode", DEFAULT_WITHIN_M)
        _amount(self, "within_m", "metres above 0, or leave it out for 15 minutes", above=True)


@dataclass(frozen=True)
class Year:
    """Another demand: its kind, and the year or None for the newest held."""

    kind: ClassVar[str] = "year"
    demand: str
    year: int | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        _one_of(self, "demand", DEMAND_KINDS)
        if self.year is not None and (isinstance(self.year, bool) or not isinstance(self.year, int)):
            raise InputError(f"Edit 'year': year is {self.year!r}; give a year in four digits, or leave it out.")


Edit: TypeAlias = Add | Move | Close | Open | Capacity | Hours | Reach | Year

EDITS: dict[str, type[Edit]] = {edit.kind: edit for edit in (Add, Move, Close, Open, Capacity, Hours, Reach, Year)}
"""Kinds of edit by the word that stands in a document."""


def edit_json(edit: Edit) -> dict[str, Any]:
    """``{"edit": kind, ...}`` with every value of the edit."""
    return {"edit": edit.kind, **{field.name: getattr(edit, field.name) for field in fields(edit)}}


def read_edit(values: object, where: str = "The edit") -> Edit:
    """Edit out of its JSON form.

    Parameters
    ----------
    values : what stands in the document
    where : how to call it in messages

    Raises
    ------
    InputError
        when the kind is unknown, a value is missing, unknown, or out of range
    """
    if not isinstance(values, Mapping):
        raise InputError(f'{where} is {_shown(values)}; write it as {{"edit": "close", "id": ...}}.')
    kind = values.get("edit")
    made = EDITS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise InputError(f"{where} is of an unknown kind {_shown(kind)}; known are {', '.join(EDITS)}.")
    given = {str(name): value for name, value in values.items() if name != "edit"}
    known = {field.name: field for field in fields(made)}
    for name in given:
        if name not in known:
            raise InputError(f"{where} ('{kind}') has an unknown value '{name[:40]}'; known are {', '.join(known)}.")
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            raise InputError(f"{where} ('{kind}') lacks '{name}'; give it.")
    try:
        return made(**given)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error


def as_number(value: object) -> float:
    """Value as a double; NaN for anything that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _set(edit: object, name: str, value: object) -> None:
    object.__setattr__(edit, name, value)


def _texts(edit: Edit, *names: str) -> None:
    """Texts on one line, not too long."""
    for name in names:
        value = getattr(edit, name)
        if not isinstance(value, str):
            raise InputError(f"Edit '{edit.kind}': {name} is {_shown(value)}; give a text.")
        if len(value) > LONGEST_TEXT:
            raise InputError(f"Edit '{edit.kind}': {name} has {len(value)} characters; give at most {LONGEST_TEXT}.")
        _set(edit, name, " ".join(value.split()))


def _place(edit: Edit) -> None:
    _texts(edit, "id")
    if not getattr(edit, "id", ""):
        raise InputError(f"Edit '{edit.kind}' names no place; give its id.")


def _one_of(edit: Edit, name: str, known: Any) -> None:
    value = getattr(edit, name)
    if not isinstance(value, str) or value not in known:
        raise InputError(f"Edit '{edit.kind}': unknown {name} {_shown(value)}; choose one of {', '.join(known)}.")


def _point(edit: Add | Move) -> None:
    for name in ("x", "y"):
        value = as_number(getattr(edit, name))
        if not math.isfinite(value):
            raise InputError(
                f"Edit '{edit.kind}' of '{edit.id}': {name} is {_shown(getattr(edit, name))}; "
                "give metres of EPSG:31370, a finite number."
            )
        _set(edit, name, round(value, _CENTIMETRES))


def _hours(edit: Add | Hours, *, needed: bool = False) -> None:
    what = "hours above 0, or close the place" if needed else "hours above 0, or leave them out where not known"
    _amount(edit, "hours_per_year", what, needed=needed, above=True)


def _amount(edit: Edit, name: str, wanted: str, *, needed: bool = False, above: bool = False) -> None:
    """Check a number: finite, 0 or more, or above 0; None only where it is not needed."""
    given = getattr(edit, name)
    if given is None and not needed:
        return
    value = as_number(given)
    if not (math.isfinite(value) and (value > 0 if above else value >= 0)):
        place = f" of '{edit.id}'" if hasattr(edit, "id") else ""
        raise InputError(f"Edit '{edit.kind}'{place}: {name} is {_shown(given)}; give {wanted}.")
    _set(edit, name, value + 0.0)
