"""What if a place closes: who loses reach, where the others go, and which pairs hurt most together.

Everything follows from the three nearest places of every cell: when a place closes its cells go to their second
nearest, when two close to the nearest that is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from coverage.access.od_pairs import CostPairs
from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.core.reach import coordinates, place_rows
from coverage.core.rows import about_places
from coverage.memory.weights import Weight, check, of_nearest
from coverage.travel.base import TravelContext, TravelModel
from coverage.travel.models import DEFAULT_MODEL
from coverage.zones.areas import area_cells
from i18n.messages import MessageError
from loaders.catalogue.columns import CLOSURE_COLUMNS, PAIR_COLUMNS, Column
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Floats, Positions

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

NEAREST = 3
"""Nearest places of every cell that are looked at."""
_THIRD = 2


@dataclass(frozen=True, eq=False)
class Closures:
    """What every closure would do.

    Attributes
    ----------
    single : `CLOSURE_COLUMNS`, one row per place, most births lost first. ``births_served`` have it as their nearest
        place, ``births_in_reach`` of these within reach; ``births_lost`` have nothing within reach once it closes,
        ``births_moved`` go to another place, ``mean_extra_m`` farther. The neighbour is the place that has to take most
        of them: ``neighbour_growth`` is the share by which its births grow
    pairs : `PAIR_COLUMNS`, places that are each other's way out: ``births_lost_extra`` is what closing both costs
        beyond the sum of closing each
    analysis : the situation as it is
    """

    single: pd.DataFrame
    pairs: pd.DataFrame
    analysis: Analysis


def weigh_closures(engine: Engine, query: Query, facilities: Facilities) -> Weight:
    """Weight of `closure_test`."""
    places = len(place_rows(facilities.of_service(query.service)))
    return of_nearest(len(engine.snapshot.grid.xy), places, NEAREST)


def closure_test(engine: Engine, query: Query, facilities: Facilities) -> Closures:
    """Close every place of the service in turn, and every pair of neighbours.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model and demand; with areas only the places in these are closed
    facilities : the whole facility set

    Raises
    ------
    InputError
        when there is no place to close, or distances are not known
    """
    analysis = engine.analyse(query, facilities)
    query = analysis.query
    frame = analysis.facilities.frame
    rows = place_rows(analysis.facilities)
    if np.isnan(analysis.distance_m).any():
        raise MessageError("error.question.closure_unknown")
    closes = _closable(engine, query, frame, rows)
    need = weigh_closures(engine, query, facilities)
    check(engine.limits, need)
    model = _model(engine, query, frame, rows)
    with engine.limits.turn(need.bytes):
        distance, place = _three_nearest(engine.snapshot, query, frame, rows, model)
    burden = close_each(analysis.demand.births, distance, place, query.reach_m, len(rows))
    names, ids = frame["name"].to_numpy(object)[rows], frame["id"].to_numpy(object)[rows]
    single = _about(_single_frame(burden, ids, names, closes), analysis, "id", CLOSURE_COLUMNS)
    pairs = _about(_pair_frame(burden, ids, names, closes), analysis, "id_a", PAIR_COLUMNS)
    return Closures(single, pairs, analysis)


def _about(table: pd.DataFrame, analysis: Analysis, place: str, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Table with what every row says of itself."""
    told = about_places(table, analysis.query, analysis.demand, analysis.facilities, table[place], analysis.details)
    return told[list(columns)]


def _closable(engine: Engine, query: Query, frame: pd.DataFrame, rows: Positions) -> npt.NDArray[np.bool_]:
    """(n_places,) whether a place lies in the areas asked for."""
    if not len(rows):
        raise MessageError("error.question.closure_none")
    if not query.areas:
        return np.ones(len(rows), dtype=bool)
    inside = np.flatnonzero(area_cells(engine.territory, query.areas, query.vintage))
    near = cKDTree(engine.snapshot.grid.xy).query(coordinates(frame)[rows])[1]
    closable = np.isin(near, inside)
    if not closable.any():
        raise MessageError("error.question.closure_none_here")
    return np.asarray(closable, dtype=bool)


def _model(engine: Engine, query: Query, frame: pd.DataFrame, rows: Positions) -> TravelModel:
    ids = tuple(frame["id"].astype(str).iloc[rows])
    columns = query.matrix_columns
    context = TravelContext(
        engine.snapshot,
        query.mode,
        query.network,
        query.matrix,
        ids,
        matrix_columns=columns,
        ferries=query.ferries,
        bridges=query.bridges_used,
    )
    return engine.made_ready(query.model, context)


def _three_nearest(
    snapshot: Snapshot, query: Query, frame: pd.DataFrame, rows: Positions, model: TravelModel
) -> tuple[Floats, Positions]:
    cells, places = snapshot.grid.xy, coordinates(frame)[rows]
    if query.model == DEFAULT_MODEL:
        travel = model(cells, places, NEAREST)
        return travel.distance_m, travel.index
    travel = model(cells, places, 2)
    third = third_within(model.within(cells, places, query.reach_m))
    return np.column_stack([travel.distance_m, third]), np.column_stack([travel.index, np.full(len(cells), -1)])


def third_within(pairs: CostPairs) -> Floats:
    """(n_demand,) distance to the third nearest place of those within reach, ``inf`` where fewer are.

    Whether a third place is within reach is all that closing two asks of it, and much quicker to tell for travel over
    streets or land than how far the third nearest is wherever it be.
    """
    order = np.lexsort((pairs.cost, pairs.demand))
    demand = pairs.demand[order]
    place = np.arange(len(demand)) - np.searchsorted(demand, demand)
    third = np.full(pairs.shape[0], np.inf)
    third[demand[place == _THIRD]] = pairs.cost[order][place == _THIRD]
    return third


