"""The head of every page: the name of the house, the languages, and the menu of the pages."""

from __future__ import annotations

from typing import Any

from dash import html

from i18n.texts import LANGUAGES, text
from pages.shell.markup import attributes, icon
from pages.shell.reader import page_language
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
"""Pages that are loaded anew in another language; their rail holds no choices, so it lists all pages."""

_OF_A_PLAN = {"plan": "", "against": "", "key": ""}
"""What only the page of plans has in its address."""


def page_title(page: str, lang: str) -> str:
    """Title of the window."""
    return text("page.title", lang, page=text(f"page.{page}", lang))


_SAID = {
    "explore": "app.tagline",
    "compare": "compare.page.lead",
    "overlap": "overlap.page.lead",
    "municipality": "case.page.lead",
    "norm": "norm.page.lead",
    "plan": "plan.page.lead",
    "data": "data.lead",
    "method": "method.page.lead",
}
"""What every page is for."""

_NEXT = {"explore": "plan"}
"""Page that stands in the menu beside the explorer; on every other page that is the page itself."""


def described(page: str) -> dict[str, Any]:
    """Title and description of a page, each in the language of who asks, as Dash takes them."""
    return {
        "title": lambda: page_title(page, page_language()),
        "description": lambda: text(_SAID[page], page_language()),
    }


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
    listed = here in _WHOLE
    menu = html.Nav(
        [_page(state, page, here) for page in PAGES] if listed else _in_one_line(state, here),
        className="pages pages-list" if listed else "pages",
        **attributes(aria_label=text("page.menu", lang)),
    )
    return html.Div(
        [
            html.Div(
                [brand, html.Div([_theme_switch(lang), languages], className="brand-more")], className="brand-row"
            ),
            html.P(text("app.tagline", lang), className="tagline"),
            menu,
        ],
        className="masthead",
    )


def _theme_switch(lang: str) -> html.Button:
    """Button between the light and the dark look; the scripts say which one is on."""
    return html.Button(
        icon("moon"),
        id="theme-switch",
        className="theme-switch",
        type="button",
        title=text("app.dark", lang),
        **attributes(aria_label=text("app.dark", lang), aria_pressed="false"),
    )


def _in_one_line(state: State, here: str) -> list[Any]:
    """Links of the menu in one line: two pages, and a button that opens the others."""
    first = ("explore", _NEXT.get(here, here))
    others = [_page(state, page, here) for page in PAGES if page not in first]
    more = html.Details(
        [
            html.Summary([text("page.more", state.lang), icon("chevron")], className="page pages-more"),
            html.Div(others, className="menu-body"),
        ],
        className="menu",
    )
    return [*[_page(state, page, here) for page in first], more]


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
