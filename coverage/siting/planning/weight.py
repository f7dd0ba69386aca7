"""How heavy a siting question is, before it is carried out: pairs of point and place, and memory; and a lighter one.

What a pair takes was measured (docs/decisions/104-weighed-questions.md): looked up, put in matrices and searched. Where
families are sent to places every pair is a variable of a linear program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.core.reach import coordinates
from coverage.memory.limits import gigabytes
from coverage.siting.planning.candidates import DEFAULT_KIND
from coverage.siting.planning.problem import Layout, lay_out
from coverage.siting.planning.request import SitingRequest
from coverage.siting.planning.travel_costs import count_useful
from coverage.zones.areas import area_vintage
from i18n.errors import InputError
from i18n.messages import MessageError, Word

if TYPE_CHECKING:
    import pandas as pd

    from coverage.analysis import Engine
    from coverage.core.query import Query
    from loaders.catalogue.facilities import Facilities
    from loaders.catalogue.types import Bools

START_BYTES = 400_000_000
"""What any question takes: the trees to search with, and the answer by cell."""

POINT_BYTES = 200
"""What a point takes, a cell or a sector where families live."""

PAIR_BYTES = 150
"""What a pair takes where every family goes to the nearest place."""

ASSIGNED_BYTES = 2_000
"""What a pair takes where families are sent to places."""

RASTER_BYTES = 900_000_000
"""What the land takes while it is made, for the travel model ``raster``."""

PROVINCE = "province"


@dataclass(frozen=True)
class Weight:
    """Weight of a question: pairs of point and place, and bytes of memory at the highest."""

    pairs: int
    bytes: int


def weigh(engine: Engine, plan: Layout) -> Weight:
    """Weigh a problem that was laid out: pairs are counted, not looked up."""
    cells, places = plan.points.cell, plan.choices
    if plan.wish.capacity:
        places = np.vstack([places, coordinates(plan.analysis.facilities.frame)[plan.others]])
    pairs = int(count_useful(engine, cells, places, plan.limit, plan.analysis.query.mode).sum())
    each = ASSIGNED_BYTES if plan.wish.assigns else PAIR_BYTES
    land = RASTER_BYTES if plan.analysis.query.model == "raster" else 0
    return Weight(pairs, START_BYTES + land + POINT_BYTES * len(cells) + each * pairs)


def check_weight(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    wish: SitingRequest,
    inside: Bools | None = None,
    buildings: pd.DataFrame | None = None,
    limit: int | None = None,
) -> Weight:
    """Weigh a siting question, and refuse one that takes too much.

    Parameters
    ----------
    engine, query, facilities, wish, inside, buildings : see `coverage.siting.planning.problem.build_problem`
    limit : bytes it may take; None for those of the engine, if it has a limit at all

    Raises
    ------
    MessageError
        when it takes more, naming a lighter question that does not, where there is one; and as
        `coverage.siting.planning.problem.lay_out`
    """
    most = engine.limits.question_bytes if limit is None else limit
    found = weigh(engine, lay_out(engine, query, facilities, wish, inside, buildings=buildings))
    if most is None or found.bytes <= most:
        return found
    need = {"need": gigabytes(found.bytes), "limit": gigabytes(most), "pairs": found.pairs}
    for word, lighter, other in _lighter(engine, query, wish, inside):
        try:
            weight = weigh(engine, lay_out(engine, lighter, facilities, other, inside if lighter is query else None))
        except InputError:
            continue
        if weight.bytes <= most:
            raise MessageError("memory.siting", **need, instead=word, less=gigabytes(weight.bytes))
    raise MessageError("memory.siting.none", **need)


def _lighter(
    engine: Engine, query: Query, wish: SitingRequest, inside: Bools | None
) -> Iterator[tuple[Word, Query, SitingRequest]]:
    """Questions that ask less, those nearest to what was asked first."""
    coarser = replace(wish, candidates=DEFAULT_KIND)
    if wish.candidates != DEFAULT_KIND:
        yield Word("memory.instead.sectors"), query, coarser
    if inside is None and not query.areas:
        zones = engine.territory.zones(PROVINCE, area_vintage(PROVINCE, query.vintage))["zone_id"]
        for word, asked in (("province", wish), ("province_sectors", coarser)):
            yield Word(f"memory.instead.{word}"), replace(query, areas=((PROVINCE, str(zones.iloc[0])),)), asked
    if wish.assigns:
        yield Word("memory.instead.nearest"), query, replace(coarser, capacity=False, min_births=None)
