"""Features in a file that a user gives in place of a service: GeoJSON, GeoPackage or a zipped shapefile."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from loaders.catalogue.regions.projection import storage_crs
from loaders.http.client import Client
from loaders.protocols.services.features import Box, Collection, Gathering, locate
from loaders.protocols.vectors import read_vector


def read_file(client: Client, path: Path, box: Box) -> Collection:
    """Every feature of a file, checked as those of a service are.

    Raises
    ------
    NotDataError
        the file is of another kind
    DataError
        it cannot be read, or its features do not lie where they should
    """
    given = client.get(path, expect=("json", "zip", "gpkg"))
    if given.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        gathering = Gathering(str(path))
        gathering.add(given.data, given.fetched_at)
        gathering.matched = None  # a file may say that it is one page of many; what it holds is what was given
        gathering.check(())
        return gathering.collection(storage_crs(), box)
    frame = read_vector(given.data, str(path))
    declared = frame.crs.to_string()
    shapes, notes = locate(frame.geometry.to_numpy(), declared, declared, box, str(path))
    frame = frame.set_geometry(shapes).set_crs(storage_crs(), allow_override=True)
    if "feature_id" not in frame:
        frame.insert(0, "feature_id", pd.Series(range(1, len(frame) + 1), index=frame.index).astype(str))
    return Collection(frame, None, 1, given.sha256, given.fetched_at, notes)
