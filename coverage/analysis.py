"""One way from a question to its answer: demand, distances, zones, reasons."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.demand import Demand, surface
from coverage.core.query import Query
from coverage.core.reach import Reach, coordinates, names_off_street, place_rows, reach_key
from coverage.core.reach_update import Tracked, track, with_bridges
from coverage.core.travel_sources import travel_sources
from coverage.memory.limits import QuestionLimits
from coverage.memory.lru_cache import LruCache, shared_budget
from coverage.memory.weights import Weight, check, of_demand, of_distances, of_draws, of_making
from coverage.travel.base import TravelContext, TravelModel, slack_of
from coverage.travel.models import DEFAULT_MODEL, USUAL_MODEL, get_model, is_ready
from coverage.zones.areas import area_vintage, in_areas, nothing_inside
from coverage.zones.capacity import Load, load_of_places
from coverage.zones.complete import names_of, within_list
from coverage.zones.strata import BY, Strata, make_strata
from coverage.zones.sums import Ranked, ZoneSums, rank, resummarise, summarise, within_another
from coverage.zones.table import Inputs, zone_table
from coverage.zones.territory import Territory
from coverage.zones.uncertainty import Cells, Certainty, simulate, snapped_places, spread_of, uncertain_cells
from coverage.zones.uncovered import FLAG, uncovered_share
from i18n.messages import MessageError, Value, Word
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import get_level

if TYPE_CHECKING:
    from loaders.snapshot.grid import Index
    from loaders.snapshot.reader import Snapshot

T = TypeVar("T")
_FEW_ZONES = "municipality"
"""Level to ask for where another has too many zones."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """The answer to one query, with all that it rests on.

    Attributes
    ----------
    query : the question
    table : one row per zone in ``zone_id`` order, columns `loaders.catalogue.columns.RESULT_COLUMNS`; restricted to
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
    evidence : how the places are known (`loaders.catalogue.columns.EVIDENCE`)
    sources : ids and citations of everything used
    caveats : keys of the texts that must go with the figures
    details : values for those texts: what the travel model says of itself, and ``uncovered``, the share of the
        births whose distance it cannot tell
    load : births of every place against its hours; None where no hours are known
    everything : places of all services; None where only those of the service are at hand
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
    load: Load | None = None
    everything: Facilities | None = None


class Stages:
    """What an engine holds of each stage of its answers, within the bytes that all caches of a process share."""

    counted_apart = True

    def __init__(self) -> None:
        self.demands: LruCache[Demand] = LruCache(6, "demands")
        self.reaches: LruCache[Tracked] = LruCache(6, "reaches")
        self.ranked: LruCache[Ranked] = LruCache(4, "ranked cells")
        self.sums: LruCache[tuple[Index, ZoneSums]] = LruCache(48, "zone sums")
        self.any_reach: LruCache[tuple[Index, ZoneSums]] = LruCache(24, "zone sums at any reach")
        self.cells: LruCache[Cells] = LruCache(2, "cells to draw for")
        self.made: LruCache[Any] = LruCache(8, "access by cell")
        self.told: LruCache[Any] = LruCache(96, "figures of comparisons")


