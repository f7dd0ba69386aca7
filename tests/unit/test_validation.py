"""The self-proof proves something: it holds, it needs no files, and it does not let a wrong answer pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from coverage.validation import checks as proof
from coverage.validation import worked_cases
from coverage.validation.checks import BENCH_VARIABLE, ProofContext, ValidationCheck, compare, find_bench, prove
from i18n.errors import MissingFileError
from i18n.texts import has_text
from loaders.snapshot.reader import Snapshot


@pytest.fixture(scope="module")
def checks(embedded: Snapshot) -> list[ValidationCheck]:
    return list(prove(ProofContext(embedded, None)))


def test_everything_that_needs_no_files_holds(checks: list[ValidationCheck]) -> None:
    assert [check for check in checks if not check.holds] == []
    assert {check.group for check in checks} >= {"worked", "world", "identity"}
    assert len(checks) > 25


def test_every_check_has_a_title(checks: list[ValidationCheck]) -> None:
    assert [check.id for check in checks if not has_text(f"proof.{check.id}")] == []


def test_printed_digits() -> None:
    assert compare("worked", "x", "", 0.0152, 0.01517).holds
    assert not compare("worked", "x", "", 0.0152, 0.01526).holds
    assert compare("worked", "x", "", [14.11, 28.02], [14.1149, 28.0151]).holds
    assert not compare("worked", "x", "", [14.11, 28.02], [14.11, 28.03]).holds
    assert compare("worked", "x", "", 5819, 5819.4).holds
    assert not compare("worked", "x", "", 5819, 5820).holds
    assert not compare("worked", "x", "", [1.0, 2.0], [1.0]).holds
    assert not compare("worked", "x", "", 1.0, float("nan")).holds
    assert compare("worked", "x", "", 1 / 3, 1 / 3 * (1 + 1e-15)).holds
    assert not compare("worked", "x", "", 1 / 3, 1 / 3 + 1e-9).holds


def test_margins() -> None:
    assert compare("worked", "x", "", 100.0, 100.9, within=0.01).holds
    assert not compare("worked", "x", "", 100.0, 101.1, within=0.01).holds
    assert compare("worked", "x", "", [0.0, 5.0], [0.1, 5.0], margin=[0.1, 0.0]).holds
    assert not compare("worked", "x", "", [0.0, 5.0], [0.0, 5.1], margin=[0.1, 0.0]).holds


def test_a_miss_is_told_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MODULES", ("coverage.validation.worked_cases",))
    monkeypatch.setattr(worked_cases, "palma", lambda values: 3.0)
    result = CliRunner().invoke(cli.app, ["verify", "--lang", "en"])
    assert result.exit_code == 1
    missed = [line for line in result.stdout.splitlines() if line.startswith("NO\t")]
    assert len(missed) == 1
    assert missed[0].split("\t")[1:] == ["worked out", "Palma of 1 to 10", "10 / 2.5", "4", "3"]
    assert "12 checks: 1 do not hold." in result.stderr


def test_all_well_ends_with_0(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(proof, "MODULES", ("coverage.validation.worked_cases", "coverage.validation.published"))
    toy = {"t": [[0]], "pop": [10], "jobs": [4], "expected": [4]}
    expected = {"accessibility_r": {"spatial_availability_toy_soukhov2023": toy}}
    (tmp_path / "expected.json").write_text(json.dumps(expected))
    (tmp_path / "accessibility_r").mkdir()
    monkeypatch.setattr("coverage.validation.published.BeloHorizonte", None)
    monkeypatch.setitem(proof._PROOFS, "coverage.validation.published.belo_horizonte", lambda _: [])
    result = CliRunner().invoke(cli.app, ["verify", "--lang", "en", "--bench", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "yes\tpublished\tSpatial availability, three places\tSoukhov et al. 2023\t4\t4" in result.stdout
    assert result.stderr.strip() == "13 checks: all hold."


def test_where_published_results_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"holds no expected\.json"):
        find_bench(tmp_path)
    monkeypatch.setenv(BENCH_VARIABLE, str(tmp_path))
    with pytest.raises(MissingFileError, match=r"holds no expected\.json"):
        find_bench()
    (tmp_path / "expected.json").write_text("{}")
    assert find_bench() == tmp_path
    assert ProofContext(Snapshot(), tmp_path).published == {}
