"""Heavy questions: refused with a lighter one, bounded for every visitor; the memory of the server stays bounded."""

from __future__ import annotations

import atexit
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from tests.attacks.attack import Attack, Seen
from tests.attacks.commands import Batch, Given
from tests.attacks.target import AttackedServer, HttpAnswer, running
from tests.attacks.visitors import part

CACHE_MB = 200
QUESTION_MB = 700
MAX_MB = 700
"""Own memory of the small server at most: its budget, the libraries, the figures, and room for what is being made.

Pages of files that are mapped, such as the streets, are left out: the system takes them back when it needs room.
"""

HANGS_S = 120
"""After so long memory that is above what it may be does not come back."""

REFUSED = "refused, with a lighter question"
STRAIGHT = {"lang": "nl", "model": "crow"}
"""Distances as the crow flies: what is weighed here weighs as much, and takes less to find."""

HARD = {"propose_n": 12, "propose_kind": "cell", "propose_spacing": 2000, "choices": {"areas": "care_region:boom"}}
"""Found in a second, proven in hours."""


@cache
def small() -> AttackedServer:
    """A server of its own that keeps little and lets a question take little, for all rows of this module."""
    room = ExitStack()
    atexit.register(room.close)
    folder = Path(room.enter_context(tempfile.TemporaryDirectory()))
    env = {"NABIJ_CACHE_MB": str(CACHE_MB), "NABIJ_QUESTION_MB": str(QUESTION_MB), "NABIJ_PLANS_MB": "3"}
    return room.enter_context(running(folder, env=env))


def browser(name: str) -> dict[str, str]:
    """Headers of a browser with a secret of its own."""
    return {"Cookie": f"nabij_visitor={name:x<43}"}


def words(answer: HttpAnswer) -> str:
    """All text of an answer to a callback."""
    return " ".join(re.findall(r'"children":"([^"]+)"', answer.text))


def search(who: str, **asked: Any) -> HttpAnswer:
    """Ask for proposals as the page does."""
    choices = {**STRAIGHT, **asked.pop("choices", {})}
    given = {"propose_objective": "mclp", "propose_n": 3, "propose_where": "view", "propose_kind": "sector", **asked}
    return small().callback("..propose-job.data", browser(who), propose_go=1, choices=choices, **given)


def job(answer: HttpAnswer) -> Any:
    """What the browser keeps of a search; None where it was not begun."""
    return answer.json["response"].get("propose-job", {}).get("data")


def ended(who: str, *answers: HttpAnswer) -> None:
    """Stop searches."""
    for answer in answers:
        held = job(answer)
        if held:
            small().callback(
                "propose-stop.disabled", {**browser(who), "X-Changed": "1"}, propose_stop=1, propose_job=held
            )


def told(answer: HttpAnswer) -> Seen:
    """Whether a search was refused with something lighter that fits, in so many words, or begun."""
    if answer.seen().outcome != "200":
        return answer.seen()
    if job(answer):
        return Seen("begun")
    said = words(answer)
    lighter = re.search(r"(?:GB|Go)\b.*; .+ \((?:ongeveer|about|environ) [\d.,]+ G[Bo]\)\.", said)
    return Seen(REFUSED if lighter else "refused" if said.endswith(".") else "no words", said[:300])


def _siting(objective: str, kind: str, mode: str, lang: str, _: AttackedServer) -> Seen:
    asked = {"propose_objective": objective, "propose_kind": kind, "propose_n": 5, "propose_where": "all"}
    answer = search(f"{objective}{kind}{mode}{lang}", choices={"mode": mode, "lang": lang}, **asked)
    ended(f"{objective}{kind}{mode}{lang}", answer)
    return told(answer)


SITING = (
    ("p-median", "cell", "walk", "nl"),
    ("p-center", "cell", "car", "nl"),
    ("mclp", "sector", "walk", "en"),
    ("lscp", "sector", "walk", "fr"),
)


