"""The rule on areas of a service (article 9), as a rule on where a new place may come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.core.reach import is_place
from i18n.messages import MessageError, OptionName
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from loaders.catalogue.types import Bools, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.siting.planning.question.candidates import CandidateSites
    from loaders.catalogue.facilities import Facilities


def keeps_area_rule(engine: Engine, service: str, facilities: Facilities, candidates: CandidateSites) -> Bools:
    """(n_candidates,) where a new place can have an area that covers that of a place of the other service.

    The area of a new place is taken to be its municipality, or the documented planning area around it; neither crosses
    the border of a planning area.

    Raises
    ------
    MessageError
        when the service has no such rule
    """
    covered = get_service(service).area_covers
    if not covered:
        raise MessageError("siting.error.no_area_rule", service=OptionName("service", service))
    cells = candidates.frame["cell"].to_numpy(np.intp)
    return covers_place(engine, facilities, covered, cells)


def covers_place(engine: Engine, facilities: Facilities, service: str, cells: Ints) -> Bools:
    """(n,) cells whose municipality, or documented planning area, has a place of a service."""
    base = engine.snapshot.zone_index(region().base, region().vintage)
    n = len(engine.territory.zone_ids(region().base, region().vintage))
    own = np.append(with_place(engine, facilities, service, n), False)
    allowed = own[base[cells]]
    if region().planning:
        index = engine.snapshot.zone_index(region().planning, region().vintage)
        has = np.unique(index[(index >= 0) & own[base]])
        allowed |= np.isin(index[cells], has)
    return np.asarray(allowed, dtype=bool)


def with_place(engine: Engine, facilities: Facilities, service: str, n: int) -> Bools:
    """(n,) municipalities with a place of a service on the territory."""
    frame = facilities.of_service(service).frame
    at = engine.territory.locate(frame[is_place(frame)], region().base, region().vintage)
    has_place = np.zeros(n, dtype=bool)
    has_place[at[at >= 0]] = True
    return has_place
