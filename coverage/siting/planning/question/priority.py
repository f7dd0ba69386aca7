"""What a birth counts for where new places are sited: the same everywhere, or more where the surroundings are deprived.

From universal (every birth alike) to targeted, and between these what policy calls proportionate universalism: for all,
with a scale and intensity that follow the need (Marmot 2010, *Fair Society, Healthy Lives*).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.zones.strata import DEPRIVATION, rank_of_score
from i18n.messages import MessageError
from loaders.catalogue.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from coverage.analysis import Engine
    from coverage.core.demand import Demand

USUAL_TARGETING = 0.5
"""Where ``deprivation`` is asked for without a number: half way between universal and targeted."""


@dataclass(frozen=True, eq=False)
class Priority:
    """What births count for in an area.

    Attributes
    ----------
    targeting : λ, 0 for universal and 1 for targeted
    weight : (n_cells,) what a birth of the cell counts for; 1 outside the area
    unknown : births of the area whose deprivation is not known, which weigh as the average of the others
    names, stratum : the fifths, unknown last; (n_cells,) position in ``names``
    """

    targeting: float
    weight: Floats
    unknown: float
    names: tuple[str, ...]
    stratum: Ints


def parse_weight(word: str) -> float:
    """Read ``deprivation`` or ``deprivation:λ`` with λ from 0 to 1; a comma may stand for the point.

    Raises
    ------
    MessageError
        when it is not written so

    Examples
    --------
    >>> parse_weight("deprivation:0.8"), parse_weight("deprivation")
    (0.8, 0.5)
    """
    by, colon, number = (part.strip() for part in word.partition(":"))
    if by != DEPRIVATION:
        raise MessageError("siting.error.weight", value=word)
    if not colon:
        return USUAL_TARGETING
    try:
        targeting = float(number.replace(",", "."))
    except ValueError:
        targeting = math.nan
    if not 0 <= targeting <= 1:
        raise MessageError("siting.error.weight", value=word)
    return targeting


def need_of_rank(score: Floats, births: Floats) -> Floats:
    """(n_cells,) need of a birth by the rank of its surroundings: ``f = 2 (1 - R)``; NaN where the score is not known.

    ``R`` is the place in the order from the most to the least deprived (`coverage.zones.strata.rank_of_score`). So f
    goes from nearly 2 for the most deprived to nearly 0 for the least, and its births-weighted mean is 1. With these
    weights a sum of what is covered becomes the *achievement* of Wagstaff (2002, *Journal of Health Economics* 21,
    627-645, with ν = 2): the level times 1 minus the concentration index, worth more when it falls to the deprived.

    Parameters
    ----------
    score : (n_cells,) deprivation, the highest the most deprived; NaN where not known
    births : (n_cells,) births that the ranks are of

    Examples
    --------
    >>> need_of_rank(np.array([9.0, 5.0, 5.0, 1.0, np.nan]), np.array([1.0, 1.0, 1.0, 1.0, 3.0])).tolist()
    [1.75, 1.0, 1.0, 0.25, nan]
    """
    need: Floats = 2 * (1 - rank_of_score(score, births))
    return need


def weigh_births(need: Floats, births: Floats, targeting: float) -> Floats:
    """(n,) what a birth counts for: ``w = ((1 - λ) + λ f) / c``; 1 where the need is not known.

    ``c`` is such that the births whose need is known weigh together what they are: totals, means and shares keep their
    unit. Within an area all weights are thus relative to its average, and births of unknown need weigh as the average.

    Parameters
    ----------
    need : (n,) `need_of_rank`; NaN where not known
    births : (n,) births of the area
    targeting : λ, from 0 to 1

    Examples
    --------
    >>> weigh_births(np.array([1.5, 0.5, np.nan]), np.array([1.0, 3.0, 2.0]), 1.0).round(3).tolist()
    [2.0, 0.667, 1.0]
    """
    known = np.isfinite(need)
    weight = np.where(known, (1 - targeting) + targeting * np.nan_to_num(need), 1.0)
    level = float(births[known] @ weight[known])
    if level > 0:
        weight[known] *= float(births[known].sum()) / level
    return weight


def find_priority(engine: Engine, demand: Demand, inside: Bools | None, targeting: float) -> Priority | None:
    """What births of an area count for; None where every birth counts alike.

    Parameters
    ----------
    engine : for the index by sector; ranks are those of all births of the newest year, as the fifths of ``--by``
    demand : births counted
    inside : (n_cells,) cells of the area; None for all
    targeting : λ, from 0 to 1

    Raises
    ------
    MessageError
        when the snapshot holds no index of deprivation
    """
    if not targeting:
        return None
    strata = engine.strata(DEPRIVATION)
    area = np.ones(len(demand.births), dtype=bool) if inside is None else inside
    score = np.full(len(area), np.nan) if strata.score is None else strata.score
    births = np.where(area, demand.births, 0.0)
    need = need_of_rank(score, engine.demand().births)
    return Priority(
        targeting=targeting,
        weight=np.where(area, weigh_births(need, births, targeting), 1.0),
        unknown=float(births[~np.isfinite(score)].sum()),
        names=strata.names,
        stratum=strata.index.astype(np.intp),
    )
