"""Change over the years: every year held, the proxy named, and never compared with live births."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

import cli
from coverage.analysis import Engine
from coverage.core.query import Query
from coverage.indicators.births.trend import trend_table
from i18n.errors import InputError
from i18n.texts import text
from loaders.catalogue.columns import DECLARED, TREND_COLUMNS

if TYPE_CHECKING:
    from tests.unit.conftest import TinyWorld


def test_every_year_by_hand(tiny: TinyWorld) -> None:
    """In year 2020 + k every municipality has 10 + k children of age 0; live births are held for 2025 alone."""
    places = tiny.facilities(tiny.place(5, 5))
    table, analysis = trend_table(Engine(tiny.snapshot()), Query(within_m=5e4), places)
    assert list(table.columns) == list(TREND_COLUMNS)
    assert set(TREND_COLUMNS) <= set(DECLARED)
    rows = table[table["zone_id"] == "10012"]
    assert rows["births_year"].tolist() == [2020, 2021, 2022, 2025]
    assert rows["births_kind"].tolist() == ["age0", "age0", "age0", "births"]
    assert rows["births"].tolist() == pytest.approx([10, 11, 12, 90])
    assert rows["births_change"].tolist() == pytest.approx([math.nan, 0.1, 0.2, math.nan], nan_ok=True)
    assert rows["share_in_reach"].tolist() == pytest.approx([1, 1, 1, 1])
    assert ["proxy_births" in flags for flags in rows["flags"]] == [True, True, True, False]
    assert analysis.demand.year == 2025
    nobody = table[(table["zone_id"] == "10006") & (table["births_kind"] == "births")]
    assert nobody["births_change"].isna().all()


def test_later_years_and_other_children(tiny: TinyWorld) -> None:
    engine, places = Engine(tiny.snapshot()), tiny.facilities(tiny.place(5, 5))
    later, _ = trend_table(engine, Query(), places, since=2022)
    assert later["births_year"].unique().tolist() == [2022, 2025]
    young, _ = trend_table(engine, Query(demand="age0_2", areas=(("province", "noord"),)), places)
    assert set(young["births_kind"]) == {"age0_2"}
    assert young["zone_id"].unique().tolist() == ["10005", "10006"]
    with pytest.raises(InputError, match="There is no year from 2030 on"):
        trend_table(engine, Query(), places, since=2030)
    with pytest.raises(InputError, match="leave --year out"):
        trend_table(engine, Query(demand="age0", year=2021), places)


def test_the_command_names_the_proxy(tmp_path: Path) -> None:
    out = tmp_path / "trend.csv"
    options = ["trend", "--service", "bureau", "--level", "province", "--since", "2021", "--out", str(out)]
    result = CliRunner().invoke(cli.app, options)
    assert result.exit_code == 0, result.output
    said = out.read_text(encoding="utf-8")
    named = text("caveat.proxy_births", "nl")
    assert named in said
    assert "0-jarigen" in said.partition("zone_id,")[0]
    assert said.partition("Opnieuw te maken met: ")[2].splitlines()[0].endswith("--since 2021")
    table = pd.read_csv(out, comment="#")
    assert table["births_year"].unique().tolist() == [2021, 2022, 2025]
    assert CliRunner().invoke(cli.app, [*options[:-4], "--since", "2024", "--out", str(out)]).exit_code == 0
    assert named not in out.read_text(encoding="utf-8")  # no row of it is a proxy
