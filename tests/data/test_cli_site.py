"""``nabij site``, ``closures`` and ``criterion`` on the data that come with the project."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from loaders.columns import CLOSURE_COLUMNS, CRITERION_COLUMNS, PAIR_COLUMNS, RESULT_COLUMNS, SITE_COLUMNS
from loaders.snapshot import Snapshot

BOOM = ("--service", "bureau", "--in", "care_region:boom")


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, comment="#", dtype={"nis2025": str, "zone_id": str})


def test_two_new_bureaus_for_boom_with_alternatives_and_what_comes_after(tmp_path: Path) -> None:
    """Hemiksem and Niel have no bureau and are the largest such municipalities of the region."""
    out, after = tmp_path / "sites.csv", tmp_path / "after.csv"
    result = run("site", *BOOM, "--add", 2, "--alternatives", 1, "--out", out, "--after", after, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert list(table.columns) == list(SITE_COLUMNS)
    assert table["choice"].tolist() == [1, 1, 2, 2]
    assert set(table[table["choice"] == 1]["municipality"]) == {"Hemiksem", "Niel"}
    assert table["site_id"].is_unique
    assert "Proven optimal" in result.stderr
    assert "Taking the best next place each time" in result.stderr
    assert "ILLUSTRATIVE DATA" in result.stderr
    later = read(after)
    assert list(later.columns) == list(RESULT_COLUMNS)
    gained = table[table["choice"] == 1]["births_gained"].sum()
    told = next(line for line in result.stderr.splitlines() if line.startswith("Within reach"))
    assert f"{later['births_in_reach'].sum():.1f}" in told.replace(",", "")
    assert gained > 0
    assert "nabij site --service bureau" in out.read_text(encoding="utf-8")


def test_new_places_as_points_on_a_map(tmp_path: Path) -> None:
    out = tmp_path / "sites.geojson"
    assert run("site", *BOOM, "--candidates", "neighbourhood", "--out", out).exit_code == 0
    feature = json.loads(out.read_text(encoding="utf-8"))["features"][0]
    assert feature["geometry"]["type"] == "Point"
    assert feature["geometry"]["coordinates"] == [feature["properties"]["lon"], feature["properties"]["lat"]]
    assert feature["id"] == feature["properties"]["site_id"]


def test_closures_of_boom(tmp_path: Path) -> None:
    single, pairs = tmp_path / "single.csv", tmp_path / "pairs.csv"
    assert run("closures", *BOOM, "--out", single).exit_code == 0
    table = read(single)
    assert list(table.columns) == list(CLOSURE_COLUMNS)
    assert len(table) == 6  # Aartselaar, Boom, Bornem, Puurs, Rumst, Willebroek
    assert table["births_lost"].is_monotonic_decreasing
    assert run("closures", "--service", "bureau", "--pairs", "--out", pairs).exit_code == 0
    assert list(read(pairs).columns) == list(PAIR_COLUMNS)


def test_the_criterion_for_oudenburg(tmp_path: Path) -> None:
    out = tmp_path / "criterion.csv"
    words = ("criterion", "--service", "bureau", "--in", "municipality:35014", "--min-births", 30, "--out", out)
    result = run(*words, "--min-density", 2, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert list(table.columns) == list(CRITERION_COLUMNS)
    assert table[["births", "threshold_births", "threshold_density"]].values.tolist() == [[91, 30, 2]]
    assert "Yes, a consultation bureau is justified here" in result.stderr


def test_a_drawn_area_is_judged_like_a_named_one(tmp_path: Path, embedded: Snapshot) -> None:
    """The outline of Oudenburg, drawn: the same births but for hectares on its border."""
    zones = embedded.zones("municipality", 2025)
    drawn = tmp_path / "drawn.geojson"
    zones[zones["zone_id"] == "35014"][["geometry"]].to_crs("EPSG:4326").to_file(drawn, driver="GeoJSON")
    words = ("criterion", "--service", "bureau", "--min-births", 30, "--count", "area", "--at", "51.184,3.005")
    assert run(*words, "--area", drawn, "--out", tmp_path / "drawn.csv").exit_code == 0
    assert read(tmp_path / "drawn.csv")["births"].iloc[0] == pytest.approx(91, rel=0.05)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("site", *BOOM, "--objective", "best"), "Unknown objective 'best'"),
        (("site", *BOOM, "--add", 900), "You ask for 900 new places, but there are 206 candidates"),
        (("site", *BOOM, "--candidates", "castle"), "'castle' is no kind of candidate"),
        (("site", *BOOM, "--alternatives", -1), "--alternatives is -1"),
        (("site", *BOOM, "--objective", "lscp"), "cannot be brought within"),
        (("criterion", *BOOM, "--min-births", -5), "threshold is -5"),
        (("criterion", *BOOM, "--min-births", 5, "--at", "here"), "is not LAT,LON"),
        (("criterion", *BOOM, "--min-births", 5, "--area", "none.geojson"), "There is no file 'none.geojson'"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_sentence(tmp_path: Path, words: tuple[object, ...], sentence: str) -> None:
    out = tmp_path / "out.csv"
    result = run(*words, "--out", out)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not out.exists()
