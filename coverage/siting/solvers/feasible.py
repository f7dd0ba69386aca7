"""Whether there is an answer at all, and what to say when there is none."""

from __future__ import annotations

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.instance import Instance
from coverage.siting.solvers.basis.rules import no_rules
from coverage.siting.solvers.basis.sparse import ones, take
from coverage.siting.solvers.setcover import Cover, cover_all
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats


def serving_all(instance: Instance, must: Bools, new: int, control: Control) -> Bools | None:
    """Sites that reach all demand that asks for one; None when any choice does.

    Raises
    ------
    MessageError
        when ``new`` sites cannot: it says how many can
    """
    rows = np.flatnonzero(must)
    allowed = instance.side.allowed
    covers = take(ones(instance.row, instance.col, (instance.n_demand, instance.n_sites)), rows)
    reach = covers @ allowed.astype(np.float64)
    selective = np.flatnonzero(reach < allowed.sum()) if new else np.arange(len(rows))
    if not len(selective):
        return None
    cover: Cover = cover_all(take(covers, selective), no_rules(allowed), control, enough=new)
    if cover.possible:
        return cover.chosen if cover.chosen is not None and cover.chosen.sum() <= new else None
    fixed = int(instance.fixed.sum())
    raise MessageError("siting.error.too_few", p=new + fixed, least=int(cover.bound) + fixed, rows=len(rows))


def fill(chosen: Bools, new: int, instance: Instance, weight: Floats) -> Bools:
    """Open as many sites as were asked for: others that add nothing to the objective, the most used first."""
    missing = new - int(chosen.sum())
    if missing <= 0 or not instance.side.empty:
        return chosen
    spare = instance.side.allowed & ~chosen
    reach = np.bincount(instance.col, weights=weight[instance.row], minlength=instance.n_sites)
    order = np.argsort(-np.where(spare, reach, -1.0), kind="stable")[:missing]
    filled = chosen.copy()
    filled[order] = True
    return filled & (spare | chosen)
