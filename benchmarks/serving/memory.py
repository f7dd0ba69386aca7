"""Memory of an explorer that is asked very different things for a long time: of its process, and by structure.

Visitors ask over HTTP what the pages ask: every service, level, vintage, way of travelling and area, sheets, files,
pictures, plans, lists that are brought along, documents and every page. ``python -m benchmarks.serving.memory 500``
asks 500 questions, one process of ``nabij serve`` answers them; the seed makes them the same every time.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from queue import SimpleQueue
from random import Random
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

from benchmarks.serving.load import family, served
from benchmarks.serving.people import Person, found_in
from coverage.memory.lru_cache import Held, shared_budget
from layers.files.output import FORMATS, PICTURES
from loaders.catalogue.regions.levels import LEVELS, OWN, get_level
from pages.shell.state import DEFAULTS

QUESTIONS = 300
TARGET_MB = 900
EVERY = 25
VISITORS = 8
SEED = 9
PATIENCE_S = 600.0
SETTLED_S = 4.0
"""The server hands memory back two seconds after the last answer."""

_TOLD = "NABIJ_BENCHMARK_TOLD"
"""Environment variable with the file in which the server writes what it holds when it gets SIGUSR1."""

_MODES = ("walk", "bike", "car")
_MEASURES = ("count", "gravity", "2sfca", "e2sfca", "3sfca", "availability", "gap_probability", "nearest")
_AREAS = ("", "", "care_region:boom", "province:antwerpen")
_PAGES = ("/", "/gegevens", "/methode", "/vergelijken", "/overlap", "/norm", "/gemeente", "/plannen")
_CASES = ("municipality:35014", "municipality:12007", "care_region:boom", "municipality:11002")
_SECTIONS = ("verdict", "births", "reach", "deprivation", "places", "closing", "alike", "unknown")
_FILES = ("geo/", "places/", "raster/")
_PLACES = 1_000
_COLUMNS = ("id", "service", "name", "lat", "lon")


@dataclass(frozen=True)
class MemoryPoint:
    """After so many questions: seconds since the start, and MB.

    Attributes
    ----------
    own_mb : memory that the process takes for itself, without pages of files (`pages.server.memory.own_bytes`)
    files_mb : pages of files that it has mapped, such as the streets, which the system takes back when it needs room
    readers_mb : own memory of the process that readers of files are forked from
    held_mb : what the caches hold
    used_mb, free_mb : what is in use and what is free within the arenas of the allocator
    arrays_mb : what lies outside the arenas, each array in pages of its own
    peak_mb : most memory of its own while these questions were worked on
    """

    questions: int
    seconds: float
    own_mb: float
    files_mb: float
    readers_mb: float
    held_mb: float
    used_mb: float
    free_mb: float
    arrays_mb: float
    peak_mb: float


def memory_of(process: int | str, *kinds: str) -> float:
    """Memory of a process by kinds of pages, such as ``Anon`` and ``Shmem``, MB (Linux)."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    if "RssAnon" not in status:  # it is ending
        return 0.0
    return sum(float(re.findall(rf"Rss{kind}:\s+(\d+)", status)[0]) for kind in kinds) * 1024 / 1e6


def own_mb(process: int | str) -> float:
    """Memory that a process takes for itself now, MB."""
    return memory_of(process, "Anon", "Shmem")


class Peak:
    """Most memory of a process, looked at fifty times a second."""

    def __init__(self, process: int) -> None:
        self._most, self._process = 0.0, process
        Thread(target=self._look, daemon=True).start()

    def take(self) -> float:
        """Most since it was last taken, MB."""
        most, self._most = self._most, 0.0
        return most

    def _look(self) -> None:
        while True:
            self._most = max(self._most, own_mb(self._process))
            time.sleep(0.02)


def choices_of(random: Random) -> dict[str, str]:
    """Choices of a page, any that exist."""
    level = random.choice([name for name in LEVELS if name != OWN])
    return {
        **DEFAULTS,
        "service": random.choice(("bureau", "house")),
        "level": level,
        "vintage": str(random.choice(get_level(level).vintages)),
        "mode": random.choice(_MODES),
        "model": random.choice(("network", "network", "network", "crow", "crow", "crow", "raster")),
        "within": random.choice(("", "", str(random.randrange(500, 6000, 50)))),
        "min_share": random.choice(("", "0.3", "0.8")),
        "demand": random.choice(("births", "births", "age0", "age0_2", "age0_5")),
        "areas": random.choice(_AREAS) if level in ("municipality", "sector") else "",
        "lang": random.choice(("nl", "en", "fr")),
    }


