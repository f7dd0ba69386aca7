"""Compare a new snapshot with the last one before it takes its place: what moved more than such figures move."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from loaders.catalogue.levels import LEVELS, is_brussels
from loaders.catalogue.sources import SOURCES
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.totals import births_by_region

BIRTHS = 0.15
"""Largest believable relative change of births: of a region from one newest year to the next, or of one municipality
within the same year."""
FACILITIES_LOST = 0.10
"""Largest believable relative loss of bureaus or of houses."""
PEOPLE = 0.05
"""Largest believable relative change of inhabitants of Flanders and Brussels."""
_FEW_BIRTHS = 20
"""A municipality's figure may be corrected by so many births without a question."""
_NAMED = 3


def drift(old: Snapshot, new: Snapshot) -> list[str]:
    """What is hard to believe in ``new`` after ``old``, one clause each; empty when all is well."""
    return [*_births(old, new), *_people(old, new), *_facilities(old, new), *_zones(old, new)]


def bound(source: str, default: float) -> float:
    """Allowed change of a source: that of the catalogue, else ``default``."""
    live = SOURCES[source].live if source in SOURCES else None
    return live.bounds.drift if live is not None and live.bounds.drift is not None else default


def _births(old: Snapshot, new: Snapshot) -> Iterator[str]:
    before, after = old.table("births"), new.table("births")
    allowed = bound("births", BIRTHS)
    years = f"{before['year'].max()}", f"{after['year'].max()}"
    totals = births_by_region(before), births_by_region(after)
    for region in totals[0]:
        yield from _moved(f"births in {region.title()}", totals[0][region], totals[1][region], allowed, years)
    both = before.merge(after, on=["nis2025", "year"], suffixes=("", "_new"))
    change = (both["births_new"] - both["births"]).abs()
    odd = both[(change > allowed * both["births"]) & (change > _FEW_BIRTHS)]
    for row in odd.head(_NAMED).itertuples():
        yield f"births of {row.year} in municipality {row.nis2025} would go from {row.births} to {row.births_new}"
    if len(odd) > _NAMED:
        yield f"so would {len(odd) - _NAMED} more figures of municipalities"
    lost = set(before.loc[before["year"] == before["year"].max(), "nis2025"]) - set(
        after.loc[after["year"] == after["year"].max(), "nis2025"]
    )
    if lost:
        yield f"{_count(lost, 'municipality', 'municipalities')} would have no births at all, {min(lost)} among them"
    gone = sorted(set(before["year"]) - set(after["year"]))
    if gone:
        yield f"births of {gone[0]} would be lost"


def _people(old: Snapshot, new: Snapshot) -> Iterator[str]:
    def sectors(snapshot: Snapshot) -> tuple[str, int]:
        table = snapshot.table("sector_population")
        year = table["year"].max()
        return str(year), int(table.loc[table["year"] == year, "population"].sum())

    def ages(snapshot: Snapshot) -> tuple[str, int]:
        table = snapshot.table("ages")
        table = table[(table["vintage"] == table["vintage"].max()) & ~is_brussels(table["nis"])]
        year = table["year"].max()
        return str(year), int(table.loc[table["year"] == year, "population"].sum())

    for what, count in (("inhabitants of all sectors", sectors), ("inhabitants of Flanders", ages)):
        (year, before), (year_new, after) = count(old), count(new)
        yield from _moved(what, before, after, PEOPLE, (year, year_new))


def _facilities(old: Snapshot, new: Snapshot) -> Iterator[str]:
    before, after = places(old), places(new)
    if before is None:
        return
    for service, count in before.groupby("service")["id"].count().items():
        left = 0 if after is None else int((after["service"] == service).sum())
        if left < (1 - FACILITIES_LOST) * count:
            change = 100 * (left - count) / count
            yield f"the register would go from {count} to {left} places of service {service} ({change:+.1f} %)"


def places(snapshot: Snapshot) -> pd.DataFrame | None:
    """Places of the register that exist; None before a register was loaded."""
    if "facilities_register" not in snapshot.resources:
        return None
    table = snapshot.table("facilities_register")
    return table[(table["status"] == "exists") & (table["precision"] != "none")]


def _zones(old: Snapshot, new: Snapshot) -> Iterator[str]:
    for level in LEVELS.values():
        for vintage in level.vintages:
            gone = set(old.zones(level.id, vintage)["zone_id"]) - set(new.zones(level.id, vintage)["zone_id"])
            if gone:
                named = ", ".join(sorted(gone)[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
                yield f"{_count(gone, 'zone', 'zones')} of level {level.id} {vintage} would vanish: {named}"


def _moved(what: str, before: int, after: int, allowed: float, years: tuple[str, str]) -> Iterator[str]:
    if abs(after - before) > allowed * before:
        yield (
            f"{what} would go from {before:,} ({years[0]}) to {after:,} ({years[1]}), "
            f"{100 * (after - before) / before:+.1f} % where ±{100 * allowed:.0f} % is believable"
        )


def _count(things: set[str], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"
