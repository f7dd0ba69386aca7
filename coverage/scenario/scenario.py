"""A scenario: the places of today, a question, and edits. It never changes; every edit gives another one.

What it does to the figures: docs/method/scenarios.md. Carried out again: `coverage.scenario.replay`; beside the
situation of today: `coverage.indicators.comparison`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from coverage.core.demand import available_years
from coverage.core.query import Query
from coverage.scenario.apply import Applied, apply_edits, check_editable, find_faults, next_id
from coverage.scenario.document import (
    QUESTION,
    VERSION,
    checked_question,
    checked_text,
    read_json,
    read_rows,
    rows_json,
    write_json,
)
from coverage.scenario.edits import Add, Bridge, Edit, SetReach, Year, edit_json, read_edit
from coverage.travel.models import USUAL_MODEL
from coverage.zones.complete import complete_for
from coverage.zones.territory import Territory
from i18n.messages import MessageError, Word
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.snapshot.facility_sets import EMBEDDED_SETS, embedded_facilities
from loaders.snapshot.reader import Snapshot

USER = "user"
"""Name of a set that is a list of the user's own; its rows go into the document."""

MAX_EDITS = 1000
_HEX = re.compile(r"[0-9a-f]{8,128}")


@dataclass(frozen=True)
class Scenario:
    """Edits on a set of places; immutable.

    Attributes
    ----------
    snapshot : hash of the snapshot it was made on
    facilities : name of the set: ``register``, ``illustrative`` or ``user``
    facilities_hash : `facilities_hash` of that set
    question : service, level, vintage, areas (text), mode, within_m, model, demand, year, min_share,
        births_per_hour
    edits : the changes, in order
    name, note : what people call it and say of it
    places : rows of the user's own list, so that the scenario stands alone; None for a set of the snapshot
    sources : citations that go with these rows
    complete_for : (level, zone_id) of the areas that these rows are complete for; empty for all

    Raises
    ------
    InputError
        when a value makes no sense, saying which
    """

    snapshot: str
    facilities: str
    facilities_hash: str
    question: Mapping[str, Any] = field(hash=False)
    edits: tuple[Edit, ...] = ()
    name: str = ""
    note: str = ""
    places: tuple[Mapping[str, Any], ...] | None = field(default=None, hash=False)
    sources: tuple[str, ...] = ()
    complete_for: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Check every value."""
        for what in ("snapshot", "facilities_hash"):
            value = getattr(self, what)
            if not (isinstance(value, str) and _HEX.fullmatch(value)):
                raise MessageError("error.scenario.hash", what=what, value=repr(str(value)[:40]))
        _check_set(self.facilities, self.places)
        object.__setattr__(self, "question", checked_question(self.question))
        for what in ("name", "note"):
            object.__setattr__(self, what, checked_text(getattr(self, what), what))
        if len(self.edits) > MAX_EDITS:
            raise MessageError("error.scenario.many_edits", n=str(len(self.edits)), most=str(MAX_EDITS))
        _ = self.query

    @cached_property
    def id(self) -> str:
        """First 20 hexadecimals of the SHA-256 of the document: another name or edit is another scenario."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:20]

    @cached_property
    def base_query(self) -> Query:
        """The question without edits."""
        given = dict(self.question)
        return Query(**{**given, "areas": Query.parse_areas(given["areas"])})

    @cached_property
    def query(self) -> Query:
        """The question with the edits of reach and year, and the bridges."""
        query = self.base_query
        for edit in self.edits:
            if isinstance(edit, SetReach):
                query = replace(query, mode=edit.mode, within_m=edit.within_m)
            elif isinstance(edit, Year):
                query = replace(query, demand=edit.demand, year=edit.year)
            elif isinstance(edit, Bridge):
                query = replace(query, bridges=(*query.bridges, edit.line))
        return query

    @property
    def stated_evidence(self) -> str:
        """How the places without edits are known, as the document itself says it."""
        if self.places is None:
            return self.facilities
        return "illustrative" if any(row.get("evidence") == "illustrative" for row in self.places) else USER

    def base_facilities(self, snapshot: Snapshot) -> Facilities:
        """Return the set without edits: the rows of the document, or the set of the snapshot."""
        if self.places is None:
            return embedded_facilities(snapshot, self.facilities)
        frame = facility_frame(self.places)
        evidence = "illustrative" if (frame["evidence"] == "illustrative").any() else USER
        facilities = Facilities(USER, frame, None, self.sources, evidence)
        return complete_for(facilities, Territory(snapshot), self.complete_for) if self.complete_for else facilities

    def applied_to(self, facilities: Facilities, snapshot: Snapshot) -> Applied:
        """Edits carried out on a set, which need not be the one the scenario was made on; see `apply`."""
        applied = apply_edits(self.edits, facilities, snapshot)
        if not self.edits:
            return applied
        sources = (*applied.facilities.sources, f"nabij scenario {self.id}")
        return replace(applied, facilities=replace(applied.facilities, sources=sources))

    def apply(self, facilities: Facilities, snapshot: Snapshot) -> Facilities:
        """Return the set with all edits.

        On other data than it was made on, edits of places that are no longer there are passed over
        (`applied_to` says which).

        Raises
        ------
        InputError
            when an edit cannot be carried out on the very set the scenario was made on
        """
        applied = self.applied_to(facilities, snapshot)
        if applied.faults and facilities_hash(facilities) == self.facilities_hash:
            raise next(iter(applied.faults.values()))
        return applied.facilities

    def capacities(self, facilities: Facilities, snapshot: Snapshot) -> dict[str, float]:
        """Births that open places can take, by id, where an edit says so."""
        return self.applied_to(facilities, snapshot).capacities

    def with_edit(self, edit: Edit, facilities: Facilities, snapshot: Snapshot) -> Scenario:
        """Return the scenario with one edit more; a new place without an id is numbered.

        Parameters
        ----------
        edit : the change
        facilities : the set without edits
        snapshot : the figures behind it

        Raises
        ------
        InputError
            when the edit cannot be carried out: unknown place, closed twice, outside the borders, year not held
        """
        return self.with_edits([edit], facilities, snapshot)

    def with_edits(self, edits: Sequence[Edit], facilities: Facilities, snapshot: Snapshot) -> Scenario:
        """Return the scenario with several edits more, all or none: see `with_edit`."""
        more = list(self.edits)
        for edit in edits:
            if isinstance(edit, Add) and not edit.id:
                edit = replace(edit, id=next_id(facilities, more))
            if isinstance(edit, Year):
                _check_year(snapshot, edit)
            if isinstance(edit, Bridge) and not (self.question["model"] == USUAL_MODEL and snapshot.has_streets):
                raise MessageError("scenario.error.bridge_model")
            more.append(edit)
        changed = replace(self, edits=tuple(more))
        for number, fault in find_faults(changed.edits, facilities, snapshot).items():
            if number > len(self.edits):
                raise fault
        return changed

    def without_last(self) -> Scenario:
        """Return the scenario without its last edit; itself when there is none."""
        return replace(self, edits=self.edits[:-1]) if self.edits else self

    def renamed(self, name: str, note: str = "") -> Scenario:
        """Return the scenario under another name."""
        return replace(self, name=name, note=note)

    def document(self) -> dict[str, Any]:
        """Return the scenario as JSON values."""
        return {
            "nabij_scenario": VERSION,
            "name": self.name,
            "note": self.note,
            "snapshot": self.snapshot,
            "facilities": self.facilities,
            "facilities_hash": self.facilities_hash,
            "places": None if self.places is None else [dict(row) for row in self.places],
            "sources": list(self.sources),
            "question": dict(self.question),
            "edits": [edit_json(edit) for edit in self.edits],
            **({"complete_for": _joined(self.complete_for)} if self.complete_for else {}),
        }

    def to_json(self) -> str:
        """Return the document: keys sorted, numbers in their shortest exact form; the same scenario, the same bytes."""
        return write_json(self.document())

    @classmethod
    def from_json(cls, text: str | bytes) -> Scenario:
        """Read a document; a ``result`` in it is left to `coverage.scenario.replay.stated_result`.

        Raises
        ------
        InputError
            when it is not JSON, not a scenario, of an unknown version, or holds something that makes no sense
        """
        return read_document(read_json(text))


