"""The parsers of live data on files as Statbel and Digitaal Vlaanderen publish them (no part of the project)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from loaders.catalogue.regions.levels import is_brussels
from loaders.parsers.ages import parse_ages
from loaders.parsers.births import parse_births
from loaders.parsers.zones.borders import parse_borders
from loaders.snapshot.reader import Snapshot
from tests.workbooks import births_sheet, workbook


@pytest.fixture(scope="module")
def codes(embedded: Snapshot) -> pd.DataFrame:
    return embedded.table("municipality_codes")


@pytest.mark.parametrize(("year", "vintage"), [(2018, 2018), (2022, 2019)], ids=["utf-8", "cp1252"])
def test_ages_of_the_verbatim_file_are_those_of_the_snapshot(
    shared_dir: Path, embedded: Snapshot, codes: pd.DataFrame, year: int, vintage: int
) -> None:
    """Every figure of both vintages of municipalities, 623 rows: population and single ages 0 to 5."""
    file = f"TF_SOC_POP_STRUCT_{year}.zip"
    parsed = parse_ages((shared_dir / "opendata" / "population" / file).read_bytes(), codes, file)
    assert (parsed.year, parsed.vintage) == (year, vintage)
    ages = embedded.table("ages")
    expected = ages[ages["year"] == year].sort_values(["vintage", "nis"], ignore_index=True)
    assert len(expected) == 319 + 304
    pd.testing.assert_frame_equal(parsed.frame, expected, check_dtype=False)


def test_a_file_of_100_mb_is_read_in_less_than_a_gigabyte(shared_dir: Path) -> None:
    """A whole refresh has 1 GB; measured in a process of its own, the embedded snapshot's codes included.

    Not by ``getrusage``: its peak counts the process that started this one as well.
    """
    if not Path("/proc/self/status").is_file():
        pytest.skip("needs the peak memory that Linux tells")
    file = shared_dir / "opendata" / "population" / "TF_SOC_POP_STRUCT_2022.zip"
    program = (
        "import sys; from pathlib import Path; from loaders.parsers.ages import parse_ages; "
        "from loaders.snapshot.reader import Snapshot; file = Path(sys.argv[1]); "
        "parse_ages(file.read_bytes(), Snapshot().table('municipality_codes'), file.name); "
        "status = Path('/proc/self/status').read_text(); print(status.partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1_000_000  # kilobytes


def test_births_of_three_municipalities_1992_to_2025(shared_dir: Path, embedded: Snapshot, codes: pd.DataFrame) -> None:
    """Published series of three municipalities; the others get their 0-year-olds, which the check of totals needs."""
    folder = shared_dir / "opendata" / "births"
    true = pd.read_csv(folder / "births_1992_2025_sample3_municipalities.csv", dtype={"nis": str})
    spot = pd.read_csv(folder / "births_spotcheck_statbel.csv", dtype={"nis": str})
    true = pd.concat([true, spot[["nis", "year", "births"]]]).drop_duplicates(["nis", "year"])
    ages = embedded.table("ages")
    ages = ages[ages["vintage"] == 2025]
    years = [1992, 2005, 2018, 2021, 2024, 2025]
    sheets = {}
    for year in years:
        filler = ages[ages["year"] == min(year, 2022)].set_index("nis")["age0"]
        known = true[true["year"] == year].set_index("nis")["births"]
        sheets[str(year)] = births_sheet({str(nis): int(known.get(nis, n)) for nis, n in filler.items()})
    series = parse_births(workbook(sheets), codes, "pop1992-mov.xlsx")
    found = series.frame.rename(columns={"nis2025": "nis"}).merge(true[true["year"].isin(years)], on=["nis", "year"])
    assert len(found) >= 3 * len(years)
    assert (found["births_x"] == found["births_y"]).all()


Parsed = tuple[int, gpd.GeoDataFrame, tuple[str, ...]]


@pytest.fixture(scope="module")
def refgem(shared_dir: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(shared_dir / "opendata" / "boundaries" / "vrbg2019" / "Refgem.shp")


@pytest.fixture(scope="module")
def parsed(refgem: gpd.GeoDataFrame, embedded: Snapshot, codes: pd.DataFrame) -> Parsed:
    held = embedded.zones("municipality", 2019)
    return parse_borders(refgem, held[is_brussels(held["zone_id"])], codes, "Refgem")


def test_official_borders_fit_the_snapshot(refgem: gpd.GeoDataFrame, parsed: Parsed, embedded: Snapshot) -> None:
    """300 Flemish municipalities of 2019 and the 19 of Brussels; 13,624 km² (the statistical sectors make 13,626)."""
    vintage, zones, notes = parsed
    held = embedded.zones("municipality", 2019)
    assert vintage == 2019
    assert zones["zone_id"].tolist() == held["zone_id"].tolist()
    assert list(zones.columns) == list(held.columns)
    assert not shapely.coverage_is_valid(refgem.geometry.to_numpy())
    assert shapely.coverage_is_valid(zones.geometry.to_numpy())
    flemish = ~is_brussels(zones["zone_id"])
    assert zones.geometry[flemish].area.sum() / 1e6 == pytest.approx(13_624.4, abs=0.5)
    assert zones.geometry[~flemish].area.sum() / 1e6 == pytest.approx(162.4, abs=0.1)
    assert any("23,853 m of border between neighbours did not match" in note for note in notes)


def test_brussels_moves_by_less_than_a_thousandth(parsed: Parsed) -> None:
    """Brussels of the snapshot is generalised to 10 m, so fitting it moves 0.13 of its 162 km²."""
    note = next(note for note in parsed[2] if "Brussels" in note)
    moved = re.search(r"\(([\d,]+) m² differed\)", note)
    assert moved is not None
    assert 50_000 < int(moved[1].replace(",", "")) < 162_000


def test_borders_leave_no_gap_around_brussels(parsed: Parsed) -> None:
    """What is left as holes are the Dutch parts of Baarle, and no slivers: none under 1,000 m²."""
    whole = shapely.coverage_union_all(parsed[1].geometry.to_numpy())
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    assert len(holes) < 12
    assert min(hole.area for hole in holes) > 1000
