"""The ranked table: its columns, what they mean and how they are written; ``assets/js/table.mjs`` shows them."""

from __future__ import annotations

from typing import Any

from i18n.texts import has_text, text
from pages.explore import measure_choices
from pages.explore.measure_choices import method_of

_NUMBERS: tuple[tuple[str, str, int, bool], ...] = (
    ("births", "number", 80, True),
    ("births_out_of_reach", "number", 84, True),
    ("share_in_reach", "percent", 82, True),
    ("mean_minutes", "minutes", 98, True),
    ("median_minutes", "minutes", 92, False),
    ("p90_minutes", "minutes", 84, True),
    ("n_facilities", "number", 84, True),
    ("births_per_facility", "number", 92, True),
)
"""Number columns: name, how a value is written, width in pixels, whether it is there unless another choice is made."""

_CHANGES: tuple[tuple[str, str, int, bool], ...] = (
    ("reach_change", "change", 94, True),
    ("births_gained", "gained", 94, True),
    ("births_lost", "lost", 94, True),
)
"""Columns of a plan, as `_NUMBERS`."""

_LOW_FIRST = {"share_in_reach"}
"""Columns of which the low values deserve the attention."""


def columns(lang: str, *, plan: bool = False) -> list[dict[str, Any]]:
    """Columns of the table, in their order.

    Returns
    -------
    list of dict
        ``id``, ``title``, ``help`` (what it means), ``method`` (its place on the page of the method), ``kind`` (how a
        value is written), ``text`` (whether it is words), ``width`` in pixels and ``grow`` (share of the room
        that is left), ``shown`` (without another choice), ``low`` (sorted upwards
        first), ``optional`` (there while the map shows what it belongs to)
    """
    return [
        {"id": "rank", "title": text("table.rank", lang), "kind": "number", "width": 44, "sortable": False},
        _words("name", text("table.zone", lang), 140, grow=1.0, help="column.zone_name.help", lang=lang),
        _words("place", text("table.place", lang), 150, lang=lang),
        *measure_choices.columns(lang),
        *[_number(*one, lang) for one in (_CHANGES if plan else ())],
        *[_number(*one, lang) for one in _NUMBERS],
        _words("why", text("table.gap_reasons", lang), 104, grow=1.5, help="column.gap_reasons.help", lang=lang),
        _words("evidence", text("table.evidence", lang), 98, help="column.evidence.help", lang=lang),
    ]


def _words(name: str, title: str, width: int, *, lang: str, grow: float = 0, help: str = "") -> dict[str, Any]:  # noqa: A002
    column = {"id": name, "title": title, "kind": "text", "text": True, "width": width, "grow": grow, "shown": True}
    method = method_of("gap") if name == "why" else {}
    return column | ({"help": text(help, lang)} if help and has_text(help) else {}) | method


def _number(name: str, kind: str, width: int, shown: bool, lang: str) -> dict[str, Any]:
    explained = f"column.{name}.help"
    column: dict[str, Any] = {
        "id": name,
        "title": text(f"table.{name}", lang),
        "kind": kind,
        "width": width,
        "shown": shown,
        "low": name in _LOW_FIRST,
    }
    return column | ({"help": text(explained, lang)} if has_text(explained) else {}) | method_of(name)
