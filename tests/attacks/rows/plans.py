"""Plans and lists of another visitor: Bert wants at what is Anna's, by its id, by a link, by a key, by a cookie."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

from tests.attacks.attack import Attack, Seen
from tests.attacks.target import AttackedServer, HttpAnswer
from tests.attacks.visitors import BOOM, BORNEM, NAME, NOTE, PLACE, SECRETS, AttackVisitor, AttackWorld, part, world

LOST, STOPPED = "niet meer bijgehouden", "Gestopt na"
"""What is said of a search that is not there, and of one that somebody ended."""


def _told(answer: HttpAnswer) -> Seen:
    """Whether an answer tells anything of what is Anna's."""
    text = answer.text.encode().decode("unicode_escape", "replace") if "\\u" in answer.text else answer.text
    leaks = [word for word in SECRETS if word in text]
    broken = answer.status >= 500 or "fault" in answer.seen().outcome
    kind = "a fault" if broken else f"tells of {leaks}" if leaks else "tells nothing of it"
    return Seen(kind, " ".join(text.split())[:200])


def _refused(answer: HttpAnswer) -> Seen:
    """Whether an edit was refused in a sentence, and told nothing."""
    told = _told(answer)
    if told.outcome != "tells nothing of it":
        return told
    response = answer.json.get("response", {}) if answer.status == 200 else {}
    changed = "data" in response.get("plan", {})
    return Seen("done" if changed else "refused, tells nothing of it", told.words)


def _anna_has_it(found: AttackWorld, plan: str) -> bool:
    """Whether Anna still has a plan as it was."""
    there = found.anna.file(f"/plan/{plan}.json")
    return there.status == 200 and plan in found.anna.listed().text


Attempt = Callable[[AttackWorld, str], Seen]


def _page(found: AttackWorld, plan: str) -> Seen:
    answer = found.bert.open(f"?plan={plan}")
    seen = _told(answer)
    return Seen("opens it", seen.words) if part(answer.json, "plan")["data"]["id"] == plan else seen


def _view(found: AttackWorld, plan: str) -> Seen:
    return _shown(found.bert.view(plan))


def _shown(answer: HttpAnswer) -> Seen:
    """Whether an answer draws a view, which holds the places and figures of the plan."""
    seen = _told(answer)
    filled = answer.status == 200 and "view" in answer.json.get("response", {})
    return Seen("shows it", seen.words) if filled else seen


def _against(found: AttackWorld, plan: str) -> Seen:
    found.anna.view(found.plans["saved"], against=plan)  # so that the server remembers a comparison with it
    return _shown(found.bert.view(found.own, against=plan))


def _step(found: AttackWorld, plan: str, what: str) -> Seen:
    return _refused(found.bert.do(found.own, do=what, id=plan, name="van Bert"))


def _edit(found: AttackWorld, plan: str, what: str) -> Seen:
    return _refused(found.bert.do(plan, do=what, id=BORNEM, name="van Bert", note=""))


def _file(found: AttackWorld, plan: str, path: str) -> Seen:
    return found.bert.file(path.format(tag=found.tag, plan=plan, place=BORNEM)).seen()


def _move(found: AttackWorld, plan: str, what: str) -> Seen:
    before = found.anna.listed().text
    seen = _told(found.bert.listed(id=plan, what=what))
    return seen if found.anna.listed().text == before else Seen("Anna's list changed")


_NOTHING, _NO, _GONE = "tells nothing of it", "refused, tells nothing of it", "404, a sentence"
_FILES = {
    "document": "/plan/{plan}.json",
    "picture": "/plan/{tag}/{plan}/distance-bureau-walk-crow.png",
    "ground": "/plan/{tag}/{plan}/ground-bureau-crow.json?place={place}",
}
_TRIES: dict[str, tuple[Attempt, str]] = {
    "page": (_page, _NOTHING),
    "view": (_view, _NOTHING),
    "against": (_against, _NOTHING),
    **{name: (partial(_step, what=name), _NO) for name in ("version", "redo", "duplicate")},
    **{name: (partial(_edit, what=name), _NO) for name in ("close", "undo", "keep", "share", "withdraw")},
    **{name: (partial(_file, path=path), _GONE) for name, path in _FILES.items()},
    **{name: (partial(_move, what=name), _NOTHING) for name in ("forget", "restore")},
}
_KINDS = {
    "draft": "a draft",
    "saved": "a saved plan",
    "parent": "an earlier version",
    "binned": "a plan in the bin",
    "with-list": "a plan with a list of her own",
}


