"""Figures that surveys of the partnerships published, beside what the list in use holds, where that can be counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.partnerships.housing import Housing, housing
from coverage.zones.reasons import areas_served, covers_all, in_scope, partnership_rows
from coverage.zones.territory import Territory
from loaders.catalogue.columns import SURVEY_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import service_with_area_rule
from loaders.catalogue.types import Bools

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

RESOURCE = "survey_facts"
"""Table of the snapshot with the published figures."""

NOT_IN_LIST, PART_OF_AREA, AREA_UNKNOWN, WALK_IN_UNKNOWN = (
    "not_in_list",
    "list_for_area",
    "area_unknown",
    "physical_unknown",
)
"""Why there is no figure of ours: no list of places says it, the list is complete for some areas only, of some
partnerships the list does not say whom they serve, or whether families can walk in."""

COUNTED, MADE_UP = "counted", "illustrative"
"""There is a figure of ours; a made-up list is made to agree with the survey of one year, which is no finding."""


@dataclass(frozen=True, eq=False)
class _Known:
    """What a list says of the partnerships it holds."""

    look: Territory
    serves: Bools
    housed: Housing
    walk_in_unknown: bool

    def codes(self, vintage: int) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """(n_smallest,) municipality of a vintage that every smallest one lies in."""
        return self.look.codes[region().code_column(vintage)].to_numpy(object)

    def served(self, vintage: int) -> list[int]:
        """Municipalities of a vintage that each partnership serves."""
        codes = self.codes(vintage)
        return [len(set(codes[row])) for row in self.serves]


_Figure = tuple[float, float]
"""A number and what it is out of."""


def _all(known: _Known, _: int) -> _Figure:
    return len(known.serves), np.nan


def _municipalities(known: _Known, vintage: int) -> _Figure:
    codes = known.codes(vintage)
    return len(set(codes[known.serves.any(axis=0)])), len(set(codes))


def _municipalities_outside(known: _Known, vintage: int) -> _Figure:
    """Municipalities with a partnership, those of exceptions of the region (a capital) left out."""
    codes = known.codes(vintage)
    outside = ~region().in_exception(pd.Series(codes))
    return len(set(codes[known.serves.any(axis=0) & outside])), len(set(codes[outside]))


def _across(known: _Known, vintage: int) -> _Figure:
    return sum(count > 1 for count in known.served(vintage)), len(known.serves)


def _physical(known: _Known, _: int) -> _Figure:
    return int((known.housed.places > 0).sum()), len(known.serves)


def _without(known: _Known, _: int) -> _Figure:
    return int((known.housed.others == 0).sum()), len(known.serves)


COUNTABLE: Mapping[str, Callable[[_Known, int], _Figure]] = {
    "houses": _all,
    "houses_partnerships": _all,
    "municipalities_served": _municipalities,
    "municipalities_with_a_house": _municipalities_outside,
    "houses_across_municipal_borders": _across,
    "houses_with_one_or_more_physical_places": _physical,
    "houses_without_a_bureau_on_their_territory": _without,
}
"""What a list of places can count, by the subject of the published figure."""

_NEEDS_WALK_IN = ("houses_with_one_or_more_physical_places",)
_NEEDS_NO_AREA = ("houses", "houses_partnerships", *_NEEDS_WALK_IN)


def survey_comparison(snapshot: Snapshot, everything: Facilities, territory: Territory | None = None) -> pd.DataFrame:
    """Put every published figure beside ours.

    A figure of ours is given only where the list in use can count it for the whole area of the survey; else it is empty
    and ``comparison`` says why. Borders are those that the figure names, else those in force in its year, else the
    oldest held.

    Parameters
    ----------
    snapshot : the published figures and the municipalities
    everything : places of all services
    territory : look-ups to reuse

    Returns
    -------
    pandas.DataFrame
        `loaders.catalogue.columns.SURVEY_COLUMNS`, a row per published figure; no rows where none are held
    """
    if RESOURCE not in snapshot.resources:
        return pd.DataFrame(columns=list(SURVEY_COLUMNS))
    look, service = territory or Territory(snapshot), service_with_area_rule()
    whole = all(in_scope(look, everything, one).all() for one in (service.id, service.area_covers))
    known = _known(look, everything)
    rows = []
    for fact in snapshot.table(RESOURCE).to_dict("records"):
        vintage = _vintage(fact)
        why, number, out_of = _ours(str(fact["subject"]), known, whole, vintage)
        told = why == COUNTED
        if told and everything.evidence == "illustrative":
            why = MADE_UP
        rows.append(
            {
                "subject": fact["subject"],
                "published": fact["counted"],
                "published_share": fact["share"],
                "published_of": fact["of"],
                "published_words": fact["value"],
                "approximate": bool(fact["about"]),
                "year": int(fact["year"]),
                "ours": number,
                "ours_share": number / out_of if out_of > 0 else np.nan,
                "comparison": why,
                "scope": fact["scope"],
                "source_title": fact["source_title"],
                "level": region().base,
                "vintage": vintage,
                "evidence": everything.evidence if told else "documented",
                "flags": "illustrative" if told and everything.evidence == "illustrative" else "",
            }
        )
    return pd.DataFrame(rows, columns=list(SURVEY_COLUMNS)).astype({"published_of": "Int64"})


def _known(look: Territory, everything: Facilities) -> _Known:
    service = service_with_area_rule()
    rows, number, ids = partnership_rows(everything.frame, service.id)
    serves = areas_served(look, rows, number, len(ids))
    complete = covers_all(serves, in_scope(look, everything, service.area_covers))
    housed = housing(look, everything.frame, rows, number, serves, service.area_covers, complete)
    some = np.zeros(len(ids), dtype=bool)
    np.logical_or.at(some, number, (rows["physical"].isna() & (rows["precision"] != "none")).to_numpy(bool))
    unsure = bool((some & (housed.places == 0)).any())
    return _Known(look, serves, housed, unsure)


def _vintage(fact: Mapping[object, object]) -> int:
    """Borders that a figure is of."""
    vintages = region().vintages.held
    named = fact["vintage"]
    if not pd.isna(named):  # type: ignore[call-overload]  # a scalar
        return int(str(named))
    return max((one for one in vintages if one <= int(str(fact["year"]))), default=min(vintages))


def _ours(subject: str, known: _Known, whole: bool, vintage: int) -> tuple[str, float, float]:
    """Why, the number and what it is out of."""
    if subject not in COUNTABLE:
        return NOT_IN_LIST, np.nan, np.nan
    if not whole:
        return PART_OF_AREA, np.nan, np.nan
    if subject not in _NEEDS_NO_AREA and not known.serves.any(axis=1).all():
        return AREA_UNKNOWN, np.nan, np.nan
    if subject in _NEEDS_WALK_IN and known.walk_in_unknown:
        return WALK_IN_UNKNOWN, np.nan, np.nan
    number, out_of = COUNTABLE[subject](known, vintage)
    return COUNTED, float(number), float(out_of)
