"""How heavy a siting question is, before it is carried out: pairs of point and place, and memory; and a lighter one.

What a pair takes was measured (docs/decisions/104-weighed-questions.md): looked up, put in matrices and searched. Where
families are sent to places every pair is a variable of a linear program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.core.reach import coordinates
from coverage.memory.limits import gigabytes
from coverage.memory.weights import Weight
from coverage.siting.planning.joint_siting import joint_layouts
from coverage.siting.planning.question.candidates import default_kind
from coverage.siting.planning.question.problem import Layout, lay_out
from coverage.siting.planning.question.request import SitingRequest
from coverage.siting.planning.question.travel_costs import count_useful
from coverage.zones.areas import area_vintage
from i18n.errors import InputError
from i18n.messages import MessageError, Word
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Engine
    from coverage.core.query import Query
    from coverage.siting.planning.joint_siting import CoLocation
    from loaders.catalogue.facilities import Facilities
    from loaders.catalogue.types import Bools

START_BYTES = 400_000_000
"""What any question takes: the trees to search with, and the answer by cell."""

POINT_BYTES = 200
"""What a point takes, a cell or a sector where families live."""

EVERY_BYTES = 100
"""What a point takes beside, where an answer for some is held against all of them."""

PAIR_BYTES = 150
"""What a pair takes where every family goes to the nearest place."""

ASSIGNED_BYTES = 1_200
"""What a pair takes where families are sent to places."""

TAKEN_IN = 1.5
"""Points in the end, as a share of those to begin with, where more are taken in as they turn out to count."""

RASTER_BYTES = 900_000_000
"""What the land takes while it is made, for the travel model ``raster``."""


def weigh(engine: Engine, plan: Layout) -> Weight:
    """Weigh a problem that was laid out: pairs are counted, not looked up."""
    cells, places, limit = plan.points.cell, plan.choices, plan.limit
    if plan.first is not None:
        cells, limit = cells[plan.first], limit[plan.first]
    if plan.request.capacity:
        places = np.vstack([places, coordinates(plan.analysis.facilities.frame)[plan.others]])
    useful = count_useful(engine, cells, places, limit, plan.analysis.query.mode)
    pairs = int(useful.sum() * (1 if plan.first is None else TAKEN_IN))
    each_point = POINT_BYTES + (0 if plan.first is None else EVERY_BYTES)
    each = ASSIGNED_BYTES if plan.request.assigns else PAIR_BYTES
    land = RASTER_BYTES if plan.analysis.query.model == "raster" else 0
    return Weight(pairs, START_BYTES + land + each_point * len(plan.points.cell) + each * pairs)


def weigh_joint(
    engine: Engine, query: Query, facilities: Facilities, request: SitingRequest, company: CoLocation
) -> Weight:
    """Weigh a question about two services sited together: both problems are held at the same time."""
    layouts = joint_layouts(engine, query, facilities, request, company)
    both = [weigh(engine, layout) for layout in layouts]
    return Weight(sum(one.pairs for one in both), sum(one.bytes for one in both) - START_BYTES)


def check_joint(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    company: CoLocation,
    limit: int | None = None,
) -> Weight:
    """Weigh a question about two services, and refuse one that takes too much; see `check_weight`.

    Raises
    ------
    MessageError
        when it takes more, naming the two services apart where each of these fits
    """
    most = engine.limits.question_bytes if limit is None else limit
    weight = weigh_joint(engine, query, facilities, request, company)
    if most is None or weight.bytes <= most:
        return weight
    need = {"need": gigabytes(weight.bytes), "limit": gigabytes(most), "pairs": weight.pairs}
    coarser = replace(request, candidates=default_kind())
    if request.candidates != default_kind():
        light = weigh_joint(engine, query, facilities, coarser, company)
        if light.bytes <= most:
            instead = Word("memory.instead.sectors")
            raise MessageError("memory.siting", **need, instead=instead, less=gigabytes(light.bytes))
    apart = max(
        (weigh(engine, layout) for layout in joint_layouts(engine, query, facilities, request, company)),
        key=lambda weight: weight.bytes,
    )
    if apart.bytes <= most:
        raise MessageError("memory.siting", **need, instead=Word("memory.instead.apart"), less=gigabytes(apart.bytes))
    raise MessageError("memory.siting.none", **need)


def check_weight(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    inside: Bools | None = None,
    buildings: pd.DataFrame | None = None,
    limit: int | None = None,
) -> Weight:
    """Weigh a siting question, and refuse one that takes too much.

    Parameters
    ----------
    engine, query, facilities, request, inside, buildings : see `build_problem`
    limit : bytes it may take; None for those of the engine, if it has a limit at all

    Raises
    ------
    MessageError
        when it takes more, naming a lighter question that does not, where there is one; and as
        `coverage.siting.planning.question.problem.lay_out`
    """
    most = engine.limits.question_bytes if limit is None else limit
    asked_weight = weigh(engine, lay_out(engine, query, facilities, request, inside, buildings=buildings))
    if most is None or asked_weight.bytes <= most:
        return asked_weight
    need = {"need": gigabytes(asked_weight.bytes), "limit": gigabytes(most), "pairs": asked_weight.pairs}
    for word, lighter, other in _lighter(engine, query, request, inside):
        try:
            weight = weigh(engine, lay_out(engine, lighter, facilities, other, inside if lighter is query else None))
        except InputError:
            continue
        if weight.bytes <= most:
            raise MessageError("memory.siting", **need, instead=word, less=gigabytes(weight.bytes))
    raise MessageError("memory.siting.none", **need)


def _lighter(
    engine: Engine, query: Query, request: SitingRequest, inside: Bools | None
) -> Iterator[tuple[Word, Query, SitingRequest]]:
    """Questions that ask less, those nearest to what was asked first."""
    coarser = replace(request, candidates=default_kind())
    if request.candidates != default_kind():
        yield Word("memory.instead.sectors"), query, coarser
    steps = region().steps
    if steps and inside is None and not query.areas:
        zones = engine.territory.zones(steps, area_vintage(steps, query.vintage))["zone_id"]
        for word, asked in (("province", request), ("province_sectors", coarser)):
            yield Word(f"memory.instead.{word}"), replace(query, areas=((steps, str(zones.iloc[0])),)), asked
    if request.assigns:
        yield Word("memory.instead.nearest"), query, replace(coarser, capacity=False, min_births=None)
