"""Pairs of cell and place within a reach, weighed before they are found and held in a turn until they are used up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from coverage.access.od_pairs import CostPairs
from coverage.analysis import Analysis, Engine
from coverage.core.minutes import in_minutes
from coverage.indicators.measures import LESS_REACH
from coverage.memory.weights import Weight, check, of_pairs
from coverage.siting.planning.question.travel_costs import check_pairs, count_pairs, travel_model
from coverage.travel.models import DEFAULT_MODEL
from i18n.messages import Message, NumberAsGiven, Value
from loaders.catalogue.types import Floats, Ints

_FEW = 1_000_000
"""So many pairs of any cell and any place weigh little, wherever they are; they are not counted."""


def weigh_pairs(engine: Engine, analysis: Analysis, cells: Ints, places: Floats, limit: float) -> Weight:
    """Weight of `pairs_in_reach`; parameters as there."""
    every = len(cells) * len(places)
    xy, mode = engine.snapshot.grid.xy[cells], analysis.query.mode
    most = of_pairs(analysis.query.model, every)
    if every <= _FEW and most.bytes <= (engine.limits.stage_bytes or most.bytes):
        return most
    return of_pairs(analysis.query.model, count_pairs(xy, places, np.array([limit]), None, mode))


@contextmanager
def pairs_in_reach(
    engine: Engine,
    analysis: Analysis,
    cells: Ints,
    places: Floats,
    ids: tuple[str, ...],
    limit: float,
) -> Iterator[CostPairs]:
    """Travel between inhabited cells and places up to a limit, as long as the context lasts.

    Parameters
    ----------
    engine, analysis : the question
    cells : (n,) numbers of inhabited cells
    places : (m, 2) metres
    ids : (m,) their ids
    limit : metres of travel, its end included; ``inf`` for all

    Raises
    ------
    MessageError
        when that takes more than one question may, with a reach that takes less
    """
    query, xy, size = analysis.query, engine.snapshot.grid.xy[cells], 0
    if query.model != DEFAULT_MODEL:
        check_pairs(engine, cells, places, limit, query.mode)
    if engine.limits.stage_bytes is not None:
        need = weigh_pairs(engine, analysis, cells, places, limit)
        check(engine.limits, need, _lighter(engine, analysis, cells, places, limit))
        size = need.bytes
    model = travel_model(engine, query, ids, analysis)  # made ready in a turn of its own
    with engine.limits.turn(size):
        yield model.within(xy, places, limit)


def _lighter(
    engine: Engine, analysis: Analysis, cells: Ints, places: Floats, limit: float
) -> Iterator[tuple[Value, Weight]]:
    for less in LESS_REACH:
        if less < limit:
            minutes = NumberAsGiven(float(in_minutes(less, analysis.query)), "g")
            need = weigh_pairs(engine, analysis, cells, places, less)
            yield Message("memory.instead.within", within=minutes), need
