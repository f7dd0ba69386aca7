"""Births and ages per municipality as Statbel publishes them, found by the page or the year in their address."""

from __future__ import annotations

from i18n.messages import Note, Word
from loaders.catalogue.publishers.sources import live_of
from loaders.http.answer import file_name
from loaders.live.newest import get_newest
from loaders.parsers.ages import STORED_VINTAGES, parse_ages
from loaders.parsers.births import parse_births
from loaders.pipeline.update import Origin, RefreshContext, RefreshedResource, Update
from loaders.protocols.services import links


def load_births(context: RefreshContext) -> Update:
    """Births of all years of the workbook that Statbel's page links."""
    address = context.address("births")
    answer = links.follow(
        context.client, address, live_of("births").link, Word("error.live.file.births"), "zip", ("text",)
    )
    series = parse_births(answer.data, context.snapshot.table("municipality_codes"), file_name(answer.url))
    years = sorted(series.vintages)
    vintage = f"{years[0]}–{years[-1]}"
    return Update(
        "births",
        vintage,
        (RefreshedResource("births", series.frame, ("year",), vintage, ("births",)),),
        tuple(series.notes()),
        (Origin.of(answer),),
    )


def load_ages(context: RefreshContext) -> Update:
    """Population by age of the newest year, or of the year asked for."""
    answer = get_newest(context, "ages", ("text",))
    ages = parse_ages(answer.data, context.snapshot.table("municipality_codes"), file_name(answer.url))
    notes = []
    if ages.vintage > STORED_VINTAGES[0]:
        told = {"year": str(ages.year), "vintage": str(ages.vintage), "older": str(STORED_VINTAGES[0])}
        notes.append(Note("note.ages_vintage", **told))
    change = RefreshedResource("ages", ages.frame, ("vintage", "year"), str(ages.year), ("ages",))
    return Update("ages", str(ages.year), (change,), tuple(notes), (Origin.of(answer),))
