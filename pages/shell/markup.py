"""Small helpers for building the page."""

from __future__ import annotations

from typing import Any

from dash import html


def attributes(**values: str) -> dict[str, Any]:
    """Attributes with a hyphen: ``aria_label="x"`` becomes ``{"aria-label": "x"}``."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def icon(name: str) -> html.Span:
    """Picture from the style sheet that takes the colour of the text around it."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))


def two_words(words: str, then: str, name: str = "") -> list[html.Span]:
    """Words of a button, those it has once it is clicked, and, for a screen reader, what it is about."""
    first: Any = [words, html.Span(f": {name}", className="only-read")] if name else words
    return [html.Span(first, className="words-first"), html.Span(then, className="words-then")]


def select_data(values: list[str], texts: list[str]) -> list[dict[str, str]]:
    """Options of a select."""
    return [{"value": value, "label": label} for value, label in zip(values, texts, strict=True)]


def sentence_case(words: str) -> str:
    """Text with a capital at its start."""
    return words[:1].upper() + words[1:]


def emphasised(sentence: str) -> list[Any]:
    """Sentence with what stands between ``**`` in strong type."""
    parts = sentence.split("**")
    return [html.Strong(part) if i % 2 else part for i, part in enumerate(parts) if part]


def section(title: str, *content: Any, name: str = "") -> html.Section:
    """Part of a sheet under its own title."""
    return html.Section([html.H3(title), *content], className=f"sheet-section {name}".strip())


def file_buttons(words: dict[str, str], **named: str) -> html.P:
    """Buttons that ask for a file, one a form.

    Parameters
    ----------
    words : of every form
    named : what else stands in the id of a button: its ``type``, and what the file is of
    """
    return html.P(
        [
            html.Button(
                [icon("download"), html.Span(told)], id={**named, "form": form}, className="button", type="button"
            )
            for form, told in words.items()
        ],
        className="compare-files",
    )


def option(value: str, words: str, chosen: str) -> html.Option:
    """One choice of a list; ``chosen`` is the value that the page opens with."""
    return html.Option(words, value=value, selected="selected" if value == chosen else None)


def labelled(name: str, words: str, control: Any, kind: str = "") -> html.Div:
    """Control with the id ``name`` below its label."""
    return html.Div([html.Label(words, htmlFor=name), control], className=f"case-field {kind}".strip())
