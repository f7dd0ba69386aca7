"""Zones that are unions of others: provinces, care regions, GP circles. Their membership and their borders."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from i18n.errors import DataError
from loaders.catalogue.projection import storage_crs
from loaders.protocols.spellings import slug

MEMBERSHIP = ["level", "vintage", "zone_id", "member_level", "member_vintage", "member_id"]
SUB_MUNICIPALITIES_OF_POSTCODE: dict[str, tuple[str, ...]] = {
    "2040": ("11002y",),  # Berendrecht-Zandvliet-Lillo
    "2170": ("11002q",),  # Merksem
    "2180": ("11002p",),  # Ekeren
    "2600": ("11002t",),  # Berchem
    "9051": ("44021t", "44021u"),  # Afsnee, Sint-Denijs-Westrem
    "9052": ("44021h",),  # Zwijnaarde
}
"""Postcodes that stand in the documented circles and whose area is one or more sub-municipalities (bpost numbering).

The other postcodes of the city of Antwerp (2000, 2018, 2030, 2050, 2060) cut through one sub-municipality: their part
of a circle has no borders here, and the circle says so with ``approximate_borders``.
"""
_BASIS_ORDER = ("stated", "nearly", "predecessor", "duty_post_area", "name_only")


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
        members.append(_members(level, ids, "municipality", 2025, rows["nis2025"]))
        names.append(pd.DataFrame({"level": level, "zone_id": ids, "zone_name": name}).drop_duplicates())
    return pd.concat(members, ignore_index=True), pd.concat(names, ignore_index=True)


def care_region_membership(facts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Membership of the documented care regions, by municipality of 2018; same returns as `region_membership`."""
    zone_id = facts["care_region"].map(slug)
    names = pd.DataFrame({"level": "care_region", "zone_id": zone_id, "zone_name": facts["care_region"]})
    members = _members("care_region", zone_id, "municipality", 2018, facts["nis2018"])
    return members, names.drop_duplicates()


def gp_circle_membership(facts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Membership of the documented GP circles, by municipality of 2018 or sub-municipality.

    A place documented in two circles goes to the one with the firmer basis. ``names`` carries ``flags``:
    ``membership_not_stated`` when a membership follows from a duty area, a predecessor or a name;
    ``approximate_borders`` when a part of the circle has no borders of its own here.
    """
    facts = facts.assign(rank=facts["basis"].map({b: i for i, b in enumerate(_BASIS_ORDER)}))
    facts = facts.sort_values(["rank", "gp_circle"], kind="stable")
    taken: dict[tuple[str, int, str], str] = {}
    flags: dict[str, set[str]] = {circle: set() for circle in facts["gp_circle"]}
    fact: Any
    for fact in facts.itertuples():
        if fact.basis != "stated":
            flags[fact.gp_circle].add("membership_not_stated")
        covered = _circle_members(fact)
        if not covered or covered[0][0] == "sub_municipality":
            flags[fact.gp_circle].add("approximate_borders")
        for member in covered:
            taken.setdefault(member, fact.gp_circle)
    rows = [(slug(circle), *member) for member, circle in taken.items()]
    members = pd.DataFrame(rows, columns=["zone_id", "member_level", "member_vintage", "member_id"])
    members.insert(0, "level", "gp_circle")
    members.insert(1, "vintage", 2025)
    circles = sorted(set(taken.values()))
    names = pd.DataFrame(
        {
            "level": "gp_circle",
            "zone_id": [slug(c) for c in circles],
            "zone_name": circles,
            "flags": [";".join(sorted(flags[c])) for c in circles],
        }
    )
    return members[MEMBERSHIP], names


def _circle_members(fact: Any) -> list[tuple[str, int, str]]:
    """Zones a documented membership covers; none when only an unmapped part of a municipality belongs."""
    if fact.postcode:
        return [("sub_municipality", 2025, sub) for sub in SUB_MUNICIPALITIES_OF_POSTCODE.get(fact.postcode, ())]
    return [("municipality", 2018, fact.nis2018)] if fact.whole else []


def _members(
    level: str, zone_id: pd.Series, member_level: str, member_vintage: int, member_id: pd.Series
) -> pd.DataFrame:
    frame = pd.DataFrame({"zone_id": zone_id.to_numpy(), "member_id": member_id.to_numpy()})
    frame = frame.assign(level=level, vintage=2025, member_level=member_level, member_vintage=member_vintage)
    return frame[MEMBERSHIP]


def union_zones(
    level: str,
    names: pd.DataFrame,
    membership: pd.DataFrame,
    borders: dict[tuple[str, int], gpd.GeoDataFrame],
) -> gpd.GeoDataFrame:
    """Borders of the zones of ``level`` by dissolving their members.

    ``borders`` holds the member zones by (level, vintage), each with ``zone_id`` and geometry.
    """
    rows = membership[membership["level"] == level]
    names = names[names["level"] == level].sort_values("zone_id", ignore_index=True)
    shapes = []
    for zone in names["zone_id"]:
        parts = [
            borders[key].set_index("zone_id").geometry.loc[group["member_id"]].to_numpy()
            for key, group in rows[rows["zone_id"] == zone].groupby(["member_level", "member_vintage"])
        ]
        shapes.append(shapely.union_all(np.concatenate(parts)))
    frame = names[["zone_id", "zone_name"]].assign(parent_nis="")
    frame["flags"] = names["flags"].fillna("") if "flags" in names else ""
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=storage_crs())
