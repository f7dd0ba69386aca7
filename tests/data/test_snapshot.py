"""The embedded snapshot: what it holds, that it is what the pipeline makes, and that damage is noticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from i18n.errors import DataError, MissingFileError, SnapshotError
from loaders.catalogue.regions.levels import LEVELS
from loaders.catalogue.settings import Settings
from loaders.http.client import Client
from loaders.live.registry import LOADERS
from loaders.pipeline.build import build_snapshot
from loaders.pipeline.refresh import refresh
from loaders.pipeline.update import RefreshContext
from loaders.snapshot.reader import EMBEDDED, Snapshot
from loaders.snapshot.upkeep.integrity import sha256
from loaders.snapshot.upkeep.verify import verify_snapshot

LIMIT_MB = 30
BOOM = ["Aartselaar", "Boom", "Bornem", "Hemiksem", "Niel", "Puurs", "Rumst", "Schelle", "Sint-Amands", "Willebroek"]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(EMBEDDED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A snapshot to damage."""
    return Path(shutil.copytree(EMBEDDED, tmp_path / "snapshot"))


def test_every_check_holds() -> None:
    checks = verify_snapshot(EMBEDDED)
    assert [c.name for c in checks] == ["bytes", "tables", "codes", "zones", "grid", "demand", "totals", "streets"]
    assert all(c.ok for c in checks)


def test_it_stays_below_thirty_megabytes() -> None:
    assert sum(f.stat().st_size for f in EMBEDDED.rglob("*") if f.is_file()) < LIMIT_MB * 1e6


def test_published_totals(snapshot: Snapshot) -> None:
    """Statbel: 62,277 + 13,663 live births in 2025; 6,698,876 inhabitants of Flanders on 1 January 2022."""
    births = snapshot.table("births").set_index("nis2025")["births"]
    brussels = births.index.str.startswith("210")
    assert births[~brussels].sum() == 62_277
    assert births[brussels].sum() == 13_663
    ages = snapshot.table("ages")
    newest = ages[(ages["vintage"] == 2025) & (ages["year"] == 2022)]
    assert newest.loc[~newest["nis"].str.startswith("210"), "population"].sum() == 6_698_876
    assert ages["year"].agg(["min", "max"]).tolist() == [1992, 2022]


def test_municipalities_and_area(snapshot: Snapshot) -> None:
    """327 municipalities became 319, then 285 + 19; Flanders measures 13,626 km²."""
    assert [len(snapshot.zones("municipality", v)) for v in (2018, 2019, 2025)] == [327, 319, 304]
    zones = snapshot.zones("municipality", 2025)
    flemish = zones[~zones["zone_id"].str.startswith("210")]
    assert len(flemish) == 285
    assert flemish.geometry.area.sum() / 1e6 == pytest.approx(13_626.1, abs=0.5)


def test_births_spot_check(snapshot: Snapshot, shared_dir: Path) -> None:
    """Series that Statbel publishes for a few municipalities."""
    check = pd.read_csv(shared_dir / "opendata/births/births_1992_2025_sample3_municipalities.csv", dtype={"nis": str})
    newest = check[check["year"] == 2025].set_index("nis")["births"]
    ours = snapshot.table("births").set_index("nis2025")["births"]
    assert len(newest) == 3
    assert ours.loc[newest.index].tolist() == newest.tolist()


@pytest.mark.parametrize(
    ("level", "count"),
    [
        ("region", 2),
        ("province", 6),
        ("arrondissement", 23),
        ("reference_region", 15),
        ("care_region", 2),
        ("primary_care_zone", 57),
        ("sub_municipality", 1119),
        ("neighbourhood", 2767),
        ("sector", 9879),
    ],
)
def test_number_of_zones(snapshot: Snapshot, level: str, count: int) -> None:
    """Counts of the published files; 9,159 + 720 sectors."""
    assert len(snapshot.zones(level)) == count


def test_every_inhabited_cell_lies_in_one_zone_unless_the_level_is_partial(snapshot: Snapshot) -> None:
    for level in LEVELS.values():
        for vintage in level.vintages:
            outside = snapshot.zone_index(level.id, vintage) < 0
            assert outside.any() == level.partial, (level.id, vintage)