def _measure(name: str, within: str, _: AttackedServer) -> Seen:
    asked = {**STRAIGHT, "indicator": name, "mode": "car", "within": within}
    answer = small().callback("asked.data", asking=asked)
    if answer.seen().outcome != "200":
        return answer.seen()
    said = words(answer)
    return Seen(
        "refused, with a lighter question" if "kies een bereik van hoogstens" in said else "answered", said[:300]
    )


def _page(path: str, store: str, output: str, search: str, more: dict[str, Any], _: AttackedServer) -> Seen:
    """Ask what a page works out for its area."""
    asked = part(small().page(path, f"?{search}&lang=nl&model=crow&mode=car").json, store)["data"]
    answer = small().told(output, {f"{store}.data": asked, **more})
    said = words(answer)
    lighter = re.search(r"GB.*; kies een bereik van hoogstens .+ \(ongeveer [\d,]+ GB\)\.", said)
    return Seen(REFUSED if lighter else answer.seen().outcome, said[:300])


_CASE: tuple[Any, ...] = (
    "/gemeente",
    "case-state",
    "case-verdict.children",
    "areas=province:antwerpen&within=25000",
    {},
)
_NORM: tuple[Any, ...] = ("/norm", "norm-state", "norm-answer.children", "within=25000", {"norm-births.value": 100})

MEASURES = ("count", "gravity", "2sfca", "e2sfca", "3sfca", "availability")
REACHES = ("25000", "400000")


def _many_searches(_: AttackedServer) -> Seen:
    begun = [search("greedy", **HARD) for _ in range(4)]
    said = words(begun[3])
    outcome = f"{sum(bool(job(one)) for one in begun)} begun, the next told" if "zoektochten" in said else "no words"
    ended("greedy", *begun)
    return Seen(outcome, said[:300])


def _fair_share(_: AttackedServer) -> Seen:
    mine = [search("first", **HARD) for _ in range(3)]
    other = search("second", **HARD)
    outcome = "begun" if job(other) else "refused"
    ended("first", *mine)
    ended("second", other)
    return Seen(outcome, words(other)[:300])


def _look_at_anothers(_: AttackedServer) -> Seen:
    mine = search("owner", **HARD)
    seen = small().callback("..propose-progress.children", browser("thief"), propose_job=job(mine))
    ended("owner", mine)
    said = words(seen)
    return Seen("nothing seen" if "niet meer" in said or "opnieuw" in said else "seen", said[:300])


def _stop_anothers(_: AttackedServer) -> Seen:
    mine = search("victim", **HARD)
    ended("thief", mine)
    seen = small().callback("..propose-progress.children", browser("victim"), propose_job=job(mine))
    still = seen.json["response"]["propose-tick"]["disabled"] is False
    ended("victim", mine)
    return Seen("still runs" if still else "ended", words(seen)[:300])


def _unknown_kind(_: AttackedServer) -> Seen:
    answer = search("kind", propose_kind="/etc/passwd", choices={"areas": "care_region:boom"})
    if answer.status != 200:
        return Seen("refused" if answer.status < 500 else "a fault", answer.text[:300])
    return Seen("taken" if job(answer) else "refused", words(answer)[:300])


def memory_mb(kind: str = "VmRSS") -> float:
    """Memory of the process that serves, MB; with pages of files, which the system takes back when it needs them."""
    status = Path(f"/proc/{small().process.pid}/status").read_text()
    return float(re.findall(rf"{kind}:\s+(\d+)", status)[0]) * 1024 / 1e6


def settled_mb() -> float:
    """Memory once its keeper has had its turn, MB; the last that was seen where it stays above what it may be."""
    until = monotonic() + HANGS_S
    while (taken := memory_mb("RssAnon")) > MAX_MB and monotonic() < until:
        sleep(0.5)
    return taken


