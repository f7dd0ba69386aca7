"""Figures of a dossier against what ``nabij coverage`` writes, each found again without any code of the dossier."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import cli

pytestmark = pytest.mark.usefixtures("warm_commands")

QUICK = ("--service", "bureau", "--model", "crow", "--within", "1200")
AREA = ("--in", "municipality:35014")


def asked(*words: str) -> pd.DataFrame:
    done = CliRunner().invoke(cli.app, ["coverage", *QUICK, *words, "--out", "-"])
    assert done.exit_code == 0, done.stderr
    return pd.read_csv(io.BytesIO(done.stdout_bytes), comment="#", dtype={"zone_id": "str"})


def tables(page: str) -> list[list[list[str]]]:
    """Rows of cells of every table of a page."""
    return [
        [
            [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>.*?</t[hd]>", row)]
            for row in re.findall(r"<tr>.*?</tr>", table)
        ]
        for table in re.findall(r"<table>.*?</table>", page, re.DOTALL)
    ]


def whole(number: float) -> str:
    """Number as it is written in English."""
    return f"{number:,.0f}" if number >= 0.5 or number == 0 else "<1"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("dossier") / "o.html"
    done = CliRunner().invoke(cli.app, ["dossier", *QUICK, *AREA, "--lang", "en", "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    assert "ILLUSTRATIVE DATA" in done.stderr
    assert [path.name for path in out.parent.iterdir()] == ["o.html"]
    return out.read_text(encoding="utf-8")


def test_ten_figures_of_a_dossier_are_those_of_coverage(page: str) -> None:
    row = asked(*AREA).iloc[0]
    parts = asked(*AREA, "--level", "neighbourhood")
    held = next(table for table in tables(page) if table[0][0] == "Neighbourhood")
    found = {cells[0]: cells for cells in held[1:]}
    checked = 0
    for part in parts.to_dict("records"):
        name = str(part["zone_name"]).removesuffix(" (Oudenburg)")
        assert found[name][1] == whole(part["births"])
        assert found[name][2] == whole(part["births_in_reach"])
        checked += 2
    total = found["The whole area"]
    assert total[1:3] == [whole(row["births"]), whole(row["births_in_reach"])]
    told = unescape(re.sub(r"<[^>]+>", " ", page))
    assert f"{100 * row['share_in_reach']:.0f}%" in told
    assert f"{row['mean_distance_m'] / 1000:.1f} km" in told
    assert f"more than {row['p90_minutes']:.0f} min" in told
    everywhere = asked()
    share = everywhere["births_in_reach"].sum() / everywhere["births"].sum()
    assert f"In all of Flanders and Brussels {100 * share:.0f}% of the babies have one within reach." in told
    assert checked + 6 >= 10


def test_a_dossier_is_made_again_byte_for_byte_by_its_own_line(page: str, tmp_path: Path) -> None:
    line = unescape(re.findall(r"<pre>(.*?)</pre>", page)[0]).removeprefix("nabij ").split()
    out = tmp_path / "again.html"
    done = CliRunner().invoke(cli.app, [*line, "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    assert out.read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    "words", [("--in", "municipality:99999"), ("--in", "municipality:35014", "--within", "-5"), ()]
)
def test_what_cannot_be_made_leaves_no_file(words: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    done = CliRunner().invoke(cli.app, ["dossier", "--service", "bureau", "--model", "crow", *words, "--out", str(out)])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_area_without_births_is_told_in_the_document_and_the_exit_code(tmp_path: Path) -> None:
    out = tmp_path / "h.html"
    done = CliRunner().invoke(
        cli.app, ["dossier", *QUICK, "--in", "municipality:73028", "--lang", "en", "--out", str(out)]
    )
    assert done.exit_code == 1
    assert "Not a single birth was counted" in done.stderr
    assert "Not a single birth was counted" in out.read_text(encoding="utf-8")


def test_a_needs_analysis_counts_as_coverage_does(tmp_path: Path) -> None:
    out = tmp_path / "p.xlsx"
    done = CliRunner().invoke(cli.app, ["profile", *QUICK, *AREA, "--lang", "en", "--out", str(out)])
    assert done.exit_code == 0, done.stderr
    row = asked(*AREA).iloc[0]
    reach = pd.read_excel(out, sheet_name="Reach", engine="openpyxl").iloc[0]
    assert reach["Within reach"] == pytest.approx(row["births_in_reach"])
    assert reach["Share"] == pytest.approx(row["share_in_reach"])
    parts = pd.read_excel(out, sheet_name="Parts of the area", engine="openpyxl")
    assert parts["Births"].sum() == pytest.approx(row["births"])


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_figure_is_made_again_byte_for_byte(form: str, tmp_path: Path) -> None:
    files = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.{form}"
        done = CliRunner().invoke(cli.app, ["figure", *QUICK, "--in", "care_region:boom", "--out", str(out)])
        assert done.exit_code == 0, done.stderr
        files.append(out.read_bytes())
    assert files[0] == files[1]
