"""Which modules are mutated, which tests should notice, and which faults change nothing (targets.toml)."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutants.javascript_source import javascript_mutants
from tests.mutants.mutant import Mutant
from tests.mutants.python_source import python_mutants
from tests.mutants.run import MutationError

TABLE = Path(__file__).with_name("targets.toml")


@dataclass(frozen=True)
class Equivalent:
    """A fault that changes nothing anybody can see.

    Attributes
    ----------
    line : what the changed lines say after the fault, without the blanks around them
    why : why no test can notice
    """

    line: str
    why: str


@dataclass(frozen=True)
class MutantTarget:
    """A module, the tests that should notice a fault in it, and what is left alone.

    Attributes
    ----------
    path : file, from the root of the project
    tests : files with tests, the quickest first
    functions : functions and classes that are mutated; empty for the whole file
    equivalents : faults that change nothing
    """

    path: str
    tests: tuple[str, ...]
    functions: tuple[str, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()

    def mutants(self, root: Path) -> list[Mutant]:
        """Every fault that changes behaviour, in order of place.

        Raises
        ------
        MutationError
            when an equivalent or a function is named that the module does not have (any more)
        """
        source = (root / self.path).read_bytes()
        find = javascript_mutants if self.path.endswith((".js", ".mjs")) else python_mutants
        found = [m for m in find(source) if not self.functions or set(m.where.split(".")) & set(self.functions)]
        named = {part for mutant in found for part in mutant.where.split(".")}
        if gone := sorted(set(self.functions) - named):
            raise MutationError(f"{self.path} has no {gone[0]} to mutate; correct targets.toml.")
        lines = {mutant: _squeezed(mutant.lines(source)[2]) for mutant in found}
        for equivalent in self.equivalents:
            if equivalent.line not in lines.values():
                raise MutationError(f"{self.path} has no fault '{equivalent.line}'; correct targets.toml.")
        same = {equivalent.line for equivalent in self.equivalents}
        return [mutant for mutant in found if lines[mutant] not in same]


def _squeezed(words: str) -> str:
    return " ".join(words.split())


def read_table(path: Path = TABLE) -> tuple[tuple[str, ...], list[MutantTarget]]:
    """Libraries to load before the first run, and the modules that are mutated."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(document["libraries"]), [_target(entry) for entry in document["module"]]


def _target(entry: dict[str, Any]) -> MutantTarget:
    same = tuple(Equivalent(_squeezed(one["line"]), one["why"]) for one in entry.get("equivalent", ()))
    return MutantTarget(entry["path"], tuple(entry["tests"]), tuple(entry.get("functions", ())), same)


def sampled(mutants: list[Mutant], most: int, seed: str) -> list[Mutant]:
    """At most so many of the faults, the same for the same seed, every kind of fault in its turn."""
    if most <= 0 or len(mutants) <= most:
        return mutants
    chance = random.Random(seed)
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    for group in by_kind.values():
        chance.shuffle(group)
    chosen: list[Mutant] = []
    while len(chosen) < most:
        for kind in sorted(by_kind):
            if by_kind[kind] and len(chosen) < most:
                chosen.append(by_kind[kind].pop())
    return sorted(chosen)
