"""Births ten years ahead, with intervals that are tested on the past.

The forecast is that nothing changes: for so few births a year, a trend that is carried on does worse than none. What is
uncertain is read off the past: over as many years, how much did municipalities of about the same size change?
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from coverage.core.demand import available_years
from coverage.zones.territory import Territory
from i18n.messages import MessageError
from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Floats

YEARS_AHEAD = 10
LEVEL = 0.8
"""Share of the outcomes that an interval is to hold."""
CLASSES = 5
"""Classes of size, with as many municipalities in each."""
MIN_YEARS = 12
"""Years of history before a first forecast: a change over ten years has to be seen at least twice."""
PROXY = "age0"

_MIN = 0.5
"""No births at all counts as half of one, so that a change can be told as a ratio."""


@dataclass(frozen=True, eq=False)
class BirthsForecast:
    """Births of every municipality so many years ahead.

    Attributes
    ----------
    ahead : years from the last one known
    births : (n,) expected
    low, high : (n,) interval that holds `LEVEL` of the outcomes
    """

    ahead: int
    births: Floats
    low: Floats
    high: Floats


def forecast(births: npt.ArrayLike, history: npt.ArrayLike, ahead: int, level: float = LEVEL) -> BirthsForecast:
    """Forecast births of municipalities.

    The interval is ``births · exp(± q)``, ``q`` being the quantile ``level`` of ``|ln (y_{t+ahead} / y_t)|`` over all
    years ``t`` of the history and the municipalities of the same fifth by size.

    Parameters
    ----------
    births : (n,) births of the last year
    history : (n_years, n) counts of earlier years, of the same municipalities
    ahead : years ahead, at least 1 and fewer than the years of the history
    level : share of the outcomes that the interval is to hold

    Raises
    ------
    MessageError
        when the history is too short

    Examples
    --------
    >>> found = forecast([100.0] * 5, [[100.0] * 5, [125.0] * 5, [100.0] * 5], 1)
    >>> found.births[0], round(float(found.low[0]), 6), round(float(found.high[0]), 6)
    (np.float64(100.0), 80.0, 125.0)
    """
    last, past = np.asarray(births, dtype=np.float64), np.maximum(np.asarray(history, dtype=np.float64), _MIN)
    if not 1 <= ahead < len(past):
        raise MessageError("error.question.ahead", ahead=str(ahead), most=str(min(YEARS_AHEAD, len(past) - 1)))
    change = np.abs(np.log(past[ahead:] / past[:-ahead]))
    size = np.searchsorted(np.quantile(last, np.arange(1, CLASSES) / CLASSES), last, side="right")
    half = np.zeros(len(last))
    for number in np.unique(size):
        same = size == number
        half[same] = np.quantile(change[:, same], level)
    base = np.maximum(last, _MIN)
    return BirthsForecast(ahead, last, np.where(last > 0, base * np.exp(-half), 0.0), base * np.exp(half))


def draw_ahead(territory: Territory, draws: int, seed: int = 1) -> tuple[npt.NDArray[np.intp], Floats]:
    """Births of municipalities in years to come, drawn from the intervals of `forecast`.

    Draw *d* is of the year ``1 + d mod YEARS_AHEAD`` ahead. Births are multiplied by ``exp(q z / z_p)``, q being half
    the width of the interval on the scale of logarithms and z_p the quantile of a normal distribution that holds
    `LEVEL` of it; municipalities are drawn apart, as if what happens in one says nothing of another.

    Parameters
    ----------
    territory : counts of births, and of the children that stand in for them
    draws, seed : how many, and where the random numbers start

    Returns
    -------
    (draws,) years ahead, and (draws, n_municipalities) births as a multiple of those of the last year, in the order of
    the zones of the territory

    Raises
    ------
    MessageError
        when too few years are held
    """
    if not can_project(territory):
        raise MessageError("error.question.ahead_history")
    births, history = territory.counts("births"), territory.counts(PROXY)
    last, past = births.iloc[-1].to_numpy(np.float64), history.to_numpy(np.float64)
    years = 1 + np.arange(draws) % YEARS_AHEAD
    base = np.maximum(last, _MIN)
    half = np.array([np.log(forecast(last, past, int(year)).high / base) for year in range(1, YEARS_AHEAD + 1)])
    normal = np.random.default_rng(seed).normal(0.0, 1.0, (draws, len(last)))
    ratio = np.exp(half[years - 1] * normal / NormalDist().inv_cdf((1 + LEVEL) / 2))
    at = births.columns.get_indexer(territory.zone_ids(region().base, region().vintage))
    return years, np.where(at >= 0, ratio[:, at], 1.0)


def backtest(history: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Share of the outcomes that fell within the interval, forecasting from every year with what was known then.

    Parameters
    ----------
    history : counts by year (rows, ascending) and municipality
    level : share that the intervals are to hold

    Returns
    -------
    pandas.DataFrame
        ``origin, ahead, covered`` (0–1)
    """
    counts, years = history.to_numpy(np.float64), history.index.to_numpy()
    rows = []
    for origin in range(MIN_YEARS, len(counts) - 1):
        for ahead in range(1, min(YEARS_AHEAD, len(counts) - 1 - origin) + 1):
            forecasts = forecast(np.maximum(counts[origin], _MIN), counts[: origin + 1], ahead, level)
            outcome = counts[origin + ahead]
            rows.append(
                (int(years[origin]), ahead, float(((outcome >= forecasts.low) & (outcome <= forecasts.high)).mean()))
            )
    return pd.DataFrame(rows, columns=["origin", "ahead", "covered"])


def can_project(territory: Territory) -> bool:
    """Whether counts are held of enough years to see what `YEARS_AHEAD` may change."""
    return len(available_years(territory.snapshot, PROXY)) > YEARS_AHEAD


def project(territory: Territory, ahead: int = YEARS_AHEAD) -> pd.DataFrame:
    """Births of every municipality in the years ahead.

    The last year is that of the live births; how much changes, that of the 0-year-olds that stand in for births.

    Returns
    -------
    pandas.DataFrame
        ``nis, year, births, forecast_low, forecast_high``, by municipality and year

    Raises
    ------
    MessageError
        when ``ahead`` is more than `YEARS_AHEAD` or too few years are held
    """
    if not 1 <= ahead <= YEARS_AHEAD:
        raise MessageError("error.question.ahead", ahead=str(ahead), most=str(YEARS_AHEAD))
    if not can_project(territory):
        raise MessageError("error.question.ahead_history")
    births, history = territory.counts("births"), territory.counts(PROXY)
    last, year = births.iloc[-1].to_numpy(np.float64), int(births.index[-1])
    parts = []
    for years in range(1, ahead + 1):
        forecasts = forecast(last, history.to_numpy(np.float64), years)
        columns = {"nis": births.columns, "year": year + years, "births": forecasts.births}
        parts.append(pd.DataFrame({**columns, "forecast_low": forecasts.low, "forecast_high": forecasts.high}))
    return pd.concat(parts, ignore_index=True).sort_values(["nis", "year"], ignore_index=True)
