"""Facts from public pages: checked, turned into columns, told again in our own words."""

from __future__ import annotations

import pandas as pd
import pytest

from i18n.errors import DataError, MissingColumnError
from loaders.catalogue.schemas import PUBLIC_FACT_COLUMNS
from loaders.parsers.facts.fact_statement import fact_statement
from loaders.parsers.facts.public_facts import member_of, parse_public_facts
from loaders.parsers.municipal import plain_name
from loaders.parsers.zones.care_regions import parse_care_region_facts
from loaders.parsers.zones.gp_circles import parse_gp_circle_facts

CODES = pd.DataFrame(
    [
        ("10001", "Aken", "10001", "10010", "Aken-Beek"),
        ("10002", "Beek (Aken)", "10002", "10010", "Aken-Beek"),
        ("10003", "Dorp", "10003", "10003", "Dorp"),
        ("10004", "Veld", "10004", "10004", "Veld"),
        ("10005", "Oud", "10006", "10006", "Stad"),
        ("10006", "Stad", "10006", "10006", "Stad"),
    ],
    columns=["nis2018", "name2018", "nis2019", "nis2025", "name2025"],
)
HEADER = (
    "municipality,nis2025,sub_municipality,postcode,street,number,service,status,physical,shared_site,organiser,"
    "as_of,source_url,source_title,note\n"
)


def fact(
    municipality: str = "Dorp",
    nis: str = "10003",
    *,
    sub: str = "",
    service: str = "house",
    status: str = "exists",
    physical: str = "unknown",
    shared: str = "unknown",
    as_of: str = "2020",
    url: str = "https://example.org/page",
    note: str = "",
) -> str:
    start = f"{municipality},{nis},{sub},,,,{service},{status},{physical},{shared},"
    return f'{start},{as_of},{url},A page,"{note}"\n'


def parse(*rows: str) -> pd.DataFrame:
    return parse_public_facts((HEADER + "".join(rows)).encode(), CODES, "facts.csv")


def test_a_fact_has_all_columns_and_no_note() -> None:
    facts = parse(fact(physical="yes", shared="no", note="Physical site since 2018, behind the church"))
    assert list(facts.columns) == list(PUBLIC_FACT_COLUMNS)
    row = facts.iloc[0]
    assert (row["nis2019"], row["physical"], row["shared_site"], row["since"]) == ("10003", True, False, 2018)
    assert not facts.astype(str).apply(lambda column: column.str.contains("church")).to_numpy().any()


@pytest.mark.parametrize(
    ("note", "year"),
    [
        ("Network since end 2014, coordinated", 2014),
        ("Recognised 31 Mar 2017; partner", 2017),
        ("opened 3 March 2018, also", 2018),
        ("Digital house, launched autumn 2021", 2021),
        ("single site since about 1995", None),
        ("website plus antenna point since 2021", None),
        ("page undated, action started October 2019", None),
        ("address before 2020 move", None),
    ],
)
def test_since_when(note: str, year: int | None) -> None:
    since = parse(fact(note=note))["since"].iloc[0]
    assert since == year if year else pd.isna(since)


def test_a_joint_house_names_its_members_from_page_and_note() -> None:
    page = "https://example.org/joint"
    facts = parse(
        fact("Dorp", "10003", url=page, note="Member of intermunicipal house X"),
        fact("Veld", "10004", url=page, note="Member of intermunicipal house X"),
        fact("Veld", "10004", url=page + "2", note="Third house; opened 3 March 2018, also serves Beek"),
        fact("Stad", "10006", url=page, note="House has a coordinator"),
        fact("Aken-Beek", "10010", sub="Beek", url=page + "3", note="House also organises offer in Beek"),
    )
    partners = facts.set_index(["nis2025", "source_url"])["partners"]
    assert partners["10003", page] == partners["10004", page] == "10003;10004"
    assert partners["10004", page + "2"] == "10002;10004"
    assert partners["10006", page] == ""
    assert partners["10010", page + "3"] == ""


def test_dates_say_how_sure_they_are() -> None:
    facts = parse(fact(as_of="2020-03"), fact(as_of="undated"), fact(as_of="2019", note="year inferred from weekday"))
    assert sorted(zip(facts["as_of"], facts["as_of_basis"], strict=True)) == [
        ("", "undated"),
        ("2019", "inferred"),
        ("2020-03", "stated"),
    ]


