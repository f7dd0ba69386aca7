"""Totals of a snapshot: written into its data package, so that a lost row or a changed figure shows at once."""

from __future__ import annotations

import pandas as pd

from loaders.catalogue.levels import MUNICIPALITIES, is_brussels


def births_by_region(births: pd.DataFrame, year: int | None = None) -> dict[str, int]:
    """Live births of Flanders and of Brussels in ``year``, else in the newest year held."""
    rows = births[births["year"] == (births["year"].max() if year is None else year)]
    brussels = is_brussels(rows["nis2025"])
    return {"flanders": int(rows.loc[~brussels, "births"].sum()), "brussels": int(rows.loc[brussels, "births"].sum())}


def totals(births: pd.DataFrame, ages: pd.DataFrame, codes: pd.DataFrame) -> dict[str, int]:
    """Municipalities per vintage, births of the newest year by region, inhabitants of Flanders of the newest year.

    Parameters
    ----------
    births, ages, codes : tables ``births``, ``ages`` and ``municipality_codes``
    """
    born, counted = int(births["year"].max()), int(ages.loc[ages["vintage"] == max(MUNICIPALITIES), "year"].max())
    return {
        **{f"municipalities_{vintage}": int(codes[f"nis{vintage}"].nunique()) for vintage in MUNICIPALITIES},
        **{f"births_{born}_{region}": total for region, total in births_by_region(births).items()},
        f"population_{counted}_flanders": flemish_population(ages, counted),
    }


def flemish_population(ages: pd.DataFrame, year: int = 2022) -> int:
    """Inhabitants of Flanders on 1 January of ``year``."""
    rows = ages[(ages["year"] == year) & (ages["vintage"] == 2025) & ~is_brussels(ages["nis"])]
    return int(rows["population"].sum())
