"""Files of deprivation, income and the cases: parsed to what they say, refused by file and row where they cannot be."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from i18n.errors import DataError, MissingColumnError
from loaders.parsers.deprivation import (
    parse_child_deprivation,
    parse_municipality_deprivation,
    parse_sector_deprivation,
    parse_sector_income,
)
from loaders.parsers.facts.case_facts import CASE_FACT_COLUMNS, parse_case_facts
from loaders.parsers.municipal import parse_codes, parse_households
from loaders.snapshot.reader import Snapshot

CODES = pd.DataFrame({"nis2018": ["10001", "10002"], "nis2025": ["10012", "10012"]})
CASES = "case,nis2018,municipality,subject,fact,value,from,until,certainty,section\n"


def test_sectors_keep_score_and_rank() -> None:
    data = b"CD_RES_SECTOR,BIMD2011_score,BIMD2011_rank\n10001A00-,17.5,8599\n10001A01-,5.5,14586\n99999A00-,1,2\n"
    found = parse_sector_deprivation(data, ["10001a00-", "10001a01-", "10001a02-"])
    assert found.to_numpy().tolist() == [["10001a00-", 17.5, 8599], ["10001a01-", 5.5, 14586]]
    with pytest.raises(DataError, match="row 2, column 'BIMD2011_score': 'x' cannot be"):
        parse_sector_deprivation(b"CD_RES_SECTOR,BIMD2011_score,BIMD2011_rank\n1,x,1\n", ["1"])
    with pytest.raises(DataError, match="1"):
        parse_sector_deprivation(b"CD_RES_SECTOR,BIMD2011_score,BIMD2011_rank\n1,2,1\n1,2,1\n", ["1"])


def test_municipalities() -> None:
    data = b"code,average_score_bimd_2011,rank_average_score_bimd_2011\n10001,35.2,78\n60000,1,2\n"
    assert parse_municipality_deprivation(data, CODES).to_numpy().tolist() == [["10001", 35.2, 78]]


def test_what_a_publisher_does_not_give_stays_empty() -> None:
    data = b"nis_2025,name,deprivation_index_pct,oki,median_income_eur,income_year\n10012,A,12.3,,,2023.0\n"
    row = parse_child_deprivation(data, {"10012"}).iloc[0]
    assert row["deprived_births_share"] == 0.123
    assert row[["education_index", "median_income_eur", "income_year"]].isna().all()  # a year of nothing is no year
    with pytest.raises(DataError, match="10013"):
        parse_child_deprivation(data.replace(b"10012", b"10013"), {"10012"})
    income = b"cd_sector,ms_avg_tot_net_taxable_inc,ms_median_net_taxable_inc\nA00-,40980.0,\nA01-,,\nA02-,0,0\n"
    found = parse_sector_income(income, ["a00-", "a01-", "a02-"])
    assert found["sector_id"].tolist() == ["a00-", "a02-"]  # nothing is not known of one, of the other it is nothing
    assert found["median_eur"].isna().tolist() == [True, False]


def test_facts_of_cases_are_keyed_by_municipality_or_region() -> None:
    data = CASES + "X,10001,A,bureau,places,4,,,stated,3.1\nX,,care region Boom,gp_circle,circles active,V; R,,,s,2.1\n"
    found = parse_case_facts(data.encode(), CODES)
    assert list(found.columns) == list(CASE_FACT_COLUMNS)
    assert found["care_region"].tolist() == ["boom", ""]
    assert found["nis2025"].tolist() == ["", "10012"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X,10009,A,bureau,places,4,,,stated,3.1", "10009"),
        ("X,10001,A,shop,places,4,,,stated,3.1", "column 'subject': 'shop' cannot be"),
        ("X,10001,A,bureau,places,4,last year,,stated,3.1", "column 'from': 'last year' cannot be"),
        ("X,10001,A,bureau,places,,,,stated,3.1", "column 'value'"),
        ("X,10001,A,bureau,places,4,,,stated,", "column 'section'"),
    ],
)
def test_a_fact_that_says_nothing_is_refused(row: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_case_facts((CASES + row + "\n").encode(), CODES)
    with pytest.raises(MissingColumnError, match="column 'subject' is missing"):
        parse_case_facts(b"nis2018,municipality\n1,A\n", CODES)


def test_a_name_loses_the_arrondissement_that_nobody_needs() -> None:
    data = (
        b"nis2018,name2018,nis2019,nis2025,name2025\n"
        b"1,Sint-Niklaas (Sint-Niklaas),1,1,Sint-Niklaas\n2,Beek (Aken),2,2,Beek (Aken)\n3,Beek (Oord),3,3,Beek\n"
    )
    found = parse_codes(data)
    assert found["name2018"].tolist() == ["Sint-Niklaas", "Beek (Aken)", "Beek (Oord)"]


def test_the_snapshot_holds_what_the_files_say(embedded: Snapshot) -> None:
    raw = Path(__file__).resolve().parents[3] / "shared" / "opendata" / "deprivation"
    if not raw.is_dir():
        pytest.skip("needs ../shared/opendata")
    sectors = embedded.table("sector_deprivation").set_index("sector_id")["score"]
    first = pd.read_csv(raw / "bimd2011_sectors.csv", dtype={"CD_RES_SECTOR": str}).iloc[0]
    assert sectors[first["CD_RES_SECTOR"].lower()] == first["BIMD2011_score"]
    births = embedded.table("births").set_index("nis2025")["births"]
    share = embedded.table("child_deprivation").set_index("nis2025")["deprived_births_share"].dropna()
    weighted = (share * births.reindex(share.index)).sum() / births.reindex(share.index).sum()
    assert weighted == pytest.approx(0.123, abs=0.0005)  # births-weighted index 12.3 %, as its README says


def test_households_of_a_merged_municipality_are_those_of_all_its_members() -> None:
    codes = pd.DataFrame({"nis2019": ["1", "2", "3"], "nis2025": ["9", "9", "3"]})
    found = parse_households(b"y,nis,n\n2025,1,10\n2025,2,5\n2040,1,12\n2025,3,7\n", codes)
    assert found.to_numpy().tolist() == [["3", 2025, 7], ["9", 2025, 15]]  # of 2040 one member is not known
