"""People with a browser, for the load benchmark.

Every person is a thread that asks what a browser asks, in the same order, over one connection until there is an answer
to look at: the page with its files, its content, the first answer, borders and places; then, after looking for a while,
another reach, way of travelling, level, service or area, the sheet of a zone, or a file. A change of indicator asks the
server nothing.
All choices come from one seed. People share the machine with the server, and so does whatever else it does.
"""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]

PEOPLE = 50
ACTIONS = 8
LOOKING_S = (2.0, 8.0)
"""Seconds that a person looks at an answer before asking on: uniform between the two."""

ARRIVAL_S = 5.0
"""Seconds within which all open the page."""

SEED = 50
FILES = "files of the page"
_TIMEOUT_S = 60
_HEADERS = {"Accept-Encoding": "gzip, br", "Connection": "keep-alive"}
_LINKED = re.compile(r'(?:src|href)="(/[^"]+)"')
_IDS = re.compile(rb'"id":"([^"]+)"')
_LEVELS = ("municipality", "primary_care_zone", "province", "neighbourhood", "sub_municipality", "sector")
_SERVICES = ("house", "bureau")
_AREAS = ("", "care_region:boom", "care_region:oostende", "province:antwerpen")


@dataclass(frozen=True)
class TimedRequest:
    """One request: what it was for, how long it took until the last byte, and what was wrong with it."""

    kind: str
    seconds: float
    trouble: str = ""


