"""Municipal borders from the reference file of Flanders (VRBG); Brussels is not in it and stays as it is.

The codes decide which vintage the borders are of. Flanders leads: Brussels is fitted into the hole it leaves.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from i18n.errors import DataError
from i18n.messages import Message, Note
from loaders.catalogue.levels import is_brussels
from loaders.catalogue.sources import live_of
from loaders.live.coverages import Shapes, clean_coverage, repair_notes, snapshot_zones
from loaders.parsers.bounds import check_bounds
from loaders.parsers.vintages import carry, detect_vintage
from loaders.pipeline.update import Origin, RefreshContext, RefreshedResource, Update
from loaders.protocols import wfs
from loaders.protocols.geometry import checked
from loaders.protocols.tables import require_columns, with_names

CODE, NAME = "NISCODE", "NAAM"
FLANDERS_KM2 = (13_500.0, 13_750.0)
"""Area of Flanders in square kilometres; 13,624 in the reference file, 13,626 by the statistical sectors."""
_HOLE_KM2, _LARGEST_HOLE_KM2 = 100.0, 1000.0


def parse_borders(
    frame: gpd.GeoDataFrame, brussels: gpd.GeoDataFrame, codes: pd.DataFrame, where: str
) -> tuple[int, gpd.GeoDataFrame, tuple[str, ...]]:
    """Flemish municipalities as published, completed with Brussels.

    Parameters
    ----------
    frame : features with ``NISCODE`` and ``NAAM`` in EPSG:31370
    brussels : zones of Brussels (``zone_id, zone_name, parent_nis, geometry``)
    codes : crosswalk with ``nis2018, nis2019, nis2025``
    where : file or address, for errors and notes

    Returns
    -------
    vintage : of the codes
    zones : in the shape of the snapshot, generalised
    notes : what was repaired, measured

    Raises
    ------
    DataError
        a code unknown, missing or repeated; a shape that cannot be repaired; an area that cannot be
    """
    frame = with_names(frame, [CODE, NAME])
    require_columns(frame, [CODE, NAME], where)
    frame = frame.assign(**{CODE: frame[CODE].astype(str).str.strip()})
    fit = checked(frame, where=where, key=CODE)
    flanders = fit.frame[~is_brussels(fit.frame[CODE])].reset_index(drop=True)
    check_bounds("borders", where, rows=len(flanders), what="municipalities")
    vintage = detect_vintage(flanders[CODE], codes, where, brussels=False)
    cleaned = clean_coverage(flanders.geometry.to_numpy(), flanders[CODE], where)
    area = float(shapely.area(cleaned.shapes).sum()) / 1e6
    if not FLANDERS_KM2[0] <= area <= FLANDERS_KM2[1]:
        raise DataError(Message("error.live.borders_area", where=where, area=round(area)))
    fitted = _fit_brussels(brussels.geometry.to_numpy(), cleaned.shapes, where)
    nis = pd.concat([flanders[CODE], brussels["zone_id"]], ignore_index=True)
    rows = pd.DataFrame(
        {
            "zone_id": nis,
            "zone_name": pd.concat([flanders[NAME].astype(str), brussels["zone_name"]], ignore_index=True),
            "parent_nis": carry(nis, vintage, 2025, codes),
            "flags": "",
        }
    )
    everything = clean_coverage(np.concatenate([cleaned.shapes, fitted]), nis, where)
    notes = (
        *repair_notes(fit, "note.of_borders"),
        *cleaned.note("note.of_borders"),
        Note("note.brussels", area=round(_moved(brussels.geometry.to_numpy(), fitted))),
    )
    return vintage, snapshot_zones(rows, everything.shapes, where), notes


def _fit_brussels(brussels: Shapes, flanders: Shapes, where: str) -> Shapes:
    """Brussels fitted exactly into the hole in Flanders: overlaps go, gaps go to the municipality they touch most."""
    middle = shapely.centroid(shapely.union_all(brussels))
    rings = shapely.get_rings(shapely.get_parts(shapely.union_all(flanders)))
    areas: Shapes = np.asarray(shapely.polygons(rings))
    holes = [hole for hole in areas if _HOLE_KM2 < hole.area / 1e6 < _LARGEST_HOLE_KM2 and hole.contains(middle)]
    if not holes:
        raise DataError(Message("error.live.borders_brussels", where=where))
    parts = [_polygonal(shape) for shape in shapely.intersection(brussels, holes[0])]
    left: Shapes = np.asarray(shapely.get_parts(shapely.difference(holes[0], shapely.union_all(parts))))
    for gap in left:
        touched = [shapely.length(shapely.intersection(gap, part)) for part in parts]
        owner = int(np.argmax(touched)) if max(touched) > 0 else int(np.argmin(shapely.distance(gap, np.array(parts))))
        parts[owner] = _polygonal(shapely.union(parts[owner], gap))
    return np.array(parts, dtype=object)


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Only the polygons of a shape: intersections leave stray lines and points."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _moved(before: Shapes, after: Shapes) -> float:
    return float(shapely.area(shapely.symmetric_difference(before, after)).sum())


def load_borders(context: RefreshContext) -> Update:
    """Borders of the Flemish municipalities of today, with the Brussels of the snapshot."""
    address = context.address("borders")
    collection = wfs.fetch_features(context.client, address, live_of("borders").collection)
    codes = context.snapshot.table("municipality_codes")
    known = context.snapshot.zones("municipality", 2025)
    vintage, zones, notes = parse_borders(collection.frame, known[is_brussels(known["zone_id"])], codes, str(address))
    change = RefreshedResource(f"zones_municipality_{vintage}", zones, (), str(vintage), ("borders",))
    origin = Origin.of_collection(collection, address)
    return Update("borders", str(vintage), (change,), (*collection.notes, *notes), (origin,))
