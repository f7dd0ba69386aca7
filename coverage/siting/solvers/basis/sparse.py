"""Sparse matrices made of arrays, the few ways they are made here."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse

sparse: Any = scipy.sparse
Matrix = Any
"""A `scipy.sparse.csr_array`."""


def matrix(value: npt.ArrayLike, row: npt.ArrayLike, col: npt.ArrayLike, shape: tuple[int, int]) -> Matrix:
    """Matrix of (row, col, value); values on the same spot are added up."""
    return sparse.csr_array((value, (row, col)), shape=shape)


def ones(row: npt.ArrayLike, col: npt.ArrayLike, shape: tuple[int, int]) -> Matrix:
    """Matrix with ones at (row, col)."""
    return matrix(np.ones(np.size(row)), row, col, shape)


def take(lines: Matrix, rows: npt.ArrayLike | None = None, columns: npt.ArrayLike | None = None) -> Matrix:
    """Some of the rows and columns, in the order given."""
    part = lines if rows is None else lines[rows]
    return sparse.csr_array(part if columns is None else part[:, columns])


def stack(parts: list[Matrix]) -> Matrix:
    """Matrices of the same width, one below the other."""
    return sparse.csr_array(sparse.vstack(parts))


def widen(lines: Matrix, width: int) -> Matrix:
    """Matrix with empty columns added at the right."""
    return sparse.csr_array((lines.data, lines.indices, lines.indptr), shape=(lines.shape[0], width))


def turned(lines: Matrix) -> Matrix:
    """Rows and columns exchanged."""
    return sparse.csr_array(lines.T)
