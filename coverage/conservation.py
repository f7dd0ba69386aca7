"""Births are conserved: every step that moves them about is checked against the total."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loaders.errors import ConservationError

RELATIVE_TOLERANCE = 1e-9


def check_conserved(parts: npt.ArrayLike, total: float, what: str) -> None:
    """Raise when the parts do not add up to the total.

    Parameters
    ----------
    parts : births of every part, the remainder included
    total : births before they were divided
    what : the step, for the message ("births by municipality of 2025")

    Raises
    ------
    ConservationError
        when the sum differs from the total by more than 1e-9 of it, or a part is negative or not a number
    """
    values = np.asarray(parts, dtype=np.float64)
    found = float(values.sum())
    if not (values >= 0).all() or not abs(found - total) <= RELATIVE_TOLERANCE * abs(total):
        raise ConservationError(
            f"{what} add up to {found!r} where {total!r} was divided; "
            "this is a fault in nabij or an altered snapshot: run 'nabij data verify' and report it."
        )
