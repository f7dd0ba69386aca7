"""Published totals and shares of surveys and reports about the partnerships: bytes to one cited row per figure.

They are figures of others, of their own year and by their own questions: shown beside ours as context, and never a base
for one of ours.
"""

from __future__ import annotations

import re

import pandas as pd

from loaders.protocols.spellings import slug
from loaders.protocols.tables import check_values, read_csv

SURVEY_FACT_COLUMNS = (
    "subject",
    "statement",
    "value",
    "number",
    "unit",
    "counted",
    "share",
    "of",
    "about",
    "year",
    "vintage",
    "scope",
    "source_title",
)
"""Columns of the table, in order. ``number`` is empty where the figure is in words; ``counted`` and ``share`` are the
figure as a number of units and as a share, where the source gives either."""

UNITS = ("houses", "municipalities", "percent", "share", "names", "local governments")
"""Words that a unit begins with."""

_RAW = ("source", "year", "subject", "value", "unit", "scope")
_YEAR = re.compile(r"(about )?(\d{4})")
_OF = re.compile(r"\bof (\d+)\b")
_SHARE = re.compile(r"\((\d+(?:\.\d+)?) ?%\)")
_VINTAGE = re.compile(r"of the (\d{4}) municipalities")


def parse_survey_facts(data: bytes, file: str = "survey_facts.csv") -> pd.DataFrame:
    """Figures of surveys, one row per figure (`SURVEY_FACT_COLUMNS`).

    ``subject`` is the slug of what is counted and may occur in several rows, of other years or scopes. ``of`` is what a
    number is out of, where that is stated; ``about`` tells that the figure or its year is approximate; ``vintage`` are
    the borders that the scope names.

    Parameters
    ----------
    data : the collected file, UTF-8 CSV

    Raises
    ------
    DataError
        a year or a unit that is none, a share above 100 %, a figure without subject, value, scope or source; each
        names file and row
    MissingColumnError
        a column is absent
    """
    raw = read_csv(data, file, list(_RAW))[list(_RAW)].fillna("")
    for column in ("source", "subject", "value", "scope"):
        check_values(raw[column].str.strip() == "", raw[column], column, file)
    check_values(~raw["year"].str.fullmatch(_YEAR), raw["year"], "year", file)
    unit = raw["unit"].map(lambda words: next((known for known in UNITS if words.startswith(known)), ""))
    check_values(unit == "", raw["unit"], "unit", file)
    year = raw["year"].str.extract(_YEAR)
    number = pd.to_numeric(raw["value"], errors="coerce").astype("float64")
    percent = unit == "percent"
    check_values(percent & ~number.between(0, 100), raw["value"], "value", file)
    told = pd.to_numeric(raw["unit"].str.extract(_SHARE, expand=False)).astype("float64")
    facts = pd.DataFrame(
        {
            "subject": raw["subject"].map(lambda words: slug(words).replace("-", "_")),
            "statement": raw["subject"],
            "value": raw["value"],
            "number": number,
            "unit": unit,
            "counted": number.where(~percent & number.notna()),
            "share": (number.where(percent, told) / 100).round(6),
            "of": pd.to_numeric(raw["unit"].str.extract(_OF, expand=False)).astype("Int64"),
            "about": raw["unit"].str.contains("about", regex=False) | (year[0].fillna("") != ""),
            "year": year[1].astype("int64"),
            "vintage": pd.to_numeric(raw["scope"].str.extract(_VINTAGE, expand=False)).astype("Int64"),
            "scope": raw["scope"],
            "source_title": raw["source"],
        }
    )
    order = ["source_title", "subject", "scope", "value"]
    return facts[list(SURVEY_FACT_COLUMNS)].sort_values(order, ignore_index=True)
