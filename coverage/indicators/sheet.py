"""Everything about one zone on one sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.analysis import Analysis
from coverage.core.demand import available_years
from coverage.core.reach import is_place
from coverage.indicators.flows import flows
from coverage.zones.areas import find_zone
from coverage.zones.reasons import in_scope
from coverage.zones.territory import Territory
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

TREND_KINDS = ("age0", "births")


@dataclass(frozen=True)
class MergedMunicipality:
    """A smallest municipality inside a merged one.

    Attributes
    ----------
    code : its code
    name : its name
    n_facilities : places of the service on its territory; None where the facility set does not cover it
    """

    code: str
    name: str
    n_facilities: int | None


@dataclass(frozen=True, eq=False)
class ZoneSheet:
    """One zone.

    Attributes
    ----------
    row : its row of the zone table
    outflows : births whose nearest place lies in another zone (`coverage.indicators.flows.flows`)
    facilities : rows of the service on its territory, planned ones included
    trend : ``year, kind, value``: 0-year-olds by year (a proxy) and live births
    neighbours : ``zone_id, zone_name, births_out_of_reach, share_in_reach, gap`` of the adjacent zones
    merger : smallest municipalities it was merged from, empty when it was not
    """

    row: pd.Series[Any]
    outflows: pd.DataFrame
    facilities: pd.DataFrame
    trend: pd.DataFrame
    neighbours: pd.DataFrame
    merger: tuple[MergedMunicipality, ...]


def zone_sheet(snapshot: Snapshot, analysis: Analysis, zone_id: str, territory: Territory | None = None) -> ZoneSheet:
    """Collect everything about one zone.

    Parameters
    ----------
    snapshot : the figures behind the analysis
    analysis : the answer to look into; the zone need not lie in ``query.areas``
    zone_id : the zone
    territory : look-ups to reuse (``Engine.territory``)

    Raises
    ------
    InputError
        when the level has no such zone, naming those that look like it
    """
    territory = territory or Territory(snapshot)
    query, vintage = analysis.query, analysis.query.held_vintage
    position = find_zone(territory.zones(query.level, vintage), query.level, zone_id, vintage)
    outflows = flows(snapshot, analysis, zone_id)
    return ZoneSheet(
        row=analysis.all_zones.iloc[position],
        outflows=outflows,
        facilities=analysis.facilities.frame[analysis.facility_zone == position].reset_index(drop=True),
        trend=trend(territory, analysis.zone_index == position),
        neighbours=_neighbours(territory, analysis, position),
        merger=_merger(territory, analysis, position),
    )


def trend(territory: Territory, inside: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """0-year-olds and live births by year in a set of cells: ``year, kind, value``.

    Exact for unions of municipalities. Inside a municipality the figure follows the share of its
    weight that the cells hold, taken as constant over the years.

    Parameters
    ----------
    territory : look-ups on the snapshot with the counts per municipality and the grid
    inside : (n_cells,) which inhabited cells
    """
    snapshot = territory.snapshot
    municipality = snapshot.zone_index(region().base, region().vintage)
    in_zone = municipality >= 0
    n = len(snapshot.zone_rows(region().base, region().vintage))
    weight = snapshot.grid.weight
    whole = np.bincount(municipality + 1, weights=weight, minlength=n + 1)[1:]
    cells = np.flatnonzero(in_zone & inside)
    part = np.bincount(municipality[cells], weights=weight[cells], minlength=n)
    share = np.divide(part, whole, out=np.zeros(n), where=whole > 0)
    frames = []
    for kind in (kind for kind in TREND_KINDS if available_years(snapshot, kind)):
        counts = territory.counts(kind)
        values = counts.to_numpy(np.float64)[:, share > 0] @ share[share > 0]
        frames.append(pd.DataFrame({"year": counts.index.to_numpy(np.int64), "kind": kind, "value": values}))
    return pd.concat(frames, ignore_index=True)


def _neighbours(territory: Territory, analysis: Analysis, position: int) -> pd.DataFrame:
    query = analysis.query
    shape = territory.borders(query.level, query.held_vintage)[position]
    touching = np.sort(territory.tree(query.level, query.held_vintage).query(shape, predicate="intersects"))
    columns = ["zone_id", "zone_name", "births_out_of_reach", "share_in_reach", "gap"]
    rows = analysis.all_zones.loc[touching[touching != position], columns]
    return pd.DataFrame(rows).reset_index(drop=True)


def _merger(territory: Territory, analysis: Analysis, position: int) -> tuple[MergedMunicipality, ...]:
    query = analysis.query
    if query.level != region().base:
        return ()
    members = np.flatnonzero(territory.members(region().base, query.held_vintage)[position])
    if len(members) < 2:
        return ()
    frame = analysis.facilities.frame
    possible = territory.possible_smallest(frame[is_place(frame)])
    placed = possible[possible.sum(axis=1) == 1].sum(axis=0)
    known = in_scope(territory, analysis.facilities, query.service)
    codes = territory.codes
    return tuple(
        MergedMunicipality(
            code=str(codes[region().smallest_code].iloc[m]),
            name=str(codes[region().name_column(region().vintages.smallest)].iloc[m]),
            n_facilities=int(placed[m]) if known[m] else None,
        )
        for m in members
    )
