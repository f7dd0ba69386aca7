"""``nabij coverage``, ``gaps`` and ``map``: the answer to a question, as a table or on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commands.help import Commands
from commands.options import SETTINGS, Question, StrataOptions, busy, takes
from commands.question import answer, answer_by, tell
from layers.files.output import check_out, format_of, write_out

if TYPE_CHECKING:
    from layers.notes.notes import Kind

tables = Commands(**SETTINGS)


@tables.command(epilog="nabij coverage --service bureau --mode bike --out bureaus.xlsx")
@takes(StrataOptions)
def coverage(options: StrataOptions) -> None:
    """Write the table of all zones (alle gebieden): births within reach, distances, gaps."""
    _write_table(options, "coverage")


@tables.command(epilog="nabij gaps --service bureau --in care_region:boom --facilities documented --out boom.csv")
@takes(StrataOptions)
def gaps(options: StrataOptions) -> None:
    """Write only the zones with a gap (leemte), the most births out of reach first."""
    _write_table(options, "gaps")


@tables.command("map", epilog="nabij map --service house --out huizen.html")
@takes(Question)
def map_(options: Question) -> None:
    """Write a map (kaart) as one HTML file that works without network."""
    check_out(options.out)
    with busy("cli.busy.map", options.lang):
        snapshot, analysis, notes = answer(options, "map")
        from layers.maps.folium_map import standalone_map

        content = standalone_map(analysis, snapshot, notes).encode()
    write_out(content, options.out)
    tell(notes, analysis)


def _write_table(options: StrataOptions, kind: Kind) -> None:
    form = format_of(options.out, options.format)
    check_out(options.out)
    with busy("cli.busy.table", options.lang):
        if options.by is None:
            snapshot, analysis, notes = answer(options, kind)
            from coverage.indicators.cutoffs import with_cutoffs  # imported when the grid is read, see `answer`
            from coverage.indicators.measures import with_error

            table = with_cutoffs(with_error(analysis), analysis)
        else:
            snapshot, analysis, notes, table = answer_by(options, kind, options.by)
        from coverage.analysis import gaps as only_gaps
        from layers.files.export import holds_borders, table_file

        table = only_gaps(table) if kind == "gaps" else table
        query = analysis.query
        zones = snapshot.zones(query.level, query.vintage) if holds_borders(form) else None
        made = table_file(table, notes, form, zones)
    made.write(options.out)
    tell(notes, analysis)
