"""The command on the embedded snapshot, as a user runs it: acceptance cases, files, bad input, serving."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

import cli
from layers.files.output import FORMATS

pytestmark = pytest.mark.usefixtures("warm_commands")

NABIJ = [sys.executable, "-c", "import cli; cli.main()"]
ALL_BIRTHS = 62_277 + 13_663  # Statbel, live births of 2025 in Flanders and in Brussels


def run(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*NABIJ, *words], cwd=cwd, capture_output=True, check=False, env={**os.environ, **environment}
    )


def read(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), comment="#", dtype={"zone_id": "str", "gap": "boolean"})


def asked(*words: str) -> pd.DataFrame:
    """Table that a command writes to standard output, without starting a process."""
    result = CliRunner().invoke(cli.app, [*words, "--out", "-"])
    assert result.exit_code == 0, result.stderr
    return read(result.stdout_bytes)


def test_care_regions_oostende_and_boom() -> None:
    """Field reports: no bureau in Oudenburg (Oostende) nor in Hemiksem, Niel, Schelle and Sint-Amands (Boom)."""
    done = run(
        "gaps", "--facilities", "documented", "--level", "municipality", "--service", "bureau",
        "--in", "care_region:oostende,care_region:boom", "--vintage", "2018", "--out", "-",
    )  # fmt: skip
    assert done.returncode == 0
    table = read(done.stdout)
    assert set(table["zone_name"]) == {"Oudenburg", "Hemiksem", "Niel", "Schelle", "Sint-Amands"}
    reasons = table.set_index("zone_name")["gap_reasons"]  # the house of Oostende serves Oudenburg, Boom has none
    assert reasons.pop("Oudenburg") == "no_bureau_on_territory"
    assert set(reasons) == {"no_bureau_on_territory;no_bureau_no_house"}
    assert table["births_out_of_reach"].isna().all()
    assert table["births"].is_monotonic_decreasing
    assert b"ILLUSTRATIEVE" not in done.stdout + done.stderr


def test_the_merger_hides_the_gap_of_sint_amands() -> None:
    table = asked("coverage", "--service", "bureau", "--facilities", "documented", "--in", "care_region:boom")
    merged = table.set_index("zone_name").loc["Puurs-Sint-Amands"]
    assert merged["n_facilities"] >= 1
    assert "no_bureau_on_territory" not in str(merged["gap_reasons"])
    assert "merged" in merged["flags"].split(";")


@pytest.mark.parametrize("level", ["sector", "care_region", "region"])
def test_births_add_up_in_the_file(level: str) -> None:
    table = asked("coverage", "--service", "house", "--level", level)
    assert table["births"].sum() == pytest.approx(ALL_BIRTHS, rel=1e-9)
    assert set(table["level"]) == {level}
    assert table["zone_id"].is_unique
    assert table["flags"].str.contains("illustrative").all()


def test_gaps_are_the_gaps_of_coverage_by_need() -> None:
    everything = asked("coverage", "--service", "bureau", "--mode", "bike")
    found = asked("gaps", "--service", "bureau", "--mode", "bike")
    assert found["births_out_of_reach"].is_monotonic_decreasing
    assert set(found["zone_id"]) == set(everything.loc[everything["gap"].fillna(value=False), "zone_id"])
    assert found["gap_reasons"].str.len().gt(0).all()


@pytest.fixture(scope="module")
def boom() -> list[str]:
    """Zones with a gap in care region Boom."""
    return asked("gaps", "--service", "bureau", "--in", "care_region:boom")["zone_id"].tolist()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_same_zones_and_says_what_is_made_up(form: str, boom: list[str], tmp_path: Path) -> None:
    out = tmp_path / f"out.{form.partition('-')[0]}"
    words = ["gaps", "--service", "bureau", "--in", "care_region:boom", "--format", form, "--out", str(out)]
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 0
    assert "ILLUSTRATIEVE GEGEVENS" in done.stderr
    beside = [out.with_name("out.csv.txt")] if form == "csv-excel" else []
    assert zone_ids(out, form) == boom
    assert "ILLUSTRATIEVE GEGEVENS" in everything_in(beside[0] if beside else out)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in (out, *beside)]


def zone_ids(path: Path, form: str = "") -> list[str]:
    if form == "csv-excel":
        return pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")["Code"].tolist()
    if path.suffix == ".csv":
        return read(path.read_bytes())["zone_id"].tolist()
    if path.suffix == ".parquet":
        return pd.read_parquet(path)["zone_id"].tolist()
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str, engine="openpyxl")["Code"].tolist()
    return list(gpd.read_file(path, layer="nabij" if path.suffix == ".gpkg" else None)["zone_id"])


def everything_in(path: Path) -> str:
    """All text of a file, whatever its format."""
    if path.suffix == ".xlsx":
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=str, engine="openpyxl")
        return "".join(sheet.to_string() for sheet in sheets.values())
    return path.read_bytes().decode(errors="replace")


@pytest.mark.parametrize("words", [("coverage", "gpkg"), ("map", "html")])
def test_the_same_question_gives_the_same_bytes(words: tuple[str, str], tmp_path: Path) -> None:
    command, suffix = words
    files = []
    for name, zone in (("a", "Pacific/Auckland"), ("b", "UTC")):
        folder = tmp_path / name
        folder.mkdir()
        done = run(
            command, "--service", "house", "--out", f"same.{suffix}", cwd=folder, TZ=zone, PYTHONHASHSEED=str(len(zone))
        )
        assert done.returncode == 0
        files.append((folder / f"same.{suffix}").read_bytes())
    assert files[0] == files[1]


def test_a_file_says_how_to_make_it_again() -> None:
    words = ("coverage", "--service", "house", "--mode", "bike", "--within", "2500.5", "--demand", "age0_2", "--year",
             "2015", "--in", "province:antwerpen", "--level", "sub_municipality", "--min-share", "0.35")  # fmt: skip
    first = CliRunner().invoke(cli.app, [*words, "--out", "-"]).stdout
    command = next(line for line in first.splitlines() if line.startswith("# Opnieuw te maken met: "))
    again = shlex.split(command.removeprefix("# Opnieuw te maken met: nabij "))
    assert CliRunner().invoke(cli.app, [*again, "--out", "-"]).stdout == first


def test_children_stand_in_for_births_by_name() -> None:
    table = asked("coverage", "--service", "bureau", "--demand", "age0", "--year", "1992")
    assert set(table["births_kind"]) == {"age0"}
    assert set(table["births_year"]) == {1992}
    assert table["flags"].str.contains("proxy_births").all()


PLACES = {
    "swapped": ("a,bureau,Boom,4.37,51.09\n", "row 2"),
    "sea": ("a,bureau,Zee,51.6,2.6\n", "row 2"),
    "France": ("a,bureau,Parijs,48.85,2.35\n", "row 2"),
    "duplicate": ("a,bureau,Boom,51.09,4.37\na,bureau,Niel,51.11,4.33\n", "row 3"),
}


@pytest.mark.parametrize("case", PLACES)
def test_bad_places_are_refused_by_row(case: str, tmp_path: Path) -> None:
    rows, where = PLACES[case]
    places = tmp_path / "mine.csv"
    places.write_text(f"id,service,name,lat,lon\n{rows}", encoding="utf-8")
    out = tmp_path / "out.csv"
    out.write_text("saved before", encoding="utf-8")
    words = ["gaps", "--service", "bureau", "--facilities", str(places), "--out", str(out)]
    done = CliRunner().invoke(cli.app, words)
    assert (done.exit_code, done.stdout) == (1, "")
    sentence = done.stderr
    assert sentence.startswith("nabij: mine.csv, ")
    assert where in sentence
    assert sentence.count("\n") == 1
    assert out.read_text(encoding="utf-8") == "saved before"
    assert {path.name for path in tmp_path.iterdir()} == {"mine.csv", "out.csv"}


def test_births_of_a_year_not_held_name_the_proxy() -> None:
    done = run("coverage", "--service", "bureau", "--year", "2010", "--out", "-")
    assert (done.returncode, done.stdout) == (1, b"")
    assert re.search(r"^nabij: .*2010.*age0.*\n$", done.stderr.decode())


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = shlex.join([*NABIJ, "coverage", "--service", "bureau", "--level", "sector", "--out", "-"])
    done = subprocess.run(["sh", "-c", f"{command} | head -n 1"], capture_output=True, check=False)
    assert done.stdout.startswith(b"# ILLUSTRATIEVE GEGEVENS")
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


@contextmanager
def serving(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the explorer on a free port; give the process and its address."""
    process = subprocess.Popen(
        [*NABIJ, "serve", "--port", "0", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        ready = next(line for line in process.stdout if "http://" in line)
        found = re.search(r"http://[\d.]+:\d+", ready)
        assert found
        yield process, found.group()
    finally:
        process.kill()
        process.communicate()


def test_serve_answers_and_stops_when_told() -> None:
    with serving("--lang", "en") as (process, address):
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200
            assert 'lang="en"' in answer.read().decode()
        taken = run("serve", "--port", address.rpartition(":")[2])
        assert taken.returncode == 1
        assert b"is in use by another program" in taken.stderr
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        assert process.returncode == 0
        assert "Traceback" not in errors


def test_the_map_is_one_file(tmp_path: Path) -> None:
    done = run("map", "--service", "bureau", "--lang", "en", "--out", str(tmp_path / "map.html"))
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["map.html"]
    assert "ILLUSTRATIVE DATA" in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_geojson_opens_as_a_collection(tmp_path: Path) -> None:
    out = tmp_path / "gaps.geojson"
    assert run("gaps", "--service", "house", "--level", "province", "--out", str(out)).returncode == 0
    content = json.loads(out.read_bytes())
    assert content["type"] == "FeatureCollection"
    assert content["nabij"]["evidence"] == "illustrative"
    assert all(feature["properties"]["gap"] is True for feature in content["features"])
