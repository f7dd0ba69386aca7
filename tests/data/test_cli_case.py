"""``nabij justify`` and ``nabij norm`` on the data that come with the project."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from loaders.catalogue.columns import CASE_COLUMNS, CASE_SITE_COLUMNS, FRONTIER_COLUMNS, NORM_COLUMNS, NORM_ZONE_COLUMNS

WARM = pytest.mark.usefixtures("warm_commands")
"""All but the first, which asks the same twice and must begin twice."""


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, comment="#")


def test_oudenburg_as_json_as_a_table_and_again(tmp_path: Path) -> None:
    """91 births in 2025; the same command gives the same bytes, and the file says which command."""
    out, again, sites = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "sites.csv"
    asked = ("justify", "--service", "bureau", "--in", "municipality:35014", "--lang", "en")
    result = run(*asked, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "Oudenburg justifies no consultation bureau" in result.stderr
    whole = json.loads(out.read_text(encoding="utf-8"))
    assert whole["verdict"] == "not_justified"
    assert round(whole["area"]["births"]) == 91
    assert "--in municipality:35014" in whole["notes"]["command"]
    assert run(*asked, "--out", again).exit_code == 0
    assert out.read_bytes() == again.read_bytes()
    assert run(*asked, "--sites", "--out", sites).exit_code == 0
    assert list(read(sites).columns) == list(CASE_SITE_COLUMNS)
    assert read(sites)["births_gained"].round(6).tolist() == [round(s["births_gained"], 6) for s in whole["sites"]]


@WARM
def test_documented_places_leave_the_verdict_open(tmp_path: Path) -> None:
    out = tmp_path / "toets.csv"
    result = run(
        "justify", "--service", "bureau", "--in", "municipality:35014", "--facilities", "documented", "--out", out
    )
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert list(table.columns) == list(CASE_COLUMNS)
    assert table.loc[0, "outcome"] == "not_known"


@WARM
def test_bad_questions_end_with_one_and_leave_no_file(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for words in (
        ("justify", "--service", "bureau", "--in", "municipality:73028"),
        ("justify", "--service", "bureau", "--in", "municipality:35014", "--min-births", -1),
        ("justify", "--service", "bureau", "--in", "municipality:99999"),
        ("justify", "--service", "bureau"),
        ("norm", "--service", "house", "--births", 0),
        ("norm", "--service", "house", "--births", 10, "--frontier", "--out-of-reach"),
    ):
        result = run(*words, "--out", out)
        assert result.exit_code == 1, words
        assert result.stderr.startswith("nabij: ")
        assert not out.exists()


@WARM
def test_a_norm_for_everywhere_as_three_tables(tmp_path: Path) -> None:
    """As the crow flies, which needs no streets; every place is given the norm, and the bound lies above."""
    norm = ("norm", "--service", "house", "--births", 100, "--model", "crow", "--cost", 90_000)
    places, zones, frontier = (tmp_path / f"{name}.csv" for name in ("places", "zones", "frontier"))
    result = run(*norm, "--out", places)
    assert result.exit_code == 0, result.stderr
    assert run(*norm, "--out-of-reach", "--out", zones).exit_code == 0
    assert run(*norm, "--frontier", "--out", frontier).exit_code == 0
    table = read(places)
    assert list(table.columns) == list(NORM_COLUMNS)
    assert (table["births_given"] >= 100 - 1e-4).all()
    assert table["meets_norm"].all()
    assert str(len(table)) in result.stderr
    assert list(read(zones).columns) == list(NORM_ZONE_COLUMNS)
    curve = read(frontier)
    assert list(curve.columns) == list(FRONTIER_COLUMNS)
    assert len(curve) == len(table) + 1
    assert (curve["weight_bound"] >= curve["weight_in_reach"] - 1e-6).all()