def _by_id(kind: str, attempt: Attempt) -> Callable[[AttackedServer], Seen]:
    def tried(target: AttackedServer) -> Seen:
        found = world(target)
        return attempt(found, found.plans[kind])

    return tried


_ROWS_BY_ID = [
    Attack(
        f"plan-{kind}-{name}", "plan", f"{name} of {words} of another visitor, by its id", expected, _by_id(kind, at)
    )
    for kind, words in _KINDS.items()
    for name, (at, expected) in _TRIES.items()
]

_IDS: dict[str, Callable[[str], str]] = {
    "prefix": lambda plan: plan[:8],
    "wildcard": lambda _: "%",
    "wildcard-one": lambda plan: plan[:-1] + "_",
    "capitals": lambda plan: plan.upper() + "A",
    "space": lambda plan: f" {plan}",
    "sql": lambda plan: f"{plan}' OR '1'='1",
    "union": lambda _: "' UNION SELECT document FROM nabij_scenario_2 --",
    "nul": lambda plan: f"{plan}\0",
    "empty-path": lambda plan: f"../{plan}",
    "long": lambda plan: plan * 500,
}


def _by_bent_id(target: AttackedServer, bend: Callable[[str], str]) -> Seen:
    return _shown(world(target).bert.view(bend(world(target).plans["saved"])))


_ROWS_OF_IDS = [
    Attack(
        f"plan-id-{name}",
        "plan",
        f"a plan of another visitor by a bent id ({name})",
        _NOTHING,
        partial(_by_bent_id, bend=bend),
    )
    for name, bend in _IDS.items()
]

_COOKIES: dict[str, Callable[[AttackWorld], str]] = {
    "none": lambda _: "",
    "hash": lambda _: sha256(("A" * 43).encode()).hexdigest(),
    "owner": lambda _: "browser:" + sha256(("A" * 43).encode()).hexdigest(),
    "short": lambda _: "A" * 42,
    "long": lambda _: "A" * 44,
    "ten-kilobytes": lambda _: "A" * 10_000,
    "wildcard": lambda _: "%" * 43,
    "quoted": lambda _: '"' + "A" * 42 + '"',
    "machine": lambda _: "machine",
    "shared": lambda found: "shared:" + found.shared["key"].removeprefix("plan-"),
    "two": lambda _: "B" * 43 + "; nabij_visitor=" + "A" * 42,
    "traversal": lambda _: "../../plans.sqlite",
}


def _by_cookie(make: Callable[[AttackWorld], str]) -> Callable[[AttackedServer], Seen]:
    def tried(target: AttackedServer) -> Seen:
        found = world(target)
        answer = AttackVisitor(target, make(found)).view(found.plans["with-list"])
        return _shown(answer)

    return tried


_ROWS_OF_COOKIES = [
    Attack(f"plan-cookie-{name}", "plan", f"a forged cookie ({name})", _NOTHING, _by_cookie(make))
    for name, make in _COOKIES.items()
]

_KEYS: dict[str, Callable[[AttackWorld], str]] = {
    "wrong": lambda _: "r-" + "x" * 43,
    "wildcard": lambda _: "%" * 43,
    "other-plan": lambda found: found.links["read"],
    "cut": lambda found: found.links["read"][:-1],
    "swapped": lambda found: "e" + found.links["read"][1:],
    "share-id": lambda found: found.shared["key"],
    "bare-share-id": lambda found: found.shared["key"].removeprefix("plan-"),
    "hashed": lambda found: sha256(found.links["read"].encode()).hexdigest(),
    "page": lambda _: "page-" + "A" * 43,
    "long": lambda found: found.links["read"] * 20,
    "owner": lambda _: "browser:" + sha256(("A" * 43).encode()).hexdigest(),
}


