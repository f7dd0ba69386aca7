"""A series of years as a small picture: the line of 0-year-olds since 1992, and live births as a point apart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
import pandas as pd

from layers.look.tokens import COLOURS

WIDTH, HEIGHT = 324, 96
_LEFT, _RIGHT, _TOP, _BOTTOM = 2.0, 8.0, 8.0, 6.0

_LINE, _AREA, _POINT, _AXIS = (COLOURS[name] for name in ("accent", "accent-soft", "need", "line-strong"))


@dataclass(frozen=True)
class TrendPicture:
    """A drawn series; the numbers beside it are text of the page, so that they can be read and translated.

    Attributes
    ----------
    uri : the picture as a data address
    years : first and last year of the line
    ends : first and last value of the line
    point : (year, value) of the live births, None where there are none
    """

    uri: str
    years: tuple[int, int]
    ends: tuple[float, float]
    point: tuple[int, float] | None


def trend_picture(trend: pd.DataFrame) -> TrendPicture | None:
    """Draw a trend; None where it has fewer than two years.

    Parameters
    ----------
    trend : ``year, kind, value`` as in `coverage.indicators.zone.sheet.ZoneSheet`, kinds ``age0`` and ``births``
    """
    line = trend[trend["kind"] == "age0"].dropna().sort_values("year")
    births = trend[trend["kind"] == "births"].dropna().sort_values("year")
    if len(line) < 2:
        return None
    years = line["year"].to_numpy(np.float64)
    values = line["value"].to_numpy(np.float64)
    point = None if births.empty else (int(births["year"].iloc[-1]), float(births["value"].iloc[-1]))
    highest = max(float(values.max()), point[1] if point else 0.0)
    last = max(float(years[-1]), float(point[0]) if point else 0.0)

    begin = float(years[0])

    def across(year: float) -> float:
        return _LEFT + (year - begin) / (last - begin) * (WIDTH - _LEFT - _RIGHT)

    def down(value: float) -> float:
        return HEIGHT - _BOTTOM - value / (highest or 1.0) * (HEIGHT - _TOP - _BOTTOM)

    path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in zip(years, values, strict=True))
    floor = f"{down(0):.1f}"
    parts = [
        f"<polygon points='{across(years[0]):.1f},{floor} {path} {across(years[-1]):.1f},{floor}' fill='{_AREA}'/>",
        f"<path d='M{_LEFT} {floor}H{WIDTH - _RIGHT}' stroke='{_AXIS}'/>",
        f"<polyline points='{path}' fill='none' stroke='{_LINE}' stroke-width='2' stroke-linejoin='round'/>",
    ]
    if point:
        parts.append(
            f"<circle cx='{across(point[0]):.1f}' cy='{down(point[1]):.1f}' r='4.5' fill='{_POINT}' "
            "stroke='#fff' stroke-width='1.5'/>"
        )
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'>{''.join(parts)}</svg>"
    return TrendPicture(
        uri="data:image/svg+xml," + quote(svg),
        years=(int(years[0]), int(years[-1])),
        ends=(float(values[0]), float(values[-1])),
        point=point,
    )
