"""Published borders made fit for the snapshot: valid, in one coordinate system, no slivers between neighbours.

Official borders overlap or gape by centimetres along a few lines, which breaks sums over areas and generalising.
`shapely.coverage_clean` moves those lines together; how far, and what it did to the areas, is measured and told.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Note, NumberAsGiven, Word
from loaders.catalogue.regions.projection import storage_crs
from loaders.catalogue.regions.region_in_use import region
from loaders.protocols.geometry import Checked
from loaders.protocols.services import features

GAP_M = 1.0
"""Gaps between neighbours up to this width are slivers; wider ones (foreign enclaves) are meant."""
MAX_MOVED = 0.005
"""Largest part of a zone's area that a repair may move."""

_SHOWN = 5

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Cleaned:
    """A coverage without slivers.

    Attributes
    ----------
    shapes : (n,) polygons, edge-matched
    broken_m : metres of border that did not match before
    moved_m2 : area that changed hands
    """

    shapes: Shapes
    broken_m: float
    moved_m2: float

    def note(self, what: str) -> tuple[Note, ...]:
        """One sentence on what was repaired; none when nothing was."""
        if not self.broken_m:
            return ()
        return (Note("note.slivers", what=Word(what), broken=round(self.broken_m), moved=round(self.moved_m2)),)


def clean_coverage(shapes: Shapes, names: pd.Series, where: str) -> Cleaned:
    """Close slivers between (n,) polygons in EPSG:31370.

    Raises
    ------
    DataError
        zones overlap so much that closing them would move more than `MAX_MOVED` of one
    """
    broken = float(shapely.length(shapely.coverage_invalid_edges(shapes)).sum())
    if broken == 0:
        return Cleaned(shapes, 0.0, 0.0)
    clean: Shapes = shapely.coverage_clean(shapes, gap_width=GAP_M)  # type: ignore[attr-defined]  # stubs are of 2.1
    before, after = shapely.area(shapes), shapely.area(clean)
    change = np.abs(after - before)
    share = change / np.maximum(before, 1.0)
    if share.max() > MAX_MOVED:
        worst = int(share.argmax())
        raise DataError(
            Message(
                "error.live.overlaps",
                where=where,
                zone=str(names.iloc[worst]),
                area=round(change[worst]),
                share=NumberAsGiven(share[worst], ".1%"),
            )
        )
    return Cleaned(clean, broken, float(change.sum()) / 2)


def repair_notes(fit: Checked, what: str) -> tuple[Note, ...]:
    """Sentences on features that were mended or left out."""
    told = (("note.repaired", fit.repaired), ("note.dropped", fit.dropped))
    return tuple(
        Note(key, what=Word(what), keys=", ".join(keys[:_SHOWN]) + (" …" if len(keys) > _SHOWN else ""))
        for key, keys in told
        if keys
    )


def located(frame: gpd.GeoDataFrame, where: str) -> gpd.GeoDataFrame:
    """Bring the features of a file to EPSG:31370 after checking that they lie in Belgium; `DataError` if not."""
    shapes, _ = features.locate(
        np.asarray(frame.geometry.to_numpy()), frame.crs.to_string(), None, region().territory.wider, where
    )
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=storage_crs()))


def published_zones(rows: pd.DataFrame, shapes: Shapes) -> gpd.GeoDataFrame:
    """Zones in the columns of the snapshot, ordered by id, with their borders as published: not generalised yet.

    Parameters
    ----------
    rows : (n,) ``zone_id, zone_name, parent_nis, flags``
    shapes : (n,) polygons in EPSG:31370, edge-matched
    """
    columns = rows[["zone_id", "zone_name", "parent_nis", "flags"]].reset_index(drop=True)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=storage_crs()).sort_values("zone_id", ignore_index=True)
