"""What a browser sends: every input of every callback is declared, and nothing else gets past the door."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dash
import pytest
from dash import Input, Output
from flask.testing import FlaskClient

from app import create_app
from coverage.scenario.edits import EDITS
from i18n.errors import DataError, InputError, MissingFileError, NabijError, without_folders
from i18n.messages import Message
from i18n.texts import LANGUAGES, text
from pages.inputs.declared import INPUTS, MAX_IDS, NEEDED, PARTS
from pages.inputs.edge import UndeclaredError, name_of
from pages.plan import callbacks, plan_edits, plan_sharing
from pages.request.input_kinds import (
    Choice,
    Contents,
    Either,
    Flag,
    Kind,
    Many,
    Maybe,
    Number,
    Record,
    RecordByKind,
    Text,
    Whole,
    fits,
)
from pages.shell.context import Context
from pages.shell.state import State
from pages.shell.view_inputs import CHOICES, VIEW_OF
from tests.conftest import examples

HOLDS_NOTHING_OF_OURS: tuple[Any, ...] = (
    {"nabij": {}},
    [[[]]],
    {"key": {"service": "../../etc/passwd"}},
    "x" * 100_000,
    -1e300,
    10**400,
    [{}] * 3,
)
"""Values that no input takes."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dash.Dash]:
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for credit in ("ADDRESS", "VISITOR"):
            monkey.setenv(f"NABIJ_SERVE_{credit}_BURST", "1000000")  # more is asked here than of any server
        explorer = create_app(database=tmp_path_factory.mktemp("plans") / "plans.sqlite")
        explorer.server.test_client().get("/")  # Dash registers its own callback with the first request
        yield explorer


@pytest.fixture
def client(app: dash.Dash) -> FlaskClient:
    made: FlaskClient = app.server.test_client()
    made.get("/")  # a browser has its secret before it asks anything
    return made


def of_server(app: dash.Dash) -> dict[str, Any]:
    """Callbacks that the server answers, by output."""
    return {output: one for output, one in app.callback_map.items() if "callback" in one}