class Engine:
    """Answers queries on one snapshot and keeps what may be asked again.

    Demand is kept per kind and year, distances per set of places, zone look-ups per level: another threshold
    or level costs only the zone table. Safe to share between threads.

    Parameters
    ----------
    snapshot : the figures to work from
    limits : what one question may take, and how many heavy ones at the same time; None for no limit
    stages : what is held of other engines on the same figures; None to begin with nothing
    keep : whether distances over the streets are kept in the cache folder: for one question, not for a server, which
        brings those that it holds up to date
    """

    counted_apart = True

    def __init__(
        self,
        snapshot: Snapshot,
        limits: QuestionLimits | None = None,
        stages: Stages | None = None,
        *,
        keep: bool = False,
    ) -> None:
        self.snapshot, self.limits, self._keep = snapshot, limits or QuestionLimits(), keep
        if not keep:  # an engine for one question lets go of all at its end
            shared_budget().stay(snapshot)
        self.territory = Territory(snapshot)
        self._stages = stages or Stages()

    def with_snapshot(self, snapshot: Snapshot) -> Engine:
        """Engine on the same figures with another set of zones: demand and distances are shared with this one."""
        return Engine(snapshot, self.limits, self._stages, keep=self._keep)

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Value of ``key``, made once: what others work out by cell from the figures of this engine."""
        made: T = self._stages.made.get_or_make(key, make)
        return made

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """Value of ``key``, made once, as `keep`: for figures that take little room, so that many are held."""
        made: T = self._stages.told.get_or_make(key, make)
        return made

    def _rank(self, demand: Demand, tracked: Tracked) -> Ranked:
        pair = ((demand.kind, demand.year), tracked.key)
        return self._stages.ranked.get_or_make(pair, lambda: rank(demand, tracked.reach))

    def strata(self, by: str) -> Strata:
        """Strata of the snapshot, made once; fifths hold a fifth of the births of the newest year.

        Raises
        ------
        MessageError
            when ``by`` is unknown, or the snapshot does not hold what it needs
        """
        if by not in BY:
            raise MessageError("error.question.by", value=str(by), known=", ".join(BY))
        return self.keep(("strata", by), lambda: make_strata(self.snapshot, by, self.demand().births))

    def demand(self, kind: str = "births", year: int | None = None) -> Demand:
        """Demand surface, see `coverage.core.demand.surface`."""

        def make() -> Demand:
            cells = len(self.snapshot.grid.xy)
            with self.limits.turn(of_demand(cells).bytes):
                return surface(self.snapshot, kind, year)

        return self._stages.demands.get_or_make((kind, year), make)

    def reach(self, facilities: Facilities, query: Query, known_ids: tuple[str, ...] = ()) -> Reach:
        """Distances of every cell to the places (rows of one service), see `coverage.core.reach.measure`.

        Where only a few places differ from those of distances that are kept, these are brought up to date
        (`coverage.core.reach_update`). ``known_ids`` are places of other services, which a table of travel costs may
        name too.
        """
        return self._tracked(facilities, query, known_ids).reach

    def settled(self, query: Query) -> Query:
        """The query; where it asks for streets that the data do not hold, with the straight line instead."""
        wants_streets = query.model == USUAL_MODEL and query.network is None
        return replace(query, model=DEFAULT_MODEL) if wants_streets and not self.snapshot.has_streets else query

    def _tracked(self, facilities: Facilities, query: Query, known_ids: tuple[str, ...] = ()) -> Tracked:
        query = self.settled(query)
        key = reach_key(facilities, query)

        def make() -> Tracked:
            model = self.model(facilities, query, known_ids)
            if query.bridges_used and not facilities.complete_for:
                plain = self._tracked(facilities, replace(query, bridges=()), known_ids)
                with self.limits.turn(of_distances(query.model, len(self.snapshot.grid.xy)).bytes):
                    return with_bridges(key, self.snapshot.grid.xy, plain, facilities, model)
            mends = query.model == DEFAULT_MODEL or getattr(model, "mends", False)
            others = self._stages.reaches.values() if mends else []
            by = (
                f"{query.mode} {query.ferries} {query.bridges_used}"
                if query.model == USUAL_MODEL
                else str(query.mode == "car")
            )
            name = f"{query.model} {by}"
            alike = [other for other in others if other.model == name]
            with self.limits.turn(of_distances(query.model, len(self.snapshot.grid.xy)).bytes):
                tracked = track(key, name, self.snapshot.grid.xy, facilities, model, alike)
            if tracked.change:  # what many start from stays
                self._stages.reaches.peek(tracked.change.base)
            if facilities.complete_for:
                reach = within_list(
                    tracked.reach, facilities, self.territory, query.service, (model.least, slack_of(model))
                )
                return replace(tracked, model=f"{tracked.model} within a list", reach=reach, change=None)
            return tracked

        return self._stages.reaches.get_or_make(key, make)

    def _zone_sums(self, query: Query, demand: Demand, tracked: Tracked) -> ZoneSums:
        """Births and distances by zone, brought up to date where only some zones can have changed."""
        index = self.snapshot.zone_index(query.level, query.held_vintage)
        what = (demand.kind, demand.year)
        partition = (id(index), query.reach_m)  # the index is kept with the sums, so its id stays its own

        def make() -> tuple[Index, ZoneSums]:
            change, reach = tracked.change, tracked.reach
            before = self._stages.sums.peek((what, change.base, partition)) if change else None
            sums = None
            if change and before:
                sums = resummarise(before[1], change.cells, demand, reach, index, query.reach_m)
            if sums is None:
                ranked = self._rank(demand, tracked)
                n_zones = len(self.territory.zone_ids(query.level, query.held_vintage))
                alike = self._stages.any_reach.get_or_make(
                    (what, tracked.key, id(index)), lambda: (index, summarise(ranked, index, n_zones, query.reach_m))
                )
                sums = within_another(alike[1], ranked, index, query.reach_m)
            return index, sums

        return self._stages.sums.get_or_make((what, tracked.key, partition), make)[1]

    def model(self, facilities: Facilities, query: Query, known_ids: tuple[str, ...] = ()) -> TravelModel:
        """Travel model of a query, ready for the places of one service."""
        query = self.settled(query)
        ids = facilities.frame["id"].astype(str)
        rows = place_rows(facilities)
        setting = TravelContext(
            self.snapshot,
            query.mode,
            query.network,
            query.matrix,
            tuple(ids.iloc[rows]),
            frozenset((*ids, *known_ids)),
            coordinates(facilities.frame)[rows],
            query.matrix_columns,
            keep=self._keep,
            ferries=query.ferries,
            bridges=query.bridges_used,
        )
        return self.made_ready(query.model, setting)

    def made_ready(self, model: str, setting: TravelContext) -> TravelModel:
        """Travel model by name; where there is something to make, in a turn of its own."""
        while True:
            ready = is_ready(model, setting)
            with self.limits.turn(0 if ready else of_making(model).bytes):  # making never waits inside a turn
                if not ready or is_ready(model, setting):  # what was there may have gone while this one waited
                    return get_model(model, setting)

    def analyse(self, query: Query, facilities: Facilities) -> Analysis:
        """Answer ``query`` with the whole facility set (places of all services): see `analyse`."""
        query = self.settled(query)
        facilities.check_speaks_of(query.service)
        of_service = facilities.of_service(query.service)
        vintage = query.held_vintage
        demand = self.demand(query.demand, query.year)
        tracked = self._tracked(of_service, query, tuple(facilities.frame["id"].astype(str)))
        reach, pair = tracked.reach, (demand.kind, demand.year, tracked.key)
        inputs = Inputs(
            query=query,
            demand=demand,
            reach=reach,
            sums=self._zone_sums(query, demand, tracked),
            everything=facilities,
            facilities=of_service,
            located=self.territory.locate(of_service.frame, query.level, vintage),
            certainty=self._certainty(query, demand, reach, of_service, pair) if query.draws and reach.known else None,
            load=load_of_places(demand, reach, of_service, query.reach_m, query.births_per_hour),
        )
        kept = in_areas(self.territory, query.areas, query.level, query.vintage) if query.areas else None
        if kept is not None and not kept.any():
            raise nothing_inside(query)
        table = zone_table(self.territory, inputs)
        asked = table if kept is None else table[: len(kept)][kept].reset_index(drop=True)
        return Analysis(
            query=query,
            table=asked,
            all_zones=table,
            demand=inputs.demand,
            facilities=of_service,
            distance_m=inputs.reach.distance_m,
            second_distance_m=inputs.reach.second_m,
            nearest=inputs.reach.nearest,
            zone_index=self.snapshot.zone_index(query.level, vintage),
            facility_zone=inputs.located,
            certainty=inputs.certainty,
            everything=facilities,
            evidence=facilities.evidence,
            sources=_sources(self.snapshot, query, facilities, known=reach.known),
            caveats=_caveats(inputs, self._streets_year()),
            details={
                **reach.details,
                "uncovered": uncovered_share(reach, demand),
                "zones": len(asked),
                "zones_told": int(asked["share_in_reach"].notna().sum()),
                "off_street_names": names_off_street(of_service, reach.details.get("off_street", ())),
                "streets_year": self._streets_year(),
                **self._completeness(of_service),
                **({"births_per_hour": round(inputs.load.births_per_hour, 3)} if inputs.load else {}),
                **({"bridges": len(query.bridges_used)} if query.bridges_used else {}),
                "asked_vintage": str(query.vintage),
                "held_vintage": str(vintage),
            },
            load=inputs.load,
        )

    def _streets_year(self) -> str:
        """Year of the streets of the data; '' where they hold none."""
        return str(self.snapshot.resources.get("streets_edges", {}).get("vintage", ""))

    def _completeness(self, facilities: Facilities) -> dict[str, object]:
        """For which areas a list is complete, in words, where it is not so for all."""
        areas = facilities.complete_for
        return {"complete_for": names_of(self.territory, areas)} if areas else {}

    def _certainty(
        self, query: Query, demand: Demand, reach: Reach, facilities: Facilities, pair: Hashable
    ) -> Certainty:
        """Draw for the zones of the query; what does not depend on them is kept."""
        key = (pair, snapped_places(facilities).tobytes())
        cells = self._stages.cells.get_or_make(key, lambda: uncertain_cells(self.snapshot, demand, reach, facilities))
        level, vintage = query.level, query.held_vintage
        index, zones = self.snapshot.zone_index(level, vintage), len(self.territory.zone_ids(level, vintage))
        weight = self._check_draws(cells, zones, query)
        with self.limits.turn(weight.bytes):
            return simulate(
                cells,
                index,
                zones,
                within_m=query.reach_m,
                min_share=query.min_share,
                draws=query.draws,
                seed=query.seed,
                spread=spread_of(query),
            )

    def _check_draws(self, cells: Cells, zones: int, query: Query) -> Weight:
        """Weigh the draws, and refuse those that take too much."""
        size = len(cells.cell), len(cells.snapped), len(cells.block_municipality)
        need = of_draws(*size, zones, query.draws)

        def lighter() -> Iterator[tuple[Value, Weight]]:
            if query.level != _FEW_ZONES:
                fewer = len(self.territory.zone_ids(_FEW_ZONES, area_vintage(_FEW_ZONES, query.vintage)))
                yield Word("memory.instead.municipalities"), of_draws(*size, fewer, query.draws)

        check(self.limits, need, lighter())
        return need


def analyse(snapshot: Snapshot, query: Query, facilities: Facilities) -> Analysis:
    """Answer one query from scratch; use an `Engine` to ask several of the same snapshot.

    Parameters
    ----------
    snapshot : the figures to work from
    query : the question
    facilities : the whole facility set, places of all services (a reason may be about another one)

    Raises
    ------
    InputError
        when an area is unknown or the demand is not held for the year
    ConservationError
        when births were lost on the way
    """
    return Engine(snapshot, keep=True).analyse(query, facilities)


def gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Zones with a gap, most births out of reach first (most births first where that is not known).

    Rows of one zone, as a table by stratum has them, stay together and in their order.
    """
    gap_rows = table[table["gap"].fillna(value=False).to_numpy(bool)].reset_index(drop=True)
    need = gap_rows["births_out_of_reach"].fillna(gap_rows["births"])
    order = pd.DataFrame({"need": need, "births": gap_rows["births"], "zone_id": gap_rows["zone_id"]})
    of_zone = order.groupby("zone_id", sort=False)[["need", "births"]].transform("sum")
    order = of_zone.assign(zone_id=order["zone_id"])
    order = order.sort_values(["need", "births", "zone_id"], ascending=[False, False, True], kind="stable")
    return gap_rows.loc[order.index].reset_index(drop=True)


