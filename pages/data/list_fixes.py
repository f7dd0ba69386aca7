"""Repairs in the explorer to a list that someone brings along: what can be put right here, and what was chosen."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from coverage.zones.complete import areas_around, names_of
from coverage.zones.territory import Territory
from i18n.errors import NabijError
from i18n.texts import text
from layers.maps.list_picture import list_picture
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.regions.systems import likely_systems
from loaders.catalogue.services import services
from loaders.lists.facilities.facility_report import FacilityReport
from loaders.lists.list_repair import RepairedList, Repairs
from loaders.snapshot.reader import Snapshot
from pages.data.grid_words import grid_words
from pages.shell.markup import attributes, icon, select_data

FIXES = ("swap", "skip")
"""Repairs that a button makes, and unmakes."""

CONSTANTS = ("service", "crs", "vintage")
"""Fields that can be set for all rows."""

SET_FIELDS = (*CONSTANTS, "sheet", "complete")
SYSTEMS = ("3812", "3857", "32631", "3035")
EVERYWHERE = "all"
NOT_SET = "-"
MAX_EDITED = 500
ROWS_SHOWN = 50
LONGEST_CELL = 1_000
Fixes = Mapping[str, Any]


def repairs_of(fixes: Fixes) -> Repairs:
    """What was chosen, as the reader of lists takes it."""
    cells: dict[int, dict[int, str]] = {}
    for row, column, value in fixes.get("cells", []):
        cells.setdefault(int(row), {})[int(column)] = str(value)
    constants = {name: str(fixes[name]) for name in CONSTANTS if fixes.get(name)}
    return Repairs(str(fixes.get("sheet", "")), constants, cells, bool(fixes.get("swap")), bool(fixes.get("skip")))


def with_fix(
    fixes: dict[str, Any],
    by: Mapping[str, Any],
    clicks: list[int | None],
    chosen: Mapping[str, str | None],
    edited: list[Any],
) -> dict[str, Any]:
    """What was chosen, with the newest choice in it.

    Parameters
    ----------
    fixes : before
    by : id of the component that changed
    clicks : of the buttons; one that has just come has none
    chosen : value by field
    edited : changes of cells, by grid
    """
    after = dict(fixes)
    if by.get("type") == "list-fix" and any(clicks) and by.get("what") in FIXES:
        after[by["what"]] = not fixes.get(by["what"])
    elif by.get("type") == "list-set" and by.get("field") in SET_FIELDS:
        value = chosen.get(str(by["field"])) or ""
        after[by["field"]] = "" if value == NOT_SET else value
        if not after[by["field"]] and by["field"] not in fixes:
            del after[by["field"]]
    elif by.get("type") == "list-rows":
        cells = {(row, column): value for row, column, value in fixes.get("cells", [])}
        for change in (one for many in edited for one in many or []):
            cells[int(change["data"]["row"]), int(str(change["colId"])[1:])] = str(change.get("value") or "")
        after["cells"] = [[row, column, value] for (row, column), value in cells.items()][:MAX_EDITED]
    return after


def lacking(sentence: str, missing: list[str], fixes: Fixes, lang: str) -> html.Div:
    """Say what is lacking; a service can be set for all rows."""
    return html.Div(
        [
            html.Div([icon("warn"), html.P(sentence)], className="callout refusal", role="alert"),
            html.Div(_service(fixes, lang), className="fixes") if "service" in missing else None,
        ]
    )


def _service(fixes: Fixes, lang: str) -> Any:
    names = list(services())
    shown = [text("data.set.none", lang), *(text(f"service.{name}", lang) for name in names)]
    return _select("service", [NOT_SET, *names], shown, fixes, lang)


def _select(field: str, values: list[str], names: list[str], fixes: Fixes, lang: str, value: str = "") -> dmc.Select:
    return dmc.Select(
        id={"type": "list-set", "field": field},
        label=text(f"data.set.{field}", lang),
        value=value or str(fixes.get(field) or values[0]),
        data=select_data(values, names),
        allowDeselect=False,
        withCheckIcon=False,
        size="sm",
    )


def system_choice(error: NabijError, lang: str) -> Any:
    """Choice of the coordinate system of a map that does not say it, the likeliest first; None for any other fault."""
    key = str(getattr(error.message, "key", ""))
    if not key.startswith("error.list.no_crs"):
        return None
    known = {str(code): str(name) for code, name, *_ in likely_systems()}
    likely = str(getattr(error.message, "values", {}).get("code", ""))
    codes = list(dict.fromkeys([*filter(known.get, [likely]), *known]))
    names = [text("data.set.choose", lang), *(f"{known[code]} (EPSG:{code})" for code in codes)]
    return _select("crs", [NOT_SET, *codes], names, {}, lang)


def sheet_choice(sheets: tuple[tuple[str, ...], tuple[str, ...]], lang: str) -> Any:
    """Choice of the sheet or layer, where there are several."""
    every, read = sheets
    if len(every) < 2:
        return None
    value = read[0] if len(read) == 1 else NOT_SET
    values = [*([NOT_SET] if len(read) > 1 else []), *every]
    names = [*([", ".join(read)] if len(read) > 1 else []), *every]
    return html.Div(_select("sheet", values, names, {}, lang, value), className="fixes")


def repair_panel(repaired: RepairedList, kind: str, fixes: Fixes, lang: str) -> html.Div | None:
    """Everything that can be put right here; None where nothing has to be."""
    keys = repaired.keys
    parts: list[Any] = []
    if repaired.exchanged:
        parts.append(_button("swap", len(repaired.exchanged), bool(fixes.get("swap")), lang))
    if kind == "places" and ("no_service" in keys or "unknown_service" in keys or fixes.get("service")):
        parts.append(_service(fixes, lang))
    if "other_system" in keys or fixes.get("crs"):
        named = keys["other_system"].values.get("code") if "other_system" in keys else fixes.get("crs")
        values = [NOT_SET, *dict.fromkeys([str(named), *SYSTEMS])]
        parts.append(_select("crs", values, [region().crs.storage, *(f"EPSG:{v}" for v in values[1:])], fixes, lang))
    if "merged" in keys or fixes.get("vintage"):
        values = [NOT_SET, *(str(year) for year in reversed(region().vintages.held[:-1]))]
        parts.append(_select("vintage", values, [text("data.set.none", lang), *values[1:]], fixes, lang))
    if repaired.refused:
        parts.append(_button("skip", len(repaired.refused), bool(fixes.get("skip")), lang))
    if not parts:
        return None
    title = html.H4(text("data.repair", lang))
    return html.Div([title, html.Div(parts, className="fixes"), _rows(repaired, lang)], className="repair")


def _button(what: str, n: int, done: bool, lang: str) -> html.Button:
    key = f"data.fix.{what}.undo" if done else f"data.fix.{what}"
    return html.Button(
        text(key, lang, n=n),
        id={"type": "list-fix", "what": what},
        className="button",
        type="button",
        **attributes(aria_pressed="true" if done else "false"),
    )


def _rows(repaired: RepairedList, lang: str) -> Any:
    """Refused rows in a grid in which every cell can be written anew."""
    table, refused = repaired.table, set(repaired.refused)
    positions = [at for at, row in enumerate(table.rows) if row in refused][:ROWS_SHOWN]
    if not positions:
        return None
    columns = [{"field": "row", "headerName": text("data.row", lang), "width": 70, "pinned": "left", "editable": False}]
    columns += [
        {"field": f"c{i}", "headerName": str(header), "minWidth": 90, "flex": 1, "editable": True}
        for i, header in enumerate(table.cells.columns)
    ]
    rows = [
        {"row": table.rows[at], **{f"c{i}": str(cell)[:LONGEST_CELL] for i, cell in enumerate(table.cells.iloc[at])}}
        for at in positions
    ]
    return html.Div(
        [
            html.P(text("data.rows.edit", lang), className="help"),
            dag.AgGrid(
                id={"type": "list-rows", "at": 0},
                columnDefs=columns,
                rowData=rows,
                dashGridOptions={
                    "theme": {"function": "nabijTheme(themeQuartz)"},
                    "localeText": grid_words(lang),
                    "domLayout": "autoHeight",
                    "rowHeight": 30,
                    "headerHeight": 32,
                    "animateRows": False,
                    "singleClickEdit": True,
                    "stopEditingWhenCellsLoseFocus": True,
                },
                defaultColDef={"sortable": False, "resizable": True, "suppressMovable": True},
                className="grid preview",
                dangerously_allow_code=False,
                style={"height": None},
            ),
        ],
        role="region",
        **attributes(aria_label=text("data.rows.edit", lang)),
    )


def chosen_area(fixes: Fixes, report: FacilityReport, territory: Territory) -> tuple[str, str] | None:
    """Area that the list is complete for: as chosen, else the smallest that holds its places; None for everywhere."""
    areas = areas_around(report.frame, territory)
    chosen = str(fixes.get("complete") or "")
    if chosen == EVERYWHERE:
        return None
    return next((area for area in areas if ":".join(area) == chosen), areas[0] if areas else None)


def complete_choice(fixes: Fixes, report: FacilityReport, territory: Territory, lang: str) -> Any:
    """Choice of the area that a list is complete for, out of those that hold all its places."""
    areas = areas_around(report.frame, territory)
    if not areas:
        return None
    chosen = chosen_area(fixes, report, territory)
    values = [*(":".join(area) for area in areas), EVERYWHERE]
    names = [f"{text(f'level.{level}', lang)} {names_of(territory, ((level, zone),))}" for level, zone in areas]
    value = ":".join(chosen) if chosen else EVERYWHERE
    select = _select("complete", values, [*names, text("data.complete.all", lang)], fixes, lang, value)
    return html.Div([select, html.P(text("data.complete.help", lang), className="help")], className="fixes complete")


def picture_of(report: FacilityReport, snapshot: Snapshot, lang: str) -> Any:
    """Small map of the places that were read."""
    points = report.frame[["x", "y"]].dropna()
    if points.empty:
        return None
    picture = base64.b64encode(list_picture(points.to_numpy(float), snapshot)).decode()
    alt = text("data.picture", lang, n=len(points))
    return html.Img(src=f"data:image/svg+xml;base64,{picture}", alt=alt, className="list-picture")
