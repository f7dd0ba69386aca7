"""What every solver gives back: the sites, what they are worth, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coverage.siting.solvers.basis.control import Control, Stopped
from coverage.siting.solvers.basis.gate import Terms, check_answer
from coverage.siting.solvers.basis.sparse import Matrix
from loaders.catalogue.types import Bools, Ints


@dataclass(frozen=True, eq=False)
class SitingResult:
    """An answer with its proof.

    Attributes
    ----------
    sites : numbers of the open sites, fixed ones included, ascending
    objective : number of sites (`lscp`), weight covered (`mclp`), weighted distance (`p_median`) or largest distance
        (`p_center`)
    bound : no choice of sites can be better than this: a lower bound, for `mclp` an upper bound
    gap : ``|objective - bound| / |objective|``; 0 when proven optimal
    assignment : (n,) site that serves each demand, -1 for none; with capacities the site that serves most of it
    seconds : time taken
    optimal : whether the proof is complete
    stopped : ``time`` or ``cancelled`` when the run ended before its proof, else empty
    unserved : rows that no site in question can reach: left out of the objective of `p_median` and `p_center`
    greedy_sites, greedy_objective : what adding the best next site would give; None where it finds nothing
    shares : with capacities, (n, m) sparse share of each demand that each site serves; else None
    build_seconds : the part of ``seconds`` spent on reading and reducing the problem
    """

    sites: Ints
    objective: float
    bound: float
    gap: float
    assignment: Ints
    seconds: float
    optimal: bool
    stopped: Stopped = ""
    unserved: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    greedy_sites: Ints | None = None
    greedy_objective: float | None = None
    shares: Matrix | None = None
    build_seconds: float = 0.0


def relative_gap(objective: float, bound: float) -> float:
    """``|objective - bound| / |objective|``, 0 when they agree to 1e-9."""
    difference = abs(objective - bound)
    if difference <= 1e-9 * max(1.0, abs(objective)):
        return 0.0
    return difference / abs(objective) if objective else float("inf")


def finish(
    terms: Terms,
    chosen: Bools,
    objective: float,
    bound: float,
    control: Control,
    *,
    greedy: tuple[Bools, float] | None = None,
    shares: Matrix | None = None,
    build_seconds: float = 0.0,
) -> SitingResult:
    """Make the result of an answer that stands up to its question, every demand at its nearest open site.

    Raises
    ------
    UnsoundAnswerError
        see `coverage.siting.solvers.basis.gate.check_answer`
    """
    instance = terms.instance
    gap = relative_gap(objective, bound)
    assignment = instance.nearest(chosen, terms.radius)[1] if shares is None else _largest(shares)
    check_answer(terms, chosen, objective, bound, assignment, shares)
    return SitingResult(
        sites=np.flatnonzero(chosen),
        objective=objective,
        bound=objective if gap == 0 else bound,
        gap=gap,
        assignment=assignment,
        seconds=control.seconds,
        optimal=gap == 0,
        stopped="" if gap <= control.mip_gap else control.stopped,
        unserved=instance.unreachable,
        greedy_sites=None if greedy is None else np.flatnonzero(greedy[0]),
        greedy_objective=None if greedy is None else greedy[1],
        shares=shares,
        build_seconds=build_seconds,
    )


def _largest(shares: Matrix) -> npt.NDArray[np.intp]:
    """(n,) column with the largest share of each row, -1 for an empty row."""
    pairs = shares.tocoo()
    largest = np.full(shares.shape[0], -1, dtype=np.intp)
    order = np.lexsort((-pairs.col, pairs.data))
    row, col, share = pairs.row[order], pairs.col[order], pairs.data[order]
    largest[row[share > 0]] = col[share > 0]
    return largest
