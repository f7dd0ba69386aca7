"""Services as data: the two built-in ones, two of a file through everything, and what can be wrong with such a file."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import cli
from coverage.analysis import Engine
from coverage.core.query import Query, norm_within_m
from coverage.siting.planning.joint_siting import CoLocation, propose_joint
from coverage.siting.planning.question.problem import SitingRequest
from i18n.errors import DataError, InputError, NabijError
from i18n.texts import LANGUAGES, text
from layers.maps.symbols import mark_style, outline_points, symbol_css
from layers.views.view import reach_in_words
from loaders.catalogue.service_file import MAX_BYTES, RULES, SHAPES, WORDS, demand_of_ages, read_services
from loaders.catalogue.services import (
    VARIABLE,
    declare_services,
    gap_reasons,
    get_service,
    may_share,
    service_words,
    services,
    services_in_words,
)
from loaders.lists.facilities.facility_choice import load_facilities
from loaders.lists.facilities.facility_file import facility_template, read_facility_file
from loaders.snapshot.facility_sets import embedded_facilities
from loaders.snapshot.reader import Snapshot
from pages.shell.plans.plan_context import as_asked
from pages.shell.state import State, read_state

SMALL = pytest.mark.usefixtures("small_commands")
pytestmark = pytest.mark.usefixtures("warm_commands")

ROOT = Path(__file__).resolve().parents[2]
DECLARED = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "own-service.md").read_text(encoding="utf-8"), re.DOTALL)[
    0
]
OWN = ("inloopteam", "kinderopvang")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the documentation; the environment is as it was afterwards."""
    monkeypatch.setenv(VARIABLE, "")
    path = tmp_path / "diensten.toml"
    path.write_text(DECLARED, encoding="utf-8")
    return path


@pytest.fixture
def declared(file: Path) -> Path:
    """The file, taken up."""
    declare_services(file)
    return file


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """A list with the services of the file and a bureau, in and around Boom."""
    path = tmp_path / "plaatsen.csv"
    path.write_text(
        "id,service,name,lat,lon,physical\n"
        "i1,inloopteam,Team Boom,51.0880,4.3660,\n"
        "i2,Équipe de proximité,Team Puurs,51.0740,4.2880,\n"
        "k1,kinderopvang,Opvang Boom,51.0890,4.3700,ja\n"
        "k2,kinderopvang,Opvang zonder deur,51.0700,4.2900,nee\n"
        "b1,bureau,Bureau Boom,51.0881,4.3661,\n",
        encoding="utf-8",
    )
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, [str(word) for word in words])


# ---- the declarations -----------------------------------------------------------------------------------------------


def test_the_built_in_services_are_two_declarations() -> None:
    assert list(services()) == ["bureau", "house"]
    assert gap_reasons() == (
        *("beyond_reach", "no_bureau_on_territory", "no_bureau_no_house", "no_house", "house_not_physical"),
        *("house_without_bureau", "over_capacity"),
    )
    bureau, house = services().values()
    assert (bureau.walk_in, bureau.partnerships, house.walk_in, house.partnerships) == (False, False, True, True)
    assert [(reason.rule, reason.of) for reason in house.reasons] == [
        ("no_partnership", ""),
        ("none_physical", ""),
        ("lacks", "bureau"),
    ]
    assert may_share("bureau", "house")


def test_a_file_adds_services_behind_the_built_in_ones(declared: Path) -> None:
    assert list(services()) == ["bureau", "house", *OWN]
    assert gap_reasons()[-3:] == ("no_inloopteam", "inloopteam_without_bureau", "over_capacity")
    assert Path(os.environ[VARIABLE]) == declared
    assert get_service("inloopteam").births_per_place == 60
    assert may_share("house", "inloopteam")
    assert may_share("inloopteam", "kinderopvang")
    assert not may_share("kinderopvang", "bureau")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_of_a_declared_service_is_there(declared: Path, lang: str) -> None:
    for service in services():
        for key, _ in WORDS.values():
            assert text(key.format(service), lang)
            assert "{singular}" not in text(key.format(service), lang)
    for reason in gap_reasons():
        assert all(text(key.format(reason), lang) for key in ("reason.{}", "reason.{}.help", "why.{}"))


