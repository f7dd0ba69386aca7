"""Provenance: for every layer its source, vintage and licence, and how to make the table again."""

from __future__ import annotations

from typing import Any

from dash import html

from i18n.texts import text
from layers.notes.notes import Notes, inventory
from loaders.snapshot.reader import Snapshot
from pages.shell.markup import sentence_case


def in_view(notes: Notes) -> list[Any]:
    """What the present view rests on: question, caveats, sources and the command that makes it again."""
    lang = notes.lang
    return [
        html.H3(text("sources.now", lang)),
        html.P(notes.question),
        html.P([html.Strong(notes.warning)], className="callout warn") if notes.warning else None,
        html.Ul([html.Li(caveat) for caveat in notes.caveats], className="dots"),
        html.H3(text("sources.title", lang)),
        html.Dl(
            [
                item
                for source in notes.sources
                for item in (
                    html.Dt(source.title),
                    html.Dd(" · ".join(p for p in (source.publisher, source.vintage, source.licence) if p)),
                )
            ],
            className="citations",
        ),
        html.H3(text("sources.command", lang)),
        html.Pre(notes.command, className="command", tabIndex=0),
        html.P(text("sources.snapshot", lang, hash=notes.snapshot[:12]), className="help"),
    ]


def all_layers(snapshot: Snapshot, lang: str) -> html.Details:
    """Every layer of the snapshot with vintage, source and licence."""
    table = inventory(snapshot, lang)
    head, *rows = [[row[i] for i in _SHOWN] for row in table]
    names = [html.Code(row[0], className="help") for row in table[1:]]
    return html.Details(
        [
            html.Summary(text("sources.all", lang)),
            html.Table(
                [
                    html.Thead(html.Tr([html.Th(sentence_case(title)) for title in head])),
                    html.Tbody(
                        [
                            html.Tr([html.Td([row[0], name]), *(html.Td(cell) for cell in row[1:])])
                            for name, row in zip(names, rows, strict=True)
                        ]
                    ),
                ],
                className="layers-table",
            ),
        ],
        className="all-layers",
    )


_SHOWN = (1, 2, 5, 6)
"""Columns of the inventory shown: content, with its name below it, year, source, licence."""
