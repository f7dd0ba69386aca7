"""The head of every page: the name of the house, the languages, and the menu of the pages."""

from __future__ import annotations

from typing import Any

from dash import html

from i18n.texts import LANGUAGES, text
from pages.shell.markup import attributes
from pages.shell.state import State

PAGES = {
    "explore": "./",
    "compare": "vergelijken",
    "overlap": "overlap",
    "municipality": "gemeente",
    "norm": "norm",
    "plan": "plannen",
    "data": "gegevens",
    "method": "methode",
}
"""Pages in the menu, and their addresses."""

_WHOLE = ("compare", "overlap", "municipality", "norm", "data", "method")
"""Pages that are loaded anew in another language."""

_OF_A_PLAN = {"plan": "", "against": "", "key": ""}
"""What only the page of plans has in its address."""


def page_title(page: str, lang: str) -> str:
    """Title of the window."""
    return text("page.title", lang, page=text(f"page.{page}", lang))


def masthead(state: State, here: str, more: str = "") -> html.Div:
    """Build the head of a page.

    Parameters
    ----------
    here : name of the page in `PAGES`
    more : what the address of this page says beside the usual question, such as ``&b_mode=car``
    """
    lang = state.lang
    fresh = here == "explore"  # a click on the name begins the explorer anew, from whatever is chosen
    brand = html.A("nabij", href="./" + State(lang=lang).address(), className="brand go" if fresh else "brand")
    languages = html.Nav(
        [_language(state, other, here, more) for other in LANGUAGES],
        className="languages",
        **attributes(aria_label=text("app.language", lang)),
    )
    menu = html.Nav(
        [_page(state, page, here) for page in PAGES],
        className="pages",
        **attributes(aria_label=text("page.menu", lang)),
    )
    return html.Div(
        [
            html.Div([brand, languages], className="brand-row"),
            html.P(text("app.tagline", lang), className="tagline"),
            menu,
        ],
        className="masthead",
    )


def _page(state: State, page: str, here: str) -> html.A:
    """Link to a page with the same question; the scripts keep it true while the question changes."""
    other: dict[str, str] = {} if page == here else _OF_A_PLAN
    follows: dict[str, Any] = {}
    if page == here:
        follows = attributes(aria_current="page")
    elif here == "plan":
        follows = attributes(data_map=PAGES[page])
    elif here == "explore":
        follows = attributes(data_onward=PAGES[page])
    return html.A(
        text(f"page.{page}", state.lang), href=PAGES[page] + state.address(**other), className="page", **follows
    )


def _language(state: State, other: str, here: str, more: str) -> html.A:
    current = attributes(aria_current="true") if other == state.lang else {}
    whole = here in _WHOLE
    path = PAGES[here] if whole else ""
    return html.A(
        other.upper(),
        href=path + state.address(lang=other) + more,
        hrefLang=other,
        className="language-link language" if whole else "language",
        id=f"language-{other}",
        **current,
    )
