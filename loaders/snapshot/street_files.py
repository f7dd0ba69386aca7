"""The streets in the snapshot: three Parquet files of whole numbers, small because each is written as a difference.

``streets_nodes`` has a node per row, in an order in which neighbours lie near each other: its step from the one before.
``streets_edges`` has an edge per row: the step of its tail from that of the edge before, of its head from its tail, how
much longer it is than its straight line, its kind and its number of bends. ``streets_bends`` has a bend per row, as its
step from the tail of its edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.publishers.street_graph import StreetGraph

Columns = Mapping[str, npt.NDArray[Any]]

_UNITS: dict[str, dict[str, str]] = {
    "streets_nodes": {"dx": "m (EPSG:31370), from the row before", "dy": "m (EPSG:31370), from the row before"},
    "streets_edges": {
        "tail_step": "nodes, from the tail of the row before",
        "head_step": "nodes, from the tail",
        "detour_dm": "dm, length along the street less the straight line",
        "kind": "code",
        "bends": "rows of streets_bends",
    },
    "streets_bends": {"dx": "m, from the tail of the edge", "dy": "m, from the tail of the edge"},
}
_LEVEL = 15
_ONE_PAGE = 1 << 27


def street_columns(graph: StreetGraph) -> dict[str, dict[str, npt.NDArray[Any]]]:
    """Columns of every resource that holds the streets."""
    of_bend = np.repeat(graph.tail, np.diff(graph.bend))
    return {
        "streets_nodes": dict(zip(("dx", "dy"), np.diff(graph.xy, axis=0, prepend=0).astype(np.int32).T, strict=True)),
        "streets_edges": {
            "tail_step": np.diff(graph.tail, prepend=0).astype(np.int32),
            "head_step": (graph.head - graph.tail).astype(np.int32),
            "detour_dm": (graph.length_dm - _straight_dm(graph.xy, graph.tail, graph.head)).astype(np.int32),
            "kind": graph.kind,
            "bends": np.diff(graph.bend).astype(np.uint16),
        },
        "streets_bends": dict(zip(("dx", "dy"), (graph.bend_xy - graph.xy[of_bend]).astype(np.int32).T, strict=True)),
    }


def read_streets(nodes: Columns, edges: Columns, bends: Columns) -> StreetGraph:
    """Streets out of the columns that `street_columns` gives.

    Raises
    ------
    DataError
        an edge ends at no node, or the bends are more or fewer than the edges say
    """
    xy = np.column_stack([np.cumsum(nodes[name], dtype=np.int32) for name in ("dx", "dy")])
    tail = np.cumsum(edges["tail_step"], dtype=np.int32)
    head = tail + edges["head_step"]
    bend = np.append(0, np.cumsum(edges["bends"], dtype=np.int64))
    ends = (tail, head)
    if len(tail) and (min(end.min() for end in ends) < 0 or max(end.max() for end in ends) >= len(xy)):
        raise DataError(Message("error.streets.ends"))
    if bend[-1] != len(bends["dx"]):
        raise DataError(Message("error.streets.bends", n=len(bends["dx"]), expected=int(bend[-1])))
    of_bend = np.repeat(tail, edges["bends"])
    return StreetGraph(
        xy=xy,
        tail=tail,
        head=head,
        length_dm=edges["detour_dm"] + _straight_dm(xy, tail, head),
        kind=np.asarray(edges["kind"], dtype=np.uint8),
        bend=bend,
        bend_xy=(xy[of_bend] + np.column_stack([bends["dx"], bends["dy"]])).astype(np.int32),
    )


def write_columns(path: Path, columns: Columns) -> None:
    """Write whole numbers, byte by byte of each and compressed; the same numbers give the same bytes."""
    pq.write_table(
        pa.table(dict(columns)),
        path,
        compression="zstd",
        compression_level=_LEVEL,
        use_dictionary=False,
        column_encoding={
            name: "PLAIN" if values.dtype.itemsize == 1 else "BYTE_STREAM_SPLIT" for name, values in columns.items()
        },
        write_statistics=False,
        row_group_size=_ONE_PAGE,
        data_page_size=_ONE_PAGE,
    )


def street_schema(name: str) -> dict[str, Any]:
    """Frictionless table schema of a resource."""
    return {"fields": [{"name": field, "type": "integer", "unit": unit} for field, unit in _UNITS[name].items()]}


def _straight_dm(
    xy: npt.NDArray[np.int32], tail: npt.NDArray[np.int32], head: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """(e,) straight line between the ends of every edge, in whole decimetres; exact sums, so the same everywhere."""
    apart = (xy[head] - xy[tail]).astype(np.float64)
    return np.asarray(np.rint(10 * np.sqrt((apart**2).sum(axis=1))), dtype=np.int32)
