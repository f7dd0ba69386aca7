"""How the places of every service are drawn: form and colour, as the declaration of the service says."""

from __future__ import annotations

from loaders.catalogue.service_file import Symbol
from loaders.catalogue.services import services

_OUTLINES = {
    "circle": "",
    "square": "inset(0)",
    "diamond": "polygon(50% 0, 100% 50%, 50% 100%, 0 50%)",
    "triangle": "polygon(50% 0, 100% 100%, 0 100%)",
    "gable": "polygon(50% 0, 100% 42%, 100% 100%, 0 100%, 0 42%)",
}
"""Outline of every form as CSS has it; a circle is what a mark is without one."""


def symbol_css() -> str:
    """Style of the marks on the map and in the legend: what ``.place-<service>`` is drawn with."""
    return "".join(f".place-{service.id}{{{_style(service.symbol)}}}" for service in services().values())


def _style(symbol: Symbol) -> str:
    outline = _OUTLINES[symbol.shape]
    shape = f";--symbol-border:0;--symbol-radius:0;--symbol-more:2px;--symbol-shape:{outline}" if outline else ""
    return f"--symbol-colour:{symbol.colour}{shape}"


def mark_style(symbol: Symbol) -> str:
    """Style of a mark in a legend that stands by itself."""
    outline = _OUTLINES[symbol.shape]
    return f"--place: {symbol.colour}" + (f"; border: 0; border-radius: 0; clip-path: {outline}" if outline else "")


def outline_points(shape: str) -> list[tuple[float, float]]:
    """Corners of a form in a box of 1 by 1, its top left at 0, 0; none for a circle."""
    outline = _OUTLINES[shape]
    if not outline.startswith("polygon("):
        return [(0, 0), (1, 0), (1, 1), (0, 1)] if outline else []
    pairs = (pair.split() for pair in outline[len("polygon(") : -1].split(","))
    return [(_share(x), _share(y)) for x, y in pairs]


def _share(percent: str) -> float:
    return float(percent.rstrip("%")) / 100
