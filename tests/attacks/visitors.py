"""Two visitors of one explorer: Anna, who has plans and a list of her own, and Bert, who wants at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.attacks.target import AttackedServer, HttpAnswer, data_url

WILLEBROEK, BORNEM = "illustrative-bureau-12040-01", "illustrative-bureau-12007-01"
NAME, NOTE, PLACE = "Geheim plan van Anna", "Nog niet voor de raad", "Geheime plek van Anna"
SECRETS = (NAME, NOTE, PLACE)
LIST = f"id,service,name,lat,lon\na,bureau,{PLACE},51.085,4.37\n".encode()
BOOM = {"areas": "care_region:boom", "service": "bureau", "lang": "nl"}
Json = dict[str, Any]


@dataclass
class AttackVisitor:
    """A browser with a cookie, or with whatever it sends in its place."""

    target: AttackedServer
    cookie: str = ""
    sent: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.sent = {"Cookie": f"nabij_visitor={self.cookie}"} if self.cookie else {}

    def open(self, search: str) -> HttpAnswer:
        return self.target.page("/plannen", search, self.sent)

    def plan(self, search: str) -> Json:
        """Plan of a page, as the browser is told it."""
        return dict(part(self.open(search).json, "plan")["data"])

    def do(self, plan: str, key: str = "", head: str = "", /, **asked: Any) -> HttpAnswer:
        told = {"id": plan, "key": key, "head": head}
        more = {**BOOM, "plan": plan, "key": key}
        return self.target.callback("plan-answer.data", self.sent, plan_do={**asked, "at": 1}, plan=told, choices=more)

    def done(self, plan: str, key: str = "", head: str = "", /, **asked: Any) -> Json:
        return dict(self.do(plan, key, head, **asked).json["response"]["plan"]["data"])

    def view(self, plan: str, **more: str) -> HttpAnswer:
        return self.target.callback("view.data", self.sent, choices={**BOOM, "plan": plan, **more})

    def listed(self, **moved: str) -> HttpAnswer:
        return self.target.callback(
            "plan-listed.children", self.sent, plan_list_drawer=True, plan_forget=moved or None, choices=BOOM
        )

    def links(self, plan: str, key: str = "") -> HttpAnswer:
        asked = {"base": "http://127.0.0.1/", "at": 1}
        return self.target.callback(
            "plan-shared.children", self.sent, plan_share=asked, plan={"id": plan, "key": key}, choices=BOOM
        )

    def take_in(self, document: bytes) -> HttpAnswer:
        values = {
            "plan-upload.contents": data_url(document, "application/json"),
            "plan-upload.filename": "plan.json",
            "choices.data": {"lang": "nl"},
        }
        return self.target.told("plan-uploaded.children", values, self.sent)

    def file(self, path: str) -> HttpAnswer:
        return self.target.get(path, self.sent)


def part(found: Any, name: str) -> Json:
    """Properties of the component with an id, somewhere in what Dash sent; none where it is not there."""
    if isinstance(found, dict):
        if found.get("id") == name:
            return found
        found = list(found.values())
    for one in found if isinstance(found, list) else []:
        there = part(one, name)
        if there:
            return there
    return {}


@dataclass
class AttackWorld:
    """What Anna has, and Bert beside her."""

    anna: AttackVisitor
    bert: AttackVisitor
    tag: str = ""
    plans: dict[str, str] = field(default_factory=dict)
    document: bytes = b""
    list_key: str = ""
    shared: Json = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    own: str = ""


_WORLDS: dict[int, AttackWorld] = {}


def world(target: AttackedServer) -> AttackWorld:
    """The same for all rows on one server."""
    if target.port not in _WORLDS:
        _WORLDS[target.port] = _made(target)
    return _WORLDS[target.port]


def _made(target: AttackedServer) -> AttackWorld:
    anna, bert = AttackVisitor(target, "A" * 43), AttackVisitor(target, "B" * 43)
    made = AttackWorld(anna, bert)
    page = anna.open("?areas=care_region:boom").json
    made.tag = str(part(page, "snapshot")["data"])
    start = part(page, "plan")["data"]["id"]
    closed = anna.done(start, do="close", id=WILLEBROEK)["id"]
    draft = anna.done(closed, do="add", lat=51.1105, lon=4.3330)["id"]
    saved = anna.done(draft, do="keep", name=NAME, note=NOTE)["id"]
    binned = anna.done(saved, do="duplicate", id=saved, name=f"{NAME} (weg)")["id"]
    anna.listed(id=binned, what="forget")
    used = {"list_file": data_url(LIST), "list_kind": "places"}
    made.list_key = _list_key(target, anna, used)
    own = anna.plan(f"?areas=care_region:boom&facilities=own&places={made.list_key}")["id"]
    made.plans = {"draft": draft, "saved": saved, "parent": closed, "binned": binned, "with-list": own}
    made.document = anna.file(f"/plan/{saved}.json").body
    twin = anna.done(saved, do="duplicate", id=saved, name=f"{NAME} (gedeeld)")["id"]
    made.shared = anna.done(twin, do="share")
    found = anna.links(twin, made.shared["key"]).json
    made.links = {kind: part(found, f"share-{kind}")["value"].partition("key=")[2] for kind in ("read", "edit")}
    made.own = bert.plan("?areas=care_region:boom&mode=bike")["id"]
    return made


def _list_key(target: AttackedServer, anna: AttackVisitor, used: Json) -> str:
    """Take a list in as the page of the data does."""
    output = next(name for name in target.dependencies if "list-used.href" in name)
    one = target.dependencies[output]
    state = {"list-file": data_url(LIST), "filename": "lijst.csv", "list-kind": "places", "data-state": BOOM}
    columns = ["id", "service", "name", "lat", "lon"]
    payload = {
        "output": output,
        "outputs": {"id": "list-used", "property": "href"},
        "inputs": [[{"id": {"type": "list-use", "kind": "places"}, "property": "n_clicks", "value": 1}]],
        "changedPropIds": ['{"kind":"places","type":"list-use"}.n_clicks'],
        "state": [
            [
                {"id": {"type": "list-column", "at": at}, "property": "value", "value": name}
                for at, name in enumerate(columns)
            ],
            *(
                {
                    "id": state_["id"],
                    "property": state_["property"],
                    "value": state.get("filename" if state_["property"] == "filename" else state_["id"]),
                }
                for state_ in one["state"][1:]
            ),
        ],
    }
    href = target.post("/_dash-update-component", payload, anna.sent).json["response"]["list-used"]["href"]
    return str(href).partition("places=")[2].partition("&")[0]
