"""No module outside the profile of a region says what is so of one region only: years, coordinates, names, codes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *("coverage", "layers", "pages", "commands"),
    *(f"loaders/{room}" for room in ("lists", "snapshot", "http", "protocols", "reading_room")),
)
"""Where nothing may be said of one region."""

_OF_ONE_REGION = re.compile(
    r"nis_?20\d\d|name20\d\d|EPSG:(?:31370|3035|3812)|\bepsg\((?:31370|3035)\)|lambert|"
    r"flanders|flemish|vlaanderen|vlaamse?\b|brussels?\b|\bbelg|"
    r"(?<![\w.])(?:2018|2019|2021|2025)(?![\w.%])",
    re.IGNORECASE,
)
_CITED = re.compile(r"\(?\b(?:[A-Z][\w-]+,? (?:and|et al\.|[A-Z][\w-]+)? ?)+\(?(?:18|19|20)\d\d\)?")
"""A work that is cited by its authors and year."""

ALLOWED: dict[str, frozenset[str]] = {
    # names of wholes that stand among the municipalities in lists of that region
    "loaders/lists/municipality_names.py": frozenset(
        {"belg", "vlaanderen", "vlaams", "flanders", "brussels", "brussel"}
    ),
    # units of streets, which are stored for that region only
    "loaders/snapshot/street_files.py": frozenset({"epsg:31370"}),
    # places whose distance is known, of the streets that come with nabij
    "coverage/validation/street_pairs.py": frozenset({"brussel"}),
    # what reports published of the region that comes with nabij, put to no other
    "coverage/validation/reports.py": frozenset({"2018", "2019", "2025", "brussels", "nis2018", "nis2019", "nis2025"}),
}
"""Words that a module may hold all the same."""


def modules() -> list[str]:
    """Modules of the rooms, by their path."""
    return sorted(str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def said(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of all that a module says: names, numbers, texts, docstrings and comments."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


def found(source: str) -> list[tuple[int, str]]:
    """Line and word of everything that is so of one region only."""
    ast.parse(source)
    return [
        (line, match.group().lower())
        for line, text in said(source)
        for match in _OF_ONE_REGION.finditer(_CITED.sub("", text))
    ]


@pytest.mark.parametrize("module", modules())
def test_a_module_says_nothing_of_one_region(module: str) -> None:
    allowed = ALLOWED.get(module, frozenset())
    odd = [(line, word) for line, word in found((ROOT / module).read_text(encoding="utf-8")) if word not in allowed]
    assert not odd, f"{module} names what belongs in the profile of a region: {odd}"


def test_the_list_of_exceptions_holds_nothing_that_is_not_needed() -> None:
    for module, words in ALLOWED.items():
        assert {word for _, word in found((ROOT / module).read_text(encoding="utf-8"))} == set(words), module


@pytest.mark.parametrize(
    "source",
    [
        'column = "nis2025"',
        "vintage = 2019",
        'crs = "EPSG:31370"',
        "def lambert_to_grid(): ...",
        '"""Births of Flanders."""',
        "x = 1  # in Brussels",
        "is_brussels = True",
    ],
)
def test_what_is_so_of_one_region_is_found(source: str) -> None:
    assert found(source)


@pytest.mark.parametrize(
    "source", ['"""After Paez, Higgins and Vivona (2019)."""', "year = 2000", "x = 20250", "nis = 1"]
)
def test_what_is_so_of_any_region_is_let_through(source: str) -> None:
    assert not found(source)
