"""The programming test of a plan: every place that it puts in an area, beside all the others of the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from coverage.analysis import Engine
from coverage.case.programming_test import ProgrammingTest, area_of, programming_test
from coverage.case.thresholds import AskedThresholds
from coverage.core.query import Query
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.threshold_presets import USUAL_PRESET

MAX_PLANNED = 3
"""New places of a plan that are tested one by one."""


@dataclass(frozen=True, eq=False)
class PlanTests:
    """Tests of a plan.

    Attributes
    ----------
    tests : (name of a new place of the area, its test); one with an empty name where the plan puts none there, which
        tests the area with the places of the plan
    n_places : new places in the area, those that are not tested included
    """

    tests: tuple[tuple[str, ProgrammingTest], ...]
    n_places: int


def judge_plan(
    engine: Engine,
    query: Query,
    present: Facilities,
    after: Facilities,
    *,
    preset: str = USUAL_PRESET,
    asked: AskedThresholds | None = None,
) -> PlanTests:
    """Hold the new places of a plan in an area against the thresholds, each where all others of the plan stand.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach and area; that of the plan
    present, after : the whole facility set without the plan and with it
    preset, asked : thresholds, see `programming_test`
    """
    planned = planned_places(present, after, query.service, area_of(engine, query)[1])
    tests = []
    for row in planned.head(MAX_PLANNED).to_dict("records"):
        name = str(row["name"] if pd.notna(row["name"]) and row["name"] else row["id"])
        others = replace(after, frame=after.frame[after.frame["id"] != row["id"]].reset_index(drop=True))
        spot = float(row["x"]), float(row["y"])
        tests.append((name, programming_test(engine, query, others, preset=preset, asked=asked, site_xy=spot)))
    if not tests:
        tests.append(("", programming_test(engine, query, after, preset=preset, asked=asked)))
    return PlanTests(tuple(tests), len(planned))


def planned_places(present: Facilities, after: Facilities, service: str, shape: Any) -> pd.DataFrame:
    """Places of a service in a shape that stood somewhere else before, or nowhere, where families can walk in."""
    reachable = set(after.reachable()["id"])
    frame = after.frame
    frame = frame[(frame["service"] == service) & frame["id"].isin(reachable) & frame["x"].notna()]
    was = present.frame.set_index("id")[["x", "y"]].reindex(frame["id"]).to_numpy(np.float64)
    now = frame[["x", "y"]].to_numpy(np.float64)
    here = shapely.intersects_xy(shape, now[:, 0], now[:, 1])
    changed: pd.DataFrame = frame[(was != now).any(axis=1) & here].reset_index(drop=True)
    return changed
