"""The examples in docstrings are true, and every public function has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["root_packages"]


def with_examples() -> list[str]:
    """Modules with an example in a docstring."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in files
        if ">>> " in file.read_text(encoding="utf-8")
    ]


def public_names() -> list[str]:
    """Names on the page of Python functions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
        page = importlib.import_module("api_page")
    return [name for names in page.public_names().values() for name in names]


@pytest.mark.parametrize("name", with_examples())
def test_the_examples_of_a_module_are_true(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried
    assert failed == 0


@pytest.mark.parametrize("name", public_names())
def test_every_public_function_has_an_example_and_says_what_goes_in_and_out(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    value = getattr(importlib.import_module(module), attribute)
    words = inspect.getdoc(value) or ""
    if inspect.isfunction(value):
        assert ">>> " in words
        assert all(f"{heading}\n---" in words for heading in ("Parameters", "Returns", "Raises", "Examples"))
        assert all(name in words for name in inspect.signature(value).parameters)
    else:
        assert "Attributes\n---" in words


def test_the_names_promised_are_all_there() -> None:
    promised = {f"coverage.access.nearest_facilities.{name}" for name in ("nearest", "floating_catchment", "gini")}
    promised |= {f"coverage.siting.{name}" for name in ("lscp", "mclp", "p_median", "p_center")}
    assert promised <= set(public_names())
