"""Another region from its files to its map: the island of ``docs/another-region.md``, by the commands of that page."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from scipy.spatial import cKDTree
from typer.testing import CliRunner

import cli
from app import create_app
from coverage.core.query import Query
from coverage.siting.planning.question.request import SitingRequest
from i18n.errors import NabijError, SnapshotError
from loaders.catalogue.regions.region_in_use import region, region_in_use, use_region
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.pipeline.build import build_snapshot
from loaders.snapshot.reader import Snapshot, check_region
from loaders.snapshot.upkeep.verify import verify_snapshot
from pages.searches.question import SearchQuestion
from pages.searches.runner import Searches
from pages.server.jobs import Watch
from pages.shell.state import State
from tests.island import BIRTHS, CELL_M, HIGH, NAMES, ROWS, SOUTH, WEST, blocks, lived_in, parish, profile, write_island


def run(*words: object) -> str:
    """Run a command; what it said."""
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    return result.stdout + result.stderr


def read(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, comment="#", dtype={"zone_id": str, "dico2024": str})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the commands of the page were run."""
    folder = tmp_path_factory.mktemp("another")
    write_island(folder / "island")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for line in blocks("sh")[0].splitlines():
            program, *words = shlex.split(line)
            assert program == "nabij"
            run(*words, "--lang", "en")
    return folder


@pytest.fixture
def island(folder: Path) -> Iterator[Snapshot]:
    """Snapshot of the island, with its region in use."""
    snapshot = Snapshot(folder / "island-snapshot")
    with region_in_use(snapshot.region):
        yield snapshot


