"""A question as it goes to a process that searches: a line of JSON, then tables in Arrow and a mask of cells."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from coverage.core.query import Query
from coverage.siting.planning.question.request import SitingRequest
from coverage.travel.base import BridgeLine
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.regions.levels import base_level, default_vintage

if TYPE_CHECKING:
    from loaders.catalogue.types import Bools

_BLOBS = ("places", "scope", "buildings", "inside")
_OF_SET = ("name", "sources", "evidence", "complete_for")
_FILES = ("network", "matrix", "matrix_columns")


@dataclass(frozen=True, eq=False)
class SearchQuestion:
    """What is searched for.

    Attributes
    ----------
    snapshot, snapshot_hash : folder of the figures, and the hash they must have
    query : the question; its areas are in ``inside``
    facilities : the places there are
    request : what to add, and how
    lang : language of the answer
    most : proposals at most
    inside : (n_cells,) cells of the area; None for all
    buildings : ``id, name, x, y`` to choose from; None where ``request`` names a kind of candidate
    frontier : new places up to which it is told what each brings, after the proposals; 0 for none
    why : latitude and longitude of a point of which is asked why it is not among the best, in place of proposals
    """

    snapshot: Path
    snapshot_hash: str
    query: Query
    facilities: Facilities
    request: SitingRequest
    lang: str
    most: int
    inside: Bools | None = None
    buildings: pd.DataFrame | None = None
    frontier: int = 0
    why: tuple[float, float] | None = None

    def to_bytes(self) -> bytes:
        """The question as bytes; the borders do not go along, since a search is counted by cell."""
        blobs = {
            "places": _arrow(self.facilities.frame),
            "scope": b"" if self.facilities.scope is None else _arrow(self.facilities.scope),
            "buildings": b"" if self.buildings is None else _arrow(self.buildings),
            "inside": b"" if self.inside is None else np.packbits(self.inside).tobytes(),
        }
        plain = replace(
            self.query,
            level=base_level(),
            vintage=default_vintage(),
            areas=(),
            network=None,
            matrix=None,
            matrix_columns=(),
        )
        head = {
            "snapshot": str(self.snapshot),
            "hash": self.snapshot_hash,
            "query": {name: value for name, value in asdict(plain).items() if name not in _FILES},
            "request": {**asdict(self.request), "candidates": str(self.request.candidates)},
            "facilities": {name: getattr(self.facilities, name) for name in _OF_SET},
            "lang": self.lang,
            "most": self.most,
            "frontier": self.frontier,
            "why": self.why,
            "cells": 0 if self.inside is None else len(self.inside),
            "sizes": {name: len(blobs[name]) for name in _BLOBS},
        }
        return json.dumps(head).encode() + b"\n" + b"".join(blobs[name] for name in _BLOBS)

    @classmethod
    def read(cls, stream: BinaryIO) -> SearchQuestion | None:
        """Read a question; None when the stream ends without one."""
        line = stream.readline()
        if not line:
            return None
        head: dict[str, Any] = json.loads(line)
        blobs = {name: stream.read(int(head["sizes"][name])) for name in _BLOBS}
        given = head["facilities"]
        places = _frame(blobs["places"])
        scope = _frame(blobs["scope"]) if blobs["scope"] else None
        return cls(
            snapshot=Path(head["snapshot"]),
            snapshot_hash=str(head["hash"]),
            query=_query(head["query"]),
            facilities=Facilities(
                given["name"],
                places,
                scope,
                tuple(given["sources"]),
                given["evidence"],
                complete_for=tuple((str(level), str(zone)) for level, zone in given["complete_for"]),
            ),
            request=_request(head["request"]),
            lang=str(head["lang"]),
            most=int(head["most"]),
            frontier=int(head["frontier"]),
            why=None if head["why"] is None else (float(head["why"][0]), float(head["why"][1])),
            inside=_mask(blobs["inside"], int(head["cells"])),
            buildings=_frame(blobs["buildings"]) if blobs["buildings"] else None,
        )


def _query(given: Mapping[str, Any]) -> Query:
    bridges = tuple(BridgeLine(**{**line, "modes": tuple(line["modes"])}) for line in given["bridges"])
    return Query(**{**given, "areas": (), "minutes": tuple(given["minutes"]), "bridges": bridges})


def _request(given: Mapping[str, Any]) -> SitingRequest:
    lists = {"close": tuple(given["close"]), "exclude": tuple(tuple(ids) for ids in given["exclude"])}
    return SitingRequest(**{**given, **lists})


def _mask(packed: bytes, cells: int) -> npt.NDArray[np.bool_] | None:
    if not cells:
        return None
    return np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=cells).astype(bool)


def _arrow(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _frame(content: bytes) -> pd.DataFrame:
    with pa.ipc.open_stream(content) as reader:
        frame: pd.DataFrame = reader.read_pandas()
    return frame
