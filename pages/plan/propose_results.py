"""What comes of a search for new places: how far it is, and the proposals to choose from."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from i18n.errors import NabijError
from i18n.texts import format_number, text
from layers.views.ahead_view import FrontierView
from layers.views.propose_view import PlaceView, ProposalView, progress_view
from pages.server.jobs import JobStatus
from pages.shell.markup import attributes, icon


def progress(seen: JobStatus[object], job: dict[str, Any]) -> html.Div:
    """Say how far a search is, with a picture of the gap that closes."""
    lang = str(job["lang"])
    seconds = format_number(seen.seconds, lang)
    if seen.stage == "waiting":
        return remark(text("propose.waiting", lang, ahead=seen.ahead))
    n = sum(isinstance(one, ProposalView) for one in seen.results)
    if seen.ended:
        key = "propose.stopped" if seen.stage == "stopped" else "propose.done" if n > 1 else "propose.one"
        key = "propose.stopped.nothing" if seen.stage == "stopped" and not n else key
        return remark(text(key, lang, n=format_number(n, lang), seconds=seconds))
    if seen.results:
        return remark(text("propose.alternatives", lang, n=format_number(n, lang), seconds=seconds), True)
    told = progress_view(seen.steps, str(job["objective"]), float(job["births"]), lang, float(job["minute"]))
    picture = html.Img(src=told.picture, alt=told.alt, className="propose-picture") if told.picture else None
    lines = [
        html.Span([html.Span(className="propose-key best"), text("propose.key.best", lang)]),
        html.Span([html.Span(className="propose-key bound"), text("propose.key.bound", lang)]),
    ]
    return html.Div(
        [
            html.Div(className="propose-busy", **attributes(aria_hidden="true")),
            html.P(told.sentence, className="help"),
            picture,
            html.P([*lines, html.Span(text("propose.seconds", lang, n=seconds))], className="propose-keys help")
            if picture
            else None,
        ],
        className="propose-running",
    )


def remark(sentence: str, busy: bool = False) -> html.Div:
    """Build a remark on the search, with a bar that moves while it is busy."""
    bar = html.Div(className="propose-busy", **attributes(aria_hidden="true")) if busy else None
    return html.Div([bar, html.P(sentence, className="help")], className="propose-running")


def refusal(error: Exception, lang: str) -> html.P:
    """Build the sentence that says why there is no proposal."""
    sentence = error.sentence(lang) if isinstance(error, NabijError) else text("notice.unexpected", lang)
    return html.P([icon("warn"), html.Span(sentence)], className="callout refusal", role="alert")


def results(proposals: list[ProposalView], lang: str, frontier: FrontierView | None = None) -> list[Any]:
    """Build the proposals, the best first and open, and the frontier below them."""
    cards = html.Ol([html.Li(_card(proposal, at, lang), key=str(at)) for at, proposal in enumerate(proposals)])
    return [cards] if frontier is None else [cards, frontier_part(frontier, lang)]


def frontier_part(frontier: FrontierView, lang: str) -> html.Details:
    """Build the frontier: how much every further place brings, as a picture and as figures."""
    head = html.Tr(
        [html.Th(word, scope="col", className="number" if at else "") for at, word in enumerate(frontier.heads)]
    )
    body = [
        html.Tr([html.Td(cell, className="number" if at else "") for at, cell in enumerate(row)])
        for row in frontier.rows
    ]
    caption = html.Caption(text("propose.frontier", lang), className="only-read")
    return html.Details(
        [
            html.Summary(text("propose.frontier", lang)),
            html.Div(
                [
                    html.Img(src=frontier.picture, alt=frontier.alt, className="propose-picture"),
                    *[html.P(sentence, className="help") for sentence in frontier.sentences],
                    html.Div(
                        html.Table([caption, html.Thead(head), html.Tbody(body)], className="layers-table"),
                        className="scroll",
                        tabIndex=0,
                        role="region",
                        **attributes(aria_label=text("propose.frontier", lang)),
                    ),
                ],
                className="propose-frontier-body",
            ),
        ],
        className="propose-frontier",
    )


def _card(proposal: ProposalView, at: int, lang: str) -> html.Details:
    marks = [{"n": place.number, "lat": place.lat, "lon": place.lon, "name": place.name} for place in proposal.places]
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(format_number(at + 1, lang), className="propose-rank"),
                    html.Span(
                        [
                            html.Strong(proposal.headline),
                            html.Span(proposal.where, className="propose-names"),
                            html.Span(proposal.compared, className="help") if proposal.compared else None,
                        ],
                        className="propose-words",
                    ),
                ]
            ),
            html.Div(
                [
                    html.P(proposal.proof, className="propose-proof proven" if proposal.proven else "propose-proof"),
                    html.Ol([_place(place) for place in proposal.places], className="propose-places"),
                    html.P(proposal.closing, className="propose-closing") if proposal.closing else None,
                    html.Ul([html.Li(sentence) for sentence in proposal.summary], className="plain-list help"),
                    html.Button(
                        text("propose.take", lang),
                        className="primary-button",
                        type="button",
                        **attributes(data_edits=json.dumps(proposal.edits, ensure_ascii=False)),
                    ),
                ],
                className="propose-body",
            ),
        ],
        open=at == 0,
        className="propose-card",
        **attributes(data_proposal=json.dumps(marks, ensure_ascii=False)),
    )


def _place(place: PlaceView) -> html.Li:
    return html.Li(
        [
            html.Span(str(place.number), className="propose-mark", **attributes(aria_hidden="true")),
            html.Div([html.Strong(place.name), *[html.P(sentence) for sentence in place.sentences]]),
        ]
    )
