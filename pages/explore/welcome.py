"""Where somebody begins who is new: three questions above the map, and a tour of the explorer.

Both are put away by whoever has seen them; only the browser remembers that (``assets/js/start.mjs``, ``tour.mjs``).
"""

from __future__ import annotations

from typing import Any

from dash import html

from i18n.texts import text
from pages.shell.markup import attributes, icon
from pages.shell.masthead import PAGES
from pages.shell.state import State

STEPS = ("answer", "choices", "map", "legend", "table", "keep", "pages")
"""Stops of the tour; ``assets/js/tour.mjs`` knows where each of them is on the page."""

WORDS = (
    *(f"tour.{name}" for name in ("label", "place", "back", "on", "done", "end")),
    *(key for step in STEPS for key in (f"tour.{step}", f"tour.{step}.text")),
)
"""Keys of what the tour says."""


def start_line(state: State) -> html.Nav:
    """Three questions to begin with, the tour, and a button that puts them away."""
    lang = state.lang
    return html.Nav(
        [
            html.Span(text("start.title", lang), className="start-title"),
            _button("where", lang),
            _page("mine", "municipality", state),
            _page("what_if", "plan", state),
            _button("tour", lang),
            html.Button(
                icon("close"),
                id="start-close",
                className="icon-button start-close",
                type="button",
                title=text("start.close", lang),
                **attributes(data_begin="close", aria_label=text("start.close", lang)),
            ),
        ],
        id="start",
        className="start-line",
        **attributes(aria_label=text("start.title", lang)),
    )


def tour_button(lang: str) -> html.Button:
    """Button that begins the tour again, at the foot of the choices."""
    return html.Button(
        text("tour.label", lang),
        id="tour-button",
        className="link-button tour-again",
        type="button",
        **attributes(data_begin="tour"),
    )


def _button(name: str, lang: str) -> html.Button:
    return html.Button(
        text(f"start.{name}", lang),
        id=f"start-{name}",
        className="start-question",
        type="button",
        **attributes(data_begin=name),
    )


def _page(name: str, page: str, state: State) -> html.A:
    follows: dict[str, Any] = attributes(data_onward=PAGES[page])
    return html.A(
        text(f"start.{name}", state.lang),
        href=PAGES[page] + state.address(),
        id=f"start-{name}",
        className="start-question",
        **follows,
    )
