"""The dossier that a council decides on: question, verdict, maps, change, alternatives, test, and what is not known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coverage.case import PlanTests
from coverage.core.reach import is_place
from coverage.dossier.facts import MIN, AreaStanding, Change, DossierFacts
from i18n.texts import format_number, format_percent, text
from layers.dossier.council_tables import CouncilTables, PlanWords, known, site_name
from layers.dossier.document import (
    Block,
    Bullets,
    Document,
    Facts,
    Line,
    Paragraph,
    Picture,
    Section,
    Table,
)
from layers.dossier.pictures import area_map, births_chart, change_chart, legend_of, places_with_change
from layers.notes.notes import Notes, demand_words
from layers.sentences import (
    called,
    capital,
    change,
    count,
    figure,
    listed,
    part,
    sure,
)
from layers.sentences.amounts import shares_apart
from layers.sentences.case import (
    criterion_words,
    decisive_words,
    outcome_of,
    question_words,
    rule_words,
    verdict_words,
)
from layers.sentences.certainty import chance
from layers.sentences.travel_words import exact_words, travel_words
from layers.views.view import reach_in_words
from loaders.catalogue.regions.region_in_use import region

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from loaders.snapshot.reader import Snapshot

_CHART_HEIGHT = 190.0
"""Pixels of the chart of the births, so that it stands on the page of the answer."""
_COUNTED_TOLD = 3
_UNKNOWNS = ("hours", "use", "transport", "building")


def council_dossier(facts: DossierFacts, snapshot: Snapshot, notes: Notes, plan: PlanWords | None = None) -> Document:
    """Lay out a dossier.

    Parameters
    ----------
    facts : what it tells
    snapshot : where borders come from
    notes : warning, sources, caveats and the command that makes it again; their language is that of the dossier
    plan : what is decided about; None for the best new place
    """
    told = _CouncilSections(facts, snapshot, notes, plan)
    lang = notes.lang
    title = told.title()
    sections = [
        told.question(),
        told.answer(),
        told.births(),
        told.maps(),
        told.changes(),
        told.alternatives(),
        told.test(),
        told.unknown(),
        sources_section(notes),
        told.method(),
    ]
    foot = text("dossier.foot", lang, title=title, version=notes.version, snapshot=notes.snapshot[:12])
    return Document(
        title=title,
        subtitle=text("dossier.subtitle", lang, service=text(f"service.{told.service}", lang)),
        lang=lang,
        warning=notes.warning,
        foot=foot,
        sections=tuple(section for section in sections if section is not None),
        page=text("dossier.page", lang),
        of=text("dossier.page.of", lang),
        keywords=tuple(dict.fromkeys([text(f"service.{told.service}", lang), *facts.subject.names, "nabij"])),
    )


def lacks_words(today: Analysis, births: float, lang: str) -> tuple[str, ...]:
    """What an area or a list lacks for its figures to say anything: births, or places of the service."""
    told = []
    if not births > 0:
        told.append(text("dossier.no_births", lang, year=today.demand.year))
    if not is_place(today.facilities.frame).any():
        told.append(text("dossier.no_places", lang, services=text(f"service.{today.query.service}.plural", lang)))
    return tuple(told)


def sources_section(notes: Notes) -> Section:
    """Table of the sources with their licences."""
    lang = notes.lang
    header = tuple(text(f"sources_sheet.{name}", lang) for name in ("title", "publisher", "vintage", "licence"))
    rows = tuple((s.title, s.publisher or "–", s.vintage or "–", s.licence or "–") for s in notes.sources)
    table = Table(text("dossier.sources.caption", lang), header, rows, "llll", (2.2, 1.6, 1.1, 1.9))
    return Section(text("dossier.section.sources", lang), (table,))


class _CouncilSections(CouncilTables):
    """Turns the facts of a dossier into its sections."""

    def title(self) -> str:
        """Say what it is about: places in an area, and the plan for them."""
        words = {"services": text(f"service.{self.service}.plural", self.lang), "within": self.within}
        if self.plan is None:
            return capital(self._text("title", **words))
        return capital(self._text("title.plan", plan=self.plan.name, **words))

    def _net(self) -> list[Block]:
        """Say what a plan comes to, gains and losses together."""
        effect, lang = self.facts.change, self.lang
        if self.plan is None or effect is None or math.isnan(effect.standing.in_reach) or self.empty:
            return []
        net = effect.standing.in_reach - self.facts.standing.in_reach
        key = "same" if abs(net) < MIN else "more" if net > 0 else "less"
        shares = shares_apart(self.facts.standing.share, effect.standing.share, lang)
        told = self._text(
            f"net.{key}", within=self.within, n=count(self.noun, abs(net), lang), before=shares[0], after=shares[1]
        )
        return [Paragraph(told, "verdict")]

    def question(self) -> Section:
        """Say what is asked, and what it is about."""
        blocks: list[Block] = [
            Paragraph(question_words(self.service, self.where, self.lang), "lead"),
            Paragraph(self.notes.question),
        ]
        blocks += self._about()
        return Section(self._text("section.question"), tuple(blocks))

    def _about(self) -> list[Block]:
        lacks = lacks_words(self.facts.today, self.facts.standing.births, self.lang)
        return [*(Paragraph(sentence, "verdict") for sentence in lacks), *self._subject_of_decision()]

    def _subject_of_decision(self) -> list[Block]:
        if self.plan is not None:
            edits = self.plan.edits
            key = "about.plan" if edits else "about.plan.empty"
            blocks: list[Block] = [Paragraph(self._text(key, name=self.plan.name))]
            blocks += [Bullets(edits)] if edits else []
            blocks += [Paragraph(self._text("about.against", name=self.plan.against))] if self.plan.against else []
            if self.plan.warnings:
                blocks.append(Paragraph(self._text("stale", why=" ".join(self.plan.warnings)), "verdict"))
            return blocks
        if self.empty:
            return []
        if self.blind:
            return [Paragraph(self._text("about.unknown"))]
        if self.facts.change is None:
            return [Paragraph(self._text("about.none"))]
        return [Paragraph(self._text("about.site", name=site_name(self.facts.sites.iloc[0].to_dict())))]

    def answer(self) -> Section:
        """Give the verdict with its certainty, and the figures behind it."""
        facts = self.facts
        blocks: list[Block] = self._net()
        if facts.planned is not None and facts.planned.n_places:
            blocks += self._planned(facts.planned)
        elif facts.test is not None:
            blocks += [Paragraph(self._text("planned.none"))] if facts.planned is not None else []
            blocks.append(Paragraph(verdict_words(facts.test, self.where, self.lang), "verdict"))
            decisive = decisive_words(facts.test, self.lang)
            blocks += [Paragraph(decisive)] if decisive else []
        else:
            why = _lower(facts.no_test.sentence(self.lang)) if facts.no_test else ""
            blocks.append(Paragraph(self._text("no_test", why=why), "verdict"))
        blocks.append(Facts(self._figures()))
        blocks += [Paragraph(sentence) for sentence in self._standing()]
        return Section(self._text("section.answer"), tuple(blocks))

    def _planned(self, planned: PlanTests) -> list[Block]:
        """Verdict on every new place of a plan, each beside all the others."""
        told = [
            Paragraph(self._text("planned", name=name, verdict=verdict_words(test, self.where, self.lang)), "verdict")
            for name, test in planned.tests
        ]
        left = planned.n_places - len(planned.tests)
        more = [Paragraph(self._text("planned.more", n=format_number(left, self.lang)))] if left else []
        return [Paragraph(self._text("planned.lead")), *told, *more]

    def _figures(self) -> tuple[tuple[str, str], ...]:
        now, then = self.facts.standing, self.facts.change.standing if self.facts.change else None
        pairs = [
            (figure(now.births, self.lang), demand_words(self.facts.today, self.lang)),
            (format_percent(known(now.share), self.lang), self._text("fact.share")),
        ]
        if then is not None:
            pairs = [pairs[0]]
            names = ("fact.share", "fact.after")
            shares = shares_apart(now.share, then.share, self.lang)
            pairs += [(share, self._text(name)) for share, name in zip(shares, names, strict=True)]
        mean, far = travel_words(known(now.mean_m), self.query, self.lang), self._text("fact.mean")
        minutes, _, metres = mean.partition(" (")
        pairs.append((minutes, f"{far} ({metres}" if metres else far))
        return tuple(pairs)

    def _standing(self) -> list[str]:
        """Sentences on reach today, how it compares, the label and where families go."""
        return [line for line in (self._reach_line(), self._label_line(), self._flow_line()) if line]

    def _reach_line(self) -> str:
        now = self.facts.standing
        if self.empty or self.blind:
            return ""
        key = "standing" if math.isfinite(now.mean_m) else "standing.short"
        line = self._text(
            key,
            part=part(self.noun, now.in_reach, now.births, self.lang),
            within=self.within,
            reach=reach_in_words(self.query, self.lang),
            article=text(f"headline.service.{self.service}", self.lang),
            **({"mean": travel_words(now.mean_m, self.query, self.lang)} if key == "standing" else {}),
            **({"p90": travel_words(now.p90_m, self.query, self.lang)} if key == "standing" else {}),
        )
        whole = format_percent(self.facts.whole.share, self.lang)
        return (
            f"{line} {self._text('compared', whole=region().name[self.lang], share=whole, noun=self._people().lower())}"
        )

    def _label_line(self) -> str:
        facts, lang = self.facts, self.lang
        least = format_percent(self.query.min_share, lang)
        lines = []
        if facts.standing.n_places is not None:
            lines.append(self._text("places", count=count(self.service, facts.standing.n_places, lang)))
        if facts.gap is None:
            return " ".join([*lines, self._text("label.unknown")])
        reasons = listed([_lower(text(f"reason.{reason}", lang)) for reason in facts.reasons], lang)
        key = "label.yes" if facts.gap else "label.no"
        lines.append(self._text(key, min_share=least, **({"reasons": reasons} if facts.gap else {})))
        if math.isfinite(facts.probability) and not self.empty:
            lines.append(self._text("label.chance", min_share=least, sure=sure(facts.probability, lang)))
        elif not self.subject.single:
            lines.append(self._text("label.no_chance"))
        return " ".join(lines)

    def _flow_line(self) -> str:
        table = self.facts.outflows
        if table.empty or self.empty:
            return ""
        share = part(self.noun, float(table["births"].sum()), self.facts.standing.births, self.lang)
        names = [called(str(name), self.lang) for name in table["to_zone_name"].head(3)]
        told = listed([text("grammar.in", self.lang, name=name) for name in names], self.lang)
        words = told if self.lang == "fr" else listed(names, self.lang)
        return self._text("flows", share=share, names=words)

    def maps(self) -> Section:
        """Show the area today, and afterwards by the same classes."""
        facts, lang = self.facts, self.lang
        classes, column, today = legend_of(self.subject, facts.drawn, facts.today)
        legend, blind = (classes, column), column == "n_facilities"
        children = "title" if self.noun == "babies" else "title.children"
        title = self._text("map.title.places" if blind else f"map.{children}")
        alt = self._alt(facts.standing)
        drawn = area_map(self.subject, today, self.snapshot, legend, lang, (title, alt))
        blocks: list[Block] = [Picture(drawn, self._text("map.places" if blind else "map.today"), alt)]
        change_ = facts.change
        if change_ is None:
            return Section(self._text("section.map"), tuple(blocks))
        alt = self._alt(change_.standing)
        places = places_with_change(facts.drawn, change_.drawn)
        drawn = area_map(self.subject, change_.drawn, self.snapshot, legend, lang, (title, alt), places)
        blocks.append(Picture(drawn, self._text("map.after"), alt))
        return Section(self._text("section.maps"), tuple(blocks))

    def _alt(self, standing: AreaStanding) -> str:
        if math.isnan(standing.in_reach):
            return self._text("map.alt.places", where=self.where)
        told = part(self.noun, standing.out_of_reach, standing.births, self.lang)
        return self._text("map.alt", where=self.where, part=told)

    def changes(self) -> Section | None:
        """Say who gains and who loses, by part and by neighbour; the parts of today where nothing changes."""
        if self.empty:
            return None
        change_ = self.facts.change
        if change_ is None:
            return Section(self._text("section.change"), (self._parts_today(),)) if not self.blind else None
        level = change_.after.query.level
        blocks: list[Block] = [Paragraph(sentence) for sentence in self._change_lines(change_)]
        caption = self._text("chart.change", level=text(f"level.{level}", self.lang))
        named = change_.parts.assign(zone_name=change_.parts["zone_name"].map(self._name))
        chart = change_chart(named, self.lang, (caption, self._text("chart.alt")))
        if chart is not None:
            blocks.append(Picture(chart, caption, self._text("chart.alt")))
        blocks.append(self._parts_table(change_))
        if len(change_.neighbours):
            blocks.append(self._change_rows(change_.neighbours, self._text("table.neighbours")))
        blocks += [self._places_table(change_)] if len(change_.places) else []
        return Section(self._text("section.change"), tuple(blocks))

    def _change_lines(self, effect: Change) -> list[str]:
        before, after, lang = self.facts.standing, effect.standing, self.lang
        shares = shares_apart(before.share, after.share, lang)
        lost = self._text("change.lost", lost=count(self.noun, effect.lost, lang)) if effect.lost >= 0.5 else ""
        lines = [
            self._text(
                "change.gain",
                gained=count(self.noun, effect.gained, lang),
                lost=lost,
                within=self.within,
                before=shares[0],
                after=shares[1],
                mean_before=travel_words(known(before.mean_m), self.query, lang),
                mean_after=travel_words(known(after.mean_m), self.query, lang),
            )
        ]
        if effect.gained_elsewhere >= 0.5 or effect.lost_elsewhere >= 0.5:
            told = {
                "gained": count(self.noun, effect.gained_elsewhere, lang),
                "lost": count(self.noun, effect.lost_elsewhere, lang),
            }
            lines.append(self._text("change.elsewhere", **told))
        else:
            lines.append(self._text("change.nowhere"))
        return lines

    def alternatives(self) -> Section:
        """Rank the sites with their proof, then moving and sharing."""
        facts, lang, blocks = self.facts, self.lang, []
        sites = facts.sites
        if len(sites) and sites["births_gained"].notna().any():
            blocks += self._sites_table(sites)
        if facts.test is not None and len(facts.test.moves) and facts.test.births_gained > 0:
            rows = tuple(
                (
                    str(row["name"]),
                    figure(float(row["births_lost"]), lang),
                    format_percent(float(row["share"]), lang),
                )
                for row in facts.test.moves.head(5).to_dict("records")
            )
            header = self._heads("place", "lost_elsewhere", "net")
            blocks.append(Table(self._text("alternatives.moves"), header, rows, "lrr", (3, 1, 1.2)))
        if facts.test is not None and len(facts.test.shared):
            names = [str(name) for name in facts.test.shared["name"].dropna().head(4)]
            if names:
                blocks.append(Paragraph(self._text("alternatives.shared", names=listed(names, lang))))
        if not blocks:
            blocks.append(Paragraph(self._text("alternatives.none")))
        return Section(self._text("section.alternatives"), tuple(blocks))

    def test(self) -> Section | None:
        """Return the table of the programming test, with what its thresholds come from."""
        case, lang = self.facts.test, self.lang
        if case is None:
            return None
        rows = tuple(
            (
                capital(text(f"criterion.{judged.name}", lang)),
                criterion_words(judged, case, lang),
                text("word.yes" if judged.required else "word.no", lang),
                capital(text(f"case.outcome.{outcome_of(judged)}", lang)),
                "–" if math.isnan(judged.probability) else chance(judged.probability, lang),
            )
            for judged in case.criteria
        )
        header = self._heads("criterion", "found", "required", "outcome", "sure")
        caption = self._text("test.caption", preset=text(f"preset.{case.thresholds.preset}", lang))
        if self.facts.planned is not None and self.facts.planned.n_places:
            caption = f"{self.facts.planned.tests[0][0]}. {caption}"
        table = Table(caption, header, rows, "lllll", (1.4, 4.2, 1, 1.1, 1.1))
        sources = sorted({judged.source for judged in case.criteria} - {"rule"})
        words = [text(f"preset.source.{source}", lang) for source in sources]
        return Section(
            self._text("section.test"),
            (table, Paragraph(rule_words(lang)), *(Paragraph(told, "quiet") for told in words)),
        )

    def births(self) -> Section | None:
        """Show the births of the years, with the change in words."""
        trend, lang = self.facts.trend, self.lang
        line = trend[trend["kind"] == "age0"].dropna().sort_values("year")
        counted = trend[trend["kind"] == "births"].dropna().sort_values("year")
        if len(line) < 2:
            return None
        first, last = line.iloc[0], line.iloc[-1]
        years = {"first": str(int(first["year"])), "last": str(int(last["year"]))}
        caption, alt = self._text("trend.caption"), self._text("trend.alt", **years)
        picture = births_chart(trend, lang, (caption, alt), _CHART_HEIGHT)
        blocks: list[Block] = []
        if len(counted):
            newest = counted.iloc[-1]
            blocks.append(
                Paragraph(
                    self._text(
                        "trend.sentence",
                        **years,
                        change=change(float(first["value"]), float(last["value"]), lang),
                        year=str(int(newest["year"])),
                        births=count("births", float(newest["value"]), lang),
                    )
                )
            )
        blocks += [Picture(picture, caption, alt)] if picture else []
        blocks.append(self._years_table(line, counted.tail(_COUNTED_TOLD)))
        return Section(self._text("section.births"), tuple(blocks))

    def unknown(self) -> Section:
        """List what is not known and whom to ask, then what to keep in mind of what is."""
        kept = [name for name in _UNKNOWNS if name != "building" or self.facts.change is not None]
        items = tuple(self._text(f"unknown.{name}") for name in kept)
        return Section(self._text("section.unknown"), (Bullets((*items, *self.notes.caveats)),))

    def method(self) -> Section:
        """Say how it was worked out, and the line that makes it again."""
        reach = exact_words(self.query.reach_m, self.query, self.lang)
        blocks: list[Block] = [
            Paragraph(self._text("method", reach=reach)),
            Paragraph(self._text("method.again", snapshot=self.notes.snapshot[:12])),
            Line(self.notes.command),
        ]
        return Section(self._text("section.method"), tuple(blocks))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
