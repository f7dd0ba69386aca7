"""Barriers as the browser draws them: stretches of line, heavier where they cut more births off, and who lives there.

Lines are lists of whole numbers, see `layers.maps.ground`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.barriers.cut_off import CutOff, barrier_table, stretches
from layers.maps.geometry import compact_json
from layers.maps.ground import UNIT, encoded
from layers.notes.barrier_notes import barrier_name

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from coverage.analysis import Analysis, Engine

MAX_ZONES = 12
"""Zones of a barrier that are named, those with most births."""

_MIN_BIRTHS = 0.05
"""Stretches that cut fewer births off than that are not drawn: they would be told as none."""


def barriers_json(engine: Engine, analysis: Analysis, cut: CutOff, lang: str) -> bytes:
    """Barriers, those that cut most births off first.

    The object has ``unit``, ``most`` (births of the heaviest stretch) and ``barriers``: for each ``name``, ``kind``,
    ``births``, ``minutes`` (extra, mean), ``zones`` (``[id, name, births, minutes]``) and ``stretches``
    (``[births, lines]``).

    Parameters
    ----------
    engine : engine on the snapshot of the analysis
    analysis : what was asked
    cut : who is cut off
    lang : language of the names
    """
    table = barrier_table(engine, analysis, cut)
    drawn = stretches(engine, analysis, cut)
    drawn = drawn[drawn["births"] >= _MIN_BIRTHS]
    whole = table["barrier"].fillna("")
    of = (table["barrier_kind"] + "/" + whole).where(whole != "", table["barrier_id"])
    groups = dict(iter(drawn.groupby("of")))
    told = [_barrier(rows, groups[name], lang) for name, rows in table.groupby(of, sort=False) if name in groups]
    most = float(drawn["births"].max()) if len(drawn) else 0.0
    return compact_json({"unit": UNIT, "most": round(most, 2), "barriers": told}).encode()


def _barrier(rows: pd.DataFrame, drawn: gpd.GeoDataFrame, lang: str) -> dict[str, Any]:
    first = rows.iloc[0]
    births, minutes = rows["births_cut_off"], rows["mean_extra_minutes"]
    return {
        "name": barrier_name(first["barrier_kind"], first["barrier"], first["zone_name"], lang),
        "kind": first["barrier_kind"],
        "births": round(float(births.sum()), 2),
        "minutes": round(float(np.average(minutes, weights=births)), 2),
        "zones": [
            [row["zone_id"], row["zone_name"], round(row["births_cut_off"], 2), round(row["mean_extra_minutes"], 2)]
            for row in rows.head(MAX_ZONES).to_dict("records")
        ],
        "stretches": [
            [round(births, 2), encoded(shapely.get_parts(shape))]
            for births, shape in zip(drawn["births"].tolist(), drawn.geometry.array, strict=True)
        ],
    }
