"""What a page says before any script has come: the answer of the opening view, so that a slow line has words."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from i18n.texts import text
from layers.views.view import headline
from loaders.snapshot.facility_sets import held_sets
from pages.shell.context import Context
from pages.shell.made_up import is_made_up
from pages.shell.state import State


def first_words(context: Context, lang: str, explorer: bool, asked: Mapping[str, str]) -> str:
    """Markup of the first words of a page.

    Parameters
    ----------
    context : the figures; where the answer to the opening question is not at hand, the words only say what comes
    lang : language
    explorer : whether it is the page of the explorer
    asked : what its address asks; for any question but the opening one the words only say that the page is coming
    """
    coming = f'<p role="status">{escape(text("app.loading", lang))}</p>'
    if not explorer or set(asked) - {"lang"}:
        return f'<div class="first-words">{coming}</div>'
    analysis = context.at_hand(State(lang=lang, facilities=held_sets(context.snapshot)[0]))
    if analysis is None:
        return f'<div class="first-words">{coming}</div>'
    answer = escape(headline(analysis, context.snapshot, lang).replace("**", ""))
    warning = ""
    if is_made_up(analysis.evidence):
        words = (text("banner.title", lang), text("banner.text", lang))
        warning = f'<p class="first-warning"><strong>{escape(words[0])}</strong> {escape(words[1])}</p>'
    return f'<div class="first-words">{warning}<p class="first-answer">{answer}</p>{coming}</div>'
