"""A refresh of every source from local copies, by the command: one sound snapshot with all that follows."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from loaders.live.registry import LOADER_OF
from loaders.snapshot.reader import EMBEDDED, Snapshot
from loaders.snapshot.upkeep.verify import verify_snapshot
from tests.local_copies import CARE_REGIONS, local_copies

GIGABYTE_KB = 1_000_000
MEASURED = """
import atexit, pathlib, sys
atexit.register(lambda: print(pathlib.Path("/proc/self/status").read_text(), file=sys.stderr))
import cli
cli.main()
"""


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, str, int]:
    """The snapshot after ``nabij data refresh`` without names, what the command said, and its peak memory in kB."""
    folder = tmp_path_factory.mktemp("everything")
    files = local_copies(folder, Snapshot(EMBEDDED))
    assert set(files) | {"gp_circle_borders", "roads"} == set(LOADER_OF)  # roads come from a file of yours alone
    options = [word for source, file in files.items() for word in ("--source", f"{source}={file}")]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "data", "refresh", "--accept", "--lang", "en", *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NABIJ_HOME": str(folder / "home"), "NABIJ_CACHE": str(folder / "cache")},
    )
    assert done.returncode == 0, done.stderr
    peak = re.findall(r"VmHWM:\s+(\d+) kB", done.stderr)
    return Snapshot(folder / "home" / "snapshot"), done.stdout, int(peak[-1])


def test_everything_is_in_force_at_once_and_sound(refreshed: tuple[Snapshot, str, int]) -> None:
    snapshot, *_ = refreshed
    verify_snapshot(snapshot.path)
    assert snapshot.table("births")["year"].unique().tolist() == [*range(2020, 2027)]
    assert len(snapshot.zones("care_region")) == CARE_REGIONS
    assert snapshot.table("ages")["year"].max() == 2023
    assert snapshot.table("sector_population")["year"].max() == 2024
    made_up = snapshot.table("facilities_illustrative")
    assert len(snapshot.table("facilities_register")) == made_up["x"].notna().sum()
    assert set(snapshot.sources) >= {"births", "borders", "sector_borders", "care_regions", "gp_circle_table", "poi"}


def test_births_come_back_at_every_level(refreshed: tuple[Snapshot, str, int]) -> None:
    """Statbel: 62,277 + 13,663 live births in 2025, here also of 2026."""
    snapshot, *_ = refreshed
    newest = snapshot.package["totals"]
    assert (newest["births_2026_flanders"], newest["births_2026_brussels"]) == (62_277, 13_663)


def test_it_is_told_in_words(refreshed: tuple[Snapshot, str, int]) -> None:
    _, told, _ = refreshed
    assert "Births in Flanders: 62,277 (2025) became 62,277 (2026), +0.0%." in told
    assert "The register was loaded: " in told
    assert f"New among care regions (2025): {CARE_REGIONS - 2}, namely Streek " in told
    assert "New data in " in told
    assert "(0 to 5) per municipality: was 1992–2022, now 1992–2023." in told


def test_it_takes_less_than_a_gigabyte(refreshed: tuple[Snapshot, str, int]) -> None:
    *_, peak_kb = refreshed
    assert 100_000 < peak_kb < GIGABYTE_KB
