"""Which language the reader of an answer reads: that of the page it is for, or what the browser prefers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask

from i18n.texts import LANGUAGES
from pages.shell.context import live


def reader() -> str:
    """Return the language of whoever sent the present request.

    That of the question that a page asks; else the one that the address names; else that of the page it was asked
    from; else the first that the browser prefers and we have; else that of the explorer.
    """
    request = flask.request
    named = (flask.g.get("nabij_lang"), request.args.get("lang"), _of_page())
    known = [lang for lang in named if lang in LANGUAGES]
    return known[0] if known else request.accept_languages.best_match(LANGUAGES) or live().lang


def page_language() -> str:
    """Return the language of the page that is asked for: that of its address, else that of the explorer."""
    named = (flask.g.get("nabij_lang"), flask.request.args.get("lang"))
    return next((lang for lang in named if lang in LANGUAGES), live().lang)


def asked_in(values: Iterable[Any]) -> None:
    """Keep the language of a question for the rest of the request, given the values that a page sent with it."""
    flask.g.nabij_lang = next((lang for lang in map(_of_value, values) if lang in LANGUAGES), None)


def _of_value(value: Any) -> str | None:
    """Language of the choices of a view, of a view, or of an address."""
    if isinstance(value, str) and value.startswith("?"):
        return _of_query(value[1:])
    if not isinstance(value, dict):
        return None
    key = value.get("key")
    lang = (key if isinstance(key, dict) else value).get("lang")
    return lang if isinstance(lang, str) else None


def _of_page() -> str | None:
    """Language of the page of ours from which the request was sent; a page that names none has that of the explorer."""
    try:
        page = urlsplit(flask.request.headers.get("Referer", ""))
    except ValueError:
        return None
    if not page.netloc or page.netloc != flask.request.headers.get("Host"):
        return None
    return _of_query(page.query) or live().lang


def _of_query(query: str) -> str | None:
    try:
        named = parse_qs(query, max_num_fields=200).get("lang", [])
    except ValueError:
        return None
    return named[0] if named else None
