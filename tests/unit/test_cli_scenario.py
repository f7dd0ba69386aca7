"""``nabij scenario`` and ``nabij serve --database`` on the data that come with the project."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from coverage.analysis import analyse
from coverage.core.query import Query
from coverage.scenario.edits import Add, Close, Move, SetReach
from coverage.scenario.scenario import Scenario, start
from loaders.catalogue.columns import COMPARISON_COLUMNS, PLACE_CHANGE_COLUMNS, RESULT_COLUMNS
from loaders.catalogue.facilities import Facilities
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.snapshot.reader import Snapshot
from loaders.storage.database_address import DATABASE
from loaders.storage.plan_store import ScenarioStore, Stored

WILLEBROEK = "illustrative-bureau-12040-01"
NIEL = (147_700.0, 199_900.0)
"""The middle of Niel, EPSG:31370 metres."""


@pytest.fixture(autouse=True)
def _small(small_commands: None) -> None:
    """All that is asked here lies in the care region of Boom."""


@pytest.fixture(scope="module")
def snapshot(small: Path) -> Snapshot:
    return Snapshot(small)


@pytest.fixture(scope="module")
def places(snapshot: Snapshot) -> Facilities:
    return load_facilities(snapshot, "illustrative")


@pytest.fixture(scope="module")
def plan(snapshot: Snapshot, places: Facilities) -> Scenario:
    """Willebroek closes and Niel gets a bureau, in zorgregio Boom."""
    query = Query(service="bureau", areas=Query.parse_areas("care_region:boom"), mode="bike", model="crow")
    begun = start(snapshot, places, query, "Boom zonder Willebroek", "wat als?\nvan het overleg")
    return begun.with_edits([Close(WILLEBROEK), Add("", "bureau", "Niel", *NIEL)], places, snapshot)


@pytest.fixture
def database(tmp_path: Path, plan: Scenario, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with the plan in it, that of the environment."""
    file = tmp_path / "plans.sqlite"
    monkeypatch.setenv(DATABASE, str(file))
    with ScenarioStore(file) as store:
        store.put(Stored.of(plan.id, plan.to_json(), kept=True))
    return file


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def done(*words: object) -> Result:
    result = run("scenario", *words)
    assert result.exit_code == 0, result.stderr
    return result


def fails(*words: object) -> str:
    """The one sentence that a command ends with."""
    result = run(*words)
    assert result.exit_code == 1, result.output
    assert len(result.stderr.splitlines()) == 1, result.stderr
    return result.stderr


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, comment="#", dtype={"zone_id": str})


def exported(plan: Scenario, file: Path) -> Path:
    assert done("export", plan.id, "--out", file).stderr == ""
    return file


def test_plans_are_listed(database: Path, plan: Scenario) -> None:
    header, row = (line.split("\t") for line in done("list", "--lang", "en").stdout.splitlines())
    assert header[:6] == ["plan", "name", "service", "made", "data", "note"]
    assert header[6:] == ["evidence", "mind", "level", "borders", "children", "year"]
    assert row[:3] == [plan.id, "Boom zonder Willebroek", "consultation bureau"]
    assert row[4:6] == [plan.snapshot[:12], "wat als? van het overleg"]
    assert row[6:] == [
        "illustrative: made up for trying things out",
        "Illustrative",
        "municipality",
        "2025",
        "births",
        "newest",
    ]
    empty = done("list", "--database", database.with_name("none.sqlite"), "--lang", "en")
    assert (empty.stdout, empty.stderr.split(" in ")[0]) == ("", "No plan was saved")
    assert not database.with_name("none.sqlite").exists()


def area_of(snapshot: Snapshot, region: str) -> np.ndarray:
    """(n_cells,) whether a cell lies in a care region."""
    zones = snapshot.zones("care_region", 2025)["zone_id"].to_list()
    return np.asarray(snapshot.zone_index("care_region", 2025) == zones.index(region))


