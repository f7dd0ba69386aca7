"""New places that are regretted least, whichever of many cases turns out to be true, and how often each is the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.siting.planning.ahead.cases import CasesOfProblem, Doubt, find_cases
from coverage.siting.planning.gains import Outcome, gains, outcome
from coverage.siting.planning.question.problem import Problem, build_problem
from coverage.siting.solvers.basis.control import Control, Progress
from coverage.siting.solvers.regret import RegretResult, least_regret
from i18n.messages import MessageError
from loaders.catalogue.columns import ROBUST_COLUMNS, SITE_COLUMNS
from loaders.catalogue.types import Floats, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.core.query import Query
    from coverage.siting.planning.question.request import SitingRequest
    from loaders.catalogue.facilities import Facilities

MAX_OTHERS = 10
"""Sites that are told of beside the chosen ones: those most often in the best choice of a case."""


@dataclass(frozen=True, eq=False)
class RobustProposal:
    """The choice that is regretted least.

    Attributes
    ----------
    problem, doubt, cases : what was asked
    result : the answer with its proof
    sites : `SITE_COLUMNS` and `ROBUST_COLUMNS`: the chosen sites first, then others that are in the best choice of some
        case, with what each would bring by itself
    before, after : the area as it is and with the chosen sites, in the figures as they are
    """

    problem: Problem
    doubt: Doubt
    cases: CasesOfProblem
    result: RegretResult
    sites: pd.DataFrame
    before: Outcome
    after: Outcome

    @property
    def worst(self) -> int:
        """Number of the case in which the choice is regretted most."""
        return int(self.result.regret.argmax())

    @property
    def mean_regret(self) -> float:
        """Regret on average over the cases."""
        return float(self.result.regret.mean())


def propose_robust(
    engine: Engine,
    query: Query,
    facilities: Facilities,
    request: SitingRequest,
    doubt: Doubt,
    ahead: tuple[Ints, Floats] | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> RobustProposal:
    """Propose the new places that are regretted least.

    Parameters
    ----------
    engine, query, facilities, request, should_stop, on_progress : see `coverage.siting.planning.proposal.propose`; the
        objective is ``mclp``, and no place may close
    doubt, ahead : see `coverage.siting.planning.ahead.cases.find_cases`

    Raises
    ------
    InputError
        as `propose`, and when the request asks what does not go with it
    """
    if request.objective != "mclp" or request.assigns or request.close or request.targeting:
        raise MessageError("siting.error.robust_alone")
    control = Control(request.time_limit, 0.0, should_stop, on_progress)
    problem = build_problem(engine, query, facilities, request, control=control)
    cases = find_cases(engine, problem, doubt, ahead, control)
    result = least_regret(
        cases.cases,
        problem.query.reach_m,
        problem.count,
        fixed=problem.fixed,
        rules=problem.rules,
        time_limit=None if request.time_limit is None else control.left,
        should_stop=should_stop,
        on_progress=on_progress,
    )
    return _explained(engine, problem, doubt, cases, result)


def _explained(
    engine: Engine, problem: Problem, doubt: Doubt, cases: CasesOfProblem, result: RegretResult
) -> RobustProposal:
    count, before = len(problem.candidates), problem.analysis.distance_m
    new = result.sites[result.sites < count]
    share = result.times_best(problem.cost.shape[1])[:count]
    gain = gains(engine, problem, new, before, before)
    chosen = _told(problem, gain.sites, share, chosen=True)
    others = [site for site in np.argsort(-share, kind="stable") if share[site] > 0 and site not in set(new.tolist())]
    rows = [chosen]
    for rank, site in enumerate(others[:MAX_OTHERS], len(chosen) + 1):
        alone = gains(engine, problem, np.array([site], dtype=np.intp), before, before).sites.assign(rank=rank)
        rows.append(_told(problem, alone, share, chosen=False))
    after = outcome(problem, gain.distance_m)
    return RobustProposal(
        problem, doubt, cases, result, pd.concat(rows, ignore_index=True), outcome(problem, before), after
    )


def _told(problem: Problem, sites: pd.DataFrame, share: Floats, *, chosen: bool) -> pd.DataFrame:
    number = pd.Index(problem.candidates.frame["id"].astype(str)).get_indexer(pd.Index(sites["site_id"].astype(str)))
    return sites.assign(chosen=chosen, share_best=share[number])[[*SITE_COLUMNS, *ROBUST_COLUMNS]]
