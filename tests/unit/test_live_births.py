"""Births of all years from a workbook in Statbel's layout, with the vintage trap of the sheets 2018 and 2024."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from i18n.errors import DataError
from loaders.parsers.births import parse_births
from loaders.pipeline.update import RefreshedResource
from loaders.snapshot.reader import Snapshot
from tests.workbooks import births_sheet, workbook

Rows = list[Sequence[object]]
Sheets = Mapping[str, Rows]
PUURS_SINT_AMANDS = "12041"
"""Merged in 2019."""


@pytest.fixture(scope="module")
def codes(embedded: Snapshot) -> pd.DataFrame:
    return embedded.table("municipality_codes")


def births_of(embedded: Snapshot, vintage: int) -> dict[str, int]:
    """Real live births of 2025, shared out over the members of merged municipalities: sums stay real."""
    codes = embedded.table("municipality_codes")
    births = embedded.table("births").set_index("nis2025")["births"]
    table = codes.drop_duplicates(f"nis{vintage}").groupby("nis2025")[f"nis{vintage}"].apply(list)
    out: dict[str, int] = {}
    for nis2025, members in table.items():
        each, rest = divmod(int(births[str(nis2025)]), len(members))
        out |= {nis: each + (rest if i == 0 else 0) for i, nis in enumerate(members)}
    return out


@pytest.fixture(scope="module")
def sheets(embedded: Snapshot) -> Sheets:
    vintages = {"2017": 2018, "2018": 2019, "2019": 2019, "2024": 2025, "2025 ": 2025}
    return {year: births_sheet(births_of(embedded, vintage)) for year, vintage in vintages.items()}


def test_every_sheet_becomes_births_by_municipality_of_2025(
    embedded: Snapshot, codes: pd.DataFrame, sheets: Sheets
) -> None:
    series = parse_births(workbook(sheets), codes, "pop1992-mov.xlsx")
    real = embedded.table("births").set_index("nis2025")["births"]
    assert series.vintages == {2017: 2018, 2018: 2019, 2019: 2019, 2024: 2025, 2025: 2025}
    assert series.frame.groupby("year").size().to_dict() == dict.fromkeys(series.vintages, 304)
    for year in series.vintages:
        found = series.frame[series.frame["year"] == year].set_index("nis2025")["births"]
        assert found.reindex(real.index).tolist() == real.tolist()


def test_sheets_that_already_use_the_codes_after_a_merger_are_told(codes: pd.DataFrame, sheets: Sheets) -> None:
    """Statbel relabelled the sheets of 2018 (codes of 2019) and 2024 (codes of 2025)."""
    assert parse_births(workbook(sheets), codes, "f").notes() == [
        "Births: the sheet of 2018 uses the municipality codes of 2019; merged municipalities cannot be "
        "told apart in it.",
        "Births: the sheet of 2024 uses the municipality codes of 2025; merged municipalities cannot be "
        "told apart in it.",
    ]


def replaced(sheet: Rows, nis: str, column: int, value: object) -> Rows:
    """The sheet with one cell of the row of a municipality changed."""
    return [[*row[:column], value, *row[column + 1 :]] if row[0] == nis else row for row in sheet]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ((0, "11999"), "sheet 2019: municipality '11999' is not known, compared with the 300|319 codes of 2019"),
        ((0, "11001"), "sheet 2019: municipality '11001' occurs twice; keep one"),
        ((3, None), "sheet 2019: row .*'births': '' is not a whole number"),
        ((3, "12,5"), "sheet 2019: row .*'births': '12,5' is not a whole number"),
        ((3, -4), "sheet 2019: row .*'births': '-4' is not a whole number"),
        ((3, 900_000), "sheet 2019: the sum over municipalities is .* expected between"),
    ],
)
def test_a_fault_in_one_sheet_gets_one_sentence(
    codes: pd.DataFrame, sheets: Sheets, change: tuple[int, object], sentence: str
) -> None:
    rows = replaced(sheets["2019"], "11002", *change)
    with pytest.raises(DataError, match=sentence):
        parse_births(workbook({"2019": rows}), codes, "pop.xlsx")


def test_a_missing_municipality_is_named(codes: pd.DataFrame, sheets: Sheets) -> None:
    rows = [row for row in sheets["2019"] if row[0] != PUURS_SINT_AMANDS]
    with pytest.raises(DataError, match=r"sheet 2019: municipality '12041' is missing, .* 319 codes of 2019"):
        parse_births(workbook({"2019": rows}), codes, "pop.xlsx")


def test_a_changed_layout_is_told(codes: pd.DataFrame, sheets: Sheets) -> None:
    narrow = [row[:2] for row in sheets["2019"]]
    with pytest.raises(DataError, match="births are expected in column D"):
        parse_births(workbook({"2019": narrow}), codes, "pop.xlsx")
    with pytest.raises(DataError, match=r"no sheet is named after a year \(sheets: Lisez-moi\)"):
        parse_births(workbook({"Lisez-moi": [("x",)]}), codes, "pop.xlsx")


def test_other_years_stay_when_births_are_renewed(embedded: Snapshot, codes: pd.DataFrame) -> None:
    older = parse_births(workbook({"1999": births_sheet(births_of(embedded, 2018))}), codes, "f").frame
    after = RefreshedResource("births", older, ("year",)).apply(embedded.table("births"))
    assert after.groupby("year").size().to_dict() == {1999: 304, 2025: 304}
    assert after[after["year"] == 2025].reset_index(drop=True).equals(embedded.table("births"))
    assert after.equals(RefreshedResource("births", older, ("year",)).apply(after))
