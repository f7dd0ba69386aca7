"""Help and usage of the command in Dutch, English and French."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

import cli
from commands.help import asked_language, speak
from i18n.languages import LANGUAGES, language_of_system
from i18n.texts import catalogue, text

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = re.compile(
    r"\b(the|of|with|and|left out|missing|option|required|usage|try|such|invalid|value|show|more|file)\b", re.I
)
"""Words that no Dutch or French help holds, names of options and their values aside."""

ExitAndText = tuple[str, str]


def run(*arguments: str, lang: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, [*arguments], env={"NABIJ_LANG": lang, "COLUMNS": "400"})


def told(lang: str) -> dict[str, str]:
    """All that the help says, by command and option."""
    root = get_command(cli.app)
    speak(root, lang)
    found: dict[str, str] = {}

    def walk(command: object, path: str) -> None:
        found[path] = f"{vars(command)['help']} {vars(command).get('epilog') or ''}"
        for one in vars(command)["params"]:
            found[f"{path} {one.opts[0]}"] = f"{one.help} {one.rich_help_panel or ''}"
        for name, below in vars(command).get("commands", {}).items():
            walk(below, f"{path} {name}")

    walk(root, "nabij")
    return found


def test_every_command_and_option_has_help_in_every_language() -> None:
    spoken = {lang: told(lang) for lang in LANGUAGES}
    keys = {key for key in catalogue() if key.startswith("help.")}
    assert len(spoken["nl"]) > 300
    for what, english in spoken["en"].items():
        assert not re.search(r"\bhelp\.\w", english), what  # a key without a text
        for lang in ("nl", "fr"):
            assert spoken[lang][what] != english, what
    for key in keys:
        assert len({text(key, lang) for lang in LANGUAGES}) == len(LANGUAGES), key


def test_no_text_of_the_help_is_left_over() -> None:
    """Every key is named by a declaration, or is that of a command."""
    declared = " ".join(
        path.read_text(encoding="utf-8") for path in [ROOT / "cli.py", *(ROOT / "commands").rglob("*.py")]
    )
    paths = {"_".join(what.split()[1:]) for what in told("en")}
    for key in (key for key in catalogue() if key.startswith("help.")):
        assert f'"{key}"' in declared or key.removeprefix("help.command.") in paths, key


def test_what_a_command_says_in_english_is_what_its_function_says() -> None:
    spoken = set(told("en").values())
    for path in [ROOT / "cli.py", *(ROOT / "commands").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any("takes" in ast.dump(one) for one in node.decorator_list):
                written = ast.get_docstring(node) or ""
                assert any(one.startswith(written) for one in spoken), f"{path.name}: {node.name}"


@pytest.mark.parametrize(
    ("arguments", "environment", "lang"),
    [
        (["gaps", "--lang", "fr", "--help"], {"NABIJ_LANG": "nl"}, "fr"),
        (["gaps", "--lang=nl"], {}, "nl"),
        (["gaps", "--lang", "de"], {"NABIJ_LANG": "fr"}, "fr"),
        (["gaps"], {"NABIJ_LANG": "fr", "LC_ALL": "nl_BE.UTF-8"}, "fr"),
        (["gaps"], {"LC_ALL": "C", "LANG": "nl_BE.UTF-8"}, "en"),
        (["gaps"], {"LC_MESSAGES": "fr_BE.UTF-8", "LANG": "nl_BE"}, "fr"),
        (["gaps"], {"LANG": "nl"}, "nl"),
        (["gaps"], {"LANG": "de_DE.UTF-8"}, "en"),
        (["gaps", "--lang"], {}, "en"),
    ],
)
def test_the_language_is_that_of_the_option_then_of_the_environment(
    arguments: list[str], environment: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NABIJ_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert asked_language(arguments) == lang
    assert language_of_system({}) is None


@pytest.mark.parametrize("lang", ["nl", "fr"])
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["gaps"], "missing_option"),
        (["data", "check"], "missing_argument"),
        (["data", "--debug"], "no_such_option"),
        (["gaps", "--minut", "3"], "no_such_option_but"),
        (["zzz"], "no_such_command"),
        (["gap"], "no_such_command_but"),
        (["serve", "x", "y"], "extra"),
        (["serve", "--port"], "option_without_value"),
        (["gaps", "--debug=1"], "option_with_value"),
        (["gaps", "--year", "x"], "not_whole"),
        (["gaps", "--within", "x"], "not_number"),
    ],
)
def test_wrong_usage_is_said_in_the_language_of_the_reader(arguments: list[str], says: str, lang: str) -> None:
    """The beginning of the text that belongs to it, in the frame of the library, whose words are ours too."""
    result = run(*arguments, lang=lang)
    assert result.exit_code == 2
    begin, _, end = text(f"usage.{says}", lang).partition("{")
    assert begin in result.output
    assert (end.partition("}")[2].partition("{")[0]) in result.output
    if says not in {"option_without_value", "option_with_value"}:  # of these the library does not know the command
        assert result.output.startswith(text("usage.usage", lang))
    assert text("usage.error", lang) in result.output
    words = re.sub(r"'[^']*'|--[\w-]+|\[[^\]]*\]", "", result.output)
    assert not ENGLISH.findall(words.replace("L'option", "").replace("option", "") if lang == "fr" else words)


def test_a_language_before_the_command_is_that_of_its_answer_too() -> None:
    assert "Fichier à écrire" in run("--lang", "fr", "gaps", "--help").output
    assert "Bestand om te schrijven" in run("data", "--lang=nl", "template", "--help", lang="fr").output
    assert text("help.command.data_list", "nl") in run("--lang", "nl", "data").output
    assert text("help.command.serve", "fr") in run("--lang", "fr").output
    refused = run("--lang", "fr", "data", "template", "--kind", "x", "--out", "-")
    assert (refused.exit_code, "sorte" in refused.output or "connu" in refused.output) == (1, True)


def test_the_frame_of_help_follows_the_language() -> None:
    for lang in (*LANGUAGES, "nl"):  # the library is given its words each time
        output = run("gaps", "--help", lang=lang).output
        for key in ("usage", "options", "required", "help", "some_options"):
            assert text(f"usage.{key}", lang) in output
        assert text("help.panel.what", lang) in output
        assert text("usage.word.YEAR", lang) in output
