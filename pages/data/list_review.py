"""What is shown of a list that someone brings along: its first rows, its columns, and what becomes of every row."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from coverage.zones.territory import Territory
from i18n.texts import format_number, text
from layers.files.list_files import report_csv
from loaders.catalogue.services import services_in_words
from loaders.lists.facilities.facility_report import REFUSED, REPAIRED, FacilityReport, RowReport
from loaders.lists.list_preview import FIELDS, Preview
from loaders.lists.list_repair import RepairedList, corrected_csv
from loaders.lists.partitions.partition_file import PartitionReport
from pages.data.grid_words import grid_words
from pages.data.list_fixes import Fixes, complete_choice, picture_of, repair_panel, sheet_choice
from pages.shell.markup import icon, select_data, sentence_case

FINDINGS_SHOWN = 100
NO_FIELD = "-"
"""Value of a select whose column is not used: a select cannot hold an empty one."""


def first_look(preview: Preview, name: str, kind: str, lang: str) -> list[Any]:
    """First rows of a file, a choice per column of what it is, and room for what becomes of the rows."""
    unknown = sum(1 for field in preview.fields.values() if not field)
    summary = text("data.columns.unknown" if unknown else "data.columns.known", lang, n=unknown)
    return [
        html.H3([name, html.Span(text("data.rows", lang, n=preview.n_rows))]),
        sheet_choice(preview.sheets, lang),
        _grid(preview, lang),
        html.Details(
            [html.Summary(summary), html.Div(_columns(preview, kind, lang), className="columns")],
            open=bool(unknown),
            className="mapping",
        ),
        html.Div(id="list-outcome"),
    ]


def outcome(repaired: RepairedList, kind: str, lang: str, fixes: Fixes, territory: Territory) -> list[Any]:
    """What was found, what becomes of every row, what can be put right, and the button to use the list."""
    report = repaired.report
    of_places = report if isinstance(report, FacilityReport) else None
    return [
        html.Div(
            [
                html.Div([_verdict(report, kind, lang), _whole(report, lang)]),
                picture_of(of_places, territory.snapshot, lang) if of_places else None,
            ],
            className="found",
        ),
        repair_panel(repaired, kind, fixes, lang),
        _findings(report, lang),
        complete_choice(fixes, of_places, territory, lang) if of_places else None,
        html.Div(
            [
                html.Button(
                    [text(f"data.use.{kind}", lang), icon("arrow")],
                    id={"type": "list-use", "kind": kind},
                    className="primary-button",
                    type="button",
                    disabled=bool(report.n_refused) or not report.n_accepted,
                ),
                html.A(
                    [icon("download"), text("data.report", lang)],
                    href="data:text/csv;base64," + base64.b64encode(report_csv(report, lang)).decode(),
                    download=f"{Path(report.file).stem}-nabij.csv",
                    className="button",
                    id="list-report",
                ),
                html.A(
                    [icon("download"), text("data.corrected", lang)],
                    href="data:text/csv;base64," + base64.b64encode(corrected_csv(repaired.table)).decode(),
                    download=f"{Path(report.file).stem}-{text('data.corrected.file', lang)}.csv",
                    className="button",
                    id="list-corrected",
                ),
            ],
            className="use",
        ),
    ]


def _whole(report: RowReport, lang: str) -> Any:
    """What holds for the whole file: sheet, headers, what was read otherwise and what was not."""
    told = report.told(lang)
    whole = (told["row"] == 0) & (told["outcome"] == REPAIRED) & (told["message"] != "")
    lines = told[whole]["message"].head(FINDINGS_SHOWN)
    return html.Ul([html.Li(sentence_case(line)) for line in lines], className="found-lines") if len(lines) else None


def refusal(sentence: str, lang: str, remedy: Any = None) -> html.Div:
    """Say what is wrong with a file, and that what was in use stays so; with what puts it right here, if anything."""
    told = html.Div(
        [
            icon("warn"),
            html.Div([html.P(sentence), html.P(text("data.kept", lang), className="help")]),
        ],
        className="callout refusal",
        role="alert",
    )
    return told if remedy is None else html.Div([told, html.Div(remedy, className="fixes")])


def fields_of(chosen: list[str | None]) -> list[str]:
    """Field of every column, '' where it is not used."""
    return ["" if field in (None, NO_FIELD) else str(field) for field in chosen]


def _grid(preview: Preview, lang: str) -> dag.AgGrid:
    """First rows, as they stand in the file."""
    number = {"field": "row", "headerName": text("data.row", lang), "width": 64, "cellClass": "rank", "pinned": "left"}
    columns = [
        {"field": f"c{i}", "headerName": header, "minWidth": 90, "flex": 1, "tooltipField": f"c{i}"}
        for i, header in enumerate(preview.fields)
    ]
    rows = [{"row": row, **{f"c{i}": cell for i, cell in enumerate(cells)}} for row, cells in preview.rows]
    return dag.AgGrid(
        id="list-preview",
        columnDefs=[number, *columns],
        rowData=rows,
        dashGridOptions={
            "theme": {"function": "nabijTheme(themeQuartz)"},
            "localeText": grid_words(lang),
            "domLayout": "autoHeight",
            "rowHeight": 28,
            "headerHeight": 32,
            "animateRows": False,
        },
        defaultColDef={"sortable": False, "resizable": True, "suppressMovable": True},
        className="grid preview",
        dangerously_allow_code=False,
        style={"height": None},
    )


def field_name(field: str, lang: str) -> str:
    """What a field of a list is called."""
    return text(f"lists.field.{field}", lang, known=services_in_words(lang))


def _columns(preview: Preview, kind: str, lang: str) -> list[Any]:
    """A choice per column of what it is."""
    fields = list(dict.fromkeys(FIELDS[kind].values()))
    options = select_data(
        [NO_FIELD, *fields], [text("data.column.none", lang), *[field_name(field, lang) for field in fields]]
    )
    return [
        html.Div(
            dmc.Select(
                id={"type": "list-column", "at": at},
                label=header,
                value=field or NO_FIELD,
                data=options,
                allowDeselect=False,
                withCheckIcon=False,
                size="xs",
            ),
            className="column unknown" if not field else "column",
        )
        for at, (header, field) in enumerate(preview.fields.items())
    ]


def _verdict(report: RowReport, kind: str, lang: str) -> html.Div:
    """How many rows were accepted, repaired and refused, and what that means for the list."""
    counts = (
        ("accepted", report.n_accepted - report.n_repaired),
        ("repaired", report.n_repaired),
        ("refused", report.n_refused),
    )
    key = "data.verdict.refused" if report.n_refused else f"data.verdict.{kind}"
    zones = report.zones if isinstance(report, PartitionReport) else None
    compared = report.compared if isinstance(report, FacilityReport) else True
    return html.Div(
        [
            html.Ul(
                [
                    html.Li(
                        [html.Strong(format_number(n, lang)), f" {text(f'lists.outcome.{outcome}', lang)}"],
                        className=f"count {outcome}" if n else "count none",
                    )
                    for outcome, n in counts
                ],
                className="counts",
            ),
            html.P(text(key, lang, n=0 if zones is None else len(zones))),
            None if compared else html.P(text("data.not_compared", lang), className="help"),
        ],
        className="list-verdict",
    )


def _findings(report: RowReport, lang: str) -> html.Table | None:
    """Every row with something to tell, the refused ones first."""
    notes = report.told(lang)
    told = notes[(notes["message"] != "") & ~((notes["row"] == 0) & (notes["outcome"] == REPAIRED))]
    told = told.sort_values("outcome", key=lambda outcome: outcome != REFUSED, kind="stable")
    if told.empty:
        return None
    rows = [
        html.Tr(
            [
                html.Td(str(row) if row else "", className="number"),
                html.Td(text(f"lists.outcome.{outcome}", lang), className=f"outcome {outcome}"),
                html.Td(sentence_case(message)),
            ]
        )
        for row, outcome, message in told[["row", "outcome", "message"]].head(FINDINGS_SHOWN).itertuples(index=False)
    ]
    more = len(told) - FINDINGS_SHOWN
    if more > 0:
        rows.append(html.Tr([html.Td(), html.Td(), html.Td(text("data.more", lang, n=more), className="help")]))
    heads = [html.Th(text(f"data.{name}", lang), scope="col") for name in ("row", "outcome", "message")]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="layers-table findings")
