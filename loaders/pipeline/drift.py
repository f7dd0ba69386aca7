"""Compare a new snapshot with the last one before it takes its place: what moved more than such figures move."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from i18n.messages import Message, NumberAsGiven, Value
from loaders.catalogue.publishers.sources import SOURCES
from loaders.catalogue.regions.levels import LEVELS, is_brussels
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.totals import births_by_region

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


def drift(old: Snapshot, new: Snapshot) -> list[Message]:
    """What is hard to believe in ``new`` after ``old``, one clause each; empty when all is well."""
    return [*_births(old, new), *_people(old, new), *_facilities(old, new), *_zones(old, new)]


def bound(source: str, default: float) -> float:
    """Allowed change of a source: that of the catalogue, else ``default``."""
    live = SOURCES[source].live if source in SOURCES else None
    return live.bounds.drift if live is not None and live.bounds.drift is not None else default


def _births(old: Snapshot, new: Snapshot) -> Iterator[Message]:
    before, after = old.table("births"), new.table("births")
    allowed = bound("births", BIRTHS)
    years = f"{before['year'].max()}", f"{after['year'].max()}"
    totals = births_by_region(before), births_by_region(after)
    for region in totals[0]:
        yield from _moved(
            Message("drift.births_in", region=region.title()), totals[0][region], totals[1][region], allowed, years
        )
    both = before.merge(after, on=["nis2025", "year"], suffixes=("", "_new"))
    change = (both["births_new"] - both["births"]).abs()
    odd = both[(change > allowed * both["births"]) & (change > _FEW_BIRTHS)]
    for row in odd.head(_NAMED).itertuples():
        moved = {"before": str(row.births), "after": str(row.births_new)}
        yield Message("drift.births", year=str(row.year), nis=str(row.nis2025), **moved)
    if len(odd) > _NAMED:
        yield Message("drift.more", n=len(odd) - _NAMED)
    lost = set(before.loc[before["year"] == before["year"].max(), "nis2025"]) - set(
        after.loc[after["year"] == after["year"].max(), "nis2025"]
    )
    if lost:
        yield Message("drift.no_births", n=len(lost), nis=min(lost))
    gone = sorted(set(before["year"]) - set(after["year"]))
    if gone:
        yield Message("drift.year_lost", year=str(gone[0]))


def _people(old: Snapshot, new: Snapshot) -> Iterator[Message]:
    def sectors(snapshot: Snapshot) -> tuple[str, int]:
        table = snapshot.table("sector_population")
        year = table["year"].max()
        return str(year), int(table.loc[table["year"] == year, "population"].sum())

    def ages(snapshot: Snapshot) -> tuple[str, int]:
        table = snapshot.table("ages")
        table = table[(table["vintage"] == table["vintage"].max()) & ~is_brussels(table["nis"])]
        year = table["year"].max()
        return str(year), int(table.loc[table["year"] == year, "population"].sum())

    for what, count in ((Message("drift.people_sectors"), sectors), (Message("drift.people_flanders"), ages)):
        (year, before), (year_new, after) = count(old), count(new)
        yield from _moved(what, before, after, PEOPLE, (year, year_new))


def _facilities(old: Snapshot, new: Snapshot) -> Iterator[Message]:
    before, after = places(old), places(new)
    if before is None:
        return
    for service, count in before.groupby("service")["id"].count().items():
        left = 0 if after is None else int((after["service"] == service).sum())
        if left < (1 - FACILITIES_LOST) * count:
            change = 100 * (left - count) / count
            told = {"before": str(count), "after": str(left), "service": str(service)}
            yield Message("drift.places", **told, change=NumberAsGiven(change, "+.1f"))


def places(snapshot: Snapshot) -> pd.DataFrame | None:
    """Places of the register that exist; None before a register was loaded."""
    if "facilities_register" not in snapshot.resources:
        return None
    table = snapshot.table("facilities_register")
    return table[(table["status"] == "exists") & (table["precision"] != "none")]


def _zones(old: Snapshot, new: Snapshot) -> Iterator[Message]:
    for level in LEVELS.values():
        for vintage in level.vintages:
            gone = set(old.zones(level.id, vintage)["zone_id"]) - set(new.zones(level.id, vintage)["zone_id"])
            if gone:
                named = ", ".join(sorted(gone)[:_NAMED]) + (" …" if len(gone) > _NAMED else "")
                yield Message("drift.zones", n=len(gone), level=level.id, vintage=str(vintage), named=named)


def _moved(what: Message, before: int, after: int, allowed: float, years: tuple[str, str]) -> Iterator[Message]:
    if abs(after - before) > allowed * before:
        change = NumberAsGiven(100 * (after - before) / before, "+.1f")
        most = NumberAsGiven(100 * allowed, ".0f")
        told: dict[str, Value] = {"what": what, "before": before, "after": after, "change": change, "most": most}
        yield Message("drift.moved", **told, year=years[0], year_new=years[1])