def test_the_member_of_a_merged_municipality() -> None:
    assert member_of(CODES, "10003") == "10003"
    assert member_of(CODES, "10006") == "10006"  # merged before 2019: one code of 2019
    assert member_of(CODES, "10010", "Beek") == "10002"
    assert member_of(CODES, "10010") == ""
    assert member_of(CODES, "10010", "elsewhere") == ""
    assert plain_name("Beek (Aken)") == "Beek"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (fact(nis="99999"), "facts.csv: row 3: unknown NIS code '99999'"),
        (fact("Veld", "10003"), "facts.csv: row 3: NIS code '10003' belongs to 'Dorp', not to 'Veld'"),
        (fact(service="creche"), "facts.csv: row 3, column 'service': 'creche' is not one of bureau, house"),
        (fact(status="gone"), "facts.csv: row 3, column 'status': 'gone' is not one of exists, planned, closed, none"),
        (fact(physical="maybe"), "row 3, column 'physical': 'maybe' is not one of yes, no, unknown, (empty)"),
        (fact(url="page 3"), "facts.csv: row 3 has no source; give the address and the title"),
    ],
)
def test_a_fault_names_file_row_and_remedy(row: str, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        parse(fact(), row)
    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnError, match="column 'source_url' is missing"):
        parse_public_facts((HEADER + fact()).replace("source_url", "url").encode(), CODES)


def test_a_statement_in_our_own_words() -> None:
    def told(row: str, lang: str = "nl") -> str:
        return fact_statement(parse(row).iloc[0].to_dict(), lang)

    row = fact(physical="yes", as_of="2020", note="Physical site since 2018, page undated")
    assert told(row) == "Huis van het Kind, fysiek, sinds 2018 (stand omstreeks 2020; bron: A page)"
    assert told(row, "en") == "Huis van het Kind, physical, since 2018 (as of about 2020; source: A page)"
    assert told(row, "fr") == "Huis van het Kind, physique, depuis 2018 (situation vers 2020 ; source : A page)"
    none = fact(service="bureau", status="none", physical="", as_of="undated")
    assert told(none) == "Geen consultatiebureau (zonder datum; bron: A page)"


CIRCLES = "gp_circle,municipality,nis2025,old_name,postcode,part,basis,as_of,source_url,source_title,note\n"


def circle(
    municipality: str, nis: str, old: str = "", postcode: str = "", part: str = "no", basis: str = "stated"
) -> str:
    return f"Kring,{municipality},{nis},{old},{postcode},{part},{basis},2024 (about),https://example.org,Page,\n"


def test_circles_are_keyed_by_the_municipality_of_2018() -> None:
    data = CIRCLES + circle("Aken-Beek", "10010", old="Beek", part="yes") + circle("Stad", "10006")
    data += circle("Dorp", "10003", postcode="1234", part="yes") + circle(
        "Veld", "10004", part="yes", basis="name_only"
    )
    facts = parse_gp_circle_facts(data.encode(), CODES).set_index("nis2018")
    assert list(facts.index) == ["10002", "10003", "10004", "10005", "10006"]
    assert facts["whole"].to_dict() == {"10002": True, "10003": False, "10004": False, "10005": True, "10006": True}
    assert set(facts["as_of"]) == {"2024"}
    with pytest.raises(DataError, match="row 2: 'Elders' is no municipality of 2018 within '10010'"):
        parse_gp_circle_facts((CIRCLES + circle("Aken-Beek", "10010", old="Elders")).encode(), CODES)
    with pytest.raises(DataError, match="column 'basis': 'rumour' is not one of stated"):
        parse_gp_circle_facts((CIRCLES + circle("Dorp", "10003", basis="rumour")).encode(), CODES)


def test_care_regions_are_keyed_by_the_municipality_of_2018() -> None:
    data = "care_region,municipality,nis2025,old_name,as_of,source_title\n"
    data += "Regio,Aken-Beek,10010,Aken,2013,Report\nRegio,Dorp,10003,,2013,Report\n"
    facts = parse_care_region_facts(data.encode(), CODES)
    assert facts[["care_region", "nis2018"]].to_numpy().tolist() == [["Regio", "10001"], ["Regio", "10003"]]
