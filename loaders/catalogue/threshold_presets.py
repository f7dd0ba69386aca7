"""Named thresholds of the programming test, as `threshold_presets.toml` declares them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from i18n.messages import MessageError

Status = Literal["published", "second_hand", "own"]

_FILE = Path(__file__).with_suffix(".toml")
USUAL_PRESET = "reported"

_VALUES = ("births", "distance", "detour", "deprivation", "hours", "alternative")


@dataclass(frozen=True)
class ThresholdPreset:
    """Thresholds that go together.

    Attributes
    ----------
    name : its id; words stand in the texts under ``preset.<name>``
    status : ``published``, ``second_hand`` or ``own``: how the numbers are known
    source : key of its source in the texts, ``preset.source.<source>``
    values : criterion and its threshold: a number, or the word of what it is taken from
    counted : which births count, as for the births criterion
    required : criteria that must hold, each group by one of its members
    """

    name: str
    status: Status
    source: str
    values: Mapping[str, float | str]
    counted: str
    required: tuple[tuple[str, ...], ...]


@cache
def presets() -> Mapping[str, ThresholdPreset]:
    """All presets by name, the usual one first."""
    tree = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: _preset(name, given) for name, given in tree.items()}


def get_preset(name: str) -> ThresholdPreset:
    """Look a preset up; `InputError` naming the known ones when there is none of that name."""
    try:
        return presets()[name]
    except KeyError:
        raise MessageError("error.question.preset", value=str(name), known=", ".join(presets())) from None


def parse_required(text: str) -> tuple[tuple[str, ...], ...]:
    """Read criteria that must hold, as ``births,distance|barrier``.

    Examples
    --------
    >>> parse_required("births, distance|barrier")
    (('births',), ('distance', 'barrier'))
    """
    groups = (tuple(part.strip() for part in group.split("|") if part.strip()) for group in text.split(","))
    return tuple(group for group in groups if group)


def _preset(name: str, given: Mapping[str, object]) -> ThresholdPreset:
    required = given.get("required", [])
    words = [str(word) for word in required] if isinstance(required, list) else []
    values: dict[str, float | str] = {}
    for key in _VALUES:
        value = given.get(key)
        if isinstance(value, str):
            values[key] = value
        elif isinstance(value, int | float):
            values[key] = float(value)
    return ThresholdPreset(
        name=name,
        status=given["status"],  # type: ignore[arg-type]  # a test reads them all
        source=str(given["source"]),
        values=values,
        counted=str(given.get("counted", "in_reach")),
        required=parse_required(",".join(words)),
    )
