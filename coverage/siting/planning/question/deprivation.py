"""Births that count more: those of the most deprived fifth, so that places go where the need is larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.zones.strata import DEPRIVATION, UNKNOWN
from loaders.catalogue.types import Bools, Floats

if TYPE_CHECKING:
    from coverage.analysis import Engine


def deprivation_factor(engine: Engine, times: float) -> Floats | None:
    """(n_cells,) what a birth of every cell counts: ``times`` in the most deprived fifth, 1 elsewhere; None for 1.

    A cell of which the deprivation is not known counts as 1.

    Raises
    ------
    MessageError
        when the snapshot holds no index of deprivation
    """
    if times == 1:
        return None
    return np.where(most_deprived(engine), times, 1.0)


def most_deprived(engine: Engine) -> Bools:
    """(n_cells,) cells in the most deprived fifth."""
    return np.asarray(engine.strata(DEPRIVATION).index == 0, dtype=bool)


def not_known(engine: Engine) -> Bools:
    """(n_cells,) cells of which the deprivation is not known."""
    strata = engine.strata(DEPRIVATION)
    return np.asarray(strata.index == strata.names.index(UNKNOWN), dtype=bool)
