"""Instances of the p-median family of Beasley (1985): the published ones, and new ones of the same kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from i18n.errors import DataError
from loaders.catalogue.types import Floats


def read_pmed(path: Path) -> tuple[Floats, int]:
    """Read an OR-Library file ``N E p`` and edges ``i j cost``.

    Of an edge that is given twice the last one counts. The cost matrix is that of the shortest paths.

    Returns
    -------
    (n, n) costs, and p

    Raises
    ------
    DataError
        when the file does not hold what its first line says
    """
    numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=np.float64)
    n, edges, p = (int(value) for value in numbers[:3])
    rows = numbers[3:].reshape(-1, 3) if (len(numbers) - 3) % 3 == 0 else np.zeros((0, 3))
    if len(rows) != edges:
        raise DataError(f"{path.name}: the first line announces {edges} edges but {len(rows)} follow; fetch it again.")
    start, end = rows[:, 0].astype(np.intp) - 1, rows[:, 1].astype(np.intp) - 1
    return _all_pairs(n, start, end, rows[:, 2]), p


def random_pmed(n: int, seed: int) -> Floats:
    """(n, n) costs of a random instance of the family: n²/50 edges of length 1 to 100 on a connected graph."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    tree = np.array([order[int(rng.integers(k))] for k in range(1, n)])
    more = rng.integers(0, n, (2, n * n // 50 - n + 1))
    start, end = np.concatenate([order[1:], more[0]]), np.concatenate([tree, more[1]])
    length = rng.integers(1, 101, len(start)).astype(np.float64)
    apart = start != end
    return _all_pairs(n, start[apart], end[apart], length[apart])


def _all_pairs(n: int, start: npt.NDArray[np.intp], end: npt.NDArray[np.intp], length: Floats) -> Floats:
    """Shortest paths between all points; of a repeated edge the last one counts."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    _, last = np.unique((low * n + high)[::-1], return_index=True)
    kept = len(low) - 1 - last
    graph = sparse.csr_array(sparse.coo_array((length[kept], (low[kept], high[kept])), shape=(n, n)))
    return np.asarray(shortest_path(graph, directed=False), dtype=np.float64)
