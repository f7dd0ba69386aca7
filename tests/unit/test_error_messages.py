"""Errors that a visitor can cause are told in the language of the page; as exceptions they read in English."""

from __future__ import annotations

import ast
import base64
import importlib
import io
import json
import re
import string
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import dash
import pytest
from defusedxml.common import EntitiesForbidden
from defusedxml.ElementTree import fromstring
from openpyxl import Workbook
from shapely.errors import GEOSException

from app import create_app
from coverage.core.query import Query
from i18n.edges import EITHER, PAGE, for_edge, written_for
from i18n.errors import DataError, FetchError, InputError, MissingColumnError, MissingFileError, NabijError
from i18n.messages import Message, MessageError, Reason, WithoutRemedy, Word
from i18n.texts import LANGUAGES, catalogue, has_text
from loaders.catalogue.regions.levels import get_level
from loaders.catalogue.services import services
from loaders.storage.plan_store import ScenarioStore
from pages.data import list_upload
from pages.plan import saved_plans

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("loaders", "coverage", "layers", "pages", "commands")
MESSAGES = ("Message", "MessageError", "Note", "Word")
WRITTEN = re.compile(r"\bf['\"]\{[^{}]*:[^{}]*[fg]\}['\"]")
"""A number that is all of an f-string and has a form of its own, such as ``f"{km:.1f}"``."""
ENGLISH = re.compile(
    r"\b(the|are|not|no|with|give|choose|there|cannot|missing|found|file|and|from|save|correct|unknown|it)\b",
    re.IGNORECASE,
)
"""Words of English that are none in Dutch."""
NAMES = re.compile(r"'[^']*'|\([^)]*\)|--[a-z-]+|\b\w+\.\w+\b|(?<=uit ).*(?=\.)")
"""What people wrote themselves, what programs said, and words of an address: they are not translated."""


def errors() -> list[str]:
    return sorted(key for key in catalogue() if key.startswith("error."))


def calls() -> Iterator[tuple[str, str, set[str] | None]]:
    """File, key (a pattern) and names of the values (None where some are passed on) of every message in the code."""
    for path, tree in parsed():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            for key in _keys(node.args[0]) if node.func.id in MESSAGES else ():
                names = {keyword.arg for keyword in node.keywords}
                given = None if None in names else {str(name) for name in names}
                yield path, key, given


