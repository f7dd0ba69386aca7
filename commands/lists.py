"""``nabij data check`` and ``nabij data template``: lists of places and own zones that people bring along."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.data import data
from commands.options import WHAT, ColumnMap, Common, Constants, Geocode, Sheet, option, takes
from i18n.messages import MessageError
from i18n.texts import text
from layers.files.output import check_out, write_out

if TYPE_CHECKING:
    from loaders.lists.facilities.facility_report import RowReport

Kind = Annotated[
    str,
    option("--kind", "places|zones", WHAT, "help.kind"),
]


@dataclass(frozen=True, kw_only=True)
class CheckOptions(Common):
    """Options of ``nabij data check``."""

    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="help.data_check_file"),
    ]
    kind: Kind = "places"
    columns: ColumnMap = None
    constants: Constants = None
    sheet: Sheet = ""
    geocode: Geocode = False
    out: Annotated[
        Path | None,
        option("--out", "FILE", None, "help.data_check_out"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class TemplateOptions(Common):
    """Options of ``nabij data template``."""

    kind: Kind = "places"
    out: Annotated[Path, option("--out", "FILE", None, "help.data_template_out")]


@data.command("check", epilog="nabij data check places.xlsx --out report.csv")
@takes(CheckOptions)
def check(options: CheckOptions) -> None:
    """Check a list of places or own zones row by row (nakijken): accepted, repaired or refused, and why."""
    from layers.files.list_files import report_csv

    if options.out:
        check_out(options.out)
    report = _report(options)
    for row, outcome, message in report.told(options.lang)[["row", "outcome", "message"]].itertuples(index=False):
        if message and options.out is None:
            where = text("cli.row", options.lang, row=row) if row else report.file
            typer.echo(f"{where}: {text(f'lists.outcome.{outcome}', options.lang)}: {message}")
    if options.out:
        write_out(report_csv(report, options.lang), options.out)
    counts = {"n": report.n_rows, "accepted": report.n_accepted, "repaired": report.n_repaired}
    typer.echo(text("lists.summary", options.lang, refused=report.n_refused, **counts), err=True)
    if report.n_refused:
        raise typer.Exit(1)


def _report(options: CheckOptions) -> RowReport:
    """Read the list as what it is said to be."""
    from layers.files.list_files import KINDS
    from loaders.lists.facilities.facility_file import read_facility_file
    from loaders.lists.partitions.partition_file import read_partition_file
    from loaders.lists.raw_table import ListOptions
    from loaders.live.address_service import address_service
    from loaders.protocols.column_matching import parse_constants, parse_mapping

    if options.kind not in KINDS:
        raise MessageError("error.command.list_kind", kind=str(options.kind), known=", ".join(KINDS))
    asked = ListOptions(parse_mapping(options.columns or ()), parse_constants(options.constants or ()), options.sheet)
    snapshot = options.open_snapshot()
    if options.kind == "zones":
        return read_partition_file(options.file, snapshot, options=asked)
    with address_service(options.geocode) as locate:
        return read_facility_file(options.file, snapshot, options=asked, locate=locate)


@data.command("template", epilog="nabij data template --kind zones --out zones.xlsx")
@takes(TemplateOptions)
def template(options: TemplateOptions) -> None:
    """Write an example of a list of places or own zones (sjabloon), to fill in."""
    from layers.files.list_files import template as template_of
    from layers.files.output import STDOUT

    form = "csv" if options.out == STDOUT else options.out.suffix.lower().lstrip(".")
    content = template_of(options.kind, form)
    write_out(content, options.out, binary=form == "xlsx")
