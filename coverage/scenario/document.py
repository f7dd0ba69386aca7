"""The JSON form of a scenario: read, checked value by value, and written in one settled way."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import pandas as pd

from coverage.scenario.edits import LONGEST_TEXT, as_number
from i18n.errors import InputError
from i18n.messages import MessageError, Reason, Word
from loaders.catalogue.columns import FACILITY_COLUMNS
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.regions.levels import HOUSE_AREA, OWN

VERSION = 1
"""Version of the JSON form; stands in a document as ``nabij_scenario``."""

MAX_DOCUMENT_BYTES = 8_000_000
MAX_PLACES = 20_000

_NUMBERS = ("within_m", "min_share", "births_per_hour")
_FILE_MODELS = ("matrix",)

QUESTION: dict[str, tuple[type, ...]] = {
    "service": (str,),
    "level": (str,),
    "vintage": (int,),
    "areas": (str,),
    "mode": (str,),
    "within_m": (int, float, type(None)),
    "model": (str,),
    "demand": (str,),
    "year": (int, type(None)),
    "min_share": (int, float),
    "births_per_hour": (int, float, type(None)),
}
"""What the question of a scenario holds, and the types it may have."""


def write_json(values: Mapping[str, Any]) -> str:
    """JSON in one settled form."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_json(text: str | bytes) -> dict[str, Any]:
    """JSON of a scenario as values; `InputError` when it is too large, damaged, or no scenario of this version."""
    if len(text) > MAX_DOCUMENT_BYTES:
        raise MessageError("error.scenario.large", size=round(len(text) / 1e6), most=round(MAX_DOCUMENT_BYTES / 1e6))
    try:
        values = json.loads(text, parse_constant=_no_number)
        _check_signs(text, values)
    except (ValueError, RecursionError) as error:
        raise MessageError("error.scenario.json", reason=Reason(error)) from error
    if not isinstance(values, dict) or "nabij_scenario" not in values:
        raise MessageError("error.scenario.none")
    version = values["nabij_scenario"]
    if isinstance(version, bool) or version != VERSION:
        raise MessageError("error.scenario.version", version=repr(str(version)[:20]), known=str(VERSION))
    return values


def _check_signs(text: str | bytes, values: object) -> None:
    """Raise `ValueError` for half a character (written as an escape), which no file and no database can hold."""
    half = b"\\ud" if isinstance(text, bytes) else "\\ud"
    if half in text.lower():  # type: ignore[operator]
        json.dumps(values, ensure_ascii=False).encode()


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def rows_json(frame: pd.DataFrame) -> tuple[Mapping[str, Any], ...]:
    """Facility rows as JSON values, empty cells left out."""
    rows = []
    for record in frame.to_dict("records"):
        row = {str(name): value for name, value in record.items() if not pd.isna(value) and value != ""}
        rows.append({name: bool(value) if name == "physical" else value for name, value in row.items()})
    return tuple(rows)


def read_rows(rows: object) -> tuple[Mapping[str, Any], ...] | None:
    """Rows of the user's own list, checked."""
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MessageError("error.scenario.places")
    if len(rows) > MAX_PLACES:
        raise MessageError("error.scenario.many_places", n=str(len(rows)), most=str(MAX_PLACES))
    for number, row in enumerate(rows, start=1):
        for name, value in row.items():
            _check_cell(number, name, value)
    try:
        return rows_json(facility_frame(rows))
    except InputError as error:
        raise MessageError("error.scenario.in_places", error=error) from error


def _check_cell(number: int, name: str, value: object) -> None:
    column = FACILITY_COLUMNS.get(name)
    good = {
        "number": math.isfinite(as_number(value)) and (column is None or as_number(value) >= (column.minimum or -1e9)),
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str) and len(value) <= LONGEST_TEXT,
    }
    if column is None or not good[column.kind]:
        raise MessageError("error.scenario.cell", number=str(number), name=name[:40], value=repr(str(value)[:40]))


def checked_text(value: object, what: str) -> str:
    """Return a name or note, or raise `InputError` when it is no text or too long."""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise MessageError("error.scenario.text", what=Word(f"error.scenario.text.{what}"), most=str(LONGEST_TEXT))
    return value.strip()


def checked_question(given: object) -> dict[str, Any]:
    """Question with exactly the keys of `QUESTION`, each of its type."""
    if isinstance(given, Mapping):
        given = {"births_per_hour": None, **given}
    if not isinstance(given, Mapping) or set(given) != set(QUESTION):
        raise MessageError("error.scenario.question", known=", ".join(QUESTION))
    for name, types in QUESTION.items():
        if not isinstance(given[name], types) or isinstance(given[name], bool):
            raise MessageError("error.scenario.question_value", name=name, value=repr(str(given[name])[:40]))
    if given["model"] in _FILE_MODELS:
        raise MessageError("error.scenario.file_model", model=given["model"])
    levels = {given["level"], *(part.strip().partition(":")[0] for part in given["areas"].split(","))}
    if OWN in levels:
        raise MessageError("error.scenario.own_zones")
    if HOUSE_AREA in levels:
        raise MessageError("error.scenario.house_areas")
    numbers = {name: None if given[name] is None else as_number(given[name]) for name in _NUMBERS}
    return {**{name: given[name] for name in QUESTION}, **numbers}
