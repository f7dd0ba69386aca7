"""What every input of a callback may hold, by the id and property of its component.

The table is the only way in: a callback with an input that is not in it cannot be registered (`pages.inputs.edge`).
"""

from __future__ import annotations

from typing import Any

from coverage.core.query import DEFAULT_WITHIN_M, DEMAND_KINDS
from coverage.norm.request import RULES
from coverage.scenario.document import MAX_DOCUMENT_BYTES
from coverage.scenario.edits import EDITS, FARTHEST_M, LONGEST_TEXT
from coverage.scenario.scenario import MAX_EDITS
from coverage.siting.planning.question.request import OBJECTIVES
from i18n.texts import LANGUAGES
from layers.files.list_files import KINDS as LISTS
from layers.files.output import FORMATS, PICTURES
from loaders.catalogue.regions.levels import LEVELS
from loaders.lists.list_preview import FIELDS
from pages.compare.compared import ASKED as COMPARED
from pages.compare.compared import FORMS as COMPARED_FORMS
from pages.compare.plan_comparison import FORMS, TABLES
from pages.data.list_fixes import FIXES, LONGEST_CELL, MAX_EDITED, SET_FIELDS
from pages.data.list_review import NO_FIELD
from pages.documents import on_request
from pages.explore.chart_callbacks import ASKED_CHARTS
from pages.municipality.asked import ASKED
from pages.norm.asked import MAX, MIN
from pages.norm.norm_documents import OFFERED
from pages.overlap.asked import ASKED as OVERLAP
from pages.overlap.asked import FORMS as OVERLAP_FORMS
from pages.plan.plan_sharing import DOES as SHARES
from pages.plan.propose_panel import MAX_NEW, offered
from pages.plan.siting_search import QUESTION
from pages.request.input_kinds import (
    Choice,
    Contents,
    Either,
    Flag,
    Kind,
    Many,
    Maybe,
    Number,
    Record,
    RecordByKind,
    Text,
    UnfitError,
    Whole,
)
from pages.shell.session_uploads import MAX_BYTES
from pages.shell.view_inputs import CHOICES, ID, KEY, RIGHT, VIEW_OF, ServiceChoice

MAX_IDS = 10_000
"""Rows that a download can ask for."""

MAX_COLUMNS = 2_000
"""Columns of a list that can be named."""

_METRES, _BIRTHS = FARTHEST_M, 1e9
_CLICKS = Whole()
_MOMENT = Number(0, 1e16)
_TAG = Text(64, r"[0-9a-f]+")
_NAME = Text(255, r"[^/\\]+")
_REMARK = Text(5 * LONGEST_TEXT, lines=True)
"""Longer than what can be kept, which is told in words."""

_POINT: dict[str, Kind] = {"lat": Number(-90, 90), "lon": Number(-1000, 1000)}
_METRE_POINT: dict[str, Kind] = {"x": Number(-_METRES, _METRES), "y": Number(-_METRES, _METRES)}
_MODES = Text(24, r"[a-z,]+")
_EDIT = Record(
    {
        "edit": Choice(EDITS),
        "id": ID,
        "service": ServiceChoice(),
        "name": _REMARK,
        "note": _REMARK,
        **_METRE_POINT,
        **{f"to_{name}": kind for name, kind in _METRE_POINT.items()},
        "modes": _MODES,
        "hours_per_year": Maybe(Number(-_BIRTHS, _BIRTHS)),
        "capacity": Maybe(Number(-_BIRTHS, _BIRTHS)),
        "births": Number(-_BIRTHS, _BIRTHS),
        "physical": Flag(),
        "mode": Choice(DEFAULT_WITHIN_M),
        "within_m": Maybe(Number(-_METRES, _METRES)),
        "demand": Choice(DEMAND_KINDS),
        "year": Maybe(Whole(0, 9999)),
    },
    needed=("edit",),
)
_PLAN_DO = RecordByKind(
    "do",
    {
        "add": {**_POINT, **_METRE_POINT, "municipality": Text(40, r"[\w.-]+")},
        "move": {"id": ID, **_POINT, **_METRE_POINT},
        **{name: {"id": ID} for name in ("back", "close", "open")},
        **{name: {"id": ID, "value": Maybe(Number(-_BIRTHS, _BIRTHS))} for name in ("hours", "capacity")},
        "reach": {"mode": Choice(DEFAULT_WITHIN_M), "within": Maybe(Number(-_METRES, _METRES))},
        "year": {"demand": Choice(DEMAND_KINDS), "year": Maybe(Text(4, r"(\d{4})?"))},
        "bridge": {**_POINT, "to_lat": Number(-90, 90), "to_lon": Number(-1000, 1000), "modes": _MODES},
        "drop": {"nr": Whole(0, MAX_EDITS)},
        "incoming": {"edits": Many(_EDIT, MAX_EDITS)},
        **{name: {"id": Maybe(KEY)} for name in ("version", "redo")},
        "undo": {},
        "keep": {"name": _REMARK, "note": Maybe(_REMARK)},
        "duplicate": {"id": KEY, "name": _REMARK},
        **{name: {} for name in SHARES},
    },
    common={"at": _MOMENT},
)
_JOB = Record(
    {
        "key": KEY,
        "page": RIGHT,
        "lang": Choice(LANGUAGES),
        "objective": Choice(OBJECTIVES),
        "births": Number(0, _BIRTHS),
        "minute": Maybe(Number(0, _METRES)),
        "shown": Whole(0, 1000),
        "asked": Record({name: Either((Choice(("",)), VIEW_OF[name])) for name in QUESTION}),
    },
    needed=("key", "lang", "objective", "births", "shown", "asked"),
)