@pytest.fixture
def client(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """The explorer on the island."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    try:
        yield create_app(folder / "island-snapshot", database=tmp_path / "plans.sqlite").server.test_client()
    finally:
        use_region(None)


def test_the_tables_of_the_page_begin_as_those_that_are_built_from(folder: Path) -> None:
    for shown, file in zip(blocks("csv"), ("births.csv", "membership.csv", "places.csv"), strict=True):
        assert (folder / "island" / file).read_text(encoding="utf-8").startswith(shown)


def test_a_snapshot_carries_the_profile_of_its_region(island: Snapshot) -> None:
    assert island.region.id == "ilha_clara"
    assert island.zones("freguesia").crs.to_epsg() == 32628
    assert list(island.zones("freguesia")["zone_id"]) == sorted(NAMES)
    assert list(island.table("births").columns) == ["dico2024", "year", "births"]
    assert "totals" in [check.name for check in verify_snapshot(island.path)]


def test_cells_lie_where_the_grid_says(island: Snapshot) -> None:
    """The nearest cell with people is the next one across a corner, as far as this grid is true so far west."""
    assert len(island.grid) == len(lived_in())
    expected = pd.Series(parish(col, row) for col, row in lived_in()).value_counts()
    index = island.zone_index("freguesia")
    found = pd.Series(island.zones("freguesia")["zone_id"].to_numpy()[index]).value_counts()
    assert found.to_dict() == expected.to_dict()
    distance = np.asarray(cKDTree(island.grid.xy).query(island.grid.xy, k=2)[0])
    nearest = np.median(distance[:, 1])
    assert nearest == pytest.approx(CELL_M * 2**0.5, rel=0.04)


def test_births_of_every_level_are_those_that_were_given(folder: Path) -> None:
    parishes, counties = read(folder / "parishes.csv"), read(folder / "counties.csv")
    assert parishes.set_index("zone_id")["births"].to_dict() == pytest.approx(BIRTHS)
    west = sum(births for code, births in BIRTHS.items() if code.startswith("3101"))
    assert counties.set_index("zone_id")["births"].to_dict() == pytest.approx({"poente": west, "nascente": 69 - west})
    assert set(parishes["level"]) == {"freguesia"}
    assert set(parishes["vintage"]) == {2024}
    assert set(parishes["evidence"]) == {"illustrative"}
    assert parishes["births_in_reach"].sum() == pytest.approx(counties["births_in_reach"].sum())


def test_reach_is_that_of_the_norm_of_the_region(folder: Path) -> None:
    """20 minutes at 4.5 km/h are 1,500 m of travel, so 1,154 m as the crow flies: worked out here on the grid alone."""
    text = (folder / "parishes.csv").read_text(encoding="utf-8")
    assert "20 min (1,500 m) on foot" in text
    cells = np.array(lived_in())
    codes = np.array([parish(col, row) for col, row in lived_in()])
    near = np.min([np.hypot(*(cells - at).T) for at in ([5, 5], [33, 20])], axis=0) * CELL_M * 1.3
    table = read(folder / "parishes.csv").set_index("zone_id")
    for code in NAMES:
        surely, perhaps = (near[codes == code] <= limit for limit in (1_500 * 0.96, 1_500 * 1.04))
        assert surely.mean() - 1e-9 <= table.loc[code, "share_in_reach"] <= perhaps.mean() + 1e-9


def test_a_gap_of_houses_says_why(folder: Path) -> None:
    gaps = read(folder / "gaps.csv")
    assert "3102" in set(gaps["zone_id"].str[:4])
    assert gaps["gap_reasons"].notna().all()


def test_a_new_place_stands_in_a_cell_with_people_and_says_its_parish(folder: Path) -> None:
    site = read(folder / "site.csv").iloc[0]
    assert site["municipality"] == NAMES[site["dico2024"]]
    assert site["births_gained"] > 0
    assert 32.4 < site["lat"] < 33.2
    assert "nis2025" not in site


def test_the_map_is_of_the_island(folder: Path) -> None:
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert "Areia Branca" in page
    assert "Antwerpen" not in page


def test_the_explorer_opens_on_the_island(client: FlaskClient) -> None:
    for address in ("/", "/?level=concelho&lang=fr", "/plannen", "/gegevens"):
        assert client.get(address).status_code == 200
    assert client.get("/_dash-layout").status_code == 200
    tag = _tag(client)
    zones = json.loads(client.get(f"/geo/{tag}/freguesia-2024-far.json").data)
    assert {feature["properties"]["name"] for feature in zones["features"]} == set(NAMES.values())
    lon, lat = zones["features"][0]["properties"]["p"]
    assert -17.5 < lon < -16.5
    assert 32.4 < lat < 33.2
    assert client.get(f"/geo/{tag}/municipality-2025-far.json").status_code == 404
    places = json.loads(client.get(f"/places/{tag}/illustrative-bureau.json").data)
    assert [place["name"] for place in places] == ["Centro Poente", "Centro Nascente"]
    assert json.loads(client.get(f"/geo/{tag}/facts.json").data) == []
    labels = json.loads(client.get(f"/geo/{tag}/labels.json").data)
    assert {label["name"] for label in labels} <= set(NAMES.values())
    assert client.get(f"/raster/{tag}/illustrative-bureau-walk-crow.png").data.startswith(b"\x89PNG")


def test_the_explorer_answers_about_the_island(client: FlaskClient) -> None:
    choices = {**State().__dict__, "lang": "en"}
    assert (choices["level"], choices["vintage"]) == ("freguesia", "2024")
    answer = _ask(client, "headline.children", {"choices": choices})
    told = json.dumps(answer["headline"]["children"])
    assert "69" in told
    assert "20 minutes' walk" in told
    layout = client.get("/_dash-layout").get_data(as_text=True)
    for word in ("Vlaanderen", "published totals", "gepubliceerde totalen", "2025", "Statbel"):
        assert word not in layout
    table = _ask(client, "sheet.children", {"opened": {**choices, "zone": "310103"}})
    assert "Camacha de Cima" in json.dumps(table)


def test_data_of_two_regions_are_not_mixed(island: Snapshot, embedded: Snapshot) -> None:
    assert check_region(island) is island
    with pytest.raises(SnapshotError, match="are of Flanders and Brussels, and this process answers about Ilha Clara"):
        check_region(embedded)


def test_a_command_leaves_the_region_as_it_was(folder: Path, tmp_path: Path) -> None:
    before = region()
    run("coverage", "--snapshot", folder / "island-snapshot", "--service", "bureau", "--out", tmp_path / "x.csv")
    assert region() is before


def test_a_refresh_of_flemish_sources_is_refused(folder: Path) -> None:
    words = ("data", "refresh", "births", "--snapshot", str(folder / "island-snapshot"), "--lang", "en")
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 1
    assert "build the data of Ilha Clara again with 'nabij data build --from DIR'" in result.stderr


def test_a_search_in_a_process_of_its_own_is_of_the_region_too(island: Snapshot) -> None:
    places = load_facilities(island, "illustrative")
    query = Query(service="bureau")
    given: dict[str, Any] = {"snapshot": island.folder(), "snapshot_hash": island.hash, "lang": "en", "most": 1}
    asked = SearchQuestion(query=query, facilities=places, request=SitingRequest(), inside=None, **given)
    searches = Searches(2_000_000_000)
    try:
        (found,) = searches.run(asked, Watch(lambda: False, lambda _step: None, lambda: False))
    finally:
        searches.close()
    assert "Boa Vista" in str(found)


def test_building_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = build_snapshot(folder / "island", tmp_path / "again")
    assert Snapshot(again).hash == Snapshot(folder / "island-snapshot").hash


def _replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def _with_neighbourhoods(*codes: str) -> Callable[[Path], None]:
    """One more level within the counties, with one zone made of parishes."""
    words = "".join(f'{word} = {{ nl = "x", en = "x", fr = "x" }}\n' for word in ("singular", "plural", "help"))

    def change(folder: Path) -> None:
        added = f'[levels.bairro]\nparent = "concelho"\n{words}\n[levels.freguesia]'
        _replace("region.toml", "[levels.freguesia]", added)(folder)
        with (folder / "membership.csv").open("a", encoding="utf-8") as file:
            file.writelines(f"bairro,b1,B1,{code}\n" for code in codes)

    return change


FIRST = f"{WEST},{SOUTH}"
"""Corner of the first cell."""

WRONG: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file that is missing": (lambda folder: (folder / "births.csv").unlink(), "lacks 'births.csv'; add it"),
    "a file without a source": (
        _replace("region.toml", '"births.csv", ', ""),
        "'births.csv' stands with no source of the region profile; add it",
    ),
    "a code of another form": (
        _replace("births.csv", "310101,", "31-1,"),
        "'births.csv': code '31-1' does not fit codes.pattern",
    ),
    "a code that is no zone": (
        _replace("births.csv", "310101,", "999999,"),
        "'births.csv': '999999' is no zone of level",
    ),
    "a zone without births": (
        _replace("births.csv", "310101,2024,12\n", ""),
        "'births.csv': zone '310101' has no row for 2024; add it",
    ),
    "a level that leaves a zone out": (_with_neighbourhoods(), "lies in no zone of level 'bairro'"),
    "levels that do not nest": (
        _with_neighbourhoods(*NAMES),
        "zone 'b1' of level 'bairro' lies in 'nascente' and in 'poente' of level 'concelho'; correct the rows",
    ),
    "a row of a level that is not there": (
        _replace("membership.csv", "concelho,", "distrito,"),
        "'distrito' is no level above",
    ),
    "a cell off the grid": (
        _replace("cells.csv", f"{FIRST},", f"{WEST + 50},{SOUTH},"),
        f"row 2: ({WEST + 50}, {SOUTH}) is no corner",
    ),
    "a cell in the sea": (
        _replace("cells.csv", f"{FIRST},", f"{WEST - 10_000},{SOUTH},"),
        f"row 2: the cell ({WEST - 10_000}, {SOUTH}) lies",
    ),
    "people that are no number": (_replace("cells.csv", f"{FIRST},2,", f"{FIRST},two,"), "row 2: children is 'two'"),
    "borders elsewhere": (_replace("region.toml", "box = [300000,", "box = [330000,"), "do not lie in territory.box"),
    "a place in the sea": (_replace("places.csv", "32.7", "31.7"), "places.csv"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_one_sentence_and_nothing_is_replaced(tmp_path: Path, case: str) -> None:
    change, told = WRONG[case]
    source = write_island(tmp_path / "island")
    change(source)
    with pytest.raises(NabijError) as raised:
        build_snapshot(source, tmp_path / "snapshot")
    for lang in ("nl", "en", "fr"):
        assert raised.value.sentence(lang).strip()
    assert told in raised.value.sentence("en")
    assert not (tmp_path / "snapshot").exists()


def test_the_profile_of_the_page_is_whole() -> None:
    assert "[levels.freguesia]" in profile()
    assert HIGH * 3 == ROWS


def _tag(client: FlaskClient) -> str:
    return str(client.application.extensions["nabij"].current().tag)


def _ask(client: FlaskClient, filled: str, given: dict[str, Any]) -> dict[str, Any]:
    """Call a callback as a browser would; its answer by component."""
    every = {str(one["output"]): one for one in json.loads(client.get("/_dash-dependencies").data)}
    output = next(name for name in every if filled in name)
    parts = [part.rpartition(".") for part in output.strip(".").split("...")]
    outputs = [{"id": name, "property": kind} for name, _, kind in parts]
    one = every[output]

    def fill(part: dict[str, str]) -> dict[str, Any]:
        return {**part, "value": given.get(part["id"])}

    body = {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": [fill(part) for part in one["inputs"]],
        "changedPropIds": [f"{part['id']}.{part['property']}" for part in one["inputs"]],
        "state": [fill(part) for part in one["state"]],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = json.loads(answer.data)["response"]
    return found
