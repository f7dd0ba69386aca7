"""The page of the method: what every figure is, how it is worked out, what it rests on, what limits it; and words."""

from __future__ import annotations

from typing import Any

import dash
from dash import html

from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from i18n.texts import has_text, text
from loaders.catalogue.columns import EVIDENCE, FLAGS
from loaders.catalogue.regions.levels import LEVELS
from loaders.catalogue.services import gap_reasons, services
from pages.explore.provenance import all_layers
from pages.method.entries import GROUPS, MethodEntry
from pages.request.input_kinds import fits
from pages.shell.context import current
from pages.shell.markup import attributes, sentence_case
from pages.shell.masthead import described
from pages.shell.page_frame import page_frame
from pages.shell.session_uploads import without_lost
from pages.shell.state import MODELS, State, read_state
from pages.shell.view_inputs import CHOICES, without_look

dash.register_page(__name__, path="/methode", **described("method"))  # type: ignore[no-untyped-call]


def words() -> dict[str, tuple[str, ...]]:
    """Words that the explorer uses, by kind; what each means stands in the texts ``<kind>.<word>.help``."""
    return {
        "reason": gap_reasons(),
        "flag": FLAGS,
        "evidence": EVIDENCE,
        "model": MODELS,
        "mode": tuple(DEFAULT_WITHIN_M),
        "demand": tuple(DEMAND_KINDS),
        "service": tuple(services()),
        "level": tuple(LEVELS),
    }


def layout(**values: Any) -> html.Div:
    """Page in the language of the address."""
    context = current()
    state = read_state(values, context.lang)
    state = without_lost(state) if fits(CHOICES, state.__dict__) else State(lang=state.lang)
    state = without_look(state, "plan", "against", "key")
    lang = state.lang
    return page_frame(
        state,
        "method",
        html.Main(
            [
                html.H1(text("method.page.title", lang)),
                html.P(text("method.page.lead", lang), className="lead"),
                html.P(text("method.page.letters", lang), className="method-letters"),
                *(_group(name, entries, lang) for name, entries in GROUPS.items()),
                *(_words(kind, known, lang) for kind, known in words().items()),
                html.Section(
                    [
                        html.H2(text("method.page.sources", lang)),
                        html.P(text("method.page.sources.lead", lang), className="part-lead"),
                        html.Div(
                            all_layers(context.snapshot, lang),
                            className="scroll",
                            tabIndex=0,
                            role="region",
                            **attributes(aria_label=text("method.page.sources", lang)),
                        ),
                    ],
                    className="part",
                    id="sources-of-all",
                ),
            ],
            className="data-main case-main method-main",
            id="method-answer",
        ),
        answer="method-answer",
        head=[_contents(lang)],
    )


def _contents(lang: str) -> html.Ul:
    links = [(f"group-{name}", text(f"method.group.{name}", lang)) for name in GROUPS]
    links += [(f"words-{kind}", text(f"method.words.{kind}", lang)) for kind in words()]
    links.append(("sources-of-all", text("method.page.sources", lang)))
    return html.Ul([html.Li(html.A(words_, href=f"#{anchor}")) for anchor, words_ in links], className="contents")


def _group(name: str, entries: tuple[MethodEntry, ...], lang: str) -> html.Section:
    title = html.H2(text(f"method.group.{name}", lang), id=f"group-{name}-title")
    return html.Section(
        [title, *(_entry(entry, lang) for entry in entries)],
        className="part",
        id=f"group-{name}",
        **attributes(aria_labelledby=f"group-{name}-title"),
    )


def _entry(entry: MethodEntry, lang: str) -> html.Article:
    unit = entry.unit(lang)
    told: list[tuple[str, Any]] = [
        (text("method.page.formula", lang), html.Code(entry.formula)),
        (text("method.page.cited", lang), entry.cited),
        (text("method.page.unit", lang), unit),
        (text("method.page.basis", lang), entry.basis(lang)),
        (
            text("method.page.limits", lang),
            html.Ul([html.Li(text(f"method.limit.{key}", lang)) for key in entry.limits]),
        ),
        (text("method.page.more", lang), html.Code(f"docs/method/{entry.page}.md")),
    ]
    return html.Article(
        [
            html.H3([entry.title(lang), html.Code(entry.name, className="method-name")]),
            html.P(entry.definition(lang)),
            html.Dl([part for name, value in told if value for part in (html.Dt(name), html.Dd(value))]),
        ],
        id=entry.name,
        className="method-entry",
        tabIndex=-1,
    )


def _words(kind: str, known: tuple[str, ...], lang: str) -> html.Section:
    """Words of a kind with what each means."""
    entries = [
        html.Div(
            [
                html.Dt([sentence_case(text(f"{kind}.{word}", lang)), html.Code(word, className="method-name")]),
                html.Dd(text(f"{kind}.{word}.help", lang) if has_text(f"{kind}.{word}.help") else ""),
            ],
            id=f"{kind}-{word}",
            tabIndex=-1,
            className="method-word",
        )
        for word in known
        if has_text(f"{kind}.{word}")
    ]
    title = html.H2(text(f"method.words.{kind}", lang), id=f"words-{kind}-title")
    return html.Section(
        [title, html.Dl(entries)],
        className="part",
        id=f"words-{kind}",
        **attributes(aria_labelledby=f"words-{kind}-title"),
    )
