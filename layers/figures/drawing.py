"""A small SVG canvas: shapes, words that fit their room, and the bytes of the picture.

The same calls give the same bytes. Text is text, so that it can be searched, read aloud and translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt
import shapely
from PIL import ImageFont

from layers.look.signs import in_xml

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Nabij Sans"
_FAMILIES = f"{FAMILY}, 'Source Sans 3 Variable', 'Source Sans 3', 'Segoe UI', Arial, sans-serif"
_FILES = {False: "nabij-sans-regular.ttf", True: "nabij-sans-semibold.ttf"}
_MEASURED = 100

Box = tuple[float, float, float, float]


@cache
def _font(bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / _FILES[bold]), _MEASURED, layout_engine=ImageFont.Layout.BASIC)


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Width of words on one line."""
    return float(_font(bold).getlength(words)) * size / _MEASURED


def wrapped(words: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Words on as many lines as a width asks for; a word that is too long has a line of its own.

    Only plain spaces part words: ``1 200 m`` with spaces that do not break stays on one line.
    """
    lines: list[str] = []
    for word in filter(None, re.split(r"[ \t\n]+", words)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def number(value: float) -> str:
    """Coordinate with one decimal, and none where it is whole."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0" if value > -0.05 else "-0")


class Drawing:
    """A picture that is drawn on.

    Parameters
    ----------
    width, height : size in pixels of 1/96 inch
    title : what it shows, for whoever cannot see it
    description : the same at length
    """

    def __init__(self, width: float, height: float, title: str, description: str = "") -> None:
        self.width, self.height, self.title, self.description = width, height, title, description
        self._parts: list[str] = []

    def add(self, part: str) -> None:
        """Put SVG on the picture as it is."""
        self._parts.append(part)

    def rect(self, box: Box, fill: str, stroke: str = "", radius: float = 0.0) -> None:
        """Rectangle: left, top, width, height."""
        x, y, w, h = map(number, box)
        edge = f' stroke="{stroke}"' if stroke else ""
        corner = f' rx="{number(radius)}"' if radius else ""
        self.add(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}"{edge}{corner}/>')

    def line(self, points: Iterable[tuple[float, float]], stroke: str, width: float = 1.0, dash: str = "") -> None:
        """Line through points."""
        path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(
            f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{number(width)}" '
            f'stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
        )

    def text(
        self,
        at: tuple[float, float],
        words: str,
        size: float = 13.0,
        *,
        colour: str = "#17262d",
        bold: bool = False,
        anchor: str = "start",
        halo: str = "",
    ) -> None:
        """Words on one line; ``anchor`` is start, middle or end, ``halo`` the colour of an edge around the letters."""
        told = f'x="{number(at[0])}" y="{number(at[1])}" font-size="{number(size)}" fill="{colour}"'
        told += ' font-weight="700"' if bold else ""
        told += "" if anchor == "start" else f' text-anchor="{anchor}"'
        written = escape(in_xml(words))
        if halo:
            self.add(f'<text {told} stroke="{halo}" stroke-width="3" stroke-linejoin="round">{written}</text>')
        self.add(f"<text {told}>{written}</text>")

    def paragraph(
        self,
        at: tuple[float, float],
        words: str,
        width: float,
        size: float = 13.0,
        *,
        leading: float = 1.32,
        **look: Any,
    ) -> float:
        """Words on as many lines as they need; returns the baseline of the line after the last."""
        x, y = at
        for line in wrapped(words, width, size, bold=bool(look.get("bold", False))):
            self.text((x, y), line, size, **look)
            y += size * leading
        return y

    def svg(self) -> bytes:
        """Return the picture; it links to nothing."""
        size = f'width="{number(self.width)}" height="{number(self.height)}"'
        view = f'viewBox="0 0 {number(self.width)} {number(self.height)}"'
        about = f"<title>{escape(in_xml(self.title))}</title>"
        about += f"<desc>{escape(in_xml(self.description))}</desc>" if self.description else ""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} role="img" font-family={quoteattr(_FAMILIES)}>'
        return f"{head}{about}{''.join(self._parts)}</svg>\n".encode()


def path_of(shape: shapely.Geometry, scale: float, left: float, top: float, origin: tuple[float, float]) -> str:
    """Path of a polygon or line in metres on the picture; ``origin`` is the point that lies at left and top."""
    parts = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            parts += [_line(ring, scale, left, top, origin) + "Z" for ring in rings]
        elif part.geom_type == "LineString":
            parts.append(_line(part, scale, left, top, origin))
    return "".join(parts)


def _line(line: Any, scale: float, left: float, top: float, origin: tuple[float, float]) -> str:
    xy: npt.NDArray[np.float64] = shapely.get_coordinates(line)
    at = np.column_stack([left + (xy[:, 0] - origin[0]) * scale, top + (origin[1] - xy[:, 1]) * scale]).round(1)
    moved = np.append(True, (np.diff(at, axis=0) != 0).any(axis=1))
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in at[moved].tolist())
