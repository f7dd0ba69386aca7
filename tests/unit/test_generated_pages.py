"""The glossary, the drawing of the rooms and the table of licences are made of what is declared, and say what lacks."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from defusedxml.ElementTree import fromstring

from i18n.texts import text

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["root_packages"]
SVG = "{http://www.w3.org/2000/svg}"
SETTINGS = """
[tool.hatch.build.targets.wheel]
include = ["cli.py"]
[tool.importlinter]
root_packages = ["words", "low", "high"]
[[tool.importlinter.contracts]]
type = "layers"
layers = ["high", "low"]
"""


@pytest.fixture(autouse=True)
def _docs_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def house(root: Path, files: dict[str, str]) -> object:
    """A checkout of made-up modules."""
    (root / "pyproject.toml").write_text(SETTINGS)
    for name, content in {"cli.py": "", "words/__init__.py": '"""Words."""', **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return module("rooms").House(root)


@pytest.fixture
def made_up(tmp_path: Path) -> object:
    return house(
        tmp_path,
        {
            "cli.py": "import high.ask",
            "high/__init__.py": '"""High."""',
            "high/ask.py": '"""Ask."""\nfrom low.deep import thing\n',
            "low/__init__.py": "",
            "low/deep/__init__.py": '"""Deep things.\n\nMore."""\nfrom words import text',
            "low/deep/thing.py": "def f():\n    import low.side.one\n",
            "low/side/__init__.py": "",
            "low/side/one.py": "from low.deep.thing import f",
            "low/loose.py": '"""Loose."""\nimport numpy, words',
            "high/part/__init__.py": '"""Part."""',
        },
    )


def test_rooms_are_packages_and_loose_modules_on_the_floor_of_the_contract(made_up: object) -> None:
    rooms = made_up.rooms  # type: ignore[attr-defined]
    assert made_up.floors == [["cli"], ["high"], ["low"], ["words"]]  # type: ignore[attr-defined]
    assert {name: (room.floor, room.modules, room.subject) for name, room in rooms.items()} == {
        "cli": (0, 1, ""),
        "high.ask": (1, 1, "Ask."),
        "high.part": (1, 1, "Part."),
        "low.deep": (2, 2, "Deep things."),
        "low.loose": (2, 1, "Loose."),
        "low.side": (2, 2, ""),
        "words": (3, 1, "Words."),
    }


def test_imports_are_counted_wherever_they_stand(made_up: object) -> None:
    assert made_up.imports == {  # type: ignore[attr-defined]
        ("cli", "high.ask"): 1,
        ("high.ask", "low.deep"): 1,
        ("low.deep", "low.side"): 1,
        ("low.deep", "words"): 1,
        ("low.loose", "words"): 1,
        ("low.side", "low.deep"): 1,
    }


def test_many_loose_modules_share_a_room_with_their_package(tmp_path: Path) -> None:
    files = {f"low/{name}.py": "" for name in "abc"} | {
        "low/__init__.py": "",
        "high/__init__.py": "",
        "low/d/__init__.py": "",
    }
    rooms = house(tmp_path, {**files, "high/x.py": "import low.a"}).rooms  # type: ignore[attr-defined]
    assert {name: room.modules for name, room in rooms.items() if room.floor == 2} == {"low": 4, "low.d": 1}
    assert {name for name, room in rooms.items() if room.floor == 1} == {"high"}


def test_an_arrow_is_left_out_where_a_longer_way_says_the_same() -> None:
    needed = module("drawing").needed
    assert needed("abc", [("a", "b"), ("b", "c"), ("a", "c")]) == [("a", "b"), ("b", "c")]
    circle = [("a", "b"), ("b", "a"), ("b", "c")]
    assert needed("abc", circle) == circle


def test_every_room_is_drawn_once_inside_the_picture_and_over_no_other(made_up: object) -> None:
    picture = module("drawing").draw(made_up)
    assert picture == module("drawing").draw(made_up)
    check_drawing(picture, len(made_up.rooms))  # type: ignore[attr-defined]
    assert picture.count('class="arrow circle"') == 2


def test_the_drawing_of_this_house_shows_every_room() -> None:
    rooms = module("rooms").House(ROOT).rooms
    check_drawing((DOCS / module("rooms").DRAWING).read_text(encoding="utf-8"), len(rooms))
    page = (DOCS / "reference/rooms.md").read_text(encoding="utf-8")
    assert all(f"| `{room.path}` | {room.modules} |" in page for room in rooms.values())
    assert {name.partition(".")[0] for name in rooms} >= {*PACKAGES, "app", "cli"}


def check_drawing(picture: str, count: int) -> None:
    root = fromstring(picture)
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    boxes = [box.attrib for box in root.iter(f"{SVG}rect") if box.get("class") == "box"]
    sides = [
        (float(b["x"]), float(b["y"]), float(b["x"]) + float(b["width"]), float(b["y"]) + float(b["height"]))
        for b in boxes
    ]
    assert len(sides) == count
    assert all(x >= 0 and y >= 0 and right <= width and bottom <= height for x, y, right, bottom in sides)
    for i, (x, y, right, bottom) in enumerate(sides):
        assert not any(x < r and a < right and y < b and t < bottom for a, t, r, b in sides[i + 1 :])


def glossary_of(folder: Path, terms: str) -> str:
    (folder / "page.md").write_text("# A page\n")
    (folder / "vocabulary.toml").write_text(f'[groups]\nareas = "Areas"\n{terms}')
    return str(module("glossary").glossary_page(folder, text))


OWN = """[[term]]
code = "x"
group = "areas"
seen = ["page.md"]
nl = ["ei", "Een."]
en = ["egg", "One."]
fr = ["œuf", "Un."]
"""


def test_a_word_is_there_in_three_languages_with_its_meaning(tmp_path: Path) -> None:
    page = glossary_of(tmp_path, OWN)
    assert "### `x` { #x }" in page
    assert all(line in page for line in ("- *nl* **ei**: Een.", "- *fr* **œuf**: Un.", "- See [A page](page.md)."))
    catalogued = glossary_of(
        tmp_path, '[[term]]\ncode = "zone"\ngroup = "areas"\nseen = ["page.md"]\ntext = "level.sector"\n'
    )
    assert f"- *nl* **{text('level.sector', 'nl')}**: {text('level.sector.help', 'nl')}" in catalogued


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (OWN.replace('fr = ["œuf", "Un."]\n', ""), "'x' lacks fr; give its name and its meaning."),
        (OWN.replace('"Een."', '""'), "'x' lacks nl; give its name and its meaning."),
        (OWN.replace("areas", "birds"), "'x' is in group 'birds'; take one of areas."),
        (OWN + OWN, "'x' is there twice; leave one out."),
        (OWN.replace("page.md", "gone.md"), "'x' is used on gone.md, which is not there; name another page."),
        (OWN.replace('["page.md"]', "[]"), "'x' says not where it is used; name a page in 'seen'."),
        (
            '[[term]]\ncode = "y"\ngroup = "areas"\nseen = ["page.md"]\ntext = "level.birds"\n',
            "'y' takes its words from 'level.birds', which no text has; add it there.",
        ),
    ],
)
def test_a_word_that_lacks_something_is_named_with_what_to_add(tmp_path: Path, terms: str, said: str) -> None:
    with pytest.raises(module("glossary").VocabularyError) as error:
        glossary_of(tmp_path, terms)
    assert str(error.value) == said


def words() -> list[str]:
    return [term["code"] for term in tomllib.loads((DOCS / "vocabulary.toml").read_text(encoding="utf-8"))["term"]]


@pytest.fixture(scope="module")
def code() -> set[str]:
    """Every word in the code of the program, those inside a longer name too."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    return set(re.findall(r"[A-Za-z0-9_]+", "\n".join(file.read_text(encoding="utf-8") for file in files)))


@pytest.mark.parametrize("word", words())
def test_every_word_of_the_vocabulary_is_one_of_the_code(word: str, code: set[str]) -> None:
    assert word in code


def test_licences_of_all_that_is_asked_for_go_with_ours() -> None:
    page = module("licences_page")
    names = page.dependencies(ROOT)
    assert len(names) > 20
    assert {name: said for name in names if not page.is_compatible(said := page.licence_of(name))} == {}
    assert not page.is_compatible("GPL-3.0-only")
    assert not page.is_compatible("MIT AND AGPL-3.0")
    assert not page.is_compatible("")
    assert sys.modules["licences_page"] is page


def test_what_an_entry_of_a_docstring_is_becomes_its_description() -> None:
    text = "Add.\n\nParameters\n----------\na, b : (n,) metres\n    more\n\nReturns\n-------\nx : float\n"
    wanted = "Add.\n\nParameters\n----------\na, b\n    (n,) metres\n    more\n\nReturns\n-------\nx : float"
    assert module("numpy_docstrings").described(text) == wanted
