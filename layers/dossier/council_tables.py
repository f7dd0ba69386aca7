"""Tables of the dossier of a council, and what all its sections say: who is counted, where, and beside what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.core.query import Query
from coverage.dossier.facts import MIN, Change, DossierFacts
from coverage.dossier.subject import Subject
from i18n.texts import format_number, format_percent, has_text, text
from layers.dossier.document import Block, Paragraph, Table
from layers.notes.notes import Notes
from layers.sentences import called, capital, figure, noun_for, say, together, within
from layers.sentences.amounts import format_distance, format_minutes
from layers.sentences.travel_words import travel_words

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

_PARTS_TOLD, _MIN_TOLD = 12, 4
_ROWS_TOLD = 8


@dataclass(frozen=True)
class PlanWords:
    """What a dossier says of a plan: its name, its edits in words, what it is held against, and what to mind."""

    name: str
    edits: tuple[str, ...]
    against: str = ""
    warnings: tuple[str, ...] = ()


def subject_words(subject: Subject, lang: str) -> str:
    """An area in a sentence: ``Oudenburg``, ``de zorgregio Boom``, ``het werkingsgebied ...``."""
    return together([(level, name) for (level, _), name in zip(subject.areas, subject.names, strict=True)], lang)


def within_subject(subject: Subject, lang: str) -> str:
    """An area after *in*."""
    if subject.single:
        return within(subject.level, subject.names[0], lang)
    return text("grammar.in_the", lang, name=subject_words(subject, lang))


class CouncilTables:
    """Turns the facts of a dossier into tables."""

    def __init__(self, facts: DossierFacts, snapshot: Snapshot, notes: Notes, plan: PlanWords | None) -> None:
        self.facts, self.snapshot, self.notes, self.plan = facts, snapshot, notes, plan
        self.lang, self.subject = notes.lang, facts.subject
        self.query: Query = facts.today.query
        self.service = self.query.service
        self.where, self.within = subject_words(self.subject, self.lang), within_subject(self.subject, self.lang)
        self.noun = noun_for(self.query.demand)
        self.year = str(facts.today.demand.year)
        self.empty = not facts.standing.births > 0
        self.blind = not self.empty and math.isnan(facts.standing.in_reach)

    def _text(self, key: str, **values: str) -> str:
        other = self.plan.against if self.plan else ""
        if other and has_text(f"dossier.{key}.against"):  # what is beside the plan is not today, but another plan
            return say(f"dossier.{key}.against", self.lang, other=other, **values)
        return say(f"dossier.{key}", self.lang, **values)

    def _name(self, name: Any) -> str:
        """Name of a part, without that of the municipality it lies in where that is the area."""
        own = str(name).removesuffix(f" ({self.subject.names[0]})") if self.subject.single else str(name)
        return called(own, self.lang)

    def _heads(self, *names: str) -> tuple[str, ...]:
        return tuple(self._text(f"column.{name}") for name in names)

    def _people(self) -> str:
        return self._text("column.births" if self.noun == "babies" else "column.children")

    def _who(self) -> str:
        return text(f"subline.who.{self.query.demand}", self.lang)

    def _parts_table(self, effect: Change) -> Table:
        """Parts of the area with what changes, those with the largest change first, the others together."""
        level = effect.after.query.level
        parts = effect.parts.assign(
            size=effect.parts["births_gained"].fillna(0.0) + effect.parts["births_lost"].fillna(0.0)
        ).sort_values(["size", "births", "zone_id"], ascending=[False, False, True], kind="stable")
        told = min(max(int((parts["size"] >= MIN).sum()), _MIN_TOLD), _PARTS_TOLD)
        shown = parts.head(told if len(parts) > _PARTS_TOLD else len(parts))
        rest = parts.iloc[len(shown) :]
        rows = [self._change_row(row) for row in shown.to_dict("records")]
        if len(rest):
            levels = text(f"level.{level}.plural", self.lang)
            label = self._text("table.rest", n=format_number(len(rest), self.lang), levels=levels)
            rows.append(self._sum_row(label, rest))
        rows.append(self._sum_row(self._text("table.total"), parts))
        header = (self._level_head(level), self._people(), *self._heads("before", "after", "gained", "lost"))
        levels = capital(text(f"level.{level}.plural", self.lang))
        return Table(self._text("table.parts", levels=levels, who=self._who()), header, tuple(rows), "lrrrrr")

    def _level_head(self, level: str) -> str:
        return capital(text(f"level.{level}", self.lang))

    def _change_row(self, row: dict[Any, Any]) -> tuple[str, ...]:
        names = ("births", "births_in_reach_before", "births_in_reach_after", "births_gained", "births_lost")
        return (self._name(row["zone_name"]), *(figure(known(row[name]), self.lang) for name in names))

    def _sum_row(self, label: str, rows: pd.DataFrame) -> tuple[str, ...]:
        names = ("births", "births_in_reach_before", "births_in_reach_after", "births_gained", "births_lost")
        return (label, *(figure(float(rows[name].sum(skipna=False)), self.lang) for name in names))

    def _change_rows(self, table: pd.DataFrame, caption: str) -> Table:
        rows = tuple(self._change_row(row) for row in table.head(_ROWS_TOLD).to_dict("records"))
        header = (*self._heads("municipality"), self._people(), *self._heads("before", "after", "gained", "lost"))
        return Table(caption, header, rows, "lrrrrr")

    def _places_table(self, effect: Change) -> Table:
        rows = []
        for row in effect.places.head(_ROWS_TOLD).to_dict("records"):
            name = str(row["name"]) if pd.notna(row["name"]) and row["name"] else str(row["id"])
            numbers = (figure(float(row[f"births_nearest_{side}"]), self.lang) for side in ("before", "after"))
            rows.append((name, self._text(f"status.{row['status']}"), *numbers))
        header = self._heads("place", "change", "before", "after")
        return Table(self._text("table.places"), header, tuple(rows), "llrr", (3, 1.4, 1, 1))

    def _parts_today(self) -> Table:
        """Parts of the area as they are, the most out of reach first."""
        table = self.facts.today.table
        level = self.facts.today.query.level
        order = table.sort_values(["births_out_of_reach", "zone_id"], ascending=[False, True], kind="stable")
        rows = tuple(
            (
                self._name(row["zone_name"]),
                figure(known(row["births"]), self.lang),
                figure(known(row["births_out_of_reach"]), self.lang),
                format_percent(known(row["share_in_reach"]), self.lang),
                format_minutes(known(row["mean_minutes"]), self.lang),
            )
            for row in order.head(20).to_dict("records")
        )
        header = (self._level_head(level), self._people(), *self._heads("out", "share", "mean"))
        levels = capital(text(f"level.{level}.plural", self.lang))
        return Table(self._text("table.today", levels=levels), header, rows, "lrrrr")

    def _sites_table(self, sites: pd.DataFrame) -> list[Block]:
        lang = self.lang
        rows = tuple(
            (
                str(rank),
                site_name(row),
                called(str(row["municipality"]), lang),
                figure(float(row["births_gained"]), lang),
                figure(float(row["births_in_reach"]), lang),
                travel_words(known(row["next_m"]), self.query, lang),
            )
            for rank, row in enumerate(sites.to_dict("records"), 1)
        )
        header = self._heads("rank", "site", "municipality", "brought", "near", "next")
        apart = format_distance(self.query.reach_m / 2, lang)
        table = Table(
            self._text("alternatives.sites", apart=apart), header, rows, "lllrrr", (0.6, 2.4, 1.8, 1, 1.2, 1.3)
        )
        proof = self._text("alternatives.proof", n=format_number(self.facts.n_candidates, lang))
        return [table, Paragraph(proof)]

    def _years_table(self, line: pd.DataFrame, counted: pd.DataFrame) -> Table:
        """Figures of the chart, a column a year: one in five of the 0-year-olds, then the births counted."""
        lang = self.lang
        every = line[(line["year"] % 5 == 0) | (line["year"] == line["year"].max())]
        years = sorted({int(year) for year in (*every["year"], *counted["year"])})
        rows = []
        for name, rows_of in (("age0", every), ("births", counted)):
            values = {int(row["year"]): float(row["value"]) for row in rows_of.to_dict("records")}
            cells = (figure(values[year], lang) if year in values else "" for year in years)
            rows.append((text(f"dossier.trend.{name}", lang), *cells))
        header = (self._text("column.counted"), *map(str, years))
        widths = (2.6, *([1.0] * len(years)))
        caption, note = self._text("trend.table"), self._text("trend.proxy")
        return Table(caption, header, tuple(rows), "l" + "r" * len(years), widths, note=note)


def site_name(site: dict[Any, Any]) -> str:
    """Name of a site, or what it is known by."""
    return str(site["name"]) or str(site["site_id"])


def known(value: Any) -> float | None:
    """A figure of a table; None where there is none."""
    return None if value is None or pd.isna(value) else float(value)
