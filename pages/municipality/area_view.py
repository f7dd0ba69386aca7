"""What every section of the page needs: the figures, the question, the cells of the area, and words for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coverage.analysis import Analysis
from coverage.case.programming_test import area_of
from layers.sentences.case import area_words
from loaders.catalogue.types import Bools
from pages.municipality.asked import MunicipalityQuestion, read_asked
from pages.shell.context import current
from pages.shell.plans.plan_context import PlanContext, view_of


class AreaView:
    """An area as one page asks about it, with the places of today or those of a plan.

    Parameters
    ----------
    data : what the page keeps
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.asked: MunicipalityQuestion = read_asked(data, current().lang)
        state, self.context = view_of(self.asked.state.__dict__)
        self.lang = self.asked.state.lang
        self.query = replace(self.context.question(state), draws=0)
        self.facilities = self.context.facilities(state.facilities)
        self.inside: Bools = area_of(self.context.engine, self.query)[0]
        self.where = area_words(self.context.snapshot, self.query, self.lang)

    @property
    def births(self) -> float:
        """Births of the area."""
        return float(self.analysis.demand.births[self.inside].sum())

    @property
    def analysis(self) -> Analysis:
        """The situation that is asked about, for the whole region."""
        return self.context.engine.analyse(replace(self.query, areas=()), self.facilities)

    @property
    def plan(self) -> PlanContext | None:
        """The plan whose places are asked about; None for one that changes nothing, and for today."""
        return self.context if isinstance(self.context, PlanContext) and self.context.scenario.edits else None
