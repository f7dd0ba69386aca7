"""The house as it stands: its floors, the rooms on them, and which room imports which, read from the code."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from page_parts import NOTE, table

Edge = tuple[str, str]
DRAWING = "images/architecture.svg"
FEW = 2
"""So many modules beside the rooms of a package are rooms by themselves; more of them share one."""


@dataclass(frozen=True)
class CodeRoom:
    """Modules on one subject.

    Attributes
    ----------
    name : dotted name of the package or module
    floor : number of its floor, 0 on top
    modules : how many modules it has
    subject : first sentence of its docstring
    """

    name: str
    floor: int
    modules: int
    subject: str

    @property
    def path(self) -> str:
        """Where it lies in the checkout."""
        return self.name.replace(".", "/")


class House:
    """Floors and rooms of the checkout in ``root``; a floor may only import from the floors below it."""

    def __init__(self, root: Path) -> None:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        self.floors = _floors(project)
        self._trees: dict[str, ast.Module] = {}
        self._packages: set[str] = set()
        for package in (name for floor in self.floors for name in floor):
            folder = root / package
            for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]:
                name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
                if path.name == "__init__.py":
                    self._packages.add(name)
                self._trees[name] = ast.parse(path.read_text(encoding="utf-8"))

    @cached_property
    def rooms(self) -> dict[str, CodeRoom]:
        """Every room by its name, from the top floor down."""
        rooms_by_name: dict[str, CodeRoom] = {}
        for number, floor in enumerate(self.floors):
            for package in floor:
                names = sorted({room for module in self._trees if (room := self._room(module, package))})
                for name in names:
                    count = sum(self.room_of[module] == name for module in self.room_of)
                    rooms_by_name[name] = CodeRoom(name, number, count, _subject(self._trees[name]))
        return rooms_by_name

    @cached_property
    def room_of(self) -> dict[str, str]:
        """Room of every module that has something in it."""
        packages = [name for floor in self.floors for name in floor]
        return {
            module: room
            for module in self._trees
            for package in packages
            if (room := self._room(module, package))
        }  # fmt: skip

    @cached_property
    def imports(self) -> dict[Edge, int]:
        """How many imports lead from one room to another."""
        counted: dict[Edge, int] = {}
        for module, source in self.room_of.items():
            for name in _imported(self._trees[module]):
                target = self._home(name)
                if target and target != source:
                    counted[source, target] = counted.get((source, target), 0) + 1
        return dict(sorted(counted.items()))

    def _room(self, module: str, package: str) -> str:
        """Room of a module of ``package``; empty for a module of another, and for an empty ``__init__``."""
        if module != package and not module.startswith(f"{package}."):
            return ""
        inside = module.split(".")[1:2]
        if inside and f"{package}.{inside[0]}" in self._packages:
            return f"{package}.{inside[0]}"
        loose = [name for name in self._trees if name.rpartition(".")[0] == package and name not in self._packages]
        rooms = [name for name in self._packages if name.rpartition(".")[0] == package]
        if len(loose) > FEW or not rooms:
            return package
        return "" if module == package else module

    def _home(self, name: str) -> str:
        """Room of an imported name: of the module itself, or of the one that it is an attribute of."""
        while name and name not in self._trees:
            name = name.rpartition(".")[0]
        return self.room_of.get(name, "")


def _floors(project: Mapping[str, Any]) -> list[list[str]]:
    """Packages and modules by floor, as the layer contract of import-linter has them."""
    linter = project["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    top = [name.removesuffix(".py") for name in project["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]]
    floors = [top, *([name.strip() for name in layer.split("|")] for layer in layers)]
    below = [name for name in linter["root_packages"] if not any(name in floor for floor in floors)]
    return [*floors, *([name] for name in below)]


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _subject(tree: ast.Module) -> str:
    words = " ".join((ast.get_docstring(tree) or "").partition("\n\n")[0].split())
    return words.replace("``", "`")


def rooms_page(house: House) -> str:
    """Page with the drawing and every room: what it is about, how large it is, what it imports."""
    parts = [
        NOTE,
        "# The rooms\n",
        "Drawn from the imports. A floor imports only from the floors below it; an arrow leads from the room that "
        "imports to the room that is imported, and is left out where a longer way of arrows says the same. "
        "Dashed arrows join rooms that import each other.\n",
        f"![Rooms by floor, with arrows from the room that imports to the room that is imported](../{DRAWING})\n",
    ]
    for number, floor in enumerate(house.floors):
        parts.append(f"## {' and '.join(f'`{name}`' for name in floor)}\n")
        rows = (
            (f"`{room.path}`", str(room.modules), room.subject, _used(house, room.name))
            for room in house.rooms.values()
            if room.floor == number
        )
        parts.append(table(("room", "modules", "subject", "imports from"), rows))
    return "\n".join(parts)


def _used(house: House, name: str) -> str:
    return ", ".join(f"`{house.rooms[target].path}`" for source, target in house.imports if source == name)
