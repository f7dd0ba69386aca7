"""What a small screen has beside the page: a bar to go from the choices to the map, the table and the comparison.

A wide screen shows all parts at once and none of this; the style sheet decides (``assets/css/80-small.css``).
"""

from __future__ import annotations

from dash import html

from i18n.texts import text
from pages.shell.markup import attributes, icon

PARTS = ("choices", "map", "table")
"""Parts of the page of which a small screen shows one at a time."""


def part_bar(lang: str, first: str = "choices") -> html.Nav:
    """Build the bar at the foot of a small screen; ``first`` names the texts of the part in the sidebar."""
    return html.Nav(
        [
            html.Button(
                [icon(f"part-{part}"), html.Span(text(f"part.{first if part == PARTS[0] else part}", lang))],
                id=f"part-{part}",
                className="part-button",
                type="button",
                **attributes(data_part=part, aria_pressed="true" if part == "map" else "false"),
            )
            for part in PARTS
        ],
        className="part-bar",
        **attributes(aria_label=text("part.bar", lang)),
    )


def unfold_button(name: str, lang: str) -> html.Button:
    """Build the button that opens and closes a card of the map on a small screen: ``layers`` or ``legend``."""
    return html.Button(
        icon("layers" if name == "layers" else "chevron"),
        id=f"{name}-fold",
        className=f"icon-button small-only {name}-fold",
        type="button",
        title=text(f"part.{name}", lang),
        **attributes(data_unfold=name, aria_label=text(f"part.{name}", lang), aria_expanded="false"),
    )