@dataclass
class MemoryVisitor(Person):
    """Somebody who asks what the pages can ask.

    Attributes
    ----------
    tally : how often each kind of question was asked, and refused
    """

    tally: Counter[str] = field(default_factory=Counter)

    def ask_one(self, number: int) -> None:
        """Ask one question."""
        self.random = Random(SEED * 100_000 + number)
        kinds: list[tuple[int, Callable[[], object]]] = [
            (8, self.map),
            (4, self.measure),
            (4, self.sheet),
            (4, self.file),
            (3, self.plan),
            (2, self.upload),
            (6, self.page),
            (1, self.case),
            (1, self.document),
            (1, self.barriers),
        ]
        kind = self.random.choices([do for _, do in kinds], [weight for weight, _ in kinds])[0]
        name = kind.__name__
        self.leave()  # the server lets go of a line that is not used
        try:
            kind()
            self.tally[name] += 1
        except (HTTPException, OSError):
            self.tally[f"{name}, refused"] += 1
            self.leave()

    def map(self, **more: str) -> dict[str, str]:
        """Answer another question, with its borders, places and picture of distances."""
        self._choices = {**choices_of(self.random), **more}
        answer = self.call("map", "..view.data", {"choices.data": self._choices, "snapshot.data": self._tag or None})
        view, self._tag = answer["view"]["data"], answer["snapshot"]["data"]
        links = (view["places"], view["zones"]["far"], view["raster"]["url"])
        for link in (link for link in links if link.startswith(_FILES)):  # of a plan some are no addresses
            self.ask("map", f"/{link}")
        self._zones = [str(zone["id"]) for zone in view.get("ranked", ())][:50] or self._zones
        return self._choices

    def measure(self) -> None:
        """Colour the map by a measure of access, or the probability of a gap."""
        asked = {**choices_of(self.random), "indicator": self.random.choice(_MEASURES)}
        self.call("measure", "asked.data", {"asking.data": asked})

    def sheet(self) -> None:
        """Open the sheet of a zone."""
        choices = {**choices_of(self.random), "level": "municipality", "vintage": "2025", "areas": ""}
        self.call(
            "sheet", "sheet.children", {"opened.data": {**choices, "zone": self.random.choice(("11002", "35013"))}}
        )

    def file(self) -> None:
        """Take a table or a picture."""
        form = self.random.choice((*FORMATS, *PICTURES))
        given = {"wanted.data": {"form": form, "ids": None}, "choices.data": choices_of(self.random)}
        self.call("file", "file.data", {**given, "snapshot.data": self._tag or None})

    def plan(self) -> None:
        """Change a plan, look at it, compare it with today, and sometimes save it."""
        choices = {**choices_of(self.random), "model": "crow", "areas": "", "level": "municipality", "vintage": "2025"}
        plan = found_in(self.content("/plannen", choices), "plan")["data"]
        spot = {"lat": 50.95 + self.random.random() / 5, "lon": 3.6 + self.random.random()}
        for asked in ({"do": "add", **spot}, {"do": "keep", "name": f"Plan {self.random.randrange(10**6)}"}):
            given = {"plan-do.data": {**asked, "at": 1}, "plan.data": plan, "choices.data": choices}
            plan = self.call("plan", "..plan.data", given)["plan"]["data"]
            if self.random.random() < 0.7:
                break
        shown = self.map(**{**choices, "plan": plan["id"]})
        viewed = {"viewed.data": {"key": shown, "plan": True}, "snapshot.data": self._tag}
        for output in ("..plan-head", "..plan-compared", "plan-equity"):
            self.call("plan", output, viewed)

    def upload(self) -> None:
        """Bring a list of places along, look at it and use it."""
        rows = [
            f"p{n},bureau,Plek {n},{50.9 + self.random.random() / 5:.5f},{3.7 + 1.2 * self.random.random():.5f}"
            for n in range(_PLACES)
        ]
        content = "\n".join([",".join(_COLUMNS), *rows]).encode()
        given: dict[str, Any] = {
            "list-file.contents": "data:text/csv;base64," + base64.b64encode(content).decode(),
            "list-file.filename": "lijst.csv",
            "list-kind.value": "places",
            "data-state.data": choices_of(self.random),
        }
        self.call("upload", "list-review", given)
        given |= {
            "list-use.n_clicks": [({"type": "list-use", "kind": "places"}, 1)],
            "list-column.value": [({"type": "list-column", "at": at}, name) for at, name in enumerate(_COLUMNS)],
        }
        href = str(self.call("upload", "list-used.href", given)["list-used"]["href"])
        key = parse_qs(href.partition("?")[2])["places"][0]
        self.map(facilities="own", places=key, model="crow")

    def page(self) -> None:
        """Open a page, and have it answer where it asks."""
        path, choices = self.random.choice(_PAGES), choices_of(self.random)
        content = self.content(path, choices)
        asks = {
            "/vergelijken": ("compare-view", "compare-asked", {}),
            "/overlap": ("overlap-view", "overlap-asked", {}),
            "/norm": ("norm-answer", "norm-state", {"norm-births.value": 20 + self.random.randrange(40) * 10}),
        }
        if path in asks:
            output, store, more = asks[path]
            self.call("page", output, {f"{store}.data": found_in(content, store)["data"], **more})

    def case(self) -> None:
        """Look at the page of an area, whole."""
        asked = self.area()
        for section in _SECTIONS:
            self.call("case", f"case-{section}", {"case-state.data": asked})

    def document(self) -> None:
        """Take the document of an area."""
        form = self.random.choice(("pdf", "docx", "html"))
        pressed = [({"type": "case-document", "what": "dossier", "form": form}, 1)]
        self.call("document", "case-file", {"case-document.n_clicks": pressed, "case-state.data": self.area()})

    def barriers(self) -> None:
        """Ask what cuts zones off from places."""
        asked = {**choices_of(self.random), "model": "network"}
        told = urlencode({name: value for name, value in asked.items() if value != DEFAULTS[name]})
        self.ask("barriers", f"/barriers/{self._tag}.{self.random.choice(('json', 'csv', 'geojson'))}?{told}")

    def area(self) -> Any:
        """What the page of an area keeps."""
        choices = {**choices_of(self.random), "areas": self.random.choice(_CASES), "demand": "births"}
        return found_in(self.content("/gemeente", choices), "case-state")["data"]

    def content(self, path: str, choices: dict[str, str]) -> Any:
        """What stands on a page."""
        told = urlencode({name: value for name, value in choices.items() if value != DEFAULTS[name]})
        return self.call(
            "page", "_pages_content", {"_pages_location.pathname": path, "_pages_location.search": f"?{told}"}
        )


