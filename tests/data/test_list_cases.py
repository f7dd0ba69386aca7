"""Lists, zones, tables and extracts as people really have them: read, told or refused, and never silently wrong.

The cases stand beside the checkout (`../shared/cases`); where they are absent the small ones of
`tests/unit/test_list_kinds.py` remain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.analysis import Analysis, analyse
from coverage.core.demand import surface
from coverage.core.query import Query
from i18n.errors import NabijError
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.facilities.facility_report import FacilityReport
from loaders.lists.partition_file import PartitionReport, read_partition_file
from loaders.snapshot.reader import Snapshot

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="no ../shared/cases")
BOOM = ("11005", 150_206, 198_044)
EAST = (("11005", 150_788, 198_044), ("11005", 151_488, 198_044), ("11005", 152_189, 198_044))
HASSELT = ("71072", 218_122, 180_489)


@cache
def world() -> Snapshot:
    return Snapshot()


@dataclass(frozen=True)
class ListCase:
    """Municipality and whole metres of the places that are read, and words that must be said."""

    places: tuple[tuple[str, int, int], ...] = ()
    told: tuple[str, ...] = ()
    refused: tuple[int, ...] = ()


def case(*places: tuple[str, int, int], told: str = "", refused: tuple[int, ...] = ()) -> ListCase:
    return ListCase(places, tuple(filter(None, told.split(" | "))), refused)


PLACES: dict[str, ListCase] = {
    "f_xy_reversed_limburg.csv": case(
        told="lies in Lille (13019) but gemeente says Hasselt; x and y look exchanged | gemeente says Genk",
        refused=(2, 3),
    ),
    "f_sheet_per_province.xlsx": case(BOOM, HASSELT, told="2 sheets with the same headers were read together"),
    "f_hidden_row.xlsx": case(BOOM, HASSELT, told="1 hidden or filtered row was read too (row 3)"),
    "x_hours_1820.csv": case(BOOM, HASSELT, told="1.820 was read as 1820 hours per year"),
    "f_sci.csv": case(told="digits were lost; format the cells as numbers", refused=(2, 3)),
    "f_floored.csv": case(told="precise to 70 to 110 km only", refused=(2, 3)),
    "f_two_point_layers.gpkg": case(BOOM, told="'bureaus_2025' was read; not read: bureaus_2019"),
    "f_stacked.csv": case(*[BOOM] * 8, told="8 places stand on one point"),
    "f_formula_hours.xlsx": case(BOOM, told="cell F2 holds a formula without a value"),
    "f_title_rows.csv": case(BOOM, told="the headers stand in row 4"),
    "f_sep_line.csv": case(BOOM, HASSELT),
    "f_second_sheet.xlsx": case(BOOM, told="'Lijst' was read; not read: Leesmij"),
    "f_no_id.csv": case(BOOM, told="every place got the number of its row"),
    "f_lat_dd.csv": case(BOOM),
    "f_status_nl.csv": case(BOOM),
    "f_latlon_one_cell.csv": case(BOOM),
    "f_latlon_in_lat.csv": case(BOOM, told="both coordinates stand in one cell"),
    "f_dms.csv": case(("11005", 150_204, 198_044)),
    "f_deg_suffix.csv": case(BOOM),
    "f_wkt.csv": case(BOOM),
    "f_grouped_5095584.csv": case(told="was lost: 51.0925, 4.3717?", refused=(2,)),
    "f_x_thousands_point.csv": case(("11005", 149_112, 197_963), told="the thousands sign was left out"),
    "f_webmerc.csv": case(told="look like Web Mercator (EPSG:3857)", refused=(2,)),
    "f_lambert_nocrs.geojson": case(told="does not say in which system | Add 'crs', export as EPSG:4326"),
    "f_zero.csv": case(told="0 0 stands for 'no coordinates'", refused=(2,)),
    "f_nbsp_zwsp.csv": case(BOOM, HASSELT),
    "f_service_words.csv": case(*[BOOM] * 7, told="service 'consultatie' is not known", refused=(9,)),
    "f_serves_postcodes.csv": case(BOOM, told="2850: Boom, 11005"),
    "f_na_text.csv": case(BOOM, *EAST, told="column 'uren' has n.v.t., NA, -, #N/B in 4 rows"),
    "f_addr_only.csv": case(told="there is an address but there are no coordinates", refused=(2,)),
    "f_ole.xlsx": case(told="an old Excel file (.xls) or one with a password"),
    "f_records.json": case(BOOM),
    "f_far_cell.xlsx": case(BOOM, told="the row holds only 'x'", refused=(1_048_000,)),
}
SERVICES = ["bureau", "bureau", "bureau", "house", "house", "house", "bureau"]


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    wanted = PLACES[name]
    report, said = _places(CASES / name)
    for words in wanted.told:
        assert words in said
    if report is None:
        assert not wanted.places
        return
    found = report.frame.sort_values("id")
    rounded = [
        (str(nis), round(x), round(y)) for nis, x, y in found[["nis2025", "x", "y"]].itertuples(index=False, name=None)
    ]
    assert rounded == list(wanted.places)
    assert {line[0] for line in report.lines if line[3] == "refused"} == set(wanted.refused)
    if name == "x_hours_1820.csv":
        assert found["hours_per_year"].tolist() == [1820, 960]
    if name in ("f_na_text.csv", "f_formula_hours.xlsx"):
        assert found["hours_per_year"].isna().all()
    if name == "f_service_words.csv":
        assert found["service"].tolist() == SERVICES
    if name == "f_serves_postcodes.csv":
        assert found["serves"].tolist() == ["11005"]


def _places(path: Path) -> tuple[FacilityReport | None, str]:
    try:
        report = read_facility_file(path, world())
    except NabijError as error:
        return None, str(error)
    return report, "\n".join(report.report["message"])


FRENCH = ["11002", "34022", "31005", "44021", "24062", "12025", "35013", "21009", "21016", "21007"]
FRENCH += ["21004", "21013", "45035"]
ZONES: dict[str, tuple[dict[str, str], str, tuple[int, ...]]] = {
    # members (codes by zone), what is told, refused rows
    "p_naam_is_gemeente.csv": (
        {"rupelaar": "11005 11030", "klein-brabant": "12007"},
        "'naam' names municipalities",
        (),
    ),
    "p_empty_zone.csv": ({"a": "11005"}, "the zone is empty | 'n.v.t.' was read as no zone", ()),
    "p_hove_2025.csv": ({"a": "11021", "b": "46030", "c": "12041"}, "", ()),
    "p_french_names.csv": (dict(zip("abcdefghijklm", FRENCH, strict=True)), "", ()),
    "p_nis_float.csv": ({"a": "11005 11030"}, "", ()),
    "p_label_with_code.csv": ({"a": "11005 11030"}, "", ()),
    "p_nis_is_postcode.csv": ({"a": "11005 11030"}, "2850 is a postcode (Boom, 11005)", ()),
    "p_deelgemeenten.csv": (
        {"c": "11052"},
        "Deurne is part of Antwerpen (11002) | Lombardsijde is part of Middelkerke (35011)",
        (2, 3),
    ),
    "p_totals.csv": ({"a": "11005"}, "('02000') and was left out | ('10000') | ('Totaal')", ()),
    "p_zorgregio_header.xlsx": ({"boom": "11005 11030", "oostende": "35013"}, "", ()),
    "p_unmerged_zone_cells.xlsx": ({"rupel": "11005", "kust": "35013"}, "is it 'Rupel' as above?", (3,)),
    "p_cyr_zone.csv": ({"ж": "11005", "中": "11030"}, "", ()),
}


@pytest.mark.parametrize("name", ZONES)
def test_zones(name: str) -> None:
    members, told, refused = ZONES[name]
    report: PartitionReport = read_partition_file(CASES / name, world())
    assert report.partition is not None
    found = {str(zone): " ".join(sorted(nis)) for zone, nis in report.partition.members.groupby("zone_id")["nis"]}
    assert found == members
    assert report.partition.vintage == 2025
    said = "\n".join(report.report["message"])
    for words in filter(None, told.split(" | ")):
        assert words in said
    assert {line[0] for line in report.lines if line[3] == "refused"} == set(refused)


TABLES: dict[str, tuple[str | None, str]] = {
    # table that gives the births of Boom out of reach (none are, where it is empty), or what is said
    "m_good.csv": ("m_good.csv", ""),
    "m_semi_comma.csv": ("m_semi_comma.csv", ""),
    "m_r5r_p50.csv": ("m_good.csv", "the costs come from column 'travel_time_p50', read as minutes"),
    "m_r5py_nan.csv": ("m_good.csv", "74 rows without a value count as out of reach"),
    "m_eurostat_ids.csv": ("m_good.csv", "and were read as 100mN31257E39266"),
    "m_sector_upper.csv": ("m_sector_upper.csv", "read as sector:11005a00-"),
    "m_nis_bare.csv": ("", "read as municipality:11005"),
    "m_seconds.csv": (None, '92 times slower as a rule than the straight line on foot | --map "minutes=seconds"'),
    "m_km.csv": (None, 'shorter than the straight line for 575 of 575 pairs | --map "metres=kilometres"'),
    "m_origin_dest.csv": (
        None,
        '--map "OriginID=from_id" --map "DestinationID=to_id" --map "Total_TravelTime=minutes"',
    ),
    "m_to_float.parquet": (None, "row 5: to_id '' is empty"),
}


def out_of_reach(name: str) -> float:
    """Births of Boom of whose hectare or sector the least minutes of a table are more than 15."""
    if not name:
        return 0.0
    semicolons = "semi" in name
    table = pd.read_csv(CASES / name, sep=";" if semicolons else ",", decimal="," if semicolons else ".")
    least = table.groupby("from_id")["minutes"].min()
    snapshot = world()
    grid, names = snapshot.grid, snapshot.zones("municipality", 2025)["zone_id"].to_list()
    boom = snapshot.zone_index("municipality", 2025) == names.index("11005")
    if table["from_id"].str.startswith("sector:").all():
        sectors = "sector:" + snapshot.zones("sector")["zone_id"].str.upper()
        ids = sectors.to_numpy(object)[snapshot.zone_index("sector")[boom]]
    else:
        row, column = np.divmod(grid.cell[boom], grid.shape[1])
        north = (grid.transform.f / 100 - row - 1).astype(int)
        east = (grid.transform.c / 100 + column).astype(int)
        ids = np.array([f"100mN{y}E{x}" for y, x in zip(north, east, strict=True)], dtype=object)
    minutes = least.reindex(ids).to_numpy()
    return float(surface(snapshot).births[boom][~(minutes <= 15)].sum())


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_travel(name: str) -> None:
    same, told = TABLES[name]
    query = Query(model="matrix", matrix=CASES / name, areas=(("municipality", "11005"),))
    try:
        answer: Analysis | None = analyse(world(), query, load_facilities(world(), CASES / "places.csv"))
    except NabijError as error:
        answer, said = None, str(error)
    if answer is not None:
        note = answer.details.get("told")
        said = note.sentence("en") if note is not None and hasattr(note, "sentence") else ""
        assert same is not None
        assert answer.table["births_out_of_reach"].iloc[0] == pytest.approx(out_of_reach(same), abs=1e-6)
    else:
        assert same is None
    for words in filter(None, told.split(" | ")):
        assert words in said


def test_a_table_of_travel_is_read_as_the_user_says() -> None:
    columns = (("OriginID", "from_id"), ("DestinationID", "to_id"), ("Total_TravelTime", "minutes"))
    areas = (("municipality", "11005"),)
    query = Query(model="matrix", matrix=CASES / "m_origin_dest.csv", matrix_columns=columns, areas=areas)
    answer = analyse(world(), query, load_facilities(world(), CASES / "places.csv"))
    assert answer.table["births_out_of_reach"].iloc[0] == pytest.approx(out_of_reach("m_good.csv"), abs=1e-6)


def test_every_given_case_is_walked() -> None:
    """No file of the cases is passed over."""
    streets = {"o_base.osm", "o_negative.osm", "o_out_body.osm", "o_remark.osm"}
    walked = {*PLACES, *ZONES, *TABLES, *streets, "places.csv"}
    given = {path.name for path in CASES.iterdir() if path.suffix not in (".md", ".py")}
    assert given == walked
