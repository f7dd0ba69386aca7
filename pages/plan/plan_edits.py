"""What the browser asks for becomes another version of the plan: one change at a time, or a few as one step.

A plan lists changes, not gestures: whoever drags a place twice moved it once, and opening what was closed leaves
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from coverage.core.points import demand_points
from coverage.core.query import DEFAULT_WITHIN_M, norm_within_m
from coverage.scenario.edits import Add, Bridge, Capacity, Close, Edit, Hours, Move, Open, SetReach, Year, read_edit
from coverage.scenario.scenario import Scenario
from i18n.messages import MessageError
from i18n.texts import text
from loaders.catalogue.regions.projection import from_lonlat
from loaders.catalogue.regions.region_in_use import region
from loaders.snapshot.locator import Locator
from pages.shell.plans.plan_context import PlanContext
from pages.shell.state import State

Edits = tuple[Edit, ...]
Asked = dict[str, Any]


def changed(context: PlanContext, state: State, asked: Asked) -> Scenario:
    """Plan after what was asked.

    Parameters
    ----------
    context : the plan as it is
    state : the view, for the service of a new place and the language of its name
    asked : ``do`` and what it needs: ``id``, ``lat`` and ``lon`` or ``municipality``, ``value``, ``mode`` and
        ``within``, ``demand`` and ``year``, ``nr`` of a change (from 0), ``edits``

    Raises
    ------
    InputError
        when it cannot be done, in one sentence
    """
    scenario = context.scenario
    make = _DOES.get(str(asked.get("do")))
    if make is None:
        raise MessageError("error.plan.what", value=str(asked.get("do")), known=", ".join(_DOES))
    kept, more = make(context, {**asked, "service": state.service, "lang": state.lang})
    left = replace(scenario, edits=kept)
    return left.with_edits(list(more), context.present, context.base.snapshot) if more else _checked(left, context)


def _checked(scenario: Scenario, context: PlanContext) -> Scenario:
    """Return the plan; `InputError` when a change rests on one that is gone."""
    if context.on_other_data:
        return scenario
    for why in scenario.applied_to(context.present, context.base.snapshot).faults.values():
        raise why
    return scenario


def _add(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    service = str(asked["service"])
    x, y = _middle(context, str(asked["municipality"])) if asked.get("municipality") else point(asked)
    name = _name(context, service, (x, y), str(asked["lang"]))
    return context.scenario.edits, (Add("", service, name, x, y),)


def _move(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    place, (x, y) = str(asked.get("id")), point(asked)
    edits = context.scenario.edits
    if _added(edits, place) is not None:
        return (), tuple(_with(edit, place, x=x, y=y) for edit in _without(edits, Move, place))
    return _without(edits, Move, place), (Move(place, x, y),)


def _back(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    return _without(context.scenario.edits, Move, str(asked.get("id"))), ()


def _close(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    place, edits = str(asked.get("id")), context.scenario.edits
    if _added(edits, place) is not None:
        return tuple(edit for edit in edits if getattr(edit, "id", "") != place), ()
    left = _without(edits, Open, place)
    return (left, ()) if len(left) < len(edits) else (edits, (Close(place),))


def _open(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    place, edits = str(asked.get("id")), context.scenario.edits
    left = _without(edits, Close, place)
    return (left, ()) if len(left) < len(edits) else (edits, (Open(place),))


def _hours(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    return _amount(context, asked, Hours, "hours_per_year")


def _capacity(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    return _amount(context, asked, Capacity, "capacity")


def _amount(context: PlanContext, asked: Asked, kind: type[Hours | Capacity], name: str) -> tuple[Edits, Edits]:
    """Another number for a place; an empty one takes the change back."""
    place, value, edits = str(asked.get("id")), asked.get("value"), context.scenario.edits
    if _added(edits, place) is not None:
        return (), tuple(_with(edit, place, **{name: value}) for edit in _without(edits, kind, place))
    left = _without(edits, kind, place)
    return left, () if value is None else (kind(place, value),)


def _reach(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    mode, within = str(asked.get("mode")), asked.get("within")
    base = context.scenario.base_query
    norm = norm_within_m(base.service, mode)
    within = norm if within is None else None if norm is None and within == DEFAULT_WITHIN_M[mode] else within
    edit = SetReach(mode, within)
    left = tuple(e for e in context.scenario.edits if not isinstance(e, SetReach))
    same = edit.mode == base.mode and (edit.within_m or DEFAULT_WITHIN_M[edit.mode]) == base.reach_m
    return left, () if same else (edit,)


def _year(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    year = asked.get("year")
    edit = Year(str(asked.get("demand")), None if year in (None, "") else int(str(year)))
    left = tuple(e for e in context.scenario.edits if not isinstance(e, Year))
    base = context.scenario.base_query
    return left, () if (edit.demand, edit.year) == (base.demand, base.year) else (edit,)


def _bridge(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    """A bridge between two points, named after the municipalities at its ends."""
    ends = point(asked), point({"lat": asked.get("to_lat"), "lon": asked.get("to_lon")})
    newest = Locator(context.base.snapshot).locate(np.array(ends)).newest
    names = context.base.snapshot.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    where = list(dict.fromkeys(str(names.get(nis, nis)) for nis in newest))
    name = text("plan.new.bridge", str(asked["lang"]), where="–".join(where))
    (x, y), (to_x, to_y) = ends
    return context.scenario.edits, (Bridge(x, y, to_x, to_y, str(asked.get("modes")), name),)


def _drop(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    """Without one of the changes; without a new place goes all that was done to it."""
    edits, at = context.scenario.edits, asked.get("nr")
    if not isinstance(at, int) or not 0 <= at < len(edits):
        raise MessageError("error.plan.number", at=str(at), n=str(len(edits)))
    gone = edits[at]
    place = gone.id if isinstance(gone, Add) else ""
    return tuple(e for i, e in enumerate(edits) if i != at and (not place or getattr(e, "id", "") != place)), ()


def _incoming(context: PlanContext, asked: Asked) -> tuple[Edits, Edits]:
    """Take over several edits as one step, such as a proposal."""
    given = asked.get("edits")
    if not isinstance(given, list) or not given:
        raise MessageError("error.plan.no_proposal")
    return context.scenario.edits, tuple(read_edit(edit, n) for n, edit in enumerate(given, 1))


_DOES: dict[str, Callable[[PlanContext, Asked], tuple[Edits, Edits]]] = {
    "add": _add,
    "move": _move,
    "back": _back,
    "close": _close,
    "open": _open,
    "hours": _hours,
    "capacity": _capacity,
    "reach": _reach,
    "year": _year,
    "bridge": _bridge,
    "drop": _drop,
    "incoming": _incoming,
}
"""What can be asked -> the edits that stay, and those that come after them."""


def point(asked: Asked) -> tuple[float, float]:
    """Point in metres out of degrees, or out of metres (``x``, ``y``)."""
    try:
        if "x" in asked:
            return float(asked["x"]), float(asked["y"])
        lonlat = np.array([[float(asked["lon"]), float(asked["lat"])]])
    except (KeyError, TypeError, ValueError):
        raise MessageError("error.plan.point") from None
    x, y = from_lonlat(lonlat)[0]
    if not (math.isfinite(x) and math.isfinite(y)):
        raise MessageError("error.plan.far")
    return float(x), float(y)


def _middle(context: PlanContext, nis: str) -> tuple[float, float]:
    """Inhabited cell in the middle of the children of a municipality; metres."""
    query, snapshot = context.scenario.query, context.base.snapshot
    zones = snapshot.zones(region().base, region().vintage)["zone_id"].tolist()
    if nis not in zones:
        raise MessageError("error.plan.municipality", nis=nis)
    inside = snapshot.zone_index(region().base, region().vintage) == zones.index(nis)
    points = demand_points(snapshot, context.engine.demand(query.demand, query.year), region().base, inside)
    if not len(points.cell):
        raise MessageError("error.plan.nobody", nis=nis)
    x, y = snapshot.grid.xy[points.cell[0]]
    return float(x), float(y)


def _name(context: PlanContext, service: str, xy: tuple[float, float], lang: str) -> str:
    """Name of a new place after the municipality that it stands in; numbered from the second one on."""
    nis = Locator(context.base.snapshot).locate(np.array([xy])).newest[0]
    names = context.base.snapshot.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    name = text(f"plan.new.{service}", lang, where=str(names.get(nis, nis)))
    taken = {edit.name for edit in context.scenario.edits if isinstance(edit, Add)}
    numbered = (name, *(f"{name} {n}" for n in range(2, len(taken) + 3)))
    return next(n for n in numbered if n not in taken)


def _added(edits: Sequence[Edit], place: str) -> Add | None:
    return next((edit for edit in edits if isinstance(edit, Add) and edit.id == place), None)


def _with(edit: Edit, place: str, **values: Any) -> Edit:
    return replace(edit, **values) if isinstance(edit, Add) and edit.id == place else edit


def _without(edits: Edits, kind: type[Edit], place: str) -> Edits:
    return tuple(edit for edit in edits if not (isinstance(edit, kind) and getattr(edit, "id", "") == place))
