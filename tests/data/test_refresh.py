"""Refresh as a transaction: all that was asked for and sound, or nothing and one sentence why."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import cli
from coverage.core.demand import surface
from i18n.errors import DataError, FetchError, InputError, RefreshError
from loaders.catalogue.facilities import facility_frame
from loaders.catalogue.regions.levels import GRID_LEVELS
from loaders.pipeline import changes as changes_module
from loaders.pipeline.refresh import Refreshed, RefreshOptions, refresh
from loaders.pipeline.update import Loader, RefreshContext, Update
from loaders.snapshot.reader import EMBEDDED, Snapshot
from loaders.snapshot.upkeep.package import PackageWriter
from loaders.snapshot.upkeep.store import Store
from loaders.snapshot.upkeep.verify import verify_snapshot
from tests.data.refreshing import births_from, frames, only_snapshot, write_births


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "snapshot"))


@pytest.fixture
def more(small: Path, tmp_path: Path) -> Loader:
    """One birth more in each of the nine municipalities."""
    return births_from(write_births(Snapshot(small), tmp_path / "births.csv", 1))


def run(folder: Path, options: RefreshOptions | None = None, **loaders: Loader) -> Refreshed:
    return refresh(folder, loaders, (), only_snapshot, options or RefreshOptions())


def register(*places: tuple[str, str, str, float, float]) -> Loader:
    """A register of (id, service, name, x, y) in Boom."""
    rows = [
        {
            "id": key, "service": service, "name": name, "x": x, "y": y, "nis2018": "11005", "nis2019": "11005",
            "nis2025": "11005", "precision": "point", "status": "exists", "evidence": "register", "physical": True,
        }
        for key, service, name, x, y in places
    ]  # fmt: skip
    return frames("register", {"facilities_register": facility_frame(rows)}, ("poi",))


TEN = tuple((f"b{n}", "bureau", f"Bureau {n}", 149_000.0 + 300 * n, 198_000.0) for n in range(10))


def unchanged(folder: Path, small: Path) -> bool:
    """Whether the folder still is the old snapshot and nothing half done lies beside it."""
    verify_snapshot(folder)
    beside = folder.with_name("snapshot.versions")
    return Snapshot(folder).hash == Snapshot(small).hash and not (beside.exists() and list(beside.iterdir()))


def test_births_are_replaced_with_all_that_follows(folder: Path, more: Loader) -> None:
    before = Snapshot(folder)
    done = run(folder, births=more)
    after = Snapshot(folder)
    assert done.resources == ("births",)
    assert after.table("births")["births"].sum() == before.table("births")["births"].sum() + 9
    assert after.package["totals"]["births_2025_flanders"] == before.package["totals"]["births_2025_flanders"] + 9
    assert after.package["title"].startswith("nabij: refreshed snapshot")
    source = after.sources["births"]
    assert source["origins"] == [
        {"address": "births.csv", "sha256": "0" * 64, "fetched": "2026-01-02T03:04:05Z"}
    ]  # fmt: skip
    untouched = set(before.resources) - {"births"}
    assert all(after.resources[name] == before.resources[name] for name in untouched)
    verify_snapshot(folder)
    assert surface(after).total == surface(before).total + 9
    assert (
        before.table("births")["births"].sum() + 9 == after.table("births")["births"].sum()
    )  # the old one still reads


def test_the_same_again_changes_nothing(folder: Path, more: Loader) -> None:
    run(folder, births=more)
    version = Snapshot(folder).hash
    done = run(folder, births=more)
    assert not done.changed
    assert done.resources == ()
    assert Snapshot(folder).hash == version


def test_the_first_refresh_starts_from_the_embedded_snapshot_and_leaves_it_alone(tmp_path: Path) -> None:
    manifest = (EMBEDDED / "datapackage.json").read_bytes()
    more = births_from(write_births(Snapshot(EMBEDDED), tmp_path / "births.csv", 1))
    done = run(tmp_path / "home" / "snapshot", births=more)
    assert Snapshot(done.folder).table("births")["births"].sum() == 62_277 + 13_663 + 304
    assert Snapshot(done.before).hash == Snapshot(EMBEDDED).hash
    assert (EMBEDDED / "datapackage.json").read_bytes() == manifest


def test_a_register_comes_with_its_source(folder: Path) -> None:
    done = run(folder, register=register(*TEN))
    assert done.resources == ("facilities_register",)
    assert len(Snapshot(folder).table("facilities_register")) == 10
    assert Snapshot(folder).sources["poi"]["vintage"] == "2026"
    verify_snapshot(folder)


def test_moved_borders_move_the_grid_and_every_union(folder: Path) -> None:
    """Hemiksem (11018) takes a strip of Schelle (11038); births stay where they were counted."""
    old = Snapshot(folder)
    zones = old.zones("municipality", 2025)
    at = {nis: int(np.flatnonzero(zones["zone_id"] == nis)[0]) for nis in ("11018", "11038")}
    shapes = zones.geometry.to_numpy()
    left, _, right, top = shapely.bounds(shapes[at["11038"]])
    cut = shapely.LineString([(left, top - 700), (right, top - 700)])
    parts = shapely.get_parts(shapely.polygonize([shapely.union_all([*shapely.boundary(shapes), cut])]))
    points = shapely.point_on_surface(parts)
    owner = [int(shapely.contains(shapes, point).argmax()) for point in points]
    owner = [at["11018"] if o == at["11038"] and p.y > top - 700 else o for o, p in zip(owner, points, strict=True)]
    shapes = np.array([shapely.union_all(parts[np.array(owner) == i]) for i in range(len(zones))])
    moved = gpd.GeoDataFrame(zones.drop(columns="geometry"), geometry=shapes, crs=zones.crs)
    done = run(folder, borders=frames("borders", {"zones_municipality_2025": moved}, ("borders",)))
    new = Snapshot(folder)
    assert {"grid_zones", "grid_weight", "zones_municipality_2025"} <= set(done.resources)
    assert "zones_sector_2021" not in done.resources
    was, now = (s.zone_index("municipality", 2025) for s in (old, new))
    cells = dict(zip(map(tuple, old.grid.xy.round()), was, strict=True))
    changed = [
        (cells[tuple(xy)], zone) for xy, zone in zip(new.grid.xy.round(), now, strict=True) if tuple(xy) in cells
    ]
    pairs = {pair for pair in changed if pair[0] != pair[1]}
    assert pairs == {(at["11038"], at["11018"])}
    for level, vintage in GRID_LEVELS[1:]:
        parent = new.zones(level, vintage)["parent_nis"].to_numpy()[new.zone_index(level, vintage)]
        assert (parent == zones["zone_id"].to_numpy()[now]).all(), level
    verify_snapshot(folder)
    sentences = changes_module.changes(old, new, "en")
    assert any("Other borders among municipalities (2025): 2, namely Hemiksem and Schelle." in s for s in sentences)


def test_new_people_per_sector_move_the_weights(folder: Path) -> None:
    old = Snapshot(folder)
    table = old.table("sector_population")
    extra = table[table["year"] == 2022].assign(year=2023)
    extra["population"] = (extra["population"] * 1.01).round().astype("int64")
    done = run(folder, sectors=frames("sectors", {"sector_population": pd.concat([table, extra])}, ("sectors",)))
    assert done.resources == ("grid_weight", "sector_population")
    assert Snapshot(folder).resources["grid_weight"]["vintage"].startswith("2023 (sectors)")
    people = Snapshot(folder).bands("grid_weight", 2)[0][0].sum(dtype=float)
    assert people == pytest.approx(extra["population"].sum(), rel=1e-6)


def fails(error: Exception) -> Loader:
    def load(_context: RefreshContext) -> Update:
        raise error

    return load


def test_one_source_failing_leaves_everything_and_gives_every_reason(folder: Path, small: Path, more: Loader) -> None:
    loaders: dict[str, Loader] = {
        "borders": fails(FetchError("https://example.org: refused the connection.")),
        "births": more,
        "ages": fails(OSError(errno.EACCES, os.strerror(errno.EACCES), "ages.zip")),
    }
    with pytest.raises(RefreshError, match=r"2 of 3 sources failed: borders: https.* ages: .*Permission denied"):
        refresh(folder, loaders, (), only_snapshot)
    assert unchanged(folder, small)
    done = refresh(folder, loaders, (), only_snapshot, RefreshOptions(skip_failed=True))
    assert done.resources == ("births",)
    assert done.failed["borders"].sentence("en") == "https://example.org: refused the connection."


def test_all_failing_is_a_failure_however_lenient_one_is(folder: Path, small: Path) -> None:
    with pytest.raises(RefreshError, match="1 of 1 sources failed: births: gone"):
        run(folder, RefreshOptions(skip_failed=True), births=fails(FetchError("gone")))
    assert unchanged(folder, small)


def test_an_unknown_source_is_named_with_those_there_are(folder: Path, small: Path, more: Loader) -> None:
    with pytest.raises(InputError, match="Source 'birth' cannot be refreshed; choose from births, ages"):
        refresh(folder, {"births": more, "ages": more}, ["birth"], only_snapshot)
    assert unchanged(folder, small)


def test_a_file_that_is_missing_or_wrong_changes_nothing(folder: Path, small: Path, tmp_path: Path) -> None:
    with pytest.raises(RefreshError, match=r"births: .*No such file or directory: .*nowhere.csv"):
        run(folder, births=births_from(tmp_path / "nowhere.csv"))
    (tmp_path / "odd.csv").write_text("nis2025,births_2025\n99999,3\n")
    with pytest.raises(RefreshError, match=r"births: odd.csv: row 2: unknown NIS code '99999'"):
        run(folder, births=births_from(tmp_path / "odd.csv"))
    assert unchanged(folder, small)


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (1.16, r"births in Flanders would go from 1,531 \(2025\) to 1,776 \(2025\), \+16.0 % where ±15 %"),
        (0.84, r"births in Flanders would go from 1,531 \(2025\) to 1,286 \(2025\), -16.0 % where ±15 %"),
    ],
)
def test_births_that_move_too_much_stop_and_ask(
    folder: Path, small: Path, tmp_path: Path, factor: float, sentence: str
) -> None:
    loader = births_from(write_births(Snapshot(small), tmp_path / "b.csv", factor=factor))
    with pytest.raises(RefreshError, match=f"hard to believe: {sentence}.*go on with --accept"):
        run(folder, births=loader)
    assert unchanged(folder, small)
    done = run(folder, RefreshOptions(accept=True), births=loader)
    assert done.changed
    assert done.odd


def test_births_at_the_edge_of_belief_pass(folder: Path, small: Path, tmp_path: Path) -> None:
    assert run(folder, births=births_from(write_births(Snapshot(small), tmp_path / "b.csv", factor=1.14))).changed


def test_one_municipality_that_moves_too_much_is_named(folder: Path, small: Path) -> None:
    table = Snapshot(small).table("births")
    table.loc[table["nis2025"] == "11005", "births"] += 90
    with pytest.raises(RefreshError, match="births of 2025 in municipality 11005 would go from 2"):
        run(folder, births=frames("births", {"births": table}))


def test_a_municipality_without_births_is_asked_about(folder: Path, small: Path) -> None:
    table = Snapshot(small).table("births")
    with pytest.raises(RefreshError, match="1 municipality would have no births at all, namely 11005"):
        run(folder, births=frames("births", {"births": table[table["nis2025"] != "11005"]}))


def test_a_register_that_shrinks_by_more_than_a_tenth_is_asked_about(folder: Path) -> None:
    run(folder, register=register(*TEN))
    assert run(folder, register=register(*TEN[:9])).changed
    run(folder, RefreshOptions(accept=True), register=register(*TEN))
    with pytest.raises(RefreshError, match=r"the register would go from 10 to 8 places of service bureau \(-20.0 %\)"):
        run(folder, register=register(*TEN[:8]))
    assert len(Snapshot(folder).table("facilities_register")) == 10


def test_zones_that_vanish_are_asked_about(folder: Path, small: Path) -> None:
    snapshot = Snapshot(small)
    members = snapshot.table("membership")
    circles = snapshot.zones("gp_circle")
    gone = circles["zone_id"].iloc[0]
    loader = frames(
        "gp_circles",
        {
            "membership": members[members["zone_id"] != gone],
            "zones_gp_circle_2025": circles[circles["zone_id"] != gone],
        },
    )
    with pytest.raises(RefreshError, match=f"1 zone of level gp_circle 2025 would vanish: {gone}"):
        run(folder, gp_circles=loader)
    assert unchanged(folder, small)
    assert run(folder, RefreshOptions(accept=True), gp_circles=loader).changed


def test_what_makes_no_sound_snapshot_is_refused_even_when_accepted(folder: Path, small: Path) -> None:
    table = Snapshot(small).table("births").assign(nis2025=lambda t: t["nis2025"].replace("11005", "99999"))
    with pytest.raises(RefreshError, match=r"no sound snapshot: 'tables/births.parquet': row \d: unknown code '99999'"):
        run(folder, RefreshOptions(accept=True), births=frames("births", {"births": table}))
    with pytest.raises(DataError, match="Table 'births': row 2 repeats key"):
        run(folder, births=frames("births", {"births": table.assign(nis2025="11001")}))
    assert unchanged(folder, small)


def test_a_damaged_snapshot_is_told_and_the_last_good_one_is_a_step_back(
    folder: Path, small: Path, more: Loader
) -> None:
    run(folder, births=more)
    births = folder / "tables/births.parquet"
    births.write_bytes(b"altered")
    with pytest.raises(RefreshError, match=r"is damaged: .*births.parquet' was altered.*'nabij data rollback'"):
        run(folder, births=more)
    store = Store(folder)
    with store.lock():
        store.rollback(store.earlier())
    assert Snapshot(folder).hash == Snapshot(small).hash
    verify_snapshot(folder)


@pytest.mark.parametrize("step", ["table", "keep", "close"])
@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "No space left on device while writing beside .*snapshot'; nothing was changed: make room"),
        (errno.EACCES, "Permission denied while writing beside .*nothing was changed"),
    ],
)
def test_a_disk_that_is_full_or_closed_changes_nothing(
    folder: Path, small: Path, more: Loader, monkeypatch: pytest.MonkeyPatch, step: str, number: int, sentence: str
) -> None:
    def full(*_args: Any, **_options: Any) -> None:
        raise OSError(number, os.strerror(number), "somewhere")

    with monkeypatch.context() as patch:
        patch.setattr(PackageWriter, step, full)
        with pytest.raises(RefreshError, match=sentence):
            run(folder, births=more)
    assert unchanged(folder, small)
    assert run(folder, births=more).changed


def test_a_folder_that_may_not_be_made_is_one_sentence(more: Loader) -> None:
    with pytest.raises(RefreshError, match=r"(Permission denied|No such file).*nothing was changed"):
        run(Path("/proc/nabij/snapshot"), births=more)


def test_sources_are_loaded_from_the_current_figures_in_the_order_of_the_loaders(folder: Path, more: Loader) -> None:
    seen: list[str] = []

    def noting(name: str) -> Loader:
        def load(context: RefreshContext) -> Update:
            seen.append(name)
            assert context.snapshot.hash == Snapshot(folder).hash
            return Update(name, "2026", ())

        return load

    refresh(folder, {"a": noting("a"), "b": noting("b"), "c": noting("c")}, ["c", "a"], only_snapshot)
    assert seen == ["a", "c"]


# the command


def nabij(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["data", *words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def with_loaders(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Loader]], None]:
    return lambda loaders: monkeypatch.setattr("loaders.live.registry.LOADERS", loaders)


def test_refresh_diff_rollback_by_command(
    folder: Path, small: Path, tmp_path: Path, with_loaders: Callable[[dict[str, Loader]], None]
) -> None:
    with_loaders({"births": births_from(write_births(Snapshot(small), tmp_path / "b.csv", factor=1.1))})
    where = ("--snapshot", str(folder))
    code, out, err = nabij("refresh", "births", *where, "--lang", "en")
    assert (code, err) == (0, "")
    version = folder.resolve().name
    assert "Births in Flanders: 1,531 (2025) became 1,683 (2025), +9.9%." in out
    assert f"New data in {folder} (version {version}): 1 file renewed." in out
    assert nabij("refresh", "births", *where) == (0, "Niets nieuws: de bronnen geven wat er al was.\n", "")
    code, told, _ = nabij("diff", *where, "--lang", "en")
    assert told.splitlines() == out.splitlines()[:-1]
    assert nabij("diff", version, version, *where)[1] == "Geen verschil.\n"
    assert nabij("diff", str(small), *where, "--lang", "en")[1] == told
    code, out, _ = nabij("rollback", *where)
    assert out == f"Terug op versie {Snapshot(small).hash[:12]} in {folder}.\n"
    assert Snapshot(folder).hash == Snapshot(small).hash
    code, out, _ = nabij("rollback", "--to", version[:5], *where, "--lang", "fr")
    assert out.startswith(f"Retour à la version {version}")
    assert nabij("verify", *where)[0] == 0


def test_drift_by_command_and_accept(
    folder: Path, small: Path, tmp_path: Path, with_loaders: Callable[[dict[str, Loader]], None]
) -> None:
    with_loaders({"births": births_from(write_births(Snapshot(small), tmp_path / "b.csv", factor=0.5))})
    code, out, err = nabij("refresh", "--snapshot", str(folder))
    assert (code, out) == (1, "")
    assert err.startswith("nabij: Nothing was changed, because this is hard to believe: births in Flanders")
    assert err.count("\n") == 1
    code, out, err = nabij("refresh", "--snapshot", str(folder), "--accept", "--lang", "en")
    assert code == 0
    assert "Accepted, though hard to believe: births in Flanders" in err


def test_the_embedded_snapshot_is_refused_and_a_missing_folder_named(tmp_path: Path) -> None:
    code, _, err = nabij("refresh", "--snapshot", str(EMBEDDED))
    assert (code, "is never changed" in err) == (1, True)
    code, _, err = nabij("refresh", "--snapshot", str(tmp_path / "no" / "snapshot"))
    assert (code, "does not exist" in err) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_step_back_where_nothing_was_refreshed_is_one_sentence(tmp_path: Path) -> None:
    code, out, err = nabij("rollback", "--snapshot", str(tmp_path / "snapshot"))
    assert (code, out) == (1, "")
    assert "There is no version before the present one" in err
    assert list(tmp_path.iterdir()) == []


def test_a_refreshed_snapshot_is_what_every_command_then_works_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Path, with_loaders: Callable[[dict[str, Loader]], None]
) -> None:
    monkeypatch.setenv("NABIJ_HOME", str(tmp_path))
    with_loaders({"register": register(*TEN)})
    assert nabij("refresh")[0] == 0
    assert (tmp_path / "snapshot").resolve().parent == tmp_path / "snapshot.versions"
    assert str(tmp_path / "snapshot") in nabij("verify")[1]
    monkeypatch.setenv("NABIJ_SNAPSHOT", str(small))
    assert str(small) in nabij("verify")[1]


def test_the_descriptor_of_a_refreshed_package_is_plain_json(folder: Path, more: Loader) -> None:
    run(folder, births=more)
    package = json.loads((folder / "datapackage.json").read_text())
    assert [source["id"] for source in package["sources"]].count("births") == 1