def test_a_plan_is_shown_in_words_with_its_totals(
    database: Path, plan: Scenario, snapshot: Snapshot, places: Facilities
) -> None:
    said = done("show", plan.id[:8], "--lang", "en").stdout.splitlines()
    assert said[:3] == [f"plan: {plan.id}", "name: Boom zonder Willebroek", "note: wat als? van het overleg"]
    assert "Only in: care region Boom." in said[4]
    assert said[5].startswith("evidence: ")
    assert said[6].startswith("mind: ")
    assert said[7:11] == ["level: municipality", "borders: 2025", "children: births", "year: 2025"]
    assert said[11] == "Changes:"
    said = said[6:]
    assert said[6].startswith("  1. Consultatiebureau Willebroek (illustratief)")
    assert said[7].startswith("  2. ")
    assert "Niel" in said[7]
    now = analyse(snapshot, plan.base_query, places)
    planned = analyse(snapshot, plan.query, plan.apply(places, snapshot))
    births = np.where(now.zone_index >= 0, now.demand.births, 0.0) * area_of(snapshot, "boom")
    before, after = now.distance_m <= now.query.reach_m, planned.distance_m <= now.query.reach_m
    gained, lost = births[after & ~before].sum(), births[before & ~after].sum()
    assert gained > 100
    assert lost > 100
    assert f"{gained:.0f} gain reach, {lost:.0f} lose it." in said[8]
    assert said[9].startswith("Travel: ")
    assert said[10].startswith("Inequality ")


def test_the_table_of_a_plan_says_that_it_is_one(
    database: Path, plan: Scenario, snapshot: Snapshot, places: Facilities, tmp_path: Path
) -> None:
    """The figures are those of the same question on the places with the edits, asked in the ordinary way."""
    out = tmp_path / "plan.csv"
    told = done("table", plan.id, "--out", out, "--lang", "en")
    assert "ILLUSTRATIVE DATA" in told.stderr
    content = out.read_text(encoding="utf-8")
    assert "Plan “Boom zonder Willebroek”: Reach of consultation bureaus" in content
    assert "This is a plan, not the situation of today: Consultatiebureau Willebroek (illustratief)" in content
    assert f"nabij scenario table {plan.id}" in content
    table = read(out)
    assert list(table.columns) == list(RESULT_COLUMNS)
    expected = analyse(snapshot, plan.query, plan.apply(places, snapshot)).table
    assert table["births_in_reach"].tolist() == expected["births_in_reach"].tolist()
    assert table["n_facilities"].tolist() == expected["n_facilities"].tolist()
    sheet = tmp_path / "plan.geojson"
    done("table", plan.id, "--out", sheet)
    assert len(json.loads(sheet.read_text(encoding="utf-8"))["features"]) == len(table)


def test_a_plan_is_compared_with_today_and_with_another_plan(
    database: Path, plan: Scenario, snapshot: Snapshot, places: Facilities, tmp_path: Path
) -> None:
    out, of_places = tmp_path / "difference.csv", tmp_path / "places.csv"
    told = done("compare", plan.id, "today", "--out", out, "--places", of_places, "--lang", "en")
    table = read(out)
    assert list(table.columns) == list(COMPARISON_COLUMNS)
    gain = table["births_in_reach_after"].sum() - table["births_in_reach_before"].sum()
    assert gain == pytest.approx(table["births_gained"].sum() - table["births_lost"].sum(), abs=1e-6)
    assert f"{table['births_gained'].sum():.0f} gain reach, {table['births_lost'].sum():.0f} lose it" in told.stderr
    assert "Plan “Boom zonder Willebroek” compared with today" in out.read_text(encoding="utf-8")
    changed = pd.read_csv(of_places, comment="#")
    assert list(changed.columns) == list(PLACE_CHANGE_COLUMNS)
    assert changed[changed["change"] != "same"].set_index("id")["change"].to_dict() == {
        WILLEBROEK: "closed",
        "new-1": "new",
    }
    done("compare", plan.id, "--out", tmp_path / "again.csv")
    assert read(tmp_path / "again.csv").equals(table)

    other = plan.without_last().renamed("zonder Niel")
    file = tmp_path / "other.json"
    file.write_text(other.to_json(), encoding="utf-8")
    done("compare", plan.id, file, "--out", out, "--lang", "en")
    assert "compared with plan “zonder Niel”" in out.read_text(encoding="utf-8")
    beside = read(out)
    assert beside["births_in_reach_after"].tolist() == table["births_in_reach_after"].tolist()
    assert beside["births_lost"].sum() == 0
    wider = start(snapshot, places, replace(plan.base_query, areas=()))
    file.write_text(wider.to_json(), encoding="utf-8")
    assert "compare answers for the same service" in fails("scenario", "compare", plan.id, file, "--out", "-")