def _by_key(target: AttackedServer, make: Callable[[AttackWorld], str]) -> Seen:
    found = world(target)
    key = make(found).replace("%", "%25")
    return found.bert.file(f"/plan/{found.plans['with-list']}.json?key={key}").seen()


_ROWS_OF_KEYS = [
    Attack(
        f"plan-key-{name}",
        "plan",
        f"a plan that is not shared, with a key ({name})",
        _GONE,
        partial(_by_key, make=make),
    )
    for name, make in _KEYS.items()
]


def _head(found: AttackWorld) -> str:
    """Newest version that the reading link opens."""
    return str(found.anna.plan(f"?key={found.links['read']}")["id"])


def _read_key(target: AttackedServer, asked: dict[str, str]) -> Seen:
    """An edit with the link to read: it may make a copy, and never changes what is shared."""
    found = world(target)
    before = _head(found)
    found.bert.do(before, found.links["read"], before, **asked)
    return Seen("the shared plan is as it was" if _head(found) == before else "the shared plan changed")


def _read_key_reads(target: AttackedServer) -> Seen:
    found = world(target)
    return Seen(str(found.bert.file(f"/plan/{_head(found)}.json?key={found.links['read']}").status))


def _read_key_elsewhere(target: AttackedServer) -> Seen:
    found = world(target)
    return found.bert.file(f"/plan/{found.plans['saved']}.json?key={found.links['edit']}").seen()


def _edit_key_links(target: AttackedServer) -> Seen:
    """Who came by the link to read is not told the link to edit."""
    found = world(target)
    told = found.bert.links(_head(found), found.links["read"]).text
    return Seen("tells the link to edit" if found.links["edit"] in told else _NOTHING)


def _replayed(target: AttackedServer) -> Seen:
    """A link that was withdrawn, in all its uses."""
    found = world(target)
    twin = found.anna.done(found.plans["saved"], do="duplicate", id=found.plans["saved"], name=f"{NAME} (even)")["id"]
    key = found.anna.done(twin, do="share")["key"]
    parts = found.anna.links(twin, key).json
    links = [part(parts, f"share-{kind}")["value"].partition("key=")[2] for kind in ("read", "edit")]
    opened = [found.bert.file(f"/plan/{twin}.json?key={link}").status for link in links]
    found.anna.done(twin, key, do="withdraw")
    after = [found.bert.file(f"/plan/{twin}.json?key={link}").status for link in links]
    words = [_shown(found.bert.view(twin, key=link)).outcome for link in links]
    return Seen(f"{opened} {after} {words}")


def _binned_share(target: AttackedServer) -> Seen:
    """A link to what lies in the bin, and again after it was put back."""
    found = world(target)
    twin = found.anna.done(found.plans["saved"], do="duplicate", id=found.plans["saved"], name=f"{NAME} (bak)")["id"]
    key = found.anna.done(twin, do="share")["key"]
    link = part(found.anna.links(twin, key).json, "share-read")["value"].partition("key=")[2]
    seen = []
    for what in ("", "forget", "restore"):
        if what:
            found.anna.listed(id=twin, what=what)
        seen.append(found.bert.file(f"/plan/{twin}.json?key={link}").status)
    return Seen(str(seen))


def _imported(target: AttackedServer) -> Seen:
    """The same content as Anna's plan: Bert's own, and what he does with it leaves hers alone."""
    found = world(target)
    plan = found.plans["saved"]
    taken = found.bert.take_in(found.document)
    found.bert.do(plan, do="keep", name=NAME, note=NOTE)
    parent = found.bert.do(plan, do="version", id=found.plans["draft"])
    found.bert.listed(id=plan, what="forget")
    bert = found.bert.file(f"/plan/{plan}.json").status
    mine = "Anna has hers" if _anna_has_it(found, plan) else "Anna lost hers"
    refused = _refused(parent).outcome == _NO
    return Seen(f"{taken.status}, Bert {bert}, {mine}, her drafts {'closed' if refused else 'open'}")


