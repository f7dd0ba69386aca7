"""No figure leaves without its evidence: every table of every command, every file of places, on every row.

The commands are taken from the command line itself, so one that is added and not walked fails.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_command
from typer.testing import CliRunner

import cli
from coverage.core.query import Query
from coverage.scenario.edits import Close
from coverage.scenario.scenario import start
from layers.maps.places import facts_json, places_json
from loaders.catalogue.columns import EVIDENCE, FLAGS, PROVENANCE
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from loaders.storage.plan_store import ScenarioStore, Stored

pytestmark = pytest.mark.usefixtures("small_commands")

IN_BOOM = ("--in", "care_region:boom")
TABLES: dict[str, tuple[str, ...]] = {
    "coverage": ("coverage", "--service", "bureau", *IN_BOOM),
    "gaps": ("gaps", "--service", "bureau", *IN_BOOM),
    "access": ("access", "--service", "bureau", "--measure", "count,nearest", *IN_BOOM),
    "trend": ("trend", "--service", "bureau", "--since", "2021", *IN_BOOM),
    "isochrone": ("isochrone", "--service", "bureau", "--id", "illustrative-bureau-11005-01", "--within", "600"),
    "barriers": ("barriers", "--service", "bureau", *IN_BOOM),
    "overlap": ("overlap", "--levels", "care_region,gp_circle"),
    "overlap --rule": ("overlap", "--rule"),
    "survey": ("survey",),
    "known": ("known", "--year", "2013"),
    "site": ("site", "--service", "bureau", "--add", "1", *IN_BOOM),
    "site --robust": ("site", "--service", "bureau", *IN_BOOM, "--model", "crow", "--robust", "places:3"),
    "site --phased": ("site", "--service", "bureau", *IN_BOOM, "--model", "crow", "--phased", "--add", "2"),
    "site --frontier": ("site", "--service", "bureau", *IN_BOOM, "--model", "crow", "--frontier"),
    "closures": ("closures", "--service", "bureau", *IN_BOOM),
    "closures --pairs": ("closures", "--service", "bureau", "--pairs", "--mode", "bike", "--in", "province:antwerpen"),
    "criterion": (
        "criterion",
        "--service",
        "bureau",
        "--in",
        "municipality:11005",
        "--min-births",
        "80",
        "--draws",
        "20",
    ),
    "justify": ("justify", "--service", "bureau", "--in", "municipality:11005", "--draws", "20", "--format", "csv"),
    "justify --sites": ("justify", "--service", "bureau", "--in", "municipality:11005", "--sites", "--format", "csv"),
    "norm": ("norm", "--service", "bureau", "--births", "20", "--in", "arrondissement:antwerpen", "--format", "csv"),
    "scenario table": ("scenario", "table", "{plan}"),
    "scenario compare": ("scenario", "compare", "{plan}"),
}
"""Commands that write a table to ``--out``."""
WHOLE = {"barriers", "overlap --rule"}
"""Commands that need what a few municipalities lack: streets, and Huizen van het Kind."""
WITHOUT_ROWS = {
    "serve",
    "map",  # a page, which says it on top; its places are walked below
    *("figure", "dossier", "profile"),  # documents, whose own tests look for what is made up on every page
    "verify",
    *(f"data {name}" for name in ("build", "refresh", "verify", "list", "check", "template", "diff", "rollback")),
    *(f"scenario {name}" for name in ("bridge", "export", "import", "replay", "forget", "restore", "share")),
}
"""Commands that write no figures about zones or places in rows."""
WALKED_APART = {"scenario list", "scenario show"}
NO_BIRTHS = {name: {"births_kind", "births_year"} for name in ("overlap --rule", "survey", "known")}
"""Tables that count no children."""
BY_SIDE = {"overlap": {"level": ("level_a", "level_b"), "vintage": ("vintage_a", "vintage_b")}}
"""Tables about two kinds of zone have one column per side."""


@pytest.fixture(scope="module")
def database(small: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    snapshot = Snapshot(small)
    places = load_facilities(snapshot, "illustrative")
    query = Query(areas=Query.parse_areas("care_region:boom"))
    plan = start(snapshot, places, query, "plan").with_edits([Close("illustrative-bureau-12040-01")], places, snapshot)
    file = tmp_path_factory.mktemp("plans") / "plans.sqlite"
    with ScenarioStore(file) as store:
        store.put(Stored.of(plan.id, plan.to_json(), kept=True))
    return file, plan.id


def run(*words: object) -> str:
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def check_rows(table: pd.DataFrame, name: str) -> None:
    """Every row names its zones, its children and how the places are known."""
    assert len(table), name
    for column in set(PROVENANCE) - NO_BIRTHS.get(name, set()):
        for held in BY_SIDE.get(name, {}).get(column, (column,)):
            assert held in table.columns, (name, held)
            if column != "flags":  # no flag is a statement too
                assert table[held].notna().all(), (name, held)
    assert set(table["evidence"]) <= set(EVIDENCE), name
    words = {word for flags in table["flags"].fillna("") for word in str(flags).split(";") if word}
    assert words <= set(FLAGS), name
    made_up = table["evidence"] == "illustrative"
    assert table.loc[made_up, "flags"].str.contains("illustrative").all(), name


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_every_command(name: str, database: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    file, plan = database
    if name in WHOLE:
        monkeypatch.delenv("NABIJ_SNAPSHOT")
    words = [word.format(plan=plan) for word in TABLES[name]]
    stored = ("--database", file) if words[0] == "scenario" else ()
    table = pd.read_csv(io.StringIO(run(*words, *stored, "--out", "-")), comment="#")
    check_rows(table, name)


def test_places_of_a_comparison(database: tuple[Path, str], tmp_path: Path) -> None:
    file, plan = database
    places = tmp_path / "places.csv"
    run("scenario", "compare", plan, "--database", file, "--out", tmp_path / "zones.csv", "--places", places)
    check_rows(pd.read_csv(places, comment="#"), "scenario compare --places")


def test_plans_in_words(database: tuple[Path, str]) -> None:
    file, plan = database
    header, row = (
        line.split("\t") for line in run("scenario", "list", "--database", file, "--lang", "en").splitlines()
    )
    told = dict(zip(header, row, strict=True))
    assert {"evidence", "mind", "level", "borders", "children", "year"} <= set(told)
    assert (told["evidence"], told["mind"]) == ("illustrative: made up for trying things out", "Illustrative")
    said = run("scenario", "show", plan, "--database", file, "--lang", "en")
    for name in ("evidence", "mind", "level", "borders", "children", "year"):
        assert f"\n{name}: " in said, name


def test_every_command_is_walked_or_writes_no_rows() -> None:
    names = set()
    for name, command in get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        names |= {f"{name} {below}" for below in inner} if inner else {name}
    assert names <= set(TABLES) | WITHOUT_ROWS | WALKED_APART, names - set(TABLES) - WITHOUT_ROWS - WALKED_APART


@pytest.mark.parametrize("facilities", ["illustrative", "documented"])
@pytest.mark.parametrize("service", ["bureau", "house"])
def test_every_place_that_the_explorer_draws(embedded: Snapshot, facilities: str, service: str) -> None:
    """What ``/places/*.json`` answers with, and its neighbour with the public facts."""
    places = json.loads(places_json(load_facilities(embedded, facilities).of_service(service), embedded))
    assert places
    for place in places:
        assert place["evidence"] == facilities
        assert ("illustrative" in place["flags"].split(";")) == (facilities == "illustrative")
        assert ("as_of" in place) == (facilities == "documented")
    assert {fact["evidence"] for fact in json.loads(facts_json(embedded))} == {"documented"}
