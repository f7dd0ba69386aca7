"""One way from a question to its answer: demand, distances, zones, reasons."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.areas import in_areas
from coverage.cache import Recent
from coverage.demand import Demand, surface
from coverage.query import Query
from coverage.reach import Reach, measure, place_rows, reach_key
from coverage.table import Inputs, zone_table
from coverage.territory import Territory
from coverage.travel import Setting, TravelModel, get_model
from coverage.uncertainty import Cells, Certainty, simulate, uncertain_cells
from coverage.uncovered import FLAG, uncovered_share
from coverage.zones import Ranked, rank
from loaders.facilities import Facilities
from loaders.levels import get_level

if TYPE_CHECKING:
    from loaders.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Analysis:
    """The answer to one query, with all that it rests on.

    Attributes
    ----------
    query : the question
    table : one row per zone in ``zone_id`` order, columns `loaders.columns.RESULT_COLUMNS`; restricted to
        ``query.areas``; without areas the remainder ``not_known_here`` comes last where there is one
    all_zones : the same before the restriction to areas
    demand : births of every inhabited cell
    facilities : the places of the service, planned ones included
    distance_m, second_distance_m : (n_cells,) metres of travel to the nearest and second nearest place;
        ``inf`` where there is none, NaN where distances are not known
    nearest : (n_cells,) position of the nearest place in ``facilities.frame``, -1 where there is none
    zone_index : (n_cells,) zone of every cell, in the order of ``Snapshot.zones``; -1 outside the partition
    facility_zone : (n_facilities,) zone of every row of ``facilities.frame``, -1 where unknown
    certainty : how often zones are beyond reach in random draws; None unless draws were asked for
    evidence : how the places are known (`loaders.columns.EVIDENCE`)
    sources : ids and citations of everything used
    caveats : keys of the texts that must go with the figures
    details : values for those texts: what the travel model says of itself, and ``uncovered``, the share of the
        births whose distance it cannot tell
    """

    query: Query
    table: pd.DataFrame
    all_zones: pd.DataFrame
    demand: Demand
    facilities: Facilities
    distance_m: npt.NDArray[np.float64]
    second_distance_m: npt.NDArray[np.float64]
    nearest: npt.NDArray[np.intp]
    zone_index: npt.NDArray[np.int32]
    facility_zone: npt.NDArray[np.intp]
    certainty: Certainty | None
    evidence: str
    sources: tuple[str, ...]
    caveats: tuple[str, ...]
    details: Mapping[str, object] = field(default_factory=dict)


class Engine:
    """Answers queries on one snapshot and keeps what may be asked again.

    Demand is kept per kind and year, distances per set of places, zone look-ups per level: another threshold
    or level costs only the zone table. Safe to share between threads.

    Parameters
    ----------
    snapshot : the figures to work from
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.territory = Territory(snapshot)
        self._demands: Recent[Demand] = Recent(6)
        self._reaches: Recent[Reach] = Recent(6)
        self._ranked: Recent[Ranked] = Recent(4)
        self._cells: Recent[Cells] = Recent(2)

    def beside(self, snapshot: Snapshot) -> Engine:
        """Engine on the same figures with another set of zones: demand and distances are shared with this one."""
        other = Engine(snapshot)
        other._demands, other._reaches = self._demands, self._reaches
        other._ranked, other._cells = self._ranked, self._cells
        return other

    def demand(self, kind: str = "births", year: int | None = None) -> Demand:
        """Demand surface, see `coverage.demand.surface`."""
        return self._demands.get((kind, year), lambda: surface(self.snapshot, kind, year))

    def reach(self, facilities: Facilities, query: Query, known_ids: tuple[str, ...] = ()) -> Reach:
        """Distances of every cell to the places (rows of one service), see `coverage.reach.measure`.

        ``known_ids`` are places of other services, which a table of travel costs may name too.
        """

        def make() -> Reach:
            return measure(self.snapshot.grid.xy, facilities, self.model(facilities, query, known_ids))

        return self._reaches.get(reach_key(facilities, query), make)

    def model(self, facilities: Facilities, query: Query, known_ids: tuple[str, ...] = ()) -> TravelModel:
        """Travel model of a query, ready for the places of one service."""
        ids = facilities.frame["id"].astype(str)
        places = tuple(ids.iloc[place_rows(facilities)])
        setting = Setting(self.snapshot, query.mode, query.network, query.matrix, places, frozenset((*ids, *known_ids)))
        return get_model(query.model, setting)

    def analyse(self, query: Query, facilities: Facilities) -> Analysis:
        """Answer ``query`` with the whole facility set (bureaus and houses): see `analyse`."""
        of_service = facilities.of_service(query.service)
        vintage = query.held_vintage
        demand = self.demand(query.demand, query.year)
        reach = self.reach(of_service, query, tuple(facilities.frame["id"].astype(str)))
        pair = (demand.kind, demand.year, *reach_key(of_service, query))
        inputs = Inputs(
            query=query,
            demand=demand,
            reach=reach,
            ranked=self._ranked.get(pair, lambda: rank(demand, reach)),
            everything=facilities,
            facilities=of_service,
            located=self.territory.locate(of_service.frame, query.level, vintage),
            certainty=self._certainty(query, demand, reach, of_service, pair) if query.draws and reach.known else None,
        )
        kept = in_areas(self.territory, query.areas, query.level, vintage) if query.areas else None
        table = zone_table(self.territory, inputs)
        return Analysis(
            query=query,
            table=table if kept is None else table[: len(kept)][kept].reset_index(drop=True),
            all_zones=table,
            demand=inputs.demand,
            facilities=of_service,
            distance_m=inputs.reach.distance_m,
            second_distance_m=inputs.reach.second_m,
            nearest=inputs.reach.nearest,
            zone_index=self.snapshot.zone_index(query.level, vintage),
            facility_zone=inputs.located,
            certainty=inputs.certainty,
            evidence=facilities.evidence,
            sources=_sources(self.snapshot, query, facilities),
            caveats=_caveats(inputs),
            details={**reach.details, "uncovered": uncovered_share(reach, demand)},
        )

    def _certainty(
        self, query: Query, demand: Demand, reach: Reach, facilities: Facilities, pair: Hashable
    ) -> Certainty:
        """Draw for the zones of the query; what does not depend on them is kept."""
        cells = self._cells.get(pair, lambda: uncertain_cells(self.snapshot, demand, reach, facilities))
        level, vintage = query.level, query.held_vintage
        return simulate(
            cells,
            self.snapshot.zone_index(level, vintage),
            len(self.territory.zone_ids(level, vintage)),
            within_m=query.reach_m,
            min_share=query.min_share,
            draws=query.draws,
            seed=query.seed,
        )