def test_finer_zones_nest_in_municipalities(snapshot: Snapshot) -> None:
    municipality = snapshot.zones("municipality", 2025)["zone_id"].to_numpy()[snapshot.zone_index("municipality", 2025)]
    for level, vintage in (
        ("sector", 2021),
        ("neighbourhood", 2025),
        ("sub_municipality", 2025),
        ("municipality", 2018),
    ):
        parent = snapshot.zones(level, vintage)["parent_nis"].to_numpy()[snapshot.zone_index(level, vintage)]
        assert (parent == municipality).all(), level


def test_care_regions_are_those_of_the_field_report(snapshot: Snapshot) -> None:
    names = snapshot.zones("municipality", 2018).set_index("zone_id")["zone_name"]
    members = snapshot.table("membership").query("level == 'care_region'")
    by_region = members.groupby("zone_id")["member_id"].apply(lambda ids: sorted(names.loc[ids])).to_dict()
    assert by_region == {
        "oostende": ["Bredene", "Gistel", "Middelkerke", "Oostende", "Oudenburg"],
        "boom": BOOM,
    }


def test_the_two_primary_care_zones_of_boom_make_its_care_region(snapshot: Snapshot) -> None:
    care = snapshot.zone_index("care_region")
    zones = snapshot.zones("primary_care_zone")["zone_id"]
    boom = snapshot.zones("care_region")["zone_id"].tolist().index("boom")
    both = np.flatnonzero(zones.isin(["rupelaar", "klein-brabant-vaartland"]))
    assert (np.isin(snapshot.zone_index("primary_care_zone"), both) == (care == boom)).all()


def test_generalised_neighbours_share_their_border(snapshot: Snapshot) -> None:
    shapes = snapshot.zones("municipality", 2025).geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-12)


def test_people_on_the_grid(snapshot: Snapshot) -> None:
    """Sector populations of 2022 in the raw file: 6,688,393 + 1,217,198, every one on a cell."""
    with rasterio.open(snapshot.resource_path("grid_weight")) as raster:
        people = raster.read(2)
    assert people.sum(dtype=float) == pytest.approx(6_688_393 + 1_217_198, rel=1e-6)
    grid = snapshot.grid
    assert grid.population.sum() > 0.999 * people.sum(dtype=float)  # the rest lives where the census has no children
    assert (grid.weight > 0).all()
    assert (grid.weight <= grid.population).all()


def test_cell_centres_lie_in_their_municipality(snapshot: Snapshot) -> None:
    zones = snapshot.zones("municipality", 2025)
    sample = slice(None, None, 997)
    points = gpd.GeoSeries(gpd.points_from_xy(*snapshot.grid.xy[sample].T), crs="EPSG:31370")
    shapes = zones.geometry.iloc[snapshot.zone_index("municipality", 2025)[sample]]
    apart = points.distance(gpd.GeoSeries(shapes.to_numpy(), crs="EPSG:31370"))
    assert apart.max() <= 10  # the tolerance of the generalised border


def test_the_pipeline_makes_the_embedded_bytes(shared_dir: Path, tmp_path: Path) -> None:
    target = build_snapshot(shared_dir / "opendata", tmp_path / "snapshot")
    files = {p.relative_to(EMBEDDED).as_posix(): sha256(p) for p in EMBEDDED.rglob("*") if p.is_file()}
    assert {p.relative_to(target).as_posix(): sha256(p) for p in target.rglob("*") if p.is_file()} == files
    assert [p.name for p in tmp_path.iterdir()] == ["snapshot"]


