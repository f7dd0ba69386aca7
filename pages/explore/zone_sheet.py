"""The sheet of a zone: the need first, then why, where families go, what is there, and what came before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from dash import html

from coverage.analysis import Analysis
from coverage.indicators.sheet import ZoneSheet, zone_sheet
from i18n.numbers import plural_form
from i18n.texts import format_number, format_percent, text
from layers.sentences import format_distance, format_minutes, listed
from layers.views.view import rank_of_need, reach_in_words
from loaders.catalogue.regions.levels import OWN, get_level
from loaders.catalogue.regions.region_in_use import region
from pages.documents import on_request
from pages.explore import measure_choices, sheet_context, sheet_surroundings
from pages.explore.plan_in_view import zone_section
from pages.shell.context import Context
from pages.shell.markup import attributes, section, sentence_case
from pages.shell.method_link import method_link, term
from pages.shell.state import State


def sheet(context: Context, state: State) -> list[Any]:
    """Content of the sheet of ``state.zone``; `InputError` when the level has no such zone."""
    analysis = context.analyse(state)
    facts = zone_sheet(context.snapshot, analysis, state.zone, territory=context.engine.territory)
    zones = context.snapshot.zones(analysis.query.level, analysis.query.vintage).set_index("zone_id")
    sections = [
        _kind(context, state, analysis, zones.loc[state.zone]),
        _head(state, analysis, facts),
        _need(state, analysis, facts.row),
        zone_section(context, state),
        _verdict(state, facts.row),
        _merger(state, analysis, facts),
        _figures(state, facts.row),
        measure_choices.sheet_section(context, state, analysis),
        sheet_surroundings.deprivation(context, state, analysis, facts.row),
        sheet_context.flows(state, facts),
        sheet_context.places(state, facts, analysis),
        sheet_context.trend(context, state, facts),
        sheet_surroundings.report(context, state),
        sheet_context.facts(context, state),
        sheet_context.neighbours(state, facts),
        _documents(state),
        sheet_context.notes(state, facts.row),
    ]
    return [section for section in sections if section is not None]


def _documents(state: State) -> html.Section:
    """Documents of the zone, to keep and to pass on."""
    lang = state.lang
    return section(
        text("document.heading", lang),
        html.P(text("document.help", lang), className="help"),
        on_request.buttons(on_request.OF_ZONE, lang),
        name="documents",
    )


def _kind(context: Context, state: State, analysis: Analysis, zone: pd.Series[Any]) -> html.P:
    """Say what kind of zone it is, and in which municipality; it stays on top while the sheet scrolls."""
    level = sentence_case(text(f"level.{analysis.query.level}", state.lang))
    kind = text("sheet.kind", state.lang, level=level, vintage=analysis.query.held_vintage)
    place = _parent_name(context, zone)
    return html.P(" · ".join(part for part in (place, kind) if part), className="sheet-kind")


def _head(state: State, analysis: Analysis, facts: ZoneSheet) -> html.Header:
    lang = state.lang
    place = rank_of_need(analysis.table, state.zone)
    key = "sheet.rank.shared" if place and place[2] else "sheet.rank"
    rank = text(key, lang, rank=place[0], n=place[1]) if place else ""
    actions: list[Any] = [
        html.Button(text("sheet.zoom", lang), className="quiet-button", type="button", **attributes(data_act="zoom"))
    ]
    actions += [_case_link(state), *_plan_link(state)]
    inside = _inside(state)
    if inside is not None:
        actions.append(
            html.A(
                text("sheet.inside", lang, levels=text(f"level.{inside.level}.plural", lang)),
                href=inside.address(),
                className="quiet-button go",
            )
        )
    return html.Header(
        [
            html.H2(str(facts.row["zone_name"]), id="sheet-title", tabIndex=-1),
            html.P(sentence_case(rank), className="sheet-rank") if rank else None,
            html.Div(actions, className="sheet-actions"),
        ],
        className="sheet-head",
    )


def _case_link(state: State) -> html.A:
    """Link to the page that asks whether this zone justifies a place."""
    asked = replace(state, areas=f"{state.level}:{state.zone}", zone="", against="")
    return html.A(text("page.municipality", state.lang), href="gemeente" + asked.address(), className="quiet-button go")


def _plan_link(state: State) -> list[html.A]:
    """Link to a plan for this zone, shown by the zones inside it; none where a plan is shown already."""
    if state.plan:
        return []
    asked = replace(_inside(state) or replace(state, areas=f"{state.level}:{state.zone}"), zone="", camera="")
    return [
        html.A(
            text("sheet.plan", state.lang), href="plannen" + asked.address(), className="quiet-button", id="plan-here"
        )
    ]


def _parent_name(context: Context, zone: pd.Series[Any]) -> str:
    parent = zone.get("parent_nis")
    names = context.snapshot.zones(region().base, region().vintage).set_index("zone_id")["zone_name"]
    return str(names.get(parent, "")) if pd.notna(parent) and parent != zone.name else ""


def _inside(state: State) -> State | None:
    """Build the view of the next smaller level inside this zone; None for the smallest ones."""
    base = region().base
    finer = region().levels[state.level].finer if state.level in region().levels else ""
    below = state.level == base or (state.level != OWN and not get_level(state.level).territorial)
    if (below and not finer) or (state.level == base and state.vintage != State().vintage):
        return None
    level = finer or base
    vintage = state.vintage if level == base else State().vintage
    return replace(state, level=level, vintage=vintage, areas=f"{state.level}:{state.zone}", zone="")


def _need(state: State, analysis: Analysis, row: pd.Series[Any]) -> html.Div:
    lang, query = state.lang, analysis.query
    who = text(f"headline.who.{query.demand}", lang, year=analysis.demand.year)
    if pd.isna(row["births_out_of_reach"]):
        return html.Div(
            [
                html.P(format_number(float(row["births"]), lang), className="figure"),
                html.P(f"{who}. {text('sheet.unknown', lang)}", className="figure-words"),
            ],
            className="need",
        )
    share = None if pd.isna(row["share_in_reach"]) else float(row["share_in_reach"])
    out = format_number(float(row["births_out_of_reach"]), lang)
    words = text(
        "sheet.out",
        lang,
        who=who,
        reach=reach_in_words(query, lang),
        service=text(f"headline.service.{query.service}", lang),
    )
    return html.Div(
        [
            html.P(
                [
                    html.Span(out, className="figure none" if out == "0" else "figure"),
                    html.Span(
                        text("sheet.of", lang, births=format_number(float(row["births"]), lang)),
                        className="figure-of",
                    ),
                ]
            ),
            html.P(words, className="figure-words"),
            html.Div(
                html.Div(style={"width": f"{100 * (share or 0):.1f}%"}, className="bar-in"),
                className="bar",
                **attributes(aria_hidden="true"),
            ),
            html.P(
                [
                    text("sheet.in_reach", lang, share=format_percent(share, lang)),
                    " ",
                    method_link("births_out_of_reach", lang, text("table.births_out_of_reach", lang)),
                ],
                className="help",
            ),
        ],
        className="need",
    )


def _verdict(state: State, row: pd.Series[Any]) -> html.Div:
    lang = state.lang
    gap = row["gap"]
    name = "unknown" if pd.isna(gap) else "yes" if gap else "no"
    reasons = [word for word in str(row["gap_reasons"] or "").split(";") if word]
    here = name == "unknown" and pd.notna(row["n_facilities"]) and row["n_facilities"] > 0
    return html.Div(
        [
            html.P(text(f"sheet.gap.{name}", lang), className=f"verdict verdict-{name}"),
            html.P(
                text("sheet.gap.unknown.here", lang, service=text(f"service.{state.service}", lang)),
                className="verdict-words",
            )
            if here
            else None,
            html.Ul(
                [
                    html.Li([html.Strong(text(f"reason.{r}", lang)), " ", text(f"reason.{r}.help", lang)])
                    for r in reasons
                ],
                className="reasons",
            )
            if reasons
            else None,
        ],
        className="sheet-verdict",
    )


def _merger(state: State, analysis: Analysis, facts: ZoneSheet) -> html.Section | None:
    if not facts.merger:
        return None
    lang = state.lang
    name = str(facts.row["zone_name"])
    service = text(f"service.{state.service}", lang)
    names = [member.name for member in facts.merger]
    content: list[Any] = [
        html.P(text("sheet.merger.text", lang, name=name, members=listed(names, lang))),
        html.Ul(
            [
                html.Li(
                    text(
                        "sheet.merger.member",
                        lang,
                        name=member.name,
                        n=text("sheet.merger.unknown", lang)
                        if member.n_facilities is None
                        else _count(member.n_facilities, analysis.query.service, lang),
                    )
                )
                for member in facts.merger
            ],
            className="plain-list",
        ),
    ]
    if "merged" in str(facts.row["flags"]).split(";"):
        missing = [member.name for member in facts.merger if member.n_facilities == 0]
        content.append(
            html.P(
                text(
                    "sheet.merger.hidden",
                    lang,
                    missing=listed(missing, lang),
                    service=service,
                    name=name,
                    n=format_number(float(facts.row["n_facilities"]), lang),
                ),
                className="callout",
            )
        )
    return section(text("sheet.merger", lang), *content, name="merger")


def _count(n: int, service: str, lang: str) -> str:
    """Places in words: ``1 consultatiebureau``, ``geen consultatiebureau``."""
    if n == 0:
        return text("sheet.count.none", lang, service=text(f"service.{service}", lang))
    word = text(f"service.{service}" if plural_form(n, lang) == "one" else f"service.{service}.plural", lang)
    return f"{format_number(n, lang)} {word}"


def _figures(state: State, row: pd.Series[Any]) -> html.Section | None:
    lang = state.lang

    def number(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    def travel(name: str) -> str:
        """Minutes, and metres where they are metres."""
        minutes, metres = number(f"{name}_minutes"), number(f"{name}_distance_m")
        told = format_minutes(minutes, lang)
        return told if metres is None else f"{told} ({format_distance(metres, lang)})"

    told = [
        *((f"sheet.{name}", f"{name}_minutes", travel(name)) for name in ("mean", "median", "p90")),
        ("sheet.places", "n_facilities", format_number(number("n_facilities"), lang)),
        ("sheet.per_place", "births_per_facility", format_number(number("births_per_facility"), lang)),
    ]
    known = [(key, name, value) for key, name, value in told if value != "–"]
    if not known:
        return None
    rows = [item for key, name, value in known for item in (html.Dt(term(name, text(key, lang), lang)), html.Dd(value))]
    return section(text("sheet.figures", lang), html.Dl(rows, className="figures"))
