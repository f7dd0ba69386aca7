"""The table of attacks in ``docs/security.md``: what is tried, what is expected, what was seen.

``script/test tests/attacks --junitxml=FILE`` keeps what a run saw; ``python -m tests.attacks.report FILE…`` then writes
the table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from defusedxml.ElementTree import parse

from tests.attacks.attack import Attack, Seen
from tests.attacks.rows import rows

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "security.md"
BEGIN, END = "<!-- attacks: begin -->", "<!-- attacks: end -->"
_PARTS = ("key", "outcome", "words")
_WORDS = 140
_HEADINGS = {
    "http": "Addresses",
    "callback": "What a page sends",
    "upload": "Files that are brought along",
    "plan": "Plans and lists of others",
    "command": "The command line",
    "browser": "In the browser",
    "front": "The front of the server",
    "load": "Heavy questions",
}


def keep(record: Callable[[str, object], None], attack: Attack, seen: Seen) -> None:
    """Note what was seen of an attack beside the outcome of its test."""
    for name, value in zip(_PARTS, (attack.key, seen.outcome, seen.words), strict=True):
        record(name, value)


def table(seen: Mapping[str, Seen]) -> str:
    """Return the tables, one per way; a row that was not seen says so."""
    return "\n".join(_lines(seen))


def _lines(seen: Mapping[str, Seen]) -> Iterator[str]:
    attacks = rows()
    for way, heading in _HEADINGS.items():
        mine = [attack for attack in attacks if attack.way == way]
        if not mine:
            continue
        yield f"\n### {heading} ({len(mine)})\n\n| tried | expected | seen |\n| --- | --- | --- |"
        for attack in mine:
            found = seen.get(attack.key)
            said = "not run" if found is None else " · ".join(filter(None, (found.outcome, _short(found.words))))
            yield f"| {_cell(attack.tried)} | {_cell(attack.expected)} | {_cell(said)} |"


_FOLDER = re.compile(r"(?:/[\w.-]+)+/commands-\w+")
"""Folder of a run, which says nothing to a reader."""


def _short(words: str) -> str:
    line = " ".join(_FOLDER.sub("…", words).split())
    return line if len(line) <= _WORDS else line[:_WORDS].rstrip() + "…"


def _cell(words: str) -> str:
    printable = "".join(sign if sign.isprintable() else "�" for sign in words)
    escaped = printable.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("`", "'")
    return escaped.replace("{", "&#123;").replace("[", "\\[").replace("*", "\\*").replace("_", "\\_")


def read_seen(*paths: Path) -> dict[str, Seen]:
    """Read what runs saw, by row; the last one counts."""
    found = {}
    for test in (test for path in paths for test in parse(path).iter("testcase")):
        said = {one.get("name"): one.get("value", "") for one in test.iter("property")}
        if "key" in said:
            key, outcome, words = (said[name] for name in _PARTS)
            found[key] = Seen(outcome, words)
    return found


def written(page: str, seen: Mapping[str, Seen]) -> str:
    """Return the page with the table in its place."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table(seen)}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), read_seen(*map(Path, sys.argv[1:]))), encoding="utf-8")