def test_a_refresh_from_the_raw_files_of_the_build_changes_nothing(shared_dir: Path, tmp_path: Path) -> None:
    """One road: what a build and a refresh read by the same parsers is the same to the byte."""
    given = {
        "sector_borders": "sectors/statbel_sectors_2021_with_pop_2011_2022.gpkg",
        "births": "births/munty_2025_births_population_density_fl_bru.csv",
        "ages": "population/fl_bru_population_age0to5_1992_2022_nis2025.csv",
        "care_regions": "care/documented_care_regions.csv",
        "gp_circle_table": "care/documented_gp_circles.csv",
    }
    settings = Settings.load([f"{source}={shared_dir / 'opendata' / file}" for source, file in given.items()], {})
    loaders = {name: LOADERS[name] for name in ("sectors", "births", "ages", "care_regions", "gp_circles")}
    with Client() as client:
        done = refresh(tmp_path / "snapshot", loaders, (), lambda held: RefreshContext(client, held, settings))
    assert (done.resources, done.changed) == ((), False)
    assert [update.source for update in done.updates] == list(loaders)


def test_a_folder_without_raw_files_names_the_first_and_changes_nothing(copy: Path, tmp_path: Path) -> None:
    before = sha256(copy / "datapackage.json")
    with pytest.raises(MissingFileError, match=r"lacks 'boundaries/2025/gemeente.shp' and \d+ more raw files"):
        build_snapshot(tmp_path, copy)
    with pytest.raises(MissingFileError, match="does not exist; give the folder"):
        build_snapshot(tmp_path / "nowhere", copy)
    with pytest.raises(MissingFileError, match="does not exist; make it first"):
        build_snapshot(tmp_path, tmp_path / "no" / "snapshot")
    assert sha256(copy / "datapackage.json") == before


def test_a_raw_file_with_an_unknown_code_leaves_the_old_snapshot(shared_dir: Path, copy: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(shared_dir / "opendata", raw, copy_function=lambda a, b: Path(b).symlink_to(a))
    births = raw / "births/munty_2025_births_population_density_fl_bru.csv"
    text = births.read_text()
    births.unlink()
    births.write_text(text.replace("11005,Boom", "11999,Boom"))
    before = sha256(copy / "datapackage.json")
    with pytest.raises(DataError, match=r"births/munty.*: row 5: unknown NIS code '11999'"):
        build_snapshot(raw, copy)
    assert sha256(copy / "datapackage.json") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw", "snapshot"]


def test_one_altered_byte_is_noticed(copy: Path) -> None:
    path = copy / "grid/weight.tif"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(SnapshotError, match=r"weight.tif' was altered.*restore the file, or rebuild"):
        verify_snapshot(copy)


def test_a_missing_file_is_noticed(copy: Path) -> None:
    (copy / "tables/births.parquet").unlink()
    with pytest.raises(SnapshotError, match=r"births.parquet' is missing; restore it or rebuild"):
        verify_snapshot(copy)


def redeclare(folder: Path, name: str) -> None:
    """Make the data package agree with an altered file, so that only its content can betray it."""
    manifest = folder / "datapackage.json"
    package = json.loads(manifest.read_text())
    resource = next(r for r in package["resources"] if r["name"] == name)
    resource["hash"] = f"sha256:{sha256(folder / resource['path'])}"
    manifest.write_text(json.dumps(package))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda f: f.drop(columns="births"), "'births': column 'births' is missing"),
        (lambda f: f.assign(births=-f["births"]), r"'births': row \d+, column 'births': -\d+ is missing or too small"),
        (lambda f: f.replace({"nis2025": {"11002": "99999"}}), r"births.parquet': row 2: unknown code '99999'"),
        (lambda f: f.assign(births=f["births"] + 1), "births_2025_flanders adds up to 62562, the data package says"),
        (lambda f: f.assign(nis2025="11001"), "row 2 repeats key"),
    ],
    ids=["column", "negative", "code", "total", "key"],
)
def test_altered_births_with_a_matching_hash_are_noticed(copy: Path, damage: object, sentence: str) -> None:
    path = copy / "tables/births.parquet"
    damage(pd.read_parquet(path)).to_parquet(path)  # type: ignore[operator]
    redeclare(copy, "births")
    with pytest.raises(SnapshotError, match=sentence):
        verify_snapshot(copy)


def test_a_snapshot_that_is_not_there_or_not_readable(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"No snapshot in .*leave --snapshot out"):
        Snapshot(tmp_path)
    (tmp_path / "datapackage.json").write_text("{")
    with pytest.raises(SnapshotError, match="is not readable JSON"):
        Snapshot(tmp_path)
