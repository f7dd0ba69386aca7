"""The answer to two questions: what each map shows, who gains and who loses between them, and the file of that."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx, html, no_update
from dash import State as Held

from coverage.analysis import Analysis
from coverage.indicators.comparison import Comparison, side_by_side
from i18n.errors import NabijError
from i18n.texts import format_number, text
from layers.files.export import packed, render
from layers.files.output import EXCEL_CSV
from layers.maps.places import places_json
from layers.maps.scales.diverging import SMALLEST
from layers.notes.notes import Notes, describe
from layers.sentences import figure
from layers.views.pair_view import GAIN, LOSS, difference_of_pair, shared_legend, side_of_pair
from layers.views.plan_tables import table_of
from layers.views.view import reach_in_words
from pages.compare.compared import FORMS, SIDES, Compared, compared_in_form, with_service_of_plan
from pages.compare.comparison_tables import totals_table, zones_table
from pages.documents.handed_out import handed
from pages.explore.plan_in_view import with_plan_told
from pages.request.client import check_client
from pages.server import map_files
from pages.shell.context import Context, shown
from pages.shell.frame.method_link import method_link
from pages.shell.made_up import stamp
from pages.shell.markup import attributes, file_buttons, sentence_case
from pages.shell.plans.plan_context import PlanContext, view_of
from pages.shell.state import State

_HARDLY = 0.5
"""Births below which hardly anybody gains or loses."""


def register(app: Dash) -> None:
    """Connect the form to the maps and the tables."""
    app.callback(
        Output("compare-view", "data"),
        Output("compare-answer", "children"),
        Output("compare-difference", "children"),
        Output("compare-tables", "children"),
        *(Output(f"pair-title-{name}", "children") for name in (*SIDES, "difference")),
        Input("compare-asked", "data"),
        Held("snapshot", "data"),
    )(answer)
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction(namespace="nabij", function_name="linkedMaps"), Input("compare-view", "data")
    )
    app.callback(
        Output("compare-file", "data"),
        Input({"type": "compare-table", "form": ALL}, "n_clicks"),
        Held("compare-asked", "data"),
        Held("snapshot", "data"),
        prevent_initial_call=True,
    )(download)


class ComparedPair:
    """Both questions answered, and the left one once more on the zones of the right one where these are others.

    Raises
    ------
    InputError
        when a question makes no sense, or a plan or list is not there for this visitor
    """

    def __init__(self, asked: Compared, tag: str | None) -> None:
        left, right = with_service_of_plan(asked.left), with_service_of_plan(asked.right)
        self.left_state, self.left_context = view_of(left.__dict__, tag)
        self.right_state, self.right_context = view_of(right.__dict__, tag)
        self.left = self.left_context.analyse(self.left_state)
        check_client()
        self.right = self.right_context.analyse(self.right_state)
        check_client()
        self.asked = Compared(left, right)
        beside, self.beside_context = self.left, self.left_context
        if not self.asked.same_zones:
            on_right = replace(left, level=right.level, vintage=right.vintage, zones=right.zones)
            state, self.beside_context = view_of(on_right.__dict__, tag)
            beside = self.beside_context.analyse(state)
        self.comparison = side_by_side(self.right_context.engine, beside, self.right)


def answer(data: dict[str, Any] | None, tag: str | None) -> Any:
    """What the maps, the sentence above them and the tables below them show; or why there is nothing, in a sentence."""
    if not data:
        return (no_update,) * 7
    asked = compared_in_form(data, shown(tag))
    lang = asked.left.lang
    try:
        pair = ComparedPair(asked, tag)
    except NabijError as error:
        words = html.P(error.sentence(lang), className="case-wrong", role="alert")
        return ({"address": asked.address, "search": asked.search, "frames": []}, words, None, None, None, None, None)
    asked = pair.asked
    legend = shared_legend(pair.left, pair.right, asked.indicator)
    sides = [side_of_pair(side, asked.indicator, legend, lang) for side in (pair.left, pair.right)]
    frames = [
        {"name": name, **side, **_drawn(context, state, analysis)}
        for name, side, context, state, analysis in (
            ("left", sides[0], pair.left_context, pair.left_state, pair.left),
            ("right", sides[1], pair.right_context, pair.right_state, pair.right),
        )
    ]
    difference = {
        "name": "difference",
        **difference_of_pair(pair.comparison, lang),
        "circles": True,
        "zones": frames[1]["zones"],
    }
    view = {
        "address": asked.address,
        "search": asked.search,
        "frames": [*frames, difference],
    }
    return (
        view,
        _sentences(pair, lang),
        _legend_of_difference(pair, lang),
        _tables(pair.comparison, lang),
        *(_title(pair, side, lang) for side in SIDES),
        html.H2(text("compare.page.difference", lang)),
    )


def _drawn(context: Context, state: State, analysis: Analysis) -> dict[str, Any]:
    """Borders and places of a side."""
    if isinstance(context, PlanContext):
        places: Any = json.loads(places_json(analysis.facilities, context.snapshot))
    else:
        places = map_files.places_address(context, state)
    return {
        "zones": {detail: map_files.zones_address(context, state, detail) for detail in ("far", "near")},
        "places": places,
        "service": state.service,
        "evidence": text(f"evidence.{analysis.evidence}", state.lang),
    }


def _title(pair: ComparedPair, side: str, lang: str) -> list[Any]:
    """Name of a side: service, reach and places, and below it children and zones."""
    analysis, context = (pair.left, pair.left_context) if side == "left" else (pair.right, pair.right_context)
    query = analysis.query
    places = text(f"sidebar.facilities.{_set(pair, side)}", lang)
    if isinstance(context, PlanContext):
        places = context.scenario.name or text("plan.unnamed", lang)
    service = sentence_case(text(f"service.{query.service}.plural", lang))
    return [
        html.H2([html.Span(text(f"compare.page.{side}", lang), className="pair-side"), service]),
        html.P(
            [
                text(
                    "compare.page.side",
                    lang,
                    reach=reach_in_words(query, lang),
                    model=text(f"sidebar.model.{query.model}", lang).lower(),
                    who=text(f"headline.who.{query.demand}", lang, year=analysis.demand.year),
                    levels=text(f"level.{query.level}.plural", lang),
                    vintage=query.held_vintage,
                ),
                html.Span(places, className="pair-places"),
                stamp(lang, analysis.evidence),
            ]
        ),
    ]


def _set(pair: ComparedPair, side: str) -> str:
    return (pair.left_state if side == "left" else pair.right_state).facilities


def _sentences(pair: ComparedPair, lang: str) -> list[Any]:
    """Who gains and who loses on the whole, and what makes the two hard to compare."""
    totals = pair.comparison.totals
    who = text(f"subline.who.{pair.right.query.demand}", lang)
    if totals.gained != totals.gained:
        sentence = text("compare.page.said.unknown", lang)
    elif max(totals.gained, totals.lost) < SMALLEST:
        sentence = text("compare.page.said.same", lang, n=format_number(totals.in_reach_after, lang), who=who)
    else:
        sentence = text(
            "compare.page.said",
            lang,
            who=who,
            gained=_some(totals.gained, lang),
            lost=_some(totals.lost, lang),
            left=format_number(totals.in_reach_before, lang),
            right=format_number(totals.in_reach_after, lang),
        )
    return [
        html.P(sentence, className="case-sentence"),
        *(html.P(caveat, className="help") for caveat in cautions(pair, lang)),
    ]


def _some(births: float, lang: str) -> str:
    """How many, in words where that is none or hardly any."""
    return text("compare.page.hardly", lang) if births < _HARDLY else figure(births, lang)


def cautions(pair: ComparedPair, lang: str) -> list[str]:
    """What the two sides do not have in common, where that bears on the difference."""
    left, right = pair.left, pair.right
    lines = []
    if (left.demand.kind, left.demand.year) != (right.demand.kind, right.demand.year):
        pairs = {
            side: text(f"headline.who.{one.demand.kind}", lang, year=one.demand.year)
            for side, one in (("left", left), ("right", right))
        }
        lines.append(text("compare.page.other_children", lang, **pairs))
    if not pair.asked.same_zones:
        levels = text(f"level.{right.query.level}.plural", lang)
        lines.append(text("compare.page.other_zones", lang, levels=levels, vintage=right.query.held_vintage))
    return lines


def _legend_of_difference(pair: ComparedPair, lang: str) -> list[Any]:
    entries = [
        _entry(GAIN, text("compare.page.legend.gain", lang), 16),
        _entry(LOSS, text("compare.page.legend.loss", lang), 16),
    ]
    who = text(f"subline.who.{pair.right.query.demand}", lang)
    return [html.Span(text("compare.page.legend", lang, who=who), className="help"), html.Ul(entries)]


def _entry(colour: str, label: str, size: int, kind: str = "") -> html.Li:
    style = {
        "background": colour,
        **({"width": f"{size}px", "height": f"{size}px", "borderRadius": "50%"} if size else {}),
    }
    return html.Li(
        [html.Span(className="pair-key", style=style, **attributes(aria_hidden="true")), label], className=kind
    )


def _tables(comparison: Comparison, lang: str) -> list[Any]:
    label = stamp(lang, comparison.before.evidence, comparison.after.evidence)
    left, right = (text(f"compare.page.{side}", lang) for side in SIDES)
    return [
        html.Section(
            [
                html.H2(text("plan.compare.totals", lang)),
                label,
                _scrolling(totals_table(comparison, left, right, lang), "totals", lang),
            ],
            className="part",
        ),
        html.Section(
            [
                html.H2(text("plan.compare.zones", lang)),
                html.P(
                    [text("compare.page.table.lead", lang), " ", method_link("births_gained", lang)],
                    className="part-lead",
                ),
                _scrolling(zones_table(comparison, lang, "data_go"), "zones", lang),
                file_buttons({form: text(f"download.{form}", lang) for form in FORMS}, type="compare-table"),
            ],
            className="part",
        ),
    ]


def _scrolling(content: Any, name: str, lang: str) -> html.Div:
    label = text(f"plan.compare.{name}", lang)
    return html.Div(content, className="scroll", tabIndex=0, role="region", **attributes(aria_label=label))


def download(clicks: list[int | None], data: dict[str, Any] | None, tag: str | None) -> Any:
    """Build the file of the table of the difference."""
    if not any(clicks) or not ctx.triggered_id or not data:
        return no_update
    form = str(ctx.triggered_id["form"])
    return file_of(ComparedPair(compared_in_form(data, shown(tag)), tag), form)


def file_of(pair: ComparedPair, form: str) -> dict[str, Any]:
    """File of the table of the difference, with both questions in its notes.

    Parameters
    ----------
    pair : what is compared
    form : one of `pages.compare.compared.FORMS`
    """
    table, notes = table_of(pair.comparison, "zones"), notes_of(pair)
    query = pair.right.query
    name = (
        f"nabij-{text('compare.page.file', notes.lang)}-{query.level}-{query.held_vintage}-{pair.comparison.evidence}"
    )
    if form == EXCEL_CSV:
        return handed(packed(table, notes, name), f"{name}.zip")
    return handed(render(table, notes, form), f"{name}.{form}")


def notes_of(pair: ComparedPair) -> Notes:
    """What a file of the difference says of itself: both questions, the sources of both, and the two commands."""
    lang = pair.asked.left.lang
    sides = [
        with_plan_told(describe(analysis, context.snapshot, "coverage", lang), context, state)
        for analysis, context, state in (
            (pair.comparison.before, pair.beside_context, pair.left_state),
            (pair.right, pair.right_context, pair.right_state),
        )
    ]
    left, right = sides
    return replace(
        right,
        title=text("compare.page.notes.title", lang, left=left.title, right=right.title),
        question=text("compare.page.notes.question", lang, left=left.question, right=right.question),
        warning=left.warning or right.warning,
        evidence=pair.comparison.evidence,
        sources=tuple(dict.fromkeys((*left.sources, *right.sources))),
        caveats=tuple(
            dict.fromkeys(
                (text("compare.page.notes.sides", lang), *cautions(pair, lang), *left.caveats, *right.caveats)
            )
        ),
        command=f"{left.command} && {right.command}",
    )
