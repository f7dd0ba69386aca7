"""What a file takes to be written, told before it is: Excel, GeoJSON and pictures take many times their size."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import shapely

from coverage.memory.limits import QuestionLimits
from coverage.memory.weights import Weight, check, of_file, of_picture
from i18n.messages import Message, Value
from layers.files.output import FORMATS

_WITH_BORDERS, _FLAT = ("gpkg",), ("csv", "parquet")
"""Formats to offer in the place of a heavier one, the most like it first."""


def check_file(limits: QuestionLimits, table: pd.DataFrame, form: str, zones: gpd.GeoDataFrame | None = None) -> int:
    """Bytes that a file takes to be written; refuse one that takes too much.

    Parameters
    ----------
    limits : of the engine that gave the table
    table, form, zones : see `layers.files.export.render`

    Raises
    ------
    MessageError
        when it takes too much, naming a format that does not, where there is one
    """
    if form not in FORMATS:
        return 0  # told by whoever writes it
    corners = 0 if zones is None else int(shapely.get_num_coordinates(zones.geometry.to_numpy()).sum())
    need = of_file(*table.shape, corners, form)

    def lighter() -> Iterator[tuple[Value, Weight]]:
        for other in (*(_WITH_BORDERS if corners else ()), *_FLAT):
            weight = of_file(*table.shape, corners, other)
            if weight.bytes < need.bytes:
                yield Message("memory.instead.form", form=other), weight

    check(limits, need, lighter())
    return need.bytes


def check_picture(limits: QuestionLimits, zones: int, form: str) -> int:
    """Bytes that a map of so many zones takes to be drawn as a file, one of `PICTURES`; see `check_file`."""
    need = of_picture(zones, form)
    svg = of_picture(zones, "svg")
    check(limits, need, [(Message("memory.instead.form", form="svg"), svg)] if svg.bytes < need.bytes else [])
    return need.bytes
