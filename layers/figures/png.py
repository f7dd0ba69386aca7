"""A picture as PNG, drawn without a browser by typst, which brings its own drawing of SVG."""

from __future__ import annotations

import re

from i18n.errors import ArgumentError
from layers.figures.drawing import FAMILY, FONTS

SCALE = 2.0
"""Pixels of the picture for one of the drawing."""

_PX_OF_PT = 96 / 72
_PAGE = (
    "#set page(width: auto, height: auto, margin: 0pt, fill: white)\n"
    '#set text(font: sys.inputs.family)\n#image(bytes(sys.inputs.svg), format: "svg", width: eval(sys.inputs.width))\n'
)
_SIZE = re.compile(rb'<svg [^>]*width="([0-9.]+)"')


def png_of(svg: bytes, scale: float = SCALE) -> bytes:
    """Draw an SVG of `layers.figures.drawing` as PNG.

    Parameters
    ----------
    svg : the picture; its root tells its width in pixels
    scale : pixels of the PNG for one of the SVG
    """
    import typst

    size = _SIZE.search(svg[:400])
    if size is None:
        raise ArgumentError("The picture does not tell its width.")
    points = float(size.group(1)) / _PX_OF_PT
    made = typst.compile(  # type: ignore[call-overload]  # its types want one kind of path throughout
        _PAGE.encode(),
        root=str(FONTS),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="png",
        ppi=96.0 * scale,
        sys_inputs={"svg": svg.decode(), "family": FAMILY, "width": f"{points:.4f}pt"},
    )
    if not isinstance(made, bytes):
        raise ArgumentError("The picture takes more than one page.")
    return made
