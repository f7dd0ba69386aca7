"""What comes of a search for new places: how far it is, and the proposals to choose from."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from i18n.errors import NabijError
from i18n.texts import format_number, text
from layers.views.propose_view import PlaceView, ProposalView, progress_view
from pages.server.jobs import JobStatus
from pages.shell.markup import attributes, icon


def progress(seen: JobStatus[object], job: dict[str, Any]) -> html.Div:
    """Say how far a search is, with a picture of the gap that closes."""
    lang = str(job["lang"])
    seconds = format_number(seen.seconds, lang)
    if seen.stage == "waiting":
        return remark(text("propose.waiting", lang, ahead=seen.ahead))
    if seen.ended:
        count = format_number(len(seen.found), lang)
        key = "propose.stopped" if seen.stage == "stopped" else "propose.done" if len(seen.found) > 1 else "propose.one"
        return remark(text(key, lang, n=count, seconds=seconds))
    if seen.found:
        return remark(text("propose.alternatives", lang, n=format_number(len(seen.found), lang), seconds=seconds), True)
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


def results(found: list[ProposalView], lang: str) -> list[Any]:
    """Build the proposals, the best first and open."""
    return [
        html.Ol([html.Li(_card(proposal, at, lang), key=str(at)) for at, proposal in enumerate(found)]),
    ]


def _card(found: ProposalView, at: int, lang: str) -> html.Details:
    marks = [{"n": place.number, "lat": place.lat, "lon": place.lon, "name": place.name} for place in found.places]
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(format_number(at + 1, lang), className="propose-rank"),
                    html.Span(
                        [
                            html.Strong(found.headline),
                            html.Span(found.where, className="propose-names"),
                            html.Span(found.compared, className="help") if found.compared else None,
                        ],
                        className="propose-words",
                    ),
                ]
            ),
            html.Div(
                [
                    html.P(found.proof, className="propose-proof proven" if found.proven else "propose-proof"),
                    html.Ol([_place(place) for place in found.places], className="propose-places"),
                    html.P(found.closing, className="propose-closing") if found.closing else None,
                    html.Ul([html.Li(sentence) for sentence in found.summary], className="plain-list help"),
                    html.Button(
                        text("propose.take", lang),
                        className="primary-button",
                        type="button",
                        **attributes(data_edits=json.dumps(found.edits, ensure_ascii=False)),
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