def body_of(app: dash.Dash, output: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Body that a browser sends to a callback; inputs that are not given are empty."""
    one = app.callback_map[output]

    def part(declared: Mapping[str, str]) -> Any:
        name = name_of(declared)
        if not declared["id"].startswith("{"):
            return {"id": declared["id"], "property": declared["property"], "value": given.get(name)}
        return given.get(name, [])

    outputs = [
        {"id": name.rpartition(".")[0], "property": name.rpartition(".")[2].partition("@")[0]}
        for name in output.strip(".").split("...")
    ]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": [part(declared) for declared in one["inputs"]],
        "state": [part(declared) for declared in one["state"]],
        "changedPropIds": [],
    }


def post(client: FlaskClient, body: Any, **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/_dash-update-component", data=data, content_type="application/json", headers=headers)


def is_a_sentence(answer: Any, status: int = 400) -> bool:
    words = answer.get_data(as_text=True).strip()
    return bool(
        answer.status_code == status
        and answer.mimetype == "text/plain"
        and words.endswith(".")
        and "\n" not in words
        and "Traceback" not in words
    )


# declared, all of them


def test_every_input_of_every_callback_is_declared(app: dash.Dash) -> None:
    taken = {name_of(part) for one in of_server(app).values() for part in (*one["inputs"], *one["state"])}
    assert len(of_server(app)) >= 20
    assert taken == set(INPUTS)
    assert taken >= NEEDED


def test_a_callback_with_an_input_that_is_not_declared_cannot_be_registered(app: dash.Dash) -> None:
    for part in (Input("new-input", "value"), Input({"type": "new-input", "at": dash.ALL}, "value")):
        with patch.object(app, "callback_map", {}), pytest.raises(UndeclaredError, match=r"'new-input\.value'"):
            app.callback(Output("new-output", "children"), part)(str)


def test_declarations_follow_what_is_there(app: dash.Dash) -> None:
    assert set(VIEW_OF) == set(State().__dict__)
    assert fits(CHOICES, State().__dict__)
    do = INPUTS["plan-do.data"]
    assert isinstance(do, RecordByKind)
    named = {"version", "redo", "undo", "keep", "duplicate", *plan_sharing.DOES}
    assert set(do.cases) == named | set(plan_edits._DOES)
    assert set(EDITS) == set(do.cases["incoming"]["edits"].kind.values["edit"].known)  # type: ignore[attr-defined]
    assert set(PARTS) == {
        json.loads(part["id"])["type"]
        for one in of_server(app).values()
        for part in (*one["inputs"], *one["state"])
        if part["id"].startswith("{")
    }


# kinds


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Choice(("a", "b")), ["a"], ["c", "", None, 1, ["a"], {"a": 1}, True]),
        (Number(0, 10), [0, 10, 2.5], [-1, 11, "1", True, None, float("nan"), float("inf"), 10**400, [1]]),
        (Whole(0, 10), [0, 10, 2.0], [2.5, -1, 11, "1", False, float("nan")]),
        (Flag(), [True, False], [0, 1, "true", None]),
        (Text(3), ["", "abc", "é=+"], ["abcd", 1, None, ["a"], "a\n", "\x00", "\ud800", "\u2028", "\t"]),
        (Text(9, r"\d+"), ["12"], ["", "12a", "１２", "1 2"]),
        (Text(9, lines=True), ["a\nb\tc"], ["\x00", "a\x0bb", "\ud800"]),
        (Maybe(Flag()), [None, True], [1, "x"]),
        (Either((Flag(), Text(1))), [True, "a"], ["ab", 1, None]),
        (Many(Flag(), 2), [[], [True, False]], [[True] * 3, [1], (), "ab", None, {}]),
        (Record({"a": Flag()}), [{}, {"a": True}], [{"a": 1}, {"b": True}, [], None, "a"]),
        (Record({"a": Flag()}, needed=("a",), more=True), [{"a": True, "b": {}}], [{}, {"b": 1}, {"a": 1, "b": 1}]),
        (
            RecordByKind("do", {"x": {"n": Flag()}, "y": {}}, {"at": Whole()}),
            [{"do": "x", "n": True}, {"do": "y", "at": 1}],
            [{}, {"do": "z"}, {"do": "y", "n": True}, {"do": ["x"]}, {"do": "x", "n": 1}, [], None],
        ),
        (
            Contents(3),
            ["data:", "data:text/csv;base64,", "data:text/csv;base64,YWJj"],
            [
                "YWJj",
                "data:text/csv;base64,*",
                "file:///etc/passwd",
                f"data:x;base64,{'A' * 400}",
                1,
                None,
                "data:,A\n",
            ],
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_kind_takes_what_it_says(kind: Kind, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if not fits(kind, value)] == []
    assert [value for value in bad if fits(kind, value)] == []


def test_nothing_strange_fits_any_input() -> None:
    taken = [(name, value) for name, kind in INPUTS.items() for value in HOLDS_NOTHING_OF_OURS if fits(kind, value)]
    assert [(name, str(value)[:40]) for name, value in taken] == []


# at the door


def test_what_no_input_takes_is_refused_in_one_sentence(app: dash.Dash, client: FlaskClient) -> None:
    for output, one in of_server(app).items():
        for declared in (*one["inputs"], *one["state"]):
            for value in HOLDS_NOTHING_OF_OURS:
                given = value
                if declared["id"].startswith("{"):
                    given = [{"id": value, "property": declared["property"], "value": value}]
                answer = post(client, body_of(app, output, {name_of(declared): given}))
                assert is_a_sentence(answer), (output, name_of(declared), str(value)[:40], answer.data[:200])


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


MALFORMED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no JSON": lambda body: b"{",
    "not text": lambda body: b"\xff\xfe\x00",
    "empty": lambda body: b"",
    "a list": lambda body: [body],
    "null": lambda body: None,
    "a number": lambda body: 7,
    "nested": lambda body: b"[" * 100_000 + b"]" * 100_000,
    "records nested": lambda body: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "NaN": lambda body: json.dumps(body).replace('"value": null', '"value": NaN', 1).encode(),
    "Infinity": lambda body: json.dumps(body).replace('"value": null', '"value": -Infinity', 1).encode(),
    "beyond all": lambda body: json.dumps(body).replace('"value": null', '"value": 1e999', 1).encode(),
    "endless whole": lambda body: json.dumps(body).replace('"value": null', f'"value": {"9" * 5000}', 1).encode(),
    "a name twice": lambda body: json.dumps(body).replace('"output":', '"output": "x", "output":', 1).encode(),
    "another name": lambda body: {**body, "extra": 1},
    "no output": lambda body: _without(body, "output"),
    "unknown output": lambda body: {**body, "output": "../../etc/passwd.data"},
    "output of the browser": lambda body: {**body, "output": "asking.data"},
    "output a record": lambda body: {**body, "output": {"id": "file"}},
    "no outputs": lambda body: _without(body, "outputs"),
    "outputs elsewhere": lambda body: {**body, "outputs": {"id": "other", "property": "data"}},
    "outputs a list": lambda body: {**body, "outputs": [body["outputs"]]},
    "outputs a text": lambda body: {**body, "outputs": "x"},
    "outputs with property a list": lambda body: {**body, "outputs": {"id": "sheet", "property": ["children"]}},
    "no inputs": lambda body: _without(body, "inputs"),
    "fewer inputs": lambda body: {**body, "inputs": []},
    "more inputs": lambda body: {**body, "inputs": body["inputs"] * 2},
    "inputs a record": lambda body: {**body, "inputs": {"0": body["inputs"][0]}},
    "inputs of nothing": lambda body: {**body, "inputs": [None]},
    "another input": lambda body: {**body, "inputs": [{**body["inputs"][0], "id": "view"}]},
    "another property": lambda body: {**body, "inputs": [{**body["inputs"][0], "property": "children"}]},
    "an input that is many": lambda body: {**body, "inputs": [[body["inputs"][0]]]},
    "id of an input a record": lambda body: {**body, "inputs": [{**body["inputs"][0], "id": {"type": "x"}}]},
    "more state": lambda body: {**body, "state": [{"id": "x", "property": "data", "value": 1}]},
    "state a text": lambda body: {**body, "state": "x"},
    "no changes": lambda body: _without(body, "changedPropIds"),
    "changes a record": lambda body: {**body, "changedPropIds": {"a": 1}},
    "changes of nothing": lambda body: {**body, "changedPropIds": [None]},
    "changes elsewhere": lambda body: {**body, "changedPropIds": ["view.data"]},
    "changes without end": lambda body: {**body, "changedPropIds": ["opened.data"] * 100_000},
    "changes of a type": lambda body: {**body, "changedPropIds": ['{"type":"plan-table","what":"x"}.n_clicks']},
    "changes nested": lambda body: {**body, "changedPropIds": ["[" * 100_000]},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_body_that_no_page_sends_is_refused_in_one_sentence(app: dash.Dash, client: FlaskClient, case: str) -> None:
    answer = post(client, MALFORMED[case](body_of(app, "sheet.children", {})))
    assert is_a_sentence(answer, 413 if case == "changes without end" else 400)


def test_a_body_of_another_type_is_refused(client: FlaskClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert is_a_sentence(client.post("/_dash-update-component", data=b"{}", content_type=kind))


@pytest.mark.parametrize(
    "name", [{}, {"type": "plan-table"}, {"type": "plan-table", "what": "zones", "form": "../x"}, "x", ["a"], 3]
)
def test_the_id_of_one_of_many_is_declared_too(app: dash.Dash, client: FlaskClient, name: Any) -> None:
    one = {"id": name, "property": "n_clicks", "value": 1}
    assert is_a_sentence(post(client, body_of(app, "plan-file.data", {"plan-table.n_clicks": [one]})))
    written = f"{json.dumps(name)}.n_clicks"
    body = body_of(app, "plan-file.data", {}) | {"changedPropIds": [written]}
    assert is_a_sentence(post(client, body))


def test_nothing_at_all_makes_no_error(app: dash.Dash, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """What a page may send before it is complete, and what is fit but makes no sense."""
    draw = random.Random(9)
    views = [
        {"lang": "fr"},
        {"lang": "en", "service": "house", "areas": "care_region:nowhere", "zone": "99999"},
        {"lang": "nl", "plan": "deadbeef", "against": "x"},
        {"lang": "nl", "level": "own", "zones": "2025-x", "facilities": "own", "places": "y"},
        {"lang": "nl", "vintage": "1850", "year": "1700", "within": "-5", "min_share": "e"},
        {"lang": "nl", "areas": "../../etc/passwd"},
        {**State(lang="fr").__dict__},
    ]
    moment = {"at": 1.5}
    fit: dict[str, list[Any]] = {
        **dict.fromkeys(("choices.data", "opened.data", "asking.data"), views),
        "data-state.data": views,
        "viewed.data": [{"key": view, "plan": True} for view in views],
        "wanted.data": [{"form": form, "ids": ids, **moment} for form in ("csv", "xlsx") for ids in (None, [], ["x"])],
        "snapshot.data": ["0" * 16, "abc"],
        "selected.data": ["", "x", "../../etc/passwd"],
        "plan.data": [{"id": "deadbeef"}, {"id": ""}],
        "plan-do.data": [{"do": "undo"}, {"do": "version", "id": None}, {"do": "add"}, {"do": "drop", "nr": 4}],
        "plan-forget.data": [{"id": "x", **moment}],
        "plan-list-drawer.opened": [True, False],
        "plan-upload.contents": ["data:", "data:;base64,e30="],
        "list-kind.value": ["places", "zones"],
        "list-file.contents": ["data:", "data:text/csv;base64,aWQ7YQoxOzIK"],
        "propose-go.n_clicks": [1],
        "propose-where.value": ["zone", "municipality:x", "x:y", ":z", ""],
        "propose-kind.value": ["file", "sector"],
        "propose-n.value": [0, 3, "", "12"],
        "propose-spacing.value": [0, "", "1.", "1.5"],
        "propose-mostper.value": [0, "", "2"],
        "propose-article9.checked": [True],
        "propose-close.value": [["nowhere"]],
        "propose-objective.value": ["mclp", "lscp"],
        "propose-job.data": [
            {"key": "x", "lang": "fr", "objective": "mclp", "births": 1.5, "shown": 0, "asked": {"service": "bureau"}}
        ],
        **{f"{name}.filename": ["a.csv", "b.json", "c.exe"] for name in ("list-file", "plan-upload", "propose-file")},
        "_pages_location.pathname": ["/", "/plannen", "/gegevens", "/../../etc", "/x\\"],
        "_pages_location.search": ["", "?lang=fr&zone=%00&level=../x", f"?lang=en&plan={'x' * 3000}", "?%zz"],
        "list-use.n_clicks": [[{"id": {"type": "list-use", "kind": "places"}, "property": "n_clicks", "value": 1}]],
    }
    failed = []
    for output, one in of_server(app).items():
        names = [name_of(part) for part in (*one["inputs"], *one["state"])]
        for _ in range(examples(10)):
            given = {name: draw.choice(fit[name]) for name in names if name in fit and draw.random() < 0.8}
            answer = post(client, body_of(app, output, given))
            if answer.status_code not in (200, 204) and not is_a_sentence(answer):
                failed.append((output, given, answer.status_code))
    assert failed == []
    assert [record.exc_text for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_only_rows_that_the_answer_has_can_be_downloaded(app: dash.Dash, client: FlaskClient) -> None:
    def answer(ids: list[str]) -> Any:
        wanted = {"form": "csv", "ids": ids, "at": 1}
        return post(client, body_of(app, "file.data", {"wanted.data": wanted, "choices.data": {"lang": "en"}}))

    assert answer(["11002"]).status_code == 200
    assert is_a_sentence(answer(["11002", "../../etc/passwd"]))
    assert is_a_sentence(answer(["11002"] * (MAX_IDS + 1)))


@pytest.mark.parametrize("search", ["", "?areas=care_region:oostende&vintage=2018", "?service=house"])
def test_a_plan_without_changes_can_be_compared(
    app: dash.Dash, client: FlaskClient, search: str, caplog: pytest.LogCaptureFixture
) -> None:
    pages = next(name for name in of_server(app) if "_pages_content" in name)
    given = {"_pages_location.pathname": "/plannen", "_pages_location.search": search}
    content = post(client, body_of(app, pages, given)).json["response"]["_pages_content"]["children"]
    plan = next(part["props"]["data"] for part in parts_of(content) if part["props"].get("id") == "plan")
    view = {"key": {"lang": "nl", "plan": plan["id"], "against": "today"}, "plan": True}
    output = next(name for name in of_server(app) if name.startswith("..plan-compared"))
    answer = post(client, body_of(app, output, {"viewed.data": view})).json
    places = next(part for part in parts_of(answer["response"]) if part["props"].get("id") == "plan-against")
    assert places["props"]["value"] == "today"
    assert "sideUpdate" not in answer  # nothing went wrong
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_what_is_needed_and_not_there_is_not_answered(app: dash.Dash, client: FlaskClient) -> None:
    assert post(client, body_of(app, "file.data", {})).status_code == 204


@pytest.mark.parametrize("kind", ["/etc/passwd", "file:///etc/passwd", "../x.csv", "buildings.gpkg", "", "Sector"])
def test_new_places_come_from_a_declared_kind(app: dash.Dash, client: FlaskClient, kind: str) -> None:
    output = next(name for name in of_server(app) if name.startswith("..propose-job.data"))
    given = {"propose-go.n_clicks": 1, "propose-kind.value": kind, "choices.data": {"lang": "nl"}}
    assert is_a_sentence(post(client, body_of(app, output, given)))


# in one language


def sheet_of(zone: str, lang: str) -> dict[str, Any]:
    return {"opened.data": {"lang": lang, "zone": zone}}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_error_is_told_in_the_language_of_the_page(app: dash.Dash, client: FlaskClient, lang: str) -> None:
    told = post(client, body_of(app, "sheet.children", sheet_of("nowhere", lang))).get_data(as_text=True)
    told = told.encode().decode("unicode_escape")
    others = [other for other in LANGUAGES if other != lang]
    for key in ("notice.title", "notice.kept"):
        assert text(key, lang) in told
        assert not any(text(key, other) in told for other in others)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_goes_wrong_in_us_is_told_in_the_language_of_the_page(
    app: dash.Dash, client: FlaskClient, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Context, "analyse", fail)
    told = post(client, body_of(app, "sheet.children", sheet_of("11002", lang))).get_data(as_text=True)
    assert text("notice.unexpected", lang) in told.encode().decode("unicode_escape")


def test_a_refusal_is_in_the_readers_language(app: dash.Dash, client: FlaskClient) -> None:
    bad = body_of(app, "sheet.children", {"opened.data": {"lang": "fr", "service": "x"}})
    french = {"Accept-Language": "fr-BE,fr;q=0.8,en;q=0.5"}
    ours = {"Referer": "http://localhost/?lang=en&service=house"}
    theirs = {"Referer": "https://example.org/?lang=en"}
    seen = {
        "of the question": post(client, bad, **ours).headers["Content-Language"],
        "of the page": post(client, {}, **ours).headers["Content-Language"],
        "of the page that names none": post(client, {}, Referer="http://localhost/", **french).headers[
            "Content-Language"
        ],
        "of the address": client.get("/geo/x/y.json?lang=fr", headers=ours).headers["Content-Language"],
        "of the browser": client.get("/geo/x/y.json", headers={**french, **theirs}).headers["Content-Language"],
        "of a language we lack": client.get("/geo/x/y.json?lang=de", headers=french).headers["Content-Language"],
        "of none": client.get("/geo/x/y.json").headers["Content-Language"],
    }
    assert list(seen.values()) == ["fr", "en", "nl", "fr", "fr", "fr", "nl"]
    assert client.get("/geo/x/y.json?lang=fr").text.strip() == text("request.404", "fr")


# without what nobody outside has to know


PLACES_ON_THIS_MACHINE = (
    "/srv/jan de wit/data/zones.parquet",
    "/srv/nabij/snapshot",
    "/opt/nabij/x.gpkg",
    r"C:\Users\jan\plans.sqlite",
    "data/snapshot/zones.parquet",
)


@pytest.mark.parametrize("path", PLACES_ON_THIS_MACHINE)
def test_a_visitor_reads_no_folder_of_the_server(path: str) -> None:
    name = re.split(r"[/\\]", path)[-1]
    for error in (
        MissingFileError(f"Snapshot file '{path}' is missing; restore it."),
        DataError(Message("error.list.missing.places", path=path)),
        InputError(f"Something about '{path}'; and a web page https://a.example/b/c, at 60 km/h."),
    ):
        for lang in LANGUAGES:
            assert path in error.sentence(lang)
            with without_folders():
                told = error.sentence(lang)
            assert path not in told
            assert f"'{name}'" in told
            assert "/srv" not in told
            assert ("https://a.example/b/c, at 60 km/h." in told) == ("web page" in error.sentence(lang))
    bare = NabijError("No room on /var/lib/nabij/plans.sqlite, or postgresql+psycopg://me:secret@db/plans.")
    with without_folders():
        assert bare.sentence("nl") == "No room on plans.sqlite, or …"


def test_pages_answer_without_folders(app: dash.Dash, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MissingFileError(f"Snapshot file '{PLACES_ON_THIS_MACHINE[0]}' is missing; restore it.")

    monkeypatch.setattr(Context, "analyse", fail)
    told = post(client, body_of(app, "sheet.children", sheet_of("11002", "nl"))).get_data(as_text=True)
    assert "jan de wit" not in told
    assert "'zones.parquet' is missing" in told


# addresses


WRONG = [
    *(
        f"geo/{{tag}}/{level}-{vintage}-{detail}.json"
        for level in ("municipality", "street", "own", "..", "MUNICIPALITY")
        for vintage in ("02025", "-0", "+2025", "2025.0", "1999", "2021", "2018000", "２０２５", "2025%00", " 2025")
        for detail in ("far", "near", "closer")
    ),
    *(f"geo/{{tag}}/municipality-{n}-far.json" for n in range(3000, 3240)),
    *(f"geo/{tag}/labels.json" for tag in ("{tag}0", "{tag}/..", "..", "%2e%2e", "0" * 16, "{tag:.12}", "X" * 16)),
    *(
        f"{folder}/{{tag}}/{which}-{service}.{form}"
        for folder, form in (("places", "json"), ("raster", "png"))
        for which in ("secret", "own", "..", "illustrative ", "' OR 1=1")
        for service in ("bureau", "house", "school", "BUREAU", "{0}")
    ),
    *(f"raster/{{tag}}/illustrative-bureau-walk-{n}.png" for n in range(20)),
    *(
        f"own/{{tag}}/{key}/{name}"
        for key in ("x", "..", "2025-x", "%27")
        for name in ("zones-far.json", "zones-x.json", "places-bureau.json", "places-x.json", "distance-x.png")
    ),
    *(
        f"plan/{{tag}}/{plan}/{name}"
        for plan in ("deadbeef", "..", "%2e%2e%2fx", "' OR ''='", "{plan}")
        for name in (
            "distance-bureau-walk-x.png",
            "distance-x-walk-crow.png",
            "ground-bureau-x.json?place=a",
            "ground-x-crow.json?place=a",
        )
    ),
    *(f"plan/{plan}.json" for plan in ("deadbeef", "..", "%2e%2e%2fetc%2fpasswd", "x" * 300, "{plan.id}")),
    *(f"templates/{name}" for name in ("places.pdf", "x.csv", "..%2fapp.py", "places", "{0}.csv", "places.csv%00")),
]


def test_wrong_addresses_are_not_found_and_nothing_is_kept_for_them(
    app: dash.Dash, client: FlaskClient, tmp_path: Path
) -> None:
    context: Context = app.server.extensions["nabij"].current()
    kept = context.kept
    assert client.get(f"/geo/{context.tag}/labels.json").status_code == 200
    assert client.get(f"/places/{context.tag}/illustrative-bureau.json").status_code == 200

    def held() -> dict[str, object]:
        return {
            "files in memory": sorted(map(str, kept._held._entries)),
            "locks": sorted(map(str, kept._held._making)),
            "files": sorted(path.name for path in kept._folder.iterdir()),
            "analyses": len(context._analyses),
            "being made": len(context._analyses._making),
            "figures": len(app.server.extensions["nabij"]._shown._making),
            "plans": len(app.server.extensions["nabij-plans"]._held),
        }

    before = held()
    addresses = [address.replace("{tag}", context.tag).replace("{tag:.12}", context.tag[:12]) for address in WRONG]
    assert len(addresses) >= 500
    answers = {address: client.get(f"/{address}") for address in addresses}
    assert [
        (address, answer.status_code) for address, answer in answers.items() if not is_a_sentence(answer, 404)
    ] == []
    after = held()  # fewer than before is no fault: a process that holds much lets go of what it kept
    assert {name: more for name, more in after.items() if _more_than(more, before[name])} == {}
    assert after["locks"] == []


def _more_than(after: object, before: object) -> bool:
    """Whether something is kept, by name or by number, that was not kept before."""
    if isinstance(after, list) and isinstance(before, list):
        return bool(set(after) - set(before))
    return int(str(after)) > int(str(before))


def test_what_cannot_be_made_leaves_no_lock(app: dash.Dash) -> None:
    kept = app.server.extensions["nabij"].current().kept

    def fail() -> bytes:
        raise DataError("It cannot be made.")

    for _ in range(3):
        with pytest.raises(DataError):
            kept.get("never.json", fail)
    assert "never.json" not in kept._held._making | kept._held._entries


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "POST", "NABIJ"])
def test_unusual_methods_make_no_error(client: FlaskClient, method: str) -> None:
    for address in ("/", "/geo/x/labels.json", "/_dash-layout", "/_dash-dependencies", "/_reload-hash", "/plan/x.json"):
        answer = client.open(address, method=method)
        assert answer.status_code in (200, 404, 405)
        assert answer.status_code != 405 or is_a_sentence(answer, 405)


@pytest.mark.parametrize(
    "address",
    ["nope/x.js", "dash/../../app.py", "dash/%2e%2e/%2e%2e/etc/passwd", "dash/%00", "os/x", "dash/dash.py"],
)
def test_scripts_of_components_are_found_by_their_own_names_only(client: FlaskClient, address: str) -> None:
    assert client.get(f"/_dash-component-suites/{address}").status_code == 404


@pytest.mark.parametrize(
    "search",
    [
        f"?zone={'x' * 3000}",
        f"?areas={'municipality:1,' * 900}",
        f"?vintage={'1' * 3000}",
        "?show=%00&only=everything",
        "?indicator=../../etc/passwd",
        "?plan=../../etc/passwd&against={0}",
        "?lang=nl&lang=fr&service=a&service=b",
    ],
)
@pytest.mark.parametrize("page", ["/", "/plannen", "/gegevens"])
def test_a_page_with_a_strange_address_holds_choices_that_it_may_send(
    app: dash.Dash, client: FlaskClient, page: str, search: str
) -> None:
    output = next(name for name in of_server(app) if "_pages_content" in name)
    given = {"_pages_location.pathname": page, "_pages_location.search": search}
    answer = post(client, body_of(app, output, given))
    content = answer.json["response"]["_pages_content"]["children"]
    assert answer.status_code == 200
    stores = {
        f"{name}.data": part["props"]["data"]
        for part in parts_of(content)
        if (name := part["props"].get("id")) and f"{name}.data" in INPUTS and part["props"].get("data") is not None
    }
    assert stores
    assert [name for name, value in stores.items() if not fits(INPUTS[name], value)] == []
    config = next((part for part in parts_of(content) if part["props"].get("id") == "nabij-config"), None)
    if config:
        assert fits(CHOICES, json.loads(config["props"]["data-config"])["state"])


def parts_of(component: Any) -> Iterator[dict[str, Any]]:
    """All components within one, or within an answer."""
    if isinstance(component, list):
        for one in component:
            yield from parts_of(one)
    elif isinstance(component, dict) and "props" in component:
        yield component
        yield from parts_of(component["props"].get("children"))
    elif isinstance(component, dict):
        yield from parts_of([*component.values()])


def test_what_a_page_asks_of_plans_is_all_declared() -> None:
    scripts = (Path(__file__).parents[2] / "assets/js").glob("*.mjs")
    written = "".join(path.read_text(encoding="utf-8") for path in scripts)
    asked = set(re.findall(r'\{ do: "(\w+)"', written))
    do = INPUTS["plan-do.data"]
    assert isinstance(do, RecordByKind)
    assert asked
    assert asked <= set(do.cases)
    assert callbacks.register is not None