def _sources(snapshot: Snapshot, query: Query, facilities: Facilities, *, known: bool) -> tuple[str, ...]:
    """Ids of the sources behind the resources used, of the distances, and of the facilities; each once, in order."""
    used = (
        "births" if query.demand == "births" else "ages",
        "grid_weight",
        "grid_zones",
        f"zones_{query.level}_{query.held_vintage}",
    )
    ids: list[str] = []
    for name in used:
        ids += [str(source) for source in snapshot.resources.get(name, {}).get("sources", ())]
    if known:
        ids += travel_sources(snapshot, query)
    return tuple(dict.fromkeys([*ids, *facilities.sources]))


def _caveats(inputs: Inputs, streets_year: str) -> tuple[str, ...]:
    """Keys of the texts that must go with the figures, the gravest first."""
    level = get_level(inputs.query.level)
    facilities = inputs.facilities
    wanted = {
        "caveat.illustrative": inputs.everything.evidence == "illustrative",
        "caveat.complete_for": bool(facilities.complete_for),
        "caveat.documented": facilities.scope is not None and not facilities.complete_for,
        "caveat.distance_unknown": not inputs.reach.known,
        **_travel_caveats(inputs, streets_year),
        "caveat.proxy_births": inputs.demand.proxy,
        "caveat.not_known_here": level.documented_only,
        "caveat.outside_partition": level.without_exceptions,
        "caveat.spread": True,
        "caveat.probability": inputs.certainty is not None,
        "caveat.over_capacity": inputs.load is not None,
        "caveat.no_hours": inputs.load is None and inputs.query.births_per_hour is not None,
        "caveat.vintage": inputs.query.vintage != inputs.query.held_vintage,
    }
    return tuple(key for key, holds in wanted.items() if holds)


def _travel_caveats(inputs: Inputs, streets_year: str) -> dict[str, bool]:
    """Which travel model was used and what to know of it; nothing where there are no distances."""
    query, reach = inputs.query, inputs.reach
    given = query.network is not None
    what = {
        "crow": "crow_car" if query.mode == "car" else "crow",
        "raster": "raster_extract" if given else "raster",
        "network": "network" if given else "streets",
    }
    return {
        f"caveat.{what.get(query.model, query.model)}": reach.known,
        "caveat.car_minutes": reach.known and given and query.model == "network" and query.mode == "car",
        "caveat.car_measured": reach.known and not given and query.model == "network" and query.mode == "car",
        "caveat.extract_old": given and "" < str(reach.details.get("extract_year", "")) < streets_year,
        "caveat.off_street": bool(reach.details.get("off_street")),
        "caveat.bridges": bool(query.bridges_used),
        "caveat.straight_line": bool(reach.flags.get("straight_line", np.zeros(1, dtype=bool)).any()),
        "caveat.outside_extract": FLAG in reach.flags and bool(reach.flags[FLAG].any()),
    }
