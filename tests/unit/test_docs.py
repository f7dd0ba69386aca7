"""The documentation is complete and true: every name is there, every example runs, no page is stale."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from typer.main import get_command

import cli
from coverage.core.query import DEMAND_KINDS
from coverage.indicators.measures import DECAYS, MEASURES
from coverage.travel.models import TRAVEL_MODELS
from loaders.catalogue.columns import (
    ACCESS_COLUMNS,
    CERTAINTY_COLUMNS,
    COMPARISON_COLUMNS,
    EVIDENCE,
    FACILITY_COLUMNS,
    FLAGS,
    HOUSE_MODELS,
    ISOCHRONE_COLUMNS,
    OVERLAP_COLUMNS,
    PLACE_CHANGE_COLUMNS,
    RESULT_COLUMNS,
    RULE_COLUMNS,
    STRATA_COLUMNS,
    TREND_COLUMNS,
    VIOLATIONS,
)
from loaders.catalogue.publishers.sources import SOURCES
from loaders.catalogue.regions.levels import LEVELS
from loaders.catalogue.services import gap_reasons, services

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


@pytest.fixture(scope="module")
def generator() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("nabij_docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        spec.loader.exec_module(module)
        yield module


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def leaves(command: Any, words: tuple[str, ...] = ("nabij",)) -> dict[tuple[str, ...], Any]:
    children = getattr(command, "commands", None)
    if children is None:
        return {words: command}
    return {k: v for name, child in children.items() for k, v in leaves(child, (*words, name)).items()}


COMMANDS = leaves(get_command(cli.app))


def test_no_generated_page_is_stale(generator: ModuleType) -> None:
    assert generator.stale() == [], "run python docs/generate.py"


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_and_option_is_documented(words: tuple[str, ...]) -> None:
    section = page("reference/command.md").partition(f"## {' '.join(words)}\n")[2].partition("\n## ")[0]
    assert section
    for option in COMMANDS[words].params:
        assert option.help, option.opts
        assert all(f"`{name}`" in section for name in option.opts)


@pytest.mark.parametrize(
    "column",
    [
        *RESULT_COLUMNS,
        *FACILITY_COLUMNS,
        *ACCESS_COLUMNS,
        *STRATA_COLUMNS,
        *CERTAINTY_COLUMNS,
        *ISOCHRONE_COLUMNS,
        *TREND_COLUMNS,
        *OVERLAP_COLUMNS,
        *RULE_COLUMNS,
        *COMPARISON_COLUMNS,
        *PLACE_CHANGE_COLUMNS,
    ],
)
def test_every_column_is_documented(column: str) -> None:
    assert f"| `{column}` |" in page("reference/columns.md")


@pytest.mark.parametrize(
    "word",
    [
        *LEVELS,
        *services(),
        *DEMAND_KINDS,
        *TRAVEL_MODELS,
        *gap_reasons(),
        *FLAGS,
        *EVIDENCE,
        *MEASURES,
        *DECAYS,
        *VIOLATIONS,
        *HOUSE_MODELS,
    ],
)
def test_every_word_is_documented(word: str) -> None:
    assert f"| `{word}` |" in page("reference/words.md")


@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_source_and_raw_file_is_documented(source: Any) -> None:
    text = page("data.md")
    assert source.licence in text
    assert all(f"`{file}`" in text for file in source.files)


def examples() -> list[tuple[str, str]]:
    """Every ``nabij`` command in a code block of a page."""
    found = []
    for path in PAGES:
        for line in path.read_text(encoding="utf-8").splitlines():
            command = re.fullmatch(r"(?:    |\$ )(nabij .*?)(?:\s+#.*)?", line)
            if command and not command.group(1).startswith("nabij: "):
                found.append((path.relative_to(ROOT).as_posix(), command.group(1)))
    return found


@pytest.mark.parametrize(("where", "example"), examples())
def test_every_example_is_a_command(where: str, example: str) -> None:
    words = shlex.split(example)
    known = next(path for path in sorted(COMMANDS, key=len, reverse=True) if tuple(words[: len(path)]) == path)
    COMMANDS[known].make_context(" ".join(known), words[len(known) :])


def test_there_are_examples_of_every_command() -> None:
    shown = " ".join(example for _, example in examples())
    assert [" ".join(words) for words in COMMANDS if " ".join(words) not in shown] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    """mkdocs checks links between its pages; this one also checks those of the README."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    missing = [t for t in targets if "://" not in t and not (path.parent / t).exists()]
    assert missing == []


def test_every_page_is_in_the_menu() -> None:
    def pages(entry: Any) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        children = entry.values() if isinstance(entry, dict) else entry
        return [found for child in children for found in pages(child)]

    menu = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.SafeLoader)["nav"]
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    records = {name for name in written if re.fullmatch(r"decisions/\d+-.*", name)}
    assert set(pages(menu)) == written - records


def test_the_site_fetches_nothing() -> None:
    site = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert site["theme"]["font"] is False
    plugins = [name for entry in site["plugins"] for name in (entry if isinstance(entry, dict) else [entry])]
    assert plugins == ["search", "mkdocstrings"]
    assert "inventories" not in str(site["plugins"])
    assert all("://" not in address for address in site["extra_css"])
    assert "extra_javascript" not in site
