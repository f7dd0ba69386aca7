"""What the project's own files must and must not hold."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", ".git", "__pycache__", "site", "dist", ".cache", "test-results", ".peers", "vendor"}
TEXT_SUFFIXES = {
    "",
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    ".js",
    ".mjs",
    ".css",
    ".html",
    ".json",
    ".svg",
    ".csv",
}


@cache
def own_files() -> tuple[Path, ...]:
    """Every text file of the project: those git knows, else those in the folder."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    paths = [ROOT / line for line in listed.stdout.splitlines()] if listed.returncode == 0 else ROOT.rglob("*")
    return tuple(
        path
        for path in sorted(paths)
        if path.is_file()
        and path.suffix in TEXT_SUFFIXES
        and not SKIPPED & set(path.relative_to(ROOT).parts)
        and not any(part.endswith(("_cache", ".egg-info")) for part in path.relative_to(ROOT).parts)
    )


def test_a_class_name_is_used_once() -> None:
    """A search for a class ends at one place."""
    files = defaultdict(set)
    for path in own_files():
        if path.suffix == ".py":
            for name in re.findall(r"^ *class (\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
                files[name].add(path.relative_to(ROOT).as_posix())
    assert files["Territory"] == {"coverage/zones/territory.py"}
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("lock", ["app.txt", "dev.txt"])
def test_locks_are_hashed_and_name_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^[A-Za-z0-9][^\n=]*==[^\n]*$", text, flags=re.MULTILINE)
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_no_file_names_the_folder_it_was_written_in() -> None:
    """Somebody else's checkout lies elsewhere."""
    here = {str(ROOT), str(ROOT.parent / "shared")}
    if len(ROOT.parts) < 3:
        pytest.skip("the checkout lies at the root of the file system")
    found = [path.name for path in own_files() if any(place in path.read_text(encoding="utf-8") for place in here)]
    assert found == []


def test_no_file_holds_an_absolute_home_or_temporary_path() -> None:
    pattern = re.compile(r"(?<![\w.~$}])/(?:home|root|tmp|Users)/[A-Za-z0-9_.-]+")
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in own_files()
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_no_work_is_left_lying_about() -> None:
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "X" * 3)))
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in own_files()
        if path.suffix == ".py"
        for match in words.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_the_wheel_lists_every_top_level_module() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    modules = {path.name for path in ROOT.glob("*.py")}
    assert set(wheel["include"]) == modules
    assert {"coverage", "loaders", "layers", "pages", "assets", "data"} <= set(wheel["packages"])


def test_vendored_code_comes_with_its_licence() -> None:
    folders = [path for path in (ROOT / "layers" / "vendor").iterdir() if path.is_dir()]
    assert folders
    for folder in folders:
        assert "Copyright" in (folder / "LICENSE").read_text(encoding="utf-8")
