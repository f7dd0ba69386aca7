"""GP circles that a report names where no borders of them are held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from loaders.catalogue.regions.region_in_use import region
from loaders.protocols.spellings import slug

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

_ALL, _ONE = "circles active", "partner"
"""Facts of a case: every circle that works there, or one of them."""


def circles_without_borders(snapshot: Snapshot) -> pd.DataFrame:
    """Circles that the report names in a region or municipality without saying which part is whose.

    A region all of whose circles have borders here is left out: its cut is known.

    Returns
    -------
    DataFrame
        ``level`` (care_region or municipality), ``zone_id`` (a municipality by its smallest code), ``gp_circle`` (name)
        and ``divide``: whether the report means to name all that work there, so that several divide it
    """
    columns = ["level", "zone_id", "gp_circle", "divide"]
    if "case_facts" not in snapshot.resources:
        return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    facts = snapshot.table("case_facts")
    rows = facts[(facts["subject"] == "gp_circle") & facts["fact"].isin([_ALL, _ONE])]
    named = rows.assign(gp_circle=rows["value"].str.split(";")).explode("gp_circle", ignore_index=True)
    of_region = named["care_region"] != ""
    table = pd.DataFrame(
        {
            "level": of_region.map({True: "care_region", False: "municipality"}),
            "zone_id": named["care_region"].where(of_region, named[region().smallest_code]),
            "gp_circle": named["gp_circle"].str.strip(),
            "divide": named["fact"] == _ALL,
        }
    )
    ids = " ".join(snapshot.zone_rows("gp_circle")["zone_id"])
    with_borders = table["gp_circle"].map(lambda name: slug(name) in ids)
    whole = with_borders.groupby([table["level"], table["zone_id"]]).transform("all")
    return table[~whole.to_numpy(bool)].reset_index(drop=True)
