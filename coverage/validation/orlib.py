"""Published instances of siting: the p-median family of Beasley (1985), single-source location, points of TSPLIB."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class SingleSource:
    """Single-source capacitated location: ``cost`` (n_demand, n_sites) of a unit of demand."""

    cost: Floats
    demand: Floats
    capacity: Floats
    opening: Floats


def read_single_source(path: Path) -> SingleSource:
    """Read an instance of Holmberg and others (1999) or Delmaire and others (1999).

    Sites and clients; capacities; opening costs; demands; and per client a row with what all its demand costs at
    every site.

    Raises
    ------
    DataError
        when the file does not hold what its first line says
    """
    numbers = np.array(path.read_text(encoding="utf-8").split(), dtype=np.float64)
    m, n = (int(value) for value in numbers[:2])
    capacity, opening, demand, costs = np.split(numbers[2:], np.cumsum([m, m, n]))
    if len(costs) != n * m:
        raise DataError(f"{path.name}: {n} clients and {m} sites make {n * m} costs but {len(costs)} follow.")
    return SingleSource(costs.reshape(n, m) / demand[:, None], demand, capacity, opening)


def read_tsplib(path: Path) -> Floats:
    """(n, n) distances between the points of a TSPLIB file, straight and rounded down."""
    words = path.read_text(encoding="utf-8").partition("NODE_COORD_SECTION")[2].partition("EOF")[0].split()
    xy = np.array(words, dtype=np.float64).reshape(-1, 3)[:, 1:]
    apart = xy[:, None, :] - xy[None, :, :]
    return np.asarray(np.floor(np.hypot(apart[..., 0], apart[..., 1])), dtype=np.float64)


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
