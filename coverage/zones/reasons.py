"""Why a zone has a gap: reach, and the reasons that lie in the territory itself.

Every reason is three-valued: it holds, it does not, or the facts to tell are missing. A gap is true when any
reason holds, false when every reason could be judged and none holds, and unknown otherwise. A reason that rests on
facts few places have, such as hours, is silent where it cannot be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.reach import has_point, is_place
from coverage.zones.territory import Territory, any_of_column, any_of_row
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from loaders.catalogue.types import Bools


@dataclass(frozen=True, eq=False)
class Verdict:
    """One reason for every zone.

    Attributes
    ----------
    holds : (n_zones,) where it holds
    judged : (n_zones,) where it could be judged
    optional : where it could not be judged, the gap is left to the other reasons
    """

    holds: Bools
    judged: Bools
    optional: bool = False


@dataclass(frozen=True, eq=False)
class Presence:
    """Places of the service on the territory of every zone.

    Attributes
    ----------
    count : (n_zones,) places; only to be read where ``known``
    known : (n_zones,) whether the count is complete
    documented : (n_zones,) whether every smallest municipality in the zone is covered by the facility set
    without_place : (n_zones,) places are known by municipality only and may or may not lie in this zone
    in_smallest : (n_smallest,) places per smallest municipality, for rows that lie in exactly one
    """

    count: npt.NDArray[np.int64]
    known: Bools
    documented: Bools
    without_place: Bools
    in_smallest: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Reasons:
    """All reasons that apply to a service at a level, in the order of `loaders.catalogue.services.gap_reasons`."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def gap(self, n_zones: int) -> pd.Series:
        """(n_zones,) whether any reason holds; missing where none does and one that is not optional was not judged."""
        holds = np.zeros(n_zones, dtype=bool)
        judged = np.ones(n_zones, dtype=bool)
        for verdict in self.verdicts.values():
            holds |= verdict.holds
            judged &= verdict.judged | verdict.optional
        return pd.Series(pd.arrays.BooleanArray(holds, ~(holds | judged)))

    def words(self, n_zones: int) -> npt.NDArray[np.object_]:
        """(n_zones,) names of the reasons that hold, joined by ``;``."""
        return join_words({name: verdict.holds for name, verdict in self.verdicts.items()}, n_zones)


def join_words(marks: dict[str, Bools], size: int) -> npt.NDArray[np.object_]:
    """(size,) for every item the words marked true, joined by ``;``, in the order given."""
    joined = np.full(size, "", dtype=object)
    for word, mark in marks.items():
        rows = np.flatnonzero(mark)
        joined[rows] = [f"{have};{word}" if have else word for have in joined[rows]]
    return joined


def presence(
    territory: Territory,
    facilities: Facilities,
    service: str,
    located: npt.NDArray[np.intp],
    level: str,
    vintage: int,
) -> Presence:
    """Count the places of one service on the territory of every zone.

    Parameters
    ----------
    territory : look-ups on the snapshot
    facilities : rows of ``service`` only, with the scope of the set they come from
    located : (n_facilities,) zone of every row, -1 where unknown (`Territory.locate`)
    level, vintage : the partition
    """
    n_zones = len(territory.zone_ids(level, vintage))
    places = is_place(facilities.frame)
    count = np.bincount(located[places & (located >= 0)], minlength=n_zones)
    possible = territory.possible_smallest(facilities.frame[places])
    in_smallest = possible[possible.sum(axis=1) == 1].sum(axis=0).astype(np.int64)

    without_place = np.zeros(n_zones, dtype=bool)
    lost = any_of_column(possible[(located < 0)[places] & ~has_point(facilities.frame[places])])
    if lost.any():
        without_place = covers_any(territory.members(level, vintage), lost)
    documented = np.ones(n_zones, dtype=bool)
    if facilities.scope is not None:
        documented = covers_all(territory.members(level, vintage), in_scope(territory, facilities, service))
    return Presence(count, documented & ~without_place, documented, without_place, in_smallest)


def in_scope(territory: Territory, facilities: Facilities, service: str) -> Bools:
    """(n_smallest,) smallest municipalities for which the set is complete; all of them for a set without scope."""
    if facilities.scope is None:
        return np.ones(len(territory.smallest), dtype=bool)
    scope = facilities.scope[(facilities.scope["service"] == service).to_numpy(bool)]
    return np.asarray(territory.smallest.isin(scope[region().smallest_code]), dtype=bool)


def covers_all(members: Bools, covered: Bools) -> Bools:
    """(n_zones,) whether a zone has members and every one of them is covered."""
    return any_of_row(members) & ~covers_any(members, ~covered)


def beyond_reach(births: npt.NDArray[np.float64], in_reach: npt.NDArray[np.float64], min_share: float) -> Verdict:
    """Fewer than ``min_share`` of the births are in reach; not judged without births or without distances."""
    judged = (births > 0) & ~np.isnan(in_reach)
    share = np.divide(in_reach, births, out=np.ones_like(births), where=judged)
    return Verdict(judged & (share < min_share), judged)


@dataclass(frozen=True, eq=False)
class Served:
    """Whom the partnerships of a service serve.

    Attributes
    ----------
    known : (n_zones,) whether the set is complete for every member of the zone
    serves : (n_partnerships, n_smallest) smallest municipalities of each partnership
    physical : (n_partnerships,) whether it has a place that counts
    serving : (n_zones, n_partnerships) which of them serve a zone
    """

    known: Bools
    serves: Bools
    physical: Bools
    serving: Bools

    @property
    def served(self) -> Bools:
        """(n_zones,) zones that some partnership serves."""
        return any_of_row(self.serving)


