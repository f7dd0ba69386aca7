"""The region that this process answers about, and what follows from it.

A process answers about one region at a time: that of the snapshot it was given (`use_region`); where none was named,
the one that comes with nabij. Whoever holds a snapshot asks `loaders.snapshot.reader.Snapshot.region`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar, overload

from i18n.texts import LANGUAGES, add_texts, catalogue, replace_texts
from loaders.catalogue.regions.region import Entry, Region
from loaders.catalogue.regions.region_file import built_in

T = TypeVar("T")

_ELSEWHERE = "elsewhere."
LEVEL_TEXTS: Mapping[str, str] = {"singular": "level.{}", "plural": "level.{}.plural", "help": "level.{}.help"}
"""Words of a level, and the key of each in the catalogue of texts."""

_in_use: Region | None = None


def region() -> Region:
    """Return the region that this process answers about: the one that comes with nabij, unless `use_region` was."""
    return built_in() if _in_use is None else _in_use


def use_region(chosen: Region | None) -> None:
    """Let this process answer about a region from now on; None for the one that comes with nabij."""
    global _in_use
    _in_use = chosen


@contextmanager
def region_in_use(chosen: Region) -> Iterator[None]:
    """Answer about a region inside the block, and about the one before it afterwards."""
    before = _in_use
    use_region(chosen)
    try:
        yield
    finally:
        use_region(before)


class OfRegion(Mapping[str, T], Generic[T]):
    """A mapping that follows from the region in use, worked out once for each."""

    def __init__(self, make: Callable[[Region], Mapping[str, T]]) -> None:
        self._make = make
        self._last: tuple[Region, Mapping[str, T]] | None = None

    def _now(self) -> Mapping[str, T]:
        chosen, last = region(), self._last
        if last is None or last[0] is not chosen:
            self._last = last = (chosen, self._make(chosen))
        return last[1]

    def __getitem__(self, key: str) -> T:
        """Value of a key in the region in use."""
        return self._now()[key]

    def __iter__(self) -> Iterator[str]:
        """Keys in their order."""
        return iter(self._now())

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._now())


class ListOfRegion(Sequence[T], Generic[T]):
    """A sequence that follows from the region in use."""

    def __init__(self, make: Callable[[Region], Sequence[T]]) -> None:
        self._make = make

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...

    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        """Element or elements of the region in use."""
        return self._make(region())[at]

    def __len__(self) -> int:
        """Return the number of elements."""
        return len(self._make(region()))


def _texts_of(chosen: Region) -> Mapping[str, Entry]:
    levels = {
        key.format(level.id): level.words[word]
        for level in chosen.levels.values()
        for word, key in LEVEL_TEXTS.items()
        if word in level.words
    }
    kinds = {
        key.format(name): chosen.levels[name].words[word]
        for name in chosen.candidates
        for key, word in (("site.candidates.{}", "plural"), ("propose.kind.{}", "plural"))
    }
    columns: dict[str, Entry] = {}
    for vintage in chosen.vintages.held:
        title = dict.fromkeys(LANGUAGES, f"{chosen.codes.name} {vintage}")
        of_level = chosen.levels[chosen.base].words["singular"]
        about = {lang: f"{title[lang]}: {of_level[lang]}." for lang in LANGUAGES}
        columns |= {f"column.{chosen.code_column(vintage)}": title, f"column.{chosen.code_column(vintage)}.help": about}
    keys = {"label": "example.{}", "hint": "example.{}.hint", "link": "example.{}.hint.link"}
    examples = {
        keys[word].format(name): entry
        for name, example in chosen.examples.items()
        for word, entry in example.words.items()
    }
    parts = {f"diff.region.{part.id}": dict.fromkeys(LANGUAGES, part.name) for part in chosen.exceptions}
    parts[f"diff.region.{chosen.id}"] = dict(chosen.name)
    return {**levels, **kinds, **columns, **examples, **parts, "region.name": chosen.name}


def _replaced_by(chosen: Region) -> Mapping[str, Entry]:
    """What is said of another region in the place of texts that name the one that comes with nabij."""
    if chosen is built_in():
        return {}
    named = {"base": chosen.base, "steps": chosen.steps or chosen.base}
    words = {name: chosen.levels[level].words["singular"] for name, level in named.items()}
    usual = chosen.levels[next(iter(chosen.candidates), chosen.base)].words["plural"]
    fixed = {"crs": chosen.crs.storage, "codes": chosen.codes.name, "served": str(chosen.vintages.served)}
    replaced = {}
    for key, entry in catalogue().items():
        if key.startswith(_ELSEWHERE):
            values = {
                lang: {**fixed, "name": chosen.name[lang], "candidates": usual[lang]}
                | {name: entry[lang] for name, entry in words.items()}
                for lang in LANGUAGES
            }
            replaced[key.removeprefix(_ELSEWHERE)] = {lang: _filled(entry[lang], values[lang]) for lang in LANGUAGES}
    return replaced


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Put what the profile says where a text names it; what it says is never a place to fill itself."""
    for name, value in values.items():
        template = template.replace(f"{{@{name}}}", value.replace("{", "{{").replace("}", "}}"))
    return template


_TEXTS: Mapping[str, Entry] = OfRegion(_texts_of)
_REPLACED: Mapping[str, Entry] = OfRegion(_replaced_by)

add_texts(lambda: _TEXTS)
replace_texts(lambda: _REPLACED)
