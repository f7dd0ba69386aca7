"""Facilities: which places a result rests on, and how we know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from i18n.messages import MessageError, OptionName
from loaders.catalogue.columns import EVIDENCE, FACILITY_COLUMNS
from loaders.catalogue.services import get_service, needs_walk_in, services

PRECISIONS = ("point", "municipality", "none")
STATUSES = ("exists", "planned", "antenna")
_WORDS = {"precision": PRECISIONS, "status": STATUSES, "evidence": EVIDENCE}


@dataclass(frozen=True)
class Facilities:
    """A set of places, of one or more services.

    Attributes
    ----------
    name : ``illustrative``, ``documented``, ``user`` or ``register``
    frame : exactly `FACILITY_COLUMNS`, one row per place; a partnership without a place has no coordinates
    scope : for ``documented``, and a list complete for some areas: ``service, nis2018, as_of, source``, the pairs
        of service and municipality of 2018 for which the rows are complete; None when the set claims completeness
        everywhere
    sources : ids of sources of the snapshot, or citations
    evidence : how we know, one of ``EVIDENCE``
    speaks_of : services that a set of the snapshot says anything about; None for all
    complete_for : (level, zone_id) of the areas that a user's list is complete for, whose municipalities are in
        ``scope``; empty for all
    """

    name: str
    frame: pd.DataFrame
    scope: pd.DataFrame | None
    sources: tuple[str, ...]
    evidence: str
    speaks_of: tuple[str, ...] | None = None
    complete_for: tuple[tuple[str, str], ...] = ()

    def of_service(self, service: str) -> Facilities:
        """Only the places and the scope of a service; `InputError` for one that is not declared."""
        get_service(service)
        frame = self.frame[self.frame["service"] == service].reset_index(drop=True)
        scope = self.scope
        if scope is not None:
            scope = scope[scope["service"] == service].reset_index(drop=True)
        return replace(self, frame=frame, scope=scope)

    def reachable(self) -> pd.DataFrame:
        """Rows a family can travel to: with coordinates, open, and physical where that is needed; index kept."""
        frame = self.frame
        walk_in = ~frame["service"].isin(needs_walk_in()) | frame["physical"].fillna(False).astype(bool)
        return frame[frame["x"].notna() & (frame["status"] == "exists") & walk_in]

    def check_speaks_of(self, service: str) -> None:
        """Raise `InputError` for a service that the set says nothing about: no place in it does not mean no place."""
        if self.speaks_of is not None and service not in self.speaks_of:
            raise MessageError("services.error.not_in_set", places=self.name, service=OptionName("service", service))


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
            raise MessageError("error.list.facility_lacks", number=str(number), column=name)
    for name, words in {"service": tuple(services()), **_WORDS}.items():
        bad = frame.loc[~frame[name].isin(words), name]
        if len(bad):
            raise MessageError("error.list.facility_word", column=name, value=str(bad.iloc[0]), known=", ".join(words))
    repeated = frame.loc[frame["id"].duplicated(), "id"]
    if len(repeated):
        raise MessageError("error.list.facility_twice", id=str(repeated.iloc[0]))
