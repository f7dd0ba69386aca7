"""Places that pages and reports tell of, over the years: known to exist in a year, and nothing said of the others.

A fact holds from the year that it says something began, or else from its own date, until its own date. What comes after
is not known: a place may have closed. What is only planned, has closed, is not there or cannot be walked into never
counts, and what has no date is in no year. Of most houses no page says whether families can walk in: these count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from i18n.messages import MessageError
from loaders.catalogue.columns import KNOWN_COLUMNS
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service, needs_walk_in
from loaders.catalogue.types import Bools

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

RESOURCES = ("public_facts", "facilities_documented", "case_facts")
"""What is looked through, as far as it is held."""

_APART = ("part", "street", "case")
"""What tells places of a municipality apart, each by itself: a part of it, a street, a place of a report."""

_FACT = ("service", "zone_id", *_APART, "at_least", "begin", "end", "basis")


def dated_facts(snapshot: Snapshot) -> pd.DataFrame:
    """Facts that a place exists, of the newest municipalities.

    Returns
    -------
    pandas.DataFrame
        ``service, zone_id``, ``part, street, case`` (what tells places of a municipality apart, empty where nothing
        does), ``at_least`` (places that one fact tells of), ``begin, end`` (years, missing without a date) and
        ``basis``: ``stated``, ``inferred`` or ``undated``
    """
    parts = [made for made in (_public(snapshot), _cases(snapshot)) if len(made)]
    empty = pd.DataFrame(columns=list(_FACT))
    facts = pd.concat(parts, ignore_index=True) if parts else empty
    return facts.sort_values(["service", "zone_id", *_APART, "begin", "end"], ignore_index=True)


def _public(snapshot: Snapshot) -> pd.DataFrame:
    if "public_facts" not in snapshot.resources:
        return pd.DataFrame(columns=list(_FACT))
    table = snapshot.table("public_facts")
    table = table[(table["status"] == "exists").to_numpy(bool) & ~_no_place(table)]
    seen = _year(table["as_of"])
    since = table["since"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    return pd.DataFrame(
        {
            "service": table["service"].to_numpy(object),
            "zone_id": table[region().newest_code].to_numpy(object),
            "part": table["sub_municipality"].fillna("").to_numpy(object),
            "street": table["street"].fillna("").to_numpy(object),
            "case": "",
            "at_least": table["place_count"].fillna(1).to_numpy(np.int64),
            "begin": np.where(np.isfinite(since), since, seen),
            "end": np.where(np.isfinite(seen), seen, since),
            "basis": np.where(np.isfinite(seen) | np.isfinite(since), table["as_of_basis"], "undated"),
        }
    )


def _cases(snapshot: Snapshot) -> pd.DataFrame:
    """Places of the cases, each until the year of its report; what a report says began earlier, from then."""
    if "facilities_documented" not in snapshot.resources:
        return pd.DataFrame(columns=list(_FACT))
    table = snapshot.table("facilities_documented")
    smallest = region().smallest_code
    table = table[((table["status"] != "planned") & table[smallest].notna()).to_numpy(bool) & ~_no_place(table)]
    seen = _year(table["as_of"])
    began = [_began(snapshot, code, service) for code, service in zip(table[smallest], table["service"], strict=True)]
    return pd.DataFrame(
        {
            "service": table["service"].to_numpy(object),
            "zone_id": table[region().newest_code].to_numpy(object),
            "part": "",
            "street": "",
            "case": table["id"].to_numpy(object),
            "at_least": 1,
            "begin": np.fmin(began, seen),
            "end": seen,
            "basis": "stated",
        }
    )


def _no_place(table: pd.DataFrame) -> Bools:
    """(n,) whether a fact says that families cannot walk in, where that is what makes a place of it."""
    walked = table["service"].isin(needs_walk_in()).to_numpy(bool)
    return np.asarray(walked & ~table["physical"].astype("boolean").fillna(True).to_numpy(bool), dtype=bool)


def _began(snapshot: Snapshot, code: str, service: str) -> float:
    """Year in which a report says that the place of a municipality began; NaN where it says nothing."""
    if "case_facts" not in snapshot.resources:
        return np.nan
    facts = snapshot.table("case_facts")
    since = facts[(facts[region().smallest_code] == code) & (facts["subject"] == service) & (facts["fact"] == "since")]
    return float(_year(since["since"]).min()) if len(since) else np.nan


def _year(dates: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return pd.to_numeric(dates.astype("str").str.slice(0, 4), errors="coerce").to_numpy(np.float64)


def known_places(
    snapshot: Snapshot, service: str = "", year: int | None = None, *, whole: bool = False
) -> pd.DataFrame:
    """Places known to exist in every year.

    Parameters
    ----------
    snapshot : the facts
    service : one service, or empty for all
    year : one year, or None for all
    whole : one row per year for the whole region, instead of one per municipality and year

    Returns
    -------
    pandas.DataFrame
        `loaders.catalogue.columns.KNOWN_COLUMNS`. A municipality and a year of which nothing is known have no row:
        that is not "none". ``places_at_least`` is the number that one fact tells, or of places that facts tell apart
        by one thing (parts of the municipality, streets, a report): two pages about one house are one place. Facts
        without a date are in no year, and are counted beside

    Raises
    ------
    InputError
        for a service that is not declared, or a year of which nothing is known
    """
    facts = dated_facts(snapshot)
    if service:
        get_service(service)
        facts = facts[facts["service"] == service]
    dated = facts[facts["begin"].notna()]
    years = range(int(dated["begin"].min()), int(dated["end"].max()) + 1) if len(dated) else range(0)
    if year is not None and year not in years:
        span = f"{years.start}-{years.stop - 1}" if len(years) else "–"
        raise MessageError("error.question.known_year", year=str(year), held=span)
    undated = facts[facts["basis"] == "undated"].groupby(["service", "zone_id"]).size().to_dict()
    rows = []
    for one in years if year is None else (year,):
        there = dated[(dated["begin"] <= one) & (dated["end"] >= one)]
        for key, group in there.groupby(["service", "zone_id"]):
            rows.append((*key, one, *_counts(group), undated.get(key, 0)))
    table = pd.DataFrame(rows, columns=list(_COUNTED))
    return _whole(facts, table) if whole else _named(snapshot, table)


_COUNTED = ("service", "zone_id", "year", "facts", "places_at_least", "inferred_facts", "undated_facts")


def _counts(there: pd.DataFrame) -> tuple[int, int, int]:
    """Facts of a municipality and a year, places that they tell apart at least, and how many dates were inferred."""
    apart = max(len(set(there[name].tolist()) - {""}) for name in _APART)
    return len(there), max(apart, int(there["at_least"].max()), 1), there["basis"].tolist().count("inferred")


def _named(snapshot: Snapshot, table: pd.DataFrame) -> pd.DataFrame:
    zones = snapshot.zone_rows(region().base, region().vintage).set_index("zone_id")["zone_name"]
    told = table.assign(zone_name=table["zone_id"].map(zones), level=region().base, municipalities_known=1)
    return _finish(told).sort_values(["service", "zone_name", "year"], ignore_index=True)


def _whole(facts: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    level = region().whole or region().base
    sums = table.groupby(["service", "year"], as_index=False).agg(
        facts=("facts", "sum"),
        places_at_least=("places_at_least", "sum"),
        inferred_facts=("inferred_facts", "sum"),
        municipalities_known=("zone_id", "nunique"),
    )
    undated = facts[facts["basis"] == "undated"].groupby("service").size()
    told = sums.assign(
        undated_facts=sums["service"].map(undated).fillna(0).astype(np.int64),
        zone_id=region().id,
        zone_name=region().id,
        level=level,
    )
    return _finish(told).sort_values(["service", "year"], ignore_index=True)


def _finish(table: pd.DataFrame) -> pd.DataFrame:
    told = table.assign(vintage=region().vintage, evidence="documented", flags="count_is_minimum")
    return told[list(KNOWN_COLUMNS)]