def test_a_plan_goes_from_one_database_to_another(database: Path, plan: Scenario, tmp_path: Path) -> None:
    file = exported(plan, tmp_path / "plan.json")
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["nabij_scenario"], document["snapshot"]) == (1, plan.snapshot)
    assert len(document["result"]["sha256"]) == 64
    elsewhere = tmp_path / "elsewhere.sqlite"
    told = done("import", file, "--database", elsewhere, "--lang", "en")
    assert told.stdout == f"{plan.id}\n"
    assert told.stderr == f"Saved in '{elsewhere}'.\n"
    with ScenarioStore(elsewhere) as store:
        assert store.get(plan.id).document == plan.to_json()
        assert [found.name for found in store.listed()] == [plan.name]
    again = exported(plan, tmp_path / "again.json")
    assert again.read_bytes() == file.read_bytes()
    assert done("export", plan.id, "--out", "-").stdout == file.read_text(encoding="utf-8")


def test_a_plan_is_computed_again_bit_for_bit(database: Path, plan: Scenario, tmp_path: Path) -> None:
    file = exported(plan, tmp_path / "plan.json")
    assert "the same result, bit for bit" in done("replay", file, "--lang", "en").stdout
    document = json.loads(file.read_text(encoding="utf-8"))
    document["edits"] = document["edits"][:1]
    file.write_text(json.dumps(document), encoding="utf-8")
    result = run("scenario", "replay", file, "--lang", "en")
    assert result.exit_code == 1
    assert f"than the file states ({document['result']['sha256'][:12]})" in result.stderr
    del document["result"]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "states no result to compare with; export the plan again" in fails("scenario", "replay", file)


def test_a_plan_on_other_data_is_told(database: Path, plan: Scenario, tmp_path: Path) -> None:
    """Another snapshot, another list of places, and a place that is not there."""
    document = plan.document() | {"snapshot": "0" * 64, "facilities_hash": "0" * 32}
    document["edits"].append({"edit": "close", "id": "gone"})
    file = tmp_path / "old.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    told = done("import", file, "--lang", "en")
    assert told.stderr.splitlines()[1:] == [
        "This plan was made on other figures than those of now: the outcome may differ from then.",
        "The list of places has changed since this plan was made.",
        "One or more changes are about places that are no longer there and were passed over.",
        "3: There is no place 'gone' in this list; take an id of the list of places.",
    ]
    plan_id = told.stdout.strip()
    assert done("table", plan_id, "--out", tmp_path / "t.csv", "--lang", "en").stderr.count("\n") == 5
    assert "made on other figures" in (tmp_path / "t.csv").read_text(encoding="utf-8")


def test_a_plan_is_forgotten(database: Path, plan: Scenario) -> None:
    assert plan.name in done("forget", plan.id[:6]).stdout
    assert "There is no plan" in fails("scenario", "forget", plan.id)
    assert done("list").stdout == ""


