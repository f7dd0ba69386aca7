"""``nabij survey`` and ``nabij known``: what others published, and what is documented of a year, beside our figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from commands.help import Commands
from commands.options import SETTINGS, WHAT, WHERE, Common, Out, TableFormat, busy, option, takes
from commands.question import warn
from layers.files.output import check_out, flat, format_of

context = Commands(**SETTINGS)


@dataclass(frozen=True, kw_only=True)
class SurveyOptions(Common):
    """Options of ``nabij survey``."""

    out: Out
    facilities: Annotated[
        str | None,
        option("--facilities", "register|illustrative|documented|FILE", WHAT, "help.survey_facilities"),
    ] = None
    format: TableFormat = None


@dataclass(frozen=True, kw_only=True)
class KnownOptions(Common):
    """Options of ``nabij known``."""

    out: Out
    service: Annotated[str, option("--service", "bureau|house|ID", WHAT, "help.known_service")] = ""
    year: Annotated[int | None, option("--year", "YEAR", WHAT, "help.known_year")] = None
    whole: Annotated[bool, option("--whole", "", WHERE, "help.known_whole")] = False
    format: TableFormat = None


@context.command(epilog="nabij survey --out peiling.csv")
@takes(SurveyOptions)
def survey(options: SurveyOptions) -> None:
    """Write what surveys of the houses published (peiling), beside what the list in use holds, and why they differ."""
    form = flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.partnerships.survey import survey_comparison
        from layers.files.export import table_file
        from layers.notes.overlap_notes import describe_survey
        from loaders.lists.facilities.facility_choice import load_facilities
        from loaders.snapshot.facility_sets import held_sets

        snapshot = options.open_snapshot()
        facilities = load_facilities(snapshot, options.facilities or held_sets(snapshot)[0])
        table = survey_comparison(snapshot, facilities)
        notes = describe_survey(table, facilities, snapshot, options.lang)
        made = table_file(table, notes, form)
    made.write(options.out)
    warn(notes)
    typer.echo(notes.question, err=True)


@context.command(epilog="nabij known --service house --year 2018 --out bekend.csv")
@takes(KnownOptions)
def known(options: KnownOptions) -> None:
    """Write which places are documented in every year (bekend), by municipality; of the others nothing is said."""
    form = flat(format_of(options.out, options.format))
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        from coverage.zones.known_places import dated_facts, known_places
        from layers.files.export import table_file
        from layers.notes.access_notes import describe_known

        snapshot = options.open_snapshot()
        table = known_places(snapshot, options.service, options.year, whole=options.whole)
        asked = {"--service": options.service, "--year": options.year, "--whole": options.whole}
        notes = describe_known(dated_facts(snapshot), snapshot, asked, options.lang)
        made = table_file(table, notes, form)
    made.write(options.out)
    warn(notes)
    typer.echo(notes.question, err=True)
