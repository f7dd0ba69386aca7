"""Whether what is shown rests on made-up places, and the label that then stands beside it: decided here alone."""

from __future__ import annotations

from dash import html

from i18n.texts import text

_MADE_UP = "illustrative"


def is_made_up(*evidence: object) -> bool:
    """Whether any of these kinds of evidence is that of made-up places."""
    return _MADE_UP in evidence


def stamp(lang: str, *evidence: object) -> html.Span | None:
    """Label for figures on such evidence; None where nothing is made up."""
    return html.Span(text("banner.stamp", lang), className="stamp") if is_made_up(*evidence) else None


def paper_warning(lang: str) -> html.Div:
    """The whole warning, for the head of every sheet of paper: only a page that shows a label prints it."""
    return html.Div(html.P(text("export.illustrative", lang)), className="paper-warning")
