"""How deprived the surroundings of children are: published indexes by statistical sector and by municipality.

All of it is ecological: a figure speaks of an area, never of a person in it.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from i18n.errors import DataError
from i18n.messages import Message
from loaders.protocols.tables import HEADER_ROWS, check_codes, check_unique, read_csv, to_integers


def parse_sector_deprivation(data: bytes, sectors: Iterable[str], file: str = "bimd2011_sectors.csv") -> pd.DataFrame:
    """Belgian Index of Multiple Deprivation 2011 by sector: ``sector_id, score, rank``.

    ``score`` grows with deprivation; ``rank`` 1 is the most deprived sector of Belgium.

    Parameters
    ----------
    data : the published file
    sectors : ids to keep; those it does not hold are absent

    Raises
    ------
    DataError, MissingColumnError
        a column is absent, a sector repeats, a score is no number
    """
    frame = read_csv(data, file, ["CD_RES_SECTOR", "BIMD2011_score", "BIMD2011_rank"])
    check_unique(frame, ["CD_RES_SECTOR"], file)
    frame = to_integers(frame, ["BIMD2011_rank"], file, minimum=1)
    table = pd.DataFrame(
        {
            "sector_id": frame["CD_RES_SECTOR"].str.lower(),
            "score": _numbers(frame, "BIMD2011_score", file),
            "rank": frame["BIMD2011_rank"],
        }
    )
    return table[table["sector_id"].isin(set(sectors))].sort_values("sector_id", ignore_index=True)


def parse_municipality_deprivation(
    data: bytes, codes: pd.DataFrame, file: str = "bimd2011_municipalities.csv"
) -> pd.DataFrame:
    """The same index by municipality of 2018: ``nis2018, score, rank``."""
    frame = read_csv(data, file, ["code", "average_score_bimd_2011", "rank_average_score_bimd_2011"])
    check_unique(frame, ["code"], file)
    frame = to_integers(frame, ["rank_average_score_bimd_2011"], file, minimum=1)
    table = pd.DataFrame(
        {
            "nis2018": frame["code"],
            "score": _numbers(frame, "average_score_bimd_2011", file),
            "rank": frame["rank_average_score_bimd_2011"],
        }
    )
    return table[table["nis2018"].isin(set(codes["nis2018"]))].sort_values("nis2018", ignore_index=True)


def parse_child_deprivation(
    data: bytes, known: set[str], file: str = "kansarmoede_oki_income_municipalities.csv"
) -> pd.DataFrame:
    """Births in deprived families, education deprivation and income by municipality of 2025.

    Returns
    -------
    DataFrame
        ``nis2025, deprived_births_share`` (0–1; its year is not stated), ``education_index`` (0–4; its year is not
        stated), ``median_income_eur, income_year``; missing where the publisher gives nothing
    """
    columns = ["nis_2025", "deprivation_index_pct", "oki", "median_income_eur", "income_year"]
    frame = read_csv(data, file, columns)
    check_codes(frame["nis_2025"], known, file)
    check_unique(frame, ["nis_2025"], file)
    income = _numbers(frame, "median_income_eur", file)
    table = pd.DataFrame(
        {
            "nis2025": frame["nis_2025"],
            "deprived_births_share": (_numbers(frame, "deprivation_index_pct", file) / 100).round(6),
            "education_index": _numbers(frame, "oki", file),
            "median_income_eur": income,
            "income_year": _numbers(frame, "income_year", file).where(income.notna()).astype("Int64"),
        }
    )
    return table.sort_values("nis2025", ignore_index=True)


def parse_sector_income(data: bytes, sectors: Iterable[str], file: str = "income_sectors.csv") -> pd.DataFrame:
    """Net taxable income by sector in euro a year: ``sector_id, mean_eur, median_eur``; without figures left out."""
    frame = read_csv(data, file, ["cd_sector", "ms_avg_tot_net_taxable_inc", "ms_median_net_taxable_inc"])
    check_unique(frame, ["cd_sector"], file)
    table = pd.DataFrame(
        {
            "sector_id": frame["cd_sector"].str.lower(),
            "mean_eur": _numbers(frame, "ms_avg_tot_net_taxable_inc", file),
            "median_eur": _numbers(frame, "ms_median_net_taxable_inc", file),
        }
    )
    table = table[table["sector_id"].isin(set(sectors))].dropna(subset=["mean_eur", "median_eur"], how="all")
    return table.sort_values("sector_id", ignore_index=True)


def _numbers(frame: pd.DataFrame, column: str, file: str) -> pd.Series:
    """Column as float64, missing where empty; `DataError` naming the first row that is no number of 0 or more."""
    text = frame[column].fillna("").str.strip()
    numbers = pd.to_numeric(text.where(text != ""), errors="coerce").astype("float64")
    bad = (text != "") & ~(numbers >= 0)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise DataError(
            Message(
                "error.protocol.value", file=file, row=str(row + HEADER_ROWS + 1), column=column, value=text.iloc[row]
            )
        )
    return numbers
