"""The map of the opening view as a picture, which a page shows until its scripts have come.

On a slow line the scripts take half a minute; the picture takes a second. It shows the zones as the map will show them,
without the places, and is drawn once for a snapshot and a language.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

import flask

from coverage.analysis import Analysis
from i18n.texts import LANGUAGES
from layers.notes.notes import describe_column
from loaders.snapshot.facility_sets import held_sets
from pages.server.map_files import figures, packed
from pages.shell.context import Context
from pages.shell.refusals import not_here
from pages.shell.state import State


def opening_state(context: Context, lang: str) -> State:
    """State of the view that an address without choices opens."""
    return State(lang=lang, facilities=held_sets(context.snapshot)[0])


def picture_tag(context: Context, analysis: Analysis, lang: str, prefix: str = "/") -> str:
    """Markup of the picture of an answer; its words say what it shows, for whoever cannot see it."""
    from layers.figures.analysis_map import usual_indicator

    title = describe_column(usual_indicator(analysis), lang)["title"]
    address = f"{prefix}{_address(context, lang)}"
    return f'<img class="first-map" src="{address}" alt="{escape(title)}" fetchpriority="high">'


def register(server: flask.Flask, prefix: str = "/") -> None:
    """Add the address to a server."""
    server.add_url_rule(f"{prefix}geo/<tag>/opening-<facilities>-<lang>.svg", "nabij_opening_picture", _picture)


def _address(context: Context, lang: str) -> str:
    return f"geo/{context.tag}/opening-{opening_state(context, lang).facilities}-{lang}.svg"


def _picture(tag: str, facilities: str, lang: str) -> flask.Response:
    context = figures(tag)
    if lang not in LANGUAGES or facilities != opening_state(context, lang).facilities:
        not_here()
    name = f"opening-{facilities}-{lang}.svg"
    return packed(context.kept.get(name, lambda: _drawn(context, lang)), "image/svg+xml")


def _drawn(context: Context, lang: str) -> bytes:
    from layers.figures.analysis_map import map_of
    from layers.figures.map_figure import draw_map
    from layers.notes.notes import describe

    analysis = context.analyse(opening_state(context, lang))
    figure = map_of(analysis, context.snapshot, describe(analysis, context.snapshot, "map", lang))
    words = {"title": "", "subtitle": "", "source": "", "warning": ""}  # the page has them beside the picture
    return draw_map(replace(figure, **words, places=(), places_labels={}, pad=0.0))
