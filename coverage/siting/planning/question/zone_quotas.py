"""How many places of a service a zone has at most and at least: one per zone, a door in every municipality."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from coverage.siting.solvers.basis.rules import Quota
from i18n.messages import MessageError
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.types import Floats, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine


def parse_quota(word: str) -> tuple[str, int]:
    """Read ``level:number``, such as ``municipality:1``.

    Raises
    ------
    MessageError
        when it is not written so, or there is no such level

    Examples
    --------
    >>> parse_quota("municipality:1")
    ('municipality', 1)
    """
    level, _, number = word.partition(":")
    level, number = level.strip(), number.strip()
    if not number.isdecimal():
        raise MessageError("siting.error.per_zone", value=word)
    get_level(level)
    return level, int(number)


def zone_quotas(
    engine: Engine, vintage: int, most: str | None, least: str | None, sites: Floats, existing: Ints, others: Floats
) -> list[Quota]:
    """Quotas of every zone with a site.

    Parameters
    ----------
    engine : for the zones of the grid
    vintage : of the borders
    most, least : ``level:number``; None for none
    sites : (m, 2) places to choose from, and those that may close
    existing : numbers of the sites that exist
    others : (k, 2) places that stay; they count, and where they are more than ``most`` no new one comes
    """
    quotas: list[Quota] = []
    if most is None and least is None:
        return quotas
    tree = cKDTree(engine.snapshot.grid.xy)
    for word, upper in ((most, True), (least, False)):
        if word is None:
            continue
        level, number = parse_quota(word)
        level_vintage = get_level(level).resolve_vintage(vintage)
        zone = engine.snapshot.zone_index(level, level_vintage)
        names = engine.territory.zones(level, level_vintage)["zone_name"].to_numpy(object)
        of_site = zone[np.asarray(tree.query(sites)[1], dtype=np.intp)]
        of_other = zone[np.asarray(tree.query(others)[1], dtype=np.intp)] if len(others) else np.zeros(0, dtype=np.intp)
        there = np.bincount(of_other[of_other >= 0], minlength=len(names))
        groups: dict[int, list[int]] = defaultdict(list)
        for site, one in enumerate(of_site):
            if one >= 0:
                groups[int(one)].append(site)
        for one, members in sorted(groups.items()):
            left = max(0, number - int(there[one]))
            if upper:  # what exists already may stay
                quotas.append(Quota(members, 0, max(left, int(np.isin(members, existing).sum())), str(names[one])))
            elif left:
                quotas.append(Quota(members, left, None, str(names[one])))
    return quotas
