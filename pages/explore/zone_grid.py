"""The ranked table: its columns, how they look and the words of the grid."""

from __future__ import annotations

from typing import Any

from i18n.texts import catalogue, has_text, text
from pages.explore import measure_choices

_NUMBERS: tuple[tuple[str, str, int], ...] = (
    ("births", "nabijNumber(params, 0)", 78),
    ("births_out_of_reach", "nabijNumber(params, 0)", 86),
    ("share_in_reach", "nabijPercent(params)", 84),
    ("mean_minutes", "nabijMinutes(params)", 112),
    ("p90_minutes", "nabijMinutes(params)", 84),
    ("n_facilities", "nabijNumber(params, 0)", 95),
    ("births_per_facility", "nabijNumber(params, 0)", 84),
)
"""Number columns: name, how a value is written, width in pixels."""


_CHANGES: tuple[tuple[str, str, int], ...] = tuple(
    (name, f"nabijChange(params, '{sign}')", 88)
    for name, sign in (("reach_change", ""), ("births_gained", "+"), ("births_lost", "−"))
)
"""Columns of a plan, as `_NUMBERS`."""

_ZERO_OFTEN = {name for name, _, _ in _CHANGES}


def column_definitions(lang: str, *, plan: bool = False) -> list[dict[str, Any]]:
    """Columns of the grid; the municipality is shown by the browser for levels below it."""
    return [
        {
            "colId": "rank",
            "headerName": text("table.rank", lang),
            "valueGetter": {"function": "nabijRank(params)"},
            "width": 42,
            "sortable": False,
            "cellClass": "rank",
            "headerClass": "right",
        },
        {
            "field": "name",
            "headerName": text("table.zone", lang),
            "flex": 1,
            "minWidth": 140,
            "cellClass": "zone-name",
        },
        {
            "field": "place",
            "headerName": text("table.place", lang),
            "width": 150,
            "hide": True,
        },
        *measure_choices.column_definitions(lang),
        *[_number(name, writer, width, lang) for name, writer, width in (_CHANGES if plan else ())],
        *[_number(name, writer, width, lang) for name, writer, width in _NUMBERS],
        {
            "field": "why",
            "headerName": text("table.gap_reasons", lang),
            "minWidth": 104,
            "flex": 1.5,
            "tooltipField": "why",
            "cellClassRules": {"gap-yes": "params.data.gap === true", "gap-unknown": "params.data.gap === null"},
        },
        {
            "field": "evidence",
            "headerName": text("table.evidence", lang),
            "width": 92,
            "tooltipField": "evidence",
            "cellClass": "evidence",
        },
    ]


def grid_options(lang: str) -> dict[str, Any]:
    """Options of the grid: quiet looks, one row at a time, the words of the catalogue."""
    return {
        "theme": {"function": "nabijTheme(themeQuartz)"},
        "localeText": grid_words(lang),
        "rowHeight": 30,
        "headerHeight": 36,
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
        "suppressCellFocus": False,
        "animateRows": False,
        "tooltipShowDelay": 400,
        "suppressColumnVirtualisation": False,
        "enableCellTextSelection": True,
        "pinnedBottomRowData": [],
    }


def grid_words(lang: str) -> dict[str, str]:
    """Words of the grid itself."""
    return {key.removeprefix("grid."): text(key, lang) for key in catalogue() if key.startswith("grid.")}


def _number(name: str, writer: str, width: int, lang: str) -> dict[str, Any]:
    explained = f"column.{name}.help"
    column: dict[str, Any] = {
        "field": name,
        "headerName": text(f"table.{name}", lang),
        "width": width,
        "type": "rightAligned",
        "valueFormatter": {"function": writer},
        "comparator": {"function": "nabijCompare"},
        "sortingOrder": ["desc", "asc"],
        "cellClass": f"ag-right-aligned-cell number {name}",
    }
    if has_text(explained):
        column["headerTooltip"] = text(explained, lang)
    if name == "reach_change":
        column["cellClassRules"] = {"less-cell": "params.value <= -0.05", "more-cell": "params.value >= 0.05"}
    if name in _ZERO_OFTEN:
        column["cellClassRules"] = {
            "zero-cell": "params.value > -0.05 && params.value < 0.05",
            **column.get("cellClassRules", {}),
        }
    if name == "births_out_of_reach":
        column["cellClassRules"] = {"need-cell": "params.value > 0"}
    if name == "share_in_reach":
        column["cellStyle"] = {"function": "nabijBar(params)"}
        column["sortingOrder"] = ["asc", "desc"]
    return column
