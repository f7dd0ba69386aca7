"""The streets as a graph, as the snapshot stores them and the travel model reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.catalogue.publishers.street_kinds import Kinds

STREET_FILES = ("streets_nodes", "streets_edges", "streets_bends")
"""Resources of a snapshot that hold the streets."""


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Junctions, ends of streets, and the streets between them.

    Attributes
    ----------
    xy : (n, 2) nodes, whole metres of EPSG:31370
    tail, head : (e,) nodes at the ends of every edge; several edges may join the same nodes, or a node to itself
    length_dm : (e,) decimetres along the street
    kind : (e,) see `loaders.catalogue.publishers.street_kinds`; one-way ones run from tail to head
    bend : (e + 1,) first bend of every edge
    bend_xy : (b, 2) bends between tail and head, whole metres of EPSG:31370
    """

    xy: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    length_dm: npt.NDArray[np.int32]
    kind: Kinds
    bend: npt.NDArray[np.int64]
    bend_xy: npt.NDArray[np.int32]
