"""The frame of a page that is read: a link past the head, the head with contents, the text, and room for messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from i18n.texts import text
from pages.shell.frame.masthead import masthead
from pages.shell.made_up import paper_warning
from pages.shell.markup import attributes
from pages.shell.state import State


def page_frame(
    state: State,
    here: str,
    main: html.Main,
    *,
    answer: str,
    hidden: Sequence[Any] = (),
    head: Sequence[Any] = (),
    more: str = "",
) -> html.Div:
    """Build a page.

    Parameters
    ----------
    here : name of the page in `pages.shell.frame.masthead.PAGES`
    main : what is read
    answer : id of what the link past the head leads to
    hidden : stores and downloads
    head : what stands below the head, such as the contents
    more : what the address of this page says beside the usual question
    """
    lang = state.lang
    return html.Div(
        [
            html.A(text("case.page.skip", lang), href=f"#{answer}", className="skip"),
            *hidden,
            html.Nav(
                [masthead(state, here, more), *head],
                className="sidebar",
                **attributes(aria_label=text("data.contents", lang)),
            ),
            paper_warning(lang),
            main,
            html.Div(id="notice", className="notice-place", role="alert"),
        ],
        className="shell data-shell case-shell",
        lang=lang,
    )
