"""Isochrones as a table: ground and births of places by their ids, and the command that writes them."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import cli
from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.isochrone_table import isochrone_table
from coverage.travel.isochrones import isochrone
from coverage.travel.straight_line import CIRCUITY, Crow
from i18n.errors import InputError
from loaders.catalogue.columns import DECLARED, ISOCHRONE_COLUMNS

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld

PLACE = "illustrative-bureau-11005-01"
"""The bureau of Boom in the made-up set."""


def test_ground_and_births_of_a_place(tiny: TinyWorld) -> None:
    """Around the middle of Aaken 0.225 births a cell: within 200 m as the crow flies lie 13 cells, within 100 m 5."""
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5), tiny.place(30, 25))
    analysis = engine.analyse(Query(), places)
    found = isochrone_table(engine, analysis, ["f000"], [CIRCUITY * 201, CIRCUITY * 101])
    assert list(found.columns) == [*ISOCHRONE_COLUMNS, "geometry"]
    assert found["id"].tolist() == ["f000", "f000"]
    np.testing.assert_allclose(found["births"], [5 * 0.225, 13 * 0.225])
    np.testing.assert_allclose(found["area_km2"], [math.pi * (r / 1000) ** 2 for r in (101, 201)], rtol=0.01)
    assert found["isochrone_id"].is_unique
    assert set(ISOCHRONE_COLUMNS) <= set(DECLARED)
    everyone = isochrone_table(engine, analysis, [], [300])
    assert everyone["id"].tolist() == ["f000", "f001"]


def test_what_cannot_be_drawn(tiny: TinyWorld) -> None:
    engine = Engine(tiny.snapshot())
    analysis = engine.analyse(Query(), tiny.facilities(tiny.place(5, 5), tiny.place(9, 9, status="planned")))
    for ids, within, message in (
        (["f00"], [300], "There is no place 'f00' in 'user'; did you mean f000?"),
        (["f001"], [300], "Place 'f001' has no coordinates or is not open"),
        (["f000"], [], "There is no distance; give metres with --within"),
        (["f000"], [math.nan], "give metres above 0"),
    ):
        with pytest.raises(InputError, match=message.replace("?", r"\?")):
            isochrone_table(engine, analysis, ids, within)
    documented = engine.analyse(Query(), tiny.facilities(tiny.at("10001"), scope={"bureau": ["10001"]}))
    with pytest.raises(InputError, match="no place with coordinates in 'documented'"):
        isochrone_table(engine, documented, [], [300])
    with pytest.raises(InputError, match="The squares are 0 m wide"):
        isochrone(Crow(), [[0, 0]], [300], step_m=0)


@pytest.mark.usefixtures("small_commands")
def test_the_command_writes_polygons_that_say_what_they_are(tmp_path: Path) -> None:
    out = tmp_path / "iso.geojson"
    options = ["isochrone", "--service", "bureau", "--facilities", "illustrative", "--id", PLACE, "--model", "crow"]
    result = CliRunner().invoke(cli.app, [*options, "--within", "1200,600", "--out", str(out), "--lang", "en"])
    assert result.exit_code == 0, result.output
    collection = json.loads(out.read_text(encoding="utf-8"))
    assert [f["properties"]["within_m"] for f in collection["features"]] == [600, 1200]
    assert {f["geometry"]["type"] for f in collection["features"]} == {"Polygon"}
    assert collection["nabij"]["warning"].startswith("ILLUSTRATIVE")
    assert f"--id {PLACE} --within 600,1200" in collection["nabij"]["command"]
    again = CliRunner().invoke(cli.app, [*options, "--within", "600", "--out", "-"])
    lines = [line for line in again.stdout.splitlines() if not line.startswith("#")]
    row = pd.read_csv(io.StringIO("\n".join(lines))).iloc[0]
    assert row["births"] == pytest.approx(collection["features"][0]["properties"]["births"])


@pytest.mark.usefixtures("small_commands")
def test_around_the_river_less_ground_is_reached(tmp_path: Path) -> None:
    """Boom lies on the Rupel: over the land fewer births come within 1,200 m than as the crow flies."""
    births = {}
    for model in ("crow", "raster"):
        out = tmp_path / f"{model}.csv"
        options = ["isochrone", "--service", "bureau", "--facilities", "illustrative", "--id", PLACE]
        result = CliRunner().invoke(cli.app, [*options, "--model", model, "--out", str(out)])
        assert result.exit_code == 0, result.output
        births[model] = float(pd.read_csv(out, comment="#")["births"].iloc[0])
    assert births["raster"] <= births["crow"] + 1e-6


@pytest.mark.usefixtures("small_commands")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--within", "300,x"), "holds something that is no distance"),
        (("--id", "nowhere"), "There is no place 'nowhere'"),
        (("--within", "0"), "give metres above 0"),
        (("--model", "matrix"), "needs a file; give it with --matrix FILE"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    out = tmp_path / "iso.csv"
    result = CliRunner().invoke(cli.app, ["isochrone", "--service", "bureau", *options, "--out", str(out)])
    assert result.exit_code == 1
    assert message in result.output
    assert not out.exists()
