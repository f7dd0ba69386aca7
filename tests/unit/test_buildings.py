"""Public buildings of OpenStreetMap: what is read of them, and new places among them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coverage.core.demand import surface
from coverage.siting.planning.question.candidates import KINDS, find_candidates, kind_words, some_buildings
from i18n.errors import DataError, InputError
from i18n.texts import LANGUAGES, has_text, text
from loaders.catalogue.publishers.building_kinds import BUILDING_KINDS, USUAL_KINDS
from loaders.parsers.facts.public_buildings import parse_located_places, parse_public_buildings
from pages.plan.propose_panel import offered
from tests.unit.conftest import CODES, TinySnapshot, TinyWorld

HEAD = "kind,name,nis2025,x,y\n"
FILE = "gebouwen.csv"


class Built(TinySnapshot):
    """The tiny world with public buildings."""

    def __init__(self, *buildings: tuple[str, str, float, float]) -> None:
        super().__init__()
        self._resources |= {"public_buildings": {"sources": ["buildings_osm"]}}
        rows = [(f"{kind}-{n}", kind, name, "10012", x, y) for n, (kind, name, x, y) in enumerate(buildings)]
        self._buildings = pd.DataFrame(rows, columns=["building_id", "kind", "name", "nis2025", "x", "y"])

    def table(self, name: str) -> pd.DataFrame:
        return self._buildings.copy() if name == "public_buildings" else super().table(name)


@pytest.fixture
def town(tiny: TinyWorld) -> Built:
    return Built(
        ("school", "De Boom", *tiny.centre(3, 3)),
        ("library", "", *tiny.centre(8, 3)),
        ("pharmacy", "Apotheek", *tiny.centre(9, 4)),
    )


def test_buildings_are_whole_metres_once_per_kind_and_spot() -> None:
    schools = "school, De  Boom ,10012,150000.6,200000.2\nschool,Twee,10012,150001.0,200000.0\n"
    rows = f"{schools}library,,10034,150001.0,200000.0\n"
    found = parse_public_buildings((HEAD + rows).encode(), CODES, FILE)
    assert found.to_dict("list") == {
        "building_id": ["library-150001-200000", "school-150001-200000"],
        "kind": ["library", "school"],
        "name": ["", "De Boom"],
        "nis2025": ["10034", "10012"],
        "x": [150001, 150001],
        "y": [200000, 200000],
    }


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("pub,Het Anker,10012,1,2", "row 2: 'pub' is no known kind of building"),
        ("school,A,99999,1,2", "99999"),
        ("school,A,10012,links,2", "row 2, column 'x': 'links' is no number"),
    ],
)
def test_a_row_that_makes_no_sense_is_told(row: str, sentence: str) -> None:
    with pytest.raises(DataError, match=re.escape(sentence)):
        parse_public_buildings(f"{HEAD}{row}\n".encode(), CODES, FILE)


def test_located_places_are_houses_by_their_name() -> None:
    rows = "name,nis2025,x,y\nHuis Van Het Kind,10012,1.4,2\nKind & Gezin,10034,3,4\n"
    found = parse_located_places(rows.encode(), CODES, FILE)
    assert found[["place_id", "service"]].to_numpy().tolist() == [["osm-1-2", "house"], ["osm-3-4", "bureau"]]


def test_candidates_are_the_usual_buildings_each_with_its_kind_and_name(town: Built) -> None:
    found = find_candidates(town, surface(town), "public_buildings")
    assert found.frame[["kind", "name"]].to_numpy().tolist() == [["library", ""], ["school", "De Boom"]]
    assert {kind_words(kind) for kind in found.frame["kind"]} == {"public_buildings"}


def test_kinds_that_are_named_are_taken_and_no_others(town: Built) -> None:
    asked = some_buildings(["pharmacy", "school", "school"])
    assert asked == "public_buildings:pharmacy,school"
    assert set(find_candidates(town, surface(town), asked).frame["kind"]) == {"pharmacy", "school"}
    with pytest.raises(InputError, match="no kind of public building; choose one of arts_centre"):
        some_buildings(["pub"])
    with pytest.raises(InputError, match="no candidate of this kind"):
        find_candidates(town, surface(town), some_buildings(["hospital"]))


def test_data_without_buildings_say_so(tiny: TinyWorld) -> None:
    with pytest.raises(InputError, match="These data hold no public buildings"):
        find_candidates(tiny.snapshot(), surface(tiny.snapshot()), "public_buildings")


def test_the_explorer_offers_every_kind_in_words() -> None:
    assert "public_buildings" in KINDS
    of_a_kind = [choice for choice in offered() if choice.startswith("public_buildings:")]
    assert [choice.partition(":")[2] for choice in of_a_kind] == list(BUILDING_KINDS)
    for kind in offered():
        key = f"propose.kind.{kind.replace(':', '.')}"
        assert has_text(key)
        assert all(text(key, lang) for lang in LANGUAGES)


def test_the_help_names_every_kind() -> None:
    for lang in LANGUAGES:
        assert all(kind in text("help.building_kind", lang) for kind in BUILDING_KINDS)
    assert set(BUILDING_KINDS) - set(USUAL_KINDS) == {"doctors", "pharmacy"}


def test_kindergartens_of_the_documentation_are_a_kind_of_place(tiny: TinyWorld, tmp_path: Path) -> None:
    """The declaration and the list of docs/own-service.md, as they stand there."""
    from loaders.catalogue.service_file import read_services

    page = (Path(__file__).resolve().parents[2] / "docs" / "own-service.md").read_text(encoding="utf-8")
    example = page.partition("## A worked example: kindergartens")[2].partition("\n## ")[0]
    declared = re.search(r"```toml\n(.*?)```", example, re.DOTALL)
    code = re.search(r"```python\n(.*?)```", example, re.DOTALL)
    assert declared is not None
    assert code is not None
    file = tmp_path / "diensten.toml"
    file.write_text(declared[1], encoding="utf-8")
    assert "kleuterschool" in read_services(file)
    town = Built(("kindergarten", "De Kleine Beer", *tiny.centre(5, 5)), ("school", "Groot", *tiny.centre(6, 6)))
    lines = code[1].replace('"kleuterscholen.csv"', repr(str(tmp_path / "list.csv"))).splitlines()
    scope: dict[str, Any] = {"Snapshot": lambda: town}
    exec("\n".join(line for line in lines if not line.startswith("from ")), scope)  # noqa: S102
    written = pd.read_csv(tmp_path / "list.csv")
    assert written[["service", "name"]].to_numpy().tolist() == [["kleuterschool", "De Kleine Beer"]]
