"""The births criterion: whether an area has births enough to justify a place, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely

from coverage.analysis import Analysis, Engine
from coverage.core.query import Query
from coverage.core.rows import about_places
from coverage.siting.planning.proposal import propose
from coverage.siting.planning.question.problem import SitingRequest
from coverage.travel.straight_line import CIRCUITY
from coverage.zones.areas import area_cells, area_shape
from coverage.zones.uncertainty import Cells, InputSpread, batches, draw_batch, spread_of, uncertain_cells
from i18n.messages import MessageError
from i18n.texts import DEFAULT_LANGUAGE, format_number, format_percent, text
from loaders.catalogue.columns import CRITERION_COLUMNS
from loaders.catalogue.facilities import Facilities, facility_frame
from loaders.catalogue.types import Bools, Floats

Counted = Literal["in_reach", "only_here", "area"]
COUNTED: tuple[Counted, ...] = ("in_reach", "only_here", "area")
"""Births the threshold is held against: all within reach of the site, those of them nobody else reaches, or all births
of the area."""

DRAWS = 400
SURE = 0.95
"""From this probability on, on either side, a verdict is called clear."""

_WIDEST = 3.0
"""Cells up to this many times the reach are looked at in the draws."""

_SITE_ID = "proposed-site"


@dataclass(frozen=True)
class Threshold:
    """What the user asks of an area.

    Attributes
    ----------
    births : births a year at least
    density : births a year per square kilometre of the area at least; None for no such threshold
    counted : which births count, one of `COUNTED`
    """

    births: float
    density: float | None = None
    counted: Counted = "in_reach"

    def __post_init__(self) -> None:
        """Check every value."""
        if not (np.isfinite(self.births) and self.births >= 0):
            raise MessageError("error.question.criterion_births", value=str(self.births))
        if self.density is not None and not (np.isfinite(self.density) and self.density >= 0):
            raise MessageError("error.question.criterion_density", value=str(self.density))
        if self.counted not in COUNTED:
            raise MessageError("error.question.criterion_counted", value=self.counted, known=", ".join(COUNTED))


@dataclass(frozen=True, eq=False)
class Criterion:
    """An area and a site against the threshold.

    Attributes
    ----------
    threshold : what was asked
    x, y : the site, metres
    site_name : its name, empty for a point of the user
    births_area : births of the area; ``area_km2`` its size, ``density`` births per km²
    births_in_reach : births within reach of the site, in the area or not
    births_only_here : those of them that have no place within reach today
    low, high : where nine draws in ten of the births counted lie
    holds : whether births and density reach the thresholds
    probability : share of the draws in which the births counted reach theirs
    draws, seed : how many draws, and where they start
    analysis : the situation as it is
    """

    threshold: Threshold
    x: float
    y: float
    site_name: str
    births_area: float
    area_km2: float
    density: float
    births_in_reach: float
    births_only_here: float
    low: float
    high: float
    holds: bool
    probability: float
    draws: int
    seed: int
    analysis: Analysis

    @property
    def counted(self) -> float:
        """The births that the threshold is held against."""
        values = {
            "in_reach": self.births_in_reach,
            "only_here": self.births_only_here,
            "area": self.births_area,
        }
        return values[self.threshold.counted]

    def sentence(self, lang: str = DEFAULT_LANGUAGE) -> str:
        """Say the verdict in one sentence, with how sure it is."""
        service = text(f"service.{self.analysis.query.service}", lang)
        dense = self.threshold.density is None or self.density >= self.threshold.density
        verdict = "yes" if self.holds else ("no" if dense else "too_sparse")
        density = ""
        if self.threshold.density is not None:
            density = " " + text(
                "criterion.density",
                lang,
                found=format_number(self.density, lang, 1),
                asked=format_number(self.threshold.density, lang, 1),
            )
        return (
            text(
                f"criterion.{verdict}",
                lang,
                service=service,
                found=format_number(self.counted, lang, 0),
                asked=format_number(self.threshold.births, lang, 0),
                counted=text(f"criterion.counted.{self.threshold.counted}", lang),
            )
            + density
            + " "
            + text(
                f"criterion.{self._sureness()}",
                lang,
                probability=format_percent(self.probability, lang),
                low=format_number(self.low, lang, 0),
                high=format_number(self.high, lang, 0),
            )
        )

    def _sureness(self) -> str:
        return "clear" if self.probability >= SURE or self.probability <= 1 - SURE else "close"

    def table(self) -> pd.DataFrame:
        """One row with every figure."""
        row = {
            "site_name": self.site_name,
            "x": self.x,
            "y": self.y,
            "births": self.births_area,
            "area_km2": self.area_km2,
            "births_per_km2": self.density,
            "births_in_reach": self.births_in_reach,
            "births_only_here": self.births_only_here,
            "counted": self.threshold.counted,
            "births_counted": self.counted,
            "births_low": self.low,
            "births_high": self.high,
            "threshold_births": self.threshold.births,
            "threshold_density": np.nan if self.threshold.density is None else self.threshold.density,
            "holds": self.holds,
            "probability": self.probability,
        }
        analysis = self.analysis
        told = about_places(pd.DataFrame([row]), analysis.query, analysis.demand, analysis.facilities, [_SITE_ID])
        return told[list(CRITERION_COLUMNS)]


def births_criterion(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    threshold: Threshold,
    *,
    site_xy: tuple[float, float] | None = None,
    area: Any = None,
    draws: int = DRAWS,
    seed: int = 1,
    spread: InputSpread | None = None,
) -> Criterion:
    """Hold an area against a threshold on births.

    Parameters
    ----------
    engine : engine on the snapshot to work from
    query : service, reach, travel model and demand; ``areas`` name the area unless ``area`` draws it
    facilities : the whole facility set: who reaches these births today
    threshold : what is asked
    site_xy : the proposed site, metres; None for the candidate that reaches most births in the area that
        have no place within reach
    area : shapely polygon in metres, drawn by the user
    draws, seed, spread : random draws for the uncertainty, as for the probability of a gap (`zones.uncertainty`)

    Raises
    ------
    InputError
        when there is no area, it holds no births, or distances are not known
    """
    analysis = engine.analyse(replace(query, areas=()), facilities)
    if np.isnan(analysis.distance_m).any():
        raise MessageError("error.question.criterion_unknown")
    inside, shape = _area(engine, query, area)
    births = analysis.demand.births
    in_area = float(births[inside].sum())
    if not in_area > 0:
        raise MessageError("error.question.criterion_no_births")
    name = ""
    if site_xy is None:
        site_xy, name = _best_site(engine, query, facilities, inside)
    cells, distance = _with_site(engine, query, analysis, site_xy)
    near = distance <= query.reach_m
    reached = float(births[near].sum())
    alone = float(births[near & ~(analysis.distance_m <= query.reach_m)].sum())
    drawn = _draw_births(
        cells, distance, inside, query.reach_m, threshold.counted, draws, seed, spread or spread_of(analysis.query)
    )
    size = float(shape.area) / 1e6
    density = in_area / size
    dense = threshold.density is None or density >= threshold.density
    counted = {"in_reach": reached, "only_here": alone, "area": in_area}[threshold.counted]
    return Criterion(
        threshold=threshold,
        x=float(site_xy[0]),
        y=float(site_xy[1]),
        site_name=name,
        births_area=in_area,
        area_km2=size,
        density=density,
        births_in_reach=reached,
        births_only_here=alone,
        low=float(np.quantile(drawn, 0.05)),
        high=float(np.quantile(drawn, 0.95)),
        holds=bool(counted >= threshold.births and dense),
        probability=float((drawn >= threshold.births).mean()),
        draws=draws,
        seed=seed,
        analysis=analysis,
    )


def _area(engine: Engine, query: Query, area: Any) -> tuple[Bools, Any]:
    """(n_cells,) cells of the area, and its shape."""
    if area is not None:
        if area.is_empty or not area.is_valid or area.area == 0:
            raise MessageError("error.question.criterion_drawn")
        xy = engine.snapshot.grid.xy
        return np.asarray(shapely.contains_xy(area, xy[:, 0], xy[:, 1]), dtype=bool), area
    if not query.areas:
        raise MessageError("error.question.criterion_no_area")
    return area_cells(engine.territory, query.areas, query.vintage), area_shape(
        engine.territory, query.areas, query.vintage
    )


def _best_site(engine: Engine, query: Query, facilities: Facilities, inside: Bools) -> tuple[tuple[float, float], str]:
    """Best single site of the area among the middles of its sectors."""
    site = propose(engine, query, facilities, SitingRequest(add=1), inside=inside).sites.iloc[0]
    return (float(site["x"]), float(site["y"])), str(site["name"])


def _with_site(engine: Engine, query: Query, analysis: Analysis, site_xy: tuple[float, float]) -> tuple[Cells, Floats]:
    """Cells for the draws, with the site as the last of the places, and (n_cells,) the distance to the site."""
    site = facility_frame(
        [
            {
                "id": _SITE_ID,
                "service": query.service,
                "x": site_xy[0],
                "y": site_xy[1],
                "precision": "point",
                "physical": True,
                "status": "exists",
                "evidence": "user",
            }
        ]
    )
    alone = replace(analysis.facilities, frame=site, scope=None)
    distance = engine.reach(alone, query).distance_m
    everyone = replace(
        analysis.facilities, frame=pd.concat([analysis.facilities.frame, site], ignore_index=True), scope=None
    )
    reach = engine.reach(analysis.facilities, query)
    return uncertain_cells(engine.snapshot, analysis.demand, reach, everyone), distance


def _draw_births(
    cells: Cells,
    distance: Floats,
    inside: Bools,
    within_m: float,
    counted: Counted,
    draws: int,
    seed: int,
    spread: InputSpread,
) -> Floats:
    """(draws,) the births that count in every draw."""
    if counted == "area":
        rows = np.flatnonzero(inside[cells.cell])
    else:
        rows = np.flatnonzero(distance[cells.cell] <= _WIDEST * within_m)
    births, block, place = cells.births[rows], cells.block[rows], cells.place[rows]
    to_site, to_place = distance[cells.cell[rows]], cells.distance_m[rows]
    births_drawn = []
    for number, size in enumerate(batches(draws)):
        random = np.random.default_rng([seed, number])
        drawn = draw_batch(random, cells, size, within_m, spread)
        expected = births[:, None] * drawn.factor[block]
        if counted != "area":
            expected = np.where(to_site[:, None] <= drawn.limit_m[:, -1][None, :], expected, 0.0)
        if counted == "only_here":
            moved = (drawn.moved_m[:, place] * cells.towards[rows][None]).sum(axis=2).T
            theirs = to_place[:, None] - CIRCUITY * moved <= drawn.limit_m[:, place].T
            expected = np.where(theirs, 0.0, expected)
        total = expected.sum(axis=0)
        births_drawn.append(random.poisson(total).astype(np.float64) if spread.chance else total)
    return np.concatenate(births_drawn)
