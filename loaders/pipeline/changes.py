"""What changed between two snapshots, in words: sources, births, municipalities, zones and places."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from i18n.texts import format_number, text
from loaders.catalogue.regions.levels import LEVELS
from loaders.parsers.municipal import plain_name
from loaders.pipeline.assemble import changed_resources
from loaders.pipeline.drift import places
from loaders.pipeline.place_changes import compare_places
from loaders.snapshot.reader import Snapshot
from loaders.snapshot.upkeep.totals import births_by_region

SHIFTED_M2 = 10_000.0
"""A zone that gains and loses less in all was only drawn more precisely."""
_TOLD = 5
"""Municipalities with the largest change of births that are named."""
_NAMED = 12
"""Names in one enumeration."""


def changes(old: Snapshot, new: Snapshot, lang: str) -> list[str]:
    """Tell what changed, one sentence each, from the largest matters to the smallest.

    Parameters
    ----------
    old, new : the snapshots, in the order of time
    lang : language of the sentences
    """
    teller = _ChangeLines(old, new, lang)
    told = [*teller.sources(), *teller.births(), *teller.mergers(), *teller.zones(), *teller.places()]
    if told:
        return told
    names = changed_resources(old, new)
    return [text("diff.resources", lang, names=_enumeration(list(names), lang)) if names else text("diff.same", lang)]


class _ChangeLines:
    def __init__(self, old: Snapshot, new: Snapshot, lang: str) -> None:
        self.old, self.new, self.lang = old, new, lang

    def say(self, key: str, **values: object) -> str:
        return text(f"diff.{key}", self.lang, **values)

    def number(self, value: float, decimals: int = 0) -> str:
        return format_number(value, self.lang, decimals)

    def change(self, before: float, after: float) -> str:
        """Relative change with its sign, in per cent."""
        if not before:
            return "–"
        share = 100 * (after - before) / before
        return f"{'−' if share < 0 else '+'}{self.number(abs(share), 1)}{'' if self.lang == 'en' else ' '}%"

    def sources(self) -> Iterator[str]:
        key = {"en": "title"}.get(self.lang, f"title_{self.lang}")
        for source, entry in self.new.sources.items():
            before = self.old.sources.get(source)
            if before is None:
                yield self.say("source.new", title=entry[key], vintage=entry["vintage"])
            elif before["vintage"] != entry["vintage"]:
                yield self.say("source.newer", title=entry[key], before=before["vintage"], after=entry["vintage"])

    def births(self) -> Iterator[str]:
        before, after = self.old.table("births"), self.new.table("births")
        if before.equals(after):
            return
        years = int(before["year"].max()), int(after["year"].max())
        totals = births_by_region(before), births_by_region(after)
        for region in totals[0]:
            was, now = totals[0][region], totals[1][region]
            if was != now or years[0] != years[1]:
                yield self.say(
                    "births.region",
                    region=text(f"diff.region.{region}", self.lang),
                    before=self.number(was),
                    after=self.number(now),
                    year=years[0],
                    year_new=years[1],
                    change=self.change(was, now),
                )
        yield from self._largest(*(table[table["year"] == table["year"].max()] for table in (before, after)))
        added = sorted(set(after["year"]) - set(before["year"]))
        if added:
            span = str(added[0]) if len(added) == 1 else f"{added[0]}–{added[-1]}"
            yield self.say("births.years", span=span, n=len(added))

    def _largest(self, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[str]:
        both = before.merge(after, on="nis2025", suffixes=("", "_new"))
        both["size"] = (both["births_new"] - both["births"]).abs()
        largest = both[both["size"] > 0].sort_values(["size", "nis2025"], ascending=[False, True]).head(_TOLD)
        if len(largest):
            names = self._names(self.new)
            parts = [
                f"{names.get(nis, nis)} {self.number(was)} → {self.number(now)}"
                for nis, was, now in zip(largest["nis2025"], largest["births"], largest["births_new"], strict=True)
            ]
            yield self.say("births.largest", names=", ".join(parts))

    def _names(self, snapshot: Snapshot) -> dict[str, str]:
        codes = snapshot.table("municipality_codes")
        return {str(n): plain_name(str(name)) for n, name in zip(codes["nis2025"], codes["name2025"], strict=True)}

    def mergers(self) -> Iterator[str]:
        """Municipalities that merged, split off or only got another code, by the members of 2018."""
        was, now = (snapshot.table("municipality_codes").set_index("nis2018")["nis2025"] for snapshot in self._both())
        chain = pd.DataFrame({"was": was, "now": now}).dropna().drop_duplicates()
        old_names, new_names = self._names(self.old), self._names(self.new)
        for nis, group in chain.groupby("now"):
            members = sorted(set(group["was"]))
            name = new_names[str(nis)]
            if len(members) > 1:
                names = _enumeration([old_names[m] for m in members], self.lang)
                yield self.say("merged", names=names, name=name, nis=nis)
            elif members[0] != nis:
                yield self.say("recoded", name=name, before=members[0], after=nis)

    def _both(self) -> tuple[Snapshot, Snapshot]:
        return self.old, self.new

    def zones(self) -> Iterator[str]:
        for level in LEVELS.values():
            for vintage in level.vintages:
                was, now = (s.zones(level.id, vintage).set_index("zone_id") for s in self._both())
                come, gone = now.index.difference(was.index), was.index.difference(now.index)
                values = {"level": text(f"level.{level.id}.plural", self.lang), "vintage": vintage}
                for key, ids, frame in (("zones.new", come, now), ("zones.gone", gone, was)):
                    if len(ids):
                        names = _enumeration(frame.loc[ids, "zone_name"].tolist(), self.lang)
                        yield self.say(key, n=len(ids), names=names, **values)
                both = now.index.intersection(was.index)
                shifted = _shifted(was.loc[both].geometry.to_numpy(), now.loc[both].geometry.to_numpy())
                if shifted.any():
                    names = _enumeration(now.loc[both, "zone_name"][shifted].tolist(), self.lang)
                    yield self.say("zones.moved", n=int(shifted.sum()), names=names, **values)

    def places(self) -> Iterator[str]:
        was, now = places(self.old), places(self.new)
        if now is None or was is None:
            for key, facilities in (("register.new", now), ("register.gone", was)):
                if facilities is not None:
                    counts = facilities["service"].value_counts()
                    yield self.say(key, bureaus=counts.get("bureau", 0), houses=counts.get("house", 0))
            return
        for key, rows in compare_places(was, now).named():
            for row in rows.itertuples():
                yield self.say(
                    f"place.{key}.{row.service}",
                    name=row.name if isinstance(row.name, str) else row.id,
                    where=self._names(self.new).get(str(row.nis2025), str(row.nis2025)),
                    id=row.id,
                    metres=self.number(getattr(row, "metres", np.nan)),
                    before=getattr(row, "name_old", ""),
                )


def _shifted(was: npt.NDArray[np.object_], now: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Whether more than `SHIFTED_M2` of each zone changed hands."""
    shifted = ~shapely.equals_exact(was, now, tolerance=1.0)
    difference = shapely.symmetric_difference(was[shifted], now[shifted])
    shifted[shifted] = shapely.area(difference) > SHIFTED_M2
    return shifted


def _enumeration(names: list[str], lang: str) -> str:
    """Names joined as people do; a long list is cut and says how many more there are."""
    if len(names) > _NAMED:
        more = text("diff.more", lang, n=len(names) - _NAMED)
        return f"{', '.join(names[:_NAMED])} {more}"
    *first, last = names
    if not first:
        return last
    return f"{', '.join(first)} {text('diff.and', lang)} {last}"
