"""What surrounds a zone on its sheet: where families go, what is there, its past, public facts and neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from dash import html

from coverage.analysis import Analysis
from coverage.indicators.zone.sheet import ZoneSheet
from i18n.texts import format_number, format_percent, text
from layers.charts.trend import trend_picture
from layers.sentences import format_minutes
from loaders.catalogue.regions.levels import NOT_KNOWN_HERE, OWN, get_level
from loaders.catalogue.regions.region_in_use import region
from loaders.parsers.facts.fact_statement import fact_statement
from pages.shell.context import Context
from pages.shell.markup import attributes, icon, section
from pages.shell.state import State

_FLOWS_SHOWN = 5
_FACTS_SHOWN = 6
_PLACES_SHOWN = 8
_QUIET_FLAGS = {"illustrative", "distance_unknown", "proxy_births", "merged"}
"""Flags that the sheet says in another way, or the whole page does."""


def flows(state: State, zone: ZoneSheet) -> html.Section | None:
    """List the zones that the nearest place of families lies in, when it is not their own."""
    lang = state.lang
    if pd.isna(zone.row["births_out_of_reach"]):
        return None
    title = text("sheet.flows", lang)
    flows = zone.outflows[zone.outflows["births"] >= 0.5].head(_FLOWS_SHOWN)
    if flows.empty:
        return section(title, html.P(text("sheet.flows.none", lang), className="help"))
    items = []
    for flow in flows.to_dict("records"):
        unknown = flow["to_zone_id"] == NOT_KNOWN_HERE
        to = text("remainder.not_known_here", lang) if unknown else str(flow["to_zone_name"])
        items.append(
            html.Li(
                [
                    html.Span(to) if unknown else _jump(str(flow["to_zone_id"]), to),
                    html.Span(format_number(flow["births"], lang), className="amount"),
                    html.Span(format_minutes(flow["mean_minutes"], lang), className="amount far"),
                ]
            )
        )
    heads = [html.Span(text(f"sheet.flows.{name}", lang)) for name in ("to", "births", "mean")]
    return section(title, html.Div(heads, className="flows-head help"), html.Ul(items, className="flows"))


def _jump(zone_id: str, name: str) -> html.Button:
    return html.Button(name, className="link-button", type="button", **attributes(data_zone=zone_id))


def places(state: State, zone: ZoneSheet, analysis: Analysis) -> html.Section:
    """List the places on the territory, with the children that each gets for its hours where these are known."""
    lang = state.lang
    title = text("sheet.here", lang)
    rows = zone.facilities
    if rows.empty:
        known = pd.notna(zone.row["n_facilities"])
        return section(
            title, html.P(text("sheet.here.none" if known else "sheet.here.unknown", lang), className="help")
        )
    items = []
    reached = pd.notna(zone.row["births_out_of_reach"])  # else it is not known where the places are
    for place in rows.head(_PLACES_SHOWN).to_dict("records"):
        name = place["name"] if pd.notna(place["name"]) else text(f"service.{place['service']}", lang)
        about = [str(place[c]) for c in ("organiser", "as_of") if pd.notna(place[c]) and place[c]]
        about += _load_of(str(place["id"]), analysis, lang)
        about_it = html.Span(" · ".join(about), className="help") if about else None
        items.append(html.Li([html.Span(name), about_it, _bands(place, name, lang) if reached else None]))
    more = len(rows) - _PLACES_SHOWN
    if more > 0:
        items.append(html.Li(text("sheet.facts.more", lang, n=more), className="help"))
    return section(title, html.Ul(items, className="plain-list"))


def _bands(place: dict[Any, Any], name: str, lang: str) -> html.Button | None:
    """Button that shows on the map how far the ground around a place is; None for one that is only planned."""
    if place.get("status") == "planned" or pd.isna(place["x"]):
        return None
    return html.Button(
        text("bands.show", lang),
        className="link-button",
        type="button",
        **attributes(data_act="bands", data_place=str(place["id"]), aria_label=f"{text('bands.show', lang)}: {name}"),
    )


def _load_of(place: str, analysis: Analysis, lang: str) -> list[str]:
    """Tell the hours of a place and how many children have it as their nearest; nothing where hours are not known."""
    if analysis.load is None:
        return []
    (row,) = np.flatnonzero((analysis.facilities.frame["id"].astype(str) == place).to_numpy(bool))
    hours, births = analysis.load.hours[row], analysis.load.births[row]
    if not (np.isfinite(hours) and np.isfinite(births)):
        return []
    key = "sheet.place.overfull" if analysis.load.overfull[row] else "sheet.place.load"
    who = text(f"subline.who.{analysis.query.demand}", lang)
    return [text(key, lang, hours=format_number(hours, lang), births=format_number(births, lang), who=who)]


def trend(context: Context, state: State, zone: ZoneSheet) -> html.Section | None:
    """Draw 0-year-olds since the first year, named as the proxy they are, and live births as a point apart."""
    lang = state.lang
    picture = trend_picture(zone.trend)
    if picture is None:
        return None
    first, last = (format_number(value, lang) for value in picture.ends)
    year, births = picture.point or (picture.years[1], picture.ends[1])
    words = {"year": year, "births": format_number(births, lang)}
    alt = text(
        "sheet.trend.alt", lang, first=first, last=last, **{"from": picture.years[0], "to": picture.years[1]}, **words
    )
    return section(
        text("sheet.trend", lang, year=picture.years[0]),
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
        _forecast(context, state),
    )


def _forecast(context: Context, state: State) -> html.P | None:
    """Say between what the births of a municipality will lie ten years ahead."""
    if context.projection is None or state.level != region().base or state.query.held_vintage != region().vintage:
        return None
    rows = context.projection[context.projection["nis"] == state.zone]
    if rows.empty:
        return None
    last = rows.iloc[-1]
    low, high = (format_number(float(last[name]), state.lang) for name in ("forecast_low", "forecast_high"))
    return html.P(text("sheet.projection", state.lang, year=str(last["year"]), low=low, high=high), className="help")


def _below(state: State) -> bool:
    return state.level != OWN and not get_level(state.level).territorial


def facts(context: Context, state: State) -> html.Section | None:
    """Say what public pages state about a municipality, each with its source."""
    lang = state.lang
    if state.level != region().base:
        return None
    facts = context.public_facts
    if facts is None:
        return None
    facts = (
        facts[facts[region().newest_code] == state.zone]
        if state.vintage == str(region().vintage)
        else _older(context, facts, state)
    )
    if facts.empty:
        return None
    items = [
        html.Li(
            [
                fact_statement({str(name): value for name, value in fact.items()}, lang),
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
    return section(
        text("sheet.facts", lang),
        html.P(text("sheet.facts.note", lang), className="help"),
        html.Ul(items, className="plain-list facts"),
    )


def _older(context: Context, facts: pd.DataFrame, state: State) -> pd.DataFrame:
    """Facts of the municipality that an older one became."""
    newest = region().newest_code
    codes = context.snapshot.table("municipality_codes")
    became = codes.loc[codes[f"{region().codes.column}{state.vintage}"] == state.zone, newest]
    return facts[facts[newest].isin(became)]


def neighbours(state: State, of_zone: ZoneSheet) -> html.Section | None:
    """List the adjacent zones, to go to with one click."""
    if of_zone.neighbours.empty:
        return None
    lang = state.lang
    items = []
    for zone in of_zone.neighbours.to_dict("records"):
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
    measured = of_zone.neighbours["share_in_reach"].notna().any()
    title = text("sheet.neighbours" if measured else "sheet.neighbours.plain", lang)
    return section(title, html.Ul(items, className="chips"))


def notes(state: State, row: pd.Series[Any]) -> html.Section | None:
    """Spell out the flags of the row that nothing else on the page says."""
    lang = state.lang
    flags = [f for f in str(row["flags"] or "").split(";") if f and f not in _QUIET_FLAGS]
    if not flags:
        return None
    items = [html.Li([html.Strong(text(f"flag.{f}", lang)), ". ", text(f"flag.{f}.help", lang)]) for f in flags]
    return section(text("sheet.notes", lang), html.Ul(items, className="plain-list help"))
