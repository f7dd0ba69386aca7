"""What surrounds the children of one zone: deprivation by fifth, published indexes, and what a report says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.analysis import Analysis, Engine
from coverage.indicators.strata_table import strata_of
from coverage.zones.areas import find_zone
from coverage.zones.strata import DEPRIVATION
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot


MIN = 0.5
"""Births from which a stratum of a zone is told: fewer would read as none."""


@dataclass(frozen=True)
class StratumOfZone:
    """Part of a zone: its births and those of them out of reach (None where distances are not known)."""

    stratum: str
    births: float
    out_of_reach: float | None

    @property
    def share_out_of_reach(self) -> float | None:
        """Part of its births out of reach."""
        return None if self.out_of_reach is None else self.out_of_reach / self.births


@dataclass(frozen=True)
class Indexes:
    """Published indexes of a municipality of the newest borders; None where the publisher gives nothing.

    Attributes
    ----------
    deprived_births_share : births in deprived families, 0–1; its year is not stated
    education_index : education deprivation, 0–4; its year is not stated
    median_income_eur, income_year : median income of a year
    """

    deprived_births_share: float | None
    education_index: float | None
    median_income_eur: float | None
    income_year: int | None


def fifths_of_zone(engine: Engine, analysis: Analysis, zone_id: str) -> tuple[StratumOfZone, ...]:
    """Births of a zone by fifth of deprivation, those with fewer than `MIN` left out; empty without an index."""
    if "sector_deprivation" not in engine.snapshot.resources:
        return ()
    query = analysis.query
    zones = engine.territory.zones(query.level, query.held_vintage)
    cells = np.flatnonzero(analysis.zone_index == find_zone(zones, query.level, zone_id, query.held_vintage))
    strata = strata_of(engine, DEPRIVATION)
    births, distance = analysis.demand.births[cells], analysis.distance_m[cells]
    index, size = strata.index[cells], len(strata.names)
    total = np.bincount(index, weights=births, minlength=size)
    out = np.bincount(index, weights=np.where(distance > query.reach_m, births, 0.0), minlength=size)
    known = not np.isnan(distance[births > 0]).any()
    return tuple(
        StratumOfZone(name, float(total[at]), float(out[at]) if known else None)
        for at, name in enumerate(strata.names)
        if total[at] >= MIN
    )


def is_as_now(snapshot: Snapshot, code: str, vintage: int | None) -> bool:
    """Whether a municipality by the borders of a year is the one of that code by the newest; None for the newest.

    A merged municipality may have kept the code of a member: figures published of the whole are not of the member.
    """
    if vintage is None or vintage == region().vintage:
        return True
    codes = snapshot.table("municipality_codes")
    members = [
        set(codes.loc[codes[region().code_column(year)] == code, region().smallest_code])
        for year in (vintage, region().vintage)
    ]
    return members[0] == members[1]


def indexes_of(snapshot: Snapshot, code: str, vintage: int | None = None) -> Indexes | None:
    """Published indexes of a municipality; None where nothing is held of it.

    They are of the newest borders: of a municipality that is part of another one since, nothing is held.
    """
    if "child_deprivation" not in snapshot.resources or not is_as_now(snapshot, code, vintage):
        return None
    table = snapshot.table("child_deprivation")
    rows = table[table[region().newest_code] == code]
    if rows.empty:
        return None
    row = rows.iloc[0]

    def known(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    year = known("income_year")
    return Indexes(
        known("deprived_births_share"),
        known("education_index"),
        known("median_income_eur"),
        None if year is None else int(year),
    )


def households_of(snapshot: Snapshot, code: str, vintage: int | None = None) -> tuple[int, int, int, int] | None:
    """First and last year and households of the projection of a municipality from the year of the births on.

    ``(year, households, year, households)``; None where nothing is held of it, or only of what it merged into.
    """
    if "households" not in snapshot.resources or not is_as_now(snapshot, code, vintage):
        return None
    table = snapshot.table("households")
    rows = table[(table[region().newest_code] == code) & (table["year"] >= int(snapshot.table("births")["year"].max()))]
    if len(rows) < 2:
        return None
    first, last = rows.iloc[0], rows.iloc[-1]
    return int(first["year"]), int(first["households"]), int(last["year"]), int(last["households"])


def report_facts(snapshot: Snapshot, level: str, vintage: int, zone_id: str) -> pd.DataFrame:
    """What the field report says of a municipality or care region: rows of ``case_facts``, with names for codes.

    ``values`` holds what a sentence names: municipalities by name where the report gives codes.
    """
    if "case_facts" not in snapshot.resources:
        return pd.DataFrame(columns=["subject", "fact", "values", "since", "section"])
    facts, codes = snapshot.table("case_facts"), snapshot.table("municipality_codes")
    smallest, name = region().smallest_code, region().name_column(region().vintages.smallest)
    if level == "care_region":
        facts = facts[facts["care_region"] == zone_id]
    elif level == region().base:
        column = region().code_column(vintage if vintage in region().vintages.held else region().vintage)
        members = codes.loc[codes[column] == zone_id, smallest]
        facts = facts[facts[smallest].isin(members)]
    else:
        facts = facts.iloc[:0]
    names = dict(zip(codes[smallest], codes[name], strict=True))
    parts = (
        facts["value"]
        .str.replace(r"\s*\([^)]*\)$", "", regex=True)
        .str.split(";")
        .map(lambda values: ", ".join(names.get(v.strip(), v.strip()) for v in values))
    )
    where = facts["section"].str.replace(" and ", ", ").str.removeprefix("chapter ")
    return facts.assign(values=parts, section=where)[["subject", "fact", "values", "since", "section"]].reset_index(
        drop=True
    )
