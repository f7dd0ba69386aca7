"""Facilities: which bureaus and houses a result rests on, and how we know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from i18n.messages import MessageError
from loaders.catalogue.columns import EVIDENCE, FACILITY_COLUMNS

SERVICES = ("bureau", "house")
PRECISIONS = ("point", "municipality", "none")
STATUSES = ("exists", "planned", "antenna")
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
            raise MessageError("error.question.service", value=str(service), known=", ".join(SERVICES))
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
            raise MessageError("error.list.facility_lacks", number=str(number), column=name)
    for name, words in _WORDS.items():
        bad = frame.loc[~frame[name].isin(words), name]
        if len(bad):
            raise MessageError("error.list.facility_word", column=name, value=str(bad.iloc[0]), known=", ".join(words))
    repeated = frame.loc[frame["id"].duplicated(), "id"]
    if len(repeated):
        raise MessageError("error.list.facility_twice", id=str(repeated.iloc[0]))
