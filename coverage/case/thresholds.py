"""What is asked of an area before it gets a place: thresholds of the user, or of a preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from coverage.analysis import Analysis
from coverage.core.minutes import per_minute
from coverage.core.reach import is_place
from coverage.indicators.criterion import COUNTED, Counted
from i18n.messages import MessageError, NumberAsGiven, OptionName
from loaders.catalogue.threshold_presets import ThresholdPreset, get_preset

CRITERIA = ("births", "distance", "barrier", "deprivation", "article9", "alternative", "hours")
"""Criteria in the order in which they are told."""

WITHOUT_THRESHOLD = ("article9",)
"""Criteria that hold or do not, whatever anybody asks."""

FIFTH = 0.2
"""Share of all births in the most deprived fifth, by construction."""

_NAMES = {"births": "births", "distance_m": "distance", "detour": "barrier", "deprivation": "deprivation",
          "alternative": "alternative", "hours": "hours"}  # fmt: skip


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of the criteria; NaN is none, so that the criterion is told without being judged.

    Attributes
    ----------
    births : births a year at least
    counted : which births, one of `coverage.indicators.criterion.COUNTED`
    distance_m : metres of travel from the site to the next place at least
    detour : metres of travel per metre of straight line to the nearest place, at least: a barrier lies between
    deprivation : share of the births in the most deprived fifth at least, 0-1
    alternative : moving an existing place brings less than this share of what a new one brings
    hours : hours a year that the place would need at least
    births_per_hour : births a year that an hour a year serves; None for what the places with known hours do on average
    required : groups of criteria; of every group one must hold
    sources : criterion and the source of its threshold: that of a preset, or ``user``
    preset : name of the preset, ``own`` for none
    """

    births: float = np.nan
    counted: Counted = "in_reach"
    distance_m: float = np.nan
    detour: float = np.nan
    deprivation: float = np.nan
    alternative: float = np.nan
    hours: float = np.nan
    births_per_hour: float | None = None
    required: tuple[tuple[str, ...], ...] = (("births",), ("article9",))
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)
    preset: str = "own"

    def __post_init__(self) -> None:
        """Check every value."""
        for name in _NAMES:
            value = getattr(self, name)
            if value < 0 or np.isinf(value):
                raise MessageError("error.question.case_threshold", name=_NAMES[name], value=NumberAsGiven(value))
        for name in ("deprivation", "alternative"):
            if getattr(self, name) > 1:
                raise MessageError("error.question.case_share", name=name, value=NumberAsGiven(getattr(self, name)))
        if self.counted not in COUNTED:
            raise MessageError("error.question.criterion_counted", value=self.counted, known=", ".join(COUNTED))
        if self.births_per_hour is not None and not (np.isfinite(self.births_per_hour) and self.births_per_hour > 0):
            raise MessageError("error.question.births_per_hour", value=NumberAsGiven(self.births_per_hour))
        if not self.required:
            raise MessageError("error.question.case_none_required", known=", ".join(CRITERIA))
        for name in (name for group in self.required for name in group):
            if name not in CRITERIA:
                raise MessageError("error.question.case_criterion", value=name, known=", ".join(CRITERIA))

    def of(self, criterion: str) -> float:
        """Threshold of a criterion by its name; NaN for none."""
        column = {name: column for column, name in _NAMES.items()}.get(criterion)
        return np.nan if column is None else float(getattr(self, column))


@dataclass(frozen=True)
class AskedThresholds:
    """What a user asks beside a preset; None takes that of the preset."""

    births: float | None = None
    counted: str | None = None
    distance_m: float | None = None
    detour: float | None = None
    deprivation: float | None = None
    alternative: float | None = None
    hours: float | None = None
    births_per_hour: float | None = None
    required: tuple[tuple[str, ...], ...] | None = None
    distance_minutes: float | None = None


def thresholds_of(preset: str, analysis: Analysis, asked: AskedThresholds | None = None) -> Thresholds:
    """Thresholds of a preset, worked out on an answer, with those of the user in their place.

    Parameters
    ----------
    preset : one of `loaders.catalogue.threshold_presets.presets`
    analysis : the situation as it is, for what a preset takes from it
    asked : what the user sets

    Raises
    ------
    InputError
        when the preset is unknown, a threshold cannot be used, or a required criterion has none
    """
    preset_values, wanted = get_preset(preset), asked or AskedThresholds()
    if wanted.distance_minutes is not None:
        if wanted.distance_m is not None:
            raise MessageError("error.question.case_twice")
        wanted = replace(wanted, distance_m=wanted.distance_minutes * per_minute(analysis.query))
    own = {name: getattr(wanted, name) for name in _NAMES if getattr(wanted, name) is not None}
    counted = wanted.counted or preset_values.counted
    taken = {column: _value(preset_values, name, analysis, counted) for column, name in _NAMES.items()}
    sources = {name: ("user" if column in own else preset_values.source) for column, name in _NAMES.items()}
    thresholds = Thresholds(
        **{**taken, **own},
        counted=counted,  # type: ignore[arg-type]  # checked there
        births_per_hour=wanted.births_per_hour,
        required=preset_values.required if wanted.required is None else wanted.required,
        sources=sources,
        preset=preset,
    )
    return _checked(thresholds, preset_values)


def without_detour(thresholds: Thresholds) -> Thresholds:
    """Thresholds where travel is in minutes, so that it is no multiple of a straight line: no barrier is asked for.

    A group that asks for nothing but a barrier stays, and is not known.
    """
    groups = (tuple(name for name in group if name != "barrier") or group for group in thresholds.required)
    return replace(thresholds, detour=np.nan, required=tuple(groups))


def births_per_place(analysis: Analysis, counted: str) -> float:
    """Births that a place of the service has today, counted in the same way.

    ``area`` counts all births, the others those within reach of a place, each once. NaN without places, where only
    some are known, or distances are not.
    """
    places = int(is_place(analysis.facilities.frame).sum())
    if not places or analysis.facilities.scope is not None:
        return float("nan")
    births = analysis.demand.births
    if counted != "area":
        if np.isnan(analysis.distance_m[births > 0]).any():
            return float("nan")
        births = births[analysis.distance_m <= analysis.query.reach_m]
    return float(births.sum()) / places


_FIELD = {"births": "births", "distance": "distance", "barrier": "detour", "deprivation": "deprivation",
          "alternative": "alternative", "hours": "hours"}  # fmt: skip


def _value(preset: ThresholdPreset, criterion: str, analysis: Analysis, counted: str) -> float:
    value = preset.values.get(_FIELD[criterion], np.nan)
    if not isinstance(value, str):
        return float(value)
    worked_out = {"average": lambda: births_per_place(analysis, counted), "reach": lambda: analysis.query.reach_m,
                  "fifth": lambda: FIFTH}  # fmt: skip
    return float(worked_out[value]())


def _checked(thresholds: Thresholds, preset: ThresholdPreset) -> Thresholds:
    """Thresholds without groups that nothing is asked of; `InputError` where the user must set one."""
    groups = []
    for group in thresholds.required:
        judged = tuple(name for name in group if name in WITHOUT_THRESHOLD or not np.isnan(thresholds.of(name)))
        worked_out = any(isinstance(preset.values.get(_FIELD.get(name, "")), str) for name in group)
        if not judged and not worked_out:
            raise MessageError("error.question.case_unset", criterion=OptionName("criterion", group[0]))
        groups.append(judged or group)
    return replace(thresholds, required=tuple(groups))
