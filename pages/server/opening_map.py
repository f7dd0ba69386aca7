"""The map of the opening view as a picture, so that a slow line shows it long before the scripts that draw it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from i18n.texts import text
from layers.figures.analysis_map import map_of
from layers.figures.map_figure import draw_map
from layers.notes.notes import describe
from loaders.snapshot.facility_sets import held_sets
from pages.shell.context import Context
from pages.shell.made_up import is_made_up
from pages.shell.state import State

WIDTH = 640.0
"""Pixels."""

_CORNERS_M = 900.0
"""Tolerance of borders, in metres, nearly two pixels: fewer corners come sooner."""


def opening_state(context: Context, lang: str) -> State:
    """Question of the opening view in a language."""
    return State(lang=lang, facilities=held_sets(context.snapshot)[0])


def opening_map_address(context: Context, lang: str) -> str:
    """Address of the picture."""
    return f"geo/{context.tag}/opening-{lang}.svg"


def opening_map(context: Context, lang: str) -> bytes:
    """Draw zones, circles, legend and sources of the opening view as SVG; places come with the map itself.

    The page says the answer and the whole warning above it, so the picture has no title, and of a warning one line.
    """
    analysis = context.analyse(opening_state(context, lang))
    notes = describe(analysis, context.snapshot, "figure", lang)
    figure = map_of(analysis, context.snapshot, notes, width=WIDTH, places=[], places_labels={}, pad=8.0)
    shapes = shapely.coverage_simplify(np.array([zone.shape for zone in figure.zones], dtype=object), _CORNERS_M)
    return draw_map(
        replace(
            figure,
            title="",
            subtitle="",
            warning=text("banner.stamp", lang) if is_made_up(analysis.evidence) else "",
            description=notes.question,
            source=text("map.credit", lang),
            zones=[replace(zone, shape=shape) for zone, shape in zip(figure.zones, shapes, strict=True)],
        )
    )