def _typed(most: float) -> Kind:
    """Number out of a field: a number, or the text of one that is not finished."""
    return Either((Number(0, most), Text(12, r"(\d{1,9}(\.\d{0,2})?)?")))


_SHOWN: dict[str, Kind] = {
    "choices.data": CHOICES,
    "opened.data": CHOICES,
    "asking.data": CHOICES,
    "data-state.data": Record(VIEW_OF, needed=("lang",)),
    "case-state.data": Maybe(ASKED),
    "compare-asked.data": COMPARED,
    "compare-table.n_clicks": Many(Maybe(_CLICKS), len(COMPARED_FORMS)),
    "overlap-asked.data": OVERLAP,
    "overlap-table.n_clicks": Many(Maybe(_CLICKS), len(OVERLAP_FORMS)),
    "norm-state.data": Record(VIEW_OF, needed=("lang",)),
    "norm-births.value": Number(MIN, MAX),
    "norm-rules.value": Many(Choice(RULES), len(RULES)),
    "norm-deprived.value": Either((Number(1, 10), Text(6, r"(\d{1,3}(\.\d{0,2})?)?"))),
    "norm-cost.value": Either((Number(0, 1e12), Text(15, r"(\d{1,12}(\.\d{0,2})?)?"))),
    "banding.data": Maybe(Record({"key": CHOICES, "place": ID}, needed=("key", "place"))),
    "charting.data": Maybe(
        Record({"key": CHOICES, "chart": Choice(ASKED_CHARTS), "zone": ID}, needed=("key", "chart", "zone"))
    ),
    "selected.data": ID,
    "snapshot.data": _TAG,
    "viewed.data": Record({"key": CHOICES, "plan": Flag()}, needed=("key",)),
    "wanted.data": Record(
        {
            "form": Choice((*FORMATS, *PICTURES)),
            "ids": Maybe(Many(ID, MAX_IDS)),
            "indicator": Maybe(VIEW_OF["indicator"]),
            "at": _MOMENT,
        },
        needed=("form", "ids"),
    ),
}
_PLANS: dict[str, Kind] = {
    "plan.data": Record({"id": KEY, "key": Maybe(RIGHT), "head": Maybe(KEY)}, needed=("id",), more=True),
    "plan-do.data": _PLAN_DO,
    "plan-forget.data": Record({"id": KEY, "what": Choice(("forget", "restore")), "at": _MOMENT}, needed=("id",)),
    "plan-share.data": Record({"base": Text(300, r"(https?://[^\s<>\"']+)?"), "at": _MOMENT}),
    "plan-list-drawer.opened": Flag(),
    "plan-upload.contents": Contents(MAX_DOCUMENT_BYTES),
    "plan-upload.filename": _NAME,
    "plan-table.n_clicks": Many(Maybe(_CLICKS), 20),
    "document.n_clicks": Many(Maybe(_CLICKS), 20),
    "case-document.n_clicks": Many(Maybe(_CLICKS), 20),
    "norm-document.n_clicks": Many(Maybe(_CLICKS), 20),
}
_ROW = Whole(0, 10**12)
_CHANGED = Record(
    {
        "data": Record({"row": _ROW}, needed=("row",), more=True),
        "colId": Text(8, r"c\d{1,4}"),
        "value": Maybe(Either((Text(LONGEST_CELL), Number(-1e300, 1e300)))),
    },
    needed=("data", "colId"),
    more=True,
)


class _Cell:
    """A cell that was written anew: its row, the number of its column, and its text."""

    def check(self, value: Any, at: str) -> None:
        """Take a list of these three."""
        if not isinstance(value, list) or len(value) != 3:
            raise UnfitError(at)
        kinds: tuple[Kind, ...] = (_ROW, Whole(0, MAX_COLUMNS), Text(LONGEST_CELL))
        for kind, one in zip(kinds, value, strict=True):
            kind.check(one, at)


