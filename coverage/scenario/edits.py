"""What can be changed in a scenario: the kinds of edit, their checks and their JSON form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, TypeAlias

from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from coverage.travel.base import BridgeLine
from i18n.errors import InputError
from i18n.messages import Message, MessageError, Value, Word
from loaders.catalogue.services import services

LONGEST_TEXT = 2000
"""Most characters of a name or note."""

SHORTEST_BRIDGE_M, LONGEST_BRIDGE_M = 1, 5000
"""Metres between the ends of a bridge; what is longer is a slip of the hand, or a tunnel that needs another study."""

FARTHEST_M = 1e7
"""A coordinate beyond this, in metres of the coordinate system, is no place on earth; its square is still a number."""

_CENTIMETRES = 2


@dataclass(frozen=True)
class Add:
    """A new place.

    Attributes
    ----------
    id : ``new-1``, ``new-2`` ...; empty lets the scenario number it
    service : id of a declared service
    name : what people call it
    x, y : metres, kept to the centimetre
    hours_per_year : opening hours; None where not known
    capacity : births it can take; None for as many as come
    physical : whether families can walk in, where only such places count
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
        _one_of(self, "service", services())
        _point(self)
        _hours(self)
        _amount(self, "capacity", "births_or_none")
        if not isinstance(self.physical, bool):
            raise _fault(self, "physical", "physical", id=self.id, value=repr(self.physical))


@dataclass(frozen=True)
class Move:
    """A place put elsewhere: ``x, y`` in metres, kept to the centimetre."""

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
    """A place closed. A partnership behind it stays, without that place."""

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
        _amount(self, "births", "births", needed=True)


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
class SetReach:
    """Another reach: the mode, and metres of travel or None for 15 minutes of the mode."""

    kind: ClassVar[str] = "reach"
    mode: str
    within_m: float | None = None

    def __post_init__(self) -> None:
        """Check every value."""
        _one_of(self, "mode", DEFAULT_WITHIN_M)
        _amount(self, "within_m", "metres", above=True)


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
            raise _fault(self, "year", "year", value=repr(self.year))


@dataclass(frozen=True)
class Bridge:
    """A bridge where none is.

    Attributes
    ----------
    x, y, to_x, to_y : its ends, metres, kept to the centimetre; each joins the nearest street of every mode
    modes : who may use it, of ``walk``, ``bike`` and ``car``, with commas
    name : what people call it
    """

    kind: ClassVar[str] = "bridge"
    x: float
    y: float
    to_x: float
    to_y: float
    modes: str = "walk,bike"
    name: str = ""

    def __post_init__(self) -> None:
        """Check every value."""
        _texts(self, "name")
        for name in ("x", "y", "to_x", "to_y"):
            value = as_number(getattr(self, name))
            if not abs(value) <= FARTHEST_M:
                raise _fault(self, "point", name, id=self.name, value=_shown(getattr(self, name)))
            _set(self, name, round(value, _CENTIMETRES))
        chosen = self.modes.split(",") if isinstance(self.modes, str) else []
        if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(DEFAULT_WITHIN_M):
            raise _fault(self, "word", "modes", value=_shown(self.modes), known=", ".join(DEFAULT_WITHIN_M))
        _set(self, "modes", ",".join(mode for mode in DEFAULT_WITHIN_M if mode in chosen))
        if not SHORTEST_BRIDGE_M <= self.metres <= LONGEST_BRIDGE_M:
            told = {"metres": str(round(self.metres)), "least": str(SHORTEST_BRIDGE_M), "most": str(LONGEST_BRIDGE_M)}
            raise MessageError("error.edit.bridge_length", **told)

    @property
    def metres(self) -> float:
        """Metres between its ends."""
        return math.hypot(self.to_x - self.x, self.to_y - self.y)

    @property
    def line(self) -> BridgeLine:
        """The bridge as travel over the streets takes it."""
        return BridgeLine(self.x, self.y, self.to_x, self.to_y, tuple(self.modes.split(",")))


Edit: TypeAlias = Add | Move | Close | Open | Capacity | Hours | SetReach | Year | Bridge

