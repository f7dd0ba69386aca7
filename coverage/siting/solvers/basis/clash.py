"""Which rules cannot hold together: a set of them that clashes, and of which none can be missed.

The rules of a model that has no answer are left out one by one; one without which there is still none plays no part
(the deletion filter of Chinneck and Dravnieks 1991, ORSA Journal on Computing 3, 157-168).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coverage.siting.solvers.basis.control import Control
from coverage.siting.solvers.basis.instance import Instance
from coverage.siting.solvers.basis.model import Model, solve
from coverage.siting.solvers.basis.sparse import ones, stack, take
from i18n.messages import Enumeration, Message, MessageError, Word
from loaders.catalogue.types import Bools

SECONDS = 5.0
"""Time for each of the rules; where it does not do, what is left counts as clashing."""

HARD = ""
"""Name of the rows that are no rule, such as those that tie a share to its site."""


def no_selection(model: Model, names: tuple[str, ...], control: Control) -> MessageError:
    """Return the error for a model without an answer: it was stopped, or these rules clash.

    Parameters
    ----------
    model : the programme, of which only the rows and limits count
    names : (r,) the rule of every row, `HARD` for none
    control : of the run
    """
    if control.stopped:
        return MessageError("siting.error.none_in_time")
    clashes = clashing(model, names)
    if not clashes:
        return MessageError("siting.error.no_selection")
    return MessageError("siting.error.clash", rules=Enumeration([_told(name) for name in clashes]))


def clashing(model: Model, names: tuple[str, ...]) -> list[str]:
    """Names of rules that cannot hold together, though they can without any one of them; none where all hold."""
    name = np.array(names, dtype=object)
    left = [one for one in dict.fromkeys(names) if one != HARD]
    if _holds(model, np.ones(len(name), dtype=bool)):
        return []
    for one in list(left):
        fewer = [other for other in left if other != one]
        if not _holds(model, np.isin(name, [HARD, *fewer])):
            left = fewer
    return left


def site_model(instance: Instance, new: int | None, must: Bools | None) -> tuple[Model, tuple[str, ...]]:
    """Model of the rules on the choice of sites alone, and the rule of each row.

    Parameters
    ----------
    instance : pairs that count, and rules
    new : sites at most beside the fixed ones; None for no limit
    must : (n,) demand that a site has to reach; None for none
    """
    side, m = instance.side, instance.n_sites
    parts, low, high, names = [side.rows], [side.low], [side.high], list(side.name)
    if new is not None:
        parts.append(ones(np.zeros(m), np.arange(m), (1, m)))
        low, high, names = [*low, np.zeros(1)], [*high, np.array([float(new)])], [*names, "count"]
    if must is not None:
        rows = np.flatnonzero(must & np.isinf(instance.nearest(instance.fixed)[0]))
        parts.append(take(ones(instance.row, instance.col, (instance.n_demand, m)), rows))
        low, high = [*low, np.ones(len(rows))], [*high, np.full(len(rows), np.inf)]
        names += ["serve"] * len(rows)
    model = Model(
        cost=np.zeros(m),
        low=np.zeros(m),
        high=side.allowed.astype(np.float64),
        integer=np.ones(m, dtype=bool),
        rows=stack(parts),
        row_low=np.concatenate(low),
        row_high=np.concatenate(high),
    )
    return model, tuple(names)


def _holds(model: Model, rows: Bools) -> bool:
    """Whether some of the rows can hold together; True where that is not known in time."""
    at = np.flatnonzero(rows)
    part = replace(
        model,
        cost=np.zeros(len(model.cost)),
        rows=take(model.rows, at),
        row_low=model.row_low[at],
        row_high=model.row_high[at],
    )
    solution = solve(part, Control(SECONDS))
    return solution.x is not None or not solution.proven


def _told(name: str) -> Message | Word:
    kind, _, group = name.partition(" ")
    return Message("siting.rule.group", group=group) if group else Word(f"siting.rule.{kind}")
