"""Fields of a form that works as forms do: a label, and a list to choose from or a field to type in."""

from __future__ import annotations

from typing import Any

from dash import html


def option(value: str, words: str, chosen: str) -> html.Option:
    """One choice of a list; ``chosen`` is the value that the page opens with."""
    return html.Option(words, value=value, selected="selected" if value == chosen else None)


def labelled(name: str, words: str, control: Any, kind: str = "") -> html.Div:
    """Control with the id ``name`` below its label."""
    return html.Div([html.Label(words, htmlFor=name), control], className=f"case-field {kind}".strip())
