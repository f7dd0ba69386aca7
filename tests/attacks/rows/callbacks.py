"""What a browser may not send to a callback: every input with values of every wrong kind, and bodies of no page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from pages.inputs.declared import INPUTS, PARTS
from pages.shell.state import State
from tests.attacks.attack import Attack, Seen
from tests.attacks.target import AttackedServer

REFUSED = "400, a sentence"
CALLBACKS = "/_dash-update-component"
Made = Callable[[dict[str, Any]], Any]

_DEEP = "deep"
WRONG: dict[str, Any] = {
    "a record": {"nabij": {}},
    "lists in lists": [[[]]],
    "a number beyond all": 1e300,
    "a path": "/etc/../etc/passwd\x00",
    "a query": "' OR 1=1; DROP TABLE scenario; --\n",
    "a very long text": "x" * 100_000,
    "nested deep": _DEEP,
}
"""Values that no input takes, whatever it is."""

CHOICES: dict[str, tuple[Any, ...]] = {
    "service": ("school", "../bureau", "{0.__class__}"),
    "demand": ("age99", "births'--"),
    "year": ("20252025", "now", 2025),
    "mode": ("rocket", "walk/../car"),
    "within": ("far", "__import__('os')", "1" * 25),
    "min_share": ("half", [0.5]),
    "level": ("street", "../../etc", "level.{x}"),
    "vintage": ("-025", "２０２５", "02025"),
    "facilities": ("/etc/passwd", "facilities_register", "own.csv"),
    "areas": ("x" * 5000, ["care_region:boom"]),
    "model": ("matrix", "transit"),
    "places": ("../x", "x y", "%2e%2e"),
    "zones": ("../x", "2025-x/..", "\x00"),
    "plan": ("../../plans.sqlite", "' OR ''='", "*"),
    "against": ("today;", "../today"),
    "indicator": ("births;", "__class__", "zone_name"),
    "zone": ("x" * 400, "a\nb", {"id": 1}),
    "show": ("places;rm", "A"),
    "only": ("everything",),
    "lang": ("de", "../nl", "nl\r\nX-Evil: 1"),
    "unknown": ("x",),
}
"""Values that a choice of a view does not take, by its name."""

CHANGES: tuple[dict[str, Any], ...] = (
    {"do": "drop_table"},
    {"do": "__class__"},
    {"do": ["add"]},
    {},
    {"do": "add", "lat": "51", "lon": 4},
    {"do": "add", "lat": 91, "lon": 4},
    {"do": "add", "municipality": "../12"},
    {"do": "move", "id": "a", "lat": None, "lon": 4},
    {"do": "close", "id": ["a"]},
    {"do": "open", "id": "a\x00"},
    {"do": "hours", "id": "a", "value": "1e5"},
    {"do": "capacity", "id": "a", "value": 1e300},
    {"do": "reach", "mode": "fly", "within": None},
    {"do": "reach", "mode": "walk", "within": {"$gt": 0}},
    {"do": "year", "demand": "births", "year": "20 25"},
    {"do": "drop", "nr": -1},
    {"do": "drop", "nr": 1.5},
    {"do": "incoming", "edits": {}},
    {"do": "incoming", "edits": [{"edit": "close", "id": "x"}] * 1001},
    {"do": "incoming", "edits": [{"edit": "eval"}]},
    {"do": "incoming", "edits": [{"edit": "close", "id": {"a": 1}}]},
    {"do": "version", "id": "../../plans.sqlite"},
    {"do": "keep", "name": "x" * 20_000, "note": ""},
    {"do": "duplicate", "id": "x", "name": 7},
    {"do": "undo", "path": "/etc/passwd"},
)
"""What a plan cannot be asked."""

WANTED: tuple[dict[str, Any], ...] = (
    {"form": "exe", "ids": None},
    {"form": "../csv", "ids": None},
    {"form": "csv", "ids": ["nowhere"]},
    {"form": "csv", "ids": ["11002"] * 10_001},
    {"form": "csv", "ids": [11002]},
    {"form": "csv", "ids": {"0": "11002"}},
    {"form": "csv", "ids": "11002"},
    {"form": "csv"},
    {"form": "csv", "ids": None, "file": "/opt/x"},
)
"""Files that cannot be asked for."""

BODIES: dict[str, Made] = {
    "no JSON": lambda body: b"{",
    "nothing": lambda body: b"",
    "bytes": lambda body: b"\xff\xfe\x00\x01",
    "a list": lambda body: [body],
    "null": lambda body: None,
    "nested 100,000 deep": lambda body: b"[" * 100_000 + b"]" * 100_000,
    "records 100,000 deep": lambda body: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "NaN": lambda body: json.dumps(body).replace("null", "NaN", 1).encode(),
    "Infinity": lambda body: json.dumps(body).replace("null", "Infinity", 1).encode(),
    "a whole number of 5,000 digits": lambda body: json.dumps(body).replace("null", "9" * 5000, 1).encode(),
    "a name twice": lambda body: json.dumps(body).replace('"output":', '"output": 1, "output":', 1).encode(),
    "half a character": lambda body: json.dumps(body).replace("null", '{"lang": "nl", "zone": "\\ud800"}', 1).encode(),
    "another name": lambda body: {**body, "cancelJob": 1},
    "an unknown output": lambda body: {**body, "output": "nothing.data"},
    "an output of the browser": lambda body: {**body, "output": "asking.data"},
    "an output that is a path": lambda body: {**body, "output": "../../app.py"},
    "an output that is a list": lambda body: {**body, "output": ["sheet.children"]},
    "no outputs": lambda body: {**body, "outputs": None},
    "other outputs": lambda body: {**body, "outputs": {"id": "x", "property": "children"}},
    "more outputs": lambda body: {**body, "outputs": [body["outputs"]] * 2},
    "no inputs": lambda body: {**body, "inputs": []},
    "twice the inputs": lambda body: {**body, "inputs": body["inputs"] * 2},
    "100,000 inputs": lambda body: {**body, "inputs": body["inputs"] * 100_000},
    "inputs of nothing": lambda body: {**body, "inputs": [None]},
    "an input of another name": lambda body: {**body, "inputs": [{**body["inputs"][0], "id": "x"}]},
    "an input that is many": lambda body: {**body, "inputs": [body["inputs"]]},
    "state that is a text": lambda body: {**body, "state": "x"},
    "state of another callback": lambda body: {**body, "state": body["inputs"]},
    "changes that are a record": lambda body: {**body, "changedPropIds": {"a": 1}},
    "changes of another callback": lambda body: {**body, "changedPropIds": ["view.data"]},
    "100,000 changes": lambda body: {**body, "changedPropIds": ["opened.data"] * 100_000},
    "a change that is nested": lambda body: {**body, "changedPropIds": ["[" * 50_000]},
}
"""Bodies that no page sends, made out of a good one."""

IDS: tuple[Any, ...] = (
    {"type": "plan-table", "what": "../x", "form": "csv"},
    {"type": "plan-table", "what": "zones", "form": "exe"},
    {"type": "plan-table", "what": "zones"},
    {"type": "plan-table", "what": "zones", "form": "csv", "path": "/etc"},
    {"type": "other", "what": "zones", "form": "csv"},
    "plan-table",
    None,
)
"""Ids that no button of a table has."""

OF_FILES = ("compare-table", "overlap-table", "document", "case-document", "norm-document")
"""Other buttons that ask for a file: of a comparison, of an overlap, of a norm, and of documents."""

KINDS = ("/etc/passwd", "file:///etc/passwd", "../list.csv", "list.gpkg", "/dev/zero", "C:\\x.csv", "\\\\host\\x.csv")
"""Where new places cannot come from."""


def _name(part: dict[str, Any]) -> str:
    name = part["id"]
    return f"{json.loads(name)['type'] if name.startswith('{') else name}.{part['property']}"


def _callback(target: AttackedServer, name: str) -> str:
    """Output of a callback of the server that takes an input."""
    return next(
        output
        for output, one in target.dependencies.items()
        if not one.get("clientside_function") and name in map(_name, (*one["inputs"], *one["state"]))
    )


def _of_page(target: AttackedServer, output: str, name: str = "", value: Any = None) -> dict[str, Any]:
    """Body that a page sends, with one value."""
    one = target.dependencies[output]

    def part(declared: dict[str, Any]) -> Any:
        given = value if _name(declared) == name else None
        if not declared["id"].startswith("{"):
            return {"id": declared["id"], "property": declared["property"], "value": given}
        many = given if isinstance(given, list) and given and isinstance(given[0], dict) and "id" in given[0] else None
        return many or ([] if given is None else given)

    ids = [name.rpartition(".") for name in output.strip(".").split("...")]
    outputs = [{"id": name, "property": of.partition("@")[0]} for name, _, of in ids]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": [part(declared) for declared in one["inputs"]],
        "state": [part(declared) for declared in one["state"]],
        "changedPropIds": [],
    }


def _sent(name: str, value: Any) -> Callable[[AttackedServer], Seen]:
    def attempt(target: AttackedServer) -> Seen:
        body = json.dumps(_of_page(target, _callback(target, name), name, value))
        deep = "[" * 500 + "]" * 500
        return target.post(CALLBACKS, body.replace(json.dumps(_DEEP), deep).encode()).seen()

    return attempt


def _body(made: Made) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.post(CALLBACKS, made(_of_page(target, "sheet.children"))).seen()


def _typed(kind: str) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.post(CALLBACKS, {}, {"Content-Type": kind}).seen()


def _attack(key: str, tried: str, attempt: Callable[[AttackedServer], Seen], expected: str = REFUSED) -> Attack:
    return Attack(f"callback-{key}".replace(" ", "-"), "callback", tried, expected, attempt)


def _empty(target: AttackedServer) -> Seen:
    """Every callback with nothing in it; the worst of what is answered."""
    outputs = [output for output, one in target.dependencies.items() if not one.get("clientside_function")]
    answers = [target.post(CALLBACKS, _of_page(target, output)) for output in outputs]
    return Seen("no error" if max(answer.status for answer in answers) < 400 else "an error")


def _of_files() -> Iterator[Attack]:
    for name in OF_FILES:
        for n, extra in enumerate(({"form": "exe"}, {"form": "../x"}, {"form": "csv", "path": "/etc"})):
            one = {"type": name, **extra}
            part = [{"id": one, "property": "n_clicks", "value": 1}]
            yield _attack(f"id-{name}-{n}", f"a button with the id {one}", _sent(f"{name}.n_clicks", part))


def _rows() -> Iterator[Attack]:
    for name in sorted(INPUTS):
        for what, value in WRONG.items():
            yield _attack(f"{name}-{what}", f"{what} as {name}", _sent(name, value))
    for name, values in CHOICES.items():
        for n, value in enumerate(values):
            view = {**State().__dict__, name: value}
            yield _attack(f"choice-{name}-{n}", f"{str(value)[:24]!r} as {name} of a view", _sent("opened.data", view))
    for n, change in enumerate(CHANGES):
        yield _attack(f"change-{n}", f"a plan is asked {str(change)[:60]}", _sent("plan-do.data", change))
    for n, wanted in enumerate(WANTED):
        yield _attack(f"download-{n}", f"a file is asked as {str(wanted)[:60]}", _download(wanted))
    for what, made in BODIES.items():
        large = what in ("100,000 inputs", "100,000 changes")
        yield _attack(f"body-{what}", f"a body: {what}", _body(made), "413, a sentence" if large else REFUSED)
    for n, one in enumerate(IDS):
        part = [{"id": one, "property": "n_clicks", "value": 1}]
        yield _attack(f"id-{n}", f"a button with the id {one}", _sent("plan-table.n_clicks", part))
    for n, kind in enumerate(KINDS):
        yield _attack(f"kind-{n}", f"new places out of {kind!r}", _sent("propose-kind.value", kind))
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/xml"):
        yield _attack(f"type-{kind}", f"a body of type {kind}", _typed(kind))
    yield from _of_files()
    of_lists = {"list-column", "list-use", "list-erase", "list-fix", "list-set", "list-rows"}
    assert set(PARTS) == {"plan-table", *OF_FILES, *of_lists}
    yield _attack("empty", "every callback with nothing in it", _empty, "no error")


def _download(wanted: dict[str, Any]) -> Callable[[AttackedServer], Seen]:
    return lambda target: target.callback("file.data", wanted=wanted, choices=State().__dict__).seen()


ROWS = tuple(_rows())
