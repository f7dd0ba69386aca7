"""The answer to a norm on the page: sentences, map, frontier, places and who stays out."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dash import Dash, Input, Output, State, html, no_update

from coverage.norm import NormAnswer, norm_machine
from i18n.errors import NabijError
from i18n.texts import text
from layers.figures.norm_figures import norm_frontier, norm_map
from layers.notes.norm_notes import place_cells, zone_cells
from layers.sentences.norm import all_words, model_words
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
    try:
        asked, context, norm_answer = answered(births, rules, deprived, cost, data)
    except NabijError as error:
        return [html.P(error.sentence(str(data["lang"])), className="case-wrong")]
    return _shown(context, norm_answer, asked)


def answered(
    births: float,
    rules: list[str] | None,
    deprived: float | str | None,
    cost: float | str | None,
    data: dict[str, Any],
) -> tuple[NormAsked, Context, NormAnswer]:
    """What the controls of the page ask, with its answer; `InputError` where there is none."""
    now = current()
    state = read_state(data, now.lang)
    weight = float(deprived) if isinstance(deprived, int | float) else 1.0
    price = float(cost) if isinstance(cost, int | float) else ""
    asked = NormAsked(state, float(births), tuple(rules or ()), weight, price)
    context = with_own(now, state)
    query = state.checked().query
    return asked, context, norm_machine(context.engine, query, context.facilities(state.facilities), asked.request)


def _shown(context: Context, norm_answer: NormAnswer, asked: NormAsked) -> list[Any]:
    lang = asked.state.lang
    first, *others = all_words(norm_answer, lang)
    return [
        html.Section(
            [
                html.P(first, className="case-sentence"),
                *(html.P(sentence) for sentence in others),
                stamp(lang, norm_answer.analysis.evidence),
                _image(norm_map(norm_answer, context.snapshot, lang), "norm-map"),
                html.A(text("norm.page.link", lang), href=asked.address, className="quiet-button"),
            ],
            className="part",
        ),
        html.Section(
            [
                html.H2(text("norm.page.frontier", lang)),
                html.P(text("norm.page.frontier.lead", lang), className="part-lead"),
                _image(norm_frontier(norm_answer, lang)),
            ],
            className="part",
        ),
        html.Section([html.H2(text("norm.page.places", lang)), _places(norm_answer, lang)], className="part"),
        html.Section([html.H2(text("norm.page.out", lang)), _out(norm_answer, lang)], className="part"),
        html.Section(
            [
                html.H2(text("case.page.method", lang)),
                *(html.P(sentence) for sentence in model_words(norm_answer, lang)),
                html.P(text("case.page.method.page", lang, page="docs/method/norm.md"), className="help"),
            ],
            className="part",
        ),
    ]


def _image(drawn: tuple[bytes, str], kind: str = "") -> html.Img:
    svg, alt = drawn
    return html.Img(src="data:image/svg+xml," + quote(svg.decode()), alt=alt, className=f"case-picture {kind}".strip())


def _places(norm_answer: NormAnswer, lang: str) -> Any:
    if norm_answer.places.empty:
        return html.P(text("norm.page.places.none", lang))
    heads, rows = place_cells(norm_answer, lang, _SHOWN)
    more = len(norm_answer.places) - len(rows)
    table = _table(heads, rows, "places", lang)
    return html.Div([table, html.P(text("norm.page.more", lang, n=more), className="help") if more > 0 else None])


def _out(norm_answer: NormAnswer, lang: str) -> Any:
    return _table(*zone_cells(norm_answer, lang, _SHOWN), "out", lang)


def _table(heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...], name: str, lang: str) -> html.Div:
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