class Server:
    """A process that answers, and says what it holds."""

    def __init__(self, process: int, told: Path) -> None:
        self.process, self._told = process, told

    def usage(self) -> list[Held]:
        """What it holds now, by structure."""
        return [Held(**row) for row in self._answer()["held"]]

    def allocated(self) -> dict[str, float]:
        """What its allocator has taken from the system, MB."""
        return dict(self._answer()["allocated"])

    def _answer(self) -> Any:
        self._told.unlink(missing_ok=True)
        os.kill(self.process, signal.SIGUSR1)
        while not self._told.exists():
            time.sleep(0.05)
        return json.loads(self._told.read_text())

    @property
    def readers(self) -> list[str]:
        """Processes that it started."""
        return family(self.process)[1:]


@contextmanager
def telling() -> Iterator[tuple[str, Server]]:
    """An explorer as ``nabij serve`` starts it that writes what it holds when it is asked; its address, and itself."""
    told = Path(os.environ.get("TMPDIR", "/tmp")) / f"nabij-held-{os.getpid()}.json"
    os.environ[_TOLD] = str(told)
    try:
        with served((sys.executable, "-m", "benchmarks.serving.memory", "serve")) as (address, process):
            yield address, Server(process, told)
    finally:
        told.unlink(missing_ok=True)


_MALLINFO2 = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


class _Mallinfo2(ctypes.Structure):
    """What ``mallinfo2`` of glibc (``malloc.h``) returns, bytes and counts."""

    _fields_ = [(name, ctypes.c_size_t) for name in _MALLINFO2]


