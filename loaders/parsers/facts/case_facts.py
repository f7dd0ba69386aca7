"""What the field report says of its five cases: one row per fact, with the section it stands in.

`loaders.parsers.facts.documented` makes places of them; here they stand as the report gives them, so that what has no
place on a map (GP circles without borders, what is only planned, when something began) is held too.
"""

from __future__ import annotations

import re

import pandas as pd

from loaders.protocols.spellings import slug
from loaders.protocols.tables import check_codes, check_values, read_csv

SUBJECTS = ("bureau", "house", "gp_circle", "gp_duty_post")
CASE_FACT_COLUMNS = (
    "care_region",
    "nis2018",
    "nis2025",
    "municipality",
    "subject",
    "fact",
    "value",
    "since",
    "until",
    "certainty",
    "section",
)
"""Columns of the table, in order; ``care_region`` is the region that a fact is about as a whole."""

_RAW = ("nis2018", "municipality", "subject", "fact", "value", "from", "until", "certainty", "section")
_REGION = "care region "
_DATE = re.compile(r"(?:\d{4}(?:-\d{2}){0,2})?")


def parse_case_facts(data: bytes, codes: pd.DataFrame, file: str = "documented_case_details.csv") -> pd.DataFrame:
    """Facts of the cases, one row per fact (`CASE_FACT_COLUMNS`), all of them text; empty where not said.

    Parameters
    ----------
    data : the collected file, UTF-8 CSV
    codes : crosswalk of municipalities (``nis2018, nis2025``)

    Raises
    ------
    DataError
        unknown NIS code or subject, a date that is none, a fact that is about nothing; each names file and row
    MissingColumnError
        a column is absent
    """
    raw = read_csv(data, file, list(_RAW))[list(_RAW)].fillna("")
    known = dict(zip(codes["nis2018"], codes["nis2025"], strict=True))
    of_region = raw["municipality"].str.startswith(_REGION)
    check_codes(raw.loc[~of_region, "nis2018"], known, file)
    check_values(~raw["subject"].isin(SUBJECTS), raw["subject"], "subject", file)
    for column in ("from", "until"):
        check_values(~raw[column].map(lambda value: bool(_DATE.fullmatch(value))), raw[column], column, file)
    for column in ("fact", "value", "section"):
        check_values(raw[column] == "", raw[column], column, file)
    name = raw["municipality"].str.removeprefix(_REGION)
    facts = raw.assign(
        care_region=name.map(slug).where(of_region, ""),
        municipality=name.where(~of_region, ""),
        nis2025=raw["nis2018"].map(known).fillna(""),
        since=raw["from"],
    )
    return facts[list(CASE_FACT_COLUMNS)].sort_values(["nis2018", "care_region", "subject", "fact"], ignore_index=True)