@dataclass(frozen=True, eq=False)
class ReasonGround:
    """What the territorial reasons of a service are judged on.

    Attributes
    ----------
    territory : look-ups on the snapshot
    everything : the whole facility set; a reason may be about another service
    service : whose reasons they are
    level, vintage : the partition
    here : places of the service on the territory of every zone
    """

    territory: Territory
    everything: Facilities
    service: str
    level: str
    vintage: int
    here: Presence

    @cached_property
    def served(self) -> Served:
        """Whom the partnerships of the service serve.

        A partnership (``house_id``) serves the municipalities of its ``serves`` codes (every smallest
        municipality that these are made of included); where those are not given, the municipality its place lies in.
        """
        members = self.territory.members(self.level, self.vintage)
        known = covers_all(members, in_scope(self.territory, self.everything, self.service))
        serves, physical = partnerships(self.territory, self.everything.frame, self.service)
        serving = (members.astype(np.float32) @ serves.T.astype(np.float32)) > 0
        return Served(known, serves, physical, serving)

    @property
    def partly_served(self) -> Bools:
        """(n_zones,) whether partnerships serve only some of the smallest municipalities in a zone."""
        members, served = self.territory.members(self.level, self.vintage), self.served
        return served.known & served.served & covers_any(members, ~any_of_column(served.serves))


def none_on_territory(ground: ReasonGround, _of: str) -> Verdict:
    """No place of the service on the territory."""
    here = ground.here
    return Verdict(here.known & (here.count == 0), here.known)


def no_partnership(ground: ReasonGround, _of: str) -> Verdict:
    """No partnership of the service serves the zone."""
    at = ground.served
    return Verdict(at.known & ~at.served, at.known)


def none_physical(ground: ReasonGround, _of: str) -> Verdict:
    """Partnerships serve the zone, and none of them has a place that counts."""
    at = ground.served
    return Verdict(at.known & at.served & ~covers_any(at.serving, at.physical), at.known)


def lacks(ground: ReasonGround, of: str) -> Verdict:
    """Partnerships serve the zone, and none of them has a place of another service in its municipalities."""
    territory, everything, at = ground.territory, ground.everything, ground.served
    others = everything.frame[(everything.frame["service"] == of).to_numpy(bool)]
    with_other = covers_any(at.serves, any_of_column(territory.possible_smallest(others[is_place(others)])))
    complete = covers_all(at.serves, in_scope(territory, everything, of)) | with_other
    has_other = covers_any(at.serving, with_other)
    judged = at.known & (~at.served | has_other | ~covers_any(at.serving, ~complete))
    return Verdict(judged & at.served & ~has_other, judged)


def neither(ground: ReasonGround, of: str) -> Verdict:
    """No place of the service on the territory, and none of another service either."""
    everything = ground.everything
    others = replace(everything, frame=everything.frame[(everything.frame["service"] == of).to_numpy(bool)])
    located = ground.territory.locate(others.frame, ground.level, ground.vintage)
    there = presence(ground.territory, others, of, located, ground.level, ground.vintage)
    here = ground.here
    some = (here.known & (here.count > 0)) | (there.count > 0)
    return Verdict(here.known & there.known & (here.count == 0) & (there.count == 0), (here.known & there.known) | some)


RULES: Mapping[str, Callable[[ReasonGround, str], Verdict]] = {
    "none_on_territory": none_on_territory,
    "no_partnership": no_partnership,
    "none_physical": none_physical,
    "lacks": lacks,
    "neither": neither,
}
"""How each rule of `loaders.catalogue.service_file.RULES` is judged."""


def territorial_reasons(ground: ReasonGround) -> dict[str, Verdict]:
    """Judge the reasons that are declared for the service, in their order."""
    return {reason.name: RULES[reason.rule](ground, reason.of) for reason in get_service(ground.service).reasons}


def covers_any(members: Bools, marked: Bools) -> Bools:
    """(n,) whether any marked column is a member."""
    return any_of_row(members[:, marked])


def partnership_rows(frame: pd.DataFrame, service: str) -> tuple[pd.DataFrame, npt.NDArray[np.intp], pd.Index]:
    """Rows of a service, the number of the partnership each belongs to, and the ids by that number.

    Rows of planned places say nothing; a row without ``house_id`` is a partnership of its own.
    """
    rows = frame[((frame["service"] == service) & (frame["status"] != "planned")).to_numpy(bool)]
    number, ids = pd.factorize(rows["house_id"].fillna(rows["id"]))
    return rows, number, ids


def partnerships(territory: Territory, frame: pd.DataFrame, service: str) -> tuple[Bools, Bools]:
    """Whom each partnership serves (n_partnerships, n_smallest), and whether it has a place that counts."""
    rows, number, ids = partnership_rows(frame, service)
    physical = np.zeros(len(ids), dtype=bool)
    np.logical_or.at(physical, number, is_place(rows))
    return areas_served(territory, rows, number, len(ids)), physical


def areas_served(territory: Territory, rows: pd.DataFrame, number: npt.NDArray[np.intp], count: int) -> Bools:
    """(count, n_smallest) smallest municipalities that rows say they serve, else those they lie in.

    Parameters
    ----------
    territory : look-ups on the snapshot
    rows : facility rows
    number : (n_rows,) whose area a row adds to, 0 ... count - 1
    count : how many areas there are
    """
    serves = np.zeros((count, len(territory.smallest)), dtype=bool)
    codes = rows["serves"].fillna("").astype(str).str.split(";")
    listed = pd.Series(codes.to_numpy(object), index=number).explode().str.strip()
    listed = listed[listed != ""]
    np.logical_or.at(serves, listed.index.to_numpy(np.intp), territory.in_smallest(listed, region().vintages.served))
    own = np.zeros_like(serves)
    np.logical_or.at(own, number, territory.possible_smallest(rows))
    return np.where(any_of_row(serves)[:, None], serves, own)
