"""The page for an address that does not exist."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from i18n.texts import text
from pages.shell.reader import reader

dash.register_page(__name__, title="nabij")  # type: ignore[no-untyped-call]


def layout(**_values: Any) -> html.Main:
    """Say so, and show the way back."""
    lang = reader()
    return html.Main([html.H1(text("app.not_found", lang)), html.A(text("app.home", lang), href="?")], className="lost")
