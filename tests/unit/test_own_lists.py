"""What surrounds lists of one's own: naming columns, addresses, the first look, templates, keeping, commands."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

import cli
from i18n.errors import DataError, FetchError, InputError
from layers.files.list_files import FORMS, KINDS, report_csv, template
from loaders.catalogue.regions.levels import OWN
from loaders.lists.facilities.facility_choice import facilities_of, load_facilities
from loaders.lists.facilities.facility_file import read_facility_file
from loaders.lists.list_preview import missing_fields, preview
from loaders.protocols.column_matching import columns_of, parse_mapping
from loaders.protocols.spellings import FACILITY_FIELDS
from loaders.snapshot.partition import partition_of_members
from pages.shell.session_uploads import HOURS, MAX_LISTS, Uploads
from pages.shell.state import State
from tests.unit.conftest import CODES, TinyWorld

X, Y = 150_250.0, 202_450.0
"""A point in Eke (10005)."""


@dataclass(frozen=True)
class AddressStub:
    """What a service says of an address."""

    x: float
    y: float
    address: str
    precise: bool = True


# which column is which field


@pytest.mark.parametrize(
    ("options", "mapping"),
    [
        ([], {}),
        (["Noord=lat", " Oost = lon "], {"Noord": "lat", "Oost": "lon"}),
        (["a=b=lat"], {"a=b": "lat"}),
        (["extra="], {"extra": ""}),
    ],
)
def test_a_mapping_is_read(options: list[str], mapping: dict[str, str]) -> None:
    assert parse_mapping(options) == mapping


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["lat"], "'lat' is not COLUMN=FIELD; write for instance --map"),
        (["=lat"], "'=lat' is not COLUMN=FIELD"),
        (["a=lat", "a=lon"], "Column 'a' is given twice with --map; say once what it is."),
    ],
)
def test_a_mapping_that_makes_no_sense(options: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_mapping(options)
    assert str(raised.value).startswith(sentence)


def test_what_the_user_says_goes_before_what_a_header_says() -> None:
    found = columns_of(["id", "lat", "Noord", "straat", "nr"], FACILITY_FIELDS, {"noord": "lat", "nr": "address"}, "f")
    assert found == {"id": "id", "lat": None, "Noord": "lat", "straat": "address", "nr": "address"}
    assert columns_of(["naam"], FACILITY_FIELDS, {"naam": ""}, "f") == {"naam": None}
    assert columns_of(["a"], FACILITY_FIELDS, {"a": "breedtegraad"}, "f") == {"a": "lat"}
    with pytest.raises(DataError, match="f: columns 'a' and 'b' both mean lat; keep one of the two"):
        columns_of(["a", "b"], FACILITY_FIELDS, {"a": "lat", "b": "lat"}, "f")


def test_a_list_with_other_headers_is_read_once_they_are_named(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"Sleutel,Wat,Rechts,Boven\na,bureau,{X},{Y}\n", encoding="utf-8")
    mapping = {"Sleutel": "id", "Wat": "service", "Rechts": "x", "Boven": "y"}
    assert read_facility_file(path, tiny.snapshot(), mapping=mapping).frame["nis2025"].tolist() == ["10005"]
    assert load_facilities(tiny.snapshot(), path, mapping=mapping).evidence == "user"
    assert preview(path, "places", 5).mapping(list(mapping.values())) == mapping


# addresses


def located(tiny: TinyWorld, tmp_path: Path, locate: Any) -> Any:
    path = tmp_path / "addresses.csv"
    path.write_text(
        "id,service,straat,gemeente\na,bureau,Kerkstraat 1,Eke\nb,house,Markt 2,Eke\nc,bureau,Dorp 3,Eke\n",
        encoding="utf-8",
    )
    return read_facility_file(path, tiny.snapshot(), locate=locate)


def test_addresses_are_looked_up_where_there_is_a_service(tiny: TinyWorld, tmp_path: Path) -> None:
    asked: list[str] = []

    def locate(address: str) -> AddressStub | None:
        asked.append(address)
        answers = {
            "K": AddressStub(X, Y, "Kerkstraat 1, 9810 Eke"),
            "M": AddressStub(X, Y, "Markt, Eke", precise=False),
        }
        return answers.get(address[0])

    report = located(tiny, tmp_path, locate)
    assert asked == ["Kerkstraat 1 Eke", "Markt 2 Eke", "Dorp 3 Eke"]
    assert report.frame[["id", "x", "y", "nis2025"]].to_numpy().tolist() == [["a", X, Y, "10005"]]
    said = report.report[["row", "outcome", "message"]].to_numpy().tolist()
    assert said == [
        [2, "repaired", "the address was looked up and found as 'Kerkstraat 1, 9810 Eke'"],
        [
            3,
            "refused",
            "of the address 'Markt 2 Eke' only 'Markt, Eke' was found, not the house; correct the number, "
            "or fill in lat and lon, or x and y",
        ],
        [
            4,
            "refused",
            "the address 'Dorp 3 Eke' was not found; correct it, or fill in lat and lon, or x and y",
        ],
    ]


def test_a_service_that_fails_is_asked_once(tiny: TinyWorld, tmp_path: Path) -> None:
    asked: list[str] = []

    def locate(address: str) -> None:
        asked.append(address)
        raise FetchError("https://example.org could not be reached; try again later.")

    report = located(tiny, tmp_path, locate)
    assert asked == ["Kerkstraat 1 Eke"]
    assert report.n_refused == 3
    assert report.report["message"].str.startswith("the address could not be looked up (https://example.org").all()


def test_without_a_service_addresses_are_refused_row_by_row(tiny: TinyWorld, tmp_path: Path) -> None:
    report = located(tiny, tmp_path, None)
    assert report.n_refused == 3
    assert report.report["message"].str.contains("have addresses looked up").all()


# the first look


def test_a_first_look_says_what_columns_are_taken_for(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("# a comment\nID;Dienst;Raar\na;bureau;1\nb;huis;2\nc;huis;3\n", encoding="utf-8")
    found = preview(path, "places", 2)
    assert found.fields == {"ID": "id", "Dienst": "service", "Raar": ""}
    assert found.rows == [(3, ["a", "bureau", "1"]), (4, ["b", "huis", "2"])]
    assert found.n_rows == 3


@pytest.mark.parametrize(
    ("kind", "fields", "drawn", "missing"),
    [
        ("places", {"id", "service", "lat", "lon"}, False, []),
        ("places", {"id", "service", "x", "y"}, False, []),
        ("places", {"id", "service", "address"}, False, []),
        ("places", {"service", "lat"}, False, ["lon"]),
        ("places", {"service", "point"}, False, []),
        ("zones", {"municipality", "zone_id"}, False, []),
        ("zones", {"zone"}, False, ["nis"]),
        ("zones", {"zone"}, True, []),
    ],
)
def test_what_a_list_lacks(kind: str, fields: set[str], drawn: bool, missing: list[str]) -> None:
    assert missing_fields(kind, fields, drawn=drawn) == missing


# files


@pytest.mark.parametrize("kind", KINDS)
def test_templates_say_the_same_in_both_formats(kind: str, tmp_path: Path) -> None:
    lines = template(kind, "csv").decode().splitlines()
    rows = [next(csv.reader([line])) for line in lines if not line.startswith("#")]
    path = tmp_path / "template.xlsx"
    path.write_bytes(template(kind, "xlsx"))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = [[cell or "" for cell in row][: len(rows[0])] for row in sheet.iter_rows(values_only=True)]
    assert [row for row in cells if not str(row[0]).startswith("#")] == rows
    assert template(kind, "xlsx") == template(kind, "xlsx")


def test_there_is_no_other_template() -> None:
    with pytest.raises(InputError, match=f"Unknown kind of list 'x'; choose one of {', '.join(KINDS)}"):
        template("x", "csv")
    with pytest.raises(InputError, match=f"not written as 'pdf'; choose one of {', '.join(FORMS)}"):
        template("zones", "pdf")


def test_the_report_has_every_row(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"id,service,x,y\na,bureau,{X},{Y}\nb,crèche,{X},{Y}\n", encoding="utf-8")
    report = read_facility_file(path, tiny.snapshot())
    lines = list(csv.DictReader(report_csv(report, "nl").decode("utf-8-sig").splitlines()))
    assert [(line["row"], line["outcome"]) for line in lines] == [("2", "accepted"), ("3", "refused")]
    assert lines[1]["value"] == "crèche"


# keeping them


def own_places(tiny: TinyWorld) -> Any:
    return tiny.facilities(tiny.place(1, 1))


def test_a_list_is_kept_under_a_key_nobody_can_guess(tiny: TinyWorld) -> None:
    held = Uploads()
    places = own_places(tiny)
    keys = {held.add(places) for _ in range(5)}
    assert len(keys) == 5
    assert min(map(len, keys)) >= 24
    key = next(iter(keys))
    assert held.places(key) is places
    assert held.zones(key) is None
    assert held.get("") is held.get("x") is None


def test_zones_bring_their_year(tiny: TinyWorld) -> None:
    frame = CODES[["nis2018"]].rename(columns={"nis2018": "nis"}).assign(zone_id="z")
    partition = partition_of_members("z.csv", tiny.snapshot(), frame, {"z": "Z"}, 2018)
    held = Uploads()
    key = held.add(partition)
    assert held.zones(key) is partition
    assert held.places(key) is None
    query = State(level=OWN, zones=key).query
    assert (query.level, query.vintage) == (OWN, 2018)


def test_lists_are_few_and_do_not_last(tiny: TinyWorld) -> None:
    now = [0.0]
    held = Uploads(clock=lambda: now[0])
    places = own_places(tiny)
    first = held.add(places)
    others = [held.add(places) for _ in range(MAX_LISTS - 1)]
    assert held.get(first) is not None  # now looked at last
    held.add(places)
    assert held.get(others[0]) is None
    assert held.get(first) is not None
    now[0] += HOURS * 3600 - 1
    assert held.get(first) is not None
    now[0] += HOURS * 3600 - 1
    assert held.get(first) is not None
    assert held.get(others[5]) is None
    now[0] += HOURS * 3600 + 1
    assert held.get(first) is None


def test_a_refused_row_keeps_a_list_out(tiny: TinyWorld, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"id,service,x,y\na,bureau,{X},{Y}\nb,creche,{X},{Y}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"list\.csv, row 3: service 'creche' is not known"):
        facilities_of(read_facility_file(path, tiny.snapshot()))


# commands


@pytest.fixture
def nabij(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli.app, list(words))


def test_a_template_can_be_checked_and_used(nabij: Callable[..., Any], tmp_path: Path) -> None:
    assert nabij("data", "template", "--kind", "zones", "--out", "zones.xlsx").exit_code == 0
    said = nabij("data", "check", "zones.xlsx", "--kind", "zones", "--lang", "en")
    assert said.exit_code == 0
    assert "3 rows: 3 accepted, of which 0 repaired, and 0 refused." in said.output
    done = nabij("coverage", "--service", "bureau", "--level", "zones.xlsx", "--lang", "en", "--out", "out.csv")
    assert done.exit_code == 0, done.output
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert any("--level zones.xlsx --vintage 2025" in line for line in lines)
    rows = [line.split(",")[:4] for line in lines if not line.startswith("#")]
    assert rows[1:] == [
        ["kust", "Kust", "own", "2025"],
        ["rupelstreek", "Rupelstreek", "own", "2025"],
        ["not_known_here", rows[-1][1], "own", "2025"],
    ]
    one = nabij("gaps", "--service", "house", "--level", "zones.xlsx", "--in", "own:kust", "--out", "-")
    assert one.exit_code == 0
    assert "rupelstreek" not in one.output
    wrong = nabij("coverage", "--service", "bureau", "--level", "zones.xlsx", "--in", "own:kuste", "--out", "-")
    assert wrong.exit_code == 1
    assert "No zone 'kuste' at level own (borders of 2025); did you mean kust (Kust)?" in wrong.output


def test_a_wrong_list_is_told_and_reported(nabij: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("id,wat,lat,lon\na,bureau,51.09,4.366\nb,creche,51.09,4.366\n", encoding="utf-8")
    said = nabij("data", "check", "list.csv", "--map", "wat=service", "--lang", "en", "--out", "report.csv")
    assert said.exit_code == 1
    assert "2 rows: 1 accepted, of which 0 repaired, and 1 refused." in said.output
    lines = list(csv.DictReader((tmp_path / "report.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [line["outcome"] for line in lines] == ["accepted", "refused"]
    stray = nabij("coverage", "--service", "bureau", "--map", "wat=service", "--out", "-")
    assert stray.exit_code == 1
    assert "--map names column 'wat', but --facilities is no file; leave it out." in stray.output
    kind = nabij("data", "check", "list.csv", "--kind", "scholen")
    assert "Unknown kind of list 'scholen'; choose one of places, zones with --kind." in kind.output
