"""What a project brings for those who want to use it, cite it, report on it or carry it on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
KIT = [
    *(ROOT / name for name in ("LICENSE", "CITATION.cff", ".pre-commit-config.yaml")),
    *(
        ROOT / f"{name}.md"
        for name in ("ARCHITECTURE", "CHANGELOG", "CODE_OF_CONDUCT", "CONTRIBUTING", "README", "SECURITY")
    ),
    *FORMS,
    ROOT / ".github/ISSUE_TEMPLATE/config.yml",
    ROOT / ".github/PULL_REQUEST_TEMPLATE.md",
    ROOT / ".github/workflows/ci.yml",
]
KINDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


@pytest.mark.parametrize("path", KIT, ids=lambda path: path.name)
def test_every_part_is_there_and_names_no_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text) > 20
    assert set(re.findall(r"https?://([^/\s)\"'`]+)", text)) <= {"127.0.0.1:8050"}


def test_the_licence_is_the_one_that_the_package_declares() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License\n\nCopyright (c) ")
    assert "the nabij contributors" in licence
    assert 'THE SOFTWARE IS PROVIDED "AS IS"' in licence
    assert PROJECT["project"]["license"] == "MIT"
    assert PROJECT["project"]["authors"] == [{"name": "nabij contributors"}]
    for pattern in PROJECT["project"]["license-files"]:
        assert list(ROOT.glob(pattern)), pattern


def test_every_package_says_that_it_is_typed() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    packages = [name for name in wheel if (ROOT / name / "__init__.py").is_file()]
    assert set(packages) == set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert [name for name in packages if not (ROOT / name / "py.typed").is_file()] == []


def test_the_citation_has_what_the_format_asks_and_the_version_of_the_package() -> None:
    """Keys of the Citation File Format 1.2.0."""
    cited = read(ROOT / "CITATION.cff")
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] == "software"
    assert all(isinstance(cited[key], str) and cited[key] for key in ("message", "title", "abstract"))
    assert cited["authors"] == PROJECT["project"]["authors"]
    assert cited["license"] == PROJECT["project"]["license"]
    assert cited["version"] == PROJECT["project"]["version"]


def test_the_changelog_and_the_citation_agree_on_the_newest_release() -> None:
    heading = re.search(r"^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert heading
    version, date = heading.groups()
    released = str(read(ROOT / "CITATION.cff").get("date-released", "not released"))
    assert version != PROJECT["project"]["version"] or date == released
    assert released == "not released" or re.fullmatch(r"\d{4}-\d\d-\d\d", released)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_can_be_filled_in(path: Path) -> None:
    form = read(path)
    assert set(form) == {"name", "description", "labels", "body"}
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    names = [part["id"] for part in asked]
    assert len(set(names)) == len(names) > 2
    assert any(part.get("validations", {}).get("required") for part in asked)
    for part in form["body"]:
        assert part["type"] in KINDS
        assert part["attributes"].get("value" if part["type"] == "markdown" else "label")
        options = part["attributes"].get("options", [])
        assert (part["type"] == "dropdown") == bool(options)
        assert len(set(options)) == len(options)


def test_there_is_a_form_for_every_kind_of_report() -> None:
    assert {path.stem for path in FORMS} == {"fault", "figure", "wish", "translation"}


def test_the_workflow_runs_what_anybody_can_run() -> None:
    flow = read(ROOT / ".github/workflows/ci.yml")
    jobs = flow["jobs"].values()
    commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    assert ".ci/run" in commands
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert flow["permissions"] == {"contents": "read"}
    used = {step["uses"].partition("@")[0] for job in jobs for step in job["steps"] if "uses" in step}
    assert used <= {"actions/checkout", "actions/setup-python"}


def test_hooks_before_a_commit_are_our_own_and_fetch_nothing() -> None:
    settings = read(ROOT / ".pre-commit-config.yaml")
    assert [repo["repo"] for repo in settings["repos"]] == ["local"]
    hooks = [hook for repo in settings["repos"] for hook in repo["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    lint = (ROOT / "script/lint").read_text(encoding="utf-8")
    for hook in hooks:
        program = hook["entry"].split()[0]
        assert program in lint or program == ".venv/bin/python"


def test_the_names_that_contributing_sends_people_to_are_in_the_code() -> None:
    """Names and not paths, so that the page stays true when modules move."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("| you add |")[2].partition("\n\n")[0]
    names = set(re.findall(r"`([A-Z][A-Z_]+)`", table))
    assert len(names) > 5
    folders = [*PROJECT["tool"]["importlinter"]["root_packages"], "docs"]
    code = "\n".join(file.read_text(encoding="utf-8") for folder in folders for file in (ROOT / folder).rglob("*.py"))
    assert {name for name in names if not re.search(rf"^{name}\b.*=", code, flags=re.MULTILINE)} == set()