def test_words_that_are_not_given_follow_from_the_others(declared: Path) -> None:
    assert text("sidebar.service.kinderopvang", "nl") == "Kinderopvang"
    assert text("legend.place.kinderopvang.somewhere", "nl") == "kinderopvang, plek niet bekend"
    assert text("plan.new.kinderopvang", "nl", where="Boom") == "Nieuw: kinderopvang Boom"
    assert text("plan.new.inloopteam", "nl", where="Boom") == "Nieuw inloopteam Boom"
    assert text("why.no_inloopteam", "nl") == "geen inloopteam op het grondgebied"


def test_words_of_lists(declared: Path) -> None:
    words = service_words()
    assert words["equipe de proximite"] == words["walk in team"] == words["inloopteam"] == "inloopteam"
    assert words["consultatiebureau"] == "bureau"
    assert services_in_words("nl") == "bureau, huis, inloopteam of kinderopvang"
    assert services_in_words("en", ids=True) == "bureau, house, inloopteam or kinderopvang"


# ---- through everything ---------------------------------------------------------------------------------------------


def test_a_list_with_own_services_is_read(declared: Path, places: Path, embedded: Snapshot) -> None:
    report = read_facility_file(places, embedded)
    assert report.n_refused == 0
    assert report.frame.set_index("id")["service"].to_dict() == {
        "b1": "bureau", "i1": "inloopteam", "i2": "inloopteam", "k1": "kinderopvang", "k2": "kinderopvang",
    }  # fmt: skip
    found = load_facilities(embedded, str(places))
    assert found.of_service("kinderopvang").reachable()["id"].tolist() == ["k1"]  # k2: families cannot walk in
    assert found.of_service("inloopteam").reachable()["id"].tolist() == ["i1", "i2"]


def test_an_unknown_word_names_all_services(declared: Path, tmp_path: Path, embedded: Snapshot) -> None:
    path = tmp_path / "fout.csv"
    path.write_text("id,service,lat,lon\na,winkel,51.088,4.366\n", encoding="utf-8")
    messages = read_facility_file(path, embedded).told("nl")["message"].tolist()
    assert messages == ["dienst 'winkel' is niet bekend; gebruik bureau, huis, inloopteam of kinderopvang"]


def test_the_template_has_a_row_for_every_service(declared: Path) -> None:
    rows = [line.split(",") for line in facility_template().splitlines() if not line.startswith("#")]
    assert [row[1] for row in rows[1:]] == ["bureau", "house", *OWN]
    assert len({len(row) for row in rows}) == 1


def test_gaps_of_an_own_service(file: Path, places: Path, tmp_path: Path) -> None:
    out = tmp_path / "uit.csv"
    asked = ("coverage", "--service", "inloopteam", "--services", file, "--facilities", places, "--lang", "nl")
    result = run(*asked, "--in", "care_region:boom", "--vintage", 2018, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, comment="#").set_index("zone_name")
    reasons = table["gap_reasons"].fillna("").to_dict()
    assert "no_inloopteam" not in reasons["Boom"]
    assert "no_inloopteam" in reasons["Rumst"]
    assert "inloopteam_without_bureau" in reasons["Puurs"]  # a team, and the only bureau of the list is in Boom
    assert "inloopteam_without_bureau" not in reasons["Boom"]
    assert table.loc["Boom", "n_facilities"] == 1
    assert not any(word in joined for joined in reasons.values() for word in ("no_bureau", "house"))
    head = out.read_text(encoding="utf-8").split("zone_id")[0]
    assert "inloopteam" in head
    assert "consultatiebureau" not in re.sub(r"Sociale Kaart.*", "", head)


@SMALL
def test_map_of_an_own_service(file: Path, places: Path, tmp_path: Path) -> None:
    out = tmp_path / "kaart.html"
    asked = ("map", "--service", "inloopteam", "--services", file, "--facilities", places, "--model", "crow")
    result = run(*asked, "--out", out)
    assert result.exit_code == 0, result.output
    page = out.read_text(encoding="utf-8")
    assert '"symbol":{"colour":"#8a3b12","outline":[[0.5,0.0],[1.0,0.5],[0.5,1.0],[0.0,0.5]]}' in page
    assert "clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%)" in page
    assert "<span>inloopteam</span>" in page
    assert "Geen inloopteam op het grondgebied" in page


