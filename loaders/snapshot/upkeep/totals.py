"""Totals of a snapshot: written into its data package, so that a lost row or a changed figure shows at once."""

from __future__ import annotations

import pandas as pd

from loaders.catalogue.regions.region_in_use import region
from loaders.catalogue.types import Bools


def births_by_region(births: pd.DataFrame, year: int | None = None) -> dict[str, int]:
    """Live births of the region, and of each of its exceptions apart, in ``year``, else in the newest year held."""
    rows = births[births["year"] == (births["year"].max() if year is None else year)]
    return {name: int(rows.loc[inside, "births"].sum()) for name, inside in _parts(rows[region().newest_code]).items()}


def _parts(codes: pd.Series) -> dict[str, Bools]:
    """(n,) whether codes are of the region without its exceptions, and of each of these, by their ids."""
    exceptions = {exception.id: exception.holds(codes).to_numpy(bool) for exception in region().exceptions}
    return {region().id: ~region().in_exception(codes), **exceptions}


def totals(births: pd.DataFrame, ages: pd.DataFrame | None, codes: pd.DataFrame) -> dict[str, int]:
    """Municipalities per vintage, births of the newest year by part of the region, and its inhabitants.

    Parameters
    ----------
    births, ages, codes : tables ``births``, ``ages`` (None where there is none) and ``municipality_codes``
    """
    vintages, born = region().vintages.held, int(births["year"].max())
    sums = {
        **{f"municipalities_{vintage}": int(codes[region().code_column(vintage)].nunique()) for vintage in vintages},
        **{f"births_{born}_{part}": total for part, total in births_by_region(births).items()},
    }
    if ages is None:
        return sums
    counted = int(ages.loc[ages["vintage"] == max(vintages), "year"].max())
    return sums | {f"population_{counted}_{region().id}": population(ages, counted)}


def population(ages: pd.DataFrame, year: int) -> int:
    """Inhabitants of the region without its exceptions on 1 January of ``year``."""
    rows = ages[(ages["year"] == year) & (ages["vintage"] == region().vintage)]
    return int(rows.loc[~region().in_exception(rows["nis"]), "population"].sum())
