"""The arrays that pass between modules, each kind named once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Distances, weights, coordinates."""

Ints = npt.NDArray[np.int64]
"""Counts and codes."""

Positions = npt.NDArray[np.intp]
"""Rows of another array, -1 where there is none."""

Bools = npt.NDArray[np.bool_]
"""Which rows something holds for."""
