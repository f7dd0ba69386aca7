"""The tiny world with streets: a street along every row and column of cells, and a river with one bridge."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.validation.worlds.street_worlds import grid_graph
from loaders.catalogue.publishers.street_graph import STREET_FILES, StreetGraph
from loaders.catalogue.types import Floats
from tests.unit.conftest import CELL_M, COLS, ORIGIN, ROWS, TinySnapshot

BANK, BRIDGE = 14, 36
"""The river flows between this row of cells and the next; the bridge is in this column."""

AS_OF = "2021"
_SOURCE = {"title": "Roads", "publisher": "a test", "vintage": AS_OF, "licence": "none", "path": "https://example.org"}


class Riverside(TinySnapshot):
    """As `TinySnapshot`, with streets, the river (``Stroom``), and what else is drawn.

    Parameters
    ----------
    drawn : (kind, name, points) of more lines, in cells
    """

    has_streets = True

    def __init__(self, *drawn: tuple[str, str, list[tuple[float, float]]]) -> None:
        super().__init__()
        beyond = [(-500.0, BANK + 0.5), (500.0, BANK + 0.5)]
        self._drawn = [("river", "Stroom", beyond), *drawn]
        held: dict[str, Any] = {name: {"hash": name, "vintage": AS_OF, "sources": ["roads"]} for name in STREET_FILES}
        self._resources |= {**held, "grid_weight": {"hash": _digest(self.grid.xy)}, "ground": {"sources": ["roads"]}}

    @property
    def hash(self) -> str:
        return self.streets_hash()

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        return {"roads": _SOURCE}

    def streets(self) -> StreetGraph:
        down = np.ones((ROWS - 1, COLS), dtype=bool)
        down[BANK] = False
        down[BANK, BRIDGE] = True
        graph = grid_graph(ROWS, COLS, down)
        corner = graph.xy.min(axis=0)
        return replace(graph, xy=(graph.xy - corner + np.array(ORIGIN) + CELL_M / 2).astype(np.int32))

    def streets_hash(self) -> str:
        graph = self.streets()
        return _digest(graph.xy, graph.tail, graph.head)

    def table(self, name: str) -> pd.DataFrame:
        if name == "ground":
            kinds, names, _ = zip(*self._drawn, strict=True)
            return pd.DataFrame({"feature": range(len(kinds)), "kind": kinds, "name": names})
        if name == "ground_vertices":
            rows = [
                (feature, 0, *at_cell(*point)) for feature, (_, _, points) in enumerate(self._drawn) for point in points
            ]
            return pd.DataFrame(rows, columns=["feature", "part", "x", "y"])
        return super().table(name)


def _digest(*arrays: npt.NDArray[Any]) -> str:
    """What is made of the streets is kept under what they are, also between runs."""
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def at_cell(col: float, row: float) -> Floats:
    """Metres of the middle of a cell."""
    return np.array(ORIGIN) + CELL_M * (np.array([col, row]) + 0.5)
