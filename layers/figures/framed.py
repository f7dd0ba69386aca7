"""A chart with the words around it that let it stand by itself: warning, title, question and sources."""

from __future__ import annotations

import re

from i18n.errors import ArgumentError
from layers.figures.analysis_map import source_line
from layers.figures.drawing import Drawing, wrapped
from layers.figures.map_figure import PAD, WARN, WARN_INK
from layers.look.tokens import COLOURS
from layers.notes.notes import Notes

_SIZE = re.compile(rb'<svg xmlns="[^"]*" width="([0-9.]+)" height="([0-9.]+)"')


def framed(svg: bytes, title: str, notes: Notes) -> bytes:
    """Put a drawing of `layers.figures.drawing` under its title and above its sources.

    Parameters
    ----------
    svg : the drawing
    title : what it shows
    notes : warning, question and sources
    """
    size = _SIZE.match(svg)
    if size is None:
        raise ArgumentError("The picture does not tell its size.")
    inner = float(size.group(1))
    width, room = inner + 2 * PAD, inner
    warned = wrapped(notes.warning, room, 12.5, bold=True)
    sources = source_line(notes)
    trial = Drawing(width, 0, "")
    top = _head(trial, title, notes, len(warned))
    lines = wrapped(sources, room, 10.5)
    height = top + float(size.group(2)) + 14.0 * len(lines) + 2 * PAD
    picture = Drawing(width, height, title, notes.question)
    picture.rect((0, 0, width, height), "#ffffff")
    _head(picture, title, notes, len(warned))
    body = svg.decode().strip().replace("<svg ", f'<svg x="{PAD:g}" y="{top:g}" ', 1)
    picture.add(body)
    low = height - PAD / 2 - 14.0 * len(lines)
    picture.paragraph((PAD, low + 8), sources, room, 10.5, colour=COLOURS["ink-2"], leading=14 / 10.5)
    return picture.svg()


def _head(picture: Drawing, title: str, notes: Notes, warned: int) -> float:
    """Words above; returns where the drawing begins."""
    room, y = picture.width - 2 * PAD, PAD + 14.0
    if warned:
        picture.rect((0, 0, picture.width, 12 + 17.0 * warned), WARN)
        picture.paragraph((PAD, 19), notes.warning, room, 12.5, colour=WARN_INK, bold=True)
        y += 12 + 17.0 * warned
    y = picture.paragraph((PAD, y + 6), title, room, 20, colour=COLOURS["ink"], bold=True, leading=1.2)
    return picture.paragraph((PAD, y - 3), notes.question, room, 13.5, colour=COLOURS["ink-2"])
