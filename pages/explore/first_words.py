"""What a page says before any script has come: answer and map of the opening view, so that a slow line has both."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from i18n.texts import text
from layers.views.view import headline
from pages.server.opening_map import opening_map_address, opening_state
from pages.shell.context import Context
from pages.shell.made_up import is_made_up


def first_words(context: Context, lang: str, explorer: bool, asked: Mapping[str, str], base: str = "/") -> str:
    """Markup of the first words of a page.

    Parameters
    ----------
    context : the figures; where the answer to the opening question is not at hand, the words only say what comes
    lang : language
    explorer : whether it is the page of the explorer
    asked : what its address asks; for any question but the opening one the words only say that the page is coming
    base : what addresses of the explorer begin with
    """
    coming = f'<p role="status">{escape(text("app.loading", lang))}</p>'
    if not explorer or set(asked) - {"lang"}:
        return f'<div class="first-words">{coming}</div>'
    analysis = context.at_hand(opening_state(context, lang))
    if analysis is None:
        return f'<div class="first-words">{coming}</div>'
    answer = escape(headline(analysis, context.snapshot, lang).replace("**", ""))
    warning = ""
    if is_made_up(analysis.evidence):
        words = (text("banner.title", lang), text("banner.text", lang))
        warning = f'<p class="first-warning"><strong>{escape(words[0])}</strong> {escape(words[1])}</p>'
    address = base + opening_map_address(context, lang)
    picture = f'<img class="first-map" src="{escape(address)}" alt="" fetchpriority="high">'
    return f'<div class="first-words">{warning}<p class="first-answer">{answer}</p>{picture}{coming}</div>'