@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg", "geojson", "parquet"])
def test_export_of_an_own_service(file: Path, places: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"uit.{form}"
    asked = ("gaps", "--service", "kinderopvang", "--services", file, "--facilities", places, "--model", "crow")
    result = run(*asked, "--out", out)
    assert result.exit_code == 0, result.output
    assert out.stat().st_size > 1000


@SMALL
def test_siting_with_shared_addresses(file: Path, places: Path, tmp_path: Path) -> None:
    out = tmp_path / "voorstel.csv"
    words = ("site", "--service", "kinderopvang", "--services", file, "--facilities", places, "--lang", "nl")
    asked = (*words, "--model", "crow")
    result = run(*asked, "--with", "inloopteam:1", "--in", "care_region:boom", "--new-addresses", 1, "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, comment="#")
    assert set(table["service"]) == set(OWN)
    assert table["shared"].any()
    assert not table["shares_with"].fillna("").str.contains("b1").any()  # a bureau is not one of the two
    apart = run(*asked, "--with", "bureau:1", "--in", "care_region:boom", "--out", out)
    assert apart.exit_code == 1
    assert "shares_address_with" in apart.output


def test_places_of_other_services_are_no_addresses(declared: Path, tiny: Any) -> None:
    places = tiny.facilities(tiny.place(3, 2, "inloopteam"), tiny.place(12, 7, "bureau"), tiny.place(12, 7, "house"))
    query = Query(service="inloopteam", areas=(("municipality", "10012"),), within_m=500.0)
    asked = CoLocation(service="house", add=1)
    found = propose_joint(Engine(tiny.snapshot()), query, places, SitingRequest(add=1), asked)
    assert set(found.addresses.tenants) == {"inloopteam", "house"}
    assert found.services == ("inloopteam", "house")


@SMALL
def test_the_norm_is_the_threshold_of_the_criterion(file: Path, places: Path, tmp_path: Path) -> None:
    words = ("criterion", "--services", file, "--facilities", places, "--in", "municipality:11005", "--lang", "en")
    asked = (*words, "--model", "crow")
    out = tmp_path / "toets.csv"
    assert run(*asked, "--service", "inloopteam", "--out", out).exit_code == 0
    assert pd.read_csv(out, comment="#")["threshold_births"].tolist() == [60]
    without = run(*asked, "--service", "kinderopvang", "--out", out)
    assert without.exit_code == 1
    assert "--min-births" in without.output


@pytest.mark.parametrize(
    ("words", "kind", "within"),
    [
        (("inloopteam",), "age0_5", "800"),  # ages 0 to 6; 10 minutes on foot
        (("inloopteam", "--mode", "bike"), "age0_5", "2500"),
        (("inloopteam", "--demand", "births", "--within", 1200), "births", "1200"),
        (("kinderopvang",), "age0_2", "1200"),  # ages 0 to 3, no norm
        (("bureau",), "births", "1200"),
    ],
)
def test_ages_and_norm_are_taken_where_nothing_is_asked(
    file: Path, places: Path, tmp_path: Path, words: tuple[object, ...], kind: str, within: str
) -> None:
    out = tmp_path / "uit.csv"
    asked = ("coverage", "--services", file, "--facilities", places, "--in", "municipality:11005", "--out", out)
    result = run(*asked, "--model", "crow", "--service", *words)
    assert result.exit_code == 0, result.output
    assert pd.read_csv(out, comment="#")["births_kind"].unique().tolist() == [kind]
    assert f"--within {within} " in out.read_text(encoding="utf-8").replace("\n# ", " ")


def test_ages_choose_the_narrowest_count_that_holds_them() -> None:
    ages = ((0.0, 1.0), (0.0, 3.0), (2.5, 3.0), (0.0, 3.5), (0.0, 18.0), (6.0, 18.0), None)
    kinds = ("births", "age0_2", "age0_2", "age0_5", "age0_5", "births", "births")
    assert tuple(map(demand_of_ages, ages)) == kinds


def test_the_built_in_services_count_births_within_fifteen_minutes() -> None:
    assert {(get_service(name).demand, get_service(name).minutes) for name in ("bureau", "house")} == {("births", None)}
    assert norm_within_m("bureau", "walk") is None


def test_places_that_say_nothing_of_a_service_are_no_zero(file: Path, tmp_path: Path, embedded: Snapshot) -> None:
    out = tmp_path / "uit.csv"
    result = run("gaps", "--service", "inloopteam", "--services", file, "--lang", "nl", "--out", out)
    assert result.exit_code == 1
    assert "'illustrative' zeggen niets over inloopteam" in result.output
    assert not out.exists()
    table = Engine(embedded).analyse(Query(service="inloopteam"), embedded_facilities(embedded, "documented")).table
    assert table["gap"].isna().all()
    assert table["n_facilities"].isna().all()


# ---- the explorer ---------------------------------------------------------------------------------------------------

_EXPLORER = """
import json, sys
from app import create_app
client = create_app().server.test_client()
page = client.get("/").get_data(as_text=True)
layout = client.get("/_dash-layout").get_data(as_text=True)
import importlib
explorer = importlib.import_module("pages.explore.explorer_page")
from flask import current_app
from pages.shell.context import current
from pages.inputs.declared import INPUTS
from pages.request.input_kinds import fits
app = client.application
with app.test_request_context("/"):
    def held(part, name):
        '''Properties of the component of a name, anywhere in what is drawn.'''
        if isinstance(part, dict):
            if part.get("id") == name:
                return part
            part = list(part.values())
        return next(filter(None, (held(below, name) for below in part)), None) if isinstance(part, list) else None

    shown = json.dumps(explorer.layout(lang="nl").to_plotly_json(), default=lambda part: part.to_plotly_json())
    told = json.loads(held(json.loads(shown), "nabij-config")["data-config"])
print(json.dumps({
    "style": ".place-inloopteam{--symbol-colour:#8a3b12" in page,
    "shown": [
        word in shown for word in ("Inloopteam", "Kinderopvang", "legend.place.kinderopvang", "why.no_inloopteam")
    ],
    "fits": [fits(INPUTS["choices.data"], {"service": name}) for name in ("inloopteam", "bureau", "winkel")],
    "told": [told[what]["inloopteam"] for what in ("minutes", "demand")],
    "places": client.get("/places/0123456789abcdef/illustrative-winkel.json").status_code,
}))
"""


def test_the_explorer_knows_the_services_of_the_environment(file: Path, tmp_path: Path) -> None:
    env = {**os.environ, VARIABLE: str(file), "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", _EXPLORER], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {
        "style": True,
        "shown": [True] * 4,
        "fits": [True, True, False],
        "told": [10, "age0_5"],
        "places": 404,
    }


def test_serve_refuses_a_bad_file_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    result = run("serve", "--services", tmp_path / "weg.toml", "--lang", "nl", "--port", 0)
    assert result.exit_code == 1
    assert "bestaat niet" in result.output


def test_symbols(declared: Path) -> None:
    css = symbol_css()
    assert css.count(".place-") == 4
    assert ".place-bureau{--symbol-colour:#0b5a63}" in css
    assert ".place-house{--symbol-colour:#0b5a63;--symbol-border:0" in css
    assert ".place-kinderopvang{--symbol-colour:#5b3a8c" in css
    assert [len(outline_points(shape)) for shape in SHAPES] == [0, 4, 4, 3, 5]
    assert mark_style(get_service("bureau").symbol) == "--place: #0b5a63"


# ---- what can be wrong ----------------------------------------------------------------------------------------------

WORDS_OF_ONE = """
[post.words]
singular = { nl = "post", en = "post", fr = "poste" }
plural = { nl = "posten", en = "posts", fr = "postes" }
article = { nl = "een post", en = "a post", fr = "un poste" }
help = { nl = "Een post.", en = "A post.", fr = "Un poste." }
"""
RULE_AT = "post.reasons.no_post.rule"
REASON = '[post.reasons.no_post]\nrule = "{rule}"\n{texts}'
TEXTS = """label = { nl = "Geen", en = "None", fr = "Aucun" }
help = { nl = "Er is geen.", en = "There is none.", fr = "Il n'y en a pas." }
"""

FAULTS: dict[str, tuple[str, str]] = {
    "an unknown rule": (WORDS_OF_ONE + REASON.format(rule="somewhere", texts=TEXTS), RULE_AT),
    "a rule without its service": (
        WORDS_OF_ONE + REASON.format(rule="lacks", texts=TEXTS),
        RULE_AT,
    ),
    "a rule of no service": (WORDS_OF_ONE + REASON.format(rule="lacks:shop", texts=TEXTS), RULE_AT),
    "a service of too much": (
        WORDS_OF_ONE + REASON.format(rule="none_physical:bureau", texts=TEXTS),
        RULE_AT,
    ),
    "a clash of ids": (WORDS_OF_ONE.replace("post", "bureau"), "bureau"),
    "a clash of reasons": (
        WORDS_OF_ONE + REASON.format(rule="none_physical", texts=TEXTS).replace("no_post", "no_house"),
        "post.reasons.no_house",
    ),
    "a word that is taken": ('[post]\nspellings = ["huis"]\n' + WORDS_OF_ONE, "post.spellings"),
    "a language that lacks": (WORDS_OF_ONE.replace(', fr = "postes"', ""), "post.words.plural.fr"),
    "an empty text": (WORDS_OF_ONE.replace('"A post."', '" "'), "post.words.help.en"),
    "a word that lacks": (WORDS_OF_ONE.replace("plural", "legend"), "post.words.plural"),
    "a reason without label": (WORDS_OF_ONE + REASON.format(rule="none_physical", texts=""), "no_post.label"),
    "an unknown key": ("[post]\nage = [0, 3]\n" + WORDS_OF_ONE, "post.age"),
    "an unknown word": (WORDS_OF_ONE + 'colour = { nl = "a", en = "b", fr = "c" }', "post.words.colour"),
    "an unknown reach": ('[post]\nreach = "open"\n' + WORDS_OF_ONE, "post.reach"),
    "a truth that is none": ('[post]\npartnerships = "ja"\n' + WORDS_OF_ONE, "post.partnerships"),
    "ages the wrong way": ("[post]\nages = [3, 0]\n" + WORDS_OF_ONE, "post.ages"),
    "minutes that are none": ("[post]\nnorm = { minutes = -5 }\n" + WORDS_OF_ONE, "post.norm.minutes"),
    "children that are not counted": ('[post]\ndemand = "pupils"\n' + WORDS_OF_ONE, "post.demand"),
    "a norm of nothing": ("[post]\nnorm = { births_per_place = 0 }\n" + WORDS_OF_ONE, "post.norm.births_per_place"),
    "a colour that is none": ('[post]\nsymbol = { colour = "red" }\n' + WORDS_OF_ONE, "post.symbol.colour"),
    "a shape that is none": ('[post]\nsymbol = { shape = "star" }\n' + WORDS_OF_ONE, "post.symbol.shape"),
    "a list that is none": ('[post]\nspellings = "a"\n' + WORDS_OF_ONE, "post.spellings"),
    "an address with nobody": ('[post]\nshares_address_with = ["shop"]\n' + WORDS_OF_ONE, "post.shares_address_with"),
    "an area over nobody": ('[post]\narea_covers = "shop"\n' + WORDS_OF_ONE, "post.area_covers"),
    "an id that is none": (WORDS_OF_ONE.replace("[post.", '["Post!".'), "Post!"),
    "no table": ("post = 3\n", "post"),
    "braces": (WORDS_OF_ONE.replace('"A post."', '"A {post}."'), "post.words.help.en"),
    "braces that never end": (WORDS_OF_ONE.replace('"A post."', '"A {post."'), "post.words.help.en"),
    "an endless text": (WORDS_OF_ONE.replace('"A post."', f'"{"a" * 500}"'), "post.words.help.en"),
    "an example with a comma": ('[post]\nexample = { name = "a,b" }\n' + WORDS_OF_ONE, "post.example.name"),
    "nothing": ("", "[inloopteam]"),
    "no TOML": ("[post\n", "TOML"),
    "no text": ("\x00", "TOML"),
    "too much": ("#" * (MAX_BYTES + 1), "256"),
    "too many": ("\n".join(f"[s{n}x]" for n in range(60)), "60"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_that_names_file_key_and_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")
    path = tmp_path / "diensten.toml"
    content, key = FAULTS[name]
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        declare_services(path)
    said = {lang: caught.value.sentence(lang) for lang in LANGUAGES}
    assert len(set(said.values())) == len(LANGUAGES)
    for sentence in said.values():
        assert path.name in sentence
        assert key in sentence
        assert "\n" not in sentence
        assert sentence.endswith(".")
        assert re.search(r"[;,(] ", sentence)  # what is wrong, then what to do
    assert os.environ[VARIABLE] == ""


def test_a_file_that_is_not_there_or_not_to_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    for path in (tmp_path / "weg.toml", tmp_path):
        with pytest.raises(NabijError) as caught:
            declare_services(path)
        assert all(path.name in caught.value.sentence(lang) for lang in LANGUAGES)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "weg.toml"))
    with pytest.raises(FileNotFoundError):
        services()


def test_a_service_that_is_not_declared(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="inloopteam"):
        Query(service="inloopteam")


def test_the_command_tells_it_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    path = tmp_path / "diensten.toml"
    path.write_text(FAULTS["an unknown rule"][0], encoding="utf-8")
    result = run("gaps", "--service", "post", "--services", path, "--lang", "nl", "--out", tmp_path / "uit.csv")
    assert result.exit_code == 1
    assert result.output.startswith("nabij: ")
    assert "die regel bestaat niet; kies uit none_on_territory" in result.output


# ---- nothing knows a service by name --------------------------------------------------------------------------------

REAL_WORLD = {
    "loaders/illustrative": "the made-up set, by the published totals of bureaus and houses",
    "loaders/parsers/facts/documented.py": "the cases of the field reports",
    "loaders/parsers/facts/case_facts.py": "what the field report says of its cases, by subject",
    "loaders/parsers/facts/public_facts.py": "what public pages say about bureaus and houses",
    "loaders/live/places.py": "the registers hold these two",
    "loaders/parsers/facts/public_buildings.py": "the map of 2021 shows these two",
    "loaders/pipeline/changes.py": "the sentence on the register that was loaded",
    "coverage/validation/reports.py": "published totals of bureaus and houses, and the cases of the reports",
    "coverage/validation/identities.py": "an identity checked on the bureaus of the made-up set",
}
"""Where a service may stand by name, and why: data about the real world."""


def named_services() -> Iterator[str]:
    """Modules of the product in which a text of a service's id stands in code."""
    for room in ("loaders", "coverage", "layers", "pages", "commands", "i18n"):
        for path in sorted((ROOT / room).rglob("*.py")):
            constants = (
                node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
            )
            if any(value in ("bureau", "house") for value in constants):
                yield path.relative_to(ROOT).as_posix()
    for path in sorted((ROOT / "assets" / "js").rglob("*.js")):
        if re.search(r"""["'`](bureau|house)["'`]|place-(bureau|house)""", path.read_text("utf-8")):
            yield path.relative_to(ROOT).as_posix()


def test_no_module_knows_a_service_by_name_but_those_about_the_real_world() -> None:
    found = set(named_services())
    strangers = {path for path in found if not path.startswith(tuple(REAL_WORLD))}
    assert strangers == set()
    assert all(any(path.startswith(allowed) for path in found) for allowed in REAL_WORLD)


def test_the_rules_that_a_file_may_name_are_judged() -> None:
    from coverage.zones.reasons import RULES as JUDGED

    assert tuple(JUDGED) == RULES


def test_the_documented_file_reads(file: Path) -> None:
    assert list(read_services(file)) == list(tomllib.loads(DECLARED)) == list(OWN)


def test_the_explorer_takes_ages_and_norm_where_nothing_is_asked(declared: Path) -> None:
    """Ten minutes and children up to 5 for this service, as the command takes them; the address need not say so."""
    state = read_state({"service": "inloopteam"})
    assert (state.demand, state.query.demand, state.query.reach_m) == ("age0_5", "age0_5", 800.0)
    assert read_state({"service": "inloopteam", "mode": "bike"}).query.reach_m == 2500.0
    assert state.address() == "?service=inloopteam"
    for asked in ({"demand": "births"}, {"within": "1200"}):
        other = read_state({"service": "inloopteam", **asked})
        assert read_state(dict(parse_qsl(other.address()[1:]))) == other
        assert next(iter(asked)) in other.address()
    house = read_state({"service": "house"})
    assert (house.demand, house.query.within_m, house.query.reach_m, house.address()) == (
        "births", None, 1200.0, "?service=house"
    )  # fmt: skip
    assert read_state({"service": "nonsense"}).demand == "births"  # told by whoever checks the state


def test_the_headline_and_the_sidebar_say_the_minutes_of_the_service(declared: Path) -> None:
    said = reach_in_words(read_state({"service": "inloopteam"}).query, "nl")
    assert said == "10 minuten stappen"
    assert reach_in_words(read_state({"service": "kinderopvang"}).query, "nl") == "15 minuten stappen"


def test_a_plan_for_a_service_with_a_norm_has_its_reach(declared: Path, tiny: Any) -> None:
    query = replace(read_state({"service": "inloopteam"}).query, model="crow")
    assert as_asked(State(service="inloopteam"), query).within == ""
    assert as_asked(State(service="inloopteam"), replace(query, within_m=1200.0)).within == "1200"
    assert as_asked(State(service="bureau"), replace(query, service="bureau", within_m=1200.0)).within == ""
