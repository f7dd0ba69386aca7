"""From where places can be reached, as a table: the ground, and the births that live on it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.core.minutes import in_minutes, metres_told
from coverage.core.query import Query
from coverage.core.reach import coordinates, place_rows
from coverage.core.rows import about_places
from coverage.indicators.measures import LESS_REACH, count_pairs
from coverage.memory.weights import Weight, check, of_ground
from coverage.travel.isochrones import STEP_M, isochrone
from coverage.travel.models import DEFAULT_MODEL
from coverage.zones.sums import BIRTHS_DECIMALS
from i18n.messages import Message, MessageError, NumberAsGiven, Value, Word
from loaders.catalogue.columns import ISOCHRONE_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.types import Floats

_KM2 = 1e6


def isochrone_table(
    engine: Engine, analysis: Analysis, ids: Sequence[str], within_m: Sequence[float], step_m: float = STEP_M
) -> gpd.GeoDataFrame:
    """Isochrones of places of an answer.

    Parameters
    ----------
    engine : the one that gave the answer
    analysis : answer to a query; its service, mode and travel model are taken
    ids : ids of places; none for all of the service
    within_m : metres of travel, each above 0
    step_m : side of the squares that the ground is cut into

    Returns
    -------
    GeoDataFrame
        columns `loaders.catalogue.columns.ISOCHRONE_COLUMNS` and ``geometry`` (metres), per place from near to far.
        ``births`` are those of the inhabited hectares that reach the place within the distance

    Raises
    ------
    InputError
        when a place is unknown or has no coordinates, or a distance makes no sense
    """
    places = analysis.facilities
    rows = _rows_of(places, ids)
    distances = sorted(set(within_m))
    if not distances:
        raise MessageError("error.question.no_distance")
    every = analysis.query.model == "matrix"  # a table knows places by their number
    asked = place_rows(places) if every else rows
    size = _check(engine, analysis.query, coordinates(places.frame)[asked], distances[-1], step_m)
    model = engine.model(places, analysis.query)
    with engine.limits.turn(size):
        bands = isochrone(model, coordinates(places.frame)[asked], distances, step_m)
        kept = np.flatnonzero(np.isin(asked, rows))
        bands = bands[bands["place"].isin(kept)].reset_index(drop=True)
        row = asked[bands["place"]]
        pairs = model.within(engine.snapshot.grid.xy, coordinates(places.frame)[asked], distances[-1])
        births = [
            float(analysis.demand.births[pairs.demand[own][pairs.cost[own] <= metres]].sum())
            for place, metres in zip(bands["place"], bands["within_m"], strict=True)
            for own in (slice(pairs.start[place], pairs.start[place + 1]),)
        ]
    return _described(analysis, bands, row, np.array(births))


def weigh_table(
    engine: Engine, analysis: Analysis, ids: Sequence[str], within_m: Sequence[float], step_m: float = STEP_M
) -> Weight:
    """Weight of `isochrone_table`; raises as that does where a place is unknown."""
    rows = _rows_of(analysis.facilities, ids)
    return weigh(engine, analysis.query, coordinates(analysis.facilities.frame)[rows], max(within_m), step_m)


def weigh(engine: Engine, query: Query, places: Floats, metres: float, step_m: float = STEP_M) -> Weight:
    """Weight of the ground within so many metres of (n, 2) places, by the travel model of a query."""
    on_ground = query.model not in ("crow", "matrix")
    side = 2 * math.ceil(metres / step_m)
    return of_ground(side * side if on_ground else 0, count_pairs(engine, places, metres, query.mode), on_ground)


def _check(engine: Engine, query: Query, places: Floats, metres: float, step_m: float) -> int:
    """Bytes that the ground takes, 0 without a limit; refuse what takes too much, naming what takes less."""

    def lighter() -> Iterator[tuple[Value, Weight]]:
        for less in LESS_REACH:
            if less < metres:
                weight = weigh(engine, query, places, less, step_m)
                minutes = NumberAsGiven(float(in_minutes(less, query)), "g")
                yield Message("memory.instead.within", within=minutes), weight
        if query.model != DEFAULT_MODEL:
            yield Word("memory.instead.straight"), of_ground(0, count_pairs(engine, places, metres, query.mode), False)

    if engine.limits.stage_bytes is None:
        return 0
    need = weigh(engine, query, places, metres, step_m)
    check(engine.limits, need, lighter())
    return need.bytes


def _described(
    analysis: Analysis, bands: gpd.GeoDataFrame, row: npt.NDArray[np.intp], births: npt.NDArray[np.float64]
) -> gpd.GeoDataFrame:
    """Rows with what they are about."""
    frame = analysis.facilities.frame.iloc[row].reset_index(drop=True)
    query = analysis.query
    shown = [
        f"{value:g}" if metres_told(query, analysis.details) else f"{minutes:g}min"
        for value, minutes in zip(bands["within_m"], in_minutes(bands["within_m"], query), strict=True)
    ]
    table = pd.DataFrame(
        {
            "isochrone_id": [f"{place}-{distance}" for place, distance in zip(frame["id"], shown, strict=True)],
            **{name: frame[name] for name in ("id", "name", "service")},
            "within_m": bands["within_m"].astype(np.float64),
            "area_km2": bands["area_m2"] / _KM2,
            "births": births.round(BIRTHS_DECIMALS),
        }
    )
    table = about_places(table, query, analysis.demand, analysis.facilities, frame["id"], analysis.details)
    table = table[list(ISOCHRONE_COLUMNS)]
    return gpd.GeoDataFrame(table, geometry=bands.geometry.array, crs=bands.crs)


def _rows_of(places: Facilities, ids: Sequence[str]) -> npt.NDArray[np.intp]:
    """Rows of places by their ids, in the order of the list; all of them without ids."""
    rows = place_rows(places)
    frame = places.frame
    if not len(rows):
        raise MessageError("error.question.isochrone_no_place", places=places.name)
    known = frame["id"].astype(str)
    for place in ids:
        if place in set(known.iloc[rows]):
            continue
        if place in set(known):
            raise MessageError("error.question.isochrone_closed", value=place)
        like = difflib.get_close_matches(place, known.iloc[rows].tolist(), n=3, cutoff=0.5)
        told = {"value": place, "places": places.name}
        if like:
            raise MessageError("error.question.isochrone_like", **told, known=", ".join(like))
        raise MessageError("error.question.isochrone_place", **told, known=str(known.iloc[rows[0]]))
    return rows[known.iloc[rows].isin(ids).to_numpy(bool)] if ids else rows
