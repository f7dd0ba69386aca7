"""Births are conserved: every step that moves them about is checked against the total."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from i18n.errors import ConservationError
from i18n.messages import Message, NumberAsGiven, Value

RELATIVE_TOLERANCE = 1e-9
"""Part of the total that adding up in another order may cost."""


def check_conserved(parts: npt.ArrayLike, total: float, what: str, decimals: int | None = None) -> None:
    """Raise when the parts do not add up to the total.

    Parameters
    ----------
    parts : births of every part, the remainder included
    total : births before they were divided
    what : the step, for the message ("births by municipality")
    decimals : decimals that every part was rounded to; None when the parts are as they were added up

    Raises
    ------
    ConservationError
        when the sum differs from the total by more than 1e-9 of it and half a unit of the last decimal for every
        part that was rounded, or a part is negative or not a number
    """
    values = np.asarray(parts, dtype=np.float64)
    summed = float(values.sum())
    rounding = 0.0 if decimals is None else 0.5 * 10.0**-decimals * values.size
    if not (values >= 0).all() or not abs(summed - total) <= RELATIVE_TOLERANCE * abs(total) + rounding:
        sums: dict[str, Value] = {"what": what, "found": NumberAsGiven(summed, "r"), "total": NumberAsGiven(total, "r")}
        raise ConservationError(Message("error.snapshot.lost", **sums))