def _allocated() -> dict[str, float]:
    """What the allocator of this process has taken from the system, MB."""
    asked = ctypes.CDLL(None).mallinfo2
    asked.restype = _Mallinfo2
    told = asked()
    return {
        "used_mb": told.uordblks / 1e6,
        "free_mb": told.fordblks / 1e6,
        "arrays_mb": told.hblkhd / 1e6,
    }


def _serve() -> None:
    from cli import main

    told = Path(os.environ[_TOLD])

    def tell(*_: object) -> None:
        half = told.with_suffix(".half")
        half.write_text(
            json.dumps({"held": [row._asdict() for row in shared_budget().usage()], "allocated": _allocated()})
        )
        half.rename(told)

    signal.signal(signal.SIGUSR1, tell)
    sys.argv = ["nabij", *sys.argv[1:]]
    main()


def run(questions: int = QUESTIONS) -> tuple[list[MemoryPoint], list[Held], Counter[str]]:
    """Ask so many questions; memory after every `EVERY`, what is held at the end by structure, what was asked."""
    with telling() as (address, server):
        waiting: SimpleQueue[MemoryVisitor] = SimpleQueue()
        visitors = [MemoryVisitor(address, Random(number), patience_s=PATIENCE_S) for number in range(VISITORS)]
        for number, visitor in enumerate(visitors):
            visitor.headers["Cookie"] = f"nabij_visitor={f'benchmark{number}':x<43}"
            visitor.open()
            waiting.put(visitor)

        def ask(number: int) -> None:
            visitor = waiting.get()
            try:
                visitor.ask_one(number)
            finally:
                waiting.put(visitor)

        begun, points, peak = time.perf_counter(), [], Peak(server.process)
        with ThreadPoolExecutor(VISITORS) as pool:
            for first in range(0, questions, EVERY):
                list(pool.map(ask, range(first, min(first + EVERY, questions))))
                time.sleep(SETTLED_S)
                points.append(_point(server, first + EVERY, time.perf_counter() - begun, peak.take()))
                print(points[-1], flush=True)
        tally: Counter[str] = sum((visitor.tally for visitor in visitors), Counter())
        return points, server.usage(), tally


def _point(server: Server, questions: int, seconds: float, peak: float) -> MemoryPoint:
    bytes_mb = sum(row.bytes for row in server.usage()) / 1e6
    readers = sum(map(own_mb, server.readers))
    return MemoryPoint(
        questions,
        seconds,
        own_mb(server.process),
        memory_of(server.process, "File"),
        readers,
        bytes_mb,
        **server.allocated(),
        peak_mb=peak,
    )


def _row(point: MemoryPoint) -> str:
    sizes = (
        *(point.own_mb, point.files_mb, point.readers_mb, point.held_mb),
        *(point.used_mb, point.free_mb, point.arrays_mb, point.peak_mb),
    )
    return f"| {point.questions} | {point.seconds:.0f} | {' | '.join(f'{size:,.0f}' for size in sizes)} |"


def memory_lines(questions: int = QUESTIONS) -> list[str]:
    """Measure and return the part of the report."""
    points, usage, asked = run(questions)
    late = [point.own_mb for point in points[len(points) // 3 :]]
    kept = "yes" if max(late) <= TARGET_MB else "**no**"
    return [
        "## Memory after many questions",
        "",
        f"{sum(asked.values())} questions over HTTP by {VISITORS} visitors at once: "
        + ", ".join(f"{count} × {name}" for name, count in asked.most_common())
        + f". Budget {shared_budget().limit / 1e6:,.0f} MB.",
        "",
        "| questions | seconds | its own memory, MB | pages of files, MB | readers of files, MB | in the budget, MB "
        "| in use in arenas, MB | free in arenas, MB | arrays, MB | highest, MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, points),
        "",
        f"Target: at most {TARGET_MB} MB and flat. Kept: {kept} (after the first third {min(late):,.0f} to "
        f"{max(late):,.0f} MB).",
        "",
        "| structure | caches | values | MB |",
        "|---|---|---|---|",
        *(f"| {row.name} | {row.caches} | {row.values} | {row.bytes / 1e6:,.1f} |" for row in usage if row.bytes > 5e4),
        "",
    ]


def memory_process_lines() -> list[str]:
    """Measure in a process that has done nothing else, and return the part of the report."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving.memory"], capture_output=True, text=True, check=True
    )
    return done.stdout[done.stdout.index("## Memory") :].splitlines()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        _serve()
    else:
        print("\n".join(memory_lines(int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS)))
