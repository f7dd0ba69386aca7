"""One question asked everywhere: what the command writes is what the explorer, every file and every document say."""

from __future__ import annotations

import io
import json
import sqlite3
from html import unescape
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import cli
from coverage.analysis import Engine
from coverage.core.query import Query
from layers.files.export import render
from layers.maps.scales.classes import INDICATORS
from layers.notes.notes import describe, summary
from layers.views.view import payload, ranked
from loaders.catalogue.regions.levels import LEVELS, NOT_KNOWN_HERE
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot

pytestmark = pytest.mark.usefixtures("warm_commands")

MUNICIPALITIES = ("municipality:11005", "municipality:21009", "municipality:35014")
"""Boom, Elsene and Oudenburg."""

SMALL = ("sector", "neighbourhood", "sub_municipality", "municipality")
"""Levels of which these municipalities are asked alone; of the others the whole region."""

AREAS = tuple(("municipality", area.partition(":")[2]) for area in MUNICIPALITIES)
QUICK = ("--service", "bureau", "--model", "crow", "--within", "1200")
FIGURES = ("births", "births_in_reach", "share_in_reach", "births_out_of_reach", "mean_distance_m", "gap_probability")


def command(*words: str) -> bytes:
    done = CliRunner().invoke(cli.app, [*words])
    assert done.exit_code == 0, done.stderr
    return done.stdout_bytes


def coverage(*words: str) -> pd.DataFrame:
    content = command("coverage", *QUICK, *words, "--out", "-")
    return pd.read_csv(io.BytesIO(content), comment="#", dtype={"zone_id": "str"}, keep_default_na=True)


def numbers(table: pd.DataFrame, ids: list[str], column: str) -> list[float]:
    """Figures of a column, zone by zone."""
    held = table.assign(zone_id=table["zone_id"].astype(str)).set_index("zone_id")[column]
    return [float(value) for value in held.reindex(ids).astype("Float64").to_numpy(na_value=np.nan)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(Snapshot())


@pytest.mark.parametrize("level", [level for level in LEVELS if level not in ("region",)])
def test_every_file_and_the_explorer_say_what_the_command_says(level: str, engine: Engine) -> None:
    snapshot = engine.snapshot
    areas = AREAS if level in SMALL else ()
    written = coverage("--level", level, *(("--in", ",".join(MUNICIPALITIES)) if areas else ()))
    ids = written["zone_id"].tolist()
    n_zones = len([zone for zone in ids if zone != NOT_KNOWN_HERE])
    assert n_zones >= 2
    query = Query(service="bureau", level=level, model="crow", within_m=1200, areas=areas)
    answer = engine.analyse(query, load_facilities(snapshot, "illustrative"))
    notes, zones = describe(answer, snapshot, "coverage", "en"), snapshot.zones(level, answer.query.vintage)
    assert sorted(answer.table["zone_id"].astype(str)) == sorted(ids)
    assert f" of {n_zones:,} " in summary(answer, "en")  # what lies in no known zone is no zone
    assert ("in zones not known here" in summary(answer, "en")) == (NOT_KNOWN_HERE in ids)
    table = pd.read_csv(io.BytesIO(render(answer.table, notes, "csv")), comment="#", dtype={"zone_id": "str"})
    drawn = json.loads(render(answer.table, notes, "geojson", zones))["features"]
    geojson = pd.DataFrame([one["properties"] for one in drawn])
    base = sqlite3.connect(":memory:")
    base.deserialize(render(answer.table, notes, "gpkg", zones))
    (layer,) = base.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").fetchone()
    geopackage = pd.read_sql_query(f"SELECT * FROM {layer}", base)  # noqa: S608
    base.close()
    shown = ranked(answer.table)["zone_id"].astype(str).tolist()
    rows = payload(answer, "en")["rows"]
    for column in FIGURES:
        wanted = numbers(written, ids, column)
        for name, other in (("csv", table), ("geojson", geojson), ("gpkg", geopackage)):
            assert numbers(other, ids, column) == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True), (name, column)
        if column in INDICATORS:
            scale = INDICATORS[column].scale
            seen = numbers(pd.DataFrame({"zone_id": shown, column: rows[column]}), ids, column)
            near = {"share": 6e-5, "probability": 6e-5, "births": 6e-3}.get(scale, 0.06)
            assert seen == pytest.approx(wanted, rel=6e-4, abs=near, nan_ok=True), column


def test_a_workbook_holds_the_figures_of_the_command(engine: Engine) -> None:
    written = coverage("--in", ",".join(MUNICIPALITIES))
    query = Query(service="bureau", model="crow", within_m=1200, areas=AREAS)
    answer = engine.analyse(query, load_facilities(engine.snapshot, "illustrative"))
    content = render(answer.table, describe(answer, engine.snapshot, "coverage", "en"), "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    held = {value for row in sheet.iter_rows(values_only=True) for value in row if isinstance(value, (int, float))}
    for column in ("births", "births_in_reach", "share_in_reach", "births_out_of_reach"):
        for value in written[column]:
            assert any(value == pytest.approx(one, rel=1e-9, abs=1e-9) for one in held), (column, value)


def test_documents_say_what_the_command_says(tmp_path: Path) -> None:
    """Of Boom; Oudenburg is in `test_dossier_checked`."""
    area = MUNICIPALITIES[0]
    row = coverage("--in", area).iloc[0]
    share = f"{100 * row['share_in_reach']:.0f}%"
    births = f"{row['births']:,.0f}"
    for name in ("profile", "dossier"):
        out = tmp_path / f"{name}.html"
        command(name, *QUICK, "--in", area, "--lang", "en", "--out", str(out))
        told = unescape(out.read_text(encoding="utf-8"))
        assert share in told, name
        assert births in told, name
    out = tmp_path / "case.json"
    command("justify", *QUICK, "--in", area, "--draws", "20", "--out", str(out))
    assert json.loads(out.read_text(encoding="utf-8"))["area"]["births"] == pytest.approx(row["births"], abs=1e-9)
