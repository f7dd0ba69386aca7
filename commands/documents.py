"""``nabij figure``: a map as a picture, made without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.options import SETTINGS, WHAT, Question, busy, option, takes
from commands.question import answer, tell
from i18n.messages import MessageError
from layers.files.output import STDOUT, check_out, write_out

documents = typer.Typer(**SETTINGS)

PICTURES = ("svg", "png")


@dataclass(frozen=True, kw_only=True)
class FigureOptions(Question):
    """Options of ``nabij figure``."""

    indicator: Annotated[
        str | None,
        option(
            "--indicator",
            "COLUMN",
            WHAT,
            "What the map is coloured by, such as share_in_reach, gap, mean_distance_m or n_facilities; left out, the "
            "births out of reach.",
        ),
    ] = None
    format: Annotated[
        str | None, option("--format", "svg|png", None, "Format of the picture; left out, its suffix says it.")
    ] = None


@documents.command(epilog="Example: [bold]nabij figure --service bureau --in care_region:boom --out boom.png[/bold]")
@takes(FigureOptions)
def figure(options: FigureOptions) -> None:
    """Draw a map (kaart) as a picture, SVG or PNG, with title, legend, scale, north and sources."""
    form = _picture_format(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.figure", options.lang):
        snapshot, analysis, notes = answer(options, "figure")
        from layers.figures.analysis_map import figure_of
        from layers.figures.png import png_of

        content = figure_of(analysis, snapshot, notes, options.indicator)
        if form == "png":
            content = png_of(content)
    write_out(content, options.out, binary=form == "png")
    tell(notes, analysis)


def _picture_format(out: Path, given: str | None) -> str:
    """Format that was asked for, else that of the suffix; SVG for standard output."""
    form = given or ("svg" if out == STDOUT else out.suffix.lower().lstrip("."))
    if form not in PICTURES:
        raise MessageError("error.figure.format", value=form)
    return form
