"""The answer to a norm on the page: sentences, map, frontier, places and who stays out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pandas as pd
from dash import Dash, Input, Output, State, html, no_update

from coverage.norm import NormAnswer, norm_machine
from i18n.errors import NabijError
from i18n.texts import format_number, text
from layers.figures.analysis_map import legend_entries, place_labels, radii_of
from layers.figures.frontier_chart import draw_frontier
from layers.figures.map_figure import DrawnPlace, DrawnZone, MapFigure, draw_map
from layers.maps.classes import class_index, legend_for
from layers.sentences import figure
from layers.sentences.norm import all_words, model_words
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.services import get_service
from pages.norm.asked import NormAsked
from pages.shell.context import Context, current
from pages.shell.made_up import stamp
from pages.shell.markup import attributes
from pages.shell.session_uploads import with_own
from pages.shell.state import read_state

_SHOWN = 25


def register(app: Dash) -> None:
    """Connect the slider and the rules to the answer."""
    app.callback(
        Output("norm-answer", "children"),
        Input("norm-births", "value"),
        Input("norm-rules", "value"),
        Input("norm-deprived", "value"),
        Input("norm-cost", "value"),
        State("norm-state", "data"),
    )(answer)


def answer(
    births: float | None,
    rules: list[str] | None,
    deprived: float | str | None,
    cost: float | str | None,
    data: dict[str, Any] | None,
) -> Any:
    """Answer to a norm, or why there is none, in a sentence."""
    if not data or births is None:
        return no_update
    held = current()
    state = read_state(data, held.lang)
    weight = float(deprived) if isinstance(deprived, int | float) else 1.0
    price = float(cost) if isinstance(cost, int | float) else ""
    asked = NormAsked(state, float(births), tuple(rules or ()), weight, price)
    try:
        context = with_own(held, state)
        query = state.checked().query
        found = norm_machine(context.engine, query, context.facilities(state.facilities), asked.request)
    except NabijError as error:
        return [html.P(error.sentence(state.lang), className="case-wrong")]
    return _shown(context, found, asked)


def _shown(context: Context, found: NormAnswer, asked: NormAsked) -> list[Any]:
    lang = asked.state.lang
    first, *others = all_words(found, lang)
    return [
        html.Section(
            [
                html.P(first, className="case-sentence"),
                *(html.P(sentence) for sentence in others),
                stamp(lang, found.analysis.evidence),
                _map(context, found, lang),
                html.A(text("norm.page.link", lang), href=asked.address, className="quiet-button"),
            ],
            className="part",
        ),
        html.Section(
            [
                html.H2(text("norm.page.frontier", lang)),
                html.P(text("norm.page.frontier.lead", lang), className="part-lead"),
                _frontier(found, lang),
            ],
            className="part",
        ),
        html.Section([html.H2(text("norm.page.places", lang)), _places(found, lang)], className="part"),
        html.Section([html.H2(text("norm.page.out", lang)), _out(found, lang)], className="part"),
        html.Section(
            [
                html.H2(text("case.page.method", lang)),
                *(html.P(sentence) for sentence in model_words(found, lang)),
                html.P(text("case.page.method.page", lang, page="docs/method/norm.md"), className="help"),
            ],
            className="part",
        ),
    ]


def _map(context: Context, found: NormAnswer, lang: str) -> html.Img:
    """Municipalities by who stays out, and where new places come."""
    base = context.snapshot.zones(region().base, region().vintage).set_index("zone_id")["geometry"]
    table = pd.DataFrame(
        {
            "zone_id": found.zones["zone_id"],
            "births": found.zones["births"],
            "births_out_of_reach": found.zones["births_out_after"].round(6),
        }
    )
    legend = legend_for(table, "births_out_of_reach")
    index = class_index(table["births_out_of_reach"], legend)
    zones = [
        DrawnZone(base[zone], legend.colours[at] if at >= 0 else "", radius=radius)
        for zone, at, radius in zip(
            table["zone_id"], index, radii_of(table["births_out_of_reach"], legend), strict=True
        )
    ]
    places = [DrawnPlace(float(x), float(y), "new") for x, y in zip(found.places["x"], found.places["y"], strict=True)]
    if found.request.keeps:
        rows = found.analysis.facilities.reachable()
        places = [*(DrawnPlace(float(x), float(y)) for x, y in zip(rows["x"], rows["y"], strict=True)), *places]
    service = found.analysis.query.service
    symbol = get_service(service).symbol
    alt = text("norm.page.map.alt", lang, n=len(found.places))
    drawn = draw_map(
        MapFigure(
            title="",
            description=alt,
            lang=lang,
            zones=zones,
            legend=legend_entries(legend, lang, without=False, zones=len(table)),
            legend_title=text("norm.page.map.legend", lang),
            places=places,
            symbol=symbol.shape,
            symbol_colour=symbol.colour,
            places_labels=place_labels({place.state for place in places}, service, lang),
            width=960.0,
            pad=0.0,
        )
    )
    return html.Img(src="data:image/svg+xml," + quote(drawn.decode()), alt=alt, className="case-picture norm-map")


def _frontier(found: NormAnswer, lang: str) -> html.Img:
    table = found.frontier
    alt = text(
        "norm.page.frontier.alt",
        lang,
        n=int(table["places"].iloc[-1]),
        reached=format_number(float(table["weight_in_reach"].iloc[-1]), lang),
        bound=format_number(float(table["weight_bound"].iloc[-1]), lang),
    )
    labels = text("norm.page.frontier.found", lang), text("norm.page.frontier.bound", lang)
    axes = text("norm.page.frontier.x", lang), text("norm.page.frontier.y", lang)
    drawn = draw_frontier(
        table["places"].tolist(), table["weight_in_reach"].tolist(), table["weight_bound"].tolist(), lang, labels, axes,
        alt,
    )  # fmt: skip
    return html.Img(src="data:image/svg+xml," + quote(drawn.decode()), alt=alt, className="case-picture")


def _places(found: NormAnswer, lang: str) -> Any:
    if found.places.empty:
        return html.P(text("norm.page.places.none", lang))
    rows = [
        [
            str(row["rank"]),
            f"{row['name']} ({row['municipality']})",
            figure(float(row["births_given"]), lang),
            figure(float(row["births_gained"]), lang),
            text(f"norm.page.opened.{row['opened_by']}", lang),
        ]
        for row in found.places.head(_SHOWN).to_dict("records")
    ]
    more = len(found.places) - len(rows)
    heads = ("rank", "place", "given", "gained", "opened")
    table = _table([text(f"norm.page.column.{head}", lang) for head in heads], rows, "places", lang)
    return html.Div([table, html.P(text("norm.page.more", lang, n=more), className="help") if more > 0 else None])


def _out(found: NormAnswer, lang: str) -> Any:
    rows = [
        [
            str(row["zone_name"]),
            figure(float(row["births"]), lang),
            figure(float(row["births_out_before"]), lang),
            figure(float(row["births_out_after"]), lang),
        ]
        for row in found.zones.head(_SHOWN).to_dict("records")
    ]
    heads = ("zone", "births", "before", "after")
    return _table([text(f"norm.page.column.{head}", lang) for head in heads], rows, "out", lang)


def _table(heads: list[str], rows: list[list[str]], name: str, lang: str) -> html.Div:
    label = text(f"norm.page.{name}", lang)
    first = 2 if name == "places" else 1
    head = html.Tr(
        [html.Th(word, scope="col", className="number" if at >= first else "") for at, word in enumerate(heads)]
    )
    body = [
        html.Tr([html.Td(cell, className="number" if at >= first else "") for at, cell in enumerate(row)])
        for row in rows
    ]
    table = html.Table(
        [html.Caption(label, className="only-read"), html.Thead(head), html.Tbody(body)],
        className="layers-table case-table",
    )
    return html.Div(table, className="scroll", tabIndex=0, role="region", **attributes(aria_label=label))