def bounded(asked: Callable[[int], HttpAnswer], count: int) -> Seen:
    """Ask so many different things; whether all were answered and memory came back to what it may be."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(asked, range(count)))
    wrong = [answer.status for answer in answers if answer.status >= 500]
    taken = settled_mb()
    return Seen(
        "bounded" if taken <= MAX_MB and not wrong else "more",
        f"{taken:.0f} MB of its own, {memory_mb():.0f} MB with files that are mapped, {len(wrong)} errors",
    )


def _answer(n: int, **choices: str) -> HttpAnswer:
    return small().callback("..view.data", choices={**STRAIGHT, "within": str(600 + 10 * n), **choices})


def _reaches(_: AttackedServer) -> Seen:
    return bounded(_answer, 10)


def _sectors(_: AttackedServer) -> Seen:
    return bounded(lambda n: _answer(n, level="sector", min_share=f"{0.3 + n / 100:.2f}"), 6)


def _draws(_: AttackedServer) -> Seen:
    return bounded(lambda n: _answer(n, indicator="gap_probability"), 3)


def _lands(_: AttackedServer) -> Seen:
    return bounded(lambda n: _answer(n, model=("raster", "network")[n]), 2)


def _download(n: int) -> HttpAnswer:
    choices = {**STRAIGHT, "level": "sector", "within": str(700 + n)}
    return small().callback("file.data", wanted={"form": "csv", "ids": None}, choices=choices)


def _downloads(_: AttackedServer) -> Seen:
    return bounded(_download, 4)


_BAD = ("0", "-3")
_BATCH = Batch("budget", lambda _: Given({value: ("serve", "--port", "0", "--cache-mb", value) for value in _BAD}, {}))


ROWS = (
    *(
        Attack(
            f"load-{objective}-{kind}-{mode}-{lang}",
            "load",
            f"{objective} of all Flanders by {kind}, {mode}, in {lang}, on a server where a question may take 0.7 GB",
            REFUSED,
            partial(_siting, objective, kind, mode, lang),
        )
        for objective, kind, mode, lang in SITING
    ),
    Attack(
        "load-mclp-cell-car-nl",
        "load",
        "mclp of all Flanders by cell, car, in nl, on a server where a question may take 0.7 GB: as many by sector",
        "begun",
        partial(_siting, "mclp", "cell", "car", "nl"),
    ),
    *(
        Attack(
            f"load-{name}-{reach}",
            "load",
            f"the measure {name} with a catchment of {int(reach) // 1000} km",
            REFUSED,
            partial(_measure, name, reach),
        )
        for reach in REACHES
        for name in MEASURES
    ),
    Attack("load-case", "load", "the programming test of a province within 25 km", REFUSED, partial(_page, *_CASE)),
    Attack("load-norm", "load", "a norm for all Flanders within 25 km", REFUSED, partial(_page, *_NORM)),
    Attack("load-many-searches", "load", "four searches of one visitor", "3 begun, the next told", _many_searches),
    Attack("load-fair-share", "load", "a search while another visitor has three", "begun", _fair_share),
    Attack("load-look-at-anothers", "load", "look at the search of another visitor", "nothing seen", _look_at_anothers),
    Attack("load-stop-anothers", "load", "stop the search of another visitor", "still runs", _stop_anothers),
    Attack("load-kind-is-a-path", "load", "candidates out of a file of the server", "refused", _unknown_kind),
    Attack("load-reaches", "load", "10 reaches, with 200 MB to keep them in", "bounded", _reaches),
    Attack("load-sectors", "load", "6 tables of all sectors", "bounded", _sectors),
    Attack("load-draws", "load", "3 times 200 random draws", "bounded", _draws),
    Attack("load-lands", "load", "travel over the land and over the streets at once", "bounded", _lands),
    Attack("load-downloads", "load", "4 downloads of all sectors at once", "bounded", _downloads),
    *(
        Attack(
            f"load-cache-mb-{value}",
            "command",
            f"nabij serve --cache-mb {value}",
            "exit 1, a sentence",
            partial(_BATCH.seen, row=value),
        )
        for value in _BAD
    ),
)
