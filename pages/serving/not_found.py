"""What an address gets at which there is no page: status 404, and a page that says so without a script."""

from __future__ import annotations

from html import escape
from typing import Any

import dash
import flask
from dash import _pages

from i18n.texts import text
from pages.serving.refusal import reader_language

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
<link rel="stylesheet" href="{shell}">
<link rel="icon" href="{icon}">
</head>
<body>
<main class="lost">
<h1>{said}</h1>
<p><a href="{home}">{way_home}</a></p>
<p>{help}</p>
</main>
</body>
</html>
"""


def is_page(path: str) -> bool:
    """Whether a page has this address."""
    page = page_of(path)
    return bool(page) and not page["module"].endswith("not_found_404")


def page_of(path: str) -> dict[str, Any]:
    """What is registered of the page at an address; nothing where there is none."""
    page: dict[str, Any] = _pages._path_to_page(path.strip("/"))[0]  # type: ignore[no-untyped-call]
    return page


def answer(default: str) -> flask.Response:
    """Return the page that says that there is none, in the reader's language."""
    request = flask.request
    headers = {"ACCEPT_LANGUAGE": request.headers.get("Accept-Language", "")}
    lang = reader_language(request.query_string.decode("latin-1"), headers, default)
    words = {
        "lang": lang,
        "title": text("app.title", lang),
        "style": dash.get_asset_url("css/10-base.css"),  # type: ignore[no-untyped-call]
        "shell": dash.get_asset_url("css/20-shell.css"),  # type: ignore[no-untyped-call]
        "icon": dash.get_asset_url("favicon.ico"),  # type: ignore[no-untyped-call]
        "home": f"{dash.get_relative_path('/')}?lang={lang}",  # type: ignore[no-untyped-call]
        "said": text("app.not_found", lang),
        "way_home": text("app.home", lang),
        "help": text("serving.page_not_there", lang),
    }
    return flask.Response(_PAGE.format(**{name: escape(word) for name, word in words.items()}), 404)