def _job(target: AttackedServer, what: str) -> Seen:
    """A search of Anna's, looked at and ended by Bert."""
    found = world(target)
    asked = {
        "propose_go": 1,
        "choices": {**BOOM, "plan": found.plans["saved"], "model": "crow"},
        "propose_objective": "mclp",
        "propose_n": 1,
        "propose_where": "view",
        "propose_kind": "sector",
    }
    started = target.callback("propose-tick.disabled", found.anna.sent, **asked).json["response"]
    job = started["propose-job"]["data"]
    if job is None:
        return Seen("no search began", json.dumps(started)[:200])
    if what == "look":
        told = target.callback("propose-progress.children", found.bert.sent, propose_tick=1, propose_job=job)
        return Seen("not there" if LOST in told.text else "seen", told.text[:200])
    target.callback("propose-stop.disabled", found.bert.sent, propose_stop=1, propose_job=job)
    target.callback("propose-tick.disabled", found.bert.sent, **asked, propose_job=job)
    told = target.callback("propose-progress.children", found.anna.sent, propose_tick=1, propose_job=job)
    target.callback("propose-stop.disabled", {**found.anna.sent, "X-Changed": "1"}, propose_stop=1, propose_job=job)
    return Seen("ended" if STOPPED in told.text or LOST in told.text else "goes on", told.text[:200])


def _list_file(target: AttackedServer, key: Callable[[AttackWorld], str], form: str) -> Seen:
    found = world(target)
    return found.bert.file(f"/own/{found.tag}/{key(found)}/{form}").seen()


def _list_view(target: AttackedServer, **bent: Any) -> Seen:
    found = world(target)
    return _shown(found.bert.view("", **{name: make(found) for name, make in bent.items()}))


def _erase(target: AttackedServer) -> Seen:
    """Bert has the address of Anna's list, and wants it away."""
    found = world(target)
    output = next(name for name in target.dependencies if "list-erased.href" in name)
    button = {"type": "list-erase", "kind": "places"}
    payload = {
        "output": output,
        "outputs": {"id": "list-erased", "property": "href"},
        "inputs": [[{"id": button, "property": "n_clicks", "value": 1}]],
        "changedPropIds": ['{"kind":"places","type":"list-erase"}.n_clicks'],
        "state": [
            [{"id": button, "property": "id", "value": button}],
            {"id": "data-state", "property": "data", "value": {**BOOM, "places": found.list_key}},
        ],
    }
    target.post("/_dash-update-component", payload, found.bert.sent)
    there = found.anna.file(f"/own/{found.tag}/{found.list_key}/places-bureau.json").status
    return Seen("the list stays" if there == 200 else f"the list is gone ({there})")


def _cached(target: AttackedServer, path: str) -> Seen:
    found = world(target)
    where = path.format(tag=found.tag, plan=found.plans["saved"], place=BORNEM, key=found.list_key)
    answer = found.anna.file(where)
    kept = {name.lower(): value for name, value in answer.headers.items()}.get("cache-control", "")
    return Seen(f"{answer.status}, {'private' if 'private' in kept and 'public' not in kept else kept}")


def _cookie_flags(target: AttackedServer) -> Seen:
    set_ = target.get("/?lang=nl").headers.get("Set-Cookie", "")
    return Seen(", ".join(flag for flag in ("HttpOnly", "SameSite=Lax") if flag in set_))


def _row(key: str, tried: str, expected: str, attempt: Callable[[AttackedServer], Seen]) -> Attack:
    return Attack(key, "plan", tried, expected, attempt)


def _own(target: AttackedServer, attempt: Callable[[AttackWorld, AttackVisitor], Seen]) -> Seen:
    """What Anna sees of her own, so that the rows about Bert can fail."""
    found = world(target)
    return attempt(found, found.anna)