def start(snapshot: Snapshot, facilities: Facilities, query: Query, name: str = "", note: str = "") -> Scenario:
    """Begin a scenario without edits.

    Parameters
    ----------
    snapshot : the figures to work from
    facilities : the set as it is today; a list of the user's own goes into the scenario
    query : the question; its draws are left out, for a scenario holds what can be told exactly

    Raises
    ------
    InputError
        when the set has no coordinates, or the question rests on a file or on zones of a session
    """
    check_editable(facilities)
    own = facilities.name == USER
    if query.network is not None:
        raise MessageError("error.scenario.file_model", model=query.model)
    areas = _joined(query.areas)
    reach = query.reach_m if query.minutes or query.speed is not None else query.within_m
    return Scenario(
        snapshot=snapshot.hash,
        facilities=facilities.name,
        facilities_hash=facilities_hash(facilities),
        question={**{key: getattr(query, key) for key in QUESTION}, "areas": areas, "within_m": reach},
        name=name,
        note=note,
        places=rows_json(facilities.frame) if own else None,
        sources=facilities.sources if own else (),
        complete_for=facilities.complete_for if own else (),
    )


def _joined(areas: Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{level}:{zone}" for level, zone in areas)


def facilities_hash(facilities: Facilities) -> str:
    """Return a name of a set by its content: BLAKE2b (16 bytes) of its rows as CSV."""
    rows = facilities.frame.to_csv(index=False, lineterminator="\n")
    return hashlib.blake2b(rows.encode(), digest_size=16).hexdigest()


def read_document(values: Mapping[str, Any]) -> Scenario:
    """Scenario out of JSON values (`read_json`)."""
    wanted = ("snapshot", "facilities", "facilities_hash", "question", "edits")
    for name in wanted:
        if name not in values:
            raise MessageError("error.scenario.lacks", name=name)
    edits, sources = values["edits"], values.get("sources") or []
    if not isinstance(edits, list):
        raise MessageError("error.scenario.edits")
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise MessageError("error.scenario.sources")
    return Scenario(
        snapshot=values["snapshot"],
        facilities=values["facilities"],
        facilities_hash=values["facilities_hash"],
        question=values["question"],
        edits=tuple(read_edit(edit, number) for number, edit in enumerate(edits[: MAX_EDITS + 1], 1)),
        name=values.get("name", ""),
        note=values.get("note", ""),
        places=read_rows(values.get("places")),
        sources=tuple(sources),
        complete_for=_areas(values.get("complete_for", "")),
    )


def _areas(given: object) -> tuple[tuple[str, str], ...]:
    """Areas of a document that its rows are complete for."""
    return Query.parse_areas(checked_text(given, "complete_for"))


def _check_set(name: object, places: object) -> None:
    known = (*(name for name in EMBEDDED_SETS if name != "documented"), USER)
    if name == "documented":
        raise MessageError("error.scenario.documented")
    if name not in known:
        raise MessageError("error.scenario.facilities", value=repr(str(name)[:40]), known=", ".join(known))
    if (name == USER) != (places is not None):
        raise MessageError("error.scenario.user_places")


def _check_year(snapshot: Snapshot, edit: Year) -> None:
    years = available_years(snapshot, edit.demand)
    if edit.year is not None and edit.year not in years:
        shown = str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
        demand = Word(f"demand.{edit.demand}")
        raise MessageError("scenario.error.year", demand=demand, year=str(edit.year), held=shown)
