"""``nabij site``, ``closures`` and ``criterion`` on the data that come with the project."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from loaders.catalogue.columns import (
    CLOSURE_COLUMNS,
    COMPANY_COLUMNS,
    CRITERION_COLUMNS,
    PAIR_COLUMNS,
    PHASE_COLUMNS,
    RESULT_COLUMNS,
    SITE_COLUMNS,
    TARGETING_COLUMNS,
)
from loaders.snapshot.reader import Snapshot

pytestmark = pytest.mark.usefixtures("warm_commands")

SMALL = pytest.mark.usefixtures("small_commands")
BOOM = ("--service", "bureau", "--in", "care_region:boom")


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, comment="#", dtype={"nis2025": str, "zone_id": str})


@SMALL
def test_an_alternative_comes_behind_the_best(tmp_path: Path) -> None:
    out = tmp_path / "sites.csv"
    result = run(
        *("site", *BOOM, "--mode", "bike", "--add", 2, "--alternatives", 1, "--out", out, "--lang", "en"),
    )
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert table["choice"].tolist() == [1, 1, 2, 2]
    gained = table.groupby("choice")["births_gained"].sum()
    assert 0.9 * gained[1] < gained[2] <= gained[1] + 1e-9


def test_two_new_bureaus_for_boom_and_what_comes_after(tmp_path: Path) -> None:
    """Hemiksem and Niel have no bureau and are the largest such municipalities of the region."""
    out, after = tmp_path / "sites.csv", tmp_path / "after.csv"
    result = run("site", *BOOM, "--add", 2, "--alternatives", 1, "--out", out, "--after", after, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert list(table.columns) == list(SITE_COLUMNS)
    assert table["choice"].tolist()[:2] == [1, 1]
    assert set(table[table["choice"] == 1]["municipality"]) == {"Hemiksem", "Niel"}
    assert table["site_id"].is_unique
    assert "Proven optimal" in result.stderr
    assert "Taking the best next place each time" in result.stderr
    assert "ILLUSTRATIVE DATA" in result.stderr
    later = read(after)
    assert list(later.columns) == list(RESULT_COLUMNS)
    gained = table[table["choice"] == 1]["births_gained"].sum()
    told = next(line for line in result.stderr.splitlines() if line.startswith("Within reach"))
    assert f"{later['births_in_reach'].sum():.0f}" in told.replace(",", "")
    assert gained > 0
    assert "nabij site --service bureau" in out.read_text(encoding="utf-8")


@SMALL
def test_new_places_as_points_on_a_map(tmp_path: Path) -> None:
    out = tmp_path / "sites.geojson"
    assert run("site", *BOOM, "--candidates", "neighbourhood", "--out", out).exit_code == 0
    feature = json.loads(out.read_text(encoding="utf-8"))["features"][0]
    assert feature["geometry"]["type"] == "Point"
    assert feature["geometry"]["coordinates"] == [feature["properties"]["lon"], feature["properties"]["lat"]]
    assert feature["id"] == feature["properties"]["site_id"]


def test_bureaus_and_houses_together_share_addresses(tmp_path: Path) -> None:
    """Four places on two new addresses: at least two share one, with each other or with a bureau that is there."""
    out, after = tmp_path / "both.geojson", tmp_path / "after.csv"
    result = run(
        "site", *BOOM, "--model", "crow", "--add", 2, "--with", "house:2", "--with-within", 3000, "--new-addresses", 2,
        "--out", out, "--after", after, "--lang", "en",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    document = json.loads(out.read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in document["features"]]
    assert list(rows[0]) == [*SITE_COLUMNS, *COMPANY_COLUMNS]
    assert [row["service"] for row in rows] == ["bureau", "bureau", "house", "house"]
    assert len({(row["x"], row["y"]) for row in rows if row["kind"] != "address"}) <= 2
    assert sum(row["shared"] for row in rows) >= 2
    ids = {row["site_id"] for row in rows}
    assert len(ids) == 4
    assert all(row["shared"] == bool(row["shares_with"]) for row in rows)
    assert all(other in ids or other.startswith("illustrative-") for row in rows if row["shared"]
               for other in row["shares_with"].split(";"))  # fmt: skip
    told = result.stderr
    assert "Within reach of consultation bureaus: from" in told
    assert "Within reach of physical Huizen van het Kind: from" in told
    assert "Proven optimal" in told
    assert "of the 4 new places share an address with another" in told
    assert f"{read(after)['births_in_reach'].sum():.0f} of " in told.replace(",", "")
    assert "--with house:2 --with-within 3000 --new-addresses 2" in out.read_text(encoding="utf-8")


def test_two_services_within_a_budget(tmp_path: Path) -> None:
    """An address costs 3 and a place 1: 5 pays for both on one address, or one apart; 0 for none."""
    for budget, most in ((5, 2), (0, 0)):
        out = tmp_path / f"{budget}.csv"
        result = run(
            "site", *BOOM, "--model", "crow", "--with", "house:1", "--budget", budget, "--address-cost", 3,
            "--candidates", "neighbourhood", "--out", out, "--lang", "en",
        )  # fmt: skip
        assert result.exit_code == 0, result.stderr
        table = read(out)
        new = table[table["kind"] != "address"].drop_duplicates(["x", "y"])
        assert 3 * len(new) + len(table) <= budget
        assert len(table) >= min(most, 1)
        assert ("instead of 1" in result.stderr) == (len(table) < 2)


@SMALL
def test_closures_of_boom(tmp_path: Path) -> None:
    single, pairs = tmp_path / "single.csv", tmp_path / "pairs.csv"
    assert run("closures", *BOOM, "--out", single).exit_code == 0
    table = read(single)
    assert list(table.columns) == list(CLOSURE_COLUMNS)
    assert len(table) == 6  # Aartselaar, Boom, Bornem, Puurs, Rumst, Willebroek
    assert table["births_lost"].is_monotonic_decreasing
    assert run("closures", "--service", "bureau", "--pairs", "--out", pairs).exit_code == 0
    assert list(read(pairs).columns) == list(PAIR_COLUMNS)


@SMALL
def test_closures_of_places_without_a_name_say_their_id(tmp_path: Path) -> None:
    places, out = tmp_path / "places.csv", tmp_path / "out.csv"
    places.write_text("id,service,lat,lon\nhere,bureau,51.09,4.37\nthere,bureau,51.1,4.37\n", encoding="utf-8")
    for more in ((), ("--pairs",)):
        words = ("--service", "bureau", "--facilities", places, "--mode", "bike", "--lang", "en", "--out", out)
        result = run("closures", *words, *more)
        assert result.exit_code == 0, result.stderr
        assert "if here" in result.stderr or "if there" in result.stderr
        assert "nan" not in result.stderr


def test_closures_of_houses(tmp_path: Path) -> None:
    out = tmp_path / "houses.csv"
    asked = ("closures", "--service", "house", "--in", "care_region:oostende", "--model", "crow")
    assert run(*asked, "--out", out).exit_code == 0
    assert read(out)["births_lost"].is_monotonic_decreasing
    result = run("closures", "--service", "house", "--in", "care_region:boom", "--out", tmp_path / "none.csv")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "There is no place of this service in the area" in result.stderr


@SMALL
def test_a_place_named_twice_closes_once(tmp_path: Path) -> None:
    told = []
    for close in ("illustrative-bureau-12040-01", "illustrative-bureau-12040-01,illustrative-bureau-12040-01"):
        result = run("site", *BOOM, "--close", close, "--candidates", "neighbourhood", "--out", tmp_path / "a.csv")
        assert result.exit_code == 0, result.stderr
        told.append(result.stderr)
    assert told[0] == told[1]


def test_the_criterion_for_oudenburg(tmp_path: Path) -> None:
    out = tmp_path / "criterion.csv"
    words = ("criterion", "--service", "bureau", "--in", "municipality:35014", "--min-births", 30, "--out", out)
    result = run(*words, "--min-density", 2, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert list(table.columns) == list(CRITERION_COLUMNS)
    assert table[["births", "threshold_births", "threshold_density"]].values[0] == pytest.approx([91, 30, 2])
    assert "Yes, a consultation bureau is justified here" in result.stderr


def test_a_drawn_area_is_judged_like_a_named_one(tmp_path: Path, embedded: Snapshot) -> None:
    """The outline of Oudenburg, drawn: the same births but for hectares on its border."""
    zones = embedded.zones("municipality", 2025)
    drawn = tmp_path / "drawn.geojson"
    zones[zones["zone_id"] == "35014"][["geometry"]].to_crs("EPSG:4326").to_file(drawn, driver="GeoJSON")
    words = ("criterion", "--service", "bureau", "--min-births", 30, "--count", "area", "--at", "51.184,3.005")
    assert run(*words, "--area", drawn, "--out", tmp_path / "drawn.csv").exit_code == 0
    assert read(tmp_path / "drawn.csv")["births"].iloc[0] == pytest.approx(91, rel=0.05)


@SMALL
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("site", *BOOM, "--objective", "best"), "Unknown objective 'best'"),
        (("site", *BOOM, "--add", 900), "You ask for 900 new places, but there are 206 candidates"),
        (("site", *BOOM, "--candidates", "castle"), "'castle' is no kind of candidate"),
        (("site", *BOOM, "--alternatives", -1), "--alternatives is -1"),
        (("site", *BOOM, "--objective", "lscp"), "cannot be brought within"),
        (("site", *BOOM, "--budget", 3, "--alternatives", 1, "--with", "house:1"), "does not go with --with"),
        (("site", *BOOM, "--with", "bureau:1"), "both are 'bureau'"),
        (("site", *BOOM, "--with", "house:none"), "'house:none' is no service with a number"),
        (("site", *BOOM, "--with", "house:1", "--with-within", 0), "Reach is 0.0 m"),
        (("site", *BOOM, "--with", "house:1", "--objective", "lscp"), "go with objective mclp only"),
        (("site", *BOOM, "--new-addresses", 1), "name the other one with --with"),
        (("site", *BOOM, "--robust", "weather"), "does not say what is uncertain"),
        (("site", *BOOM, "--robust", "draws:1"), "a whole number from 2 to 500"),
        (("site", *BOOM, "--robust", "draws", "--phased"), "--robust does not go with --phased"),
        (("site", *BOOM, "--frontier", "--alternatives", 2), "--frontier does not go with --alternatives"),
        (("site", *BOOM, "--fill-existing"), "needs capacities"),
        (("site", *BOOM, "--article9"), "no rule on areas"),
        (("site", *BOOM, "--why", "51.1,4.4", "--with", "house:1"), "--why does not go with --with"),
        (("site", *BOOM, "--why", "51.1,4.4", "--objective", "lscp"), "goes with objective mclp only"),
        (("site", *BOOM, "--why", "51.9,2.0"), "Nobody lives within 500 m of this point"),
        (("site", *BOOM, "--open-cost", 3), "--open-cost counts against a budget"),
        (("site", *BOOM, "--with", "house:1", "--address-cost", 3), "--address-cost counts against a budget"),
        (("site", *BOOM, "--births-per-place", 3), "ask for these with --capacity"),
        (("site", *BOOM, "--candidates", "station", "--in", "municipality:11037"), "no candidate of this kind"),
        (("site", *BOOM, "--facilities", "documented"), "Distances are not known"),
        (("site", *BOOM, "--year", 1950), "are not held for 1950"),
        (("site", *BOOM, "--close", "nobody"), "There is no open place 'nobody'"),
        (("closures", *BOOM, "--facilities", "documented"), "Distances are not known"),
        (("criterion", *BOOM, "--min-births", 5, "--facilities", "documented"), "Distances are not known"),
        (("criterion", *BOOM, "--min-births", 5, "--at", "48.8,2.3"), "does not lie in Belgium"),
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


@SMALL
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run("site", *BOOM, "--out", out, "--after", out)
    assert result.exit_code == 1
    assert "--out and --after are both" in result.stderr
    assert not out.exists()


@SMALL
def test_births_weighed_by_deprivation_and_what_that_costs(tmp_path: Path) -> None:
    out, fifths = tmp_path / "sites.csv", tmp_path / "fifths.csv"
    asked = ("site", *BOOM, "--model", "crow", "--add", 2, "--weight", "deprivation:0.8", "--lang", "en")
    result = run(*asked, "--out", out, "--by-fifth", fifths)
    assert result.exit_code == 0, result.stderr
    assert "Births count for more where the surroundings are more deprived" in result.stderr
    table = pd.read_csv(fifths, comment="#").set_index("stratum")
    assert list(table.reset_index().columns) == list(TARGETING_COLUMNS)
    everybody = table[["births_in_reach_universal", "births_in_reach_after"]].astype(float).loc["all"]
    assert everybody["births_in_reach_universal"] >= everybody["births_in_reach_after"] - 1e-9
    assert table["evidence"].eq("illustrative").all()
    head = fifths.read_text(encoding="utf-8")
    assert "--weight deprivation:0.8" in head
    assert "Deprivation is that of the statistical sector in 2011" in head
    assert set(read(out)["targeting"]) == {0.8}
    refused = run("site", *BOOM, "--out", out, "--by-fifth", fifths, "--lang", "en")
    assert refused.exit_code == 1
    assert "leave out --by-fifth" in refused.stderr


@SMALL
def test_a_point_is_held_against_the_best_choice(tmp_path: Path) -> None:
    """The middle of Boom has a bureau: a second one there brings next to nothing, and the file says so too."""
    out = tmp_path / "sites.csv"
    result = run("site", *BOOM, "--model", "crow", "--add", 2, "--why", "51.09,4.37", "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    assert "A place here (Boom) has" in result.stderr
    assert "That is proven for these candidates and this point." in result.stderr
    assert "A place here (Boom) has" in out.read_text()


@SMALL
def test_places_open_one_a_year_in_a_proven_order(tmp_path: Path) -> None:
    out = tmp_path / "sites.csv"
    result = run("site", *BOOM, "--model", "crow", "--add", 3, "--phased", "--out", out, "--lang", "en")
    assert result.exit_code == 0, result.stderr
    table = read(out)
    assert list(table.columns) == [*SITE_COLUMNS, *PHASE_COLUMNS]
    assert table["opens_in_year"].tolist() == [1, 2, 3]
    assert (table["births_best_by_then"] >= table["births_in_reach_by_then"] - 1e-6).all()
    assert "Proven: no other choice or order" in result.stderr