EDITS: dict[str, type[Edit]] = {
    edit.kind: edit for edit in (Add, Move, Close, Open, Capacity, Hours, SetReach, Year, Bridge)
}
"""Kinds of edit by the word that stands in a document."""


def edit_json(edit: Edit) -> dict[str, Any]:
    """``{"edit": kind, ...}`` with every value of the edit."""
    return {"edit": edit.kind, **{field.name: getattr(edit, field.name) for field in fields(edit)}}


def read_edit(values: object, number: int | None = None) -> Edit:
    """Edit out of its JSON form.

    Parameters
    ----------
    values : what stands in the document
    number : of the edit in its list, for messages

    Raises
    ------
    InputError
        when the kind is unknown, a value is missing, unknown, or out of range
    """
    where = Message("error.edit.this") if number is None else Message("error.edit.number", n=str(number))
    if not isinstance(values, Mapping):
        raise MessageError("error.edit.form", where=where, value=_shown(values))
    kind = values.get("edit")
    made = EDITS.get(kind) if isinstance(kind, str) else None
    if made is None:
        raise MessageError("error.edit.unknown", where=where, value=_shown(kind), known=", ".join(EDITS))
    given = {str(name): value for name, value in values.items() if name != "edit"}
    known = {field.name: field for field in fields(made)}
    for name in given:
        if name not in known:
            there = ", ".join(known)
            raise MessageError("error.edit.unknown_value", where=where, kind=str(kind), name=name[:40], known=there)
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            raise MessageError("error.edit.lacks", where=where, kind=str(kind), name=name)
    try:
        return made(**given)
    except InputError as error:
        raise MessageError("error.edit.at", where=where, error=error) from error


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


def _fault(edit: Edit, key: str, name: str, **values: Value) -> MessageError:
    """Error about one value of an edit."""
    kind, field = Word(f"error.edit.kind.{edit.kind}"), Word(f"error.edit.field.{name}")
    return MessageError(f"error.edit.{key}", kind=kind, field=field, **values)


def _texts(edit: Edit, *names: str) -> None:
    """Texts on one line, not too long."""
    for name in names:
        value = getattr(edit, name)
        if not isinstance(value, str):
            raise _fault(edit, "text", name, value=_shown(value))
        if len(value) > LONGEST_TEXT:
            raise _fault(edit, "long", name, n=str(len(value)), most=str(LONGEST_TEXT))
        _set(edit, name, " ".join(value.split()))


def _place(edit: Edit) -> None:
    _texts(edit, "id")
    if not getattr(edit, "id", ""):
        raise _fault(edit, "no_place", "id")


def _one_of(edit: Edit, name: str, known: Any) -> None:
    value = getattr(edit, name)
    if not isinstance(value, str) or value not in known:
        raise _fault(edit, "word", name, value=_shown(value), known=", ".join(known))


def _point(edit: Add | Move) -> None:
    for name in ("x", "y"):
        value = as_number(getattr(edit, name))
        if not abs(value) <= FARTHEST_M:
            raise _fault(edit, "point", name, id=edit.id, value=_shown(getattr(edit, name)))
        _set(edit, name, round(value, _CENTIMETRES))


def _hours(edit: Add | Hours, *, needed: bool = False) -> None:
    _amount(edit, "hours_per_year", "hours" if needed else "hours_or_none", needed=needed, above=True)


def _amount(edit: Edit, name: str, wanted: str, *, needed: bool = False, above: bool = False) -> None:
    """Check a number: finite, 0 or more, or above 0; None only where it is not needed. ``wanted`` says which."""
    given = getattr(edit, name)
    if given is None and not needed:
        return
    value = as_number(given)
    if not (math.isfinite(value) and (value > 0 if above else value >= 0)):
        words: dict[str, Value] = {"value": _shown(given), "wanted": Word(f"error.edit.want.{wanted}")}
        if hasattr(edit, "id"):
            raise _fault(edit, "amount_of", name, id=edit.id, **words)
        raise _fault(edit, "amount", name, **words)
    _set(edit, name, value + 0.0)
