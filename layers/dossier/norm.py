"""The answer to a norm as a document: how many places, where, who stays out, with the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.norm import NormAnswer
from i18n.texts import format_number, format_percent, text
from layers.dossier.council import sources_section
from layers.dossier.document import Block, Bullets, Document, Facts, Line, Paragraph, Picture, Section, Table
from layers.figures.norm_figures import norm_frontier, norm_map
from layers.notes.norm_notes import place_cells, zone_cells
from layers.notes.notes import Notes
from layers.sentences import figure
from layers.sentences.norm import all_words, model_words

if TYPE_CHECKING:
    from loaders.snapshot.reader import Snapshot

_PLACES, _ZONES = 60, 25
_MAP_WIDTH = 760.0
_CHART_HEIGHT = 220.0
"""Pixels of the frontier, so that it stands below the map on the page of the answer."""


def norm_document(answer: NormAnswer, snapshot: Snapshot, notes: Notes) -> Document:
    """Lay out an answer to a norm.

    Parameters
    ----------
    answer : the answer
    snapshot : where borders come from
    notes : warning, sources and the command that makes it again; their language is that of the document
    """
    lang, title = notes.lang, text("norm.page.title", notes.lang)
    first, *others = all_words(answer, lang)
    drawn, alt = norm_map(answer, snapshot, lang, _MAP_WIDTH)
    chart, told = norm_frontier(answer, lang, _CHART_HEIGHT)
    lead = text("norm.page.frontier.lead", lang)
    blocks: list[Block] = [Paragraph(first, "verdict"), *map(Paragraph, others), Facts(_figures(answer, lang))]
    again = text("dossier.method.again", lang, snapshot=notes.snapshot[:12])
    sections = (
        Section(text("dossier.section.question", lang), (Paragraph(notes.question, "lead"),)),
        Section(
            text("dossier.section.answer", lang),
            (*blocks, Picture(drawn, text("norm.page.map.legend", lang), alt)),
        ),
        Section(text("norm.page.frontier", lang), (Paragraph(lead), Picture(chart, "", told))),
        Section(text("norm.page.places", lang), _places(answer, lang)),
        Section(text("norm.page.out", lang), (_out(answer, lang),)),
        Section(text("dossier.section.unknown", lang), (Bullets(tuple(notes.caveats[len(others) + 1 :])),)),
        sources_section(notes),
        Section(
            text("dossier.section.method", lang),
            (*map(Paragraph, model_words(answer, lang)), Paragraph(again), Line(notes.command)),
        ),
    )
    return Document(
        title=title,
        subtitle=notes.title,
        lang=lang,
        warning=notes.warning,
        foot=text("dossier.foot", lang, title=title, version=notes.version, snapshot=notes.snapshot[:12]),
        sections=sections,
        page=text("dossier.page", lang),
        of=text("dossier.page.of", lang),
        keywords=(text(f"service.{answer.analysis.query.service}", lang), "nabij"),
    )


def _figures(answer: NormAnswer, lang: str) -> tuple[tuple[str, str], ...]:
    shares = [format_percent(n / answer.births, lang) for n in (answer.in_reach_before, answer.in_reach)]
    if not answer.request.keeps:
        del shares[0]
    names = ("dossier.fact.share", "dossier.fact.after")[-len(shares) :]
    return (
        (format_number(len(answer.places), lang), text("norm.page.frontier.x", lang)),
        *((share, text(name, lang)) for share, name in zip(shares, names, strict=True)),
        (figure(answer.births - answer.in_reach, lang), text("norm.page.map.legend", lang).lower()),
    )


def _places(answer: NormAnswer, lang: str) -> tuple[Block, ...]:
    if answer.places.empty:
        return (Paragraph(text("norm.page.places.none", lang)),)
    heads, rows = place_cells(answer, lang, _PLACES)
    more = len(answer.places) - len(rows)
    note = text("norm.page.more", lang, n=more) if more > 0 else ""
    widths = (0.5, 2.8, 0.9, 1.2, 1.1)
    return (Table(text("norm.page.places", lang), heads, rows, "llrrl", widths, note),)


def _out(answer: NormAnswer, lang: str) -> Table:
    heads, rows = zone_cells(answer, lang, _ZONES)
    return Table(text("norm.page.out", lang), heads, rows, "lrrr")