def analyse(snapshot: Snapshot, query: Query, facilities: Facilities) -> Analysis:
    """Answer one query from scratch; use an `Engine` to ask several of the same snapshot.

    Parameters
    ----------
    snapshot : the figures to work from
    query : the question
    facilities : the whole facility set, bureaus and houses (reasons about houses need both)

    Raises
    ------
    InputError
        when an area is unknown or the demand is not held for the year
    ConservationError
        when births were lost on the way
    """
    return Engine(snapshot).analyse(query, facilities)


def gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Zones with a gap, most births out of reach first (most births first where that is not known)."""
    found = table[table["gap"].fillna(value=False).to_numpy(bool)]
    need = found["births_out_of_reach"].fillna(found["births"])
    order = pd.DataFrame({"need": need, "births": found["births"], "zone_id": found["zone_id"]})
    order = order.sort_values(["need", "births", "zone_id"], ascending=[False, False, True], kind="stable")
    return found.loc[order.index].reset_index(drop=True)


def _sources(snapshot: Snapshot, query: Query, facilities: Facilities) -> tuple[str, ...]:
    """Ids of the sources behind the resources used, then those of the facilities; each once, in order."""
    used = (
        "births" if query.demand == "births" else "ages",
        "grid_weight",
        "grid_zones",
        f"zones_{query.level}_{query.held_vintage}",
    )
    ids: list[str] = []
    for name in used:
        ids += [str(source) for source in snapshot.resources.get(name, {}).get("sources", ())]
    return tuple(dict.fromkeys([*ids, *facilities.sources]))


def _caveats(inputs: Inputs) -> tuple[str, ...]:
    """Keys of the texts that must go with the figures, the gravest first."""
    level = get_level(inputs.query.level)
    facilities = inputs.facilities
    wanted = {
        "caveat.illustrative": inputs.everything.evidence == "illustrative",
        "caveat.documented": facilities.scope is not None,
        "caveat.distance_unknown": not inputs.reach.known,
        **_travel_caveats(inputs),
        "caveat.proxy_births": inputs.demand.proxy,
        "caveat.not_known_here": level.documented_only,
        "caveat.outside_partition": level.flanders_only,
        "caveat.spread": True,
        "caveat.probability": inputs.certainty is not None,
    }
    return tuple(key for key, holds in wanted.items() if holds)


def _travel_caveats(inputs: Inputs) -> dict[str, bool]:
    """Which travel model was used and what to know of it; nothing where there are no distances."""
    query, reach = inputs.query, inputs.reach
    with_extract = "_extract" if query.model == "raster" and query.network is not None else ""
    return {
        f"caveat.{query.model}{with_extract}": reach.known,
        "caveat.car_minutes": reach.known and query.model == "network" and query.mode == "car",
        "caveat.outside_extract": FLAG in reach.flags and bool(reach.flags[FLAG].any()),
    }