def test_names_cannot_upset_a_list(database: Path, plan: Scenario, snapshot: Snapshot, places: Facilities) -> None:
    odd = plan.renamed("[/red]\tnaam", "a\nb").with_edits(
        [Move("new-1", NIEL[0] + 500, NIEL[1]), SetReach("walk", 900.0)], places, snapshot
    )
    with ScenarioStore(database) as store:
        store.put(Stored.of(odd.id, odd.to_json(), kept=True))
    rows = [line.split("\t") for line in done("list").stdout.splitlines()]
    assert [len(row) for row in rows] == [12, 12, 12]
    assert rows[1][1] == "[/red] naam"
    assert len(done("show", odd.id).stdout.splitlines()) == 19  # four edits rather than two


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "fffff"), "There is no plan 'fffff' in "),
        (("show", "../x"), "There is no file '../x'; give a plan that was exported"),
        (("export", "zz", "--out", "-"), "There is no plan 'zz' in "),
        (("import", "none.json"), "There is no file 'none.json'"),
        (("table", "ab", "--out", "plan.pdf"), "does not say which format to write"),
        (("compare", "ab", "--out", "d.csv", "--places", "p.gpkg"), "'gpkg' holds outlines, which this table"),
        (("list", "--database", "mysql://anna:secret@host/plans"), "database of kind 'mysql'"),
        (("list", "--database", "postgresql://anna:secret@127.0.0.1:1/plans"), "the server refuses"),
        (("import", __file__), "test_cli_scenario.py: The plan is not readable JSON"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    database: Path, words: tuple[Any, ...], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(database.parent)
    said = fails("scenario", *words)
    assert sentence in said
    assert "secret" not in said


def test_a_plan_goes_into_the_bin_and_comes_back(database: Path, plan: Scenario) -> None:
    told = done("forget", plan.id[:8], "--lang", "en").stdout
    assert told == (
        f"Plan {plan.id} (Boom zonder Willebroek) is in the bin of '{database}' for 30 days; "
        "put it back with nabij scenario restore.\n"
    )
    assert f"No plan was saved in '{database}'" in done("list", "--lang", "en").stderr
    assert done("list", "--bin").stdout.splitlines()[1].startswith(plan.id)
    assert done("restore", plan.id[:8], "--lang", "en").stdout.endswith(f"is back in '{database}'.\n")
    assert done("list").stdout.splitlines()[1].startswith(plan.id)
    assert "is empty" in done("list", "--bin", "--lang", "en").stderr
    assert "There is no plan" in fails("scenario", "restore", plan.id, "--lang", "en")
    assert "is gone from" in done("forget", plan.id[:8], "--now", "--lang", "en").stdout
    assert "There is no plan" in fails("scenario", "show", plan.id, "--lang", "en")


def test_a_plan_of_the_command_is_opened_on_the_page_by_its_link(database: Path, plan: Scenario) -> None:
    from app import create_app
    from pages.shell.plans.plan_versions import plans

    read, edit = (done("share", plan.id[:8], *words).stdout.strip() for words in ((), ("--edit",)))
    assert read.startswith("plannen?key=r-")
    assert edit.startswith("plannen?key=e-")
    keys = [link.partition("key=")[2] for link in (read, edit)]
    with create_app(database=database).server.test_request_context():
        found = [plans().rights(key).share for key in keys]
        assert [(share.head, share.may_edit) for share in found if share] == [(plan.id, False), (plan.id, True)]
        assert [plans().get(plan.id, key=key).scenario.id for key in keys] == [plan.id] * 2
        assert plans().listed() == []
        assert done("share", plan.id, "--withdraw", "--lang", "en").stdout.endswith("were withdrawn: 2.\n")
        assert [plans().rights(key).share for key in keys] == [None, None]


def test_the_explorer_does_not_open_on_a_database_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "list.sqlite"
    file.write_text("no database\n" * 100, encoding="utf-8")
    assert "is no database; it was left as it is" in fails("serve", "--port", 0, "--database", file)
    refused = fails("serve", "--port", 0, "--database", "postgresql://anna:secret@127.0.0.1:1/plans")
    assert "the server refuses" in refused
    assert "secret" not in refused


def test_the_explorer_keeps_plans_where_it_is_told(tmp_path: Path, plan: Scenario) -> None:
    from app import create_app
    from pages.shell.plans.plan_versions import plans

    file = tmp_path / "of the explorer.sqlite"
    server = create_app(database=file).server
    assert not file.exists()
    with server.test_request_context():
        plans().put(plan, kept=True)
    with ScenarioStore(file) as store:
        assert [found.id for found in store.listed()] == [plan.id]
