"""What a page with linked maps consists of: choices on top, an answer in words, the maps, tables below them."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from i18n.texts import text
from pages.shell.frame.page_frame import page_frame
from pages.shell.markup import attributes
from pages.shell.state import State


def maps_page(
    name: str,
    state: State,
    form: Component,
    maps: Component,
    *,
    asked: dict[str, str],
    tag: str,
    beside: str,
) -> html.Div:
    """Lay out a page with linked maps.

    Parameters
    ----------
    name : of the page, as in its texts (``<name>.page.title``) and in the ids of what its callbacks fill
    state : question of the page, for the links to the other pages
    form, maps : the choices, and the frames that the scripts draw in
    asked : choices as the page opens with them
    tag : figures that the page shows
    beside : what its address holds besides the state
    """
    return page_frame(
        state,
        name,
        html.Main(
            [
                html.H1(text(f"{name}.page.title", state.lang)),
                html.P(text(f"{name}.page.lead", state.lang), className="lead"),
                form,
                html.Div(id=f"{name}-answer", className="compare-answer", **attributes(aria_live="polite")),
                maps,
                html.Div(id=f"{name}-tables"),
            ],
            className="data-main compare-main",
        ),
        answer=f"{name}-answer",
        hidden=[
            dcc.Store(id=f"{name}-asked", data=asked),
            dcc.Store(id=f"{name}-view"),
            dcc.Store(id="snapshot", data=tag),
            dcc.Download(id=f"{name}-file"),
        ],
        more=beside,
    )


def map_frame(name: str, label: str, kind: str = "") -> html.Div:
    """Build the frame of one map, which the scripts fill.

    Parameters
    ----------
    name : of the map, as in the ids of its title and of the map itself
    label : what is read out in place of the map
    kind : class of the frame beside the usual one
    """
    return html.Div(
        [
            html.Div(id=f"pair-title-{name}", className="pair-title"),
            html.Div(html.Div(id=f"pair-{name}", className="pair-map"), role="region", **attributes(aria_label=label)),
        ],
        className=f"pair-frame {kind}".strip(),
    )
