"""The answer to a question about overlap: sentences, map, tables and matrix, flows, and the file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from coverage.indicators.flows import flows
from coverage.zones.partition_overlap import Overlap, between
from i18n.errors import NabijError
from i18n.texts import format_number, format_percent, text
from layers.files.export import packed, render
from layers.files.output import EXCEL_CSV
from layers.notes.overlap_notes import describe_overlap, overlap_summary
from layers.sentences import figure, format_minutes
from layers.views.overlap_view import COLOURS, VERDICTS, Matrix, flows_told, map_of, matrix_of, zones_of
from loaders.catalogue.regions.levels import HOUSE_AREA, NOT_KNOWN_HERE
from pages.documents.handed_out import handed
from pages.overlap.asked import FORMS, OverlapAsked, overlap_in_form
from pages.request.client import check_client
from pages.server import map_files
from pages.shell.context import Context, shown
from pages.shell.made_up import stamp
from pages.shell.markup import attributes, file_buttons, sentence_case
from pages.shell.method_link import method_link
from pages.shell.session_uploads import with_own

SHOWN = 60
"""Rows of a table on the screen; the file holds all of them."""

FLOWS = 25
"""Flows on the map and in the table."""


def register(app: Dash) -> None:
    """Connect the form to the map and the tables."""
    app.callback(
        Output("overlap-view", "data"),
        Output("overlap-answer", "children"),
        Output("overlap-legend", "children"),
        Output("pair-title-overlap", "children"),
        Output("overlap-tables", "children"),
        Input("overlap-asked", "data"),
        State("snapshot", "data"),
    )(answer)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="linkedMaps"), Input("overlap-view", "data")
    )
    app.callback(
        Output("overlap-file", "data"),
        Input({"type": "overlap-table", "form": ALL}, "n_clicks"),
        State("overlap-asked", "data"),
        State("snapshot", "data"),
        prevent_initial_call=True,
    )(download)


def overlap_asked(asked: OverlapAsked, tag: str | None) -> tuple[Overlap, Context]:
    """Overlap that a page asks for, and the context it is in.

    Raises
    ------
    InputError
        when both levels are the same, or a list is not kept any more
    MessageError
        when it takes more than it may
    """
    house_areas = HOUSE_AREA in (asked.a, asked.b)
    state = replace(asked.state, level=HOUSE_AREA if house_areas else asked.a)
    context = with_own(shown(tag), state)
    engine = context.engine
    year = int(state.year) if state.year else None
    demand = engine.demand(state.demand, year)
    check_client()
    vintage = asked.state.checked().query.vintage
    return between(engine.territory, demand, (asked.a, asked.b), vintage, limits=context.limits), context


def answer(data: dict[str, Any] | None, tag: str | None) -> Any:
    """What the map, the sentences and the tables show; or why there is nothing, in a sentence."""
    if not data:
        return (no_update,) * 5
    asked = overlap_in_form(data, shown(tag))
    lang = asked.state.lang
    view = {"address": asked.address, "search": asked.search, "frames": []}
    try:
        overlaps, context = overlap_asked(asked, tag)
        moved, reach = _flows(asked, context)
    except NabijError as error:
        return view, html.P(error.sentence(lang), className="case-wrong", role="alert"), None, None, None
    zones = zones_of(overlaps)
    borders = context.snapshot.zones(asked.a, overlaps.vintage_a)
    names = dict(zip(borders["zone_id"], borders["zone_name"].astype(str), strict=True))
    told = flows_told(moved, names, lang, FLOWS)
    frame = {
        "name": "overlap",
        **map_of(overlaps, zones, borders["zone_id"], lang),
        "zones": {detail: _address(context, asked, asked.a, detail) for detail in ("far", "near")},
        "lines": _address(context, asked, asked.b, "far"),
        "flows": told,
    }
    levels = {"a": text(f"level.{asked.a}.plural", lang), "b": text(f"level.{asked.b}.plural", lang)}
    title = html.H2(sentence_case(text("overlap.page.map.title", lang, **levels, year=overlaps.vintage_a)))
    return (
        {**view, "frames": [frame]},
        _sentences(overlaps, lang),
        _legend(zones, asked, len(told), lang),
        title,
        [
            _zones(overlaps, zones, levels, lang),
            _matrix(matrix_of(overlaps, zones), levels, lang),
            _moving(told, moved, reach, lang),
        ],
    )


def _address(context: Context, asked: OverlapAsked, level: str, detail: str) -> str:
    return map_files.zones_address(context, replace(asked.state, level=level), detail)


def _flows(asked: OverlapAsked, context: Context) -> tuple[pd.DataFrame, dict[str, str]]:
    """Flows between the zones of the first level, and what the question about them is."""
    state = replace(asked.state, level=asked.a)
    own = with_own(context, state) if asked.a == HOUSE_AREA else context
    analysis = own.analyse(state)
    lang = state.lang
    words = {
        "service": text(f"service.{state.service}", lang),
        "mode": text(f"mode.{state.mode}", lang),
        "evidence": analysis.evidence,
        "levels": text(f"level.{asked.a}.plural", lang),
    }
    return flows(own.snapshot, analysis), words


def _sentences(overlaps: Overlap, lang: str) -> list[Any]:
    """The summary of the command, its first sentence large, and how much is known as bars."""
    first, _, rest = overlap_summary(overlaps, lang).partition(". ")
    return [
        html.P(f"{first.rstrip('.')}.", className="case-sentence"),
        html.P(rest) if rest else None,
        html.Dl(
            [part for side in ("a", "b") for part in _known(overlaps, side, lang)],
            className="overlap-known",
        ),
    ]


def _known(overlaps: Overlap, side: str, lang: str) -> list[Any]:
    """Share of the births of one level whose zone of the other is known."""
    unknown = overlaps.unknown_a if side == "a" else overlaps.unknown_b
    own, other = (overlaps.level_a, overlaps.level_b) if side == "a" else (overlaps.level_b, overlaps.level_a)
    words = text("overlap.page.known", lang, a=text(f"level.{own}.plural", lang), b=text(f"level.{other}.plural", lang))
    share = format_percent(1 - unknown, lang, 0 if unknown in (0.0, 1.0) else 1)
    bar = html.Span(
        html.Span(className="case-bar-fill", style={"width": f"{100 * (1 - unknown):.1f}%"}),
        className="case-bar",
        role="presentation",
    )
    return [html.Dt(words), html.Dd([bar, html.Span(share)])]


def _legend(zones: pd.DataFrame, asked: OverlapAsked, moving: int, lang: str) -> list[Any]:
    counts = zones["verdict"].value_counts()
    entries = [
        html.Li(
            [
                html.Span(className="pair-key", style={"background": COLOURS[name]}, **attributes(aria_hidden="true")),
                f"{text(f'overlap.page.verdict.{name}', lang)} ({format_number(int(counts.get(name, 0)), lang)})",
            ]
        )
        for name in VERDICTS
    ]
    lines = html.Li(
        [
            html.Span(className="pair-key pair-line", **attributes(aria_hidden="true")),
            text("overlap.page.lines", lang, levels=text(f"level.{asked.b}.plural", lang)),
        ]
    )
    arrows = html.Li(
        [
            html.Span(className="pair-key pair-flow", **attributes(aria_hidden="true")),
            text("overlap.page.arrows", lang, n=moving),
        ]
    )
    return [html.Ul([*entries, lines, arrows if moving else None])]


def _zones(overlaps: Overlap, zones: pd.DataFrame, levels: dict[str, str], lang: str) -> html.Section:
    """Every zone of the first level: whether it is cut, in how many parts, how unequally, and what is unknown."""
    heads = ("zone", "verdict", "births", "parts", "effective", "largest", "unknown")
    rows = [
        html.Tr(
            [
                html.Th(
                    html.Button(
                        str(row["name"]), className="link-button", type="button", **attributes(data_go=str(row["zone"]))
                    ),
                    scope="row",
                ),
                html.Td(_verdict(row, lang), className="words"),
                html.Td(figure(float(row["births"]), lang)),
                html.Td("–" if pd.isna(row["parts"]) else format_number(int(row["parts"]), lang)),
                html.Td(format_number(None if pd.isna(row["effective"]) else float(row["effective"]), lang, 1)),
                html.Td(format_percent(float(row["largest"]), lang)),
                html.Td("–" if pd.isna(row["unknown"]) else format_percent(float(row["unknown"]), lang)),
            ]
        )
        for row in zones.head(SHOWN).to_dict("records")
    ]
    head = html.Tr([html.Th(text(f"overlap.page.column.{name}", lang), scope="col") for name in heads])
    more = len(zones) - SHOWN
    title = sentence_case(levels["a"])
    return html.Section(
        [
            html.H2(title),
            html.P(
                [
                    text("overlap.page.zones.lead", lang, b=levels["b"]),
                    " ",
                    method_link("effective_parts_of_a", lang),
                ],
                className="part-lead",
            ),
            stamp(lang, *overlaps.table["evidence"].unique()),
            _scrolling(_table(head, rows, "overlap-zones"), title),
            html.P(text("plan.compare.zones.more", lang, n=more), className="help") if more > 0 else None,
            file_buttons({form: text(f"download.{form}", lang) for form in FORMS}, type="overlap-table"),
        ],
        className="part",
    )


def _verdict(row: dict[Any, Any], lang: str) -> list[Any]:
    key = html.Span(
        className="pair-key", style={"background": COLOURS[str(row["verdict"])]}, **attributes(aria_hidden="true")
    )
    named = str(row["documented"]).replace(";", ", ")
    word = text(f"overlap.page.verdict.{row['verdict']}", lang)
    return [key, word, html.Span(text("overlap.page.named", lang, named=named), className="help") if named else None]


def _matrix(matrix: Matrix, levels: dict[str, str], lang: str) -> html.Section | None:
    """Births where zones of both levels meet, darker where that is more of the row; None where none meet."""
    if not matrix.columns:
        return None
    ends = [name for name, column in (("rest", matrix.rest), ("unknown", matrix.unknown)) if column.max(initial=0) > 0]
    head = html.Tr(
        [
            html.Td(),
            *(html.Th(html.Span(name), scope="col") for name in matrix.columns),
            *(html.Th(html.Span(text(f"overlap.page.matrix.{name}", lang)), scope="col") for name in ends),
        ]
    )
    rows = []
    for at, name in enumerate(matrix.rows):
        cells = [_cell(births, share, lang) for births, share in zip(matrix.births[at], matrix.shares[at], strict=True)]
        last = [
            html.Td(figure(float(column[at]), lang) if column[at] > 0 else "", className="apart")
            for end, column in (("rest", matrix.rest), ("unknown", matrix.unknown))
            if end in ends
        ]
        rows.append(html.Tr([html.Th(name, scope="row"), *cells, *last]))
    title = text("overlap.page.matrix", lang)
    return html.Section(
        [
            html.H2(title),
            html.P(text("overlap.page.matrix.lead", lang, **levels), className="part-lead"),
            _scrolling(html.Table([html.Thead(head), html.Tbody(rows)], className="overlap-matrix"), title),
            html.P(text("overlap.page.matrix.more", lang, n=matrix.left_out), className="help")
            if matrix.left_out
            else None,
        ],
        className="part",
    )


LIGHTEST, DARKEST = 8, 65
"""Shade of a cell in percent, by its part of a row: on the darkest its words still stand out (4.5:1, WCAG 1.4.3)."""


def _cell(births: float, share: float, lang: str) -> html.Td:
    if not births > 0:
        return html.Td("")
    shade = f"rgb(11 90 99 / {round(LIGHTEST + (DARKEST - LIGHTEST) * min(1.0, share))}%)"
    return html.Td(
        figure(float(births), lang),
        style={"background": shade},
        title=format_percent(float(share), lang),
    )


def _moving(told: list[dict[str, Any]], frame: pd.DataFrame, words: dict[str, str], lang: str) -> html.Section:
    """Largest flows of families to a nearest place in another zone."""
    title = text("overlap.page.flows", lang)
    lead = text("overlap.page.flows.lead", lang, **{name: words[name] for name in ("service", "levels", "mode")})
    if not told:
        return html.Section([html.H2(title), html.P(text("overlap.page.flows.none", lang))], className="part")
    heads = ("from", "to", "moving", "share", "minutes")
    rows = [
        html.Tr(
            [
                html.Th(one["here"], scope="row"),
                html.Td(one["there"], className="words"),
                html.Td(figure(one["births"], lang)),
                html.Td(format_percent(one["share"], lang)),
                html.Td(format_minutes(one["minutes"], lang)),
            ]
        )
        for one in told
    ]
    head = html.Tr([html.Th(text(f"overlap.page.column.{name}", lang), scope="col") for name in heads])
    total = float(frame.loc[frame["to_zone_id"] != NOT_KNOWN_HERE, "births"].sum())
    return html.Section(
        [
            html.H2(title),
            html.P(lead, className="part-lead"),
            html.P(text("overlap.page.flows.total", lang, n=figure(total, lang), levels=words["levels"])),
            stamp(lang, words["evidence"]),
            _scrolling(_table(head, rows, "overlap-flows"), title),
        ],
        className="part",
    )


def _table(head: html.Tr, rows: list[html.Tr], kind: str) -> html.Table:
    return html.Table([html.Thead(head), html.Tbody(rows)], className=f"compare-table {kind}")


def _scrolling(content: Any, label: str) -> html.Div:
    return html.Div(content, className="scroll", tabIndex=0, role="region", **attributes(aria_label=label))


def download(clicks: list[int | None], data: dict[str, Any] | None, tag: str | None) -> Any:
    """Build the file of all intersections."""
    if not any(clicks) or not ctx.triggered_id or not data:
        return no_update
    return file_of(overlap_in_form(data, shown(tag)), tag, str(ctx.triggered_id["form"]))


def file_of(asked: OverlapAsked, tag: str | None, form: str) -> dict[str, Any]:
    """File of all intersections, as ``nabij overlap`` writes it.

    Parameters
    ----------
    asked : the question
    tag : figures that the page shows
    form : one of `pages.overlap.asked.FORMS`
    """
    overlaps, context = overlap_asked(asked, tag)
    notes = describe_overlap(overlaps, context.snapshot, (), asked.state.lang)
    name = f"nabij-overlap-{overlaps.level_a}-{overlaps.level_b}-{overlaps.vintage_a}"
    if form == EXCEL_CSV:
        return handed(packed(overlaps.table, notes, name), f"{name}.zip")
    return handed(render(overlaps.table, notes, form), f"{name}.{form}")
