"""Cubic splines through a lattice, at many points that share rows and columns.

The figures are those of ``scipy.ndimage.map_coordinates(order=3, mode="nearest")`` bit for bit, which a test holds;
knowing that the points stand on a grid is quicker, and spares every start the import of scipy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loaders.catalogue.types import Floats

_POLE = -0.267949192431122706472553658494127633
"""Pole of the filter that turns values into coefficients: the square root of 3, less 2."""

_PADDING = 12
"""Nodes by which the lattice is extended with its edge, so that what the filter does at its end has died out."""

_NODES = 4
"""Nodes on each axis that a point depends on."""


class CubicSpline:
    """The cubic B-spline through the values of a lattice (Unser, Aldroubi and Eden 1991).

    Parameters
    ----------
    values : (n, m) values at the nodes, at least two each way
    """

    def __init__(self, values: Floats) -> None:
        padded = np.pad(values, _PADDING, mode="edge")
        self._coefficients = np.ascontiguousarray(_filtered(_filtered(padded).T).T)

    def on_grid(
        self, at_row: Floats, at_col: Floats, row: npt.NDArray[np.int64], col: npt.NDArray[np.int64], out: Floats
    ) -> None:
        """Write the values at points of a grid.

        Parameters
        ----------
        at_row, at_col : where the rows and columns of the grid lie in the lattice, in nodes
        row, col : (k,) points by their row and column in the grid; quickest row by row
        out : (k,) where to write
        """
        (first_row, row_weights), (first_col, col_weights) = _nodes(at_row), _nodes(at_col)
        changes = np.flatnonzero(np.diff(row)) + 1
        for start, end in zip([0, *changes], [*changes, len(row)], strict=True):
            if start == end:
                continue
            line, columns = row[start], col[start:end]
            first = first_row[line]
            band = self._coefficients[first : first + _NODES] * row_weights[:, line, None]
            at, weights = first_col[columns], col_weights[:, columns]
            total = np.zeros(end - start)
            for nodes in band:
                for number in range(_NODES):
                    total += nodes[at + number] * weights[number]
            out[start:end] = total


def _nodes(at: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """First node that each of (n,) positions depends on, and the (4, n) weights of it and the next."""
    inside = at + _PADDING
    node = np.floor(inside)
    x = inside - node
    z = 1.0 - x
    weights = np.empty((_NODES, len(at)))
    weights[0] = z * z * z / 6.0
    weights[1] = (x * x * (x - 2.0) * 3.0 + 4.0) / 6.0
    weights[2] = (z * z * (z - 2.0) * 3.0 + 4.0) / 6.0
    weights[3] = 1.0 - weights[0] - weights[1] - weights[2]
    return node.astype(np.intp) - 1, weights


def _filtered(values: Floats) -> Floats:
    """Coefficients along the first axis: once forward, once backward, with the lattice reflected at its ends."""
    c = values * ((1.0 - _POLE) * (1.0 - 1.0 / _POLE))
    n = len(c)
    whole = _POLE**n
    first, power = c[0] + whole * c[n - 1], _POLE
    for i in range(1, n):
        first += power * (c[i] + whole * c[n - 1 - i])
        power *= _POLE
    c[0] = first * (_POLE / (1.0 - whole * whole)) + c[0]
    for i in range(1, n):
        c[i] += _POLE * c[i - 1]
    c[n - 1] *= _POLE / (_POLE - 1.0)
    for i in range(n - 2, -1, -1):
        c[i] = _POLE * (c[i + 1] - c[i])
    return np.asarray(c)
