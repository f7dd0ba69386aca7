"""The sheet of a zone: the need first, then why, where families go, what is there, and what came before."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from coverage.analysis import Analysis
from coverage.sheet import ZoneSheet, zone_sheet
from layers.classes import format_distance
from layers.trend import trend_picture
from layers.view import enumeration, ranked, reach_in_words
from loaders.fact_statement import fact_statement
from loaders.levels import NOT_KNOWN_HERE
from loaders.texts import format_number, format_percent, text
from pages.context import Context
from pages.markup import attributes, icon, sentence_case
from pages.state import State

_FLOWS_SHOWN = 5
_FACTS_SHOWN = 6
_PLACES_SHOWN = 8
_QUIET_FLAGS = {"illustrative", "distance_unknown", "proxy_births", "merged"}
"""Flags that the sheet says in another way, or the whole page does."""


def sheet(context: Context, state: State) -> list[Any]:
    """Content of the sheet of ``state.zone``; `InputError` when the level has no such zone."""
    analysis = context.analyse(state)
    found = zone_sheet(context.snapshot, analysis, state.zone, territory=context.engine.territory)
    zones = context.snapshot.zones(analysis.query.level, analysis.query.vintage).set_index("zone_id")
    sections = [
        _head(context, state, analysis, found, zones.loc[state.zone]),
        _need(state, analysis, found.row),
        _verdict(state, found.row),
        _merger(state, analysis, found),
        _figures(state, analysis, found.row),
        _flows(state, found),
        _places(state, analysis, found),
        _trend(state, found),
        _facts(context, state, found.row),
        _neighbours(state, found),
        _notes(state, found.row),
    ]
    return [section for section in sections if section is not None]


def _section(title: str, *content: Any, name: str = "") -> html.Section:
    return html.Section([html.H3(title), *content], className=f"sheet-section {name}".strip())


def _head(context: Context, state: State, analysis: Analysis, found: ZoneSheet, zone: pd.Series[Any]) -> html.Header:
    lang, query = state.lang, analysis.query
    kind = text(
        "sheet.kind",
        lang,
        level=sentence_case(text(f"level.{query.level}", lang)),
        vintage=query.held_vintage,
    )
    order = ranked(analysis.table)["zone_id"].tolist()
    known = pd.notna(found.row["births_out_of_reach"]) and state.zone in order
    rank = (
        text("sheet.rank", lang, rank=order.index(state.zone) + 1, n=len(order) - order.count(NOT_KNOWN_HERE))
        if known
        else ""
    )
    actions: list[Any] = [
        html.Button(text("sheet.zoom", lang), className="quiet-button", type="button", **attributes(data_act="zoom"))
    ]
    inside = _inside(state)
    if inside is not None:
        actions.append(
            html.A(
                text("sheet.inside", lang, levels=text(f"level.{inside.level}.plural", lang)),
                href=inside.address(),
                className="quiet-button go",
            )
        )
    place = _parent_name(context, zone)
    return html.Header(
        [
            html.P(" · ".join(part for part in (kind, place) if part), className="sheet-kind"),
            html.H2(str(found.row["zone_name"]), id="sheet-title", tabIndex=-1),
            html.P(sentence_case(rank), className="sheet-rank") if rank else None,
            html.Div(actions, className="sheet-actions"),
        ],
        className="sheet-head",
    )


def _parent_name(context: Context, zone: pd.Series[Any]) -> str:
    parent = zone.get("parent_nis")
    names = context.snapshot.zones("municipality", 2025).set_index("zone_id")["zone_name"]
    return str(names.get(parent, "")) if pd.notna(parent) and parent != zone.name else ""


def _inside(state: State) -> State | None:
    """Build the view of the next smaller level inside this zone; None for the smallest ones."""
    from dataclasses import replace

    smaller = {"municipality": "sub_municipality", "sub_municipality": "sector", "neighbourhood": "sector"}
    if state.level == "sector":
        return None
    level = smaller.get(state.level, "municipality")
    vintage = state.vintage if level == "municipality" else State().vintage
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
                    html.Span(format_number(float(row["births_out_of_reach"]), lang), className="figure"),
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
            html.P(text("sheet.in_reach", lang, share=format_percent(share, lang)), className="help"),
        ],
        className="need",
    )


def _verdict(state: State, row: pd.Series[Any]) -> html.Div:
    lang = state.lang
    gap = row["gap"]
    name = "unknown" if pd.isna(gap) else "yes" if gap else "no"
    reasons = [word for word in str(row["gap_reasons"] or "").split(";") if word]
    return html.Div(
        [
            html.P(text(f"sheet.gap.{name}", lang), className=f"verdict verdict-{name}"),
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


def _merger(state: State, analysis: Analysis, found: ZoneSheet) -> html.Section | None:
    if not found.merger:
        return None
    lang = state.lang
    name = str(found.row["zone_name"])
    service = text(f"service.{state.service}", lang)
    names = [member.name for member in found.merger]
    content: list[Any] = [
        html.P(text("sheet.merger.text", lang, name=name, members=enumeration(names, lang))),
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
                for member in found.merger
            ],
            className="plain-list",
        ),
    ]
    if "merged" in str(found.row["flags"]).split(";"):
        missing = [member.name for member in found.merger if member.n_facilities == 0]
        content.append(
            html.P(
                text(
                    "sheet.merger.hidden",
                    lang,
                    missing=enumeration(missing, lang),
                    service=service,
                    name=name,
                    n=format_number(float(found.row["n_facilities"]), lang),
                ),
                className="callout",
            )
        )
    return _section(text("sheet.merger", lang), *content, name="merger")


def _count(n: int, service: str, lang: str) -> str:
    """Places in words: ``1 consultatiebureau``, ``geen consultatiebureau``."""
    if n == 0:
        return text("sheet.count.none", lang, service=text(f"service.{service}", lang))
    word = text(f"service.{service}" if n == 1 else f"service.{service}.plural", lang)
    return f"{n} {word}"


def _figures(state: State, analysis: Analysis, row: pd.Series[Any]) -> html.Section:
    lang = state.lang

    def number(name: str) -> float | None:
        return None if pd.isna(row[name]) else float(row[name])

    pairs = [
        ("sheet.mean", format_distance(number("mean_distance_m"), lang)),
        ("sheet.median", format_distance(number("median_distance_m"), lang)),
        ("sheet.p90", format_distance(number("p90_distance_m"), lang)),
        ("sheet.places", format_number(number("n_facilities"), lang)),
        ("sheet.per_place", format_number(number("births_per_facility"), lang)),
    ]
    rows = [item for key, value in pairs for item in (html.Dt(text(key, lang)), html.Dd(value))]
    return _section(text("sheet.figures", lang), html.Dl(rows, className="figures"))


def _flows(state: State, found: ZoneSheet) -> html.Section | None:
    lang = state.lang
    if pd.isna(found.row["births_out_of_reach"]):
        return None
    title = text("sheet.flows", lang)
    flows = found.outflows[found.outflows["births"] >= 0.5].head(_FLOWS_SHOWN)
    if flows.empty:
        return _section(title, html.P(text("sheet.flows.none", lang), className="help"))
    items = []
    for flow in flows.to_dict("records"):
        unknown = flow["to_zone_id"] == NOT_KNOWN_HERE
        to = text("remainder.not_known_here", lang) if unknown else str(flow["to_zone_name"])
        items.append(
            html.Li(
                [
                    html.Span(to) if unknown else _jump(str(flow["to_zone_id"]), to),
                    html.Span(format_number(flow["births"], lang), className="amount"),
                    html.Span(format_distance(flow["mean_distance_m"], lang), className="amount far"),
                ]
            )
        )
    return _section(title, html.Ul(items, className="flows"))


def _jump(zone_id: str, name: str) -> html.Button:
    return html.Button(name, className="link-button", type="button", **attributes(data_zone=zone_id))


def _places(state: State, analysis: Analysis, found: ZoneSheet) -> html.Section:
    lang = state.lang
    title = text("sheet.here", lang)
    rows = found.facilities
    if rows.empty:
        known = pd.notna(found.row["n_facilities"])
        return _section(
            title, html.P(text("sheet.here.none" if known else "sheet.here.unknown", lang), className="help")
        )
    items = []
    for place in rows.head(_PLACES_SHOWN).to_dict("records"):
        name = place["name"] if pd.notna(place["name"]) else text(f"service.{place['service']}", lang)
        about = [str(place[c]) for c in ("organiser", "as_of") if pd.notna(place[c]) and place[c]]
        items.append(html.Li([html.Span(name), html.Span(" · ".join(about), className="help") if about else None]))
    more = len(rows) - _PLACES_SHOWN
    if more > 0:
        items.append(html.Li(text("sheet.facts.more", lang, n=more), className="help"))
    return _section(title, html.Ul(items, className="plain-list"))


def _trend(state: State, found: ZoneSheet) -> html.Section | None:
    lang = state.lang
    picture = trend_picture(found.trend)
    if picture is None:
        return None
    first, last = (format_number(value, lang) for value in picture.ends)
    year, births = picture.point or (picture.years[1], picture.ends[1])
    words = {"year": year, "births": format_number(births, lang)}
    alt = text(
        "sheet.trend.alt", lang, first=first, last=last, **{"from": picture.years[0], "to": picture.years[1]}, **words
    )
    return _section(
        text("sheet.trend", lang),
        html.Div(
            [
                html.Img(src=picture.uri, alt=alt, className="trend-picture"),
                html.Div(
                    [
                        html.Span(f"{picture.years[0]}: {first}"),
                        html.Span(f"{picture.years[1]}: {last}"),
                    ],
                    className="trend-ends",
                ),
            ],
            className="trend",
        ),
        html.P([html.Span(className="key key-line"), text("sheet.trend.age0", lang)], className="help key-row"),
        html.P(
            [html.Span(className="key key-point"), text("sheet.trend.births", lang, **words)],
            className="help key-row",
        ),
        html.P(text("caveat.trend_spread", lang), className="help") if _below(state) else None,
    )


def _below(state: State) -> bool:
    return state.level in {"sub_municipality", "neighbourhood", "sector"}


def _facts(context: Context, state: State, row: pd.Series[Any]) -> html.Section | None:
    """Say what public pages state about a municipality of 2025, each with its source."""
    lang = state.lang
    if state.level != "municipality":
        return None
    facts = context.public_facts
    facts = facts[facts["nis2025"] == state.zone] if state.vintage == "2025" else _older(context, facts, state)
    if facts.empty:
        return None
    items = [
        html.Li(
            [
                fact_statement(fact, lang),
                " ",
                html.A(
                    [text("sheet.facts.link", lang), icon("out")],
                    href=fact["source_url"],
                    target="_blank",
                    rel="noopener noreferrer",
                    className="source-link",
                )
                if str(fact["source_url"]).startswith("http")
                else None,
            ]
        )
        for fact in facts.head(_FACTS_SHOWN).to_dict("records")
    ]
    more = len(facts) - _FACTS_SHOWN
    if more > 0:
        items.append(html.Li(text("sheet.facts.more", lang, n=more), className="help"))
    return _section(
        text("sheet.facts", lang),
        html.P(text("sheet.facts.note", lang), className="help"),
        html.Ul(items, className="plain-list facts"),
    )


def _older(context: Context, facts: pd.DataFrame, state: State) -> pd.DataFrame:
    """Facts of the municipality of 2025 that an older one became."""
    codes = context.snapshot.table("municipality_codes")
    became = codes.loc[codes[f"nis{state.vintage}"] == state.zone, "nis2025"]
    return facts[facts["nis2025"].isin(became)]


def _neighbours(state: State, found: ZoneSheet) -> html.Section | None:
    if found.neighbours.empty:
        return None
    lang = state.lang
    items = []
    for zone in found.neighbours.to_dict("records"):
        share = format_percent(None if pd.isna(zone["share_in_reach"]) else zone["share_in_reach"], lang)
        items.append(
            html.Li(
                html.Button(
                    [html.Span(zone["zone_name"]), html.Span(share, className="amount") if share != "–" else None],
                    className="chip gap" if zone["gap"] is True else "chip",
                    type="button",
                    **attributes(data_zone=str(zone["zone_id"])),
                )
            )
        )
    return _section(text("sheet.neighbours", lang), html.Ul(items, className="chips"))


def _notes(state: State, row: pd.Series[Any]) -> html.Section | None:
    lang = state.lang
    flags = [f for f in str(row["flags"] or "").split(";") if f and f not in _QUIET_FLAGS]
    if not flags:
        return None
    items = [html.Li([html.Strong(text(f"flag.{f}", lang)), ". ", text(f"flag.{f}.help", lang)]) for f in flags]
    return _section(text("sheet.notes", lang), html.Ul(items, className="plain-list help"))
