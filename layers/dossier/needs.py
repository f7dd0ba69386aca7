"""The needs analysis of an area, as pages and as a workbook."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.core.minutes import in_minutes
from coverage.core.query import Query
from coverage.dossier.profile import AGES, AROUND_M, ProfileFacts
from coverage.indicators.births.projection import LEVEL
from coverage.zones.strata import AREA_TYPE, DEPRIVATION
from i18n.texts import format_number, format_percent, has_text, text
from layers.dossier.council import lacks_words, sources_section
from layers.dossier.council_tables import subject_words, within_subject
from layers.dossier.document import Block, Bullets, Document, Facts, Line, Paragraph, Picture, Section
from layers.dossier.grids import GridColumn, Kind, ValueTable, grid_rows
from layers.dossier.pictures import area_map, births_chart, legend_of
from layers.notes.notes import Notes
from layers.sentences import called, capital, change, count, figure, listed, noun_for, part, say
from layers.sentences.amounts import format_distance, format_minutes
from layers.views.view import reach_in_words
from loaders.catalogue.regions.levels import HOUSE_AREA
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

UNKNOWN = ("hours", "use", "transport", "others", "languages", "gps")
"""What a needs analysis cannot know from open data; ``profile.unknown.<name>.who`` says who knows."""

_YEARS_TOLD = 12
_PLURAL = 2
"""Years of age from which French says *ans*."""
_CHART_HEIGHT = 200.0


@dataclass(frozen=True)
class NeedsAnalysis:
    """A needs analysis as pages, and as the tables of a workbook; ``warnings`` are what an exit code stands for."""

    document: Document
    grids: tuple[ValueTable, ...]
    short: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def needs_analysis(facts: ProfileFacts, snapshot: Snapshot, notes: Notes) -> NeedsAnalysis:
    """Lay out a needs analysis.

    Parameters
    ----------
    facts : what it tells
    snapshot : where borders come from
    notes : warning, sources, caveats and the command that makes it again; their language is that of the analysis
    """
    told = _NeedsSections(facts, snapshot, notes)
    lang = notes.lang
    title = say("profile.title", lang, where=told.where)
    sections = (
        told.short(),
        told.children(),
        told.ahead(),
        told.homes(),
        told.types(),
        told.reach(),
        told.offers(),
        told.flows(),
        told.overlaps(),
        told.unknown(),
        sources_section(notes),
        told.method(),
    )
    document = Document(
        title=title,
        subtitle=text("profile.subtitle", lang),
        lang=lang,
        warning=notes.warning,
        foot=text("dossier.foot", lang, title=title, version=notes.version, snapshot=notes.snapshot[:12]),
        sections=sections,
        page=text("dossier.page", lang),
        of=text("dossier.page.of", lang),
        keywords=(text("export.heading.profile", lang), *facts.subject.names, "nabij"),
    )
    return NeedsAnalysis(document, tuple(told.grids), told.sentences, lacks_words(facts.today, facts.births, lang))


class _NeedsSections:
    """Turns the facts of a needs analysis into sections, and keeps their tables for a workbook."""

    def __init__(self, facts: ProfileFacts, snapshot: Snapshot, notes: Notes) -> None:
        self.facts, self.snapshot, self.notes, self.lang = facts, snapshot, notes, notes.lang
        self.query = facts.today.query
        self.where, self.within = subject_words(facts.subject, self.lang), within_subject(facts.subject, self.lang)
        self.noun = noun_for(self.query.demand)
        self.year = str(facts.today.demand.year)
        self.grids: list[ValueTable] = []
        self.sentences: tuple[str, ...] = ()

    def _text(self, key: str, **values: str) -> str:
        return say(f"profile.{key}", self.lang, **values)

    def _column(self, name: str, kind: Kind = "text", unit: str = "") -> GridColumn:
        return GridColumn(self._text(f"column.{name}"), kind, unit)

    def _grid(
        self, sheet: str, title: str, columns: list[GridColumn], rows: tuple[tuple[object, ...], ...], note: str = "",
        widths: tuple[float, ...] = (), most: int = 40,
    ) -> list[Block]:  # fmt: skip
        """Keep a table for the workbook, and show it on the page where it has rows."""
        grid = ValueTable(self._text(f"sheet.{sheet}"), title, tuple(columns), rows, most, note, widths)
        self.grids.append(grid)
        return [grid.table(self.lang)] if rows else []

    def short(self) -> Section:
        """Tell the area in a few figures and sentences."""
        facts, lang = self.facts, self.lang
        lacks = lacks_words(facts.today, facts.births, lang)
        lines = list(lacks if facts.births > 0 else lacks[1:])  # that nobody was born is told below
        if facts.subject.level == HOUSE_AREA:
            lines.append(
                self._text(
                    "members", names=listed([called(name, lang) for name in facts.subject.municipality_names], lang)
                )
            )
        key = "born" if facts.births > 0 else "born.none"
        lines.append(self._text(key, year=self.year, births=count("births", facts.births, lang)))
        lines += [line for line in (self._ages_line(), self._deprived_line(), *self._reach_lines()[:2]) if line]
        self.sentences = tuple(lines)
        pairs = [(figure(facts.births, lang), text(f"demand.{self.query.demand}.of", lang, year=self.year))]
        if len(facts.ages):
            last = facts.ages.iloc[-1]
            year = str(int(last["year"]))
            young = float(last[list(AGES)].sum())
            pairs.append((figure(young, lang), self._text("fact.young", year=year)))
            pairs.append((figure(float(last["population"]), lang), self._text("fact.population", year=year)))
        first = facts.reached[0]
        article = text(f"headline.service.{first.service}", lang)
        mode = text(f"mode.{first.mode}", lang)
        share = first.standing.share if facts.births > 0 else float("nan")
        pairs.append((format_percent(share, lang), self._text("fact.share", article=article, mode=mode)))
        blocks: list[Block] = [Facts(tuple(pairs)), *(Paragraph(line) for line in lines)]
        classes, column, drawn_by = legend_of(facts.subject, facts.drawn, facts.today)
        legend, blind = (classes, column), column == "n_facilities"
        alt = say("dossier.map.alt.places", lang, where=self.where)
        out = facts.reached[0].standing.out_of_reach
        if not math.isnan(out):
            alt = say("dossier.map.alt", lang, where=self.where, part=part(self.noun, out, facts.births, lang))
        title = text("dossier.map.title.places" if blind else "dossier.map.title", lang)
        drawn = area_map(facts.subject, drawn_by, self.snapshot, legend, lang, (title, alt))
        caption = text("dossier.map.places" if blind else "dossier.map.today", lang)
        blocks.append(Picture(drawn, f"{caption} {self._reach_words()}", alt))
        return Section(self._text("sheet.short"), tuple(blocks))

    def _reach_words(self) -> str:
        service = capital(text(f"service.{self.query.service}", self.lang))
        return f"{service}, {reach_in_words(self.query, self.lang)}."

    def _ages_line(self) -> str:
        ages = self.facts.ages
        if len(ages) < 2:
            return self._text("ages.none") if ages.empty else ""
        last = ages.iloc[-1]
        first = ages.iloc[max(len(ages) - 11, 0)]
        sums = [float(row[list(AGES)].sum()) for row in (first, last)]
        years = {"first": str(int(first["year"])), "last": str(int(last["year"]))}
        return self._text("ages", **years, change=change(sums[0], sums[1], self.lang))

    def children(self) -> Section:
        """Tell the children by age and year."""
        facts, lang = self.facts, self.lang
        ages = facts.ages.sort_values("year", ascending=False)
        columns = [self._year_column(), *self._age_columns(), self._column("population", "whole")]
        title = self._text("sheet.ages")
        note = self._text("ages.partly") if facts.partly and len(ages) else ""
        blocks: list[Block] = []
        caption = text("dossier.trend.caption", lang)
        alt = caption
        if len(facts.ages):
            years = {"first": str(int(facts.ages["year"].min())), "last": str(int(facts.ages["year"].max()))}
            alt = say("dossier.trend.alt", lang, **years)
        chart = births_chart(facts.trend, lang, (caption, alt), _CHART_HEIGHT)
        blocks += [Picture(chart, caption, alt)] if chart else []
        rows = grid_rows(ages, ["year", *AGES, "population"])
        widths = (1.0, *([0.8] * len(AGES)), 1.1)
        blocks += self._grid("ages", title, columns, rows, note, widths, most=_YEARS_TOLD)
        if not rows:
            blocks.append(Paragraph(self._text("ages.none")))
        return Section(title, tuple(blocks))

    def _year_column(self) -> GridColumn:
        return GridColumn(text("dossier.column.year", self.lang), "year")

    def _age_columns(self) -> list[GridColumn]:
        keys = ("column.age" if age < _PLURAL else "column.age.more" for age in range(len(AGES)))
        return [GridColumn(self._text(key, n=str(age)), "whole") for age, key in enumerate(keys)]

    def ahead(self) -> Section:
        """Tell the births to come, with their margins."""
        ahead = self.facts.ahead
        title = self._text("sheet.ahead")
        columns = [self._year_column(), self._column("births", "amount")]
        columns += [self._column("low", "amount"), self._column("high", "amount")]
        rows = tuple((one.year, one.births, one.low, one.high) for one in ahead)
        table = self._grid("ahead", title, columns, rows, self._text("ahead.note") if rows else "")
        if not ahead:
            return Section(title, (Paragraph(self._text("ahead.none")),))
        last = ahead[-1]
        words = {
            "year": str(last.year),
            "births": count("births", last.births, self.lang),
            "low": format_number(last.low, self.lang),
            "high": format_number(last.high, self.lang),
            "level": format_percent(LEVEL, self.lang),
        }
        return Section(title, (Paragraph(self._text("ahead", **words)), *table))

    def homes(self) -> Section:
        """Tell households, income and deprivation."""
        facts, lang = self.facts, self.lang
        blocks: list[Block] = []
        homes = facts.households
        if len(homes) > 1:
            now = homes[homes["year"] >= facts.today.demand.year]
            first, last = (now if len(now) > 1 else homes).iloc[0], homes.iloc[-1]
            words = change(float(first["households"]), float(last["households"]), lang)
            years = {"first": str(int(first["year"])), "last": str(int(last["year"]))}
            blocks.append(Paragraph(self._text("homes", **years, change=words)))
        else:
            blocks.append(Paragraph(self._text("homes.none")))
        if math.isnan(facts.incomes):
            blocks.append(Paragraph(self._text("income.none")))
        else:
            own, of_all = (format_number(round(each, -2), lang) for each in (facts.incomes, facts.incomes_of_all))
            blocks.append(Paragraph(self._text("income", income=own, other=of_all, whole=region().name[lang])))
        line = self._deprived_line()
        blocks += [Paragraph(line)] if line else []
        blocks += self._strata(DEPRIVATION, "deprivation")
        rows = grid_rows(facts.indexes, list(facts.indexes.columns))
        columns = [self._column("municipality"), self._column("deprived", "share")]
        columns += [self._column("education", "decimal"), self._column("income", "whole")]
        columns += [self._column("income_year", "year")]
        blocks += self._grid("indexes", self._text("sheet.indexes"), columns, rows, widths=(1.6, 1.3, 1.1, 1.2, 1))
        homes_rows = grid_rows(homes, ["year", "households"])
        self._grid("homes", self._text("sheet.homes"), [self._year_column(), self._column("households", "whole")],
                   homes_rows)  # fmt: skip
        return Section(self._text("section.homes"), tuple(blocks))

    def _deprived_line(self) -> str:
        strata = self.facts.strata
        rows = strata[(strata["by"] == DEPRIVATION) & (strata["stratum"] != "unknown")]
        if not self.facts.births > 0:
            return ""
        if rows.empty:
            return self._text("deprived.none")
        share = float(rows.loc[rows["stratum"] == "1", "share"].sum())
        return self._text("deprived", share=format_percent(share, self.lang))

    def _strata(self, by: str, sheet: str) -> list[Block]:
        strata = self.facts.strata
        rows = strata[strata["by"] == by]
        told = tuple(
            (
                capital(text(f"stratum.{by}.{row['stratum']}", self.lang)),
                row["births"],
                row["share"],
                row["out_of_reach"],
            )
            for row in rows.to_dict("records")
        )
        columns = [self._column("stratum"), self._column("births", "amount"), self._column("share", "share")]
        columns.append(self._column("out", "amount"))
        title = f"{self._text(f'sheet.{sheet}')}: {self._reach_words()}"
        return self._grid(sheet, title, columns, told)

    def types(self) -> Section:
        """Tell the type of area, and the parts that it is made of."""
        facts = self.facts
        blocks = self._strata(AREA_TYPE, "types")
        table = facts.today.table.sort_values(["births", "zone_id"], ascending=[False, True], kind="stable")
        suffix = f" ({facts.subject.names[0]})"
        names = table["zone_name"].str.removesuffix(suffix)
        table = table.assign(zone_name=[called(str(name), self.lang) for name in names])
        rows = grid_rows(table, ["zone_name", "births", "births_in_reach", "share_in_reach", "mean_minutes"])
        level = text(f"level.{facts.today.query.level}", self.lang)
        columns = [GridColumn(capital(level)), self._column("births", "amount"), self._column("in", "amount")]
        columns += [self._column("share", "share"), self._column("mean", "minutes", "min")]
        blocks += self._grid("parts", self._text("sheet.parts"), columns, rows, most=20)
        return Section(self._text("sheet.types"), tuple(blocks))

    def _reach_lines(self) -> list[str]:
        lines = []
        for one in self.facts.reached:
            if not one.standing.births > 0:
                continue
            lines.append(
                self._text(
                    "reach",
                    service=capital(text(f"service.{one.service}", self.lang)),
                    mode=text(f"mode.{one.mode}", self.lang),
                    part=part(self.noun, one.standing.in_reach, one.standing.births, self.lang),
                    distance=format_minutes(_minutes(one.within_m, one.mode), self.lang),
                )
            )
        return lines

    def reach(self) -> Section:
        """Tell the reach by service and mode."""
        rows = tuple(
            (
                capital(text(f"service.{one.service}", self.lang)),
                text(f"mode.{one.mode}", self.lang),
                _minutes(one.within_m, one.mode),
                one.standing.in_reach,
                one.standing.share,
                _minutes(one.standing.mean_m, one.mode),
                _minutes(one.standing.p90_m, one.mode),
            )
            for one in self.facts.reached
        )
        columns = [self._column("service"), self._column("mode"), self._column("within", "minutes", "min")]
        columns += [self._column("in", "amount"), self._column("share", "share")]
        columns += [self._column("mean", "minutes", "min"), self._column("p90", "minutes", "min")]
        title = self._text("section.reach")
        widths = (2.2, 1.2, 0.9, 1, 0.9, 1, 1.1)
        lines = self._reach_lines()
        return Section(
            title,
            (
                *([Bullets(tuple(lines))] if lines else []),
                *self._grid("reach", title, columns, rows, widths=widths),
            ),
        )

    def offers(self) -> Section:
        """Tell what is offered in the area and around it, with hours where they are known."""
        offers, lang = self.facts.offers, self.lang
        lines = []
        for service, places in offers[offers["place"]].groupby("service", sort=False):
            inside = int((places["where"] == "inside").sum())
            words = {
                "service": capital(text(f"service.{service}.plural", lang)),
                "inside": format_number(inside, lang),
                "around": format_number(len(places) - inside, lang),
                "distance": format_distance(AROUND_M, lang),
            }
            lines.append(self._text("offers.count", **words))
        if len(offers):
            known = float(offers["hours_per_year"].notna().sum())
            lines.append(self._text("offers.hours", part=part("places", known, float(len(offers)), lang)))
        else:
            lines.append(self._text("offers.none"))
        rows = tuple(self._offer(row) for row in offers.to_dict("records"))
        columns = [self._column(name) for name in ("service", "name", "municipality", "where", "status")]
        columns += [self._column("hours", "whole"), self._column("evidence")]
        title = self._text("section.offers")
        table = self._grid("offers", title, columns, rows, widths=(1.5, 2.4, 1.3, 1.1, 1, 0.8, 1.4), most=25)
        return Section(title, (Bullets(tuple(lines)), *table))

    def _offer(self, row: dict[Any, Any]) -> tuple[object, ...]:
        state = "partnership" if not row["place"] else str(row["status"])
        key = f"profile.status.{state}"
        return (
            capital(text(f"service.{row['service']}", self.lang)),
            row["id"] if pd.isna(row["name"]) else row["name"],
            called(str(row["municipality"] or ""), self.lang) or None,
            self._text(f"where.{row['where']}"),
            text(key, self.lang) if has_text(key) else state,
            None if pd.isna(row["hours_per_year"]) else row["hours_per_year"],
            text(f"table.evidence.{row['evidence']}", self.lang),
        )

    def flows(self) -> Section:
        """Tell where families of the area go, and who comes to it."""
        out, into = self.facts.flows_out, self.facts.flows_in
        columns = [self._column("municipality"), self._column("births", "amount"), self._column("share", "share")]
        columns.append(self._column("mean", "minutes", "min"))
        names = ["zone_name", "births", "share", "mean_minutes"]
        blocks: list[Block] = []
        for sheet, table in (("flows_out", out), ("flows_in", into)):
            told = table.assign(zone_name=[called(str(name), self.lang) for name in table["zone_name"]])
            blocks += self._grid(sheet, self._text(f"sheet.{sheet}"), columns, grid_rows(told, names), most=12)
        if not blocks:
            unknown = not self.facts.births > 0 or math.isnan(self.facts.reached[0].standing.in_reach)
            blocks.append(Paragraph(self._text("flows.unknown" if unknown else "flows.none")))
        return Section(self._text("section.flows"), tuple(blocks))

    def overlaps(self) -> Section:
        """Tell in which zones of other divisions the area lies, and of which nothing is documented."""
        facts, lang = self.facts, self.lang
        lines = []
        for level, inside in facts.overlaps.groupby("level", sort=False):
            names = listed([called(str(name), lang) for name in inside["zone_name"]], lang, 6)
            lines.append(self._text("overlaps.cut", level=capital(text(f"level.{level}", lang)), names=names))
        for row in facts.uncovered.to_dict("records"):
            births = count("births", float(row["births"]), lang)
            level = capital(text(f"level.{row['level']}", lang))
            lines.append(self._text("overlaps.unknown", level=level, births=births))
        told = facts.overlaps.assign(level=[capital(text(f"level.{name}", lang)) for name in facts.overlaps["level"]])
        rows = grid_rows(told, ["level", "zone_name", "births", "share_of_area", "share_of_zone"])
        columns = [self._column("division"), self._column("zone"), self._column("births", "amount")]
        columns += [self._column("of_area", "share"), self._column("of_zone", "share")]
        title = self._text("section.overlaps")
        table = self._grid("overlaps", title, columns, rows, widths=(1.5, 2, 1, 1, 1))
        blocks: list[Block] = [Bullets(tuple(lines))] if lines else [Paragraph(self._text("flows.unknown"))]
        return Section(title, (*blocks, *table))

    def unknown(self) -> Section:
        """List what is not known and whom to ask, then what to keep in mind."""
        rows = tuple((self._text(f"unknown.{name}"), self._text(f"unknown.{name}.who")) for name in UNKNOWN)
        title = self._text("section.unknown")
        table = self._grid("unknown", title, [self._column("what"), self._column("whom")], rows, widths=(1.6, 1))
        return Section(title, (*table, Bullets(self.notes.caveats)))

    def method(self) -> Section:
        """Say how it was worked out, and the line that makes it again."""
        again = self._text("again", snapshot=self.notes.snapshot[:12])
        blocks = (Paragraph(self._text("method")), Paragraph(again), Line(self.notes.command))
        return Section(text("dossier.section.method", self.lang), blocks)


def _minutes(metres: float, mode: str) -> float:
    """Minutes that metres of travel take at the pace of a mode."""
    return float(in_minutes(metres, Query(mode=mode)))