_OWN: dict[str, tuple[str, Callable[[AttackWorld, AttackVisitor], Seen]]] = {
    "name": (f"tells of ['{NAME}', '{NOTE}']", lambda found, who: _told(who.open(f"?plan={found.plans['saved']}"))),
    "view": ("shows it", lambda found, who: _shown(who.view(found.plans["draft"]))),
    "list": (f"tells of ['{PLACE}']", lambda found, who: _told(who.view(found.plans["with-list"]))),
    "against": ("shows it", lambda found, who: _shown(who.view(found.plans["saved"], against=found.plans["draft"]))),
    "redo": ("done", lambda found, who: _refused(who.do(found.plans["saved"], do="redo", id=found.plans["parent"]))),
    "places": ("200", lambda found, who: who.file(f"/own/{found.tag}/{found.list_key}/places-bureau.json").seen()),
}
_AS_IT_WAS = "the shared plan is as it was"
_ROWS_OF_LINKS = [
    *(
        _row(
            f"plan-own-{name}", f"what is one's own, as it is meant ({name})", expected, partial(_own, attempt=attempt)
        )
        for name, (expected, attempt) in _OWN.items()
    ),
    _row("plan-link-reads", "a link to read, as it is meant", "200", _read_key_reads),
    _row("plan-link-elsewhere", "a link to edit, for another plan of its maker", _GONE, _read_key_elsewhere),
    _row("plan-link-tells", "who has the link to read asks for that to edit", _NOTHING, _edit_key_links),
    *(
        _row(
            f"plan-link-read-{what}",
            f"{what} with the link to read",
            _AS_IT_WAS,
            partial(_read_key, asked={"do": what, **more}),
        )
        for what, more in {
            "keep": {"name": "van Bert", "note": ""},
            "close": {"id": BORNEM},
            "undo": {},
            "share": {},
            "withdraw": {},
            "duplicate": {"id": "", "name": "van Bert"},
        }.items()
    ),
    _row(
        "plan-link-withdrawn",
        "both links again after they were withdrawn",
        f"[200, 200] [404, 404] {[_NOTHING, _NOTHING]}",
        _replayed,
    ),
    _row("plan-link-binned", "a link while its plan is in the bin", "[200, 404, 200]", _binned_share),
    _row(
        "plan-import-same",
        "a plan with the very content of another's, taken in and thrown away",
        "200, Bert 200, Anna has hers, her drafts closed",
        _imported,
    ),
    _row("plan-job-look", "a search of another visitor, looked at", "not there", partial(_job, what="look")),
    _row("plan-job-stop", "a search of another visitor, ended", "goes on", partial(_job, what="stop")),
]

_WRONG_LISTS: dict[str, Callable[[AttackWorld], str]] = {
    "cut": lambda found: found.list_key[:-1],
    "wildcard": lambda _: "%25",
    "guess": lambda _: base64.urlsafe_b64encode(b"\0" * 18).decode(),
    "as-zones": lambda found: f"2025-{found.list_key}",
}
_ROWS_OF_LISTS = [
    *(
        _row(
            f"plan-list-{name}",
            f"a list by a wrong key ({name})",
            _GONE,
            partial(_list_file, key=make, form="places-bureau.json"),
        )
        for name, make in _WRONG_LISTS.items()
    ),
    _row(
        "plan-list-zones",
        "a list of places asked for as zones",
        _GONE,
        partial(_list_file, key=lambda found: found.list_key, form="zones-far.json"),
    ),
    *(
        _row(
            f"plan-list-view-{name}",
            f"a view on a list by a wrong key ({name})",
            _NOTHING,
            partial(_list_view, facilities=lambda _: "own", places=make),
        )
        for name, make in _WRONG_LISTS.items()
    ),
    _row(
        "plan-list-area",
        "a list of places as the area of a view",
        _NOTHING,
        partial(_list_view, areas=lambda found: f"own:{found.list_key}", zones=lambda found: found.list_key),
    ),
    _row("plan-list-erase", "a list erased by somebody who has its address", "the list stays", _erase),
    *(
        _row(f"plan-cache-{name}", f"who between us may keep the {name}", "200, private", partial(_cached, path=path))
        for name, path in {**_FILES, "list": "/own/{tag}/{key}/places-bureau.json"}.items()
    ),
    _row(
        "plan-cookie-flags",
        "the cookie read by a script, or sent from elsewhere",
        "HttpOnly, SameSite=Lax",
        _cookie_flags,
    ),
]

ROWS = (*_ROWS_BY_ID, *_ROWS_OF_IDS, *_ROWS_OF_COOKIES, *_ROWS_OF_KEYS, *_ROWS_OF_LINKS, *_ROWS_OF_LISTS)
