"""Colours, sizes and number forms stand in one place: the files for a browser are made of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layers.look import tokens

ASSETS = Path(__file__).resolve().parents[2] / "assets"
WRITTEN = [path for path in sorted(ASSETS.glob("*/*.*s*")) if path.suffix in {".css", ".mjs"}]


@pytest.mark.parametrize(
    ("name", "content"), [("css/00-tokens.css", tokens.style_sheet()), ("js/tokens.mjs", tokens.script())]
)
def test_the_files_for_a_browser_are_those_of_the_tokens(name: str, content: str) -> None:
    assert (ASSETS / name).read_text(encoding="utf-8") == content, "run python docs/generate.py"


@pytest.mark.parametrize("path", [path for path in WRITTEN if "tokens" not in path.name], ids=lambda path: path.name)
def test_no_script_or_style_sheet_repeats_a_token(path: Path) -> None:
    used = set(re.findall(r"(?<!%23)#[0-9a-f]{6}\b", path.read_text(encoding="utf-8").lower()))
    assert not used & set(tokens.COLOURS.values())


def test_scripts_have_no_colours_of_their_own() -> None:
    for path in WRITTEN:
        if path.suffix == ".mjs" and "tokens" not in path.name:
            assert not re.search(r"#[0-9a-fA-F]{6}\b", path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.suffix == ".css"], ids=lambda path: path.name)
def test_a_style_sheet_uses_no_colour_that_is_not_there(path: Path) -> None:
    content = "".join(sheet.read_text(encoding="utf-8") for sheet in WRITTEN if sheet.suffix == ".css")
    scripts = "".join(one.read_text(encoding="utf-8") for one in WRITTEN if one.suffix == ".mjs")
    used = set(re.findall(r"var\(--([\w-]+)\)", path.read_text(encoding="utf-8")))
    set_elsewhere = {name for name in used if f'"--{name}"' in scripts or name.startswith(("mantine", "ag-"))}
    assert used - set_elsewhere <= set(re.findall(r"--([\w-]+):", content)) | {"share"}