@dataclass
class Person:
    """Somebody with a browser.

    Attributes
    ----------
    address : of the explorer, such as ``http://127.0.0.1:8050/``
    random : what decides the choices
    asked : every request, in order
    headers : of every request
    patience_s : how long an answer is waited for
    """

    address: str
    random: Random
    asked: list[TimedRequest] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=lambda: dict(_HEADERS))
    patience_s: float = _TIMEOUT_S
    _choices: dict[str, Any] = field(default_factory=dict)
    _outputs: list[dict[str, Any]] = field(default_factory=list)
    _zones: list[str] = field(default_factory=list)
    _kept: dict[str, list[bytes]] = field(default_factory=dict)
    _tag: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self._line = HTTPConnection(str(parts.hostname), parts.port, timeout=self.patience_s)

    def open(self) -> None:
        """Open the page for the first time, as a browser without a cache does."""
        page = self.ask("page", "/").decode()
        for link in dict.fromkeys(_LINKED.findall(page)):
            self.ask(FILES, link)
        self.ask("page", "/_dash-layout")
        self._outputs = json.loads(self.ask("page", "/_dash-dependencies"))
        given = {"_pages_location.pathname": "/", "_pages_location.search": ""}
        content = self.call("page", "_pages_content", given)
        config = json.loads(found_in(content, "nabij-config")["data-config"])
        self._choices = {name: config["state"][name] for name in config["state"] if name not in _NOT_ASKED}
        self.answer("first answer")

    def look_everywhere(self) -> None:
        """See every level, service and area once, so that the server has made the borders that everybody shares."""
        self.open()
        for service in _SERVICES:
            for level in _LEVELS:
                self.answer("another level", service=service, level=level)
        for area in _AREAS:
            self.answer("another area", level=_LEVELS[0], areas=area)
        self.leave()

    def answer(self, kind: str, **changes: str) -> None:
        """Ask the question with some choices changed, and the borders and places that its answer names."""
        self._choices |= changes
        given = {"choices.data": self._choices, "snapshot.data": self._tag or None}
        answer = self.call(kind, "..view.data", given)
        view = answer["view"]["data"]
        self._tag = answer["snapshot"]["data"]
        for link in (view["places"], view["zones"]["far"]):
            if link not in self._kept:
                content = self.ask("borders and places", f"/{link}")
                self._kept[link] = _IDS.findall(content)
        self._zones = [zone.decode() for zone in self._kept[view["zones"]["far"]]]

    def act(self) -> None:
        """Do one thing that asks something of the server."""
        chance = self.random.random()
        if chance < 0.35:
            self.answer("another reach", within=str(self.random.randrange(600, 3000, 50)))
        elif chance < 0.45:
            self.answer("another way of travelling", mode=self.random.choice(["walk", "bike", "car"]), within="")
        elif chance < 0.6:
            self.answer("another level", level=self.random.choice(_LEVELS), areas="")
        elif chance < 0.65:
            self.answer("another area", level=_LEVELS[0], areas=self.random.choice(_AREAS))
        elif chance < 0.7:
            self.answer("another service", service=self.random.choice(_SERVICES))
        elif chance < 0.92:
            zone = self.random.choice(self._zones)
            self.call("sheet of a zone", "sheet.children", {"opened.data": {**self._choices, "zone": zone}})
        else:
            wanted = {"form": self.random.choice(["csv", "xlsx", "geojson"]), "ids": None}
            given = {"wanted.data": wanted, "choices.data": self._choices, "snapshot.data": self._tag}
            self.call("file", "file.data", given)

    def call(self, kind: str, output: str, given: dict[str, Any]) -> dict[str, Any]:
        """Ask a callback by the beginning of its output; the values by ``id.property``.

        Of components that are many, the value by ``type.property`` is a list of (id, value).
        """
        known = next(one for one in self._outputs if str(one["output"]).startswith((output, f"..{output}")))
        inputs = [_value(one, given) for one in known["inputs"]]
        body = {
            "output": known["output"],
            "outputs": _outputs(known["output"]),
            "inputs": inputs,
            "state": [_value(one, given) for one in known["state"]],
            "changedPropIds": [
                _changed(one) for part in inputs for one in (part if isinstance(part, list) else [part])
            ],
        }
        answer = json.loads(self.ask(kind, "/_dash-update-component", body) or "{}")
        if "response" not in answer or "sideUpdate" in answer:
            self.asked[-1] = TimedRequest(kind, self.asked[-1].seconds, f"no answer: {str(answer)[:200]}")
            raise HTTPException(self.asked[-1].trouble)
        response: dict[str, Any] = answer["response"]
        return response

    def ask(self, kind: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """Ask for a path and note how long it took; the content, unpacked after the clock has stopped."""
        told = None if body is None else json.dumps(body)
        headers = self.headers if body is None else {**self.headers, "Content-Type": "application/json"}
        start = time.perf_counter()
        try:
            self._line.request("GET" if body is None else "POST", path, told, headers)
            response = self._line.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            self.asked.append(TimedRequest(kind, time.perf_counter() - start, f"{path}: {error!r}"))
            raise
        seconds = time.perf_counter() - start
        trouble = "" if response.status == 200 else f"{path}: status {response.status}"
        self.asked.append(TimedRequest(kind, seconds, trouble))
        if trouble:
            raise HTTPException(trouble)
        return brotli.decompress(content) if response.headers["Content-Encoding"] == "br" else content

    def leave(self) -> None:
        """Close the connection."""
        self._line.close()

    def visit(
        self, actions: int, looking: tuple[float, float] = LOOKING_S, arrival: float = ARRIVAL_S
    ) -> list[TimedRequest]:
        """Come, open the page, look and ask; what was asked, with any trouble in it."""
        time.sleep(self.random.uniform(0, arrival))
        try:
            self.open()
            for _ in range(actions):
                self._line.close()  # the server lets go of a connection that is not used, and browsers open another
                time.sleep(self.random.uniform(*looking))
                self.act()
        except (OSError, HTTPException) as error:
            if not (self.asked and self.asked[-1].trouble):
                self.asked.append(TimedRequest("other", 0.0, repr(error)))
        finally:
            self.leave()
        return self.asked


_NOT_ASKED = {"indicator", "zone", "show", "only", "min_share"}
"""Choices that the browser keeps to itself."""


def _outputs(told: str) -> Any:
    """Outputs of a callback as its request names them."""
    names = told.strip(".").split("...") if told.startswith("..") else [told]
    pairs = [{"id": name.rpartition(".")[0], "property": name.rpartition(".")[2]} for name in names]
    return pairs if told.startswith("..") else pairs[0]


def _value(one: dict[str, Any], given: dict[str, Any]) -> Any:
    if one["id"].startswith("{"):
        many = given.get(f"{json.loads(one['id'])['type']}.{one['property']}", ())
        return [{"id": name, "property": one["property"], "value": value} for name, value in many]
    return {"id": one["id"], "property": one["property"], "value": given.get(f"{one['id']}.{one['property']}")}


def _changed(one: dict[str, Any]) -> str:
    name = one["id"] if isinstance(one["id"], str) else json.dumps(one["id"], sort_keys=True, separators=(",", ":"))
    return f"{name}.{one['property']}"


def found_in(tree: Any, name: str) -> Any:
    """Properties of the component of a name, anywhere in a page."""
    if isinstance(tree, dict):
        if tree.get("id") == name:
            return tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            inner = found_in(branch, name)
            if inner is not None:
                return inner
    return None


def crowd(
    address: str,
    people: int = PEOPLE,
    actions: int = ACTIONS,
    looking: tuple[float, float] = LOOKING_S,
    arrival: float = ARRIVAL_S,
) -> list[TimedRequest]:
    """Everything that a number of people ask of an explorer, all at once."""
    guests = [Person(address, Random(SEED + number)) for number in range(people)]
    with ThreadPoolExecutor(people) as pool:
        visits = pool.map(lambda guest: guest.visit(actions, looking, arrival), guests)
        return [asked for visit in visits for asked in visit]
