"""Public buildings and located places of OpenStreetMap: bytes to tables of points."""

from __future__ import annotations

import numpy as np
import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message
from loaders.catalogue.publishers.building_kinds import BUILDING_KINDS
from loaders.protocols.tables import HEADER_ROWS, check_codes, read_csv

_HOUSE = "huis van het kind"


def parse_public_buildings(
    data: bytes, codes: pd.DataFrame, file: str = "osm_public_buildings_2021.csv"
) -> pd.DataFrame:
    """Public buildings: ``building_id, kind, name, nis2025, x, y``, whole metres of EPSG:31370.

    The id is made of the kind and the point, so that it stays when others come or go; of buildings of one kind in one
    spot the first is kept.

    Raises
    ------
    DataError
        an unknown kind or NIS code, a point that is no number; each names file and row
    MissingColumnError
        a column is absent
    """
    raw = read_csv(data, file, ["kind", "name", "nis2025", "x", "y"])
    check_codes(raw["nis2025"], codes["nis2025"], file)
    unknown = ~raw["kind"].isin(BUILDING_KINDS)
    if unknown.any():
        row = int(unknown.to_numpy().argmax())
        told = {"file": file, "row": str(row + HEADER_ROWS + 1), "kind": str(raw["kind"].iloc[row])}
        raise DataError(Message("error.buildings.kind", **told, known=", ".join(BUILDING_KINDS)))
    x, y = _metres(raw, file)
    ids = [f"{kind}-{east}-{north}" for kind, east, north in zip(raw["kind"], x, y, strict=True)]
    frame = pd.DataFrame(
        {
            "building_id": ids,
            "kind": raw["kind"],
            "name": raw["name"].str.split().str.join(" "),
            "nis2025": raw["nis2025"],
            "x": x,
            "y": y,
        }
    )
    return frame.drop_duplicates("building_id").sort_values("building_id", ignore_index=True)


def parse_located_places(data: bytes, codes: pd.DataFrame, file: str = "osm_places_2021.csv") -> pd.DataFrame:
    """Places that OpenStreetMap names as bureau or house: ``place_id, service, name, nis2025, x, y``.

    What is named *Huis van het Kind* is a house, anything else a bureau.

    Raises
    ------
    DataError
        an unknown NIS code, a point that is no number; each names file and row
    MissingColumnError
        a column is absent
    """
    raw = read_csv(data, file, ["name", "nis2025", "x", "y"])
    check_codes(raw["nis2025"], codes["nis2025"], file)
    x, y = _metres(raw, file)
    house = raw["name"].str.lower().str.contains(_HOUSE, regex=False)
    frame = pd.DataFrame(
        {
            "place_id": [f"osm-{east}-{north}" for east, north in zip(x, y, strict=True)],
            "service": np.where(house, "house", "bureau"),
            "name": raw["name"],
            "nis2025": raw["nis2025"],
            "x": x,
            "y": y,
        }
    )
    return frame.sort_values("place_id", ignore_index=True)


def _metres(raw: pd.DataFrame, file: str) -> tuple[pd.Series, pd.Series]:
    """Whole metres."""
    axes = []
    for name in ("x", "y"):
        value = pd.to_numeric(raw[name], errors="coerce")
        if value.isna().any():
            row = int(value.isna().to_numpy().argmax())
            told = {"file": file, "row": str(row + HEADER_ROWS + 1), "value": str(raw[name].iloc[row])}
            raise DataError(Message("error.buildings.point", **told, column=name))
        axes.append(value.round().astype("int64"))
    return axes[0], axes[1]
