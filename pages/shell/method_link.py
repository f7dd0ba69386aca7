"""The way from a term to what it means: links to the page of the method, each to the place of its term."""

from __future__ import annotations

from typing import Any

from dash import html

from i18n.texts import has_text, text
from pages.shell.markup import attributes
from pages.shell.state import State


def method_address(name: str, lang: str) -> str:
    """Address of a term: a column, measure or indicator, or a word with its kind before it, such as ``flag-merged``."""
    return f"methode{State(lang=lang).address().rstrip('?')}#{name}"


def term(name: str, words: str, lang: str) -> html.A:
    """A word that leads to what it means; whoever points at it reads its definition, where there is one."""
    help_ = next((f"{kind}.{name}.help" for kind in ("measure", "column") if has_text(f"{kind}.{name}.help")), "")
    more: dict[str, Any] = {"title": text(help_, lang)} if help_ else {}
    return html.A(words, href=method_address(name, lang), className="term", **more, **attributes(data_method=name))


def method_link(name: str, lang: str, about: str = "") -> html.A:
    """Link to a term; ``about`` tells those who hear the page what it is about."""
    more: list[Any] = [html.Span(f": {about}", className="only-read")] if about else []
    words: list[Any] = [text("method.link", lang), *more]
    return html.A(words, href=method_address(name, lang), className="method-link", **attributes(data_method=name))