@dataclass(frozen=True, eq=False)
class ClosureImpact:
    """Closures in arrays; places are numbered as they were given.

    Attributes
    ----------
    served, in_reach, lost, moved, extra_m : (m,) per place that closes
    receiver, received : (m,) the place that gets most births of it (-1 for none), and how many
    pair : (k, 2) places that are the first and second nearest of some cell
    pair_lost : (k,) births that lose reach when both close
    """

    served: Floats
    in_reach: Floats
    lost: Floats
    moved: Floats
    extra_m: Floats
    receiver: Positions
    received: Floats
    pair: Positions
    pair_lost: Floats


def close_each(births: Floats, distance: Floats, place: Positions, within: float, m: int) -> ClosureImpact:
    """Work out all closures of one and of two from the three nearest places of every cell.

    Parameters
    ----------
    births : (n,)
    distance : (n, 3) to the three nearest places, ``inf`` where there are fewer
    place : (n, 3) their numbers, -1 where there are fewer
    within : reach, its end included
    m : number of places
    """
    used = (births > 0) & (place[:, 0] >= 0)
    births, distance, place = births[used], distance[used], place[used]
    near = distance <= within
    first, second = place[:, 0], place[:, 1]
    has_second = second >= 0

    def per_place(mask: npt.NDArray[np.bool_], amount: Floats) -> Floats:
        return np.bincount(first[mask], weights=amount[mask], minlength=m).astype(np.float64)

    moved = per_place(has_second, births)
    farther = np.where(has_second, distance[:, 1] - distance[:, 0], 0.0)
    lost = per_place(near[:, 0] & ~near[:, 1], births)
    key = first[has_second].astype(np.int64) * m + second[has_second]
    flows, of_flow = np.unique(key, return_inverse=True)
    amount = np.bincount(of_flow, weights=births[has_second], minlength=len(flows)).astype(np.float64)
    source, target = np.divmod(flows, max(m, 1))
    receiver, received = np.full(m, -1, dtype=np.intp), np.zeros(m)
    order = np.lexsort((-target, amount))
    receiver[source[order]], received[source[order]] = target[order], amount[order]

    both = near[:, 1] & ~near[:, 2]
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs, of_pair = np.unique(low[both].astype(np.int64) * m + high[both], return_inverse=True)
    together = np.bincount(of_pair, weights=births[both], minlength=len(pairs)).astype(np.float64)
    pair = np.column_stack(np.divmod(pairs, max(m, 1))).astype(np.intp)
    return ClosureImpact(
        served=per_place(np.ones(len(first), dtype=bool), births),
        in_reach=per_place(near[:, 0], births),
        lost=lost,
        moved=moved,
        extra_m=np.divide(per_place(has_second, births * farther), moved, out=np.full(m, np.nan), where=moved > 0),
        receiver=receiver,
        received=received,
        pair=pair,
        pair_lost=lost[pair].sum(axis=1) + together,
    )


def _single_frame(
    burden: ClosureImpact, ids: npt.NDArray[np.object_], names: npt.NDArray[np.object_], closes: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    receiver = burden.receiver
    has = receiver >= 0
    before = np.where(has, burden.served[receiver], np.nan)
    nobody = np.array([None], dtype=object)
    to_id, to_name = np.append(ids, nobody)[receiver], np.append(names, nobody)[receiver]
    frame = pd.DataFrame(
        {
            "id": ids,
            "name": names,
            "births_served": burden.served,
            "births_in_reach": burden.in_reach,
            "births_lost": burden.lost,
            "births_moved": burden.moved,
            "mean_extra_m": burden.extra_m,
            "neighbour_id": to_id,
            "neighbour_name": to_name,
            "neighbour_births": before,
            "neighbour_extra_births": np.where(has, burden.received, np.nan),
            "neighbour_growth": np.divide(
                burden.received, before, out=np.full(len(receiver), np.nan), where=before > 0
            ),
        }
    )[closes]
    return _ranked(frame, ["births_lost", "births_in_reach"])


def _pair_frame(
    burden: ClosureImpact, ids: npt.NDArray[np.object_], names: npt.NDArray[np.object_], closes: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    kept = closes[burden.pair].all(axis=1) if len(burden.pair) else np.zeros(0, dtype=bool)
    a, b = burden.pair[kept].reshape(-1, 2).T
    apart = burden.lost[a] + burden.lost[b]
    frame = pd.DataFrame(
        {
            "id": [f"{x};{y}" for x, y in zip(ids[a], ids[b], strict=True)],
            "id_a": ids[a],
            "name_a": names[a],
            "id_b": ids[b],
            "name_b": names[b],
            "births_lost": burden.pair_lost[kept],
            "births_lost_apart": apart,
            "births_lost_extra": burden.pair_lost[kept] - apart,
        }
    )
    return _ranked(frame, ["births_lost", "births_lost_extra"])


_TIE_DECIMALS = 6
"""Decimals of births beyond which two places are equal."""


def _ranked(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Largest first, ties by id, with a rank from 1 that equal rows share."""
    ordered = frame.sort_values([*by, "id"], ascending=[False] * len(by) + [True], kind="stable", ignore_index=True)
    values = ordered[by].to_numpy(np.float64).round(_TIE_DECIMALS)
    first = np.append(True, (values[1:] != values[:-1]).any(axis=1))[: len(ordered)]
    ordered.insert(0, "rank", np.maximum.accumulate(np.where(first, np.arange(1, len(ordered) + 1), 0)))
    return ordered