_LISTS: dict[str, Kind] = {
    "list-kind.value": Choice(LISTS),
    "list-file.contents": Contents(MAX_BYTES),
    "list-file.filename": _NAME,
    "list-file.last_modified": Maybe(Number(-1e13, 1e13)),
    "list-geocode.checked": Flag(),
    "list-column.value": Many(
        Maybe(Choice({NO_FIELD, *(field for fields in FIELDS.values() for field in fields.values())})), MAX_COLUMNS
    ),
    "list-fix.n_clicks": Many(Maybe(_CLICKS), 10),
    "list-set.value": Many(Maybe(Text(LONGEST_CELL)), 10),
    "list-set.id": Many(
        Record({"type": Choice(("list-set",)), "field": Choice(SET_FIELDS)}, needed=("type", "field")), 10
    ),
    "list-rows.cellValueChanged": Many(Maybe(Many(_CHANGED, MAX_EDITED)), 2),
    "list-sheet.data": Maybe(Text(255)),
    "list-system.data": Maybe(Text(16)),
    "list-fixes.data": Record(
        {
            **dict.fromkeys(SET_FIELDS, Text(255)),
            **dict.fromkeys(FIXES, Maybe(Flag())),
            "cells": Many(_Cell(), MAX_EDITED),
        }
    ),
    "list-use.n_clicks": Many(Maybe(_CLICKS), 20),
    "list-erase.n_clicks": Many(Maybe(_CLICKS), 2),
    "list-erase.id": Many(Record({"type": Choice(("list-erase",)), "kind": Choice(LISTS)}), 2),
}
_PROPOSALS: dict[str, Kind] = {
    "propose-go.n_clicks": _CLICKS,
    "propose-stop.n_clicks": _CLICKS,
    "propose-tick.n_intervals": _CLICKS,
    "propose-job.data": _JOB,
    "propose-objective.value": Choice(OBJECTIVES),
    "propose-n.value": Either((Whole(0, MAX_NEW), Text(2, r"\d{0,2}"))),
    "propose-where.value": Text(300, r"[a-z_]*(:.+)?"),
    "propose-kind.value": Choice(offered()),
    "propose-targeting.value": Number(0, 100),
    "propose-spacing.value": _typed(1e6),
    "propose-each.value": _typed(1e6),
    "propose-least.value": _typed(1e6),
    **{f"propose-{bound}.value": _typed(MAX_NEW) for bound in ("mostper", "leastper")},
    **{f"propose-{bound}-level.value": Choice(tuple(LEVELS)) for bound in ("mostper", "leastper")},
    "propose-article9.checked": Flag(),
    "propose-close.value": Many(ID, 1000),
    "propose-capacity.checked": Flag(),
    "propose-file.contents": Contents(MAX_BYTES),
    "propose-file.filename": _NAME,
}
_PAGES: dict[str, Kind] = {
    "_pages_location.pathname": Text(4000, "/.*"),
    "_pages_location.search": Text(16_000, r"(\?.*)?"),
}

_WHY: dict[str, Kind] = {
    "why-point.data": Maybe(Record({"lat": Number(-90, 90), "lon": Number(-180, 180), "at": _MOMENT})),
    "why-tick.n_intervals": _CLICKS,
    "why-job.data": Maybe(Record({"key": KEY, "page": RIGHT, "lang": Choice(LANGUAGES)}, needed=("key", "lang"))),
}

INPUTS: dict[str, Kind] = {**_WHY, **_SHOWN, **_PLANS, **_LISTS, **_PROPOSALS, **_PAGES}
"""Kind by the id and the property of a component; of components that are many, by the type in their ids."""

NEEDED = frozenset(
    (
        *("wanted.data", "list-kind.value", "data-state.data", "_pages_location.pathname"),
        *("propose-kind.value", "propose-objective.value"),
    )
)
"""Inputs without which there is nothing to answer; any other may be empty, as it is before a page is complete."""

PARTS: dict[str, dict[str, Kind]] = {
    "plan-table": {"what": Choice(TABLES), "form": Choice(FORMS)},
    "compare-table": {"form": Choice(COMPARED_FORMS)},
    "overlap-table": {"form": Choice(OVERLAP_FORMS)},
    "document": {"what": Choice(on_request.KINDS), "form": Choice(on_request.FORMS)},
    "norm-document": {
        "what": Choice(tuple(sorted({what for what, _ in OFFERED}))),
        "form": Choice(tuple(sorted({form for _, form in OFFERED}))),
    },
    "case-document": {"what": Choice(on_request.KINDS), "form": Choice(on_request.FORMS)},
    "list-column": {"at": Whole(0, MAX_COLUMNS)},
    "list-use": {"kind": Choice(LISTS)},
    "list-fix": {"what": Choice(FIXES)},
    "list-set": {"field": Choice(SET_FIELDS)},
    "list-rows": {"at": Whole(0, 1)},
    "list-erase": {"kind": Choice(LISTS)},
}
"""What tells components of one type apart: kind of every part of their ids."""
