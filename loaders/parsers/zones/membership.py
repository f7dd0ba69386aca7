"""Which zones a larger one is made of: the rows of the table ``membership``, and the names of the larger zones."""

from __future__ import annotations

import pandas as pd

from i18n.errors import DataError
from loaders.catalogue.schemas import MEMBERSHIP
from loaders.protocols.spellings import slug


def region_membership(regions: pd.DataFrame, district_names: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Membership of the levels that the regional table gives, by municipality of 2025, and the zones' names.

    Returns
    -------
    membership : columns `MEMBERSHIP`
    names : ``level, zone_id, zone_name``
    """
    members, names = [], []
    for level in ("region", "province", "arrondissement", "primary_care_zone", "reference_region"):
        rows = regions[regions[level] != ""]
        name = rows[level].map(district_names) if level == "arrondissement" else rows[level]
        if name.isna().any():
            code = rows.loc[name.isna(), level].iloc[0]
            raise DataError(f"TU_COM_REFNIS.txt: arrondissement {code!r} has no name; fetch the file again.")
        ids = name.map(slug)
        members.append(members_of(level, ids, 2025, rows["nis2025"]))
        names.append(pd.DataFrame({"level": level, "zone_id": ids, "zone_name": name}).drop_duplicates())
    return pd.concat(members, ignore_index=True), pd.concat(names, ignore_index=True)


def members_of(level: str, zone_id: pd.Series, vintage: int, nis: pd.Series) -> pd.DataFrame:
    """Rows of the table for zones of ``level`` that are made of municipalities of ``vintage``, one per municipality."""
    frame = pd.DataFrame({"zone_id": zone_id.to_numpy(), "member_id": nis.to_numpy()})
    frame = frame.assign(level=level, vintage=2025, member_level="municipality", member_vintage=vintage)
    return frame[MEMBERSHIP]
