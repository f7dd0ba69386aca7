"""Users' lists and the documented cases against the embedded snapshot: real borders, the sea, and France."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.lists.facilities.facility_choice import load_facilities
from loaders.lists.facilities.facility_file import facility_template, read_facility_file
from loaders.parsers.facts.documented import CASES
from loaders.snapshot.reader import EMBEDDED, Snapshot

pytestmark = pytest.mark.skipif(
    not (EMBEDDED / "datapackage.json").is_file(), reason="the embedded snapshot is not built"
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(EMBEDDED)


def refusal(snapshot: Snapshot, path: Path, lat: float, lon: float) -> str:
    path.write_text(f"id,service,lat,lon\na,bureau,{lat},{lon}\n", encoding="utf-8")
    report = read_facility_file(path, snapshot)
    assert report.n_refused == 1
    return str(report.report["message"].iloc[0])


def test_the_template_reads_as_it_is(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "template.csv"
    path.write_text(facility_template(), encoding="utf-8")
    facilities = load_facilities(snapshot, path)
    assert facilities.frame["nis2025"].tolist() == ["11005", "11005"]  # Boom
    assert facilities.frame["service"].tolist() == ["bureau", "house"]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (51.40, 2.90),  # North Sea, before Oostende
        (50.63, 3.06),  # Lille
        (51.44, 5.47),  # Eindhoven
        (50.72, 4.61),  # Wavre, in Wallonia
    ],
)
def test_points_in_the_sea_in_wallonia_and_abroad(snapshot: Snapshot, tmp_path: Path, lat: float, lon: float) -> None:
    assert "km outside every municipality of Flanders and Brussels" in refusal(snapshot, tmp_path / "a.csv", lat, lon)


def test_two_zeros_are_no_coordinates(snapshot: Snapshot, tmp_path: Path) -> None:
    assert "stands for 'no coordinates', not for a place" in refusal(snapshot, tmp_path / "a.csv", 0.0, 0.0)


def test_swapped_coordinates_of_a_real_place(snapshot: Snapshot, tmp_path: Path) -> None:
    assert refusal(snapshot, tmp_path / "a.csv", 4.40, 51.22).startswith("lat and lon (4.4 51.22) look swapped")
    path = tmp_path / "b.csv"
    path.write_text("id,service,x,y\na,bureau,212000,152500\n", encoding="utf-8")  # Antwerp is 152500, 212000
    message = read_facility_file(path, snapshot).report["message"].iloc[0]
    assert message == "x and y (212000 152500) look swapped; swap the two columns"


def test_the_pier_of_blankenberge_is_given_to_blankenberge(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,service,lat,lon\na,bureau,51.3181,3.1361\n", encoding="utf-8")
    report = read_facility_file(path, snapshot)
    assert report.frame["nis2025"].tolist() == ["31004"]


def test_the_documented_set_carries_its_scope(snapshot: Snapshot) -> None:
    facilities = load_facilities(snapshot, "documented")
    assert (facilities.name, facilities.evidence) == ("documented", "documented")
    scope = facilities.of_service("bureau").scope
    assert scope is not None
    assert set(scope["nis2018"]) == {case.nis2018 for case in CASES}
    assert facilities.reachable().empty
    assert set(facilities.sources) <= set(snapshot.sources)