@cache
def parsed() -> tuple[tuple[str, ast.Module], ...]:
    """Modules that a user can meet sentences of."""
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return tuple((str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def _keys(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_keys(node.body), *_keys(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else r".*" for v in node.values]
        return ["".join(parts)]
    return [re.escape(str(node.value))] if isinstance(node, ast.Constant) else []


def test_every_error_is_a_sentence_in_every_language() -> None:
    """It ends where the English one ends, is translated, and no word of English is left in the Dutch one."""
    assert len(errors()) > 150
    for key in errors():
        told = catalogue()[key]
        assert set(told) == set(LANGUAGES), key
        assert len({sentence.endswith((".", "?")) for sentence in told.values()}) == 1, key
        if told["en"].endswith(".") and " " in told["en"]:
            assert len(set(told.values())) == len(LANGUAGES), key
            assert not ENGLISH.search(NAMES.sub("", re.sub(r"\{\w+\}", "", told["nl"]))), told["nl"]
        for lang in ("en", "nl"):
            assert (" ;" in told[lang], " :" in told[lang]) == (False, False), told[lang]


def test_every_message_in_the_code_has_its_text_and_its_values() -> None:
    used: set[str] = set()
    for file, key, given in calls():
        plain = re.sub(r"\\(.)", r"\1", key)
        exact = [name for name in (plain, f"{plain}.one", f"{plain}.other") if has_text(name)]
        known = [*catalogue(), *(f"service.{service}" for service in services())]
        found = exact or [name for name in known if re.fullmatch(rf"{key}(\.one|\.other)?", name)]
        assert found, (file, key)
        used.update(found)
        for name in found if given and not key.endswith(".*") else ():
            wanted = {field for _, field, _, _ in string.Formatter().parse(catalogue()[name]["en"]) if field}
            assert wanted <= (given or set()), (file, key)
    assert set(errors()) <= used


def test_no_message_is_given_a_number_that_is_written_already() -> None:
    """Signs are those of the reader's language: a number is handed over as one, or as a `NumberAsGiven`."""
    for path, tree in parsed():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name in (*MESSAGES, "add", "_refuse"):
                written = [keyword.arg for keyword in call.keywords if WRITTEN.search(ast.unparse(keyword.value))]
                assert not written, (path, call.lineno, written)


def test_an_error_keeps_its_kind_and_reads_in_english() -> None:
    error = MissingColumnError(Message("error.list.no_coordinates", file="a\nb.csv", found="x"))
    assert isinstance(error, DataError | ValueError | KeyError)
    assert str(error) == "a b.csv: no coordinates (found: x); add columns lat and lon, or x and y in EPSG:31370."
    assert error.sentence("nl").startswith("a b.csv: er zijn geen coördinaten (gevonden: x); voeg kolommen")
    plain = MissingFileError("Nothing here.")
    assert (str(plain), plain.sentence("nl")) == ("Nothing here.", "Nothing here.")


def test_a_message_tells_what_it_holds_in_the_same_language() -> None:
    inner = MessageError("error.question.year", value="12x")
    outer = Message("error.edit.at", where=Message("error.edit.number", n="3"), error=inner)
    assert str(outer) == "Edit 3: '12x' is no year; give a year in four digits."
    assert outer.sentence("nl") == "Wijziging 3: '12x' is geen jaar; geef een jaar in vier cijfers."
    assert WithoutRemedy(inner).sentence("fr") == "'12x' n'est pas une année"
    worded = Message("error.list.no_shapes", file="a.gpkg", shapes=Word("error.list.points"))
    assert worded.sentence("nl") == "a.gpkg: er staan geen punten in; exporteer een laag met punten."
    assert Message("error.file.cells", file="a", name="b", most=20_000_000).sentence("nl").count("20.000.000") == 1


OF_ENTITIES = (
    "it declares entities of its own or refers to something outside the file, which is not read",
    "het bepaalt eigen tekens of verwijst naar iets buiten het bestand, en dat wordt niet gelezen",
)
OF_SHAPES = (
    "text in place of numbers, too few points, or an outline that does not close",
    "tekst waar getallen horen, te weinig punten, of een omtrek die niet sluit",
)


def _wrong_xml() -> Exception:
    try:
        fromstring("<a <")
    except ParseError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "english", "dutch"),
    [
        (PermissionError(13, "Permission denied"), "[Errno 13] Permission denied", "geen toegang"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device", "de schijf is vol"),
        (FetchError("x: down."), "x: down.", "de dienst geeft geen antwoord dat te gebruiken is"),
        (RecursionError("deep"), "deep", "te diep genest"),
        (EntitiesForbidden("e", None, None, None, None, None), *OF_ENTITIES),
        (GEOSException("ParseException: Error parsing JSON"), *OF_SHAPES),
        (
            GEOSException("TopologyException: side location conflict at 1 2"),
            "the outline crosses or touches itself, so that no area can be made of it",
            "de omtrek snijdt of raakt zichzelf, zodat er geen vlak van te maken is",
        ),
        (_wrong_xml(), "not well-formed (invalid token): line 1, column 3", "de XML klopt niet op regel 1, teken 4"),
        (ValueError("what a library says"), "what a library says", "what a library says"),
    ],
)
def test_reasons(error: Exception, english: str, dutch: str) -> None:
    assert (Reason(error).sentence("en"), Reason(error).sentence("nl")) == (english, dutch)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    """The explorer without a socket; cache and plans in folders of their own."""
    folder = tmp_path_factory.mktemp("told")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        app = create_app(database=str(folder / "plans.sqlite"))
        with app.server.test_request_context("/"):
            yield app


def sent(content: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(content).decode()


def words(component: object) -> str:
    """All text of a component."""
    if isinstance(component, str):
        return component
    if isinstance(component, list | tuple):
        return " ".join(filter(None, map(words, component)))
    return words(getattr(component, "children", None) or "")


def assert_dutch(said: str) -> None:
    assert said
    assert not ENGLISH.search(NAMES.sub("", said)), said


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../xl/workbook.xml", "<workbook/>")
    return file.getvalue()


BAD_FILES = {
    "leeg.csv": b"",
    "soort.pdf": b"%PDF",
    "koppen.csv": b"id,service,lat,lon\n",
    "opmerking.csv": b"# niets\n",
    "tweemaal.csv": b"id,id\na,b\n",
    "aanhaling.csv": b'id,service\n"a,' + b"b" * 140_000 + b"\n",
    "utf16.csv": "id,service".encode("utf-16"),
    "codering.csv": b"id\n\x81\x8d\n",
    "boek.xlsx": b"PK\x03\x04geen boek",
    "leegboek.xlsx": workbook(),
    "buiten.xlsx": bomb(),
    "kapot.geojson": b'{"type": "FeatureCollection", ',
    "ander.geojson": b'{"type": "Topology"}',
    "kaart.gpkg": b"SQLite format 3\x00",
    "vormloos.geojson": b'{"type": "FeatureCollection", "features": []}',
}


@pytest.mark.parametrize("kind", ["places", "zones"])
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_dutch(server: dash.Dash, name: str, kind: str) -> None:
    told = list_upload.open_file(sent(BAD_FILES[name]), kind, name, {"lang": "nl"})
    said = words(told)
    assert name in said
    assert_dutch(said)


@pytest.mark.parametrize(
    ("kind", "content", "chosen", "said"),
    [
        (
            "places",
            "a,b,c,d,e\n1,2,3,4,5\n",
            ["id", "id", "service", "lat", "lon"],
            "betekenen allebei id; hou er een over",
        ),
        ("places", "id,service,lat,lon\nx,kiosk,51.1,4.3\n", ["id", "service", "lat", "lon"], "kiosk"),
        ("zones", "nis,zone\n99999,Noord\n", ["nis", "zone"], "99999"),
    ],
)
def test_a_bad_list_is_refused_in_dutch(
    server: dash.Dash, kind: str, content: str, chosen: list[str | None], said: str
) -> None:
    told = words(list_upload.check_file(chosen, False, sent(content.encode()), "lijst.csv", kind, {"lang": "nl"}))
    assert said in told
    assert_dutch(told)


def test_a_map_without_a_system_gets_a_choice_of_it(server: dash.Dash) -> None:
    """Of a map in metres that does not say which: the sentence, the likeliest system first, and what comes of it."""
    point = {"type": "Point", "coordinates": [650_203, 698_044]}
    feature = {"type": "Feature", "properties": {"naam": "A", "dienst": "bureau"}, "geometry": point}
    content = sent(json.dumps(feature).encode())
    with written_for(PAGE):
        told = list_upload.open_file(content, "places", "kaart.geojson", {"lang": "nl"})
    assert "ze lijken Lambert 2008 (EPSG:3812)" in words(told)
    assert "of kies het stelsel hieronder" in words(told)
    choice = told.children[1].children
    assert choice.id == {"type": "list-set", "field": "crs"}
    assert [one["value"] for one in choice.data][:2] == ["-", "3812"]
    given: dict[str, Any] = {"lang": "nl"}
    looked = words(list_upload.open_file(content, "places", "kaart.geojson", given, system="3812"))
    assert "1 rij" in looked
    chosen: list[str | None] = ["name", "service", "x", "y"]
    checked = list_upload.check_file(chosen, False, content, "kaart.geojson", "places", given, {"crs": "3812"})
    assert "De lijst is klaar" in words(checked)


def test_services_in_ticked_columns_need_no_column_of_their_own(server: dash.Dash) -> None:
    content = sent(b"naam,CB,HvhK,lat,lon\nA,x,x,51.0925,4.3717\n")
    chosen: list[str | None] = ["name", None, None, "lat", "lon"]
    checked = words(list_upload.check_file(chosen, False, content, "lijst.csv", "places", {"lang": "nl"}))
    assert "aangekruiste kolommen (CB, HvhK)" in checked
    assert "De lijst is klaar" in checked


def test_the_first_refused_row_is_told_in_every_language(server: dash.Dash) -> None:
    content = sent(b"id,service,lat,lon\nx,kiosk,51.1,4.3\ny,loket,51.1,4.3\n")
    chosen: list[str | None] = ["id", "service", "lat", "lon"]
    with pytest.raises(DataError) as caught:
        list_upload.use_file([1], chosen, False, content, "lijst.csv", "places", {"lang": "nl"})
    assert str(caught.value).startswith("lijst.csv, row 2: ")
    assert str(caught.value).endswith("(1 more row is refused).")
    told = caught.value.sentence("nl")
    assert told.startswith("lijst.csv, rij 2: ")
    assert told.endswith("(nog 1 rij is geweigerd).")
    assert_dutch(told)


ADDRESSES = {
    "level": "stad",
    "service": "winkel",
    "mode": "step",
    "model": "vlucht",
    "demand": "oma",
    "year": "1850",
    "within": "ver",
    "min_share": "7",
    "vintage": "1830",
    "indicator": "geluk",
    "facilities": "geheim",
    "areas": "municipality:99999",
    "zones": "weg",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_wrong_address_is_told_in_dutch(server: dash.Dash, name: str) -> None:
    more = {"zones": {"level": "own"}}.get(name, {})
    with written_for(PAGE):
        page = importlib.import_module("pages.explore.explorer_page").layout(**{name: ADDRESSES[name], **more})
    told = next(child for child in page.children if getattr(child, "id", "") == "first-notice").children
    assert_dutch(words(told))
    assert "--" not in words(told)


DOCUMENTS = {
    "geen JSON": b"hallo",
    "geen plan": b"[]",
    "ander plan": b'{"nabij_scenario": 99}',
    "half plan": b'{"nabij_scenario": 1}',
    "vol plan": json.dumps(
        {
            "nabij_scenario": 1,
            **{"snapshot": "ab", "facilities": "illustrative", "facilities_hash": "cd", "question": {}},
            "edits": [{"edit": "hours", "id": "a", "hours_per_year": -3}],
        }
    ).encode(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_bad_plan_is_refused_in_dutch(server: dash.Dash, name: str) -> None:
    told = words(saved_plans.take_in(sent(DOCUMENTS[name]), "plan.json", {"lang": "nl"}))
    assert told.startswith("plan.json: ")
    assert_dutch(told.replace("'hours'", ""))


def test_what_is_wrong_with_the_place_of_plans_is_told_in_dutch(tmp_path: Path) -> None:
    damaged = tmp_path / "plannen.sqlite"
    damaged.write_bytes(b"geen databank" * 100)
    with ScenarioStore(damaged) as store, pytest.raises(NabijError) as caught:
        store.listed()
    assert str(caught.value) == (
        f"'{damaged}' is no database; it was left as it is: give another place with --database."
    )
    assert caught.value.sentence("nl") == (
        f"'{damaged}' is geen databank; het is gelaten zoals het was: geef een andere plaats met --database."
    )
    with ScenarioStore("postgresql://me:secret@127.0.0.1:1/plannen") as store, pytest.raises(NabijError) as caught:
        store.listed()
    assert str(caught.value).startswith("Database 'plannen' on 127.0.0.1:1 cannot be reached: the server refuses")
    assert caught.value.sentence("nl").startswith("Databank 'plannen' op 127.0.0.1:1 is niet te bereiken")
    with pytest.raises(InputError) as wrong:
        ScenarioStore("mysql://here/there")
    assert_dutch(wrong.value.sentence("nl"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Unknown level 'stad'; choose one of region"),
        (("--lang", "nl"), "Onbekend niveau 'stad'; kies uit region"),
        (("--lang", "fr"), "Niveau inconnu 'stad' ; choisissez parmi region"),
    ],
)
def test_the_command_tells_errors_in_the_language_that_is_given(options: tuple[str, ...], said: str) -> None:
    from typer.testing import CliRunner

    import cli

    result = CliRunner().invoke(cli.app, ["coverage", "--service", "bureau", "--level", "stad", "--out", "-", *options])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"nabij: {said}")


def test_options_of_the_command_are_named_behind_a_command_only() -> None:
    refused = MessageError("error.question.within", value="-1")
    assert str(refused) == "Reach is -1 m; give a distance in metres above 0 with --within."
    with written_for(PAGE):
        assert refused.sentence("nl") == "De afstand is -1 m; geef een afstand in meter boven 0."
    columns = MessageError("error.list.map_none", file="a.csv", column="x", found="y")
    assert columns.sentence("nl").endswith("; verbeter --map.")
    with written_for(PAGE):
        assert columns.sentence("nl").endswith("; verbeter wat de kolommen betekenen.")
    with written_for(EITHER):
        assert "[[--map|" in columns.sentence("nl")


def test_no_sentence_that_differs_by_edge_names_an_option_on_a_page() -> None:
    """Errors of the command itself and of a refresh, which no page can meet, may name options freely."""
    apart = ("error.command.", "error.out.", "error.refresh.", "error.snapshot.", "error.source.")
    texts = {key: told for key, told in catalogue().items() if not key.startswith(apart)}
    differing = [told for told in texts.values() if any("[[" in sentence for sentence in told.values())]
    assert len(differing) > 30
    for told in differing:
        for lang in LANGUAGES:
            with written_for(PAGE):
                said = for_edge(told[lang])
            assert not re.search(r"--[a-z{]|\[\[|\]\]|nabij scenario list", said), said
            assert "  " not in said
            assert for_edge(told[lang]) == re.sub(r"\|[^\]]*(?=\]\])|\[\[|\]\]", "", told[lang])


def test_words_of_options_are_quoted_in_english_and_named_elsewhere() -> None:
    with pytest.raises(InputError) as caught:
        get_level("sector").resolve_vintage(1990)
    assert str(caught.value).startswith("Level 'sector' is not held for vintage 1990;")
    with pytest.raises(InputError, match="Minimum share is") as share:
        Query(min_share=1.5)
    assert share.value.sentence("nl").startswith("Het kleinste aandeel is 1,5; geef")
    assert caught.value.sentence("nl").startswith("Voor het niveau statistische sector zijn er geen grenzen van 1990;")
