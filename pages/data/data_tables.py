"""Tables of the data page: the sets of places with their counts, and every source of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash import html

from i18n.texts import format_number, text
from layers.notes.notes import resource_title
from loaders.catalogue.facilities import Facilities
from loaders.catalogue.publishers.source_words import source_word
from loaders.catalogue.publishers.sources import LOADER_OF, SOURCES, Source
from loaders.catalogue.regions.levels import OWN
from loaders.catalogue.services import services
from loaders.snapshot.facility_sets import held_sets
from loaders.snapshot.reader import Snapshot
from pages.shell.context import Context
from pages.shell.made_up import stamp
from pages.shell.markup import attributes, sentence_case
from pages.shell.session_uploads import uploads
from pages.shell.state import OWN_PLACES, State

_REFRESH = "nabij data refresh "
_NOW = "now"
"""Vintage of a source that is fetched when asked for."""


def sets_table(context: Context, state: State) -> html.Div:
    """Sets of places at hand, the one in use marked, and the user's own zones where there are any."""
    lang = state.lang
    names = [*([OWN_PLACES] if state.places else []), *held_sets(context.snapshot)]
    rows = [_set_row(context.facilities(name), name, state) for name in names]
    counted = [name for service in services().values() for name in (service.id, *["walk_in"] * service.walk_in)]
    heads = ("set", *counted, "known", "in_use")
    table = plain_table([text(f"data.sets.{head}", lang) for head in heads], rows, "sets-table")
    zones = uploads().zones(state.zones)
    if zones is None:
        return html.Div(table)
    own = text("data.own_zones", lang, file=zones.name, n=len(zones.zones), vintage=zones.vintage)
    link = html.A(text("data.own_zones.show", lang), href="./" + state.address(level=OWN, areas="", zone=""))
    return html.Div([table, html.P([own, " ", link], className="own-zones")])


def _set_row(facilities: Facilities, name: str, state: State) -> html.Tr:
    lang = state.lang
    in_use = name == state.facilities
    title: list[Any] = [html.Strong(text(f"data.set.{name}", lang))]
    if name == OWN_PLACES:
        title.append(html.Span(facilities.sources[0], className="help"))
    title.append(stamp(lang, facilities.evidence))
    use: Any = html.Span(text("data.sets.used", lang), className="used")
    if not in_use:
        use = html.A(text("data.sets.use", lang), href="./" + state.address(facilities=name, zone=""))
    return html.Tr(
        [
            html.Th(title, scope="row"),
            *(html.Td(format_number(count, lang), className="number") for count in _counts(facilities)),
            html.Td(text(f"data.set.{name}.known", lang)),
            html.Td(use),
        ],
        className="in-use" if in_use else None,
    )


def _counts(facilities: Facilities) -> Iterator[int]:
    """Per service its places, or its partnerships, and how many places of these families can walk into."""
    for service in services().values():
        frame = facilities.of_service(service.id).frame
        yield int(frame["house_id"].fillna(frame["id"]).nunique()) if service.partnerships else len(frame)
        if service.walk_in:
            yield int(frame["physical"].fillna(False).sum())


def sources_table(snapshot: Snapshot, lang: str) -> html.Div:
    """Every source of the catalogue, those that the snapshot rests on first."""
    feeds = _feeds(snapshot, lang)
    order = sorted(SOURCES.values(), key=lambda source: source.id not in feeds)
    heads = [text(f"data.sources.{name}", lang) for name in ("title", "vintage", "licence", "rhythm", "feeds")]
    return plain_table(heads, [_source_row(source, snapshot, feeds, lang) for source in order], "sources-table")


def _source_row(source: Source, snapshot: Snapshot, feeds: dict[str, list[str]], lang: str) -> html.Tr:
    title: Any = source.title(lang)
    if source.landing_page:
        title = html.A(title, href=source.landing_page, target="_blank", rel="noopener noreferrer")
    known = snapshot.sources.get(source.id)
    vintage = str(known["vintage"]) if known else source.vintage
    live = source.live
    refreshed = source.id in LOADER_OF  # what is asked for as it is needed has nothing to refresh
    rhythm = text(f"rhythm.{live.rhythm}", lang) if live else text("data.sources.fixed", lang)
    fed = feeds.get(source.id) or _titles(live.resources if live else (), lang)
    return html.Tr(
        [
            html.Th([title, html.Span(source_word(source.publisher, lang), className="help")], scope="row"),
            html.Td(text("data.sources.now", lang) if vintage == _NOW else source_word(vintage, lang)),
            html.Td(source_word(source.licence, lang)),
            html.Td([rhythm, html.Code(_REFRESH + LOADER_OF[source.id], className="help")] if refreshed else rhythm),
            html.Td(sentence_case("; ".join(fed))),
        ],
        id=f"source-{source.id}",
    )


def _feeds(snapshot: Snapshot, lang: str) -> dict[str, list[str]]:
    """Titles of what rests on each source."""
    names: dict[str, list[str]] = {}
    for name, resource in snapshot.resources.items():
        for source in resource["sources"]:
            names.setdefault(str(source), []).append(name)
    return {source: _titles(resources, lang) for source, resources in names.items()}


def _titles(resources: Any, lang: str) -> list[str]:
    return list(dict.fromkeys(resource_title(str(name), lang) for name in resources))


def plain_table(heads: list[str], rows: list[html.Tr], name: str) -> html.Div:
    """Build a table with headers, in a region of its own that can be moved through."""
    head = html.Thead(html.Tr([html.Th(sentence_case(title), scope="col") for title in heads]))
    return html.Div(
        html.Table([head, html.Tbody(rows)], className=f"layers-table {name}"),
        className="scroll",
        tabIndex=0,
        role="region",
        **attributes(aria_label=heads[0]),
    )
